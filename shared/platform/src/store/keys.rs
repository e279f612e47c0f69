//! How the keys of the tables are spelled.

use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId},
    notification::NotificationId,
    notification_type::Channel,
    tracking_number::TrackingNumber,
};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Sort key of an order's own item.
pub const ORDER: &str = "ORDER";
/// What the sort key of a shipment begins with.
pub const SHIPMENT_PREFIX: &str = "SHIPMENT#";
/// What the sort key of a message begins with.
pub const NOTIFICATION_PREFIX: &str = "NOTIFICATION#";
/// Sort key of the item that says whose an order is.
pub const CONTACT: &str = "CONTACT";
/// Sort key of the item that says that an address is not to be written to.
pub const SUPPRESSION: &str = "SUPPRESSION";
/// Sort key of an API key.
pub const KEY: &str = "KEY";
/// Sort key of a shop's settings.
pub const SETTINGS: &str = "SETTINGS";
/// Partition key of what links are signed with.
pub const LINKS: &str = "LINKS";
/// Partition key of the sweep's bookkeeping.
pub const SWEEP: &str = "SWEEP";
/// Partition key of what those keep count of who send messages.
pub const SENDING: &str = "SENDING";
/// Sort key of the sweep's bookkeeping.
pub const STATE: &str = "STATE";

const ORDER_PREFIX: &str = "ORDER#";

/// Partition key of everything about an order.
pub fn order_key(key: &OrderKey) -> String {
    format!("{ORDER_PREFIX}{}#{}", key.shop, key.order)
}

/// The order of a partition key. Neither shop nor order id can hold a `#`.
pub fn parse_order(pk: &str) -> Option<OrderKey> {
    let (shop, order) = pk.strip_prefix(ORDER_PREFIX)?.split_once('#')?;
    Some(OrderKey {
        shop: ShopId::parse(shop).ok()?,
        order: OrderId::parse(order).ok()?,
    })
}

/// Sort key of a shipment: four digits, so that they sort as numbers do.
pub fn shipment_key(number: ShipmentIndex) -> String {
    format!("{SHIPMENT_PREFIX}{:04}", number.0)
}

/// The shipment of a sort key.
pub fn parse_shipment(sk: &str) -> Option<ShipmentIndex> {
    let number = sk.strip_prefix(SHIPMENT_PREFIX)?;
    number.parse().ok().map(ShipmentIndex)
}

/// Sort key of a channel's pace.
pub fn pace_key(channel: Channel) -> String {
    format!("PACE#{channel}")
}

/// What `ByText` finds a text by that its provider has taken: the provider's id.
pub fn sent_text(provider_id: &str) -> String {
    provider_id.to_owned()
}

/// What `ByText` finds a text of unknown fate by: its number, masked.
pub fn unknown_text(masked: &str) -> String {
    format!("unknown#{masked}")
}

/// Key of `ByNumber`: a number is a carrier's own.
pub fn number_key(carrier: &CarrierId, number: &TrackingNumber) -> String {
    format!("{carrier}#{number}")
}

/// Sort key of a message.
pub fn notification_key(id: &NotificationId) -> String {
    format!("{NOTIFICATION_PREFIX}{id}")
}

/// The message of a sort key.
pub fn parse_notification(sk: &str) -> Option<NotificationId> {
    sk.strip_prefix(NOTIFICATION_PREFIX)
        .map(|id| NotificationId(id.to_owned()))
}

/// Partition key of an address of a shop's customers.
pub fn address_key(shop: &ShopId, channel: Channel, address: &str) -> String {
    hashed_address(shop, &address_hash(channel, address))
}

/// The hash that an address is known by: of it in lower case, because feedback
/// does not always keep the case.
pub fn address_hash(channel: Channel, address: &str) -> [u8; 32] {
    let identity = format!("{channel}:{}", address.trim().to_lowercase());
    Sha256::digest(identity).into()
}

/// Partition key of an address of which only the hash is known.
pub fn hashed_address(shop: &ShopId, hash: &[u8; 32]) -> String {
    format!("ADDRESS#{shop}#{}", hex::encode(hash))
}

/// Partition key of a shop's settings.
pub fn shop_key(shop: &ShopId) -> String {
    format!("SHOP#{shop}")
}

/// Sort key, beside the sweep's bookkeeping, of what a carrier allows.
pub fn limits_key(carrier: &CarrierId) -> String {
    format!("LIMITS#{carrier}")
}

/// Key of an answer that was given to a shop's request.
pub fn receipt_key(shop: &ShopId, key: &str) -> String {
    format!("{shop}#{key}")
}

/// Key, beside the answers, of when a hint had a number asked after. No shop's id
/// has capital letters.
pub fn poll_debounce_key(carrier: &CarrierId, number: &TrackingNumber) -> String {
    format!("PUSH_TRIGGER#{carrier}#{number}")
}

/// Shipments of one carrier that are asked after in the same minute of the same
/// period: one key of the index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cohort {
    /// Whose shipments.
    pub carrier: CarrierId,
    /// How often they are asked after.
    pub cadence: Cadence,
    /// In which minute of the period.
    pub slot: u32,
    /// Which part of them.
    pub shard: u32,
}

impl Cohort {
    /// Where a shipment belongs: decided by its name, so it stays there until its
    /// cadence changes.
    pub fn for_shipment(
        order: &OrderKey,
        shipment: ShipmentIndex,
        carrier: &CarrierId,
        cadence: Cadence,
        shards: u32,
    ) -> Self {
        Self {
            carrier: carrier.clone(),
            cadence,
            slot: cadence.slot_of(digest_word(&key_digest(order, shipment)[..8])),
            shard: shard_index(order, shipment, shards),
        }
    }
}

/// In which of so many parts of its slot a shipment is.
pub(crate) fn shard_index(order: &OrderKey, shipment: ShipmentIndex, shards: u32) -> u32 {
    let hash = digest_word(&key_digest(order, shipment)[8..16]);
    u32::try_from(hash % u64::from(shards.max(1))).unwrap_or_default()
}

/// Carrier and cadence of a [`Cohort`] as it is spelled.
pub(crate) fn parse_cohort(cohort: &str) -> Option<(CarrierId, Cadence)> {
    let mut parts = cohort.split('#');
    let carrier = CarrierId::parse(parts.next()?).ok()?;
    Some((carrier, parts.next()?.parse().ok()?))
}

fn key_digest(order: &OrderKey, shipment: ShipmentIndex) -> [u8; 32] {
    Sha256::digest(format!("{order}\n{shipment}")).into()
}

fn digest_word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            carrier,
            cadence,
            slot,
            shard,
        } = self;
        write!(f, "{carrier}#{cadence}#{slot:04}#{shard}")
    }
}
