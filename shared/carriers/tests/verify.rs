//! Who a push comes from: each way of proving it, with what the senders publish
//! where they publish anything, and what must not pass.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use posthorn_carriers::{
    ALL, CarrierAccess, CarrierProfile,
    profile::{Auth, Encoding, PushSupport, SignedContent, Verifier},
    verify::{Authenticity, Jwks, PushRefusal, PushRequest, is_on, verify_push},
};
use proptest::prelude::*;
use std::time::Duration;

const NOW: &str = "2026-11-18T20:03:00Z";

/// A carrier that pushes in this way.
fn profile(verifier: Verifier) -> CarrierProfile {
    CarrierProfile {
        auth: Auth::Header {
            name: "key",
            prefix: "",
            field: "key",
        },
        push: Some(PushSupport {
            verifier,
            is_by_hand: true,
            subscribe_batch: None,
            lifetime: None,
        }),
        ..CarrierProfile::with_name("acme", "Acme")
    }
}

fn access(profile: &CarrierProfile, fields: &[(&str, &str)]) -> CarrierAccess {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CarrierAccess::new(profile, fields).unwrap()
}

fn headers(headers: &[(&'static str, &str)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect()
}

/// What becomes of a push with these headers and this body, by `secret`.
fn check(
    verifier: Verifier,
    secret: (&str, &str),
    sent: &[(&'static str, &str)],
    body: &str,
) -> Result<Authenticity, PushRefusal> {
    let profile = profile(verifier);
    let push = PushRequest {
        headers: &headers(sent),
        token: "",
        body: body.as_bytes(),
    };
    let access = access(&profile, &[secret]);
    verify_push(&profile, &access, &keys(), push, NOW.parse().unwrap())
}

const HMAC_HEX: Verifier = Verifier::HmacSha256 {
    header: "x-hmac-signature",
    encoding: Encoding::Hex("hmac-sha256-hex="),
    signed: SignedContent::Body,
};

// As EasyPost's client libraries have it in their tests, secret included.
const EASYPOST: &str = r#"{"result":{"id":"batch_123...","object":"Batch","mode":"test","state":"created","num_shipments":0,"reference":null,"created_at":"2022-07-26T17:22:32Z","updated_at":"2022-07-26T17:22:32Z","scan_form":null,"shipments":[],"status":{"created":0,"queued_for_purchase":0,"creation_failed":0,"postage_purchased":0,"postage_purchase_failed":0},"pickup":null,"label_url":null},"description":"batch.created","mode":"test","previous_attributes":null,"completed_urls":null,"user_id":"user_123...","status":"pending","object":"Event","id":"evt_123..."}"#;
const EASYPOST_SIGNATURE: &str =
    "hmac-sha256-hex=e93977c8ccb20363d51a62b3fe1fc402b7829be1152da9e88cf9e8d07115a46b";

#[test]
fn easyposts_own_example_holds_with_its_secret_decomposed() {
    let sent = [("x-hmac-signature", EASYPOST_SIGNATURE)];
    for secret in ["s\u{e9}cret", "se\u{301}cret"] {
        let verdict = check(HMAC_HEX, ("webhook_secret", secret), &sent, EASYPOST);
        assert_eq!(verdict, Ok(Authenticity::Verified), "{secret:?}");
    }
    let verdict = check(HMAC_HEX, ("webhook_secret", "secret"), &sent, EASYPOST);
    assert_eq!(verdict, Err(PushRefusal::Wrong));
    // Their body ends without a line break, and so must ours.
    let longer = format!("{EASYPOST}\n");
    let verdict = check(HMAC_HEX, ("webhook_secret", "s\u{e9}cret"), &sent, &longer);
    assert_eq!(verdict, Err(PushRefusal::Wrong));
}

#[test]
fn a_signature_in_base64_holds() {
    // Made with Python's hmac; AfterShip publishes the rule but no example.
    let verifier = Verifier::HmacSha256 {
        header: "aftership-hmac-sha256",
        encoding: Encoding::Base64,
        signed: SignedContent::Body,
    };
    let body = r#"{"event":"tracking_update","msg":{"tracking_number":"1Z9X9E030300010302"}}"#;
    let signature = "pJhQOcKg4QVgsPA0TGuE0ZGaeHydJWzdwD8MQcpK6YU=";
    let sent = [("aftership-hmac-sha256", signature)];
    let secret = ("webhook_secret", "a-webhook-secret");
    assert_eq!(
        check(verifier, secret, &sent, body),
        Ok(Authenticity::Verified)
    );
    let other = ("webhook_secret", "another-secret");
    assert_eq!(check(verifier, other, &sent, body), Err(PushRefusal::Wrong));
}

const FIELDS: Verifier = Verifier::HmacSha256 {
    header: "x-hmac",
    encoding: Encoding::Base64,
    signed: SignedContent::Fields(&["timestamp", "payload"]),
};
const USPS_SECRET: (&str, &str) = ("webhook_secret", "0123456789abcdef0123456789abcdef");

#[test]
fn a_signature_may_cover_fields_of_the_body() {
    // Made with Python's hmac over the two texts, as USPS describes it.
    let body = r#"{"subscriptionId":"s-1","subscriptionType":"TRACKING","timestamp":"2026-11-18T20:00:00Z","payload":"{\"trackingNumber\":\"9400111899223344556677\"}"}"#;
    let sent = [("x-hmac", "gJZ7JdrXx1EE2dGPj8Pc+rE5+UWKkxcGhoRG1JnUEuI=")];
    assert_eq!(
        check(FIELDS, USPS_SECRET, &sent, body),
        Ok(Authenticity::Verified)
    );
    let other_payload = body.replace("6677", "6678");
    let other_time = body.replace("20:00:00", "20:00:01");
    let without = r#"{"timestamp":"2026-11-18T20:00:00Z"}"#;
    let no_texts = r#"{"timestamp":1,"payload":{}}"#;
    for body in [
        &other_payload,
        &other_time,
        without,
        no_texts,
        "not JSON",
        "",
    ] {
        let verdict = check(FIELDS, USPS_SECRET, &sent, body);
        assert_eq!(verdict, Err(PushRefusal::Wrong), "{body}");
    }
}

#[test]
fn a_plain_hash_is_made_with_the_key_that_asks() {
    // Made with Python's hashlib over body, slash and key, as 17TRACK describes it.
    let verifier = Verifier::Sha256Suffix {
        header: "sign",
        separator: b'/',
    };
    let body = r#"{"event":"TRACKING_STOPPED","data":{"number":"RR123456789CN","carrier":3011,"tag":null}}"#;
    let sent = [(
        "sign",
        "3542f1143811d10f7b9a35fbaa4f0eb2f265ccdf2d8979e5e120cc236036fc5e",
    )];
    let key = ("webhook_secret", "E2F2B9B0C7A84D0D8B9D8C4C2A1F3E5D");
    assert_eq!(
        check(verifier, key, &sent, body),
        Ok(Authenticity::Verified)
    );
    assert_eq!(
        check(verifier, ("webhook_secret", "E2"), &sent, body),
        Err(PushRefusal::Wrong)
    );
    assert_eq!(
        check(verifier, key, &[("sign", "3542f1")], body),
        Err(PushRefusal::Wrong)
    );
}

const RSA: Verifier = Verifier::RsaSha256Jwks {
    key_id: "x-key-id",
    signature: "x-signature",
    timestamp: "x-timestamp",
    max_skew: Duration::from_mins(5),
};
const SIGNED_BODY: &str = r#"{"resource_url":"https://api.shipengine.com/v1/tracking","resource_type":"API_TRACK","data":{"tracking_number":"1Z9X9E030300010302","carrier_code":"ups","status_code":"IT"}}"#;
const RSA_SIGNATURE: &str = "LC51I71BbErIhhQjtVl65pQkXyBvyvHnOwDZ+PRwjHek9/W+eCzC5jG5hqctkSRpSP1T2J2buDuMlHm3vPHnRjSz1wHVnm/f4U8xVYZ9VyDhjFd0dSQ82vg0RM98Ln1DeO2259I5igll9/LyCCjo+jhLoCrQQZSvRKXZ3wSDE1O6osZ9hP10zgYoDoG3ANroL9wWwY+qx88aOP6K8rqrMX8wzoB/MZ4aV7zYM36hoqMeO+lrq1jfuU0Dpu38NsQqXiZlndsOh21q4DhMQ9UyJk0KIG6Ptw8yudLLImlW4wlJRkYcLwWooDjgsEYJKF6vbQGCRF/cFDhVpsWojWtzlQ==";

/// A key made for this test; its other half signed above by `openssl dgst -sha256 -sign`.
fn keys() -> Jwks {
    let n = "ufBvjh9zC6eJNqOOBOx3UlKaGKkhxOPTFBMW5rhzafkrsGj_Wet1bbVXkJya2SwoRS9ew9rwR8n7SCGuymQzFPMDWNsoNX4x59oaEXM4Xkzqh1OxUDcvmxDZwAZhpnAGb7kU3o23IpVcKF-vQha9CERWt1mbSthZLaGbdxbRn19oSuZLil-ENWsDtf_jF-42jg_iF7wcjvghSrI25utlZbdblVZlkuNWervOrudMyPw34EQvEI6jLe-EvJiFpWtt5yM78xNPM4SVYCsjeYl0LKhEwbpeZ3w6_kwXqyjChSZAr-Ouc-gSgoI8jBI9xjekIOivGIf-VWgplBAEN91CEw";
    let keys = serde_json::json!({"keys": [
        {"kty": "EC", "kid": "another", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "k-1", "use": "sig", "alg": "RS256", "n": n, "e": "AQAB"},
    ]});
    Jwks::parse(keys.to_string().as_bytes()).unwrap()
}

#[test]
fn a_signature_by_a_published_key_holds_for_five_minutes() {
    let sent = |key: &'static str, at: &'static str| {
        [
            ("x-key-id", key),
            ("x-signature", RSA_SIGNATURE),
            ("x-timestamp", at),
        ]
    };
    let signed_at = "2026-11-18T20:00:00Z";
    let check_at = |now: &str, sent: &[(&'static str, &str)], body: &str| {
        let profile = profile(RSA);
        let push = PushRequest {
            headers: &headers(sent),
            token: "",
            body: body.as_bytes(),
        };
        let now: Timestamp = now.parse().unwrap();
        verify_push(&profile, &access(&profile, &[]), &keys(), push, now)
    };
    let genuine = sent("k-1", signed_at);
    for now in ["2026-11-18T20:05:00Z", "2026-11-18T19:55:00Z", signed_at] {
        assert_eq!(
            check_at(now, &genuine, SIGNED_BODY),
            Ok(Authenticity::Verified)
        );
    }
    for now in ["2026-11-18T20:05:01Z", "2026-11-18T19:54:59Z"] {
        assert_eq!(
            check_at(now, &genuine, SIGNED_BODY),
            Err(PushRefusal::Stale)
        );
    }
    let later = sent("k-1", "2026-11-18T20:01:00Z");
    assert_eq!(check_at(NOW, &later, SIGNED_BODY), Err(PushRefusal::Wrong));
    let bent = SIGNED_BODY.replace("\"IT\"", "\"DE\"");
    assert_eq!(check_at(NOW, &genuine, &bent), Err(PushRefusal::Wrong));
    let unknown = sent("k-2", signed_at);
    assert_eq!(
        check_at(NOW, &unknown, SIGNED_BODY),
        Err(PushRefusal::UnknownKey)
    );
    let elliptic = sent("another", signed_at);
    assert_eq!(
        check_at(NOW, &elliptic, SIGNED_BODY),
        Err(PushRefusal::UnknownKey)
    );
    let odd = sent("k-1", "yesterday");
    assert_eq!(check_at(NOW, &odd, SIGNED_BODY), Err(PushRefusal::Stale));
    assert_eq!(check_at(NOW, &[], SIGNED_BODY), Err(PushRefusal::Unsigned));
}

#[test]
fn a_set_of_keys_is_a_set_of_keys_or_nothing() {
    assert!(Jwks::parse(b"<html>").is_none());
    assert!(Jwks::parse(b"null").is_none());
    assert_eq!(Jwks::parse(b"{}").unwrap(), Jwks::default());
    let odd = br#"{"keys":[{"kty":"RSA","kid":"k","n":"!","e":"AQAB"}]}"#;
    assert_eq!(Jwks::parse(odd).unwrap(), Jwks::default());
}

#[test]
fn a_secret_of_ours_comes_back_in_a_header() {
    let verifier = Verifier::SharedHeader("credential");
    let secret = ("webhook_secret", "a-secret-of-ours");
    let check = |sent: &[(&'static str, &str)]| check(verifier, secret, sent, "{}");
    assert_eq!(
        check(&[("credential", "a-secret-of-ours")]),
        Ok(Authenticity::Verified)
    );
    assert_eq!(
        check(&[("credential", "a-secret-of-our")]),
        Err(PushRefusal::Wrong)
    );
    assert_eq!(check(&[("credential", "")]), Err(PushRefusal::Unsigned));
    assert_eq!(check(&[]), Err(PushRefusal::Unsigned));
}

#[test]
fn a_secret_in_the_path_is_no_more_than_a_hint() {
    let profile = profile(Verifier::SecretPath);
    let access = access(&profile, &[("webhook_secret", "kJ8sQ2v9")]);
    let check = |token: &str| {
        let push = PushRequest {
            headers: &HeaderMap::new(),
            token,
            body: b"{}",
        };
        verify_push(
            &profile,
            &access,
            &Jwks::default(),
            push,
            NOW.parse().unwrap(),
        )
    };
    assert_eq!(check("kJ8sQ2v9"), Ok(Authenticity::Unverified));
    assert_eq!(check("kJ8sQ2v"), Err(PushRefusal::Wrong));
    assert_eq!(check(""), Err(PushRefusal::Unsigned));
}

const PATH_OR_SIGNATURE: Verifier = Verifier::SecretPathOrSignature {
    header: "shippo-auth-signature",
    field: "signature_secret",
    max_skew: Duration::from_mins(5),
};
const TRACK_UPDATED: &str = r#"{"event":"track_updated","test":false,"data":{"carrier":"usps","tracking_number":"9400111899223344556677"}}"#;
// Made with Python's hmac over `1795032000.` (2026-11-18T20:00:00Z) and the body,
// with two secrets; Shippo publishes the rule but no example.
const BY_THIS_SECRET: &str = "d42504eb571b82623c46ab286d351e1a4c495b7416acdcf808486a8778f6a93a";
const BY_ANOTHER: &str = "85b0559849b75e765670fed176534e0ffb60c254fccccfb46f3b3952135d7b19";

/// What becomes of a push with this signature, behind a secret in its address.
fn check_signed(
    now: &str,
    token: &str,
    signature: &str,
    body: &str,
) -> Result<Authenticity, PushRefusal> {
    let profile = profile(PATH_OR_SIGNATURE);
    let secrets = [
        ("signature_secret", "a-secret-of-shippos"),
        ("webhook_secret", "kJ8sQ2v9"),
    ];
    let sent = headers(&[("shippo-auth-signature", signature)]);
    let push = PushRequest {
        headers: &sent,
        token,
        body: body.as_bytes(),
    };
    let access = access(&profile, &secrets);
    verify_push(&profile, &access, &keys(), push, now.parse().unwrap())
}

#[test]
fn a_signature_with_its_time_holds_for_five_minutes() {
    let genuine = format!("t=1795032000,v1={BY_THIS_SECRET}");
    for now in [
        "2026-11-18T19:55:00Z",
        "2026-11-18T20:00:00Z",
        "2026-11-18T20:05:00Z",
    ] {
        for token in ["", "kJ8sQ2v9", "guessed"] {
            let verdict = check_signed(now, token, &genuine, TRACK_UPDATED);
            assert_eq!(verdict, Ok(Authenticity::Verified));
        }
    }
    for now in ["2026-11-18T19:54:59Z", "2026-11-18T20:05:01Z"] {
        let verdict = check_signed(now, "kJ8sQ2v9", &genuine, TRACK_UPDATED);
        assert_eq!(verdict, Err(PushRefusal::Stale));
    }
}

#[test]
fn one_of_several_signatures_does_and_spaces_do_no_harm() {
    for several in [
        format!("t=1795032000,v1={BY_ANOTHER},v1={BY_THIS_SECRET}"),
        format!("v1={BY_THIS_SECRET}, t=1795032000, v0=77"),
        format!("t=1795032000,v1=odd,v1={BY_THIS_SECRET}"),
    ] {
        let verdict = check_signed(NOW, "", &several, TRACK_UPDATED);
        assert_eq!(verdict, Ok(Authenticity::Verified), "{several}");
    }
}

#[test]
fn a_wrong_signature_is_refused_also_behind_the_right_address() {
    let bent = TRACK_UPDATED.replace("usps", "ups");
    let genuine = format!("t=1795032000,v1={BY_THIS_SECRET}");
    let verdict = check_signed(NOW, "kJ8sQ2v9", &genuine, &bent);
    assert_eq!(verdict, Err(PushRefusal::Wrong));
    for (signature, refusal) in [
        (format!("t=1795032000,v1={BY_ANOTHER}"), PushRefusal::Wrong),
        (
            format!("t=1795032001,v1={BY_THIS_SECRET}"),
            PushRefusal::Wrong,
        ),
        (
            format!("t=1795032000,t=1795032000,v1={BY_THIS_SECRET}"),
            PushRefusal::Wrong,
        ),
        (format!("v1={BY_THIS_SECRET}"), PushRefusal::Wrong),
        ("t=1795032000".to_owned(), PushRefusal::Wrong),
        ("t=1795032000,v1=".to_owned(), PushRefusal::Wrong),
        (BY_THIS_SECRET.to_owned(), PushRefusal::Wrong),
        (
            format!("t=yesterday,v1={BY_THIS_SECRET}"),
            PushRefusal::Stale,
        ),
    ] {
        let verdict = check_signed(NOW, "kJ8sQ2v9", &signature, TRACK_UPDATED);
        assert_eq!(verdict, Err(refusal), "{signature}");
    }
}

#[test]
fn who_has_agreed_on_no_signature_gives_a_hint() {
    let profile = profile(PATH_OR_SIGNATURE);
    let check = |fields: &[(&str, &str)], token: &str, sent: &[(&'static str, &str)]| {
        let push = PushRequest {
            headers: &headers(sent),
            token,
            body: TRACK_UPDATED.as_bytes(),
        };
        let access = access(&profile, fields);
        assert!(is_on(&profile, &access) || fields.is_empty());
        verify_push(&profile, &access, &keys(), push, NOW.parse().unwrap())
    };
    let by_path = [("webhook_secret", "kJ8sQ2v9")];
    let signed = [("signature_secret", "a-secret-of-shippos")];
    let unasked_for = [("shippo-auth-signature", "t=1795032000,v1=00")];
    assert_eq!(
        check(&by_path, "kJ8sQ2v9", &[]),
        Ok(Authenticity::Unverified)
    );
    assert_eq!(
        check(&by_path, "kJ8sQ2v9", &unasked_for),
        Ok(Authenticity::Unverified)
    );
    assert_eq!(check(&by_path, "guessed", &[]), Err(PushRefusal::Wrong));
    assert_eq!(check(&by_path, "", &[]), Err(PushRefusal::Unsigned));
    assert_eq!(check(&signed, "", &[]), Err(PushRefusal::NotSetUp));
    assert_eq!(check(&signed, "guessed", &[]), Err(PushRefusal::NotSetUp));
    assert_eq!(check(&[], "kJ8sQ2v9", &[]), Err(PushRefusal::NotSetUp));
}

#[test]
fn without_a_secret_nothing_passes_not_even_what_is_signed_with_nothing() {
    let none = ("unrelated", "x");
    // The HMAC of an empty body with an empty key.
    let empty = "hmac-sha256-hex=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    let sent = [("x-hmac-signature", empty), ("credential", "")];
    assert_eq!(check(HMAC_HEX, none, &sent, ""), Err(PushRefusal::NotSetUp));
    for verifier in [
        FIELDS,
        Verifier::SharedHeader("credential"),
        Verifier::SecretPath,
    ] {
        let profile = profile(verifier);
        assert!(!is_on(&profile, &access(&profile, &[none])));
        assert_eq!(
            check(verifier, none, &sent, "{}"),
            Err(PushRefusal::NotSetUp)
        );
    }
    let silent = CarrierProfile::with_name("acme", "Acme");
    assert!(!is_on(
        &silent,
        &access(&silent, &[("webhook_secret", "x")])
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_none_pass_by_chance(
        which in any::<prop::sample::Index>(),
        token in "[ -~]{0,20}",
        value in "[ -~]{0,80}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let pushing: Vec<_> = ALL.iter().filter(|carrier| carrier.carrier_profile().push.is_some()).collect();
        let profile = which.get(&pushing).carrier_profile();
        let fields = profile.credentials.iter().map(|field| (field.name.to_owned(), "s".repeat(32)));
        let secret = [("webhook_secret".to_owned(), "s".repeat(32))];
        let access = CarrierAccess::new(profile, fields.chain(secret)).unwrap();
        let names = ["credential", "x-hmac", "x-posthorn-token", "sign", "x-hmac-signature", "shippo-auth-signature"];
        let headers: HeaderMap = names
            .iter()
            .map(|name| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let push = PushRequest { headers: &headers, token: &token, body: &body };
        prop_assert!(verify_push(profile, &access, &keys(), push, NOW.parse().unwrap()).is_err());
    }
}
