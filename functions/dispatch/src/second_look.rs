//! The look at the ledger between the claim and the call of the provider.

use std::time::Duration;

use jiff::Timestamp;
use posthorn_domain::{
    id::OrderKey,
    notice::{Deferral, Notice, NoticeState},
    policy::{self, Decision, View},
};
use posthorn_platform::{Error, store::notices::NoticeStore};
use tokio::time::sleep;

use crate::{outcome::Outcome, pursuit::Pursuit};

/// A call of a provider takes a fraction of a second: so long another worker that
/// is about to send is waited for, before the message waits for the next minute.
const PAUSES: [Duration; 4] = [Duration::from_millis(250); 4];

/// The order's messages, once no other worker is about to send one, or after a
/// second.
pub(crate) async fn settled_ledger(
    notices: &NoticeStore,
    order: &OrderKey,
    now: Timestamp,
) -> Result<Vec<Notice>, Error> {
    let mut ledger = notices.ledger(order).await?;
    for pause in PAUSES {
        let is_being_sent = |notice: &Notice| matches!(notice.state, NoticeState::Claimed { lease_until, .. } if lease_until > now);
        if !ledger.iter().any(is_being_sent) {
            break;
        }
        sleep(pause).await;
        ledger = notices.ledger(order).await?;
    }
    Ok(ledger)
}

impl Pursuit<'_> {
    /// Judges a claimed notice once more, against all that others have claimed by
    /// now: of two messages of an order that workers are about to send at once,
    /// whichever was claimed later is judged with the other in sight
    /// (docs/adr/0026-one-order-one-voice.md). None if it is to be sent.
    pub(crate) async fn give_way(&self, claimed: &Notice) -> anyhow::Result<Option<Outcome>> {
        let mut decision = self.look().await;
        for pause in PAUSES {
            let is_short = |until: &Timestamp| *until <= claimed.lease_until().unwrap_or_default();
            match &decision {
                Ok(Decision::Defer {
                    until,
                    reason: Deferral::Spacing,
                }) if is_short(until) => sleep(pause).await,
                _ => break,
            }
            decision = self.look().await;
        }
        match decision {
            Ok(Decision::Send) => Ok(None),
            Ok(Decision::Suppress(reason)) => {
                self.suppress(claimed.clone(), reason).await.map(Some)
            }
            Ok(Decision::Defer { until, reason }) => {
                let written = self
                    .end_ours(claimed.clone(), |notice, now| {
                        notice.deferred(&self.token, until, reason, now)
                    })
                    .await?;
                let outcome = written.map_or(Outcome::Nothing, |_| Outcome::Deferred(reason));
                Ok(Some(outcome))
            }
            Err(error) => {
                let released = self.release(claimed.clone(), &error.to_string()).await;
                released.map(Some)
            }
        }
    }

    /// What is to be done by the ledger as it stands.
    async fn look(&self) -> Result<Decision, Error> {
        let ledger = self
            .dispatch
            .files
            .notices
            .ledger(&self.draft.order)
            .await?;
        let view = View {
            ledger: &ledger,
            ..self.case.view()
        };
        Ok(policy::decide(self.proposal, &view, false, self.now()))
    }
}
