//! What a refusal says in words, where its HTTP status and code say less.
//!
//! Gateways answer 400 for a token that has run out, and 400 or 403 for a failure of
//! their own after which one is to "try again later".

use crate::outcome::CarrierErrorKind;
use http::{Response, StatusCode};

/// How much of a body is looked at: a refusal is short.
const LONGEST: usize = 4096;

/// What opens or proves a session.
const PROOFS: [&str; 6] = ["jwt", "token", "bearer", "api key", "apikey", "api-key"];

/// What is said of one that does not hold.
const FAILINGS: [&str; 12] = [
    "invalid",
    "expired",
    "not valid",
    "no longer valid",
    "malformed",
    "missing",
    "revoked",
    "incorrect",
    "could not be verified",
    "not authorized",
    "unauthorized",
    "unauthorised",
];

/// What is said of a failure that passes.
const PASSING: [&str; 22] = [
    "try again later",
    "try again in a ",
    "try again after",
    "try again soon",
    "try later",
    "retry later",
    "later time",
    "temporarily unavailable",
    "temporarily not available",
    "temporary error",
    "temporary failure",
    "currently unavailable",
    "currently not available",
    "not currently available",
    "service unavailable",
    "service is unavailable",
    "system is unavailable",
    // "Later" in the languages of our carriers.
    "позже",
    "временно недоступ",
    "稍后",
    "ultérieurement",
    "später erneut",
];

/// The same, or else what `status` says; a mere refusal if neither does.
pub(crate) fn kind_or(message: &str, status: Option<CarrierErrorKind>) -> CarrierErrorKind {
    error_kind_of(message)
        .or(status)
        .unwrap_or(CarrierErrorKind::Rejected)
}

/// What the message of a refusal says of why; none if it says nothing of it.
pub(crate) fn error_kind_of(message: &str) -> Option<CarrierErrorKind> {
    let message = message.to_lowercase();
    if is_of_token(&message) {
        Some(CarrierErrorKind::Unauthorized)
    } else if says(&message, &PASSING) {
        Some(CarrierErrorKind::Unavailable)
    } else {
        None
    }
}

/// The same of a whole answer that refuses.
pub(crate) fn kind_of(status: StatusCode, body: &[u8]) -> Option<CarrierErrorKind> {
    let is_refusal = status.is_client_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS
        );
    let message = || String::from_utf8_lossy(&body[..body.len().min(LONGEST)]);
    is_refusal.then(|| error_kind_of(&message())).flatten()
}

/// Whether an answer says that the session has ended: by its status, or in words.
pub(crate) fn is_session_over<B: AsRef<[u8]>>(response: &Response<B>) -> bool {
    let status = response.status();
    status == StatusCode::UNAUTHORIZED
        || kind_of(status, response.body().as_ref()) == Some(CarrierErrorKind::Unauthorized)
}

/// Whether one sentence, or one value, speaks of a token and of what fails it. A
/// code does so as well, as `invalid_token` or `TOKEN.EXPIRED.ERROR`.
fn is_of_token(message: &str) -> bool {
    let ends =
        |character: char| matches!(character, '"' | '<' | '>' | ';' | '!' | '\n' | '{' | '}');
    message
        .split(ends)
        .flat_map(|part| part.split(". "))
        .any(|sentence| says(sentence, &PROOFS) && says(sentence, &FAILINGS))
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_does_not_hold_is_told_by_its_sentence() {
        for message in [
            "The given JWT is invalid. Please modify your request and try again.",
            "Access token expired. Please modify your request and try again.",
            r#"{"error":"invalid_token","error_description":"Token was not recognised"}"#,
            r#"{"errors":[{"code":"TOKEN.EXPIRED.ERROR","message":""}]}"#,
            "<message>Invalid API key</message>",
            "The bearer is missing in the request",
        ] {
            assert_eq!(
                error_kind_of(message),
                Some(CarrierErrorKind::Unauthorized),
                "{message}"
            );
        }
    }

    #[test]
    fn what_passes_is_told_by_being_worth_another_try() {
        for message in [
            "We are unable to process this request. Please try again later.",
            "FedEx service is not currently available. Please try again later.",
            "The service is currently unavailable. Please check back at a later time.",
        ] {
            assert_eq!(
                error_kind_of(message),
                Some(CarrierErrorKind::Unavailable),
                "{message}"
            );
        }
    }

    #[test]
    fn other_refusals_stay_what_they_are() {
        for message in [
            "Tracking number is invalid. Please modify your request and try again.",
            "Invalid field value in the input.",
            "The token is valid. The tracking number is invalid.",
            r#"{"message":"invalid number","token":"abc"}"#,
            "",
        ] {
            assert_eq!(error_kind_of(message), None, "{message}");
        }
    }

    #[test]
    fn only_a_refusal_is_read_for_its_words() {
        let said = b"JWT is invalid";
        for (status, expected) in [
            (400, Some(CarrierErrorKind::Unauthorized)),
            (403, Some(CarrierErrorKind::Unauthorized)),
            (404, None),
            (429, None),
            (200, None),
            (500, None),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(kind_of(status, said), expected, "{status}");
        }
    }
}
