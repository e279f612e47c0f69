//! What SF Express is asked, and how the question is signed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use posthorn_carriers::{
    Carrier as _, CarrierAccess, Exchange, QueryHints, RequestContext, TrackingQuery,
    carriers::sf_express::SfExpress,
};
use posthorn_domain::tracking_number::TrackingNumber;

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn wanted(number: &str, phone_suffix: Option<&str>) -> TrackingQuery {
    TrackingQuery {
        details: QueryHints {
            phone_suffix: phone_suffix.map(str::to_owned),
            ..QueryHints::default()
        },
        ..TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now())
    }
}

fn bodies(wanted: &[TrackingQuery]) -> Vec<String> {
    let json = r#"{"partner_id": "SHOP", "checkword": "word"}"#;
    let access = CarrierAccess::parse(SfExpress.carrier_profile(), json).unwrap();
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    SfExpress
        .build_requests(wanted, &context)
        .into_iter()
        .map(|call| match call.exchange {
            Exchange::Send(request) => String::from_utf8(request.into_body().to_vec()).unwrap(),
            Exchange::Known(_) => panic!("SF Express is asked over the network"),
        })
        .collect()
}

#[test]
fn a_question_names_who_asks_and_when_and_is_signed() {
    insta::assert_snapshot!(bodies(&[wanted("SF1000000000001", Some("1234"))]).join("\n"));
}

#[test]
fn the_secret_itself_is_not_sent() {
    assert!(!bodies(&[wanted("SF1000000000001", None)])[0].contains("word"));
}

#[test]
fn numbers_share_a_question_only_with_the_same_digits_of_the_telephone() {
    let asked = [
        wanted("SF1000000000001", Some("1234")),
        wanted("SF1000000000002", Some("1234")),
        wanted("SF1000000000003", Some("9876")),
        wanted("SF1000000000004", None),
    ];
    let bodies = bodies(&asked);
    assert_eq!(bodies.len(), 3);
    assert!(bodies[0].contains("SF1000000000002") && bodies[0].contains("1234"));
    assert!(bodies[1].contains("9876"));
    assert!(!bodies[2].contains("checkPhoneNo"));
}
