//! Takes in what shops, suppliers and storefronts know: orders, shipments, what
//! happened to them, stages.
//!
//! Trigger  the HTTP API, `/v1/*`: shops, ERPs and Shopify's webhooks
//! Reads    API key and settings of the shop, the order, answers already given
//! Writes   orders, shipments and contacts, each change with the answer to it in one
//!          transaction; before that, which carriers the sweep is to look at; after
//!          that, new shipments to `PollQueue`, so that they need not wait for their slot
//! On error the caller gets an answer that says why, as `application/problem+json`
//! Repeats  are harmless: by `Idempotency-Key`, by the order's id and the shipment's
//!          number, by the event id of a webhook
//!
//! | module | subject |
//! | --- | --- |
//! | `path`, `parameters`, `request`, `given`, `body` | a request as it came |
//! | `parse`, `text`, `carrier` | from bodies to domain types |
//! | `orders`, `shipments`, `reports`, `sheet`, `status`, `contact`, `notifications` | the routes of the API |
//! | `storefront` | the routes of storefronts' webhooks |
//! | `attempts` | what is tried again |
//! | `answer`, `idempotency`, [`problem`] | what is answered |
//! | [`openapi`] | the document that describes it all |

mod answer;
mod attempts;
mod body;
mod carrier;
mod contact;
mod csv_reports;
mod field;
mod idempotency;
mod notifications;
mod number;
pub mod openapi;
mod orders;
mod parameters;
mod parse;
mod path;
pub mod problem;
mod reports;
mod request;
mod shipments;
mod status;
mod storefront;
mod validate;

pub use request::ReceivedAt;

use crate::{
    carrier::InUse,
    problem::{Problem, ProblemCode},
};
use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{self, Next},
    response::Response,
    routing::{get, patch, post},
};
use http::{HeaderValue, Method, header};
use jiff::Timestamp;
use lambda_http::tower;
use posthorn_domain::{
    id::{OrderKey, TrackingToken},
    shipment::Shipment,
};
use posthorn_platform::{
    Aws, Config,
    config::ConfigError,
    poll_request::PollRequest,
    queue::Queue,
    secrets::Secrets,
    store::{
        intake::Intake, notifications::NotificationStore, schedule::ScheduleStore,
        settings::SettingsStore,
    },
};
use std::{convert::Infallible, sync::Arc};
use tower::{Service, ServiceExt as _};
use tracing::{info, warn};

/// Everything that the routes need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest(Arc<IngestStores>);

/// What lies behind the routes.
#[derive(Debug)]
pub struct IngestStores {
    pub(crate) intake: Intake,
    pub(crate) notifications: NotificationStore,
    pub(crate) settings: SettingsStore,
    schedule: ScheduleStore,
    poll: Queue,
    pub(crate) secrets: Secrets,
    pub(crate) in_use: InUse,
    track_url: String,
}

impl std::ops::Deref for Ingest {
    type Target = IngestStores;

    fn deref(&self) -> &IngestStores {
        &self.0
    }
}

impl Ingest {
    /// The stores and settings that the environment names.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        let config = Config::for_function("Ingest");
        let secrets = Secrets::new(aws, &config.require_setting("POSTHORN_PARAMETERS")?);
        Self::new(aws, &config, secrets)
    }

    /// The stores and settings that `config` names.
    pub fn new(aws: &Aws, config: &Config, secrets: Secrets) -> Result<Self, ConfigError> {
        let track_url = config.require_setting("POSTHORN_TRACK_URL")?;
        Ok(Self(Arc::new(IngestStores {
            intake: Intake::new(aws, config)?,
            notifications: NotificationStore::new(aws, config)?,
            settings: SettingsStore::new(aws, config)?,
            schedule: ScheduleStore::new(aws, config)?,
            poll: Queue::new(aws, config.require_setting("POSTHORN_POLL_QUEUE")?),
            secrets,
            in_use: config.parsed_or(
                "POSTHORN_CARRIERS",
                "a list of carriers that can be asked, as ups,dhl_unified",
                InUse::default(),
            )?,
            track_url: track_url.trim_end_matches('/').to_owned(),
        })))
    }

    /// What answers a request, whatever it is.
    pub fn service(
        self,
    ) -> impl Service<
        http::Request<lambda_http::Body>,
        Response = Response,
        Error = Infallible,
        Future: Send,
    > + Clone {
        self.router()
            .map_request(|request: http::Request<lambda_http::Body>| {
                path::reassemble_path(request.map(axum_body))
            })
    }

    /// The routes: each that [`openapi`] describes and no other, which a test asserts.
    pub fn router(self) -> Router {
        storefront::storefront_routes()
            .route("/v1/orders", post(orders::create_order))
            .route("/v1/orders/{id}", get(orders::read_order))
            .route(
                "/v1/orders/{id}/notifications",
                get(notifications::list_notifications),
            )
            .route("/v1/orders/{id}/contact", patch(contact::patch_contact))
            .route("/v1/orders/{id}/shipments", post(shipments::add_shipment))
            .route(
                "/v1/orders/{id}/shipments/{n}",
                get(shipments::read_shipment).patch(shipments::change_shipment),
            )
            .route(
                "/v1/orders/{id}/shipments/{n}/reports",
                post(reports::add_report),
            )
            .route("/v1/orders/{id}/status", post(status::set))
            .route("/v1/reports", post(csv_reports::import_reports))
            .route("/v1/openapi.json", get(openapi::serve_document))
            .fallback(no_route)
            .method_not_allowed_fallback(no_method)
            .layer(middleware::from_fn(observe))
            .with_state(self)
    }
}

impl IngestStores {
    /// Sees to it that the sweep looks where `shipments` are about to be
    /// written: afterwards a crash could leave a shipment that is never polled.
    pub(crate) async fn will_be_polled(
        &self,
        shipments: &[Shipment],
        now: Timestamp,
    ) -> Result<(), posthorn_platform::ServiceError> {
        for shipment in shipments {
            if let Some(cadence) = shipment.cadence {
                let carrier = shipment.provider();
                self.schedule.ensure_cohort(carrier, cadence, now).await?;
            }
        }
        Ok(())
    }

    /// Has shipments that were just written asked after at once: who has waited
    /// for a number wants to see more than the number. What cannot be queued is
    /// asked after when its slot comes.
    pub(crate) async fn ask_first(&self, order: &OrderKey, shipments: &[Shipment]) {
        let requests = PollRequest::about_new(order, shipments);
        if let Err(error) = self.poll.send_batch(&requests).await {
            warn!(%order, %error, "Could not have the shipments of {order} asked after at once");
        }
    }

    /// The customer's page of an order.
    pub(crate) fn tracking_url(&self, token: &TrackingToken) -> String {
        format!("{}/t/{token}", self.track_url)
    }
}

fn axum_body(body: lambda_http::Body) -> axum::body::Body {
    match body {
        lambda_http::Body::Text(text) => axum::body::Body::from(text),
        lambda_http::Body::Binary(bytes) => axum::body::Body::from(bytes),
        _ => axum::body::Body::empty(),
    }
}

async fn no_route() -> Problem {
    Problem::new(
        ProblemCode::RouteNotFound,
        "see /v1/openapi.json for the routes that there are",
    )
}

async fn no_method(method: Method) -> Problem {
    Problem::new(
        ProblemCode::MethodNotAllowed,
        format!("this route does not know {method}, see /v1/openapi.json"),
    )
}

/// One line per request, by the route's pattern: the path itself holds ids.
/// Responses must not be cached, nor their type be guessed.
async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    info!(
        http.method = %method,
        http.route = route,
        http.status = status,
        "{method} {route} was answered {status}"
    );
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
