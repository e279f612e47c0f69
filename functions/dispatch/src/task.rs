//! A message of the queue: a fact from the bus, or a notification that is due.

use std::collections::BTreeMap;

use jiff::Timestamp;
use posthorn_domain::{
    fact::Fact,
    id::{OrderId, OrderKey, ShopId},
    notification::NotificationId,
    notification_type::Channel,
};
use serde::{Deserialize, Serialize};

/// Places in the lines of the providers, for a message that has waited.
pub(crate) type QueuePlaces = BTreeMap<Channel, Timestamp>;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TaskBody", into = "TaskBody")]
pub(crate) struct DispatchTask {
    /// What is to be told.
    pub(crate) about: TaskSubject,
    /// Where it stands in line, if it was here before.
    pub(crate) places: QueuePlaces,
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaskSubject {
    /// Tell the customer about a fact, if it is worth it.
    Fact(Box<Fact>),
    /// Judge a notification again: it was deferred until now, or it is unknown
    /// whether it was sent.
    Notification {
        /// Whose order.
        order: OrderKey,
        /// Which notification.
        notification: NotificationId,
    },
}

impl DispatchTask {
    /// Whose order it is about.
    pub(crate) fn order_key(&self) -> &OrderKey {
        match &self.about {
            TaskSubject::Fact(fact) => &fact.order,
            TaskSubject::Notification { order, .. } => order,
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct TaskBody {
    /// EventBridge's envelope has the fact in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<Box<Fact>>,
    /// `sweep` sends this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notification: Option<DueNotification>,
    /// We send this along with either, if it has to wait for its provider.
    #[serde(default, skip_serializing_if = "QueuePlaces::is_empty")]
    places: QueuePlaces,
}

#[derive(Clone, Serialize, Deserialize)]
struct DueNotification {
    shop: ShopId,
    order: OrderId,
    id: NotificationId,
}

impl TryFrom<TaskBody> for DispatchTask {
    type Error = &'static str;

    fn try_from(wire: TaskBody) -> Result<Self, Self::Error> {
        let about = match (wire.detail, wire.notification) {
            (Some(fact), None) => TaskSubject::Fact(fact),
            (None, Some(DueNotification { shop, order, id })) => TaskSubject::Notification {
                order: OrderKey { shop, order },
                notification: id,
            },
            _ => return Err("expected a fact of the bus or a notification that is due"),
        };
        Ok(Self {
            about,
            places: wire.places,
        })
    }
}

impl From<DispatchTask> for TaskBody {
    fn from(task: DispatchTask) -> Self {
        let (detail, notification) = match task.about {
            TaskSubject::Fact(fact) => (Some(fact), None),
            TaskSubject::Notification {
                order,
                notification,
            } => {
                let OrderKey { shop, order } = order;
                let id = notification;
                (None, Some(DueNotification { shop, order, id }))
            }
        };
        Self {
            detail,
            notification,
            places: task.places,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        fact::{FactEvent, PreviousStage},
        stage::{OrderStage, StageSource},
    };
    use serde_json::json;

    fn order() -> OrderKey {
        OrderKey {
            shop: ShopId::parse("acme").unwrap(),
            order: OrderId::parse("A/1001").unwrap(),
        }
    }

    fn fact() -> Fact {
        let event = FactEvent::OrderStageChanged {
            stage: OrderStage::Processing,
            by: StageSource::Shop,
            previous: PreviousStage {
                stage: Some(OrderStage::New),
            },
        };
        Fact::new(order(), 2, "2026-11-22T10:15:00Z".parse().unwrap(), event)
    }

    fn new(about: TaskSubject) -> DispatchTask {
        DispatchTask {
            about,
            places: QueuePlaces::new(),
        }
    }

    #[test]
    fn a_fact_is_read_out_of_the_envelope_of_the_bus() {
        let fact = fact();
        let body = json!({
            "version": "0",
            "id": "11111111-2222-3333-4444-555555555555",
            "detail-type": fact.event.detail_type(),
            "source": "posthorn",
            "account": "123456789012",
            "time": "2026-11-22T10:15:01Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": fact,
        });
        let task: DispatchTask = serde_json::from_str(&body.to_string()).unwrap();
        assert_eq!(task, new(TaskSubject::Fact(Box::new(fact))));
    }

    #[test]
    fn a_due_notification_is_read_as_sweep_sends_it() {
        let body = json!({ "notification": { "shop": "acme", "order": "A/1001", "id": "0123" } });
        let task: DispatchTask = serde_json::from_str(&body.to_string()).unwrap();
        let expected = TaskSubject::Notification {
            order: order(),
            notification: NotificationId("0123".to_owned()),
        };
        assert_eq!(task, new(expected));
    }

    #[test]
    fn what_has_to_wait_comes_again_with_its_place_in_line() {
        let due = TaskSubject::Notification {
            order: order(),
            notification: NotificationId("0123".to_owned()),
        };
        let place: Timestamp = "2026-11-22T10:17:03.5Z".parse().unwrap();
        for about in [TaskSubject::Fact(Box::new(fact())), due] {
            let task = DispatchTask {
                about,
                places: QueuePlaces::from([(Channel::Email, place)]),
            };
            let body = serde_json::to_string(&task).unwrap();
            assert_eq!(serde_json::from_str::<DispatchTask>(&body).unwrap(), task);
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for body in [
            json!({}),
            json!({ "detail": { "version": 1, "id": "x" } }),
            json!({ "notification": { "shop": "NOT A SHOP", "order": "1", "id": "2" } }),
            json!({ "detail": null, "notification": null }),
        ] {
            assert!(
                serde_json::from_str::<DispatchTask>(&body.to_string()).is_err(),
                "{body}"
            );
        }
    }
}
