//! The XML of Parcel DE tracking: elements all called `data`, told apart by their
//! attribute `name`, and everything in attributes.

use quick_xml::{
    Reader,
    escape::unescape,
    events::{BytesStart, Event as Piece, attributes::Attribute},
};
use std::borrow::Cow;

/// `piece-shipment-list`: the whole answer.
#[derive(Debug, Default)]
pub(super) struct List {
    /// 0, or an error.
    pub(super) code: String,
    pub(super) shipments: Vec<Shipment>,
}

/// `piece-shipment`: one parcel.
#[derive(Debug, Default)]
pub(super) struct Shipment {
    pub(super) searched: String,
    pub(super) piece_code: String,
    pub(super) piece_id: String,
    pub(super) airway_bill: String,
    /// Not 0 if DHL has no answer for this parcel.
    pub(super) piece_status: String,
    pub(super) state: Event,
    pub(super) product: String,
    pub(super) is_delivered: bool,
    pub(super) recipient_id: String,
    pub(super) recipient_id_text: String,
    pub(super) recipient_name: String,
    pub(super) origin_country: String,
    pub(super) destination_country: String,
    pub(super) delivery_date: String,
    pub(super) delivery_from: String,
    pub(super) delivery_to: String,
    pub(super) is_return: bool,
    pub(super) events: Vec<Event>,
}

/// `piece-event`, or the newest of them as the parcel repeats it.
#[derive(Debug, Default)]
pub(super) struct Event {
    pub(super) timestamp: String,
    pub(super) text: String,
    pub(super) short_text: String,
    pub(super) ice: String,
    pub(super) ric: String,
    pub(super) standard_code: String,
    pub(super) location: String,
    pub(super) country: String,
}

/// Reads an answer; none if it is no XML, another XML, or cut.
pub(super) fn list(body: &[u8]) -> Option<List> {
    let text = decoded(body);
    let mut reader = Reader::from_str(&text);
    let mut list: Option<List> = None;
    // Of which parcel the events are: DHL's own description has the list of them
    // beside the parcel, its answers have it inside.
    let mut current = 0;
    let mut depth = 0_usize;
    loop {
        let (element, is_open) = match reader.read_event().ok()? {
            Piece::Start(element) => (element, true),
            Piece::Empty(element) => (element, false),
            Piece::End(_) => {
                depth = depth.checked_sub(1)?;
                continue;
            }
            Piece::Eof => break,
            Piece::Text(_)
            | Piece::CData(_)
            | Piece::Comment(_)
            | Piece::Decl(_)
            | Piece::PI(_)
            | Piece::DocType(_)
            | Piece::GeneralRef(_) => continue,
        };
        depth += usize::from(is_open);
        if element.name().as_ref() != b"data" {
            continue;
        }
        let attributes = Attributes::of(&element);
        let list = list.get_or_insert_default();
        match attributes.raw("name") {
            "piece-shipment" | "pieceshipment" => {
                list.shipments.push(shipment(&attributes));
                current = list.shipments.len() - 1;
            }
            "piece-event-list" | "pieceeventlist" => {
                let id = attributes.raw("piece-id");
                let mut ids = list.shipments.iter().map(|shipment| &shipment.piece_id);
                if let Some(at) = ids.position(|known| !id.is_empty() && known == id) {
                    current = at;
                }
                if let Some(shipment) = list.shipments.get_mut(current) {
                    shipment.is_return |= attributes.raw("ruecksendung") == "true";
                }
            }
            "piece-event" | "pieceevent" => {
                if let Some(shipment) = list.shipments.get_mut(current) {
                    shipment.is_return |= attributes.raw("ruecksendung") == "true";
                    shipment.events.push(event(&attributes, &OF_EVENTS));
                }
            }
            _ if list.code.is_empty() => list.code = attributes.text("code"),
            _ => {}
        }
    }
    list.filter(|_| depth == 0)
}

/// UTF-8, or ISO 8859-1, in which the older systems answer.
fn decoded(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The attributes of an element, as they stand there.
struct Attributes<'e>(Vec<Attribute<'e>>);

impl<'e> Attributes<'e> {
    fn of(element: &'e BytesStart<'_>) -> Self {
        let mut attributes = element.attributes();
        Self(attributes.with_checks(false).flatten().collect())
    }

    fn raw(&self, name: &str) -> &str {
        let named = |attribute: &&Attribute<'_>| attribute.key.as_ref() == name.as_bytes();
        let found = self.0.iter().find(named);
        let value = found.and_then(|attribute| std::str::from_utf8(&attribute.value).ok());
        value.unwrap_or_default().trim()
    }

    /// What is escaped wrongly stays as it is.
    fn text(&self, name: &str) -> String {
        let raw = self.raw(name);
        unescape(raw).map_or_else(|_| raw.to_owned(), Cow::into_owned)
    }
}

fn shipment(attributes: &Attributes<'_>) -> Shipment {
    let text = |name| attributes.text(name);
    Shipment {
        searched: text("searched-piece-code"),
        piece_code: text("piece-code"),
        piece_id: text("piece-id"),
        airway_bill: text("airway-bill-number"),
        piece_status: [text("piece-status"), text("error-status")]
            .into_iter()
            .find(|status| !matches!(status.as_str(), "" | "0"))
            .unwrap_or_default(),
        state: event(attributes, &OF_STATE),
        product: text("product-name"),
        is_delivered: attributes.raw("delivery-event-flag") == "1",
        recipient_id: text("recipient-id"),
        recipient_id_text: text("recipient-id-text"),
        recipient_name: text("recipient-name"),
        origin_country: text("origin-country"),
        destination_country: text("dest-country"),
        delivery_date: text("delivery-date"),
        delivery_from: text("delivery-timeframe-from"),
        delivery_to: text("delivery-timeframe-to"),
        is_return: attributes.raw("ruecksendung") == "true",
        events: Vec::new(),
    }
}

/// How an event names what a parcel's own state has under other names.
struct Names {
    timestamp: &'static str,
    text: &'static str,
    short_text: &'static str,
}

const OF_EVENTS: Names = Names {
    timestamp: "event-timestamp",
    text: "event-status",
    short_text: "event-short-status",
};

const OF_STATE: Names = Names {
    timestamp: "status-timestamp",
    text: "status",
    short_text: "short-status",
};

fn event(attributes: &Attributes<'_>, names: &Names) -> Event {
    Event {
        timestamp: attributes.text(names.timestamp),
        text: attributes.text(names.text),
        short_text: attributes.text(names.short_text),
        ice: attributes.text("ice"),
        ric: attributes.text("ric"),
        standard_code: attributes.text("standard-event-code"),
        location: attributes.text("event-location"),
        country: attributes.text("event-country"),
    }
}
