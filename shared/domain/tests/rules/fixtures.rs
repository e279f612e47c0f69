//! An order, a customer, a shipment and its scans, in November 2026.

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use posthorn_domain::{
    contact::{Consent, Contact, EmailAddress, PhoneNumber},
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId, TrackingToken},
    journey::{self as rules, NewShipment},
    order::{DeliveryMethod, Order, StageChange},
    scan::{Place, Scan, ScanMeaning},
    shipment::{QueryDetails, Shipment},
    stage::{OrderStage, StageSource},
    status::Reason,
    time::ScanTime,
    tracking_number::TrackingNumber,
};

/// An instant of November 2026, in UTC.
pub(crate) fn at(text: &str) -> Timestamp {
    Offset::UTC.to_timestamp(clock(text)).unwrap()
}

/// The same as a wall clock.
pub(crate) fn clock(text: &str) -> DateTime {
    let (day, time) = text.split_once(' ').unwrap();
    format!("2026-11-{day:0>2}T{time}").parse().unwrap()
}

/// A scan that means `what`: a reason, a status, a delay, or nothing known.
pub(crate) fn scan(what: &str, time: &str) -> Scan {
    Scan {
        time: ScanTime::from_zoned(clock(time), Offset::UTC),
        meaning: meaning(what),
        code: what.to_owned(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    }
}

/// What a word means: `exception.lost`, `out_for_delivery`, `delayed.weather`, `note`.
pub(crate) fn meaning(what: &str) -> ScanMeaning {
    if what == "note" {
        return ScanMeaning::Note;
    }
    if let Ok(delay) = what.parse() {
        return ScanMeaning::Delay(delay);
    }
    let of_status = |reason: &&Reason| reason.to_status().as_str() == what;
    match what
        .parse()
        .ok()
        .or(Reason::ALL.iter().find(of_status).copied())
    {
        Some(reason) => ScanMeaning::Status(reason),
        None => ScanMeaning::Unknown,
    }
}

/// A shipment just registered at 22 08:00.
pub(crate) fn new_shipment(number: u16) -> Shipment {
    let announced = NewShipment {
        carrier: CarrierId::parse("ups").unwrap(),
        carrier_name: None,
        query_details: QueryDetails::default(),
        tracking_number: TrackingNumber::parse(&format!("1Z999AA1012345678{number}")).ok(),
        tracking_url: None,
        items: Vec::new(),
        eta: None,
        origins: Vec::new(),
    };
    rules::register_shipment(ShipmentIndex(number), announced, at("22 08:00"))
}

/// An order just placed at 22 08:00.
pub(crate) fn order() -> Order {
    let placed = at("22 08:00");
    Order {
        key: OrderKey {
            shop: ShopId::parse("acme").unwrap(),
            order: OrderId::parse("1001").unwrap(),
        },
        number: "#1001".to_owned(),
        token: TrackingToken::from_random([7; 16]),
        stage: OrderStage::New,
        stages: vec![StageChange {
            stage: OrderStage::New,
            at: placed,
            by: StageSource::Shop,
            comment: None,
        }],
        items: Vec::new(),
        promised: None,
        locale: "en".to_owned(),
        delivery_method: DeliveryMethod::Shipping,
        paid_at: None,
        time_zone: None,
        is_test: false,
        n_shipments: 0,
        placed_at: placed,
        created_at: placed,
        as_of: None,
        version: 1,
        has_unreadable_shipments: false,
    }
}

/// A customer who agreed to mail and texts and lives in UTC.
pub(crate) fn contact() -> Contact {
    Contact {
        name: Some("Ann Lee".to_owned()),
        email: Some(EmailAddress::parse("ann@example.com").unwrap()),
        phone: Some(PhoneNumber::parse("+12125550123", None).unwrap()),
        postcode: None,
        region: None,
        country: None,
        time_zone: Some("UTC".to_owned()),
        consent: Consent {
            email: true,
            sms: true,
        },
        ..Contact::default()
    }
}
