//! Whose number is this: published numbers, numbers made up by the formats
//! themselves, and the guesses that others get wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clues;

use posthorn_carriers::{
    CarrierMatch, Clues, NumberFit, fit_number, profile_of,
    recognise::{
        MatchReason,
        check::{Check, Rule},
        format::{self, Owner, PatternPart},
        sight,
    },
    recognise_number, rejected_carriers,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use proptest::prelude::*;

fn number(text: &str) -> TrackingNumber {
    TrackingNumber::parse(text).unwrap()
}

fn candidates(text: &str) -> Vec<CarrierMatch> {
    recognise_number(&number(text), &Clues::default())
}

/// The carrier that a number tells by itself.
fn bound(text: &str, clues: &Clues<'_>) -> Option<&'static str> {
    let candidates = recognise_number(&number(text), clues);
    let mut binding = candidates.iter().filter(|found| found.is_binding());
    let first = binding.next()?;
    binding.next().is_none().then_some(first.carrier)
}

fn carriers(text: &str) -> Vec<&'static str> {
    candidates(text).iter().map(|found| found.carrier).collect()
}

#[test]
fn numbers_that_tell_their_carrier_bind() {
    for (text, carrier) in [
        ("1Z5R89390357567127", "ups"),
        ("1Z999AA10123456784", "ups"),
        ("1z 9x9e03 03 0001 0015", "ups"),
        ("9400 1112 0108 0805 4830 16", "usps"),
        ("92748931507708513018050063", "usps"),
        ("420 22153 9101026837331000039521", "usps"),
        ("4201002334249200190132607600833457", "usps"),
        ("9611020987654312345672", "fedex"),
        ("1001921334250001000300779017972697", "fedex"),
        ("1027590111820004833500785458233610", "fedex"),
        ("32971514560102447849175802862014", "fedex"),
        ("420902459261290336128704042634", "usps"),
        ("00340434161094015902", "dhl_parcel_de"),
        ("0034-0433-8364-4263-6597", "dhl_parcel_de"),
        ("01015026003653C", "dpd"),
        ("008182709980000020033350276C", "dpd"),
        ("8L01234567895", "laposte"),
        ("C11031500001879", "ontrac"),
        ("D10011354453707", "ontrac"),
    ] {
        assert_eq!(bound(text, &Clues::default()), Some(carrier), "{text}");
    }
}

#[test]
fn the_country_of_a_postal_number_tells_the_post() {
    for (country, carrier) in [
        ("GB", "royal_mail"),
        ("CA", "canada_post"),
        ("AU", "australia_post"),
        ("RU", "russian_post"),
        ("NL", "postnl"),
        ("FR", "laposte"),
        ("DE", "dhl_parcel_de"),
        ("US", "usps"),
        ("BE", "bpost"),
        ("BR", "correios_brazil"),
        ("ZW", "zimpost"),
    ] {
        let text = format!("rb 12345678 5 {country}");
        assert_eq!(bound(&text, &Clues::default()), Some(carrier), "{text}");
    }
    for foreign in ["RB123456785XX", "RB123456785AA", "RB123456786GB"] {
        assert_eq!(carriers(foreign), [""; 0], "{foreign}");
    }
}

#[test]
fn numbers_that_say_little_bind_no_carrier() {
    for (text, likeliest) in [
        ("986578788855", "fedex"),
        ("041441760228964", "fedex"),
        ("3318810025", "dhl_express"),
        ("340012345670", "dhl_parcel_de"),
        ("0073938000549297", "canada_post"),
        ("320595463938", "purolator"),
        ("80083740712514", "russian_post"),
        ("07209562763", "old_dominion"),
        ("71123456789123456787", "usps"),
        ("61299998820821171811", "fedex"),
        ("K2479825491", "ups"),
        ("3SDEVC201611210", "postnl"),
        ("SF1091108724523", "sf_express"),
        ("TBA502887274000", "amazon"),
        ("JD0002254405060992", "yodel"),
        ("JJD0002257639032011", "yodel"),
        ("JD014600003889562318", "dhl_express"),
        ("H9746130018743501086", "hermes_de"),
        ("323212345678901234567890", "bpost"),
        ("YT2229521272164446", "yunexpress"),
        ("GFUS01011884214464", "gofo"),
        ("SP029692510000920746", "speedee"),
        ("D576002440000001718010", "canpar"),
        ("1LS717793482164", "lasership"),
        ("LX17635036", "lasership"),
        ("LI12976442", "lasership"),
        ("LA28376237", "lasership"),
        ("LH13830790", "lasership"),
        ("LE10917377", "lasership"),
        ("LN30083672", "lasership"),
        ("LP12345678", "lasership"),
        ("1LSCXVE0058631Y", "lasership"),
        ("C1004444443", "amazon"),
        ("C1004444444", "amazon"),
        ("F1004444443", "amazon"),
        ("J4603636537", "ups"),
        ("V0490119172", "ups"),
        ("78045768393", "old_dominion"),
        ("80993847369", "old_dominion"),
        ("GM9E44608A27984866BA2D", "dhl_ecommerce"),
        ("60120172242323", "dhl_ecommerce"),
        ("60120174971147", "dhl_ecommerce"),
        ("JVGL0999999990", "dhl_benelux"),
        ("3SAB83691658823", "postnl"),
        ("3SABC19149187", "postnl"),
        ("3SA5210528875", "postnl"),
        ("84971563697SE", "postnord_sweden"),
        ("2JD541813301000931509", "australia_post"),
        ("8YDR098765432", "yodel"),
        ("BYS006086088", "yanwen"),
        ("1LS7119013618127-1", "lasership"),
        ("KYV009956937", "purolator"),
        ("XHAX4HDA", "gls"),
    ] {
        assert_eq!(bound(text, &Clues::default()), None, "{text}");
        assert_eq!(carriers(text).first(), Some(&likeliest), "{text}");
    }
}

#[test]
fn guesses_that_others_get_wrong() {
    assert_eq!(carriers("00340434161094015902"), ["dhl_parcel_de"]);
    assert_eq!(carriers("05308801410058").first(), Some(&"dpd"));
    assert!(!carriers("05308801410058").contains(&"dhl_ecommerce"));
    assert_eq!(carriers("LX123456789US"), [""; 0]);
    for text in ["LTN74207623N2", "LTN74207623N4", "LTN742076231N3"] {
        assert_eq!(carriers(text), ["landmark"], "{text}");
    }
}

#[test]
fn families_that_say_little_are_known_as_well() {
    for (text, carrier) in [
        ("861011301731382", "laposte"),
        ("340434161094015902", "dhl_parcel_de"),
        ("7XX1000010015", "australia_post"),
        ("7XX1000010", "australia_post"),
        ("747N6K", "gls"),
        ("51087693037816", "dhl_ecommerce"),
        ("88000019255788Y", "laposte"),
        ("DE0123456789", "amazon"),
        ("DS0123456789RR", "posta_moldovei"),
        ("123456789012", "parcelforce"),
    ] {
        assert!(carriers(text).contains(&carrier), "{text}");
        assert_eq!(bound(text, &Clues::default()), None, "{text}");
    }
    assert_eq!(carriers("340434161094015902"), ["dhl_parcel_de"]);
    assert_eq!(carriers("340434161094015903"), [""; 0]);
    // Neither is a Track-ID.
    for text in ["123456", "ABCDEF"] {
        assert!(!carriers(text).contains(&"gls"), "{text}");
    }
    for text in ["1LS812345678901", "1LS731234567890", "1LS7123456789012"] {
        assert!(!carriers(text).contains(&"lasership"), "{text}");
    }
}

#[test]
fn where_the_check_digits_of_two_agree_the_one_that_always_has_it_comes_first() {
    let both = (0..1000).map(|n| format!("04144176{n:03}000"));
    let both = both.filter_map(|body| {
        let gs1 = Rule::Mod10 {
            odd: 1,
            even: 3,
            plus: 0,
        };
        let digit = gs1.check_character(body.as_bytes());
        let is_both = Rule::Mod37Mod36.check_character(body.as_bytes()) == digit;
        is_both.then(|| format!("{body}{}", char::from(digit)))
    });
    let both: Vec<String> = both.collect();
    assert!(!both.is_empty());
    for text in both {
        assert_eq!(carriers(&text)[..2], ["fedex", "dpd"], "{text}");
    }
}

#[test]
fn whose_check_digit_is_wrong_is_said_apart_the_one_that_was_named_first() {
    let rejected = |text, hint| {
        let clues = Clues {
            carrier_name: hint,
            ..Clues::default()
        };
        let found = rejected_carriers(&number(text), &clues);
        let found = found
            .into_iter()
            .map(|found| (found.carrier, found.is_firm));
        found.collect::<Vec<_>>()
    };
    let dhl = ("dhl_express", true);
    assert_eq!(rejected("3318810010", Some("DHL Express")), [dhl]);
    assert_eq!(rejected("3318810010", None), [dhl]);
    assert!(rejected("3318810025", None).is_empty());
    assert_eq!(rejected("1Z5R89390357567128", None), [("ups", true)]);
    assert_eq!(rejected("RB123456786GB", None), [("royal_mail", true)]);
    assert!(rejected("RB123456786XX", None).is_empty());
    let all = rejected("986578788856", Some("Deutsche Post"));
    assert_eq!(all[..2], [("dhl_parcel_de", false), ("fedex", true)]);
    assert_eq!(rejected("986578788856", None)[0], ("fedex", true));
    // By chance that of Yamato agrees.
    assert!(carriers("986578788856").contains(&"yamato"));
    // One of its shapes fits.
    assert!(!rejected("05308801410059", None).contains(&("dpd", false)));
    let clues = Clues {
        carrier_name: Some("DHL Express"),
        ..Clues::default()
    };
    let named = posthorn_carriers::rejected_carriers(&number("3318810010"), &clues);
    assert_eq!(named[0].format, "DHL Express waybill");
    assert!(named[0].reasons.contains_reason(MatchReason::CarrierName));
}

#[test]
fn a_number_of_no_shape_has_no_candidate() {
    for text in [
        "ABCD",
        "1Z5R89390357567128",
        "SANDBOX-UNHEARD-0001",
        "SANDBOX-STRAIGHT",
    ] {
        assert_eq!(carriers(text), [""; 0], "{text}");
    }
}

#[test]
fn a_sandbox_number_names_a_scenario_and_a_serial() {
    let [found] = candidates("SANDBOX-STRAIGHT-0001")[..] else {
        panic!("one candidate");
    };
    assert_eq!((found.carrier, found.checksum), ("sandbox", None));
    let clues = Clues {
        carrier_name: Some("UPS"),
        ..Clues::default()
    };
    assert_eq!(bound("SANDBOX-STRAIGHT-0001", &clues), Some("sandbox"));
}

#[test]
fn a_wrong_check_digit_is_told_from_another_shape() {
    let ups = profile_of(&CarrierId::parse("ups").unwrap()).unwrap();
    let fit = |text| fit_number(ups, &number(text));
    assert_eq!(fit("1Z5R89390357567127"), NumberFit::Fits);
    assert_eq!(fit("1Z5R89390357567128"), NumberFit::WrongCheckDigit);
    // A waybill's check digit is not documented.
    assert_eq!(fit("K2479825492"), NumberFit::OtherShape);
    assert_eq!(fit("ABCD"), NumberFit::OtherShape);
}

#[test]
fn every_id_of_the_table_leads_to_a_carrier() {
    for format in format::all_formats() {
        if let Owner::Carrier(id) = format.owner {
            assert!(sight::carrier_name(id).is_some(), "{id} of {}", format.name);
            CarrierId::parse(id).unwrap();
        }
    }
    for sight in sight::all_listings() {
        CarrierId::parse(sight.id).unwrap();
        assert_eq!(
            sight::all_listings()
                .filter(|other| other.id == sight.id)
                .count(),
            1
        );
        for name in sight.names.iter().chain(sight.hosts) {
            assert_eq!(name.to_lowercase(), **name);
        }
        let page = sight::tracking_page(sight.id, "12").unwrap_or("https://a.example".to_owned());
        assert!(
            page.starts_with("https://") && !page.contains('{'),
            "{page}"
        );
    }
}

#[test]
fn only_what_few_random_numbers_have_binds_by_itself() {
    for format in format::all_formats().filter(|format| format.owner != Owner::Carrier("sandbox")) {
        if format.confidence < 90 {
            continue;
        }
        assert!(
            matches!(format.check, Check::Digit { .. }),
            "{}",
            format.name
        );
        let has_letters = format.pattern.iter().any(|piece| match piece {
            PatternPart::Letters(_) => true,
            PatternPart::Text(text) => text.bytes().any(|byte| byte.is_ascii_uppercase()),
            _ => false,
        });
        let has_prefix = matches!(
            format.pattern[0],
            PatternPart::Text(_) | PatternPart::OneOf(_)
        );
        let (shortest, _) = format.length_range();
        assert!(
            has_letters || shortest >= 28 || (shortest >= 20 && has_prefix),
            "{}",
            format.name
        );
    }
}

proptest! {
    #[test]
    fn a_number_made_up_by_a_format_is_recognised(
        which in 0..format::all_formats().count(),
        seed in prop::collection::vec(any::<u8>(), 48),
    ) {
        let format = format::all_formats().nth(which).unwrap();
        let Some(text) = format.made_up(&seed) else { return Ok(()) };
        let found = candidates(&text);
        if let Owner::Carrier(id) = format.owner {
            let found = found.iter().find(|candidate| candidate.carrier == id);
            prop_assert!(found.is_some_and(|found| found.confidence >= format.confidence), "{text}");
        } else {
            prop_assert!(found[0].is_binding(), "{text}");
        }
    }

    #[test]
    fn a_changed_check_digit_is_noticed(
        which in 0..format::all_formats().count(),
        seed in prop::collection::vec(any::<u8>(), 48),
        step in 1..10_u8,
    ) {
        let format = format::all_formats().nth(which).unwrap();
        let (Check::Digit { at, .. }, Some(text)) = (format.check, format.made_up(&seed)) else {
            return Ok(());
        };
        let mut changed = text.clone().into_bytes();
        if !changed[at].is_ascii_digit() {
            return Ok(());
        }
        changed[at] = (changed[at] - b'0' + step) % 10 + b'0';
        let changed = String::from_utf8(changed).unwrap();
        let found = candidates(&changed);
        prop_assert!(
            found.iter().all(|candidate| candidate.format != Some(format.name)),
            "{changed} of {text}"
        );
    }

    #[test]
    fn any_number_may_be_looked_up(text in "[0-9A-Z]{4,40}", hint in ".{0,12}", url in ".{0,30}") {
        let clues = Clues {
            carrier_name: Some(&hint),
            url: Some(&url),
            country: Some(&hint),
            shop_country: Some("DE"),
            mix: &[("ups", 30)],
        };
        for found in [candidates(&text), recognise_number(&number(&text), &clues)] {
            prop_assert!(found.is_sorted_by_key(|found| std::cmp::Reverse(found.confidence)));
            prop_assert!(found.iter().all(|found| found.checksum != Some(false) && found.confidence <= 100));
            let wrong = rejected_carriers(&number(&text), &clues);
            let fits = |id: &str| found.iter().any(|found| found.carrier == id && found.format.is_some());
            prop_assert!(!wrong.iter().any(|wrong| fits(wrong.carrier)));
        }
    }

    #[test]
    fn a_random_number_of_digits_binds_seldom(digits in "[0-9]{8,19}") {
        prop_assert_eq!(bound(&digits, &Clues::default()), None);
    }
}

#[test]
fn a_check_rule_is_what_its_table_says() {
    let gs1 = Rule::Mod10 {
        odd: 3,
        even: 1,
        plus: 0,
    };
    assert_eq!(gs1.check_character(b"0034043416109401590"), b'2');
}

#[test]
fn a_carrier_that_serves_others_names_those_that_numbers_tell() {
    for carrier in posthorn_carriers::ALL {
        for id in carrier.carrier_profile().serves {
            assert!(sight::carrier_name(id).is_some(), "{id}");
            assert_ne!(*id, carrier.carrier_profile().id);
        }
    }
}
