//! What a fulfilment says about shipments.

use super::{
    carrier::{UNNAMED, resolve_shipment, untracked_shipment},
    progress::Progress,
    read::{first_country, first_items},
};
use crate::{
    carrier::Rules,
    number::CarrierLookup,
    parse::{MAX_SHIPMENTS, ParsedShipment},
};
use jiff::Timestamp;
use posthorn_domain::{
    number_field::NumberField, order::DeliveryMethod, shipment::ShipmentOrigin,
    tracking_number::TrackingNumber,
};
use posthorn_storefronts::{FulfillmentStatus, StorefrontFulfillment};

/// What a fulfilment says about shipments.
#[derive(Debug, Clone)]
pub(crate) struct Fulfilled {
    /// Its id.
    pub(crate) reference: String,
    /// When that was so.
    pub(crate) as_of: Timestamp,
    /// Whether it was taken back.
    pub(crate) is_cancelled: bool,
    /// Its shipments; one without a number if it was sent without tracking, none if
    /// it is not sent yet or nothing of it travels.
    pub(crate) shipments: Vec<ParsedShipment>,
    /// Where it stands by the storefront's word.
    pub(super) progress: Option<Progress>,
    /// When it was made, if it is a fulfilment that was done.
    pub(super) done_at: Option<String>,
}

impl Fulfilled {
    /// Whether it has a number, or will never have one.
    pub(crate) fn is_untracked(&self) -> bool {
        self.shipments
            .iter()
            .any(|shipment| shipment.tracking_number.is_none())
    }

    /// The same in an order that reaches its customer by `method`.
    pub(crate) fn with_method(self, method: DeliveryMethod, now: Timestamp) -> Self {
        if !self.is_untracked() {
            return self;
        }
        match method {
            DeliveryMethod::Shipping | DeliveryMethod::LocalDelivery => self,
            // The customer has collected what is handed out.
            DeliveryMethod::Pickup => {
                let at = self.done_at.as_deref();
                let collected = at.and_then(|at| Progress::from_collection(at, now));
                Self {
                    progress: self.progress.or(collected),
                    ..self
                }
            }
            DeliveryMethod::Retail | DeliveryMethod::Digital => Self {
                shipments: Vec::new(),
                ..self
            },
        }
    }
}

/// What `fulfillment` says. `triggered_at` counts only where its body gives no time.
pub(crate) fn read_fulfillment(
    fulfillment: &StorefrontFulfillment,
    triggered_at: Option<Timestamp>,
    rules: Rules<'_>,
    now: Timestamp,
) -> Fulfilled {
    let as_of = fulfillment.as_of.or(triggered_at).unwrap_or(now);
    let read = Tracking::from_fulfillment(fulfillment);
    let company = fulfillment.carrier_name.as_deref();
    let country = first_country(&fulfillment.contact);
    let rules = rules.with_destination(country.as_deref());
    let mut shipments: Vec<ParsedShipment> = read
        .numbers
        .iter()
        .map(|number| resolve_shipment(number.clone(), company, read.url_of(number), rules))
        .collect();
    let items = first_items(&fulfillment.items);
    let is_done = fulfillment.status == FulfillmentStatus::Done;
    if shipments.is_empty() && is_done && !items.is_empty() {
        shipments.push(untracked_shipment(company, read.any_url()));
    }
    for shipment in &mut shipments {
        shipment.origins = vec![ShipmentOrigin {
            reference: fulfillment.reference.clone(),
            as_of,
            items: items.clone(),
            is_cancelled: false,
            unreadable: read.unreadable,
        }];
    }
    Fulfilled {
        reference: fulfillment.reference.clone(),
        as_of,
        is_cancelled: fulfillment.status == FulfillmentStatus::Cancelled,
        shipments,
        progress: fulfillment
            .progress
            .as_ref()
            .and_then(|scan| Progress::new(scan, now)),
        done_at: fulfillment.created_at.clone().filter(|_| is_done),
    }
}

/// The numbers of a fulfilment, and its links.
struct Tracking<'a> {
    numbers: Vec<TrackingNumber>,
    unreadable: u16,
    urls: Vec<&'a str>,
    /// The link of the number at the same place, where each text is one number.
    is_aligned: bool,
    link: Option<String>,
}

impl<'a> Tracking<'a> {
    fn from_fulfillment(fulfillment: &'a StorefrontFulfillment) -> Self {
        let company = fulfillment.carrier_name.as_deref();
        let company =
            company.filter(|name| !UNNAMED.contains(&name.trim().to_lowercase().as_str()));
        let known = CarrierLookup { company };
        let texts = fulfillment.tracking_texts.iter().take(MAX_SHIPMENTS);
        let urls: Vec<&str> = fulfillment
            .tracking_urls
            .iter()
            .map(String::as_str)
            .collect();
        let fields: Vec<NumberField> = texts.map(|text| known.read_number_field(text)).collect();
        let is_aligned =
            urls.len() == fields.len() && fields.iter().all(|field| field.numbers.len() == 1);
        let mut all = Self {
            numbers: Vec::new(),
            unreadable: fields.iter().map(|field| field.unreadable).sum(),
            urls,
            is_aligned,
            link: fields.iter().find_map(|field| field.link.clone()),
        };
        for field in fields {
            all.add_numbers(field.numbers);
        }
        // Some enter the link alone.
        if all.numbers.is_empty() {
            for url in all.urls.clone() {
                all.add_numbers(known.read_number_field(url).numbers);
            }
        }
        all.numbers.truncate(MAX_SHIPMENTS);
        all
    }

    fn add_numbers(&mut self, numbers: Vec<TrackingNumber>) {
        for number in numbers {
            if !self.numbers.contains(&number) {
                self.numbers.push(number);
            }
        }
    }

    /// The link about `number`: the one that names it, or that stands at its place.
    fn url_of(&self, number: &TrackingNumber) -> Option<&str> {
        let names = |url: &&&str| {
            let letters = url.chars().filter(char::is_ascii_alphanumeric);
            let letters: String = letters.flat_map(char::to_uppercase).collect();
            letters.contains(number.as_str())
        };
        let about_it = self.urls.iter().find(names).copied();
        let at = self.numbers.iter().position(|known| known == number);
        let placed = || at.and_then(|at| self.urls.get(at).copied());
        let only = || {
            self.urls
                .first()
                .copied()
                .filter(|_| self.numbers.len() == 1)
        };
        about_it
            .or_else(|| self.is_aligned.then(placed).flatten())
            .or_else(only)
    }

    fn any_url(&self) -> Option<&str> {
        self.link.as_deref().or_else(|| self.urls.first().copied())
    }
}
