//! From bodies to domain types: what comes out of here needs no further check.

use crate::{
    body::{
        ConsentBody, CustomerBody, ItemBody, OrderBody, ShipmentBody, ShipmentPatch, StatusBody,
    },
    carrier,
    given::{Fault, Findings, Given, Place},
    problem::Code,
    text,
};
use jiff::{Timestamp, civil::Date};
use posthorn_domain::{
    contact::{Consent, Contact},
    id::{CarrierId, OrderId},
    order::Item,
    settings::Settings,
    shipment::Origin,
    stage::OrderStage,
    tracking_number::TrackingNumber,
};

/// The most parcels of an order.
pub(crate) const MAX_SHIPMENTS: usize = 40;
/// The most lines of an order or a parcel.
pub(crate) const MAX_ITEMS: usize = 200;

/// What a body is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The shop's settings.
    pub(crate) settings: &'a Settings,
    /// When it came.
    pub(crate) now: Timestamp,
}

/// An order to be followed, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewOrder {
    pub(crate) id: OrderId,
    pub(crate) number: String,
    pub(crate) placed_at: Option<Timestamp>,
    pub(crate) promised: Option<Date>,
    pub(crate) locale: String,
    pub(crate) is_test: bool,
    pub(crate) contact: Option<Contact>,
    pub(crate) items: Vec<Item>,
    pub(crate) shipments: Vec<NewShipment>,
}

/// A parcel to be followed, checked: the carrier is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewShipment {
    pub(crate) tracking_number: TrackingNumber,
    pub(crate) carrier: CarrierId,
    pub(crate) carrier_name: Option<String>,
    pub(crate) tracking_url: Option<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) origin: Option<Origin>,
}

/// A change of a parcel, each field checked by itself; what they amount to
/// depends on the parcel ([`ShipmentChange::applied_to`]).
#[derive(Debug, Clone)]
pub(crate) struct ShipmentChange {
    tracking_number: Option<TrackingNumber>,
    carrier: Option<CarrierId>,
    carrier_name: Option<String>,
    tracking_url: Option<String>,
    items: Option<Vec<Item>>,
}

/// A stage that a shop sets, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewStage {
    pub(crate) stage: OrderStage,
    pub(crate) comment: Option<String>,
    pub(crate) at: Timestamp,
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
        let is_test = place.optional("test", body.test, Ok).unwrap_or(false) || settings.test_mode;
        let contact = place.nested("customer", body.customer, |customer, place| {
            Some(contact(customer, settings, place))
        });
        let items = place.list("items", body.items, MAX_ITEMS, item);
        let mut numbers: Vec<TrackingNumber> = Vec::new();
        let shipments = place.list(
            "shipments",
            body.shipments,
            MAX_SHIPMENTS,
            |body, mut place| {
                let shipment = NewShipment::at(body, is_test, &mut place)?;
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
            promised,
            locale: locale.unwrap_or_else(|| settings.locale.clone()),
            is_test,
            contact,
            items,
            shipments,
        })
    }
}

fn contact(body: CustomerBody, settings: &Settings, mut place: Place<'_>) -> Contact {
    place.ignored(&body.unknown);
    let country = place.text("country", body.country, text::country);
    let home = country.as_deref().unwrap_or(&settings.country);
    let phone = place.text("phone", body.phone, text::phone(home));
    Contact {
        name: place.text("name", body.name, text::line(200)),
        email: place.text("email", body.email, text::email),
        phone,
        postcode: place.text("postcode", body.postcode, text::line(20)),
        country,
        time_zone: place.text("time_zone", body.time_zone, text::time_zone),
        consent: place
            .nested("consent", body.consent, |body, place| {
                Some(consent(body, place))
            })
            .unwrap_or_default(),
    }
}

fn consent(body: ConsentBody, mut place: Place<'_>) -> Consent {
    place.ignored(&body.unknown);
    let default = Consent::default();
    Consent {
        email: place.optional("email", body.email, Ok).unwrap_or(default.email),
        sms: place.optional("sms", body.sms, Ok).unwrap_or(default.sms),
    }
}

fn item(body: ItemBody, mut place: Place<'_>) -> Option<Item> {
    place.ignored(&body.unknown);
    let id = place.text("id", body.id, text::line(64));
    let is_absent = matches!(body.quantity, Given::Absent);
    let quantity = place.optional("quantity", body.quantity, |quantity| match quantity {
        1..=100_000 => Ok(quantity),
        _ => Err(Fault::new(Code::OutOfRange, "is out of range").expecting("1 to 100000")),
    });
    Some(Item {
        id,
        title: place.required_text("title", body.title, text::line(200))?,
        quantity: if is_absent { 1 } else { quantity? },
    })
}

impl NewShipment {
    /// Reads `body` as a body of its own.
    pub(crate) fn read(body: ShipmentBody, is_test: bool, findings: &mut Findings) -> Option<Self> {
        Self::at(body, is_test, &mut Place::root(findings))
    }

    fn at(body: ShipmentBody, is_test: bool, place: &mut Place<'_>) -> Option<Self> {
        place.ignored(&body.unknown);
        let is_named = !matches!(body.carrier, Given::Absent);
        let number = place.required_text(
            "tracking_number",
            body.tracking_number,
            text::tracking_number,
        );
        let carrier = place.text("carrier", body.carrier, carrier::named);
        let carrier_name = place.text("carrier_name", body.carrier_name, text::line(80));
        let tracking_url = place.text("tracking_url", body.tracking_url, text::link);
        let items = place.list("items", body.items, MAX_ITEMS, item);
        let number = number?;
        let carrier = match carrier {
            None if is_named => return None,
            given => resolve(given, &number, is_test, place)?,
        };
        only_for_manual(
            &carrier,
            carrier_name.as_ref(),
            tracking_url.as_ref(),
            place,
        )?;
        Some(Self {
            tracking_number: number,
            carrier,
            carrier_name,
            tracking_url,
            items,
            origin: None,
        })
    }
}

impl ShipmentChange {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(body: ShipmentPatch, findings: &mut Findings) -> Self {
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let n_given = [
            matches!(body.tracking_number, Given::Absent),
            matches!(body.carrier, Given::Absent),
            matches!(body.carrier_name, Given::Absent),
            matches!(body.tracking_url, Given::Absent),
            matches!(body.items, Given::Absent),
        ];
        if n_given.iter().all(|is_absent| *is_absent) {
            place.field("tracking_number").fault(
                Fault::new(Code::NothingToChange, "nothing to change was given").expecting(
                    "at least one of tracking_number, carrier, carrier_name, tracking_url, items",
                ),
            );
        }
        let is_absent = matches!(body.items, Given::Absent);
        let items = place.list("items", body.items, MAX_ITEMS, item);
        Self {
            tracking_number: place.text(
                "tracking_number",
                body.tracking_number,
                text::tracking_number,
            ),
            carrier: place.text("carrier", body.carrier, carrier::named),
            carrier_name: place.text("carrier_name", body.carrier_name, text::line(80)),
            tracking_url: place.text("tracking_url", body.tracking_url, text::link),
            items: (!is_absent).then_some(items),
        }
    }

    /// What the parcel is to be, given what it is: number and carrier are
    /// judged together, whichever of them changes.
    pub(crate) fn applied_to(
        self,
        present: NewShipment,
        is_test: bool,
        findings: &mut Findings,
    ) -> Option<NewShipment> {
        let mut place = Place::root(findings);
        let is_renumbered = self
            .tracking_number
            .as_ref()
            .is_some_and(|number| *number != present.tracking_number);
        let number = self.tracking_number.unwrap_or(present.tracking_number);
        let carrier = match self.carrier {
            Some(carrier) => resolve(Some(carrier), &number, is_test, &mut place)?,
            // The number tells its carrier, or it is another of the same carrier.
            None if is_renumbered && present.carrier.as_str() != carrier::MANUAL => {
                match carrier::recognised(&number, is_test) {
                    Ok(carrier) => carrier,
                    Err(fault) if fault.code() == Code::SandboxNotAllowed => {
                        place.field("tracking_number").fault(fault);
                        return None;
                    }
                    Err(_) => resolve(Some(present.carrier), &number, is_test, &mut place)?,
                }
            }
            None => present.carrier,
        };
        only_for_manual(
            &carrier,
            self.carrier_name.as_ref(),
            self.tracking_url.as_ref(),
            &mut place,
        )?;
        let is_manual = carrier.as_str() == carrier::MANUAL;
        // The page of another number would show another parcel.
        let url = if is_renumbered {
            None
        } else {
            present.tracking_url
        };
        Some(NewShipment {
            tracking_number: number,
            carrier,
            carrier_name: self
                .carrier_name
                .or(present.carrier_name)
                .filter(|_| is_manual),
            tracking_url: self.tracking_url.or(url).filter(|_| is_manual),
            items: self.items.unwrap_or(present.items),
            origin: present.origin,
        })
    }
}

fn resolve(
    given: Option<CarrierId>,
    number: &TrackingNumber,
    is_test: bool,
    place: &mut Place<'_>,
) -> Option<CarrierId> {
    let resolved = match given {
        Some(carrier) => carrier::verify(&carrier, number, is_test).map(|()| carrier),
        None => carrier::recognised(number, is_test),
    };
    resolved
        .map_err(|fault| place.field("tracking_number").fault(fault))
        .ok()
}

fn only_for_manual(
    carrier: &CarrierId,
    carrier_name: Option<&String>,
    tracking_url: Option<&String>,
    place: &mut Place<'_>,
) -> Option<()> {
    if carrier.as_str() == carrier::MANUAL {
        return Some(());
    }
    let given = [
        ("carrier_name", carrier_name.is_some()),
        ("tracking_url", tracking_url.is_some()),
    ];
    for (name, _) in given.iter().filter(|(_, is_given)| *is_given) {
        place.field(name).fault(
            Fault::new(
                Code::OnlyForManual,
                format!("is not needed: the carrier is {carrier}, which we know"),
            )
            .expecting("nothing, or `carrier` as manual"),
        );
    }
    given.iter().all(|(_, is_given)| !is_given).then_some(())
}

impl NewStage {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(body: StatusBody, now: Timestamp, findings: &mut Findings) -> Option<Self> {
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let stage = place.required_text("stage", body.stage, settable_stage);
        let comment = place.text("comment", body.comment, text::paragraph(1000));
        let at = place.text("at", body.at, text::past(now));
        Some(Self {
            stage: stage?,
            comment,
            at: at.unwrap_or(now),
        })
    }
}

fn settable_stage(text: &str) -> Result<OrderStage, Fault> {
    let settable: Vec<&str> = OrderStage::ALL
        .iter()
        .filter(|stage| stage.is_set_by_shop())
        .map(|stage| stage.as_str())
        .collect();
    let expected = settable.join(", ");
    let stage: OrderStage = text.parse().map_err(|_| {
        Fault::new(Code::UnknownStage, "is not a stage").expecting(expected.clone())
    })?;
    if !stage.is_set_by_shop() {
        return Err(Fault::new(
            Code::StageNotSettable,
            "follows from the parcels, a shop cannot set it",
        )
        .expecting(expected));
    }
    Ok(stage)
}
