//! What a shop decides for itself.

use crate::{
    contact::PhoneNumber,
    notification_type::{Channel, NotificationType},
    tracking_number::TrackingNumber,
};
use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// The hours in which no text message is sent, on the recipient's wall clock;
/// `from` 21:00 `to` 08:00 spans midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Begin.
    pub from: Time,
    /// End.
    pub to: Time,
}

/// How many messages one customer gets at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageCaps {
    /// Before a shipment is handed over, in a minute.
    pub before_handover_per_minute: u32,
    /// From then on, in an hour.
    pub in_delivery_per_hour: u32,
    /// Minutes from one message about an order to the next on the same channel,
    /// unless the next asks the customer for something.
    pub minutes_apart: u32,
}

impl Default for MessageCaps {
    fn default() -> Self {
        Self {
            before_handover_per_minute: 2,
            in_delivery_per_hour: 2,
            minutes_apart: 15,
        }
    }
}

/// How many text messages a shop sends at most, and to which countries: the holder
/// of its key can have texts sent to any number, and texts cost money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextLimits {
    /// On one day (UTC).
    pub per_day: u32,
    /// How many of these go abroad: to numbers neither of the shop's own country
    /// nor of one in `countries`.
    pub abroad_per_day: u32,
    /// ISO 3166-1 alpha-2 of the numbers that may be texted. None: the shop's own
    /// country and the one that an order goes to.
    pub countries: Option<Vec<String>>,
}

impl Default for TextLimits {
    fn default() -> Self {
        Self {
            per_day: 200,
            abroad_per_day: 20,
            countries: None,
        }
    }
}

/// The settings of one shop; what is not set has the default of [`Settings::default`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The shop's name as customers know it.
    pub name: String,
    /// Where mail comes from: `Acme Shoes <orders@acme.example>`; must be verified in SES.
    pub from_email: String,
    /// Where customers can ask: an e-mail address or a URL.
    pub support: Option<String>,
    /// The shop's home page.
    pub home_url: Option<String>,
    /// Alphanumeric sender of text messages, where a country allows it.
    pub sms_sender: Option<String>,
    /// ISO 3166-1 alpha-2: whose national form a telephone number without `+` has.
    pub country: String,
    /// IANA zone for customers whose own cannot be told.
    pub time_zone: String,
    /// BCP 47 tag for customers whose language is not known.
    pub locale: String,
    /// Channels per moment, where they differ from [`Settings::channels`]'s defaults.
    pub notification_types: BTreeMap<NotificationType, Vec<Channel>>,
    /// None: text messages at any hour.
    pub quiet_hours: Option<QuietHours>,
    /// How many messages at most.
    pub caps: MessageCaps,
    /// How many texts at most, and where to.
    pub texts: TextLimits,
    /// Whether orders of this shop may use the sandbox carrier.
    pub test_mode: bool,
    /// Where a customer can leave a review; none: no review is asked for.
    pub review_url: Option<String>,
    /// Days after delivery at which to ask.
    pub review_after_days: u8,
    /// Pages of carriers that we do not know, by what the shop calls them:
    /// `https://acme.example/t/{number}`.
    pub carrier_links: BTreeMap<String, String>,
    /// The aggregator that is asked after shipments of carriers whom we cannot ask.
    pub aggregator: Option<String>,
    /// The aggregators that are asked in place of carriers whom we could ask,
    /// by the carrier's id: of these the shop has no key.
    pub aggregators: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Our shop".to_owned(),
            from_email: String::new(),
            support: None,
            home_url: None,
            sms_sender: None,
            country: "US".to_owned(),
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
            notification_types: BTreeMap::new(),
            quiet_hours: Some(QuietHours {
                from: Time::constant(21, 0, 0, 0),
                to: Time::constant(8, 0, 0, 0),
            }),
            caps: MessageCaps::default(),
            texts: TextLimits::default(),
            test_mode: false,
            review_url: None,
            review_after_days: 3,
            carrier_links: BTreeMap::new(),
            aggregator: None,
            aggregators: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What customers know the shop by: its name, or else the domain of its home page
    /// or of its sender. A message from a sender without a name is taken for a fraud.
    pub fn display_name(&self) -> &str {
        let home = self.home_url.as_deref().and_then(|url| {
            let (_, rest) = url.split_once("://")?;
            rest.split(['/', '?', '#', ':']).next()
        });
        let sender = self
            .from_email
            .rsplit_once('@')
            .map(|(_, domain)| domain.trim_end_matches('>'));
        let names = [Some(self.name.trim()), home, sender];
        let mut known = names.into_iter().flatten().filter(|name| !name.is_empty());
        known.next().unwrap_or_default()
    }

    /// The channels on which customers hear of `moment`.
    pub fn channels_for(&self, moment: NotificationType) -> &[Channel] {
        match self.notification_types.get(&moment) {
            Some(channels) => channels,
            None => moment.table_row().channels,
        }
    }

    /// Whether a text may go to `phone`, by its country and the one that the order
    /// goes to.
    pub fn may_text(&self, phone: &PhoneNumber, order_country: Option<&str>) -> bool {
        match &self.texts.countries {
            Some(allowed) => allowed.iter().any(|country| is_of(phone, country)),
            None => {
                is_of(phone, &self.country)
                    || order_country.is_some_and(|country| is_of(phone, country))
            }
        }
    }

    /// Whether `phone` is of a country that the shop itself has not named: the one
    /// that an order goes to is chosen by who has the shop's key.
    pub fn is_abroad(&self, phone: &PhoneNumber) -> bool {
        let mut named = self.texts.countries.iter().flatten();
        !is_of(phone, &self.country) && !named.any(|country| is_of(phone, country))
    }

    /// The page about `number` at the carrier that the shop calls `name`, if the
    /// shop said where that is.
    pub fn carrier_link(&self, name: &str, number: &TrackingNumber) -> Option<String> {
        let is_meant = |known: &&String| known.trim().to_lowercase() == name.trim().to_lowercase();
        let named = self.carrier_links.keys().find(is_meant)?;
        let template = LinkTemplate::parse(&self.carrier_links[named]).ok()?;
        Some(template.fill_number(number))
    }

    /// What of these settings cannot be used, and why: they are written by hand,
    /// and one mistake must not take the others with it.
    pub fn unusable_settings(&self) -> impl Iterator<Item = (String, LinkTemplateError)> {
        self.carrier_links.iter().filter_map(|(name, template)| {
            let error = LinkTemplate::parse(template).err()?;
            Some((format!("carrier_links.{name}"), error))
        })
    }
}

/// Whether `phone` is a number of `country`.
fn is_of(phone: &PhoneNumber, country: &str) -> bool {
    let mut countries = phone.possible_countries().into_iter();
    countries.any(|of| of.eq_ignore_ascii_case(country.trim()))
}

/// The page of a carrier about any number: an https URL with `{number}` in its
/// path, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate(String);

/// Why a text is not a [`LinkTemplate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an https URL without credentials and with {{number}} after the host")]
pub struct LinkTemplateError;

impl LinkTemplate {
    const NUMBER: &str = "{number}";

    /// Checks what a shop wrote down.
    pub fn parse(text: &str) -> Result<Self, LinkTemplateError> {
        let text = text.trim();
        let url = Url::parse(&text.replace(Self::NUMBER, "0000")).map_err(|_| LinkTemplateError)?;
        let is_safe = url.scheme() == "https"
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && text.len() <= 500;
        // The number may say which page, never whose.
        let host_ends = text.match_indices(['/', '?', '#']).nth(2);
        let is_after_host = host_ends.is_some_and(|(end, _)| {
            let site = Url::parse(&text[..end]);
            text[end..].contains(Self::NUMBER)
                && site.is_ok_and(|site| site.host_str() == url.host_str())
        });
        if is_safe && is_after_host {
            Ok(Self(text.to_owned()))
        } else {
            Err(LinkTemplateError)
        }
    }

    /// The page about `number`, which is letters and digits and needs no escaping.
    pub fn fill_number(&self, number: &TrackingNumber) -> String {
        self.0.replace(Self::NUMBER, number.as_str())
    }
}
