//! All that knows AWS or the process, so that nothing else has to.
//!
//! | module | subject |
//! | --- | --- |
//! | [`config`], [`clock`], [`telemetry`], [`metric`] | the process: its settings, time, logs and metrics |
//! | [`aws`], [`secrets`] | clients, built once, and what only the function may know |
//! | [`batch`] | a Lambda batch, record by record: one bad record fails alone |
//! | `http_event` | an HTTP request as API Gateway hands it over, made safe |
//! | [`queue`], [`bus`] | what is sent on: to a queue, to the bus |
//! | [`poll_request`] | what `poll` is told |
//! | [`record`] | what a carrier tells, written once |
//! | [`store`] | the tables, one file each |
//! | [`api_key`] | what a shop signs in with |
//! | [`unsubscribe`] | what a customer stops mails with |
//! | [`error`] | what AWS refused, and what to do next |

pub mod api_key;
pub mod aws;
pub mod batch;
pub mod bus;
pub mod clock;
pub mod config;
pub mod error;
#[cfg(feature = "http")]
pub mod http_event;
pub mod metric;
pub mod poll_request;
pub mod queue;
pub mod secrets;
pub mod shipment_recorder;
pub mod store;
pub mod telemetry;
#[cfg(feature = "test-support")]
pub mod testing;
pub mod unsubscribe;

pub use aws::Aws;
pub use config::Config;
pub use error::{RetryAdvice, ServiceError, ServiceErrorKind};
