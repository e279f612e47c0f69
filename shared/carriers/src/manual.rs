//! The carrier that nobody can ask: people and suppliers tell us.

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted},
    outcome::{Failure, Outcome},
    profile::{Mode, Profile},
};
use bytes::Bytes;
use http::Response;

/// A carrier that we do not know, or that has no API.
#[derive(Debug, Clone, Copy)]
pub struct Manual;

pub(crate) const PROFILE: Profile = Profile {
    mode: Mode::Never,
    ..Profile::named("manual", "Manual")
};

impl Carrier for Manual {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, _wanted: &[Wanted], _context: &Context<'_>) -> Vec<Call> {
        Vec::new()
    }

    fn parse(&self, call: &Call, _response: &Response<Bytes>) -> Answer {
        call.all(&Outcome::Failed(Failure::unreadable(
            "nobody is asked about a manual parcel",
        )))
    }
}
