//! What every request has in common: when it came, whose it is, which order it
//! is about, and its body as bytes.

use crate::{
    Ingest,
    field::{Field, Issues, JsonType},
    problem::{FieldError, Problem, ProblemCode},
};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Path, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;
use posthorn_domain::id::{OrderId, OrderKey, ShipmentIndex, ShopId};
use posthorn_platform::{
    api_key::ApiKeyHash,
    clock,
    metric::{self, Metric},
};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// The most bytes of a body.
pub(crate) const MAX_BODY: usize = 256 * 1024;
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// When the request came. Tests put theirs into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedAt(pub Timestamp);

/// The shop whose credential came with the request: nothing else says whose
/// orders are meant.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) ShopId);

/// The order that the path names, of the caller's shop.
#[derive(Debug, Clone)]
pub(crate) struct Target(pub(crate) OrderKey);

/// The shipment that the path names.
#[derive(Debug, Clone)]
pub(crate) struct ShipmentTarget(pub(crate) OrderKey, pub(crate) ShipmentIndex);

/// A JSON body that is to change something, and the key under which a
/// repetition of it is found.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    /// What the caller calls this request; none if it does not care.
    pub(crate) key: Option<String>,
    /// Tells this request from any other under the same key.
    pub(crate) fingerprint: String,
    body: Bytes,
}

impl<S: Send + Sync> FromRequestParts<S> for ReceivedAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Once per request: every extractor gets the same time.
        let now = *parts.extensions.get_or_insert_with(|| Self(clock::now()));
        Ok(now)
    }
}

impl FromRequestParts<Ingest> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ingest: &Ingest) -> Result<Self, Problem> {
        let hash = bearer_token(&parts.headers)
            .and_then(ApiKeyHash::from_key)
            .ok_or_else(|| {
                Problem::new(
                    ProblemCode::Unauthorized,
                    "send an API key of this installation as `Authorization: Bearer ph_…`",
                )
            })?;
        let ReceivedAt(now) = ReceivedAt::from_request_parts(parts, ingest).await?;
        let shop = ingest.settings.shop_of_key(&hash, now).await?;
        shop.map(Self)
            .ok_or_else(|| Problem::new(ProblemCode::Unauthorized, "the API key is not known"))
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

async fn path_captures(parts: &mut Parts) -> HashMap<String, String> {
    Path::<HashMap<String, String>>::from_request_parts(parts, &())
        .await
        .map(|Path(captures)| captures)
        .unwrap_or_default()
}

impl FromRequestParts<Ingest> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ingest: &Ingest) -> Result<Self, Problem> {
        let Caller(shop) = Caller::from_request_parts(parts, ingest).await?;
        let order = path_captures(parts)
            .await
            .get("id")
            .and_then(|id| OrderId::parse(id).ok())
            .ok_or_else(order_not_found)?;
        Ok(Self(OrderKey { shop, order }))
    }
}

impl FromRequestParts<Ingest> for ShipmentTarget {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ingest: &Ingest) -> Result<Self, Problem> {
        let Target(key) = Target::from_request_parts(parts, ingest).await?;
        let number = path_captures(parts)
            .await
            .get("n")
            .and_then(|n| n.parse().ok())
            .ok_or_else(shipment_not_found)?;
        Ok(Self(key, ShipmentIndex(number)))
    }
}

pub(crate) fn order_not_found() -> Problem {
    Problem::new(
        ProblemCode::OrderNotFound,
        "the shop has no order with this id",
    )
}

pub(crate) fn shipment_not_found() -> Problem {
    Problem::new(
        ProblemCode::ShipmentNotFound,
        "the order has no shipment with this number; they count from 1",
    )
}

impl FromRequest<Ingest> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Ingest) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Problem::new(
                ProblemCode::UnsupportedMediaType,
                "send the body as `Content-Type: application/json`",
            ));
        }
        let key = idempotency_key(&parts.headers)?;
        let body = read_body(body, &parts.headers, MAX_BODY).await?;
        let mut hash = Sha256::new();
        for part in [parts.method.as_str(), parts.uri.path()] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(&body);
        Ok(Self {
            key,
            fingerprint: hex::encode(hash.finalize()),
            body,
        })
    }
}

impl Submission {
    /// The body as `T`. What is wrong with its fields comes to light later,
    /// all at once.
    pub(crate) fn parse_json<T: JsonType>(&self) -> Result<T, Problem> {
        let text = utf8_text(&self.body).ok_or_else(|| {
            Problem::new(
                ProblemCode::MalformedJson,
                "the body is not UTF-8, or was not before it was passed on",
            )
        })?;
        let given: Field<T> = serde_json::from_str(text).map_err(|error| {
            Problem::new(
                ProblemCode::MalformedJson,
                format!(
                    "the body is not JSON at line {}, column {}",
                    error.line(),
                    error.column()
                ),
            )
        })?;
        let found = match given {
            Field::Value(body) => return Ok(body),
            Field::Absent => "null",
            Field::Wrong { found } => found,
        };
        Err(Problem::from_field_errors(vec![FieldError {
            field: String::new(),
            code: ProblemCode::WrongType,
            detail: format!("the body is {found}"),
            expected: Some("an object".to_owned()),
        }]))
    }
}

/// The text of `body`, if it is UTF-8 and was so when it was sent: a gateway that
/// passes a body on as text has put U+FFFD for what it could not read. Text in
/// UTF-16 has a NUL for each letter of ASCII.
pub(crate) fn utf8_text(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok();
    text.filter(|text| !text.contains(['\u{fffd}', '\0']))
}

/// All of a body, unless it has more than `max` bytes.
pub(crate) async fn read_body(
    body: Body,
    headers: &HeaderMap,
    max: usize,
) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            ProblemCode::BodyTooLarge,
            format!("the body has more than {max} bytes"),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    axum::body::to_bytes(body, max)
        .await
        .map_err(|_| too_large())
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return false;
    };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        || (kind.to_ascii_lowercase().starts_with("application/")
            && kind.to_ascii_lowercase().ends_with("+json"))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default().trim();
    let is_valid =
        (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_valid || given.next().is_some() {
        return Err(Problem::new(
            ProblemCode::InvalidIdempotencyKey,
            "send one Idempotency-Key of 1 to 128 visible ASCII characters without spaces",
        ));
    }
    Ok(Some(format!("key:{key}")))
}

/// Counts the warnings that a request gave cause to, each by its code.
pub(crate) fn count_warnings(source: WarningSource, warnings: &[FieldError]) {
    for warning in warnings {
        if warning.code != ProblemCode::UnknownField {
            metric::emit_metric(Metric::InputWarning {
                source: source.as_str(),
                code: warning.code.as_str(),
            });
        }
    }
}

/// Where the input that caused a warning came from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WarningSource {
    /// A request of the API, whose answer tells the warning as well.
    Api,
    /// A webhook of the storefront with this id, which reads no answer.
    Storefront(&'static str),
}

impl WarningSource {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Storefront(id) => id,
        }
    }
}

/// Counts what a body of `route` held that we do not know.
pub(crate) fn count_unknown(route: &'static str, findings: &Issues) {
    for field in &findings.unknown {
        metric::emit_metric(Metric::UnknownField { route, field });
    }
}
