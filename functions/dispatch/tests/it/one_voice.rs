//! Two workers who tell of one order at the same time: in order, and not too often.

use crate::world::{
    self, Fate, World, fact, noon, order, told,
    wire::{Fault, Trouble, Which},
};
use jiff::SignedDuration;
use posthorn_domain::{
    fact::{Fact, FactEvent},
    id::{CarrierId, ShipmentIndex},
    notification::{DeferralReason, NotificationState},
    notification_type::{Channel, NotificationType},
    status::Reason,
    tracking_number::TrackingNumber,
};

/// A world whose customer has a mail address only.
async fn by_mail(reason: Reason) -> World {
    let world = World::with_shipment(reason).await;
    let mut contact = world::contact();
    contact.phone = None;
    world
        .contacts
        .put_contact(&order(), &contact)
        .await
        .unwrap();
    world
}

fn registered() -> Fact {
    let event = FactEvent::ShipmentRegistered {
        shipment: ShipmentIndex(1),
        carrier: CarrierId::parse("ups").unwrap(),
        tracking_number: TrackingNumber::parse("1Z999AA10123456784").ok(),
    };
    Fact::new(order(), 1, noon(), event)
}

/// What was sent by mail, as the log has it.
async fn sent(world: &World) -> Vec<NotificationType> {
    let ledger = world.ledger().await.into_iter();
    let sent = ledger.filter(|notification| {
        notification.channel == Channel::Email && world::is_sent(notification)
    });
    sent.map(|notification| notification.trigger.notification_type)
        .collect()
}

#[tokio::test]
async fn of_ready_and_moving_only_one_goes_out_once_it_is_scanned() {
    for _ in 0..10 {
        let world = by_mail(Reason::Moving).await;
        let (ready, moving) = (told(&registered()), told(&fact(Reason::Moving, noon())));
        let (one, other) = (std::slice::from_ref(&ready), std::slice::from_ref(&moving));
        tokio::join!(
            world.worker(one, noon(), None),
            world.worker(other, noon(), None)
        );
        world.settle(&ready, Fate::Again, noon(), true).await;
        world.settle(&moving, Fate::Again, noon(), true).await;
        let sent = sent(&world).await;
        let is_one = sent == [NotificationType::Shipped] || sent == [NotificationType::InTransit];
        assert!(is_one, "{sent:?}: {:#?}", world.ledger().await);
        assert_eq!(world.provider.count(Channel::Email), 1);
    }
}

#[tokio::test]
async fn moving_waits_for_a_ready_that_another_worker_has_claimed() {
    let world = by_mail(Reason::Moving).await;
    let trouble = Trouble {
        which: Which::FirstSends(1),
        fault: Fault::DiesAfter,
    };
    let ready = told(&registered());
    let (fate, _) = world
        .worker(std::slice::from_ref(&ready), noon(), Some(trouble))
        .await;
    assert_eq!(fate, Fate::Died);
    let moving = told(&fact(Reason::Moving, noon()));
    world
        .done(&moving, noon() + SignedDuration::from_secs(1))
        .await;
    let ledger = world.ledger().await;
    let waiting = ledger
        .iter()
        .find(|notification| notification.trigger.notification_type == NotificationType::InTransit);
    let state = &waiting.expect("it is decided on").state;
    let is_waiting = matches!(
        state,
        NotificationState::Deferred {
            reason: DeferralReason::Spacing,
            ..
        }
    );
    assert!(is_waiting, "{state:?}");
    world.settle(&ready, Fate::Again, noon(), true).await;
    assert_eq!(sent(&world).await, [NotificationType::Shipped]);
    assert_eq!(world.provider.count(Channel::Email), 1);
}

#[tokio::test]
async fn a_second_mail_waits_a_quarter_of_an_hour() {
    let world = by_mail(Reason::Today).await;
    let today = fact(Reason::Today, noon());
    world.done(&told(&today), noon()).await;
    world.move_shipment(Reason::DeliveredGeneric).await;
    let delivered = FactEvent::OrderStageChanged {
        stage: posthorn_domain::stage::OrderStage::Delivered,
        by: posthorn_domain::stage::StageSource::Shipments,
        previous: posthorn_domain::fact::PreviousStage { stage: None },
    };
    let later = noon() + SignedDuration::from_mins(5);
    let delivered = Fact::new(order(), 3, later, delivered);
    world.done(&told(&delivered), later).await;
    let ledger = world.ledger().await;
    let notification = ledger
        .iter()
        .find(|notification| notification.trigger.notification_type == NotificationType::Delivered);
    let notification = notification.expect("it is decided on");
    let due = notification.due_at().expect("it waits");
    let wait = due.duration_since(noon());
    assert!(wait >= SignedDuration::from_mins(15) && wait < SignedDuration::from_mins(16));
    assert_eq!(world.provider.count(Channel::Email), 1);
    world.done(&world::due(notification), due).await;
    assert_eq!(world.provider.count(Channel::Email), 2);
}
