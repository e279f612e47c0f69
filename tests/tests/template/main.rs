//! Holds together what no compiler holds together: the template, the cards and
//! variables of the functions, the shape of the tables, the alarms and the
//! documentation. Reads files; needs no stack.

mod cards;
mod docs;
mod files;
mod functions;
mod hops;
mod metrics;
mod notification_types;
mod permissions;
mod sam;
mod settings;
mod tables;
mod tidy;
