//! What a provider made of a message, decided where it is known.

use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{DispatchFailure, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{error::Error, io};

/// The provider has taken a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendReceipt {
    /// The provider's id of it.
    pub provider_id: String,
}

/// Whether a message that could not be handed over may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendErrorKind {
    /// It was certainly not accepted.
    NotAccepted {
        /// Whether the same message may be accepted later.
        retry: bool,
    },
    /// It was certainly not accepted, for it was too much at once.
    Throttled,
    /// It was certainly not accepted: the recipient has asked for no more.
    OptedOut,
    /// It may have been accepted and only the answer is missing: never send it
    /// again at once.
    Unknown,
}

/// Why a message could not be handed over; its text holds no address, and it
/// has no source, since the SDK's own errors repeat addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// What may be done next.
    pub kind: SendErrorKind,
    message: String,
}

impl SendError {
    /// An error of `kind`; addresses and telephone numbers in `message` are masked.
    pub fn new(kind: SendErrorKind, message: &str) -> Self {
        Self {
            kind,
            message: mask_addresses(message),
        }
    }

    /// The call succeeded, but its answer does not say under which id.
    pub(crate) fn without_id() -> Self {
        Self::new(SendErrorKind::Unknown, "the answer holds no message id")
    }

    /// Judges what the SDK says; retries must be off, or this is not the first try.
    pub(crate) fn from_sdk<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        const NOT_SENT: SendErrorKind = SendErrorKind::NotAccepted { retry: true };
        match error {
            SdkError::ConstructionFailure(_) => Self::new(
                SendErrorKind::NotAccepted { retry: false },
                "the request could not be built",
            ),
            SdkError::DispatchFailure(failure) if was_never_connected(failure) => {
                Self::new(NOT_SENT, "no connection to the provider")
            }
            SdkError::DispatchFailure(_) => Self::new(
                SendErrorKind::Unknown,
                "the connection broke before the answer",
            ),
            SdkError::TimeoutError(_) => {
                Self::new(SendErrorKind::Unknown, "no answer within the time allowed")
            }
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let code = service.err().code().unwrap_or("an error without a code");
                let text = service.err().message().unwrap_or_default();
                Self::new(
                    classify_failure(status, code, text),
                    &format!("{status} {code}: {text}"),
                )
            }
            // A response that cannot be read, and whatever the SDK may add to its enum.
            _ => Self::new(SendErrorKind::Unknown, "the answer could not be read"),
        }
    }
}

/// Which answers mean "not now" whatever their HTTP status: faults of the
/// deployment that the operator mends (a missing permission, an unverified domain, a
/// paused account), and what is used up for the day. Nothing was accepted, and a
/// message must not be lost to them.
const TRY_LATER: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccountSuspendedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ConfigurationSetDoesNotExist",
    "ConfigurationSetDoesNotExistException",
    "ConfigurationSetSendingPausedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "LimitExceededException",
    "MailFromDomainNotVerified",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",
    "RequestExpired",
    "SendingPausedException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Which answers mean "too fast".
const TOO_FAST: &[&str] = &[
    "KMSThrottlingException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Parts of texts that stand with codes that say nothing: SES answers
/// `MessageRejected` for a virus and for a sender that is not yet verified, or that
/// lies in the sandbox, alike; SNS `InvalidParameter` for a number that is none and
/// for one that is not yet verified.
const MENDED_BY_THE_SHOP: &[&str] = &[
    "not verified",
    "not authorized",
    "sandbox",
    "paused",
    "spend limit",
];

fn classify_failure(status: u16, code: &str, text: &str) -> SendErrorKind {
    let later = SendErrorKind::NotAccepted { retry: true };
    let text = text.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match status {
        // Nothing is known of what went wrong behind the door, whatever it says.
        500.. if !TOO_FAST.contains(&code) => SendErrorKind::Unknown,
        _ if code.contains("OptedOut") || says(&["opted out"]) => SendErrorKind::OptedOut,
        _ if TRY_LATER.contains(&code) || says(MENDED_BY_THE_SHOP) => later,
        // The day's quota, which comes back a little at a time.
        _ if TOO_FAST.contains(&code) && says(&["daily", "quota"]) => later,
        _ if TOO_FAST.contains(&code) => SendErrorKind::Throttled,
        429 => SendErrorKind::Throttled,
        // 408 comes from something in between, which does not know.
        408 => SendErrorKind::Unknown,
        400..=499 => SendErrorKind::NotAccepted { retry: false },
        _ => SendErrorKind::Unknown,
    }
}

/// Whether the request certainly never left: the connection could not be made.
fn was_never_connected(failure: &DispatchFailure) -> bool {
    let connector = failure.as_connector_error();
    let mut cause = connector.and_then(Error::source);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return error.is_connect();
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() == io::ErrorKind::ConnectionRefused;
        }
        cause = error.source();
    }
    false
}

/// Replaces what looks like an address or a telephone number, and caps the length.
fn mask_addresses(message: &str) -> String {
    let is_private =
        |word: &str| word.contains('@') || word.chars().filter(char::is_ascii_digit).count() >= 6;
    let words: Vec<&str> = message
        .split_whitespace()
        .map(|word| if is_private(word) { "***" } else { word })
        .collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_no_address() {
        let error = SendError::new(
            SendErrorKind::NotAccepted { retry: false },
            "400 MessageRejected: not verified in EU-WEST-1: Ann <ann@example.com>, +14155550123",
        );
        assert_eq!(
            error.to_string(),
            "400 MessageRejected: not verified in EU-WEST-1: Ann *** ***"
        );
    }

    #[test]
    fn only_an_answer_that_refuses_is_a_refusal() {
        let later = SendErrorKind::NotAccepted { retry: true };
        let refused = SendErrorKind::NotAccepted { retry: false };
        let (throttled, unknown) = (SendErrorKind::Throttled, SendErrorKind::Unknown);
        for (status, code, text, expected) in [
            (400, "MessageRejected", "Illegal content", refused),
            (
                400,
                "MessageRejected",
                "Email address is not verified. The following identities failed the check",
                later,
            ),
            (400, "BadRequestException", "", refused),
            (400, "AccountSuspendedException", "", later),
            (403, "AccessDeniedException", "", later),
            (
                404,
                "NotFoundException",
                "Configuration set <x> does not exist.",
                later,
            ),
            (400, "SendingPausedException", "", later),
            (400, "MailFromDomainNotVerifiedException", "", later),
            (400, "LimitExceededException", "", later),
            (
                400,
                "Throttling",
                "Maximum sending rate exceeded.",
                throttled,
            ),
            (400, "Throttling", "Daily message quota exceeded.", later),
            (403, "ExpiredTokenException", "", later),
            (429, "TooManyRequestsException", "", throttled),
            (503, "SlowDown", "", throttled),
            (408, "RequestTimeout", "", unknown),
            (500, "InternalError", "", unknown),
            (500, "InternalError", "*** is opted out", unknown),
            (502, "", "", unknown),
            (503, "ServiceUnavailable", "", unknown),
            (
                400,
                "InvalidParameter",
                "Invalid parameter: PhoneNumber",
                refused,
            ),
            (400, "OptedOut", "", SendErrorKind::OptedOut),
            (
                400,
                "InvalidParameter",
                "Invalid parameter: Phone number is opted out",
                SendErrorKind::OptedOut,
            ),
        ] {
            assert_eq!(
                classify_failure(status, code, text),
                expected,
                "{status} {code}: {text}"
            );
        }
    }
}
