//! The same request gets the same answer.

use crate::{
    IngestStores,
    problem::{Problem, ProblemCode},
    request::Submission,
};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use posthorn_domain::id::{OrderId, OrderKey, ShipmentIndex, ShopId};
use posthorn_platform::{
    ServiceError, ServiceErrorKind,
    store::{
        idempotency::{KnownRequest, RequestReceipt, StoredAnswer},
        intake::Submitted,
    },
};
use serde::{Deserialize, Serialize};

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
                let mut response = if stored.is_reference {
                    // Rarely needed: its state is not to lie in that of each request.
                    Box::pin(self.answer_again(shop, &stored, now)).await?
                } else {
                    stored_response(&stored)
                };
                response
                    .headers_mut()
                    .insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(Some(response))
            }
        }
    }

    /// Answers a repetition whose first answer was too large to be kept: with what it was
    /// about, as it stands now.
    async fn answer_again(
        &self,
        shop: &ShopId,
        stored: &StoredAnswer,
        now: Timestamp,
    ) -> Result<Response, Problem> {
        let unreadable = || {
            ServiceError::new(
                ServiceErrorKind::Unreadable,
                "read what an answer was about",
            )
        };
        let subject: AnswerSubject =
            serde_json::from_str(&stored.body).map_err(|_| unreadable())?;
        let key = OrderKey {
            shop: shop.clone(),
            order: OrderId::parse(&subject.order).map_err(|_| unreadable())?,
        };
        let body = match subject.shipment.map(ShipmentIndex) {
            Some(number) => to_json(&self.describe_shipment(&key, number, now).await?),
            None => to_json(&Box::pin(self.describe_order(&key, now)).await?),
        };
        Ok(stored_response(&StoredAnswer {
            status: stored.status,
            body,
            is_reference: false,
        }))
    }

    /// Answers a request that changed nothing, so that it is answered the same again:
    /// if the same request was answered by another worker meanwhile, as that one did.
    pub(crate) async fn answer_unchanged(
        &self,
        order: &OrderKey,
        submission: &Submission,
        stored: EncodedAnswer,
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
        order: &OrderKey,
        receipt: Option<&RequestReceipt>,
    ) -> Result<(), ServiceError> {
        if receipt.is_some() {
            // The first writer has remembered the same answer.
            self.intake.add_shipments(order, &[], receipt).await?;
        }
        Ok(())
    }
}

/// The most bytes of a body that is kept for a repetition of its request. Most have
/// two or three thousand, and each thousand costs two units to write.
const MAX_KEPT: usize = 32 * 1024;

/// What an answer is about.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AnswerSubject {
    pub(crate) order: String,
    /// The shipment, if the answer is about one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shipment: Option<u16>,
}

/// A body of an answer that can be made again from what is stored.
pub(crate) trait AnswerBody: Serialize {
    /// What it is about.
    fn subject(&self) -> AnswerSubject;
}

/// An answer, ready to be sent, and what is kept of it.
#[derive(Debug)]
pub(crate) struct EncodedAnswer {
    sent: StoredAnswer,
    /// What is kept instead, if it is too large.
    reference: Option<StoredAnswer>,
}

/// The answer with this body.
pub(crate) fn encode_answer(status: StatusCode, body: &impl AnswerBody) -> EncodedAnswer {
    let answer = |body, is_reference| StoredAnswer {
        status: status.as_u16(),
        body,
        is_reference,
    };
    let sent = answer(to_json(body), false);
    let is_large = sent.body.len() > MAX_KEPT;
    EncodedAnswer {
        reference: is_large.then(|| answer(to_json(&body.subject()), true)),
        sent,
    }
}

fn to_json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("answers are maps with text keys")
}

/// The receipt that goes with the change which `submission` asks for.
pub(crate) fn build_receipt(
    shop: &ShopId,
    submission: &Submission,
    answer: &EncodedAnswer,
    now: Timestamp,
) -> Option<RequestReceipt> {
    Some(RequestReceipt {
        shop: shop.clone(),
        key: submission.key.clone()?,
        body_hash: submission.fingerprint.clone(),
        answer: answer.reference.as_ref().unwrap_or(&answer.sent).clone(),
        at: now,
    })
}

/// The HTTP answer.
pub(crate) fn to_response(answer: &EncodedAnswer) -> Response {
    stored_response(&answer.sent)
}

fn stored_response(answer: &StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.body.clone()).into_response()
}
