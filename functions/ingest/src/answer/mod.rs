//! What the API answers about orders and shipments.

mod order;
mod shipment;

pub(crate) use order::{OrderAnswer, StageResult};
pub(crate) use shipment::{ShipmentAnswer, ShipmentResult};

use posthorn_domain::order::OrderItem;
use serde::Serialize;
use utoipa::ToSchema;

/// One line of an order or a shipment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
struct ItemAnswer {
    /// The shop's id of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "line-1")]
    id: Option<String>,
    /// What it is called.
    #[schema(example = "Walking boots")]
    title: String,
    /// How many.
    #[schema(example = 1)]
    quantity: u32,
}

fn list_items(items: &[OrderItem]) -> Vec<ItemAnswer> {
    items
        .iter()
        .map(|item| ItemAnswer {
            id: item.id.clone(),
            title: item.title.clone(),
            quantity: item.quantity,
        })
        .collect()
}
