//! Russian Post, by its Tracking API (SOAP): one number at a time (`rtm34`),
//! or many by ticket (`fc`).
//!
//! Which of the two depends on the account alone, never on how many numbers
//! are due: they tell the same operation with other texts and other times, so
//! a shipment asked after by turns would show each of them twice.

mod codes;
mod read;

use crate::{
    access::CarrierAccess,
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, PollMode},
    xml::escape_text,
};
use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use posthorn_domain::tracking_number::TrackingNumber;
use std::{fmt::Write as _, time::Duration};

/// Russian Post.
#[derive(Debug, Clone, Copy)]
pub struct RussianPost;

/// A ticket is asked with 15 minutes after it was given and every 15 minutes
/// from then on; its answer is kept for 32 hours.
const TICKET_WAIT: Duration = Duration::from_mins(15);

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    // Its own pages also name the older `https://tracking.russianpost.ru`.
    base_url: "https://tracking.pochta.ru",
    auth: Auth::Body,
    needs: "a registration at pochta.ru. Single questions are then free, within a daily limit that we could not verify (100 is often named); batches are granted on request",
    credentials: &[
        CredentialField::required_field("login", "tracking.pochta.ru, access settings, API login"),
        CredentialField::required_field(
            "password",
            "tracking.pochta.ru, access settings, API password",
        ),
        CredentialField::optional_field(
            "access",
            "`batch` if Russian Post has granted you batch access; else numbers are asked one by one",
        ),
    ],
    mode: PollMode::Ticket {
        first_wait: TICKET_WAIT,
    },
    // 3000 are allowed, but the answer is then larger than the service sends.
    batch: 500,
    concurrency: 2,
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://www.pochta.ru/tracking?barcode={number}"),
    ..CarrierProfile::with_name("russian_post", "Russian Post")
};

impl Carrier for RussianPost {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let access = context.access;
        let is_batch = access.get_field("access").eq_ignore_ascii_case("batch");
        let mut calls = Vec::new();
        let (held, fresh): (Vec<&TrackingQuery>, Vec<&TrackingQuery>) =
            wanted.iter().partition(|wanted| wanted.ticket.is_some());
        for group in by_ticket(held) {
            let ticket = group[0].ticket.as_deref().unwrap_or_default();
            let request = ticket_answer(access, ticket);
            calls.push(soap_request(request, &group, context));
        }
        // One number that is too long fails its whole batch, so only what has
        // the length of a number is asked for together.
        let (together, alone): (Vec<&TrackingQuery>, Vec<&TrackingQuery>) = fresh
            .into_iter()
            .partition(|wanted| is_batch && matches!(wanted.number.as_str().len(), 13 | 14));
        for group in together.chunks(PROFILE.batch) {
            calls.push(soap_request(new_ticket(access, group), group, context));
        }
        for wanted in alone {
            calls.push(soap_request(
                history_request(access, &wanted.number),
                &[wanted],
                context,
            ));
        }
        calls
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::read_numbers(response)
    }
}

/// Numbers of the same ticket together, no more than a batch, in their order.
fn by_ticket(held: Vec<&TrackingQuery>) -> Vec<Vec<&TrackingQuery>> {
    let mut groups: Vec<Vec<&TrackingQuery>> = Vec::new();
    for wanted in held {
        let group = groups
            .iter_mut()
            .find(|group| group[0].ticket == wanted.ticket && group.len() < PROFILE.batch);
        match group {
            Some(group) => group.push(wanted),
            None => groups.push(vec![wanted]),
        }
    }
    groups
}

fn soap_request(
    request: Request<Bytes>,
    wanted: &[&TrackingQuery],
    context: &RequestContext<'_>,
) -> CarrierRequest {
    let wanted = wanted.iter().map(|wanted| (*wanted).clone()).collect();
    CarrierRequest::to_send(request, wanted, context.now)
}

/// SOAP 1.2.
fn history_request(access: &CarrierAccess, number: &TrackingNumber) -> Request<Bytes> {
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:oper=\"http://russianpost.org/operationhistory\" \
         xmlns:data=\"http://russianpost.org/operationhistory/data\" \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header/><soap:Body>\
         <oper:getOperationHistory><data:OperationHistoryRequest>\
         <data:Barcode>{number}</data:Barcode><data:MessageType>0</data:MessageType>\
         <data:Language>RUS</data:Language></data:OperationHistoryRequest>\
         <data:AuthorizationHeader soapenv:mustUnderstand=\"1\"><data:login>{}</data:login>\
         <data:password>{}</data:password></data:AuthorizationHeader>\
         </oper:getOperationHistory></soap:Body></soap:Envelope>",
        escape_text(access.get_field("login")),
        escape_text(access.get_field("password")),
    );
    build_request(
        access,
        "/rtm34",
        "application/soap+xml; charset=utf-8",
        body,
    )
}

/// SOAP 1.1.
fn new_ticket(access: &CarrierAccess, wanted: &[&TrackingQuery]) -> Request<Bytes> {
    let mut items = String::new();
    for wanted in wanted {
        write!(items, "<fcl:Item Barcode=\"{}\"/>", wanted.number)
            .expect("writing into a string does not fail");
    }
    let content = format!(
        "<pos:ticketRequest><request>{items}</request>{}<language>RUS</language>\
         </pos:ticketRequest>",
        credential_fields(access)
    );
    of_tickets(access, &content)
}

/// SOAP 1.1.
fn ticket_answer(access: &CarrierAccess, ticket: &str) -> Request<Bytes> {
    let content = format!(
        "<pos:answerByTicketRequest><ticket>{}</ticket>{}</pos:answerByTicketRequest>",
        escape_text(ticket),
        credential_fields(access)
    );
    of_tickets(access, &content)
}

fn credential_fields(access: &CarrierAccess) -> String {
    format!(
        "<login>{}</login><password>{}</password>",
        escape_text(access.get_field("login")),
        escape_text(access.get_field("password"))
    )
}

fn of_tickets(access: &CarrierAccess, content: &str) -> Request<Bytes> {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:pos=\"http://fclient.russianpost.org/postserver\" \
         xmlns:fcl=\"http://fclient.russianpost.org\"><soapenv:Header/>\
         <soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    );
    build_request(access, "/fc", "text/xml; charset=utf-8", body)
}

fn build_request(
    access: &CarrierAccess,
    path: &str,
    content_type: &str,
    body: String,
) -> Request<Bytes> {
    Request::post(format!("{}{path}", access.base_url()))
        .header(CONTENT_TYPE, content_type)
        .body(Bytes::from(body))
        .expect("a checked base URL makes a URL")
}
