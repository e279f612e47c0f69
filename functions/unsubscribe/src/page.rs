//! The page: one question, one button, one answer.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, StatusCode, header};
use minijinja::{Environment, context};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use tracing::error;

const STYLE: &str = include_str!("../templates/style.css");

/// Only our own style sheet, known by its hash; the button leads back to here.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
});

/// What there is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageText {
    /// Whether the mails of this shop shall stop.
    Ask {
        /// Its name.
        shop: String,
    },
    /// They have stopped.
    Stopped {
        /// Whose.
        shop: String,
    },
    /// The link is none of ours.
    NotFound,
    /// It did not work.
    Failed,
}

/// The answer that says so.
pub(crate) fn to_response(says: &PageText) -> Response {
    let (status, kind, shop) = match says {
        PageText::Ask { shop } => (StatusCode::OK, "ask", shop.as_str()),
        PageText::Stopped { shop } => (StatusCode::OK, "stopped", shop.as_str()),
        PageText::NotFound => (StatusCode::NOT_FOUND, "not_found", ""),
        PageText::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "failed", ""),
    };
    let page = fill_page(kind, shop).unwrap_or_else(|error| {
        error!("Could not render the page: {error}");
        "Sorry, this page is not available just now.".to_owned()
    });
    let mut response = (status, Body::from(page)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn fill_page(kind: &str, shop: &str) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template("page.html", include_str!("../templates/page.html"))?;
    let style = minijinja::Value::from_safe_string(STYLE.to_owned());
    environment
        .get_template("page.html")?
        .render(context! { kind, shop, style })
}
