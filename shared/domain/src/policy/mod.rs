//! Whether a fact is worth a message, and whether now.

mod caps;
mod coverage;
mod hours;
mod occasions;
mod overtaken;
mod silent;
mod succession;
mod unasked;
mod usefulness;
mod weight;
mod zones;

pub use caps::is_urgent;
pub use succession::is_pointless_after;
pub use weight::of as weight;

pub use silent::{is_silent, is_silent_stage, is_silent_status};

use crate::{
    contact::Contact,
    fact::Fact,
    id::OrderKey,
    moment::{Channel, Moment},
    notice::{Basis, Deferral, Draft, Notice, NoticeId, NoticeState, Occasion, Suppression},
    order::Order,
    settings::Settings,
    shipment::Shipment,
};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt;

use self::succession::Place;

/// What is known about an order when a message about it is decided on.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The order as it stands now, which may be later than the fact.
    pub order: &'a Order,
    /// Its parcels as they stand now.
    pub shipments: &'a [Shipment],
    /// Whom to tell.
    pub contact: &'a Contact,
    /// What the shop decided.
    pub settings: &'a Settings,
    /// The ledger of this order: what was sent, deferred or suppressed so far.
    pub ledger: &'a [Notice],
}

/// A message to be decided on. `Debug` shows the address masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: NoticeId,
    /// About what.
    pub occasion: Occasion,
    /// By which channel.
    pub channel: Channel,
    /// To whom: the address itself; empty if there is none that can be used.
    pub recipient: String,
    /// The same, masked.
    pub masked: String,
    /// After this it is of no use.
    pub useful_until: Timestamp,
    /// Not before this, if it lies ahead (a review request).
    pub not_before: Option<Timestamp>,
    /// What it says, as far as others have to know it.
    pub basis: Basis,
    /// The weightier messages about the same change, on the same channel: if one
    /// of them is told, this is not.
    pub weightier: Vec<Proposal>,
}

impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposal")
            .field("id", &self.id)
            .field("occasion", &self.occasion)
            .field("channel", &self.channel)
            .field("recipient", &self.masked)
            .field("useful_until", &self.useful_until)
            .field("not_before", &self.not_before)
            .field("basis", &self.basis)
            .field("weightier", &self.weightier)
            .finish()
    }
}

/// What to do with a proposal now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Send,
    /// Ask again then.
    Defer {
        /// When.
        until: Timestamp,
        /// Why not now.
        reason: Deferral,
    },
    /// Do not send it.
    Suppress(Suppression),
}

/// The messages that `fact` calls for: one per moment and channel for which
/// there is an address and which the moment is meant for, by default or by the
/// shop's wish. That the shop has switched a channel off is for [`decide`] to say.
pub fn propose(fact: &Fact, view: &View<'_>, _now: Timestamp) -> Vec<Proposal> {
    let beside: Vec<Proposal> = occasions::beside(fact, view)
        .iter()
        .flat_map(|told| on_each_channel(told, fact, view))
        .collect();
    let mut proposals: Vec<Proposal> = occasions::of(fact, view)
        .iter()
        .flat_map(|told| on_each_channel(told, fact, view))
        .collect();
    for proposal in &mut proposals {
        let is_weightier = |other: &&Proposal| {
            other.channel == proposal.channel
                && !is_of_another_day(proposal.occasion.moment, proposal.not_before)
                && weight(other.occasion.moment) > weight(proposal.occasion.moment)
        };
        proposal.weightier = beside.iter().filter(is_weightier).cloned().collect();
    }
    proposals
}

/// Whether a message is about a day that lies ahead, and not about what happens now.
const fn is_of_another_day(moment: Moment, not_before: Option<Timestamp>) -> bool {
    matches!(moment, Moment::ReviewRequest)
        || (matches!(moment, Moment::EtaMissed) && not_before.is_some())
}

fn on_each_channel(told: &occasions::Told, fact: &Fact, view: &View<'_>) -> Vec<Proposal> {
    let occasion = &told.occasion;
    let basis = coverage::basis(occasion, fact.at, fact.item_version, view);
    Channel::ALL
        .iter()
        .filter(|channel| is_meant_for(occasion.moment, **channel, view.settings))
        .filter_map(|channel| {
            let mut proposal = proposal(occasion.clone(), *channel, told.useful_until, view)?;
            proposal.not_before = told.not_before;
            proposal.basis = basis.clone();
            Some(proposal)
        })
        .collect()
}

/// The proposal of a notice in the ledger that is due again, to the address that
/// the customer has now: if that was corrected, it is another notice. None if they
/// have none any more.
pub fn revisit(notice: &Notice, view: &View<'_>) -> Option<Proposal> {
    let not_before = match (&notice.state, notice.occasion.moment) {
        (NoticeState::Deferred { until, .. }, Moment::ReviewRequest | Moment::EtaMissed) => {
            Some(*until)
        }
        _ => None,
    };
    let Basis { at, version, .. } = notice.basis;
    let basis = coverage::basis(&notice.occasion, at, version, view);
    let occasion = notice.occasion.clone();
    proposal(occasion, notice.channel, notice.useful_until, view).map(|proposal| Proposal {
        not_before,
        basis,
        ..proposal
    })
}

/// What to do with `proposal`; `is_suppressed` says whether the address is on
/// the suppression list.
pub fn decide(
    proposal: &Proposal,
    view: &View<'_>,
    is_suppressed: bool,
    now: Timestamp,
) -> Decision {
    let moment = proposal.occasion.moment;
    if !view.settings.channels(moment).contains(&proposal.channel) {
        return Decision::Suppress(Suppression::SwitchedOff);
    }
    if proposal.recipient.is_empty() {
        return Decision::Suppress(Suppression::NoUsableAddress);
    }
    let has_consent = match proposal.channel {
        Channel::Email => view.contact.consent.email,
        Channel::Sms => view.contact.consent.sms,
    };
    if !has_consent {
        return Decision::Suppress(Suppression::NoConsent);
    }
    let phone = view.contact.phone.as_ref();
    if proposal.channel == Channel::Sms && phone.is_some_and(|phone| !phone.takes_texts()) {
        return Decision::Suppress(Suppression::TakesNoTexts);
    }
    if is_suppressed {
        return Decision::Suppress(Suppression::AddressSuppressed);
    }
    if overtaken::is_overtaken(proposal, view) {
        return Decision::Suppress(Suppression::Overtaken);
    }
    let place = succession::place(proposal, view, now);
    if let Place::Pointless(reason) = place {
        return Decision::Suppress(reason);
    }
    if now > proposal.useful_until {
        return Decision::Suppress(Suppression::TooLate);
    }
    let is_told = |other: &Proposal| is_told(other, view, is_suppressed, now);
    if proposal.weightier.iter().any(is_told) {
        return Decision::Suppress(Suppression::Merged);
    }
    let free_at = caps::free_at(proposal, view.ledger, view.settings.caps, now);
    if free_at.is_some_and(|free_at| free_at > proposal.useful_until) {
        return Decision::Suppress(Suppression::Cap);
    }
    let ahead = match moment {
        Moment::ReviewRequest => Deferral::ReviewDate,
        Moment::EtaMissed => Deferral::ExpectedDay,
        _ => Deferral::TrackingNumber,
    };
    let (earliest, reason) = [
        (proposal.not_before, ahead),
        (free_at, Deferral::Cap),
        (place.earliest(), Deferral::Spacing),
    ]
    .into_iter()
    .filter_map(|(at, reason)| Some((at.filter(|at| *at > now)?, Some(reason))))
    .max_by_key(|(at, _)| *at)
    .unwrap_or((now, None));
    let at = decent(earliest, proposal.channel, view);
    let reason = if at > earliest {
        Some(Deferral::QuietHours)
    } else {
        reason
    };
    match reason {
        _ if at > proposal.useful_until => Decision::Suppress(Suppression::TooLate),
        Some(reason) => Decision::Defer { until: at, reason },
        None => Decision::Send,
    }
}

/// Whether the customer was told of `other`, or will be.
fn is_told(other: &Proposal, view: &View<'_>, is_suppressed: bool, now: Timestamp) -> bool {
    let known = view.ledger.iter().find(|notice| notice.id == other.id);
    match known {
        Some(notice) => notice.told_at().is_some() || notice.is_open(),
        None => !matches!(
            decide(other, view, is_suppressed, now),
            Decision::Suppress(_)
        ),
    }
}

/// The recipient's zone: what a message says of today and tomorrow is so there.
/// Where the address leaves several, the one in which most people live.
pub fn time_zone(contact: &Contact, settings: &Settings) -> TimeZone {
    zones::clocks(contact, settings).likeliest()
}

/// The first decent time from `at` on: a text makes a noise, a mail does not.
fn decent(at: Timestamp, channel: Channel, view: &View<'_>) -> Timestamp {
    let (Channel::Sms, Some(quiet)) = (channel, view.settings.quiet_hours) else {
        return at;
    };
    let clocks = zones::clocks(view.contact, view.settings);
    hours::decent_from(at, quiet, clocks.all())
}

fn is_meant_for(moment: Moment, channel: Channel, settings: &Settings) -> bool {
    settings.channels(moment).contains(&channel)
        || crate::settings::default_channels(moment).contains(&channel)
}

fn proposal(
    occasion: Occasion,
    channel: Channel,
    useful_until: Timestamp,
    view: &View<'_>,
) -> Option<Proposal> {
    let address = match channel {
        Channel::Email => {
            let email = view.contact.email.as_ref();
            email.map(|email| (email.as_str().to_owned(), email.masked()))
        }
        Channel::Sms => {
            let phone = view.contact.phone.as_ref();
            phone.map(|phone| (phone.as_str().to_owned(), phone.masked()))
        }
    };
    // An address that was given and cannot be used is a reason that the ledger keeps.
    let is_unusable = view.contact.unusable.contains(&channel);
    let (recipient, masked) = address.or_else(|| is_unusable.then(Default::default))?;
    Some(Proposal {
        id: NoticeId::derive(
            &view.order.key,
            view.order.created_at,
            &occasion,
            channel,
            &recipient,
        ),
        occasion,
        channel,
        recipient,
        masked,
        useful_until,
        not_before: None,
        basis: Basis::default(),
        weightier: Vec::new(),
    })
}

impl Proposal {
    /// What the ledger keeps of it; `fact` is the id of the fact that caused it.
    pub fn draft(&self, order: &OrderKey, fact: &str) -> Draft {
        Draft {
            id: self.id.clone(),
            order: order.clone(),
            occasion: self.occasion.clone(),
            channel: self.channel,
            recipient: self.masked.clone(),
            fact: fact.to_owned(),
            basis: self.basis.clone(),
            useful_until: self.useful_until,
        }
    }
}
