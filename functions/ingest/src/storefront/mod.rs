//! Storefronts' webhooks: orders and fulfilments, signed by the shop's app.
//!
//! Deliveries come late, twice and out of order. The signature is verified over
//! the raw bytes before anything is parsed; a repetition is known by its event
//! id; what is older, by the time in its signed body, than what was taken over
//! last changes nothing.

mod carrier;
mod fulfillment;
mod intake;
mod progress;
mod read;
mod reconcile;
mod shipments;
mod state;
mod writes;

pub(crate) use carrier::resolve_shipment;

use crate::{
    Ingest,
    field::{FieldPath, Issue, Issues},
    problem::{Problem, ProblemCode},
    request::{self, ReceivedAt},
};
use axum::{
    Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    routing::post,
};
use posthorn_domain::id::ShopId;
use posthorn_platform::store::idempotency::KnownRequest;
use posthorn_storefronts::{Delivery, Profile, STOREFRONTS, Storefront, UnreadableBody};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use utoipa::ToSchema;

/// An order with hundreds of lines has more bytes than other bodies may have;
/// a storefront would send a refused one a few times and then give it up.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The route of each storefront.
pub(crate) fn storefront_routes() -> Router<Ingest> {
    STOREFRONTS
        .iter()
        .fold(Router::new(), |router, &storefront| {
            let path = format!("/v1/webhooks/{}/{{shop}}", storefront.profile().id);
            router.route(
                &path,
                post(move |state, now, shop, request| {
                    receive_webhook(storefront, state, now, shop, request)
                }),
            )
        })
}

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

/// Accepts a webhook of a storefront; `openapi` describes it once for each of the list.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{storefront}/{shop}",
    tag = "webhooks",
    security(()),
    params(
        ("shop" = String, Path, description = "The shop's id in this installation", example = "acme"),
    ),
    request_body(content = Object, description = "The storefront's order or fulfilment, bare or wrapped", content_type = "application/json"),
    responses(
        (status = 200, description = "It is taken over, or need not be", body = WebhookAnswer),
        (status = 401, description = "`wrong_signature`, `stale_delivery`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`: more than 4 MB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`: no JSON object, or no id", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`order_not_yet_known`, `busy`, `unavailable`: the storefront sends it again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn receive_webhook(
    storefront: &'static dyn Storefront,
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    shop: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<WebhookAnswer>, Problem> {
    let profile = storefront.profile();
    let (parts, body) = request.into_parts();
    let shop = shop
        .ok()
        .and_then(|Path(shop)| ShopId::parse(&shop).ok())
        .ok_or_else(wrong_signature)?;
    // Any caller may name shops here: the parameter store, which all real shops
    // share, is asked only about one that there is.
    if !ingest.settings.is_known(&shop, now).await? {
        return Err(wrong_signature());
    }
    let body = request::read_body(body, &parts.headers, MAX_BODY).await?;
    let Some(secret) = ingest.secrets.storefront(&shop, profile.id, now).await? else {
        warn!(shop.id = %shop, "No {} secret is set for shop {shop}", profile.name);
        return Err(wrong_signature());
    };
    if !storefront.verify_signature(&parts.headers, &body, secret.expose_secret().as_bytes()) {
        warn!(shop.id = %shop, "A webhook for shop {shop} had a wrong signature");
        return Err(wrong_signature());
    }

    let delivery = Delivery::read_headers(&profile.headers, &parts.headers, &body);
    if delivery.is_out_of_time(profile, now) {
        warn!(shop.id = %shop, "A signed webhook for shop {shop} was out of time");
        return Err(stale_delivery());
    }
    let event = storefront.read_delivery(&delivery, &body);
    let Some(event) = event.map_err(|error| invalid_body(profile, &error))? else {
        return Ok(webhook_answer(Outcome::Ignored));
    };
    // The event id says all: its body may differ by API version.
    let (idempotency, key) = (&ingest.intake.idempotency, delivery.repetition_key(profile));
    if idempotency.find_request(&shop, &key, &key, now).await? != KnownRequest::Fresh {
        return Ok(webhook_answer(Outcome::Duplicate));
    }
    let outcome = ingest
        .take_over(&shop, profile, &delivery, event, now)
        .await?;
    info!(shop.id = %shop, topic = delivery.topic, outcome = ?outcome, "A webhook of shop {shop} was taken over");
    Ok(webhook_answer(outcome))
}

const fn webhook_answer(outcome: Outcome) -> Json<WebhookAnswer> {
    Json(WebhookAnswer { outcome })
}

fn wrong_signature() -> Problem {
    Problem::new(
        ProblemCode::WrongSignature,
        "the signature does not match the body, or the shop has no webhook secret",
    )
}

fn stale_delivery() -> Problem {
    Problem::new(
        ProblemCode::StaleDelivery,
        "the delivery was triggered more than a day ago, or lies in the future",
    )
}

fn invalid_body(profile: &Profile, error: &UnreadableBody) -> Problem {
    warn!(error = %error, "A signed webhook cannot be read: it {error}");
    let mut findings = Issues::default();
    let mut place = FieldPath::at_root(&mut findings);
    match error {
        UnreadableBody::Json { .. } => {
            return Problem::new(ProblemCode::MalformedJson, format!("the body {error}"));
        }
        UnreadableBody::Missing(field) => place.at_field(field).add_issue(
            Issue::new(ProblemCode::Required, "is missing")
                .with_expected(format!("an id of {}'s", profile.name)),
        ),
    }
    Problem::from_field_errors(findings.errors)
}
