//! The sweep's bookkeeping: no carrier with shipments is ever forgotten.

use crate::sample::{carrier, now};
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::cadence::Cadence::{Day, Hour};
use posthorn_platform::{
    Aws,
    store::{
        pagination::IndexPosition,
        schedule::{
            Advanced, Backlog, Backlogs, Backoff, Census, ReleasedUntil, Schedule, ScheduleStore,
            SweepProgress,
        },
    },
    testing::{self, Dynamo},
};
use std::collections::BTreeMap;

fn store(aws: &Aws) -> ScheduleStore {
    ScheduleStore::new(aws, &testing::config()).unwrap()
}

fn after(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

#[tokio::test]
async fn a_new_installation_has_nothing_to_look_at() {
    let dynamo = Dynamo::start().await;
    let schedule = store(&dynamo.aws()).load_schedule().await.unwrap();
    assert_eq!(schedule, Schedule::default());
}

#[tokio::test]
async fn two_functions_that_begin_the_schedule_together_are_both_in_it() {
    let dynamo = Dynamo::start().await;
    let (one, two) = (store(&dynamo.aws()), store(&dynamo.aws()));
    let (ups, dhl) = (carrier("ups"), carrier("dhl"));
    let (first, second) = join(
        one.ensure_cohort(&ups, Hour, now()),
        two.ensure_cohort(&dhl, Day, now()),
    )
    .await;
    first.unwrap();
    second.unwrap();
    assert_eq!(
        one.load_schedule().await.unwrap().cohorts,
        BTreeMap::from([((ups, Hour), now()), ((dhl, Day), now())])
    );
}

#[tokio::test]
async fn a_cohort_that_is_known_costs_neither_read_nor_write() {
    let dynamo = Dynamo::start().await;
    let aws = dynamo.aws();
    let (store, ups) = (store(&aws), carrier("ups"));
    let ensure = async |at| store.ensure_cohort(&ups, Hour, at).await.unwrap();
    ensure(now()).await;
    let before = aws.capacity_meter().read_units();
    ensure(after(23)).await;
    assert_eq!(aws.capacity_meter().read_units(), before);
    ensure(after(24)).await;
    let writes = aws.capacity_meter().read_units().table_writes;
    assert_eq!(writes, before.table_writes + 1);
}

#[tokio::test]
async fn who_relies_on_an_entry_relies_on_its_date_and_not_on_his_own_look() {
    let dynamo = Dynamo::start().await;
    let (first, second) = (store(&dynamo.aws()), store(&dynamo.aws()));
    let ups = carrier("ups");
    first.ensure_cohort(&ups, Hour, now()).await.unwrap();
    // Looks when the entry is 23 hours old, so it may rely on it for one more.
    second.ensure_cohort(&ups, Hour, after(23)).await.unwrap();
    second.ensure_cohort(&ups, Hour, after(25)).await.unwrap();
    let seen = first.load_schedule().await.unwrap().cohorts[&(ups, Hour)];
    assert_eq!(seen, after(25));
}

#[tokio::test]
async fn only_an_entry_that_was_not_seen_for_three_days_is_forgotten() {
    let dynamo = Dynamo::start().await;
    let (store, ups) = (store(&dynamo.aws()), carrier("ups"));
    store.ensure_cohort(&ups, Hour, now()).await.unwrap();
    let schedule = store.load_schedule().await.unwrap();
    let forget = async |at| {
        store
            .remove_cohort(&schedule, &ups, Hour, at)
            .await
            .unwrap();
    };
    assert_eq!(schedule.expired_cohorts(after(72)), []);
    forget(after(72)).await;
    assert_eq!(store.load_schedule().await.unwrap(), schedule);
    assert_eq!(schedule.expired_cohorts(after(73)), [(ups.clone(), Hour)]);
    forget(after(73)).await;
    assert_eq!(
        store.load_schedule().await.unwrap().cohorts,
        BTreeMap::new()
    );
}

#[tokio::test]
async fn an_entry_that_has_just_been_seen_is_not_forgotten() {
    let dynamo = Dynamo::start().await;
    let (sweep, ingest) = (store(&dynamo.aws()), store(&dynamo.aws()));
    let (ups, later) = (carrier("ups"), after(80));
    sweep.ensure_cohort(&ups, Hour, now()).await.unwrap();
    let schedule = sweep.load_schedule().await.unwrap();
    ingest.ensure_cohort(&ups, Hour, later).await.unwrap();
    sweep
        .remove_cohort(&schedule, &ups, Hour, later)
        .await
        .unwrap();
    let seen = sweep.load_schedule().await.unwrap().cohorts[&(ups, Hour)];
    assert_eq!(seen, later);
}

#[tokio::test]
async fn shipments_that_are_found_give_their_entry_a_new_date_twice_a_day() {
    let dynamo = Dynamo::start().await;
    let aws = dynamo.aws();
    let (store, ups) = (store(&aws), carrier("ups"));
    store.ensure_cohort(&ups, Hour, now()).await.unwrap();
    let schedule = store.load_schedule().await.unwrap();
    let refresh = async |at| {
        store
            .refresh_cohort(&schedule, &ups, Hour, at)
            .await
            .unwrap();
    };
    let writes = || aws.capacity_meter().read_units().table_writes;
    let before = writes();
    refresh(after(11)).await;
    assert_eq!(writes(), before);
    refresh(after(12)).await;
    assert_eq!(writes(), before + 1);
}

#[tokio::test]
async fn the_watermark_is_moved_by_one_sweep_only() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let advance = async |schedule: &Schedule, to| {
        let progress = SweepProgress::default();
        let advanced = store
            .advance_watermark(schedule, after(to), &progress)
            .await;
        advanced.unwrap()
    };
    let none = store.load_schedule().await.unwrap();
    assert_eq!(advance(&none, 1).await, Advanced::Done);
    let first = store.load_schedule().await.unwrap();
    assert_eq!(advance(&first, 2).await, Advanced::Done);
    // The same again is an answer that was lost, or the sweep as it goes on.
    assert_eq!(advance(&first, 2).await, Advanced::Done);
    assert_eq!(advance(&first, 3).await, Advanced::Overtaken);
    assert_eq!(advance(&none, 3).await, Advanced::Overtaken);
    assert_eq!(
        store.load_schedule().await.unwrap().watermark,
        Some(after(2))
    );
}

#[test]
fn the_last_look_is_the_last_minute_of_a_slot_that_was_swept() {
    let watermark: Timestamp = "2026-11-22T10:07:00Z".parse().unwrap();
    let schedule = Schedule {
        watermark: Some(watermark),
        cohorts: BTreeMap::from([
            ((carrier("ups"), Hour), now()),
            ((carrier("ups"), Day), now()),
        ]),
        ..Schedule::default()
    };
    let look = |cadence, slot| {
        let look = schedule.last_look(&carrier("ups"), cadence, slot)?;
        Some(look.strftime("%d %H:%M").to_string())
    };
    for slot in [0, 7, 8, 59] {
        let last = look(Hour, slot).unwrap();
        let minute = format!("{slot:02}");
        let hour = if slot <= 7 { "10" } else { "09" };
        assert_eq!(last, format!("22 {hour}:{minute}"));
    }
    let line = Backlog {
        next: "2026-11-22T09:30:00Z".parse().unwrap(),
        after: None,
        pass: 0,
    };
    let behind = Schedule {
        backlogs: Backlogs::from([((carrier("ups"), Hour), line)]),
        ..schedule.clone()
    };
    for (slot, expected) in [(29, "22 09:29"), (30, "22 08:30")] {
        let look = behind.last_look(&carrier("ups"), Hour, slot).unwrap();
        assert_eq!(look.strftime("%d %H:%M").to_string(), expected);
    }
    let pause = Backoff {
        until: watermark,
        consecutive_failures: 1,
    };
    let paused = Schedule {
        backoffs: BTreeMap::from([(carrier("ups"), pause)]),
        ..schedule.clone()
    };
    assert_eq!(paused.last_look(&carrier("ups"), Hour, 7), None);
    let begin_of_day = Day.slot_at("2026-11-22T10:08:00Z".parse().unwrap());
    assert_eq!(look(Day, begin_of_day).as_deref(), Some("21 10:08"));
    assert_eq!(schedule.last_look(&carrier("dhl"), Hour, 0), None);
    assert_eq!(
        Schedule::default().last_look(&carrier("ups"), Hour, 0),
        None
    );
}

#[tokio::test]
async fn who_is_behind_is_noted_with_the_watermark() {
    let dynamo = Dynamo::start().await;
    let store = store(&dynamo.aws());
    let place = IndexPosition {
        shard: 3,
        pk: "ORDER#acme#1001".to_owned(),
        sk: "SHIPMENT#0001".to_owned(),
    };
    let line = Backlog {
        next: after(-3),
        after: Some(place.clone()),
        pass: 17,
    };
    let progress = SweepProgress {
        backlogs: Backlogs::from([((carrier("usps"), Hour), line)]),
        released: Some(ReleasedUntil {
            next: after(-1),
            after: Some(place),
        }),
        census: Census {
            found: 7,
            ..Census::default()
        },
    };
    let none = store.load_schedule().await.unwrap();
    store
        .advance_watermark(&none, after(1), &progress)
        .await
        .unwrap();
    let noted = store.load_schedule().await.unwrap();
    assert_eq!(noted.backlogs, progress.backlogs);
    assert_eq!(noted.released, progress.released);
    assert_eq!(noted.census, progress.census);
    // A sweep that was overtaken notes nothing.
    let nothing = SweepProgress::default();
    store
        .advance_watermark(&none, after(2), &nothing)
        .await
        .unwrap();
    assert_eq!(store.load_schedule().await.unwrap(), noted);
    let advanced = store.advance_watermark(&noted, after(2), &nothing).await;
    assert_eq!(advanced.unwrap(), Advanced::Done);
    assert_eq!(
        store.load_schedule().await.unwrap().backlogs,
        Backlogs::new()
    );
}

#[tokio::test]
async fn a_carrier_is_left_alone_until_a_process_resumes_what_it_has_seen() {
    let dynamo = Dynamo::start().await;
    let (one, two) = (store(&dynamo.aws()), store(&dynamo.aws()));
    let (ups, dhl) = (carrier("ups"), carrier("dhl"));
    let pause = |hours, consecutive_failures| Backoff {
        until: after(hours),
        consecutive_failures,
    };
    let (first, second) = (pause(1, 0), pause(2, 1));
    let (left, right) = join(one.back_off(&ups, &first), two.back_off(&dhl, &first)).await;
    left.unwrap();
    right.unwrap();
    one.back_off(&ups, &second).await.unwrap();
    let expected = BTreeMap::from([(ups.clone(), second.clone()), (dhl.clone(), first.clone())]);
    assert_eq!(one.load_schedule().await.unwrap().backoffs, expected);
    // Who has not heard of the strike does not take it back.
    one.back_off(&ups, &first).await.unwrap();
    assert_eq!(one.load_schedule().await.unwrap().backoffs, expected);
    let resume = async |carrier, consecutive_failures, hours| {
        let resumed = two
            .resume_carrier(carrier, consecutive_failures, after(hours))
            .await;
        resumed.unwrap();
    };
    resume(&ups, 0, 3).await;
    resume(&ups, 1, 1).await;
    assert_eq!(one.load_schedule().await.unwrap().backoffs, expected);
    resume(&ups, 1, 3).await;
    resume(&dhl, 0, 3).await;
    resume(&dhl, 0, 3).await;
    assert_eq!(one.load_schedule().await.unwrap().backoffs, BTreeMap::new());
}

/// The item as it was left, by hand or by another version of the code.
async fn leave(dynamo: &Dynamo, fields: serde_json::Value) {
    let mut item = serde_json::json!({"pk": {"S": "SWEEP"}, "sk": {"S": "STATE"}});
    for (name, value) in fields.as_object().unwrap() {
        item[name] = value.clone();
    }
    let item: serde_dynamo::Item = serde_json::from_value(item).unwrap();
    let put = dynamo
        .aws()
        .dynamodb_client()
        .put_item()
        .table_name("Settings");
    put.set_item(Some(item.into())).send().await.unwrap();
}

#[tokio::test]
async fn a_part_of_the_schedule_that_cannot_be_read_stops_no_carrier_and_is_mended() {
    let (ups, dhl) = (carrier("ups"), carrier("dhl"));
    for odd in [
        serde_json::json!({"S": "odd"}),
        serde_json::json!({"N": "1"}),
        serde_json::json!({"M": {"ups#1h": {"N": "1"}, "ups": {"S": "odd"}}}),
        serde_json::json!({"L": [{"NULL": true}]}),
    ] {
        for part in [
            "watermark",
            "cohorts",
            "lines",
            "pauses",
            "released",
            "census",
        ] {
            let dynamo = Dynamo::start().await;
            leave(&dynamo, serde_json::json!({"cohorts": {"M": {"dhl#1d": {"S": now().to_string()}}}, part: odd})).await;
            let store = store(&dynamo.aws());
            let schedule = store.load_schedule().await.unwrap();
            assert!(part == "cohorts" || schedule.cohorts.contains_key(&(dhl.clone(), Day)));
            store.ensure_cohort(&ups, Hour, now()).await.unwrap();
            let pause = Backoff {
                until: after(1),
                consecutive_failures: 1,
            };
            store.back_off(&ups, &pause).await.unwrap();
            let advanced = store
                .advance_watermark(&schedule, after(1), &SweepProgress::default())
                .await;
            assert_eq!(advanced.unwrap(), Advanced::Done, "{part}: {odd}");
            let mended = store.load_schedule().await.unwrap();
            assert_eq!(mended.watermark, Some(after(1)));
            assert_eq!(mended.cohorts.get(&(ups.clone(), Hour)), Some(&now()));
            assert_eq!(mended.backoffs.get(&ups), Some(&pause), "{part}: {odd}");
        }
    }
}
