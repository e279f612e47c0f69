//! Answers over HTTP: a page for people, facts for programs, the same headers on both.

use crate::{
    facts::Facts,
    page,
    view::{PageInput, TrackingPage},
};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tracing::error;

/// What the caller can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    /// A page.
    Html,
    /// Facts.
    Json,
}

impl ResponseFormat {
    /// JSON for a request that accepts it and not HTML; a page for all others.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let accepts = |kind: &str| {
            headers
                .get_all(header::ACCEPT)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .any(|value| value.to_ascii_lowercase().contains(kind))
        };
        if accepts("application/json") && !accepts("text/html") {
            Self::Json
        } else {
            Self::Html
        }
    }
}

/// The answer that shows an order.
pub fn order_response(shown: &PageInput<'_>, format: ResponseFormat) -> Response {
    let body = match format {
        ResponseFormat::Html => page::render_order(&TrackingPage::from_input(shown)),
        ResponseFormat::Json => return json_response(StatusCode::OK, &Facts::from_input(shown)),
    };
    match body {
        Ok(html) => build_response(StatusCode::OK, "text/html; charset=utf-8", html),
        Err(error) => {
            error!("Could not render the page: {error}");
            notice_response(StatusCode::INTERNAL_SERVER_ERROR, format)
        }
    }
}

/// The answer that shows no order: not found, or out of order ourselves.
pub fn notice_response(status: StatusCode, format: ResponseFormat) -> Response {
    match format {
        ResponseFormat::Json => {
            let code = if status == StatusCode::NOT_FOUND {
                "not_found"
            } else {
                "unavailable"
            };
            json_response(status, &serde_json::json!({ "code": code }))
        }
        ResponseFormat::Html => match page::render_notice(status == StatusCode::NOT_FOUND) {
            Ok(html) => build_response(status, "text/html; charset=utf-8", html),
            Err(error) => {
                error!("Could not render the notice: {error}");
                let text = "Sorry, this page is not available just now.".to_owned();
                build_response(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "text/plain; charset=utf-8",
                    text,
                )
            }
        },
    }
}

fn json_response(status: StatusCode, facts: &impl serde::Serialize) -> Response {
    match serde_json::to_string(facts) {
        Ok(body) => build_response(status, "application/json", body),
        Err(error) => {
            error!("Could not write the facts: {error}");
            let body = r#"{"code":"unavailable"}"#.to_owned();
            build_response(StatusCode::INTERNAL_SERVER_ERROR, "application/json", body)
        }
    }
}

fn build_response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    let cache = if status == StatusCode::OK {
        "private, max-age=60"
    } else {
        "no-store"
    };
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "accept"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (
            HeaderName::from_static("permissions-policy"),
            "interest-cohort=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(page::content_security_policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
