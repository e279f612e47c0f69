//! What is told must be true, in whatever state an order is: the page, mails and
//! texts of each are held against rules that know nothing of how they are made.

#[cfg(test)]
mod cases;
#[cfg(test)]
#[path = "../fixture/mod.rs"]
mod fixture;
#[cfg(test)]
mod read;

use cases::{Case, LATER, TODAY, TOMORROW, YESTERDAY, moment};
use fixture::{order, parcel};
use posthorn_domain::{
    notification_type::NotificationType,
    status::{Reason, ShipmentStatus},
};
use read::Read;
use serde_json::json;

/// Whether a text says that something arrives today.
fn says_today(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "arriving today",
        "arrives today",
        "expected today",
        "with you today",
        "reach you today",
        "arrive today",
        "set for today",
    ]
    .iter()
    .any(|says| text.contains(says))
}

/// What holds of everything that is ever told.
fn check_always(read: &Read, case: Case, may_say_today: bool) {
    assert!(
        read.sms.text.starts_with("Acme Shoes"),
        "{case:?}: {}",
        read.sms.text
    );
    for text in read.all() {
        let lower = text.to_lowercase();
        assert!(
            may_say_today || !says_today(text),
            "{case:?} is not today: {text}"
        );
        for never in [
            "manual",
            "refund",
            "money back",
            "replacement",
            "put it right, with",
            ", us<",
            ", de<",
            "latest eta",
        ] {
            assert!(!lower.contains(never), "{case:?} says {never}: {text}");
        }
        if case.is_manual {
            assert!(
                !lower.contains("we will tell you"),
                "{case:?} promises news: {text}"
            );
        }
    }
}

#[test]
fn one_parcel_is_told_alike_and_truly_in_all_media() {
    for case in Case::all() {
        let situation = case.situation(Vec::new());
        let read = Read::from_situation(&situation, moment(case.reason), Some(1));
        check_always(&read, case, case.comes_today());
        if case.comes_today() {
            assert_eq!(read.h1(), "Arriving today", "{case:?}");
        }
        if case.is_overdue() {
            assert_eq!(read.h1(), "Was expected yesterday", "{case:?}");
            assert!(read.page.contains("<body class=\"amber\">"), "{case:?}");
            assert!(
                read.email.text.contains("24 November"),
                "{case:?}: {}",
                read.email.text
            );
        }
        let has_own_heading = moment(case.reason) == NotificationType::TrackingNumberChanged;
        if !has_own_heading {
            let h1 = read.h1().replace("&#x27;", "'");
            assert_eq!(h1, read.heading(), "{case:?}");
        }
    }
}

#[test]
fn several_parcels_are_told_alike_with_the_next_event_first() {
    let other = |number, reason: &str, day: &str| {
        let mut other = parcel(number, reason);
        other["eta"] = json!({ "from": day, "to": day, "source": "carrier" });
        other["cadence"] = json!("3h");
        other
    };
    for case in Case::all()
        .into_iter()
        .filter(|case| case.promised.is_none())
    {
        for others in [
            vec![other(2, "in_transit.moving", LATER)],
            vec![
                other(2, "delivered.generic", YESTERDAY),
                other(3, "in_transit.moving", "2026-12-04"),
            ],
        ] {
            let n = others.len() + 1;
            let situation = case.situation(others);
            let read = Read::from_situation(&situation, moment(case.reason), Some(1));
            check_always(&read, case, case.comes_today());
            if case.reason == Reason::Voided {
                // A label that was cancelled is no parcel any more.
                continue;
            }
            let (page, mail) = read.rows();
            assert_eq!(page.len(), n, "{case:?}: {}", read.page);
            assert_eq!(page, mail, "{case:?}");
            // The headline is the first row's, and never the latest day's.
            let first = page[0].split_once(": ").unwrap();
            let h1 = read.h1();
            // Where all say the same, it is said of the order.
            let are_alike = page.iter().all(|row| row.ends_with(first.1));
            if are_alike {
                assert!(!h1.starts_with("Parcel"), "{case:?}: {h1}");
                continue;
            }
            assert!(h1.starts_with(first.0), "{case:?}: {h1}, rows {page:?}");
            if case.comes_today() {
                assert_eq!(h1, format!("Parcel 1 of {n}: arriving today"), "{case:?}");
            } else if case.is_overdue() {
                assert_eq!(
                    h1,
                    format!("Parcel 1 of {n}: was expected yesterday"),
                    "{case:?}"
                );
            } else if case.is_coming() && case.eta.is_some_and(|(day, _)| day == TOMORROW) {
                assert_eq!(
                    h1,
                    format!("Parcel 1 of {n}: arriving tomorrow"),
                    "{case:?}"
                );
            } else if case.reason.to_status() == ShipmentStatus::Delivered {
                assert!(
                    h1.contains(&format!("Parcel {n} of {n}: arriving")),
                    "{case:?}: {h1}"
                );
            }
            // What the mail is about stands on the page in the same words.
            if !matches!(
                moment(case.reason),
                NotificationType::TrackingNumberChanged | NotificationType::Delivered
            ) {
                let title = format!("Parcel 1 of {n}: ");
                let about = page
                    .iter()
                    .find_map(|row| row.strip_prefix(&title))
                    .unwrap();
                let heading = read
                    .heading()
                    .strip_prefix(&title)
                    .unwrap_or_else(|| panic!("{case:?}: {}", read.heading()));
                let stem = |text: &str| {
                    let text = text.to_lowercase().replace("&#x27;", "'");
                    text.split(' ').next().map(str::to_owned)
                };
                assert_eq!(stem(about), stem(heading), "{case:?}");
            }
        }
    }
}

#[test]
fn an_order_without_a_parcel_is_late_once_its_day_is_past() {
    for stage in [
        "new",
        "processing",
        "payment_confirmed",
        "in_warehouse",
        "handed_to_carrier",
    ] {
        for (promised, is_overdue) in [
            (None, false),
            (Some(YESTERDAY), true),
            (Some(TODAY), false),
            (Some(LATER), false),
        ] {
            let mut situation = order(stage, Vec::new());
            situation.order["promised"] = json!(promised);
            let read = Read::from_situation(&situation, NotificationType::Processing, None);
            let says = read.h1() == "Was expected yesterday";
            assert_eq!(says, is_overdue, "{stage} {promised:?}: {}", read.page);
            assert_eq!(read.page.contains("<body class=\"amber\">"), is_overdue);
            assert_eq!(
                read.email.text.contains("It was expected yesterday"),
                is_overdue,
                "{}",
                read.email.text
            );
        }
    }
}

#[test]
fn a_first_part_is_never_the_order() {
    let mut part = parcel(1, "info_received.label");
    part["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
    part["cadence"] = json!("3h");
    let situation = order("partially_shipped", vec![part]);
    let read = Read::from_situation(&situation, NotificationType::Shipped, Some(1));
    assert_eq!(
        read.email.subject,
        "Part of your order #1001 is ready for UPS"
    );
    assert!(
        read.email
            .text
            .contains("Part of your order #1001 (3 × Wool socks) is packed"),
        "{}",
        read.email.text
    );
    assert!(
        read.sms.text.contains("part of order #1001 is ready"),
        "{}",
        read.sms.text
    );
    assert!(
        read.h1().starts_with("Part of your order: "),
        "{}",
        read.h1()
    );
    // The second of them says how many there are only once all is sent.
    let mut second = parcel(2, "info_received.label");
    second["items"] = json!([{ "title": "Trail runner, size 42, moss", "quantity": 1 }]);
    let mut situation = situation;
    situation.shipments.push(second);
    let read = Read::from_situation(&situation, NotificationType::Shipped, Some(2));
    assert!(
        read.email
            .subject
            .starts_with("Parcel 2 of 2 of your order #1001"),
        "{}",
        read.email.subject
    );
    situation.order["items"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "title": "Laces", "quantity": 1 }));
    let read = Read::from_situation(&situation, NotificationType::Shipped, Some(2));
    assert!(
        read.email
            .subject
            .starts_with("Parcel 2 of your order #1001"),
        "{}",
        read.email.subject
    );
}

#[test]
fn why_a_parcel_goes_back_is_told_as_far_as_it_is_known() {
    for (reason, says) in [
        ("exception.refused", "refused at the door"),
        ("available_for_pickup.ready", "not collected in time"),
        ("exception.bad_address", "could not find you"),
        ("attempt_failed.not_home", "could not hand it over"),
        ("delivered.signed", "return terms"),
        ("in_transit.moving", "If that surprises you"),
    ] {
        let mut back = parcel(1, "returning.to_sender");
        back["scans"][4]["meaning"] = json!({ "status": reason });
        let read = Read::from_situation(
            &order("returning", vec![back]),
            NotificationType::Returning,
            Some(1),
        );
        for text in [&read.page, &read.email.text] {
            assert!(text.contains(says), "{reason}: {text}");
            assert!(!text.contains("If you sent it back"), "{reason}: {text}");
        }
    }
}

#[test]
fn the_day_is_the_customers_wherever_the_shop_is() {
    // Midnight has passed in Berlin; the customer in New York has still today.
    let case = Case {
        reason: Reason::Moving,
        eta: Some((TODAY, false)),
        promised: None,
        is_manual: false,
        since: TODAY,
    };
    let mut situation = case.situation(Vec::new());
    situation.settings.time_zone = "Pacific/Auckland".to_owned();
    assert_eq!(
        Read::from_situation(&situation, NotificationType::InTransit, Some(1)).h1(),
        "Arriving today"
    );
    situation.order["time_zone"] = json!("Not/AZone");
    assert_eq!(
        Read::from_situation(&situation, NotificationType::InTransit, Some(1)).h1(),
        "Was expected yesterday"
    );
}

#[test]
fn an_end_that_the_shop_tells_is_the_end_of_each_parcel() {
    let mut awaited = parcel(1, "in_transit.moving");
    awaited["eta"] = json!({ "from": TOMORROW, "to": TOMORROW, "source": "carrier" });
    let mut overdue = parcel(2, "info_received.label");
    overdue["eta"] = json!({ "from": YESTERDAY, "to": YESTERDAY, "source": "store" });
    for (stage, moment, says) in [
        ("delivered", NotificationType::Delivered, "Delivered "),
        (
            "cancelled",
            NotificationType::Cancelled,
            "This order was cancelled",
        ),
        ("returned", NotificationType::Returned, "Back at the shop"),
    ] {
        for parcels in [
            vec![awaited.clone()],
            vec![overdue.clone()],
            vec![awaited.clone(), overdue.clone()],
        ] {
            let mut situation = order(stage, parcels);
            situation.order["stages"][2]["by"] = json!("shop");
            let read = Read::from_situation(&situation, moment, None);
            assert!(read.h1().starts_with(says), "{stage}: {}", read.h1());
            assert!(read.heading().starts_with(says), "{}", read.heading());
            for text in read.all() {
                let lower = text.to_lowercase();
                for never in ["arriving", "was expected", "expected:"] {
                    assert!(!lower.contains(never), "{stage} says {never}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_last_of_several_came_when_the_shop_says_so() {
    let mut first = parcel(1, "delivered.generic");
    first["status_since"] = json!(format!("{YESTERDAY}T08:10:00-05:00"));
    let parcels = vec![first, parcel(2, "info_received.label")];
    let mut situation = order("delivered", parcels);
    situation.order["stages"][2] =
        json!({ "stage": "delivered", "at": format!("{TODAY}T13:00:00Z"), "by": "shop" });
    let read = Read::from_situation(&situation, NotificationType::Delivered, None);
    assert_eq!(read.h1(), "Delivered today");
    assert_eq!(read.rows().0[0], "Parcel 2 of 2: Delivered today");
}

#[test]
fn what_was_collected_is_not_looked_for_at_the_neighbours() {
    let collected = |number| parcel(number, "delivered.picked_up");
    let situation = order("delivered", vec![collected(1), collected(2)]);
    let read = Read::from_situation(&situation, NotificationType::Delivered, None);
    assert_eq!(read.h1(), "Collected today");
    assert_eq!(read.heading(), "Collected today");
    assert_eq!(read.email.subject, "Collected: your order #1001");
    assert!(
        !read.email.text.contains("neighbours"),
        "{}",
        read.email.text
    );
}

#[test]
fn of_what_has_come_the_latest_is_told_first() {
    let mut first = parcel(1, "delivered.generic");
    first["status_since"] = json!(format!("{YESTERDAY}T08:10:00-05:00"));
    let parcels = vec![
        first,
        parcel(2, "delivered.generic"),
        parcel(3, "returned.received"),
    ];
    let read = Read::from_situation(
        &order("partially_delivered", parcels),
        NotificationType::Returned,
        Some(3),
    );
    assert_eq!(read.h1(), "Parcel 2 of 3: delivered today");
}

#[test]
fn what_is_true_of_several_is_not_said_of_one() {
    for reason in Reason::ALL {
        let both = vec![parcel(1, reason.as_str()), parcel(2, reason.as_str())];
        let read = Read::from_situation(
            &order("in_transit", both),
            NotificationType::Exception,
            Some(1),
        );
        let hero = read.page.split_once("<h1>").unwrap().1;
        let hero = hero.split_once("</section>").unwrap().0.to_lowercase();
        assert!(!hero.contains("your parcel"), "{reason}: {hero}");
    }
}

/// A carrier's plain scan does not say that what went wrong was put right.
#[test]
fn a_damaged_shipment_that_moves_on_is_not_told_to_be_whole() {
    let mut damaged = parcel(1, "in_transit.resolved");
    damaged["scans"][4]["meaning"] = json!({ "status": "exception.damaged" });
    let read = Read::from_situation(
        &order("in_transit", vec![damaged]),
        NotificationType::BackOnTheWay,
        Some(1),
    );
    for text in read.all() {
        assert!(!text.contains("solved"), "{text}");
    }
}

#[test]
fn the_rest_of_an_order_is_late_and_its_first_part_is_not() {
    let mut part = parcel(1, "delivered.generic");
    part["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
    let mut situation = order("partially_delivered", vec![part]);
    situation.order["promised"] = json!(YESTERDAY);
    let read = Read::from_situation(&situation, NotificationType::EtaMissed, None);
    assert_eq!(
        read.heading(),
        "The rest of your order: was expected yesterday"
    );
    assert!(
        read.email.text.contains(
            "Your order #1001 was expected yesterday, Tuesday, 24 November, and not all of it has arrived."
        ),
        "{}",
        read.email.text
    );
}

/// Its carrier has said nothing, or less than the shop.
#[test]
fn no_section_of_the_page_contradicts_an_end_that_the_shop_tells() {
    let sections = |stage: &str, shipment| {
        let mut situation = order(stage, vec![shipment]);
        situation.order["stages"][2]["by"] = json!("shop");
        Read::from_situation(&situation, NotificationType::Delivered, None).page
    };
    for (stage, reason, says) in [
        ("delivered", "pending.no_info", "Delivered"),
        ("delivered", "in_transit.moving", "Delivered"),
        ("cancelled", "info_received.label", "Cancelled"),
        ("cancelled", "in_transit.moving", "On its way"),
        ("returned", "in_transit.moving", "Returned"),
    ] {
        let page = sections(stage, parcel(1, reason));
        let status = format!("<dt>Status</dt><dd>{says}</dd>");
        assert!(page.contains(&status), "{stage} {reason}: {page}");
    }
}

#[test]
fn a_voided_label_is_shown_only_where_there_is_nothing_else() {
    let voided = || parcel(1, "cancelled.voided");
    let read = |parcels| {
        let situation = order("handed_to_carrier", parcels);
        Read::from_situation(&situation, NotificationType::Shipped, None).page
    };
    assert!(read(vec![voided()]).contains("<dd>Label cancelled</dd>"));
    let page = read(vec![voided(), parcel(2, "info_received.label")]);
    assert_eq!(page.matches("<h2>your parcel</h2>").count(), 1, "{page}");
    assert!(!page.contains("<dd>Label cancelled</dd>"), "{page}");
}
