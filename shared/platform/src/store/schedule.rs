//! The sweep's own bookkeeping: how far it is, and which carriers have parcels.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::types::AttributeValue;
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
        update::Update,
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
    /// When the sweep last came by a parcel that `carrier` is asked after at
    /// `cadence` in the minute `slot`: the last such minute up to the watermark.
    /// No poll writes that down.
    pub fn last_look(&self, carrier: &CarrierId, cadence: Cadence, slot: u32) -> Option<Timestamp> {
        let is_swept = self.cohorts.contains_key(&(carrier.clone(), cadence));
        let watermark = self.watermark.filter(|_| is_swept)?;
        let since = (cadence.slot_at(watermark) + cadence.minutes() - slot) % cadence.minutes();
        let minute = watermark.as_second().div_euclid(60) - i64::from(since);
        Timestamp::from_second(minute * 60).ok()
    }

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
        let condition = match from {
            Some(_) => "watermark = :from OR watermark = :to",
            None => "attribute_not_exists(watermark) OR watermark = :to",
        };
        let mut update = self
            .update("SET watermark = :to", condition)
            .value(":to", text(to.to_string()));
        if let Some(from) = from {
            update = update.value(":from", text(from.to_string()));
        }
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
            .name("#cohort", entry(carrier, cadence))
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
                .name("#cohort", entry(carrier, cadence))
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
        let key = [("pk", keys::SWEEP), ("sk", keys::STATE)];
        Update::new(&self.table, key, expression, condition)
    }
}

/// The name of an entry: `ups#3h`.
fn entry(carrier: &CarrierId, cadence: Cadence) -> String {
    format!("{carrier}#{cadence}")
}
