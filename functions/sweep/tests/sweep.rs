//! The function on an embedded DynamoDB: whom it sends to be asked after, and
//! whom it leaves waiting.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId},
    journey::{self, NewShipment},
    shipment::QueryDetails,
    status::Reason,
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config,
    store::{
        intake::Intake,
        schedule::{Backlogs, Backoff, ScheduleStore, SweepProgress},
        schema::TABLES,
    },
    testing::{Dynamo, answering},
};
use serde_json::{Value, json};
use sweep::Sweep;

/// The bodies of messages that were sent to a queue.
type Sent = Arc<Mutex<Vec<Value>>>;

/// What the queue never takes.
type Guilty = Arc<Mutex<Option<String>>>;

/// Takes messages for the queues, but those that hold something guilty, and has the
/// rest carried out.
fn queueing(sent: Sent, guilty: Guilty) -> SharedHttpClient {
    answering(move |operation, body| {
        if operation != "AmazonSQS.SendMessageBatch" {
            return None;
        }
        let guilty = guilty.lock().unwrap();
        let mut failed = Vec::new();
        for entry in body["Entries"].as_array().unwrap() {
            let message = entry["MessageBody"].as_str().unwrap();
            if guilty
                .as_ref()
                .is_some_and(|guilty| message.contains(guilty))
            {
                let code = "InvalidMessageContents";
                failed.push(json!({"Id": entry["Id"], "SenderFault": true, "Code": code}));
            } else {
                let message = serde_json::from_str(message).unwrap();
                sent.lock().unwrap().push(message);
            }
        }
        Some((200, json!({"Successful": [], "Failed": failed})))
    })
}

struct World {
    sent: Sent,
    intake: Intake,
    schedule: ScheduleStore,
    sweep: Sweep,
    now: Timestamp,
    guilty: Guilty,
    dynamo: Dynamo,
}

impl World {
    /// A world without a sweep for eight hours: each slot is due once.
    async fn start() -> Self {
        let dynamo = Dynamo::start().await;
        let sent = Sent::default();
        let tables = TABLES.iter().map(|table| (table.variable, table.name));
        let queues = [
            ("POSTHORN_POLL_QUEUE", "http://127.0.0.1/queue/poll"),
            ("POSTHORN_DISPATCH_QUEUE", "http://127.0.0.1/queue/dispatch"),
        ];
        let config = Config::with_settings("Test", tables.chain(queues));
        let guilty = Guilty::default();
        let aws = dynamo.aws_through(queueing(Arc::clone(&sent), Arc::clone(&guilty)));
        let schedule = ScheduleStore::new(&dynamo.aws(), &config).unwrap();
        // A shipment has its slot at certain minutes of the day, so the day is a fixed one.
        let now = Timestamp::from_second(20_000 * 86_400 + 12 * 3_600).unwrap();
        let long_ago = now - SignedDuration::from_hours(8);
        let none = schedule.load_schedule().await.unwrap();
        let advanced = schedule
            .advance_watermark(&none, long_ago, &SweepProgress::default())
            .await;
        advanced.unwrap();
        Self {
            sent,
            intake: Intake::new(&dynamo.aws(), &config).unwrap(),
            schedule,
            sweep: Sweep::new(&aws, &config).unwrap(),
            now,
            guilty,
            dynamo,
        }
    }

    async fn register(&self, number: &str) {
        self.add(number, Reason::NoInfo, 0).await;
    }

    /// Adds a shipment of which the schedule has known for so many hours.
    async fn add(&self, number: &str, reason: Reason, known_for: i64) {
        let order = OrderKey {
            shop: ShopId::parse("acme").unwrap(),
            order: OrderId::parse(number).unwrap(),
        };
        let announced = NewShipment {
            carrier: ups(),
            carrier_name: None,
            tracking_number: TrackingNumber::parse(number).ok(),
            tracking_url: None,
            items: Vec::new(),
            eta: None,
            origins: Vec::new(),
            query_details: QueryDetails::default(),
        };
        let mut shipment = journey::register_shipment(ShipmentIndex(1), announced, self.now);
        shipment.reason = reason;
        assert_eq!(shipment.cadence, Some(COHORT));
        let since = self.now - SignedDuration::from_hours(known_for);
        let known = self.schedule.ensure_cohort(&ups(), COHORT, since).await;
        known.unwrap();
        let added = self.intake.add_shipments(&order, &[shipment], None).await;
        added.unwrap();
    }

    async fn pause(&self, minutes: i64, consecutive_failures: u32) {
        let until = self.now + SignedDuration::from_mins(minutes);
        let pause = Backoff {
            until,
            consecutive_failures,
        };
        self.schedule.back_off(&ups(), &pause).await.unwrap();
    }

    /// Sweeps as of so many minutes from now; gives what it sent: the consecutive failures
    /// that each message speaks of, and its numbers.
    async fn sweep(&self, minutes: i64) -> Vec<(Option<u64>, Vec<String>)> {
        let time = self.now + SignedDuration::from_mins(minutes);
        self.sweep.sweep_due(time, time).await.unwrap();
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let message = |message: Value| {
            let shipments = message["shipments"].as_array().unwrap().iter();
            let number =
                |shipment: &Value| shipment["tracking_number"].as_str().unwrap().to_owned();
            (
                message["consecutive_failures"].as_u64(),
                shipments.map(number).collect(),
            )
        };
        sent.into_iter().map(message).collect()
    }

    /// For how many hours no shipment of the cohort was seen, if it is known.
    async fn unseen(&self) -> Option<i64> {
        let schedule = self.schedule.load_schedule().await.unwrap();
        let seen = schedule.cohorts.get(&(ups(), COHORT))?;
        Some(self.now.duration_since(*seen).as_hours())
    }

    async fn behind(&self) -> Backlogs {
        self.schedule.load_schedule().await.unwrap().backlogs
    }
}

const COHORT: Cadence = Cadence::EightHours;

fn ups() -> CarrierId {
    CarrierId::parse("ups").unwrap()
}

#[tokio::test]
async fn what_is_due_goes_to_poll_once() {
    let world = World::start().await;
    world.register("1Z9X9E030300010015").await;
    world.register("1Z9X9E030300010024").await;
    let mut sent = world.sweep(0).await;
    assert_eq!(sent.len(), 1);
    let (consecutive_failures, mut numbers) = sent.remove(0);
    numbers.sort();
    assert_eq!(consecutive_failures, None);
    assert_eq!(numbers, ["1Z9X9E030300010015", "1Z9X9E030300010024"]);
    assert_eq!(world.sweep(0).await, []);
    assert_eq!(world.behind().await, Backlogs::new());
}

#[tokio::test]
async fn a_carrier_that_gave_no_answer_is_probed_and_then_asked_after_all_that_waited() {
    let world = World::start().await;
    world.register("1Z9X9E030300010015").await;
    world.register("1Z9X9E030300010024").await;
    world.pause(60, 2).await;
    assert_eq!(world.sweep(0).await, []);
    assert_eq!(world.behind().await.len(), 1);
    world.pause(-1, 2).await;
    let probe = world.sweep(1).await;
    assert_eq!(probe.len(), 1);
    assert_eq!((probe[0].0, probe[0].1.len()), (Some(2), 1));
    world
        .schedule
        .resume_carrier(&ups(), 2, world.now)
        .await
        .unwrap();
    let rest = world.sweep(2).await;
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].0, rest[0].1.len()), (None, 1));
    assert_ne!(rest[0].1, probe[0].1);
    assert_eq!(world.behind().await, Backlogs::new());
}

#[tokio::test]
async fn a_carrier_that_asked_for_patience_gets_it_and_is_asked_as_usual_afterwards() {
    let world = World::start().await;
    world.register("1Z9X9E030300010015").await;
    world.pause(5, 0).await;
    assert_eq!(world.sweep(0).await, []);
    world.pause(-1, 0).await;
    let sent = world.sweep(1).await;
    assert_eq!(sent, [(None, vec!["1Z9X9E030300010015".to_owned()])]);
    let pauses = world.schedule.load_schedule().await.unwrap().backoffs;
    assert!(pauses.is_empty(), "{pauses:?}");
}

#[tokio::test]
async fn a_shipment_that_rests_is_not_sent_and_its_cohort_not_forgotten() {
    let world = World::start().await;
    world.add("1Z9X9E030300010015", Reason::Silent, 73).await;
    assert_eq!(world.sweep(0).await, []);
    assert_eq!(world.unseen().await, Some(0));
}

#[tokio::test]
async fn a_cohort_is_forgotten_only_if_the_sweep_has_looked() {
    let world = World::start().await;
    world.add("1Z9X9E030300010015", Reason::NoInfo, 73).await;
    world.pause(60, 1).await;
    assert_eq!(world.sweep(0).await, []);
    assert_eq!(
        world.unseen().await,
        Some(0),
        "the census has found its parcel"
    );
    let world = World::start().await;
    let since = world.now - SignedDuration::from_hours(73);
    let known = world.schedule.ensure_cohort(&ups(), COHORT, since).await;
    known.unwrap();
    world.sweep(0).await;
    assert_eq!(world.unseen().await, None);
}

#[tokio::test]
async fn a_schedule_that_was_lost_is_rebuilt_from_the_index() {
    let world = World::start().await;
    world.register("1Z9X9E030300010015").await;
    world.sweep(0).await;
    let table = world.dynamo.aws().dynamodb_client();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let lost = table.delete_item().table_name("Settings");
    let lost = lost.key("pk", text("SWEEP")).key("sk", text("STATE"));
    lost.send().await.unwrap();
    // A writer of shipments relies on an entry that was there.
    world.register("1Z9X9E030300010024").await;
    assert_eq!(world.sweep(1).await, []);
    assert_eq!(world.unseen().await, Some(0));
    let mut asked = Vec::new();
    for minute in 2..=500 {
        let sent = world.sweep(minute).await;
        asked.extend(sent.into_iter().flat_map(|(_, numbers)| numbers));
    }
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["1Z9X9E030300010015", "1Z9X9E030300010024"]);
}

#[tokio::test]
async fn a_shipment_that_the_queue_never_takes_takes_no_other_with_it() {
    let world = World::start().await;
    for number in [
        "1Z9X9E030300010015",
        "1Z9X9E030300010024",
        "1Z9X9E030300010033",
    ] {
        world.register(number).await;
    }
    *world.guilty.lock().unwrap() = Some("1Z9X9E030300010024".to_owned());
    let sent = world.sweep(0).await;
    let mut numbers: Vec<String> = sent.into_iter().flat_map(|(_, numbers)| numbers).collect();
    numbers.sort();
    assert_eq!(numbers, ["1Z9X9E030300010015", "1Z9X9E030300010033"]);
    assert_eq!(
        world.behind().await,
        Backlogs::new(),
        "and the sweep is through"
    );
    assert_eq!(world.sweep(1).await, []);
}
