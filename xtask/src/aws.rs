//! The emulator's AWS APIs and control endpoints, over plain HTTP.
//!
//! The emulator checks no signature: a credential scope in the header is enough
//! for it to know service, region and account.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use ureq::{Agent, http::Response};

/// Region of the local stack.
pub(crate) const REGION: &str = "us-east-1";

const TIMEOUT: Duration = Duration::from_secs(30);

/// A running emulator.
#[derive(Debug, Clone)]
pub(crate) struct Emulator {
    /// Its address, as `http://127.0.0.1:4566`.
    pub(crate) endpoint: String,
    agent: Agent,
}

impl Emulator {
    /// The emulator on `port`.
    pub(crate) fn new(port: u16) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            agent,
        }
    }

    /// Asks a control endpoint of the launcher.
    pub(crate) fn get_control(&self, path: &str) -> anyhow::Result<Value> {
        let url = format!("{}/_posthorn/{path}", self.endpoint);
        json_of(self.agent.get(url).call()?)
    }

    /// Tells a control endpoint of the launcher.
    pub(crate) fn post_control(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/_posthorn/{path}", self.endpoint);
        json_of(self.agent.post(url).send_json(body)?)
    }

    /// Lets SES send from `identity` without a mail to confirm it.
    pub(crate) fn verify_sender(&self, identity: &str) -> anyhow::Result<()> {
        let url = format!("{}/v2/email/identities", self.endpoint);
        let request = self
            .agent
            .post(url)
            .header("authorization", authorization_header("ses"));
        let answer = request.send_json(json!({"EmailIdentity": identity}))?;
        let status = answer.status();
        let text = answer.into_body().read_to_string()?;
        if !status.is_success() && !text.contains("already exist") {
            bail!("SES refused the sender {identity}: {text}");
        }
        Ok(())
    }

    /// Calls an operation of DynamoDB.
    pub(crate) fn call_dynamodb(&self, operation: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .agent
            .post(&self.endpoint)
            .header("authorization", authorization_header("dynamodb"))
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        json_of(request.send_json(body)?)
    }

    /// Invokes a function and waits for its answer.
    pub(crate) fn invoke_function(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let url = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            self.endpoint
        );
        let request = self
            .agent
            .post(url)
            .header("authorization", authorization_header("lambda"));
        let answer = request.send_json(event)?;
        let failed = answer.headers().contains_key("x-amz-function-error");
        let body = json_of(answer)?;
        if failed {
            bail!("{function} failed: {body}");
        }
        Ok(body)
    }

    /// Asks the deployed API, as a shop does: `GET`, or `POST` of a body.
    pub(crate) fn call_api(
        &self,
        url: &str,
        key: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let authorization = format!("Bearer {key}");
        json_of(match body {
            None => self
                .agent
                .get(url)
                .header("authorization", authorization)
                .call()?,
            Some(body) => self
                .agent
                .post(url)
                .header("authorization", authorization)
                .send_json(body)?,
        })
    }

    /// Outputs of a CloudFormation stack.
    pub(crate) fn stack_outputs(&self, stack: &str) -> anyhow::Result<BTreeMap<String, String>> {
        let form = [
            ("Action", "DescribeStacks"),
            ("Version", "2010-05-15"),
            ("StackName", stack),
        ];
        let request = self
            .agent
            .post(&self.endpoint)
            .header("authorization", authorization_header("cloudformation"));
        let mut answer = request.send_form(form)?;
        let xml = answer.body_mut().read_to_string()?;
        let outputs: BTreeMap<String, String> = xml
            .split("<member>")
            .filter_map(|member| {
                Some((
                    xml_element(member, "OutputKey")?,
                    xml_element(member, "OutputValue")?,
                ))
            })
            .collect();
        if outputs.is_empty() {
            bail!("the stack {stack} has no outputs: {xml}");
        }
        Ok(outputs)
    }
}

fn authorization_header(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn json_of(answer: Response<ureq::Body>) -> anyhow::Result<Value> {
    let status = answer.status();
    let text = answer.into_body().read_to_string()?;
    if !status.is_success() {
        bail!("the answer was {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("the answer was `{text}`"))
}

fn xml_element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_read_with_its_entities() {
        let xml = "<a><Key>Url</Key><Value>http://x/?a=1&amp;b=2</Value></a>";
        assert_eq!(xml_element(xml, "Value").unwrap(), "http://x/?a=1&b=2");
        assert_eq!(xml_element(xml, "Other"), None);
    }
}
