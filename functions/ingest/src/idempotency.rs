//! The same request gets the same answer.

use crate::{
    Stores,
    problem::{Code, Problem},
    request::Submission,
};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use posthorn_domain::id::ShopId;
use posthorn_platform::{
    Error,
    store::{
        idempotency::{Known, Receipt, StoredAnswer},
        intake::Submitted,
    },
};
use serde::Serialize;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Stores {
    /// The answer that was given to the same request before, if any was.
    pub(crate) async fn replayed(
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
            .find(shop, key, &submission.fingerprint, now)
            .await?;
        match known {
            Known::Fresh => Ok(None),
            Known::Mismatch => Err(Problem::new(
                Code::IdempotencyKeyReused,
                "this Idempotency-Key was used for another request; take a new one",
            )),
            Known::Replay(stored) => {
                let mut response = respond(&stored);
                response
                    .headers_mut()
                    .insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(Some(response))
            }
        }
    }

    /// Answers a request that changed nothing, so that it is answered the same again:
    /// if the same request was answered by another worker meanwhile, as that one did.
    pub(crate) async fn unchanged(
        &self,
        order: &posthorn_domain::id::OrderKey,
        submission: &Submission,
        stored: StoredAnswer,
        now: Timestamp,
    ) -> Result<Response, Problem> {
        let Some(receipt) = receipt(&order.shop, submission, &stored, now) else {
            return Ok(respond(&stored));
        };
        let outcome = self
            .intake
            .add_shipments(order, &[], Some(&receipt))
            .await?;
        if outcome != Submitted::Written
            && let Some(replayed) = self.replayed(&order.shop, submission, now).await?
        {
            return Ok(replayed);
        }
        Ok(respond(&stored))
    }

    /// Remembers the answer to a request that changed nothing.
    pub(crate) async fn remember(
        &self,
        order: &posthorn_domain::id::OrderKey,
        receipt: Option<&Receipt>,
    ) -> Result<(), Error> {
        if receipt.is_some() {
            // Whoever came first has remembered the same answer.
            self.intake.add_shipments(order, &[], receipt).await?;
        }
        Ok(())
    }
}

/// An answer, ready to be stored and sent.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize) -> StoredAnswer {
    StoredAnswer {
        status: status.as_u16(),
        body: serde_json::to_string(body).expect("answers are maps with text keys"),
    }
}

/// The receipt that goes with the change which `submission` asks for.
pub(crate) fn receipt(
    shop: &ShopId,
    submission: &Submission,
    answer: &StoredAnswer,
    now: Timestamp,
) -> Option<Receipt> {
    Some(Receipt {
        shop: shop.clone(),
        key: submission.key.clone()?,
        body_hash: submission.fingerprint.clone(),
        answer: answer.clone(),
        at: now,
    })
}

/// The HTTP answer.
pub(crate) fn respond(answer: &StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.body.clone()).into_response()
}
