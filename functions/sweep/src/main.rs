//! Wiring of [`sweep::Sweep`].

use lambda_runtime::service_fn;
use posthorn_platform::{aws, telemetry};
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let sweep = Sweep::from_env(&aws::load_aws())?;
    lambda_runtime::run(service_fn(|event| sweep.handle(event))).await
}
