//! A message of the queue: a fact from the bus, or a notice that is due.

use std::collections::BTreeMap;

use jiff::Timestamp;
use posthorn_domain::{
    fact::Fact,
    id::{OrderId, OrderKey, ShopId},
    moment::Channel,
    notice::NoticeId,
};
use serde::{Deserialize, Serialize};

/// Places in the lines of the providers, for a message that has waited.
pub(crate) type Places = BTreeMap<Channel, Timestamp>;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub(crate) struct Task {
    /// What is to be told.
    pub(crate) about: About,
    /// Where it stands in line, if it was here before.
    pub(crate) places: Places,
}

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// Tell the customer about a fact, if it is worth it.
    Fact(Box<Fact>),
    /// Judge a notice again: it was deferred until now, or nobody knows
    /// whether it was sent.
    Notice {
        /// Whose order.
        order: OrderKey,
        /// Which notice.
        notice: NoticeId,
    },
}

impl Task {
    /// Whose order it is about.
    pub(crate) fn order(&self) -> &OrderKey {
        match &self.about {
            About::Fact(fact) => &fact.order,
            About::Notice { order, .. } => order,
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    /// EventBridge's envelope has the fact in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<Box<Fact>>,
    /// `sweep` sends this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<Due>,
    /// We send this along with either, if it has to wait for its provider.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    places: Places,
}

#[derive(Clone, Serialize, Deserialize)]
struct Due {
    shop: ShopId,
    order: OrderId,
    id: NoticeId,
}

impl TryFrom<Wire> for Task {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let about = match (wire.detail, wire.notice) {
            (Some(fact), None) => About::Fact(fact),
            (None, Some(Due { shop, order, id })) => About::Notice {
                order: OrderKey { shop, order },
                notice: id,
            },
            _ => return Err("expected a fact of the bus or a notice that is due"),
        };
        Ok(Self {
            about,
            places: wire.places,
        })
    }
}

impl From<Task> for Wire {
    fn from(task: Task) -> Self {
        let (detail, notice) = match task.about {
            About::Fact(fact) => (Some(fact), None),
            About::Notice { order, notice } => {
                let OrderKey { shop, order } = order;
                let id = notice;
                (None, Some(Due { shop, order, id }))
            }
        };
        Self {
            detail,
            notice,
            places: task.places,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        fact::{Event, PreviousStage},
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
        let event = Event::OrderStageChanged {
            stage: OrderStage::Processing,
            by: StageSource::Shop,
            previous: PreviousStage {
                stage: Some(OrderStage::New),
            },
        };
        Fact::new(order(), 2, "2026-11-22T10:15:00Z".parse().unwrap(), event)
    }

    fn new(about: About) -> Task {
        Task {
            about,
            places: Places::new(),
        }
    }

    #[test]
    fn a_fact_is_read_out_of_the_envelope_of_the_bus() {
        let fact = fact();
        let body = json!({
            "version": "0",
            "id": "11111111-2222-3333-4444-555555555555",
            "detail-type": fact.event.name(),
            "source": "posthorn",
            "account": "123456789012",
            "time": "2026-11-22T10:15:01Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": fact,
        });
        let task: Task = serde_json::from_str(&body.to_string()).unwrap();
        assert_eq!(task, new(About::Fact(Box::new(fact))));
    }

    #[test]
    fn a_due_notice_is_read_as_sweep_sends_it() {
        let body = json!({ "notice": { "shop": "acme", "order": "A/1001", "id": "0123" } });
        let task: Task = serde_json::from_str(&body.to_string()).unwrap();
        let expected = About::Notice {
            order: order(),
            notice: NoticeId("0123".to_owned()),
        };
        assert_eq!(task, new(expected));
    }

    #[test]
    fn what_has_to_wait_comes_again_with_its_place_in_line() {
        let due = About::Notice {
            order: order(),
            notice: NoticeId("0123".to_owned()),
        };
        let place: Timestamp = "2026-11-22T10:17:03.5Z".parse().unwrap();
        for about in [About::Fact(Box::new(fact())), due] {
            let task = Task {
                about,
                places: Places::from([(Channel::Email, place)]),
            };
            let body = serde_json::to_string(&task).unwrap();
            assert_eq!(serde_json::from_str::<Task>(&body).unwrap(), task);
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for body in [
            json!({}),
            json!({ "detail": { "version": 1, "id": "x" } }),
            json!({ "notice": { "shop": "NOT A SHOP", "order": "1", "id": "2" } }),
            json!({ "detail": null, "notice": null }),
        ] {
            assert!(
                serde_json::from_str::<Task>(&body.to_string()).is_err(),
                "{body}"
            );
        }
    }
}
