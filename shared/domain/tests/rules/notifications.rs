//! What becomes of a message, step by step and in every interleaving.

use crate::fixtures::{at, order};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    notification::{
        ClaimOutcome, DeferralReason, Notification, NotificationBasis, NotificationDraft,
        NotificationId, NotificationState, NotificationTrigger, ProviderEvent, SuppressionReason,
    },
    notification_type::{Channel, NotificationType},
};

const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// Half as much again as the quarter of an hour that a refusal puts off at most.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(1_350);

pub(crate) fn draft(channel: Channel) -> NotificationDraft {
    let occasion = NotificationTrigger {
        notification_type: NotificationType::Shipped,
        shipment: None,
        repeat: String::new(),
    };
    let order = order().key;
    NotificationDraft {
        id: NotificationId::derive_id(
            &order,
            jiff::Timestamp::UNIX_EPOCH,
            &occasion,
            channel,
            "ann@example.com",
        ),
        order,
        trigger: occasion,
        channel,
        recipient: "a***@e***.com".to_owned(),
        fact: "f".to_owned(),
        basis: NotificationBasis::default(),
        useful_until: at("24 09:00"),
    }
}

#[track_caller]
fn won(claim: ClaimOutcome) -> Notification {
    match claim {
        ClaimOutcome::Won(notification) => notification,
        other => panic!("expected to win, got {other:?}"),
    }
}

fn claimed(channel: Channel, now: Timestamp) -> Notification {
    won(draft(channel).claim_send(None, "mine", LEASE, now))
}

fn history(notification: &Notification) -> Vec<&str> {
    notification
        .history
        .iter()
        .map(|entry| entry.what.as_str())
        .collect()
}

/// By this a text is counted once, however often it is tried.
#[test]
fn a_notification_knows_that_it_was_claimed_whatever_came_of_it() {
    let now = at("23 09:00");
    let due = draft(Channel::Sms).to_deferred(now, DeferralReason::QuietHours, now);
    assert!(!due.was_claimed());
    let claimed = claimed(Channel::Sms, now);
    assert!(claimed.was_claimed());
    assert!(
        claimed
            .release_after_refusal("mine", now)
            .unwrap()
            .was_claimed()
    );
    let gave_way = claimed.defer("mine", now, DeferralReason::Spacing, now);
    assert!(gave_way.unwrap().was_claimed());
}

/// An order that was erased and is posted again is another.
#[test]
fn orders_of_the_same_id_that_were_created_at_different_times_share_no_notification() {
    let NotificationDraft {
        order,
        trigger: occasion,
        ..
    } = draft(Channel::Email);
    let id = |created_at| {
        NotificationId::derive_id(
            &order,
            created_at,
            &occasion,
            Channel::Email,
            "ann@example.com",
        )
    };
    assert_eq!(id(at("23 09:00")), id(at("23 09:00")));
    assert_ne!(id(at("23 09:00")), id(at("23 09:01")));
}

#[test]
fn a_message_is_claimed_once() {
    let now = at("22 09:00");
    let notification = claimed(Channel::Email, now);
    let draft = draft(Channel::Email);
    let claim = |token, now| draft.claim_send(Some(&notification), token, LEASE, now);
    assert_eq!(claim("mine", now), ClaimOutcome::Ours(notification.clone()));
    assert_eq!(
        claim("theirs", now),
        ClaimOutcome::Busy {
            until: at("22 09:03")
        }
    );
    let ClaimOutcome::Lost(lost) = claim("theirs", at("22 09:03")) else {
        panic!("an expired lease alone never sends again");
    };
    assert_eq!(
        lost.state,
        NotificationState::Unknown {
            since: at("22 09:03")
        }
    );
    assert_eq!(lost.due_at(), Some(at("22 17:03")));
    let unknown = draft.claim_send(Some(&lost), "theirs", LEASE, at("22 10:00"));
    assert_eq!(
        unknown,
        ClaimOutcome::Later {
            until: at("22 17:03")
        }
    );
    assert!(
        matches!(claim("mine", at("22 09:03")), ClaimOutcome::Lost(_)),
        "not even for its own worker"
    );
}

#[test]
fn a_worker_calls_the_provider_only_while_its_lease_outlasts_the_call() {
    let notification = claimed(Channel::Email, at("22 09:00"));
    let call = SignedDuration::from_mins(1);
    assert!(notification.may_be_sent_by("mine", call, at("22 09:01")));
    assert!(!notification.may_be_sent_by("mine", call, at("22 09:02")));
    assert!(!notification.may_be_sent_by("theirs", call, at("22 09:01")));
}

#[test]
fn a_message_put_off_is_claimed_when_it_is_due() {
    let draft = draft(Channel::Sms);
    let waiting = draft.to_deferred(at("23 08:00"), DeferralReason::QuietHours, at("22 22:00"));
    let early = draft.claim_send(Some(&waiting), "mine", LEASE, at("23 07:59"));
    assert_eq!(
        early,
        ClaimOutcome::Later {
            until: at("23 08:00")
        }
    );
    let notification =
        won(waiting
            .to_draft()
            .claim_send(Some(&waiting), "mine", LEASE, at("23 08:00")));
    let notification = notification.mark_sent("id", at("23 08:00")).unwrap();
    assert_eq!(
        history(&notification),
        [
            "deferred until 2026-11-23T08:00:00Z: quiet_hours",
            "claimed",
            "sent"
        ]
    );
    assert_eq!(
        (
            notification.attempts,
            notification.revision_number(),
            notification.is_open()
        ),
        (1, 3, false)
    );
    assert_eq!(
        draft.claim_send(Some(&notification), "theirs", LEASE, at("23 09:00")),
        ClaimOutcome::Settled
    );
}

#[test]
fn only_who_has_a_claim_may_end_it() {
    let now = at("22 09:00");
    let notification = claimed(Channel::Email, now);
    assert_eq!(
        notification.defer("theirs", now, DeferralReason::Cap, now),
        None
    );
    assert_eq!(notification.fail("theirs", "throttled", now), None);
    assert_eq!(
        notification.suppress("theirs", SuppressionReason::Cap, now),
        None
    );
    assert_eq!(notification.mark_unknown("theirs", now), None);
    let unknown = notification.mark_unknown("mine", now).unwrap();
    assert_eq!(
        unknown.defer("mine", now, DeferralReason::Cap, now),
        None,
        "it may have been sent"
    );
    assert_eq!(unknown.fail("mine", "x", now), None);
    let failed = notification
        .fail("mine", "the address does not exist", now)
        .unwrap();
    assert_eq!(
        history(&failed),
        ["claimed", "failed: the address does not exist"]
    );
    let suppressed = notification
        .suppress("mine", SuppressionReason::AddressSuppressed, now)
        .unwrap();
    assert_eq!(
        history(&suppressed),
        ["claimed", "suppressed: address_suppressed"]
    );
}

#[test]
fn a_provider_that_refuses_is_asked_as_long_as_the_message_is_of_use() {
    let mut notification = claimed(Channel::Email, at("22 09:00"));
    assert_eq!(
        notification.release_after_refusal("theirs", at("22 09:00")),
        None
    );
    let mut now = at("22 09:00");
    let mut revisions = vec![notification.revision_number()];
    loop {
        notification = notification.release_after_refusal("mine", now).unwrap();
        revisions.push(notification.revision_number());
        let NotificationState::Deferred { until, .. } = notification.state else {
            break;
        };
        assert!(until <= notification.useful_until && until.duration_since(now) <= LONGEST_PAUSE);
        now = until;
        notification =
            won(notification
                .to_draft()
                .claim_send(Some(&notification), "mine", LEASE, now));
        revisions.push(notification.revision_number());
    }
    assert!(notification.useful_until.duration_since(now) < LONGEST_PAUSE);
    assert_eq!(
        notification.state.describe_state(),
        "suppressed: too_late",
        "it is lost to nothing but its age"
    );
    assert!(notification.attempts > 150 && notification.refusals == notification.attempts - 1);
    assert!(
        revisions.is_sorted_by(|one, next| one < next),
        "no two states have the same revision"
    );
    let last_refusal = format!(": refusal {}", notification.refusals);
    let [refusals, "claimed", "suppressed: too_late"] = history(&notification)[..] else {
        panic!("refusals in a row are one line: {:?}", notification.history);
    };
    assert!(refusals.ends_with(&last_refusal), "{refusals}");
}

#[test]
fn refusals_leave_a_message_of_unknown_fate_all_its_tries() {
    let now = at("22 09:00");
    let mut notification = claimed(Channel::Email, now);
    for _ in 0..20 {
        let waiting = notification.release_after_refusal("mine", now).unwrap();
        let due_at = waiting.due_at().unwrap();
        notification = won(waiting
            .to_draft()
            .claim_send(Some(&waiting), "mine", LEASE, due_at));
    }
    let unknown = notification.mark_unknown("mine", now).unwrap();
    assert!(unknown.sent_again(at("22 20:00")).is_some());
}

fn of_unknown_fate(channel: Channel, moment: NotificationType) -> Notification {
    let mut draft = draft(channel);
    draft.trigger.notification_type = moment;
    won(draft.claim_send(None, "mine", LEASE, at("22 09:00")))
        .mark_unknown("mine", at("22 09:01"))
        .unwrap()
}

#[test]
fn a_mail_of_unknown_fate_waits_for_its_event_as_long_as_it_stays_useful() {
    for (moment, useful_until, due) in [
        (
            NotificationType::OutForDelivery,
            "22 21:00",
            Some("22 10:01"),
        ),
        (
            NotificationType::OutForDelivery,
            "22 09:45",
            Some("22 09:30"),
        ),
        (
            NotificationType::OutForDelivery,
            "22 09:20",
            Some("22 09:16"),
        ),
        (NotificationType::OutForDelivery, "22 09:10", None),
        (NotificationType::Delivered, "25 09:00", Some("22 13:01")),
        (NotificationType::Shipped, "25 09:00", Some("22 17:01")),
        (
            NotificationType::ReviewRequest,
            "29 09:00",
            Some("23 09:01"),
        ),
    ] {
        let notification = Notification {
            useful_until: at(useful_until),
            ..of_unknown_fate(Channel::Email, moment)
        };
        assert_eq!(
            notification.due_at(),
            due.map(at),
            "{moment} until {useful_until}"
        );
        assert_eq!(notification.is_open(), due.is_some());
    }
}

#[test]
fn a_mail_of_unknown_fate_is_sent_once_more_and_then_never_again() {
    let unknown = of_unknown_fate(Channel::Email, NotificationType::OutForDelivery);
    assert_eq!(unknown.sent_again(at("22 10:00")), None, "too early");
    let again = unknown.sent_again(at("22 10:01")).unwrap();
    let again = won(again
        .to_draft()
        .claim_send(Some(&again), "second", LEASE, at("22 10:01")));
    let unknown = again.mark_unknown("second", at("22 10:02")).unwrap();
    assert_eq!((unknown.due_at(), unknown.is_open()), (None, false));
    assert_eq!(unknown.sent_again(at("23 09:00")), None);
    let claim = unknown
        .to_draft()
        .claim_send(Some(&unknown), "third", LEASE, at("23 09:00"));
    assert_eq!(claim, ClaimOutcome::Settled);
    // The provider may tell at any time.
    let sent = unknown.mark_sent("id", at("24 12:00")).unwrap();
    assert_eq!(sent.state.state_name(), "sent");
}

#[test]
fn a_text_of_unknown_fate_stays_so_until_its_provider_tells() {
    let unknown = of_unknown_fate(Channel::Sms, NotificationType::OutForDelivery);
    assert_eq!((unknown.due_at(), unknown.is_open()), (None, false));
    assert_eq!(unknown.sent_again(at("24 09:00")), None);
    let undelivered = ProviderEvent::Undelivered {
        reason: "unreachable".to_owned(),
    };
    for (event, expected) in [
        (ProviderEvent::Delivered, "delivered"),
        (undelivered.clone(), "failed: unreachable"),
    ] {
        let told = unknown.settled_by_event(&event, at("24 12:00")).unwrap();
        assert_eq!(told.state.describe_state(), expected);
    }
    // What the delivery status says stays, even if the answer to the call comes after.
    let sent = unknown.mark_sent("id", at("22 09:02")).unwrap();
    let failed = sent.settled_by_event(&undelivered, at("22 09:03")).unwrap();
    assert_eq!(failed.mark_sent("id", at("22 09:04")), None);
    assert_eq!(failed.told_at(), None);
}

#[test]
fn an_automatic_answer_is_noted_once_and_proves_no_more_than_that_it_was_sent() {
    let event = ProviderEvent::Answered {
        provider_id: "id".to_owned(),
    };
    let now = at("22 09:05");
    let sent = claimed(Channel::Email, at("22 09:00"))
        .mark_sent("id", at("22 09:01"))
        .unwrap();
    let noted = sent.settled_by_event(&event, now).unwrap();
    assert_eq!(noted.state, sent.state);
    assert_eq!(
        history(&noted),
        ["claimed", "sent", "answered automatically"]
    );
    assert_eq!(noted.settled_by_event(&event, now), None);
    assert_eq!(noted.told_at(), Some(at("22 09:01")));
    let unknown = of_unknown_fate(Channel::Email, NotificationType::Shipped);
    let known = unknown.settled_by_event(&event, now).unwrap();
    assert_eq!(known.state.state_name(), "sent");
}

#[test]
fn the_providers_events_settle_a_message_in_any_order_and_any_number() {
    let events = [
        ProviderEvent::Sent {
            provider_id: "id".to_owned(),
        },
        ProviderEvent::Delivered,
        ProviderEvent::Complained,
    ];
    let now = at("22 09:05");
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let unknown = claimed(Channel::Email, at("22 09:00"))
        .mark_unknown("mine", at("22 09:01"))
        .unwrap();
    for order in orders {
        let mut notification = unknown.clone();
        for index in order.iter().chain(&order) {
            notification = notification
                .settled_by_event(&events[*index], now)
                .unwrap_or(notification);
        }
        assert_eq!(
            notification.state,
            NotificationState::Complained { at: now },
            "{order:?}"
        );
    }
    let bounced = ProviderEvent::Bounced { is_permanent: true };
    let notification = unknown.settled_by_event(&bounced, now).unwrap();
    assert_eq!(
        notification.settled_by_event(&ProviderEvent::Delivered, now),
        None
    );
    assert_eq!(notification.state.describe_state(), "bounced: permanent");
    assert_eq!(
        notification.mark_sent("id", now),
        None,
        "an answer after its event tells nothing new"
    );
}

#[test]
fn a_notification_survives_being_stored() {
    let notification = claimed(Channel::Email, at("22 09:00"))
        .mark_sent("id", at("22 09:01"))
        .unwrap();
    let text = serde_json::to_string(&notification).unwrap();
    assert_eq!(
        serde_json::from_str::<Notification>(&text).unwrap(),
        notification
    );
    assert!(!text.contains("ann@example.com"));
}
