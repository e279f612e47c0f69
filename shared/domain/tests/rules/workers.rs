//! Two workers who tell of one order at the same time: in every interleaving with
//! each other and with what happens to the order meanwhile the customer is told in
//! order, once, and not too often.

use crate::{
    fixtures::{at, scan},
    queue::{Job, Sent, World},
    story::{Step, Story, journey},
};
use jiff::SignedDuration;
use posthorn_domain::{
    notification::{DeferralReason, Notification},
    notification_type::{Channel, NotificationType},
    policy,
};

/// What holds of everything that a customer was told: each message once, in order,
/// and not two within a quarter of an hour unless the second asks for something.
pub(crate) fn assert_one_voice(world: &World) {
    for channel in Channel::ALL {
        let told: Vec<&Sent> = world
            .sent
            .iter()
            .filter(|sent| sent.notification.channel == *channel)
            .collect();
        for (index, later) in told.iter().enumerate() {
            for earlier in &told[..index] {
                assert_may_follow(world, earlier, later);
            }
        }
    }
}

#[track_caller]
fn assert_may_follow(world: &World, earlier: &Sent, later: &Sent) {
    let what = || {
        let (one, other) = (&earlier.notification, &later.notification);
        format!(
            "{:?} at {}, then {:?} at {}: {:#?}",
            one.trigger,
            earlier.at,
            other.trigger,
            later.at,
            world.fates()
        )
    };
    assert_ne!(
        earlier.notification.id,
        later.notification.id,
        "twice: {}",
        what()
    );
    let apart = later.at.duration_since(earlier.at);
    let least = SignedDuration::from_mins(world.story.settings.caps.minutes_apart.into());
    assert!(
        apart >= least || asks(&later.notification),
        "too close: {}",
        what()
    );
    let (one, other) = (&earlier.notification, &later.notification);
    let is_same = one.trigger.shipment == other.trigger.shipment;
    let is_older = is_same && other.basis.version < one.basis.version;
    let (moment, before) = (
        other.trigger.notification_type,
        one.trigger.notification_type,
    );
    let is_out_of_order = is_older && moment.is_superseded_by(before);
    assert!(!is_out_of_order, "out of order: {}", what());
    let is_known = (before, moment) == (NotificationType::Shipped, NotificationType::InTransit)
        && other
            .trigger
            .shipment
            .is_some_and(|shipment| one.basis.scanned.contains(&shipment));
    assert!(
        !is_known || apart >= SignedDuration::from_hours(12),
        "says no more: {}",
        what()
    );
    let is_beginning =
        moment == NotificationType::OrderReceived && before != NotificationType::PaymentConfirmed;
    assert!(!is_beginning, "the beginning at last: {}", what());
}

fn asks(notification: &Notification) -> bool {
    matches!(
        notification.trigger.notification_type,
        NotificationType::AttemptFailed
            | NotificationType::AvailableForPickup
            | NotificationType::CustomsInfoRequired
    ) || notification.trigger.repeat == "exception.bad_address"
}

/// Visits every interleaving of two workers with each other and with `steps`, and
/// checks each to its end. Gives how many there were, and what was told in each.
fn explore(story: Story, steps: &[Step], check: &mut dyn FnMut(&World)) -> usize {
    fn visit(world: &World, steps: &[Step], check: &mut dyn FnMut(&World)) -> usize {
        let mut n_worlds = 0;
        let mut is_over = true;
        if let Some((step, rest)) = steps.split_first() {
            is_over = false;
            let mut next = world.clone();
            next.happen(step);
            n_worlds += visit(&next, rest, check);
        }
        for worker in 0..2 {
            // Two idle workers are alike.
            let is_twin = worker == 1 && !world.is_at_work();
            for choice in 0..world.choices(worker) {
                is_over = false;
                if is_twin {
                    continue;
                }
                let mut next = world.clone();
                next.work(worker, choice);
                n_worlds += visit(&next, steps, check);
            }
        }
        if is_over {
            let mut end = world.clone();
            end.finish();
            assert_one_voice(&end);
            check(&end);
            n_worlds += 1;
        }
        n_worlds
    }
    visit(&World::new(story), steps, check)
}

/// A customer with a mail address only, so that one channel is looked at.
fn by_mail() -> Story {
    let mut story = Story::new();
    story.contact.phone = None;
    story
}

#[track_caller]
fn check_all(story: Story, steps: &[Step], allowed: &[&[NotificationType]]) {
    let mut met = vec![false; allowed.len()];
    let n_worlds = explore(story, steps, &mut |world| {
        let told = world.told(Channel::Email);
        let which = allowed.iter().position(|allowed| *allowed == told);
        let Some(which) = which else {
            panic!("told {told:?}: {:#?}", world.fates());
        };
        met[which] = true;
    });
    assert!(n_worlds > 5, "{n_worlds} interleavings only");
    assert!(
        met.iter().all(|met| *met),
        "never told: {met:?} of {allowed:?}"
    );
}

#[test]
fn ready_and_moving_are_told_in_order_or_as_one() {
    use NotificationType::{InTransit, Shipped};
    // Either "ready" goes out before it is scanned, and "moving" follows; or one of
    // the two says that it is on its way.
    check_all(
        by_mail(),
        &journey!["parcel" @ "22 09:00:00", "in_transit" @ "22 09:00:01"],
        &[&[Shipped, InTransit], &[Shipped], &[InTransit]],
    );
}

#[test]
fn received_and_shipped_in_one_second_are_told_in_order() {
    use NotificationType::{OrderReceived, Shipped};
    check_all(
        by_mail(),
        &journey!["order" @ "22 08:00:00", "parcel" @ "22 08:00:01"],
        &[&[OrderReceived, Shipped], &[Shipped]],
    );
}

#[test]
fn what_one_poll_brings_is_one_message() {
    let mut story = by_mail();
    story.play(&journey!["parcel" @ "22 09:00", "in_transit" @ "22 12:00", "eta 25" @ "22 13:00"]);
    story.ledger.clear();
    let scans = [
        scan("delayed.weather", "23 10:00"),
        scan("exception.bad_address", "23 10:01"),
    ];
    story.deliver(&scans, "23 10:05");
    assert!(story.facts.len() > 1, "{:?}", story.facts);
    let facts = std::mem::take(&mut story.facts);
    let mut world = World::new(story);
    world
        .jobs
        .extend(facts.into_iter().map(Box::new).map(Job::Tell));
    let mut n_worlds = 0;
    explore_from(&world, &mut |end| {
        assert_eq!(
            end.told(Channel::Email),
            [NotificationType::Exception],
            "{:#?}",
            end.fates()
        );
        n_worlds += 1;
    });
    assert!(n_worlds > 5);
}

/// The same from a world in which the jobs are in the queue already.
fn explore_from(world: &World, check: &mut dyn FnMut(&World)) {
    let mut is_over = true;
    for worker in 0..2 {
        for choice in 0..world.choices(worker) {
            is_over = false;
            let mut next = world.clone();
            next.work(worker, choice);
            explore_from(&next, check);
        }
    }
    if is_over {
        let mut end = world.clone();
        end.finish();
        assert_one_voice(&end);
        check(&end);
    }
}

#[test]
fn shipments_of_one_write_are_announced_in_one_message() {
    use NotificationType::{OrderReceived, Shipped};
    let mut story = by_mail();
    for step in
        journey!["parcel" @ "22 08:00:00", "parcel" @ "22 08:00:00", "order" @ "22 08:00:00"]
    {
        story.step(&step);
    }
    let facts = std::mem::take(&mut story.facts);
    let mut world = World::new(story);
    world
        .jobs
        .extend(facts.into_iter().map(Box::new).map(Job::Tell));
    explore_from(&world, &mut |end| {
        let told = end.told(Channel::Email);
        assert!(
            told == [Shipped],
            "{told:?} with {OrderReceived}: {:#?}",
            end.fates()
        );
    });
}

#[test]
fn a_shipment_added_after_the_delivery_is_announced_in_every_interleaving() {
    let mut story = by_mail();
    story.settings.caps.minutes_apart = 0;
    story.play(&journey!["parcel" @ "22 09:00", "delivered" @ "22 12:00"]);
    story.is_rolled_up_later = true;
    let mut n_worlds = 0;
    explore(
        story,
        &journey!["parcel" @ "22 12:01", "rollup" @ "22 12:01:01"],
        &mut |world| {
            assert_eq!(
                world.told(Channel::Email),
                [NotificationType::Shipped],
                "{:#?}",
                world.fates()
            );
            n_worlds += 1;
        },
    );
    assert!(n_worlds > 5);
}

#[test]
fn the_same_is_so_if_the_shop_itself_said_delivered() {
    let mut story = by_mail();
    story.settings.caps.minutes_apart = 0;
    story.play(&journey!["parcel" @ "22 09:00", "shop delivered" @ "22 12:00"]);
    explore(story, &journey!["parcel" @ "22 12:01"], &mut |world| {
        assert_eq!(
            world.told(Channel::Email),
            [NotificationType::Shipped],
            "{:#?}",
            world.fates()
        );
    });
}

#[test]
fn two_shipments_that_come_on_one_day_are_told_of_in_one_message() {
    let mut story = by_mail();
    story.play(&journey!["parcel" @ "22 09:00", "parcel" @ "22 10:00"]);
    story.step(&journey!["out_for_delivery" @ "23 08:00:00"][0]);
    story.step(&journey!["2: out_for_delivery" @ "23 08:00:00"][0]);
    let facts = std::mem::take(&mut story.facts);
    let mut world = World::new(story);
    world.story.now = at("23 08:00:01");
    world
        .jobs
        .extend(facts.into_iter().map(Box::new).map(Job::Tell));
    explore_from(&world, &mut |end| {
        let told = end.told(Channel::Email);
        assert_eq!(
            told,
            [NotificationType::OutForDelivery],
            "{:#?}",
            end.fates()
        );
    });
}

#[test]
fn a_ready_that_was_put_off_is_not_told_after_moving() {
    for reason in [
        DeferralReason::Provider,
        DeferralReason::Cap,
        DeferralReason::QuietHours,
    ] {
        let mut story = by_mail();
        story.step(&journey!["parcel" @ "22 09:00"][0]);
        let fact = story.facts.remove(0);
        story.facts.clear();
        let proposal = policy::propose_notifications(&fact, &story.view(), story.now).remove(0);
        let draft = proposal.to_draft(&story.order.key, &fact.id);
        story
            .ledger
            .push(draft.to_deferred(at("22 15:00"), reason, at("22 09:00")));
        story.play(&journey!["in_transit" @ "22 12:00", "wait" @ "22 18:00"]);
        assert_eq!(story.told, ["email in_transit"], "{:#?}", story.fates());
        let fates = story.fates();
        assert!(
            fates.contains(&"email shipped: suppressed: overtaken".to_owned()),
            "{fates:#?}"
        );
    }
}
