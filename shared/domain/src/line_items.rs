//! Whether what was bought has been sent, line by line.

use crate::{
    order::{Order, OrderItem},
    shipment::Shipment,
};
use std::collections::BTreeMap;

/// What one shipment, or one record of a storefront, holds of a line.
#[derive(Debug, Clone, Copy)]
struct SentQuantity<'a> {
    item: &'a OrderItem,
    /// Whether its id is one of the storefront's that the order came from.
    is_by_storefront: bool,
}

/// Whether `shipments` hold all that was bought. So they do if the order, or one
/// of them, does not list its lines: nothing then says that a line is missing.
///
/// A stored shipment that cannot be read may hold anything: nothing is complete then.
/// The lines of a storefront's record count once, in however many shipments it
/// was sent.
pub(crate) fn are_all_sent<'a>(
    order: &Order,
    shipments: impl Iterator<Item = &'a Shipment>,
) -> bool {
    if order.has_unreadable_shipments {
        return false;
    }
    if order.items.is_empty() {
        return true;
    }
    let Some(sent) = sent_quantities(shipments, order.as_of.is_some()) else {
        return true;
    };
    let is_placed = |sent: &SentQuantity<'_>| order.items.iter().any(|line| is_of(line, sent));
    if sent.iter().any(is_placed) || sent.iter().any(|sent| sent.is_by_storefront) {
        return are_covered(&order.items, &sent);
    }
    // The shop calls its lines otherwise in shipments than in orders: only the
    // quantities can be compared.
    let sum = |items: &mut dyn Iterator<Item = &OrderItem>| -> u64 {
        items.map(|item| u64::from(item.quantity)).sum()
    };
    sum(&mut sent.iter().map(|sent| sent.item)) >= sum(&mut order.items.iter())
}

/// What the shipments hold; None if one of them does not list it.
fn sent_quantities<'a>(
    shipments: impl Iterator<Item = &'a Shipment>,
    is_by_storefront: bool,
) -> Option<Vec<SentQuantity<'a>>> {
    let mut sent = Vec::new();
    let mut records: BTreeMap<&str, (jiff::Timestamp, &[OrderItem])> = BTreeMap::new();
    for shipment in shipments {
        let present = || shipment.origins.iter().filter(|o| !o.is_cancelled);
        if present().any(|origin| !origin.items.is_empty()) {
            for origin in present() {
                let newest = records
                    .entry(&origin.reference)
                    .or_insert((origin.as_of, &origin.items));
                if newest.0 < origin.as_of {
                    *newest = (origin.as_of, &origin.items);
                }
            }
        } else if shipment.items.is_empty() {
            return None;
        } else {
            sent.extend(shipment.items.iter().map(|item| SentQuantity {
                item,
                is_by_storefront: false,
            }));
        }
    }
    let of_records = records.values().flat_map(|(_, items)| items.iter());
    sent.extend(of_records.map(|item| SentQuantity {
        item,
        is_by_storefront,
    }));
    Some(sent)
}

/// Whether of each line as many were sent as were bought.
fn are_covered(bought: &[OrderItem], sent: &[SentQuantity<'_>]) -> bool {
    let mut missing: Vec<u32> = bought.iter().map(|line| line.quantity).collect();
    // Ids first: a title may be that of several lines.
    let (by_id, by_title): (Vec<&SentQuantity<'_>>, Vec<&SentQuantity<'_>>) = sent
        .iter()
        .partition(|sent| bought.iter().any(|line| has_same_id(line, sent.item)));
    for sent in by_id.into_iter().chain(by_title) {
        let mut left = sent.item.quantity;
        for (line, missing) in bought.iter().zip(&mut missing) {
            if is_of(line, sent) {
                let taken = left.min(*missing);
                left -= taken;
                *missing -= taken;
            }
        }
    }
    missing.iter().all(|missing| *missing == 0)
}

/// Whether what was sent is of `line`: by the id where both have one, else by the
/// title. A storefront's ids are those of its orders, so that one which the order
/// does not have is that of a line which is bought no more.
fn is_of(line: &OrderItem, sent: &SentQuantity<'_>) -> bool {
    match (&line.id, &sent.item.id) {
        (Some(line), Some(id)) if line == id => true,
        (Some(_), Some(_)) if sent.is_by_storefront => false,
        _ => fold_title(&line.title) == fold_title(&sent.item.title),
    }
}

fn has_same_id(line: &OrderItem, sent: &OrderItem) -> bool {
    line.id.is_some() && line.id == sent.id
}

fn fold_title(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
