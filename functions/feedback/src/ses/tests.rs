use super::*;

/// The event of a fixture, in the envelope of SNS.
fn event(fixture: &str) -> SesNotification {
    let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    parse_notification(&text).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn each_published_event_is_read_as_what_it_means() {
    let sent_at = at("2026-11-22T10:15:00.123Z");
    let later = at("2026-11-22T10:15:04Z");
    let jane = || Some("jane.doe@example.com".to_owned());
    let table = [
        ("send", SesEvent::Sent { at: sent_at }),
        ("delivery", SesEvent::Delivered { at: later }),
        (
            "bounce_permanent",
            SesEvent::Bounced {
                is_permanent: true,
                recipient: jane(),
                at: later,
            },
        ),
        (
            "bounce_transient",
            SesEvent::Bounced {
                is_permanent: false,
                recipient: jane(),
                at: later,
            },
        ),
        (
            "bounce_undetermined",
            SesEvent::Bounced {
                is_permanent: false,
                recipient: jane(),
                at: later,
            },
        ),
        (
            "complaint",
            SesEvent::Complained {
                recipient: jane(),
                at: later,
            },
        ),
        (
            "complaint_not_spam",
            SesEvent::Noted {
                kind: CountedEvent::NotSpam,
            },
        ),
        (
            "reject",
            SesEvent::Refused {
                reason: "rejected by SES: Bad content".to_owned(),
                at: sent_at,
            },
        ),
        (
            "rendering_failure",
            SesEvent::Refused {
                reason: "rejected by SES: its template could not be rendered".to_owned(),
                at: sent_at,
            },
        ),
        (
            "delivery_delay",
            SesEvent::Noted {
                kind: CountedEvent::DeliveryDelay,
            },
        ),
        (
            "open",
            SesEvent::Noted {
                kind: CountedEvent::Open,
            },
        ),
        (
            "click",
            SesEvent::Noted {
                kind: CountedEvent::Click,
            },
        ),
        (
            "unheard_of",
            SesEvent::Noted {
                kind: CountedEvent::Unknown,
            },
        ),
    ];
    for (fixture, news) in table {
        let event = event(fixture);
        assert!(event.news == news, "{fixture} was read as {:?}", event.news);
        assert_eq!(
            event.tags.unwrap().notification,
            "0123456789abcdef0123456789abcdef",
            "{fixture}"
        );
    }
}

#[test]
fn the_tags_are_those_that_mails_are_sent_with() {
    use posthorn_channels::email::{NOTIFICATION_TAG, ORDER_TAG};
    assert_eq!(
        [ORDER_TAG, NOTIFICATION_TAG],
        ["posthorn-order", "posthorn-notification"]
    );
}

#[test]
fn a_message_of_another_sender_has_no_tags_of_ours() {
    assert_eq!(event("foreign").tags, None);
}

#[test]
fn what_ses_says_when_it_is_given_the_topic_is_no_poison() {
    let event =
        parse_notification("Successfully validated SNS topic for Amazon SES event publishing.")
            .unwrap();
    assert_eq!(event.news.as_str(), "topic_validated");
}

#[test]
fn an_error_says_where_and_repeats_nothing() {
    let table = [
        ("jane.doe@example.com", "`.`"),
        (
            r#"{"eventType": "Send", "mail": "jane.doe@example.com"}"#,
            "`mail`",
        ),
        (
            r#"{"eventType": "Send", "mail": {"timestamp": "jane"}}"#,
            "`mail.timestamp`",
        ),
        (
            r#"{"mail": {"timestamp": "2026-11-22T10:15:00Z", "messageId": "jane"}}"#,
            "`.`",
        ),
    ];
    for (message, path) in table {
        let error = parse_notification(message).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
        assert!(!error.contains("jane"), "{error}");
    }
}

#[test]
fn an_event_shows_no_address_in_its_debug_form() {
    assert!(!format!("{:?}", event("bounce_permanent")).contains("jane"));
}
