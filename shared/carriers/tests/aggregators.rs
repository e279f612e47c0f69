//! What the aggregators are asked, and what they are asked next: fixtures hold
//! only answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier, CarrierAccess, CarrierErrorKind, CarrierRequest, Exchange, RequestContext,
    TrackingQuery, TrackingResult, carriers::aftership::AfterShip, carriers::easypost::EasyPost,
    carriers::seventeen_track::SeventeenTrack, carriers::shipengine::ShipEngine,
    carriers::shippo::Shippo,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use serde_json::{Value, json};

const NUMBER: &str = "1Z9X9E030300010017";
const OTHER: &str = "9400100000000000000000";

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn wanted(number: &str, carrier: Option<&str>) -> TrackingQuery {
    let mut wanted = TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now());
    wanted.details.carrier = carrier.map(|id| CarrierId::parse(id).unwrap());
    wanted
}

fn plan(carrier: &dyn Carrier, wanted: &[TrackingQuery]) -> Vec<CarrierRequest> {
    let profile = carrier.carrier_profile();
    let values = profile.credentials.iter().map(|field| (field.name, "x"));
    let values = values.chain([("base_url", "https://carrier.example/prefix")]);
    let access = CarrierAccess::new(
        profile,
        values.map(|(name, value)| (name.to_owned(), value.to_owned())),
    )
    .unwrap();
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    carrier.build_requests(wanted, &context)
}

fn request(call: &CarrierRequest) -> &Request<Bytes> {
    match &call.exchange {
        Exchange::Send(request) => request,
        Exchange::Known(_) => panic!("nothing is sent"),
    }
}

fn url(call: &CarrierRequest) -> String {
    let request = request(call);
    format!("{} {}", request.method(), request.uri())
}

fn body(call: &CarrierRequest) -> Value {
    serde_json::from_slice(request(call).body()).unwrap()
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn rejected(number: &str, code: i64) -> Value {
    json!({"code": 0, "data": {"accepted": [], "rejected": [
        {"number": number, "error": {"code": code, "message": "as documented"}}
    ]}})
}

#[test]
fn seventeen_track_registers_what_it_does_not_have_with_the_carrier_that_it_was_told() {
    let calls = plan(
        &SeventeenTrack,
        &[
            wanted(NUMBER, Some("ups")),
            wanted(OTHER, Some("unheard_of")),
        ],
    );
    let [call] = &calls[..] else { panic!() };
    assert_eq!(
        url(call),
        "POST https://carrier.example/prefix/track/v2.4/gettrackinfo"
    );
    assert_eq!(body(call), json!([{"number": NUMBER}, {"number": OTHER}]));

    let unknown = json!({"code": 0, "data": {"accepted": [], "rejected": [
        {"number": NUMBER, "error": {"code": -18_019_902}},
        {"number": OTHER, "error": {"code": -18_019_902}},
    ]}});
    let answered = SeventeenTrack.parse_response(call, &answer(200, &unknown));
    assert!(answered.outcomes.is_empty());
    let [next] = &answered.next[..] else { panic!() };
    assert_eq!(
        url(next),
        "POST https://carrier.example/prefix/track/v2.4/register"
    );
    assert_eq!(
        body(next),
        json!([{"number": NUMBER, "carrier": 100_002}, {"number": OTHER}])
    );
    // A registration that still says "not registered" leads nowhere.
    let again = SeventeenTrack.parse_response(next, &answer(200, &unknown));
    assert!(again.next.is_empty());
    assert!(again.outcomes.iter().all(|(_, outcome)| matches!(
        outcome,
        TrackingResult::Failed(failure) if failure.kind == CarrierErrorKind::Rejected
    )));
}

#[test]
fn seventeen_track_is_told_the_postal_code_only_when_it_asks_for_it() {
    let mut shipment = wanted(NUMBER, None);
    shipment.details.postal_code = Some("02110".to_owned());
    let call = plan(&SeventeenTrack, &[shipment]).remove(0);
    let unknown = answer(200, &rejected(NUMBER, -18_019_902));
    let register = SeventeenTrack
        .parse_response(&call, &unknown)
        .next
        .remove(0);
    assert_eq!(body(&register), json!([{"number": NUMBER}]));
    let wants_more = answer(200, &rejected(NUMBER, -18_010_019));
    let again = SeventeenTrack
        .parse_response(&register, &wants_more)
        .next
        .remove(0);
    assert_eq!(body(&again), json!([{"number": NUMBER, "param": "02110"}]));
    // The second time it is an answer.
    assert!(
        SeventeenTrack
            .parse_response(&again, &wants_more)
            .next
            .is_empty()
    );
}

#[test]
fn aftership_creates_what_is_in_no_page_of_its_list() {
    let mut shipment = wanted(OTHER, Some("usps"));
    shipment.details.postal_code = Some("02110".to_owned());
    shipment.details.shipped_on = Some("2026-11-16".parse().unwrap());
    let calls = plan(&AfterShip, &[wanted(NUMBER, Some("ups")), shipment]);
    let [call] = &calls[..] else { panic!() };
    let list = format!(
        "GET https://carrier.example/prefix/tracking/2025-01/trackings\
         ?tracking_numbers={NUMBER}%2C{OTHER}&limit=200"
    );
    assert_eq!(url(call), list);

    let page = |trackings: Value, more: bool| {
        answer(
            200,
            &json!({"meta": {"code": 200}, "data": {
                "pagination": {"has_next_page": more, "next_cursor": "a+b="},
                "trackings": trackings,
            }}),
        )
    };
    let tracking = json!([{"tracking_number": NUMBER, "slug": "ups", "tag": "Delivered"}]);
    let first = AfterShip.parse_response(call, &page(tracking, true));
    assert!(first.outcomes.is_empty());
    let second = &first.next[0];
    assert_eq!(url(second), format!("{list}&cursor=a%2Bb%3D"));

    let merged = AfterShip.parse_response(second, &page(json!([]), false));
    assert_eq!(merged.outcomes.len(), 1);
    assert!(matches!(merged.outcomes[0].1, TrackingResult::Found(_)));
    let [create] = &merged.next[..] else { panic!() };
    assert_eq!(
        url(create),
        "POST https://carrier.example/prefix/tracking/2025-01/trackings"
    );
    assert_eq!(
        body(create),
        json!({
            "tracking_number": OTHER,
            "slug": "usps",
            "destination_postal_code": "02110",
            "tracking_ship_date": "20261116",
        })
    );
}

#[test]
fn aftership_prefers_the_tracking_of_the_carrier_that_was_told() {
    let call = plan(&AfterShip, &[wanted(NUMBER, Some("ups"))]).remove(0);
    let list = json!({"data": {"trackings": [
        {"id": "a", "tracking_number": NUMBER, "slug": "fedex", "tag": "Delivered"},
        {"id": "b", "tracking_number": NUMBER, "slug": "ups", "tag": "InTransit"},
    ]}});
    let (_, outcome) = AfterShip
        .parse_response(&call, &answer(200, &list))
        .outcomes
        .remove(0);
    let TrackingResult::Found(found) = outcome else {
        panic!("{outcome:?}")
    };
    let ids: Vec<_> = found.into_iter().map(|found| found.unique_id).collect();
    assert_eq!(ids, [Some("b".to_owned())]);
}

#[test]
fn easypost_detects_the_carrier_that_it_is_not_told() {
    let shipments = [
        wanted(NUMBER, Some("ups")),
        wanted(OTHER, Some("unheard_of")),
    ];
    let calls = plan(&EasyPost, &shipments);
    assert_eq!(
        url(&calls[0]),
        "POST https://carrier.example/prefix/v2/trackers"
    );
    assert_eq!(
        body(&calls[0]),
        json!({"tracker": {"tracking_code": NUMBER, "carrier": "UPS"}})
    );
    assert_eq!(
        body(&calls[1]),
        json!({"tracker": {"tracking_code": OTHER}})
    );
}

#[test]
fn shippo_and_shipengine_are_asked_by_their_names_of_carriers() {
    let shipments = [wanted(NUMBER, Some("ups")), wanted(OTHER, Some("usps"))];
    let urls: Vec<String> = plan(&Shippo, &shipments).iter().map(url).collect();
    assert_eq!(
        urls,
        [
            format!("GET https://carrier.example/prefix/tracks/ups/{NUMBER}"),
            format!("GET https://carrier.example/prefix/tracks/usps/{OTHER}"),
        ]
    );
    let urls: Vec<String> = plan(&ShipEngine, &shipments).iter().map(url).collect();
    let tracking = "GET https://carrier.example/prefix/v1/tracking?carrier_code=";
    assert_eq!(
        urls,
        [
            format!("{tracking}ups&tracking_number={NUMBER}"),
            format!("{tracking}stamps_com&tracking_number={OTHER}"),
        ]
    );
}

#[test]
fn nothing_is_sent_to_one_that_insists_on_a_carrier_that_is_not_known() {
    let carriers: [&dyn Carrier; 2] = [&Shippo, &ShipEngine];
    for carrier in carriers {
        let call = plan(carrier, &[wanted(NUMBER, None)]).remove(0);
        let Exchange::Known(response) = &call.exchange else {
            panic!("it is asked");
        };
        let (_, outcome) = carrier.parse_response(&call, response).outcomes.remove(0);
        let TrackingResult::Failed(failure) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(failure.kind, CarrierErrorKind::Rejected);
        assert!(failure.to_string().contains("who carries the parcel"));
    }
}
