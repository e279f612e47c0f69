//! What a shop knows besides the number: hints, links, countries, its own mix.

use crate::{bound, number};
use posthorn_carriers::{
    Clues,
    recognise::{MatchReason, sight},
    recognise_number,
};

#[test]
fn a_hint_outranks_what_a_number_looks_like() {
    let hinted = |text, hint| {
        let clues = Clues {
            carrier_name: Some(hint),
            ..Clues::default()
        };
        bound(text, &clues)
    };
    for (text, hint, carrier) in [
        ("986578788855", "FedEx Ground", Some("fedex")),
        ("201298452277", "Deutsche Post", Some("dhl_parcel_de")),
        ("00340434161094015902", "DHL", Some("dhl_parcel_de")),
        ("3318810025", "DHL", Some("dhl_express")),
        ("05308801410058", "DPD", Some("dpd")),
        ("05308801410058", "DPD UK", Some("dpd_uk")),
        ("986578788855", "GLS", Some("gls")),
        ("a-number-of-old", "Royal Mail", Some("royal_mail")),
        ("8L01234567895", "Colissimo", Some("laposte")),
        ("ABCD1234", "DHL", Some("dhl_unified")),
        // A family of carriers: the format decides, and else the one that has the
        // family's name for its own. The check digit of DHL Express is wrong in
        // `1234567890`, so another division of DHL gave it.
        ("1234567891", "DHL AWB", Some("dhl_express")),
        ("1234567890", "DHL AWB", Some("dhl_unified")),
        ("ABCD1234", "DHL Global Mail", Some("dhl_unified")),
        ("05308801410058", "DPD Classic", Some("dpd")),
        ("ABCD1234", "DPD Classic", Some("dpd")),
        ("ABCD1234", "DPD UK Next Day", Some("dpd_uk")),
        ("ABCD1234", "UPS Mail Innovations", Some("ups")),
        ("ABCD1234", "FedEx SmartPost", Some("fedex")),
        ("ABCD1234", "GLS Paket", Some("gls")),
        ("ABCD1234", "PostNord MyPack", Some("postnord_sweden")),
        ("H9746130018743501086", "Hermes Paket", Some("hermes_de")),
        ("1234567890123456", "Hermes", Some("evri")),
        ("ABCD1234", "Hermes", None),
        ("ABCD1234", "Post", None),
        // Whom we do not know says nothing.
        ("986578788855", "Acme Couriers", None),
        ("1Z5R89390357567127", "Acme Couriers", Some("ups")),
        // The check digit proves a typing error.
        ("1Z5R89390357567128", "UPS", None),
        // Nor has FedEx given what it proves to be a number of UPS.
        ("1Z5R89390357567127", "FedEx", Some("ups")),
        ("1Z5R89390357567127", "DHL Express", Some("ups")),
    ] {
        assert_eq!(hinted(text, hint), carrier, "{text} by {hint}");
    }
}

#[test]
fn a_number_of_a_post_may_be_on_a_shipment_that_was_handed_over_to_it() {
    let hinted = |text, hint| {
        let clues = Clues {
            carrier_name: Some(hint),
            ..Clues::default()
        };
        let found = recognise_number(&number(text), &clues);
        let ids = found.iter().filter(|found| found.is_plausible());
        let ids: Vec<&str> = ids.map(|found| found.carrier).collect();
        (bound(text, &clues), ids)
    };
    for (text, hint, both) in [
        ("92748926998277553042762371", "UPS", ["ups", "usps"]),
        ("9361269903500011492028", "UPS", ["ups", "usps"]),
        (
            "420902459261290336128704042634",
            "DHL eCommerce",
            ["dhl_ecommerce", "usps"],
        ),
        // The post that delivers it knows it, too.
        ("RA222491899CN", "USPS", ["usps", "china_post"]),
    ] {
        let (told, ids) = hinted(text, hint);
        assert_eq!(told, Some(both[0]), "{text} by {hint}");
        assert_eq!(ids, both, "{text} by {hint}");
    }
    let usps = ("9400111206206406260787", "USPS");
    assert_eq!(hinted(usps.0, usps.1).0, Some("usps"));
    assert_eq!(hinted(usps.0, "Acme Couriers").0, Some("usps"));
}

#[test]
fn a_link_tells_what_a_hint_would() {
    let linked = |text, hint, url| {
        let clues = Clues {
            carrier_name: hint,
            url: Some(url),
            ..Clues::default()
        };
        bound(text, &clues)
    };
    let gls = "https://gls-group.eu/EU/en/parcel-tracking?match=42249018928";
    assert_eq!(linked("42249018928", None, gls), Some("gls"));
    assert_eq!(linked("42249018928", Some("DPD"), gls), Some("dpd"));
    let german = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?idc=1";
    assert_eq!(
        linked("201298452277", Some("DHL"), german),
        Some("dhl_parcel_de")
    );
    for foreign in [
        "https://ups.com.example/1",
        "https://notups.com/1",
        "ups.com",
        "",
    ] {
        assert_eq!(linked("986578788855", None, foreign), None, "{foreign}");
    }
}

#[test]
fn country_and_mix_move_what_is_undecided() {
    let clues = |country| Clues {
        country: Some(country),
        ..Clues::default()
    };
    let first = |text, clues: &Clues<'_>| recognise_number(&number(text), clues)[0];
    // Both have the same check digit.
    let text = "09133131530724";
    assert_eq!(first(text, &clues("DE")).carrier, "hermes_de");
    assert!(
        first(text, &clues("DE"))
            .reasons
            .contains_reason(MatchReason::Country)
    );
    // From a shop there to a customer elsewhere it is as likely.
    let abroad = Clues {
        shop_country: Some("DE"),
        ..clues("FR")
    };
    assert_eq!(first(text, &abroad).carrier, "hermes_de");
    let text = "80083740712514";
    assert_eq!(first(text, &clues("ru")).carrier, "russian_post");
    assert_eq!(bound(text, &clues("RU")), None);
    let mixed = |mix| Clues {
        mix,
        ..Clues::default()
    };
    // Nine of ten shipments of the shop, and the check digit agrees.
    assert_eq!(
        bound("986578788855", &mixed(&[("fedex", 95), ("ups", 5)])),
        Some("fedex")
    );
    assert_eq!(
        bound("986578788855", &mixed(&[("fedex", 60), ("ups", 40)])),
        None
    );
    assert_eq!(bound("986578788855", &mixed(&[("fedex", 9)])), None);
    // No check digit agreed: the mix may not bind.
    assert_eq!(bound("42249018920", &mixed(&[("gls", 100)])), None);
    assert_eq!(first("42249018920", &mixed(&[("gls", 100)])).carrier, "gls");
    // What binds stays bound.
    assert_eq!(
        bound("1Z5R89390357567127", &mixed(&[("fedex", 100)])),
        Some("ups")
    );
}

#[test]
fn storefronts_call_carriers_so() {
    for (text, carriers) in [
        ("UPS", &["ups"][..]),
        ("ups ground", &["ups"]),
        ("United Parcel Service", &["ups"]),
        ("UPS®", &["ups"]),
        ("Fedex", &["fedex"]),
        ("DHL Express", &["dhl_express"]),
        ("DHL eCommerce Asia", &["dhl_ecommerce"]),
        ("Deutsche Post DHL", &["dhl_parcel_de"]),
        ("Hermes", &["evri", "hermes_de"]),
        ("Colissimo", &["laposte"]),
        ("PostNL International 3S", &["postnl"]),
        ("Amazon Logistics UK", &["amazon"]),
        ("Correos de Mexico", &["correos_de_mexico"]),
        ("Correos", &["correos"]),
        ("СДЭК", &["cdek"]),
        ("ヤマト運輸", &["yamato"]),
        ("Upstate Couriers", &[]),
        ("", &[]),
    ] {
        let mut called = sight::find_by_name(text);
        called.sort_unstable();
        assert_eq!(called, carriers, "{text}");
    }
}
