//! The same request gets the same answer.

use crate::{
    IngestStores,
    problem::{Problem, ProblemCode},
    request::Submission,
};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use posthorn_domain::id::ShopId;
use posthorn_platform::{
    ServiceError,
    store::{
        idempotency::{KnownRequest, RequestReceipt, StoredAnswer},
        intake::Submitted,
    },
};
use serde::Serialize;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl IngestStores {
    /// The answer that was given to the same request before, if any was.
    pub(crate) async fn find_replay(
        &self,
        shop: &ShopId,
        submission: &Submission,
        now: Timestamp,
    ) -> Result<Option<Response>, Problem> {
        let Some(key) = &submission.key else {
            return Ok(None);
        };
        let known = self
            .intake
            .idempotency
            .find_request(shop, key, &submission.fingerprint, now)
            .await?;
        match known {
            KnownRequest::Fresh => Ok(None),
            KnownRequest::Mismatch => Err(Problem::new(
                ProblemCode::IdempotencyKeyReused,
                "this Idempotency-Key was used for another request; take a new one",
            )),
            KnownRequest::Replay(stored) => {
                let mut response = to_response(&stored);
                response
                    .headers_mut()
                    .insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(Some(response))
            }
        }
    }

    /// Answers a request that changed nothing, so that it is answered the same again:
    /// if the same request was answered by another worker meanwhile, as that one did.
    pub(crate) async fn answer_unchanged(
        &self,
        order: &posthorn_domain::id::OrderKey,
        submission: &Submission,
        stored: StoredAnswer,
        now: Timestamp,
    ) -> Result<Response, Problem> {
        let Some(receipt) = build_receipt(&order.shop, submission, &stored, now) else {
            return Ok(to_response(&stored));
        };
        let outcome = self
            .intake
            .add_shipments(order, &[], Some(&receipt))
            .await?;
        if outcome != Submitted::Written
            && let Some(replayed) = self.find_replay(&order.shop, submission, now).await?
        {
            return Ok(replayed);
        }
        Ok(to_response(&stored))
    }

    /// Remembers the answer to a request that changed nothing.
    pub(crate) async fn store_answer(
        &self,
        order: &posthorn_domain::id::OrderKey,
        receipt: Option<&RequestReceipt>,
    ) -> Result<(), ServiceError> {
        if receipt.is_some() {
            // The first writer has remembered the same answer.
            self.intake.add_shipments(order, &[], receipt).await?;
        }
        Ok(())
    }
}

/// An answer, ready to be stored and sent.
pub(crate) fn encode_answer(status: StatusCode, body: &impl Serialize) -> StoredAnswer {
    StoredAnswer {
        status: status.as_u16(),
        body: serde_json::to_string(body).expect("answers are maps with text keys"),
    }
}

/// The receipt that goes with the change which `submission` asks for.
pub(crate) fn build_receipt(
    shop: &ShopId,
    submission: &Submission,
    answer: &StoredAnswer,
    now: Timestamp,
) -> Option<RequestReceipt> {
    Some(RequestReceipt {
        shop: shop.clone(),
        key: submission.key.clone()?,
        body_hash: submission.fingerprint.clone(),
        answer: answer.clone(),
        at: now,
    })
}

/// The HTTP answer.
pub(crate) fn to_response(answer: &StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.body.clone()).into_response()
}
