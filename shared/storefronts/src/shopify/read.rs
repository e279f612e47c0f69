//! From Shopify's payloads to what they say.

use super::{
    payload::{Address, Fulfillment, FulfillmentEvent, LineItem, Order},
    state,
};
use crate::{
    FulfillmentStatus, StorefrontContact, StorefrontFulfillment, StorefrontOrder,
    text::{clean_line, valid_line},
};
use jiff::Timestamp;
use posthorn_domain::{
    id::OrderId,
    order::OrderItem,
    scan::{Place, Scan, ScanMeaning},
    status::{DelayReason, Reason},
};

/// Returns what `order` says.
pub(super) fn read_order(order: &Order, id: OrderId) -> StorefrontOrder {
    let cancellation = state::read_cancellation(order);
    // An order that was imported was created today, and processed when it was placed.
    let placed_at = [&order.processed_at, &order.created_at];
    let placed_at = placed_at.into_iter().flatten();
    StorefrontOrder {
        id,
        number: order.name.as_deref().and_then(|name| clean_line(name, 64)),
        placed_at: placed_at.filter_map(|at| at.parse().ok()).collect(),
        as_of: first_time([&order.updated_at, &order.created_at]),
        locale: order.customer_locale.clone(),
        is_test: order.test.unwrap_or(false),
        contact: read_contact(order),
        items: if cancellation.is_some() {
            // What was bought is what was cancelled.
            read_items(&order.line_items, sent_quantity)
        } else {
            read_items(&order.line_items, remaining_quantity)
        },
        delivery_method: state::delivery_method(order),
        cancellation,
        is_paid: state::is_paid(order),
        is_done: state::is_done(order),
        fulfillments: order
            .fulfillments
            .iter()
            .filter_map(read_fulfillment)
            .collect(),
    }
}

/// Returns what `fulfillment` says. None if it has no id.
pub(super) fn read_fulfillment(fulfillment: &Fulfillment) -> Option<StorefrontFulfillment> {
    let status = fulfillment.status.as_deref().unwrap_or_default();
    let updated_at = fulfillment.updated_at.as_deref();
    let at = updated_at.or(fulfillment.created_at.as_deref());
    // The order's name, a dot and a serial.
    let name = fulfillment.name.as_deref();
    let order_name = name.map(|name| name.rsplit_once('.').map_or(name, |(order, _)| order));
    let destination = fulfillment.destination.as_ref();
    Some(StorefrontFulfillment {
        reference: fulfillment.id.clone()?,
        order_number: order_name.and_then(|name| clean_line(name, 64)),
        created_at: fulfillment.created_at.clone(),
        as_of: first_time([&fulfillment.updated_at, &fulfillment.created_at]),
        status: match status.trim().to_ascii_lowercase().as_str() {
            "success" | "" => FulfillmentStatus::Done,
            "cancelled" | "error" | "failure" => FulfillmentStatus::Cancelled,
            // `open` and `pending` are still to be packed.
            _ => FulfillmentStatus::Open,
        },
        carrier_name: fulfillment.tracking_company.clone(),
        tracking_texts: one_or_many(
            &fulfillment.tracking_numbers,
            fulfillment.tracking_number.as_ref(),
        ),
        tracking_urls: if fulfillment.tracking_urls.is_empty() {
            fulfillment.tracking_url.iter().cloned().collect()
        } else {
            fulfillment.tracking_urls.clone()
        },
        items: read_items(&fulfillment.line_items, sent_quantity),
        progress: at.and_then(|at| {
            let scan = read_status(fulfillment.shipment_status.as_deref()?, at)?;
            Some(Box::new(scan))
        }),
        contact: StorefrontContact {
            name: destination.and_then(name_of),
            emails: fulfillment.email.iter().cloned().collect(),
            phones: destination
                .and_then(|to| to.phone.clone())
                .into_iter()
                .collect(),
            postcode: destination.and_then(read_postcode),
            region: destination.and_then(read_region),
            countries: address_countries([destination, None]),
            has_sms_consent: false,
        },
    })
}

/// Returns what an event of a fulfilment says. None if that says nothing of a shipment.
pub(super) fn read_progress(event: &FulfillmentEvent) -> Option<Scan> {
    let at = event.happened_at.as_deref().or(event.created_at.as_deref());
    let scan = read_status(event.status.as_deref()?, at?)?;
    let read = |text: &Option<String>, max| valid_line(text.as_deref()?, max);
    Some(Scan {
        text: read(&event.message, 200).unwrap_or_default(),
        place: Place {
            city: read(&event.city, 60),
            region: read(&event.province, 60),
            country: event.country.clone(),
        },
        ..scan
    })
}

/// Returns the scan that `status` stands for. None for that of a label: the number
/// itself says as much.
fn read_status(status: &str, at: &str) -> Option<Scan> {
    let meaning = match status.trim().to_ascii_lowercase().as_str() {
        "label_purchased" | "label_printed" => ScanMeaning::Status(Reason::Label),
        "carrier_picked_up" => ScanMeaning::Status(Reason::Accepted),
        "in_transit" => ScanMeaning::Status(Reason::Moving),
        "out_for_delivery" => ScanMeaning::Status(Reason::Today),
        "ready_for_pickup" | "ready_for_recipient_pickup" => ScanMeaning::Status(Reason::Ready),
        "attempted_delivery" => ScanMeaning::Status(Reason::AttemptGeneric),
        "failure" | "not_delivered" | "buyer_action_required" => {
            ScanMeaning::Status(Reason::ExceptionGeneric)
        }
        "returning_to_sender" => ScanMeaning::Status(Reason::ToSender),
        "delivered" => ScanMeaning::Status(Reason::DeliveredGeneric),
        "picked_up" => ScanMeaning::Status(Reason::Collected),
        "delayed" => ScanMeaning::Delay(DelayReason::Carrier),
        _ => return None,
    };
    Some(Scan {
        time: at.trim().parse().ok()?,
        meaning,
        code: String::new(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    })
}

fn read_contact(order: &Order) -> StorefrontContact {
    let customer = order.customer.as_ref();
    let shipping = order.shipping_address.as_ref();
    let billing = order.billing_address.as_ref();
    let has_sms_consent = customer
        .and_then(|customer| customer.sms_marketing_consent.as_ref())
        .and_then(|consent| consent.state.as_deref())
        .is_some_and(|state| state.eq_ignore_ascii_case("subscribed"));
    let customer_phone = customer.and_then(|customer| customer.phone.as_ref());
    // Consent was given for the customer's own number, not for that of the door.
    let phone_consented = customer_phone.filter(|_| has_sms_consent);
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
    StorefrontContact {
        name: shipping.and_then(name_of).or_else(|| {
            let customer = customer?;
            full_name(
                customer.first_name.as_deref(),
                customer.last_name.as_deref(),
            )
        }),
        emails: emails.into_iter().flatten().cloned().collect(),
        phones: phones.into_iter().flatten().cloned().collect(),
        postcode: shipping.and_then(read_postcode),
        region: shipping.and_then(read_region),
        countries: address_countries([shipping, billing]),
        has_sms_consent,
    }
}

/// Returns the first of a body's times that is one.
fn first_time(texts: [&Option<String>; 2]) -> Option<Timestamp> {
    let mut texts = texts.into_iter().flatten();
    texts.find_map(|text| text.parse().ok())
}

/// Returns the texts of a list that are not blank, or else the single text.
fn one_or_many(many: &[String], one: Option<&String>) -> Vec<String> {
    let is_filled = |text: &&String| !text.trim().is_empty();
    let filled: Vec<String> = many.iter().filter(is_filled).cloned().collect();
    if filled.is_empty() {
        one.into_iter().filter(is_filled).cloned().collect()
    } else {
        filled
    }
}

/// Returns how much of a line of an order is still to be delivered.
fn remaining_quantity(line: &LineItem) -> Option<u32> {
    line.current_quantity.or(line.quantity)
}

/// Returns how much of a line a fulfilment sends; how much is left of it in the
/// order says nothing about that.
fn sent_quantity(line: &LineItem) -> Option<u32> {
    line.quantity
}

/// Returns the lines that travel in shipments: an order is complete once these have arrived.
fn read_items(lines: &[LineItem], quantity: impl Fn(&LineItem) -> Option<u32>) -> Vec<OrderItem> {
    lines
        .iter()
        .filter(|line| line.is_shipped())
        .filter_map(|line| {
            let title = line.name.as_deref().or(line.title.as_deref())?;
            Some(OrderItem {
                id: line.id.clone(),
                title: clean_line(title, 200)?,
                quantity: quantity(line).filter(|quantity| *quantity > 0)?,
            })
        })
        .collect()
}

fn name_of(address: &Address) -> Option<String> {
    address
        .name
        .as_deref()
        .and_then(|name| clean_line(name, 200))
        .or_else(|| full_name(address.first_name.as_deref(), address.last_name.as_deref()))
}

fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<&str> = [first, last].into_iter().flatten().collect();
    clean_line(&names.join(" "), 200)
}

fn address_countries(addresses: [Option<&Address>; 2]) -> Vec<String> {
    let addresses = addresses.into_iter().flatten();
    addresses
        .filter_map(|address| address.country_code.clone())
        .collect()
}

fn read_postcode(address: &Address) -> Option<String> {
    address.zip.as_deref().and_then(|zip| clean_line(zip, 20))
}

/// Returns Shopify's code of the region, for example `CA`; its name where there is no code.
fn read_region(address: &Address) -> Option<String> {
    let given = [address.province_code.as_ref(), address.province.as_ref()];
    let mut given = given.into_iter().flatten();
    given.find_map(|text| clean_line(text, 100))
}
