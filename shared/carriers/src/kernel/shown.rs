//! What people read of a shipment's carrier: one answer for mails, texts, the
//! page and the API.

use crate::profile_of;
use posthorn_domain::{carrier_view::CarrierView, settings::Settings, shipment::Shipment};

/// What stands in the place of a carrier's name where there is none: our own
/// word, and what storefronts and shops' systems write.
const NO_NAMES: &[&str] = &[
    "-",
    "?",
    "andere",
    "anderer",
    "autre",
    "carrier",
    "courier",
    "custom",
    "default",
    "manual",
    "manuell",
    "n/a",
    "na",
    "nil",
    "none",
    "not specified",
    "null",
    "other",
    "others",
    "otro",
    "sonstige",
    "sonstiger",
    "test",
    "tracking",
    "unbekannt",
    "undefined",
    "unknown",
    "другая",
    "другое",
    "другой",
];

/// Who carries `shipment`, and where its carrier shows it: in the words of the
/// shop, where it has given any. A carrier that is no more than a guess is not named.
pub fn carrier_view(shipment: &Shipment, settings: &Settings) -> CarrierView {
    if shipment.is_guess() {
        return CarrierView {
            name: String::new(),
            url: shipment.tracking_url.clone(),
        };
    }
    let number = shipment.tracking_number.as_ref();
    let known = profile_of(&shipment.carrier).filter(|profile| profile.id != "manual");
    let called = shipment.carrier_name.as_deref();
    CarrierView {
        name: called
            .and_then(plain_name)
            .or_else(|| known.map(|profile| profile.name))
            .map(str::to_owned)
            .or_else(|| name_of_unknown(shipment))
            .unwrap_or_default(),
        url: shipment.tracking_url.clone().or_else(|| {
            let page = called
                .zip(number)
                .and_then(|(name, number)| settings.carrier_link(name, number));
            page.or_else(|| known?.tracking_page(number?))
        }),
    }
}

/// The name, if it is one.
fn plain_name(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_none = text.is_empty() || NO_NAMES.contains(&text.to_lowercase().as_str());
    (!is_none).then_some(text)
}

/// The id of a carrier that is none of ours, which may say more than nothing.
fn name_of_unknown(shipment: &Shipment) -> Option<String> {
    let id = shipment.carrier.as_str();
    let is_known = profile_of(&shipment.carrier).is_some();
    plain_name(id).filter(|_| !is_known).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        id::{CarrierId, ShipmentIndex},
        journey::{self, NewShipment},
        shipment::QueryDetails,
        tracking_number::TrackingNumber,
    };

    fn view(carrier: &str, name: Option<&str>, url: Option<&str>) -> (String, Option<String>) {
        let announced = NewShipment {
            carrier: CarrierId::parse(carrier).unwrap(),
            carrier_name: name.map(str::to_owned),
            query_details: QueryDetails::default(),
            tracking_number: TrackingNumber::parse("77889900123").ok(),
            tracking_url: url.map(str::to_owned),
            items: Vec::new(),
            eta: None,
            origins: Vec::new(),
        };
        let now = "2026-11-25T14:00:00Z".parse().unwrap();
        let settings = Settings {
            carrier_links: [(
                "Acme Couriers".to_owned(),
                "https://acme.example/t/{number}".to_owned(),
            )]
            .into(),
            ..Settings::default()
        };
        let view = carrier_view(
            &journey::register_shipment(ShipmentIndex(1), announced, now),
            &settings,
        );
        (view.name, view.url)
    }

    #[test]
    fn a_carrier_that_is_not_known_has_no_name() {
        for name in [
            None,
            Some(""),
            Some("Other"),
            Some(" manual "),
            Some("MANUAL"),
            Some("n/a"),
            Some("Unknown"),
        ] {
            assert_eq!(view("manual", name, None).0, "", "{name:?}");
        }
        assert_eq!(view("ups", Some("Other"), None).0, "UPS");
    }

    #[test]
    fn a_carrier_has_the_name_and_the_page_that_the_shop_gave() {
        assert_eq!(
            view("manual", Some("Acme Couriers"), None),
            (
                "Acme Couriers".to_owned(),
                Some("https://acme.example/t/77889900123".to_owned())
            )
        );
        let page = Some("https://track.localcourier.example/77889900123");
        assert_eq!(
            view("manual", Some("Other"), page),
            (String::new(), page.map(str::to_owned))
        );
        assert_eq!(view("ups", None, None).0, "UPS");
    }
}
