//! Claims whose worker has died, and to which no message of the queue leads any more.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_domain::{
    fact::Fact,
    notification::{ClaimOutcome, Notification, NotificationState},
    policy::ProposedNotification,
};

use crate::{Dispatch, context_loader::DispatchContext, outcome::SendOutcome, send_attempt::LEASE};

impl Dispatch {
    /// Settles what a worker that died has left claimed in the order's ledger.
    ///
    /// Mostly the message comes again, leads to the same notification and finds its
    /// lease run out. But it leads to another one, or to none, if meanwhile the
    /// address was replaced or a moment switched off. The ledger is at hand
    /// anyway, so this costs nothing; an index entry for the end of each lease
    /// would cost two write units a message.
    ///
    /// An error if a notification of this very `fact` is still another worker's: then
    /// the fact has to come again, for nothing else would lead to that notification.
    pub(crate) async fn settle_left_behind(
        &self,
        case: &DispatchContext,
        fact: &Fact,
        proposals: &[ProposedNotification],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let left = case.ledger.iter().filter(|notification| {
            matches!(notification.state, NotificationState::Claimed { .. })
                && !proposals
                    .iter()
                    .any(|proposal| proposal.id == notification.id)
        });
        for notification in left {
            let outcome = self.resolve_stale_claim(notification, now).await;
            if notification.fact == fact.id {
                outcome?;
            }
        }
        Ok(())
    }

    /// What becomes of a notification that another worker has claimed: of unknown fate,
    /// once its lease has run out.
    pub(crate) async fn resolve_stale_claim(
        &self,
        notification: &Notification,
        now: Timestamp,
    ) -> anyhow::Result<SendOutcome> {
        match notification
            .to_draft()
            .claim_send(Some(notification), "", LEASE, now)
        {
            ClaimOutcome::Lost(unknown) => self.close_notification(notification, unknown).await,
            _ => bail!("another worker has notification {}", notification.id),
        }
    }
}
