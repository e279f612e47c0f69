//! Wires `receive` to Lambda.

use posthorn_platform::{aws, http_event, telemetry};
use receive::Receive;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let receive = Receive::from_env(&aws::load_aws())?;
    http_event::run(receive.service()).await
}
