//! Our carriers' names among AfterShip's slugs.

use posthorn_domain::id::CarrierId;

/// Our id and AfterShip's slug. One that is not in here is left to its
/// detection, among the carriers that the shop has activated there.
const SLUGS: [(&str, &str); 27] = [
    ("australia_post", "australia-post"),
    ("boxberry", "boxberry"),
    ("bpost", "bpost"),
    ("canada_post", "canada-post"),
    ("cdek", "cdek"),
    ("china_post", "china-post"),
    ("chronopost", "chronopost-france"),
    ("colissimo", "la-poste-colissimo"),
    ("dhl_express", "dhl"),
    ("dhl_parcel_de", "dhl-germany"),
    ("dpd", "dpd"),
    ("dpd_de", "dpd-de"),
    ("dpd_uk", "dpd-uk"),
    ("fedex", "fedex"),
    ("gls", "gls"),
    ("hermes_de", "hermes-de"),
    ("la_poste", "la-poste-colissimo"),
    ("mydhl", "dhl"),
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
pub(super) fn slug(id: &CarrierId) -> Option<&'static str> {
    let at = SLUGS
        .binary_search_by_key(&id.as_str(), |(id, _)| id)
        .ok()?;
    Some(SLUGS[at].1)
}

/// Our carrier with this slug.
pub(super) fn id(slug: &str) -> Option<&'static str> {
    // `dhl_express` before `mydhl`; the parcel division of La Poste is La Poste.
    SLUGS
        .iter()
        .find(|(id, other)| *other == slug && *id != "colissimo")
        .map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_leads_back() {
        assert!(SLUGS.is_sorted());
        let royal_mail = CarrierId::parse("royal_mail").unwrap();
        assert_eq!(slug(&royal_mail), Some("royal-mail"));
        assert_eq!(id("usps"), Some("usps"));
        assert_eq!(id("dhl"), Some("dhl_express"));
        assert_eq!(id("la-poste-colissimo"), Some("la_poste"));
        assert_eq!(id("nobody"), None);
    }
}
