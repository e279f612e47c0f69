//! Who asks: credentials into requests, and sessions out of logins.

use crate::{
    access::Access,
    outcome::{ErrorKind, Failure},
    profile::{Auth, ClientAuth, Profile},
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
pub struct Session {
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
pub fn login(profile: &Profile, access: &Access) -> Option<Result<Request<Bytes>, Failure>> {
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
        fields.push(("client_id", access.get("client_id")));
        fields.push(("client_secret", access.get("client_secret")));
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
        ("application/x-www-form-urlencoded", form(&fields))
    };
    let mut request = Request::post(url)
        .header(CONTENT_TYPE, content_type)
        .header(ACCEPT, "application/json");
    if client == ClientAuth::Basic {
        request = request.header(
            AUTHORIZATION,
            basic(access.get("client_id"), access.get("client_secret")),
        );
    }
    Some(request.body(Bytes::from(body)).map_err(|_| unusable()))
}

/// Reads an OAuth2 token answer. `expires_in` is a text at some carriers.
pub fn parse_login(response: &Response<Bytes>) -> Result<Session, Failure> {
    #[derive(Deserialize)]
    struct Token {
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
        return Err(Failure::unauthorized(format!(
            "the token endpoint answered {}",
            response.status()
        )));
    }
    let token: Token = serde_json::from_slice(response.body())
        .map_err(|_| Failure::unreadable("the token endpoint answered without a token"))?;
    let seconds = match token.expires_in {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.trim().parse().ok(),
        None => None,
    };
    if token.access_token.is_empty() {
        return Err(Failure::unreadable(
            "the token endpoint answered an empty token",
        ));
    }
    Ok(Session {
        token: token.access_token.into(),
        lifetime: seconds
            .map_or(DEFAULT_LIFETIME, Duration::from_secs)
            .min(LONGEST_LIFETIME),
    })
}

/// Puts credentials into a request as the profile says.
pub fn authorize(
    profile: &Profile,
    request: &mut Request<Bytes>,
    access: &Access,
    session: Option<&Session>,
) -> Result<(), Failure> {
    match profile.auth {
        Auth::None | Auth::Body => Ok(()),
        Auth::OAuth2 { .. } | Auth::Login => match session {
            Some(session) => put(
                request,
                "authorization",
                &format!("Bearer {}", session.token.expose_secret()),
            ),
            None => Err(Failure::unauthorized("no session was opened")),
        },
        Auth::Header {
            name,
            prefix,
            field,
        } => put(request, name, &format!("{prefix}{}", access.get(field))),
        Auth::Basic {
            user,
            password,
            headers,
        } => {
            put(
                request,
                "authorization",
                &basic(access.get(user), access.get(password)),
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
            let value = utf8_percent_encode(access.get(field), NON_ALPHANUMERIC);
            let uri = format!("{}{joint}{parameter}={value}", request.uri());
            *request.uri_mut() = uri.parse::<Uri>().map_err(|_| unusable())?;
            Ok(())
        }
    }
}

/// The value of an HTTP Basic header.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn put_all(
    request: &mut Request<Bytes>,
    headers: &[(&'static str, &'static str)],
    access: &Access,
) -> Result<(), Failure> {
    headers
        .iter()
        .filter(|(_, field)| !access.get(field).is_empty())
        .try_for_each(|(name, field)| put(request, name, access.get(field)))
}

fn put(request: &mut Request<Bytes>, name: &'static str, value: &str) -> Result<(), Failure> {
    let name = HeaderName::try_from(name).map_err(|_| unusable())?;
    let mut value = HeaderValue::try_from(value).map_err(|_| unusable())?;
    value.set_sensitive(true);
    request.headers_mut().insert(name, value);
    Ok(())
}

fn form(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect::<Vec<_>>()
        .join("&")
}

fn unusable() -> Failure {
    Failure::new(
        ErrorKind::Unauthorized,
        "the credentials hold characters that no header can carry",
    )
}
