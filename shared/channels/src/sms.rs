//! Text messages through SNS: one recipient, one call, no retries of its own.

use crate::{
    render::Sms,
    send::{SendError, SendErrorKind, SendReceipt},
};
use aws_sdk_sns::{Client, error::BuildError, types::MessageAttributeValue};
use posthorn_domain::{contact::PhoneNumber, settings::Settings};
use std::collections::HashMap;

/// Hands text messages to SNS.
#[derive(Debug, Clone)]
pub struct SmsSender {
    client: Client,
    max_price_usd: String,
}

impl SmsSender {
    /// Sends with `client`, whose retries must be off, and lets no message cost
    /// more than `max_price_usd` (as `0.50`).
    pub const fn new(client: Client, max_price_usd: String) -> Self {
        Self {
            client,
            max_price_usd,
        }
    }

    /// Hands `sms` over, once.
    pub async fn send_sms(
        &self,
        sms: &Sms,
        to: &PhoneNumber,
        settings: &Settings,
    ) -> Result<SendReceipt, SendError> {
        let attributes = self.message_attributes(settings).map_err(|_| {
            SendError::new(
                SendErrorKind::NotAccepted { retry: false },
                "the request could not be built",
            )
        })?;
        let published = self
            .client
            .publish()
            .phone_number(to.as_str())
            .message(&sms.text)
            .set_message_attributes(Some(attributes))
            .send()
            .await;
        match published {
            Ok(output) => match output.message_id {
                Some(provider_id) if !provider_id.is_empty() => Ok(SendReceipt { provider_id }),
                _ => Err(SendError::without_id()),
            },
            Err(error) => Err(SendError::from_sdk(&error)),
        }
    }

    fn message_attributes(
        &self,
        settings: &Settings,
    ) -> Result<HashMap<String, MessageAttributeValue>, BuildError> {
        let value = |kind: &str, text: &str| {
            MessageAttributeValue::builder()
                .data_type(kind)
                .string_value(text)
                .build()
        };
        let mut attributes = HashMap::from([
            (
                "AWS.SNS.SMS.SMSType".to_owned(),
                value("String", "Transactional")?,
            ),
            (
                "AWS.SNS.SMS.MaxPrice".to_owned(),
                value("Number", &self.max_price_usd)?,
            ),
        ]);
        if let Some(sender) = settings.sms_sender.as_deref().and_then(sender_id) {
            attributes.insert("AWS.SNS.SMS.SenderID".to_owned(), value("String", &sender)?);
        }
        Ok(attributes)
    }
}

/// The sender as SNS accepts it: up to 11 letters and digits, at least one
/// letter; anything else would make it refuse the message.
fn sender_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(11)
        .collect();
    id.chars().any(|c| c.is_ascii_alphabetic()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::sender_id;

    #[test]
    fn a_sender_is_what_every_network_accepts() {
        assert_eq!(sender_id("Acme Shoes & Co").as_deref(), Some("AcmeShoesCo"));
        assert_eq!(
            sender_id("Very Long Shop Name").as_deref(),
            Some("VeryLongSho")
        );
        assert_eq!(sender_id("12345"), None);
        assert_eq!(sender_id("商店"), None);
    }
}
