//! An answer out of a file: whole, or a bare body of which the status must be
//! guessed.

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use jiff::Timestamp;
use posthorn_carriers::{CarrierRequest, recorded::RecordedResponse};
use serde_json::Value;

/// Stands for the time of a question of which it is unknown when it was asked:
/// later than anything that an answer tells of.
pub(crate) const SOME_DAY: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// A file, and what was said of it.
pub(crate) struct File<'a> {
    /// What stands in it.
    pub(crate) bytes: &'a [u8],
    /// Its HTTP status, if it was given.
    pub(crate) status: Option<u16>,
    /// When it was asked, if it was given.
    pub(crate) asked_at: Option<Timestamp>,
}

impl File<'_> {
    /// Whether it has neither a status line nor a status by other means.
    pub(crate) fn is_bare(&self) -> bool {
        self.status.is_none() && !self.bytes.starts_with(b"HTTP/")
    }

    /// The answer. A whole one may lack our own headers.
    pub(crate) fn read_response(&self) -> anyhow::Result<RecordedResponse> {
        if self.bytes.starts_with(b"HTTP/") {
            self.read_whole()
        } else {
            self.read_bare()
        }
    }

    fn asked_at(&self) -> Timestamp {
        self.asked_at.unwrap_or(SOME_DAY)
    }

    fn read_bare(&self) -> anyhow::Result<RecordedResponse> {
        let body = self.bytes.strip_prefix(b"\xef\xbb\xbf");
        let body = Bytes::copy_from_slice(push_body(body.unwrap_or(self.bytes)));
        let kind = if body.trim_ascii_start().starts_with(b"<") {
            "text/xml"
        } else {
            "application/json"
        };
        let status = self.status.or_else(|| stated_status(&body)).unwrap_or(200);
        let response = Response::builder()
            .status(StatusCode::from_u16(status).context("--status")?)
            .header(CONTENT_TYPE, kind)
            .body(body)
            .context("a status and a body make an answer")?;
        let call = CarrierRequest::to_send(Request::new(Bytes::new()), Vec::new(), self.asked_at());
        Ok(RecordedResponse { call, response })
    }

    fn read_whole(&self) -> anyhow::Result<RecordedResponse> {
        let end = self
            .bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(self.bytes.len().saturating_sub(1));
        let (line, rest) = self.bytes.split_at((end + 1).min(self.bytes.len()));
        let head_end = rest
            .windows(2)
            .position(|pair| pair == b"\n\n" || pair == b"\n\r")
            .unwrap_or(rest.len());
        let head = String::from_utf8_lossy(&rest[..head_end]).to_lowercase();
        let mut whole = line.to_vec();
        if !head.contains("posthorn-asked-at:") {
            whole.extend(format!("posthorn-asked-at: {}\n", self.asked_at()).bytes());
        }
        whole.extend(rest);
        Ok(RecordedResponse::parse(&whole)?)
    }
}

/// The body of a recorded push, whose request line and headers say nothing to us.
fn push_body(file: &[u8]) -> &[u8] {
    if !file.starts_with(b"POST ") {
        return file;
    }
    [&b"\r\n\r\n"[..], b"\n\n"]
        .into_iter()
        .find_map(|gap| {
            let at = file.windows(gap.len()).position(|window| window == gap)?;
            Some(&file[at + gap.len()..])
        })
        .unwrap_or(file)
}

/// The HTTP status that an error states of itself: as RFC 9457 and several
/// carriers write it, and as Apigee, the gateway of some, names it by a code.
fn stated_status(body: &[u8]) -> Option<u16> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let at = |path: &[&str]| path.iter().try_fold(&body, |value, name| value.get(name));
    let by_field = [
        &["status"][..],
        &["statusCode"],
        &["httpCode"],
        &["meta", "code"],
        &["error", "code"],
    ]
    .into_iter()
    .find_map(|path| failure_status(at(path)?));
    let code = || {
        [
            at(&["fault", "detail", "errorcode"]),
            at(&["error", "code"]),
            at(&["errors"]).and_then(|errors| errors.get(0)?.get("code")),
            at(&["error"]),
            at(&["code"]),
        ]
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
    };
    by_field.or_else(|| status_by_name(code()?))
}

/// The status that a code names in words, as `steps.jwt.TokenExpired`,
/// `TOO.MANY.REQUESTS` or `INTERNAL_SERVER_ERROR`.
fn status_by_name(code: &str) -> Option<u16> {
    let code = code.to_ascii_lowercase().replace(['.', '_', ' '], "");
    let says = |words: &[&str]| words.iter().any(|word| code.contains(word));
    if says(&["ratelimit", "quota", "toomanyrequests"]) {
        Some(429)
    } else if says(&[
        "jwt",
        "oauth",
        "accesstoken",
        "apikey",
        "notauthorized",
        "invalidclient",
        "invalidtoken",
        "unauthorized",
    ]) {
        Some(401)
    } else if says(&["internalserver", "serviceunavailable"]) || code.starts_with("messaging") {
        Some(503)
    } else {
        None
    }
}

/// A status of a failure, also as a text. `AfterShip` puts a digit behind it.
fn failure_status(value: &Value) -> Option<u16> {
    let number = match value {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let status = match number {
        400..=599 => number,
        4_000..=5_999 => number / 10,
        _ => return None,
    };
    u16::try_from(status).ok()
}

/// Whether a body says of itself that it is an error, without a status.
pub(crate) fn is_error(body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let is_there = |value: &Value| match value {
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    ["errors", "error", "fault"]
        .into_iter()
        .filter_map(|name| body.get(name))
        .any(is_there)
}
