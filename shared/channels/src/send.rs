//! What a provider made of a message, decided where it is known.

use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{DispatchFailure, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{error::Error, io};

/// The provider has taken a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
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
            message: masked(message),
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
                Self::new(judge(status, code), &format!("{status} {code}: {text}"))
            }
            // A response that cannot be read, and whatever the SDK may add to its enum.
            _ => Self::new(SendErrorKind::Unknown, "the answer could not be read"),
        }
    }
}

/// Which answers mean "not now" whatever their HTTP status: throttling, and
/// faults of the deployment that somebody mends (a missing permission, an
/// unverified domain, a paused account). Nothing was accepted, and a message
/// must not be lost to them.
const TRY_LATER: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccountSuspendedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "KMSThrottlingException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "RequestExpired",
    "RequestLimitExceeded",
    "SendingPausedException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "UnrecognizedClientException",
];

fn judge(status: u16, code: &str) -> SendErrorKind {
    match status {
        _ if TRY_LATER.contains(&code) => SendErrorKind::NotAccepted { retry: true },
        429 => SendErrorKind::NotAccepted { retry: true },
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
fn masked(message: &str) -> String {
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
        let retry = SendErrorKind::NotAccepted { retry: true };
        let refused = SendErrorKind::NotAccepted { retry: false };
        for (status, code, expected) in [
            (400, "MessageRejected", refused),
            (400, "BadRequestException", refused),
            (400, "AccountSuspendedException", retry),
            (403, "AccessDeniedException", retry),
            (404, "NotFoundException", refused),
            (400, "SendingPausedException", retry),
            (400, "LimitExceededException", retry),
            (400, "Throttling", retry),
            (403, "ExpiredTokenException", retry),
            (429, "TooManyRequestsException", retry),
            (503, "SlowDown", retry),
            (408, "RequestTimeout", SendErrorKind::Unknown),
            (500, "InternalError", SendErrorKind::Unknown),
            (502, "", SendErrorKind::Unknown),
            (503, "ServiceUnavailable", SendErrorKind::Unknown),
        ] {
            assert_eq!(judge(status, code), expected, "{status} {code}");
        }
    }
}
