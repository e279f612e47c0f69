//! What staff and suppliers report of a shipment.

use crate::{
    Ingest,
    answer::ShipmentResult,
    body::ReportBody,
    field::Issues,
    parameters::{Repeatable, ShipmentPath},
    parse::ParsedReport,
    problem::{Problem, ProblemCode},
    request::{ReceivedAt, ShipmentTarget, Submission, count_unknown},
    shipments::ShipmentRewrite,
};
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use posthorn_domain::{
    journey::{self, Advance},
    shipment::Shipment,
    source::MOST_OTHERS,
};
use posthorn_platform::store::orders::OrderWithShipments;

/// Reports what happened to a shipment.
///
/// For carriers without a tracking API, and in addition to any other. Events are ordered by
/// their own time; one that another source reports as well counts once. The same
/// report again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/shipments/{n}/reports",
    operation_id = "report_shipment",
    tag = "shipments",
    params(ShipmentPath, Repeatable),
    request_body(content = ReportBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The shipment as it stands now", body = ShipmentResult),
        (status = 404, description = "`order_not_found`, `shipment_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_sources`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn add_report(
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
    let new =
        ParsedReport::parse_report(submission.parse_json::<ReportBody>()?, now, &mut findings);
    let new = findings.check_issues(new)?;
    count_unknown("POST /v1/orders/{id}/shipments/{n}/reports", &findings);

    let telling = ShipmentRewrite {
        key: &key,
        number,
        submission: &submission,
        settings: &settings,
        warnings: findings.warnings,
        now,
    };
    let told = |_: &OrderWithShipments, present: &Shipment| {
        let advance = apply_new_report(present, &new, now)?;
        Ok(advance.must_write(present).then_some(advance.shipment))
    };
    let (answer, _) = ingest.rewrite_shipment(telling, told).await?;
    Ok(answer)
}

/// The shipment after a report.
pub(crate) fn apply_new_report(
    shipment: &Shipment,
    new: &ParsedReport,
    now: Timestamp,
) -> Result<Advance, Problem> {
    let mut others = shipment.other_sources.iter();
    let is_known = others.any(|telling| telling.source == new.source);
    if !is_known && shipment.other_sources.len() >= MOST_OTHERS {
        return Err(Problem::new(
            ProblemCode::TooManySources,
            format!("{MOST_OTHERS} others tell of the shipment, which is as many as it can have"),
        ));
    }
    Ok(if new.is_correction {
        journey::apply_correction(shipment, &new.source, &new.report, now)
    } else {
        journey::advance_by(shipment, Some(&new.source), &new.report, now)
    })
}
