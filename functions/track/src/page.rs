//! The page as HTML: one style sheet, no script, nothing from elsewhere.

use crate::view::TrackingPage;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use minijinja::{
    Environment, Error, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Serde,
};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../templates/style.css");

static TEMPLATES: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()?,
    );
    environment.add_template("frame.html", include_str!("../templates/frame.html"))?;
    environment.add_template("order.html", include_str!("../templates/order.html"))?;
    environment.add_template("notice.html", include_str!("../templates/notice.html"))?;
    Ok(environment)
});

/// Only our own style sheet, known by its hash, and nothing else at all.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

/// The value of `Content-Security-Policy`.
pub fn content_security_policy() -> &'static str {
    &POLICY
}

/// The page of an order.
pub fn render_order(page: &TrackingPage) -> Result<String, Error> {
    fill_template("order.html", Value::from(Serde(page)))
}

/// The page that there is where there is no order to show.
pub fn render_notice(is_not_found: bool) -> Result<String, Error> {
    fill_template("notice.html", context! { is_not_found })
}

fn fill_template(name: &str, context: Value) -> Result<String, Error> {
    let templates = TEMPLATES
        .as_ref()
        .map_err(|error| Error::new(error.kind(), error.to_string()))?;
    // The browser hashes what stands between the tags, to the byte.
    let style = Value::from_safe_string(STYLE.to_owned());
    templates
        .get_template(name)?
        .render(context! { style, ..context })
}
