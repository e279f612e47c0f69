//! The ledger: one writer wins, and knows it even if the answer is lost.

use crate::sample::{key, notification, now};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use jiff::SignedDuration;
use posthorn_domain::notification::{
    DeferralReason, Notification, NotificationEntry, NotificationState, SuppressionReason,
};
use posthorn_domain::notification_type::Channel;
use posthorn_platform::{
    Aws,
    store::notifications::{LogWrite, NotificationStore},
    testing::{self, Dynamo},
};

fn store(aws: &Aws) -> NotificationStore {
    NotificationStore::new(aws, &testing::config()).unwrap()
}

fn unlucky_store(dynamo: &Dynamo) -> NotificationStore {
    store(&dynamo.aws_through(testing::losing_an_answer("PutItem")))
}

fn claimed_by(token: &str) -> Notification {
    Notification {
        state: NotificationState::Claimed {
            token: token.to_owned(),
            lease_until: now() + SignedDuration::from_mins(1),
        },
        ..notification()
    }
}

fn next(notification: &Notification, state: NotificationState) -> Notification {
    let mut next = notification.clone();
    next.history.push(NotificationEntry {
        at: now(),
        what: state.describe_state(),
    });
    next.state = state;
    next
}

fn sent() -> NotificationState {
    NotificationState::Sent {
        provider_id: "ses-1".to_owned(),
        at: now(),
    }
}

#[tokio::test]
async fn of_many_claimers_exactly_one_wins_and_the_others_see_whom() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let claims: Vec<Notification> = (0..8).map(|n| claimed_by(&format!("worker {n}"))).collect();
    let puts = join_all(
        claims
            .iter()
            .map(|claim| store.put_notification(claim, None)),
    )
    .await;
    let puts: Vec<LogWrite> = puts.into_iter().map(Result::unwrap).collect();
    let winners: Vec<&Notification> = claims
        .iter()
        .zip(&puts)
        .filter(|(_, put)| **put == LogWrite::Written)
        .map(|(claim, _)| claim)
        .collect();
    let [winner] = winners[..] else {
        panic!("{} winners", winners.len());
    };
    for put in &puts {
        if let LogWrite::Conflict(there) = put {
            assert_eq!(**there, *winner);
        }
    }
    let ledger = store.load_log(&key()).await.unwrap();
    assert_eq!(ledger, std::slice::from_ref(winner));
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_won_all_the_same() {
    let dynamo = Dynamo::start().await;
    let put = unlucky_store(&dynamo)
        .put_notification(&claimed_by("mine"), None)
        .await;
    assert_eq!(put.unwrap(), LogWrite::Written);
}

#[tokio::test]
async fn a_state_is_written_only_over_the_one_it_was_made_from() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let claimed = claimed_by("mine");
    store.put_notification(&claimed, None).await.unwrap();
    let sent = next(&claimed, sent());
    let put = unlucky_store(&dynamo)
        .put_notification(&sent, Some(&claimed))
        .await;
    assert_eq!(put.unwrap(), LogWrite::Written);
    let unknown = next(&claimed, NotificationState::Unknown { since: now() });
    let late = store
        .put_notification(&unknown, Some(&claimed))
        .await
        .unwrap();
    assert_eq!(late, LogWrite::Conflict(Box::new(sent.clone())));
    let there = store.get_notification(&key(), &sent.id).await.unwrap();
    assert_eq!(there, Some(sent));
}

#[tokio::test]
async fn every_state_is_read_as_it_was_written() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let mut before = claimed_by("mine");
    store.put_notification(&before, None).await.unwrap();
    for state in [
        NotificationState::Deferred {
            until: now(),
            reason: DeferralReason::Cap,
        },
        NotificationState::Unknown { since: now() },
        sent(),
        NotificationState::Suppressed {
            reason: SuppressionReason::Overtaken,
            at: now(),
        },
        NotificationState::Failed {
            reason: "rejected".to_owned(),
            at: now(),
            was_taken: true,
        },
        NotificationState::Delivered { at: now() },
        NotificationState::Bounced {
            is_permanent: true,
            at: now(),
        },
        NotificationState::Complained { at: now() },
    ] {
        let after = next(&before, state);
        let put = store.put_notification(&after, Some(&before)).await.unwrap();
        assert_eq!(put, LogWrite::Written);
        let there = store.get_notification(&key(), &after.id).await.unwrap();
        assert_eq!(there.as_ref(), Some(&after));
        before = after;
    }
}

#[tokio::test]
async fn a_message_is_due_in_its_minute_and_no_more_once_it_is_sent() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let at = |text: &str| text.parse().unwrap();
    let deferred = Notification {
        state: NotificationState::Deferred {
            until: at("2026-11-23T08:00:00Z"),
            reason: DeferralReason::QuietHours,
        },
        useful_until: at("2026-11-26T00:00:00Z"),
        ..notification()
    };
    store.put_notification(&deferred, None).await.unwrap();
    let due = async |minute: &str| store.list_due(at(minute), None, 100).await.unwrap().items;
    let expected = [(key(), deferred.id.clone())];
    assert_eq!(due("2026-11-23T07:59:00Z").await, []);
    assert_eq!(due("2026-11-23T08:00:00Z").await, expected);

    let since = at("2026-11-23T08:00:01Z");
    let unknown = next(&deferred, NotificationState::Unknown { since });
    store
        .put_notification(&unknown, Some(&deferred))
        .await
        .unwrap();
    assert_eq!(due("2026-11-23T08:00:00Z").await, []);
    assert_eq!(due("2026-11-23T16:01:00Z").await, expected);

    let sent = next(&unknown, sent());
    store.put_notification(&sent, Some(&unknown)).await.unwrap();
    assert_eq!(due("2026-11-23T16:01:00Z").await, []);
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_does_not_hide_the_others_of_its_minute() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let until = "2026-11-23T08:00:00Z".parse().unwrap();
    let deferred = Notification {
        state: NotificationState::Deferred {
            until,
            reason: DeferralReason::QuietHours,
        },
        ..notification()
    };
    store.put_notification(&deferred, None).await.unwrap();
    let put = dynamo
        .aws()
        .dynamodb_client()
        .put_item()
        .table_name("Notifications")
        .set_item(Some(
            [("pk", "?"), ("sk", "?"), ("due", "2026-11-23T08:00Z")]
                .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
                .into(),
        ));
    put.send().await.unwrap();
    let due = store.list_due(until, None, 100).await.unwrap().items;
    assert_eq!(due, [(key(), deferred.id)]);
}

#[tokio::test]
async fn a_message_of_an_order_that_cannot_be_read_does_not_hide_the_others() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    store.put_notification(&notification(), None).await.unwrap();
    let put = dynamo
        .aws()
        .dynamodb_client()
        .put_item()
        .table_name("Notifications")
        .set_item(Some(
            [
                ("pk", "ORDER#acme#1001"),
                ("sk", "NOTIFICATION#0"),
                ("state", "odd"),
            ]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            .into(),
        ));
    put.send().await.unwrap();
    assert_eq!(store.load_log(&key()).await.unwrap(), [notification()]);
}

#[tokio::test]
async fn a_text_is_found_by_its_provider_s_id_or_while_its_fate_is_unknown_by_its_number() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let text = Notification {
        channel: Channel::Sms,
        recipient: "+12…23".to_owned(),
        ..claimed_by("mine")
    };
    store.put_notification(&text, None).await.unwrap();
    let expected = [(key(), text.id.clone())];
    assert_eq!(store.unknown_texts("+12…23").await.unwrap(), []);
    let unknown = next(&text, NotificationState::Unknown { since: now() });
    store.put_notification(&unknown, Some(&text)).await.unwrap();
    assert_eq!(store.unknown_texts("+12…23").await.unwrap(), expected);
    assert_eq!(store.unknown_texts("+12…24").await.unwrap(), []);
    let sent = next(&unknown, sent());
    store.put_notification(&sent, Some(&unknown)).await.unwrap();
    assert_eq!(store.unknown_texts("+12…23").await.unwrap(), []);
    assert_eq!(store.text_by_id("ses-1").await.unwrap(), expected);
    let delivered = next(&sent, NotificationState::Delivered { at: now() });
    store
        .put_notification(&delivered, Some(&sent))
        .await
        .unwrap();
    assert_eq!(store.text_by_id("ses-1").await.unwrap(), []);
}
