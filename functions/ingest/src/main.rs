//! Wires `ingest` to Lambda.

use ingest::Ingest;
use posthorn_platform::{aws, http_event, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let ingest = Ingest::from_env(&aws::load_aws())?;
    http_event::run(ingest.service()).await
}
