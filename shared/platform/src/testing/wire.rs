//! The wire between the code under test and AWS, for a test to tap or to cut.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// An HTTP client through which every request goes to `handle`, together with
/// the connection that would carry it out.
pub fn wire(
    handle: impl Fn(HttpRequest, SharedHttpConnector) -> HttpConnectorFuture + Send + Sync + 'static,
) -> SharedHttpClient {
    SharedHttpClient::new(Wire {
        through: aws_smithy_http_client::Builder::new().build_http(),
        handle: Arc::new(handle),
    })
}

/// An HTTP client that answers by itself what `answer` has an answer to, a
/// status and a body, and has the rest carried out. `answer` sees the operation,
/// as in `AmazonSQS.SendMessage`, and the body.
pub fn answering(
    answer: impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static,
) -> SharedHttpClient {
    wire(move |request, through| {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice(body).unwrap_or(Value::Null);
        match answer(operation, &body) {
            Some((status, body)) => HttpConnectorFuture::ready(Ok(response(status, &body))),
            None => through.call(request),
        }
    })
}

/// An HTTP client that carries out every request but loses the answer to the
/// first of `operation`, as in `PutItem`.
pub fn losing_an_answer(operation: &'static str) -> SharedHttpClient {
    let is_lost = AtomicBool::new(false);
    wire(move |request, through| {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let loses = target.ends_with(operation) && !is_lost.swap(true, Ordering::SeqCst);
        let answer = through.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            if loses {
                return Err(ConnectorError::io("the answer was lost".into()));
            }
            Ok(answer)
        })
    })
}

/// An answer of AWS with a body of JSON.
pub fn response(status: u16, body: &Value) -> HttpResponse {
    let status = status.try_into().expect("a status of three digits");
    HttpResponse::new(status, SdkBody::from(body.to_string()))
}

type Handle = dyn Fn(HttpRequest, SharedHttpConnector) -> HttpConnectorFuture + Send + Sync;

struct Wire {
    through: SharedHttpClient,
    handle: Arc<Handle>,
}

struct Connector {
    through: SharedHttpConnector,
    handle: Arc<Handle>,
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            through: self.through.http_connector(settings, components),
            handle: Arc::clone(&self.handle),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        (self.handle)(request, self.through.clone())
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
