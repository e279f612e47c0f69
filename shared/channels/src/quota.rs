//! How fast SES takes mail from the account.

use aws_sdk_sesv2::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

/// Asks SES what the account may send.
#[derive(Debug, Clone)]
pub struct SendQuota {
    client: Client,
}

impl SendQuota {
    /// Asks with `client`.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// How many mails SES takes in a second; the error says why it does not tell.
    pub async fn mails_per_second(&self) -> Result<f64, String> {
        let account = self.client.get_account().send().await;
        let account = account.map_err(|error| {
            let code = error.code().unwrap_or("no answer");
            format!("GetAccount: {code}")
        })?;
        let rate = account
            .send_quota()
            .map(aws_sdk_sesv2::types::SendQuota::max_send_rate);
        rate.filter(|rate| rate.is_finite() && *rate > 0.0)
            .ok_or_else(|| "GetAccount: the answer holds no rate".to_owned())
    }
}
