//! What staff and suppliers report: of one shipment, and in tables.

use crate::shop::{Answer, Shop};
use http::{Method, StatusCode};
use posthorn_domain::{id::CarrierId, settings::Settings};
use serde_json::{Value, json};

const UPS: &str = "1Z5R89390357567127";

async fn shop_with_manual_shipment() -> Shop {
    let settings = Settings {
        carrier_links: [("Acme Couriers", "https://acme.example/t/{number}")]
            .map(|(name, page)| (name.to_owned(), page.to_owned()))
            .into(),
        ..Settings::default()
    };
    let shop = Shop::with(&settings).await;
    let shipment = json!({"tracking_number": "77889900", "carrier": "manual", "carrier_name": "ACME couriers"});
    let order = json!({"id": "1", "shipments": [shipment]});
    shop.post("/v1/orders", order).await;
    shop
}

async fn report(shop: &Shop, body: Value) -> Answer {
    shop.post("/v1/orders/1/shipments/1/reports", body).await
}

/// The history as `at source reason-or-text`.
fn events(answer: &Answer) -> Vec<String> {
    let events = answer.body["events"].as_array().expect("events");
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    events
        .iter()
        .map(|event| {
            let what = match text(event, "reason") {
                reason if reason.is_empty() => text(event, "text"),
                reason => reason,
            };
            format!("{} {} {what}", text(event, "at"), text(event, "source"))
        })
        .collect()
}

#[tokio::test]
async fn a_shipment_that_cannot_be_polled_is_followed_by_what_is_reported() {
    let shop = shop_with_manual_shipment().await;
    let supplier = json!({
        "source": "supplier", "supplier": "Acme Logistics", "eta": "2026-11-26T10:00/14:00",
        "events": [
            {"at": "2026-11-21T16:30", "status": "picked_up", "city": "Leipzig", "country": "de"},
            {"at": "2026-11-21", "text": "Waits for its label"},
        ],
    });
    let first = report(&shop, supplier.clone()).await;
    assert_eq!(first.status, StatusCode::OK, "{:?}", first.body);
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(first.body);
    });
    let staff =
        json!({"events": [{"at": "2026-11-22T09:30:00+01:00", "status": "Out for delivery"}]});
    let second = report(&shop, staff).await;
    assert_eq!(
        events(&second),
        [
            "2026-11-21 Acme Logistics Waits for its label",
            "2026-11-21T16:30:00 Acme Logistics picked_up.accepted",
            "2026-11-22T09:30:00+01:00 staff out_for_delivery.today",
        ]
    );
    assert_eq!(second.body["status"], "out_for_delivery");
    let again = report(&shop, supplier).await;
    assert_eq!(again.body, second.body);
    assert_eq!(shop.stored("1").await.unwrap().shipments[0].version, 3);
    assert_eq!(
        shop.get("/v1/orders/1/shipments/1").await.body["status"],
        "out_for_delivery"
    );
    assert!(shop.asked_after().is_empty());
}

#[tokio::test]
async fn staff_may_correct_and_suppliers_may_not() {
    let shop = shop_with_manual_shipment().await;
    report(
        &shop,
        json!({"events": [{"at": "2026-11-22T09:00Z", "status": "delivered"}]}),
    )
    .await;
    let late = json!({"events": [{"at": "2026-11-22T09:10Z", "status": "in_transit"}]});
    let still = report(&shop, late.clone()).await;
    assert_eq!(still.body["status"], "delivered");
    let mut correction = late;
    correction["events"][0]["at"] = json!("2026-11-22T09:20Z");
    correction["correction"] = json!(true);
    let corrected = report(&shop, correction.clone()).await;
    assert_eq!(corrected.body["status"], "in_transit");
    assert_eq!(corrected.body["events"][2]["correction"], true);
    correction["source"] = json!("supplier");
    let refused = report(&shop, correction).await;
    assert_eq!(refused.faults(), ["correction: only_for_staff"]);
}

#[tokio::test]
async fn a_report_is_a_second_source_of_a_shipment_that_is_asked_after() {
    let shop = Shop::open().await;
    let order =
        json!({"id": "1", "shipments": [{"tracking_number": UPS, "shipped_on": "2026-11-20"}]});
    shop.post("/v1/orders", order).await;
    let at = "2026-11-22T09:00:00+01:00";
    let told = report(
        &shop,
        json!({"events": [{"at": at, "status": "out_for_delivery"}]}),
    )
    .await;
    assert_eq!(told.body["sources"][0]["kind"], "staff", "{:?}", told.body);
    assert_eq!(told.body["shipped_on"], "2026-11-20");
    assert_eq!(told.body["polled_every"], "15m");
    assert_eq!(shop.cohorts().await, ["ups 15m", "ups 8h"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_report_is_said_field_by_field() {
    let shop = shop_with_manual_shipment().await;
    let wrong = json!({
        "source": "uncle", "supplier": "", "correction": "yes", "eta": "soon",
        "events": [
            {"at": "2026-11-24", "status": "gone", "country": "Germany"},
            {"status": "pending"},
            {"at": "2026-11-22T08:00"},
            "lost",
        ],
    });
    assert_eq!(
        report(&shop, wrong).await.faults(),
        [
            "source: unknown_source",
            "supplier: invalid_length",
            "correction: wrong_type",
            "events[0].at: invalid_timestamp",
            "events[0].status: unknown_status",
            "events[0].country: invalid_country",
            "events[1].at: required",
            "events[1].status: unknown_status",
            "events[2].status: required",
            "events[3]: wrong_type",
            "eta: invalid_eta",
        ]
    );
    assert_eq!(
        report(&shop, json!({})).await.faults(),
        ["events: required"]
    );
    let named = json!({"source": "staff", "supplier": "Acme", "eta": "2026-11-26"});
    assert_eq!(
        report(&shop, named).await.faults(),
        ["supplier: only_for_supplier"]
    );
    for (path, code) in [
        ("1/shipments/2", "shipment_not_found"),
        ("2/shipments/1", "order_not_found"),
    ] {
        let path = format!("/v1/orders/{path}/reports");
        let answer = shop.post(&path, json!({"eta": "2026-11-26"})).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, code)
        );
    }
}

#[tokio::test]
async fn a_shipment_has_room_for_a_few_sources() {
    let shop = shop_with_manual_shipment().await;
    for (name, expected) in [
        ("A", 200),
        ("B", 200),
        ("C", 200),
        ("D", 200),
        ("E", 409),
        ("A", 200),
    ] {
        let body = json!({"supplier": name, "events": [{"at": "2026-11-22T08:00", "text": name}]});
        assert_eq!(
            report(&shop, body).await.status.as_u16(),
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let shop = shop_with_manual_shipment().await;
    let path = "/v1/orders/1/shipments/1/reports";
    let body = json!({"events": [{"at": "2026-11-22T08:00", "status": "in_transit"}]});
    let first = shop.post_once(path, "k", body.clone()).await;
    let again = shop.post_once(path, "k", body).await;
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = shop
        .post_once(path, "k", json!({"eta": "2026-11-26"}))
        .await;
    assert_eq!(other.code(), "idempotency_key_reused");
}

async fn table(shop: &Shop, table: impl Into<Vec<u8>>) -> Answer {
    let headers = [("content-type", "text/csv; charset=utf-8")];
    shop.call(Method::POST, "/v1/reports", &headers, table)
        .await
}

/// What became of the rows, as `2 accepted` or `3 rejected: status unknown_status`.
fn rows(answer: &Answer) -> Vec<String> {
    let rows = answer.body["rows"]
        .as_array()
        .unwrap_or_else(|| panic!("{:?}", answer.body));
    rows.iter()
        .map(|row| {
            let errors: Vec<String> = row["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|error| {
                    format!(
                        "{} {}",
                        error["field"].as_str().unwrap(),
                        error["code"].as_str().unwrap()
                    )
                })
                .collect();
            let line = format!("{} {}", row["row"], row["outcome"].as_str().unwrap());
            if errors.is_empty() {
                line
            } else {
                format!("{line}: {}", errors.join(", "))
            }
        })
        .collect()
}

const TABLE: &str = "\u{feff}Order ID;Tracking-Number;Status;Date;Time;UTC offset;City;Country;Note;ETA;Supplier;Colour\r\n\
    1;7788 99-00;picked up;20.11.2026;8:12;+01:00;\"Leipzig; Nord\";de;;2026-11-26;Acme Logistics;red\r\n\
    1;77889900;gone;2026-11-21;;;;;;;;\r\n\
    2;77889900;in_transit;2026-11-21;;;;;;;;\r\n\
    \r\n\
    1;123456;in_transit;2026-11-21;;;;;;;;\r\n\
    1;;;2026-11-21;09:30;;Halle;DE;\"Held, \"\"urgent\"\"\";;Acme Logistics;\r\n\
    ;77889900;in_transit;;;;;;;;;\r\n\
    1;77889900;;;;;;;;2026-11-27;Acme Logistics\r\n";

#[tokio::test]
async fn a_table_is_worked_off_row_by_row() {
    let shop = shop_with_manual_shipment().await;
    let answer = table(&shop, TABLE).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert_eq!(
        rows(&answer),
        [
            "2 accepted",
            "3 rejected: status unknown_status",
            "4 rejected: order order_not_found",
            "5 rejected: tracking_number shipment_not_found",
            "6 accepted",
            "7 rejected: order required, date required",
            "8 accepted",
        ]
    );
    assert_eq!(answer.body["warnings"][0]["field"], "Colour");
    let shipment = shop.get("/v1/orders/1/shipments/1").await;
    assert_eq!(
        events(&shipment),
        [
            "2026-11-20T08:12:00+01:00 Acme Logistics picked_up.accepted",
            "2026-11-21T09:30:00 Acme Logistics Held, \"urgent\"",
        ]
    );
    assert_eq!(shipment.body["events"][0]["city"], "Leipzig; Nord");
    assert_eq!(shipment.body["eta"]["from"], "2026-11-27");
    assert_eq!(shipment.body["eta"]["source"], "supplier");
    let view = shop.stored("1").await.unwrap();
    assert_eq!(
        view.shipments[0].version, 2,
        "one write for all rows of a parcel"
    );
}

#[tokio::test]
async fn the_same_table_twice_changes_nothing() {
    let shop = shop_with_manual_shipment().await;
    let text = "order,shipment,status,at,supplier\n1,1,in_transit,2026-11-21T08:00,Acme\n1,1,in_transit,2026-11-21T08:00,Acme\n";
    let first = table(&shop, text).await;
    assert_eq!(rows(&first), ["2 accepted", "3 unchanged"]);
    let before = shop.stored("1").await;
    let second = table(&shop, text).await;
    assert_eq!(rows(&second), ["2 unchanged", "3 unchanged"]);
    assert_eq!(shop.stored("1").await, before);
}

#[tokio::test]
async fn a_row_that_is_older_than_the_history_kept_is_too_old() {
    let shop = shop_with_manual_shipment().await;
    let row = |n: i32| {
        let (hour, minute) = (n / 60, n % 60);
        format!("1,in_transit,2026-11-20T{hour:02}:{minute:02},Acme\n")
    };
    let csv = |rows: &mut dyn Iterator<Item = i32>| {
        let rows: String = rows.map(row).collect();
        format!("order,status,at,supplier\n{rows}")
    };
    let counts = |answer: &Answer| {
        let count = |name: &str| answer.body[name].as_u64().unwrap();
        [
            count("accepted"),
            count("unchanged"),
            count("too_old"),
            count("rejected"),
        ]
    };
    // Sixty are kept of a source; the first rows are pushed out by the last.
    let first = table(&shop, csv(&mut (100..200))).await;
    assert_eq!(counts(&first), [60, 0, 40, 0], "{:?}", first.body);
    assert_eq!(rows(&first)[39..41], ["41 too_old", "42 accepted"]);
    let again = table(&shop, csv(&mut (100..200))).await;
    assert_eq!(counts(&again), [0, 60, 40, 0]);
    let older = table(&shop, csv(&mut (0..50))).await;
    assert_eq!(counts(&older), [0, 0, 50, 0]);
    let eta = "order,status,at,supplier,eta\n1,in_transit,2026-11-20T00:01,Acme,2026-11-28\n";
    assert_eq!(counts(&table(&shop, eta).await), [1, 0, 0, 0]);
}

#[tokio::test]
async fn separators_and_names_of_columns_may_differ() {
    for (header, row) in [
        ("ORDER\tparcel\tevent\tday", "1\t1\tin transit\t2026-11-21"),
        (
            "order number,Awb,shipment status,timestamp",
            "1,77889900,IN_TRANSIT,2026-11-21 08:00:00",
        ),
        (
            "order,status,date,source,correction",
            "1,in_transit,2026-11-21,staff,yes",
        ),
    ] {
        let shop = shop_with_manual_shipment().await;
        let answer = table(&shop, format!("{header}\n{row}")).await;
        assert_eq!(rows(&answer), ["2 accepted"], "{header}");
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused() {
    let shop = shop_with_manual_shipment().await;
    for (text, code) in [
        (&b""[..], "malformed_csv"),
        (&b"\n\n"[..], "malformed_csv"),
        (
            &b"order,status,date\n1,in_transit,K\xf6ln"[..],
            "malformed_csv",
        ),
        // A gateway that passes text on has replaced what is not UTF-8.
        (
            "order,status,date,city\n1,in_transit,2026-11-20,K\u{fffd}ln".as_bytes(),
            "malformed_csv",
        ),
        (&b"o\0r\0d\0e\0r\0,\0e\0t\0a\0"[..], "malformed_csv"),
        (&b"order\n1"[..], "invalid_body"),
        (&b"status,date\nin_transit,2026-11-21"[..], "invalid_body"),
        (&b"order,status\n1,in_transit"[..], "invalid_body"),
        (&b"order,order,eta\n1,1,2026-11-26"[..], "invalid_body"),
    ] {
        let answer = table(&shop, text).await;
        assert_eq!(answer.code(), code, "{}", String::from_utf8_lossy(text));
    }
    let many = format!("order,eta\n{}", "1,2026-11-26\n".repeat(1001));
    let many = table(&shop, many).await;
    assert_eq!(many.faults(), [": too_many"]);
    assert_eq!(many.body["detail"], "the table has more than 1000 rows");
    let large = vec![b'x'; 256 * 1024 + 1];
    assert_eq!(table(&shop, large).await.code(), "body_too_large");
    let json = shop.post("/v1/reports", json!({})).await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_shops_table_reaches_its_own_orders_only() {
    let mut shop = shop_with_manual_shipment().await;
    let other = posthorn_domain::id::ShopId::parse("other").unwrap();
    shop.key = shop.new_key(&other).await;
    let answer = table(&shop, "order,eta\n1,2026-11-26\n").await;
    assert_eq!(rows(&answer), ["2 rejected: order order_not_found"]);
    shop.key = String::new();
    assert_eq!(
        table(&shop, "order,eta\n1,2026-11-26\n").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn an_aggregator_is_asked_where_the_carrier_cannot_be() {
    let settings = Settings {
        aggregator: Some("17track".to_owned()),
        aggregators: [("ups".to_owned(), "aftership".to_owned())].into(),
        ..Settings::default()
    };
    let shop = Shop::with(&settings).await;
    let shipments = json!([
        {"tracking_number": "77889900", "carrier": "manual", "carrier_name": "Acme Couriers"},
        {"tracking_number": "77889911", "carrier": "manual"},
        {"tracking_number": UPS},
        {"tracking_number": "H00GCA0012345678", "carrier": "hermes_de"},
    ]);
    let order = json!({"id": "1", "shipments": shipments});
    let created = shop.post("/v1/orders", order.clone()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let asked = |n: usize| created.body["shipments"][n]["provider"].clone();
    assert_eq!(
        [asked(0), asked(1), asked(2), asked(3)],
        [
            json!("17track"),
            Value::Null,
            json!("aftership"),
            json!("17track")
        ]
    );
    let mut asked_after = shop.asked_after();
    asked_after.sort_unstable();
    assert_eq!(
        asked_after,
        [
            "17track 77889900".to_owned(),
            "17track H00GCA0012345678".to_owned(),
            format!("aftership {UPS}"),
        ]
    );
    assert_eq!(shop.cohorts().await, ["17track 8h", "aftership 8h"]);
    // Whom we know by sight the aggregator is told.
    let stored = shop.stored("1").await.unwrap().shipments;
    let carriers: Vec<Option<&str>> = stored
        .iter()
        .map(|shipment| {
            shipment
                .query_details
                .carrier
                .as_ref()
                .map(CarrierId::as_str)
        })
        .collect();
    assert_eq!(carriers, [None, None, None, Some("hermes_de")]);
    assert_eq!(stored[3].carrier.as_str(), "manual");
    assert!(stored[3].carrier_name.is_some());
    assert_eq!(shop.post("/v1/orders", order).await.status, StatusCode::OK);
    let same = json!({"tracking_number": "H00GCA0012345678", "carrier": "hermes_de"});
    let again = shop.post("/v1/orders/1/shipments", same).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.body);
    let shipment =
        json!({"tracking_number": "77889911", "carrier": "manual", "carrier_name": "Acme"});
    let named = shop.patch("/v1/orders/1/shipments/2", shipment).await;
    assert_eq!(named.body["provider"], "17track");
}

#[tokio::test]
async fn a_shop_whose_aggregator_cannot_be_polled_has_none() {
    for named in ["manual", "sandbox", "unheard_of", "No One"] {
        let settings = Settings {
            aggregator: Some(named.to_owned()),
            ..Settings::default()
        };
        let shop = Shop::with(&settings).await;
        let shipment =
            json!({"tracking_number": "77889900", "carrier": "manual", "carrier_name": "Acme"});
        let created = shop
            .post("/v1/orders", json!({"id": "1", "shipments": [shipment]}))
            .await;
        assert_eq!(
            created.body["shipments"][0].get("provider"),
            None,
            "{named}"
        );
        assert!(shop.asked_after().is_empty());
    }
}
