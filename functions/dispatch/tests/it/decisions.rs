//! What is sent, put off or not sent at all, and that the ledger says why.

use crate::world::{
    self, World, fact, noon, order, told,
    wire::{Fault, Trouble, Which},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use posthorn_domain::{
    contact::PhoneNumber,
    fact::{Fact, FactEvent},
    id::{CarrierId, ShipmentIndex},
    moment::Channel,
    notification::{DeferralReason, NotificationState},
    status::Reason,
    tracking_number::TrackingNumber,
};
use posthorn_platform::store::{
    contacts::SuppressedAddress,
    pace::{PaceStore, TextCounter},
};

async fn history(world: &World, channel: Channel) -> Vec<String> {
    let notification = world
        .notification(channel)
        .await
        .expect("the decision is in the ledger");
    notification
        .history
        .into_iter()
        .map(|entry| entry.what)
        .collect()
}

#[tokio::test]
async fn a_text_without_consent_is_suppressed_with_its_reason() {
    let world = World::with_parcel(Reason::Today).await;
    let mut contact = world::contact();
    contact.consent.sms = false;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    assert_eq!(
        history(&world, Channel::Sms).await,
        ["suppressed: no_consent"]
    );
    assert_eq!(history(&world, Channel::Email).await, ["claimed", "sent"]);
}

#[tokio::test]
async fn a_suppressed_address_gets_nothing() {
    let world = World::with_parcel(Reason::Today).await;
    let entry = SuppressedAddress {
        reason: "bounce".to_owned(),
        at: noon(),
        source: "ses".to_owned(),
    };
    let shop = order().shop;
    // However the address is spelled by whoever reports it.
    world
        .contacts
        .suppress_address(&shop, Channel::Email, "Jane.Doe@Example.com", &entry)
        .await
        .unwrap();
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    assert_eq!(
        history(&world, Channel::Email).await,
        ["suppressed: address_suppressed"]
    );
    assert_eq!(world.provider.count(Channel::Email), 0);
    assert_eq!(world.provider.count(Channel::Sms), 1);
}

#[tokio::test]
async fn a_text_at_night_waits_for_the_morning_and_is_sent_then() {
    let world = World::with_parcel(Reason::Ready).await;
    let night: Timestamp = "2026-11-25T04:30:00Z".parse().unwrap();
    world.done(&told(&fact(Reason::Ready, night)), night).await;
    let notification = world.notification(Channel::Sms).await.unwrap();
    let NotificationState::Deferred { until, reason } = notification.state else {
        panic!("{notification:?}");
    };
    assert_eq!(
        until,
        "2026-11-25T13:00:00Z".parse().unwrap(),
        "eight o'clock in New York"
    );
    assert_eq!(reason, DeferralReason::QuietHours);
    // The sweep that comes too early changes nothing.
    world.done(&world::due(&notification), night).await;
    assert_eq!(world.provider.count(Channel::Sms), 0);
    world.done(&world::due(&notification), until).await;
    assert_eq!(world.provider.count(Channel::Sms), 1);
    // And a sweep that comes twice.
    world.done(&world::due(&notification), until).await;
    assert_eq!(world.provider.count(Channel::Sms), 1);
}

#[tokio::test]
async fn a_deferred_text_that_is_overtaken_is_not_sent() {
    let world = World::with_parcel(Reason::Ready).await;
    let night: Timestamp = "2026-11-25T04:30:00Z".parse().unwrap();
    world.done(&told(&fact(Reason::Ready, night)), night).await;
    let notification = world.notification(Channel::Sms).await.unwrap();
    world.move_parcel(Reason::Collected).await;
    let morning: Timestamp = "2026-11-25T13:00:00Z".parse().unwrap();
    world.done(&world::due(&notification), morning).await;
    let last = history(&world, Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: overtaken"));
    assert_eq!(world.provider.count(Channel::Sms), 0);
}

#[tokio::test]
async fn a_deferred_text_is_not_sent_to_who_has_withdrawn_consent() {
    let world = World::with_parcel(Reason::Ready).await;
    let night: Timestamp = "2026-11-25T04:30:00Z".parse().unwrap();
    world.done(&told(&fact(Reason::Ready, night)), night).await;
    let notification = world.notification(Channel::Sms).await.unwrap();
    let mut contact = world::contact();
    contact.phone = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let morning: Timestamp = "2026-11-25T13:00:00Z".parse().unwrap();
    world.done(&world::due(&notification), morning).await;
    let last = history(&world, Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: no_consent"));
}

#[tokio::test]
async fn what_comes_after_an_outage_of_days_is_too_late() {
    let world = World::with_parcel(Reason::Today).await;
    let later = noon() + SignedDuration::from_hours(40 * 24);
    world.done(&told(&fact(Reason::Today, noon())), later).await;
    for channel in [Channel::Email, Channel::Sms] {
        assert_eq!(history(&world, channel).await, ["suppressed: too_late"]);
    }
}

#[tokio::test]
async fn a_fact_about_an_erased_order_is_acknowledged() {
    let world = World::with_parcel(Reason::Today).await;
    let mut gone = fact(Reason::Today, noon());
    gone.order.order = posthorn_domain::id::OrderId::parse("9999").unwrap();
    world.done(&told(&gone), noon()).await;
    assert!(world.provider.accepted().is_empty());
}

#[tokio::test]
async fn an_unreadable_message_fails_alone() {
    let world = World::with_parcel(Reason::Today).await;
    let batch = [
        serde_json::json!({ "detail": { "type": "NeverHeardOf" } }),
        told(&fact(Reason::Today, noon())),
    ];
    let (fate, _) = world.worker(&batch, noon(), None).await;
    assert_eq!(fate, world::Fate::Again);
    assert_eq!(world.provider.accepted().len(), 2);
}

/// Two writes for a message that is sent: the claim and the mark (C1).
#[tokio::test]
async fn a_message_that_is_sent_costs_two_write_units() {
    let world = World::with_parcel(Reason::Today).await;
    let mut contact = world::contact();
    contact.phone = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let spent = world.spent(&told(&fact(Reason::Today, noon()))).await;
    assert_eq!((spent.table_writes, spent.index_writes), (2, 0));
}

#[tokio::test]
async fn two_facts_of_an_order_in_one_batch_fill_the_cap_together() {
    let world = World::with_parcel(Reason::Forwarded).await;
    let mut contact = world::contact();
    contact.phone = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let mut settings = world::settings();
    settings.caps.in_delivery_per_hour = 1;
    settings.caps.minutes_apart = 0;
    world
        .settings
        .put_settings(&order().shop, &settings)
        .await
        .unwrap();
    let registered = Fact::new(
        order(),
        1,
        noon(),
        FactEvent::ShipmentRegistered {
            shipment: ShipmentIndex(1),
            carrier: CarrierId::parse("ups").unwrap(),
            tracking_number: TrackingNumber::parse("1Z999AA10123456784").ok(),
        },
    );
    let batch = [told(&registered), told(&fact(Reason::Forwarded, noon()))];
    let (fate, _) = world.worker(&batch, noon(), None).await;
    assert_eq!(fate, world::Fate::Done);
    let mut states: Vec<_> = world
        .ledger()
        .await
        .into_iter()
        .map(|notification| notification.state.state_name())
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["deferred", "sent"]);
}

#[tokio::test]
async fn a_deferred_text_goes_to_the_number_as_it_was_corrected_meanwhile() {
    let world = World::with_parcel(Reason::Ready).await;
    let night: Timestamp = "2026-11-25T04:30:00Z".parse().unwrap();
    world.done(&told(&fact(Reason::Ready, night)), night).await;
    let notification = world.notification(Channel::Sms).await.unwrap();
    let mut contact = world::contact();
    contact.phone = Some(PhoneNumber::parse("+12125550199", None).unwrap());
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let morning: Timestamp = "2026-11-25T13:00:00Z".parse().unwrap();
    for _ in 0..2 {
        world.done(&world::due(&notification), morning).await;
    }
    let texts: Vec<String> = world
        .provider
        .accepted()
        .into_iter()
        .filter(|message| message.channel == Channel::Sms)
        .map(|message| message.to)
        .collect();
    assert_eq!(texts, ["+12125550199"]);
    let old = world
        .notifications
        .get_notification(&order(), &notification.id)
        .await
        .unwrap();
    assert_eq!(
        old.unwrap().state.describe_state(),
        "suppressed: address_changed"
    );
}

#[tokio::test]
async fn a_shop_sends_so_many_texts_on_a_day_and_no_more() {
    let world = World::with_parcel(Reason::Today).await;
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
    world.move_parcel(Reason::NotHome).await;
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
    let world = World::with_parcel(Reason::Today).await;
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
    world.move_parcel(Reason::NotHome).await;
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
        let world = World::with_parcel(Reason::Today).await;
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
        let last = history(&world, Channel::Sms).await.pop();
        let case = format!("{shop_country}, {listed:?}, {per_day}, {abroad_per_day}");
        assert_eq!(last.as_deref(), Some(expected), "{case}");
    }
}

/// A paused account refuses for hours: the tries of one text must not use up the day.
#[tokio::test]
async fn a_text_counts_once_however_often_it_is_tried() {
    let world = World::with_parcel(Reason::Today).await;
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
    world.move_parcel(Reason::NotHome).await;
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
        let world = World::with_parcel(Reason::Today).await;
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
        let last = history(&world, Channel::Sms).await.pop();
        assert_eq!(last.as_deref(), Some(expected), "{phone}, {order_country}");
    }
}

/// SNS says that the number has answered STOP: nothing goes there any more.
#[tokio::test]
async fn a_number_that_has_opted_out_is_suppressed_as_stop() {
    let world = World::with_parcel(Reason::Today).await;
    let mut contact = world::contact();
    contact.email = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    let trouble = Trouble {
        which: Which::FirstSends(1),
        fault: Fault::OptedOut,
    };
    let message = told(&fact(Reason::Today, noon()));
    world.worker(&[message], noon(), Some(trouble)).await;
    let last = history(&world, Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: stop"));
    world.move_parcel(Reason::NotHome).await;
    let later = noon() + SignedDuration::from_hours(3);
    world
        .done(&told(&fact(Reason::NotHome, later)), later)
        .await;
    let ledger = world.ledger().await;
    assert!(
        ledger
            .iter()
            .all(|notification| notification.state.describe_state() == "suppressed: stop"),
        "{ledger:?}"
    );
    assert!(world.provider.accepted().is_empty());
}

#[tokio::test]
async fn a_shipment_that_cannot_be_read_keeps_no_message_about_another_back() {
    let world = World::with_parcel(Reason::Today).await;
    let second = posthorn_domain::shipment::Shipment {
        shipment: ShipmentIndex(2),
        ..world::parcel(Reason::Today)
    };
    let added = world.intake.add_shipments(&order(), &[second], None).await;
    added.unwrap();
    let spoiled = ["ORDER#acme#1001", "SHIPMENT#0002"];
    world
        .dynamo
        .set_text("Orders", spoiled, "reason", "beamed up")
        .await;
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    assert_eq!(history(&world, Channel::Email).await, ["claimed", "sent"]);
    // It is not gone: the message about it comes again, and is not called overtaken.
    let mut about_it = fact(Reason::Today, noon());
    let FactEvent::ShipmentStatusChanged { shipment, .. } = &mut about_it.event else {
        panic!("{about_it:?}");
    };
    *shipment = ShipmentIndex(2);
    let (fate, _) = world.worker(&[told(&about_it)], noon(), None).await;
    assert_eq!(fate, world::Fate::Again);
}
