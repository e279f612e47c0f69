//! Has carriers tell us by themselves, so that they need not be asked so often.
//!
//! A subscription is made and renewed when its shipment is about to be written
//! anyway, and noted with that write: it costs none of its own
//! (docs/adr/0014-pushes-find-parcels-by-number.md).

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{
    Callback, Carrier, CarrierAccess, CarrierClient, CarrierError, TrackingQuery,
    quota::RateLimiter, verify,
};
use posthorn_domain::{
    report::Report, scan::ScanMeaning, subscription, tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config,
    config::ConfigError,
    metric::{self, Metric},
    shipment_recorder::{PollResult, PushSubscription},
    store::poll_targets::PollTarget,
};
use tracing::{info, warn};

use crate::message::query_details;

/// For how long a subscription counts that is made once and does not end: no
/// shipment is followed for a year. A carrier that ends one nevertheless is found
/// out as one that has promised and does not tell.
const ONCE: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Where carriers are to tell us.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    push_url: String,
}

/// What is noted with the shipments of a message.
#[derive(Debug, Default)]
pub(crate) struct ArrangedSubscriptions {
    is_pushed: bool,
    numbers: HashSet<TrackingNumber>,
    until: Option<Timestamp>,
}

impl ArrangedSubscriptions {
    /// What is noted with `parcel`.
    pub(crate) fn subscription_of(&self, shipment: &PollTarget) -> PushSubscription {
        let is_subscribed = self.numbers.contains(&shipment.tracking_number);
        PushSubscription {
            is_pushed: self.is_pushed,
            subscribed_until: self.until.filter(|_| is_subscribed),
            is_hinted: false,
        }
    }
}

impl Subscriptions {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        let push_url = config.require_setting("POSTHORN_PUSH_URL")?;
        Ok(Self {
            push_url: push_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Subscribes to those of `news` that are to be written and whose carrier
    /// has promised nothing, or not for much longer. What the carrier refuses
    /// goes on as before.
    pub(crate) async fn renew_subscriptions(
        &self,
        client: &CarrierClient,
        carrier: &dyn Carrier,
        access: &CarrierAccess,
        toll: &dyn RateLimiter,
        news: &[(&PollTarget, PollResult)],
        now: Timestamp,
    ) -> ArrangedSubscriptions {
        let profile = carrier.carrier_profile();
        if !verify::is_on(profile, access) {
            return ArrangedSubscriptions::default();
        }
        let arranged = ArrangedSubscriptions {
            is_pushed: true,
            ..ArrangedSubscriptions::default()
        };
        let Some(push) = profile.push.filter(|push| push.subscribe_batch.is_some()) else {
            return arranged;
        };
        let lifetime = push
            .lifetime
            .and_then(|lifetime| SignedDuration::try_from(lifetime).ok())
            .unwrap_or(ONCE);
        // Each number once: two orders may name the same.
        let wanted: BTreeMap<&TrackingNumber, TrackingQuery> = news
            .iter()
            .filter(|(shipment, news)| is_worth_it(shipment, news, now))
            .map(|(shipment, _)| {
                let number = &shipment.tracking_number;
                let wanted = TrackingQuery {
                    details: query_details(shipment),
                    ..TrackingQuery::new(number.clone(), shipment.registered_at)
                };
                (number, wanted)
            })
            .collect();
        let wanted: Vec<TrackingQuery> = wanted.into_values().collect();
        if wanted.is_empty() {
            return arranged;
        }
        let url = format!("{}/{}", self.push_url, profile.id);
        let callback = Callback {
            url: &url,
            secret: access.get_field(verify::SECRET),
        };
        let (numbers, failure) = client
            .subscribe_to_push(carrier, &wanted, callback, access, toll, now)
            .await;
        log_subscriptions(carrier, numbers.len(), failure.as_ref());
        ArrangedSubscriptions {
            numbers: numbers.into_iter().collect(),
            until: Some(now + lifetime),
            ..arranged
        }
    }
}

/// Whether there is something to be told of a shipment that no carrier has promised
/// to tell. Of one that its carrier does not know yet nothing can be.
fn is_worth_it(shipment: &PollTarget, news: &PollResult, now: Timestamp) -> bool {
    let is_known = match news {
        PollResult::None | PollResult::Forgotten | PollResult::Disowned(_) => false,
        PollResult::Silence => shipment.response_hash.is_some(),
        PollResult::Told { report, .. } | PollResult::Pushed { report } => !is_over(report),
    };
    is_known
        && !shipment.reason.to_status().is_final()
        && !subscription::is_reliable(shipment.subscribed_until, now)
}

fn is_over(report: &Report) -> bool {
    let is_end =
        |meaning| matches!(meaning, ScanMeaning::Status(reason) if reason.to_status().is_final());
    report.scans.iter().any(|scan| is_end(scan.meaning))
        || report
            .reported_status
            .is_some_and(|reason| reason.to_status().is_final())
}

fn log_subscriptions(carrier: &dyn Carrier, n_subscribed: usize, failure: Option<&CarrierError>) {
    let (id, name) = (carrier.id(), carrier.carrier_profile().name);
    if n_subscribed > 0 {
        info!(carrier = %id, n_shipments = n_subscribed, "{name} will tell of {n_subscribed} shipments by itself");
    }
    if let Some(failure) = failure {
        let kind = failure.kind.as_str();
        metric::emit_metric(Metric::CarrierFailed { carrier: &id, kind });
        warn!(carrier = %id, error.kind = kind, error = %failure, "{name} takes no subscription: {failure}");
    }
}
