//! The facts of one order, one after the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use posthorn_domain::id::OrderKey;
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::timeout,
};

/// How long a message waits for the others of its order before it goes back to
/// the queue: with a call of its own that hangs for ten seconds, it is still
/// within the function's time-out.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is at work on which order in this batch. Facts that came about together
/// come in together; each must see in the ledger what the one before it has
/// sent, or the caps let all of them through.
#[derive(Debug, Default)]
pub(crate) struct OrderLocks(Mutex<HashMap<OrderKey, Arc<Turn<()>>>>);

impl OrderLocks {
    /// Waits until no other task of this batch works on `order`.
    pub(crate) async fn lock_order(&self, order: &OrderKey) -> anyhow::Result<OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(order.clone()).or_default())
        };
        timeout(PATIENCE, turn.lock_owned())
            .await
            .with_context(|| format!("other messages about order {order} take too long"))
    }
}
