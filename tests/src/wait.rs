//! Waiting for a condition instead of for a time.

use std::{future::Future, time::Duration};

/// How long anything may take on a busy machine before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a build may take.
const MUCH_PATIENCE: Duration = Duration::from_mins(10);

/// Asks `probe` again and again until it gives a value; panics with `what` if
/// it has not within half a minute.
pub async fn until<T, F>(what: &str, probe: impl FnMut() -> F) -> T
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    within(PATIENCE, what, probe).await
}

/// The same, where something has to be compiled first.
pub async fn patiently<T, F>(what: &str, probe: impl FnMut() -> F) -> T
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    within(MUCH_PATIENCE, what, probe).await
}

async fn within<T, F>(patience: Duration, what: &str, mut probe: impl FnMut() -> F) -> T
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        loop {
            ticks.tick().await;
            if let Some(value) = probe().await.expect("the stack answers") {
                return value;
            }
        }
    };
    tokio::time::timeout(patience, waiting)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
