//! What is known about an order when a message about it is decided on.

use std::sync::Arc;

use jiff::Timestamp;
use posthorn_channels::{
    message::MessageContext,
    render::{RenderError, Rendered},
};
use posthorn_domain::{
    contact::Contact,
    id::OrderKey,
    notification::{Notification, NotificationId, NotificationTrigger},
    notification_type::Channel,
    policy::{self, OrderContext},
    settings::Settings,
};
use posthorn_platform::{
    ServiceError,
    store::{
        contacts::ContactStore, notifications::NotificationStore, orders::OrderStore,
        orders::OrderWithShipments, settings::SettingsStore,
    },
};

use crate::second_look::settled_ledger;

/// Where it is read from.
#[derive(Debug)]
pub(crate) struct ContextLoader {
    /// Orders and shipments.
    pub(crate) orders: OrderStore,
    /// Customers and suppressed addresses.
    pub(crate) contacts: ContactStore,
    /// The ledger of messages.
    pub(crate) notifications: NotificationStore,
    /// What shops decided.
    pub(crate) settings: SettingsStore,
}

/// An order with all that decides on messages about it.
#[derive(Debug)]
pub(crate) struct DispatchContext {
    /// The order and its shipments, as they stand now.
    pub(crate) order: OrderWithShipments,
    /// Whom to tell.
    pub(crate) contact: Contact,
    /// What the shop decided.
    pub(crate) settings: Arc<Settings>,
    /// What was sent, deferred or suppressed so far.
    pub(crate) ledger: Vec<Notification>,
}

impl ContextLoader {
    /// Reads all that is known about an order; none if there is no such order,
    /// as after an erasure.
    pub(crate) async fn load_context(
        &self,
        key: &OrderKey,
        now: Timestamp,
    ) -> Result<Option<DispatchContext>, ServiceError> {
        let (order, contact, settings, ledger) = tokio::try_join!(
            self.orders.load_order(key),
            self.contacts.get_contact(key),
            self.settings.load_settings(&key.shop, now),
            settled_ledger(&self.notifications, key, now),
        )?;
        Ok(order.map(|order| DispatchContext {
            order,
            contact: contact.unwrap_or_else(empty_contact),
            settings,
            ledger,
        }))
    }
}

/// A customer without an address: none is known, or it was erased.
fn empty_contact() -> Contact {
    Contact {
        consent: posthorn_domain::contact::Consent {
            email: false,
            sms: false,
        },
        ..Contact::default()
    }
}

impl DispatchContext {
    /// The same for the rules.
    pub(crate) fn to_order_context(&self) -> OrderContext<'_> {
        OrderContext {
            order: &self.order.order,
            shipments: &self.order.shipments,
            contact: &self.contact,
            settings: &self.settings,
            notification_log: &self.ledger,
        }
    }

    /// What the ledger holds of a notification.
    pub(crate) fn find_notification(&self, id: &NotificationId) -> Option<&Notification> {
        self.ledger
            .iter()
            .find(|notification| notification.id == *id)
    }

    /// Writes a message about `occasion`; `track_url` is what tracking links
    /// begin with, and `unsubscribe` stops the mails.
    pub(crate) fn render_message(
        &self,
        occasion: &NotificationTrigger,
        channel: Channel,
        track_url: &str,
        unsubscribe: Option<&str>,
        now: Timestamp,
    ) -> Result<Rendered, RenderError> {
        let OrderWithShipments {
            order, shipments, ..
        } = &self.order;
        let link = format!("{track_url}/t/{}", order.token);
        MessageContext {
            trigger: occasion,
            order,
            shipments,
            settings: &self.settings,
            name: self.contact.name.as_deref(),
            link: &link,
            unsubscribe,
            carrier: &|shipment| posthorn_carriers::carrier_view(shipment, &self.settings),
            now,
            time_zone: &policy::time_zone(&self.contact, &self.settings),
        }
        .render_for(channel)
    }
}
