//! Waiting for a condition instead of for a time.

use std::{future::Future, time::Duration};

/// How long anything may take on a busy machine before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `probe` again and again until it gives a value; panics with `what` if
/// it has not within half a minute.
pub async fn until<T, F>(what: &str, mut probe: impl FnMut() -> F) -> T
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
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Asks `probe` until it gives the same value `times` times in a row.
pub async fn until_still<T, F>(what: &str, times: u32, mut probe: impl FnMut() -> F) -> T
where
    T: PartialEq,
    F: Future<Output = anyhow::Result<T>>,
{
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        let mut last = None;
        let mut seen = 0;
        loop {
            ticks.tick().await;
            let value = probe().await.expect("the stack answers");
            if last.as_ref() == Some(&value) {
                seen += 1;
                if seen >= times {
                    return value;
                }
            } else {
                seen = 0;
                last = Some(value);
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what} to come to rest"))
}
