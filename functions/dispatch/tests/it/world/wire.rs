//! The wire between a worker and AWS, on which one thing goes wrong.

use std::{
    io,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use posthorn_platform::testing::{response, wire};
use serde_json::json;
use tokio::sync::Notify;

use super::provider::Provider;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is carried out, and the connection breaks before the answer.
    AnswerLost,
    /// It is carried out, and no answer comes in time.
    TimedOut,
    /// The connection breaks before it is carried out.
    RequestLost,
    /// 500, and it is not carried out.
    Error500,
    /// 500, and it is carried out all the same.
    Error500CarriedOut,
    /// Too much at once.
    Throttled,
    /// No server listens.
    Refused,
    /// The request itself is refused, for good.
    Rejected,
    /// It is refused, for the recipient wants no more.
    OptedOut,
    /// The worker dies before it is carried out.
    DiesBefore,
    /// The worker dies after it is carried out.
    DiesAfter,
}

impl Fault {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::AnswerLost,
        Self::TimedOut,
        Self::RequestLost,
        Self::Error500,
        Self::Error500CarriedOut,
        Self::Throttled,
        Self::Refused,
        Self::Rejected,
        Self::DiesBefore,
        Self::DiesAfter,
    ];

    const fn is_carried_out(self) -> bool {
        matches!(
            self,
            Self::AnswerLost | Self::TimedOut | Self::Error500CarriedOut | Self::DiesAfter
        )
    }
}

/// Which requests of a worker suffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The nth of all, from 0.
    Nth(usize),
    /// The first so many writes to a table.
    FirstWrites(usize),
    /// The first so many calls of a provider.
    FirstSends(usize),
}

/// What goes wrong on a worker's wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble {
    /// With which requests.
    pub(crate) which: Which,
    /// What.
    pub(crate) fault: Fault,
}

/// What a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    /// How fast messages go out, and how many.
    Pace,
    Queue,
    Send,
}

/// A worker's wire.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: Provider,
    trouble: Option<Trouble>,
    seen: Mutex<Vec<Kind>>,
    death: Notify,
}

impl Wire {
    /// A wire to `provider` and, through real HTTP, to the tables.
    pub(crate) fn new(provider: &Provider, trouble: Option<Trouble>) -> Self {
        Self(Arc::new(Inner {
            provider: provider.clone(),
            trouble,
            seen: Mutex::default(),
            death: Notify::new(),
        }))
    }

    /// What a worker is given in place of its connections.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let tapped = self.clone();
        wire(move |request, table| {
            let wire = tapped.clone();
            HttpConnectorFuture::new(async move { wire.carry(request, table).await })
        })
    }

    async fn carry(
        &self,
        request: HttpRequest,
        table: SharedHttpConnector,
    ) -> Result<HttpResponse, ConnectorError> {
        let fault = self.fault_of(&request);
        let is_for_table = matches!(kind_of(&request), Kind::Read | Kind::Write | Kind::Pace);
        let code = if is_for_table {
            (400, "ThrottlingException")
        } else {
            (429, "TooManyRequestsException")
        };
        let answer = if fault.is_none_or(Fault::is_carried_out) {
            Some(if is_for_table {
                table.call(request).await?
            } else if kind_of(&request) == Kind::Queue {
                response(200, &json!({ "MessageId": "1", "MD5OfMessageBody": "" }))
            } else if request.method() == "GET" {
                response(200, &json!({ "SendQuota": { "MaxSendRate": 14.0 } }))
            } else {
                self.0.provider.accept(&request)
            })
        } else {
            None
        };
        let broken = |kind: io::ErrorKind| Err(ConnectorError::io(io::Error::from(kind).into()));
        match fault {
            None => Ok(answer.expect("what has no fault is carried out")),
            Some(Fault::AnswerLost | Fault::RequestLost) => broken(io::ErrorKind::ConnectionReset),
            Some(Fault::TimedOut) => Err(ConnectorError::timeout("no answer".into())),
            Some(Fault::Refused) => broken(io::ErrorKind::ConnectionRefused),
            Some(Fault::Error500 | Fault::Error500CarriedOut) => {
                Ok(failure(500, "InternalServerError"))
            }
            Some(Fault::Throttled) => Ok(failure(code.0, code.1)),
            Some(Fault::Rejected) => Ok(failure(400, "MessageRejected")),
            Some(Fault::OptedOut) => Ok(HttpResponse::new(
                400.try_into().expect("a status"),
                SdkBody::from(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>OptedOut</Code>\
                     <Message>no more</Message></Error></ErrorResponse>",
                ),
            )),
            Some(Fault::DiesBefore | Fault::DiesAfter) => {
                self.0.death.notify_one();
                std::future::pending().await
            }
        }
    }

    /// How many requests went over it.
    pub(crate) fn n_requests(&self) -> usize {
        self.0.seen.lock().unwrap().len()
    }

    /// Waits for the death of the worker.
    pub(crate) async fn death(&self) {
        self.0.death.notified().await;
    }

    fn fault_of(&self, request: &HttpRequest) -> Option<Fault> {
        let kind = kind_of(request);
        let mut seen = self.0.seen.lock().unwrap();
        let n_before = |wanted| seen.iter().filter(|kind| **kind == wanted).count();
        let trouble = self.0.trouble.filter(|trouble| match trouble.which {
            Which::Nth(nth) => seen.len() == nth,
            Which::FirstWrites(n) => kind == Kind::Write && n_before(kind) < n,
            Which::FirstSends(n) => kind == Kind::Send && n_before(kind) < n,
        });
        seen.push(kind);
        trouble.map(|trouble| trouble.fault)
    }
}

fn kind_of(request: &HttpRequest) -> Kind {
    match request.headers().get("x-amz-target") {
        Some("DynamoDB_20120810.PutItem") => Kind::Write,
        Some("DynamoDB_20120810.UpdateItem") => Kind::Pace,
        Some(target) if target.starts_with("AmazonSQS.") => Kind::Queue,
        Some(_) => Kind::Read,
        None => Kind::Send,
    }
}

fn failure(status: u16, code: &'static str) -> HttpResponse {
    let mut failure = response(status, &json!({ "__type": code, "message": "not today" }));
    failure.headers_mut().insert("x-amzn-errortype", code);
    failure
}
