//! From a storefront's orders and fulfilments to ours.

use crate::{
    parse::{MAX_ITEMS, ParsedOrder},
    validate,
};
use jiff::Timestamp;
use posthorn_domain::{
    contact::{Consent, Contact, EmailAddress},
    id::OrderId,
    notification_type::Channel,
    order::{DeliveryMethod, OrderItem},
    settings::Settings,
};
use posthorn_storefronts::{StorefrontContact, StorefrontFulfillment, StorefrontOrder};

/// Returns the order that a storefront reports. `triggered_at` is what the unsigned
/// header says: it counts only where the body gives no time.
pub(super) fn read_order(
    order: &StorefrontOrder,
    triggered_at: Option<Timestamp>,
    settings: &Settings,
    now: Timestamp,
) -> ParsedOrder {
    ParsedOrder {
        id: order.id.clone(),
        number: number_or_id(order.number.as_ref(), &order.id),
        placed_at: placed_at(order, now),
        as_of: Some(order.as_of.or(triggered_at).unwrap_or(now)),
        promised: None,
        locale: order
            .locale
            .as_deref()
            .and_then(|tag| validate::locale(tag).ok())
            .unwrap_or_else(|| settings.locale.clone()),
        is_test: order.is_test || settings.test_mode,
        contact: Some(read_contact(&order.contact, settings)),
        items: first_items(&order.items),
        delivery_method: order.delivery_method,
        shipments: Vec::new(),
    }
}

/// Returns the earliest credible time at which the customer may have placed the order.
pub(super) fn placed_at(order: &StorefrontOrder, now: Timestamp) -> Option<Timestamp> {
    let times = order.placed_at.iter().copied();
    times.filter(|at| validate::is_past(*at, now)).min()
}

/// Returns the order that a fulfilment belongs to, as far as the fulfilment tells:
/// it arrived before its order did.
pub(super) fn read_order_of_fulfillment(
    fulfillment: &StorefrontFulfillment,
    id: OrderId,
    settings: &Settings,
    now: Timestamp,
) -> ParsedOrder {
    ParsedOrder {
        number: number_or_id(fulfillment.order_number.as_ref(), &id),
        id,
        placed_at: fulfillment
            .created_at
            .as_deref()
            .and_then(|at| validate::past(now)(at).ok()),
        // Most of it is guessed: whatever its order says is newer.
        as_of: None,
        promised: None,
        locale: settings.locale.clone(),
        is_test: settings.test_mode,
        contact: Some(read_contact(&fulfillment.contact, settings)),
        items: first_items(&fulfillment.items),
        delivery_method: DeliveryMethod::Shipping,
        shipments: Vec::new(),
    }
}

/// Returns as many lines as an order or a shipment can have.
pub(super) fn first_items(items: &[OrderItem]) -> Vec<OrderItem> {
    items.iter().take(MAX_ITEMS).cloned().collect()
}

/// Returns the first country that is one.
pub(super) fn first_country(contact: &StorefrontContact) -> Option<String> {
    let mut countries = contact.countries.iter();
    countries.find_map(|code| validate::country(code).ok())
}

fn number_or_id(number: Option<&String>, id: &OrderId) -> String {
    number.cloned().unwrap_or_else(|| format!("#{id}"))
}

fn read_contact(given: &StorefrontContact, settings: &Settings) -> Contact {
    let country = first_country(given);
    let home = country.as_deref().unwrap_or(&settings.country);
    let mut emails = given.emails.iter();
    let email = emails.find_map(|text| EmailAddress::parse(text).ok());
    let mut phones = given.phones.iter();
    let phone = phones.find_map(|text| validate::phone(home)(text).ok());
    let is_given = |texts: &[String]| texts.iter().any(|text| !text.trim().is_empty());
    let mut unusable = Vec::new();
    if email.is_none() && is_given(&given.emails) {
        unusable.push(Channel::Email);
    }
    if phone.is_none() && is_given(&given.phones) {
        unusable.push(Channel::Sms);
    }
    Contact {
        name: given.name.clone(),
        email,
        phone,
        postcode: given.postcode.clone(),
        region: given.region.clone(),
        country,
        consent: Consent {
            sms: given.has_sms_consent,
            ..Consent::default()
        },
        unusable,
        ..Contact::default()
    }
}
