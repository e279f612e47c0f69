//! Says what happened to a customer, in their language, by mail or by text.
//!
//! [`message::MessageContext::render`] turns a moment of an order into a mail or a
//! text; [`email::EmailSender`] and [`sms::SmsSender`] hand it to the provider
//! once and say whether it may be tried again. No table and no carrier is
//! known here.
//!
//! | module | subject |
//! | --- | --- |
//! | [`locale`], [`words`] | languages, and the words that mails and the tracking page share |
//! | [`summary`], [`outlook`] | what there is to say of an order and of each of its parcels, the same in all media |
//! | [`colour`], [`text`] | in which colour, and which texts may be trusted |
//! | [`message`], [`render`], [`segments`] | from a moment to a finished message |
//! | [`email`], [`sms`], [`send`], [`quota`] | from a finished message to the provider |
//!
//! A further language is a folder `templates/<tag>/`, a file
//! `src/words/<tag>.rs` and one line in [`locale::LOCALES`].

pub mod colour;
pub mod email;
pub mod locale;
pub mod message;
pub mod order_summary;
pub mod quota;
pub mod render;
pub mod segments;
pub mod send;
pub mod shipment_summary;
pub mod sms;
pub mod text;
mod view;
pub mod words;
