//! What the tables charge: every answer says it, and it is added up here.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// The request units that this process has used, base tables and indexes apart.
#[derive(Debug, Default)]
pub struct Meter {
    table_writes: AtomicU64,
    index_writes: AtomicU64,
    table_half_reads: AtomicU64,
    index_half_reads: AtomicU64,
}

/// Request units, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Consumed {
    /// Write units of base tables.
    pub table_writes: u64,
    /// Write units of indexes.
    pub index_writes: u64,
    /// Read units of base tables.
    pub table_reads: f64,
    /// Read units of indexes.
    pub index_reads: f64,
}

impl Meter {
    /// All units so far.
    pub fn read_units(&self) -> Consumed {
        let whole = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let halves = |counter: &AtomicU64| {
            f64::from(u32::try_from(whole(counter)).unwrap_or(u32::MAX)) / 2.0
        };
        Consumed {
            table_writes: whole(&self.table_writes),
            index_writes: whole(&self.index_writes),
            table_reads: halves(&self.table_half_reads),
            index_reads: halves(&self.index_half_reads),
        }
    }

    pub(crate) fn count_write(&self, capacity: Option<&ConsumedCapacity>) {
        add_units(&self.table_writes, &self.index_writes, capacity, 1.0);
    }

    pub(crate) fn was_read(&self, capacity: Option<&ConsumedCapacity>) {
        add_units(
            &self.table_half_reads,
            &self.index_half_reads,
            capacity,
            2.0,
        );
    }
}

fn add_units(
    table: &AtomicU64,
    index: &AtomicU64,
    capacity: Option<&ConsumedCapacity>,
    per_unit: f64,
) {
    let Some(capacity) = capacity else {
        return;
    };
    let indexes: f64 = capacity
        .global_secondary_indexes()
        .into_iter()
        .flat_map(|indexes| indexes.values())
        .filter_map(|index| index.capacity_units)
        .sum();
    let of_table = capacity.capacity_units.unwrap_or_default() - indexes;
    for (counter, units) in [(table, of_table), (index, indexes)] {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "units are small and not negative"
        )]
        let units = (units * per_unit).round() as u64;
        counter.fetch_add(units, Ordering::Relaxed);
    }
}
