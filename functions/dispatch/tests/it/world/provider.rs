//! SES and SNS: what they have accepted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use posthorn_domain::notification_type::Channel;
use serde_json::{Value, json};

/// A message that a provider accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The provider's id.
    pub(crate) id: String,
    /// Which provider.
    pub(crate) channel: Channel,
    /// To whom.
    pub(crate) to: String,
    /// What it says: the text part of a mail.
    pub(crate) text: String,
    /// The notification that a mail's tags name.
    pub(crate) notification: Option<String>,
}

/// Both providers, for all workers of a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Provider(Arc<Mutex<Vec<Accepted>>>);

impl Provider {
    /// What was accepted so far.
    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.0.lock().unwrap().clone()
    }

    /// How many messages were accepted on `channel`.
    pub(crate) fn count(&self, channel: Channel) -> usize {
        let accepted = self.0.lock().unwrap();
        accepted
            .iter()
            .filter(|message| message.channel == channel)
            .count()
    }

    /// Accepts what `request` asks for.
    pub(crate) fn accept(&self, request: &HttpRequest) -> HttpResponse {
        let body = request.body().bytes().expect("the body is in memory");
        let mut accepted = self.0.lock().unwrap();
        let id = format!("provider-{}", accepted.len() + 1);
        let message = if request.uri().contains("/v2/email/outbound-emails") {
            mail(body, id)
        } else {
            text(body, id)
        };
        let answer = match message.channel {
            Channel::Email => json!({ "MessageId": message.id }).to_string(),
            Channel::Sms => format!(
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
                 <PublishResult><MessageId>{}</MessageId></PublishResult>\
                 <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>",
                message.id
            ),
        };
        accepted.push(message);
        HttpResponse::new(200.try_into().unwrap(), SdkBody::from(answer))
    }
}

fn mail(body: &[u8], id: String) -> Accepted {
    let mail: Value = serde_json::from_slice(body).unwrap();
    let text = |pointer: &str| mail.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let tags = mail["EmailTags"].as_array().unwrap();
    let notification = tags
        .iter()
        .find(|tag| tag["Name"] == "posthorn-notification")
        .unwrap();
    Accepted {
        id,
        channel: Channel::Email,
        to: text("/Destination/ToAddresses/0"),
        text: text("/Content/Simple/Body/Text/Data"),
        notification: Some(notification["Value"].as_str().unwrap().to_owned()),
    }
}

fn text(body: &[u8], id: String) -> Accepted {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    Accepted {
        id,
        channel: Channel::Sms,
        to: form["PhoneNumber"].clone(),
        text: form["Message"].clone(),
        notification: None,
    }
}
