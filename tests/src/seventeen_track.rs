//! 17TRACK, which knows the shipments of the fake UPS: what it answers when it is
//! asked, and what it posts by itself, signed as it signs.

use crate::ups::{Scan, Ups};
use axum::{body::Body, extract::Request, http::header, response::Response};
use jiff::{Timestamp, tz::Offset};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The key with which it is asked, and with which it signs.
pub const KEY: &str = "A17TRACKKEYOFTHETESTS00000000001";

/// The most bytes of a question.
const MOST: usize = 64 * 1024;

/// What it calls a scan: stage and sub-status.
const fn names(scan: Scan) -> (Option<&'static str>, &'static str) {
    match scan {
        Scan::Label => (Some("InfoReceived"), "InfoReceived"),
        Scan::Origin => (Some("PickedUp"), "InTransit_PickedUp"),
        Scan::Departed => (Some("Departure"), "InTransit_Departure"),
        Scan::Arrived => (Some("Arrival"), "InTransit_Arrival"),
        Scan::Weather | Scan::Unheard => (None, "Exception_Other"),
        Scan::OutForDelivery => (Some("OutForDelivery"), "OutForDelivery_Other"),
        Scan::NotHome => (None, "DeliveryFailure_NoBody"),
        Scan::Delivered => (Some("Delivered"), "Delivered_Other"),
    }
}

fn event((scan, at, city): &(Scan, Timestamp, &'static str)) -> Value {
    let (stage, sub_status) = names(*scan);
    let local = Offset::constant(-5).to_datetime(*at);
    json!({
        "time_iso": format!("{}-05:00", local.strftime("%Y-%m-%dT%H:%M:%S")),
        "time_utc": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "description": sub_status, "location": format!("{city}, NY, US"),
        "stage": stage, "sub_status": sub_status,
        "address": {"country": "US", "state": "NY", "city": city},
    })
}

/// All that it knows of a shipment; none if that is nothing.
fn tracked(ups: &Ups, number: &str) -> Option<Value> {
    let scans = ups.scans(number);
    let (latest, _, _) = scans.last()?;
    let (_, sub_status) = names(*latest);
    let status = sub_status.split('_').next().unwrap_or_default();
    let newest_first: Vec<Value> = scans.iter().rev().map(event).collect();
    Some(json!({
        "number": number, "carrier": 100_002, "param": null, "tag": null,
        "track_info": {
            "latest_status": {"status": status, "sub_status": sub_status},
            "latest_event": newest_first[0],
            "tracking": {"providers": [{
                "provider": {"key": 100_002, "name": "UPS"}, "events": newest_first,
            }]},
        },
    }))
}

/// The answer to `gettrackinfo`.
pub(crate) async fn answer(ups: &Ups, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), MOST).await;
    let asked: Vec<Value> = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for question in &asked {
        let number = question["number"].as_str().unwrap_or_default();
        match tracked(ups, number) {
            Some(told) => accepted.push(told),
            None => rejected.push(json!({
                "number": number,
                "error": {"code": -18_019_909, "message": "No tracking information at the moment."},
            })),
        }
    }
    let answer = json!({"code": 0, "data": {"accepted": accepted, "rejected": rejected}});
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(answer.to_string()))
        .expect("the parts are valid")
}

/// The body that it posts once it knows more of a shipment, and its signature.
pub fn push(ups: &Ups, number: &str) -> (String, String) {
    let body = json!({"event": "TRACKING_UPDATED", "data": tracked(ups, number)}).to_string();
    let signature = hex::encode(Sha256::digest(format!("{body}/{KEY}")));
    (body, signature)
}
