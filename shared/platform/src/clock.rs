//! The only place that reads the clock.

use jiff::Timestamp;

/// The present moment. Called at the rim, where an event comes in; from there
/// on `now` is a parameter.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the rim that reads the clock"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
