//! Takes in what carriers tell by themselves.
//!
//! Trigger  the HTTP API, `/v1/push/{carrier}` of carriers that prove who they are,
//!          `/v1/push/{carrier}/{token}` of those that cannot
//! Reads    the secret of the carrier's pushes, and not its credentials; the keys that
//!          it publishes; shipments by their number
//! Writes   the shipment, once, if something is new; the cohort it joins; of what
//!          is unsigned only that the carrier is to be asked, to `PollQueue`, at
//!          most twice in the time that the carrier wants between two questions
//! On error the sender gets an answer that says why, as `application/problem+json`:
//!          503 for what it should send again
//! Repeats  are harmless: scans that are known change nothing, whenever they come
//!
//! | module | subject |
//! | --- | --- |
//! | `take` | from a push to shipments |
//! | `hint` | from a hint to a question |
//! | `keys` | who signs with published keys |
//! | `problem` | why something is refused |

mod handle_push;
mod keys;
mod problem;
mod push_trigger;

use crate::{
    handle_push::PushOutcome,
    keys::KeyRing,
    problem::{PushProblem, PushProblemCode},
};
use axum::{
    Json, Router,
    extract::{MatchedPath, Path, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use posthorn_carriers::{CarrierClient, client::Timeouts};
use posthorn_platform::{
    Aws, Config, clock,
    queue::Queue,
    secrets::Secrets,
    shipment_recorder::ShipmentRecorder,
    store::{orders::OrderStore, push_triggers::PollDebounce, schedule::ScheduleStore},
};
use serde::Serialize;
use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};
use tower::{Service, ServiceExt as _};
use tracing::info;

/// The most bytes of a push.
const MAX_BODY: usize = 256 * 1024;

/// How long the keys of a sender are waited for: the sender itself waits.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(1),
    total: Duration::from_secs(3),
};

/// The function. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Receive(Arc<ReceiveStores>);

/// What lies behind the routes.
#[derive(Debug)]
pub(crate) struct ReceiveStores {
    records: ShipmentRecorder,
    secrets: Secrets,
    poll: Queue,
    client: CarrierClient,
    keys: KeyRing,
    hints: PollDebounce,
}

/// When the push came. Tests put theirs into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct PushReceivedAt(pub Timestamp);

/// The answer to a push that was taken in.
#[derive(Debug, Serialize)]
struct PushAnswer {
    outcome: PushOutcome,
}

impl Receive {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> anyhow::Result<Self> {
        Self::new(aws, &Config::for_function("Receive"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(ReceiveStores {
            records: ShipmentRecorder {
                orders: OrderStore::new(aws, config)?,
                schedule: ScheduleStore::new(aws, config)?,
            },
            secrets: Secrets::new(aws, &config.require_setting("POSTHORN_PARAMETERS")?),
            poll: Queue::new(aws, config.require_setting("POSTHORN_POLL_QUEUE")?),
            client: CarrierClient::new(TIMEOUTS)?,
            keys: KeyRing::default(),
            hints: PollDebounce::new(aws, config)?,
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
            .map_request(|request: http::Request<lambda_http::Body>| request.map(axum_body))
    }

    /// The routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/v1/push/{carrier}", post(receive_push))
            .route("/v1/push/{carrier}/{token}", post(receive_push))
            .fallback(no_route)
            .method_not_allowed_fallback(no_route)
            .layer(middleware::from_fn(observe_request))
            .with_state(self)
    }
}

/// Takes a push in. What it answers is all the same to the sender but for its
/// status: anything else than a success is sent again, or not at all.
async fn receive_push(
    State(receive): State<Receive>,
    Path(path): Path<HashMap<String, String>>,
    request: Request,
) -> Result<Json<PushAnswer>, PushProblem> {
    let (parts, body) = request.into_parts();
    let now = parts
        .extensions
        .get::<PushReceivedAt>()
        .map_or_else(clock::now, |PushReceivedAt(now)| *now);
    let body = read_body(body, &parts.headers).await?;
    let segment = |name: &str| path.get(name).map_or("", String::as_str);
    let push = handle_push::IncomingPush {
        carrier: segment("carrier"),
        token: segment("token"),
        headers: &parts.headers,
        body: &body,
    };
    let outcome = receive.0.handle_push(push, now).await?;
    Ok(Json(PushAnswer { outcome }))
}

/// All of a body, unless it is too large.
async fn read_body(body: axum::body::Body, headers: &HeaderMap) -> Result<Bytes, PushProblem> {
    let too_large = || PushProblem::new(PushProblemCode::BodyTooLarge, "a push has at most 256 KB");
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| too_large())
}

fn axum_body(body: lambda_http::Body) -> axum::body::Body {
    match body {
        lambda_http::Body::Text(text) => axum::body::Body::from(text),
        lambda_http::Body::Binary(bytes) => axum::body::Body::from(bytes),
        _ => axum::body::Body::empty(),
    }
}

async fn no_route() -> PushProblem {
    PushProblem::new(
        PushProblemCode::RouteNotFound,
        "carriers post to /v1/push/{carrier}, see docs/OPERATIONS.md",
    )
}

/// One line per push, by the route's pattern: the path itself may hold a secret.
async fn observe_request(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    info!(
        http.route = route,
        http.status = status,
        "POST {route} was answered {status}"
    );
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
