//! Who has a turn when.

use super::*;
use std::{convert::Infallible, future::ready, time::Duration};

/// A shipment, by slot and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shipment(u32, u64);

impl Queueable for Shipment {
    fn index_position(&self) -> IndexPosition {
        IndexPosition {
            shard: 0,
            pk: format!("{:04}", self.1),
            sk: "1".to_owned(),
        }
    }
}

const UNLIMITED: usize = usize::MAX;

fn at(minute: i64) -> Timestamp {
    from_minutes(20_000 * 1440 + minute)
}

/// Sweeps each minute from the first to the last with so much room; gives
/// who had his turn, as `cadence:slot.place`.
async fn swept(
    cadences: &[Cadence],
    min_interval: i64,
    minutes: &[(i64, usize)],
    in_slot: u64,
) -> Vec<Vec<String>> {
    let mut behind: Vec<(Cadence, Backlog)> = Vec::new();
    let (mut all, mut last) = (Vec::new(), minutes[0].0 - 1);
    for (minute, room) in minutes {
        let cadences = cadences.iter().map(|cadence| {
            let line = behind.iter().find(|(of, _)| of == cadence);
            (*cadence, line.map(|(_, line)| line))
        });
        let interval = SignedDuration::from_mins(min_interval);
        let mut rota = FairScheduler::new(cadences, at(last + 1), at(*minute), interval);
        // Two to a page.
        let waiting = |turn: SlotTurn| {
            let shipments = (0..in_slot).map(|place| Shipment(turn.slot, place));
            let mut left: Vec<Shipment> = shipments
                .filter(|shipment| {
                    turn.after
                        .as_ref()
                        .is_none_or(|after| shipment.index_position() > *after)
                })
                .collect();
            let is_all = left.len() <= 2;
            left.truncate(2);
            let next = left
                .last()
                .filter(|_| !is_all)
                .map(Queueable::index_position);
            let members = left.into_iter().map(|shipment| (turn.cadence, shipment));
            let members = members.collect();
            ready(Ok::<_, Infallible>(QueuedItems { members, next }))
        };
        let helping = BatchSize {
            room: *room,
            enough: UNLIMITED,
            deadline: Deadline::from_now(Duration::from_hours(1)),
        };
        let taken: Vec<(Cadence, Shipment)> = rota.take_batch(helping, waiting).await.unwrap();
        let name = |(cadence, shipment): &(Cadence, Shipment)| {
            format!("{cadence}:{}.{}", shipment.0, shipment.1)
        };
        all.push(taken.iter().map(name).collect());
        behind = rota.open_backlogs();
        last = *minute;
    }
    all
}

impl Queueable for (Cadence, Shipment) {
    fn index_position(&self) -> IndexPosition {
        self.1.index_position()
    }
}

const PLENTY_OF_ROOM: usize = usize::MAX;

#[tokio::test]
async fn each_minute_one_slot_of_each_cadence_has_its_turn() {
    let cadences = [Cadence::QuarterHour, Cadence::ThreeHours];
    let minutes = [(16, PLENTY_OF_ROOM), (17, PLENTY_OF_ROOM)];
    let all = swept(&cadences, 0, &minutes, 1).await;
    assert_eq!(all, [["15m:1.0", "3h:16.0"], ["15m:2.0", "3h:17.0"]]);
}

#[tokio::test]
async fn missed_minutes_are_caught_up_and_no_slot_has_two_turns() {
    let cadences = [Cadence::QuarterHour, Cadence::Hour, Cadence::Minute];
    let minutes = [(0, PLENTY_OF_ROOM), (40, PLENTY_OF_ROOM)];
    let mut all = swept(&cadences, 0, &minutes, 1).await.remove(1);
    assert_eq!(all.len(), 15 + 40 + 1);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 15 + 40 + 1);
}

#[tokio::test]
async fn who_finds_no_room_is_the_first_of_the_next_minute() {
    let minutes = [(0, 2), (1, 2), (2, 0), (3, 3), (4, PLENTY_OF_ROOM)];
    let mut all = swept(&[Cadence::Hour], 0, &minutes, 3).await;
    for taken in &mut all {
        taken.sort();
    }
    let few: [&[&str]; 4] = [
        &["1h:0.0", "1h:0.1"],
        &["1h:0.2", "1h:1.0"],
        &[],
        &["1h:1.1", "1h:1.2", "1h:2.0"],
    ];
    assert_eq!(all[..4], few);
    let served: usize = all.iter().map(Vec::len).sum();
    assert_eq!(served, 5 * 3, "all have had their turn in the end");
    let mut each: Vec<String> = all.concat();
    each.sort();
    each.dedup();
    assert_eq!(each.len(), 5 * 3, "and none two");
}

#[tokio::test]
async fn with_too_little_room_every_line_has_one_turn_before_any_has_two() {
    // Fifteen slots of four, and room for three a minute.
    let minutes: Vec<(i64, usize)> = (0..400).map(|minute| (minute, 3)).collect();
    let all = swept(&[Cadence::QuarterHour], 0, &minutes, 4)
        .await
        .concat();
    let mut turns = std::collections::BTreeMap::<&str, usize>::new();
    for (index, shipment) in all.iter().enumerate() {
        *turns.entry(shipment).or_default() += 1;
        let most = turns.values().max().unwrap();
        let all_but_one = turns.len() == 60 && turns.values().all(|turns| turns + 1 >= *most);
        assert!(*most == 1 || all_but_one, "the turn {index} of {shipment}");
    }
    assert_eq!(all.len(), 1200);
}

#[tokio::test]
async fn urgent_shipments_go_first_and_the_others_are_not_starved() {
    let cadences = [Cadence::QuarterHour, Cadence::EightHours];
    let minutes: Vec<(i64, usize)> = (0..900).map(|minute| (minute, 1)).collect();
    let all = swept(&cadences, 0, &minutes, 2).await.concat();
    let urgent = all.iter().filter(|name| name.starts_with("15m")).count();
    assert_eq!(all.len(), 900);
    assert!((780..=795).contains(&urgent), "{urgent} of 900");
}

#[tokio::test]
async fn no_number_is_asked_after_more_often_than_its_carrier_wants() {
    let minutes: Vec<(i64, usize)> = (0..240).map(|minute| (minute, PLENTY_OF_ROOM)).collect();
    let all = swept(&[Cadence::QuarterHour], 40, &minutes, 1).await;
    let times = |name: &str| -> Vec<usize> {
        let minutes = all.iter().enumerate();
        minutes
            .filter(|(_, taken)| taken.iter().any(|shipment| shipment == name))
            .map(|(minute, _)| minute)
            .collect()
    };
    for slot in 0..15 {
        let times = times(&format!("15m:{slot}.0"));
        assert!(times.len() >= 5, "{times:?}");
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 45));
    }
}

/// Takes helpings of `enough` until all have had their turn.
async fn in_helpings(enough: usize, in_slot: u64) -> Vec<Vec<Shipment>> {
    let mut rota = FairScheduler::new(
        [(Cadence::QuarterHour, None)],
        at(0),
        at(14),
        SignedDuration::ZERO,
    );
    let mut all = Vec::new();
    while !rota.is_done() {
        let waiting = |turn: SlotTurn| {
            let shipments = (0..in_slot).map(|place| Shipment(turn.slot, place));
            let mut left: Vec<Shipment> = shipments
                .filter(|shipment| {
                    turn.after
                        .as_ref()
                        .is_none_or(|after| shipment.index_position() > *after)
                })
                .collect();
            let is_all = left.len() <= 10;
            left.truncate(10);
            let next = left
                .last()
                .filter(|_| !is_all)
                .map(Queueable::index_position);
            ready(Ok::<_, Infallible>(QueuedItems {
                members: left,
                next,
            }))
        };
        let helping = BatchSize {
            room: UNLIMITED,
            enough,
            deadline: Deadline::from_now(Duration::from_hours(1)),
        };
        all.push(rota.take_batch(helping, waiting).await.unwrap());
        assert!(all.len() < 10_000, "it never ends");
    }
    all
}

#[tokio::test]
async fn in_helpings_every_line_has_one_turn_and_no_helping_is_large() {
    for in_slot in [0, 1, 9, 10, 11, 95] {
        for enough in [1, 7, 40, 1000] {
            let all = in_helpings(enough, in_slot).await;
            let most = all.iter().map(Vec::len).max().unwrap();
            assert!(most <= enough + SLOTS_AT_ONCE * 10, "{most} of {enough}");
            let mut each: Vec<(u32, u64)> = all.concat().iter().map(|p| (p.0, p.1)).collect();
            let n = each.len();
            each.sort_unstable();
            each.dedup();
            assert_eq!((n, each.len()), (15 * usize::try_from(in_slot).unwrap(), n));
        }
    }
}

#[tokio::test]
async fn a_line_that_is_two_periods_behind_leaves_a_turn_out() {
    let line = Backlog {
        next: at(0),
        after: Some(Shipment(0, 7).index_position()),
        pass: 0,
    };
    let lines = [(Cadence::QuarterHour, Some(&line))];
    let rota = FairScheduler::new(lines, at(28), at(28), SignedDuration::ZERO);
    assert_eq!(
        (rota.skipped_turns(), &rota.open_backlogs()[0].1),
        (0, &line)
    );
    let rota = FairScheduler::new(lines, at(30), at(30), SignedDuration::ZERO);
    assert_eq!(rota.skipped_turns(), 15);
    let behind = rota.open_backlogs();
    assert_eq!(behind[0].1.next, at(15));
    assert_eq!(behind[0].1.after, line.after);
}
