//! Turns a change of an order's items into facts on the bus.
//!
//! Trigger  the Orders stream, `ORDER` and `SHIPMENT#` items only
//! Reads    the order and its shipments
//! Writes   the order's stage, where it follows from its shipments
//! Emits    `OrderStageChanged`, `ShipmentRegistered`, `TrackingNumberChanged`,
//!          `ShipmentStatusChanged`, `ShipmentDelayed`, `EtaRevised`, `EtaMissed`,
//!          `ShipmentStalled`
//! On error what may pass later, or what there was no time for, is reported and tried
//!          again; after 12 hours a pointer to it lies in `EvaluateDlq`; what can
//!          never pass goes at once, with its images, into `QuarantineQueue`, and the
//!          others go on
//! Repeats  are harmless: every id is derived from the record, and a stage that
//!          the order has already is not written again

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_lambda_events::streams::DynamoDbEventResponse;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent};
use posthorn_domain::{
    fact::Fact,
    id::OrderKey,
    order::Order,
    rollup,
    shipment::Shipment,
    stage::StageSource,
    transition::{self, ItemChange},
};
use posthorn_platform::{
    Aws, Config, ServiceErrorKind,
    batch::{self, RecordError, StreamEvent},
    bus::Bus,
    clock,
    config::ConfigError,
    queue::Queue,
    store::{
        orders::{OrderStore, OrderWithShipments, RecordOutcome},
        stream::{StreamChange, StreamRecord},
    },
};
use tokio::time::Instant;
use tracing::info;

/// Kept free at the end of an invocation, so that it can say what it has not done.
const RESERVE: Duration = Duration::from_secs(2);

/// How often an order is read again because another writer was first.
const MOST_CONFLICTS: usize = 5;

/// The function.
#[derive(Debug)]
pub struct Evaluate {
    orders: OrderStore,
    bus: Bus,
    quarantine: Queue,
}

/// What a batch came to, for its line in the log.
#[derive(Debug, Default)]
struct Tally {
    facts: AtomicUsize,
    stages: AtomicUsize,
}

impl Evaluate {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Evaluate"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            orders: OrderStore::new(aws, config)?,
            bus: Bus::new(aws, config.require_setting("POSTHORN_BUS")?),
            quarantine: Queue::new(aws, config.require_setting("POSTHORN_QUARANTINE_QUEUE")?),
        })
    }

    /// Evaluates a batch of the stream, the records of each order in their order, and
    /// reports where it had to stop.
    pub async fn handle(
        &self,
        event: LambdaEvent<StreamEvent>,
    ) -> Result<DynamoDbEventResponse, Error> {
        let n_records = event.payload.records.len();
        let tally = &Tally::default();
        let until = deadline_instant(event.context.deadline, clock::now());
        let (records, quarantine) = (event.payload, &self.quarantine);
        let response = batch::process_stream("evaluate", records, quarantine, until, |record| {
            Box::pin(self.evaluate_record(record, tally))
        })
        .await;
        let n_facts = tally.facts.load(Ordering::Relaxed);
        let n_stages = tally.stages.load(Ordering::Relaxed);
        info!(
            n_records,
            n_facts, n_stages, "Evaluated {n_records} records: {n_facts} facts"
        );
        Ok(response)
    }

    async fn evaluate_record(
        &self,
        record: StreamRecord,
        tally: &Tally,
    ) -> Result<(), RecordError> {
        let StreamChange::Change(change) = record.news else {
            return Ok(());
        };
        let facts = transition::derive_facts(&change, record.at);
        // A fact that the bus will never take must not keep the order's stage back;
        // one that it may take later comes with the whole record again.
        let unpublished = match self.publish_facts(&facts).await {
            Ok(()) => None,
            Err(RecordError::Never(error)) => Some(RecordError::Never(error)),
            Err(later) => return Err(later),
        };
        if unpublished.is_none() {
            tally.facts.fetch_add(facts.len(), Ordering::Relaxed);
        }
        if let Some(order) = affected_order(&change)
            && self.roll_up(order, &change, record.at).await?
        {
            tally.stages.fetch_add(1, Ordering::Relaxed);
        }
        unpublished.map_or(Ok(()), Err)
    }

    async fn publish_facts(&self, facts: &[Fact]) -> Result<(), RecordError> {
        if facts.is_empty() {
            return Ok(());
        }
        self.bus
            .publish_facts(facts)
            .await
            .map_err(|unpublished| record_error(unpublished.source.kind, unpublished.into()))
    }

    /// Moves an order to where its shipments say that it stands; whether it moved.
    ///
    /// The write is conditional on the version that was read; its own record on
    /// the stream gives the fact, so there is no second write to lose.
    async fn roll_up(
        &self,
        key: &OrderKey,
        change: &ItemChange,
        at: Timestamp,
    ) -> Result<bool, RecordError> {
        for _ in 0..MOST_CONFLICTS {
            let view = self.orders.load_order(key).await.map_err(store_refusal)?;
            let Some(view) = view else {
                return Ok(false);
            };
            view.require_readable().map_err(store_refusal)?;
            let OrderWithShipments {
                mut order,
                shipments,
                ..
            } = view;
            let stage = match change {
                ItemChange::Shipment { new, .. } => {
                    rollup::roll_up_change(&order, &shipments, new, at)
                }
                ItemChange::Order { .. } => rollup::roll_up(&order, &shipments),
            };
            let Some(stage) = stage else {
                return Ok(false);
            };
            let expected = order.version;
            order
                .set_stage(stage, StageSource::Shipments, None, at)
                .map_err(|error| RecordError::Never(error.into()))?;
            match self
                .orders
                .set_stage(&order, expected)
                .await
                .map_err(store_refusal)?
            {
                RecordOutcome::Written => return Ok(true),
                RecordOutcome::Conflict => {}
            }
        }
        Err(RecordError::Later(anyhow::anyhow!(
            "order {key} is written too often by others"
        )))
    }
}

/// When an invocation that is ended at `end`, in milliseconds since 1970, has to
/// leave what it has not done; none if it is not known when it is ended.
fn deadline_instant(end: u64, now: Timestamp) -> Option<Instant> {
    let now = u64::try_from(now.as_millisecond()).ok()?;
    let left = Duration::from_millis(end.checked_sub(now)?);
    Some(Instant::now() + left.saturating_sub(RESERVE))
}

/// The order that a change can move: most scans cannot, and an order that need
/// not be read costs nothing. What was bought tells what is still missing.
fn affected_order(change: &ItemChange) -> Option<&OrderKey> {
    match change {
        ItemChange::Shipment { order, old, new } => {
            let can_move = |old: &Shipment| {
                old.current_status() != new.current_status() || !old.has_same_content(new)
            };
            old.as_deref().is_none_or(can_move).then_some(order)
        }
        ItemChange::Order { old, new } => {
            let can_move = |old: &Order| old.items != new.items;
            old.as_deref().is_some_and(can_move).then_some(&new.key)
        }
    }
}

fn store_refusal(error: posthorn_platform::ServiceError) -> RecordError {
    record_error(error.kind, error.into())
}

/// Only what cannot be read can never pass. A permission that is missing is
/// the fault of the deployment, not of the record.
fn record_error(kind: ServiceErrorKind, error: anyhow::Error) -> RecordError {
    match kind {
        ServiceErrorKind::Unreadable => RecordError::Never(error),
        ServiceErrorKind::Throttled
        | ServiceErrorKind::Unreachable
        | ServiceErrorKind::Contended
        | ServiceErrorKind::Refused => RecordError::Later(error),
    }
}
