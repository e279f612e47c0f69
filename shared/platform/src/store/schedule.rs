//! The sweep's own bookkeeping: how far it is, and which carriers have shipments.

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
    error::ServiceError,
    store::{
        codec::{number_value, text_value},
        keys,
        lenient::{self, Readable},
        pagination::{Cursor, IndexPosition},
        schema::SETTINGS,
        table::Table,
        update::Update,
    },
};

/// An entry younger than this needs no new date.
const SEEN_LATELY: SignedDuration = SignedDuration::from_hours(12);
/// Who finds an entry younger than this may rely on it.
const RELIABLE: SignedDuration = SignedDuration::from_hours(24);
/// An entry older than this may go. A shipment may join while its entry is a day
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
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schedule {
    /// The last minute that was swept.
    pub watermark: Option<Timestamp>,
    /// Which carriers have shipments at which cadence, and when one was last seen.
    pub cohorts: BTreeMap<(CarrierId, Cadence), Timestamp>,
    /// Cohorts that are behind the watermark: their carrier does not let us ask
    /// after all that is due.
    pub backlogs: Backlogs,
    /// Carriers that are left alone.
    pub backoffs: BTreeMap<CarrierId, Backoff>,
    /// How far notifications are released.
    pub released: Option<ReleasedUntil>,
    /// How far the shipments of the index are counted.
    pub census: Census,
    /// The watermark as it is stored, also if it cannot be read: a write is
    /// conditional on it.
    pub stored: Option<AttributeValue>,
}

/// How far due notifications are released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedUntil {
    /// The minute whose notifications are next.
    pub next: Timestamp,
    /// The last of that minute that was released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<IndexPosition>,
}

/// A count of the shipments in the index, which finds cohorts that the schedule has
/// lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Census {
    /// Where to go on; none between two counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// Shipments that the present count has found.
    #[serde(default)]
    pub found: u64,
    /// Of these, shipments of cohorts that the schedule did not know.
    #[serde(default)]
    pub unwatched: u64,
    /// When the last count ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How many counts have ended.
    #[serde(default)]
    pub rounds: u32,
    /// Shipments that the last count found.
    #[serde(default)]
    pub active: u64,
}

/// Where a sweep stands: written as it goes, and at its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SweepProgress {
    /// The cohorts that are behind.
    pub backlogs: Backlogs,
    /// How far notifications are released.
    pub released: Option<ReleasedUntil>,
    /// How far the shipments are counted.
    pub census: Census,
}

/// The cohorts that are behind, and where each stands.
pub type Backlogs = BTreeMap<(CarrierId, Cadence), Backlog>;

/// Where a cohort stands whose shipments wait in line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// The minute whose slot is next.
    pub next: Timestamp,
    /// The last shipment of that slot that had its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<IndexPosition>,
    /// How much has been served beside the other cohorts of the carrier.
    #[serde(default)]
    pub pass: u64,
}

/// A carrier that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// Until when.
    pub until: Timestamp,
    /// How often in a row it gave no answer; 0 if it only asked for patience.
    pub consecutive_failures: u32,
}

impl Schedule {
    /// When the sweep last came by a shipment that `carrier` is asked after at
    /// `cadence` in the minute `slot`: the last such minute up to the watermark.
    /// No poll writes that down, so none is known of a carrier that is left alone.
    pub fn last_look(&self, carrier: &CarrierId, cadence: Cadence, slot: u32) -> Option<Timestamp> {
        let cohort = (carrier.clone(), cadence);
        let is_asked = self.cohorts.contains_key(&cohort) && !self.backoffs.contains_key(carrier);
        let watermark = self.watermark.filter(|_| is_asked)?;
        // A cohort whose shipments wait in line is not as far as the sweep.
        let served = self.backlogs.get(&cohort).map_or(watermark, |line| {
            watermark.min(line.next - SignedDuration::from_mins(1))
        });
        let since = (cadence.slot_at(served) + cadence.to_minutes() - slot) % cadence.to_minutes();
        let minute = served.as_second().div_euclid(60) - i64::from(since);
        Timestamp::from_second(minute * 60).ok()
    }

    /// The entries that were not seen for so long that they may go.
    pub fn expired_cohorts(&self, now: Timestamp) -> Vec<(CarrierId, Cadence)> {
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

#[derive(Default, Deserialize)]
struct StoredSchedule {
    #[serde(default)]
    watermark: Option<Timestamp>,
    #[serde(default)]
    cohorts: BTreeMap<String, Timestamp>,
    #[serde(default)]
    lines: BTreeMap<String, Backlog>,
    #[serde(default)]
    pauses: BTreeMap<String, Backoff>,
    #[serde(default)]
    released: Option<ReleasedUntil>,
    #[serde(default)]
    census: Census,
}

impl ScheduleStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(SETTINGS.variable)?),
            reliable: Arc::default(),
        })
    }

    /// Reads the item: all that an idle installation reads in a minute.
    pub async fn load_schedule(&self) -> Result<Schedule, ServiceError> {
        let key = [
            ("pk", keys::SWEEP.to_owned()),
            ("sk", keys::STATE.to_owned()),
        ];
        let item = self
            .table
            .get_item(key, true, || "load the schedule".to_owned())
            .await?;
        let item = item.unwrap_or_default();
        let watermark = item.get("watermark").cloned();
        // A part that cannot be read must stop neither the sweep nor those who add
        // shipments; a cohort that is lost so is found by the next census.
        let Readable {
            value: stored,
            left_out,
        } = lenient::decode_leniently::<StoredSchedule>(item, "the schedule")?;
        lenient::log_left_out("schedule", "the sweep", &left_out);
        let pauses = stored.pauses.into_iter();
        Ok(Schedule {
            watermark: stored.watermark,
            cohorts: by_cohort(stored.cohorts),
            backlogs: by_cohort(stored.lines),
            backoffs: pauses
                .filter_map(|(carrier, pause)| Some((CarrierId::parse(&carrier).ok()?, pause)))
                .collect(),
            released: stored.released,
            census: stored.census,
            stored: watermark,
        })
    }

    /// Moves the watermark from where it stood in `schedule` to `to`, and notes how
    /// far the sweep is. The same may be done several times with the same `to`.
    pub async fn advance_watermark(
        &self,
        schedule: &Schedule,
        to: Timestamp,
        progress: &SweepProgress,
    ) -> Result<Advanced, ServiceError> {
        let condition = match &schedule.stored {
            Some(_) => "watermark = :from OR watermark = :to",
            None => "attribute_not_exists(watermark) OR watermark = :to",
        };
        let lines: BTreeMap<String, &Backlog> = progress
            .backlogs
            .iter()
            .map(|((carrier, cadence), line)| (cohort_name(carrier, *cadence), line))
            .collect();
        let mut update = self
            .update_item(
                "SET watermark = :to, #lines = :lines, released = :released, census = :census",
                condition,
            )
            .with_name("#lines", "lines".to_owned())
            .with_value(":to", text_value(to.to_string()))
            .with_value(":lines", encode_value(&lines)?)
            .with_value(":released", encode_value(&progress.released)?)
            .with_value(":census", encode_value(&progress.census)?);
        if let Some(from) = &schedule.stored {
            update = update.with_value(":from", from.clone());
        }
        Ok(if update.run_update("move the watermark").await? {
            Advanced::Done
        } else {
            Advanced::Overtaken
        })
    }

    /// Leaves a carrier alone. Who has counted fewer consecutive failures than are known has not
    /// heard of the others, and changes nothing: else what comes back from the queue
    /// while a carrier is down would begin the count anew.
    pub async fn back_off(&self, carrier: &CarrierId, pause: &Backoff) -> Result<(), ServiceError> {
        let consecutive_failures = number_value(pause.consecutive_failures);
        let pause = encode_value(pause)?;
        let is_not_behind = "attribute_type(pauses, :map) AND (NOT attribute_type(pauses.#carrier.consecutive_failures, :number) OR pauses.#carrier.consecutive_failures <= :consecutive_failures)";
        for _ in 0..2 {
            let is_set = self
                .update_item("SET pauses.#carrier = :pause", is_not_behind)
                .with_name("#carrier", carrier.to_string())
                .with_value(":pause", pause.clone())
                .with_value(":consecutive_failures", consecutive_failures.clone())
                .with_value(":map", text_value("M"))
                .with_value(":number", text_value("N"))
                .run_update("leave a carrier alone")
                .await?;
            if is_set {
                break;
            }
            self.create_map("SET pauses = :none", "NOT attribute_type(pauses, :map)")
                .await?;
        }
        Ok(())
    }

    /// Leaves a carrier alone no longer, if its pause is over and no other process has
    /// counted another strike.
    pub async fn resume_carrier(
        &self,
        carrier: &CarrierId,
        consecutive_failures: u32,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let is_the_same = "pauses.#carrier.consecutive_failures = :consecutive_failures AND pauses.#carrier.#until <= :now";
        self.update_item("REMOVE pauses.#carrier", is_the_same)
            .with_name("#carrier", carrier.to_string())
            .with_name("#until", "until".to_owned())
            .with_value(":consecutive_failures", number_value(consecutive_failures))
            .with_value(":now", text_value(now.to_string()))
            .run_update("ask a carrier again")
            .await
            .map(drop)
    }

    /// Sees to it that the sweep looks at a carrier's shipments of a cadence;
    /// called before one is written. Writes only if the entry is missing or
    /// old, and asks the table at most once a day for each.
    pub async fn ensure_cohort(
        &self,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let cohort = (carrier.clone(), cadence);
        if self
            .reliable_until(&cohort)
            .is_some_and(|until| now < until)
        {
            return Ok(());
        }
        let seen = match self.load_schedule().await?.cohorts.get(&cohort) {
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
    /// just found shipments.
    pub async fn refresh_cohort(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        match schedule.cohorts.get(&(carrier.clone(), cadence)) {
            Some(seen) if now.duration_since(*seen) < SEEN_LATELY => Ok(()),
            _ => self.set_seen(carrier, cadence, now).await,
        }
    }

    /// Removes an entry that was not seen for days, unless it has been seen
    /// since `schedule` was read.
    pub async fn remove_cohort(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        cadence: Cadence,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let Some(seen) = schedule.cohorts.get(&(carrier.clone(), cadence)) else {
            return Ok(());
        };
        if now.duration_since(*seen) <= FORGOTTEN {
            return Ok(());
        }
        self.update_item("REMOVE cohorts.#cohort", "cohorts.#cohort = :seen")
            .with_name("#cohort", cohort_name(carrier, cadence))
            .with_value(":seen", text_value(seen.to_string()))
            .run_update("forget a cohort")
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
    ) -> Result<(), ServiceError> {
        loop {
            let is_set = self
                .update_item(
                    "SET cohorts.#cohort = :now",
                    "attribute_type(cohorts, :map)",
                )
                .with_name("#cohort", cohort_name(carrier, cadence))
                .with_value(":now", text_value(now.to_string()))
                .with_value(":map", text_value("M"))
                .run_update("date a cohort")
                .await?;
            if is_set {
                return Ok(());
            }
            self.create_map("SET cohorts = :none", "NOT attribute_type(cohorts, :map)")
                .await?;
        }
    }

    /// Makes a map, unless it is there by now; in the place of what is none.
    async fn create_map(
        &self,
        expression: &'static str,
        condition: &'static str,
    ) -> Result<(), ServiceError> {
        self.update_item(expression, condition)
            .with_value(":none", AttributeValue::M(HashMap::new()))
            .with_value(":map", text_value("M"))
            .run_update("begin the schedule")
            .await
            .map(drop)
    }

    fn update_item(&self, expression: &'static str, condition: &'static str) -> Update<'_> {
        let key = [("pk", keys::SWEEP), ("sk", keys::STATE)];
        Update::new(&self.table, key, expression, condition)
    }
}

/// Entries by what their names say; what cannot be read is left out.
fn by_cohort<T>(entries: BTreeMap<String, T>) -> BTreeMap<(CarrierId, Cadence), T> {
    entries
        .into_iter()
        .filter_map(|(name, entry)| {
            let (carrier, cadence) = name.split_once('#')?;
            let cohort = (CarrierId::parse(carrier).ok()?, cadence.parse().ok()?);
            Some((cohort, entry))
        })
        .collect()
}

fn encode_value(of: &impl Serialize) -> Result<AttributeValue, ServiceError> {
    serde_dynamo::to_attribute_value(of)
        .map_err(|error| ServiceError::from_unreadable("write the schedule", error))
}

/// The name of an entry: `ups#3h`.
fn cohort_name(carrier: &CarrierId, cadence: Cadence) -> String {
    format!("{carrier}#{cadence}")
}
