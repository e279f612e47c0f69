//! Who told what of a parcel, and when somebody last looked.

use jiff::Timestamp;
use posthorn_channels::{
    text,
    words::{Checked, Teller},
};
use posthorn_domain::{
    id::CarrierId,
    journey::reconcile::{self, Heard},
    shipment::Shipment,
    source::{Source, SourceKind},
};
use posthorn_platform::store::{keys::Cohort, schedule::Schedule};

use crate::view::Shown;

/// What happened to a parcel, with who told it where that is worth a word.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    /// Oldest first.
    pub(crate) history: Vec<Heard<'a>>,
    /// Where news come from and since when; empty if there is nothing to say.
    pub(crate) checked: String,
    /// Whether that says of all of it who told it.
    is_one_voice: bool,
}

impl<'a> Told<'a> {
    /// What `shown` knows of `parcel`.
    pub(crate) fn of(shown: &Shown<'_>, parcel: &'a Shipment) -> Self {
        let history = reconcile::history(parcel);
        let first = history.first().and_then(|heard| heard.source);
        let has_one_source = history.iter().all(|heard| heard.source == first);
        let asked = parcel.cadence.map(|_| parcel.whom_to_ask());
        let asked_source = asked.and_then(|asked| parcel.source_of(asked));
        let (is_one_voice, checked) = match asked {
            Some(_) if first.is_none() => (false, checked(shown, parcel)),
            Some(_) => {
                let is_theirs = has_one_source && first == asked_source.as_ref();
                (is_theirs, checked(shown, parcel))
            }
            None => {
                let last = parcel.others.iter().max_by_key(|telling| telling.heard_at);
                let is_told_by_others = parcel.scans.is_empty() && has_one_source;
                let said = last.filter(|_| is_told_by_others).map(|telling| {
                    let name = name(&telling.source);
                    let teller = teller(&telling.source, &name, false);
                    when(shown, Checked::Told(teller), telling.heard_at)
                });
                (said.is_some(), said)
            }
        };
        let is_over = parcel.status().is_final();
        let is_one_voice = is_one_voice && !is_over;
        Self {
            history,
            checked: checked.filter(|_| !is_over).unwrap_or_default(),
            is_one_voice,
        }
    }

    /// Who told one of [`Told::history`]; empty if that goes without saying.
    pub(crate) fn by(&self, shown: &Shown<'_>, heard: &Heard<'_>) -> String {
        let Some(source) = heard.source else {
            return String::new();
        };
        if self.is_one_voice && !heard.is_correction {
            return String::new();
        }
        let name = name(source);
        shown
            .words()
            .told_by(teller(source, &name, heard.is_correction))
    }
}

/// When whoever is asked was last asked.
fn checked(shown: &Shown<'_>, parcel: &Shipment) -> Option<String> {
    let at = (shown.checked)(parcel)?;
    let carrier = (shown.carrier)(parcel).name;
    let carrier = text::one_line(&carrier, 60);
    let aggregator = parcel.asked.as_ref().map(known_as);
    let with = match &aggregator {
        Some(name) => Checked::Via(name),
        None => Checked::With(&carrier),
    };
    Some(when(shown, with, at))
}

fn when(shown: &Shown<'_>, checked: Checked<'_>, at: Timestamp) -> String {
    let at = at.to_zoned(shown.zone());
    let (date, time) = (at.date(), at.time());
    shown.words().checked(checked, date, time, shown.today())
}

fn teller<'a>(source: &Source, name: &'a str, is_correction: bool) -> Teller<'a> {
    match source.kind {
        SourceKind::Staff if is_correction => Teller::Correction,
        SourceKind::Staff | SourceKind::Store => Teller::Shop,
        SourceKind::Supplier if name.is_empty() => Teller::Shop,
        SourceKind::Supplier => Teller::Named(name),
        SourceKind::Aggregator => Teller::Aggregator(name),
        SourceKind::Carrier => Teller::Carrier(name),
    }
}

/// What customers call a source.
pub(crate) fn name(source: &Source) -> String {
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

/// When whoever is asked after `parcel` was last asked, as far as the schedule
/// tells: the last minute of its slot, if it has lain there since its last
/// change; before that, when they last told anything new.
pub(crate) fn last_checked(
    schedule: &Schedule,
    order: &posthorn_domain::id::OrderKey,
    parcel: &Shipment,
) -> Option<Timestamp> {
    if parcel.candidates.is_some() {
        // Perhaps it was somebody else who was asked then.
        return None;
    }
    let cadence = parcel.cadence?;
    let asked = parcel.whom_to_ask();
    let slot = Cohort::of(order, parcel.shipment, asked, cadence, 1).slot;
    let look = schedule
        .last_look(asked, cadence, slot)
        .filter(|look| *look >= parcel.changed_at);
    look.or_else(|| match parcel.source_of(asked) {
        None => parcel.carrier_heard_at(),
        Some(source) => {
            let mut others = parcel.others.iter();
            let telling = others.find(|telling| telling.source == source)?;
            Some(telling.heard_at)
        }
    })
}
