//! What Apigee, the gateway in front of the APIs of several carriers, answers
//! before it has asked the carrier.

use crate::wire::{deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

/// `fault` of an answer; empty if the carrier itself answered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayFault<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    detail: GatewayDetail<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GatewayDetail<'a> {
    #[serde(borrow, rename = "errorcode", deserialize_with = "deserialize_text")]
    code: Cow<'a, str>,
}

impl GatewayFault<'_> {
    /// Whether too much was asked, at once or in all.
    pub(crate) fn is_limit(&self) -> bool {
        self.detail.code.starts_with("policies.ratelimit.")
    }

    /// Whether a quota, as of a day, is used up.
    pub(crate) fn is_quota(&self) -> bool {
        self.detail.code == "policies.ratelimit.QuotaViolation"
    }
}
