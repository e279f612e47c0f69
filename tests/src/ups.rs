//! A carrier that answers as UPS does (Track v1, OAuth2), changing over time.

use crate::seventeen_track;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::Response,
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

/// What UPS scans, each with its type, activity code, status code and text as
/// UPS's tables give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The label's data is there.
    Label,
    /// The shipment is there.
    Origin,
    /// It left a building.
    Departed,
    /// It came to a building.
    Arrived,
    /// It is late for the weather.
    Weather,
    /// It is on the vehicle.
    OutForDelivery,
    /// The recipient was not in.
    NotHome,
    /// It is with the recipient.
    Delivered,
    /// A code that no table has.
    Unheard,
}

impl Scan {
    const fn codes(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Label => (
                "M",
                "MP",
                "003",
                "Shipper created a label, UPS has not received the package yet.",
            ),
            Self::Origin => ("I", "OR", "005", "Origin Scan"),
            Self::Departed => ("I", "DP", "005", "Departed from Facility"),
            Self::Arrived => ("I", "AR", "005", "Arrived at Facility"),
            Self::Weather => (
                "X",
                "48",
                "005",
                "Severe weather conditions have delayed delivery.",
            ),
            Self::OutForDelivery => ("I", "OT", "021", "Out For Delivery Today"),
            Self::NotHome => (
                "X",
                "08",
                "016",
                "The receiver was not available at the time of the first delivery attempt.",
            ),
            Self::Delivered => ("D", "FS", "011", "DELIVERED"),
            Self::Unheard => ("I", "QZ9", "", "Something new"),
        }
    }
}

/// One scan as UPS tells it.
#[derive(Debug, Clone)]
struct Activity {
    scan: Scan,
    /// UTC; told with the offset of New York in winter.
    at: Timestamp,
    city: &'static str,
}

impl Activity {
    fn local(&self) -> DateTime {
        Offset::constant(-5).to_datetime(self.at)
    }
}

/// How the carrier behaves when it is asked about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers what it knows.
    Well,
    /// It does not know the number, whichever carrier does.
    Ignorant,
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
    eta: Option<Date>,
    asked: u32,
}

/// The carrier's server; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Ups {
    parcels: Arc<Mutex<HashMap<String, Parcel>>>,
}

impl Ups {
    /// Serves at `address` until the process ends, on a thread of its own: the
    /// runtime of a test ends with the test.
    pub fn serve(address: std::net::SocketAddr) -> std::io::Result<Self> {
        let ups = Self::default();
        let router = Router::new().fallback(answer).with_state(ups.clone());
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, router).await
            })
        });
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

    /// The carrier scanned the shipment at `at` in `city`.
    pub fn scan(&self, number: &str, scan: Scan, at: Timestamp, city: &'static str) {
        self.change(number, |parcel| {
            parcel.activities.push(Activity { scan, at, city });
        });
    }

    /// The carrier expects to deliver on `date`.
    pub fn expect_on(&self, number: &str, date: Date) {
        self.change(number, |parcel| parcel.eta = Some(date));
    }

    /// The carrier behaves so from now on.
    pub fn feel(&self, number: &str, mood: Mood) {
        self.change(number, |parcel| parcel.mood = mood);
    }

    /// The scans of a shipment, oldest first, each with its time and city.
    pub fn scans(&self, number: &str) -> Vec<(Scan, Timestamp, &'static str)> {
        let parcels = self.parcels();
        let activities = parcels.get(number).map(|parcel| &parcel.activities);
        let mut scans: Vec<_> = activities
            .into_iter()
            .flatten()
            .map(|activity| (activity.scan, activity.at, activity.city))
            .collect();
        scans.sort_by_key(|(_, at, _)| *at);
        scans
    }

    /// How often it was asked about the number.
    pub fn asked(&self, number: &str) -> u32 {
        self.parcels().get(number).map_or(0, |parcel| parcel.asked)
    }
}

async fn answer(State(ups): State<Ups>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.ends_with("/gettrackinfo") {
        return seventeen_track::answer(&ups, request).await;
    }
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
        Mood::Well if parcel.activities.is_empty() => {
            json_answer(StatusCode::OK, &not_found(number))
        }
        Mood::Ignorant => json_answer(StatusCode::OK, &not_found(number)),
        Mood::Well => json_answer(StatusCode::OK, &tracked(number, parcel)),
        Mood::Html => respond(
            StatusCode::OK,
            "text/html",
            "<html><body>We will be back soon</body></html>",
        ),
        Mood::Nothing => respond(StatusCode::OK, "application/json", ""),
        Mood::Status(status) => {
            let status = StatusCode::from_u16(status).expect("tests use real statuses");
            respond(status, "application/json", "")
        }
        Mood::RateLimited(seconds) => Response::builder()
            .status(StatusCode::TOO_MANY_REQUESTS)
            .header(header::RETRY_AFTER, seconds)
            .body(Body::from(
                r#"{"response":{"errors":[{"code":"10429","message":"Too Many Requests"}]}}"#,
            ))
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
    let (kind, code, status_code, text) = activity.scan.codes();
    json!({"type": kind, "code": code, "statusCode": status_code, "description": text})
}

/// The answer for a shipment; UPS lists the newest activity first.
fn tracked(number: &str, parcel: &Parcel) -> Value {
    let mut newest_first: Vec<&Activity> = parcel.activities.iter().collect();
    newest_first.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    let activities: Vec<Value> = newest_first
        .iter()
        .map(|activity| {
            let local = activity.local();
            let gmt = Offset::UTC.to_datetime(activity.at);
            json!({
                "location": {"address": {"city": activity.city, "stateProvince": "NY", "countryCode": "US", "country": "US"}},
                "status": status(activity),
                "date": local.strftime("%Y%m%d").to_string(),
                "time": local.strftime("%H%M%S").to_string(),
                "gmtDate": gmt.strftime("%Y%m%d").to_string(),
                "gmtTime": gmt.strftime("%H:%M:%S").to_string(),
                "gmtOffset": "-05:00",
            })
        })
        .collect();
    let latest = newest_first
        .first()
        .expect("a tracked parcel has an activity");
    let mut package = json!({
        "trackingNumber": number,
        "currentStatus": status(latest),
        "activity": activities,
        "packageCount": 1,
    });
    if let Some(date) = parcel.eta {
        package["deliveryDate"] =
            json!([{"type": "SDD", "date": date.strftime("%Y%m%d").to_string()}]);
        package["deliveryTime"] = json!({"type": "EOD", "endTime": ""});
    }
    if latest.scan == Scan::Delivered {
        let local = latest.local();
        package["deliveryDate"] =
            json!([{"type": "DEL", "date": local.strftime("%Y%m%d").to_string()}]);
        package["deliveryTime"] =
            json!({"type": "DEL", "endTime": local.strftime("%H%M%S").to_string()});
        package["deliveryInformation"] =
            json!({"location": "Front Door", "receivedBy": "QUILLFEATHER"});
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
            let value = if byte.is_ascii_digit() {
                u32::from(byte - b'0')
            } else {
                (u32::from(byte) - 3) % 10
            };
            if index % 2 == 1 { value * 2 } else { value }
        })
        .sum();
    format!("1Z{body}{}", (10 - sum % 10) % 10)
}

/// The number of a UPS waybill, which says less: many others' have its check digit.
pub fn waybill(serial: u32) -> String {
    let body = format!("{serial:09}");
    let digits = body.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(index, digit)| if index % 2 == 1 { digit * 2 } else { digit })
        .sum();
    format!("K{body}{}", (10 - sum % 10) % 10)
}
