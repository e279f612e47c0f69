//! The rules of the domain, told as stories and checked as properties.

#![expect(clippy::unwrap_used, reason = "fixtures of tests say what they expect")]

mod candidates;
mod clocks;
mod facts;
mod fixtures;
mod journeys;
mod labels;
mod lateness;
mod line_items;
mod lives;
mod messages;
mod model;
mod notification_types;
mod notifications;
mod one_voice;
mod orders;
mod pacing;
mod pairs;
mod parsers;
mod properties;
mod queue;
mod reported_statuses;
mod reports;
mod restraint;
mod silence;
mod sources;
mod story;
mod subscriptions;
mod voices;
mod withdrawn;
mod workers;
mod world;
