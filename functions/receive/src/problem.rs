//! Why a push is not taken in: RFC 9457. Senders look at the status alone; the
//! rest is for the person who sets a webhook up and reads the sender's log.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// The kinds of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushProblemCode {
    /// There is no such route.
    RouteNotFound,
    /// No carrier of this name pushes.
    UnknownCarrier,
    /// It does not prove where it comes from.
    WrongSignature,
    /// More bytes than a push has.
    BodyTooLarge,
    /// It may be proven in a while and is to be sent again. Any caller can send such
    /// pushes, so it is no failure of ours, which would raise an alarm.
    NotYetProven,
    /// Something that we rely on failed: it is to be sent again.
    Unavailable,
}

/// An answer that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushProblem {
    code: PushProblemCode,
    detail: String,
}

impl PushProblemCode {
    const fn describe_code(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::RouteNotFound => ("route_not_found", StatusCode::NOT_FOUND, "No such route"),
            Self::UnknownCarrier => ("unknown_carrier", StatusCode::NOT_FOUND, "Unknown carrier"),
            Self::WrongSignature => (
                "wrong_signature",
                StatusCode::UNAUTHORIZED,
                "Wrong signature",
            ),
            Self::BodyTooLarge => (
                "body_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "Body too large",
            ),
            Self::NotYetProven => (
                "not_yet_proven",
                StatusCode::TOO_MANY_REQUESTS,
                "Not yet proven",
            ),
            Self::Unavailable => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Unavailable",
            ),
        }
    }
}

impl PushProblem {
    pub(crate) fn new(code: PushProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// What is signed with a key that its sender may be asked for in a while.
    pub(crate) fn not_yet_proven() -> Self {
        Self::new(
            PushProblemCode::NotYetProven,
            "its key is not known and will be asked for in a minute, send it again",
        )
    }

    /// What the sender is to send again.
    pub(crate) fn retry_later() -> Self {
        Self::new(PushProblemCode::Unavailable, "send it again in a moment")
    }
}

impl IntoResponse for PushProblem {
    fn into_response(self) -> Response {
        let (code, status, title) = self.code.describe_code();
        let body = json!({
            "type": format!("urn:posthorn:problem:{code}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.detail,
            "code": code,
        });
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        let again = match self.code {
            PushProblemCode::NotYetProven => Some("60"),
            PushProblemCode::Unavailable => Some("30"),
            _ => None,
        };
        if let Some(seconds) = again {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
