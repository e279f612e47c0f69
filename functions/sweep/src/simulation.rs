//! A day of 100,000 parcels on a fake clock: the sweep's plan and rota, the
//! ledger and the purses as they are, with a store, a queue and carriers made
//! of memory. It shows that no parcel is late whose carrier allows to ask in
//! time, that no limit is exceeded in any window, and that of what is allowed
//! nearly all is used where more is due.

mod world;

use world::{CARRIERS, MINUTE, World};

/// Lets `hours` pass; in the minutes of `outage` nobody sweeps.
async fn live(world: &mut World, hours: i64, outage: std::ops::Range<i64>) {
    let mut watermark = -MINUTE;
    for minute in 0..hours * 60 {
        let time = minute * MINUTE;
        world.poll(time);
        if !outage.contains(&minute) {
            world.sweep(watermark, time).await;
            watermark = time;
        }
    }
    world.poll(hours * 60 * MINUTE);
    world.seen.calls.sort_unstable();
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
async fn a_day_of_a_hundred_thousand_parcels() {
    let mut report = vec![
        "carrier         parcels   polls   calls   saved   used     late   urgent  leases returned dropped".to_owned(),
    ];
    let (mut n_polls, mut n_calls) = (0, 0);
    let mut worlds = Vec::new();
    for index in 0..CARRIERS.len() {
        let mut world = World::new(index);
        live(&mut world, 24, 0..0).await;
        report.push(world.report(24));
        n_polls += world.seen.numbers;
        n_calls += world.seen.calls.len();
        worlds.push(world);
    }
    report.push(format!(
        "{n_polls} polls in {n_calls} calls: batches saved {} requests",
        n_polls - n_calls
    ));
    eprintln!("{}", report.join("\n"));
    for world in &worlds {
        keeps_its_limits(world);
        if world.is_enough {
            is_never_late(world);
        } else {
            uses_what_it_may_and_is_fair(world);
        }
    }
}

#[track_caller]
fn is_never_late(
    World {
        profile,
        seen,
        parcels,
        ..
    }: &World,
) {
    let id = profile.id;
    assert!(seen.late <= 2 * MINUTE, "{id}: {} ms late", seen.late);
    assert_eq!(seen.dropped, 0, "{id}");
    assert!(parcels.iter().all(|parcel| parcel.polls > 0), "{id}");
}

#[track_caller]
fn uses_what_it_may_and_is_fair(world: &World) {
    let (id, share) = (world.profile.id, world.share(24));
    assert!((95..=100).contains(&share), "{id} uses {share} %");
    for cadence in world.slots.keys() {
        let parcels = || {
            world
                .parcels
                .iter()
                .filter(|parcel| parcel.cadence == *cadence)
        };
        let polls = || parcels().map(|parcel| parcel.polls);
        let (least, most) = (polls().min().unwrap(), polls().max().unwrap());
        assert!(most <= least + 2, "{id} {cadence}: {least} to {most} polls");
    }
}

#[tokio::test]
async fn what_waited_through_an_outage_breaks_no_limit() {
    for index in 3..CARRIERS.len() {
        let mut world = World::new(index);
        live(&mut world, 8, 60..240).await;
        keeps_its_limits(&world);
        assert!(
            world.lines.is_empty() || !world.is_enough,
            "{}",
            world.profile.id
        );
    }
}
