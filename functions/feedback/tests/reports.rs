//! What SES reports, in any order and more than once, against a real ledger.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use aws_lambda_events::{
    cloudwatch_logs::LogsEvent,
    sqs::{SqsEvent, SqsMessage},
};
use feedback::{Feedback, Payload};
use jiff::Timestamp;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    notification::{
        Notification, NotificationBasis, NotificationEntry, NotificationId, NotificationState,
        NotificationTrigger,
    },
    notification_type::{Channel, NotificationType},
};
use posthorn_platform::{
    Aws, Config,
    store::{contacts::ContactStore, notifications::NotificationStore, schema::TABLES},
    testing::{self, Dynamo},
};
use serde_json::{Value, json};

const JANE: &str = "jane.doe@example.com";

struct World {
    /// Meters what the function is charged.
    aws: Aws,
    feedback: Feedback,
    notifications: NotificationStore,
    contacts: ContactStore,
    /// What went back to the queue.
    returned: Arc<Mutex<Vec<Value>>>,
    _dynamo: Dynamo,
}

fn order() -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    }
}

fn id() -> NotificationId {
    NotificationId("0123456789abcdef0123456789abcdef".to_owned())
}

fn sent_at() -> Timestamp {
    "2026-11-22T10:15:00Z".parse().unwrap()
}

fn notification(state: NotificationState) -> Notification {
    Notification {
        id: id(),
        order: order(),
        trigger: NotificationTrigger {
            notification_type: NotificationType::Shipped,
            shipment: None,
            repeat: String::new(),
        },
        channel: Channel::Email,
        recipient: "j***@e***.com".to_owned(),
        fact: "fact".to_owned(),
        basis: NotificationBasis::default(),
        state,
        attempts: 1,
        refusals: 0,
        useful_until: sent_at(),
        created_at: sent_at(),
        history: Vec::new(),
    }
}

fn sent() -> NotificationState {
    NotificationState::Sent {
        provider_id: "0107".to_owned(),
        at: sent_at(),
    }
}

fn unknown() -> NotificationState {
    NotificationState::Unknown { since: sent_at() }
}

impl World {
    async fn with(state: NotificationState) -> Self {
        let dynamo = Dynamo::start().await;
        let tables = TABLES.iter().map(|table| (table.variable, table.name));
        let queue = ("POSTHORN_FEEDBACK_QUEUE", "http://127.0.0.1/queue/feedback");
        let config = Config::with_settings("Feedback", tables.chain([queue]));
        let returned = Arc::new(Mutex::new(Vec::new()));
        let tapped = Arc::clone(&returned);
        let aws = dynamo.aws_through(testing::answering(move |operation, body| {
            (operation == "AmazonSQS.SendMessage").then(|| {
                tapped.lock().unwrap().push(body.clone());
                (200, json!({"MessageId": "1", "MD5OfMessageBody": ""}))
            })
        }));
        let for_tests = dynamo.aws();
        let world = Self {
            feedback: Feedback::new(&aws, &config).unwrap(),
            notifications: NotificationStore::new(&for_tests, &config).unwrap(),
            contacts: ContactStore::new(&for_tests, &config).unwrap(),
            aws,
            returned,
            _dynamo: dynamo,
        };
        world
            .notifications
            .put_notification(&notification(state), None)
            .await
            .unwrap();
        world
    }

    /// Hands fixtures over as one batch; how many came back.
    async fn report(&self, fixtures: &[&str]) -> usize {
        let bodies = fixtures.iter().map(|fixture| {
            let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
            let event = std::fs::read_to_string(path).unwrap();
            json!({ "Type": "Notification", "Message": event }).to_string()
        });
        self.hand_over(bodies).await
    }

    async fn hand_over(&self, bodies: impl Iterator<Item = String>) -> usize {
        let mut event = SqsEvent::default();
        for (index, body) in bodies.enumerate() {
            let mut message = SqsMessage::default();
            message.message_id = Some(index.to_string());
            message.body = Some(body);
            event.records.push(message);
        }
        self.feedback
            .record_all(event)
            .await
            .batch_item_failures
            .len()
    }

    async fn state(&self) -> NotificationState {
        self.notifications
            .get_notification(&order(), &id())
            .await
            .unwrap()
            .unwrap()
            .state
    }

    async fn is_suppressed(&self) -> bool {
        let shop = order().shop;
        let entry = self
            .contacts
            .find_suppression(&shop, Channel::Email, JANE)
            .await
            .unwrap();
        entry.is_some()
    }
}

#[tokio::test]
async fn each_event_leads_to_its_state_and_says_whether_the_address_is_burnt() {
    let table = [
        (unknown(), "send", "sent", false),
        (unknown(), "delivery", "delivered", false),
        (sent(), "delivery", "delivered", false),
        (sent(), "bounce_permanent", "bounced", true),
        (sent(), "bounce_transient", "bounced", false),
        (sent(), "bounce_undetermined", "bounced", false),
        (sent(), "bounce_transient_general", "bounced", false),
        (sent(), "bounce_automatic_answer", "sent", false),
        (unknown(), "bounce_automatic_answer", "sent", false),
        (sent(), "complaint", "complained", true),
        (sent(), "complaint_not_spam", "sent", false),
        (sent(), "reject", "bounced", false),
        (sent(), "rendering_failure", "bounced", false),
        (sent(), "delivery_delay", "sent", false),
        (sent(), "open", "sent", false),
        (sent(), "click", "sent", false),
        (sent(), "unheard_of", "sent", false),
        (sent(), "foreign", "sent", false),
    ];
    for (state, fixture, expected, is_suppressed) in table {
        let world = World::with(state).await;
        assert_eq!(world.report(&[fixture]).await, 0, "{fixture}");
        assert_eq!(world.state().await.state_name(), expected, "{fixture}");
        assert_eq!(world.is_suppressed().await, is_suppressed, "{fixture}");
    }
}

#[tokio::test]
async fn events_in_any_order_and_twice_end_in_the_same_state() {
    let events = ["send", "delivery", "complaint"];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let world = World::with(unknown()).await;
        for index in order.into_iter().chain(order) {
            world.report(&[events[index]]).await;
        }
        assert_eq!(world.state().await.state_name(), "complained", "{order:?}");
        assert!(world.is_suppressed().await);
    }
}

#[tokio::test]
async fn a_batch_about_one_notification_converges_in_any_order_of_writes() {
    let world = World::with(unknown()).await;
    let batch = ["send", "delivery", "send", "delivery", "complaint"];
    assert_eq!(world.report(&batch).await, 0);
    assert_eq!(world.state().await.state_name(), "complained");
}

#[tokio::test]
async fn what_says_nothing_new_writes_nothing() {
    let world = World::with(sent()).await;
    world
        .report(&["send", "open", "click", "delivery_delay", "foreign"])
        .await;
    let spent = world.aws.capacity_meter().read_units();
    assert_eq!((spent.table_writes, spent.index_writes), (0, 0));
    world.report(&["bounce_permanent"]).await;
    let spent = world.aws.capacity_meter().read_units();
    assert_eq!(
        (spent.table_writes, spent.index_writes),
        (2, 0),
        "the notification, the address"
    );
    world.report(&["bounce_permanent"]).await;
    assert_eq!(world.aws.capacity_meter().read_units().table_writes, 2);
}

#[tokio::test]
async fn a_complaint_about_a_notification_that_has_expired_still_suppresses_the_address() {
    let world = World::with(sent()).await;
    let mut event: serde_json::Value = serde_json::from_str(
        &std::fs::read_to_string(format!(
            "{}/fixtures/complaint.json",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap(),
    )
    .unwrap();
    event["mail"]["tags"]["posthorn-notification"] = json!(["ffffffffffffffffffffffffffffffff"]);
    let body = json!({ "Message": event.to_string() }).to_string();
    assert_eq!(world.hand_over(std::iter::once(body)).await, 0);
    assert!(world.is_suppressed().await);
    assert_eq!(world.state().await.state_name(), "sent");
}

#[tokio::test]
async fn an_unreadable_message_comes_back_and_the_others_are_recorded() {
    let world = World::with(sent()).await;
    let path = format!("{}/fixtures/delivery.json", env!("CARGO_MANIFEST_DIR"));
    let event = std::fs::read_to_string(path).unwrap();
    let bodies = [
        "not json".to_owned(),
        json!({ "Message": "{\"eventType\": \"Delivery\"}" }).to_string(),
        json!({ "Message": event }).to_string(),
    ];
    assert_eq!(world.hand_over(bodies.into_iter()).await, 2);
    assert_eq!(world.state().await.state_name(), "delivered");
}

const NUMBER: &str = "+12125550123";
const MASKED: &str = "+12…23";

/// A text in this state, claimed and sent at `sent_at()`.
fn text(state: NotificationState) -> Notification {
    let claimed = NotificationEntry {
        at: sent_at(),
        what: "claimed".to_owned(),
    };
    Notification {
        id: NotificationId("text".to_owned()),
        channel: Channel::Sms,
        recipient: MASKED.to_owned(),
        history: vec![claimed],
        ..notification(state)
    }
}

/// What SNS writes about the text `message_id`, as Lambda hands it over.
fn logged(message_id: &str, taken_at: &str, status: &str, response: &str) -> Payload {
    let line = json!({
        "notification": {"messageId": message_id, "timestamp": taken_at},
        "delivery": {
            "phoneCarrier": "My Phone Carrier", "mnc": 270, "numberOfMessageParts": 1,
            "destination": NUMBER, "priceInUSD": 0.00645, "smsType": "Transactional", "mcc": 310,
            "providerResponse": response, "dwellTimeMs": 599, "dwellTimeMsUntilDeviceAck": 1344,
        },
        "status": status,
    });
    let lines = [line.to_string(), "not a report".to_owned()];
    let mut logs = LogsEvent::default();
    "DATA_MESSAGE".clone_into(&mut logs.aws_logs.data.message_type);
    for line in lines {
        let mut entry = aws_lambda_events::cloudwatch_logs::LogEntry::default();
        entry.message = line;
        logs.aws_logs.data.log_events.push(entry);
    }
    serde_json::from_value(packed(&logs)).unwrap()
}

/// As it comes over the wire: compressed, in base64, padded.
fn packed(logs: &LogsEvent) -> Value {
    let mut event = serde_json::to_value(logs).unwrap();
    let data = &mut event["awslogs"]["data"];
    let mut text = data.as_str().unwrap().to_owned();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    *data = json!(text);
    event
}

impl World {
    async fn with_text(state: NotificationState) -> Self {
        let world = Self::with(sent()).await;
        world
            .notifications
            .put_notification(&text(state), None)
            .await
            .unwrap();
        world
    }

    async fn logged(&self, payload: Payload) {
        let Payload::Logs(logs) = payload else {
            panic!("these are log lines");
        };
        self.feedback.record_lines(&logs).await.unwrap();
    }

    async fn text(&self) -> Notification {
        let id = text(sent()).id;
        self.notifications
            .get_notification(&order(), &id)
            .await
            .unwrap()
            .unwrap()
    }

    async fn stop(&self) -> Option<String> {
        let shop = order().shop;
        let entry = self
            .contacts
            .find_suppression(&shop, Channel::Sms, NUMBER)
            .await;
        entry.unwrap().map(|entry| entry.reason)
    }
}

#[tokio::test]
async fn a_text_is_delivered_or_failed_as_its_delivery_status_says() {
    for (status, response, expected, stop) in [
        (
            "SUCCESS",
            "Message has been accepted by phone carrier",
            "delivered",
            None,
        ),
        (
            "FAILURE",
            "Phone is currently unreachable/unavailable",
            "failed: Phone is currently unreachable/unavailable",
            None,
        ),
        (
            "FAILURE",
            "Phone number is opted out",
            "failed: Phone number is opted out",
            Some("stop"),
        ),
    ] {
        // Known by SNS's id, or of unknown fate, since the answer with it was lost.
        for state in [sent(), unknown()] {
            let world = World::with_text(state).await;
            let report = || logged("0107", "2026-11-22 10:15:00.217", status, response);
            world.logged(report()).await;
            assert_eq!(world.text().await.state.describe_state(), expected);
            assert_eq!(world.stop().await.as_deref(), stop, "{response}");
            assert!(world.returned.lock().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn a_report_of_a_text_that_is_not_found_comes_again_once() {
    let world = World::with_text(sent()).await;
    world
        .logged(logged(
            "of-another",
            "2026-11-22 10:15:00.217",
            "SUCCESS",
            "",
        ))
        .await;
    assert_eq!(world.text().await.state.state_name(), "sent");
    let returned = std::mem::take(&mut *world.returned.lock().unwrap());
    assert_eq!(returned.len(), 1);
    assert_eq!(returned[0]["DelaySeconds"], 600);
    let body = returned[0]["MessageBody"].as_str().unwrap().to_owned();
    assert_eq!(world.hand_over(std::iter::once(body.clone())).await, 0);
    assert!(
        world.returned.lock().unwrap().is_empty(),
        "it is of another system"
    );
    // A worker had ended before it could write SNS's id down.
    let late = World::with_text(unknown()).await;
    assert_eq!(late.hand_over(std::iter::once(body)).await, 0);
    assert_eq!(late.text().await.state.state_name(), "delivered");
}

#[tokio::test]
async fn a_text_of_unknown_fate_is_not_taken_for_one_of_another_day() {
    let world = World::with_text(unknown()).await;
    world
        .logged(logged(
            "other",
            "2026-11-23 08:00:00.000",
            "FAILURE",
            "Unreachable",
        ))
        .await;
    assert_eq!(world.text().await.state.state_name(), "unknown");
}

#[tokio::test]
async fn log_lines_among_the_dead_letters_are_recorded_once_they_are_redriven() {
    let world = World::with_text(sent()).await;
    let Payload::Logs(logs) = logged("0107", "2026-11-22 10:15:00.217", "SUCCESS", "") else {
        panic!("these are log lines");
    };
    let letter = json!({"version": "1.0", "requestContext": {}, "requestPayload": packed(&logs)});
    assert_eq!(
        world.hand_over(std::iter::once(letter.to_string())).await,
        0
    );
    assert_eq!(world.text().await.state.state_name(), "delivered");
}
