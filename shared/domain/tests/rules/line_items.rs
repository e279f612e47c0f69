//! An order is complete exactly when its lines are.

use crate::{
    fixtures::{at, order},
    orders::standing,
};
use posthorn_domain::{
    order::{Order, OrderItem},
    rollup::{is_rest_unsent, roll_up},
    shipment::{Shipment, ShipmentOrigin},
    stage::{OrderStage as S, StageSource},
    status::ShipmentStatus as P,
};

fn item(id: &str, title: &str, quantity: u32) -> OrderItem {
    OrderItem {
        id: (!id.is_empty()).then(|| id.to_owned()),
        title: title.to_owned(),
        quantity,
    }
}

/// Boots and two pairs of laces, from a storefront.
fn bought() -> Order {
    Order {
        items: vec![item("1", "Boots", 1), item("2", "Laces", 2)],
        as_of: Some(at("22 08:00")),
        ..order()
    }
}

fn record(reference: &str, items: &[OrderItem]) -> ShipmentOrigin {
    ShipmentOrigin {
        reference: reference.to_owned(),
        as_of: at("22 09:00"),
        items: items.to_vec(),
        is_cancelled: false,
        unreadable: 0,
    }
}

/// A shipment that holds the lines of these records.
fn holding(number: u16, status: P, origins: &[ShipmentOrigin]) -> Shipment {
    Shipment {
        origins: origins.to_vec(),
        ..standing(number, status)
    }
}

#[track_caller]
fn check(order: &Order, shipments: &[Shipment], expected: S) {
    assert_eq!(roll_up(order, shipments), Some(expected));
}

#[test]
fn the_lines_of_two_records_in_one_box_are_both_sent() {
    let boots = record("a", &[item("1", "Boots", 1)]);
    let laces = record("b", &[item("2", "Laces", 2)]);
    let (one, both) = ([boots.clone()], [boots, laces]);
    check(
        &bought(),
        &[holding(1, P::Delivered, &one)],
        S::PartiallyDelivered,
    );
    check(&bought(), &[holding(1, P::Delivered, &both)], S::Delivered);
}

#[test]
fn another_record_in_a_box_is_other_content_and_a_later_copy_of_one_is_not() {
    let boots = record("a", &[item("1", "Boots", 1)]);
    let one = holding(1, P::Pending, std::slice::from_ref(&boots));
    let laces = record("b", &[item("2", "Laces", 2)]);
    let both = holding(1, P::Pending, &[boots.clone(), laces]);
    assert!(!one.has_same_content(&both));
    let later = ShipmentOrigin {
        as_of: at("22 11:00"),
        ..boots.clone()
    };
    assert!(one.has_same_content(&holding(1, P::Pending, &[later])));
    let cancelled = ShipmentOrigin {
        is_cancelled: true,
        ..boots
    };
    assert!(!one.has_same_content(&holding(1, P::Pending, &[cancelled])));
}

#[test]
fn the_lines_of_a_record_in_two_boxes_count_once() {
    let boots = [record("a", &[item("1", "Boots", 1)])];
    let two = [
        holding(1, P::Delivered, &boots),
        holding(2, P::Delivered, &boots),
    ];
    check(&bought(), &two, S::PartiallyDelivered);
    assert!(is_rest_unsent(&bought(), &two));
    let all = [record("a", &bought().items)];
    let all = [
        holding(1, P::Delivered, &all),
        holding(2, P::Delivered, &all),
    ];
    check(&bought(), &all, S::Delivered);
}

#[test]
fn quantities_of_a_line_add_up_and_those_of_another_do_not_stand_in_for_it() {
    let lace = |reference: &str| record(reference, &[item("2", "Laces", 1)]);
    let boots = record("a", &[item("1", "Boots", 1)]);
    let sent = |origins: &[ShipmentOrigin]| [holding(1, P::Pending, origins)];
    let once = sent(&[boots.clone(), lace("b")]);
    check(&bought(), &once, S::PartiallyShipped);
    let twice = sent(&[boots, lace("b"), lace("c")]);
    check(&bought(), &twice, S::HandedToCarrier);
    let three_laces = sent(&[record("a", &[item("2", "Laces", 3)])]);
    check(&bought(), &three_laces, S::PartiallyShipped);
}

#[test]
fn a_line_that_was_sent_and_is_bought_no_more_stands_in_for_no_other() {
    let mut edited = bought();
    edited.items = vec![item("3", "Boots", 1)];
    let old = [holding(
        1,
        P::Pending,
        &[record("a", &[item("1", "Boots", 1)])],
    )];
    check(&edited, &old, S::PartiallyShipped);
    edited.items = vec![item("1", "Boots", 1)];
    check(&edited, &old, S::HandedToCarrier);
}

#[test]
fn a_record_that_was_taken_back_sends_nothing() {
    let boots = record("a", &[item("1", "Boots", 1)]);
    let laces = ShipmentOrigin {
        is_cancelled: true,
        ..record("b", &[item("2", "Laces", 2)])
    };
    let sent = [holding(1, P::Pending, &[boots, laces])];
    check(&bought(), &sent, S::PartiallyShipped);
}

#[test]
fn of_two_copies_of_a_record_the_newer_counts() {
    let old = record("a", &bought().items);
    let new = ShipmentOrigin {
        as_of: at("22 10:00"),
        ..record("a", &[item("1", "Boots", 1)])
    };
    for copies in [[old.clone(), new.clone()], [new, old]] {
        let [first, second] = copies;
        let sent = [
            holding(1, P::Pending, &[first]),
            holding(2, P::Pending, &[second]),
        ];
        check(&bought(), &sent, S::PartiallyShipped);
    }
}

#[test]
fn lines_without_ids_are_matched_by_what_they_are_called() {
    let posted = Order {
        items: vec![item("", "Boots", 1), item("sku-2", "Laces", 2)],
        as_of: None,
        ..order()
    };
    let with = |items: &[OrderItem]| {
        [Shipment {
            items: items.to_vec(),
            ..standing(1, P::Pending)
        }]
    };
    for (items, expected) in [
        (
            &[item("", "boots ", 1), item("", "LACES", 2)][..],
            S::HandedToCarrier,
        ),
        (
            &[item("", "Boots", 1), item("sku-2", "Shoe laces", 2)],
            S::HandedToCarrier,
        ),
        (
            &[item("", "Boots", 1), item("", "Gift wrap", 2)],
            S::PartiallyShipped,
        ),
        // Nothing is called alike: all that can be compared are the quantities.
        (&[item("", "Parcel content", 3)], S::HandedToCarrier),
        (&[item("", "Parcel content", 2)], S::PartiallyShipped),
    ] {
        check(&posted, &with(items), expected);
    }
}

#[test]
fn an_order_whose_only_shipment_is_taken_back_stands_where_the_shop_had_left_it() {
    let mut order = bought();
    let set = |order: &mut Order, stage, by| order.set_stage(stage, by, None, at("23 10:00"));
    set(&mut order, S::Processing, StageSource::Shop).unwrap();
    set(&mut order, S::HandedToCarrier, StageSource::Shipments).unwrap();
    let void = [holding(1, P::Cancelled, &[])];
    check(&order, &void, S::Processing);
    set(&mut order, S::Processing, StageSource::Shipments).unwrap();
    assert_eq!(roll_up(&order, &void), None);
    let again = [void[0].clone(), holding(2, P::Pending, &[])];
    check(&order, &again, S::HandedToCarrier);
    // What has arrived is not taken back, and what the shop has ended stays so.
    for (stage, by) in [
        (S::Delivered, StageSource::Shipments),
        (S::Cancelled, StageSource::Shop),
    ] {
        let mut order = bought();
        set(&mut order, stage, by).unwrap();
        assert_eq!(roll_up(&order, &void), None, "{stage}");
    }
}

#[test]
fn a_payment_after_the_hand_over_is_written_down_and_moves_nothing() {
    for stage in [S::InTransit, S::Delivered, S::Returning] {
        let mut order = bought();
        let set = |order: &mut Order, stage, by, comment: Option<&str>| {
            order.set_stage(stage, by, comment.map(str::to_owned), at("24 10:00"))
        };
        set(&mut order, stage, StageSource::Shipments, None).unwrap();
        let paid = set(&mut order, S::PaymentConfirmed, StageSource::Shop, None);
        assert_eq!((paid, order.stage), (Ok(true), stage));
        assert_eq!(order.stages[2].stage, S::PaymentConfirmed);
        assert_eq!(order.moved_by(), StageSource::Shipments);
        assert_eq!(order.times_at(stage), 1);
        assert_eq!(order.stage_since(), at("24 10:00"));
        let again = set(&mut order, S::PaymentConfirmed, StageSource::Shop, None);
        assert_eq!(again, Ok(false));
        assert_eq!(order.shop_comment(), None);
    }
    let mut order = bought();
    order
        .set_stage(S::Cancelled, StageSource::Shop, None, at("24 10:00"))
        .unwrap();
    let paid = order.set_stage(S::PaymentConfirmed, StageSource::Shop, None, at("24 11:00"));
    assert!(paid.is_err());
}
