//! Where an order stands and who may move it.

use crate::fixtures::{at, new_shipment, order};
use posthorn_domain::{
    order::{Order, OrderItem, StageError},
    rollup::{roll_up, roll_up_change},
    shipment::Shipment,
    stage::{OrderStage as S, StageSource},
    status::{Reason, ShipmentStatus},
};

/// A shipment of this status.
pub(crate) fn standing(number: u16, status: ShipmentStatus) -> Shipment {
    let reason = Reason::ALL
        .iter()
        .find(|reason| reason.to_status() == status);
    Shipment {
        reason: *reason.unwrap(),
        ..new_shipment(number)
    }
}

/// An item of the table holds 400 KB.
#[test]
fn the_longest_order_can_be_written() {
    let mut order = order();
    let widest = |n| "\u{1f338}".repeat(n);
    order.items = vec![
        OrderItem {
            id: Some(widest(64)),
            title: widest(200),
            quantity: 1,
        };
        200
    ];
    for number in 0..200 {
        let comment = format!("{number}{}", widest(990));
        order
            .set_stage(
                S::Processing,
                StageSource::Shop,
                Some(comment),
                at("22 09:00"),
            )
            .unwrap();
    }
    let size = serde_json::to_vec(&order).unwrap().len();
    assert!(size < 380_000, "{size} bytes");
    // The latest comments are those that are kept.
    assert!(order.shop_comment().unwrap().starts_with("199"));
    assert_eq!(order.stages.len(), 100);
}

fn staged(stage: S, by: StageSource) -> Order {
    let mut order = order();
    order.stage = stage;
    order.stages[0].stage = stage;
    order.stages[0].by = by;
    order
}

/// Shipments of these statuses bring an order from `stage` to `expected`.
#[track_caller]
fn check(stage: S, by: StageSource, statuses: &[ShipmentStatus], expected: Option<S>) {
    let shipments: Vec<Shipment> = (1..)
        .zip(statuses)
        .map(|(number, status)| standing(number, *status))
        .collect();
    assert_eq!(
        roll_up(&staged(stage, by), &shipments),
        expected,
        "{stage} {statuses:?}"
    );
}

#[test]
fn an_order_follows_its_shipments() {
    use ShipmentStatus as P;
    for (from, statuses, expected) in [
        (S::New, &[][..], None),
        (S::New, &[P::Pending], Some(S::HandedToCarrier)),
        (S::InWarehouse, &[P::InfoReceived], Some(S::HandedToCarrier)),
        (S::HandedToCarrier, &[P::PickedUp], None),
        (S::HandedToCarrier, &[P::InTransit], Some(S::InTransit)),
        (
            S::HandedToCarrier,
            &[P::Customs, P::Pending],
            Some(S::InTransit),
        ),
        (
            S::InTransit,
            &[P::InTransit, P::OutForDelivery],
            Some(S::OutForDelivery),
        ),
        (
            S::InTransit,
            &[P::AvailableForPickup],
            Some(S::AvailableForPickup),
        ),
        (S::OutForDelivery, &[P::AttemptFailed], None),
        (S::OutForDelivery, &[P::Exception], None),
        (S::HandedToCarrier, &[P::AttemptFailed], Some(S::InTransit)),
        (
            S::InTransit,
            &[P::Delivered, P::InTransit],
            Some(S::PartiallyDelivered),
        ),
        (
            S::PartiallyDelivered,
            &[P::Delivered, P::OutForDelivery],
            None,
        ),
        (
            S::PartiallyDelivered,
            &[P::Delivered, P::Delivered],
            Some(S::Delivered),
        ),
        (S::New, &[P::Delivered], Some(S::Delivered)),
        (
            S::InTransit,
            &[P::Delivered, P::Cancelled],
            Some(S::Delivered),
        ),
        (S::InTransit, &[P::Cancelled], None),
        (S::InTransit, &[P::Returning], Some(S::Returning)),
        (S::Returning, &[P::Returned], Some(S::Returned)),
        (
            S::InTransit,
            &[P::Returned, P::Returning],
            Some(S::Returning),
        ),
        (S::Delivered, &[P::Returning], Some(S::Returning)),
        (S::Delivered, &[P::Delivered, P::Returning], None),
        (
            S::InTransit,
            &[P::Delivered, P::Returned],
            Some(S::PartiallyDelivered),
        ),
        (S::InTransit, &[P::Expired], None),
        (S::InTransit, &[P::Pending], None),
    ] {
        check(from, StageSource::Shipments, statuses, expected);
    }
}

#[test]
fn what_the_shipments_ended_they_may_reopen_and_what_the_shop_ended_they_may_not() {
    use ShipmentStatus as P;
    let (shop, shipments) = (StageSource::Shop, StageSource::Shipments);
    check(
        S::Delivered,
        shipments,
        &[P::AttemptFailed],
        Some(S::InTransit),
    );
    check(
        S::Delivered,
        shipments,
        &[P::Delivered, P::Pending],
        Some(S::PartiallyDelivered),
    );
    check(
        S::Returned,
        shipments,
        &[P::Returned, P::InTransit],
        Some(S::InTransit),
    );
    check(S::Delivered, shop, &[P::InTransit], None);
    check(S::Delivered, shop, &[P::Returning], Some(S::Returning));
    check(S::Returning, shop, &[P::Delivered], None);
    check(S::Returning, shop, &[P::Returned], Some(S::Returned));
    check(S::Returned, shop, &[P::InTransit], None);
    check(S::Cancelled, shop, &[P::Delivered], None);
    check(S::Cancelled, shop, &[P::Returned], None);
}

fn items(quantity: u32) -> Vec<OrderItem> {
    vec![OrderItem {
        id: None,
        title: "Socks".to_owned(),
        quantity,
    }]
}

#[test]
fn shipments_that_list_less_than_was_bought_are_a_part() {
    use ShipmentStatus as P;
    let mut order = staged(S::New, StageSource::Shop);
    order.items = items(3);
    let holding = |number, status, quantity| Shipment {
        items: items(quantity),
        ..standing(number, status)
    };
    let first = holding(1, P::Pending, 2);
    assert_eq!(
        roll_up(&order, std::slice::from_ref(&first)),
        Some(S::PartiallyShipped)
    );
    order.stage = S::PartiallyShipped;
    let both = [first, holding(2, P::Pending, 1)];
    assert_eq!(roll_up(&order, &both), Some(S::HandedToCarrier));
    let part = [holding(1, P::Delivered, 2)];
    assert_eq!(roll_up(&order, &part), Some(S::PartiallyDelivered));
    let whole = [holding(1, P::Delivered, 2), holding(2, P::Delivered, 1)];
    assert_eq!(roll_up(&order, &whole), Some(S::Delivered));
    assert_eq!(
        roll_up(&order, &[standing(1, P::Delivered)]),
        Some(S::Delivered)
    );
}

#[test]
fn a_shop_moves_an_order_as_far_as_its_own_hands_reach() {
    let now = at("23 10:00");
    let set = |from: S, to: S| {
        let mut order = staged(from, StageSource::Shop);
        order
            .set_stage(to, StageSource::Shop, None, now)
            .map(|_| order.stage)
    };
    for (from, to) in [
        (S::New, S::Processing),
        (S::Processing, S::PaymentConfirmed),
        (S::PaymentConfirmed, S::Processing),
        (S::Processing, S::InWarehouse),
        (S::InWarehouse, S::Processing),
        (S::New, S::Delivered),
        (S::New, S::Cancelled),
        (S::InTransit, S::Cancelled),
        (S::InTransit, S::Delivered),
        (S::InTransit, S::Returning),
        (S::Delivered, S::Returning),
        (S::Returning, S::Returned),
        (S::Cancelled, S::Returned),
    ] {
        assert_eq!(set(from, to), Ok(to), "{from} to {to}");
    }
    for (from, to, expected) in [
        (
            S::New,
            S::InTransit,
            "the stage `in_transit` follows from the shipments and cannot be set",
        ),
        (
            S::InTransit,
            S::Processing,
            "the order is `in_transit` already and cannot go back to `processing`",
        ),
        (
            S::Processing,
            S::New,
            "the order is `processing` already and cannot go back to `new`",
        ),
        (
            S::Cancelled,
            S::Processing,
            "the order is `cancelled`, which cannot become `processing`",
        ),
        (
            S::Delivered,
            S::Cancelled,
            "the order is `delivered`, which cannot become `cancelled`",
        ),
        (
            S::New,
            S::Returned,
            "the order is `new`, so there is nothing that could come back",
        ),
    ] {
        assert_eq!(set(from, to).unwrap_err().to_string(), expected);
    }
    assert!(matches!(
        set(S::Returned, S::Delivered),
        Err(StageError::IsOver { .. })
    ));
}

#[test]
fn the_history_tells_who_moved_it_when_and_what_was_said() {
    let mut order = order();
    let comment = Some("Packed by Tom".to_owned());
    assert_eq!(
        order.set_stage(S::Processing, StageSource::Shop, None, at("23 10:00")),
        Ok(true)
    );
    assert_eq!(
        order.set_stage(S::Processing, StageSource::Shop, None, at("23 11:00")),
        Ok(false)
    );
    assert_eq!(
        order.set_stage(S::Processing, StageSource::Shop, comment, at("23 12:00")),
        Ok(true)
    );
    assert_eq!((order.version, order.stages.len()), (3, 3));
    assert_eq!(order.stage_since(), at("23 10:00"));
    assert_eq!(order.shop_comment(), Some("Packed by Tom"));
    assert_eq!(order.times_at(S::Processing), 1);
    order
        .set_stage(
            S::HandedToCarrier,
            StageSource::Shipments,
            None,
            at("23 13:00"),
        )
        .unwrap();
    assert_eq!(
        (order.moved_by(), order.shop_comment()),
        (StageSource::Shipments, None)
    );
    assert_eq!(order.public_number(), "#1001");
    for _ in 0..300 {
        order
            .set_stage(
                order.stage,
                StageSource::Shop,
                Some("…".to_owned()),
                at("24 10:00"),
            )
            .unwrap();
    }
    assert_eq!((order.stages.len(), order.stages[0].stage), (100, S::New));
    assert_eq!(order.moved_by(), StageSource::Shipments);
}

/// A shipment that was `then` in its version 2 and is `now` in its version 5.
#[track_caller]
fn check_late(stage: (S, &str), then: (ShipmentStatus, &str), now: ShipmentStatus, to: Option<S>) {
    let mut order = staged(stage.0, StageSource::Shipments);
    order.stages[0].at = at(stage.1);
    let present = Shipment {
        version: 5,
        ..standing(1, now)
    };
    let changed = Shipment {
        version: 2,
        ..standing(1, then.0)
    };
    let found = roll_up_change(&order, &[present], &changed, at(then.1));
    assert_eq!(found, to, "{stage:?} {then:?} {now}");
}

#[test]
fn a_change_that_is_read_late_moves_the_order_to_what_it_was_then_and_never_back() {
    use ShipmentStatus as P;
    let (begin, early, late) = ("22 09:00", "22 10:00", "22 11:00");
    let new = (S::HandedToCarrier, begin);
    check_late(new, (P::InTransit, early), P::Delivered, Some(S::InTransit));
    check_late(new, (P::Delivered, early), P::Returned, Some(S::Delivered));
    check_late(new, (P::InTransit, early), P::InTransit, Some(S::InTransit));
    // The same again, after a later one.
    let out = (S::OutForDelivery, early);
    check_late(out, (P::InTransit, begin), P::Delivered, None);
    check_late(out, (P::OutForDelivery, early), P::Delivered, None);
    check_late(
        out,
        (P::AvailableForPickup, late),
        P::Delivered,
        Some(S::AvailableForPickup),
    );
    check_late(out, (P::AvailableForPickup, begin), P::Delivered, None);
    let over = (S::Delivered, late);
    check_late(over, (P::OutForDelivery, early), P::Delivered, None);
}
