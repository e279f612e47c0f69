//! Our carriers' names among AfterShip's slugs.

use posthorn_domain::id::CarrierId;

/// Our id and AfterShip's slug. One that is not in here is left to its
/// detection, among the carriers that the shop has activated there.
const SLUGS: [(&str, &str); 23] = [
    ("australia_post", "australia-post"),
    ("boxberry", "boxberry"),
    ("bpost", "bpost"),
    ("canada_post", "canada-post"),
    ("cdek", "cdek"),
    ("china_post", "china-post"),
    ("dhl_express", "dhl"),
    ("dhl_parcel_de", "dhl-germany"),
    ("dpd", "dpd"),
    ("dpd_uk", "dpd-uk"),
    ("fedex", "fedex"),
    ("gls", "gls"),
    ("hermes_de", "hermes-de"),
    ("laposte", "la-poste-colissimo"),
    ("parcelforce", "parcel-force"),
    ("postnl", "postnl"),
    ("royal_mail", "royal-mail"),
    ("russian_post", "russian-post"),
    ("sf_express", "sf-express"),
    ("swiss_post", "swiss-post"),
    ("tnt", "tnt"),
    ("ups", "ups"),
    ("usps", "usps"),
];

/// AfterShip's slug of one of our carriers.
pub(super) fn carrier_slug(id: &CarrierId) -> Option<&'static str> {
    let at = SLUGS
        .binary_search_by_key(&id.as_str(), |(id, _)| id)
        .ok()?;
    Some(SLUGS[at].1)
}

/// Our carrier with this slug.
pub(super) fn carrier_id(slug: &str) -> Option<&'static str> {
    match slug {
        "chronopost-france" => Some("laposte"),
        "dpd-de" => Some("dpd"),
        _ => SLUGS
            .iter()
            .find(|(_, other)| *other == slug)
            .map(|(id, _)| *id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::sight;

    #[test]
    fn the_table_is_sorted_and_leads_back() {
        assert!(SLUGS.is_sorted());
        let royal_mail = CarrierId::parse("royal_mail").unwrap();
        assert_eq!(carrier_slug(&royal_mail), Some("royal-mail"));
        assert_eq!(carrier_id("usps"), Some("usps"));
        assert_eq!(carrier_id("dhl"), Some("dhl_express"));
        assert_eq!(carrier_id("la-poste-colissimo"), Some("laposte"));
        assert_eq!(carrier_id("chronopost-france"), Some("laposte"));
        for (id, _) in SLUGS {
            assert!(
                sight::carrier_name(id).is_some(),
                "{id} is no carrier of ours"
            );
        }
        assert_eq!(carrier_id("unheard-of"), None);
    }
}
