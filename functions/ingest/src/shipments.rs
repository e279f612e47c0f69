//! Parcels of an order: added one by one, corrected, read.

use crate::{
    Ingest, Stores,
    answer::{ShipmentAnswer, ShipmentResult},
    attempts::{Attempts, unless_contended},
    body::{ShipmentBody, ShipmentPatch},
    carrier::{self, Rules},
    given::Findings,
    idempotency::{answer, receipt, respond},
    orders::{location, register},
    parameters::{OrderPath, ParcelPath, Repeatable},
    parse::{MAX_SHIPMENTS, NewShipment, ShipmentChange, still_possible},
    problem::{Code, FieldError, Problem},
    request::{
        Now, ShipmentTarget, Submission, Target, WarningSource, count_unknown, count_warnings,
        order_not_found, shipment_not_found,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header};
use jiff::Timestamp;
use posthorn_domain::{
    candidates::Candidates,
    id::{OrderKey, ShipmentNumber},
    journey,
    settings::Settings,
    shipment::{Hints, Shipment},
};
use posthorn_platform::store::{intake::Submitted, orders::OrderView};

/// Adds a parcel to an order.
///
/// Order and number are its natural key: the same parcel again is answered
/// with the parcel as it stands (200), the same number otherwise is refused (409).
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/shipments",
    operation_id = "add_shipment",
    tag = "shipments",
    params(OrderPath, Repeatable),
    request_body(content = ShipmentBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The parcel is followed", body = ShipmentResult,
            headers(("Location" = String, description = "Where the parcel is read"))),
        (status = 200, description = "The same parcel was added before", body = ShipmentResult),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`shipment_exists`, `too_many_shipments`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add(
    State(ingest): State<Ingest>,
    Now(now): Now,
    Target(key): Target,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.replayed(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let settings = ingest.settings.settings(&key.shop, now).await?;
    let (view, country) = tokio::try_join!(ingest.load(&key), ingest.country(&key))?;
    let mut findings = Findings::default();
    let body: ShipmentBody = submission.json()?;
    let rules = Rules::of(&ingest.in_use, &settings, view.order.is_test).to(country.as_deref());
    let new = NewShipment::read(body, rules, &mut findings);
    let new = findings.accept(new)?;
    count_unknown("POST /v1/orders/{id}/shipments", &findings);

    let mut fresh = Some(view);
    let mut attempts = Attempts::default();
    while attempts.next().await {
        // Not before the pause, in which others go on.
        let view = match fresh.take() {
            Some(view) => view,
            None => ingest.load(&key).await?,
        };
        if let Some(shipment) = holder(&view, &new) {
            return if is_same(&new, shipment) {
                let result = ShipmentResult::new(&key, shipment, &settings, findings.warnings);
                let stored = answer(StatusCode::OK, &result);
                ingest.unchanged(&key, &submission, stored, now).await
            } else {
                Err(exists(shipment))
            };
        }
        if view.shipments.len() >= MAX_SHIPMENTS {
            return Err(Problem::new(
                Code::TooManyShipments,
                format!("the order has {MAX_SHIPMENTS} parcels, which is as many as it can have"),
            ));
        }
        let shipment = register(view.next_shipment(), new.clone(), &view.order, now);
        let shipment = carrier::asked(shipment, rules, now);
        let mut warnings = findings.warnings.clone();
        let doubts = carrier::doubts(&shipment, rules).into_iter();
        warnings.extend(doubts.map(|(field, doubt)| doubt.at(field)));
        count_warnings(WarningSource::Api, &warnings);
        let result = ShipmentResult::new(&key, &shipment, &settings, warnings);
        let stored = answer(StatusCode::CREATED, &result);
        let receipt = receipt(&key.shop, &submission, &stored, now);
        let added = [shipment];
        ingest.will_be_polled(&added, now).await?;
        let outcome = ingest
            .intake
            .add_shipments(&key, &added, receipt.as_ref())
            .await;
        let outcome = unless_contended(outcome)?;
        if outcome == Submitted::Written {
            ingest.ask_first(&key, &added).await;
            let location = location(&key.order, Some(added[0].shipment))?;
            return Ok(([(header::LOCATION, location)], respond(&stored)).into_response());
        }
        if let Some(replayed) = ingest.replayed(&key.shop, &submission, now).await? {
            return Ok(replayed);
        }
    }
    Err(Problem::busy())
}

/// Reads a parcel as it stands.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}/shipments/{n}",
    operation_id = "read_shipment",
    tag = "shipments",
    params(ParcelPath),
    responses(
        (status = 200, description = "The parcel", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(ingest): State<Ingest>,
    Now(now): Now,
    ShipmentTarget(key, number): ShipmentTarget,
) -> Result<Json<ShipmentResult>, Problem> {
    let settings = ingest.settings.settings(&key.shop, now).await?;
    let shipment = ingest
        .intake
        .orders
        .shipment(&key, number)
        .await?
        .ok_or_else(shipment_not_found)?;
    let result = ShipmentResult::new(&key, &shipment, &settings, Vec::new());
    Ok(Json(result))
}

/// Corrects a parcel: its number, its carrier, what is in it.
///
/// Another number or carrier begins the parcel anew, and the customer hears of
/// the new number.
#[utoipa::path(
    patch,
    path = "/v1/orders/{id}/shipments/{n}",
    operation_id = "change_shipment",
    tag = "shipments",
    params(ParcelPath, Repeatable),
    request_body(content = ShipmentPatch, content_type = "application/json"),
    responses(
        (status = 200, description = "The parcel as it stands now", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`shipment_exists`: another parcel of the order has this number", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change(
    State(ingest): State<Ingest>,
    Now(now): Now,
    ShipmentTarget(key, number): ShipmentTarget,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.replayed(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let settings = ingest.settings.settings(&key.shop, now).await?;
    let mut findings = Findings::default();
    let body: ShipmentPatch = submission.json()?;
    let rules = Rules::of(&ingest.in_use, &settings, false);
    let change = ShipmentChange::read(body, rules, &mut findings);
    let change = findings.accept(Some(change))?;
    let country = ingest.country(&key).await?;
    count_unknown("PATCH /v1/orders/{id}/shipments/{n}", &findings);

    let correction = Rewriting {
        key: &key,
        number,
        submission: &submission,
        settings: &settings,
        warnings: findings.warnings.clone(),
        now,
    };
    let corrected = |view: &OrderView, present: &Shipment| {
        let rules = Rules::of(&ingest.in_use, &settings, view.order.is_test);
        let rules = rules.to(country.as_deref());
        let wanted = change
            .clone()
            .applied_to(announced(present), rules, &mut findings);
        let wanted = findings.accept(wanted)?;
        let other = view.shipments.iter().find(|other| {
            other.shipment != number
                && !other.is_untracked()
                && other.tracking_number == wanted.tracking_number
        });
        if let Some(other) = other {
            return Err(exists(other));
        }
        Ok(changed(present, wanted, now).map(|changed| carrier::asked(changed, rules, now)))
    };
    let (answer, written) = ingest.rewrite(correction, corrected).await?;
    if let Some(written) = written {
        ingest.ask_first(&key, std::slice::from_ref(&written)).await;
    }
    Ok(answer)
}

/// A request to change a parcel that is there.
pub(crate) struct Rewriting<'a> {
    pub(crate) key: &'a OrderKey,
    pub(crate) number: ShipmentNumber,
    pub(crate) submission: &'a Submission,
    pub(crate) settings: &'a Settings,
    pub(crate) warnings: Vec<FieldError>,
    pub(crate) now: Timestamp,
}

impl Stores {
    /// An order with its parcels.
    pub(crate) async fn load(&self, key: &OrderKey) -> Result<OrderView, Problem> {
        let view = self.intake.orders.load(key).await?;
        view.ok_or_else(order_not_found)
    }

    /// Where the parcels of an order go, if that is known; it helps to tell whose
    /// number one has.
    async fn country(&self, key: &OrderKey) -> Result<Option<String>, Problem> {
        let contact = self.intake.contacts.get(key).await?;
        Ok(contact.and_then(|contact| contact.country))
    }

    /// Writes what `next` makes of a parcel as it stands, which it may be asked
    /// several times, with the answer to the request; gives that answer, and the
    /// parcel if it was written.
    pub(crate) async fn rewrite(
        &self,
        rewriting: Rewriting<'_>,
        mut next: impl FnMut(&OrderView, &Shipment) -> Result<Option<Shipment>, Problem>,
    ) -> Result<(Response, Option<Shipment>), Problem> {
        let Rewriting {
            key,
            number,
            submission,
            settings,
            warnings,
            now,
        } = rewriting;
        let mut attempts = Attempts::default();
        while attempts.next().await {
            let view = self.load(key).await?;
            let present = view
                .shipments
                .iter()
                .find(|shipment| shipment.shipment == number)
                .ok_or_else(shipment_not_found)?;
            let result = |shipment| ShipmentResult::new(key, shipment, settings, warnings.clone());
            let Some(next) = next(&view, present)? else {
                let result = result(present);
                let stored = answer(StatusCode::OK, &result);
                let unchanged = self.unchanged(key, submission, stored, now).await?;
                return Ok((unchanged, None));
            };
            let mut result = result(&next);
            if (&next.carrier, &next.tracking_number)
                != (&present.carrier, &present.tracking_number)
            {
                let number = next.tracking_number.as_ref();
                let doubt = number.and_then(|number| carrier::doubt(&next.carrier, number));
                let doubt = doubt.map(|doubt| doubt.at("tracking_number"));
                result.warnings.extend(doubt);
                let rules = Rules::of(&self.in_use, settings, view.order.is_test);
                let doubts = carrier::doubts(&next, rules).into_iter();
                let doubts = doubts.map(|(field, doubt)| doubt.at(field));
                result.warnings.extend(doubts);
                count_warnings(WarningSource::Api, &result.warnings);
            }
            let stored = answer(StatusCode::OK, &result);
            let receipt = receipt(&key.shop, submission, &stored, now);
            self.will_be_polled(std::slice::from_ref(&next), now)
                .await?;
            let outcome = self
                .intake
                .change_shipment(key, &next, present.version, receipt.as_ref())
                .await;
            let outcome = unless_contended(outcome)?;
            if outcome == Submitted::Written {
                return Ok((respond(&stored), Some(next)));
            }
            if let Some(replayed) = self.replayed(&key.shop, submission, now).await? {
                return Ok((replayed, None));
            }
        }
        Err(Problem::busy())
    }
}

/// The parcel as it is to be; none if it is so already.
///
/// A version counts up with each change that is to be written; another number
/// or carrier begins the journey anew. A carrier that the shop names is certain.
pub(crate) fn changed(present: &Shipment, wanted: NewShipment, now: Timestamp) -> Option<Shipment> {
    let renumbered = journey::renumber(present, wanted.carrier, wanted.tracking_number, now);
    let kept = renumbered
        .candidates
        .clone()
        .filter(|kept| kept.ranked() == wanted.candidates);
    let next = Shipment {
        candidates: kept.or_else(|| Candidates::of(wanted.candidates, now)),
        hints: Hints {
            carrier: renumbered.hints.carrier.clone(),
            ..if wanted.hints.is_empty() {
                renumbered.hints.clone()
            } else {
                wanted.hints
            }
        },
        carrier_name: wanted.carrier_name,
        tracking_url: wanted.tracking_url,
        items: wanted.items,
        origins: wanted.origins,
        version: present.version,
        ..renumbered
    };
    (next != *present).then(|| Shipment {
        version: present.version + 1,
        ..next
    })
}

/// A parcel as the shop announced it last.
pub(crate) fn announced(shipment: &Shipment) -> NewShipment {
    NewShipment {
        tracking_number: shipment.tracking_number.clone(),
        carrier: shipment.carrier.clone(),
        candidates: still_possible(shipment),
        carrier_name: shipment.carrier_name.clone(),
        tracking_url: shipment.tracking_url.clone(),
        hints: Hints {
            carrier: None,
            ..shipment.hints.clone()
        },
        items: shipment.items.clone(),
        origins: shipment.origins.clone(),
    }
}

/// The parcel of the order that has this number, or had it before a correction.
fn holder<'a>(view: &'a OrderView, new: &NewShipment) -> Option<&'a Shipment> {
    view.shipments.iter().find(|shipment| {
        let mut former = shipment.former_numbers.iter();
        shipment.tracking_number == new.tracking_number
            || former.any(|former| Some(former) == new.tracking_number.as_ref())
    })
}

fn is_same(new: &NewShipment, shipment: &Shipment) -> bool {
    let new = new.clone().settled_by(shipment);
    let announced = NewShipment {
        origins: new.origins.clone(),
        ..announced(shipment)
    };
    new == announced
}

fn exists(shipment: &Shipment) -> Problem {
    Problem {
        errors: vec![FieldError {
            field: "tracking_number".to_owned(),
            code: Code::ShipmentExists,
            detail: format!(
                "is, or was before a correction, the number of shipment {}",
                shipment.shipment
            ),
            expected: Some("another number, or PATCH of that shipment".to_owned()),
        }],
        ..Problem::new(
            Code::ShipmentExists,
            format!(
                "shipment {} of this order has this number and other content",
                shipment.shipment
            ),
        )
    }
}

impl ShipmentResult {
    pub(crate) fn new(
        key: &OrderKey,
        shipment: &Shipment,
        settings: &Settings,
        warnings: Vec<FieldError>,
    ) -> Self {
        Self {
            order: key.order.to_string(),
            shipment: ShipmentAnswer::new(shipment, settings),
            warnings,
        }
    }
}
