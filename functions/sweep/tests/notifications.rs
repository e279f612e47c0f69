//! A notification that is due comes to a worker who finds it due, whatever the clocks say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    notification::{
        DeferralReason, NotificationBasis, NotificationDraft, NotificationId, NotificationTrigger,
    },
    notification_type::{Channel, NotificationType},
};
use posthorn_platform::{
    Config,
    store::{notifications::NotificationStore, schema::TABLES},
    testing::{self, Dynamo},
};
use serde_json::{Value, json};
use sweep::Sweep;

/// The tables, a sweep of them, and what it put into queues.
struct World {
    notifications: NotificationStore,
    sweep: Sweep,
    sent: Arc<Mutex<Vec<String>>>,
    /// For how long each was hidden.
    delays: Arc<Mutex<Vec<u64>>>,
}

impl World {
    async fn start() -> Self {
        let dynamo = Dynamo::start().await;
        let sent = Arc::new(Mutex::new(Vec::new()));
        let delays = Arc::new(Mutex::new(Vec::new()));
        let tables = TABLES.iter().map(|table| (table.variable, table.name));
        let queues = [
            ("POSTHORN_POLL_QUEUE", "http://127.0.0.1/queue/poll"),
            ("POSTHORN_DISPATCH_QUEUE", "http://127.0.0.1/queue/dispatch"),
        ];
        let config = Config::with_settings("Sweep", tables.chain(queues));
        let (tapped, timed) = (Arc::clone(&sent), Arc::clone(&delays));
        let aws = dynamo.aws_through(testing::answering(move |operation, body| {
            (operation == "AmazonSQS.SendMessageBatch").then(|| take(&tapped, &timed, body))
        }));
        Self {
            notifications: NotificationStore::new(&dynamo.aws(), &config).unwrap(),
            sweep: Sweep::new(&aws, &config).unwrap(),
            sent,
            delays,
        }
    }

    /// A worker puts a message off until then.
    async fn defer(&self, until: Timestamp) {
        let notification = draft().to_deferred(until, DeferralReason::Cap, until);
        self.notifications
            .put_notification(&notification, None)
            .await
            .unwrap();
    }

    /// Sweeps a minute, as scheduled; gives how many notifications went to dispatch.
    async fn sweep(&self, minute: Timestamp) -> usize {
        self.sweep.sweep_due(minute, minute).await.unwrap();
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let id = draft().id.0;
        assert!(sent.iter().all(|body| body.contains(&id)), "{sent:?}");
        sent.len()
    }
}

fn take(sent: &Mutex<Vec<String>>, delays: &Mutex<Vec<u64>>, body: &Value) -> (u16, Value) {
    let entries = body["Entries"].as_array().unwrap();
    let hidden = entries.iter().map(|entry| entry["DelaySeconds"].as_u64());
    delays.lock().unwrap().extend(hidden.flatten());
    let bodies = entries.iter().map(|entry| entry["MessageBody"].to_string());
    sent.lock().unwrap().extend(bodies);
    let taken: Vec<Value> = entries
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "1", "MD5OfMessageBody": ""}))
        .collect();
    (200, json!({"Successful": taken, "Failed": []}))
}

fn draft() -> NotificationDraft {
    let order = OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    };
    let occasion = NotificationTrigger {
        notification_type: NotificationType::Shipped,
        shipment: None,
        repeat: String::new(),
    };
    NotificationDraft {
        id: NotificationId::derive_id(
            &order,
            jiff::Timestamp::UNIX_EPOCH,
            &occasion,
            Channel::Sms,
            "+12125550123",
        ),
        order,
        trigger: occasion,
        channel: Channel::Sms,
        recipient: "+12***23".to_owned(),
        fact: "fact".to_owned(),
        basis: NotificationBasis::default(),
        useful_until: at("09:00:00") + SignedDuration::from_hours(24),
    }
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-22T{time}Z").parse().unwrap()
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// The worker that puts it off and the one that it comes to are each ten minutes
/// ahead or behind the scheduler, or right.
#[tokio::test]
async fn ten_minutes_of_skew_lose_no_notification() {
    for begin in 0..5 {
        for (writer, reader) in [
            (0, 0),
            (0, -10),
            (-10, 0),
            (-10, -10),
            (10, 0),
            (0, 10),
            (10, -10),
        ] {
            let world = World::start().await;
            let begin = at("08:00:00") + minutes(begin);
            world.sweep(begin).await;
            // A provider that refuses has it put off by half a minute.
            let until = begin + minutes(writer) + SignedDuration::from_secs(30);
            world.defer(until).await;
            let came = async {
                for minute in 1..=25 {
                    let now = begin + minutes(minute);
                    if world.sweep(now).await > 0 && now + minutes(reader) >= until {
                        return Some(minute);
                    }
                }
                None
            };
            let came = came.await;
            assert!(came.is_some(), "written {writer}, read {reader}: lost");
        }
    }
}

#[tokio::test]
async fn a_notification_is_found_that_is_written_as_its_minute_is_swept() {
    let world = World::start().await;
    assert_eq!(world.sweep(at("08:01:00")).await, 0);
    world.defer(at("08:01:00")).await;
    let mut found = Vec::new();
    for minute in 2..=30 {
        found.push(world.sweep(at("08:00:00") + minutes(minute)).await);
    }
    assert_eq!(
        found.iter().sum::<usize>(),
        4,
        "and is not sent for ever: {found:?}"
    );
}

#[tokio::test]
async fn a_sweep_named_ahead_loses_nothing_that_was_not_yet_due() {
    let world = World::start().await;
    world.defer(at("08:01:00")).await;
    // Workers, whose clocks are right, find it not yet due.
    let early = world.sweep.sweep_due(at("08:15:00"), at("08:00:00")).await;
    assert_eq!(early.unwrap().notifications, 1);
    world.sent.lock().unwrap().clear();
    let mut found = 0;
    for minute in 1..=20 {
        let now = at("08:00:00") + minutes(minute);
        found += world.sweep(now).await;
    }
    assert!(found > 0);
}

/// At eight o'clock all texts of the night are due in the same minute.
#[tokio::test]
async fn what_is_due_in_one_minute_is_let_go_over_that_minute() {
    let world = World::start().await;
    for n in 0..300 {
        let mut draft = draft();
        draft.id.0 = format!("{}{n}", draft.id.0);
        let notification =
            draft.to_deferred(at("08:00:00"), DeferralReason::QuietHours, at("08:00:00"));
        world
            .notifications
            .put_notification(&notification, None)
            .await
            .unwrap();
    }
    assert_eq!(world.sweep(at("08:00:00")).await, 300);
    let delays = world.delays.lock().unwrap();
    let busiest = (0..60).map(|second| delays.iter().filter(|delay| **delay == second).count());
    assert_eq!(delays.len(), 300);
    assert!(delays.iter().all(|delay| *delay < 60));
    assert!(busiest.max() <= Some(10), "{delays:?}");
}
