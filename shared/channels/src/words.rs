//! Words that mails, texts and the tracking page share, per language.
//!
//! Whatever is said about a status, a reason or a date is said here, once:
//! the page and the mail about the same parcel must not disagree.

pub mod en;

use crate::shipment_summary::{OrderSummary, WhyBack};
use jiff::civil::{Date, Time};
use posthorn_domain::{
    eta::Eta,
    stage::OrderStage,
    status::{DelayReason, Reason},
};
use serde::Serialize;

/// A language's words for what the domain knows.
pub trait Phrases: Sync {
    /// A stage, as on the progress bar: `On its way`.
    fn stage_name(&self, stage: OrderStage) -> &'static str;

    /// The stage that some parcels of an order have reached and others have not.
    fn partial_stage_name(&self, stage: OrderStage) -> &'static str;

    /// The stage of an order whose parcels no carrier has seen yet: `Ready for the carrier`.
    fn announced_stage(&self) -> &'static str;

    /// A parcel that was sent without a tracking number: `Sent without tracking`.
    fn untracked_text(&self) -> &'static str;

    /// A scan, as in a parcel's history: `Left the depot`.
    fn scan_text(&self, reason: Reason) -> &'static str;

    /// Why a parcel is late.
    fn delay_phrases(&self, reason: DelayReason) -> DelayPhrases;

    /// What to tell a customer whose parcel is in trouble; none if it is not.
    /// `has_page` says whether a link leads to the carrier's page about it.
    fn trouble_phrases(&self, reason: Reason, has_page: bool) -> Option<TroublePhrases>;

    /// One sentence that answers "where is it?".
    fn order_headline(&self, outlook: &OrderSummary, today: Date) -> String;

    /// The same, of what: `Parcel 1 of 2: arriving Thursday`.
    fn titled_headline(&self, which: PhraseSubject, headline: &str) -> String;

    /// A headline with all that is known of the day: `Arriving Thursday,
    /// 26 November, 10:15 am – 12:15 pm`.
    fn in_full(&self, outlook: &OrderSummary, today: Date) -> String;

    /// Why something goes, or went, back to the shop, and what may be done.
    fn return_phrases(&self, why: WhyBack) -> ReturnPhrases;

    /// The name of a country, by its code of two letters (ISO 3166-1).
    fn country_name(&self, code: &str) -> Option<&'static str>;

    /// A day in words: `Thursday, 26 November`.
    fn format_date(&self, date: Date, today: Date) -> String;

    /// A time of day: `2:30 pm`.
    fn format_time(&self, time: Time) -> String;

    /// When a parcel is expected, in the forms that sentences need.
    fn format_eta(&self, eta: &Eta, today: Date) -> EtaWords;

    /// What a sentence is about: `your parcel`, or `parcel 2 of 3`.
    fn subject_name(&self, which: PhraseSubject) -> String;

    /// The same with the order's number: `order #1001`, or `parcel 2 of 3 of order #1001`.
    fn parcel_of_order(&self, which: PhraseSubject, number: &str) -> String;

    /// The same with a possessive: `your order #1001`, or `parcel 2 of 3 of your order #1001`.
    fn possessive_subject(&self, which: PhraseSubject, number: &str) -> String;

    /// What a cancelled order comes to, where the shop has not said it itself.
    /// `is_sent` says whether a carrier has any of it.
    fn cancelled_text(&self, is_sent: bool) -> &'static str;

    /// A scan for whose code we have no words; the carrier's may name a person.
    fn unnamed_scan(&self) -> &'static str;

    /// Where it was left, to follow "left": `at the front door`. In a place that
    /// we do not know it is in the carrier's words, which only the customer may
    /// read: they may name a neighbour.
    fn drop_off_text(&self, at: &str) -> String;

    /// The same, if it is a place and names no person.
    fn left_at_known_place(&self, at: &str) -> Option<String>;

    /// Who told a step, to stand beside it: `via 17TRACK`.
    fn told_by(&self, teller: SourceName<'_>) -> String;

    /// When a parcel was last looked after, or told of, as a sentence.
    fn checked_text(
        &self,
        checked: CheckedSource<'_>,
        date: Date,
        time: Time,
        today: Date,
    ) -> String;

    /// What stands on buttons and beside values.
    fn labels(&self) -> &'static Labels;
}

/// Who tells of a parcel besides its carrier, as customers know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceName<'a> {
    /// The shop, or who sends its goods without a name of its own.
    Shop,
    /// The shop, against what was known.
    Correction,
    /// A source with a name.
    Named(&'a str),
    /// An aggregator.
    Aggregator(&'a str),
    /// Another carrier of the same parcel.
    Carrier(&'a str),
}

/// Where news of a parcel come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckedSource<'a> {
    /// Its carrier is asked; empty if its name is unknown.
    With(&'a str),
    /// An aggregator is asked.
    Via(&'a str),
    /// It is not polled; this source told of it.
    Told(SourceName<'a>),
}

/// What of an order is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhraseSubject {
    /// Its only parcel.
    Only,
    /// All of several parcels.
    All,
    /// The first parcel of an order, which does not hold all of it.
    Part,
    /// Some of several, of which a message tells at once.
    Some(usize),
    /// What is in no parcel yet.
    Rest,
    /// One of several.
    One {
        /// Counted from 1.
        position: usize,
        /// How many there are; none as long as more will follow.
        of: Option<usize>,
    },
}

/// Why something goes back, and what may be done about it; each empty or sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ReturnPhrases {
    /// What happened.
    pub happened: &'static str,
    /// What the customer may do.
    pub next: &'static str,
}

/// A parcel's trouble, told as one would tell a friend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TroublePhrases {
    /// In a few words, without a full stop.
    pub headline: &'static str,
    /// What happened.
    pub happened: &'static str,
    /// What happens next.
    pub next: &'static str,
    /// What the customer should do.
    pub todo: &'static str,
    /// What the customer should tell the shop, on a button; empty if nothing in particular.
    pub ask: &'static str,
    /// All of it in half a text message.
    pub short: &'static str,
}

/// A cause of delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DelayPhrases {
    /// As a sentence.
    pub sentence: &'static str,
    /// To follow "because of".
    pub short: &'static str,
}

/// An expected arrival in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EtaWords {
    /// Within a sentence: `on Thursday, 26 November, between 10:15 am and 12:15 pm`.
    pub phrase: String,
    /// Alone: `Thursday, 26 November, 10:15 am – 12:15 pm`.
    pub label: String,
    /// In a text message: `Thu 26 Nov`.
    pub short: String,
    /// The hours only: `between 10:15 am and 12:15 pm`; empty if not known.
    pub window: String,
    /// What a headline that names the day in one word leaves unsaid.
    pub rest: String,
}

/// Labels of a language.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "each is its own text in English")]
pub struct Labels {
    /// Direction of writing, as in HTML's `dir`.
    pub dir: &'static str,
    pub hello: &'static str,
    pub hello_without_name: &'static str,
    pub track: &'static str,
    pub details: &'static str,
    pub view_order: &'static str,
    pub review: &'static str,
    pub order: &'static str,
    pub expected: &'static str,
    pub was_expected: &'static str,
    pub sorry: &'static str,
    pub unsubscribe: &'static str,
    pub carrier: &'static str,
    /// Where its name is not known: within a sentence, and at its start.
    pub some_carrier: (&'static str, &'static str),
    pub tracking_number: &'static str,
    pub contents: &'static str,
    pub more_items: &'static str,
    pub note: &'static str,
    pub questions: &'static str,
    pub reply: &'static str,
    pub write_to: &'static str,
    pub help_page: &'static str,
    pub why: &'static str,
    pub progress: &'static str,
    pub step: &'static str,
    pub of: &'static str,
}
