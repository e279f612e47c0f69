//! The page in every situation, as a customer sees it.

#[cfg(test)]
mod fixture;

use fixture::{Situation, order, parcel};
use posthorn_domain::{
    carrier_view::CarrierView, order::Order, shipment::Shipment, stage::OrderStage, status::Reason,
};
use serde_json::json;
use track::{
    facts::Facts,
    page,
    view::{PageInput, TrackingPage},
};

/// What `see` makes of it on the morning of 25 November in New York.
fn see<T>(situation: &Situation, see: impl FnOnce(&PageInput<'_>) -> T) -> T {
    let (order, shipments) = situation.read();
    let carrier = |parcel: &Shipment| CarrierView {
        name: parcel
            .carrier_name
            .clone()
            .unwrap_or_else(|| "UPS".to_owned()),
        url: Some(format!(
            "https://www.ups.com/track?tracknum={}",
            parcel.tracking_number.as_ref().expect("a number")
        )),
    };
    see(&PageInput {
        order: &order,
        shipments: &shipments,
        settings: &situation.settings,
        carrier: &carrier,
        checked: &|_| Some("2026-11-25T13:32:00Z".parse().expect("a time")),
        now: "2026-11-25T14:00:00Z".parse().expect("a time"),
    })
}

/// The page where it is unknown where the carrier shows the parcel.
fn see_without_page(situation: &Situation) -> String {
    see(situation, |shown| {
        let carrier = |_: &Shipment| CarrierView {
            name: "Acme Couriers".to_owned(),
            url: None,
        };
        let shown = PageInput {
            carrier: &carrier,
            ..*shown
        };
        page::render_order(&TrackingPage::from_input(&shown)).expect("the page")
    })
}

fn html(situation: &Situation) -> String {
    see(situation, |shown| {
        page::render_order(&TrackingPage::from_input(shown)).expect("the page")
    })
}

fn check(name: &str, situation: &Situation) {
    let page = html(situation);
    let body = &page[page.find("<body").expect("a body")..];
    insta::assert_snapshot!(name, body);
}

#[test]
fn an_order_without_a_parcel_says_what_the_shop_does() {
    for stage in ["new", "processing", "payment_confirmed", "in_warehouse"] {
        check(stage, &order(stage, Vec::new()));
    }
}

#[test]
fn a_parcel_on_its_way_says_when_it_comes() {
    check(
        "handed_to_carrier",
        &order("handed_to_carrier", vec![parcel(1, "picked_up.accepted")]),
    );
    check(
        "in_transit",
        &order("in_transit", vec![parcel(1, "in_transit.moving")]),
    );
    let mut today = order(
        "out_for_delivery",
        vec![parcel(1, "out_for_delivery.today")],
    );
    today.shipments[0]["eta"] = json!({
        "from": "2026-11-25", "to": "2026-11-25", "window": ["10:15:00", "12:15:00"], "source": "carrier",
    });
    check("out_for_delivery", &today);
    let mut range = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    range.shipments[0]["eta"] =
        json!({ "from": "2026-11-28", "to": "2026-12-02", "source": "carrier" });
    check("in_transit-range", &range);
}

#[test]
fn a_day_that_is_past_is_said_and_not_dropped() {
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    situation.order["promised"] = json!("2026-11-24");
    let past = json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "carrier" });
    situation.shipments[0]["eta"] = past.clone();
    situation.shipments[0]["eta_first"] = past.clone();
    let page = html(&situation);
    assert!(!page.contains("<dt>Expected"), "{page}");
    assert!(page.contains("<h1>Was expected yesterday</h1>"), "{page}");
    assert!(page.contains("<body class=\"amber\">"), "{page}");
    situation.shipments[0]["conditions"] =
        json!([{ "kind": "eta_missed", "eta": past, "since": "2026-11-25T03:00:00Z" }]);
    check("eta_missed", &situation);
}

#[test]
fn a_delay_says_why_and_until_when() {
    let day = |day: &str, source: &str| json!({ "from": day, "to": day, "source": source });
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    situation.shipments[0]["conditions"] = json!([{ "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" }]);
    situation.shipments[0]["eta_before"] = day("2026-11-27", "carrier");
    situation.shipments[0]["eta"] = day("2026-11-30", "carrier");
    check("delayed", &situation);
    // What the customer was told last counts, not what the shop promised at first.
    situation.order["promised"] = json!("2026-12-01");
    situation.shipments[0]["eta_first"] = day("2026-12-01", "store");
    check("delayed-in-time", &situation);
    situation.shipments[0]["eta_before"] = day("2026-12-01", "store");
    let page = html(&situation);
    assert!(!page.contains("instead of"), "{page}");
    // With the promise alone, no new date is known.
    situation.shipments[0]["eta"] = day("2026-12-01", "store");
    let page = html(&situation);
    assert!(
        page.contains("<h1>Running later than expected</h1>"),
        "{page}"
    );
    assert!(!page.contains("1 December"), "{page}");
}

#[test]
fn a_parcel_that_came_back_was_not_delivered() {
    let mut situation = order("returned", vec![parcel(1, "returned.received")]);
    let parcel = &mut situation.shipments[0];
    parcel["is_return"] = json!(true);
    parcel["scans"][4]["meaning"] = json!({ "status": "returning.to_sender" });
    parcel["scans"][5]["meaning"] = json!({ "status": "delivered.signed" });
    let facts = serde_json::to_string(&see(&situation, Facts::from_input)).unwrap();
    for public in [html(&situation), facts] {
        assert!(public.contains("Back at the shop"), "{public}");
        assert!(!public.contains("Delivered"), "{public}");
    }
    // What is sent back after its delivery had been delivered.
    situation.shipments[0]["scans"][3]["meaning"] = json!({ "status": "delivered.signed" });
    assert!(html(&situation).contains("Delivered and signed for"));
}

#[test]
fn the_page_does_not_wait_for_the_roll_up() {
    let mut situation = order("out_for_delivery", vec![parcel(1, "delivered.generic")]);
    let page = html(&situation);
    assert!(page.contains("<h1>Delivered today</h1>"), "{page}");
    assert!(page.contains("Step 7 of 7: Delivered"), "{page}");
    assert!(!page.contains("Arriving"), "{page}");
    // A rest that was not sent is still to come.
    situation.shipments[0]["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
    let page = html(&situation);
    assert!(
        page.contains("<h1>The rest of your order: arriving Friday</h1>"),
        "{page}"
    );
    assert!(page.contains("Step 6 of 7: Partly delivered"), "{page}");
}

#[test]
fn a_label_is_not_with_the_carrier() {
    let mut situation = order("handed_to_carrier", vec![parcel(1, "info_received.label")]);
    situation.shipments[0]["scans"] = json!([]);
    let page = html(&situation);
    assert!(
        page.contains("Step 4 of 7: Ready for the carrier"),
        "{page}"
    );
    assert!(!page.contains("With the carrier"), "{page}");
    situation.shipments[0]["eta"] = json!(null);
    situation.order["promised"] = json!(null);
    check("announced", &situation);
}

#[test]
fn no_reader_is_sent_to_a_page_of_the_carrier_that_we_do_not_know() {
    for stage in OrderStage::ALL {
        for reason in Reason::ALL {
            let situation = order(stage.as_str(), vec![parcel(1, reason.as_str())]);
            let page = see_without_page(&situation);
            assert!(!page.contains("carrier&#x27;s page"), "{page}");
            assert!(!page.contains("carrier's page"), "{page}");
        }
    }
}

#[test]
fn trouble_says_what_to_do() {
    check(
        "bad_address",
        &order("in_transit", vec![parcel(1, "exception.bad_address")]),
    );
    check(
        "not_home",
        &order(
            "out_for_delivery",
            vec![parcel(1, "attempt_failed.not_home")],
        ),
    );
    check(
        "pickup",
        &order(
            "available_for_pickup",
            vec![parcel(1, "available_for_pickup.ready")],
        ),
    );
    let mut silent = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    silent.shipments[0]["eta"] = json!(null);
    silent.order["promised"] = json!(null);
    silent.shipments[0]["conditions"] =
        json!([{ "kind": "stalled", "since": "2026-11-25T13:00:00Z" }]);
    check("stalled", &silent);
}

#[test]
fn what_is_left_to_staff_is_explained_to_the_reader() {
    for reason in [
        "customs.prohibited",
        "exception.refused",
        "exception.rejected_by_carrier",
        "exception.security",
    ] {
        let name = reason.replace('.', "_");
        check(&name, &order("in_transit", vec![parcel(1, reason)]));
    }
}

#[test]
fn nothing_that_a_carrier_wrote_is_public() {
    let mut situation = order("delivered", vec![parcel(1, "delivered.neighbor")]);
    let parcel = &mut situation.shipments[0];
    parcel["drop_off_location"] = json!("J. SMITH AT NO 5");
    parcel["former_numbers"] = json!(["1Z999AA10123456799"]);
    for (index, meaning) in [(1, "note"), (2, "unknown"), (3, "unknown")] {
        parcel["scans"][index]["meaning"] = json!(meaning);
        parcel["scans"][index]["text"] = json!("RELEASED TO J. SMITH");
    }
    parcel["scans"][3]["place"] = json!({});
    let page = html(&situation);
    let facts = serde_json::to_string(&see(&situation, Facts::from_input)).unwrap();
    for public in [&page, &facts] {
        assert!(!public.to_lowercase().contains("smith"), "{public}");
        assert!(!public.contains("1Z999AA10123456799"), "{public}");
        assert_eq!(
            public.matches("Handled by the carrier").count(),
            1,
            "{public}"
        );
    }
    assert!(page.contains("1Z…99"), "{page}");
}

#[test]
fn an_end_is_told_as_one() {
    let mut delivered = order("delivered", vec![parcel(1, "delivered.generic")]);
    delivered.shipments[0]["drop_off_location"] = json!("FRONT DOOR");
    check("delivered", &delivered);
    check(
        "delivered-neighbor",
        &order("delivered", vec![parcel(1, "delivered.neighbor")]),
    );
    check(
        "delivered-cod",
        &order("delivered", vec![parcel(1, "delivered.cod")]),
    );
    check("delivered-no-parcel", &order("delivered", Vec::new()));
    let mut cancelled = order("cancelled", Vec::new());
    cancelled.order["stages"][2] = json!({
        "stage": "cancelled", "at": "2026-11-24T09:00:00Z", "by": "shop", "comment": "As you wished.",
    });
    check("cancelled", &cancelled);
    let mut back = parcel(2, "returning.to_sender");
    back["is_return"] = json!(true);
    check(
        "returning",
        &order("returning", vec![parcel(1, "delivered.generic"), back]),
    );
    check(
        "returned",
        &order("returned", vec![parcel(1, "returned.received")]),
    );
}

#[test]
fn several_parcels_are_told_apart() {
    let mut second = parcel(2, "in_transit.moving");
    second["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
    second["former_numbers"] = json!(["1Z999AA10123456799"]);
    let mut situation = order(
        "partially_delivered",
        vec![parcel(1, "delivered.generic"), second],
    );
    check("partially_delivered", &situation);
    situation.shipments[1]["reason"] = json!("exception.damaged");
    check("partially_delivered-trouble", &situation);
    let page = html(&situation);
    // What has come stands below what is still to come.
    let place = |title: &str| page.find(&format!("<h2>{title}</h2>"));
    assert!(place("parcel 2 of 2") < place("parcel 1 of 2"), "{page}");
    assert!(place("parcel 2 of 2").is_some(), "{page}");
    // One that comes back takes no number from the other.
    situation.shipments[0]["reason"] = json!("returning.to_sender");
    situation.shipments[0]["is_return"] = json!(true);
    situation.shipments[0]["scans"][5]["meaning"] = json!({ "status": "returning.to_sender" });
    let page = html(&situation);
    assert!(page.contains("<h2>parcel 2 of 2</h2>"), "{page}");
}

/// What a source other than the parcel's carrier tells.
fn telling(source: &str, name: Option<&str>, scans: &serde_json::Value) -> serde_json::Value {
    json!({ "kind": source, "name": name, "last_report_at": "2026-11-24T22:10:00Z", "scans": scans })
}

fn told(time: &str, reason: &str, city: &str) -> serde_json::Value {
    json!({ "time": time, "meaning": { "status": reason }, "place": { "city": city, "country": "DE" } })
}

#[test]
fn a_page_says_when_a_carrier_was_asked_and_who_else_told_what() {
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    situation.shipments[0]["cadence"] = json!("3h");
    check("sources-carrier", &situation);
    situation.shipments[0]["other_sources"] = json!([
        telling(
            "aggregator",
            Some("17track"),
            &json!([told("2026-11-24T21:00:00", "in_transit.moving", "Hartford")])
        ),
        telling(
            "staff",
            None,
            &json!([
                { "time": "2026-11-25T08:20:00-05:00", "meaning": "note", "text": "We asked them to hurry." },
                told("2026-11-25T08:05:00-05:00", "in_transit.moving", "New York"),
                told("2026-11-22T16:30:00", "info_received.label", "")
            ])
        ),
        telling(
            "supplier",
            Some("Acme Logistics <b>"),
            &json!([
                { "time": "2026-11-23", "meaning": "note", "text": "Signed by J. Smith" },
                told("2026-11-23", "picked_up.accepted", "Leipzig")
            ])
        ),
    ]);
    check("sources-several", &situation);
}

#[test]
fn a_parcel_that_is_not_polled_says_whose_word_it_is() {
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    let parcel = &mut situation.shipments[0];
    let scans = parcel["scans"].take();
    parcel["carrier"] = json!("manual");
    parcel["carrier_name"] = json!("Acme Couriers");
    parcel["scans"] = json!([]);
    parcel["other_sources"] = json!([telling("staff", None, &scans)]);
    check("sources-staff", &situation);
    situation.shipments[0]["other_sources"][0]["corrections"] = json!([told(
        "2026-11-25T08:30:00-05:00",
        "out_for_delivery.today",
        "New York"
    )]);
    let corrected = html(&situation);
    assert!(corrected.contains("corrected by the shop"), "{corrected}");
    situation.shipments[0]["other_sources"] =
        json!([telling("aggregator", Some("17track"), &scans)]);
    situation.shipments[0]["provider"] = json!("17track");
    situation.shipments[0]["cadence"] = json!("3h");
    let via = html(&situation);
    assert!(
        via.contains("Checked via 17TRACK today at 8:32 am."),
        "{via}"
    );
    assert!(!via.contains("class=\"by\""), "{via}");
    situation.shipments[0]["reason"] = json!("delivered.generic");
    assert!(!html(&situation).contains("Checked"));
}

#[test]
fn a_page_never_shows_a_thing_twice_or_its_seams() {
    for stage in OrderStage::ALL {
        for reason in Reason::ALL {
            let mut situation = order(
                stage.as_str(),
                vec![parcel(1, reason.as_str()), parcel(2, "in_transit.moving")],
            );
            situation.shipments[0]["conditions"] = json!([
                { "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" },
                { "kind": "stalled", "since": "2026-11-25T13:00:00Z" },
            ]);
            let page = html(&situation);
            for seam in [
                "{{",
                "{%",
                "null",
                "undefined",
                "None",
                " .<",
                "<dd></dd>",
                "<p></p>",
                "<h1></h1>",
            ] {
                let body = &page[page.find("<body").unwrap()..];
                assert!(!body.contains(seam), "{stage} {reason} {seam}: {body}");
            }
        }
    }
    let page = html(&order("in_transit", vec![parcel(1, "in_transit.moving")]));
    assert_eq!(page.matches("Arrived at a depot").count(), 1);
}

#[test]
fn what_a_crook_enters_stays_text() {
    const EVIL: &str = "</style><script>alert(1)</script>\"' onload=x {{ 7*7 }}";
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    EVIL.clone_into(&mut situation.settings.name);
    situation.settings.support = Some("javascript:alert(1)".to_owned());
    situation.settings.home_url = Some("javascript:alert(1)".to_owned());
    situation.order["number"] = json!(EVIL);
    situation.order["items"] = json!([{ "title": EVIL, "quantity": 1 }]);
    situation.order["stages"][1]["comment"] = json!(EVIL);
    let parcel = &mut situation.shipments[0];
    parcel["carrier_name"] = json!(EVIL);
    parcel["scans"][1]["place"]["city"] = json!(EVIL);
    parcel["scans"][2]["meaning"] = json!("unknown");
    parcel["scans"][2]["text"] = json!(EVIL);
    parcel["items"] = json!([{ "title": EVIL, "quantity": 1 }]);
    let page = html(&situation);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("javascript:"), "{page}");
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(!page.contains("49"), "{page}");
}

#[test]
fn the_bar_is_seen_in_forced_colours_and_a_long_town_wraps() {
    let page = html(&order("delivered", vec![parcel(1, "delivered.generic")]));
    let forced = page.split("(forced-colors: active)").nth(1).unwrap();
    // Backgrounds vanish there, and the bar is made of nothing else.
    assert!(forced.contains(".bar li::before { forced-color-adjust: none;"));
    assert!(page.contains("overflow-wrap: anywhere"));
}

#[test]
fn the_page_needs_no_script_and_no_other_host() {
    let page = html(&order("delivered", vec![parcel(1, "delivered.generic")]));
    assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("src="));
    assert!(page.contains("<html lang=\"en\" dir=\"ltr\">"));
    let title = page
        .split("<title>")
        .nth(1)
        .and_then(|rest| rest.split("</title>").next())
        .unwrap();
    assert!(!title.contains("1Z999"), "{title}");
}

#[test]
fn programs_get_the_same_facts() {
    let mut situation = order("in_transit", vec![parcel(1, "in_transit.moving")]);
    situation.shipments[0]["conditions"] = json!([{ "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" }]);
    let facts = see(&situation, Facts::from_input);
    insta::assert_snapshot!("facts", serde_json::to_string_pretty(&facts).unwrap());
}

#[test]
fn a_parcel_that_cannot_be_read_is_said_to_be_missing() {
    let situation = order("in_transit", vec![parcel(1, "in_transit.departure_scan")]);
    let (page, facts) = see(&situation, |shown| {
        let order = Order {
            has_unreadable_shipments: true,
            ..shown.order.clone()
        };
        let shown = PageInput {
            order: &order,
            ..*shown
        };
        let page = page::render_order(&TrackingPage::from_input(&shown)).expect("the page");
        let facts = serde_json::to_value(Facts::from_input(&shown)).expect("facts");
        (page, facts)
    });
    assert!(page.contains("Details of a parcel of this order cannot be shown"));
    assert_eq!(facts["is_incomplete"], true);
    assert!(!html(&situation).contains("cannot be shown"));
}
