//! The Lambda function `feedback`; what it does stands in its library.

use feedback::Feedback;
use lambda_runtime::service_fn;
use posthorn_platform::{aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let feedback = Feedback::from_env(&aws::load_aws())?;
    lambda_runtime::run(service_fn(|event| feedback.handle(event))).await
}
