//! The Lambda function `poll`; what it does stands in its library.

use lambda_runtime::service_fn;
use poll::Poll;
use posthorn_platform::{aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let poll = Poll::from_env(&aws::load_aws())?;
    lambda_runtime::run(service_fn(|event| poll.handle(event))).await
}
