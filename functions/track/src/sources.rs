//! Which source told what of a parcel, and when its provider was last polled.

use jiff::Timestamp;
use posthorn_channels::{
    text,
    words::{CheckedSource, SourceName},
};
use posthorn_domain::{
    id::CarrierId,
    journey::reconcile::{self, SourcedScan},
    shipment::Shipment,
    source::{Source, SourceKind},
};
use posthorn_platform::store::{keys::Cohort, schedule::Schedule};

use crate::view::PageInput;

/// What happened to a parcel, with who told it where that is worth a word.
#[derive(Debug)]
pub(crate) struct TrackingHistory<'a> {
    /// Oldest first.
    pub(crate) history: Vec<SourcedScan<'a>>,
    /// Where news come from and since when; empty if there is nothing to say.
    pub(crate) checked: String,
    /// From which of it on the parcel goes back to the shop, if it does.
    pub(crate) way_back: Option<usize>,
    /// Whether [`TrackingHistory::checked_text`] says of all of it who told it.
    is_one_voice: bool,
}

impl<'a> TrackingHistory<'a> {
    /// What `shown` knows of `parcel`.
    pub(crate) fn from_input(shown: &PageInput<'_>, parcel: &'a Shipment) -> Self {
        let history = reconcile::merged_history(parcel);
        let first = history.first().and_then(|heard| heard.source);
        let has_one_source = history.iter().all(|heard| heard.source == first);
        let asked = parcel.cadence.map(|_| parcel.provider());
        let asked_source = asked.and_then(|asked| parcel.source_of(asked));
        let (is_one_voice, checked) = match asked {
            Some(_) if first.is_none() => (false, checked_text(shown, parcel)),
            Some(_) => {
                let is_theirs = has_one_source && first == asked_source.as_ref();
                (is_theirs, checked_text(shown, parcel))
            }
            None => {
                let last = parcel
                    .other_sources
                    .iter()
                    .max_by_key(|telling| telling.last_report_at);
                let is_told_by_others = parcel.scans.is_empty() && has_one_source;
                let said = last.filter(|_| is_told_by_others).map(|telling| {
                    let name = customer_source_name(&telling.source);
                    let teller = to_source_name(&telling.source, &name, false);
                    checked_at_text(shown, CheckedSource::Told(teller), telling.last_report_at)
                });
                (said.is_some(), said)
            }
        };
        let is_over = parcel.current_status().is_final();
        let is_one_voice = is_one_voice && !is_over;
        Self {
            way_back: reconcile::way_back(parcel, &history),
            history,
            checked: checked.filter(|_| !is_over).unwrap_or_default(),
            is_one_voice,
        }
    }

    /// Who told one of [`TrackingHistory::history`]; empty if that goes without saying.
    pub(crate) fn source_name(&self, shown: &PageInput<'_>, heard: &SourcedScan<'_>) -> String {
        let Some(source) = heard.source else {
            return String::new();
        };
        if self.is_one_voice && !heard.is_correction {
            return String::new();
        }
        let name = customer_source_name(source);
        shown
            .phrases()
            .told_by(to_source_name(source, &name, heard.is_correction))
    }
}

/// When the provider was last polled.
fn checked_text(shown: &PageInput<'_>, parcel: &Shipment) -> Option<String> {
    let at = (shown.checked)(parcel)?;
    let carrier = (shown.carrier)(parcel).name;
    let carrier = text::one_line(&carrier, 60);
    let aggregator = parcel.provider.as_ref().map(known_as);
    let with = match &aggregator {
        Some(name) => CheckedSource::Via(name),
        None => CheckedSource::With(&carrier),
    };
    Some(checked_at_text(shown, with, at))
}

fn checked_at_text(shown: &PageInput<'_>, checked: CheckedSource<'_>, at: Timestamp) -> String {
    let at = at.to_zoned(shown.customer_zone());
    let (date, time) = (at.date(), at.time());
    shown
        .phrases()
        .checked_text(checked, date, time, shown.local_today())
}

fn to_source_name<'a>(source: &Source, name: &'a str, is_correction: bool) -> SourceName<'a> {
    match source.kind {
        SourceKind::Staff if is_correction => SourceName::Correction,
        SourceKind::Staff | SourceKind::Store => SourceName::Shop,
        SourceKind::Supplier if name.is_empty() => SourceName::Shop,
        SourceKind::Supplier => SourceName::Named(name),
        SourceKind::Aggregator => SourceName::Aggregator(name),
        SourceKind::Carrier => SourceName::Carrier(name),
    }
}

/// What customers call a source.
pub(crate) fn customer_source_name(source: &Source) -> String {
    let name = source.name.as_deref().unwrap_or_default();
    match source.kind {
        SourceKind::Carrier | SourceKind::Aggregator => {
            CarrierId::parse(name).map_or_else(|_| text::one_line(name, 60), |id| known_as(&id))
        }
        SourceKind::Staff | SourceKind::Supplier | SourceKind::Store => text::one_line(name, 60),
    }
}

fn known_as(id: &CarrierId) -> String {
    let known = posthorn_carriers::profile_of(id);
    known.map_or_else(|| id.to_string(), |profile| profile.name.to_owned())
}

/// When the provider of `parcel` was last polled, as far as the schedule
/// tells: the last minute of its slot, if it has lain there since its last
/// change; before that, when they last told anything new.
pub(crate) fn last_checked(
    schedule: &Schedule,
    order: &posthorn_domain::id::OrderKey,
    parcel: &Shipment,
) -> Option<Timestamp> {
    if parcel.candidates.is_some() {
        // Perhaps it was another carrier that was polled then.
        return None;
    }
    let cadence = parcel.cadence?;
    let asked = parcel.provider();
    let slot = Cohort::for_shipment(order, parcel.shipment, asked, cadence, 1).slot;
    let look = schedule
        .last_look(asked, cadence, slot)
        .filter(|look| *look >= parcel.changed_at);
    look.or_else(|| match parcel.source_of(asked) {
        None => parcel.carrier_heard_at(),
        Some(source) => {
            let mut others = parcel.other_sources.iter();
            let telling = others.find(|telling| telling.source == source)?;
            Some(telling.last_report_at)
        }
    })
}
