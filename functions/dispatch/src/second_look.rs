//! The look at the ledger between the claim and the call of the provider.

use posthorn_domain::{
    notice::Notice,
    policy::{self, Decision, View},
};

use crate::{outcome::Outcome, pursuit::Pursuit};

impl Pursuit<'_> {
    /// Judges a claimed notice once more, against all that others have claimed by
    /// now: of two messages of an order that workers are about to send at once,
    /// whichever was claimed later is judged with the other in sight
    /// (docs/adr/0026-one-order-one-voice.md). None if it is to be sent.
    pub(crate) async fn give_way(&self, claimed: &Notice) -> anyhow::Result<Option<Outcome>> {
        let order = &self.draft.order;
        let ledger = match self.dispatch.files.notices.ledger(order).await {
            Ok(ledger) => ledger,
            Err(error) => {
                let released = self.release(claimed.clone(), &error.to_string()).await;
                return released.map(Some);
            }
        };
        let view = View {
            ledger: &ledger,
            ..self.case.view()
        };
        match policy::decide(self.proposal, &view, false, self.watch.now()) {
            Decision::Send => Ok(None),
            Decision::Suppress(reason) => self.suppress(claimed.clone(), reason).await.map(Some),
            Decision::Defer { until, reason } => {
                let written = self
                    .end_ours(claimed.clone(), |notice, now| {
                        notice.deferred(&self.token, until, reason, now)
                    })
                    .await?;
                Ok(Some(
                    written.map_or(Outcome::Nothing, |_| Outcome::Deferred(reason)),
                ))
            }
        }
    }
}
