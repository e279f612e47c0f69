//! Customers and suppressed addresses: all personal data there is.

use jiff::Timestamp;
use posthorn_domain::{
    contact::{Consent, Contact},
    id::{OrderKey, ShopId},
    notification_type::Channel,
};
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        carrier_limits::Versioned,
        codec::{StoredItem, decode_item, encode_item, text_value},
        keys,
        lenient::{self, Readable},
        schema::CONTACTS,
        table::{PutCondition, PutOutcome, Table},
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
    #[serde(default = "unknown_time")]
    pub at: Timestamp,
    /// Who says so, as `ses` or a message's id.
    #[serde(default)]
    pub source: String,
}

/// The time in an entry that was written by hand without one.
const fn unknown_time() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

impl ContactStore {
    /// The table that `POSTHORN_CONTACTS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(CONTACTS.variable)?),
        })
    }

    /// Reads whose an order is, to write to them or to show it. A field that cannot be
    /// read counts as not given, and as a refusal where it is the consent; for what is
    /// written back there is [`Self::load_contact`].
    pub async fn get_contact(&self, order: &OrderKey) -> Result<Option<Contact>, ServiceError> {
        let doing = || format!("load the contact of order {order}");
        let Some(item) = self.table.get_item(contact_key(order), true, doing).await? else {
            return Ok(None);
        };
        let what = format!("the contact of order {order}");
        let Readable {
            value: mut contact,
            left_out,
        } = lenient::decode_leniently::<Contact>(item, &what)?;
        lenient::log_left_out("contact", &order.to_string(), &left_out);
        // Its default allows mails.
        let is_consent = |field: &String| field.split(['.', '[']).next() == Some("consent");
        if left_out.iter().any(is_consent) {
            contact.consent = Consent {
                email: false,
                sms: false,
            };
        }
        // An address was given, though it cannot be read.
        for (field, channel) in [("email", Channel::Email), ("phone", Channel::Sms)] {
            let is_unusable = left_out.iter().any(|left_out| left_out == field);
            if is_unusable && !contact.unusable.contains(&channel) {
                contact.unusable.push(channel);
            }
        }
        Ok(Some(contact))
    }

    /// Reads the whole contact, to be replaced if nothing else replaces it first.
    /// It fails if a field cannot be read.
    pub async fn load_contact(
        &self,
        order: &OrderKey,
    ) -> Result<Versioned<Option<Contact>>, ServiceError> {
        let doing = || format!("load the contact of order {order}");
        let Some(item) = self.table.get_item(contact_key(order), true, doing).await? else {
            return Ok(Versioned::default());
        };
        let what = format!("the contact of order {order}");
        let ContactVersion { version } = decode_item(item.clone(), &what)?;
        Ok(Versioned {
            state: Some(decode_item(item, &what)?),
            version,
        })
    }

    /// Says whose an order is, whatever was known before.
    pub async fn put_contact(
        &self,
        order: &OrderKey,
        contact: &Contact,
    ) -> Result<(), ServiceError> {
        let doing = || format!("write the contact of order {order}");
        self.table
            .put_item(contact_item(order, contact)?, doing)
            .await
    }

    /// Whether and why an address of a shop's customers is not to be written to.
    pub async fn find_suppression(
        &self,
        shop: &ShopId,
        channel: Channel,
        address: &str,
    ) -> Result<Option<SuppressedAddress>, ServiceError> {
        let item = self
            .table
            .get_item(suppression_key(shop, channel, address), true, || {
                format!("look up whether an address of {shop} is suppressed")
            })
            .await?;
        // That there is an entry is what counts, also where it was written by hand.
        let entry = item.map(|item| lenient::decode_leniently(item, "a suppressed address"));
        Ok(entry.transpose()?.map(|entry| entry.value))
    }

    /// Sees to it that an address is not written to any more. The first reason
    /// stays: doing it again changes nothing.
    pub async fn suppress_address(
        &self,
        shop: &ShopId,
        channel: Channel,
        address: &str,
        entry: &SuppressedAddress,
    ) -> Result<(), ServiceError> {
        let address = keys::address_key(shop, channel, address);
        self.suppress_at(shop, address, entry).await
    }

    /// The same for a caller that knows the address by its hash only.
    pub async fn unsubscribe_address(
        &self,
        unsubscribe: &Unsubscribe,
        entry: &SuppressedAddress,
    ) -> Result<(), ServiceError> {
        let address = keys::hashed_address(&unsubscribe.shop, &unsubscribe.address);
        self.suppress_at(&unsubscribe.shop, address, entry).await
    }

    async fn suppress_at(
        &self,
        shop: &ShopId,
        address: String,
        entry: &SuppressedAddress,
    ) -> Result<(), ServiceError> {
        let key = [
            ("pk", text_value(address)),
            ("sk", text_value(keys::SUPPRESSION)),
        ];
        let item = encode_item(entry, key)?;
        let doing = || format!("suppress an address of {shop}");
        match self
            .table
            .put_if(item, PutCondition::if_absent(), doing)
            .await?
        {
            PutOutcome::Written | PutOutcome::Refused(_) => Ok(()),
        }
    }

    /// Lets an address be written to again: the customer has asked for it.
    pub async fn allow_address(
        &self,
        shop: &ShopId,
        channel: Channel,
        address: &str,
    ) -> Result<(), ServiceError> {
        self.table
            .delete_item(suppression_key(shop, channel, address), || {
                format!("allow an address of {shop}")
            })
            .await
    }
}

fn suppression_key(shop: &ShopId, channel: Channel, address: &str) -> [(&'static str, String); 2] {
    [
        ("pk", keys::address_key(shop, channel, address)),
        ("sk", keys::SUPPRESSION.to_owned()),
    ]
}

/// How often a contact was replaced.
#[derive(Deserialize)]
struct ContactVersion {
    #[serde(default)]
    version: u64,
}

fn contact_key(order: &OrderKey) -> [(&'static str, String); 2] {
    [
        ("pk", keys::order_key(order)),
        ("sk", keys::CONTACT.to_owned()),
    ]
}

pub(crate) fn contact_item(
    order: &OrderKey,
    contact: &Contact,
) -> Result<StoredItem, ServiceError> {
    encode_item(
        contact,
        [
            ("pk", text_value(keys::order_key(order))),
            ("sk", text_value(keys::CONTACT)),
        ],
    )
}
