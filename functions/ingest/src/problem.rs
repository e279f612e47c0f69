//! What an answer looks like when a request cannot be served: RFC 9457.
//!
//! Details name the field and what is expected of it, never the value that was
//! sent: it may be a customer's address.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use posthorn_platform::ServiceErrorKind;
use serde::Serialize;
use tracing::{error, warn};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// Declares [`ProblemCode`]: the stable code, the HTTP status and the title of each problem in one table.
macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $code:literal, $status:ident, $title:literal; )+) => {
        /// Stable codes of problems, of single fields and of warnings. A program may branch on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl ProblemCode {
            /// Every code, in the order of its declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The code as it stands in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The HTTP status of an answer with this code.
            pub const fn http_status(self) -> StatusCode {
                match self { $( Self::$variant => StatusCode::$status, )+ }
            }

            /// What it means, in a few words that do not change.
            pub const fn title(self) -> &'static str {
                match self { $( Self::$variant => $title, )+ }
            }

            /// What it means, in a sentence.
            pub const fn describe_meaning(self) -> &'static str {
                match self { $( Self::$variant => concat!($( $doc, )+), )+ }
            }
        }
    };
}

codes! {
    /// The credential is missing, malformed or unknown.
    Unauthorized = "unauthorized", UNAUTHORIZED, "Unauthorized";
    /// The signature of a webhook does not match its body, or the shop has no webhook secret.
    WrongSignature = "wrong_signature", UNAUTHORIZED, "Wrong signature";
    /// A webhook says that it is more than a day old, or of the future.
    StaleDelivery = "stale_delivery", UNAUTHORIZED, "Stale delivery";
    /// There is no such route.
    RouteNotFound = "route_not_found", NOT_FOUND, "No such route";
    /// The route does not know this method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The shop has no order with this id.
    OrderNotFound = "order_not_found", NOT_FOUND, "No such order";
    /// The order has no shipment with this number.
    ShipmentNotFound = "shipment_not_found", NOT_FOUND, "No such shipment";
    /// The body has more than 256 KB.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "Body too large";
    /// The body is not `application/json`, or where a table is wanted `text/csv`.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// The body is not JSON, and the detail gives line and column, or it is not UTF-8.
    MalformedJson = "malformed_json", BAD_REQUEST, "Malformed JSON";
    /// The body is not a table of UTF-8 text with a header line.
    MalformedCsv = "malformed_csv", BAD_REQUEST, "Malformed CSV";
    /// The body is JSON, but some of its fields are not as they should be: see `errors`.
    InvalidBody = "invalid_body", UNPROCESSABLE_ENTITY, "Invalid body";
    /// `Idempotency-Key` is not 1 to 128 visible ASCII characters.
    InvalidIdempotencyKey = "invalid_idempotency_key", BAD_REQUEST, "Invalid Idempotency-Key";
    /// The `Idempotency-Key` was used for another request in the last 24 hours.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "Idempotency-Key reused";
    /// The shop has an order with this id and other content.
    OrderExists = "order_exists", CONFLICT, "Order exists";
    /// The order has a shipment with this number and other content.
    ShipmentExists = "shipment_exists", CONFLICT, "Shipment exists";
    /// The order has as many shipments as it can have.
    TooManyShipments = "too_many_shipments", CONFLICT, "Too many shipments";
    /// The shipment is told of by as many sources as it can have.
    TooManySources = "too_many_sources", CONFLICT, "Too many sources";
    /// The order cannot go from its stage to the one that was asked for.
    StageConflict = "stage_conflict", CONFLICT, "Stage conflict";
    /// A fulfilment came before its order, and says not whom to tell: send it again later.
    OrderNotYetKnown = "order_not_yet_known", SERVICE_UNAVAILABLE, "Order not yet known";
    /// Other requests keep changing the same order: try again.
    Busy = "busy", SERVICE_UNAVAILABLE, "Busy";
    /// Something of ours failed: try again.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Unavailable";

    /// The field must be there.
    Required = "required", UNPROCESSABLE_ENTITY, "Required";
    /// The field has another JSON type than expected.
    WrongType = "wrong_type", UNPROCESSABLE_ENTITY, "Wrong type";
    /// The text is too long, or empty.
    InvalidLength = "invalid_length", UNPROCESSABLE_ENTITY, "Invalid length";
    /// The text holds control characters.
    InvalidText = "invalid_text", UNPROCESSABLE_ENTITY, "Invalid text";
    /// The number is out of range.
    OutOfRange = "out_of_range", UNPROCESSABLE_ENTITY, "Out of range";
    /// The array has too many elements.
    TooMany = "too_many", UNPROCESSABLE_ENTITY, "Too many";
    /// Not an order id.
    InvalidId = "invalid_id", UNPROCESSABLE_ENTITY, "Invalid id";
    /// Not an e-mail address that mail can be sent to. A warning: the order is followed,
    /// and no mail is sent.
    InvalidEmail = "invalid_email", UNPROCESSABLE_ENTITY, "Invalid e-mail address";
    /// Not a telephone number that texts can be sent to. A warning: the order is
    /// followed, and no text is sent.
    InvalidPhone = "invalid_phone", UNPROCESSABLE_ENTITY, "Invalid telephone number";
    /// Not a BCP 47 language tag.
    InvalidLocale = "invalid_locale", UNPROCESSABLE_ENTITY, "Invalid locale";
    /// Not an ISO 3166-1 alpha-2 country code.
    InvalidCountry = "invalid_country", UNPROCESSABLE_ENTITY, "Invalid country";
    /// Not an IANA time zone.
    InvalidTimeZone = "invalid_time_zone", UNPROCESSABLE_ENTITY, "Invalid time zone";
    /// Not a date.
    InvalidDate = "invalid_date", UNPROCESSABLE_ENTITY, "Invalid date";
    /// Not an instant with its offset, or one that cannot be.
    InvalidTimestamp = "invalid_timestamp", UNPROCESSABLE_ENTITY, "Invalid timestamp";
    /// Not an absolute https URL.
    InvalidUrl = "invalid_url", UNPROCESSABLE_ENTITY, "Invalid URL";
    /// Not a tracking number.
    InvalidTrackingNumber = "invalid_tracking_number", UNPROCESSABLE_ENTITY, "Invalid tracking number";
    /// The number is none of the carrier's: its form or its check digit is wrong.
    WrongCheckDigit = "wrong_check_digit", UNPROCESSABLE_ENTITY, "Not a number of this carrier";
    /// No such carrier; `expected` lists those that there are.
    UnknownCarrier = "unknown_carrier", UNPROCESSABLE_ENTITY, "Unknown carrier";
    /// The number is missing, or does not tell its carrier: `carrier` is needed.
    CarrierRequired = "carrier_required", UNPROCESSABLE_ENTITY, "Carrier required";
    /// `carrier_name` and `tracking_url` belong to the carrier `manual` only.
    OnlyForManual = "only_for_manual", UNPROCESSABLE_ENTITY, "Only for the carrier manual";
    /// The sandbox carrier carries test orders only.
    SandboxNotAllowed = "sandbox_not_allowed", UNPROCESSABLE_ENTITY, "Sandbox not allowed";
    /// No such status; `expected` lists those that can be reported.
    UnknownStatus = "unknown_status", UNPROCESSABLE_ENTITY, "Unknown status";
    /// No such source: `staff` or `supplier`.
    UnknownSource = "unknown_source", UNPROCESSABLE_ENTITY, "Unknown source";
    /// Only the shop's own people may correct what is known.
    OnlyForStaff = "only_for_staff", UNPROCESSABLE_ENTITY, "Only for staff";
    /// `supplier` names a supplier, and the source is another.
    OnlyForSupplier = "only_for_supplier", UNPROCESSABLE_ENTITY, "Only for suppliers";
    /// Not a day or days on which a shipment may be expected.
    InvalidEta = "invalid_eta", UNPROCESSABLE_ENTITY, "Invalid ETA";
    /// The same shipment stands twice in the body, or the same column in a table.
    Duplicate = "duplicate", UNPROCESSABLE_ENTITY, "Duplicate";
    /// No such stage; `expected` lists those that a shop can set.
    UnknownStage = "unknown_stage", UNPROCESSABLE_ENTITY, "Unknown stage";
    /// The stage follows from the shipments; a shop cannot set it.
    StageNotSettable = "stage_not_settable", UNPROCESSABLE_ENTITY, "Stage cannot be set";
    /// Nothing to change was given.
    NothingToChange = "nothing_to_change", UNPROCESSABLE_ENTITY, "Nothing to change";
    /// A warning: there are no texts in this language.
    UnknownLanguage = "unknown_language", UNPROCESSABLE_ENTITY, "Unknown language";
    /// A warning: the parameter `Carriers` does not name the carrier, so there may be
    /// no credentials to ask it with.
    CarrierNotInUse = "carrier_not_in_use", UNPROCESSABLE_ENTITY, "Carrier not in use";
    /// A warning: a stored shipment of the order cannot be read, and is not listed.
    UnreadableShipment = "unreadable_shipment", UNPROCESSABLE_ENTITY, "Unreadable shipment";
    /// A warning: the shipment has no tracking number, so it cannot be polled.
    NoTrackingNumber = "no_tracking_number", UNPROCESSABLE_ENTITY, "No tracking number";
    /// A warning: the storefront's number field holds a text in which no tracking
    /// number can be read.
    UnreadableNumber = "unreadable_number", UNPROCESSABLE_ENTITY, "Unreadable number";
    /// A warning: the field holds more than a tracking number, which alone is used.
    NumberWithText = "number_with_text", UNPROCESSABLE_ENTITY, "Number with text";
    /// A warning: the number is a test number of the sandbox carrier, outside of test mode.
    TestNumber = "test_number", UNPROCESSABLE_ENTITY, "Test number";
    /// A warning: the number has none of the forms that we know of the carrier
    /// that was given, who is asked all the same.
    UnknownForm = "unknown_form", UNPROCESSABLE_ENTITY, "Unknown form of number";
    /// A warning: the field is none that we know and was ignored.
    UnknownField = "unknown_field", UNPROCESSABLE_ENTITY, "Unknown field";
}

impl Serialize for ProblemCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let meanings: Vec<String> = Self::ALL
            .iter()
            .map(|code| {
                let status = code.http_status().as_u16();
                format!(
                    "- `{}` ({status}):{}",
                    code.as_str(),
                    code.describe_meaning()
                )
            })
            .collect();
        let description = format!(
            "Stable codes of problems, of single fields and of warnings. \
             A program may branch on them.\n\n{}",
            meanings.join("\n")
        );
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .description(Some(description))
            .into()
    }
}

impl ToSchema for ProblemCode {}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where it stands in the body.
    #[schema(example = "customer.email")]
    pub field: String,
    /// What is wrong, for programs.
    pub code: ProblemCode,
    /// What is wrong, for people.
    pub detail: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// An answer that says why a request was not served: `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:posthorn:problem:invalid_body")]
    pub kind: String,
    /// The kind of problem, in a few words.
    #[schema(value_type = String, example = "Invalid body")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: ProblemCode,
    /// All fields that are wrong, not only the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of the kind `code` with what happened this time.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:posthorn:problem:{}", code.as_str()),
            title: code.title(),
            status: code.http_status().as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
        }
    }

    /// A body of which some fields are not as they should be.
    pub fn from_field_errors(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.field.is_empty() => only.detail.clone(),
            [only] => format!("{}: {}", only.field, only.detail),
            several => format!("{} fields are not as they should be", several.len()),
        };
        Self {
            errors,
            ..Self::new(ProblemCode::InvalidBody, detail)
        }
    }

    /// Others keep changing the same thing, longer than we try.
    pub fn busy_resource() -> Self {
        Self::new(
            ProblemCode::Busy,
            "the order is being changed by others, try again in a moment",
        )
    }

    fn extra_header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self.code {
            ProblemCode::Unauthorized => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"posthorn\""),
            )),
            ProblemCode::OrderNotYetKnown => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("60")))
            }
            ProblemCode::Busy | ProblemCode::Unavailable => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("2")))
            }
            _ => None,
        }
    }
}

/// Something that we rely on failed. The cause is logged here and goes no
/// further: its text holds ids at most.
impl From<posthorn_platform::ServiceError> for Problem {
    fn from(error: posthorn_platform::ServiceError) -> Self {
        match error.kind {
            ServiceErrorKind::Throttled | ServiceErrorKind::Contended => {
                warn!(error.kind = %error.kind, "Could not serve a request: {error}");
                Self::busy_resource()
            }
            ServiceErrorKind::Unreachable
            | ServiceErrorKind::Unreadable
            | ServiceErrorKind::Refused => {
                error!(error.kind = %error.kind, "Could not serve a request: {error}");
                Self::new(ProblemCode::Unavailable, "try again in a moment")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.http_status();
        let extra = self.extra_header();
        let mut response = (status, axum::Json(&self)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response.headers_mut().extend(extra);
        response
    }
}
