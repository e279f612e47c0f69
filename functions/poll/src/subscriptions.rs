//! Has carriers tell us by themselves, so that they need not be asked so often.
//!
//! A subscription is made and renewed when its parcel is about to be written
//! anyway, and noted with that write: it costs none of its own
//! (docs/adr/0014-pushes-find-parcels-by-number.md).

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{Access, Callback, Carrier, Client, Failure, Wanted, quota::Toll, verify};
use posthorn_domain::{
    report::Report, scan::Meaning, subscription, tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config,
    config::ConfigError,
    metric::{self, Metric},
    record::{Arrangement, News},
    store::due::DueParcel,
};
use tracing::{info, warn};

/// Where carriers are to tell us.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    push_url: String,
}

/// What is noted with the parcels of a message.
#[derive(Debug, Default)]
pub(crate) struct Arranged {
    is_pushed: bool,
    numbers: HashSet<TrackingNumber>,
    until: Option<Timestamp>,
}

impl Arranged {
    /// What is noted with `parcel`.
    pub(crate) fn of(&self, parcel: &DueParcel) -> Arrangement {
        let is_subscribed = self.numbers.contains(&parcel.tracking_number);
        Arrangement {
            is_pushed: self.is_pushed,
            subscribed_until: self.until.filter(|_| is_subscribed),
        }
    }
}

impl Subscriptions {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        let push_url = config.required("POSTHORN_PUSH_URL")?;
        Ok(Self {
            push_url: push_url.trim_end_matches('/').to_owned(),
        })
    }

    /// Subscribes to those of `news` that are to be written and whose carrier
    /// has promised nothing, or not for much longer. What the carrier refuses
    /// goes on as before.
    pub(crate) async fn renew(
        &self,
        client: &Client,
        carrier: &dyn Carrier,
        access: &Access,
        toll: &dyn Toll,
        news: &[(&DueParcel, News)],
        now: Timestamp,
    ) -> Arranged {
        let profile = carrier.profile();
        if !verify::is_on(profile, access) {
            return Arranged::default();
        }
        let arranged = Arranged {
            is_pushed: true,
            ..Arranged::default()
        };
        let Some(lifetime) = profile
            .push
            .and_then(|push| push.lifetime)
            .and_then(|lifetime| SignedDuration::try_from(lifetime).ok())
        else {
            return arranged;
        };
        // Each number once: two orders may name the same.
        let wanted: BTreeMap<&TrackingNumber, Wanted> = news
            .iter()
            .filter(|(parcel, news)| is_worth_it(parcel, news, now))
            .map(|(parcel, _)| {
                let number = &parcel.tracking_number;
                (number, Wanted::new(number.clone(), parcel.registered_at))
            })
            .collect();
        let wanted: Vec<Wanted> = wanted.into_values().collect();
        if wanted.is_empty() {
            return arranged;
        }
        let url = format!("{}/{}", self.push_url, profile.id);
        let callback = Callback {
            url: &url,
            secret: access.get(verify::SECRET),
        };
        let (numbers, failure) = client
            .subscribe(carrier, &wanted, callback, access, toll, now)
            .await;
        report(carrier, numbers.len(), failure.as_ref());
        Arranged {
            numbers: numbers.into_iter().collect(),
            until: Some(now + lifetime),
            ..arranged
        }
    }
}

/// Whether there is something to be told of a parcel that nobody has promised
/// to tell. Of one that its carrier does not know yet nothing can be.
fn is_worth_it(parcel: &DueParcel, news: &News, now: Timestamp) -> bool {
    let is_known = match news {
        News::None | News::Forgotten | News::Disowned(_) => false,
        News::Silence => parcel.answer.is_some(),
        News::Told { report, .. } | News::Pushed { report } => !is_over(report),
    };
    is_known
        && !parcel.reason.status().is_final()
        && !subscription::holds(parcel.subscribed_until, now)
}

fn is_over(report: &Report) -> bool {
    let is_end = |meaning| matches!(meaning, Meaning::Status(reason) if reason.status().is_final());
    report.scans.iter().any(|scan| is_end(scan.meaning))
        || report
            .stated
            .is_some_and(|reason| reason.status().is_final())
}

fn report(carrier: &dyn Carrier, n_subscribed: usize, failure: Option<&Failure>) {
    let (id, name) = (carrier.id(), carrier.profile().name);
    if n_subscribed > 0 {
        info!(carrier = %id, n_parcels = n_subscribed, "{name} will tell of {n_subscribed} parcels by itself");
    }
    if let Some(failure) = failure {
        let kind = failure.kind.as_str();
        metric::emit(Metric::CarrierFailed { carrier: &id, kind });
        warn!(carrier = %id, error.kind = kind, error = %failure, "{name} takes no subscription: {failure}");
    }
}
