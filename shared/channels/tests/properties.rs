//! What holds for every message, whatever a shop, a carrier or a crook enters.

#[cfg(test)]
mod fixture;

use fixture::{LINK, Story, story};
use posthorn_channels::segments;
use posthorn_domain::{notification_type::NotificationType, status::Reason};
use serde_json::json;

/// The longest link that an installation has: API Gateway's own host name.
const LONG_LINK: &str =
    "https://a1b2c3d4e5.execute-api.ap-southeast-2.amazonaws.com/t/Yk3v9sQ0T1mB7uZr2LxW8A";

/// Each moment with all of its reasons, and with as little as can be known.
fn all() -> Vec<Story> {
    let mut stories = Vec::new();
    for moment in NotificationType::ALL {
        stories.push(story(*moment));
        for reason in Reason::ALL {
            let mut told = story(*moment);
            if told.shipments.is_empty() {
                continue;
            }
            told.shipments[0]["reason"] = json!(reason);
            stories.push(told);
        }
        let mut bare = story(*moment);
        bare.name = None;
        bare.settings.support = None;
        bare.settings.review_url = None;
        bare.order["promised"] = json!(null);
        for shipment in &mut bare.shipments {
            for key in ["eta", "eta_first", "status_since", "drop_off_location"] {
                shipment[key] = json!(null);
            }
            shipment["scans"] = json!([]);
        }
        stories.push(bare);
        let mut none = story(*moment);
        none.shipments.clear();
        stories.push(none);
    }
    stories
}

#[test]
fn every_message_holds_the_tracking_link() {
    for story in all() {
        let email = story.email();
        assert!(
            email.text.contains(LINK),
            "{}: {}",
            story.moment,
            email.text
        );
        assert!(
            email.html.contains(&format!("href=\"{LINK}\"")),
            "{}",
            story.moment
        );
        assert!(story.sms().text.contains(LINK), "{}", story.moment);
    }
}

#[test]
fn no_message_shows_its_seams() {
    for story in all() {
        let (email, sms) = (story.email(), story.sms());
        let body = &email.html[email.html.find("<body").unwrap()..];
        for text in [email.subject.as_str(), &email.text, body, &sms.text] {
            for seam in [
                "{{",
                "}}",
                "{%",
                "null",
                "None",
                "undefined",
                " ,",
                " .",
                "..",
                "  .",
                "( ",
            ] {
                assert!(
                    !text.contains(seam),
                    "{} has {seam:?}: {text}",
                    story.moment
                );
            }
        }
        assert!(!email.subject.is_empty() && !email.subject.contains('\n'));
        assert!(email.subject.chars().count() <= 78, "{}", email.subject);
        let visible = email
            .text
            .lines()
            .any(|line| line.starts_with("Questions?"));
        assert!(visible, "{}", email.text);
    }
}

#[test]
fn a_text_message_is_two_segments_at_most_and_one_as_a_rule() {
    let stories = all();
    let mut n_single = 0;
    for story in &stories {
        let sms = story.sms();
        assert!(segments::is_gsm7(&sms.text), "{}", sms.text);
        assert_eq!(sms.segments, segments::count_segments(&sms.text));
        assert!(sms.segments <= 2, "{}", sms.text);
        n_single += usize::from(sms.segments == 1);
    }
    assert!(
        n_single * 100 >= stories.len() * 95,
        "{n_single} of {}",
        stories.len()
    );
}

#[test]
fn a_text_message_is_two_segments_at_most_with_long_names_in_any_script() {
    for mut story in all() {
        story.link = LONG_LINK;
        for (shop, number) in [
            (
                "The Quite Extraordinarily Long Name Shoe Company",
                "ORDER-2026-11-25-000000001001",
            ),
            ("最好的鞋店有限公司", "订单一千零一号"),
            ("Zoë’s Żółty “Café”", "№ 1001"),
        ] {
            shop.clone_into(&mut story.settings.name);
            story.order["number"] = json!(number);
            let sms = story.sms();
            assert!(sms.segments <= 2, "{} segments: {}", sms.segments, sms.text);
            assert!(sms.text.contains(LONG_LINK), "{}", sms.text);
            let name: String = segments::fold_to_gsm(shop).chars().take(3).collect();
            assert!(sms.text.starts_with(&name), "who writes? {}", sms.text);
        }
    }
}

#[test]
fn what_a_crook_enters_stays_text() {
    const EVIL: &str = "<script>alert(1)</script>\"'>\r\nBcc: victim@evil.example\u{202e}{{ 7*7 }}";
    for mut story in all() {
        EVIL.clone_into(&mut story.settings.name);
        story.settings.home_url = Some("javascript:alert(1)".to_owned());
        story.settings.review_url = Some("javascript:alert(1)".to_owned());
        story.settings.support = Some("javascript:alert(1)".to_owned());
        story.name = Some(EVIL);
        story.order["number"] = json!(EVIL);
        story.order["stages"][0]["comment"] = json!(format!("{EVIL}\n\nHeading: {EVIL}"));
        story.order["items"] = json!([{ "title": EVIL, "quantity": 1 }]);
        for shipment in &mut story.shipments {
            shipment["carrier_name"] = json!(EVIL);
            shipment["drop_off_location"] = json!(EVIL);
            for scan in shipment["scans"].as_array_mut().into_iter().flatten() {
                scan["place"]["city"] = json!(EVIL);
            }
        }
        let (email, sms) = (story.email(), story.sms());
        assert!(!email.html.contains("<script"), "{}", email.html);
        assert!(!email.html.contains("javascript:"), "{}", email.html);
        assert!(
            !email.html.contains("49"),
            "{}: a value was taken for a template",
            story.moment
        );
        for line in [&email.subject, &sms.text] {
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(!line.contains('\u{202e}'), "{line:?}");
        }
        assert!(
            !email.text.lines().any(|line| line.starts_with("Bcc:")),
            "{}",
            email.text
        );
    }
}
