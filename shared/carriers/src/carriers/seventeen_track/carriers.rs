//! Our carriers' names among 17TRACK's keys.

use posthorn_domain::id::CarrierId;

/// Our id and the key in 17TRACK's list of carriers. One that is not in here
/// is left to its detection.
const KEYS: [(&str, u32); 24] = [
    ("an_post", 9051),
    ("australia_post", 1151),
    ("austrian_post", 1161),
    ("bpost", 2061),
    ("canada_post", 3041),
    ("china_post", 3011),
    ("correos", 19181),
    ("ctt", 16101),
    ("dhl_express", 100_001),
    ("dhl_parcel_de", 7041),
    ("fedex", 100_003),
    ("japan_post", 10021),
    ("laposte", 6051),
    ("nz_post", 14061),
    ("parcelforce", 11033),
    ("poczta_polska", 16081),
    ("poste_italiane", 9071),
    ("posti", 6041),
    ("postnl", 14041),
    ("royal_mail", 11031),
    ("russian_post", 18031),
    ("swiss_post", 19251),
    ("ups", 100_002),
    ("usps", 21051),
];

/// 17TRACK's key of one of our carriers.
pub(super) fn carrier_key(id: &CarrierId) -> Option<u32> {
    let at = KEYS.binary_search_by_key(&id.as_str(), |(id, _)| id).ok()?;
    Some(KEYS[at].1)
}

/// Our carrier with this key.
pub(super) fn carrier_id(key: &str) -> Option<&'static str> {
    let key: u32 = key.parse().ok()?;
    KEYS.iter()
        .find(|(_, other)| *other == key)
        .map(|(id, _)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::sight;

    #[test]
    fn the_table_is_sorted_and_leads_back() {
        assert!(KEYS.is_sorted());
        let usps = CarrierId::parse("usps").unwrap();
        assert_eq!(carrier_key(&usps), Some(21051));
        assert_eq!(carrier_id("21051"), Some("usps"));
        assert_eq!(carrier_id("6051"), Some("laposte"));
        assert_eq!(carrier_id("100001"), Some("dhl_express"));
        assert_eq!(carrier_id("0"), None);
        for (id, _) in KEYS {
            assert!(
                sight::carrier_name(id).is_some(),
                "{id} is no carrier of ours"
            );
        }
        assert_eq!(carrier_key(&CarrierId::parse("unheard_of").unwrap()), None);
    }
}
