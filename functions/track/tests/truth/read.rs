//! What a customer reads of a situation, in all media.

use crate::fixture::Situation;
use jiff::{Timestamp, tz::TimeZone};
use posthorn_channels::{
    message::MessageContext,
    render::{Email, Rendered, Sms},
};
use posthorn_domain::{
    id::ShipmentIndex,
    notification::NotificationTrigger,
    notification_type::{Channel, NotificationType},
};
use track::{
    page,
    view::{PageInput, TrackingPage},
};

const NOW: &str = "2026-11-25T14:00:00Z";
pub(crate) const ZONE: &str = "America/New_York";

/// What a customer reads of one situation.
pub(crate) struct Read {
    pub(crate) page: String,
    pub(crate) email: Email,
    pub(crate) sms: Sms,
}

impl Read {
    pub(crate) fn from_situation(
        situation: &Situation,
        moment: NotificationType,
        shipment: Option<u16>,
    ) -> Self {
        let (order, shipments) = situation.read();
        let now: Timestamp = NOW.parse().unwrap();
        let carrier = |parcel: &_| posthorn_carriers::carrier_view(parcel, &situation.settings);
        let shown = PageInput {
            order: &order,
            shipments: &shipments,
            settings: &situation.settings,
            carrier: &carrier,
            checked: &|_| None,
            now,
        };
        let occasion = NotificationTrigger {
            notification_type: moment,
            shipment: shipment.map(ShipmentIndex),
            repeat: String::new(),
        };
        let message = MessageContext {
            trigger: &occasion,
            order: &order,
            shipments: &shipments,
            settings: &situation.settings,
            name: Some("Anna"),
            link: "https://track.acme.example/t/Yk3v9sQ0T1mB7uZr2LxW8A",
            unsubscribe: None,
            carrier: &carrier,
            now,
            time_zone: &TimeZone::get(ZONE).unwrap(),
        };
        let Rendered::Email(email) = message.render_for(Channel::Email).unwrap() else {
            panic!("asked for a mail");
        };
        let Rendered::Sms(sms) = message.render_for(Channel::Sms).unwrap() else {
            panic!("asked for a text");
        };
        Self {
            page: page::render_order(&TrackingPage::from_input(&shown)).unwrap(),
            email,
            sms,
        }
    }

    /// The page without its style, the mail and the text.
    pub(crate) fn all(&self) -> [&str; 5] {
        let body = &self.page[self.page.find("<body").unwrap()..];
        [
            body,
            &self.email.subject,
            &self.email.html,
            &self.email.text,
            &self.sms.text,
        ]
    }

    pub(crate) fn h1(&self) -> &str {
        between(&self.page, "<h1>", "</h1>")
    }

    pub(crate) fn heading(&self) -> &str {
        self.email.text.lines().next().unwrap()
    }

    /// The lines of a page or a mail in which several parcels are told apart.
    pub(crate) fn rows(&self) -> (Vec<String>, Vec<String>) {
        let on_page = self
            .page
            .split("<li")
            .filter(|li| li.contains("<span class=\"soft\">") && li.contains("</span> <b>"));
        let on_page = on_page.map(|li| {
            let title = between(li, "<span class=\"soft\">", "</span>");
            format!("{title}: {}", between(li, "<b>", "</b>"))
        });
        let lines = self
            .email
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("- "));
        (on_page.collect(), lines.map(str::to_owned).collect())
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from}: {text}"))
        .1;
    rest.split_once(to).unwrap().0
}
