//! A burst of hints is two questions: one at once, and one after the last of them.

use crate::sample::carrier;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::tracking_number::TrackingNumber;
use posthorn_platform::{
    store::push_triggers::{PollDebounce, PollPermit},
    testing::{self, Dynamo},
};

const GAP: SignedDuration = SignedDuration::from_mins(15);

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_305_600).unwrap() + SignedDuration::from_mins(minute)
}

#[tokio::test]
async fn turns_are_a_gap_apart_and_the_last_hint_is_not_lost() {
    let dynamo = Dynamo::start().await;
    let store = PollDebounce::new(&dynamo.aws(), &testing::config()).unwrap();
    let number = TrackingNumber::parse("1106321645").unwrap();
    let cdek = carrier("cdek");
    for (minute, expected) in [
        (0, PollPermit::Now),
        (1, PollPermit::Later(at(15))),
        (2, PollPermit::Taken),
        (14, PollPermit::Taken),
        // That question has gone out; this hint may be about something later.
        (15, PollPermit::Later(at(30))),
        (29, PollPermit::Taken),
        (45, PollPermit::Now),
    ] {
        let turn = store
            .take_permit(&cdek, &number, GAP, at(minute))
            .await
            .unwrap();
        assert_eq!(turn, expected, "minute {minute}");
    }
    let other = TrackingNumber::parse("1106321646").unwrap();
    let turn = store.take_permit(&cdek, &other, GAP, at(45)).await.unwrap();
    assert_eq!(turn, PollPermit::Now);
    let turn = store
        .take_permit(&carrier("shippo"), &number, GAP, at(45))
        .await;
    assert_eq!(turn.unwrap(), PollPermit::Now);
}

#[tokio::test]
async fn a_turn_that_came_to_nothing_is_free_again() {
    let dynamo = Dynamo::start().await;
    let store = PollDebounce::new(&dynamo.aws(), &testing::config()).unwrap();
    let number = TrackingNumber::parse("1106321645").unwrap();
    let cdek = carrier("cdek");
    for _ in 0..2 {
        let turn = store.take_permit(&cdek, &number, GAP, at(0)).await.unwrap();
        assert_eq!(turn, PollPermit::Now);
        store.give_back(&cdek, &number).await.unwrap();
    }
}

#[tokio::test]
async fn of_hints_that_come_all_at_once_one_is_asked_and_one_waits() {
    let dynamo = Dynamo::start().await;
    let aws = dynamo.aws();
    let store = PollDebounce::new(&aws, &testing::config()).unwrap();
    let number = TrackingNumber::parse("1106321645").unwrap();
    let cdek = carrier("cdek");
    let hints = (0..8).map(|_| store.take_permit(&cdek, &number, GAP, at(0)));
    let turns: Vec<PollPermit> = join_all(hints)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let count = |turn: PollPermit| turns.iter().filter(|taken| **taken == turn).count();
    assert_eq!(count(PollPermit::Now), 1);
    assert_eq!(count(PollPermit::Later(at(15))), 1);
    assert_eq!(count(PollPermit::Taken), 6);
}
