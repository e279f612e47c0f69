//! For each pair of types: is the one still sent after the other was told?

use posthorn_domain::notification_type::NotificationType;
use std::fmt::Write as _;

/// A row per type of message: `x` under those after which it is pointless, if their
/// news are later; its own weight before it.
#[test]
fn every_pair_of_types_is_decided() {
    let mut table =
        String::from("a row is not sent after a column with an x, whose news are later\n");
    for mine in NotificationType::ALL {
        let marks: String = NotificationType::ALL
            .iter()
            .map(|told| {
                let is_pointless = mine.is_superseded_by(*told);
                if is_pointless { 'x' } else { '.' }
            })
            .collect();
        writeln!(table, "{:>2} {marks} {mine}", mine.table_row().priority).unwrap();
    }
    insta::assert_snapshot!(table);
}

#[test]
fn no_two_types_weigh_the_same() {
    let mut weights: Vec<u8> = NotificationType::ALL
        .iter()
        .map(|moment| moment.table_row().priority)
        .collect();
    weights.sort_unstable();
    weights.dedup();
    assert_eq!(weights.len(), NotificationType::ALL.len());
}

/// What is told at the end makes all before it pointless, and nothing before makes
/// the end so.
#[test]
fn an_end_is_never_pointless_after_what_comes_before_it() {
    let ends = [
        NotificationType::Delivered,
        NotificationType::Returned,
        NotificationType::Cancelled,
    ];
    let is_before = |moment: &NotificationType| {
        moment.table_row().priority < NotificationType::Returning.table_row().priority
            && !matches!(
                moment,
                NotificationType::ReviewRequest | NotificationType::ParcelDelivered
            )
    };
    for end in ends {
        for before in NotificationType::ALL.iter().copied().filter(is_before) {
            assert!(!end.is_superseded_by(before), "{end} after {before}");
            let is_money =
                before == NotificationType::PaymentConfirmed && end == NotificationType::Delivered;
            assert!(
                before.is_superseded_by(end) || is_money,
                "{before} after {end}"
            );
        }
    }
}
