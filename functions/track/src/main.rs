//! Wires `track` to Lambda.

use posthorn_platform::{aws, http_event, telemetry};
use track::Track;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let track = Track::from_env(&aws::load_aws())?;
    http_event::run(track.router()).await
}
