//! Requests as API Gateway hands them over, made safe before a request is built.
//!
//! API Gateway passes on what a caller wrote: raw `<` or control characters in a
//! query string, header values that HTTP does not allow. `lambda_http` builds a URI
//! of it and panics where it is none, which the caller sees as a 502 and the alarms
//! as a fault of ours. So the event is read here field by field: what a URI cannot
//! hold is percent-encoded, what a header cannot hold is replaced, what is missing or
//! of another type is taken for empty. The answer is then that of the routes.

use std::fmt;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use lambda_http::{
    Adapter, IntoResponse, LambdaEvent, Request, lambda_runtime,
    request::LambdaRequest,
    tower::{Service, ServiceExt as _},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

/// What a path cannot hold as it is. `%` stays: what a caller has encoded twice is
/// still encoded here.
const PATH: &AsciiSet = &QUERY.add(b'?').add(b'[').add(b']');
/// What a query string cannot hold as it is.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// The most bytes of a path or a query string: a URI holds 65,534 in all, and API
/// Gateway takes 10,240 for the request line with all headers.
const MAX_PART: usize = 30_000;
/// The most headers: a map of headers holds some 24,000 and panics beyond.
const MAX_HEADERS: usize = 1000;

/// Serves HTTP requests of API Gateway until Lambda ends the process.
pub async fn run<S, R, E>(routes: S) -> Result<(), lambda_http::Error>
where
    S: Service<Request, Response = R, Error = E> + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + 'static,
    E: fmt::Debug + Into<lambda_runtime::Diagnostic> + 'static,
{
    lambda_runtime::run(service(routes)).await
}

/// What answers an event of API Gateway, whatever it holds.
pub fn service<S, R, E>(
    routes: S,
) -> impl Service<LambdaEvent<Value>, Response = impl Serialize + fmt::Debug, Error = E>
where
    S: Service<Request, Response = R, Error = E> + 'static,
    S::Future: Send + 'static,
    R: IntoResponse + 'static,
    E: 'static,
{
    Adapter::from(routes).map_request(|event: LambdaEvent<Value>| LambdaEvent {
        payload: LambdaRequest::ApiGatewayV2(safe(&event.payload)),
        context: event.context,
    })
}

/// The request in an event of API Gateway's HTTP APIs (payload format 2.0).
pub fn request(event: &Value) -> Request {
    LambdaRequest::ApiGatewayV2(safe(event)).into()
}

/// The event with nothing in it that no request can be built of.
fn safe(event: &Value) -> ApiGatewayV2httpRequest {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let mut safe = ApiGatewayV2httpRequest::default();
    safe.raw_path = Some(path(text("/rawPath").unwrap_or_default()));
    safe.raw_query_string = Some(encoded(text("/rawQueryString").unwrap_or_default(), QUERY));
    safe.headers = headers(event.get("headers"));
    // No route knows a method that cannot be read.
    let method = text("/requestContext/http/method").unwrap_or_default();
    safe.request_context.http.method =
        Method::from_bytes(method.as_bytes()).unwrap_or(Method::TRACE);
    let is_said = event.get("isBase64Encoded").and_then(Value::as_bool) == Some(true);
    let body = text("/body");
    // What is no base64 comes to the route as it is, which says what is wrong with it.
    safe.is_base64_encoded = is_said && body.is_some_and(|body| STANDARD.decode(body).is_ok());
    safe.body = body.map(str::to_owned);
    safe
}

fn path(raw: &str) -> String {
    let path = encoded(raw, PATH);
    if path.starts_with('/') {
        path
    } else {
        format!("/{path}")
    }
}

/// The text with what `set` names encoded; nothing of a text that is too long for any
/// route.
fn encoded(raw: &str, set: &'static AsciiSet) -> String {
    let text = utf8_percent_encode(raw, set).to_string();
    if text.len() > MAX_PART {
        return String::new();
    }
    text
}

/// The headers whose names are names. A caller that looks for a value with a character that
/// no header can hold finds one that is not ASCII, and refuses it.
fn headers(given: Option<&Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let given = given.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in given.take(MAX_HEADERS) {
        let (Ok(name), Some(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            value.as_str().map(clean),
        ) else {
            continue;
        };
        // Nothing here asks for the host, and one that is none makes no URI.
        if name != header::HOST
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            headers.append(name, value);
        }
    }
    headers
}

fn clean(value: &str) -> String {
    value
        .chars()
        .map(|c| {
            if c.is_control() && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request_of(event: &Value) -> Request {
        request(event)
    }

    #[test]
    fn what_a_uri_cannot_hold_is_encoded() {
        for (path, query, expected) in [
            ("/v1/orders", "", "/v1/orders"),
            ("/v1/orders", "q=<script>", "/v1/orders?q=%3Cscript%3E"),
            ("/t/a\"b", "x=\"y\"&z=1", "/t/a%22b?x=%22y%22&z=1"),
            (
                "/a b/c?d#e",
                "a\u{0}b\r\nc",
                "/a%20b/c%3Fd%23e?a%00b%0D%0Ac",
            ),
            ("/\u{fc}", "\u{fc}=%FC", "/%C3%BC?%C3%BC=%FC"),
            ("no/slash", "a=b#c", "/no/slash?a=b%23c"),
            ("", "", "/"),
            ("//evil.example/", "", "//evil.example/"),
        ] {
            let event = json!({"rawPath": path, "rawQueryString": query});
            assert_eq!(request_of(&event).uri().to_string(), expected);
        }
        let long = json!({"rawPath": format!("/{}", "\"".repeat(20_000))});
        assert_eq!(request_of(&long).uri(), "/");
    }

    #[test]
    fn a_value_that_no_header_can_hold_is_none_that_can_be_read() {
        let event = json!({"headers": {
            "host": "evil host/", "x-forwarded-proto": "java script", "no name": "x",
            "idempotency-key": "a\nb", "content-type": "application/json", "n": 5, "o": null,
        }});
        let request = request_of(&event);
        let read = |name: &str| request.headers().get(name).map(|value| value.to_str().ok());
        assert_eq!(read("idempotency-key"), Some(None));
        assert_eq!(read("content-type"), Some(Some("application/json")));
        assert_eq!((read("host"), read("n"), read("o")), (None, None, None));
    }

    #[test]
    fn a_body_is_decoded_if_it_is_base64_and_comes_as_it_is_otherwise() {
        let body = |event: Value| request_of(&event).into_body().to_vec();
        let encoded = json!({"body": "eyJhIjoxfQ==", "isBase64Encoded": true});
        assert_eq!(body(encoded), b"{\"a\":1}");
        let plain = json!({"body": "{}", "isBase64Encoded": false});
        assert_eq!(body(plain), b"{}");
        for odd in ["%%%", "a", "====", "eyJhIjoxfQ"] {
            let event = json!({"body": odd, "isBase64Encoded": true});
            assert_eq!(body(event), odd.as_bytes());
        }
        assert_eq!(body(json!({"body": 5, "isBase64Encoded": true})), b"");
    }

    #[test]
    fn an_event_of_another_kind_is_a_request_that_no_route_knows() {
        for event in [
            json!(null),
            json!([]),
            json!({}),
            json!({"requestContext": 5}),
        ] {
            let request = request_of(&event);
            assert_eq!(
                (request.method(), request.uri().path()),
                (&Method::TRACE, "/")
            );
        }
    }
}
