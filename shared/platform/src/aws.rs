//! AWS clients: loaded once, each built at its first use.

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig,
    environment::EnvironmentVariableCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{config::Config, store::meter::Meter};

/// How AWS is reached. Built once in `main` and handed to whatever needs it.
///
/// A client that a function never asks for is not linked into it.
#[derive(Debug)]
pub struct Aws {
    sdk: SdkConfig,
    meter: Arc<Meter>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    eventbridge: OnceLock<aws_sdk_eventbridge::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
}

/// Reads region, credentials, endpoint (`AWS_ENDPOINT_URL`) and the name that
/// calls go by (`AWS_SDK_UA_APP_ID`) from the environment, as Lambda sets them.
///
/// Nothing else is looked at: no profile, no metadata service, no other role.
/// A function has its credentials in its environment, and the chain of all other
/// places would be linked into each of them (docs/adr/0004-lean-sdk.md).
pub fn load_aws() -> Aws {
    let environment = Config::for_function("Globals");
    let is_on = |name| {
        environment
            .find_setting(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    };
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(environment.find_setting("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .use_fips(is_on("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(Duration::from_secs(3))
                .operation_timeout(Duration::from_secs(8))
                .build(),
        );
    sdk.set_endpoint_url(environment.find_setting("AWS_ENDPOINT_URL"));
    sdk.set_app_name(
        environment
            .find_setting("AWS_SDK_UA_APP_ID")
            .and_then(|name| AppName::new(name).ok()),
    );
    Aws::new(sdk.build())
}

impl Aws {
    /// Clients on a configuration made by hand, as tests do.
    pub fn new(sdk: SdkConfig) -> Self {
        Self {
            sdk,
            meter: Arc::default(),
            dynamodb: OnceLock::new(),
            eventbridge: OnceLock::new(),
            sqs: OnceLock::new(),
            ssm: OnceLock::new(),
        }
    }

    /// What all clients have in common.
    pub const fn sdk_config(&self) -> &SdkConfig {
        &self.sdk
    }

    /// What the tables have charged this process so far.
    pub fn capacity_meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// DynamoDB.
    pub fn dynamodb_client(&self) -> aws_sdk_dynamodb::Client {
        self.dynamodb
            .get_or_init(|| aws_sdk_dynamodb::Client::new(&self.sdk))
            .clone()
    }

    /// EventBridge.
    pub fn eventbridge_client(&self) -> aws_sdk_eventbridge::Client {
        self.eventbridge
            .get_or_init(|| aws_sdk_eventbridge::Client::new(&self.sdk))
            .clone()
    }

    /// SQS.
    pub fn sqs_client(&self) -> aws_sdk_sqs::Client {
        self.sqs
            .get_or_init(|| aws_sdk_sqs::Client::new(&self.sdk))
            .clone()
    }

    /// Systems Manager's parameter store.
    pub fn ssm_client(&self) -> aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.sdk))
            .clone()
    }

    /// SES, asked exactly once per call: a mail whose answer was lost must not
    /// be sent again by the SDK (docs/adr/0003-exactly-once.md).
    pub fn sesv2_without_retries(&self) -> aws_sdk_sesv2::Client {
        let config = aws_sdk_sesv2::config::Builder::from(&self.sdk)
            .http_client(self.without_idle_connections())
            .retry_config(RetryConfig::disabled())
            .timeout_config(one_patient_attempt())
            .build();
        aws_sdk_sesv2::Client::from_conf(config)
    }

    /// SNS, asked exactly once per call, for the same reason.
    pub fn sns_without_retries(&self) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(&self.sdk)
            .http_client(self.without_idle_connections())
            .retry_config(RetryConfig::disabled())
            .timeout_config(one_patient_attempt())
            .build();
        aws_sdk_sns::Client::from_conf(config)
    }

    /// An HTTP client that makes a connection for each call, and keeps none. One
    /// that the server has given up, as it does while a function lies frozen, is
    /// answered with a reset, and then it is unknown whether the call was carried
    /// out: it must not be made again. A handshake is cheaper than a message lost.
    fn without_idle_connections(&self) -> SharedHttpClient {
        self.sdk.http_client().unwrap_or_else(|| {
            let client = aws_smithy_http_client::Builder::new().pool_max_idle_per_host(0);
            let aws_lc = Provider::Rustls(CryptoMode::AwsLc);
            client.tls_provider(aws_lc).build_https()
        })
    }
}

/// A send that times out is of unknown fate and costs a quarter of an hour to
/// settle, so it gets more time than a read that can be repeated.
fn one_patient_attempt() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(10))
        .build()
}
