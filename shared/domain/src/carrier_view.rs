//! Who carries a shipment, in the words that people read.

/// A carrier, as far as a customer needs to know it.
///
/// Mails, texts, the page and the API show the same one, which
/// `posthorn_carriers::carrier_view` makes of a shipment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CarrierView {
    /// What people call it: `UPS`; empty if that is not known.
    pub name: String,
    /// Its own page about the shipment.
    pub url: Option<String>,
}
