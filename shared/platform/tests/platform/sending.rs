//! The pace of providers, and how many texts a shop sends on a day.

use crate::sample::{now, shop};
use futures::future::join_all;
use posthorn_domain::{
    moment::Channel,
    pace::{Urgency, Want},
};
use posthorn_platform::{
    store::pace::PaceStore,
    testing::{self, Dynamo},
};

#[tokio::test]
async fn of_two_that_take_slots_at_once_one_has_to_look_again() {
    let dynamo = Dynamo::start().await;
    let store = PaceStore::new(&dynamo.aws(), &testing::config()).unwrap();
    let before = store.load(Channel::Email).await.unwrap();
    let mut taken = before.state;
    let want = Want {
        urgency: Urgency::Usual,
        place: None,
    };
    taken.take(&[want], 14.0, now());
    let replace = || store.replace(Channel::Email, &taken, before.version);
    assert!(replace().await.unwrap());
    assert!(!replace().await.unwrap());
    let there = store.load(Channel::Email).await.unwrap();
    assert_eq!((there.state, there.version), (taken, 1));
    assert_eq!(store.load(Channel::Sms).await.unwrap().version, 0);
}

#[tokio::test]
async fn a_shop_s_texts_of_a_day_are_counted_up_to_its_number_whoever_counts() {
    let dynamo = Dynamo::start().await;
    let store = PaceStore::new(&dynamo.aws(), &testing::config()).unwrap();
    let count = async |day: &str, n: usize| {
        let counts = (0..n).map(|_| async { store.count_text(&shop(), day, 5).await.unwrap() });
        let counted = join_all(counts).await;
        counted.into_iter().filter(|is_counted| *is_counted).count()
    };
    assert_eq!(count("2026-11-22", 8).await, 5);
    assert_eq!(count("2026-11-22", 2).await, 0);
    assert_eq!(count("2026-11-23", 2).await, 2, "another day");
    assert_eq!(count("2026-11-22", 1).await, 0, "which does not come again");
    assert!(!store.count_text(&shop(), "2026-11-24", 0).await.unwrap());
}
