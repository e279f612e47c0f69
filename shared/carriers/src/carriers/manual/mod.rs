//! The carrier that cannot be polled: people and suppliers tell us.

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    profile::{CarrierProfile, PollMode},
};
use bytes::Bytes;
use http::Response;

/// A carrier that we do not know, or that has no API.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    mode: PollMode::Never,
    ..CarrierProfile::with_name("manual", "Manual")
};

impl Carrier for Manual {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        _wanted: &[TrackingQuery],
        _context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        Vec::new()
    }

    fn parse_response(&self, call: &CarrierRequest, _response: &Response<Bytes>) -> ParsedResponse {
        call.same_for_all(&TrackingResult::Failed(CarrierError::unreadable_response(
            "a manual shipment is not polled",
        )))
    }
}
