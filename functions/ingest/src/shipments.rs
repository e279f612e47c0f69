//! Shipments of an order: added one by one, corrected, read.

use crate::{
    Ingest, IngestStores,
    answer::{ShipmentAnswer, ShipmentResult},
    attempts::{Attempts, unless_contended},
    body::{ShipmentBody, ShipmentPatch},
    carrier::{self, Rules},
    field::Issues,
    idempotency::{build_receipt, encode_answer, to_response},
    orders::{has_had_number, register_shipment, resource_location},
    parameters::{OrderPath, Repeatable, ShipmentPath},
    parse::{MAX_SHIPMENTS, ParsedShipment, ShipmentChange, still_possible},
    problem::{FieldError, Problem, ProblemCode},
    request::{
        ReceivedAt, ShipmentTarget, Submission, Target, WarningSource, count_unknown,
        count_warnings, order_not_found, shipment_not_found,
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
    id::{OrderKey, ShipmentIndex},
    journey,
    settings::Settings,
    shipment::{QueryDetails, Shipment},
};
use posthorn_platform::store::{intake::Submitted, orders::OrderWithShipments};

/// Adds a shipment to an order.
///
/// Order and number are its natural key: the same shipment again is answered
/// with the shipment as it stands (200), the same number with other content is refused
/// (409).
///
/// A shipment without `tracking_number` needs `carrier` and is not polled: a label whose
/// number follows, or a courier (`manual`) that has no tracking. Its number is added with
/// `PATCH`; polling begins then. Until then the same content counts as the same
/// shipment.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/shipments",
    operation_id = "add_shipment",
    tag = "shipments",
    params(OrderPath, Repeatable),
    request_body(content = ShipmentBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The shipment is followed", body = ShipmentResult,
            headers(("Location" = String, description = "Where the shipment is read"))),
        (status = 200, description = "The same shipment was added before", body = ShipmentResult),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`shipment_exists`, `too_many_shipments`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add_shipment(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Target(key): Target,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let settings = ingest.settings.load_settings(&key.shop, now).await?;
    let (view, country) =
        tokio::try_join!(ingest.load_order(&key), ingest.destination_country(&key))?;
    let mut findings = Issues::default();
    let body: ShipmentBody = submission.parse_json()?;
    let rules = Rules::new(&ingest.in_use, &settings, view.order.is_test)
        .with_destination(country.as_deref());
    let new = ParsedShipment::parse_shipment(body, rules, &mut findings);
    let new = findings.check_issues(new)?;
    count_unknown("POST /v1/orders/{id}/shipments", &findings);

    let mut fresh = Some(view);
    let mut attempts = Attempts::default();
    while attempts.wait_for_next().await {
        // Not before the pause, in which others go on.
        let view = match fresh.take() {
            Some(view) => view,
            None => ingest.load_order(&key).await?,
        };
        if let Some(shipment) = find_shipment(&view, &new) {
            return if is_same(&new, shipment) {
                let result = ShipmentResult::new(&key, shipment, &settings, findings.warnings);
                let stored = encode_answer(StatusCode::OK, &result);
                ingest
                    .answer_unchanged(&key, &submission, stored, now)
                    .await
            } else {
                Err(already_exists(shipment))
            };
        }
        // It may be the one that cannot be read.
        view.require_readable()?;
        if view.shipments.len() >= MAX_SHIPMENTS {
            return Err(Problem::new(
                ProblemCode::TooManyShipments,
                format!("the order has {MAX_SHIPMENTS} shipments, which is as many as it can have"),
            ));
        }
        let shipment = register_shipment(view.next_shipment(), new.clone(), &view.order, now);
        let shipment = carrier::route_via(shipment, rules, now);
        let mut warnings = findings.warnings.clone();
        let doubts = carrier::list_doubts(&shipment, rules).into_iter();
        warnings.extend(doubts.map(|(field, doubt)| doubt.into_field_error(field)));
        count_warnings(WarningSource::Api, &warnings);
        let result = ShipmentResult::new(&key, &shipment, &settings, warnings);
        let stored = encode_answer(StatusCode::CREATED, &result);
        let receipt = build_receipt(&key.shop, &submission, &stored, now);
        let added = [shipment];
        ingest.will_be_polled(&added, now).await?;
        let outcome = ingest
            .intake
            .add_shipments(&key, &added, receipt.as_ref())
            .await;
        let outcome = unless_contended(outcome)?;
        if outcome == Submitted::Written {
            ingest.ask_first(&key, &added).await;
            let location = resource_location(&key.order, Some(added[0].shipment))?;
            return Ok(([(header::LOCATION, location)], to_response(&stored)).into_response());
        }
        if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
            return Ok(replayed);
        }
    }
    Err(Problem::busy_resource())
}

/// Reads a shipment as it stands.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}/shipments/{n}",
    operation_id = "read_shipment",
    tag = "shipments",
    params(ShipmentPath),
    responses(
        (status = 200, description = "The shipment", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read_shipment(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    ShipmentTarget(key, number): ShipmentTarget,
) -> Result<Json<ShipmentResult>, Problem> {
    ingest.describe_shipment(&key, number, now).await.map(Json)
}

/// Corrects a shipment: its number, its carrier, what is in it.
///
/// Another number or carrier begins the shipment anew, and the customer is told
/// the new number. The first number of a shipment without one keeps what was reported;
/// it must be a number of the shipment's carrier, and tells the carrier of a `manual`
/// shipment if it can.
#[utoipa::path(
    patch,
    path = "/v1/orders/{id}/shipments/{n}",
    operation_id = "change_shipment",
    tag = "shipments",
    params(ShipmentPath, Repeatable),
    request_body(content = ShipmentPatch, content_type = "application/json"),
    responses(
        (status = 200, description = "The shipment as it stands now", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`shipment_exists`: another shipment of the order has this number", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_shipment(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    ShipmentTarget(key, number): ShipmentTarget,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let settings = ingest.settings.load_settings(&key.shop, now).await?;
    let mut findings = Issues::default();
    let body: ShipmentPatch = submission.parse_json()?;
    let rules = Rules::new(&ingest.in_use, &settings, false);
    let change = ShipmentChange::parse_change(body, rules, &mut findings);
    let change = findings.check_issues(Some(change))?;
    let country = ingest.destination_country(&key).await?;
    count_unknown("PATCH /v1/orders/{id}/shipments/{n}", &findings);

    let correction = ShipmentRewrite {
        key: &key,
        number,
        submission: &submission,
        settings: &settings,
        warnings: findings.warnings.clone(),
        now,
    };
    let corrected = |view: &OrderWithShipments, present: &Shipment| {
        let rules = Rules::new(&ingest.in_use, &settings, view.order.is_test);
        let rules = rules.with_destination(country.as_deref());
        let wanted = change
            .clone()
            .applied_to(announced_shipment(present), rules, &mut findings);
        let wanted = findings.check_issues(wanted)?;
        if wanted.tracking_number != present.tracking_number {
            view.require_readable()?;
        }
        let other = view.shipments.iter().find(|other| {
            other.shipment != number
                && !other.is_untracked()
                && other.tracking_number == wanted.tracking_number
        });
        if let Some(other) = other {
            return Err(already_exists(other));
        }
        Ok(changed_shipment(present, wanted, now)
            .map(|changed| carrier::route_via(changed, rules, now)))
    };
    let (answer, written) = ingest.rewrite_shipment(correction, corrected).await?;
    if let Some(written) = written {
        ingest.ask_first(&key, std::slice::from_ref(&written)).await;
    }
    Ok(answer)
}

/// A request to change a shipment that is there.
pub(crate) struct ShipmentRewrite<'a> {
    pub(crate) key: &'a OrderKey,
    pub(crate) number: ShipmentIndex,
    pub(crate) submission: &'a Submission,
    pub(crate) settings: &'a Settings,
    pub(crate) warnings: Vec<FieldError>,
    pub(crate) now: Timestamp,
}

impl IngestStores {
    /// An order with its shipments.
    pub(crate) async fn load_order(&self, key: &OrderKey) -> Result<OrderWithShipments, Problem> {
        let view = self.intake.orders.load_order(key).await?;
        view.ok_or_else(order_not_found)
    }

    /// The answer about a shipment as it stands.
    pub(crate) async fn describe_shipment(
        &self,
        key: &OrderKey,
        number: ShipmentIndex,
        now: Timestamp,
    ) -> Result<ShipmentResult, Problem> {
        let settings = self.settings.load_settings(&key.shop, now).await?;
        let shipment = self.intake.orders.load_shipment(key, number).await?;
        let shipment = shipment.ok_or_else(shipment_not_found)?;
        Ok(ShipmentResult::new(key, &shipment, &settings, Vec::new()))
    }

    /// Where the shipments of an order go, if that is known; it helps to tell whose
    /// number one has.
    async fn destination_country(&self, key: &OrderKey) -> Result<Option<String>, Problem> {
        let contact = self.intake.contacts.get_contact(key).await?;
        Ok(contact.and_then(|contact| contact.country))
    }

    /// Writes what `next` makes of a shipment as it stands, which it may be asked
    /// several times, with the answer to the request; gives that answer, and the
    /// shipment if it was written.
    pub(crate) async fn rewrite_shipment(
        &self,
        rewriting: ShipmentRewrite<'_>,
        mut next: impl FnMut(&OrderWithShipments, &Shipment) -> Result<Option<Shipment>, Problem>,
    ) -> Result<(Response, Option<Shipment>), Problem> {
        let ShipmentRewrite {
            key,
            number,
            submission,
            settings,
            warnings,
            now,
        } = rewriting;
        let mut attempts = Attempts::default();
        while attempts.wait_for_next().await {
            let view = self.load_order(key).await?;
            view.require_shipment(number)?;
            let present = view
                .shipments
                .iter()
                .find(|shipment| shipment.shipment == number)
                .ok_or_else(shipment_not_found)?;
            let result = |shipment| ShipmentResult::new(key, shipment, settings, warnings.clone());
            let Some(next) = next(&view, present)? else {
                let result = result(present);
                let stored = encode_answer(StatusCode::OK, &result);
                let unchanged = self.answer_unchanged(key, submission, stored, now).await?;
                return Ok((unchanged, None));
            };
            let mut result = result(&next);
            if (&next.carrier, &next.tracking_number)
                != (&present.carrier, &present.tracking_number)
            {
                let number = next.tracking_number.as_ref();
                let doubt = number.and_then(|number| carrier::doubt_number(&next.carrier, number));
                let doubt = doubt.map(|doubt| doubt.into_field_error("tracking_number"));
                result.warnings.extend(doubt);
                let rules = Rules::new(&self.in_use, settings, view.order.is_test);
                let doubts = carrier::list_doubts(&next, rules).into_iter();
                let doubts = doubts.map(|(field, doubt)| doubt.into_field_error(field));
                result.warnings.extend(doubts);
                count_warnings(WarningSource::Api, &result.warnings);
            }
            let stored = encode_answer(StatusCode::OK, &result);
            let receipt = build_receipt(&key.shop, submission, &stored, now);
            self.will_be_polled(std::slice::from_ref(&next), now)
                .await?;
            let outcome = self
                .intake
                .change_shipment(key, &next, present.version, receipt.as_ref())
                .await;
            let outcome = unless_contended(outcome)?;
            if outcome == Submitted::Written {
                return Ok((to_response(&stored), Some(next)));
            }
            if let Some(replayed) = self.find_replay(&key.shop, submission, now).await? {
                return Ok((replayed, None));
            }
        }
        Err(Problem::busy_resource())
    }
}

/// The shipment as it is to be; none if it is so already.
///
/// A version counts up with each change that is to be written; another number
/// or carrier begins the journey anew. A carrier that the shop names is certain.
pub(crate) fn changed_shipment(
    present: &Shipment,
    wanted: ParsedShipment,
    now: Timestamp,
) -> Option<Shipment> {
    let renumbered = journey::correct_number(present, wanted.carrier, wanted.tracking_number, now);
    let kept = renumbered
        .candidates
        .clone()
        .filter(|kept| kept.ranked() == wanted.candidates);
    let next = Shipment {
        candidates: kept.or_else(|| Candidates::from_ranked(wanted.candidates, now)),
        query_details: QueryDetails {
            carrier: renumbered.query_details.carrier.clone(),
            ..if wanted.hints.is_empty() {
                renumbered.query_details.clone()
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

/// A shipment as the shop announced it last.
pub(crate) fn announced_shipment(shipment: &Shipment) -> ParsedShipment {
    ParsedShipment {
        tracking_number: shipment.tracking_number.clone(),
        carrier: shipment.carrier.clone(),
        candidates: still_possible(shipment),
        carrier_name: shipment.carrier_name.clone(),
        tracking_url: shipment.tracking_url.clone(),
        hints: QueryDetails {
            carrier: None,
            ..shipment.query_details.clone()
        },
        items: shipment.items.clone(),
        origins: shipment.origins.clone(),
    }
}

/// The shipment of the order that has this number, or had it before a correction; of
/// one without a number, the one that was announced with the same content.
fn find_shipment<'a>(view: &'a OrderWithShipments, new: &ParsedShipment) -> Option<&'a Shipment> {
    view.shipments
        .iter()
        .find(|shipment| match &new.tracking_number {
            Some(number) => has_had_number(shipment, number),
            None => is_same(new, shipment),
        })
}

fn is_same(new: &ParsedShipment, shipment: &Shipment) -> bool {
    let new = new.clone().settled_by(shipment);
    let announced = ParsedShipment {
        origins: new.origins.clone(),
        ..announced_shipment(shipment)
    };
    new == announced
}

fn already_exists(shipment: &Shipment) -> Problem {
    Problem {
        errors: vec![FieldError {
            field: "tracking_number".to_owned(),
            code: ProblemCode::ShipmentExists,
            detail: format!(
                "is, or was before a correction, the number of shipment {}",
                shipment.shipment
            ),
            expected: Some("another number, or PATCH of that shipment".to_owned()),
        }],
        ..Problem::new(
            ProblemCode::ShipmentExists,
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
        mut warnings: Vec<FieldError>,
    ) -> Self {
        let attention = carrier::attention_issue(shipment);
        warnings.extend(attention.map(|issue| issue.into_field_error("tracking_number")));
        Self {
            order: key.order.to_string(),
            shipment: ShipmentAnswer::new(shipment, settings),
            warnings,
        }
    }
}
