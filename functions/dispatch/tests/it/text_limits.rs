//! How many texts a shop and the account send on a day, and to which countries.

use crate::world::{
    self, World, fact, noon, order, told,
    wire::{Fault, Trouble, Which},
};
use jiff::{SignedDuration, tz::TimeZone};
use posthorn_domain::{notification_type::Channel, status::Reason};
use posthorn_platform::store::pace::{PaceStore, TextCounter};

#[tokio::test]
async fn a_shop_sends_so_many_texts_on_a_day_and_no_more() {
    let world = World::with_shipment(Reason::Today).await;
    let mut settings = world::settings();
    settings.texts.per_day = 1;
    world
        .settings
        .put_settings(&order().shop, &settings)
        .await
        .unwrap();
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    world.move_shipment(Reason::NotHome).await;
    let later = noon() + SignedDuration::from_hours(3);
    world
        .done(&told(&fact(Reason::NotHome, later)), later)
        .await;
    let mut states: Vec<String> = world
        .ledger()
        .await
        .into_iter()
        .filter(|notification| notification.channel == Channel::Sms)
        .map(|notification| notification.state.describe_state())
        .collect();
    states.sort();
    assert_eq!(states, ["sent", "suppressed: text_limit"]);
    assert_eq!(world.provider.count(Channel::Sms), 1);
    assert_eq!(world.provider.count(Channel::Email), 2, "mails go on");
}

/// A leaked key may have texts sent in the name of a shop, not use up the account.
#[tokio::test]
async fn all_shops_together_send_so_many_texts_on_a_day_and_no_more() {
    let world = World::with_shipment(Reason::Today).await;
    let pace = PaceStore::new(&world.dynamo.aws(), &world::config()).unwrap();
    let day = noon().to_zoned(TimeZone::UTC).date().to_string();
    for _ in 0..999 {
        assert!(
            pace.count_text(TextCounter::Account, &day, 1_000)
                .await
                .unwrap()
        );
    }
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    assert_eq!(world.provider.count(Channel::Sms), 1);
    world.move_shipment(Reason::NotHome).await;
    let later = noon() + SignedDuration::from_hours(3);
    world
        .done(&told(&fact(Reason::NotHome, later)), later)
        .await;
    let ledger = world.ledger().await.into_iter();
    let mut states: Vec<String> = ledger
        .filter(|notification| notification.channel == Channel::Sms)
        .map(|notification| notification.state.describe_state())
        .collect();
    states.sort();
    assert_eq!(states, ["sent", "suppressed: account_text_limit"]);
    assert_eq!(world.provider.count(Channel::Sms), 1);
    assert_eq!(world.provider.count(Channel::Email), 2, "mails go on");
}

/// The country that an order goes to is chosen by who has the key.
#[tokio::test]
async fn texts_abroad_are_counted_apart_unless_the_shop_names_the_country() {
    let is_sent = "sent";
    let is_not = "suppressed: text_limit";
    for (shop_country, listed, per_day, abroad_per_day, expected) in [
        ("US", None, 200, 0, is_sent),
        ("DE", None, 200, 0, is_not),
        ("DE", None, 200, 1, is_sent),
        ("DE", None, 0, 1, is_not),
        ("DE", Some("us"), 200, 0, is_sent),
    ] {
        let world = World::with_shipment(Reason::Today).await;
        let mut settings = world::settings();
        settings.country = shop_country.to_owned();
        settings.texts.per_day = per_day;
        settings.texts.abroad_per_day = abroad_per_day;
        settings.texts.countries = listed.map(|country: &str| vec![country.to_owned()]);
        world
            .settings
            .put_settings(&order().shop, &settings)
            .await
            .unwrap();
        let mut contact = world::contact();
        contact.country = Some("US".to_owned());
        world
            .contacts
            .put_contact(&order(), &contact)
            .await
            .unwrap();
        world
            .done(&told(&fact(Reason::Today, noon())), noon())
            .await;
        let last = world.history(Channel::Sms).await.pop();
        let case = format!("{shop_country}, {listed:?}, {per_day}, {abroad_per_day}");
        assert_eq!(last.as_deref(), Some(expected), "{case}");
    }
}

/// A paused account refuses for hours: the tries of one text must not use up the day.
#[tokio::test]
async fn a_text_counts_once_however_often_it_is_tried() {
    let world = World::with_shipment(Reason::Today).await;
    let mut settings = world::settings();
    settings.texts.per_day = 2;
    world
        .settings
        .put_settings(&order().shop, &settings)
        .await
        .unwrap();
    let mut contact = world::contact();
    contact.email = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let trouble = Trouble {
        which: Which::FirstSends(usize::MAX),
        fault: Fault::Throttled,
    };
    let message = told(&fact(Reason::Today, noon()));
    world.worker(&[message], noon(), Some(trouble)).await;
    for n_tries in 1.. {
        let notification = world.earliest_open().await.unwrap();
        let due_at = notification.due_at().unwrap();
        let trouble = (n_tries < 5).then_some(trouble);
        world
            .worker(&[world::due(&notification)], due_at, trouble)
            .await;
        if trouble.is_none() {
            break;
        }
    }
    assert_eq!(world.state(Channel::Sms).await, "sent");
    world.move_shipment(Reason::NotHome).await;
    let later = noon() + SignedDuration::from_hours(3);
    world
        .done(&told(&fact(Reason::NotHome, later)), later)
        .await;
    assert_eq!(world.provider.count(Channel::Sms), 2);
}

#[tokio::test]
async fn a_text_goes_to_countries_of_the_shop_and_of_the_order_or_to_those_listed() {
    let is_sent = "sent";
    let is_not = "suppressed: text_country";
    for (phone, order_country, listed, expected) in [
        ("+12125550123", "US", None, is_sent),
        ("+447400123456", "US", None, is_not),
        ("+447400123456", "GB", None, is_sent),
        ("+447400123456", "US", Some(vec!["gb"]), is_sent),
        ("+12125550123", "US", Some(vec!["GB"]), is_not),
        ("+12125550123", "US", Some(vec![]), is_not),
        ("+18765550123", "US", None, is_not),
    ] {
        let world = World::with_shipment(Reason::Today).await;
        let mut settings = world::settings();
        settings.texts.countries =
            listed.map(|listed| listed.into_iter().map(ToOwned::to_owned).collect());
        world
            .settings
            .put_settings(&order().shop, &settings)
            .await
            .unwrap();
        let mut contact = world::contact();
        contact.phone = Some(phone.to_owned().try_into().unwrap());
        contact.country = Some(order_country.to_owned());
        world
            .contacts
            .put_contact(&order(), &contact)
            .await
            .unwrap();
        world
            .done(&told(&fact(Reason::Today, noon())), noon())
            .await;
        let last = world.history(Channel::Sms).await.pop();
        assert_eq!(last.as_deref(), Some(expected), "{phone}, {order_country}");
    }
}
