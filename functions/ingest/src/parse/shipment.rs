//! A parcel, and what to change about one.

use super::{MAX_ITEMS, item};
use crate::{
    body::{ShipmentBody, ShipmentPatch},
    carrier::{self, Rules},
    given::{Fault, Findings, Given, Place},
    problem::Code,
    text,
};
use posthorn_carriers::recognise::sight;
use posthorn_domain::{
    candidates::{Candidate, Candidates},
    id::CarrierId,
    order::Item,
    shipment::{Hints, Origin, Shipment},
    tracking_number::TrackingNumber,
};

/// A parcel to be followed, checked: the carrier is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewShipment {
    /// None if it is sent without tracking.
    pub(crate) tracking_number: Option<TrackingNumber>,
    pub(crate) carrier: CarrierId,
    /// Who may carry it as far as the number alone tells, `carrier` among them;
    /// none if somebody named the carrier.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) carrier_name: Option<String>,
    pub(crate) tracking_url: Option<String>,
    pub(crate) hints: Hints,
    pub(crate) items: Vec<Item>,
    pub(crate) origins: Vec<Origin>,
}

/// A change of a parcel, each field checked by itself; what they amount to
/// depends on the parcel ([`ShipmentChange::applied_to`]).
#[derive(Debug, Clone)]
pub(crate) struct ShipmentChange {
    tracking_number: Option<TrackingNumber>,
    carrier: Option<CarrierId>,
    carrier_name: Option<String>,
    tracking_url: Option<String>,
    hints: Hints,
    items: Option<Vec<Item>>,
}

impl NewShipment {
    /// Reads `body` as a body of its own.
    pub(crate) fn read(
        body: ShipmentBody,
        rules: Rules<'_>,
        findings: &mut Findings,
    ) -> Option<Self> {
        Self::at(body, rules, &mut Place::root(findings))
    }

    /// Reads `body` as it stands in `place`.
    pub(super) fn at(body: ShipmentBody, rules: Rules<'_>, place: &mut Place<'_>) -> Option<Self> {
        place.ignored(&body.unknown);
        let is_named = !matches!(body.carrier, Given::Absent);
        let number = place.required_text("tracking_number", body.tracking_number, |text| {
            let number = text::tracking_number(text)?;
            let is_all = !text::is_more_than(text, &number);
            Ok((number, is_all))
        });
        if let Some((number, false)) = &number {
            let fault = Fault::new(
                Code::NumberWithText,
                format!("holds more than the number: {} is used", number.masked()),
            );
            let fault = fault.expecting("the tracking number alone");
            place.field("tracking_number").warn(fault);
        }
        let number = number.map(|(number, _)| number);
        let carrier = place.text("carrier", body.carrier, rules.named());
        let carrier_name = place.text("carrier_name", body.carrier_name, text::line(80));
        let tracking_url = place.text("tracking_url", body.tracking_url, text::link);
        let hints = Hints {
            carrier: None,
            service: place.text("service", body.service, text::line(40)),
            shipped_on: place.text("shipped_on", body.shipped_on, text::date),
        };
        let items = place.list("items", body.items, MAX_ITEMS, item);
        let number = number?;
        let (carrier, candidates) = match carrier {
            None if is_named => return None,
            given => resolve(given, &number, rules, place)?,
        };
        if is_named && let Some(doubt) = carrier::doubt(&carrier, &number) {
            place.field("tracking_number").warn(doubt);
        }
        only_for_manual(
            &carrier,
            carrier_name.as_ref(),
            tracking_url.as_ref(),
            place,
        )?;
        Some(
            Self {
                tracking_number: Some(number),
                carrier,
                candidates,
                carrier_name,
                tracking_url,
                hints,
                items,
                origins: Vec::new(),
            }
            .by_hand(),
        )
    }

    /// The same where `present` is the parcel that is meant: what the number alone
    /// tells corrects no carrier, nor does another service of the same one.
    pub(crate) fn settled_by(self, present: &Shipment) -> Self {
        let is_told = if self.candidates.is_empty() {
            !carrier::is_served(&self.carrier, &present.carrier)
        } else {
            carrier::is_by_hand(&present.carrier)
        };
        if is_told || self.tracking_number != present.tracking_number {
            return self;
        }
        Self {
            carrier: present.carrier.clone(),
            candidates: still_possible(present),
            ..self
        }
    }

    /// The parcel of a carrier that we know by sight only, as one by hand, with
    /// the carrier's name and page where the shop gave none.
    fn by_hand(self) -> Self {
        if !carrier::is_by_hand(&self.carrier) || self.carrier.as_str() == carrier::MANUAL {
            return self;
        }
        let id = self.carrier.as_str();
        let name = self
            .carrier_name
            .or_else(|| sight::name(id).map(str::to_owned));
        let number = self.tracking_number.as_ref();
        let page = number.and_then(|number| sight::tracking_page(id, number.as_str()));
        Self {
            carrier: carrier::manual(),
            candidates: Vec::new(),
            carrier_name: name,
            tracking_url: self.tracking_url.or(page),
            ..self
        }
    }
}

impl ShipmentChange {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(body: ShipmentPatch, rules: Rules<'_>, findings: &mut Findings) -> Self {
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let n_given = [
            matches!(body.tracking_number, Given::Absent),
            matches!(body.carrier, Given::Absent),
            matches!(body.carrier_name, Given::Absent),
            matches!(body.tracking_url, Given::Absent),
            matches!(body.service, Given::Absent),
            matches!(body.shipped_on, Given::Absent),
            matches!(body.items, Given::Absent),
        ];
        if n_given.iter().all(|is_absent| *is_absent) {
            place.field("tracking_number").fault(
                Fault::new(Code::NothingToChange, "nothing to change was given").expecting(
                    "at least one of tracking_number, carrier, carrier_name, tracking_url, service, \
                     shipped_on, items",
                ),
            );
        }
        let is_absent = matches!(body.items, Given::Absent);
        let items = place.list("items", body.items, MAX_ITEMS, item);
        Self {
            tracking_number: place.text(
                "tracking_number",
                body.tracking_number,
                text::tracking_number,
            ),
            carrier: place.text("carrier", body.carrier, rules.named()),
            carrier_name: place.text("carrier_name", body.carrier_name, text::line(80)),
            tracking_url: place.text("tracking_url", body.tracking_url, text::link),
            hints: Hints {
                carrier: None,
                service: place.text("service", body.service, text::line(40)),
                shipped_on: place.text("shipped_on", body.shipped_on, text::date),
            },
            items: (!is_absent).then_some(items),
        }
    }

    /// What the parcel is to be, given what it is: number and carrier are
    /// judged together, whichever of them changes.
    pub(crate) fn applied_to(
        self,
        present: NewShipment,
        rules: Rules<'_>,
        findings: &mut Findings,
    ) -> Option<NewShipment> {
        let mut place = Place::root(findings);
        let is_renumbered = self
            .tracking_number
            .as_ref()
            .is_some_and(|number| Some(number) != present.tracking_number.as_ref());
        let number = self.tracking_number.or(present.tracking_number);
        let (carrier, candidates) = match (self.carrier, &number) {
            (Some(carrier), Some(number)) => resolve(Some(carrier), number, rules, &mut place)?,
            (Some(carrier), None) => (carrier, Vec::new()),
            // The number tells its carrier, or it is another of the same carrier.
            (None, Some(number))
                if is_renumbered && present.carrier.as_str() != carrier::MANUAL =>
            {
                match carrier::recognised(number, rules) {
                    Ok(candidates) => first_of(candidates)?,
                    Err(fault) if fault.code() == Code::SandboxNotAllowed => {
                        place.field("tracking_number").fault(fault);
                        return None;
                    }
                    Err(_) => resolve(Some(present.carrier), number, rules, &mut place)?,
                }
            }
            (None, _) => (present.carrier, present.candidates),
        };
        only_for_manual(
            &carrier,
            self.carrier_name.as_ref(),
            self.tracking_url.as_ref(),
            &mut place,
        )?;
        let is_manual = carrier::is_by_hand(&carrier);
        // The page of another number would show another parcel.
        let (url, hints) = if is_renumbered {
            (None, Hints::default())
        } else {
            (present.tracking_url, present.hints)
        };
        let wanted = NewShipment {
            tracking_number: number,
            carrier,
            candidates,
            carrier_name: self
                .carrier_name
                .or(present.carrier_name)
                .filter(|_| is_manual),
            tracking_url: self.tracking_url.or(url).filter(|_| is_manual),
            hints: Hints {
                carrier: None,
                service: self.hints.service.or(hints.service),
                shipped_on: self.hints.shipped_on.or(hints.shipped_on),
            },
            origins: match &self.items {
                // What the shop says is in it outranks what its storefront said.
                Some(_) => without_items(present.origins),
                None => present.origins,
            },
            items: self.items.unwrap_or(present.items),
        };
        Some(wanted.by_hand())
    }
}

fn without_items(mut origins: Vec<Origin>) -> Vec<Origin> {
    for origin in &mut origins {
        origin.items.clear();
    }
    origins
}

/// Who may carry `shipment` by now, while that is not certain.
pub(crate) fn still_possible(shipment: &Shipment) -> Vec<Candidate> {
    let candidates = shipment.candidates.as_ref();
    candidates.map_or_else(Vec::new, |all| Candidates::ranked(all).to_vec())
}

/// The carrier of a parcel, and the candidates if nobody named it.
fn resolve(
    given: Option<CarrierId>,
    number: &TrackingNumber,
    rules: Rules<'_>,
    place: &mut Place<'_>,
) -> Option<(CarrierId, Vec<Candidate>)> {
    let resolved = match given {
        Some(carrier) => {
            carrier::verify(&carrier, number, rules).map(|()| Some((carrier, Vec::new())))
        }
        None => carrier::recognised(number, rules).map(first_of),
    };
    resolved
        .map_err(|fault| place.field("tracking_number").fault(fault))
        .ok()?
}

fn first_of(candidates: Vec<Candidate>) -> Option<(CarrierId, Vec<Candidate>)> {
    let first = candidates.first()?.carrier.clone();
    Some((first, candidates))
}

fn only_for_manual(
    carrier: &CarrierId,
    carrier_name: Option<&String>,
    tracking_url: Option<&String>,
    place: &mut Place<'_>,
) -> Option<()> {
    if carrier::is_by_hand(carrier) {
        return Some(());
    }
    let given = [
        ("carrier_name", carrier_name.is_some()),
        ("tracking_url", tracking_url.is_some()),
    ];
    for (name, _) in given.iter().filter(|(_, is_given)| *is_given) {
        place.field(name).fault(
            Fault::new(
                Code::OnlyForManual,
                format!("is not needed: the carrier is {carrier}, which we know"),
            )
            .expecting("nothing, or `carrier` as manual"),
        );
    }
    given.iter().all(|(_, is_given)| !is_given).then_some(())
}
