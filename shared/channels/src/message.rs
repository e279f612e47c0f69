//! A message to a customer: what it is about and what is known about it.

use crate::{
    locale::Locale,
    render::{self, RenderError, Rendered},
    view,
};
use jiff::{Timestamp, tz::TimeZone};
use posthorn_domain::{
    carrier_view::CarrierView, notification::NotificationTrigger, notification_type::Channel,
    order::Order, settings::Settings, shipment::Shipment,
};

/// Everything that a message may speak of.
#[derive(Clone, Copy)]
pub struct MessageContext<'a> {
    /// What happened.
    pub trigger: &'a NotificationTrigger,
    /// The order as it stands.
    pub order: &'a Order,
    /// Its parcels as they stand.
    pub shipments: &'a [Shipment],
    /// The shop.
    pub settings: &'a Settings,
    /// What the shop calls the customer; used only if it looks like a name.
    pub name: Option<&'a str>,
    /// The tracking page of this order.
    pub link: &'a str,
    /// Where the customer stops the shop's mails.
    pub unsubscribe: Option<&'a str>,
    /// Who carries a parcel.
    pub carrier: &'a dyn Fn(&Shipment) -> CarrierView,
    /// When it is sent.
    pub now: Timestamp,
    /// The customer's wall clock.
    pub time_zone: &'a TimeZone,
}

impl std::fmt::Debug for MessageContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("trigger", self.trigger)
            .field("order", &self.order.key)
            .finish_non_exhaustive()
    }
}

impl MessageContext<'_> {
    /// Writes it for `channel`, in the language of the order.
    pub fn render_for(&self, channel: Channel) -> Result<Rendered, RenderError> {
        self.render_in(channel, Locale::find_locale(&self.order.locale))
    }

    /// Writes it for `channel` in a given language.
    pub fn render_in(
        &self,
        channel: Channel,
        locale: &'static Locale,
    ) -> Result<Rendered, RenderError> {
        let view = view::MessageView::new(self, locale, channel);
        match channel {
            Channel::Email => render::render_email(
                self.trigger.notification_type,
                locale,
                &view,
                self.unsubscribe,
            )
            .map(Rendered::Email),
            Channel::Sms => {
                render::render_sms(self.trigger.notification_type, locale, &view).map(Rendered::Sms)
            }
        }
    }
}
