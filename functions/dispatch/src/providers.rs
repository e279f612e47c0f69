//! Hands a finished message to its provider, once.

use posthorn_channels::{
    email::{EmailSender, Envelope},
    render::Rendered,
    send::{SendError, SendErrorKind, SendReceipt},
    sms::SmsSender,
};
use posthorn_domain::{
    contact::Contact, id::OrderKey, notification::NotificationId, settings::Settings,
};
use posthorn_platform::Aws;

/// No text message may cost more than this; a provider's price list has
/// countries at ten times of it.
const MOST_USD_PER_SMS: &str = "0.50";

/// SES and SNS, both without retries.
#[derive(Debug)]
pub(crate) struct Providers {
    email: EmailSender,
    sms: SmsSender,
}

impl Providers {
    /// `configuration_set` makes SES report what becomes of each mail.
    pub(crate) fn new(aws: &Aws, configuration_set: Option<String>) -> Self {
        Self {
            email: EmailSender::new(aws.sesv2_without_retries(), configuration_set),
            sms: SmsSender::new(aws.sns_without_retries(), MOST_USD_PER_SMS.to_owned()),
        }
    }

    /// Sends it to `contact`.
    pub(crate) async fn send_message(
        &self,
        message: &Rendered,
        contact: &Contact,
        notification: &NotificationId,
        order: &OrderKey,
        settings: &Settings,
    ) -> Result<SendReceipt, SendError> {
        match (message, &contact.email, &contact.phone) {
            (Rendered::Email(_), Some(_), _) if settings.from_email.is_empty() => Err(refuse_send(
                "the shop's settings say no address that mail comes from (`from_email`)",
            )),
            (Rendered::Email(email), Some(to), _) => {
                let envelope = Envelope {
                    notification,
                    order,
                    settings,
                };
                self.email.send_email(email, to, &envelope).await
            }
            (Rendered::Sms(sms), _, Some(to)) => self.sms.send_sms(sms, to, settings).await,
            (Rendered::Email(_), None, _) | (Rendered::Sms(_), _, None) => {
                Err(refuse_send("the customer has no such address"))
            }
        }
    }
}

fn refuse_send(reason: &str) -> SendError {
    SendError::new(SendErrorKind::NotAccepted { retry: false }, reason)
}
