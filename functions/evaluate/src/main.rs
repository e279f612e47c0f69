//! The Lambda function `evaluate`; what it does stands in its library.

use evaluate::Evaluate;
use lambda_runtime::service_fn;
use posthorn_platform::{aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let evaluate = Evaluate::from_env(&aws::load_aws())?;
    lambda_runtime::run(service_fn(|event| evaluate.handle(event))).await
}
