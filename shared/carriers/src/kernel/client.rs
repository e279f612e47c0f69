//! The one client that talks for all carriers.

mod push;

use crate::{
    access::CarrierAccess,
    auth::LoginSession,
    carrier::{Carrier, CarrierRequest, Exchange, RequestContext, TrackingQuery},
    kernel::token::Sessions,
    outcome::{CarrierError, CarrierErrorKind, TrackingResult},
    quota::{RateLimiter, Unlimited},
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
pub struct CarrierClient {
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
struct ClientTarget<'a> {
    carrier: &'a dyn Carrier,
    access: &'a CarrierAccess,
    toll: &'a dyn RateLimiter,
    now: Timestamp,
}

/// Why an attempt brought nothing.
enum FailedAttempt {
    /// An answer that another attempt may better.
    Answered(Response<Bytes>),
    /// No answer, but perhaps another time.
    Failed(CarrierError),
    /// No answer, and another attempt would take as long.
    Final(CarrierError),
}

impl CarrierClient {
    /// A client for this process.
    pub fn new(timeouts: Timeouts) -> Result<Self, CarrierError> {
        let http = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("posthorn/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                CarrierError::unavailable_carrier(format!("no HTTP client: {error}"))
            })?;
        Ok(Self {
            http,
            sessions: Sessions::default(),
            permits: Mutex::default(),
        })
    }

    /// Asks `carrier` about `wanted`: one outcome for each, in the same order.
    pub async fn track_shipments(
        &self,
        carrier: &dyn Carrier,
        wanted: &[TrackingQuery],
        access: &CarrierAccess,
        now: Timestamp,
    ) -> Vec<(TrackingNumber, TrackingResult)> {
        self.track_within(carrier, wanted, access, &Unlimited, now)
            .await
    }

    /// The same, with each request paid for at `toll`: those that it does not
    /// let through are not sent, the last of `wanted` first.
    pub async fn track_within(
        &self,
        carrier: &dyn Carrier,
        wanted: &[TrackingQuery],
        access: &CarrierAccess,
        toll: &dyn RateLimiter,
        now: Timestamp,
    ) -> Vec<(TrackingNumber, TrackingResult)> {
        let asking = ClientTarget {
            carrier,
            access,
            toll,
            now,
        };
        let round = ClientRound::default();
        let calls = carrier.build_requests(wanted, &RequestContext { access, now });
        // One login for the round, before its calls start all at once.
        if carrier.carrier_profile().auth.has_session()
            && !calls.is_empty()
            && let Err(failure) = self.login_session(asking, None).await
        {
            let refused = |wanted: &TrackingQuery| (wanted.number.clone(), failure.clone().into());
            return wanted.iter().map(refused).collect();
        }
        let answers: Vec<_> = stream::iter(calls)
            .map(|call| self.run_request(asking, call, &round))
            .buffer_unordered(carrier.carrier_profile().concurrency.max(1))
            .collect()
            .await;
        let mut outcomes: HashMap<TrackingNumber, TrackingResult> =
            answers.into_iter().flatten().collect();
        wanted
            .iter()
            .map(|wanted| {
                let outcome = outcomes.remove(&wanted.number).unwrap_or_else(|| {
                    CarrierError::unreadable_response("the answer does not mention the number")
                        .into()
                });
                (wanted.number.clone(), outcome)
            })
            .collect()
    }

    /// One call and what it leads to.
    async fn run_request(
        &self,
        asking: ClientTarget<'_>,
        call: CarrierRequest,
        round: &ClientRound,
    ) -> Vec<(TrackingNumber, TrackingResult)> {
        let carrier = asking.carrier;
        let mut calls = VecDeque::from([call]);
        let mut outcomes = Vec::new();
        let mut n_calls = 0;
        while let Some(call) = calls.pop_front() {
            let permits = self.carrier_permits(carrier);
            let _permit = permits
                .acquire()
                .await
                .expect("the semaphore is never closed");
            n_calls += 1;
            let halted = round.halt_reason().or_else(|| {
                (n_calls > MAX_FOLLOW_UPS).then(|| {
                    CarrierError::unreadable_response("the answer leads to ever more questions")
                })
            });
            let answer = match halted {
                Some(failure) => call.same_for_all(&failure.into()),
                None => match self.exchange_request(asking, &call).await {
                    Ok(response) => carrier.parse_response(&call, &response),
                    Err(failure) => call.same_for_all(&failure.into()),
                },
            };
            for (_, outcome) in &answer.outcomes {
                round.note_outcome(outcome);
            }
            outcomes.extend(answer.outcomes);
            calls.extend(answer.next);
        }
        outcomes
    }

    fn carrier_permits(&self, carrier: &dyn Carrier) -> Arc<Semaphore> {
        let profile = carrier.carrier_profile();
        let mut permits = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            permits
                .entry(profile.id)
                .or_insert_with(|| Arc::new(Semaphore::new(profile.concurrency.max(1)))),
        )
    }

    async fn exchange_request(
        &self,
        asking: ClientTarget<'_>,
        call: &CarrierRequest,
    ) -> Result<Response<Bytes>, CarrierError> {
        let request = match &call.exchange {
            Exchange::Known(response) => return Ok(response.clone()),
            Exchange::Send(request) => request,
        };
        let numbers = call.queries.len();
        if !asking.carrier.carrier_profile().auth.has_session() {
            return self.send_authorized(asking, request, numbers, None).await;
        }
        let session = self.login_session(asking, None).await?;
        let response = self
            .send_authorized(asking, request, numbers, Some(&session))
            .await?;
        if !asking.carrier.is_session_over(&response) {
            return Ok(response);
        }
        let session = self.login_session(asking, Some(&session)).await?;
        self.send_authorized(asking, request, numbers, Some(&session))
            .await
    }

    async fn login_session(
        &self,
        asking: ClientTarget<'_>,
        stale: Option<&LoginSession>,
    ) -> Result<LoginSession, CarrierError> {
        let ClientTarget {
            carrier,
            access,
            toll,
            now,
        } = asking;
        let send = |login| self.send_patiently(login, toll, 0);
        self.sessions
            .open_session(carrier, access, stale, now, send)
            .await
    }

    async fn send_authorized(
        &self,
        asking: ClientTarget<'_>,
        request: &Request<Bytes>,
        numbers: usize,
        session: Option<&LoginSession>,
    ) -> Result<Response<Bytes>, CarrierError> {
        let mut request = request.clone();
        asking
            .carrier
            .authorize_request(&mut request, asking.access, session)?;
        self.send_patiently(request, asking.toll, numbers).await
    }

    /// Sends, and sends again what failed in passing: at most three times in
    /// two seconds, each time at the price of a request.
    async fn send_patiently(
        &self,
        request: Request<Bytes>,
        toll: &dyn RateLimiter,
        numbers: usize,
    ) -> Result<Response<Bytes>, CarrierError> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(1))
            .with_max_times(2)
            .with_jitter();
        let attempt = || async {
            toll.acquire(numbers).await.map_err(FailedAttempt::Final)?;
            self.send_request(request.clone()).await
        };
        let sent = attempt
            .retry(pauses)
            .when(|attempt| !matches!(attempt, FailedAttempt::Final(_)))
            .await;
        match sent {
            Ok(response) | Err(FailedAttempt::Answered(response)) => Ok(response),
            Err(FailedAttempt::Failed(failure) | FailedAttempt::Final(failure)) => Err(failure),
        }
    }

    async fn send_request(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, FailedAttempt> {
        let request = reqwest::Request::try_from(request).map_err(|_| {
            FailedAttempt::Final(CarrierError::rejected_request("the request makes no URL"))
        })?;
        let mut answer = self.http.execute(request).await.map_err(classify_attempt)?;
        let too_large = || {
            FailedAttempt::Final(CarrierError::unreadable_response(
                "the answer is larger than 4 MiB",
            ))
        };
        let announced = answer.content_length().unwrap_or_default();
        if announced > MAX_ANSWER as u64 {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(classify_attempt)? {
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
            Err(FailedAttempt::Answered(response))
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
fn classify_attempt(error: reqwest::Error) -> FailedAttempt {
    if error.is_timeout() {
        return FailedAttempt::Final(CarrierError::unavailable_carrier(
            "the carrier did not answer in time",
        ));
    }
    FailedAttempt::Failed(CarrierError::unavailable_carrier(if error.is_connect() {
        "no connection to the carrier"
    } else {
        "the connection to the carrier broke"
    }))
}

/// What one round of questions has met, so that it stops where going on is rude
/// or useless.
#[derive(Debug, Default)]
struct ClientRound {
    state: Mutex<(usize, Option<CarrierError>)>,
}

impl ClientRound {
    fn halt_reason(&self) -> Option<CarrierError> {
        self.lock_state().1.clone()
    }

    fn note_outcome(&self, outcome: &TrackingResult) {
        let mut state = self.lock_state();
        let TrackingResult::Failed(failure) = outcome else {
            state.0 = 0;
            return;
        };
        let halts = match failure.kind {
            CarrierErrorKind::RateLimited { .. }
            | CarrierErrorKind::OutOfQuota { .. }
            | CarrierErrorKind::Unauthorized => true,
            CarrierErrorKind::Denied | CarrierErrorKind::Unavailable => {
                state.0 += 1;
                state.0 >= PATIENCE
            }
            CarrierErrorKind::Rejected | CarrierErrorKind::Unreadable => false,
        };
        if halts && state.1.is_none() {
            state.1 = Some(failure.clone());
        }
    }

    fn lock_state(&self) -> std::sync::MutexGuard<'_, (usize, Option<CarrierError>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
