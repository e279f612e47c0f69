//! Stages that a shop or its ERP sets.

use crate::{
    Ingest,
    answer::StageResult,
    attempts::{Attempts, unless_contended},
    body::StatusBody,
    field::Issues,
    idempotency::{build_receipt, encode_answer, to_response},
    parameters::{OrderPath, Repeatable},
    parse::ParsedStage,
    problem::{Problem, ProblemCode},
    request::{ReceivedAt, Submission, Target, count_unknown},
};
use axum::{extract::State, response::Response};
use http::StatusCode;
use posthorn_domain::stage::StageSource;
use posthorn_platform::store::intake::Submitted;

/// Moves an order to a stage that its shop decides on, with a word to the customer.
///
/// The same stage again changes nothing, unless it comes with a comment.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/status",
    operation_id = "set_stage",
    tag = "orders",
    params(OrderPath, Repeatable),
    request_body(content = StatusBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Where the order stands now", body = StageResult),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`stage_conflict`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Target(key): Target,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
        return Ok(replayed);
    }
    let mut findings = Issues::default();
    let new = ParsedStage::parse_stage(submission.parse_json::<StatusBody>()?, now, &mut findings);
    let new = findings.check_issues(new)?;
    count_unknown("POST /v1/orders/{id}/status", &findings);

    let mut attempts = Attempts::default();
    while attempts.wait_for_next().await {
        let mut order = ingest.load_order(&key).await?.order;
        let expected_version = order.version;
        // A payment after the hand-over is written down before what comes later.
        let is_repeated = order.stages.iter().any(|known| {
            known.stage == new.stage && known.comment == new.comment && known.at == new.at
        });
        let is_moved = !is_repeated
            && order
                .set_stage(new.stage, StageSource::Shop, new.comment.clone(), new.at)
                .map_err(|error| Problem::new(ProblemCode::StageConflict, error.to_string()))?;
        let result = StageResult::new(&order, findings.warnings.clone());
        let stored = encode_answer(StatusCode::OK, &result);
        if !is_moved {
            return ingest
                .answer_unchanged(&key, &submission, stored, now)
                .await;
        }
        let receipt = build_receipt(&key.shop, &submission, &stored, now);
        let outcome = ingest
            .intake
            .set_stage(&order, expected_version, receipt.as_ref())
            .await;
        let outcome = unless_contended(outcome)?;
        if outcome == Submitted::Written {
            return Ok(to_response(&stored));
        }
        if let Some(replayed) = ingest.find_replay(&key.shop, &submission, now).await? {
            return Ok(replayed);
        }
    }
    Err(Problem::busy_resource())
}
