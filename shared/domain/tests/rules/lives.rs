//! Lives of orders, made up by chance: one to three shipments, each with a story of
//! the sandbox, polled now and then, told of by two workers, with messages of the
//! queue that linger, come in any order and twice. What the rules for customers
//! promise holds in each.

use crate::{
    fixtures::{at, scan},
    queue::World,
    story::{Step, Story},
    workers::assert_one_voice,
};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use posthorn_domain::{
    notification_type::{Channel, NotificationType},
    scan::Scan,
    status::ShipmentStatus,
};

/// What happens at which hour, as the sandbox has it.
const STORIES: &[(&str, &[(i64, &str)])] = &[
    ("STRAIGHT", STRAIGHT),
    (
        "DELAYED",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (8, "in_transit.departure_scan"),
            (26, "delayed.weather"),
            (50, "in_transit.departure_scan"),
            (68, "out_for_delivery.today"),
            (74, "delivered.signed"),
        ],
    ),
    (
        "EXCEPTION",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (26, "exception.bad_address"),
            (50, "in_transit.resolved"),
            (68, "out_for_delivery.today"),
            (74, "delivered.generic"),
        ],
    ),
    (
        "RETURNED",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (44, "out_for_delivery.today"),
            (47, "exception.refused"),
            (52, "returning.to_sender"),
            (70, "in_transit.arrival_scan"),
            (90, "delivered.generic"),
        ],
    ),
    (
        "LOST",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (26, "in_transit.departure_scan"),
            (100, "exception.lost"),
        ],
    ),
    (
        "PICKUP",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (38, "in_transit.arrival_scan"),
            (46, "available_for_pickup.ready"),
            (70, "delivered.picked_up"),
        ],
    ),
    (
        "ATTEMPT",
        &[
            (0, "info_received.label"),
            (4, "picked_up.accepted"),
            (44, "out_for_delivery.today"),
            (46, "attempt_failed.not_home"),
            (68, "out_for_delivery.today"),
            (72, "delivered.generic"),
        ],
    ),
    (
        "APPOINTMENT",
        &[
            (2, "picked_up.accepted"),
            (30, "out_for_delivery.contacted"),
            (32, "out_for_delivery.appointment"),
            (68, "out_for_delivery.today"),
            (72, "delivered.generic"),
        ],
    ),
];

const STRAIGHT: &[(i64, &str)] = &[
    (0, "info_received.label"),
    (4, "picked_up.accepted"),
    (8, "in_transit.departure_scan"),
    (20, "in_transit.arrival_scan"),
    (44, "out_for_delivery.today"),
    (50, "delivered.generic"),
];

/// A die that falls the same way each time.
struct Die(u64);

impl Die {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn is_lucky(&mut self, in_ten: u64) -> bool {
        self.throw(10) < in_ten
    }
}

#[derive(Clone)]
enum Event {
    Order,
    Register,
    Poll(usize, Vec<Scan>),
}

fn clock(at: Timestamp) -> &'static str {
    let text = Offset::UTC
        .to_datetime(at)
        .strftime("%-d %H:%M:%S")
        .to_string();
    Box::leak(text.into_boxed_str())
}

fn step(what: &'static str, at: Timestamp) -> Step {
    Step {
        what,
        at: clock(at),
    }
}

/// What happens to an order with shipments of these stories, in order of time.
fn events(stories: &[&[(i64, &'static str)]], die: &mut Die) -> Vec<(Timestamp, Event)> {
    let placed = at("2 08:00:00");
    let mut events = vec![(placed, Event::Order)];
    let mut registered = placed;
    for (index, story) in stories.iter().enumerate() {
        let waits = [0, 1, 30, 3_600, 26 * 3_600];
        let choice = usize::try_from(die.throw(5)).unwrap();
        registered += SignedDuration::from_secs(waits[choice]);
        events.push((registered, Event::Register));
        // A scan is told with the next poll, perhaps together with the one after it.
        let mut waiting = Vec::new();
        for (hour, what) in *story {
            let happened = registered + SignedDuration::from_hours(*hour);
            waiting.push(scan(what, clock(happened)));
            if die.is_lucky(8) || *hour > 40 {
                let lag = i64::try_from(die.throw(40)).unwrap();
                let polled =
                    happened + SignedDuration::from_mins(lag) + SignedDuration::from_secs(2);
                events.push((polled, Event::Poll(index, std::mem::take(&mut waiting))));
            }
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Lets time pass until then: workers work as chance has it, and what is due is
/// swept in its minute.
fn pass(world: &mut World, then: Timestamp, die: &mut Die) {
    loop {
        let lingers = world.is_idle() || (die.is_lucky(1) && !world.is_at_work());
        if lingers {
            match world.next_due().filter(|due| *due <= then) {
                Some(due) => world.sweep(due),
                None => return,
            }
        }
        for _ in 0..20 {
            let worker = usize::try_from(die.throw(2)).unwrap();
            let choices = world.choices(worker);
            if choices > 0 {
                let choice = die.throw(u64::try_from(choices).unwrap());
                world.work(worker, usize::try_from(choice).unwrap());
            }
        }
    }
}

fn live(stories: &[&[(i64, &'static str)]], seed: u64) -> World {
    let mut die = Die(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut story = Story::new();
    let placed = at("2 08:00:00");
    story.now = placed;
    story.order.placed_at = placed;
    story.order.created_at = placed;
    story.order.stages[0].at = placed;
    let mut world = World::new(story);
    for (at, event) in events(stories, &mut die) {
        pass(&mut world, at, &mut die);
        match event {
            Event::Order => world.happen(&step("order", at)),
            Event::Register => world.happen(&step("parcel", at)),
            Event::Poll(index, told) => world.poll(index, &told, at),
        }
        if die.is_lucky(1) {
            world.double();
        }
    }
    world.finish();
    world
}

/// What holds in each life.
fn check(world: &World, names: &[&str], seed: u64) {
    let context = || format!("{names:?}, seed {seed}: {:#?}", world.fates());
    assert_one_voice(world);
    for sent in &world.sent {
        if sent.notification.trigger.notification_type == NotificationType::OutForDelivery {
            let today = Offset::UTC.to_datetime(sent.at).date().to_string();
            assert_eq!(sent.notification.trigger.repeat, today, "{}", context());
        }
    }
    let is_delivered = |status: ShipmentStatus| status == ShipmentStatus::Delivered;
    let mails = world.told(Channel::Email);
    if world
        .story
        .shipments
        .iter()
        .all(|shipment| is_delivered(shipment.current_status()))
    {
        let n_ends = mails
            .iter()
            .filter(|moment| **moment == NotificationType::Delivered)
            .count();
        let last = mails.last();
        assert!(
            n_ends >= 1 && last == Some(&NotificationType::Delivered),
            "{mails:?} {}",
            context()
        );
    }
    let is_of_shipments = |moment: &NotificationType| *moment != NotificationType::OrderReceived;
    assert!(mails.iter().any(is_of_shipments), "{mails:?} {}", context());
}

#[test]
fn in_every_life_the_customer_is_told_in_order_and_not_too_often() {
    let mut die = Die(20_261_130);
    let mut most = [[0; 2]; 4];
    for seed in 0..3_000 {
        let n_shipments = 1 + usize::try_from(die.throw(3)).unwrap();
        let chosen: Vec<_> = (0..n_shipments)
            .map(|_| STORIES[usize::try_from(die.throw(8)).unwrap()])
            .collect();
        let stories: Vec<_> = chosen.iter().map(|(_, story)| *story).collect();
        let names: Vec<_> = chosen.iter().map(|(name, _)| *name).collect();
        let world = live(&stories, seed);
        check(&world, &names, seed);
        for (index, channel) in Channel::ALL.iter().enumerate() {
            most[n_shipments][index] = most[n_shipments][index].max(world.told(*channel).len());
        }
    }
    insta::assert_debug_snapshot!(most);
}

/// Today's presets tell "it is moving" of what was only announced, which makes a
/// fifth mail of a life that begins with a label; all else is within four.
#[test]
fn a_plain_shipment_is_worth_four_mails_and_three_texts() {
    for seed in 0..500 {
        let world = live(&[STRAIGHT], seed);
        check(&world, &["STRAIGHT"], seed);
        let mails = world.told(Channel::Email);
        let besides = mails
            .iter()
            .filter(|moment| **moment != NotificationType::InTransit);
        assert!(besides.count() <= 4, "{mails:?}");
        assert!(world.told(Channel::Sms).len() <= 3);
        assert!(mails.len() <= 5, "{mails:?}");
    }
}
