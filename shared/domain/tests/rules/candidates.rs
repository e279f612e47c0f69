//! Whose turn it is while only the number tells who carries a shipment.

use crate::{
    fixtures::{at, new_shipment, order, scan},
    journeys::report,
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    candidates::{Candidates, CarrierCandidate, Denial},
    id::CarrierId,
    journey as rules,
    shipment::Shipment,
    status::Reason,
    transition::{ItemChange, derive_facts},
};

fn carrier(id: &str) -> CarrierId {
    CarrierId::parse(id).unwrap()
}

/// A shipment registered at 22 08:00 that may be of any of these: `fedex 62`.
fn guessed(candidates: &[&str]) -> Shipment {
    let ranked: Vec<CarrierCandidate> = candidates
        .iter()
        .map(|text| {
            let (id, confidence) = text.split_once(' ').unwrap();
            CarrierCandidate::new(carrier(id), confidence.parse().unwrap())
        })
        .collect();
    Shipment {
        carrier: ranked[0].carrier.clone(),
        candidates: Candidates::from_ranked(ranked, at("22 08:00")),
        ..new_shipment(1)
    }
}

fn hours(hours: i64) -> Timestamp {
    at("22 08:00") + SignedDuration::from_hours(hours)
}

/// Who is asked each eight hours by a shipment that no carrier knows.
fn asked(candidates: &[&str], times: i64) -> String {
    let mut shipment = guessed(candidates);
    let mut asked = Vec::new();
    for time in 0..times {
        asked.push(shipment.carrier.to_string());
        shipment = rules::reject_candidate(&shipment, Denial::Unknown, hours(8 * time)).shipment;
    }
    asked.join(" ")
}

#[test]
fn each_is_asked_once_and_then_the_likeliest_has_a_day_at_a_time() {
    assert_eq!(
        asked(&["fedex 62", "gls 28"], 10),
        "fedex gls fedex fedex fedex gls fedex fedex fedex gls"
    );
    assert_eq!(
        asked(&["russian_post 64", "dpd 42", "17track 0"], 8),
        "russian_post dpd 17track russian_post russian_post russian_post dpd 17track"
    );
}

#[test]
fn who_is_sure_has_a_day_before_any_other_is_asked() {
    assert_eq!(
        asked(&["dhl_parcel_de 97", "dhl_unified 97"], 6),
        "dhl_parcel_de dhl_parcel_de dhl_parcel_de dhl_parcel_de dhl_unified dhl_parcel_de"
    );
}

#[test]
fn one_alone_is_asked_for_ever_and_written_never() {
    let alone = guessed(&["fedex 62"]);
    assert!(alone.is_guess());
    for denial in [Denial::Unknown, Denial::Impossible] {
        let later = rules::reject_candidate(&alone, denial, hours(60));
        assert!(!later.must_write(&alone), "{denial:?}");
    }
    assert_eq!(asked(&["fedex 62"], 3), "fedex fedex fedex");
}

#[test]
fn a_carrier_that_can_be_no_other_is_no_guess() {
    assert_eq!(guessed(&["ups 99"]).candidates, None);
    assert!(!guessed(&["ups 99"]).is_guess());
    assert!(!guessed(&["dhl_parcel_de 97", "dhl_unified 97"]).is_guess());
    assert!(guessed(&["fedex 62", "gls 28"]).is_guess());
}

#[test]
fn no_more_than_four_are_asked() {
    let many = guessed(&["a 80", "b 70", "c 60", "d 50", "e 40"]);
    let kept = many.candidates.unwrap();
    assert_eq!(kept.ranked().len(), 4);
}

#[test]
fn who_cannot_have_given_the_number_is_asked_no_more() {
    let three = guessed(&["russian_post 64", "dpd 42", "gls 28"]);
    let two = rules::reject_candidate(&three, Denial::Impossible, hours(0)).shipment;
    assert_eq!(two.carrier, carrier("dpd"));
    let next = rules::reject_candidate(&two, Denial::Unknown, hours(8)).shipment;
    assert_eq!(next.carrier, carrier("gls"));
    let first = rules::reject_candidate(&next, Denial::Impossible, hours(16)).shipment;
    assert_eq!(first.carrier, carrier("dpd"));
    let stays = rules::reject_candidate(&first, Denial::Unknown, hours(90)).shipment;
    assert_eq!(stays.carrier, carrier("dpd"));
}

#[test]
fn another_turn_is_one_write_that_keeps_what_the_shipment_is() {
    let before = Shipment {
        response_hash: Some("old".to_owned()),
        is_pushed: true,
        subscribed_until: Some(hours(300)),
        ..guessed(&["fedex 62", "gls 28"])
    };
    let passed_on = rules::reject_candidate(&before, Denial::Unknown, hours(1));
    assert!(passed_on.must_write(&before) && !passed_on.is_news);
    let after = passed_on.shipment;
    assert_eq!(after.version, before.version + 1);
    assert_eq!(after.provider(), &carrier("gls"));
    assert_eq!((after.response_hash, after.subscribed_until), (None, None));
    assert!(!after.is_pushed);
    assert_eq!(
        (after.registered_at, after.changed_at),
        (before.registered_at, before.changed_at)
    );
}

#[test]
fn an_aggregator_in_the_place_of_a_candidate_is_asked_at_its_turn() {
    let mut guess = guessed(&["ups 65", "fedex 62"]);
    let through = |id: &CarrierId| (id.as_str() == "fedex").then(|| carrier("17track"));
    guess.candidates = guess.candidates.map(|all| all.asked_through(through));
    let after = rules::reject_candidate(&guess, Denial::Unknown, hours(1)).shipment;
    assert_eq!(after.carrier, carrier("fedex"));
    assert_eq!(after.provider(), &carrier("17track"));
    let first = rules::reject_candidate(&after, Denial::Unknown, hours(9)).shipment;
    assert_eq!((first.carrier, first.provider), (carrier("ups"), None));
}

#[test]
fn the_carrier_that_knows_the_number_is_its_carrier_and_no_other_is_asked() {
    let second =
        rules::reject_candidate(&guessed(&["fedex 62", "gls 28"]), Denial::Unknown, hours(0));
    let report = report(&[scan("in_transit", "22 12:00")]);
    let found = rules::apply_report(&second.shipment, &report, hours(8)).shipment;
    assert_eq!((found.carrier.as_str(), &found.candidates), ("gls", &None));
    assert_eq!(found.version, second.shipment.version + 1);
    let later = rules::reject_candidate(&found, Denial::Unknown, hours(60));
    assert_eq!(later.shipment.carrier, carrier("gls"));
}

#[test]
fn what_others_report_settles_nothing() {
    let guess = guessed(&["fedex 62", "gls 28"]);
    let staff = posthorn_domain::source::Source::from_staff();
    let report = report(&[scan("in_transit", "22 12:00")]);
    let told = rules::advance_by(&guess, Some(&staff), &report, hours(8)).shipment;
    assert_eq!(told.candidates, guess.candidates);
}

#[test]
fn a_number_that_no_carrier_knows_is_given_up_as_any_other_and_then_left_to_one() {
    let mut shipment = guessed(&["fedex 62", "gls 28"]);
    for day in 1..=30 {
        shipment = rules::reject_candidate(&shipment, Denial::Unknown, hours(24 * day)).shipment;
    }
    assert_eq!(shipment.reason, Reason::Silent);
    let last = rules::reject_candidate(&shipment, Denial::Unknown, hours(24 * 31));
    assert_eq!(last.shipment, shipment);
}

#[test]
fn another_turn_is_no_fact_and_another_carrier_by_the_shop_is_one() {
    let facts = |old: &Shipment, new: &Shipment| -> Vec<&'static str> {
        let change = ItemChange::Shipment {
            order: order().key,
            old: Some(Box::new(old.clone())),
            new: Box::new(new.clone()),
        };
        let facts = derive_facts(&change, hours(9));
        facts.iter().map(|fact| fact.event.detail_type()).collect()
    };
    let guess = guessed(&["fedex 62", "gls 28"]);
    let passed_on = rules::reject_candidate(&guess, Denial::Unknown, hours(1)).shipment;
    assert_eq!(facts(&guess, &passed_on), [""; 0]);
    let number = guess.tracking_number.clone();
    let corrected = rules::correct_number(&guess, carrier("gls"), number, hours(2));
    assert_eq!(corrected.candidates, None);
    assert_eq!(facts(&guess, &corrected), ["TrackingNumberChanged"]);
}
