//! What a carrier is to Posthorn: a description of what to ask and how to read.

use crate::{
    access::CarrierAccess,
    auth::{self, LoginSession},
    outcome::{CarrierError, TrackingResult},
    profile::CarrierProfile,
    reading::words,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::ACCEPT};
use jiff::{Timestamp, civil::Date};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::fmt;

/// A shipment carrier, as far as Posthorn needs to know it.
///
/// Implementations describe; they do not act: [`crate::CarrierClient`] sends, waits,
/// retries and renews tokens for all of them. So `plan` and `parse` run on
/// recorded bytes without a network.
pub trait Carrier: Sync {
    /// Id, name, authentication, limits, tracking page.
    fn carrier_profile(&self) -> &'static CarrierProfile;

    /// The calls that ask for `wanted`, none with more than [`CarrierProfile::batch`]
    /// numbers. A number for which there is nothing to ask may be left out.
    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest>;

    /// Reads an answer, whatever its HTTP status: found and not found may be
    /// mixed in it. Never panics, on any bytes.
    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse;

    /// The numbers under which an answer itself speaks of its shipments, those that
    /// it does not know included, in its order: as they were asked for, where it
    /// says that, and else the shipments' own. Empty where it names none. It is for
    /// recorded answers whose question was not recorded. Never panics, on any bytes.
    fn answered_numbers(&self, _response: &Response<Bytes>) -> Vec<TrackingNumber> {
        Vec::new()
    }

    /// The request that opens a session, for [`CarrierProfile::auth`] kinds that have one.
    fn login_request(
        &self,
        access: &CarrierAccess,
    ) -> Option<Result<Request<Bytes>, CarrierError>> {
        auth::login_request(self.carrier_profile(), access)
    }

    /// Reads the answer to [`Carrier::login_request`].
    fn parse_login(&self, response: &Response<Bytes>) -> Result<LoginSession, CarrierError> {
        auth::parse_login(response)
    }

    /// Whether this answer says that the session has ended.
    fn is_session_over(&self, response: &Response<Bytes>) -> bool {
        words::is_session_over(response)
    }

    /// Puts the credentials where the carrier wants them.
    fn authorize_request(
        &self,
        request: &mut Request<Bytes>,
        access: &CarrierAccess,
        session: Option<&LoginSession>,
    ) -> Result<(), CarrierError> {
        auth::authorize_request(self.carrier_profile(), request, access, session)
    }

    /// The calls that have the carrier tell `callback` about `wanted` by itself,
    /// none with more than [`crate::profile::PushSupport::subscribe_batch`] numbers. The
    /// default is a carrier where there is nothing to subscribe to, or where that
    /// is done once, by hand or by [`Carrier::build_requests`].
    fn subscription_requests(
        &self,
        _wanted: &[TrackingQuery],
        _callback: Callback<'_>,
        _context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        Vec::new()
    }

    /// Reads the answer to one of [`Carrier::subscription_requests`]: the numbers, of those
    /// asked for, of which the carrier will tell.
    fn parse_subscription(
        &self,
        _call: &CarrierRequest,
        _response: &Response<Bytes>,
    ) -> Result<Vec<TrackingNumber>, CarrierError> {
        Ok(Vec::new())
    }

    /// Where the carrier publishes the keys with which it signs its pushes, for
    /// [`crate::profile::Verifier::RsaSha256Jwks`].
    fn keys_url(&self, access: &CarrierAccess) -> String {
        format!("{}/jwks", access.base_url())
    }

    /// Reads a push whose sender is verified. The default is a carrier that
    /// does not push.
    fn parse_push(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        Err(CarrierError::rejected_request(format!(
            "{} does not push",
            self.carrier_profile().name
        )))
    }

    /// The id as the domain knows it.
    fn id(&self) -> CarrierId {
        CarrierId::parse(self.carrier_profile().id).expect("a test parses the id of each carrier")
    }
}

/// A number that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingQuery {
    /// The number.
    pub number: TrackingNumber,
    /// When we learned it: tells a shipment from an older one with the same number.
    pub registered_at: Timestamp,
    /// What some carriers want to know besides.
    pub details: QueryHints,
    /// The ticket of a question asked earlier ([`crate::profile::PollMode::Ticket`]).
    pub ticket: Option<String>,
}

impl TrackingQuery {
    /// A number and nothing else.
    pub fn new(number: TrackingNumber, registered_at: Timestamp) -> Self {
        Self {
            number,
            registered_at,
            details: QueryHints::default(),
            ticket: None,
        }
    }
}

/// What some carriers want to know besides the number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct QueryHints {
    /// Who carries it, for an aggregator that asks many carriers.
    pub carrier: Option<CarrierId>,
    /// Of the recipient; personal data.
    pub postal_code: Option<String>,
    /// Last four digits of the recipient's telephone; personal data.
    pub phone_suffix: Option<String>,
    /// The carrier's division or product, as `express`.
    pub service: Option<String>,
    /// The day it was sent: tells reused numbers apart.
    pub shipped_on: Option<Date>,
}

impl fmt::Debug for QueryHints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints")
            .field("carrier", &self.carrier)
            .field("postal_code", &self.postal_code.as_ref().map(|_| "…"))
            .field("phone_suffix", &self.phone_suffix.as_ref().map(|_| "…"))
            .field("service", &self.service)
            .field("shipped_on", &self.shipped_on)
            .finish()
    }
}

/// What a plan depends on besides the numbers.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    /// Credentials and settings.
    pub access: &'a CarrierAccess,
    /// The time of asking.
    pub now: Timestamp,
}

/// Where a carrier is to tell us by itself.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// The address.
    pub url: &'a str,
    /// What it is to prove itself with.
    pub secret: &'a str,
}

/// How a call gets its answer.
#[derive(Clone)]
pub enum Exchange {
    /// From the carrier. The client adds the credentials.
    Send(Request<Bytes>),
    /// It is known already: the sandbox computes it.
    Known(Response<Bytes>),
}

/// One question to a carrier.
#[derive(Clone)]
pub struct CarrierRequest {
    /// What is sent.
    pub exchange: Exchange,
    /// The numbers it asks for.
    pub queries: Vec<TrackingQuery>,
    /// When it was planned.
    pub asked_at: Timestamp,
    /// Bodies of earlier answers to the same question: pages, a ticket.
    pub earlier: Vec<Bytes>,
    /// Whether nothing more can be asked, as of a recorded answer: what it says
    /// is then read as far as it goes, and no further page is wanted.
    pub is_last: bool,
}

impl CarrierRequest {
    /// A question that goes out.
    pub fn to_send(request: Request<Bytes>, wanted: Vec<TrackingQuery>, now: Timestamp) -> Self {
        Self {
            exchange: Exchange::Send(request),
            queries: wanted,
            asked_at: now,
            earlier: Vec::new(),
            is_last: false,
        }
    }

    /// A question for each number.
    pub fn one_per_query(
        wanted: &[TrackingQuery],
        now: Timestamp,
        request: impl Fn(&TrackingQuery) -> Request<Bytes>,
    ) -> Vec<Self> {
        wanted
            .iter()
            .map(|wanted| Self::to_send(request(wanted), vec![wanted.clone()], now))
            .collect()
    }

    /// A question for each `size` numbers.
    pub fn in_batches(
        wanted: &[TrackingQuery],
        size: usize,
        now: Timestamp,
        request: impl Fn(&[TrackingQuery]) -> Request<Bytes>,
    ) -> Vec<Self> {
        wanted
            .chunks(size)
            .map(|wanted| Self::to_send(request(wanted), wanted.to_vec(), now))
            .collect()
    }

    /// A question whose answer is known.
    pub fn already_answered(
        response: Response<Bytes>,
        wanted: Vec<TrackingQuery>,
        now: Timestamp,
    ) -> Self {
        Self {
            exchange: Exchange::Known(response),
            queries: wanted,
            asked_at: now,
            earlier: Vec::new(),
            is_last: false,
        }
    }

    /// The question that continues this one after an answer with `body`.
    #[must_use]
    pub fn followed_by(&self, request: Request<Bytes>, body: Bytes) -> Self {
        let mut earlier = self.earlier.clone();
        earlier.push(body);
        Self {
            exchange: Exchange::Send(request),
            queries: self.queries.clone(),
            asked_at: self.asked_at,
            earlier,
            is_last: false,
        }
    }

    /// The numbers that it asks for.
    pub fn queried_numbers(&self) -> Vec<TrackingNumber> {
        let numbers = self.queries.iter().map(|wanted| wanted.number.clone());
        numbers.collect()
    }

    /// The same outcome for each number that it asks for.
    pub fn same_for_all(&self, outcome: &TrackingResult) -> ParsedResponse {
        ParsedResponse {
            outcomes: self
                .queries
                .iter()
                .map(|wanted| (wanted.number.clone(), outcome.clone()))
                .collect(),
            next: Vec::new(),
        }
    }
}

/// A question in a URL, to be answered with JSON. The URL is made of a checked
/// base URL, a fixed path and numbers, which are letters and digits.
pub(crate) fn get_json(url: impl AsRef<str>) -> Request<Bytes> {
    Request::get(url.as_ref())
        .header(ACCEPT, "application/json")
        .body(Bytes::new())
        .expect("a checked base URL, a fixed path and numbers make a URL")
}

/// The numbers in one text.
pub(crate) fn join_numbers(wanted: &[TrackingQuery], separator: &str) -> String {
    let numbers: Vec<&str> = wanted.iter().map(|wanted| wanted.number.as_str()).collect();
    numbers.join(separator)
}

impl fmt::Debug for CarrierRequest {
    /// Without headers, query and body: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exchange = match &self.exchange {
            Exchange::Send(request) => format!("{} {}", request.method(), request.uri().path()),
            Exchange::Known(response) => format!("known {}", response.status()),
        };
        f.debug_struct("Call")
            .field("exchange", &exchange)
            .field("wanted", &self.queries)
            .field("earlier", &self.earlier.len())
            .finish_non_exhaustive()
    }
}

/// What an answer says.
#[derive(Debug, Clone, Default)]
pub struct ParsedResponse {
    /// What it says about each number.
    pub outcomes: Vec<(TrackingNumber, TrackingResult)>,
    /// What must be asked before the rest is known: further pages, a
    /// registration. Numbers in here are not in `outcomes`.
    pub next: Vec<CarrierRequest>,
}

impl ParsedResponse {
    /// About one number.
    pub fn single_result(number: TrackingNumber, outcome: TrackingResult) -> Self {
        Self {
            outcomes: vec![(number, outcome)],
            next: Vec::new(),
        }
    }

    /// Nothing yet, but another question.
    pub fn then_ask(next: CarrierRequest) -> Self {
        Self {
            outcomes: Vec::new(),
            next: vec![next],
        }
    }
}
