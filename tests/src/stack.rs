//! The deployed local stack: where it is and how to reach its AWS APIs.

use anyhow::Context as _;
use aws_config::{BehaviorVersion, Region, retry::RetryConfig};
use serde_json::{Value, json};
use std::{collections::BTreeMap, net::SocketAddr};

/// The stack that `cargo xtask test` deployed, as it tells us by variables.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The emulator, as `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The API, as a storefront calls it; without a trailing slash.
    pub api: String,
    /// Name of the CloudFormation stack.
    pub name: String,
    /// Loopback address at which the fake UPS listens.
    pub ups: SocketAddr,
    /// A plain HTTP client.
    pub http: reqwest::Client,
    /// The emulator's DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The emulator's SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// The emulator's parameter store.
    pub ssm: aws_sdk_ssm::Client,
    /// Where the tools are that `cargo xtask` installed, for `PATH`.
    pub search_path: String,
    /// The triple that everything is built for.
    pub triple: String,
    /// Logical id → physical id of the stack's resources.
    pub resources: BTreeMap<String, String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told of its stack by variables"
)]
fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .with_context(|| format!("{name} is not set: run these tests with `cargo xtask test`"))
}

impl Stack {
    /// Connects to the stack.
    pub async fn connect() -> anyhow::Result<Self> {
        let endpoint = variable("POSTHORN_TEST_ENDPOINT")?;
        let api = variable("POSTHORN_TEST_API")?
            .trim_end_matches('/')
            .to_owned();
        let name = variable("POSTHORN_TEST_STACK")?;
        let ups = variable("POSTHORN_TEST_UPS")?.parse()?;
        let credentials =
            aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "tests");
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .endpoint_url(&endpoint)
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard())
            .load()
            .await;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let resources = resources(&http, &endpoint, &name).await?;
        Ok(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            search_path: variable("POSTHORN_TEST_PATH")?,
            triple: triple()?,
            endpoint,
            api,
            name,
            ups,
            http,
            resources,
        })
    }

    /// Physical id of a resource of the template.
    pub fn physical(&self, logical: &str) -> &str {
        self.resources.get(logical).unwrap_or_else(|| {
            panic!(
                "the template has no resource {logical}, only {:?}",
                self.resources.keys()
            )
        })
    }

    /// Calls a control endpoint of the local launcher.
    pub async fn control(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self
            .http
            .request(method, format!("{}/_posthorn/{path}", self.endpoint));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?.error_for_status()?;
        let text = answer.text().await?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Invokes a function and waits for its answer.
    pub async fn invoke(&self, logical: &str, event: &Value) -> anyhow::Result<Value> {
        let function = self.physical(logical);
        let url = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            self.endpoint
        );
        let answer = self.http.post(url).json(event).send().await?;
        let failed = answer.headers().contains_key("x-amz-function-error");
        let body: Value = answer.json().await.unwrap_or(Value::Null);
        anyhow::ensure!(!failed, "{logical} failed: {body}");
        Ok(body)
    }

    /// Messages waiting or in flight in the queue.
    pub async fn depth(&self, logical: &str) -> anyhow::Result<u64> {
        use aws_sdk_sqs::types::QueueAttributeName as Name;
        let names = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesNotVisible,
            Name::ApproximateNumberOfMessagesDelayed,
        ];
        let answer = self
            .sqs
            .get_queue_attributes()
            .queue_url(self.physical(logical))
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await?;
        let attributes = answer.attributes.unwrap_or_default();
        Ok(names
            .iter()
            .filter_map(|name| attributes.get(name)?.parse::<u64>().ok())
            .sum())
    }

    /// The queue as other services name it.
    pub async fn queue_arn(&self, logical: &str) -> anyhow::Result<String> {
        let name = aws_sdk_sqs::types::QueueAttributeName::QueueArn;
        let answer = self
            .sqs
            .get_queue_attributes()
            .queue_url(self.physical(logical))
            .attribute_names(name.clone())
            .send()
            .await?;
        let attributes = answer.attributes.unwrap_or_default();
        attributes
            .get(&name)
            .cloned()
            .with_context(|| format!("{logical} has no ARN"))
    }

    /// Calls an operation of the streams of DynamoDB, in its own JSON.
    pub async fn stream(&self, operation: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self
            .http
            .post(&self.endpoint)
            .header("authorization", authorization("dynamodb"))
            .header(
                "x-amz-target",
                format!("DynamoDBStreams_20120810.{operation}"),
            )
            .json(body)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// For so many seconds the stream's mapping tries a record before it gives it up.
    pub async fn set_patience(&self, seconds: u32) -> anyhow::Result<()> {
        let mappings = format!("{}/2015-03-31/event-source-mappings/", self.endpoint);
        let function = self.physical("Evaluate");
        let list = self
            .http
            .get(format!("{mappings}?FunctionName={function}"))
            .header("authorization", authorization("lambda"));
        let list: Value = list.send().await?.error_for_status()?.json().await?;
        let id = list["EventSourceMappings"][0]["UUID"].as_str();
        let id = id.context("evaluate has a mapping")?;
        let change = self
            .http
            .put(format!("{mappings}{id}"))
            .header("authorization", authorization("lambda"))
            .json(&json!({"MaximumRecordAgeInSeconds": seconds}));
        change.send().await?.error_for_status()?;
        Ok(())
    }

    /// All log lines of all functions since the stack started.
    pub async fn logs(&self) -> anyhow::Result<String> {
        let answer = self
            .http
            .get(format!("{}/_posthorn/logs", self.endpoint))
            .send()
            .await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// Lets SES send from `domain`, as its owner's DNS record would.
    pub async fn verify(&self, domain: &str) -> anyhow::Result<()> {
        let url = format!("{}/v2/email/identities", self.endpoint);
        let body = json!({"EmailIdentity": domain});
        self.http
            .post(url)
            .header("authorization", authorization("ses"))
            .json(&body)
            .send()
            .await?;
        Ok(())
    }

    /// Stores a secret parameter below the stack's prefix.
    pub async fn secret(&self, path: &str, value: &Value) -> anyhow::Result<()> {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.ssm
            .put_parameter()
            .name(format!("/posthorn/{}/{path}", self.name))
            .value(text)
            .r#type(aws_sdk_ssm::types::ParameterType::SecureString)
            .overwrite(true)
            .send()
            .await?;
        Ok(())
    }
}

/// The emulator checks no signature; it looks for the service's name.
fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// The triple is part of the path of what cargo built: `target/<triple>/debug/deps/<test>`.
fn triple() -> anyhow::Result<String> {
    let test = std::env::current_exe()?;
    let folder = test
        .ancestors()
        .nth(3)
        .and_then(|folder| folder.file_name());
    let name = folder
        .and_then(|name| name.to_str())
        .context("the test lies in no folder of cargo's")?;
    Ok(name.to_owned())
}

/// Asks CloudFormation which resources the stack has. Its answer is XML of a
/// fixed shape, of which two elements matter.
async fn resources(
    http: &reqwest::Client,
    endpoint: &str,
    stack: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let form = [
        ("Action", "DescribeStackResources"),
        ("Version", "2010-05-15"),
        ("StackName", stack),
    ];
    let authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0";
    let answer = http
        .post(endpoint)
        .header("authorization", authorization)
        .form(&form)
        .send()
        .await?;
    let xml = answer.error_for_status()?.text().await?;
    let element = |member: &str, name: &str| -> Option<String> {
        let (_, rest) = member.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>"))
            .map(|(text, _)| text.replace("&amp;", "&"))
    };
    let found: BTreeMap<String, String> = xml
        .split("<member>")
        .filter_map(|member| {
            Some((
                element(member, "LogicalResourceId")?,
                element(member, "PhysicalResourceId")?,
            ))
        })
        .collect();
    anyhow::ensure!(
        !found.is_empty(),
        "the stack {stack} has no resources: {}",
        json!(xml)
    );
    Ok(found)
}
