//! Shopify's webhooks: orders and fulfilments, signed by the shop's app.
//!
//! Deliveries come late, twice and out of order. The signature is verified over
//! the raw bytes before anything is parsed; a repetition is known by its event
//! id; what is older, by the time in its signed body, than what was taken over
//! last changes nothing.

mod carrier;
mod delivery;
mod fulfillment;
mod intake;
mod payload;
mod progress;
mod read;
mod reconcile;
mod state;
mod writes;

use crate::{
    Ingest,
    given::{Fault, Findings, Place},
    problem::{Code, Problem},
    request::{self, Now},
};
use axum::{
    Json,
    extract::{Path, Request, State, rejection::PathRejection},
};
use delivery::Delivery;
use intake::Event;
use payload::PayloadError;
use posthorn_domain::id::{OrderId, ShopId};
use posthorn_platform::store::idempotency::Known;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use utoipa::ToSchema;

/// An order with hundreds of lines has more bytes than other bodies may have;
/// Shopify would send a refused one eight times and then give it up.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is taken over.
    Recorded,
    /// It says what is known.
    Unchanged,
    /// It was taken over before.
    Duplicate,
    /// Something newer was taken over already.
    Stale,
    /// Its topic is none that we need.
    Ignored,
}

/// The answer to a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookAnswer {
    /// What became of it.
    outcome: Outcome,
}

/// Takes in a webhook of a Shopify shop.
///
/// Topics `orders/create`, `orders/cancelled`, `orders/updated`, `orders/paid`,
/// `orders/fulfilled` and `orders/partially_fulfilled` (these for orders that are
/// known), `fulfillments/create`, `fulfillments/update` and
/// `fulfillment_events/create`; others are answered with `ignored`. The body is Shopify's, signed with the
/// secret that lies in the parameter store under `shops/<shop>/shopify`.
#[utoipa::path(
    post,
    path = "/v1/webhooks/shopify/{shop}",
    operation_id = "receive_shopify_webhook",
    tag = "webhooks",
    security(()),
    params(
        ("shop" = String, Path, description = "The shop's id in this installation", example = "acme"),
        ("X-Shopify-Hmac-Sha256" = String, Header, description = "Base64 of HMAC-SHA256 over the raw body; also without `X-`, as the others"),
        ("X-Shopify-Topic" = String, Header, description = "What happened", example = "fulfillments/create"),
        ("X-Shopify-Event-Id" = Option<String>, Header, description = "Tells a repetition"),
        ("X-Shopify-Triggered-At" = Option<String>, Header, description = "When it happened: refused if more than a day ago. Which of two is newer is judged by the body"),
    ),
    request_body(content = Object, description = "Shopify's order or fulfilment, bare or wrapped", content_type = "application/json"),
    responses(
        (status = 200, description = "It is taken over, or need not be", body = WebhookAnswer),
        (status = 401, description = "`wrong_signature`, `stale_delivery`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`: more than 4 MB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`: no JSON object, or no id", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`order_not_yet_known`, `busy`, `unavailable`: Shopify sends it again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn receive(
    State(ingest): State<Ingest>,
    Now(now): Now,
    shop: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<WebhookAnswer>, Problem> {
    let (parts, body) = request.into_parts();
    let shop = shop
        .ok()
        .and_then(|Path(shop)| ShopId::parse(&shop).ok())
        .ok_or_else(wrong_signature)?;
    // Anybody may name shops here: the parameter store, which all real shops
    // share, is asked only about one that there is.
    if !ingest.settings.is_known(&shop, now).await? {
        return Err(wrong_signature());
    }
    let body = request::read(body, &parts.headers, MAX_BODY).await?;
    let Some(secret) = ingest.secrets.shopify(&shop, now).await? else {
        warn!(shop.id = %shop, "No Shopify secret is set for shop {shop}");
        return Err(wrong_signature());
    };
    if !delivery::is_signed(&parts.headers, &body, secret.expose_secret().as_bytes()) {
        warn!(shop.id = %shop, "A webhook for shop {shop} had a wrong signature");
        return Err(wrong_signature());
    }

    let delivery = Delivery::read(&parts.headers, &body);
    if delivery.is_out_of_time(now) {
        warn!(shop.id = %shop, "A signed webhook for shop {shop} was out of time");
        return Err(stale_delivery());
    }
    let event = match delivery.topic.as_str() {
        topic @ ("orders/create"
        | "orders/updated"
        | "orders/paid"
        | "orders/fulfilled"
        | "orders/partially_fulfilled"
        | "orders/cancelled") => {
            let order: payload::Order = payload::read(&body, "order").map_err(invalid)?;
            let id = order_id(order.id.as_deref(), "id")?;
            let order = Box::new(order);
            match topic {
                "orders/create" => Event::Placed(id, order),
                "orders/cancelled" => Event::Cancelled(id, order),
                _ => Event::Updated(id, order),
            }
        }
        "fulfillments/create" | "fulfillments/update" => {
            let fulfillment: payload::Fulfillment =
                payload::read(&body, "fulfillment").map_err(invalid)?;
            let id = order_id(fulfillment.order_id.as_deref(), "order_id")?;
            if fulfillment.id.is_none() {
                return Err(invalid(PayloadError::Missing("id")));
            }
            Event::Fulfillment(id, Box::new(fulfillment))
        }
        "fulfillment_events/create" => {
            let event: payload::FulfillmentEvent =
                payload::read(&body, "fulfillment_event").map_err(invalid)?;
            let id = order_id(event.order_id.as_deref(), "order_id")?;
            if event.fulfillment_id.is_none() {
                return Err(invalid(PayloadError::Missing("fulfillment_id")));
            }
            Event::Progress(id, Box::new(event))
        }
        _ => return Ok(answer(Outcome::Ignored)),
    };
    // The event id says all: its body may differ by API version.
    let (idempotency, key) = (&ingest.intake.idempotency, delivery.key());
    if idempotency.find(&shop, &key, &key, now).await? != Known::Fresh {
        return Ok(answer(Outcome::Duplicate));
    }
    let outcome = ingest.take_over(&shop, &delivery, event, now).await?;
    info!(shop.id = %shop, topic = delivery.topic, outcome = ?outcome, "A webhook of shop {shop} was taken over");
    Ok(answer(outcome))
}

const fn answer(outcome: Outcome) -> Json<WebhookAnswer> {
    Json(WebhookAnswer { outcome })
}

fn wrong_signature() -> Problem {
    Problem::new(
        Code::WrongSignature,
        "the signature does not match the body, or the shop has no webhook secret",
    )
}

fn stale_delivery() -> Problem {
    Problem::new(
        Code::StaleDelivery,
        "the delivery was triggered more than a day ago, or lies in the future",
    )
}

fn order_id(id: Option<&str>, field: &'static str) -> Result<OrderId, Problem> {
    id.and_then(|id| OrderId::parse(id).ok())
        .ok_or_else(|| invalid(PayloadError::Missing(field)))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn invalid(error: PayloadError) -> Problem {
    warn!(error = %error, "A signed webhook cannot be read: it {error}");
    let mut findings = Findings::default();
    let mut place = Place::root(&mut findings);
    match &error {
        PayloadError::Json { .. } => {
            return Problem::new(Code::MalformedJson, format!("the body {error}"));
        }
        PayloadError::Missing(field) => place
            .field(field)
            .fault(Fault::new(Code::Required, "is missing").expecting("an id of Shopify's")),
    }
    Problem::invalid(findings.errors)
}
