//! Wires `unsubscribe` to Lambda.

use posthorn_platform::{aws, http_event, telemetry};
use unsubscribe::Unsubscriber;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let unsubscribe = Unsubscriber::from_env(&aws::load_aws())?;
    http_event::run(unsubscribe.router()).await
}
