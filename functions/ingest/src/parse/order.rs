//! An order, and who bought it.

use super::{MAX_ITEMS, MAX_SHIPMENTS, ParsedShipment, Reading, parse_item};
use crate::{
    body::{ConsentBody, CustomerBody, OrderBody},
    carrier::Rules,
    field::{FieldPath, Issue, Issues},
    problem::{FieldError, ProblemCode},
    validate,
};
use jiff::{Timestamp, civil::Date};
use posthorn_domain::{
    contact::{Consent, Contact},
    id::OrderId,
    language,
    notification_type::Channel,
    order::{DeliveryMethod, OrderItem},
    settings::Settings,
};

/// An order to be followed, checked.
#[derive(Debug, Clone)]
pub(crate) struct ParsedOrder {
    pub(crate) id: OrderId,
    pub(crate) number: String,
    pub(crate) placed_at: Option<Timestamp>,
    /// As of when a storefront says so; none of an order that was posted.
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) promised: Option<Date>,
    pub(crate) locale: String,
    pub(crate) is_test: bool,
    pub(crate) contact: Option<Contact>,
    pub(crate) items: Vec<OrderItem>,
    pub(crate) delivery_method: DeliveryMethod,
    pub(crate) shipments: Vec<ParsedShipment>,
}

impl ParsedOrder {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn parse_order(
        body: OrderBody,
        reading: Reading<'_>,
        findings: &mut Issues,
    ) -> Option<Self> {
        let settings = reading.settings;
        let mut place = FieldPath::at_root(findings);
        place.add_ignored(&body.unknown);
        let id = place.required_text("id", body.id, validate::order_id);
        let number = place.read_text("number", body.number, validate::line(64));
        let placed_at = place.read_text("placed_at", body.placed_at, validate::past(reading.now));
        let promised = place.read_text("promised", body.promised, validate::date);
        let locale = place.read_text("locale", body.locale, validate::locale);
        if let Some(tag) = &locale
            && let Some(doubt) = doubt_about_language(tag)
        {
            place.at_field("locale").add_warning(doubt);
        }
        let is_test =
            place.read_optional("test", body.test, Ok).unwrap_or(false) || settings.test_mode;
        let rules = Rules::new(reading.in_use, settings, is_test);
        let contact = place.read_nested("customer", body.customer, |customer, place| {
            Some(parse_contact(customer, settings, place))
        });
        let country = contact.as_ref().and_then(|contact| contact.country.clone());
        let rules = rules.with_destination(country.as_deref());
        let items = place.read_list("items", body.items, MAX_ITEMS, parse_item);
        let mut known: Vec<ParsedShipment> = Vec::new();
        let shipments = place.read_list(
            "shipments",
            body.shipments,
            MAX_SHIPMENTS,
            |body, mut place| {
                let shipment = ParsedShipment::parse_at(body, rules, &mut place)?;
                if known.iter().any(|known| known.is_same_as(&shipment)) {
                    place.at_field("tracking_number").add_issue(Issue::new(
                        ProblemCode::Duplicate,
                        "stands in this order twice",
                    ));
                    return None;
                }
                known.push(shipment.clone());
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

impl ParsedOrder {
    /// What is doubtful about an order of a storefront, which hears no answer.
    pub(crate) fn list_doubts(&self) -> Vec<FieldError> {
        let language =
            doubt_about_language(&self.locale).map(|doubt| doubt.into_field_error("locale"));
        let unusable = self.contact.iter().flat_map(|contact| &contact.unusable);
        let unusable = unusable.map(|channel| {
            let (field, code) = match channel {
                Channel::Email => ("customer.email", ProblemCode::InvalidEmail),
                Channel::Sms => ("customer.phone", ProblemCode::InvalidPhone),
            };
            Issue::new(code, "is none that a message can be sent to").into_field_error(field)
        });
        language.into_iter().chain(unusable).collect()
    }
}

/// What is doubtful about writing to a customer in the language of `tag`.
fn doubt_about_language(tag: &str) -> Option<Issue> {
    (!language::is_written(tag)).then(|| {
        Issue::new(
            ProblemCode::UnknownLanguage,
            format!(
                "is a language without texts, the customer is written to in `{}`",
                language::WRITTEN[0]
            ),
        )
        .with_expected(language::WRITTEN.join(", "))
    })
}

fn parse_contact(body: CustomerBody, settings: &Settings, mut place: FieldPath<'_>) -> Contact {
    place.add_ignored(&body.unknown);
    let country = place.read_text("country", body.country, validate::country);
    let home = country.as_deref().unwrap_or(&settings.country);
    let (phone, is_phone_unusable) = place.read_usable("phone", body.phone, validate::phone(home));
    let (email, is_email_unusable) = place.read_usable("email", body.email, validate::email);
    let unusable = [
        (Channel::Email, is_email_unusable),
        (Channel::Sms, is_phone_unusable),
    ];
    Contact {
        name: place.read_text("name", body.name, validate::line(200)),
        email,
        phone,
        postcode: place.read_text("postcode", body.postcode, validate::line(20)),
        region: place.read_text("region", body.region, validate::line(100)),
        country,
        time_zone: place.read_text("time_zone", body.time_zone, validate::time_zone),
        consent: place
            .read_nested("consent", body.consent, |body, place| {
                Some(parse_consent(body, place))
            })
            .unwrap_or_default(),
        unusable: unusable
            .into_iter()
            .filter_map(|(channel, is_unusable)| is_unusable.then_some(channel))
            .collect(),
        is_corrected: false,
    }
}

fn parse_consent(body: ConsentBody, mut place: FieldPath<'_>) -> Consent {
    place.add_ignored(&body.unknown);
    let default = Consent::default();
    Consent {
        email: place
            .read_optional("email", body.email, Ok)
            .unwrap_or(default.email),
        sms: place
            .read_optional("sms", body.sms, Ok)
            .unwrap_or(default.sms),
    }
}
