//! What is known about an order when a message about it is decided on.

use std::sync::Arc;

use jiff::Timestamp;
use posthorn_channels::{
    message::Message,
    render::{RenderError, Rendered},
};
use posthorn_domain::{
    contact::Contact,
    id::OrderKey,
    moment::Channel,
    notice::{Notice, NoticeId, Occasion},
    policy::{self, View},
    settings::Settings,
};
use posthorn_platform::{
    Error,
    store::{
        contacts::ContactStore, notices::NoticeStore, orders::OrderStore, orders::OrderView,
        settings::SettingsStore,
    },
};

use crate::second_look::settled_ledger;

/// Where it is read from.
#[derive(Debug)]
pub(crate) struct Files {
    /// Orders and parcels.
    pub(crate) orders: OrderStore,
    /// Customers and suppressed addresses.
    pub(crate) contacts: ContactStore,
    /// The ledger of messages.
    pub(crate) notices: NoticeStore,
    /// What shops decided.
    pub(crate) settings: SettingsStore,
}

/// An order with all that decides on messages about it.
#[derive(Debug)]
pub(crate) struct Case {
    /// The order and its parcels, as they stand now.
    pub(crate) order: OrderView,
    /// Whom to tell.
    pub(crate) contact: Contact,
    /// What the shop decided.
    pub(crate) settings: Arc<Settings>,
    /// What was sent, deferred or suppressed so far.
    pub(crate) ledger: Vec<Notice>,
}

impl Files {
    /// Reads all that is known about an order; none if there is no such order,
    /// as after an erasure.
    pub(crate) async fn open(&self, key: &OrderKey, now: Timestamp) -> Result<Option<Case>, Error> {
        let (order, contact, settings, ledger) = tokio::try_join!(
            self.orders.load(key),
            self.contacts.get(key),
            self.settings.settings(&key.shop, now),
            settled_ledger(&self.notices, key, now),
        )?;
        Ok(order.map(|order| Case {
            order,
            contact: contact.unwrap_or_else(nobody),
            settings,
            ledger,
        }))
    }
}

/// A customer without an address: none is known, or it was erased.
fn nobody() -> Contact {
    Contact {
        consent: posthorn_domain::contact::Consent {
            email: false,
            sms: false,
        },
        ..Contact::default()
    }
}

impl Case {
    /// The same for the rules.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            order: &self.order.order,
            shipments: &self.order.shipments,
            contact: &self.contact,
            settings: &self.settings,
            ledger: &self.ledger,
        }
    }

    /// What the ledger holds of a notice.
    pub(crate) fn entry(&self, id: &NoticeId) -> Option<&Notice> {
        self.ledger.iter().find(|notice| notice.id == *id)
    }

    /// Writes a message about `occasion`; `track_url` is what tracking links
    /// begin with, and `unsubscribe` stops the mails.
    pub(crate) fn render(
        &self,
        occasion: &Occasion,
        channel: Channel,
        track_url: &str,
        unsubscribe: Option<&str>,
        now: Timestamp,
    ) -> Result<Rendered, RenderError> {
        let OrderView { order, shipments } = &self.order;
        let link = format!("{track_url}/t/{}", order.token);
        Message {
            occasion,
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
        .render(channel)
    }
}
