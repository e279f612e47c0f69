//! What SES reports about a message, as it publishes it to SNS.

mod wire;

use jiff::Timestamp;

use wire::{Recipient, SesDetail, SesEnvelope};

/// Why an event cannot be read; it repeats nothing of it.
#[derive(Debug, thiserror::Error)]
#[error("unreadable at `{0}`, expected an event as SES publishes it")]
pub(crate) struct UnreadableSesEvent(String);

/// One event of SES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SesNotification {
    /// SES's id of the message.
    pub(crate) message_id: String,
    /// The notification it belongs to; none for a message that is not ours.
    pub(crate) tags: Option<NotificationTags>,
    /// What happened.
    pub(crate) news: SesEvent,
}

/// The tags by which a notification is found again, raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotificationTags {
    /// Shop and order.
    pub(crate) order: String,
    /// Id of the notification.
    pub(crate) notification: String,
}

/// What happened to a message.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SesEvent {
    /// SES took it.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// The recipient's server took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It came back.
    Bounced {
        /// Whether for good.
        is_permanent: bool,
        /// Whose address it was.
        recipient: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// An automatic answer came back, as "out of office": it has arrived.
    Answered {
        /// When.
        at: Timestamp,
    },
    /// The recipient called it spam.
    Complained {
        /// Whose address it was.
        recipient: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// SES took it and then would not send it: a virus, or a template that fails.
    Refused {
        /// Why, in SES's words.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// Something that changes nothing: a delay, an open, a click, a new kind.
    Noted {
        /// What kind it was.
        kind: CountedEvent,
    },
}

/// The kinds of events that are only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountedEvent {
    /// Delivery takes longer; SES goes on trying.
    DeliveryDelay,
    /// Opened.
    Open,
    /// A link was followed.
    Click,
    /// Preferences of SES's own lists, which we do not use.
    Subscription,
    /// The recipient said that it is no spam.
    NotSpam,
    /// What SES says once when it is given the topic.
    TopicValidated,
    /// None that we know.
    Unknown,
}

impl CountedEvent {
    /// Its name in logs and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::DeliveryDelay => "delivery_delay",
            Self::Open => "open",
            Self::Click => "click",
            Self::Subscription => "subscription",
            Self::NotSpam => "not_spam",
            Self::TopicValidated => "topic_validated",
            Self::Unknown => "unknown",
        }
    }
}

impl SesEvent {
    /// Its name in logs and metrics.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Delivered { .. } => "delivered",
            Self::Bounced {
                is_permanent: true, ..
            } => "bounced",
            Self::Bounced {
                is_permanent: false,
                ..
            } => "bounced_transient",
            Self::Answered { .. } => "answered",
            Self::Complained { .. } => "complained",
            Self::Refused { .. } => "refused",
            Self::Noted { kind } => kind.as_str(),
        }
    }
}

/// Shows no address.
impl std::fmt::Debug for SesEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads an event as SES publishes it.
pub(crate) fn parse_notification(message: &str) -> Result<SesNotification, UnreadableSesEvent> {
    if message.starts_with("Successfully validated SNS topic") {
        return Ok(SesNotification {
            message_id: String::new(),
            tags: None,
            news: SesEvent::Noted {
                kind: CountedEvent::TopicValidated,
            },
        });
    }
    let mut json = serde_json::Deserializer::from_str(message);
    let wire: SesEnvelope = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| UnreadableSesEvent(error.path().to_string()))?;
    let mail = wire.mail;
    let tags = match (mail.tags.order.first(), mail.tags.notification.first()) {
        (Some(order), Some(notification)) => Some(NotificationTags {
            order: order.clone(),
            notification: notification.clone(),
        }),
        _ => None,
    };
    let sent_at = mail.timestamp;
    let addressee = mail.destination.into_iter().next();
    let news = match wire.detail {
        SesDetail::Send => SesEvent::Sent { at: sent_at },
        SesDetail::Delivery { delivery } => SesEvent::Delivered {
            at: delivery.timestamp,
        },
        SesDetail::Bounce { bounce } if bounce.is_automatic_answer() => SesEvent::Answered {
            at: bounce.timestamp,
        },
        SesDetail::Bounce { bounce } => SesEvent::Bounced {
            is_permanent: bounce.kind == "Permanent",
            recipient: first_address(bounce.recipients).or(addressee),
            at: bounce.timestamp,
        },
        SesDetail::Complaint { complaint } if complaint.kind.as_deref() == Some("not-spam") => {
            SesEvent::Noted {
                kind: CountedEvent::NotSpam,
            }
        }
        SesDetail::Complaint { complaint } => SesEvent::Complained {
            recipient: first_address(complaint.recipients).or(addressee),
            at: complaint.timestamp,
        },
        SesDetail::Reject { reject } => SesEvent::Refused {
            reason: format!("rejected by SES: {}", reject.reason),
            at: sent_at,
        },
        SesDetail::RenderingFailure => SesEvent::Refused {
            reason: "rejected by SES: its template could not be rendered".to_owned(),
            at: sent_at,
        },
        SesDetail::DeliveryDelay => SesEvent::Noted {
            kind: CountedEvent::DeliveryDelay,
        },
        SesDetail::Open => SesEvent::Noted {
            kind: CountedEvent::Open,
        },
        SesDetail::Click => SesEvent::Noted {
            kind: CountedEvent::Click,
        },
        SesDetail::Subscription => SesEvent::Noted {
            kind: CountedEvent::Subscription,
        },
        SesDetail::Unknown => SesEvent::Noted {
            kind: CountedEvent::Unknown,
        },
    };
    Ok(SesNotification {
        message_id: mail.message_id,
        tags,
        news,
    })
}

fn first_address(recipients: Vec<Recipient>) -> Option<String> {
    recipients
        .into_iter()
        .next()
        .map(|recipient| recipient.email_address)
}

#[cfg(test)]
mod tests;
