//! The XML of Parcel DE tracking: elements all called `data`, told apart by their
//! attribute `name`, and everything in attributes.

use quick_xml::{
    Reader,
    escape::unescape,
    events::{Event as Piece, attributes::Attributes},
};
use std::borrow::Cow;

/// `piece-shipment-list`: the whole answer.
#[derive(Debug, Default)]
pub(super) struct List<'t> {
    /// 0, or an error.
    pub(super) code: Cow<'t, str>,
    pub(super) shipments: Vec<Shipment<'t>>,
}

/// `piece-shipment`: one shipment.
#[derive(Debug, Default)]
pub(super) struct Shipment<'t> {
    pub(super) searched: Cow<'t, str>,
    pub(super) piece_code: Cow<'t, str>,
    pub(super) piece_id: Cow<'t, str>,
    pub(super) airway_bill: Cow<'t, str>,
    /// Not 0 if DHL has no answer for this shipment.
    pub(super) piece_status: Cow<'t, str>,
    pub(super) state: Event<'t>,
    pub(super) product: Cow<'t, str>,
    pub(super) is_delivered: bool,
    pub(super) recipient_id: Cow<'t, str>,
    pub(super) recipient_id_text: Cow<'t, str>,
    pub(super) recipient_name: Cow<'t, str>,
    pub(super) origin_country: Cow<'t, str>,
    pub(super) destination_country: Cow<'t, str>,
    pub(super) delivery_date: Cow<'t, str>,
    pub(super) delivery_from: Cow<'t, str>,
    pub(super) delivery_to: Cow<'t, str>,
    pub(super) is_return: bool,
    pub(super) events: Vec<Event<'t>>,
}

/// `piece-event`, or the newest of them as the shipment repeats it.
#[derive(Debug, Default)]
pub(super) struct Event<'t> {
    pub(super) timestamp: Cow<'t, str>,
    pub(super) text: Cow<'t, str>,
    pub(super) short_text: Cow<'t, str>,
    pub(super) ice: Cow<'t, str>,
    pub(super) ric: Cow<'t, str>,
    pub(super) standard_code: Cow<'t, str>,
    pub(super) location: Cow<'t, str>,
    pub(super) country: Cow<'t, str>,
}

/// Reads an answer; none if it is no XML, another XML, or cut.
pub(super) fn parse_list(text: &str) -> Option<List<'_>> {
    let mut reader = Reader::from_str(text);
    let mut list: Option<List<'_>> = None;
    // Of which shipment the events are: DHL's own description has the list of them
    // beside the shipment, its answers have it inside.
    let mut current = 0;
    let mut depth = 0_usize;
    let mut before = 0;
    loop {
        let piece = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        let at = std::mem::replace(&mut before, after);
        let (element, closing) = match piece {
            Piece::Start(element) => (element, ">"),
            Piece::Empty(element) => (element, "/>"),
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
        depth += usize::from(closing == ">");
        if element.name().as_ref() != b"data" {
            continue;
        }
        let tag = text.get(at + 1..after.checked_sub(closing.len())?)?;
        let list = list.get_or_insert_default();
        match raw_attribute(tag, "name") {
            "piece-shipment" | "pieceshipment" => {
                list.shipments.push(Shipment::from_tag(tag));
                current = list.shipments.len() - 1;
            }
            "piece-event-list" | "pieceeventlist" => {
                let id = raw_attribute(tag, "piece-id");
                let mut ids = list.shipments.iter().map(|shipment| &shipment.piece_id);
                if let Some(at) = ids.position(|known| !id.is_empty() && known == id) {
                    current = at;
                }
                if let Some(shipment) = list.shipments.get_mut(current) {
                    shipment.is_return |= raw_attribute(tag, "ruecksendung") == "true";
                }
            }
            "piece-event" | "pieceevent" => {
                if let Some(shipment) = list.shipments.get_mut(current) {
                    shipment.add_event(tag);
                }
            }
            _ if list.code.is_empty() => list.code = unescape_value(raw_attribute(tag, "code")),
            _ => {}
        }
    }
    list.filter(|_| depth == 0)
}

/// UTF-8, or ISO 8859-1, in which the older systems answer.
pub(super) fn decode_body(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Names and values of the attributes of `data name="value" …`, as they stand there.
fn list_attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut attributes = Attributes::new(tag, "data".len());
    attributes.with_checks(false);
    attributes.flatten().filter_map(|attribute| {
        let Cow::Borrowed(value) = attribute.value else {
            return None;
        };
        let name = std::str::from_utf8(attribute.key.into_inner()).ok()?;
        Some((name, std::str::from_utf8(value).ok()?.trim()))
    })
}

/// The value of one attribute, as it stands there; empty if there is none.
fn raw_attribute<'t>(tag: &'t str, name: &str) -> &'t str {
    list_attributes(tag)
        .find(|(found, _)| *found == name)
        .map_or("", |(_, value)| value)
}

/// What is escaped wrongly stays as it is.
fn unescape_value(value: &str) -> Cow<'_, str> {
    unescape(value).unwrap_or(Cow::Borrowed(value))
}

fn is_error(status: &str) -> bool {
    !matches!(status, "" | "0")
}

impl<'t> Shipment<'t> {
    fn from_tag(tag: &'t str) -> Self {
        let mut shipment = Self::default();
        for (name, value) in list_attributes(tag) {
            let field = match name {
                "searched-piece-code" => &mut shipment.searched,
                "piece-code" => &mut shipment.piece_code,
                "piece-id" => &mut shipment.piece_id,
                "airway-bill-number" => &mut shipment.airway_bill,
                "piece-status" if is_error(value) => &mut shipment.piece_status,
                "error-status" if is_error(value) && shipment.piece_status.is_empty() => {
                    &mut shipment.piece_status
                }
                "product-name" => &mut shipment.product,
                "recipient-id" => &mut shipment.recipient_id,
                "recipient-id-text" => &mut shipment.recipient_id_text,
                "recipient-name" => &mut shipment.recipient_name,
                "origin-country" => &mut shipment.origin_country,
                "dest-country" => &mut shipment.destination_country,
                "delivery-date" => &mut shipment.delivery_date,
                "delivery-timeframe-from" => &mut shipment.delivery_from,
                "delivery-timeframe-to" => &mut shipment.delivery_to,
                "status-timestamp" => &mut shipment.state.timestamp,
                "status" => &mut shipment.state.text,
                "short-status" => &mut shipment.state.short_text,
                "delivery-event-flag" => {
                    shipment.is_delivered = value == "1";
                    continue;
                }
                "ruecksendung" => {
                    shipment.is_return = value == "true";
                    continue;
                }
                name => match shipment.state.field_mut(name) {
                    Some(field) => field,
                    None => continue,
                },
            };
            *field = unescape_value(value);
        }
        shipment
    }

    fn add_event(&mut self, tag: &'t str) {
        let mut event = Event::default();
        for (name, value) in list_attributes(tag) {
            let field = match name {
                "event-timestamp" => &mut event.timestamp,
                "event-status" => &mut event.text,
                "event-short-status" => &mut event.short_text,
                "ruecksendung" => {
                    self.is_return |= value == "true";
                    continue;
                }
                name => match event.field_mut(name) {
                    Some(field) => field,
                    None => continue,
                },
            };
            *field = unescape_value(value);
        }
        self.events.push(event);
    }
}

impl<'t> Event<'t> {
    /// What a shipment's own state has under the same name.
    fn field_mut(&mut self, name: &str) -> Option<&mut Cow<'t, str>> {
        Some(match name {
            "ice" => &mut self.ice,
            "ric" => &mut self.ric,
            "standard-event-code" => &mut self.standard_code,
            "event-location" => &mut self.location,
            "event-country" => &mut self.country,
            _ => return None,
        })
    }
}
