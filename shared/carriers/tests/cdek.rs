//! What CDEK is asked, and when its session has ended.

use bytes::Bytes;
use http::{Response, StatusCode};
use posthorn_carriers::{Carrier as _, CarrierAccess, carriers::cdek::Cdek};

fn answer(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = status;
    response
}

#[test]
fn the_account_stands_in_the_form() {
    let json = r#"{"client_id": "account", "client_secret": "s:cret"}"#;
    let access = CarrierAccess::parse(Cdek.carrier_profile(), json).unwrap();
    let request = Cdek.login_request(&access).unwrap().unwrap();
    assert_eq!(
        request.uri().to_string(),
        "https://api.cdek.ru/v2/oauth/token"
    );
    assert_eq!(
        request.body().as_ref(),
        b"grant_type=client%5Fcredentials&client_id=account&client_secret=s%3Acret"
    );
}

#[test]
fn an_ended_session_is_told_by_its_status_or_by_its_code() {
    const EXPIRED: &str = r#"{"requests": [{"errors": [{"code": "v2_token_expired"}]}]}"#;
    const OTHER: &str = r#"{"requests": [{"errors": [{"code": "v2_bad_request"}]}]}"#;
    let is_over = |status, body| Cdek.is_session_over(&answer(status, body));
    assert!(is_over(StatusCode::UNAUTHORIZED, ""));
    assert!(is_over(StatusCode::BAD_REQUEST, EXPIRED));
    assert!(!is_over(StatusCode::BAD_REQUEST, OTHER));
    assert!(!is_over(StatusCode::OK, EXPIRED));
}
