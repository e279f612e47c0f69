//! The ledger: which messages a customer got or did not get, and why.

use crate::{
    Ingest,
    parameters::OrderPath,
    problem::Problem,
    request::{Target, order_not_found},
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use posthorn_domain::{
    contact::Contact,
    notification::{Notification, NotificationState},
    notification_type::Channel,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What was decided about the messages of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notifications)]
pub(crate) struct NotificationLogAnswer {
    /// The shop's own id of the order.
    #[schema(example = "1001")]
    order: String,
    /// Each decision, oldest first.
    notifications: Vec<NotificationAnswer>,
    /// Channels on which nothing can be sent, because the order has no address
    /// for them that can be used.
    unreachable: Vec<UnreachableAnswer>,
}

/// One message, or the decision not to send one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
struct NotificationAnswer {
    /// Its id.
    id: String,
    /// What it is about.
    #[schema(example = "out_for_delivery")]
    notification_type: &'static str,
    /// `email` or `sms`.
    #[schema(example = "email")]
    channel: &'static str,
    /// Which shipment; absent if it is about the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    shipment: Option<u16>,
    /// The recipient, masked; empty if the given address cannot be used.
    #[schema(example = "a***@s***.example")]
    recipient: String,
    /// `deferred`, `claimed`, `sent`, `unknown`, `suppressed`, `failed`,
    /// `delivered`, `bounced` or `complained`.
    #[schema(example = "suppressed")]
    state: &'static str,
    /// Why, where it waits, was not sent or came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no_consent")]
    reason: Option<String>,
    /// Since when it stands so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Until when it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    deferred_until: Option<Timestamp>,
    /// The provider's id of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    /// How often it was tried.
    attempts: u32,
    /// After this it would have been of no use.
    #[schema(value_type = String, format = DateTime)]
    useful_until: Timestamp,
    /// When it was decided on.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Every state it was in, oldest first; refusals in a row are one.
    history: Vec<HistoryAnswer>,
}

/// A state that a message was in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationState)]
struct HistoryAnswer {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The state, with its reason.
    #[schema(example = "suppressed: no_consent")]
    state: String,
}

/// A channel on which the customer cannot be reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreachableChannel)]
struct UnreachableAnswer {
    /// `email` or `sms`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// `no_address`, `no_usable_address` or `takes_no_texts`.
    #[schema(example = "no_address")]
    reason: &'static str,
    /// The same for people.
    #[schema(example = "the order came without a telephone number")]
    detail: &'static str,
}

/// Reads why the customer of an order did, or did not, get a message.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}/notifications",
    operation_id = "read_notifications",
    tag = "notifications",
    params(OrderPath),
    responses(
        (status = 200, description = "Every decision about a message", body = NotificationLogAnswer),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_notifications(
    State(ingest): State<Ingest>,
    Target(key): Target,
) -> Result<Json<NotificationLogAnswer>, Problem> {
    let (view, contact, ledger) = tokio::try_join!(
        ingest.intake.orders.load_order(&key),
        ingest.intake.contacts.get_contact(&key),
        ingest.notifications.load_log(&key),
    )?;
    view.ok_or_else(order_not_found)?;
    let mut notifications: Vec<NotificationAnswer> =
        ledger.into_iter().map(NotificationAnswer::from).collect();
    notifications.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(Json(NotificationLogAnswer {
        order: key.order.to_string(),
        notifications,
        unreachable: unreachable_channels(contact.as_ref()),
    }))
}

fn unreachable_channels(contact: Option<&Contact>) -> Vec<UnreachableAnswer> {
    Channel::ALL
        .iter()
        .filter_map(|channel| {
            let email = contact.and_then(|contact| contact.email.as_ref());
            let phone = contact.and_then(|contact| contact.phone.as_ref());
            let is_unusable = contact.is_some_and(|contact| contact.unusable.contains(channel));
            let (reason, detail) = match (channel, email, phone) {
                (Channel::Email, Some(_), _) => return None,
                (Channel::Email, None, _) if is_unusable => (
                    "no_usable_address",
                    "the e-mail address that was given is none that mail can be sent to",
                ),
                (Channel::Email, None, _) => {
                    ("no_address", "the order came without an e-mail address")
                }
                (Channel::Sms, _, Some(phone)) if phone.takes_texts() => return None,
                (Channel::Sms, _, Some(_)) => (
                    "takes_no_texts",
                    "the telephone number is a landline or toll-free, which takes no texts",
                ),
                (Channel::Sms, _, None) if is_unusable => (
                    "no_usable_address",
                    "the telephone number that was given is none that texts can be sent to",
                ),
                (Channel::Sms, _, None) => {
                    ("no_address", "the order came without a telephone number")
                }
            };
            Some(UnreachableAnswer {
                channel: channel.as_str(),
                reason,
                detail,
            })
        })
        .collect()
}

impl From<Notification> for NotificationAnswer {
    fn from(notification: Notification) -> Self {
        let (state, reason, at) = match &notification.state {
            NotificationState::Deferred { reason, .. } => {
                ("deferred", Some(reason.to_string()), None)
            }
            NotificationState::Claimed { .. } => ("claimed", None, None),
            NotificationState::Sent { at, .. } => ("sent", None, Some(*at)),
            NotificationState::Unknown { since } => ("unknown", None, Some(*since)),
            NotificationState::Suppressed { reason, at } => {
                ("suppressed", Some(reason.to_string()), Some(*at))
            }
            NotificationState::Failed { reason, at, .. } => {
                ("failed", Some(reason.clone()), Some(*at))
            }
            NotificationState::Delivered { at } => ("delivered", None, Some(*at)),
            NotificationState::Bounced { is_permanent, at } => {
                let reason = if *is_permanent {
                    "permanent"
                } else {
                    "transient"
                };
                ("bounced", Some(reason.to_owned()), Some(*at))
            }
            NotificationState::Complained { at } => ("complained", None, Some(*at)),
        };
        let deferred_until = match &notification.state {
            NotificationState::Deferred { until, .. } => Some(*until),
            _ => None,
        };
        let provider_id = match notification.state {
            NotificationState::Sent { provider_id, .. } => Some(provider_id),
            _ => None,
        };
        Self {
            id: notification.id.0,
            notification_type: notification.trigger.notification_type.as_str(),
            channel: notification.channel.as_str(),
            shipment: notification.trigger.shipment.map(|shipment| shipment.0),
            recipient: notification.recipient,
            state,
            reason,
            at,
            deferred_until,
            provider_id: provider_id.filter(|id| !id.is_empty()),
            attempts: notification.attempts,
            useful_until: notification.useful_until,
            created_at: notification.created_at,
            history: notification
                .history
                .into_iter()
                .map(|entry| HistoryAnswer {
                    at: entry.at,
                    state: entry.what,
                })
                .collect(),
        }
    }
}
