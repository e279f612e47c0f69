//! What a report leaves behind besides a status.

use crate::{
    fixtures::{at, clock, new_shipment, scan},
    journeys::{advanced, report},
};
use jiff::{civil::Date, tz::Offset};
use posthorn_domain::{
    cadence::Cadence,
    eta::{Eta, EtaSource},
    id::CarrierId,
    journey as rules,
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};

fn stated(reason: Reason) -> Report {
    Report {
        reported_status: Some(reason),
        ..Report::default()
    }
}

fn promised(day: Date, source: EtaSource) -> Report {
    Report {
        eta: Some(Eta::on_day(day, source)),
        ..Report::default()
    }
}

#[test]
fn a_scan_told_again_under_another_sequence_is_the_same_scan() {
    let first = advanced(
        &new_shipment(1),
        &report(&[scan("in_transit", "22 09:00")]),
        at("22 10:00"),
    );
    let mut again = scan("in_transit", "22 09:00");
    again.sequence = 7;
    let advance = rules::apply_report(&first, &report(&[again]), at("22 11:00"));
    assert_eq!((advance.new_scans, advance.shipment.scans.len()), (0, 1));
}

#[test]
fn a_code_understood_since_replaces_the_scan_that_was_not() {
    let mut unknown = scan("in_transit", "22 09:00");
    unknown.meaning = ScanMeaning::Unknown;
    let shipment = advanced(&new_shipment(1), &report(&[unknown]), at("22 10:00"));
    assert_eq!(shipment.current_status(), ShipmentStatus::Pending);
    let shipment = advanced(
        &shipment,
        &report(&[scan("in_transit", "22 09:00")]),
        at("22 11:00"),
    );
    assert_eq!(shipment.current_status(), ShipmentStatus::InTransit);
    assert_eq!(shipment.scans.len(), 1);
}

#[test]
fn only_the_newest_scans_are_kept() {
    let scans: Vec<Scan> = (0..300)
        .map(|minute| {
            scan(
                "in_transit",
                &format!("22 {:02}:{:02}", minute / 60, minute % 60),
            )
        })
        .collect();
    let shipment = advanced(&new_shipment(1), &report(&scans), at("23 10:00"));
    assert_eq!(shipment.scans.len(), 120);
    assert_eq!(shipment.scans[0].time.order_key(), clock("22 03:00"));
}

#[test]
fn a_text_without_end_is_cut() {
    let mut long = scan("in_transit", "22 09:00");
    long.text = "ü".repeat(100_000);
    let shipment = advanced(&new_shipment(1), &report(&[long]), at("22 10:00"));
    assert_eq!(shipment.scans[0].text.chars().count(), 300);
}

#[test]
fn a_place_without_end_is_cut_and_is_the_same_place_again() {
    let mut far = scan("in_transit", "22 09:00");
    far.place = Place {
        city: Some("ü".repeat(100_000)),
        region: Some("x".repeat(100_000)),
        country: Some("DE".repeat(100_000)),
    };
    let shipment = advanced(&new_shipment(1), &report(&[far]), at("22 10:00"));
    let place = &shipment.scans[0].place;
    let length = |text: &Option<String>| text.as_ref().map(|text| text.chars().count());
    assert_eq!(length(&place.city), Some(80));
    assert_eq!(length(&place.region), Some(80));
    assert_eq!(length(&place.country), Some(80));
}

#[test]
fn the_longest_report_leaves_a_shipment_that_can_be_written() {
    let long = |letter: &str| letter.repeat(100_000);
    let scans: Vec<Scan> = (0..1440)
        .map(|minute| Scan {
            code: minute.to_string().repeat(100),
            text: "ü".repeat(1000),
            place: Place {
                city: Some("ü".repeat(1000)),
                region: Some("ü".repeat(1000)),
                country: Some("ü".repeat(1000)),
            },
            ..scan(
                "in_transit",
                &format!("22 {:02}:{:02}", minute / 60, minute % 60),
            )
        })
        .collect();
    let told = Report {
        proof: Some(Proof {
            drop_off_location: Some(long("x")),
            received_by: Some(long("y")),
            ..Proof::default()
        }),
        service: Some(long("z")),
        pieces: Some(u32::MAX),
        aliases: (1000..2000)
            .map(|number| Alias {
                number: TrackingNumber::parse(&number.to_string()).unwrap(),
                carrier: None,
            })
            .collect(),
        reported_status: Some(Reason::DeliveredGeneric),
        ..report(&scans)
    };
    let shipment = rules::apply_report(&new_shipment(1), &told, at("23 10:00")).shipment;
    assert_eq!(shipment.scans.len(), 120);
    let size = serde_json::to_string(&shipment).unwrap().len();
    assert!(size < 200_000, "{size} bytes before it is packed");
}

#[test]
fn of_the_former_numbers_the_last_are_remembered() {
    let numbers = (1000..1100).map(|number| TrackingNumber::parse(&number.to_string()).unwrap());
    let last = numbers.fold(new_shipment(1), |shipment, number| {
        rules::correct_number(
            &shipment,
            shipment.carrier.clone(),
            Some(number),
            at("22 11:00"),
        )
    });
    assert_eq!(last.former_numbers.len(), 20);
    assert_eq!(last.former_numbers[19].as_str(), "1098");
}

#[test]
fn what_the_carrier_states_counts_where_it_is_ahead_of_the_scans() {
    let shipment = advanced(&new_shipment(1), &stated(Reason::Moving), at("22 10:00"));
    assert_eq!(shipment.reason, Reason::Moving);
    let shipment = advanced(&shipment, &stated(Reason::DeliveredGeneric), at("23 10:00"));
    assert_eq!(shipment.reason, Reason::DeliveredGeneric);
    let routing = report(&[scan("in_transit", "23 12:00")]);
    let shipment = advanced(&shipment, &routing, at("23 13:00"));
    assert_eq!(
        shipment.reason,
        Reason::DeliveredGeneric,
        "scans that tell less move nothing back"
    );
    let both = Report {
        reported_status: Some(Reason::DeliveredGeneric),
        ..report(&[scan("in_transit", "22 12:00")])
    };
    assert_eq!(
        advanced(&new_shipment(1), &both, at("22 13:00")).reason,
        Reason::DeliveredGeneric
    );
}

#[test]
fn the_first_and_the_latest_eta_are_kept_and_placeholders_are_not() {
    let day = |day| Date::constant(2026, 11, day);
    let now = at("22 10:00");
    let shipment = advanced(
        &new_shipment(1),
        &promised(day(25), EtaSource::Carrier),
        now,
    );
    let shipment = advanced(&shipment, &promised(day(27), EtaSource::Carrier), now);
    let shipment = advanced(&shipment, &promised(day(26), EtaSource::Store), now);
    let shipment = advanced(
        &shipment,
        &promised(Date::constant(1970, 1, 1), EtaSource::Carrier),
        now,
    );
    assert_eq!(shipment.eta_first.map(|eta| eta.to), Some(day(25)));
    assert_eq!(shipment.eta.map(|eta| eta.to), Some(day(27)));
    assert_eq!(shipment.eta_before.map(|eta| eta.to), Some(day(25)));
    assert_eq!(shipment.shown_eta(at("27 23:00")), shipment.eta);
    assert_eq!(shipment.shown_eta(at("28 12:30")), None);
    let delivered = Report {
        eta: Some(Eta::on_day(day(29), EtaSource::Carrier)),
        ..report(&[scan("delivered", "22 12:00")])
    };
    let shipment = advanced(&shipment, &delivered, at("22 13:00"));
    assert_eq!(shipment.eta.map(|eta| eta.to), Some(day(27)));
    assert_eq!(shipment.shown_eta(at("22 14:00")), None);
}

#[test]
fn of_the_proof_only_the_place_is_kept() {
    let told = Report {
        proof: Some(Proof {
            at: None,
            received_by: Some("LEE".to_owned()),
            drop_off_location: Some("front door".to_owned()),
        }),
        service: Some("UPS Ground".to_owned()),
        aliases: vec![Alias {
            number: TrackingNumber::parse("92001234").unwrap(),
            carrier: CarrierId::parse("usps").ok(),
        }],
        ..report(&[scan("delivered", "22 12:00")])
    };
    let shipment = advanced(&new_shipment(1), &told, at("22 13:00"));
    assert_eq!(shipment.drop_off_location.as_deref(), Some("front door"));
    assert_eq!(shipment.service.as_deref(), Some("UPS Ground"));
    assert_eq!(shipment.aliases.len(), 1);
    assert!(!format!("{shipment:?}").contains("LEE"));
}

#[test]
fn a_corrected_number_starts_anew_and_remembers_the_former_one() {
    let known = advanced(
        &new_shipment(1),
        &report(&[scan("delivered", "22 09:00")]),
        at("22 10:00"),
    );
    let number = TrackingNumber::parse("1ZNEW").unwrap();
    let next = rules::correct_number(&known, known.carrier.clone(), Some(number), at("22 11:00"));
    assert_eq!(next.reason, Reason::NoInfo);
    assert!(next.scans.is_empty() && next.status_since.is_none() && next.response_hash.is_none());
    assert_eq!(next.former_numbers, known.tracking_number.as_slice());
    assert_eq!(
        (next.version, next.registered_at),
        (known.version + 1, at("22 11:00"))
    );
    assert_eq!(next.cadence, Some(Cadence::EightHours));
    let same = rules::correct_number(
        &next,
        next.carrier.clone(),
        next.tracking_number.clone(),
        at("22 12:00"),
    );
    assert_eq!(same, next);
    let back = rules::correct_number(
        &next,
        next.carrier.clone(),
        known.tracking_number,
        at("22 12:00"),
    );
    assert_eq!(back.former_numbers, next.tracking_number.as_slice());
}

#[test]
fn a_day_without_a_time_is_no_instant_and_still_has_its_place() {
    let on = |what: &str, time: ScanTime| Scan {
        time,
        ..scan(what, "22 00:00")
    };
    let day = ScanTime::from_day(Date::constant(2026, 11, 22));
    let local = ScanTime::from_local(clock("22 08:00"));
    let zoned = ScanTime::from_zoned(clock("22 12:00"), Offset::constant(2));
    let scans = [
        on("delivered", zoned),
        on("out_for_delivery", local),
        on("in_transit", day),
    ];
    let shipment = advanced(&new_shipment(1), &report(&scans), at("22 13:00"));
    let reasons: Vec<&str> = shipment
        .scans
        .iter()
        .map(|scan| scan.code.as_str())
        .collect();
    assert_eq!(reasons, ["in_transit", "out_for_delivery", "delivered"]);
    assert_eq!(shipment.status_since, Some(zoned));
}
