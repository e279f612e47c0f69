//! An order, and who bought it.

use super::{MAX_ITEMS, MAX_SHIPMENTS, NewShipment, Reading, item};
use crate::{
    body::{ConsentBody, CustomerBody, OrderBody},
    carrier::Rules,
    given::{Fault, Findings, Place},
    problem::{Code, FieldError},
    text,
};
use jiff::{Timestamp, civil::Date};
use posthorn_domain::{
    contact::{Consent, Contact},
    id::OrderId,
    language,
    moment::Channel,
    order::{DeliveryMethod, Item},
    settings::Settings,
    tracking_number::TrackingNumber,
};

/// An order to be followed, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewOrder {
    pub(crate) id: OrderId,
    pub(crate) number: String,
    pub(crate) placed_at: Option<Timestamp>,
    /// As of when a storefront says so; none of an order that was posted.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) promised: Option<Date>,
    pub(crate) locale: String,
    pub(crate) is_test: bool,
    pub(crate) contact: Option<Contact>,
    pub(crate) items: Vec<Item>,
    pub(crate) delivery_method: DeliveryMethod,
    pub(crate) shipments: Vec<NewShipment>,
}

impl NewOrder {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(
        body: OrderBody,
        reading: Reading<'_>,
        findings: &mut Findings,
    ) -> Option<Self> {
        let settings = reading.settings;
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let id = place.required_text("id", body.id, text::order_id);
        let number = place.text("number", body.number, text::line(64));
        let placed_at = place.text("placed_at", body.placed_at, text::past(reading.now));
        let promised = place.text("promised", body.promised, text::date);
        let locale = place.text("locale", body.locale, text::locale);
        if let Some(tag) = &locale
            && let Some(doubt) = doubt_about_language(tag)
        {
            place.field("locale").warn(doubt);
        }
        let is_test = place.optional("test", body.test, Ok).unwrap_or(false) || settings.test_mode;
        let rules = Rules::of(reading.in_use, settings, is_test);
        let contact = place.nested("customer", body.customer, |customer, place| {
            Some(contact(customer, settings, place))
        });
        let country = contact.as_ref().and_then(|contact| contact.country.clone());
        let rules = rules.to(country.as_deref());
        let items = place.list("items", body.items, MAX_ITEMS, item);
        let mut numbers: Vec<Option<TrackingNumber>> = Vec::new();
        let shipments = place.list(
            "shipments",
            body.shipments,
            MAX_SHIPMENTS,
            |body, mut place| {
                let shipment = NewShipment::at(body, rules, &mut place)?;
                if numbers.contains(&shipment.tracking_number) {
                    place
                        .field("tracking_number")
                        .fault(Fault::new(Code::Duplicate, "stands in this order twice"));
                    return None;
                }
                numbers.push(shipment.tracking_number.clone());
                Some(shipment)
            },
        );
        let id = id?;
        Some(Self {
            number: number.unwrap_or_else(|| id.to_string()),
            id,
            placed_at,
            as_of: None,
            promised,
            locale: locale.unwrap_or_else(|| settings.locale.clone()),
            is_test,
            contact,
            items,
            delivery_method: DeliveryMethod::Shipping,
            shipments,
        })
    }
}

impl NewOrder {
    /// What is doubtful about an order of a storefront, which hears no answer.
    pub(crate) fn doubts(&self) -> Vec<FieldError> {
        let language = doubt_about_language(&self.locale).map(|doubt| doubt.at("locale"));
        let unusable = self.contact.iter().flat_map(|contact| &contact.unusable);
        let unusable = unusable.map(|channel| {
            let (field, code) = match channel {
                Channel::Email => ("customer.email", Code::InvalidEmail),
                Channel::Sms => ("customer.phone", Code::InvalidPhone),
            };
            Fault::new(code, "is none that a message can be sent to").at(field)
        });
        language.into_iter().chain(unusable).collect()
    }
}

/// What is doubtful about writing to a customer in the language of `tag`.
fn doubt_about_language(tag: &str) -> Option<Fault> {
    (!language::is_written(tag)).then(|| {
        Fault::new(
            Code::UnknownLanguage,
            format!(
                "is a language without texts, the customer is written to in `{}`",
                language::WRITTEN[0]
            ),
        )
        .expecting(language::WRITTEN.join(", "))
    })
}

fn contact(body: CustomerBody, settings: &Settings, mut place: Place<'_>) -> Contact {
    place.ignored(&body.unknown);
    let country = place.text("country", body.country, text::country);
    let home = country.as_deref().unwrap_or(&settings.country);
    let (phone, is_phone_unusable) = place.usable("phone", body.phone, text::phone(home));
    let (email, is_email_unusable) = place.usable("email", body.email, text::email);
    let unusable = [
        (Channel::Email, is_email_unusable),
        (Channel::Sms, is_phone_unusable),
    ];
    Contact {
        name: place.text("name", body.name, text::line(200)),
        email,
        phone,
        postcode: place.text("postcode", body.postcode, text::line(20)),
        region: place.text("region", body.region, text::line(100)),
        country,
        time_zone: place.text("time_zone", body.time_zone, text::time_zone),
        consent: place
            .nested("consent", body.consent, |body, place| {
                Some(consent(body, place))
            })
            .unwrap_or_default(),
        unusable: unusable
            .into_iter()
            .filter_map(|(channel, is_unusable)| is_unusable.then_some(channel))
            .collect(),
        is_corrected: false,
    }
}

fn consent(body: ConsentBody, mut place: Place<'_>) -> Consent {
    place.ignored(&body.unknown);
    let default = Consent::default();
    Consent {
        email: place
            .optional("email", body.email, Ok)
            .unwrap_or(default.email),
        sms: place.optional("sms", body.sms, Ok).unwrap_or(default.sms),
    }
}
