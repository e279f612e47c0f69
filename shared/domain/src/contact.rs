//! Whom to tell: the only personal data there is.
//!
//! `Debug` of an address shows a mask, so that a log line written by accident
//! gives nothing away.

mod dotted;

use crate::notification_type::Channel;
use phonenumber::{Type, metadata::DATABASE};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr as _};

/// An e-mail address that a mail server could accept, in lower-case domain.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is not an e-mail address; it does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// It has not the form of one.
    #[error("is not an e-mail address, expected a form like name@example.com")]
    Malformed,
    /// It has the form of one to which our mail cannot go.
    #[error(
        "has a letter before the @ that is none of a to z, digits and signs, and mail services \
         deliver to no such address, expected a form like name@example.com"
    )]
    NotAscii,
}

impl EmailAddress {
    /// Takes what a shop sent for an address. Display names are not accepted.
    ///
    /// SES takes a local part of 7 bits only, and a domain with other letters in
    /// Punycode.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let address = Self::parse_syntax(text)?;
        let (local, domain) = address.split_at_sign();
        if !local.is_ascii() {
            return Err(EmailAddressError::NotAscii);
        }
        if domain.is_ascii() {
            return Ok(address);
        }
        let domain = idna::domain_to_ascii(domain).map_err(|_| EmailAddressError::Malformed)?;
        Self::parse_syntax(&format!("{local}@{domain}"))
    }

    /// The address, if it has the form of one, in whatever letters.
    fn parse_syntax(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        if let Some(quoted) = dotted::quote_local_part(text) {
            return Ok(Self(quoted));
        }
        // 254 octets are what a mail server must take; a quoted local part with
        // spaces or line breaks is legal, never meant, and a way into a header.
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '"';
        if text.len() > 254 || text.contains(is_odd) {
            return Err(EmailAddressError::Malformed);
        }
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        email_address::EmailAddress::parse_with_options(text, options)
            .map_err(|_| EmailAddressError::Malformed)?;
        let parts = text.rsplit_once('@');
        let (local, domain) = parts.ok_or(EmailAddressError::Malformed)?;
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `a***@e***.com`: enough to recognise one's own, not enough to write to.
    pub fn masked(&self) -> String {
        let (local, domain) = self.split_at_sign();
        let (host, tld) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let local = local.trim_start_matches(['"', '.']);
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        format!("{}***@{}***.{tld}", first(local), first(host))
    }

    /// What stands before and after the `@`.
    fn split_at_sign(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or(("", &self.0))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailAddressError;

    /// Takes back what was stored, also from before other letters were refused.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse_syntax(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// A telephone number in E.164: `+4915112345678`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is not a telephone number; it does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// It is none.
    #[error("is not a telephone number, expected international form like +14155550123")]
    Malformed,
    /// It is followed by an extension, behind which no text arrives.
    #[error(
        "has an extension, and no text can be sent to one, expected a number without it, like \
         +14155550123"
    )]
    Extension,
    /// It is one that no customer has to be reached by, and that may cost the sender
    /// of a text.
    #[error("is a {0} number, expected the number of a customer, best of a mobile")]
    NotOfACustomer(&'static str),
}

impl PhoneNumber {
    /// Takes what a customer typed, national or international; `region` (ISO
    /// 3166-1 alpha-2) says whose national form it is.
    pub fn parse(text: &str, region: Option<&str>) -> Result<Self, PhoneNumberError> {
        let dialled = dialable_digits(text)?;
        let region = region
            .and_then(|region| phonenumber::country::Id::from_str(region.trim()).ok())
            .filter(|region| DATABASE.by_id(region.as_ref()).is_some());
        let number = phonenumber::parse(region, &dialled);
        let number = number.map_err(|_| PhoneNumberError::Malformed)?;
        if !phonenumber::is_valid(&number) {
            return Err(PhoneNumberError::Malformed);
        }
        if let Some(kind) = PhoneKinds::from_number(&number).of_no_customer() {
            return Err(PhoneNumberError::NotOfACustomer(kind));
        }
        Self::try_from(number.format().mode(phonenumber::Mode::E164).to_string())
    }

    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `+49…78`.
    pub fn to_masked(&self) -> String {
        let head = &self.0[..3.min(self.0.len())];
        let tail = &self.0[self.0.len().saturating_sub(2)..];
        format!("{head}…{tail}")
    }

    /// Whether a text message to it can be read: not on a landline, nor where the
    /// called party pays. Of a number of unknown kind, it may.
    pub fn takes_texts(&self) -> bool {
        let Ok(number) = phonenumber::parse(None, &self.0) else {
            return true;
        };
        let kinds = PhoneKinds::from_number(&number);
        let is_landline = kinds.contain_kind(Type::FixedLine) && !kinds.contain_kind(Type::Mobile);
        kinds.of_no_customer().is_none() && !kinds.contain_kind(Type::TollFree) && !is_landline
    }

    /// The country whose number it is, as ISO 3166-1 alpha-2, if it is clear.
    pub fn country_code(&self) -> Option<String> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        number.country().id().map(|id| id.as_ref().to_owned())
    }
}

impl PhoneNumber {
    /// The countries whose number it may be, as ISO 3166-1 alpha-2: one if that is
    /// clear, else all that share its code.
    pub fn possible_countries(&self) -> Vec<String> {
        let Ok(number) = phonenumber::parse(None, &self.0) else {
            return Vec::new();
        };
        if let Some(country) = number.country().id() {
            return vec![country.as_ref().to_owned()];
        }
        let regions = DATABASE.by_code(&number.country().code());
        let regions = regions.unwrap_or_default().into_iter();
        regions.map(|region| region.id().to_owned()).collect()
    }
}

/// Numbers that are no customer's own, and what they are called.
const OF_NO_CUSTOMER: [(Type, &str); 5] = [
    (Type::PremiumRate, "premium-rate"),
    (Type::SharedCost, "shared-cost"),
    (Type::Uan, "company access"),
    (Type::Pager, "pager"),
    (Type::Voicemail, "voicemail"),
];

/// What a number may be, as the countries with its code have allotted it.
struct PhoneKinds {
    regions: Vec<&'static phonenumber::Metadata>,
    national: String,
}

impl PhoneKinds {
    /// The kinds of `number`, by its digits with the zeros that begin it: without
    /// them an Italian landline is taken for a premium-rate number.
    fn from_number(number: &phonenumber::PhoneNumber) -> Self {
        let code = number.country().code();
        Self {
            regions: DATABASE.by_code(&code).unwrap_or_default(),
            national: number.national().to_string(),
        }
    }

    fn contain_kind(&self, kind: Type) -> bool {
        self.regions.iter().any(|region| {
            let numbers = region.descriptors().get(kind);
            numbers.is_some_and(|numbers| numbers.is_match(&self.national))
        })
    }

    /// What it is called, if it is no customer's own. The patterns are not compared
    /// to their end, so of two that a number begins like the mobile's counts.
    fn of_no_customer(&self) -> Option<&'static str> {
        if self.contain_kind(Type::Mobile) {
            return None;
        }
        let mut kinds = OF_NO_CUSTOMER.iter();
        let (_, name) = kinds.find(|(kind, _)| self.contain_kind(*kind))?;
        Some(name)
    }
}

/// The digits to dial, with the leading plus. The parser
/// panics on some of what else people write, so nothing else reaches it.
fn dialable_digits(text: &str) -> Result<String, PhoneNumberError> {
    let text = text.trim();
    let mut dialled = String::with_capacity(20);
    for (at, character) in text.char_indices() {
        match character {
            '0'..='9' => dialled.push(character),
            '\u{ff10}'..='\u{ff19}' => {
                let digit = u32::from(character) - 0xff10;
                dialled.extend(char::from_digit(digit, 10));
            }
            '+' | '\u{ff0b}' if dialled.is_empty() => dialled.push('+'),
            ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
            _ if is_extension(&text[at..]) && n_digits(&dialled) >= 5 => {
                return Err(PhoneNumberError::Extension);
            }
            _ => return Err(PhoneNumberError::Malformed),
        }
        if dialled.len() > 20 {
            return Err(PhoneNumberError::Malformed);
        }
    }
    let dialled = (n_digits(&dialled) >= 5).then_some(dialled);
    dialled.ok_or(PhoneNumberError::Malformed)
}

fn n_digits(dialled: &str) -> usize {
    dialled.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether `rest`, which follows a number, names an extension: `ext. 12`, `x12`, `#12`.
fn is_extension(rest: &str) -> bool {
    let rest = rest
        .trim_start_matches([' ', ',', ';', '.', ':'])
        .to_lowercase();
    let word: String = rest
        .chars()
        .take_while(|c| c.is_alphabetic() || *c == '#')
        .collect();
    let is_named = matches!(
        word.as_str(),
        "#" | "x" | "ext" | "extn" | "extension" | "dw" | "durchwahl" | "poste" | "anexo" | "доб"
    );
    let digits = rest[word.len()..].trim_start_matches([' ', '.', ':', '=']);
    is_named && digits.starts_with(|c: char| c.is_ascii_digit())
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_masked())
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;

    /// Takes back what was stored: E.164 only, without another full check.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError::Malformed)?;
        if (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(PhoneNumberError::Malformed)
        }
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

/// What the customer agreed to, per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Mail about this order; part of the contract unless refused.
    pub email: bool,
    /// Texts about this order; only with consent.
    pub sms: bool,
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            email: true,
            sms: false,
        }
    }
}

/// Who bought an order and how to reach them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How to address them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Where texts go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// For the lookup on the public page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// State, province or region of the delivery address, as `CA` or `Bavaria`:
    /// in a country of several time zones it tells which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 of the delivery address; tells the decent hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// IANA name, if the shop knows it; otherwise derived from the address or the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What they agreed to.
    #[serde(default)]
    pub consent: Consent,
    /// Channels for which an address was given that no message can be sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unusable: Vec<Channel>,
    /// Whether the shop has corrected it by the API: what a storefront says of the
    /// customer afterwards is older.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_corrected: bool,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact")
            .field("email", &self.email)
            .field("phone", &self.phone)
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}
