//! What a shop may have carried by whom, and who is asked.

use crate::{
    carrier::{self, SANDBOX},
    field::Issue,
    problem::ProblemCode,
};
use posthorn_carriers::{Clues, recognise::sight};
use posthorn_domain::{contact::Contact, id::CarrierId, policy, settings::Settings};
use std::str::FromStr;
use tracing::warn;

/// The carriers of which the installation has credentials. None if the
/// installation does not list them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InUse(Vec<CarrierId>);

impl FromStr for InUse {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
        let known = |id| {
            let id = CarrierId::parse(id).ok();
            id.filter(carrier::can_be_asked).ok_or(())
        };
        ids.map(known).collect::<Result<_, ()>>().map(Self)
    }
}

/// What a shop may have carried by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    in_use: &'a InUse,
    settings: &'a Settings,
    /// Where the shipments of the order go, if that is known.
    country: Option<&'a str>,
    /// Whether it is a test order, which the sandbox may carry.
    pub(crate) is_test: bool,
}

impl<'a> Rules<'a> {
    /// The rules for an order of a shop with these settings, in an installation
    /// that has credentials of these carriers.
    pub(crate) const fn new(in_use: &'a InUse, settings: &'a Settings, is_test: bool) -> Self {
        Self {
            in_use,
            settings,
            country: None,
            is_test,
        }
    }

    /// The same for an order whose shipments go to `country`.
    pub(crate) const fn with_destination<'b>(self, country: Option<&'b str>) -> Rules<'b>
    where
        'a: 'b,
    {
        Rules { country, ..self }
    }

    /// What the order and the shop tell of any of its shipments.
    pub(crate) fn to_clues(self) -> Clues<'a> {
        Clues {
            country: self.country,
            shop_country: Some(&self.settings.country),
            ..Clues::default()
        }
    }

    /// In which zone this customer's days begin.
    pub(crate) fn time_zone(self, contact: &Contact) -> Option<String> {
        let zone = policy::time_zone(contact, self.settings);
        zone.iana_name().map(str::to_owned)
    }

    /// Whether a shipment of `carrier` can be followed without reports by hand.
    pub(crate) fn allows_carrier(self, carrier: &str) -> bool {
        self.settings.aggregator.is_some() && sight::carrier_name(carrier).is_some()
    }

    /// A carrier that a shop named.
    pub(crate) fn carrier_reader(self) -> impl Fn(&str) -> Result<CarrierId, Issue> {
        move |text| {
            CarrierId::parse(text)
                .ok()
                .filter(|id| {
                    posthorn_carriers::profile_of(id).is_some() || self.allows_carrier(id.as_str())
                })
                .ok_or_else(|| {
                    Issue::new(
                        ProblemCode::UnknownCarrier,
                        "is none of the carriers that we know",
                    )
                    .with_expected(carrier::supported_carriers())
                })
        }
    }

    /// Whether the installation lists the carriers that it has credentials of.
    pub(crate) const fn are_in_use_known(self) -> bool {
        !self.in_use.0.is_empty()
    }

    /// Whether there are no credentials of `carrier`, as far as is known.
    pub(crate) fn lacks_credentials(self, carrier: &CarrierId) -> bool {
        self.are_in_use_known() && !self.in_use.0.contains(carrier)
    }

    /// Whether the installation says that it has credentials of `carrier`.
    pub(crate) fn has_credentials(self, carrier: &CarrierId) -> bool {
        self.in_use.0.contains(carrier)
    }

    /// Those who can be asked after a shipment of `carrier`: itself first, then
    /// others that know of its shipments.
    pub(crate) fn services_for(self, carrier: &'static str) -> Vec<&'static str> {
        let others = posthorn_carriers::PROFILES
            .iter()
            .filter(|profile| profile.serves.contains(&carrier))
            .map(|profile| profile.id);
        std::iter::once(carrier)
            .chain(others)
            .filter(|id| CarrierId::parse(id).is_ok_and(|id| self.can_poll(&id)))
            .collect()
    }

    fn can_poll(self, carrier: &CarrierId) -> bool {
        self.in_use.0.contains(carrier) || self.in_place_of(carrier).is_some()
    }

    /// The aggregator that is asked in the place of `carrier` because the shop
    /// has said so of it.
    pub(crate) fn in_place_of(self, carrier: &CarrierId) -> Option<CarrierId> {
        let named = self.settings.aggregators.get(carrier.as_str())?;
        aggregator(named)
            .filter(|id| id != carrier && posthorn_carriers::profile_of(carrier).is_some())
    }

    /// The aggregator that is asked after all whom we cannot ask.
    pub(crate) fn default_aggregator(self) -> Option<CarrierId> {
        aggregator(self.settings.aggregator.as_ref()?)
    }
}

fn aggregator(named: &str) -> Option<CarrierId> {
    let aggregator = CarrierId::parse(named)
        .ok()
        .filter(|id| id.as_str() != SANDBOX && carrier::can_be_asked(id));
    if aggregator.is_none() {
        warn!("A shop's settings name {named:?} as aggregator, who cannot be asked");
    }
    aggregator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carriers_in_use_are_a_list_of_ids() {
        let ids = |text: &str| -> Option<Vec<String>> {
            let read = text.parse::<InUse>().ok()?;
            Some(read.0.iter().map(ToString::to_string).collect())
        };
        assert_eq!(ids(""), Some(Vec::new()));
        assert_eq!(
            ids("ups, dhl_unified,17track"),
            Some(vec![
                "ups".to_owned(),
                "dhl_unified".to_owned(),
                "17track".to_owned()
            ])
        );
        for invalid in ["UPS", "upz", "ups;fedex", "manual"] {
            assert_eq!(ids(invalid), None, "{invalid}");
        }
    }
}
