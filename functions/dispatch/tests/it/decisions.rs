//! What is sent, put off or not sent at all, and that the ledger says why.

use crate::world::{
    self, World, fact, noon, order, told,
    wire::{Fault, Trouble, Which},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    contact::PhoneNumber,
    fact::{Fact, FactEvent},
    id::{CarrierId, ShipmentIndex},
    notification::{DeferralReason, NotificationState},
    notification_type::Channel,
    status::Reason,
    tracking_number::TrackingNumber,
};
use posthorn_platform::store::contacts::SuppressedAddress;

#[tokio::test]
async fn a_text_without_consent_is_suppressed_with_its_reason() {
    let world = World::with_shipment(Reason::Today).await;
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
        world.history(Channel::Sms).await,
        ["suppressed: no_consent"]
    );
    assert_eq!(world.history(Channel::Email).await, ["claimed", "sent"]);
}

#[tokio::test]
async fn a_suppressed_address_gets_nothing() {
    let world = World::with_shipment(Reason::Today).await;
    let entry = SuppressedAddress {
        reason: "bounce".to_owned(),
        at: noon(),
        source: "ses".to_owned(),
    };
    let shop = order().shop;
    // However the reporting system spells the address.
    world
        .contacts
        .suppress_address(&shop, Channel::Email, "Jane.Doe@Example.com", &entry)
        .await
        .unwrap();
    world
        .done(&told(&fact(Reason::Today, noon())), noon())
        .await;
    assert_eq!(
        world.history(Channel::Email).await,
        ["suppressed: address_suppressed"]
    );
    assert_eq!(world.provider.count(Channel::Email), 0);
    assert_eq!(world.provider.count(Channel::Sms), 1);
}

#[tokio::test]
async fn a_text_at_night_waits_for_the_morning_and_is_sent_then() {
    let world = World::with_shipment(Reason::Ready).await;
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
    let world = World::with_shipment(Reason::Ready).await;
    let night: Timestamp = "2026-11-25T04:30:00Z".parse().unwrap();
    world.done(&told(&fact(Reason::Ready, night)), night).await;
    let notification = world.notification(Channel::Sms).await.unwrap();
    world.move_shipment(Reason::Collected).await;
    let morning: Timestamp = "2026-11-25T13:00:00Z".parse().unwrap();
    world.done(&world::due(&notification), morning).await;
    let last = world.history(Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: overtaken"));
    assert_eq!(world.provider.count(Channel::Sms), 0);
}

#[tokio::test]
async fn a_deferred_text_is_not_sent_to_who_has_withdrawn_consent() {
    let world = World::with_shipment(Reason::Ready).await;
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
    let last = world.history(Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: no_consent"));
}

#[tokio::test]
async fn what_comes_after_an_outage_of_days_is_too_late() {
    let world = World::with_shipment(Reason::Today).await;
    let later = noon() + SignedDuration::from_hours(40 * 24);
    world.done(&told(&fact(Reason::Today, noon())), later).await;
    for channel in [Channel::Email, Channel::Sms] {
        assert_eq!(world.history(channel).await, ["suppressed: too_late"]);
    }
}

#[tokio::test]
async fn a_fact_about_an_erased_order_is_acknowledged() {
    let world = World::with_shipment(Reason::Today).await;
    let mut gone = fact(Reason::Today, noon());
    gone.order.order = posthorn_domain::id::OrderId::parse("9999").unwrap();
    world.done(&told(&gone), noon()).await;
    assert!(world.provider.accepted().is_empty());
}

#[tokio::test]
async fn an_unreadable_message_fails_alone() {
    let world = World::with_shipment(Reason::Today).await;
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
    let world = World::with_shipment(Reason::Today).await;
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
    let world = World::with_shipment(Reason::Forwarded).await;
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
    let world = World::with_shipment(Reason::Ready).await;
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

/// SNS says that the number has answered STOP: nothing goes there any more.
#[tokio::test]
async fn a_number_that_has_opted_out_is_suppressed_as_stop() {
    let world = World::with_shipment(Reason::Today).await;
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
    let last = world.history(Channel::Sms).await.pop();
    assert_eq!(last.as_deref(), Some("suppressed: stop"));
    world.move_shipment(Reason::NotHome).await;
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
    let world = World::with_shipment(Reason::Today).await;
    let second = posthorn_domain::shipment::Shipment {
        shipment: ShipmentIndex(2),
        ..world::new_shipment(Reason::Today)
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
    assert_eq!(world.history(Channel::Email).await, ["claimed", "sent"]);
    // It is not gone: the message about it comes again, and is not called overtaken.
    let mut about_it = fact(Reason::Today, noon());
    let FactEvent::ShipmentStatusChanged { shipment, .. } = &mut about_it.event else {
        panic!("{about_it:?}");
    };
    *shipment = ShipmentIndex(2);
    let (fate, _) = world.worker(&[told(&about_it)], noon(), None).await;
    assert_eq!(fate, world::Fate::Again);
}
