//! What paths and headers say, as the API's document describes it.
#![expect(dead_code, reason = "`request` reads them, and these describe them")]

use utoipa::IntoParams;

/// Which order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OrderPath {
    /// The shop's own id of the order, percent-encoded
    #[param(example = "1001")]
    id: String,
}

/// Which shipment of an order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ShipmentPath {
    /// The shop's own id of the order, percent-encoded
    #[param(example = "1001")]
    id: String,
    /// Which shipment of the order, counted from 1
    #[param(example = 1)]
    n: u16,
}

/// A request that is answered once.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Repeatable {
    /// A key for this request. The same request with the same key is carried out once
    /// within 24 hours and gets the same answer; if that was too large to be stored
    /// (32 KB), the order or shipment as it stands.
    #[param(rename = "Idempotency-Key", max_length = 128)]
    key: Option<String>,
}
