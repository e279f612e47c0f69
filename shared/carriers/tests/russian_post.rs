//! Which questions Russian Post is asked, and the way of a ticket.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier as _, CarrierAccess, CarrierRequest, Exchange, RequestContext, TrackingQuery,
    TrackingResult, carriers::russian_post::RussianPost,
};
use posthorn_domain::tracking_number::TrackingNumber;
use std::{collections::HashSet, time::Duration};

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn access(json: &str) -> CarrierAccess {
    CarrierAccess::parse(RussianPost.carrier_profile(), json).unwrap()
}

fn batch() -> CarrierAccess {
    access(r#"{"login": "l&l", "password": "<p>", "access": "batch"}"#)
}

fn wanted(text: &str, ticket: Option<&str>) -> TrackingQuery {
    TrackingQuery {
        ticket: ticket.map(str::to_owned),
        ..TrackingQuery::new(TrackingNumber::parse(text).unwrap(), now())
    }
}

fn many(count: usize) -> Vec<TrackingQuery> {
    (0..count)
        .map(|index| wanted(&format!("{index:014}"), None))
        .collect()
}

fn plan(wanted: &[TrackingQuery], access: &CarrierAccess) -> Vec<CarrierRequest> {
    RussianPost.build_requests(wanted, &RequestContext { access, now: now() })
}

fn request(call: &CarrierRequest) -> &Request<Bytes> {
    match &call.exchange {
        Exchange::Send(request) => request,
        Exchange::Known(_) => panic!("it is asked"),
    }
}

fn body(call: &CarrierRequest) -> &str {
    std::str::from_utf8(request(call).body()).unwrap()
}

fn paths(calls: &[CarrierRequest]) -> Vec<(&str, usize)> {
    calls
        .iter()
        .map(|call| (request(call).uri().path(), call.queries.len()))
        .collect()
}

#[test]
fn without_batch_access_numbers_are_asked_one_by_one() {
    let access = access(r#"{"login": "l", "password": "p"}"#);
    let calls = plan(&many(3), &access);
    assert_eq!(paths(&calls), [("/rtm34", 1), ("/rtm34", 1), ("/rtm34", 1)]);
    assert_eq!(
        request(&calls[0]).headers()["content-type"],
        "application/soap+xml; charset=utf-8"
    );
    assert!(body(&calls[1]).contains("<data:Barcode>00000000000001</data:Barcode>"));
}

#[test]
fn with_batch_access_even_one_number_is_asked_by_ticket() {
    assert_eq!(paths(&plan(&many(1), &batch())), [("/fc", 1)]);
    let calls = plan(&many(1001), &batch());
    assert_eq!(paths(&calls), [("/fc", 500), ("/fc", 500), ("/fc", 1)]);
    assert_eq!(body(&calls[0]).matches("<fcl:Item ").count(), 500);
}

#[test]
fn what_cannot_be_a_number_does_not_spoil_a_batch() {
    let wanted = [
        wanted("RA644000001RU", None),
        wanted("NOT-A-NUMBER-OF-THEIRS", None),
        wanted("45008378901234", None),
    ];
    assert_eq!(paths(&plan(&wanted, &batch())), [("/fc", 2), ("/rtm34", 1)]);
}

#[test]
fn numbers_of_one_ticket_are_fetched_together() {
    let wanted = [
        wanted("RA000000001RU", Some("A")),
        wanted("RA000000002RU", Some("B<")),
        wanted("RA000000003RU", None),
        wanted("RA000000004RU", Some("A")),
    ];
    let calls = plan(&wanted, &batch());
    assert_eq!(paths(&calls), [("/fc", 2), ("/fc", 1), ("/fc", 1)]);
    assert!(body(&calls[0]).contains("<ticket>A</ticket>"));
    assert!(body(&calls[1]).contains("<ticket>B&lt;</ticket>"));
    assert!(body(&calls[2]).contains("<pos:ticketRequest>"));
}

#[test]
fn credentials_cannot_break_the_envelope() {
    let calls = plan(&many(1), &batch());
    assert!(body(&calls[0]).contains("<login>l&amp;l</login><password>&lt;p&gt;</password>"));
}

#[test]
fn a_ticket_is_carried_until_its_answer_is_there() {
    let access = batch();
    let envelope = |content: &str| {
        Response::new(Bytes::from(format!(
            "<S:Envelope xmlns:S=\"s\"><S:Body>{content}</S:Body></S:Envelope>"
        )))
    };
    let mut wanted = vec![wanted("RA000000001RU", None), wanted("RA000000002RU", None)];
    let given = "<n:ticketResponse><value>T1</value></n:ticketResponse>";
    let pending = "<n:answerByTicketResponse><error ErrorTypeID=\"6\"/></n:answerByTicketResponse>";
    for content in [given, pending, pending] {
        let calls = plan(&wanted, &access);
        assert_eq!(calls.len(), 1);
        let answer = RussianPost.parse_response(&calls[0], &envelope(content));
        let tickets: HashSet<_> = answer
            .outcomes
            .iter()
            .map(|(_, outcome)| match outcome {
                TrackingResult::NotYet { after, ticket } => {
                    assert_eq!(*after, Duration::from_mins(15));
                    ticket.clone().unwrap()
                }
                outcome => panic!("{outcome:?}"),
            })
            .collect();
        assert_eq!(tickets, HashSet::from(["T1".to_owned()]));
        for wanted in &mut wanted {
            wanted.ticket = Some("T1".to_owned());
        }
    }
    let over = "<n:answerByTicketResponse><error ErrorTypeID=\"17\"/></n:answerByTicketResponse>";
    let calls = plan(&wanted, &access);
    let answer = RussianPost.parse_response(&calls[0], &envelope(over));
    for (_, outcome) in answer.outcomes {
        assert!(matches!(
            outcome,
            TrackingResult::NotYet { ticket: None, .. }
        ));
    }
}
