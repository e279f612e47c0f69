//! A message of the queue: a fact from the bus, or a notice that is due.

use posthorn_domain::{
    fact::Fact,
    id::{OrderId, OrderKey, ShopId},
    notice::NoticeId,
};
use serde::Deserialize;

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Wire")]
pub(crate) enum Task {
    /// Tell the customer about a fact, if it is worth it.
    Tell(Box<Fact>),
    /// Judge a notice again: it was deferred until now, or nobody knows
    /// whether it was sent.
    Review {
        /// Whose order.
        order: OrderKey,
        /// Which notice.
        notice: NoticeId,
    },
}

impl Task {
    /// Whose order it is about.
    pub(crate) fn order(&self) -> &OrderKey {
        match self {
            Self::Tell(fact) => &fact.order,
            Self::Review { order, .. } => order,
        }
    }
}

#[derive(Deserialize)]
struct Wire {
    /// EventBridge's envelope has the fact in here.
    detail: Option<Box<Fact>>,
    /// `sweep` sends this.
    notice: Option<Due>,
}

#[derive(Deserialize)]
struct Due {
    shop: ShopId,
    order: OrderId,
    id: NoticeId,
}

impl TryFrom<Wire> for Task {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        match (wire.detail, wire.notice) {
            (Some(fact), None) => Ok(Self::Tell(fact)),
            (None, Some(Due { shop, order, id })) => Ok(Self::Review {
                order: OrderKey { shop, order },
                notice: id,
            }),
            _ => Err("expected a fact of the bus or a notice that is due"),
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

    #[test]
    fn a_fact_is_read_out_of_the_envelope_of_the_bus() {
        let event = Event::OrderStageChanged {
            stage: OrderStage::Processing,
            by: StageSource::Shop,
            previous: PreviousStage {
                stage: Some(OrderStage::New),
            },
        };
        let fact = Fact::new(order(), 2, "2026-11-22T10:15:00Z".parse().unwrap(), event);
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
        assert_eq!(task, Task::Tell(Box::new(fact)));
    }

    #[test]
    fn a_due_notice_is_read_as_sweep_sends_it() {
        let body = json!({ "notice": { "shop": "acme", "order": "A/1001", "id": "0123" } });
        let task: Task = serde_json::from_str(&body.to_string()).unwrap();
        let expected = Task::Review {
            order: order(),
            notice: NoticeId("0123".to_owned()),
        };
        assert_eq!(task, expected);
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
