//! What SES reports, in any order and more than once, against a real ledger.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use feedback::Feedback;
use jiff::Timestamp;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    moment::{Channel, Moment},
    notice::{Basis, Notice, NoticeId, NoticeState, Occasion},
};
use posthorn_platform::{
    Aws,
    store::{contacts::ContactStore, notices::NoticeStore},
    testing::{self, Dynamo},
};
use serde_json::json;

const JANE: &str = "jane.doe@example.com";

struct World {
    /// Meters what the function is charged.
    aws: Aws,
    feedback: Feedback,
    notices: NoticeStore,
    contacts: ContactStore,
    _dynamo: Dynamo,
}

fn order() -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    }
}

fn id() -> NoticeId {
    NoticeId("0123456789abcdef0123456789abcdef".to_owned())
}

fn sent_at() -> Timestamp {
    "2026-11-22T10:15:00Z".parse().unwrap()
}

fn notice(state: NoticeState) -> Notice {
    Notice {
        id: id(),
        order: order(),
        occasion: Occasion {
            moment: Moment::Shipped,
            shipment: None,
            repeat: String::new(),
        },
        channel: Channel::Email,
        recipient: "j***@e***.com".to_owned(),
        fact: "fact".to_owned(),
        basis: Basis::default(),
        state,
        attempts: 1,
        refusals: 0,
        useful_until: sent_at(),
        created_at: sent_at(),
        history: Vec::new(),
    }
}

fn sent() -> NoticeState {
    NoticeState::Sent {
        provider_id: "0107".to_owned(),
        at: sent_at(),
    }
}

fn unknown() -> NoticeState {
    NoticeState::Unknown { since: sent_at() }
}

impl World {
    async fn with(state: NoticeState) -> Self {
        let dynamo = Dynamo::start().await;
        let (aws, config) = (dynamo.aws(), testing::config());
        let for_tests = dynamo.aws();
        let world = Self {
            feedback: Feedback::new(&aws, &config).unwrap(),
            notices: NoticeStore::new(&for_tests, &config).unwrap(),
            contacts: ContactStore::new(&for_tests, &config).unwrap(),
            aws,
            _dynamo: dynamo,
        };
        world.notices.put(&notice(state), None).await.unwrap();
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

    async fn state(&self) -> NoticeState {
        self.notices
            .get(&order(), &id())
            .await
            .unwrap()
            .unwrap()
            .state
    }

    async fn is_suppressed(&self) -> bool {
        let shop = order().shop;
        let entry = self
            .contacts
            .suppression(&shop, Channel::Email, JANE)
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
        assert_eq!(world.state().await.name(), expected, "{fixture}");
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
        assert_eq!(world.state().await.name(), "complained", "{order:?}");
        assert!(world.is_suppressed().await);
    }
}

#[tokio::test]
async fn a_batch_about_one_notice_converges_whoever_writes_first() {
    let world = World::with(unknown()).await;
    let batch = ["send", "delivery", "send", "delivery", "complaint"];
    assert_eq!(world.report(&batch).await, 0);
    assert_eq!(world.state().await.name(), "complained");
}

#[tokio::test]
async fn what_says_nothing_new_writes_nothing() {
    let world = World::with(sent()).await;
    world
        .report(&["send", "open", "click", "delivery_delay", "foreign"])
        .await;
    let spent = world.aws.meter().read();
    assert_eq!((spent.table_writes, spent.index_writes), (0, 0));
    world.report(&["bounce_permanent"]).await;
    let spent = world.aws.meter().read();
    assert_eq!(
        (spent.table_writes, spent.index_writes),
        (2, 0),
        "the notice, the address"
    );
    world.report(&["bounce_permanent"]).await;
    assert_eq!(world.aws.meter().read().table_writes, 2);
}

#[tokio::test]
async fn a_complaint_about_a_notice_that_has_expired_still_suppresses_the_address() {
    let world = World::with(sent()).await;
    let mut event: serde_json::Value = serde_json::from_str(
        &std::fs::read_to_string(format!(
            "{}/fixtures/complaint.json",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap(),
    )
    .unwrap();
    event["mail"]["tags"]["posthorn-notice"] = json!(["ffffffffffffffffffffffffffffffff"]);
    let body = json!({ "Message": event.to_string() }).to_string();
    assert_eq!(world.hand_over(std::iter::once(body)).await, 0);
    assert!(world.is_suppressed().await);
    assert_eq!(world.state().await.name(), "sent");
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
    assert_eq!(world.state().await.name(), "delivered");
}
