//! What the recorded answers of DHL cannot say: what is asked, how the
//! credentials get into it, and what a push tells.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier, CarrierAccess, CarrierRequest, Exchange, QueryHints, RequestContext, TrackingQuery,
    TrackingResult, carriers::dhl_express::DhlExpress, carriers::dhl_parcel_de::DhlParcelDe,
    carriers::dhl_unified::DhlUnified,
};
use posthorn_domain::tracking_number::TrackingNumber;

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn wanted(number: &str) -> TrackingQuery {
    TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now())
}

fn access(carrier: &dyn Carrier, fields: &[(&str, &str)]) -> CarrierAccess {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CarrierAccess::new(carrier.carrier_profile(), fields).unwrap()
}

fn requests(
    carrier: &dyn Carrier,
    access: &CarrierAccess,
    wanted: &[TrackingQuery],
) -> Vec<Request<Bytes>> {
    let context = RequestContext { access, now: now() };
    let calls = carrier.build_requests(wanted, &context);
    let sent = calls.into_iter().map(|call| match call.exchange {
        Exchange::Send(request) => request,
        Exchange::Known(_) => panic!("nothing is known"),
    });
    sent.collect()
}

fn key() -> CarrierAccess {
    access(&DhlUnified, &[("api_key", "k")])
}

#[test]
fn the_division_is_asked_for_where_it_is_known() {
    let mut with_service = wanted("1234567890");
    with_service.details = QueryHints {
        service: Some("Parcel-DE".to_owned()),
        ..QueryHints::default()
    };
    let urls: Vec<String> = requests(&DhlUnified, &key(), &[wanted("1234567890"), with_service])
        .iter()
        .map(|request| request.uri().to_string())
        .collect();
    let base = "https://api-eu.dhl.com/track/shipments?trackingNumber=1234567890&language=en";
    assert_eq!(
        urls,
        [base.to_owned(), format!("{base}&service=parcel%2Dde")]
    );
}

#[test]
fn another_division_s_shipment_with_the_same_number_is_not_taken() {
    let body = r#"{"shipments": [{"id": "1234567890", "service": "freight", "events": []}]}"#;
    let mut asked = wanted("1234567890");
    let read = |asked: &TrackingQuery| {
        let call = CarrierRequest::to_send(Request::new(Bytes::new()), vec![asked.clone()], now());
        DhlUnified
            .parse_response(&call, &Response::new(Bytes::from(body)))
            .outcomes
            .remove(0)
            .1
    };
    assert!(matches!(read(&asked), TrackingResult::Found(_)));
    asked.details.service = Some("express".to_owned());
    assert_eq!(read(&asked), TrackingResult::NotFound);
}

#[test]
fn a_push_is_read_in_whatever_it_is_wrapped() {
    let shipment = r#"{"id": "00340434298765432112", "service": "parcel-de",
        "status": {"timestamp": "2026-11-18T10:00:00", "statusCode": "transit",
                   "status": "The shipment has been loaded onto the delivery vehicle"}}"#;
    let read = |body: &str| DhlUnified.parse_push(&HeaderMap::new(), body.as_bytes());
    for body in [
        shipment.to_owned(),
        format!("[{shipment}]"),
        format!(r#"{{"shipment": {shipment}}}"#),
        format!(r#"{{"shipments": [{shipment}]}}"#),
    ] {
        let news = read(&body).unwrap();
        let [(number, TrackingResult::Found(found))] = news.as_slice() else {
            panic!("{news:?}");
        };
        assert_eq!(number.as_str(), "00340434298765432112");
        assert_eq!(found[0].report.scans.len(), 1, "{body}");
    }
    let activation = r#"{"scope": "subscription.activation", "secret": "s", "self": "x"}"#;
    assert_eq!(read(activation).unwrap(), []);
    for nonsense in [
        "",
        "{}",
        "[1]",
        "null",
        r#"{"shipments": [{"service": "dgf"}]}"#,
    ] {
        assert!(read(nonsense).is_err(), "{nonsense}");
    }
}

#[test]
fn numbers_of_pieces_and_of_shipments_are_asked_for_apart() {
    let access = access(&DhlExpress, &[("username", "u"), ("password", "p")]);
    let numbers = [wanted("1234567890"), wanted("1234567891"), wanted("JD0146")];
    let queries: Vec<String> = requests(&DhlExpress, &access, &numbers)
        .iter()
        .map(|request| request.uri().query().unwrap().to_owned())
        .collect();
    let view = "trackingView=all-checkpoints&levelOfDetail=all";
    assert_eq!(
        queries,
        [
            format!("{view}&shipmentTrackingNumber=1234567890&shipmentTrackingNumber=1234567891"),
            format!("{view}&pieceTrackingNumber=JD0146"),
        ]
    );
}

fn decoded(request: &Request<Bytes>) -> String {
    let query = request.uri().query().unwrap();
    percent_encoding::percent_decode_str(query)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

#[test]
fn the_password_of_dhl_paket_is_put_into_the_question_when_it_is_sent() {
    let access = access(
        &DhlParcelDe,
        &[
            ("api_key", "k"),
            ("api_secret", "s"),
            ("appname", "zt"),
            ("password", "p\"&<é%"),
        ],
    );
    let numbers = [
        wanted("00340434161094015902"),
        wanted("00340434161094022115"),
    ];
    let mut request = requests(&DhlParcelDe, &access, &numbers).remove(0);
    let start = "xml=<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?><data";
    let rest = " language-code=\"en\" request=\"d-get-piece-detail\" \
                piece-code=\"00340434161094015902;00340434161094022115\"/>";
    assert_eq!(decoded(&request), format!("{start}{rest}"));
    DhlParcelDe
        .authorize_request(&mut request, &access, None)
        .unwrap();
    assert_eq!(
        decoded(&request),
        format!("{start} appname=\"zt\" password=\"p&quot;&amp;&lt;é%\"{rest}")
    );
    assert_eq!(request.headers()[AUTHORIZATION], "Basic azpz");
    let call = CarrierRequest::to_send(request, Vec::new(), now());
    assert!(!format!("{call:?}").contains("quot"));
}

#[test]
fn what_a_batch_leaves_out_is_asked_for_again_in_halves_of_the_same_address() {
    let access = access(
        &DhlParcelDe,
        &[
            ("api_key", "k"),
            ("api_secret", "s"),
            ("appname", "zt"),
            ("password", "p"),
        ],
    );
    let numbers: Vec<TrackingQuery> = (0..5)
        .map(|n| wanted(&format!("0034043416109400000{n}")))
        .collect();
    let request = requests(&DhlParcelDe, &access, &numbers).remove(0);
    let call = CarrierRequest::to_send(request, numbers, now());
    let body = r#"<data name="piece-shipment-list" code="41"/>"#;
    let answer = DhlParcelDe.parse_response(&call, &Response::new(Bytes::from(body)));
    assert!(answer.outcomes.is_empty());
    let sizes: Vec<usize> = answer.next.iter().map(|call| call.queries.len()).collect();
    assert_eq!(sizes, [2, 3]);
    let Exchange::Send(request) = &answer.next[0].exchange else {
        panic!("it is asked");
    };
    assert_eq!(request.uri().host(), Some("api-eu.dhl.com"));
    assert!(decoded(request).contains("piece-code=\"00340434161094000000;00340434161094000001\""));
}
