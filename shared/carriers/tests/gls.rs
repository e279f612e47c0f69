//! What GLS is asked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use posthorn_carriers::{Access, Carrier as _, Context, Exchange, Wanted, gls::Gls};
use posthorn_domain::tracking_number::TrackingNumber;

fn access() -> Access {
    let values = [("client_id", "shop"), ("client_secret", "hush")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Access::new(Gls.profile(), values).unwrap()
}

#[test]
fn ten_numbers_are_asked_for_at_once() {
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let wanted: Vec<Wanted> = (10..23)
        .map(|index| TrackingNumber::parse(&format!("903000100{index}")).unwrap())
        .map(|number| Wanted::new(number, now))
        .collect();
    let context = Context {
        access: &access(),
        now,
    };
    let urls: Vec<String> = Gls
        .plan(&wanted, &context)
        .into_iter()
        .map(|call| match call.exchange {
            Exchange::Send(request) => request.uri().to_string(),
            Exchange::Known(_) => panic!("GLS is asked over the network"),
        })
        .collect();
    let base = "https://api.gls-group.net/track-and-trace-v1/tracking/simple/trackids/";
    assert_eq!(
        urls,
        [
            format!(
                "{base}90300010010,90300010011,90300010012,90300010013,90300010014,\
                 90300010015,90300010016,90300010017,90300010018,90300010019"
            ),
            format!("{base}90300010020,90300010021,90300010022"),
        ]
    );
}

#[test]
fn the_token_comes_from_the_gateway_and_not_from_under_the_api() {
    let login = Gls.login(&access()).unwrap().unwrap();
    assert_eq!(
        login.uri().to_string(),
        "https://api.gls-group.net/oauth2/v2/token"
    );
    assert_eq!(login.body().as_ref(), b"grant_type=client%5Fcredentials");
    assert!(
        login.headers()["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Basic ")
    );
}
