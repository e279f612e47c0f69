//! The sweep's own bookkeeping: how far it is, and which carriers have parcels.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnConsumedCapacity},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{cadence::Cadence, id::CarrierId};
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::Error,
    store::{
        codec::{decode, text},
        keys,
        schema::SETTINGS,
        table::Table,
    },
};

/// An entry younger than this needs no new date.
const SEEN_LATELY: SignedDuration = SignedDuration::from_hours(12);
/// Who finds an entry younger than this may rely on it.
const RELIABLE: SignedDuration = SignedDuration::from_hours(24);
/// An entry older than this may go. A parcel may join while its entry is a day
/// old ([`RELIABLE`]), and the longest cadence may take another day to come by
/// it and give the entry a new date; the third day is for an outage.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(72);

/// The item `SWEEP`/`STATE` of the Settings table.
#[derive(Debug, Clone)]
pub struct ScheduleStore {
    table: Table,
    /// Until when this process may rely on an entry.
    reliable: Arc<Mutex<HashMap<(CarrierId, Cadence), Timestamp>>>,
}

/// How far the sweep is, and what it has to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The last minute that was swept.
    pub watermark: Option<Timestamp>,
    /// Which carriers have parcels at which cadence, and when one was last seen.
    pub cohorts: BTreeMap<(CarrierId, Cadence), Timestamp>,
}

impl Schedule {
    /// The entries that were not seen for so long that they may go.
    pub fn forgotten(&self, now: Timestamp) -> Vec<(CarrierId, Cadence)> {
        self.cohorts
            .iter()
            .filter(|(_, seen)| now.duration_since(**seen) > FORGOTTEN)
            .map(|(cohort, _)| cohort.clone())
            .collect()
    }
}

/// What became of the watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// It stands where it should.
    Done,
    /// Another sweep has moved it.
    Overtaken,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    watermark: Option<Timestamp>,
    #[serde(default)]
    cohorts: BTreeMap<String, Timestamp>,
}

impl ScheduleStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(SETTINGS.variable)?),
            reliable: Arc::default(),
        })
    }

    /// Reads the item: all that an idle installation reads in a minute.
    pub async fn load(&self) -> Result<Schedule, Error> {
        let key = [
            ("pk", keys::SWEEP.to_owned()),
            ("sk", keys::STATE.to_owned()),
        ];
        let item = self
            .table
            .get(key, true, || "load the schedule".to_owned())
            .await?;
        let stored: Stored = match item {
            Some(item) => decode(item, "the schedule")?,
            None => Stored::default(),
        };
        let cohorts = stored
            .cohorts
            .into_iter()
            .filter_map(|(name, seen)| {
                let (carrier, cadence) = name.split_once('#')?;
                Some((
                    (CarrierId::parse(carrier).ok()?, cadence.parse().ok()?),
                    seen,
                ))
            })
            .collect();
        Ok(Schedule {
            watermark: stored.watermark,
            cohorts,
        })
    }

    /// Moves the watermark from where it was read to `to`.
    pub async fn advance(&self, from: Option<Timestamp>, to: Timestamp) -> Result<Advanced, Error> {
        let (condition, expected) = match from {
            Some(from) => (
                "watermark = :from OR watermark = :to",
                Some(text(from.to_string())),
            ),
            None => ("attribute_not_exists(watermark) OR watermark = :to", None),
        };
        let update = self
            .update("SET watermark = :to", condition)
            .value(":to", text(to.to_string()))
            .values_from(expected.map(|from| (":from", from)));
        Ok(if update.run("move the watermark").await? {
            Advanced::Done
        } else {
            Advanced::Overtaken
        })
    }

    /// Sees to it that the sweep looks at a carrier's parcels of a cadence;
    /// called before one is written. Writes only if the entry is missing or
    /// old, and asks the table at most once a day for each.
    pub async fn ensure_cohort(
        &self,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), Error> {
        let cohort = (carrier.clone(), cadence);
        if self
            .reliable_until(&cohort)
            .is_some_and(|until| now < until)
        {
            return Ok(());
        }
        let seen = match self.load().await?.cohorts.get(&cohort) {
            Some(seen) if now.duration_since(*seen) < RELIABLE => *seen,
            _ => {
                self.set_seen(carrier, cadence, now).await?;
                now
            }
        };
        let mut reliable = self.reliable.lock().unwrap_or_else(PoisonError::into_inner);
        reliable.insert(cohort, seen + RELIABLE);
        Ok(())
    }

    /// Gives an entry a new date, if the one in `schedule` is old: the sweep has
    /// just found parcels.
    pub async fn refresh(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), Error> {
        match schedule.cohorts.get(&(carrier.clone(), cadence)) {
            Some(seen) if now.duration_since(*seen) < SEEN_LATELY => Ok(()),
            _ => self.set_seen(carrier, cadence, now).await,
        }
    }

    /// Removes an entry that nobody has seen for days, unless somebody has seen
    /// it since `schedule` was read.
    pub async fn forget(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(seen) = schedule.cohorts.get(&(carrier.clone(), cadence)) else {
            return Ok(());
        };
        if now.duration_since(*seen) <= FORGOTTEN {
            return Ok(());
        }
        self.update("REMOVE cohorts.#cohort", "cohorts.#cohort = :seen")
            .cohort(carrier, cadence)
            .value(":seen", text(seen.to_string()))
            .run("forget a cohort")
            .await
            .map(drop)
    }

    fn reliable_until(&self, cohort: &(CarrierId, Cadence)) -> Option<Timestamp> {
        let reliable = self.reliable.lock().unwrap_or_else(PoisonError::into_inner);
        reliable.get(cohort).copied()
    }

    /// Dates an entry. The map must be there before an entry of it can be set,
    /// and two writers may both find it missing.
    async fn set_seen(
        &self,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), Error> {
        loop {
            let is_set = self
                .update("SET cohorts.#cohort = :now", "attribute_exists(cohorts)")
                .cohort(carrier, cadence)
                .value(":now", text(now.to_string()))
                .run("date a cohort")
                .await?;
            if is_set {
                return Ok(());
            }
            self.update("SET cohorts = :none", "attribute_not_exists(cohorts)")
                .value(":none", AttributeValue::M(HashMap::new()))
                .run("begin the schedule")
                .await?;
        }
    }

    fn update(&self, expression: &'static str, condition: &'static str) -> Update<'_> {
        Update {
            table: &self.table,
            expression,
            condition,
            names: None,
            values: Vec::new(),
        }
    }
}

/// A conditional change of the item.
struct Update<'a> {
    table: &'a Table,
    expression: &'static str,
    condition: &'static str,
    names: Option<HashMap<String, String>>,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Update<'_> {
    fn cohort(mut self, carrier: &CarrierId, cadence: Cadence) -> Self {
        let name = format!("{carrier}#{cadence}");
        self.names = Some(HashMap::from([("#cohort".to_owned(), name)]));
        self
    }

    fn value(self, name: &'static str, value: AttributeValue) -> Self {
        self.values_from(Some((name, value)))
    }

    fn values_from(mut self, values: Option<(&'static str, AttributeValue)>) -> Self {
        self.values.extend(values);
        self
    }

    /// Whether the condition held.
    async fn run(self, doing: &'static str) -> Result<bool, Error> {
        let values = self
            .values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let answer = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .key("pk", text(keys::SWEEP))
            .key("sk", text(keys::STATE))
            .update_expression(self.expression)
            .condition_expression(self.condition)
            .set_expression_attribute_names(self.names)
            .set_expression_attribute_values(Some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                self.table.meter.wrote(answer.consumed_capacity());
                Ok(true)
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Error::sdk(doing, error)),
        }
    }
}
