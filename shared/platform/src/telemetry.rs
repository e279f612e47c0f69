//! Logs: one JSON object a line on standard output.

use std::panic::{self, PanicHookInfo};

use tracing::{error, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::Config;

/// Starts logging; to be called first in `main`.
///
/// `RUST_LOG` gives the level, for all or by crate (`info,poll=debug`). The
/// filter is a list of prefixes: the one with regular expressions costs a
/// third of a megabyte and a slower start.
pub fn init() {
    let config = Config::of("Globals");
    let levels = config
        .optional("RUST_LOG")
        .and_then(|text| text.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .without_time()
        .with_filter(levels);
    // A second call in one process changes nothing, which is what tests want.
    if tracing_subscriber::registry()
        .with(lines)
        .try_init()
        .is_ok()
    {
        panic::set_hook(Box::new(report_panic));
    }
}

/// Logs where a panic happened. What it said is left out unless it is a plain
/// text of our own: a formatted message could hold a customer's data.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let message = panic.payload().downcast_ref::<&'static str>().copied();
    error!(
        panic.place = place,
        panic.message = message,
        "Panicked at {place}"
    );
}
