//! A shipment, and what to change about one.

use super::{MAX_ITEMS, parse_item};
use crate::{
    body::{ShipmentBody, ShipmentPatch},
    carrier::{self, Rules},
    field::{Field, FieldPath, Issue, Issues},
    problem::ProblemCode,
    storefront::resolve_shipment,
    validate,
};
use posthorn_carriers::recognise::sight;
use posthorn_domain::{
    candidates::{Candidates, CarrierCandidate},
    id::CarrierId,
    order::OrderItem,
    shipment::{QueryDetails, Shipment, ShipmentOrigin},
    tracking_number::TrackingNumber,
};

/// A shipment to be followed, checked: the carrier is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParsedShipment {
    /// None if it is sent without tracking.
    pub(crate) tracking_number: Option<TrackingNumber>,
    pub(crate) carrier: CarrierId,
    /// Who may carry it as far as the number alone tells, `carrier` among them;
    /// empty if the carrier was named.
    pub(crate) candidates: Vec<CarrierCandidate>,
    pub(crate) carrier_name: Option<String>,
    pub(crate) tracking_url: Option<String>,
    pub(crate) hints: QueryDetails,
    pub(crate) items: Vec<OrderItem>,
    pub(crate) origins: Vec<ShipmentOrigin>,
}

/// A change of a shipment, each field checked by itself; what they amount to
/// depends on the shipment ([`ShipmentChange::applied_to`]).
#[derive(Debug, Clone)]
pub(crate) struct ShipmentChange {
    tracking_number: Option<TrackingNumber>,
    carrier: Option<CarrierId>,
    carrier_name: Option<String>,
    tracking_url: Option<String>,
    hints: QueryDetails,
    items: Option<Vec<OrderItem>>,
}

impl ParsedShipment {
    /// Reads `body` as a body of its own.
    pub(crate) fn parse_shipment(
        body: ShipmentBody,
        rules: Rules<'_>,
        findings: &mut Issues,
    ) -> Option<Self> {
        Self::parse_at(body, rules, &mut FieldPath::at_root(findings))
    }

    /// Reads `body` as it stands in `place`.
    pub(super) fn parse_at(
        body: ShipmentBody,
        rules: Rules<'_>,
        place: &mut FieldPath<'_>,
    ) -> Option<Self> {
        place.add_ignored(&body.unknown);
        let is_named = !matches!(body.carrier, Field::Absent);
        let is_numbered = !matches!(body.tracking_number, Field::Absent);
        let number = place.read_text("tracking_number", body.tracking_number, |text| {
            let number = validate::tracking_number(text)?;
            let is_all = !validate::is_more_than(text, &number);
            Ok((number, is_all))
        });
        if let Some((number, false)) = &number {
            let fault = Issue::new(
                ProblemCode::NumberWithText,
                format!("holds more than the number: {} is used", number.to_masked()),
            );
            let fault = fault.with_expected("the tracking number alone");
            place.at_field("tracking_number").add_warning(fault);
        }
        let number = number.map(|(number, _)| number);
        let carrier = place.read_text("carrier", body.carrier, rules.carrier_reader());
        let carrier_name = place.read_text("carrier_name", body.carrier_name, validate::line(80));
        let tracking_url = place.read_text("tracking_url", body.tracking_url, validate::link);
        let hints = QueryDetails {
            carrier: None,
            service: place.read_text("service", body.service, validate::line(40)),
            shipped_on: place.read_text("shipped_on", body.shipped_on, validate::date),
        };
        let items = place.read_list("items", body.items, MAX_ITEMS, parse_item);
        if (is_named && carrier.is_none()) || (is_numbered && number.is_none()) {
            return None;
        }
        let (carrier, candidates) = match &number {
            Some(number) => resolve_carrier(carrier, number, rules, place)?,
            None => (untracked_carrier(carrier, place)?, Vec::new()),
        };
        if is_named
            && let Some(number) = &number
            && let Some(doubt) = carrier::doubt_number(&carrier, number)
        {
            place.at_field("tracking_number").add_warning(doubt);
        }
        only_for_manual(
            &carrier,
            carrier_name.as_ref(),
            tracking_url.as_ref(),
            place,
        )?;
        Some(
            Self {
                tracking_number: number,
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

    /// Whether `other` is this shipment: by its number, or, where there is none, by all
    /// of its content.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match &self.tracking_number {
            Some(_) => self.tracking_number == other.tracking_number,
            None => self == other,
        }
    }

    /// The same where `present` is the shipment that is meant: what the number alone
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

    /// The shipment of a carrier that we know by sight only, as one by hand, with
    /// the carrier's name and page where the shop gave none.
    fn by_hand(self) -> Self {
        if !carrier::is_by_hand(&self.carrier) || self.carrier.as_str() == carrier::MANUAL {
            return self;
        }
        let id = self.carrier.as_str();
        let name = self
            .carrier_name
            .or_else(|| sight::carrier_name(id).map(str::to_owned));
        let number = self.tracking_number.as_ref();
        let page = number.and_then(|number| sight::tracking_page(id, number.as_str()));
        Self {
            carrier: carrier::manual_carrier(),
            candidates: Vec::new(),
            carrier_name: name,
            tracking_url: self.tracking_url.or(page),
            ..self
        }
    }
}

impl ShipmentChange {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn parse_change(
        body: ShipmentPatch,
        rules: Rules<'_>,
        findings: &mut Issues,
    ) -> Self {
        let mut place = FieldPath::at_root(findings);
        place.add_ignored(&body.unknown);
        let n_given = [
            matches!(body.tracking_number, Field::Absent),
            matches!(body.carrier, Field::Absent),
            matches!(body.carrier_name, Field::Absent),
            matches!(body.tracking_url, Field::Absent),
            matches!(body.service, Field::Absent),
            matches!(body.shipped_on, Field::Absent),
            matches!(body.items, Field::Absent),
        ];
        if n_given.iter().all(|is_absent| *is_absent) {
            place.at_field("tracking_number").add_issue(
                Issue::new(ProblemCode::NothingToChange, "nothing to change was given").with_expected(
                    "at least one of tracking_number, carrier, carrier_name, tracking_url, service, \
                     shipped_on, items",
                ),
            );
        }
        let is_absent = matches!(body.items, Field::Absent);
        let items = place.read_list("items", body.items, MAX_ITEMS, parse_item);
        Self {
            tracking_number: place.read_text(
                "tracking_number",
                body.tracking_number,
                validate::tracking_number,
            ),
            carrier: place.read_text("carrier", body.carrier, rules.carrier_reader()),
            carrier_name: place.read_text("carrier_name", body.carrier_name, validate::line(80)),
            tracking_url: place.read_text("tracking_url", body.tracking_url, validate::link),
            hints: QueryDetails {
                carrier: None,
                service: place.read_text("service", body.service, validate::line(40)),
                shipped_on: place.read_text("shipped_on", body.shipped_on, validate::date),
            },
            items: (!is_absent).then_some(items),
        }
    }

    /// What the shipment is to be, given what it is: number and carrier are
    /// judged together, whichever of them changes.
    pub(crate) fn applied_to(
        self,
        mut present: ParsedShipment,
        rules: Rules<'_>,
        findings: &mut Issues,
    ) -> Option<ParsedShipment> {
        let mut place = FieldPath::at_root(findings);
        let is_renumbered = self
            .tracking_number
            .as_ref()
            .is_some_and(|number| Some(number) != present.tracking_number.as_ref());
        let is_first_number = is_renumbered && present.tracking_number.is_none();
        let number = self.tracking_number.or(present.tracking_number);
        let (carrier, candidates) = match (self.carrier, &number) {
            (Some(carrier), Some(number)) => {
                resolve_carrier(Some(carrier), number, rules, &mut place)?
            }
            (Some(carrier), None) => (untracked_carrier(Some(carrier), &mut place)?, Vec::new()),
            // The shop named this carrier, and the number is its first.
            (None, Some(number)) if is_first_number && !carrier::is_by_hand(&present.carrier) => {
                resolve_carrier(Some(present.carrier), number, rules, &mut place)?
            }
            (None, Some(number)) if is_first_number => {
                let (name, url) = (&present.carrier_name, &present.tracking_url);
                let told = resolve_shipment(number.clone(), name.as_deref(), url.as_deref(), rules);
                (present.carrier_name, present.tracking_url) =
                    (told.carrier_name, told.tracking_url);
                (told.carrier, told.candidates)
            }
            // The number tells its carrier, or it is another of the same carrier.
            (None, Some(number))
                if is_renumbered && present.carrier.as_str() != carrier::MANUAL =>
            {
                match carrier::recognise_carriers(number, rules) {
                    Ok(candidates) => first_of(candidates)?,
                    Err(fault) if fault.problem_code() == ProblemCode::SandboxNotAllowed => {
                        place.at_field("tracking_number").add_issue(fault);
                        return None;
                    }
                    Err(_) => resolve_carrier(Some(present.carrier), number, rules, &mut place)?,
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
        // The page of another number would show another shipment.
        let (url, hints) = if is_renumbered && !is_first_number {
            (None, QueryDetails::default())
        } else {
            (present.tracking_url, present.hints)
        };
        let wanted = ParsedShipment {
            tracking_number: number,
            carrier,
            candidates,
            carrier_name: self
                .carrier_name
                .or(present.carrier_name)
                .filter(|_| is_manual),
            tracking_url: self.tracking_url.or(url).filter(|_| is_manual),
            hints: QueryDetails {
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

fn without_items(mut origins: Vec<ShipmentOrigin>) -> Vec<ShipmentOrigin> {
    for origin in &mut origins {
        origin.items.clear();
    }
    origins
}

/// Who may carry `shipment` by now, while that is not certain.
pub(crate) fn still_possible(shipment: &Shipment) -> Vec<CarrierCandidate> {
    let candidates = shipment.candidates.as_ref();
    candidates.map_or_else(Vec::new, |all| Candidates::ranked(all).to_vec())
}

/// The carrier of a shipment, and the candidates if no carrier was named.
fn resolve_carrier(
    given: Option<CarrierId>,
    number: &TrackingNumber,
    rules: Rules<'_>,
    place: &mut FieldPath<'_>,
) -> Option<(CarrierId, Vec<CarrierCandidate>)> {
    let resolved = match given {
        Some(carrier) => {
            carrier::verify_number(&carrier, number, rules).map(|()| Some((carrier, Vec::new())))
        }
        None => carrier::recognise_carriers(number, rules).map(first_of),
    };
    resolved
        .map_err(|fault| place.at_field("tracking_number").add_issue(fault))
        .ok()?
}

/// The carrier of a shipment without a number, which the shop has to name.
fn untracked_carrier(given: Option<CarrierId>, place: &mut FieldPath<'_>) -> Option<CarrierId> {
    let issue = match given {
        Some(carrier) if carrier.as_str() != carrier::SANDBOX => return Some(carrier),
        Some(_) => Issue::new(
            ProblemCode::InvalidTrackingNumber,
            "is missing: the sandbox carrier reads its scenario from the number",
        )
        .with_expected("a number like SANDBOX-STRAIGHT-0001"),
        None => Issue::new(
            ProblemCode::CarrierRequired,
            "is missing, and so is `carrier`: a shipment without a number needs its carrier",
        )
        .with_expected(format!(
            "the tracking number, or `carrier` as one of {}",
            carrier::supported_carriers()
        )),
    };
    place.at_field("tracking_number").add_issue(issue);
    None
}

fn first_of(candidates: Vec<CarrierCandidate>) -> Option<(CarrierId, Vec<CarrierCandidate>)> {
    let first = candidates.first()?.carrier.clone();
    Some((first, candidates))
}

fn only_for_manual(
    carrier: &CarrierId,
    carrier_name: Option<&String>,
    tracking_url: Option<&String>,
    place: &mut FieldPath<'_>,
) -> Option<()> {
    if carrier::is_by_hand(carrier) {
        return Some(());
    }
    let given = [
        ("carrier_name", carrier_name.is_some()),
        ("tracking_url", tracking_url.is_some()),
    ];
    for (name, _) in given.iter().filter(|(_, is_given)| *is_given) {
        place.at_field(name).add_issue(
            Issue::new(
                ProblemCode::OnlyForManual,
                format!("is not needed: the carrier is {carrier}, which we know"),
            )
            .with_expected("nothing, or `carrier` as manual"),
        );
    }
    given.iter().all(|(_, is_given)| !is_given).then_some(())
}
