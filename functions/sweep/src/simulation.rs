//! A day of 100,000 shipments on a fake clock: the sweep's plan, room and rota, the
//! carriers' own profiles, the ledger, purses, breakers and errands of `poll`, and
//! the domain's cadences and ends, all as they are; with a store, a queue and
//! answers made of memory. It shows that no shipment is late whose carrier allows to
//! ask in time, that no limit is exceeded in any window, and that of what is
//! allowed nearly all is used where more is due. Left out: what the client does
//! within a request (logins, three attempts), and that a ticket takes two. What a
//! sweep has time and room for is charged in [`outage`].

mod life;
mod outage;
mod seen;
mod world;

use posthorn_carriers::{
    CarrierErrorKind,
    profile::{Period, Unit},
};
use std::{ops::Range, time::Duration};
use world::{MINUTE, PROCESSES, SHOP, World};

/// Lets `hours` pass; in the minutes of `outage` no sweep runs.
async fn live(world: &mut World, hours: i64, outage: Range<i64>) {
    let mut watermark = -MINUTE;
    for minute in 0..hours * 60 {
        let time = minute * MINUTE;
        world.poll(time);
        world.register(time);
        if !outage.contains(&minute) {
            world.sweep(watermark, time).await;
            watermark = time;
        }
    }
    world.poll(hours * 60 * MINUTE);
    world.seen.calls.sort_unstable();
}

fn worlds() -> impl Iterator<Item = World> {
    (0..SHOP.len()).map(World::new)
}

#[track_caller]
fn keeps_its_limits(world: &World) {
    for quota in world.profile.quotas {
        let most = world.most(quota);
        let limit = usize::try_from(quota.limit).unwrap();
        assert!(most <= limit, "{}: {most} of {limit}", world.profile.id);
    }
}

#[tokio::test]
async fn a_day_of_a_hundred_thousand_shipments() {
    let mut report = vec![World::HEAD.to_owned()];
    let (mut n_polls, mut n_calls) = (0, 0);
    let mut lived = Vec::new();
    for mut world in worlds() {
        live(&mut world, 24, 0..0).await;
        report.push(world.report(24));
        n_polls += world.seen.numbers;
        n_calls += world.seen.calls.len();
        lived.push(world);
    }
    report.push(format!(
        "{n_polls} polls in {n_calls} calls: batches saved {} requests",
        n_polls - n_calls
    ));
    eprintln!("{}", report.join("\n"));
    assert_eq!(
        lived
            .iter()
            .map(|world| world.shipments.len())
            .sum::<usize>(),
        100_000
    );
    for world in &lived {
        keeps_its_limits(world);
        if world.is_enough {
            is_never_late(world);
            ends_what_is_over(world);
        } else {
            uses_what_it_may_and_is_fair(world);
        }
    }
}

#[track_caller]
fn is_never_late(world: &World) {
    let (id, seen) = (world.profile.id, &world.seen);
    assert!(seen.late <= 2 * MINUTE, "{id}: {} ms late", seen.late);
    let first = seen.late_first;
    assert!(
        first <= 2 * MINUTE,
        "{id}: {first} ms before the first look"
    );
    assert_eq!(seen.dropped, 0, "{id}");
    let mut followed = world
        .shipments
        .iter()
        .filter(|shipment| !shipment.began_over);
    assert!(followed.all(|shipment| shipment.polls > 0), "{id}");
    assert_eq!(world.without_last_look(), 0, "{id}");
}

#[track_caller]
fn ends_what_is_over(world: &World) {
    let (id, seen) = (world.profile.id, &world.seen);
    assert!(
        seen.forgotten > 0 && seen.next_day > 0 && seen.last > 0,
        "{id}"
    );
    let is_post = matches!(id, "australia_post" | "laposte" | "usps");
    assert!(seen.expired > 0 || is_post, "{id} gives no shipment up");
}

#[track_caller]
fn uses_what_it_may_and_is_fair(world: &World) {
    let (id, share) = (world.profile.id, world.share(24));
    assert!((95..=100).contains(&share), "{id} uses {share} %");
    for cadence in world.slots.keys() {
        let stayed = || {
            let shipments = world.shipments.iter();
            shipments.filter(|shipment| shipment.cadence == Some(*cadence) && shipment.has_stayed())
        };
        let polls = || stayed().map(|shipment| shipment.polls);
        let (Some(least), Some(most)) = (polls().min(), polls().max()) else {
            continue;
        };
        // Who was turned away three times waits for his next turn.
        let allowed = least + 2 + least / 12;
        assert!(most <= allowed, "{id} {cadence}: {least} to {most} polls");
    }
}

#[tokio::test]
async fn what_waited_while_no_sweep_ran_breaks_no_limit() {
    for mut world in worlds().skip(3) {
        live(&mut world, 8, 60..240).await;
        keeps_its_limits(&world);
        let id = world.profile.id;
        assert!(world.lines.is_empty() || !world.is_enough, "{id}");
    }
}

#[tokio::test]
async fn who_says_when_to_come_back_is_left_alone_until_then() {
    let blocked = 120 * MINUTE..128 * MINUTE;
    for mut world in worlds().skip(1).take(4) {
        world.trouble = Some((
            blocked.clone(),
            CarrierErrorKind::RateLimited { after: None },
        ));
        live(&mut world, 4, 0..0).await;
        let id = world.profile.id;
        keeps_its_limits(&world);
        // Each process has to be told once; then all know.
        let n_calls = world.calls_in(&blocked);
        assert!((1..=PROCESSES).contains(&n_calls), "{id}: {n_calls} calls");
        let late = world.seen.late / MINUTE;
        // Who was turned away three times by what is left waits for his next turn.
        assert!(late <= 8 + 15 + 2, "{id}: {late} minutes late");
        assert_eq!(world.pause, None, "{id}");
        assert!(world.lines.is_empty(), "{id}");
    }
}

#[tokio::test]
async fn a_carrier_that_is_down_is_probed_and_caught_up_with() {
    let down = 60 * MINUTE..240 * MINUTE;
    for mut world in worlds().take(4) {
        world.trouble = Some((down.clone(), CarrierErrorKind::Unavailable));
        live(&mut world, 8, 0..0).await;
        let id = world.profile.id;
        keeps_its_limits(&world);
        // Three rounds of each process, what was under way and comes back three
        // times, probes that are ever farther apart.
        let n_calls = world.calls_in(&down);
        assert!(
            n_calls <= 300,
            "{id}: {n_calls} calls to a carrier that is down"
        );
        // Three hours of outage, one at most until the next look, and three for
        // those that were asked after in vain and wait for their next turn.
        let late = world.seen.late / MINUTE;
        assert!(late <= 180 + 60 + 180, "{id}: {late} minutes late");
        assert_eq!(world.pause, None, "{id}");
        assert!(world.lines.is_empty(), "{id}");
    }
}

#[test]
fn the_limits_are_those_of_the_carriers() {
    let of = |id: &str| {
        let world = worlds().find(|world| world.profile.id == id).unwrap();
        world.profile.quotas
    };
    let in_numbers = of("dhl_parcel_de")
        .iter()
        .find(|quota| quota.unit == Unit::Numbers);
    assert_eq!(in_numbers.unwrap().limit, 10_000);
    let hour = Period::Rolling(Duration::from_hours(1));
    assert!(
        of("usps")
            .iter()
            .any(|quota| quota.limit == 60 && quota.period == hour)
    );
}
