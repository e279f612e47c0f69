//! What Posthorn must know of a carrier before it asks: limits, keys, clocks.

use std::time::Duration;

/// A carrier's properties, all of them constant. A new carrier starts from
/// [`CarrierProfile::with_name`] and states what differs.
#[derive(Debug, Clone, Copy)]
pub struct CarrierProfile {
    /// Stable id, as in `ups`: in the API, the store and the name of the parameter.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Host of its API, without a trailing slash; [`crate::CarrierAccess`] may override it.
    pub base_url: &'static str,
    /// How it wants to know who asks.
    pub auth: Auth,
    /// What a shop must have, or ask for, before it is given credentials.
    pub needs: &'static str,
    /// What its parameters hold: credentials, and the secrets of its webhook.
    pub credentials: &'static [CredentialField],
    /// How it is asked.
    pub mode: PollMode,
    /// The most numbers in one call.
    pub batch: usize,
    /// The most calls at a time.
    pub concurrency: usize,
    /// What it allows, all at once.
    pub quotas: &'static [Quota],
    /// One number is never asked after more often than this.
    pub min_interval: Duration,
    /// Days after which it forgets a shipment: `not found` is then no news.
    pub retention_days: u16,
    /// What its times mean.
    pub clock: CarrierClock,
    /// Its page for people; `{number}` stands for the number.
    pub tracking_url: Option<&'static str>,
    /// How it tells us by itself, if it does.
    pub push: Option<PushSupport>,
    /// The ids of carriers, perhaps with no interface of their own, of whose
    /// shipments it knows as well.
    pub serves: &'static [&'static str],
}

impl CarrierProfile {
    /// A carrier without network, key or limit; a base for struct update syntax.
    pub const fn with_name(id: &'static str, name: &'static str) -> Self {
        Self {
            id,
            name,
            base_url: "",
            auth: Auth::None,
            needs: "",
            credentials: &[],
            mode: PollMode::Ask,
            batch: 1,
            concurrency: 5,
            quotas: &[],
            min_interval: Duration::from_mins(15),
            retention_days: 90,
            clock: CarrierClock::Local,
            tracking_url: None,
            push: None,
            serves: &[],
        }
    }

    /// The carrier's own page about `number`.
    pub fn tracking_page(
        &self,
        number: &posthorn_domain::tracking_number::TrackingNumber,
    ) -> Option<String> {
        self.tracking_url
            .map(|template| template.replace("{number}", number.as_str()))
    }
}

/// How a carrier wants to know who asks. The names are fields of [`crate::CarrierAccess`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// It does not care.
    None,
    /// OAuth2 client credentials: `client_id` and `client_secret` buy a token.
    OAuth2 {
        /// Where, under the base URL.
        token_path: &'static str,
        /// How the client names itself.
        client: ClientAuth,
        /// What the token is for, if it must say.
        scope: Option<&'static str>,
    },
    /// One secret in one header: `prefix` (as `ShippoToken `) and then the field.
    Header {
        /// The header.
        name: &'static str,
        /// What stands before the secret.
        prefix: &'static str,
        /// The field with the secret.
        field: &'static str,
    },
    /// HTTP Basic with two fields, and further fields in headers of their own.
    Basic {
        /// The field with the user's name.
        user: &'static str,
        /// The field with the password.
        password: &'static str,
        /// Header and field, as `Account-Number` and `account_number`.
        headers: &'static [(&'static str, &'static str)],
    },
    /// Several headers: header and field.
    Headers(&'static [(&'static str, &'static str)]),
    /// One secret as a parameter of the query: parameter and field.
    Query(&'static str, &'static str),
    /// [`crate::Carrier::build_requests`] puts it into the body or signs the body with it.
    Body,
    /// A session that [`crate::Carrier::login_request`] asks for and
    /// [`crate::Carrier::authorize_request`] puts where the carrier wants it.
    Login,
}

impl Auth {
    /// Whether a session comes before the first question.
    pub const fn has_session(self) -> bool {
        matches!(self, Self::OAuth2 { .. } | Self::Login)
    }
}

/// How an OAuth2 client names itself to the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// In an `Authorization: Basic` header.
    Basic,
    /// In the form.
    Form,
    /// In a JSON body.
    Json,
}

/// One field of a carrier's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialField {
    /// Its name in the JSON.
    pub name: &'static str,
    /// Whether nothing works without it.
    pub is_required: bool,
    /// Whether it belongs to the webhook: it lies in a parameter of its own, since what
    /// the internet can call may read no credentials.
    pub is_of_webhook: bool,
    /// Where a shop finds it.
    pub help: &'static str,
}

impl CredentialField {
    /// A field that must be there.
    pub const fn required_field(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            is_required: true,
            is_of_webhook: false,
            help,
        }
    }

    /// A field that may be there.
    pub const fn optional_field(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            is_required: false,
            is_of_webhook: false,
            help,
        }
    }

    /// A secret of the carrier's webhook, only needed where it pushes.
    pub const fn of_webhook(name: &'static str, help: &'static str) -> Self {
        Self {
            is_of_webhook: true,
            ..Self::optional_field(name, help)
        }
    }
}

/// How a carrier is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollMode {
    /// A question, an answer.
    Ask,
    /// A question, a ticket, and later the answer to the ticket.
    Ticket {
        /// How long the answer usually takes.
        first_wait: Duration,
    },
    /// A number is registered once; news come by push, and reading is free.
    RegisterThenPush,
    /// It is not polled: people and webhooks tell us.
    Never,
}

/// A limit of a credential. A carrier may have several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub limit: u32,
    /// Of what.
    pub unit: Unit,
    /// In which time.
    pub period: Period,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// HTTP calls, token calls included.
    Calls,
    /// Numbers asked after.
    Numbers,
}

/// The time over which a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Any stretch of this length.
    Rolling(Duration),
    /// A day that ends at 00:00 GMT.
    DayGmt,
}

/// What a carrier's times mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierClock {
    /// Each comes with its offset.
    Offset,
    /// The wall clock where it happened, no offset.
    Local,
    /// The wall clock where it happened; sometimes with an offset.
    LocalOftenOffset,
    /// The wall clock of one zone, by its IANA name.
    Zone(&'static str),
    /// A `Z` that is really the local clock: read it as [`CarrierClock::Local`].
    FalseZulu,
    /// Really UTC.
    Utc,
}

/// How a carrier tells us by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushSupport {
    /// How we know that it is the carrier.
    pub verifier: Verifier,
    /// Whether our address has to be registered with the carrier by hand, once; else
    /// each subscription names it.
    pub is_by_hand: bool,
    /// The most numbers in one call of [`crate::Carrier::subscription_requests`]; none where
    /// there is nothing to subscribe to number by number.
    pub subscribe_batch: Option<usize>,
    /// After how long a subscription must be renewed; none if it is made once.
    pub lifetime: Option<Duration>,
}

/// How a push proves where it comes from. The signed bytes are the raw body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verifier {
    /// HMAC-SHA256 with the shared secret.
    HmacSha256 {
        /// The header that carries it.
        header: &'static str,
        /// How it is written there.
        encoding: Encoding,
        /// What is signed.
        signed: SignedContent,
    },
    /// A plain SHA-256 over body, separator and secret, in hexadecimal.
    Sha256Suffix {
        /// The header that carries it.
        header: &'static str,
        /// What stands between body and secret.
        separator: u8,
    },
    /// RSA-SHA256 with a key from the sender's JWKS.
    RsaSha256Jwks {
        /// The header that names the key.
        key_id: &'static str,
        /// The header with the signature.
        signature: &'static str,
        /// The header with the time; older or newer than `max_skew` is refused.
        timestamp: &'static str,
        /// How far the clocks may be apart.
        max_skew: Duration,
    },
    /// A secret that we chose comes back in a header.
    SharedHeader(&'static str),
    /// Nothing but the unguessable path: only a hint to ask the carrier.
    SecretPath,
    /// The unguessable path, and from who has agreed on a secret with the sender
    /// also a signature: a header with the time and, in hexadecimal, one or more
    /// HMAC-SHA256 over time, full stop and body, as in `t=…,v1=…`.
    SecretPathOrSignature {
        /// The header that carries both.
        header: &'static str,
        /// The field of the credentials with the secret that was agreed on.
        field: &'static str,
        /// How far the clocks may be apart.
        max_skew: Duration,
    },
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Standard base64.
    Base64,
    /// Hexadecimal after a prefix, as `hmac-sha256-hex=`; the prefix may be empty.
    Hex(&'static str),
}

/// What a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedContent {
    /// The raw body.
    Body,
    /// The value of one header and then the text of one field of the JSON body.
    HeaderAndField(&'static str, &'static str),
    /// The texts of these fields of the JSON body, one behind the other.
    Fields(&'static [&'static str]),
}
