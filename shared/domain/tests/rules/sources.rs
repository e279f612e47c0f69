//! What several sources tell of one shipment, and what it comes to.

use crate::fixtures::{at, clock, new_shipment, scan};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    journey::{self as rules, reconcile},
    report::Report,
    scan::{Scan, ScanMeaning},
    shipment::Shipment,
    source::{MOST_OTHERS, Source},
    status::Reason,
    time::ScanTime,
};

/// Something that a source tells: who, what, when, where.
#[derive(Debug, Clone, Copy)]
struct Word {
    who: &'static str,
    what: &'static str,
    at: &'static str,
    city: &'static str,
}

/// A telling as `who: what @ time, in city`; a time without a clock is a day.
const fn word(who: &'static str, what: &'static str, at: &'static str, city: &'static str) -> Word {
    Word {
        who,
        what,
        at,
        city,
    }
}

fn id(text: &str) -> CarrierId {
    CarrierId::parse(text).unwrap()
}

pub(crate) fn source(who: &str) -> Option<Source> {
    Some(match who {
        "carrier" => return None,
        "17track" => Source::from_aggregator(&id("17track")),
        "staff" | "correction" => Source::from_staff(),
        "store" => Source::from_storefront(),
        supplier => Source::from_supplier(Some(supplier.to_owned())),
    })
}

impl Word {
    fn scan(self) -> Scan {
        let mut told = if self.at.contains(' ') {
            scan(self.what, self.at)
        } else {
            Scan {
                time: ScanTime::from_day(clock(&format!("{} 00:00", self.at)).date()),
                ..scan(self.what, "22 00:00")
            }
        };
        told.place.city = Some(self.city.to_owned()).filter(|city| !city.is_empty());
        if told.meaning == ScanMeaning::Note {
            self.city.clone_into(&mut told.text);
        }
        told
    }

    fn tell(self, shipment: &Shipment, now: Timestamp) -> Shipment {
        let report = Report {
            scans: vec![self.scan()],
            ..Report::default()
        };
        let said = source(self.who);
        let tell = |shipment: &Shipment, now| match &said {
            Some(staff) if self.who == "correction" => {
                rules::apply_correction(shipment, staff, &report, now)
            }
            said => rules::advance_by(shipment, said.as_ref(), &report, now),
        };
        let told = tell(shipment, now);
        let again = tell(&told.shipment, now + SignedDuration::from_mins(1));
        assert!(!again.is_news && again.new_scans == 0, "{self:?}");
        assert_eq!(again.shipment, told.shipment);
        told.shipment
    }
}

fn who(source: Option<&Source>) -> String {
    source.map_or_else(
        || "carrier".to_owned(),
        |source| {
            source
                .name
                .clone()
                .unwrap_or_else(|| source.kind.to_string())
        },
    )
}

/// The history as lines `time who: meaning`, in brackets what has no say, and
/// where the shipment stands.
fn shown(shipment: &Shipment) -> String {
    let mut lines: Vec<String> = reconcile::merged_history(shipment)
        .iter()
        .map(|heard| {
            let meaning = match heard.scan.meaning {
                ScanMeaning::Status(reason) => reason.to_string(),
                ScanMeaning::Delay(reason) => reason.to_string(),
                ScanMeaning::Note | ScanMeaning::Unknown | ScanMeaning::Withdrawn => {
                    heard.scan.text.clone()
                }
            };
            let time = heard.scan.time.order_key().strftime("%-d %H:%M");
            let line = format!("{time} {}: {meaning}", who(heard.source));
            if heard.counts {
                line
            } else {
                format!("({line})")
            }
        })
        .collect();
    lines.push(format!("= {}", shipment.reason));
    lines.join("\n")
}

fn orders(words: &[Word]) -> Vec<Vec<Word>> {
    if words.len() < 2 {
        return vec![words.to_vec()];
    }
    (0..words.len())
        .flat_map(|first| {
            let mut rest = words.to_vec();
            let word = rest.remove(first);
            orders(&rest).into_iter().map(move |mut order| {
                order.insert(0, word);
                order
            })
        })
        .collect()
}

/// Whichever source speaks first, the words come to `expected`.
#[track_caller]
fn check(words: &[Word], expected: &[&str]) {
    let now = at("30 12:00");
    for order in orders(words) {
        let told = |shipment: Shipment, word: &Word| word.tell(&shipment, now);
        let shipment = order.iter().fold(new_shipment(1), told);
        assert_eq!(shown(&shipment), expected.join("\n"), "told as {order:?}");
    }
}

#[test]
fn an_event_that_two_tell_counts_once_in_the_words_of_the_more_trusted() {
    check(
        &[
            word("carrier", "in_transit.arrival_scan", "23 09:00", "ALBANY"),
            word("17track", "in_transit.moving", "23 09:04", "Albany, NY"),
            word("staff", "in_transit.departure_scan", "23 09:10", ""),
        ],
        &[
            "23 09:00 carrier: in_transit.arrival_scan",
            "= in_transit.arrival_scan",
        ],
    );
    check(
        &[
            word("17track", "delivered.signed", "23 09:00", "Albany"),
            word("Acme", "delivered.generic", "23", ""),
        ],
        &["23 09:00 17track: delivered.signed", "= delivered.signed"],
    );
}

#[test]
fn what_differs_in_place_time_or_status_is_told_by_both() {
    check(
        &[
            word("carrier", "in_transit.arrival_scan", "23 09:00", "Albany"),
            word("17track", "in_transit.moving", "23 09:04", "Boston"),
            word("17track", "in_transit.moving", "23 09:16", "Albany"),
            word("17track", "out_for_delivery", "23 09:04", "Albany"),
        ],
        &[
            "23 09:00 carrier: in_transit.arrival_scan",
            "23 09:04 17track: in_transit.moving",
            "23 09:04 17track: out_for_delivery.today",
            "23 09:16 17track: in_transit.moving",
            "= out_for_delivery.today",
        ],
    );
}

#[test]
fn what_happened_later_counts_whichever_source_tells_it() {
    check(
        &[
            word("carrier", "in_transit", "22 09:00", ""),
            word("Acme", "out_for_delivery", "23 08:00", ""),
            word("17track", "in_transit", "22 18:00", ""),
            word("staff", "delivered", "23 11:00", ""),
        ],
        &[
            "22 09:00 carrier: in_transit.moving",
            "22 18:00 17track: in_transit.moving",
            "23 08:00 Acme: out_for_delivery.today",
            "23 11:00 staff: delivered.generic",
            "= delivered.generic",
        ],
    );
}

#[test]
fn where_time_does_not_decide_trust_does() {
    check(
        &[
            word("carrier", "in_transit", "23 09:00", ""),
            word("Acme", "delivered", "23 09:00", ""),
        ],
        &[
            "23 09:00 carrier: in_transit.moving",
            "(23 09:00 Acme: delivered.generic)",
            "= in_transit.moving",
        ],
    );
    // Of a day without a clock it is unknown whether it was before or after.
    check(
        &[
            word("17track", "out_for_delivery", "23 09:00", ""),
            word("store", "delivered", "23", ""),
        ],
        &[
            "(23 00:00 store: delivered.generic)",
            "23 09:00 17track: out_for_delivery.today",
            "= out_for_delivery.today",
        ],
    );
    check(
        &[
            word("staff", "exception.lost", "23 09:00", ""),
            word("store", "delivered", "23 09:00", ""),
        ],
        &[
            "23 09:00 staff: exception.lost",
            "(23 09:00 store: delivered.generic)",
            "= exception.lost",
        ],
    );
}

#[test]
fn a_correction_holds_against_all_that_was_and_against_nothing_that_comes() {
    let wrong = [
        word("carrier", "out_for_delivery", "23 08:00", ""),
        word("carrier", "delivered", "23 11:00", ""),
        word("correction", "in_transit", "23 15:00", ""),
    ];
    check(
        &wrong,
        &[
            "23 08:00 carrier: out_for_delivery.today",
            "23 11:00 carrier: delivered.generic",
            "23 15:00 staff: in_transit.moving",
            "= in_transit.moving",
        ],
    );
    let mut later = wrong.to_vec();
    later.push(word("carrier", "delivered.signed", "24 09:00", ""));
    check(
        &later,
        &[
            "23 08:00 carrier: out_for_delivery.today",
            "23 11:00 carrier: delivered.generic",
            "23 15:00 staff: in_transit.moving",
            "24 09:00 carrier: delivered.signed",
            "= delivered.signed",
        ],
    );
    // What corrects a day corrects all of it.
    check(
        &[
            word("carrier", "returning", "23 11:00", ""),
            word("correction", "delivered", "23", ""),
        ],
        &[
            "23 11:00 carrier: returning.to_sender",
            "23 00:00 staff: delivered.generic",
            "= delivered.generic",
        ],
    );
}

#[test]
fn a_note_is_told_once_and_moves_nothing() {
    check(
        &[
            word("staff", "note", "23 15:00", "Held at our door"),
            word("Acme", "note", "23 15:05", "held at our door"),
            word("carrier", "in_transit", "23 14:00", ""),
        ],
        &[
            "23 14:00 carrier: in_transit.moving",
            "23 15:00 staff: Held at our door",
            "= in_transit.moving",
        ],
    );
}

#[test]
fn wall_clocks_are_compared_where_one_has_no_offset() {
    let now = at("30 12:00");
    let zoned = Scan {
        time: ScanTime::from_zoned(clock("23 09:00"), Offset::constant(-5)),
        ..scan("in_transit", "23 09:00")
    };
    let naive = Scan {
        time: ScanTime::from_local(clock("23 09:00")),
        ..zoned.clone()
    };
    let of = |scan: &Scan| Report {
        scans: vec![scan.clone()],
        ..Report::default()
    };
    let shipment = rules::apply_report(&new_shipment(1), &of(&zoned), now).shipment;
    let aggregator = source("17track");
    let shipment = rules::advance_by(&shipment, aggregator.as_ref(), &of(&naive), now).shipment;
    assert_eq!(reconcile::merged_history(&shipment).len(), 1);
}

#[test]
fn a_wall_clock_takes_its_place_beside_those_that_are_near_it() {
    let now = at("30 12:00");
    let in_new_york = |what: &str, time: &str| Scan {
        time: ScanTime::from_zoned(clock(time), Offset::constant(-5)),
        ..scan(what, time)
    };
    let naive = Scan {
        time: ScanTime::from_local(clock("23 11:30")),
        ..scan("attempt_failed", "23 11:30")
    };
    let own = Report {
        scans: vec![
            in_new_york("out_for_delivery", "23 08:00"),
            in_new_york("delivered", "23 14:00"),
        ],
        ..Report::default()
    };
    let told = Report {
        scans: vec![naive],
        ..Report::default()
    };
    let shipment = rules::apply_report(&new_shipment(1), &own, now).shipment;
    let shipment = rules::advance_by(&shipment, source("Acme").as_ref(), &told, now).shipment;
    assert_eq!(
        shown(&shipment),
        "23 13:00 carrier: out_for_delivery.today\n23 11:30 Acme: attempt_failed.generic\n\
         23 19:00 carrier: delivered.generic\n= delivered.generic"
    );
}

#[test]
fn the_provider_in_the_carriers_place_is_named() {
    let now = at("23 12:00");
    let asked = rules::ask_with(new_shipment(1), Some(id("17track")), now);
    let report = Report {
        scans: vec![scan("in_transit", "23 09:00")],
        eta: Some(Eta::on_day(clock("25 00:00").date(), EtaSource::Carrier)),
        ..Report::default()
    };
    let told = rules::apply_report(&asked, &report, now).shipment;
    assert_eq!(
        shown(&told),
        "23 09:00 17track: in_transit.moving\n= in_transit.moving"
    );
    assert_eq!(told.eta.unwrap().source, EtaSource::Aggregator);
    assert_eq!(
        (
            told.carrier_heard_at(),
            told.other_sources[0].last_report_at
        ),
        (None, now)
    );
    // The shop gets a key of the carrier: what was told so far stays as it was said.
    let own = rules::ask_with(told, None, now);
    let later = at("23 13:00");
    let both = rules::apply_report(&own, &report, later).shipment;
    assert_eq!(
        shown(&both),
        "23 09:00 carrier: in_transit.moving\n= in_transit.moving"
    );
    assert_eq!(
        (
            both.carrier_heard_at(),
            both.other_sources[0].last_report_at
        ),
        (Some(later), now)
    );
    assert_eq!(both.eta.unwrap().source, EtaSource::Carrier);
}

#[test]
fn a_manual_shipment_is_asked_after_once_there_is_an_aggregator() {
    let now = at("22 10:00");
    let manual = Shipment {
        carrier: id("manual"),
        ..new_shipment(1)
    };
    let alone = rules::ask_with(manual, None, now);
    assert_eq!(alone.cadence, None);
    let asked = rules::ask_with(alone, Some(id("17track")), now);
    assert!(asked.cadence.is_some());
    assert_eq!(asked.provider(), &id("17track"));
}

#[test]
fn the_own_carrier_keeps_its_date_when_others_speak() {
    let first =
        word("carrier", "in_transit", "22 09:00", "").tell(&new_shipment(1), at("22 10:00"));
    let second = word("staff", "in_transit", "23 09:00", "").tell(&first, at("23 10:00"));
    assert_eq!(
        first.last_report_at, None,
        "nothing to store where no other source spoke"
    );
    assert_eq!(second.carrier_heard_at(), Some(at("22 10:00")));
    assert_eq!(second.changed_at, at("23 10:00"));
}

#[test]
fn an_eta_gives_way_to_one_that_is_trusted_as_much_or_more() {
    let now = at("22 10:00");
    let promise = |day: &str| Report {
        eta: Some(Eta::on_day(
            clock(&format!("{day} 00:00")).date(),
            EtaSource::Carrier,
        )),
        ..Report::default()
    };
    let mut shipment = new_shipment(1);
    for (who, day, expected) in [
        ("staff", "27", "27 staff"),
        ("Acme", "28", "28 supplier"),
        ("store", "24", "28 supplier"),
        ("17track", "26", "26 aggregator"),
        ("staff", "29", "26 aggregator"),
        ("carrier", "25", "25 carrier"),
        ("17track", "26", "25 carrier"),
    ] {
        shipment = rules::advance_by(&shipment, source(who).as_ref(), &promise(day), now).shipment;
        let eta = shipment.eta.unwrap();
        assert_eq!(
            format!("{} {}", eta.from.day(), eta.source),
            expected,
            "{who}"
        );
    }
}

#[test]
fn there_is_room_for_a_few_sources_and_one_too_many_is_not_heard() {
    const NAMES: [&str; MOST_OTHERS + 1] = ["A", "B", "C", "D", "E"];
    let now = at("30 12:00");
    let mut shipment = new_shipment(1);
    for (name, time) in NAMES
        .into_iter()
        .zip(["22 01:00", "22 02:00", "22 03:00", "22 04:00"])
    {
        shipment = word(name, "in_transit", time, "").tell(&shipment, now);
    }
    let one_too_many = word("E", "delivered", "22 05:00", "").tell(&shipment, now);
    assert_eq!(one_too_many, shipment);
}

#[test]
fn what_each_says_is_known_by_itself() {
    let now = at("30 12:00");
    let words = [
        word("carrier", "in_transit", "23 09:00", ""),
        word("17track", "delivered", "23 11:00", ""),
        word("correction", "exception.lost", "24 09:00", ""),
    ];
    let shipment = words
        .iter()
        .fold(new_shipment(1), |shipment, word| word.tell(&shipment, now));
    let says = |who: &str| reconcile::standing_by(&shipment, source(who).as_ref());
    assert_eq!(says("carrier"), Some(Reason::Moving));
    assert_eq!(says("17track"), Some(Reason::DeliveredGeneric));
    assert_eq!(says("staff"), Some(Reason::Lost));
    assert_eq!(says("Acme"), None);
}
