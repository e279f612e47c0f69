//! Numbers that do not tell their carrier for certain, in an installation that
//! says which carriers it has credentials of.

use crate::shop::{Answer, Shop};
use http::StatusCode;
use posthorn_domain::{candidates::Denial, id::CarrierId, journey, settings::Settings};
use serde_json::{Value, json};

/// Twelve digits with FedEx's check digit.
const FEDEX_12: &str = "986578788855";
/// Twenty digits that only DHL Paket gives.
const DHL_20: &str = "00340434161094015902";
/// Ten digits with the check digit of DHL Express.
const DHL_10: &str = "3318810025";
/// A number of UPS, and of no other carrier.
const UPS: &str = "1Z5R89390357567127";
/// A number of GLS by its shape, and with no check digit at all.
const GLS_8: &str = "XHAX4HDA";

fn aggregated() -> Settings {
    Settings {
        aggregator: Some("17track".to_owned()),
        ..Settings::default()
    }
}

async fn shop(settings: &Settings, in_use: &str) -> Shop {
    let shop = Shop::in_installation(settings, in_use).await;
    shop.post("/v1/orders", json!({"id": "1"})).await;
    shop
}

async fn add(shop: &Shop, number: &str) -> Answer {
    shop.post("/v1/orders/1/shipments", json!({"tracking_number": number}))
        .await
}

/// Whom the shipment has, and who else may have it: `fedex: fedex 62, gls 28`.
fn carried(body: &Value) -> String {
    let all = body["candidates"].as_array().into_iter().flatten();
    let all: Vec<String> = all
        .map(|one| format!("{} {}", one["carrier"].as_str().unwrap(), one["confidence"]))
        .collect();
    let asked = body["provider"].as_str();
    let asked = asked.map_or_else(String::new, |asked| format!(" through {asked}"));
    format!(
        "{}{asked}: {}",
        body["carrier"].as_str().unwrap_or("(none)"),
        all.join(", ")
    )
}

async fn recognised(settings: &Settings, in_use: &str, number: &str) -> String {
    let shop = shop(settings, in_use).await;
    let answer = add(&shop, number).await;
    if answer.status == StatusCode::CREATED {
        carried(&answer.body)
    } else {
        answer.faults().join(" ")
    }
}

#[tokio::test]
async fn a_number_is_given_to_those_that_the_shop_can_ask() {
    let (none, aggregated) = (Settings::default(), aggregated());
    let required = "tracking_number: carrier_required";
    for (settings, in_use, number, expected) in [
        // The installation does not say which carriers can be polled: as ever.
        (&none, "", UPS, "ups: "),
        (&none, "", DHL_20, "dhl_parcel_de: "),
        (&none, "", FEDEX_12, required),
        // One is certain.
        (&none, "ups,fedex", UPS, "ups: "),
        // None can, and a check digit speaks for the first.
        (&none, "fedex,gls", FEDEX_12, "fedex: fedex 62, gls 28"),
        (&none, "gls,fedex", FEDEX_12, "fedex: fedex 62, gls 28"),
        (&none, "fedex", FEDEX_12, "fedex: fedex 62"),
        (&aggregated, "fedex", FEDEX_12, "fedex: fedex 62, 17track 0"),
        // Nothing speaks for it but the shape.
        (&none, "gls", FEDEX_12, required),
        (&none, "gls", GLS_8, required),
        (&aggregated, "gls", GLS_8, required),
        (&none, "ups", FEDEX_12, required),
        // A carrier that the shop cannot ask, but others can.
        (&none, "dhl_unified", DHL_20, "dhl_unified: "),
        (&none, "dhl_unified", DHL_10, "dhl_unified: dhl_unified 60"),
        (
            &none,
            "dhl_unified,dhl_parcel_de",
            DHL_20,
            "dhl_parcel_de: dhl_parcel_de 97, dhl_unified 97",
        ),
        (
            &none,
            "cdek,dhl_unified,dhl_express",
            DHL_10,
            "dhl_express: dhl_express 60, dhl_unified 60, cdek 25",
        ),
        (&aggregated, "fedex", UPS, "ups through 17track: "),
        (&none, "fedex", UPS, "ups: "),
    ] {
        let given = recognised(settings, in_use, number).await;
        let has = if settings.aggregator.is_some() {
            " and an aggregator"
        } else {
            ""
        };
        assert_eq!(given, expected, "{number} with {in_use:?}{has}");
    }
}

#[tokio::test]
async fn a_carrier_that_the_shop_has_asked_through_an_aggregator_is_one_it_can_ask() {
    let settings = Settings {
        aggregators: [("fedex".to_owned(), "17track".to_owned())].into(),
        ..Settings::default()
    };
    let given = recognised(&settings, "gls", FEDEX_12).await;
    assert_eq!(given, "fedex through 17track: fedex 62, gls 28");
}

#[tokio::test]
async fn a_carrier_that_the_shop_names_has_no_other_beside_it() {
    let shop = shop(&Settings::default(), "fedex,gls").await;
    let body = json!({"tracking_number": FEDEX_12, "carrier": "gls"});
    let added = shop.post("/v1/orders/1/shipments", body).await;
    assert_eq!(carried(&added.body), "gls: ");
}

/// The shipment is unknown to the one who is asked.
async fn pass_on(shop: &Shop) {
    let view = shop.stored("1").await.unwrap();
    let before = &view.shipments[0];
    let after = journey::reject_candidate(before, Denial::Unknown, shop.now).shipment;
    let key = shop.order_key("1");
    shop.orders
        .record_shipment(&key, &after, before.version)
        .await
        .unwrap();
}

async fn read(shop: &Shop) -> String {
    carried(&shop.get("/v1/orders/1/shipments/1").await.body)
}

#[tokio::test]
async fn the_same_shipment_again_is_the_same_whichever_carrier_is_asked_by_now() {
    let shop = shop(&Settings::default(), "fedex,gls").await;
    add(&shop, FEDEX_12).await;
    pass_on(&shop).await;
    let again = add(&shop, FEDEX_12).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.body);
    assert_eq!(carried(&again.body), "gls: fedex 62, gls 28");
    assert_eq!(shop.cohorts().await, ["fedex 8h"]);
}

#[tokio::test]
async fn what_is_in_a_shipment_says_nothing_about_its_carrier() {
    let shop = shop(&Settings::default(), "fedex,gls").await;
    add(&shop, FEDEX_12).await;
    pass_on(&shop).await;
    let items = json!({"items": [{"title": "Boots"}]});
    let patched = shop.patch("/v1/orders/1/shipments/1", items).await;
    assert_eq!(patched.status, StatusCode::OK);
    assert_eq!(read(&shop).await, "gls: fedex 62, gls 28");
}

#[tokio::test]
async fn the_shop_has_the_last_word() {
    for (patch, expected) in [
        (json!({"carrier": "gls"}), "gls: "),
        (json!({"carrier": "fedex"}), "fedex: "),
        (json!({"tracking_number": UPS}), "ups: "),
        (
            json!({"tracking_number": "041441760228964"}),
            "fedex: fedex 66",
        ),
        (json!({"tracking_number": GLS_8}), "gls: "),
        (json!({"carrier": "dhl_unified"}), "dhl_unified: "),
    ] {
        let shop = shop(&Settings::default(), "fedex,gls").await;
        add(&shop, FEDEX_12).await;
        pass_on(&shop).await;
        let patched = shop.patch("/v1/orders/1/shipments/1", patch.clone()).await;
        assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
        assert_eq!(read(&shop).await, expected, "{patch}");
    }
}

#[tokio::test]
async fn another_service_of_the_same_carrier_is_another_carrier_if_the_shop_says_so() {
    let shop = shop(&Settings::default(), "dhl_unified,dhl_parcel_de").await;
    add(&shop, DHL_20).await;
    let patch = json!({"carrier": "dhl_unified"});
    shop.patch("/v1/orders/1/shipments/1", patch).await;
    assert_eq!(read(&shop).await, "dhl_unified: ");
    assert_eq!(add(&shop, DHL_20).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_webhook_that_comes_again_leaves_the_carrier_that_was_found() {
    let shop = Shop::in_installation(&Settings::default(), "fedex,gls").await;
    let body = json!({
        "id": 1, "name": "#1001", "email": "ann@example.com",
        "fulfillments": [{"id": 5, "tracking_numbers": [FEDEX_12],
            "updated_at": "2026-11-22T09:00:00Z"}],
    });
    shop.deliver("orders/create", "first", 0, &body).await;
    assert_eq!(read(&shop).await, "fedex: fedex 62, gls 28");
    let view = shop.stored("1").await.unwrap();
    let mut found = view.shipments[0].clone();
    found.carrier = CarrierId::parse("gls").unwrap();
    found.candidates = None;
    found.version += 1;
    let (key, expected) = (shop.order_key("1"), found.version - 1);
    shop.orders
        .record_shipment(&key, &found, expected)
        .await
        .unwrap();
    let mut again = body["fulfillments"][0].clone();
    again["order_id"] = json!(1);
    let answer = shop
        .deliver("fulfillments/update", "second", 5, &again)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(read(&shop).await, "gls: ");
}

#[tokio::test]
async fn what_the_number_tells_by_now_corrects_no_shipment_that_is_followed_already() {
    let shop = Shop::in_installation(&Settings::default(), "dhl_unified,ups").await;
    let fulfilled = |company: Option<&str>| {
        json!({"id": 5, "order_id": 1, "tracking_numbers": [DHL_20], "tracking_company": company,
            "updated_at": "2026-11-22T09:00:00Z"})
    };
    let body = json!({"id": 1, "name": "#1001", "email": "ann@example.com",
        "fulfillments": [fulfilled(None)]});
    shop.deliver("orders/create", "first", 0, &body).await;
    assert_eq!(read(&shop).await, "dhl_unified: ");
    // The shipment is from before the installation said which carriers it can ask.
    let view = shop.stored("1").await.unwrap();
    let mut before = view.shipments[0].clone();
    before.carrier = CarrierId::parse("dhl_parcel_de").unwrap();
    before.version += 1;
    let (key, expected) = (shop.order_key("1"), before.version - 1);
    shop.orders
        .record_shipment(&key, &before, expected)
        .await
        .unwrap();
    for (minute, company, carrier) in [
        (5, None, "dhl_parcel_de: "),
        (6, Some("DHL Paket"), "dhl_parcel_de: "),
        // Its check digit is one that no number of UPS has.
        (7, Some("UPS"), "dhl_parcel_de: "),
    ] {
        let event = format!("again-{minute}");
        shop.deliver("fulfillments/update", &event, minute, &fulfilled(company))
            .await;
        assert_eq!(read(&shop).await, carrier, "{company:?}");
    }
}

#[tokio::test]
async fn a_carrier_known_by_sight_is_the_same_when_it_comes_again() {
    let shop = shop(&aggregated(), "fedex").await;
    for status in [StatusCode::CREATED, StatusCode::OK] {
        let added = add(&shop, "C11031500001879").await;
        assert_eq!(added.status, status, "{:?}", added.body);
        assert_eq!(carried(&added.body), "manual through 17track: ");
    }
}
