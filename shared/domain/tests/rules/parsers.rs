//! Whatever is typed, parsing answers and never panics, and a mask never
//! shows more than it promises.

use jiff::civil::Date;
use posthorn_domain::{
    contact::{EmailAddress, PhoneNumber, PhoneNumberError},
    settings::{LinkTemplate, Settings},
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};
use proptest::prelude::*;

/// Each region that a shop can name, and some that it cannot.
fn regions() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        "[A-Z]{2}".prop_map(Some),
        prop::sample::select(vec![
            "US", "DE", "AR", "BR", "MX", "IT", "RU", "CN", "GB", "AQ"
        ])
        .prop_map(|region| Some(region.to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_a_phone_number_or_an_error(text in any::<String>(), region in regions()) {
        let first = PhoneNumber::parse(&text, region.as_deref());
        prop_assert_eq!(&first, &PhoneNumber::parse(&text, region.as_deref()));
    }

    #[test]
    fn any_digits_are_a_phone_number_or_an_error(
        text in r"[+]{0,2}[0-9 ()./*#;x-]{0,22}",
        region in regions(),
    ) {
        if let Ok(number) = PhoneNumber::parse(&text, region.as_deref()) {
            prop_assert!(number.as_str().starts_with('+'));
            prop_assert_eq!(PhoneNumber::parse(number.as_str(), None), Ok(number));
        }
    }

    #[test]
    fn plausible_digits_are_a_phone_number_or_an_error(
        text in r"[+]?[0-9]{5,16}",
        region in regions(),
    ) {
        if let Ok(number) = PhoneNumber::parse(&text, region.as_deref()) {
            let country = number.country_code();
            prop_assert!(country.is_none_or(|country| country.len() == 2));
        }
    }

    #[test]
    fn what_was_stored_as_a_phone_number_has_a_country_or_none(digits in r"\+[0-9]{6,15}") {
        let number = PhoneNumber::try_from(digits).unwrap();
        prop_assert!(number.country_code().is_none_or(|country| country.len() == 2));
    }

    #[test]
    fn a_masked_phone_number_shows_two_digits_of_each_end(digits in r"\+[0-9]{6,15}") {
        let number = PhoneNumber::try_from(digits).unwrap();
        let masked = number.to_masked();
        prop_assert_eq!(masked.chars().filter(char::is_ascii_digit).count(), 4);
        prop_assert_eq!(format!("{number:?}"), masked);
    }

    #[test]
    fn any_text_is_an_email_address_or_an_error(text in any::<String>()) {
        let first = EmailAddress::parse(&text);
        prop_assert_eq!(&first, &EmailAddress::parse(&text));
    }

    #[test]
    fn odd_texts_with_an_at_are_an_email_address_or_an_error(
        text in r#"[a-z"<>\\\[\]@. \u{80}-\u{ff}]{0,30}@[a-z"<>\\\[\]@. \u{80}-\u{ff}]{0,30}"#,
    ) {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(address.masked().contains("***@"));
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
        }
    }

    #[test]
    fn a_masked_email_address_shows_one_letter_of_name_and_host(
        local in "[a-z][a-z0-9]{1,20}",
        host in "[a-z][a-z0-9]{1,20}",
    ) {
        let address = EmailAddress::parse(&format!("{local}@{host}.example")).unwrap();
        let expected = format!("{}***@{}***.example", &local[..1], &host[..1]);
        prop_assert_eq!(address.masked(), expected.clone());
        prop_assert_eq!(format!("{address:?}"), expected);
    }

    #[test]
    fn any_text_is_a_tracking_number_or_an_error(text in any::<String>()) {
        if let Ok(number) = TrackingNumber::parse(&text) {
            prop_assert_eq!(TrackingNumber::parse(number.as_str()), Ok(number));
        }
    }

    #[test]
    fn a_masked_tracking_number_hides_most_of_it(text in "[A-Z0-9]{4,40}") {
        let number = TrackingNumber::parse(&text).unwrap();
        let shown = number.to_masked().chars().filter(char::is_ascii_alphanumeric).count();
        prop_assert!(shown * 2 <= text.len());
    }

    #[test]
    fn any_text_is_a_scan_time_or_an_error(text in any::<String>(), date in r"[0-9T:+Z. -]{0,30}") {
        for text in [text, date] {
            if let Ok(time) = text.parse::<ScanTime>() {
                prop_assert_eq!(time.to_string().parse::<ScanTime>(), Ok(time));
            }
            prop_assert_eq!(parse_offset(&text), parse_offset(&text));
        }
    }

    #[test]
    fn a_scan_time_survives_being_written_down(
        day in 0..3650i32,
        clock in prop::option::of((0..24i8, 0..60i8, 0..60i8)),
        quarter_hours in prop::option::of(-48..=56i32),
    ) {
        let date = Date::constant(2020, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        let time = match (clock, quarter_hours) {
            (None, _) => ScanTime::from_day(date),
            (Some((h, m, s)), None) => ScanTime::from_local(date.at(h, m, s, 0)),
            (Some((h, m, s)), Some(quarters)) => ScanTime::from_zoned(
                date.at(h, m, s, 0),
                jiff::tz::Offset::from_seconds(quarters * 900).unwrap(),
            ),
        };
        prop_assert_eq!(time.to_string().parse::<ScanTime>(), Ok(time));
    }
}

#[test]
fn people_write_their_phone_numbers_in_many_ways() {
    for (text, region, expected) in [
        ("+49 151 12345678", None, "+4915112345678"),
        ("0151 / 123 456 78", Some("DE"), "+4915112345678"),
        ("(212) 555-0123", Some("US"), "+12125550123"),
        ("+1.212.555.0123", None, "+12125550123"),
        ("8 (912) 345-67-89", Some("RU"), "+79123456789"),
    ] {
        let number = PhoneNumber::parse(text, region).unwrap();
        assert_eq!(number.as_str(), expected, "{text}");
    }
    for text in [
        "",
        "+",
        "12",
        "call me",
        "+49 151 12345678 ext. 9",
        "+*2345",
        "0151 12345678",
    ] {
        assert!(PhoneNumber::parse(text, None).is_err(), "{text}");
    }
}

#[test]
fn a_number_that_no_customer_has_for_texts_is_refused_with_what_it_is() {
    for (text, kind) in [
        ("+19005551234", "premium-rate"),
        ("+449098790000", "premium-rate"),
        ("+39899123456", "premium-rate"),
        ("+979 123456789", "premium-rate"),
        ("+61 13 00 123 456", "shared-cost"),
        ("+44 7640 123456", "pager"),
        ("+44 55 1234 5678", "company"),
        ("+49 177 99 1234567", "voicemail"),
    ] {
        let error = PhoneNumber::parse(text, None).unwrap_err().to_string();
        assert!(error.contains(kind), "{text}: {error}");
        assert!(!error.contains(&text[3..]), "{error}");
    }
    for text in [
        "+44 20 7946 0958",
        // Salerno, whose code without its zero would be a premium rate.
        "+390899123456",
        "+1 800 555 0199",
        "+14155550123",
        "+4915112345678",
        "+8816 1234 5678",
    ] {
        assert!(PhoneNumber::parse(text, None).is_ok(), "{text}");
    }
}

#[test]
fn texts_go_to_numbers_that_can_show_them() {
    for (text, takes_texts) in [
        ("+4915112345678", true),
        ("+12125550123", true),
        ("+8816 1234 5678", true),
        ("+44 20 7946 0958", false),
        ("+49 30 123456", false),
        ("+390899123456", false),
        ("+1 800 555 0199", false),
    ] {
        let number = PhoneNumber::parse(text, None).unwrap();
        assert_eq!(number.takes_texts(), takes_texts, "{text}");
    }
    // Stored before its kind was looked at.
    let stored = PhoneNumber::try_from("+19005551234".to_owned()).unwrap();
    assert!(!stored.takes_texts());
}

#[test]
fn an_email_address_is_in_the_letters_that_mail_goes_by() {
    for (text, expected) in [
        ("a@b\u{fc}cher.example", "a@xn--bcher-kva.example"),
        ("a@B\u{dc}CHER.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@b_c.example", "a@b_c.example"),
    ] {
        let address = EmailAddress::parse(text).unwrap();
        assert_eq!(address.as_str(), expected, "{text}");
    }
    let error = EmailAddress::parse("\u{fc}@b.example")
        .unwrap_err()
        .to_string();
    assert!(error.contains("before the @"), "{error}");
    assert!(!error.contains('\u{fc}'), "{error}");
    // Stored before that was refused: its order can still be read.
    let stored = EmailAddress::try_from("\u{fc}@b.example".to_owned());
    assert!(stored.is_ok());
}

#[test]
fn dots_of_japanese_mobile_carriers_go_into_quotes() {
    for (text, expected, masked) in [
        (
            "try..this..0511@docomo.ne.jp",
            "\"try..this..0511\"@docomo.ne.jp",
            "t***@d***.jp",
        ),
        (
            "ends.with.@ezweb.ne.jp",
            "\"ends.with.\"@ezweb.ne.jp",
            "e***@e***.jp",
        ),
        (
            ".begins@DoCoMo.ne.jp",
            "\".begins\"@docomo.ne.jp",
            "b***@d***.jp",
        ),
        (
            "\"quoted..before\"@docomo.ne.jp",
            "\"quoted..before\"@docomo.ne.jp",
            "q***@d***.jp",
        ),
        (
            "plain.one@docomo.ne.jp",
            "plain.one@docomo.ne.jp",
            "p***@d***.jp",
        ),
    ] {
        let address = EmailAddress::parse(text).unwrap();
        assert_eq!(address.as_str(), expected, "{text}");
        assert_eq!(address.masked(), masked, "{text}");
        assert_eq!(EmailAddress::try_from(expected.to_owned()), Ok(address));
    }
    for text in [
        "two..dots@example.com",
        "..@docomo.ne.jp",
        "a b..c@docomo.ne.jp",
        "\"a\\\"..b\"@docomo.ne.jp",
        "a..b\r\n@docomo.ne.jp",
        "a..b@docomo.ne.jp.evil.example",
    ] {
        assert!(EmailAddress::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_number_with_an_extension_is_refused_for_it() {
    for text in [
        "+1 585-200-0001 ext. 12345",
        "+1 585 200 0001 x12",
        "+1 (585) 200-0001 #4",
        "+1 585 200 0001;ext=77",
        "+49 30 123456 Durchwahl 12",
    ] {
        let error = PhoneNumber::parse(text, None).unwrap_err();
        assert_eq!(error, PhoneNumberError::Extension, "{text}");
    }
    for text in ["+1 585 200 0001 ext", "ext. 12", "+1 585 200 0001 home"] {
        let error = PhoneNumber::parse(text, None).unwrap_err();
        assert_eq!(error, PhoneNumberError::Malformed, "{text}");
    }
}

#[test]
fn an_email_address_cannot_carry_a_header() {
    for text in [
        "\"a b\"@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "Acme <a@example.com>",
        "a@localhost",
        "a@[127.0.0.1]",
        "@example.com",
        "a@",
    ] {
        assert!(EmailAddress::parse(text).is_err(), "{text}");
    }
    let address = EmailAddress::parse(" Ann.Lee+shop@Example.COM ").unwrap();
    assert_eq!(address.as_str(), "Ann.Lee+shop@example.com");
}

#[test]
fn the_page_of_a_carrier_is_https_and_names_the_number_after_the_host() {
    let number = TrackingNumber::parse("ab-12 34").unwrap();
    for (template, page) in [
        (
            "https://acme.example/t/{number}",
            "https://acme.example/t/AB1234",
        ),
        (
            " https://acme.example?n={number}&l=en ",
            "https://acme.example?n=AB1234&l=en",
        ),
        (
            "https://acme.example/#{number}",
            "https://acme.example/#AB1234",
        ),
    ] {
        assert_eq!(
            LinkTemplate::parse(template).unwrap().fill_number(&number),
            page
        );
    }
    for template in [
        "http://acme.example/{number}",
        "javascript:alert({number})",
        "https://acme.example/t/",
        "https://{number}.acme.example/",
        "https://{number}.acme.example/{number}",
        "https://user:pass@acme.example/{number}",
        "https:///{number}",
        "{number}",
        "",
    ] {
        assert!(LinkTemplate::parse(template).is_err(), "{template}");
    }
}

#[test]
fn a_carrier_is_found_however_its_name_is_written_and_a_bad_page_is_none() {
    let links = [
        ("Acme Couriers", "https://acme.example/{number}"),
        ("Other", "http://other.example/{number}"),
    ];
    let settings = Settings {
        carrier_links: links
            .map(|(name, page)| (name.to_owned(), page.to_owned()))
            .into(),
        ..Settings::default()
    };
    let number = TrackingNumber::parse("1234").unwrap();
    let link = |name| settings.carrier_link(name, &number);
    assert_eq!(
        link(" acme couriers").as_deref(),
        Some("https://acme.example/1234")
    );
    assert_eq!((link("Other"), link("Acme")), (None, None));
    let unusable: Vec<String> = settings.unusable_settings().map(|(name, _)| name).collect();
    assert_eq!(unusable, ["carrier_links.Other"]);
}

#[test]
fn a_shop_without_a_name_is_known_by_its_domain() {
    let shop = |name: &str, home_url: Option<&str>, from_email: &str| Settings {
        name: name.to_owned(),
        home_url: home_url.map(str::to_owned),
        from_email: from_email.to_owned(),
        ..Settings::default()
    };
    let home = Some("https://acme.example:8443/shop?x=1");
    let sender = "Orders <orders@mail.acme.example>";
    for (settings, name) in [
        (shop("Acme Shoes", home, sender), "Acme Shoes"),
        (shop(" ", home, sender), "acme.example"),
        (shop("", None, sender), "mail.acme.example"),
        (shop("", None, "orders@acme.example"), "acme.example"),
        (shop("", None, ""), ""),
    ] {
        assert_eq!(settings.display_name(), name);
    }
}
