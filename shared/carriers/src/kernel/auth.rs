//! Who asks: credentials into requests, and sessions out of logins.

use crate::{
    access::CarrierAccess,
    outcome::{CarrierError, CarrierErrorKind},
    profile::{Auth, CarrierProfile, ClientAuth},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Request, Response, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::time::Duration;

/// What a login brought.
#[derive(Debug, Clone)]
pub struct LoginSession {
    /// The token.
    pub token: SecretString,
    /// How long it holds.
    pub lifetime: Duration,
}

/// How long a token holds whose issuer does not say.
const DEFAULT_LIFETIME: Duration = Duration::from_mins(30);
/// No token is trusted for longer, whatever its issuer says.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);

/// The OAuth2 client-credentials request of a profile that has one.
pub fn login_request(
    profile: &CarrierProfile,
    access: &CarrierAccess,
) -> Option<Result<Request<Bytes>, CarrierError>> {
    let Auth::OAuth2 {
        token_path,
        client,
        scope,
    } = profile.auth
    else {
        return None;
    };
    let url = format!("{}{token_path}", access.base_url());
    let mut fields = vec![("grant_type", "client_credentials")];
    fields.extend(scope.map(|scope| ("scope", scope)));
    if client != ClientAuth::Basic {
        fields.push(("client_id", access.get_field("client_id")));
        fields.push(("client_secret", access.get_field("client_secret")));
    }
    let (content_type, body) = if client == ClientAuth::Json {
        let object: serde_json::Map<_, _> = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        (
            "application/json",
            serde_json::Value::Object(object).to_string(),
        )
    } else {
        ("application/x-www-form-urlencoded", form_body(&fields))
    };
    let mut request = Request::post(url)
        .header(CONTENT_TYPE, content_type)
        .header(ACCEPT, "application/json");
    if client == ClientAuth::Basic {
        request = request.header(
            AUTHORIZATION,
            basic_header(
                access.get_field("client_id"),
                access.get_field("client_secret"),
            ),
        );
    }
    Some(
        request
            .body(Bytes::from(body))
            .map_err(|_| unusable_credentials()),
    )
}

/// Reads an OAuth2 token answer. `expires_in` is a text at some carriers.
pub fn parse_login(response: &Response<Bytes>) -> Result<LoginSession, CarrierError> {
    #[derive(Deserialize)]
    struct TokenBody {
        access_token: String,
        #[serde(default)]
        expires_in: Option<Seconds>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    if !response.status().is_success() {
        // Some issuers answer a wrong client with 400 invalid_client.
        return Err(CarrierError::unauthorized_access(format!(
            "the token endpoint answered {}",
            response.status()
        )));
    }
    let token: TokenBody = serde_json::from_slice(response.body()).map_err(|_| {
        CarrierError::unreadable_response("the token endpoint answered without a token")
    })?;
    let seconds = match token.expires_in {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.trim().parse().ok(),
        None => None,
    };
    if token.access_token.is_empty() {
        return Err(CarrierError::unreadable_response(
            "the token endpoint answered an empty token",
        ));
    }
    Ok(LoginSession {
        token: token.access_token.into(),
        lifetime: seconds
            .map_or(DEFAULT_LIFETIME, Duration::from_secs)
            .min(LONGEST_LIFETIME),
    })
}

/// Puts credentials into a request as the profile says.
pub fn authorize_request(
    profile: &CarrierProfile,
    request: &mut Request<Bytes>,
    access: &CarrierAccess,
    session: Option<&LoginSession>,
) -> Result<(), CarrierError> {
    match profile.auth {
        Auth::None | Auth::Body => Ok(()),
        Auth::OAuth2 { .. } | Auth::Login => match session {
            Some(session) => put_header(
                request,
                "authorization",
                &format!("Bearer {}", session.token.expose_secret()),
            ),
            None => Err(CarrierError::unauthorized_access("no session was opened")),
        },
        Auth::Header {
            name,
            prefix,
            field,
        } => put_header(
            request,
            name,
            &format!("{prefix}{}", access.get_field(field)),
        ),
        Auth::Basic {
            user,
            password,
            headers,
        } => {
            put_header(
                request,
                "authorization",
                &basic_header(access.get_field(user), access.get_field(password)),
            )?;
            put_all(request, headers, access)
        }
        Auth::Headers(headers) => put_all(request, headers, access),
        Auth::Query(parameter, field) => {
            let joint = if request.uri().query().is_some() {
                '&'
            } else {
                '?'
            };
            let value = utf8_percent_encode(access.get_field(field), NON_ALPHANUMERIC);
            let uri = format!("{}{joint}{parameter}={value}", request.uri());
            *request.uri_mut() = uri.parse::<Uri>().map_err(|_| unusable_credentials())?;
            Ok(())
        }
    }
}

/// The value of an HTTP Basic header.
pub fn basic_header(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn put_all(
    request: &mut Request<Bytes>,
    headers: &[(&'static str, &'static str)],
    access: &CarrierAccess,
) -> Result<(), CarrierError> {
    headers
        .iter()
        .filter(|(_, field)| !access.get_field(field).is_empty())
        .try_for_each(|(name, field)| put_header(request, name, access.get_field(field)))
}

fn put_header(
    request: &mut Request<Bytes>,
    name: &'static str,
    value: &str,
) -> Result<(), CarrierError> {
    let name = HeaderName::try_from(name).map_err(|_| unusable_credentials())?;
    let mut value = HeaderValue::try_from(value).map_err(|_| unusable_credentials())?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(())
}

fn form_body(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect::<Vec<_>>()
        .join("&")
}

fn unusable_credentials() -> CarrierError {
    CarrierError::new(
        CarrierErrorKind::Unauthorized,
        "the credentials hold characters that no header can carry",
    )
}
