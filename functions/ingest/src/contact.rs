//! The customer of an order, corrected: addresses, and what they agreed to.

use crate::{
    Ingest,
    answer::OrderAnswer,
    attempts::{Attempts, unless_contended},
    body::ContactPatch,
    field::Issues,
    idempotency::{build_receipt, encode_answer, to_response},
    parameters::{OrderPath, Repeatable},
    parse::{self, Reading},
    problem::Problem,
    request::{
        ReceivedAt, Submission, Target, WarningSource, count_unknown, count_warnings,
        order_not_found,
    },
};
use axum::{extract::State, response::Response};
use http::StatusCode;
use posthorn_platform::store::intake::Submitted;

/// Corrects who bought an order: addresses, and what they agreed to.
///
/// What is not given stays, `null` erases. Consent that is withdrawn holds at once,
/// also for messages that wait to be sent. Messages about what was sent already are
/// not sent again to a new address. What a storefront says of the customer afterwards
/// does not undo it.
#[utoipa::path(
    patch,
    path = "/v1/orders/{id}/contact",
    operation_id = "change_contact",
    tag = "orders",
    params(OrderPath, Repeatable),
    request_body(content = ContactPatch, content_type = "application/json"),
    responses(
        (status = 200, description = "The order as it stands now", body = OrderAnswer),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn patch_contact(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Target(key): Target,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let mut attempts = Attempts::default();
    while attempts.wait_for_next().await {
        let body: ContactPatch = submission.parse_json()?;
        let (view, contact, settings) = tokio::try_join!(
            ingest.intake.orders.load_order(&key),
            ingest.intake.contacts.load_contact(&key),
            ingest.settings.load_settings(&key.shop, now),
        )?;
        let view = view.ok_or_else(order_not_found)?;
        let mut findings = Issues::default();
        let reading = Reading {
            in_use: &ingest.in_use,
            settings: &settings,
            now,
        };
        let present = contact.state.unwrap_or_default();
        let next = parse::correct_contact(body, present.clone(), reading, &mut findings);
        let next = findings.check_issues(Some(next))?;
        let result = ingest.answer_about(
            &view.order,
            Some(&next),
            &view.shipments,
            &settings,
            findings.warnings.clone(),
        );
        let stored = encode_answer(StatusCode::OK, &result);
        if next == present {
            count_findings(&findings);
            return ingest
                .answer_unchanged(&key, &submission, stored, now)
                .await;
        }
        let receipt = build_receipt(&key.shop, &submission, &stored, now);
        let outcome = ingest
            .intake
            .replace_contact(&key, &next, contact.version, receipt.as_ref())
            .await;
        if unless_contended(outcome)? == Submitted::Written {
            count_findings(&findings);
            return Ok(to_response(&stored));
        }
        // The same request may have come first. What else was corrected meanwhile,
        // as a consent that was withdrawn, is not to be written over.
        if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
            return Ok(replayed);
        }
    }
    Err(Problem::busy_resource())
}

fn count_findings(findings: &Issues) {
    count_unknown("PATCH /v1/orders/{id}/contact", findings);
    count_warnings(WarningSource::Api, &findings.warnings);
}
