//! What every carrier does, whatever it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use posthorn_carriers::{
    ALL, Carrier, CarrierAccess, CarrierErrorKind, CarrierProfile, CarrierRequest, Exchange,
    RequestContext, TrackingQuery, TrackingResult, auth::LoginSession, find_carrier,
    profile::PollMode,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use proptest::prelude::*;
use std::{collections::HashSet, time::Duration};

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn access(profile: &CarrierProfile) -> CarrierAccess {
    let values = profile
        .credentials
        .iter()
        .map(|field| (field.name.to_owned(), "a-value-of-the-test".to_owned()));
    CarrierAccess::new(profile, values).unwrap()
}

fn wanted(count: usize) -> Vec<TrackingQuery> {
    (0..count)
        .map(|index| {
            let number = TrackingNumber::parse(&format!("SANDBOXSTRAIGHT{index:04}")).unwrap();
            TrackingQuery::new(number, now())
        })
        .collect()
}

fn plan(carrier: &dyn Carrier, wanted: &[TrackingQuery]) -> Vec<CarrierRequest> {
    let access = access(carrier.carrier_profile());
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    carrier.build_requests(wanted, &context)
}

fn question(carrier: &dyn Carrier) -> Option<CarrierRequest> {
    plan(carrier, &wanted(1)).pop()
}

fn answer(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

#[test]
fn ids_are_unique_and_lead_back_to_their_carrier() {
    let mut seen = HashSet::new();
    for carrier in ALL {
        let id = CarrierId::parse(carrier.carrier_profile().id).unwrap();
        assert_eq!(id, carrier.id());
        assert!(seen.insert(id.clone()), "{id} is there twice");
        assert_eq!(find_carrier(&id).unwrap().carrier_profile().id, id.as_str());
    }
}

#[test]
fn a_plan_asks_for_each_number_once_in_calls_no_larger_than_the_batch() {
    for carrier in ALL {
        let profile = carrier.carrier_profile();
        let wanted = wanted(57);
        let calls = plan(*carrier, &wanted);
        if profile.mode == PollMode::Never {
            assert!(calls.is_empty());
            continue;
        }
        let asked: Vec<&TrackingNumber> = calls
            .iter()
            .flat_map(|call| &call.queries)
            .map(|wanted| &wanted.number)
            .collect();
        assert_eq!(asked, wanted.iter().map(|w| &w.number).collect::<Vec<_>>());
        for call in &calls {
            assert!(call.queries.len() <= profile.batch, "{}", profile.id);
        }
        assert!(plan(*carrier, &[]).is_empty());
    }
}

#[test]
fn a_plan_is_the_same_for_the_same_question() {
    for carrier in ALL {
        let requests = |calls: Vec<CarrierRequest>| -> Vec<String> {
            let sent = calls.into_iter().filter_map(|call| match call.exchange {
                Exchange::Send(request) => Some(format!("{request:?}")),
                Exchange::Known(_) => None,
            });
            sent.collect()
        };
        let (first, second) = (plan(*carrier, &wanted(3)), plan(*carrier, &wanted(3)));
        assert_eq!(requests(first), requests(second));
    }
}

#[test]
fn a_planned_request_goes_to_the_base_url_and_holds_no_secret() {
    for carrier in ALL {
        for call in plan(*carrier, &wanted(3)) {
            let Exchange::Send(request) = call.exchange else {
                continue;
            };
            let profile = carrier.carrier_profile();
            assert!(request.uri().to_string().starts_with(profile.base_url));
            if !matches!(profile.auth, posthorn_carriers::profile::Auth::Body) {
                assert!(!format!("{request:?}").contains("a-value-of-the-test"));
            }
        }
    }
}

#[test]
fn credentials_are_put_into_a_request_and_stay_out_of_logs() {
    for carrier in ALL {
        let Some(Exchange::Send(mut request)) = question(*carrier).map(|call| call.exchange) else {
            continue;
        };
        let access = access(carrier.carrier_profile());
        let before = (request.headers().clone(), request.body().clone());
        let session = LoginSession {
            token: "a-token-of-the-test".to_owned().into(),
            lifetime: Duration::from_mins(30),
        };
        carrier
            .authorize_request(&mut request, &access, Some(&session))
            .unwrap();
        if carrier.carrier_profile().auth.has_session() {
            // In a header, or in the header of a SOAP envelope.
            assert_ne!(before, (request.headers().clone(), request.body().clone()));
        }
        let after = format!("{:?}", request.headers());
        for text in [after, format!("{access:?}"), format!("{session:?}")] {
            assert!(!text.contains("of-the-test"), "{text}");
        }
    }
}

#[test]
fn nonsense_is_a_failure_with_a_kind_and_never_a_report() {
    let nonsense: [(u16, &str); 9] = [
        (200, ""),
        (200, "<html>We will be back soon</html>"),
        (200, "{"),
        (200, "null"),
        (200, "{\"a\": [1, {}]}"),
        (204, ""),
        (302, ""),
        (500, "{\"error\": true}"),
        (503, "busy"),
    ];
    for carrier in ALL {
        let Some(call) = question(*carrier) else {
            continue;
        };
        for (status, body) in nonsense {
            let id = carrier.carrier_profile().id;
            let answer = carrier.parse_response(&call, &answer(status, body));
            for (_, outcome) in answer.outcomes {
                let TrackingResult::Failed(failure) = outcome else {
                    panic!("{id} made {outcome:?} of {status} {body:?}");
                };
                let expected = if status >= 500 {
                    CarrierErrorKind::Unavailable
                } else {
                    CarrierErrorKind::Unreadable
                };
                assert_eq!(failure.kind, expected, "{id}: {status} {body:?}");
            }
        }
    }
}

#[test]
fn refusals_are_told_apart() {
    let refusals = [
        (401, CarrierErrorKind::Unauthorized),
        (403, CarrierErrorKind::Denied),
        (429, CarrierErrorKind::RateLimited { after: None }),
    ];
    for carrier in ALL {
        let Some(call) = question(*carrier) else {
            continue;
        };
        for (status, expected) in refusals {
            let answer = carrier.parse_response(&call, &answer(status, ""));
            let kinds: Vec<_> = answer
                .outcomes
                .iter()
                .map(|(_, outcome)| match outcome {
                    TrackingResult::Failed(failure) => failure.kind,
                    outcome => panic!("{outcome:?}"),
                })
                .collect();
            assert_eq!(kinds, [expected], "{}", carrier.carrier_profile().id);
        }
    }
}

#[test]
fn a_missing_credential_is_named_and_its_place_told() {
    for carrier in ALL {
        let profile = carrier.carrier_profile();
        let required = profile.credentials.iter().find(|field| field.is_required);
        if let Some(field) = required {
            let error = CarrierAccess::parse(profile, "{}").unwrap_err().to_string();
            assert!(error.contains(field.name) && error.contains(field.help));
        }
    }
}

#[test]
fn a_base_url_must_be_safe() {
    let profile = find_carrier(&CarrierId::parse("sandbox").unwrap())
        .unwrap()
        .carrier_profile();
    let parse = |url: &str| CarrierAccess::parse(profile, &format!(r#"{{"base_url": "{url}"}}"#));
    for good in [
        "https://carrier.example",
        "https://carrier.example/prefix/",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:8080",
    ] {
        assert!(parse(good).is_ok(), "{good}");
    }
    for bad in [
        "http://carrier.example",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "https://user:secret@carrier.example",
        "https://carrier.example/?key=1",
        "carrier.example",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    assert_eq!(
        parse("https://carrier.example/prefix/").unwrap().base_url(),
        "https://carrier.example/prefix"
    );
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let names = prop::sample::select(vec![
        "trackResponse",
        "shipment",
        "package",
        "activity",
        "status",
        "date",
        "time",
        "gmtDate",
        "gmtTime",
        "gmtOffset",
        "deliveryDate",
        "deliveryTime",
        "type",
        "code",
        "warnings",
        "response",
        "errors",
        "trackingNumber",
        "packageCount",
        "number",
        "events",
        "at",
    ]);
    let texts = prop::sample::select(vec![
        "",
        "20261118",
        "93015",
        "24:61:00",
        "-05.00",
        "+99:99",
        "TW0001",
        "EDW",
        "D",
        "é€",
        "2026-11-18",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        texts.prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(8, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_a_carrier_panic_or_speak_of_other_numbers(
        body in prop::collection::vec(any::<u8>(), 0..200),
        status in prop::sample::select(vec![200_u16, 204, 207, 302, 400, 401, 403, 404, 429, 500]),
    ) {
        for carrier in ALL {
            if let Some(call) = question(*carrier) {
                let answer = carrier.parse_response(&call, &answer(status, body.clone()));
                prop_assert!(answer.outcomes.iter().all(|(number, _)| *number == call.queries[0].number));
            }
        }
    }

    #[test]
    fn no_json_makes_a_carrier_panic_or_speak_of_other_numbers(value in any_json()) {
        let wrapped = serde_json::json!({"trackResponse": {"shipment": [{"package": value.clone()}]}});
        for body in [value, wrapped] {
            for carrier in ALL {
                if let Some(call) = question(*carrier) {
                    let answer = carrier.parse_response(&call, &answer(200, body.to_string()));
                    prop_assert!(answer.outcomes.iter().all(|(number, _)| *number == call.queries[0].number));
                }
            }
        }
    }
}

#[test]
fn a_token_that_is_refused_in_words_is_renewed_and_what_passes_is_asked_again() {
    const JWT: &str = r#"{"message": "The given JWT is invalid. Please try again."}"#;
    const LATER: &str = r#"{"message": "We cannot answer now. Please try again later."}"#;
    let told = |carrier: &dyn Carrier, status, body: &'static str| -> Option<CarrierErrorKind> {
        let answer = carrier.parse_response(&question(carrier)?, &answer(status, body));
        match answer.outcomes.into_iter().next()?.1 {
            TrackingResult::Failed(failure) => Some(failure.kind),
            _ => None,
        }
    };
    for carrier in ALL.iter().copied().filter(|carrier| {
        let profile = carrier.carrier_profile();
        profile.mode != PollMode::Never && !profile.base_url.is_empty()
    }) {
        let id = carrier.carrier_profile().id;
        assert!(carrier.is_session_over(&answer(400, JWT)), "{id}");
        assert!(!carrier.is_session_over(&answer(400, LATER)), "{id}");
        for status in [400, 403] {
            let unauthorized = Some(CarrierErrorKind::Unauthorized);
            assert_eq!(told(carrier, status, JWT), unauthorized, "{id} {status}");
            let unavailable = Some(CarrierErrorKind::Unavailable);
            assert_eq!(told(carrier, status, LATER), unavailable, "{id} {status}");
        }
    }
}
