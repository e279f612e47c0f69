//! What is told must be true, in whatever state an order is: the page, mails and
//! texts of each are held against rules that know nothing of how they are made.

#[cfg(test)]
mod fixture;

use fixture::{Situation, order, parcel};
use jiff::{Timestamp, tz::TimeZone};
use posthorn_channels::{
    message::Message,
    render::{Email, Rendered, Sms},
};
use posthorn_domain::{
    id::ShipmentNumber,
    moment::{Channel, Moment},
    notice::Occasion,
    status::{Reason, ShipmentStatus},
};
use serde_json::{Value, json};
use track::{
    page,
    view::{Page, Shown},
};

const NOW: &str = "2026-11-25T14:00:00Z";
const ZONE: &str = "America/New_York";
const YESTERDAY: &str = "2026-11-24";
const TODAY: &str = "2026-11-25";
const TOMORROW: &str = "2026-11-26";
const LATER: &str = "2026-11-30";

/// What a customer reads of one situation.
struct Read {
    page: String,
    email: Email,
    sms: Sms,
}

impl Read {
    fn of(situation: &Situation, moment: Moment, shipment: Option<u16>) -> Self {
        let (order, shipments) = situation.read();
        let now: Timestamp = NOW.parse().unwrap();
        let carrier = |parcel: &_| posthorn_carriers::carrier_view(parcel, &situation.settings);
        let shown = Shown {
            order: &order,
            shipments: &shipments,
            settings: &situation.settings,
            carrier: &carrier,
            checked: &|_| None,
            now,
        };
        let occasion = Occasion {
            moment,
            shipment: shipment.map(ShipmentNumber),
            repeat: String::new(),
        };
        let message = Message {
            occasion: &occasion,
            order: &order,
            shipments: &shipments,
            settings: &situation.settings,
            name: Some("Anna"),
            link: "https://track.acme.example/t/Yk3v9sQ0T1mB7uZr2LxW8A",
            unsubscribe: None,
            carrier: &carrier,
            now,
            time_zone: &TimeZone::get(ZONE).unwrap(),
        };
        let Rendered::Email(email) = message.render(Channel::Email).unwrap() else {
            panic!("asked for a mail");
        };
        let Rendered::Sms(sms) = message.render(Channel::Sms).unwrap() else {
            panic!("asked for a text");
        };
        Self {
            page: page::order(&Page::of(&shown)).unwrap(),
            email,
            sms,
        }
    }

    /// The page without its style, the mail and the text.
    fn all(&self) -> [&str; 5] {
        let body = &self.page[self.page.find("<body").unwrap()..];
        [
            body,
            &self.email.subject,
            &self.email.html,
            &self.email.text,
            &self.sms.text,
        ]
    }

    fn h1(&self) -> &str {
        between(&self.page, "<h1>", "</h1>")
    }

    fn heading(&self) -> &str {
        self.email.text.lines().next().unwrap()
    }

    /// The lines of a page or a mail in which several parcels are told apart.
    fn rows(&self) -> (Vec<String>, Vec<String>) {
        let on_page = self
            .page
            .split("<li")
            .filter(|li| li.contains("<span class=\"soft\">") && li.contains("</span> <b>"));
        let on_page = on_page.map(|li| {
            let title = between(li, "<span class=\"soft\">", "</span>");
            format!("{title}: {}", between(li, "<b>", "</b>"))
        });
        let lines = self
            .email
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("- "));
        (on_page.collect(), lines.map(str::to_owned).collect())
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from}: {text}"))
        .1;
    rest.split_once(to).unwrap().0
}

/// The moment at which a parcel of this status is told of.
fn moment(reason: Reason) -> Moment {
    match reason.status() {
        ShipmentStatus::Pending | ShipmentStatus::InfoReceived => Moment::Shipped,
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Customs => {
            Moment::InTransit
        }
        ShipmentStatus::OutForDelivery if reason == Reason::Appointment => Moment::Appointment,
        ShipmentStatus::OutForDelivery => Moment::OutForDelivery,
        ShipmentStatus::AvailableForPickup => Moment::AvailableForPickup,
        ShipmentStatus::AttemptFailed => Moment::AttemptFailed,
        ShipmentStatus::Exception => Moment::Exception,
        ShipmentStatus::Returning => Moment::Returning,
        ShipmentStatus::Returned => Moment::Returned,
        ShipmentStatus::Delivered => Moment::Delivered,
        ShipmentStatus::Cancelled | ShipmentStatus::Expired => Moment::TrackingNumberChanged,
    }
}

/// The stage to which parcels of this status have brought an order.
fn stage(reason: Reason) -> &'static str {
    match reason.status() {
        ShipmentStatus::Delivered => "delivered",
        ShipmentStatus::Returning => "returning",
        ShipmentStatus::Returned => "returned",
        ShipmentStatus::OutForDelivery => "out_for_delivery",
        ShipmentStatus::AvailableForPickup => "available_for_pickup",
        _ => "handed_to_carrier",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Case {
    reason: Reason,
    /// The day it is expected, and perhaps hours.
    eta: Option<(&'static str, bool)>,
    promised: Option<&'static str>,
    is_manual: bool,
    since: &'static str,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for reason in Reason::ALL.iter().copied() {
            for eta in [
                None,
                Some((YESTERDAY, false)),
                Some((TODAY, false)),
                Some((TODAY, true)),
                Some((TOMORROW, false)),
                Some((TOMORROW, true)),
                Some((LATER, false)),
            ] {
                for promised in [None, Some(YESTERDAY), Some(LATER)] {
                    for is_manual in [false, true] {
                        for since in [TODAY, YESTERDAY] {
                            cases.push(Self {
                                reason,
                                eta,
                                promised,
                                is_manual,
                                since,
                            });
                        }
                    }
                }
            }
        }
        cases
    }

    fn parcel(self, number: u16) -> Value {
        let mut parcel = parcel(number, self.reason.as_str());
        let eta = self.eta.map(|(day, has_window)| {
            let mut eta = json!({ "from": day, "to": day, "source": "carrier" });
            if has_window {
                eta["window"] = json!(["10:15:00", "12:15:00"]);
            }
            eta
        });
        parcel["eta"] = json!(eta);
        parcel["eta_first"] = json!(eta);
        parcel["since"] = json!(format!("{}T08:10:00-05:00", self.since));
        if self.is_manual {
            parcel["carrier"] = json!("manual");
            parcel["tracking_number"] = json!(format!("7788990012{number}"));
        } else if !self.reason.status().is_final() {
            parcel["cadence"] = json!("3h");
        }
        parcel
    }

    fn situation(self, others: Vec<Value>) -> Situation {
        let mut parcels = vec![self.parcel(1)];
        parcels.extend(others);
        let mut situation = order(stage(self.reason), parcels);
        situation.order["promised"] = json!(self.promised);
        situation.order["time_zone"] = json!(ZONE);
        situation
    }

    /// Whether the customer is still to get it, and nothing is wrong.
    fn is_coming(self) -> bool {
        matches!(
            self.reason.status(),
            ShipmentStatus::Pending
                | ShipmentStatus::InfoReceived
                | ShipmentStatus::PickedUp
                | ShipmentStatus::InTransit
                | ShipmentStatus::Customs
                | ShipmentStatus::OutForDelivery
        ) && !matches!(
            self.reason,
            Reason::CustomsInfoRequired | Reason::CustomsProhibited
        )
    }

    /// Whether it may be said to come today.
    fn comes_today(self) -> bool {
        let is_today = self.eta.is_some_and(|(day, _)| day == TODAY);
        let is_agreed_for_later = self
            .eta
            .is_some_and(|(day, has_window)| day > TODAY && has_window);
        let is_on_van = self.reason == Reason::Today && self.since == TODAY;
        self.is_coming() && (is_today || (is_on_van && !is_agreed_for_later))
    }

    /// The day on which it was expected, if that is past.
    fn is_overdue(self) -> bool {
        let said = self.eta.map(|(day, _)| day).or(self.promised);
        self.is_coming() && !self.comes_today() && said.is_some_and(|day| day < TODAY)
    }
}

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
        let read = Read::of(&situation, moment(case.reason), Some(1));
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
        let has_own_heading = moment(case.reason) == Moment::TrackingNumberChanged;
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
            let read = Read::of(&situation, moment(case.reason), Some(1));
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
            } else if case.reason.status() == ShipmentStatus::Delivered {
                assert!(
                    h1.contains(&format!("Parcel {n} of {n}: arriving")),
                    "{case:?}: {h1}"
                );
            }
            // What the mail is about stands on the page in the same words.
            if !matches!(
                moment(case.reason),
                Moment::TrackingNumberChanged | Moment::Delivered
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
            let read = Read::of(&situation, Moment::Processing, None);
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
    let read = Read::of(&situation, Moment::Shipped, Some(1));
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
    let read = Read::of(&situation, Moment::Shipped, Some(2));
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
    let read = Read::of(&situation, Moment::Shipped, Some(2));
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
        let read = Read::of(&order("returning", vec![back]), Moment::Returning, Some(1));
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
        Read::of(&situation, Moment::InTransit, Some(1)).h1(),
        "Arriving today"
    );
    situation.order["time_zone"] = json!("Not/AZone");
    assert_eq!(
        Read::of(&situation, Moment::InTransit, Some(1)).h1(),
        "Was expected yesterday"
    );
}
