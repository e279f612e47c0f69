//! The names of things: shops, orders, shipments, links.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It has no characters at all.
    #[error("is empty, expected 1 to {max} characters")]
    Empty {
        /// The most characters allowed.
        max: usize,
    },
    /// It has more characters than allowed.
    #[error("has {length} characters, expected at most {max}")]
    TooLong {
        /// How many it has.
        length: usize,
        /// The most characters allowed.
        max: usize,
    },
    /// It has a character that keys and links cannot carry.
    #[error("has the character {character:?}, expected {expected}")]
    Character {
        /// The first offending character.
        character: char,
        /// What is allowed.
        expected: &'static str,
    },
}

fn check_id(
    text: &str,
    max: usize,
    expected: &'static str,
    allowed: impl Fn(char) -> bool,
) -> Result<String, IdError> {
    let length = text.chars().count();
    if length == 0 {
        return Err(IdError::Empty { max });
    }
    if length > max {
        return Err(IdError::TooLong { length, max });
    }
    match text.chars().find(|character| !allowed(*character)) {
        Some(character) => Err(IdError::Character {
            character,
            expected,
        }),
        None => Ok(text.to_owned()),
    }
}

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident, max: $max:literal, $expected:literal, $allowed:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text for an id, or says what is wrong with it.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check_id(text, $max, $expected, $allowed).map(Self)
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// A shop of this installation, the tenant: it comes from the credential,
    /// never from a body.
    ShopId, max: 32, "a to z, 0 to 9 and -",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);

text_id!(
    /// The shop's own id of an order, unique within the shop.
    OrderId, max: 64, "letters, digits and - _ . : /",
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/')
);

text_id!(
    /// The unguessable part of a tracking link: 22 characters of base64url, 128 random bits.
    TrackingToken, max: 43, "base64url characters",
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
);

text_id!(
    /// A carrier's id, as in `ups`; `manual` is the one that is not polled.
    CarrierId, max: 32, "a to z, 0 to 9 and _",
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);

impl TrackingToken {
    /// The token of 128 random bits.
    pub fn from_random(bits: [u8; 16]) -> Self {
        use base64::Engine as _;
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bits))
    }
}

/// An order of a shop: the key under which everything about it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderKey {
    /// The tenant.
    pub shop: ShopId,
    /// The shop's own id of the order.
    pub order: OrderId,
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shop, self.order)
    }
}

/// Which shipment of an order, counted from 1 in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShipmentIndex(pub u16);

impl fmt::Display for ShipmentIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
