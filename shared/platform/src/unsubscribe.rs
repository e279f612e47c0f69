//! The link by which a customer stops a shop's mails: it says which address, as
//! the hash that its suppression is found by, and that we have made it.
//!
//! A tracking link does not let its reader stop the mails, and who follows an order
//! of a shop cannot make such a link for another customer's address
//! (`docs/adr/0025-one-click-unsubscribe.md`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use posthorn_domain::{id::ShopId, notification_type::Channel};
use sha2::Sha256;
use std::fmt;

use crate::store::keys;

/// How many bytes of the signature a link carries.
const SIGNED: usize = 16;

/// The key that links are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey(pub(crate) [u8; 32]);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(***)")
    }
}

/// Which address of which shop is not to be written to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// The shop.
    pub shop: ShopId,
    /// Hash of the address, as in the key of its suppression.
    pub address: [u8; 32],
}

impl Unsubscribe {
    /// From the mails of `shop` to `address`.
    pub fn from_mails(shop: &ShopId, address: &str) -> Self {
        Self {
            shop: shop.clone(),
            address: keys::address_hash(Channel::Email, address),
        }
    }

    /// The last part of its link: letters, digits, `-`, `_` and two dots.
    pub fn sign_link(&self, key: &LinkKey) -> String {
        let shop = URL_SAFE_NO_PAD.encode(self.shop.as_str());
        let address = URL_SAFE_NO_PAD.encode(self.address);
        let signature = self.link_mac(key).finalize().into_bytes();
        let signature = URL_SAFE_NO_PAD.encode(&signature[..SIGNED]);
        format!("{shop}.{address}.{signature}")
    }

    /// Reads the last part of a link; none if we have not made it.
    pub fn verify_link(link: &str, key: &LinkKey) -> Option<Self> {
        let mut parts = link
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let (shop, address, signature) = (parts.next()??, parts.next()??, parts.next()??);
        let unsubscribe = Self {
            shop: ShopId::parse(std::str::from_utf8(&shop).ok()?).ok()?,
            address: address.try_into().ok()?,
        };
        let is_whole = parts.next().is_none() && signature.len() == SIGNED;
        let mac = unsubscribe.link_mac(key);
        (is_whole && mac.verify_truncated_left(&signature).is_ok()).then_some(unsubscribe)
    }

    fn link_mac(&self, key: &LinkKey) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
        mac.update(b"unsubscribe\n");
        mac.update(self.shop.as_str().as_bytes());
        mac.update(b"\n");
        mac.update(&self.address);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: LinkKey = LinkKey([7; 32]);

    fn anna() -> Unsubscribe {
        let shop = ShopId::parse("acme").unwrap();
        Unsubscribe::from_mails(&shop, "Anna@Customer.example")
    }

    #[test]
    fn a_link_is_read_again_and_names_no_person() {
        let link = anna().sign_link(&KEY);
        assert_eq!(Unsubscribe::verify_link(&link, &KEY), Some(anna()));
        assert!(!link.to_lowercase().contains("anna"), "{link}");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(link.chars().all(is_plain), "{link}");
        assert!(link.len() < 120, "{link}");
    }

    #[test]
    fn no_link_but_ours_is_valid() {
        let link = anna().sign_link(&KEY);
        assert_eq!(Unsubscribe::verify_link(&link, &LinkKey([8; 32])), None);
        let shop = ShopId::parse("acme").unwrap();
        let victim = Unsubscribe::from_mails(&shop, "victim@customer.example").sign_link(&KEY);
        let address = victim.split('.').nth(1).unwrap();
        let (before, signature) = link.rsplit_once('.').unwrap();
        let (shop, _) = before.split_once('.').unwrap();
        for forged in [
            format!("{shop}.{address}.{signature}"),
            format!("b3RoZXI.{}", link.split_once('.').unwrap().1),
            format!("{link}.AAAA"),
            format!("{before}."),
            before.to_owned(),
            String::new(),
            "..".to_owned(),
            "é.é.é".to_owned(),
        ] {
            assert_eq!(Unsubscribe::verify_link(&forged, &KEY), None, "{forged}");
        }
    }
}
