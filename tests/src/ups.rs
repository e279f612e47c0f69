//! A carrier that answers as UPS does (Track v1, OAuth2), changing over time.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

/// One scan as UPS tells it: `date` is `YYYYMMDD`, `time` is `HHMMSS`, local.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Local date.
    pub date: &'static str,
    /// Local time.
    pub time: &'static str,
    /// Offset from GMT, as `-05:00`.
    pub offset: &'static str,
    /// City.
    pub city: &'static str,
    /// Status type: M, P, I, X, D, …
    pub kind: &'static str,
    /// Activity code, as `OR`.
    pub code: &'static str,
    /// Status code, as `005`.
    pub status_code: &'static str,
    /// What the customer reads on UPS's page.
    pub text: &'static str,
}

/// How the carrier behaves when it is asked about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers what it knows.
    Well,
    /// It answers with a page for browsers, status 200.
    Html,
    /// It answers with this status and an empty body.
    Status(u16),
    /// It answers 429 and names the seconds to wait.
    RateLimited(u32),
    /// It answers an empty 200.
    Nothing,
}

#[derive(Debug, Clone)]
struct Parcel {
    activities: Vec<Activity>,
    mood: Mood,
    eta: Option<&'static str>,
    asked: u32,
}

/// The carrier's server; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Ups {
    parcels: Arc<Mutex<HashMap<String, Parcel>>>,
}

impl Ups {
    /// Serves on a loopback port of its own until the process ends.
    pub async fn serve(address: std::net::SocketAddr) -> anyhow::Result<Self> {
        let ups = Self::default();
        let listener = tokio::net::TcpListener::bind(address).await?;
        let router = Router::new().fallback(answer).with_state(ups.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(ups)
    }

    fn parcels(&self) -> MutexGuard<'_, HashMap<String, Parcel>> {
        self.parcels.lock().expect("no holder of the lock panics")
    }

    fn change(&self, number: &str, change: impl FnOnce(&mut Parcel)) {
        let mut parcels = self.parcels();
        let parcel = parcels.entry(number.to_owned()).or_insert(Parcel {
            activities: Vec::new(),
            mood: Mood::Well,
            eta: None,
            asked: 0,
        });
        change(parcel);
    }

    /// The carrier scans the parcel.
    pub fn scan(&self, number: &str, activity: Activity) {
        self.change(number, |parcel| parcel.activities.push(activity));
    }

    /// The carrier expects to deliver on `date` (`YYYYMMDD`).
    pub fn expect_on(&self, number: &str, date: &'static str) {
        self.change(number, |parcel| parcel.eta = Some(date));
    }

    /// The carrier behaves so from now on.
    pub fn feel(&self, number: &str, mood: Mood) {
        self.change(number, |parcel| parcel.mood = mood);
    }

    /// How often it was asked about the number.
    pub fn asked(&self, number: &str) -> u32 {
        self.parcels().get(number).map_or(0, |parcel| parcel.asked)
    }
}

async fn answer(State(ups): State<Ups>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.ends_with("/oauth/token") {
        return json_answer(
            StatusCode::OK,
            &json!({"token_type": "Bearer", "access_token": "a-token-of-the-test", "expires_in": "14399", "status": "approved"}),
        );
    }
    if request.headers().get(header::AUTHORIZATION).is_none() {
        return json_answer(
            StatusCode::UNAUTHORIZED,
            &json!({"response": {"errors": [{"code": "250002", "message": "Invalid Authentication Information."}]}}),
        );
    }
    let number = path.rsplit('/').next().unwrap_or_default();
    let mut parcels = ups.parcels();
    let Some(parcel) = parcels.get_mut(number) else {
        return json_answer(StatusCode::OK, &not_found(number));
    };
    parcel.asked += 1;
    match parcel.mood {
        Mood::Well if parcel.activities.is_empty() => json_answer(StatusCode::OK, &not_found(number)),
        Mood::Well => json_answer(StatusCode::OK, &tracked(number, parcel)),
        Mood::Html => respond(StatusCode::OK, "text/html", "<html><body>We will be back soon</body></html>"),
        Mood::Nothing => respond(StatusCode::OK, "application/json", ""),
        Mood::Status(status) => {
            let status = StatusCode::from_u16(status).expect("tests use real statuses");
            respond(status, "application/json", "")
        }
        Mood::RateLimited(seconds) => Response::builder()
            .status(StatusCode::TOO_MANY_REQUESTS)
            .header(header::RETRY_AFTER, seconds)
            .body(Body::from(r#"{"response":{"errors":[{"code":"10429","message":"Too Many Requests"}]}}"#))
            .expect("the parts are valid"),
    }
}

fn respond(status: StatusCode, content_type: &str, body: &str) -> Response {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body.to_owned()))
        .expect("the parts are valid")
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    respond(status, "application/json", &body.to_string())
}

fn not_found(number: &str) -> Value {
    json!({"trackResponse": {"shipment": [{
        "inquiryNumber": number,
        "warnings": [{"code": "TW0001", "message": "Tracking Information Not Found"}]
    }]}})
}

fn status(activity: &Activity) -> Value {
    json!({
        "type": activity.kind,
        "code": activity.code,
        "statusCode": activity.status_code,
        "description": activity.text,
    })
}

/// The answer for a parcel; UPS lists the newest activity first.
fn tracked(number: &str, parcel: &Parcel) -> Value {
    let activities: Vec<Value> = parcel
        .activities
        .iter()
        .rev()
        .map(|activity| {
            json!({
                "location": {"address": {"city": activity.city, "stateProvince": "NY", "countryCode": "US", "country": "US"}},
                "status": status(activity),
                "date": activity.date,
                "time": activity.time,
                "gmtOffset": activity.offset,
            })
        })
        .collect();
    let latest = parcel
        .activities
        .iter()
        .max_by_key(|activity| (activity.date, activity.time))
        .expect("a tracked parcel has an activity");
    let mut package = json!({
        "trackingNumber": number,
        "currentStatus": status(latest),
        "activity": activities,
        "packageCount": 1,
    });
    if let Some(date) = parcel.eta {
        package["deliveryDate"] = json!([{"type": "SDD", "date": date}]);
        package["deliveryTime"] = json!({"type": "EOD", "endTime": ""});
    }
    if latest.code == "FS" {
        package["deliveryDate"] = json!([{"type": "DEL", "date": latest.date}]);
        package["deliveryTime"] = json!({"type": "DEL", "endTime": latest.time});
        package["deliveryInformation"] = json!({"location": "Front Door", "receivedBy": ""});
    }
    json!({"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [package]}]}})
}

/// A UPS number with a right check digit from 15 letters and digits.
pub fn number(serial: u32) -> String {
    let body = format!("9X9E03{serial:09}");
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(index, byte)| {
            let value = if byte.is_ascii_digit() { u32::from(byte - b'0') } else { (u32::from(byte) - 3) % 10 };
            if index % 2 == 1 { value * 2 } else { value }
        })
        .sum();
    format!("1Z{body}{}", (10 - sum % 10) % 10)
}
