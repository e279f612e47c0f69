//! What Posthorn knows about orders, shipments and messages, as pure rules.
//!
//! Nothing here does IO, reads a clock or knows AWS: `now` is a parameter, and
//! the only way to fail is to parse. Everything that acts (a Lambda function,
//! the store, a carrier's client) asks this crate what to do and then does it.
//!
//! | module | subject |
//! | --- | --- |
//! | [`id`], [`tracking_number`], [`number_field`], [`contact`], [`text`] | names, addresses and texts, parsed once |
//! | [`time`], [`clocks`], [`scan`], [`eta`], [`report`], [`source`] | what is said of a shipment, and by whom |
//! | [`status`], [`condition`], [`shipment`], [`candidates`] | what we make of it |
//! | [`stage`], [`order`] | what the customer bought and where it stands |
//! | [`journey`], [`transition`], [`rollup`], [`cadence`], [`subscription`] | how a state follows from a report, and facts from a state |
//! | [`fact`], [`moment`], [`policy`], [`notification`], [`settings`] | from a fact to a message, once |
//! | [`pace`] | how fast messages may go out |

pub mod cadence;
pub mod candidates;
pub mod carrier_view;
pub mod clocks;
pub mod condition;
pub mod contact;
pub mod eta;
pub mod fact;
pub mod id;
pub mod journey;
pub mod language;
mod line_items;
pub mod notification;
pub mod notification_type;
pub mod number_field;
pub mod order;
pub mod pace;
pub mod policy;
pub mod report;
pub mod reported_status;
pub mod rollup;
pub mod scan;
pub mod settings;
pub mod shipment;
pub mod source;
pub mod stage;
pub mod status;
pub mod subscription;
pub mod text;
pub mod time;
pub mod tracking_number;
pub mod transition;

/// Declares an enum whose variants are stable codes: one table gives the
/// variants, `as_str`, `ALL`, `Display`, `FromStr` and serde in one place.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident: $what:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$variant_meta])* #[doc = concat!("`", $code, "`")] $variant, )+
        }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The stable code, as it stands in the API, the store and events.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $code => Ok(Self::$variant), )+
                    _ => Err($crate::UnknownCode { what: $what, expected: &[ $( $code, )+ ] }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use codes;

/// A code that is none of those we know; its message lists them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a known {what}, expected one of {}", expected.join(", "))]
pub struct UnknownCode {
    what: &'static str,
    expected: &'static [&'static str],
}
