//! From Shopify's payloads to our orders, contacts and parcels.

use super::{
    payload::{Address, Fulfillment, LineItem, Order},
    state,
};
use crate::{
    parse::{MAX_ITEMS, NewOrder},
    text,
};
use jiff::Timestamp;
use posthorn_domain::{
    contact::{Consent, Contact, EmailAddress, PhoneNumber},
    id::OrderId,
    moment::Channel,
    order::{DeliveryMethod, Item},
    settings::Settings,
    text::is_noncharacter,
};

/// The order that `order` tells of.
pub(crate) fn order(
    order: &Order,
    id: OrderId,
    triggered_at: Option<Timestamp>,
    settings: &Settings,
    now: Timestamp,
) -> NewOrder {
    let number = order
        .name
        .as_deref()
        .and_then(|name| clean(name, 64))
        .unwrap_or_else(|| format!("#{id}"));
    NewOrder {
        id,
        number,
        placed_at: placed_at(order, now),
        as_of: Some(as_of(
            [&order.updated_at, &order.created_at],
            triggered_at,
            now,
        )),
        promised: None,
        locale: order
            .customer_locale
            .as_deref()
            .and_then(|tag| text::locale(tag).ok())
            .unwrap_or_else(|| settings.locale.clone()),
        is_test: order.test.unwrap_or(false) || settings.test_mode,
        contact: Some(contact(order, settings)),
        items: if state::is_cancelled(order) {
            // What was bought is what was cancelled.
            items(&order.line_items, sent)
        } else {
            items(&order.line_items, still_bought)
        },
        delivery_method: state::delivery_method(order),
        shipments: Vec::new(),
    }
}

/// When the customer placed it. An order that was imported was created today, and
/// processed when it was placed.
pub(super) fn placed_at(order: &Order, now: Timestamp) -> Option<Timestamp> {
    let times = [&order.processed_at, &order.created_at];
    let times = times.into_iter().flatten();
    times.filter_map(|at| text::past(now)(at).ok()).min()
}

/// The order that a fulfilment belongs to, as far as the fulfilment tells:
/// it arrived before its order did.
pub(crate) fn order_of(
    fulfillment: &Fulfillment,
    id: OrderId,
    settings: &Settings,
    now: Timestamp,
) -> NewOrder {
    let number = fulfillment
        .name
        .as_deref()
        .map(|name| name.rsplit_once('.').map_or(name, |(order, _)| order))
        .and_then(|name| clean(name, 64))
        .unwrap_or_else(|| format!("#{id}"));
    let destination = fulfillment.destination.as_ref();
    let country = destination.and_then(country);
    let home = country.clone().unwrap_or_else(|| settings.country.clone());
    let emails = [fulfillment.email.as_ref()];
    let phones = [destination.and_then(|to| to.phone.as_ref())];
    let contact = Contact {
        name: destination.and_then(name),
        email: first(&emails, email),
        phone: first(&phones, |text| phone(text, &home)),
        postcode: destination.and_then(postcode),
        region: destination.and_then(region),
        country,
        ..Contact::default()
    };
    let contact = with_unusable(contact, &emails, &phones);
    NewOrder {
        id,
        number,
        placed_at: fulfillment
            .created_at
            .as_deref()
            .and_then(|at| text::past(now)(at).ok()),
        // Most of it is guessed: whatever its order says is newer.
        as_of: None,
        promised: None,
        locale: settings.locale.clone(),
        is_test: settings.test_mode,
        contact: Some(contact),
        items: items(&fulfillment.line_items, sent),
        delivery_method: DeliveryMethod::Shipping,
        shipments: Vec::new(),
    }
}

fn contact(order: &Order, settings: &Settings) -> Contact {
    let customer = order.customer.as_ref();
    let shipping = order.shipping_address.as_ref();
    let billing = order.billing_address.as_ref();
    let country = shipping
        .and_then(country)
        .or_else(|| billing.and_then(country));
    let home = country.clone().unwrap_or_else(|| settings.country.clone());
    let is_subscribed = customer
        .and_then(|customer| customer.sms_marketing_consent.as_ref())
        .and_then(|consent| consent.state.as_deref())
        .is_some_and(|state| state.eq_ignore_ascii_case("subscribed"));
    let customer_phone = customer.and_then(|customer| customer.phone.as_ref());
    // Consent was given for the customer's own number, not for that of the door.
    let phone_consented = customer_phone.filter(|_| is_subscribed);
    let emails = [
        order.email.as_ref(),
        order.contact_email.as_ref(),
        customer.and_then(|customer| customer.email.as_ref()),
    ];
    let phones = [
        phone_consented,
        order.phone.as_ref(),
        shipping.and_then(|address| address.phone.as_ref()),
        customer_phone,
        billing.and_then(|address| address.phone.as_ref()),
    ];
    let contact = Contact {
        name: shipping.and_then(name).or_else(|| {
            let customer = customer?;
            full_name(
                customer.first_name.as_deref(),
                customer.last_name.as_deref(),
            )
        }),
        email: first(&emails, email),
        phone: first(&phones, |text| phone(text, &home)),
        postcode: shipping.and_then(postcode),
        region: shipping.and_then(region),
        country,
        consent: Consent {
            sms: is_subscribed,
            ..Consent::default()
        },
        ..Contact::default()
    };
    with_unusable(contact, &emails, &phones)
}

/// The contact, with the channels for which none of the given addresses can be used.
fn with_unusable(
    contact: Contact,
    emails: &[Option<&String>],
    phones: &[Option<&String>],
) -> Contact {
    let is_given = |texts: &[Option<&String>]| {
        let mut texts = texts.iter().flatten();
        texts.any(|text| !text.trim().is_empty())
    };
    let mut unusable = Vec::new();
    if contact.email.is_none() && is_given(emails) {
        unusable.push(Channel::Email);
    }
    if contact.phone.is_none() && is_given(phones) {
        unusable.push(Channel::Sms);
    }
    Contact {
        unusable,
        ..contact
    }
}

/// As of when a body says what it says. Of `signed`, its own times, the first
/// that is one; the header, which nobody has signed, only where there is none.
pub(super) fn as_of(
    signed: [&Option<String>; 2],
    triggered_at: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    signed
        .into_iter()
        .flatten()
        .find_map(|text| text.parse().ok())
        .or(triggered_at)
        .unwrap_or(now)
}

/// What is still to be delivered of a line of an order.
fn still_bought(line: &LineItem) -> Option<u32> {
    line.current_quantity.or(line.quantity)
}

/// What a fulfilment sends of a line; what is left of it in the order says
/// nothing about that.
pub(super) fn sent(line: &LineItem) -> Option<u32> {
    line.quantity
}

/// The lines that travel in parcels: an order is complete once these have arrived.
pub(super) fn items(lines: &[LineItem], quantity: impl Fn(&LineItem) -> Option<u32>) -> Vec<Item> {
    lines
        .iter()
        .filter(|line| line.is_shipped())
        .filter_map(|line| {
            let title = line.name.as_deref().or(line.title.as_deref())?;
            Some(Item {
                id: line.id.clone(),
                title: clean(title, 200)?,
                quantity: quantity(line).filter(|quantity| *quantity > 0)?,
            })
        })
        .take(MAX_ITEMS)
        .collect()
}

fn name(address: &Address) -> Option<String> {
    address
        .name
        .as_deref()
        .and_then(|name| clean(name, 200))
        .or_else(|| full_name(address.first_name.as_deref(), address.last_name.as_deref()))
}

fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<&str> = [first, last].into_iter().flatten().collect();
    clean(&names.join(" "), 200)
}

pub(super) fn country(address: &Address) -> Option<String> {
    address
        .country_code
        .as_deref()
        .and_then(|code| text::country(code).ok())
}

fn postcode(address: &Address) -> Option<String> {
    address.zip.as_deref().and_then(|zip| clean(zip, 20))
}

/// Shopify's code of it, as `CA`; its name where there is no code.
fn region(address: &Address) -> Option<String> {
    let given = [address.province_code.as_ref(), address.province.as_ref()];
    first(&given, |text| clean(text, 100))
}

fn first<T>(given: &[Option<&String>], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    given.iter().flatten().find_map(|text| read(text))
}

fn email(text: &str) -> Option<EmailAddress> {
    EmailAddress::parse(text).ok()
}

fn phone(text: &str, home: &str) -> Option<PhoneNumber> {
    text::phone(home)(text).ok()
}

/// A text on one line, no longer than `max`; none if nothing is left.
pub(super) fn clean(text: &str, max: usize) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| {
            if c.is_control() || is_noncharacter(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let line: String = line.trim().chars().take(max).collect();
    (!line.is_empty()).then_some(line)
}
