//! How fast messages go out, shared by all who send them.

use aws_sdk_dynamodb::types::AttributeValue;
use posthorn_domain::{id::ShopId, notification_type::Channel, pace::ChannelRate};
use serde::Deserialize;

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        carrier_limits::Versioned,
        codec::{decode_item, number_value, text_value},
        keys,
        schema::SETTINGS,
        table::Table,
        update::Update,
    },
};

/// The items `SENDING`/`PACE#<channel>`, `TEXTS`, `TEXTS#<shop>` and
/// `TEXTS_ABROAD#<shop>` of the Settings table: the pace of each provider, and how many
/// texts all shops and each of them have sent on a day.
#[derive(Debug, Clone)]
pub struct PaceStore {
    table: Table,
}

/// Which texts of a day are counted together.
#[derive(Debug, Clone, Copy)]
pub enum TextCounter<'a> {
    /// Those of all shops.
    Account,
    /// Those of a shop.
    Shop(&'a ShopId),
    /// Those of a shop to countries that it has not named itself.
    Abroad(&'a ShopId),
}

impl TextCounter<'_> {
    fn sort_key(self) -> String {
        match self {
            Self::Account => "TEXTS".to_owned(),
            Self::Shop(shop) => format!("TEXTS#{shop}"),
            Self::Abroad(shop) => format!("TEXTS_ABROAD#{shop}"),
        }
    }
}

#[derive(Deserialize)]
struct StoredPace {
    pace: ChannelRate,
    version: u64,
}

impl PaceStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(SETTINGS.variable)?),
        })
    }

    /// Reads the pace of a channel; an empty one if there is none.
    pub async fn load_pace(
        &self,
        channel: Channel,
    ) -> Result<Versioned<ChannelRate>, ServiceError> {
        let doing = || format!("load the pace of {channel}");
        let Some(item) = self.table.get_item(pace_key(channel), true, doing).await? else {
            return Ok(Versioned::default());
        };
        let StoredPace { pace, version } = decode_item(item, &doing())?;
        Ok(Versioned {
            state: pace,
            version,
        })
    }

    /// Writes `next` over what was read as version `before`; false if another writer
    /// else has written it since. So is an answer that was lost on the way: its
    /// slots stay empty then, which does no harm.
    pub async fn replace_pace(
        &self,
        channel: Channel,
        next: &ChannelRate,
        before: u64,
    ) -> Result<bool, ServiceError> {
        let pace: AttributeValue = serde_dynamo::to_attribute_value(next)
            .map_err(|error| ServiceError::from_unreadable("write a pace", error))?;
        let condition = match before {
            0 => "attribute_not_exists(version)",
            _ => "version = :before",
        };
        let mut update = Update::new(
            &self.table,
            pace_key(channel),
            "SET pace = :pace, version = :next",
            condition,
        )
        .with_value(":pace", pace)
        .with_value(":next", number_value(before + 1));
        if before > 0 {
            update = update.with_value(":before", number_value(before));
        }
        update.run_update("take a slot for sending").await
    }

    /// Counts a text on `day` (as `2026-11-22`), unless that would be more than `most`;
    /// returns whether it was counted. An answer that is lost may count it twice.
    pub async fn count_text(
        &self,
        counter: TextCounter<'_>,
        day: &str,
        most: u32,
    ) -> Result<bool, ServiceError> {
        let counter = &counter.sort_key();
        if most == 0 {
            return Ok(false);
        }
        // The day's first text makes the counter anew; two of them at once do it once.
        for _ in 0..2 {
            let is_counted = self
                .counter_update(
                    counter,
                    "SET n = n + :one",
                    "#day = :day AND n < :most",
                    day,
                )
                .with_value(":most", number_value(most))
                .run_update("count a text")
                .await?;
            if is_counted {
                return Ok(true);
            }
            let is_first = self
                .counter_update(
                    counter,
                    "SET n = :one, #day = :day",
                    "attribute_not_exists(n) OR #day < :day",
                    day,
                )
                .run_update("count the first text of a day")
                .await?;
            if is_first {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn counter_update(
        &self,
        counter: &str,
        expression: &'static str,
        condition: &'static str,
        day: &str,
    ) -> Update<'_> {
        let key = [("pk", keys::SENDING.to_owned()), ("sk", counter.to_owned())];
        Update::new(&self.table, key, expression, condition)
            .with_name("#day", "day".to_owned())
            .with_value(":one", number_value(1))
            .with_value(":day", text_value(day))
    }
}

fn pace_key(channel: Channel) -> [(&'static str, String); 2] {
    [
        ("pk", keys::SENDING.to_owned()),
        ("sk", keys::pace_key(channel)),
    ]
}
