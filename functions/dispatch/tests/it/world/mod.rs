//! An order whose customer wants to be told, workers that tell them, and a
//! queue that comes again with what was not done.

pub(crate) mod provider;
pub(crate) mod sample;
pub(crate) mod wire;

use std::collections::BTreeMap;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use dispatch::Dispatch;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    notification::{Notification, NotificationState, ProviderEvent},
    notification_type::{Channel, NotificationType},
    settings::Settings,
    shipment::Shipment,
    status::Reason,
};
use posthorn_platform::{
    Config,
    store::{
        contacts::ContactStore,
        intake::{Intake, NewOrder},
        link_key::LinkKeyStore,
        meter::Consumed,
        notifications::{LogWrite, NotificationStore},
        schema::TABLES,
        settings::SettingsStore,
    },
    testing::Dynamo,
};
use serde_json::Value;

use provider::Provider;
use sample::placed;
pub(crate) use sample::{contact, due, fact, new_shipment, noon, order, told};
use wire::{Trouble, Wire};

/// After which SQS shows a message again.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(180);

/// What a worker made of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done.
    Done,
    /// It must come again.
    Again,
    /// The worker died with it.
    Died,
}

/// Tables and providers.
pub(crate) struct World {
    /// The tables.
    pub(crate) dynamo: Dynamo,
    /// SES and SNS.
    pub(crate) provider: Provider,
    /// The ledger.
    pub(crate) notifications: NotificationStore,
    /// Customers and suppressed addresses.
    pub(crate) contacts: ContactStore,
    /// What the shop decided.
    pub(crate) settings: SettingsStore,
    /// What writes orders.
    pub(crate) intake: Intake,
}

/// The shop's, which tells by mail that a shipment moves, too.
pub(crate) fn settings() -> Settings {
    Settings {
        name: "Acme Shoes".to_owned(),
        from_email: "orders@acme.example".to_owned(),
        notification_types: BTreeMap::from([(NotificationType::InTransit, vec![Channel::Email])]),
        ..Settings::default()
    }
}

pub(crate) fn settings_of_the_function() -> Vec<(&'static str, &'static str)> {
    let tables = TABLES.iter().map(|table| (table.variable, table.name));
    let settings = [
        ("POSTHORN_TRACK_URL", "https://track.acme.example"),
        ("POSTHORN_CONFIGURATION_SET", "posthorn"),
        ("POSTHORN_DISPATCH_QUEUE", "http://127.0.0.1/queue/dispatch"),
        ("POSTHORN_MAILS_PER_SECOND", "14"),
    ];
    tables.chain(settings).collect()
}

pub(crate) fn config() -> Config {
    Config::with_settings("Dispatch", settings_of_the_function())
}

impl World {
    /// A shop, a customer who wants mails and texts, and a shipment that has come
    /// to `reason`.
    pub(crate) async fn with_shipment(reason: Reason) -> Self {
        let dynamo = Dynamo::start().await;
        let (aws, config) = (dynamo.aws(), config());
        let world = Self {
            provider: Provider::default(),
            notifications: NotificationStore::new(&aws, &config).unwrap(),
            contacts: ContactStore::new(&aws, &config).unwrap(),
            settings: SettingsStore::new(&aws, &config).unwrap(),
            intake: Intake::new(&aws, &config).unwrap(),
            dynamo,
        };
        world
            .settings
            .put_settings(&order().shop, &settings())
            .await
            .unwrap();
        // Made by the first mail of an installation, and not by each.
        let link_key = LinkKeyStore::new(&aws, &config).unwrap();
        link_key.key_or_new().await.unwrap();
        let new = NewOrder {
            order: placed(),
            contact: Some(contact()),
            shipments: vec![new_shipment(reason)],
        };
        world.intake.create_order(&new, None).await.unwrap();
        world
    }

    /// Moves the shipment on to `reason`.
    pub(crate) async fn move_shipment(&self, reason: Reason) {
        let moved = Shipment {
            version: 2,
            ..new_shipment(reason)
        };
        self.intake
            .orders
            .record_shipment(&order(), &moved, 1)
            .await
            .unwrap();
    }

    /// Lets a worker have `messages` at `now`, with trouble on its wire.
    pub(crate) async fn worker(
        &self,
        messages: &[Value],
        now: Timestamp,
        trouble: Option<Trouble>,
    ) -> (Fate, usize) {
        let wire = Wire::new(&self.provider, trouble);
        let aws = self.dynamo.aws_through(wire.client());
        let dispatch = Dispatch::new(&aws, &config()).unwrap();
        let mut event = SqsEvent::default();
        for (index, message) in messages.iter().enumerate() {
            let mut record = SqsMessage::default();
            record.message_id = Some(index.to_string());
            record.body = Some(message.to_string());
            event.records.push(record);
        }
        let fate = tokio::select! {
            response = dispatch.work_off(event, now, None) => {
                if response.batch_item_failures.is_empty() { Fate::Done } else { Fate::Again }
            }
            () = wire.death() => Fate::Died,
        };
        (fate, wire.n_requests())
    }

    /// Lets a healthy worker have `message` whose invocation ends at `deadline`.
    pub(crate) async fn worker_until(
        &self,
        message: &Value,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Fate {
        let wire = Wire::new(&self.provider, None);
        let aws = self.dynamo.aws_through(wire.client());
        let dispatch = Dispatch::new(&aws, &config()).unwrap();
        let mut record = SqsMessage::default();
        record.message_id = Some("1".to_owned());
        record.body = Some(message.to_string());
        let mut event = SqsEvent::default();
        event.records.push(record);
        let response = dispatch.work_off(event, now, Some(deadline)).await;
        if response.batch_item_failures.is_empty() {
            Fate::Done
        } else {
            Fate::Again
        }
    }

    /// Lets a healthy worker have `message`; it must get it done.
    pub(crate) async fn done(&self, message: &Value, now: Timestamp) {
        let (fate, _) = self.worker(std::slice::from_ref(message), now, None).await;
        assert_eq!(fate, Fate::Done, "{message}");
    }

    /// What a healthy worker is charged for `message`.
    pub(crate) async fn spent(&self, message: &Value) -> Consumed {
        let wire = Wire::new(&self.provider, None);
        let aws = self.dynamo.aws_through(wire.client());
        let dispatch = Dispatch::new(&aws, &config()).unwrap();
        let mut record = SqsMessage::default();
        record.body = Some(message.to_string());
        let mut event = SqsEvent::default();
        event.records.push(record);
        let response = dispatch.work_off(event, noon(), None).await;
        assert!(response.batch_item_failures.is_empty());
        aws.capacity_meter().read_units()
    }

    /// All of the order's notifications.
    pub(crate) async fn ledger(&self) -> Vec<Notification> {
        self.notifications.load_log(&order()).await.unwrap()
    }

    /// Returns what happened to the notification on `channel`, in order.
    pub(crate) async fn history(&self, channel: Channel) -> Vec<String> {
        let notification = self
            .notification(channel)
            .await
            .expect("the decision is in the notification log");
        notification
            .history
            .into_iter()
            .map(|entry| entry.what)
            .collect()
    }

    /// The notification on `channel`.
    pub(crate) async fn notification(&self, channel: Channel) -> Option<Notification> {
        let ledger = self.ledger().await;
        ledger
            .into_iter()
            .find(|notification| notification.channel == channel)
    }

    /// Where the notification on `channel` stands.
    pub(crate) async fn state(&self, channel: Channel) -> &'static str {
        let notification = self.notification(channel).await;
        notification.map_or("nothing", |notification| notification.state.state_name())
    }

    /// What follows after a worker had `message` at `now`: the queue comes again
    /// with what was not done, SES reports what it sent (unless its reports are
    /// lost), and the sweep comes with what is due, until nothing is open.
    pub(crate) async fn settle(
        &self,
        message: &Value,
        mut fate: Fate,
        now: Timestamp,
        has_events: bool,
    ) {
        let mut now = now;
        if has_events {
            self.report_sent(now).await;
        }
        for _ in 0..5 {
            if fate == Fate::Done {
                break;
            }
            now += VISIBILITY;
            (fate, _) = self.worker(std::slice::from_ref(message), now, None).await;
            if has_events {
                self.report_sent(now).await;
            }
        }
        assert_eq!(
            fate,
            Fate::Done,
            "the message would be in the dead-letter queue"
        );
        for _ in 0..20 {
            let Some(notification) = self.earliest_open().await else {
                return;
            };
            let due_at = notification
                .due_at()
                .expect("nothing stays claimed for ever");
            now = now.max(minute_after(due_at));
            let found = self
                .notifications
                .list_due(minute_after(due_at), None, 1000)
                .await;
            let found = found.unwrap().items;
            assert!(
                found.contains(&(order(), notification.id.clone())),
                "the sweep does not find it"
            );
            self.done(&due(&notification), now).await;
            if has_events {
                self.report_sent(now).await;
            }
        }
        panic!("it never settles: {:?}", self.ledger().await);
    }

    /// The notification that the sweep comes to next.
    pub(crate) async fn earliest_open(&self) -> Option<Notification> {
        let ledger = self.ledger().await.into_iter();
        ledger
            .filter(posthorn_domain::notification::Notification::is_open)
            .min_by_key(posthorn_domain::notification::Notification::due_at)
    }

    /// SES reports each mail that it has accepted, as often as it likes.
    pub(crate) async fn report_sent(&self, at: Timestamp) {
        for mail in self.provider.accepted() {
            let ledger = self.ledger().await;
            let Some(notification) = ledger
                .iter()
                .find(|notification| Some(&notification.id.0) == mail.notification.as_ref())
            else {
                continue;
            };
            let told = ProviderEvent::Sent {
                provider_id: mail.id,
            };
            if let Some(sent) = notification.settled_by_event(&told, at) {
                let put = self
                    .notifications
                    .put_notification(&sent, Some(notification))
                    .await
                    .unwrap();
                assert_eq!(put, LogWrite::Written);
            }
        }
    }
}

fn minute_after(at: Timestamp) -> Timestamp {
    let minute = at.as_second().div_euclid(60) + 1;
    Timestamp::from_second(minute * 60).unwrap()
}

pub(crate) fn is_sent(notification: &Notification) -> bool {
    matches!(notification.state, NotificationState::Sent { .. })
}
