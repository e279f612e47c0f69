//! What AWS refused, and what to do next.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{error::Error as StdError, fmt};

use crate::store::codec::UnreadableItem;

type BoxError = Box<dyn StdError + Send + Sync>;

/// What to do after an [`ServiceError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAdvice {
    /// Hand the event back: it may pass later.
    Retry,
    /// Read again what is there and decide anew.
    Reload,
    /// It will never pass.
    Never,
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceErrorKind {
    /// Too much at once.
    Throttled,
    /// No answer, or one that says "my fault": the request may have been carried out.
    Unreachable,
    /// Another transaction holds the same item.
    Contended,
    /// What is stored cannot be read.
    Unreadable,
    /// The request is wrong, or not permitted.
    Refused,
}

impl ServiceErrorKind {
    /// What to do about it.
    pub const fn retry_advice(self) -> RetryAdvice {
        match self {
            Self::Throttled | Self::Unreachable => RetryAdvice::Retry,
            Self::Contended => RetryAdvice::Reload,
            Self::Unreadable | Self::Refused => RetryAdvice::Never,
        }
    }

    /// A word for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Contended => "contended",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for ServiceErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that AWS, or what lies in its tables, did not let us do.
///
/// Neither its text nor its `Debug` holds item contents: the SDK's own `Debug`
/// would print whole requests.
pub struct ServiceError {
    /// What kind.
    pub kind: ServiceErrorKind,
    doing: String,
    code: Option<String>,
    source: Option<BoxError>,
}

impl ServiceError {
    /// An error of `kind` while `doing` something, as in "load order acme/1001".
    pub fn new(kind: ServiceErrorKind, doing: impl Into<String>) -> Self {
        Self {
            kind,
            doing: doing.into(),
            code: None,
            source: None,
        }
    }

    /// What is stored cannot be read; `source` must not repeat what it read.
    pub(crate) fn from_unreadable(doing: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(ServiceErrorKind::Unreadable, doing)
        }
    }

    /// Returns the path of the field because of which a stored item cannot be read.
    pub(crate) fn unreadable_field(&self) -> Option<&str> {
        let at = self.source.as_ref()?.downcast_ref::<UnreadableItem>()?;
        Some(&at.0)
    }

    /// What the SDK reports.
    pub(crate) fn from_sdk<E>(doing: impl Into<String>, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let code = error
            .as_service_error()
            .and_then(ProvideErrorMetadata::code)
            .map(ToOwned::to_owned);
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        Self {
            kind: classify_error(&error, code.as_deref(), status),
            doing: doing.into(),
            code,
            source: Some(Box::new(Cause(error))),
        }
    }

    /// What to do about it.
    pub const fn retry_advice(&self) -> RetryAdvice {
        self.kind.retry_advice()
    }

    /// AWS's code for it, if AWS answered.
    pub fn aws_code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

fn classify_error<E>(
    error: &SdkError<E, HttpResponse>,
    code: Option<&str>,
    status: Option<u16>,
) -> ServiceErrorKind {
    match error {
        SdkError::ConstructionFailure(_) => ServiceErrorKind::Refused,
        SdkError::ServiceError(_) => match (code.unwrap_or_default(), status) {
            (
                "ThrottlingException"
                | "Throttling"
                | "ThrottledException"
                | "RequestThrottled"
                | "ProvisionedThroughputExceededException"
                | "RequestLimitExceeded"
                | "TooManyRequestsException",
                _,
            )
            | (_, Some(429)) => ServiceErrorKind::Throttled,
            (
                "TransactionConflictException"
                | "TransactionInProgressException"
                | "TransactionCanceledException",
                _,
            ) => ServiceErrorKind::Contended,
            (_, Some(500..)) => ServiceErrorKind::Unreachable,
            _ => ServiceErrorKind::Refused,
        },
        _ => ServiceErrorKind::Unreachable,
    }
}

/// An SDK error whose `Debug` shows no more than its text: the derived one
/// prints the answer, and with it items.
struct Cause<E>(SdkError<E, HttpResponse>);

impl<E> fmt::Debug for Cause<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<E> fmt::Display for Cause<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<E: StdError + 'static> StdError for Cause<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}: {}", self.doing, self.kind)?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for ServiceError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.source.as_deref()?;
        Some(source)
    }
}
