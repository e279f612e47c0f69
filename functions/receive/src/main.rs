//! Wires `receive` to Lambda.

use posthorn_platform::{aws, telemetry};
use receive::Receive;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let receive = Receive::from_env(&aws::load())?;
    lambda_http::run(receive.service()).await
}
