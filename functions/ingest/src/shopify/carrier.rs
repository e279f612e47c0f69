//! Who carries a parcel of a Shopify fulfilment.

use crate::{carrier, parse::NewShipment, text};
use posthorn_domain::{
    id::CarrierId, order::Item, shipment::Hints, tracking_number::TrackingNumber,
};

/// The names under which Shopify says that it does not know.
const NOBODY: &[&str] = &["other", "none", "unknown", "custom"];

/// The parcel with `number`, which a storefront says that `company` carries.
///
/// What the storefront says outranks what the number looks like. A company
/// that we do not know, and a number that its company cannot have given, are
/// followed by hand: the customer gets the link that the shop gave.
pub(crate) fn parcel(
    number: TrackingNumber,
    company: Option<&str>,
    url: Option<&str>,
    items: Vec<Item>,
    is_test: bool,
) -> NewShipment {
    let company = company
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .filter(|name| !NOBODY.contains(&name.to_lowercase().as_str()));
    let known = match company {
        Some(name) => {
            named(name).filter(|carrier| carrier::verify(carrier, &number, is_test).is_ok())
        }
        None => carrier::recognised(&number, is_test).ok(),
    };
    if let Some(carrier) = known {
        return NewShipment {
            tracking_number: number,
            carrier,
            carrier_name: None,
            tracking_url: None,
            hints: Hints::default(),
            items,
            origin: None,
        };
    }
    NewShipment {
        tracking_number: number,
        carrier: manual(),
        carrier_name: company.and_then(|name| text::line(80)(name).ok()),
        tracking_url: url.and_then(|url| text::link(url).ok()),
        hints: Hints::default(),
        items,
        origin: None,
    }
}

/// The carrier that is never asked.
fn manual() -> CarrierId {
    CarrierId::parse(carrier::MANUAL).expect("the id of a carrier of ours is one")
}

/// The carrier that a storefront calls `company`: by id or name, alone or with
/// a product after it, as `UPS Ground`. Of several the one with the longest
/// name: `DHL Express` is not `DHL`.
fn named(company: &str) -> Option<CarrierId> {
    let company = company.to_lowercase();
    let is_meant = |name: &str| {
        company
            .strip_prefix(&name.to_lowercase())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '(', ',']))
    };
    posthorn_carriers::ALL
        .iter()
        .filter(|carrier| carrier.profile().id != carrier::MANUAL)
        .filter_map(|carrier| {
            let profile = carrier.profile();
            let names = [profile.id, profile.name];
            let length = names
                .into_iter()
                .chain(alias(profile.id).iter().copied())
                .filter(|name| is_meant(name))
                .map(str::len)
                .max()?;
            Some((length, carrier.id()))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, id)| id)
}

/// Further names under which storefronts know a carrier.
fn alias(id: &str) -> &'static [&'static str] {
    match id {
        "ups" => &["United Parcel Service", "UPS®"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://acme-express.example/track?n=1";
    const UPS: &str = "1Z5R89390357567127";

    fn carried(number: &str, company: Option<&str>, is_test: bool) -> String {
        let number = TrackingNumber::parse(number).unwrap();
        let parcel = parcel(number, company, Some(URL), Vec::new(), is_test);
        match parcel.carrier_name {
            Some(name) => format!("{} {name}", parcel.carrier),
            None => parcel.carrier.to_string(),
        }
    }

    #[test]
    fn a_company_that_we_know_carries_what_it_says() {
        for company in ["UPS", "ups", "UPS Ground", "United Parcel Service"] {
            assert_eq!(carried(UPS, Some(company), false), "ups", "{company}");
        }
    }

    #[test]
    fn a_company_that_only_begins_like_one_we_know_is_another() {
        assert_eq!(
            carried(UPS, Some("Upstate Couriers"), false),
            "manual Upstate Couriers"
        );
    }

    #[test]
    fn without_a_company_the_number_tells() {
        for company in [None, Some(""), Some("Other")] {
            assert_eq!(carried(UPS, company, false), "ups", "{company:?}");
            assert_eq!(carried("77 88 99", company, false), "manual", "{company:?}");
        }
    }

    #[test]
    fn a_number_that_its_company_cannot_have_given_is_followed_by_hand() {
        assert_eq!(
            carried("1Z5R89390357567128", Some("UPS"), false),
            "manual UPS"
        );
    }

    #[test]
    fn a_number_of_the_sandbox_is_for_test_orders_only() {
        assert_eq!(carried("SANDBOX-STRAIGHT-0001", None, false), "manual");
        assert_eq!(carried("SANDBOX-STRAIGHT-0001", None, true), "sandbox");
    }

    #[test]
    fn the_link_of_the_shop_is_kept_only_where_we_have_none_and_it_is_safe() {
        let link = |url, company| {
            let number = TrackingNumber::parse(UPS).unwrap();
            parcel(number, Some(company), Some(url), Vec::new(), false).tracking_url
        };
        assert_eq!(link(URL, "Acme Express").as_deref(), Some(URL));
        assert_eq!(link(URL, "UPS"), None);
        assert_eq!(link("javascript:alert(1)", "Acme Express"), None);
        assert_eq!(link("http://acme-express.example/1", "Acme Express"), None);
    }
}
