//! Whatever goes wrong between a worker, the tables and the providers: the
//! customer gets the message, and gets it once.

use crate::world::{
    self, Fate, World, fact, noon, order, told,
    wire::{Fault, Trouble, Which},
};
use posthorn_domain::{
    contact::{EmailAddress, PhoneNumber},
    notification::{Notification, NotificationState},
    notification_type::Channel,
    status::Reason,
};
use posthorn_platform::store::notifications::LogWrite;

async fn world() -> World {
    World::with_shipment(Reason::Today).await
}

/// Lets a worker with `trouble` have the fact, and settles what it leaves
/// behind. Says how many mails and texts the customer got.
async fn run(trouble: Trouble, has_events: bool) -> (World, usize, usize) {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    let (fate, _) = world
        .worker(std::slice::from_ref(&message), noon(), Some(trouble))
        .await;
    world.settle(&message, fate, noon(), has_events).await;
    // Late duplicates change nothing.
    let much_later = noon() + jiff::SignedDuration::from_hours(3);
    world.done(&message, much_later).await;
    let counts = [Channel::Email, Channel::Sms].map(|channel| world.provider.count(channel));
    (world, counts[0], counts[1])
}

#[tokio::test]
async fn a_fact_is_told_once_on_each_channel() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    world.done(&message, noon()).await;
    let accepted = world.provider.accepted();
    assert_eq!(accepted.len(), 2);
    for message in &accepted {
        assert!(
            message.text.contains("https://track.acme.example/t/"),
            "{}",
            message.text
        );
    }
    assert!(world.ledger().await.iter().all(world::is_sent));
}

#[tokio::test]
async fn a_fact_that_comes_twice_is_told_once_and_writes_nothing_the_second_time() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    world.done(&message, noon()).await;
    let before = world.ledger().await;
    world.done(&message, noon()).await;
    assert_eq!(world.provider.accepted().len(), 2);
    assert_eq!(world.ledger().await, before);
}

#[tokio::test]
async fn two_workers_at_the_same_time_send_once() {
    for _ in 0..10 {
        let world = world().await;
        let message = [told(&fact(Reason::Today, noon()))];
        let (one, other) = tokio::join!(
            world.worker(&message, noon(), None),
            world.worker(&message, noon(), None)
        );
        // Each may have claimed what the other then finds taken.
        assert!(one.0 != Fate::Died && other.0 != Fate::Died);
        world.settle(&message[0], Fate::Again, noon(), true).await;
        assert_eq!(world.provider.accepted().len(), 2);
    }
}

#[tokio::test]
async fn the_same_fact_twice_in_a_batch_is_told_once() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    let batch = [message.clone(), message.clone()];
    let (fate, _) = world.worker(&batch, noon(), None).await;
    world.settle(&message, fate, noon(), true).await;
    assert_eq!(world.provider.accepted().len(), 2);
}

/// The matrix of reliability.md: what goes wrong, what the customer gets while
/// SES reports what it sent, and what they get when its reports are lost too.
#[tokio::test]
async fn the_fault_matrix_loses_nothing_and_doubles_nothing() {
    let claim_lost = Which::FirstWrites(1);
    let claim_lost_for_good = Which::FirstWrites(6);
    let both_sends = Which::FirstSends(2);
    // (which, fault, mails with events, mails without, texts)
    let matrix = [
        (claim_lost, Fault::AnswerLost, 1, 1, 1),
        (claim_lost, Fault::TimedOut, 1, 1, 1),
        (claim_lost, Fault::Throttled, 1, 1, 1),
        (claim_lost, Fault::Error500, 1, 1, 1),
        (claim_lost_for_good, Fault::AnswerLost, 1, 1, 1),
        (claim_lost_for_good, Fault::RequestLost, 1, 1, 1),
        (both_sends, Fault::Throttled, 1, 1, 1),
        (both_sends, Fault::Refused, 1, 1, 1),
        (both_sends, Fault::Rejected, 0, 0, 0),
        // Of unknown fate: a text stays so until its delivery status tells, a mail is
        // sent again, once, which doubles it only if SES had taken it and its report
        // is lost as well.
        (both_sends, Fault::Error500, 1, 1, 0),
        (both_sends, Fault::RequestLost, 1, 1, 0),
        // The worker ends with the first call, whichever that is; the other message may
        // have been claimed by then.
        (both_sends, Fault::DiesBefore, 1, 1, 1),
        (both_sends, Fault::AnswerLost, 1, 2, 1),
        (both_sends, Fault::TimedOut, 1, 2, 1),
        (both_sends, Fault::Error500CarriedOut, 1, 2, 1),
    ];
    for (which, fault, with_events, without, n_texts) in matrix {
        for (has_events, n_mails) in [(true, with_events), (false, without)] {
            let case = format!("{which:?} {fault:?}, events: {has_events}");
            let (world, mails, texts) = run(Trouble { which, fault }, has_events).await;
            assert_eq!(mails, n_mails, "mails, {case}: {:?}", world.ledger().await);
            let may_differ = fault == Fault::DiesBefore && texts <= 1;
            assert!(
                may_differ || texts == n_texts,
                "{texts} texts, {case}: {:?}",
                world.ledger().await
            );
            let said = world.state(Channel::Sms).await;
            let has_failed = fault == Fault::Rejected;
            assert_eq!(said == "failed", has_failed, "{case}: the text is {said}");
        }
    }
}

/// Each fault at each single request of a worker. The one window that is left
/// is named in docs/adr/0003-exactly-once.md: SES took a mail, its answer was
/// lost, and so were its reports.
#[tokio::test]
async fn a_fault_at_any_request_of_a_worker_never_sends_twice() {
    let world = world().await;
    let message = [told(&fact(Reason::Today, noon()))];
    let (_, n_requests) = world.worker(&message, noon(), None).await;
    assert!(
        n_requests >= 14,
        "a worker makes only {n_requests} requests"
    );
    for nth in 0..n_requests {
        for fault in Fault::ALL {
            let case = format!("request {nth}: {fault:?}");
            let (world, mails, texts) = run(
                Trouble {
                    which: Which::Nth(nth),
                    fault,
                },
                true,
            )
            .await;
            let ledger = world.ledger().await;
            assert!(
                ledger.iter().all(|notification| !notification.is_open()),
                "{case}: {ledger:?}"
            );
            assert!(
                mails <= 1 && texts <= 1,
                "{case}: {mails} mails, {texts} texts, {ledger:?}"
            );
            let is_told = |notification: &&Notification| {
                let is_failed = matches!(notification.state, NotificationState::Failed { .. });
                let is_unknown = matches!(notification.state, NotificationState::Unknown { .. });
                is_failed || (is_unknown && notification.channel == Channel::Sms)
            };
            let n_told = ledger.iter().filter(is_told).count();
            assert!(
                mails + texts + n_told >= 2,
                "{case}: something is lost: {ledger:?}"
            );
            assert!(
                mails == 1 || fault == Fault::Rejected,
                "{case}: the mail is lost: {ledger:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_dead_worker_s_notification_is_of_unknown_fate_once_its_lease_is_over() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    let trouble = Trouble {
        which: Which::FirstSends(1),
        fault: Fault::DiesAfter,
    };
    let (fate, _) = world
        .worker(std::slice::from_ref(&message), noon(), Some(trouble))
        .await;
    assert_eq!(fate, Fate::Died);
    // Another worker comes too early: the lease is not over.
    let (fate, _) = world
        .worker(std::slice::from_ref(&message), noon(), None)
        .await;
    assert_eq!(fate, Fate::Again);
    let later = noon() + jiff::SignedDuration::from_secs(180);
    world.done(&message, later).await;
    let states = [
        world.state(Channel::Email).await,
        world.state(Channel::Sms).await,
    ];
    assert!(states.contains(&"unknown"), "{states:?}");
    assert!(world.provider.accepted().len() <= 2);
}

#[tokio::test]
async fn what_one_channel_suffers_does_not_keep_the_other_from_being_told() {
    let world = world().await;
    let mut contact = world::contact();
    contact.consent.sms = false;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let trouble = Trouble {
        which: Which::FirstSends(1),
        fault: Fault::Throttled,
    };
    let message = told(&fact(Reason::Today, noon()));
    let (fate, _) = world
        .worker(std::slice::from_ref(&message), noon(), Some(trouble))
        .await;
    assert_eq!(
        fate,
        Fate::Done,
        "it is due again, and the sweep comes with it"
    );
    assert_eq!(world.state(Channel::Email).await, "deferred");
    assert_eq!(world.state(Channel::Sms).await, "suppressed");
}

#[tokio::test]
async fn a_provider_that_refuses_is_asked_until_the_message_is_of_no_use_or_it_takes_it() {
    for mends in [true, false] {
        let world = world().await;
        let trouble = Trouble {
            which: Which::FirstSends(usize::MAX),
            fault: Fault::Throttled,
        };
        let message = told(&fact(Reason::Today, noon()));
        world
            .worker(std::slice::from_ref(&message), noon(), Some(trouble))
            .await;
        // An account is paused for the afternoon.
        let mended = noon() + jiff::SignedDuration::from_hours(5);
        let mut n_tries = 1;
        while let Some(notification) = world.earliest_open().await {
            let due_at = notification.due_at().unwrap();
            let trouble = (!mends || due_at < mended).then_some(trouble);
            let (fate, _) = world
                .worker(&[world::due(&notification)], due_at, trouble)
                .await;
            assert_eq!(fate, Fate::Done);
            n_tries += 1;
            assert!(n_tries < 200, "it never ends");
        }
        let expected = if mends {
            ["sent"; 2]
        } else {
            ["suppressed"; 2]
        };
        let states = [
            world.state(Channel::Email).await,
            world.state(Channel::Sms).await,
        ];
        assert_eq!(states, expected);
        assert_eq!(world.provider.accepted().len(), if mends { 2 } else { 0 });
    }
}

/// Three attributes of the ledger tell one state from another; were a refusal to
/// repeat a state, a writer could overwrite what it has not read.
#[tokio::test]
async fn who_has_read_a_claim_cannot_write_over_the_claim_after_a_refusal() {
    let world = world().await;
    let trouble = Trouble {
        which: Which::FirstSends(9),
        fault: Fault::Throttled,
    };
    let message = told(&fact(Reason::Today, noon()));
    let mut seen = Vec::new();
    world.worker(&[message], noon(), Some(trouble)).await;
    for _ in 0..4 {
        let notification = world.notification(Channel::Email).await.unwrap();
        for before in &seen {
            let put = world
                .notifications
                .put_notification(before, Some(before))
                .await
                .unwrap();
            assert_eq!(put, LogWrite::Conflict(Box::new(notification.clone())));
        }
        let due_at = notification.due_at().unwrap();
        world
            .worker(&[world::due(&notification)], due_at, Some(trouble))
            .await;
        seen.push(notification);
    }
}

/// What a dead worker has claimed is settled by the fact that it was claimed
/// for, even if that leads to another notification by now.
#[tokio::test]
async fn a_claim_is_not_left_behind_when_the_address_is_replaced() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    let trouble = Trouble {
        which: Which::FirstSends(1),
        fault: Fault::DiesAfter,
    };
    let message = std::slice::from_ref(&message);
    let (fate, _) = world.worker(message, noon(), Some(trouble)).await;
    assert_eq!(fate, Fate::Died);
    let mut contact = world::contact();
    contact.email = Some(EmailAddress::parse("jane@new.example").unwrap());
    contact.phone = Some(PhoneNumber::parse("+12125550199", None).unwrap());
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    // Its message comes early: another worker still has the claims.
    let (fate, _) = world.worker(message, noon(), None).await;
    assert_eq!(fate, Fate::Again);
    world.settle(&message[0], fate, noon(), false).await;
    let ledger = world.ledger().await;
    assert!(
        ledger.iter().all(|notification| !notification.is_open()),
        "{ledger:?}"
    );
    let to_new: Vec<String> = world
        .provider
        .accepted()
        .into_iter()
        .map(|message| message.to)
        .filter(|to| to.contains("new") || to.contains("0199"))
        .collect();
    assert_eq!(to_new.len(), 2, "{to_new:?}");
}

/// SES's event comes twenty minutes late, and the answer to the call was lost.
#[tokio::test]
async fn a_late_event_settles_a_mail_before_it_is_sent_again() {
    for fault in [Fault::AnswerLost, Fault::TimedOut, Fault::DiesAfter] {
        let world = world().await;
        let which = Which::FirstSends(2);
        let message = told(&fact(Reason::Today, noon()));
        let trouble = Some(Trouble { which, fault });
        let (fate, _) = world
            .worker(std::slice::from_ref(&message), noon(), trouble)
            .await;
        if fate != Fate::Done {
            let later = noon() + jiff::SignedDuration::from_secs(180);
            world.done(&message, later).await;
        }
        let due_at = world.notification(Channel::Email).await.unwrap().due_at();
        let twenty_minutes = noon() + jiff::SignedDuration::from_mins(20);
        assert!(due_at > Some(twenty_minutes), "{fault:?}");
        world.report_sent(twenty_minutes).await;
        assert_eq!(world.state(Channel::Email).await, "sent", "{fault:?}");
        let much_later = noon() + jiff::SignedDuration::from_hours(3);
        world.done(&message, much_later).await;
        assert_eq!(world.provider.count(Channel::Email), 1, "{fault:?}");
    }
}

/// Each answer and each event is lost.
#[tokio::test]
async fn a_mail_of_which_nothing_is_ever_heard_is_sent_once_more_and_no_more() {
    let world = world().await;
    let trouble = Some(Trouble {
        which: Which::FirstSends(usize::MAX),
        fault: Fault::AnswerLost,
    });
    let message = told(&fact(Reason::Today, noon()));
    let (mut now, mut n_tries) = (noon(), 0);
    world
        .worker(std::slice::from_ref(&message), now, trouble)
        .await;
    while let Some(notification) = world.earliest_open().await {
        now = now.max(notification.due_at().unwrap());
        world
            .worker(&[world::due(&notification)], now, trouble)
            .await;
        n_tries += 1;
        assert!(n_tries < 10, "it never ends");
    }
    assert_eq!(world.provider.count(Channel::Email), 2);
    assert_eq!(world.provider.count(Channel::Sms), 1);
    let states = [
        world.state(Channel::Email).await,
        world.state(Channel::Sms).await,
    ];
    assert_eq!(states, ["unknown"; 2]);
}

/// A neighbour was slow, and the invocation is nearly over.
#[tokio::test]
async fn what_cannot_be_finished_in_time_is_not_begun() {
    let world = world().await;
    let message = told(&fact(Reason::Today, noon()));
    let soon = noon() + jiff::SignedDuration::from_secs(10);
    let fate = world.worker_until(&message, noon(), soon).await;
    assert_eq!(fate, Fate::Again);
    assert!(world.ledger().await.is_empty(), "nothing is claimed");
    assert!(world.provider.accepted().is_empty());
    world.settle(&message, fate, noon(), false).await;
    assert_eq!(world.provider.count(Channel::Email), 1);
    assert_eq!(world.provider.count(Channel::Sms), 1);
}

/// Wherever a worker ends but in the call itself and in the second look before it, the
/// text is sent, once; where it ends there, it is known as unknown.
#[tokio::test]
async fn a_worker_that_ends_before_it_calls_the_provider_loses_no_text() {
    let mut contact = world::contact();
    contact.email = None;
    let message = [told(&fact(Reason::Today, noon()))];
    let world = world().await;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let (_, n_requests) = world.worker(&message, noon(), None).await;
    let mut n_lost = 0;
    for nth in 0..n_requests {
        let world = self::world().await;
        world
            .contacts
            .put_contact(&order(), &contact)
            .await
            .unwrap();
        let trouble = Trouble {
            which: Which::Nth(nth),
            fault: Fault::DiesBefore,
        };
        let (fate, _) = world.worker(&message, noon(), Some(trouble)).await;
        world.settle(&message[0], fate, noon(), false).await;
        let n_texts = world.provider.count(Channel::Sms);
        assert!(n_texts <= 1, "request {nth}: {n_texts} texts");
        if n_texts == 0 {
            assert_eq!(world.state(Channel::Sms).await, "unknown", "request {nth}");
            n_lost += 1;
        }
    }
    assert_eq!(n_lost, 2, "the second look, and the call itself");
}
