//! What carriers are asked, where their answers cannot tell.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier, CarrierAccess, Exchange, RequestContext, TrackingQuery,
    carriers::australia_post::AustraliaPost, carriers::gls::Gls, carriers::laposte::LaPoste,
    carriers::postnl::PostNl, carriers::royal_mail::RoyalMail,
};
use posthorn_domain::tracking_number::TrackingNumber;

fn access(carrier: &dyn Carrier) -> CarrierAccess {
    let fields = carrier.carrier_profile().credentials.iter();
    let values = fields.map(|field| (field.name.to_owned(), format!("the {}", field.name)));
    CarrierAccess::new(carrier.carrier_profile(), values).unwrap()
}

/// The URLs and headers of the calls for numbers, credentials included.
fn check(carrier: &dyn Carrier, numbers: &[&str], expected: &[&str]) {
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let wanted: Vec<TrackingQuery> = numbers
        .iter()
        .map(|number| TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now))
        .collect();
    let access = access(carrier);
    let context = RequestContext {
        access: &access,
        now,
    };
    let mut told = Vec::new();
    for call in carrier.build_requests(&wanted, &context) {
        let Exchange::Send(mut request) = call.exchange else {
            panic!("it is asked over the network");
        };
        if !carrier.carrier_profile().auth.has_session() {
            carrier
                .authorize_request(&mut request, &access, None)
                .unwrap();
        }
        told.push(format!("{} {}", request.method(), request.uri()));
        for (name, value) in request.headers() {
            told.push(format!("{name}: {}", value.to_str().unwrap()));
        }
    }
    assert_eq!(told, expected);
}

#[test]
fn gls_is_asked_for_ten_numbers_at_once() {
    let numbers: Vec<String> = (10..22).map(|index| format!("903000100{index}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let url = "GET https://api.gls-group.net/track-and-trace-v1/tracking/simple/trackids/";
    let first = format!("{url}{}", numbers[..10].join(","));
    let second = format!("{url}90300010020,90300010021");
    check(
        &Gls,
        &numbers,
        &[
            &first,
            "accept: application/json",
            &second,
            "accept: application/json",
        ],
    );
}

#[test]
fn the_token_of_gls_comes_from_the_gateway_and_not_from_under_the_api() {
    let login = Gls.login_request(&access(&Gls)).unwrap().unwrap();
    assert_eq!(
        login.uri().to_string(),
        "https://api.gls-group.net/oauth2/v2/token"
    );
    assert!(
        login.headers()["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
}

#[test]
fn la_poste_is_asked_for_several_numbers_in_english() {
    check(
        &LaPoste,
        &["6A11000010015", "6A11000010026"],
        &[
            "GET https://api.laposte.fr/suivi/v2/idships/6A11000010015,6A11000010026?lang=en_GB",
            "accept: application/json",
            "x-okapi-key: the api_key",
        ],
    );
}

#[test]
fn postnl_is_asked_for_the_whole_history() {
    check(
        &PostNl,
        &["3SEXMP000010015"],
        &[
            "GET https://api.postnl.nl/shipment/v2/status/barcode/3SEXMP000010015\
             ?detail=true&language=EN",
            "accept: application/json",
            "apikey: the api_key",
        ],
    );
}

#[test]
fn royal_mail_is_told_that_its_terms_are_accepted() {
    check(
        &RoyalMail,
        &["KX100000013GB"],
        &[
            "GET https://api.royalmail.net/mailpieces/v2/KX100000013GB/events",
            "accept: application/json",
            "x-accept-rmg-terms: yes",
            "x-ibm-client-id: the client_id",
            "x-ibm-client-secret: the client_secret",
        ],
    );
}

#[test]
fn australia_post_is_asked_on_account() {
    check(
        &AustraliaPost,
        &["7XX1000010015", "7XX1000010026"],
        &[
            "GET https://digitalapi.auspost.com.au/shipping/v1/track\
             ?tracking_ids=7XX1000010015,7XX1000010026",
            "accept: application/json",
            "authorization: Basic dGhlIGFwaV9rZXk6dGhlIHBhc3N3b3Jk",
            "account-number: the account_number",
        ],
    );
}

#[test]
fn a_number_that_spoils_a_batch_of_australia_post_is_found_by_asking_one_by_one() {
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let numbers = ["7XX1000010015", "5XXX01000001"];
    let wanted =
        numbers.map(|number| TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now));
    let access = access(&AustraliaPost);
    let context = RequestContext {
        access: &access,
        now,
    };
    let call = AustraliaPost.build_requests(&wanted, &context).remove(0);
    let body = Bytes::from_static(br#"{"errors": [{"code": "51103"}]}"#);
    let response = Response::builder().status(400).body(body).unwrap();
    let answer = AustraliaPost.parse_response(&call, &response);
    assert!(answer.outcomes.is_empty());
    let urls: Vec<String> = answer
        .next
        .into_iter()
        .filter_map(|call| match call.exchange {
            Exchange::Send(request) => Some(request.uri().to_string()),
            Exchange::Known(_) => None,
        })
        .collect();
    let base = "https://digitalapi.auspost.com.au/shipping/v1/track?tracking_ids=";
    assert_eq!(urls, numbers.map(|number| format!("{base}{number}")));
}
