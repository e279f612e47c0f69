//! Customers and suppressed addresses: all personal data there is.

use jiff::Timestamp;
use posthorn_domain::{
    contact::Contact,
    id::{OrderKey, ShopId},
    moment::Channel,
};
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::Error,
    store::{
        codec::{Item, decode, encode, text},
        keys, lenient,
        limits::Versioned,
        schema::CONTACTS,
        table::{Condition, PutOutcome, Table},
    },
    unsubscribe::Unsubscribe,
};

/// The Contacts table.
#[derive(Debug, Clone)]
pub struct ContactStore {
    pub(crate) table: Table,
}

/// The reason of an address whose owner has answered a text with STOP.
pub const STOP: &str = "stop";

/// Why an address is not to be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressedAddress {
    /// Why: `bounce`, `complaint`, `stop`, `unsubscribe`.
    #[serde(default)]
    pub reason: String,
    /// Since when.
    #[serde(default = "unknown")]
    pub at: Timestamp,
    /// Who says so, as `ses` or a message's id.
    #[serde(default)]
    pub source: String,
}

/// The time in an entry that was written by hand without one.
const fn unknown() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

impl ContactStore {
    /// The table that `POSTHORN_CONTACTS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(CONTACTS.variable)?),
        })
    }

    /// Whose an order is.
    pub async fn get(&self, order: &OrderKey) -> Result<Option<Contact>, Error> {
        Ok(self.load(order).await?.state)
    }

    /// The same, to be replaced if nobody else does so first.
    pub async fn load(&self, order: &OrderKey) -> Result<Versioned<Option<Contact>>, Error> {
        let doing = || format!("load the contact of order {order}");
        let Some(item) = self.table.get(contact_key(order), true, doing).await? else {
            return Ok(Versioned::default());
        };
        let what = format!("the contact of order {order}");
        let Version { version } = decode(item.clone(), &what)?;
        Ok(Versioned {
            state: Some(decode(item, &what)?),
            version,
        })
    }

    /// Says whose an order is, whatever was known before.
    pub async fn put(&self, order: &OrderKey, contact: &Contact) -> Result<(), Error> {
        let doing = || format!("write the contact of order {order}");
        self.table.put(contact_item(order, contact)?, doing).await
    }

    /// Whether and why an address of a shop's customers is not to be written to.
    pub async fn suppression(
        &self,
        shop: &ShopId,
        channel: Channel,
        address: &str,
    ) -> Result<Option<SuppressedAddress>, Error> {
        let item = self
            .table
            .get(suppression_key(shop, channel, address), true, || {
                format!("look up whether an address of {shop} is suppressed")
            })
            .await?;
        // That there is an entry is what counts, also where it was written by hand.
        let entry = item.map(|item| lenient::decode(item, "a suppressed address"));
        Ok(entry.transpose()?.map(|entry| entry.value))
    }

    /// Sees to it that an address is not written to any more. The first reason
    /// stays: doing it again changes nothing.
    pub async fn suppress(
        &self,
        shop: &ShopId,
        channel: Channel,
        address: &str,
        entry: &SuppressedAddress,
    ) -> Result<(), Error> {
        let address = keys::address(shop, channel, address);
        self.suppress_at(shop, address, entry).await
    }

    /// The same for whoever knows the address by its hash only.
    pub async fn unsubscribe(
        &self,
        unsubscribe: &Unsubscribe,
        entry: &SuppressedAddress,
    ) -> Result<(), Error> {
        let address = keys::hashed_address(&unsubscribe.shop, &unsubscribe.address);
        self.suppress_at(&unsubscribe.shop, address, entry).await
    }

    async fn suppress_at(
        &self,
        shop: &ShopId,
        address: String,
        entry: &SuppressedAddress,
    ) -> Result<(), Error> {
        let key = [("pk", text(address)), ("sk", text(keys::SUPPRESSION))];
        let item = encode(entry, key)?;
        let doing = || format!("suppress an address of {shop}");
        match self.table.put_if(item, Condition::absent(), doing).await? {
            PutOutcome::Written | PutOutcome::Refused(_) => Ok(()),
        }
    }

    /// Lets an address be written to again: the customer has asked for it.
    pub async fn allow(&self, shop: &ShopId, channel: Channel, address: &str) -> Result<(), Error> {
        self.table
            .delete(suppression_key(shop, channel, address), || {
                format!("allow an address of {shop}")
            })
            .await
    }
}

fn suppression_key(shop: &ShopId, channel: Channel, address: &str) -> [(&'static str, String); 2] {
    [
        ("pk", keys::address(shop, channel, address)),
        ("sk", keys::SUPPRESSION.to_owned()),
    ]
}

/// How often a contact was replaced.
#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    version: u64,
}

fn contact_key(order: &OrderKey) -> [(&'static str, String); 2] {
    [("pk", keys::order(order)), ("sk", keys::CONTACT.to_owned())]
}

pub(crate) fn contact_item(order: &OrderKey, contact: &Contact) -> Result<Item, Error> {
    encode(
        contact,
        [
            ("pk", text(keys::order(order))),
            ("sk", text(keys::CONTACT)),
        ],
    )
}
