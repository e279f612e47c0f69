//! The one client that talks for all carriers.

mod push;

use crate::{
    access::Access,
    auth::Session,
    carrier::{Call, Carrier, Context, Exchange, Wanted},
    outcome::{ErrorKind, Failure, Outcome},
    quota::{Free, Toll},
    token::Sessions,
};
use backon::{ExponentialBuilder, Retryable as _};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use http::{
    Request, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// No answer of a carrier is larger than this.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// Calls that one call may lead to: pages, registrations.
const MAX_FOLLOW_UPS: usize = 16;
/// Failures in one round after which a carrier is left alone.
const PATIENCE: usize = 3;

/// Asks carriers: sends, waits, retries what is worth it, renews sessions.
///
/// It never sleeps longer than a second: what must wait longer comes back as a
/// failure that says for how long, because a sleeping Lambda is billed.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    sessions: Sessions,
    /// Calls that each carrier may have under way, whatever round they belong to.
    permits: Mutex<HashMap<&'static str, Arc<Semaphore>>>,
}

/// How long the client waits.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(10),
        }
    }
}

/// Who is asked, with which key, and at whose price.
#[derive(Clone, Copy)]
struct Asking<'a> {
    carrier: &'a dyn Carrier,
    access: &'a Access,
    toll: &'a dyn Toll,
    now: Timestamp,
}

/// Why an attempt brought nothing.
enum Attempt {
    /// An answer that another attempt may better.
    Answered(Response<Bytes>),
    /// No answer, but perhaps another time.
    Failed(Failure),
    /// No answer, and another attempt would take as long.
    Final(Failure),
}

impl Client {
    /// A client for this process.
    pub fn new(timeouts: Timeouts) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("posthorn/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Failure::unavailable(format!("no HTTP client: {error}")))?;
        Ok(Self {
            http,
            sessions: Sessions::default(),
            permits: Mutex::default(),
        })
    }

    /// Asks `carrier` about `wanted`: one outcome for each, in the same order.
    pub async fn track(
        &self,
        carrier: &dyn Carrier,
        wanted: &[Wanted],
        access: &Access,
        now: Timestamp,
    ) -> Vec<(TrackingNumber, Outcome)> {
        self.track_within(carrier, wanted, access, &Free, now).await
    }

    /// The same, with each request paid for at `toll`: those that it does not
    /// let through are not sent, the last of `wanted` first.
    pub async fn track_within(
        &self,
        carrier: &dyn Carrier,
        wanted: &[Wanted],
        access: &Access,
        toll: &dyn Toll,
        now: Timestamp,
    ) -> Vec<(TrackingNumber, Outcome)> {
        let asking = Asking {
            carrier,
            access,
            toll,
            now,
        };
        let round = Round::default();
        let calls = carrier.plan(wanted, &Context { access, now });
        // One login for the round, before its calls start all at once.
        if carrier.profile().auth.has_session()
            && !calls.is_empty()
            && let Err(failure) = self.session(asking, None).await
        {
            let refused = |wanted: &Wanted| (wanted.number.clone(), failure.clone().into());
            return wanted.iter().map(refused).collect();
        }
        let answers: Vec<_> = stream::iter(calls)
            .map(|call| self.ask(asking, call, &round))
            .buffer_unordered(carrier.profile().concurrency.max(1))
            .collect()
            .await;
        let mut outcomes: HashMap<TrackingNumber, Outcome> =
            answers.into_iter().flatten().collect();
        wanted
            .iter()
            .map(|wanted| {
                let outcome = outcomes.remove(&wanted.number).unwrap_or_else(|| {
                    Failure::unreadable("the answer does not mention the number").into()
                });
                (wanted.number.clone(), outcome)
            })
            .collect()
    }

    /// One call and what it leads to.
    async fn ask(
        &self,
        asking: Asking<'_>,
        call: Call,
        round: &Round,
    ) -> Vec<(TrackingNumber, Outcome)> {
        let carrier = asking.carrier;
        let mut calls = VecDeque::from([call]);
        let mut outcomes = Vec::new();
        let mut n_calls = 0;
        while let Some(call) = calls.pop_front() {
            let permits = self.permits(carrier);
            let _permit = permits.acquire().await.expect("nobody closes it");
            n_calls += 1;
            let halted = round.halted().or_else(|| {
                (n_calls > MAX_FOLLOW_UPS)
                    .then(|| Failure::unreadable("the answer leads to ever more questions"))
            });
            let answer = match halted {
                Some(failure) => call.all(&failure.into()),
                None => match self.exchange(asking, &call).await {
                    Ok(response) => carrier.parse(&call, &response),
                    Err(failure) => call.all(&failure.into()),
                },
            };
            for (_, outcome) in &answer.outcomes {
                round.note(outcome);
            }
            outcomes.extend(answer.outcomes);
            calls.extend(answer.next);
        }
        outcomes
    }

    fn permits(&self, carrier: &dyn Carrier) -> Arc<Semaphore> {
        let profile = carrier.profile();
        let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            permits
                .entry(profile.id)
                .or_insert_with(|| Arc::new(Semaphore::new(profile.concurrency.max(1)))),
        )
    }

    async fn exchange(&self, asking: Asking<'_>, call: &Call) -> Result<Response<Bytes>, Failure> {
        let request = match &call.exchange {
            Exchange::Known(response) => return Ok(response.clone()),
            Exchange::Send(request) => request,
        };
        let numbers = call.wanted.len();
        if !asking.carrier.profile().auth.has_session() {
            return self.send_authorized(asking, request, numbers, None).await;
        }
        let session = self.session(asking, None).await?;
        let response = self
            .send_authorized(asking, request, numbers, Some(&session))
            .await?;
        if !asking.carrier.is_session_over(&response) {
            return Ok(response);
        }
        let session = self.session(asking, Some(&session)).await?;
        self.send_authorized(asking, request, numbers, Some(&session))
            .await
    }

    async fn session(
        &self,
        asking: Asking<'_>,
        stale: Option<&Session>,
    ) -> Result<Session, Failure> {
        let Asking {
            carrier,
            access,
            toll,
            now,
        } = asking;
        let send = |login| self.send_patiently(login, toll, 0);
        self.sessions.open(carrier, access, stale, now, send).await
    }

    async fn send_authorized(
        &self,
        asking: Asking<'_>,
        request: &Request<Bytes>,
        numbers: usize,
        session: Option<&Session>,
    ) -> Result<Response<Bytes>, Failure> {
        let mut request = request.clone();
        asking
            .carrier
            .authorize(&mut request, asking.access, session)?;
        self.send_patiently(request, asking.toll, numbers).await
    }

    /// Sends, and sends again what failed in passing: at most three times in
    /// two seconds, each time at the price of a request.
    async fn send_patiently(
        &self,
        request: Request<Bytes>,
        toll: &dyn Toll,
        numbers: usize,
    ) -> Result<Response<Bytes>, Failure> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(1))
            .with_max_times(2)
            .with_jitter();
        let attempt = || async {
            toll.pay(numbers).await.map_err(Attempt::Final)?;
            self.send(request.clone()).await
        };
        let sent = attempt
            .retry(pauses)
            .when(|attempt| !matches!(attempt, Attempt::Final(_)))
            .await;
        match sent {
            Ok(response) | Err(Attempt::Answered(response)) => Ok(response),
            Err(Attempt::Failed(failure) | Attempt::Final(failure)) => Err(failure),
        }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Attempt> {
        let request = reqwest::Request::try_from(request)
            .map_err(|_| Attempt::Final(Failure::rejected("the request makes no URL")))?;
        let mut answer = self.http.execute(request).await.map_err(attempt)?;
        let too_large = || Attempt::Final(Failure::unreadable("the answer is larger than 4 MiB"));
        let announced = answer.content_length().unwrap_or_default();
        if announced > MAX_ANSWER as u64 {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(attempt)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        // Who says when to come back is not asked before. SOAP has one status
        // for each of its faults, and a fault is an answer.
        let is_passing = response.status().is_server_error()
            && response.status() != StatusCode::NOT_IMPLEMENTED
            && !is_fault(&response)
            && !response.headers().contains_key(RETRY_AFTER);
        if is_passing {
            Err(Attempt::Answered(response))
        } else {
            Ok(response)
        }
    }
}

/// Whether this may be a SOAP fault: status 500 with XML.
fn is_fault(response: &Response<Bytes>) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && content_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("xml"))
}

/// What went wrong on the way, without the URL: it may hold a secret.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn attempt(error: reqwest::Error) -> Attempt {
    if error.is_timeout() {
        return Attempt::Final(Failure::unavailable("the carrier did not answer in time"));
    }
    Attempt::Failed(Failure::unavailable(if error.is_connect() {
        "no connection to the carrier"
    } else {
        "the connection to the carrier broke"
    }))
}

/// What one round of questions has met, so that it stops where going on is rude
/// or useless.
#[derive(Debug, Default)]
struct Round {
    state: Mutex<(usize, Option<Failure>)>,
}

impl Round {
    fn halted(&self) -> Option<Failure> {
        self.lock().1.clone()
    }

    fn note(&self, outcome: &Outcome) {
        let mut state = self.lock();
        let Outcome::Failed(failure) = outcome else {
            state.0 = 0;
            return;
        };
        let halts = match failure.kind {
            ErrorKind::RateLimited { .. }
            | ErrorKind::OutOfQuota { .. }
            | ErrorKind::Unauthorized => true,
            ErrorKind::Denied | ErrorKind::Unavailable => {
                state.0 += 1;
                state.0 >= PATIENCE
            }
            ErrorKind::Rejected | ErrorKind::Unreadable => false,
        };
        if halts && state.1.is_none() {
            state.1 = Some(failure.clone());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (usize, Option<Failure>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
