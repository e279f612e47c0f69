//! Mail through SES: one recipient, one call, no retries of its own.

use crate::{
    render::Email,
    send::{SendError, SendErrorKind, SendReceipt},
    text,
};
use aws_sdk_sesv2::{
    Client,
    error::BuildError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};
use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use posthorn_domain::{
    contact::EmailAddress, id::OrderKey, notification::NotificationId, settings::Settings,
};

/// Name of the message tag that carries [`NotificationId`] through SES and back in its events.
pub const NOTIFICATION_TAG: &str = "posthorn-notification";
/// Name of the message tag that carries the order's key, as [`order_tag`] writes it.
pub const ORDER_TAG: &str = "posthorn-order";

/// What stands on the outside of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Which message it is.
    pub notification: &'a NotificationId,
    /// About which order.
    pub order: &'a OrderKey,
    /// Whose name it carries and where answers go.
    pub settings: &'a Settings,
}

/// Hands mails to SES.
#[derive(Debug, Clone)]
pub struct EmailSender {
    client: Client,
    configuration_set: Option<String>,
}

impl EmailSender {
    /// Sends with `client`, whose retries must be off, under the configuration
    /// set that reports what becomes of each mail.
    pub const fn new(client: Client, configuration_set: Option<String>) -> Self {
        Self {
            client,
            configuration_set,
        }
    }

    /// Hands `email` over, once.
    pub async fn send_email(
        &self,
        email: &Email,
        to: &EmailAddress,
        envelope: &Envelope<'_>,
    ) -> Result<SendReceipt, SendError> {
        let settings = envelope.settings;
        let message = build_message(email, envelope).map_err(|_| build_error())?;
        let sent = self
            .client
            .send_email()
            .from_email_address(from_header(settings))
            .set_reply_to_addresses(reply_to(settings).map(|address| vec![address]))
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .set_email_tags(Some(build_tags(envelope).map_err(|_| build_error())?))
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        match sent {
            Ok(output) => match output.message_id {
                Some(provider_id) if !provider_id.is_empty() => Ok(SendReceipt { provider_id }),
                _ => Err(SendError::without_id()),
            },
            Err(error) => Err(SendError::from_sdk(&error)),
        }
    }
}

/// The tag value for an order: base64url of `shop/order`, since a tag may hold
/// only letters, digits, `-` and `_`.
pub fn order_tag(order: &OrderKey) -> String {
    URL_SAFE_NO_PAD.encode(order.to_string())
}

/// Reads what [`order_tag`] wrote.
pub fn order_of_tag(tag: &str) -> Option<OrderKey> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(tag).ok()?).ok()?;
    let (shop, order) = text.split_once('/')?;
    Some(OrderKey {
        shop: shop.to_owned().try_into().ok()?,
        order: order.to_owned().try_into().ok()?,
    })
}

fn build_error() -> SendError {
    SendError::new(
        SendErrorKind::NotAccepted { retry: false },
        "the request could not be built",
    )
}

fn build_message(email: &Email, envelope: &Envelope<'_>) -> Result<Message, BuildError> {
    let content = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let body = Body::builder()
        .html(content(&email.html)?)
        .text(content(&email.text)?)
        .build();
    Ok(Message::builder()
        .subject(content(&email.subject)?)
        .body(body)
        .set_headers(Some(build_headers(email, envelope.settings)?))
        .build())
}

fn build_tags(envelope: &Envelope<'_>) -> Result<Vec<MessageTag>, BuildError> {
    let tag = |name: &str, value: String| MessageTag::builder().name(name).value(value).build();
    Ok(vec![
        tag(NOTIFICATION_TAG, envelope.notification.0.clone())?,
        tag(ORDER_TAG, order_tag(envelope.order))?,
    ])
}

/// What mail programs read: that a machine wrote it, so that no other machine
/// answers (RFC 3834), and how to stop it, with one click where that leads to a
/// page of ours (RFC 8058), by a mail to the shop's support if that is an address.
fn build_headers(email: &Email, settings: &Settings) -> Result<Vec<MessageHeader>, BuildError> {
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
    let mut headers = vec![
        header("Auto-Submitted", "auto-generated")?,
        header("X-Auto-Response-Suppress", "OOF, AutoReply")?,
    ];
    let page = email.unsubscribe.as_deref();
    let mail = reply_to(settings).map(|address| format!("mailto:{address}?subject=unsubscribe"));
    let ways: Vec<String> = page
        .into_iter()
        .chain(mail.as_deref())
        .map(|way| format!("<{way}>"))
        .collect();
    if !ways.is_empty() {
        headers.push(header("List-Unsubscribe", &ways.join(", "))?);
    }
    // A click that a program makes for its user must not be readable on its way.
    if page.is_some_and(|page| page.starts_with("https://")) {
        headers.push(header(
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click",
        )?);
    }
    Ok(headers)
}

/// Where answers go, if the shop's support is an address and not a page.
fn reply_to(settings: &Settings) -> Option<String> {
    let address = EmailAddress::parse(settings.support.as_deref()?).ok()?;
    Some(address.as_str().to_owned())
}

/// `Acme Shoes <orders@acme.example>`: the name that `from_email` brings, or
/// the shop's.
fn from_header(settings: &Settings) -> String {
    let from = text::one_line(&settings.from_email, 320);
    let (name, address) = match from.rsplit_once('<') {
        Some((name, address)) => (
            name.trim().trim_matches('"').to_owned(),
            address.trim_end_matches('>').trim(),
        ),
        None => (String::new(), from.trim()),
    };
    // The permission to send compares the domain with case.
    let address = match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_ascii_lowercase()),
        None => address.to_owned(),
    };
    let name = if name.is_empty() {
        text::one_line(&settings.name, 80)
    } else {
        name
    };
    if name.is_empty() {
        return address;
    }
    format!("{} <{address}>", display_name(&name))
}

/// A display name as RFC 5322 wants it: quoted, or encoded words where it is
/// not ASCII (RFC 2047, at most 75 characters each).
fn display_name(name: &str) -> String {
    if name.is_ascii() {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("\"{name}\"");
    }
    let mut words = vec![String::new()];
    for character in name.chars() {
        if words
            .last()
            .is_some_and(|word| word.len() + character.len_utf8() > 45)
        {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let encoded: Vec<String> = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    encoded.join(" ")
}
