//! Logs: one JSON object a line on standard output.

use std::{
    io,
    panic::{self, PanicHookInfo},
};

use tracing::{Subscriber, error, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer as _,
    filter::Targets,
    fmt::{MakeWriter, format::Writer, time::FormatTime},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{clock, config::Config};

/// Starts logging; to be called first in `main`.
///
/// `RUST_LOG` gives the level, for all or by crate (`info,poll=debug`). The
/// filter is a list of prefixes: the usual one brings a regular expression
/// engine into each function.
pub fn init() {
    let level = Config::for_function("Globals").find_setting("RUST_LOG");
    let lines = log_subscriber(level.as_deref(), io::stdout);
    // A second call in one process changes nothing, which is what tests want.
    if lines.try_init().is_ok() {
        panic::set_hook(Box::new(report_panic));
    }
}

/// Log lines at `level` (`info`, if there is none that can be read) to `out`.
///
/// With a time in RFC 3339: Lambda takes a line without one for INFO, whatever level
/// it names. The span tells Lambda's request id.
fn log_subscriber<W>(level: Option<&str>, out: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let levels = level
        .and_then(|text| text.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_timer(Rfc3339)
        .with_writer(out)
        .with_filter(levels);
    tracing_subscriber::registry().with(layer)
}

/// The time of a log line: UTC, to the microsecond.
struct Rfc3339;

impl FormatTime for Rfc3339 {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{:.6}", clock::now())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex};
    use tracing::{debug, info, subscriber};

    #[derive(Clone, Default)]
    struct Out(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: Option<&str>, work: impl FnOnce()) -> Vec<Value> {
        let out = Out::default();
        let written = out.clone();
        subscriber::with_default(log_subscriber(level, move || out.clone()), work);
        let bytes = written.0.lock().unwrap();
        let lines = serde_json::Deserializer::from_slice(&bytes).into_iter();
        let lines: Vec<Value> = lines.map(Result::unwrap).collect();
        lines.into_iter().map(without_time).collect()
    }

    /// The line without its time, which is one of RFC 3339.
    fn without_time(mut line: Value) -> Value {
        let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        let time = time.as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == 27, "{time}");
        let _: jiff::Timestamp = time.parse().unwrap();
        line
    }

    #[test]
    fn an_event_is_one_line_of_json() {
        let lines = logged(None, || {
            info!(order.id = "acme/1001", "Order {} is new", "acme/1001");
            debug!("not at this level");
        });
        assert_eq!(
            lines,
            [
                json!({"level": "INFO", "message": "Order acme/1001 is new", "order.id": "acme/1001"})
            ]
        );
    }

    #[test]
    fn a_level_is_given_for_all_or_by_crate() {
        let both = || {
            info!("information");
            debug!("detail");
        };
        assert_eq!(logged(Some("debug"), both).len(), 2);
        assert_eq!(logged(Some("warn,posthorn_platform=debug"), both).len(), 2);
        assert_eq!(logged(Some("posthorn_platform=off"), both).len(), 0);
        assert_eq!(logged(Some("=nonsense="), both).len(), 1);
    }
}
