//! What staff and suppliers report of a parcel.

use crate::{
    ATTEMPTS, Ingest,
    answer::ShipmentResult,
    body::ReportBody,
    given::Findings,
    idempotency::{answer, receipt, respond},
    parse::NewReport,
    problem::{Code, Problem},
    request::{Now, ShipmentTarget, Submission, count_unknown, shipment_not_found},
};
use axum::{extract::State, response::Response};
use http::StatusCode;
use jiff::Timestamp;
use posthorn_domain::{
    journey::{self, Advance},
    shipment::Shipment,
    source::MOST_OTHERS,
};
use posthorn_platform::store::intake::Submitted;

/// Reports what happened to a parcel.
///
/// For carriers whom nobody can ask, and beside any other. Events are ordered by
/// their own time; one that somebody else told as well counts once. The same
/// report again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/shipments/{n}/reports",
    operation_id = "report_shipment",
    tag = "shipments",
    params(
        ("id" = String, Path, description = "The shop's own id of the order, percent-encoded", example = "1001"),
        ("n" = u16, Path, description = "Which parcel of the order, counted from 1", example = 1),
        ("Idempotency-Key" = Option<String>, Header, max_length = 128,
            description = "The same key with the same request gets the same answer for 24 hours"),
    ),
    request_body(content = ReportBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The parcel as it stands now", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_sources`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add(
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
    let new = NewReport::read(submission.json::<ReportBody>()?, now, &mut findings);
    let new = findings.accept(new)?;
    count_unknown(
        "POST /v1/orders/{id}/shipments/{n}/reports",
        &findings.warnings,
    );

    for _ in 0..ATTEMPTS {
        let view = ingest.load(&key).await?;
        let present = view
            .shipments
            .iter()
            .find(|shipment| shipment.shipment == number)
            .ok_or_else(shipment_not_found)?;
        let advance = advanced(present, &new, now)?;
        let must_write = advance.must_write(present);
        let next = advance.shipment;
        let warnings = findings.warnings.clone();
        let result = ShipmentResult::new(&key, &next, &settings, warnings);
        if !must_write {
            return ingest.unchanged(&key, &submission, &result, now).await;
        }
        let stored = answer(StatusCode::OK, &result);
        let receipt = receipt(&key.shop, &submission, &stored, now);
        ingest
            .will_be_polled(std::slice::from_ref(&next), now)
            .await?;
        let outcome = ingest
            .intake
            .change_shipment(&key, &next, present.version, receipt.as_ref())
            .await?;
        if outcome == Submitted::Written {
            return Ok(respond(&stored));
        }
        if let Some(replayed) = ingest.replayed(&key.shop, &submission, now).await? {
            return Ok(replayed);
        }
    }
    Err(Problem::busy())
}

/// The parcel after a report.
pub(crate) fn advanced(
    shipment: &Shipment,
    new: &NewReport,
    now: Timestamp,
) -> Result<Advance, Problem> {
    let mut others = shipment.others.iter();
    let is_known = others.any(|telling| telling.source == new.source);
    if !is_known && shipment.others.len() >= MOST_OTHERS {
        return Err(Problem::new(
            Code::TooManySources,
            format!("{MOST_OTHERS} others tell of the parcel, which is as many as it can have"),
        ));
    }
    Ok(if new.is_correction {
        journey::correct(shipment, &new.source, &new.report, now)
    } else {
        journey::advance_by(shipment, Some(&new.source), &new.report, now)
    })
}
