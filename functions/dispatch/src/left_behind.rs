//! Claims whose worker has died, and to which no message of the queue leads any more.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_domain::{
    fact::Fact,
    notice::{ClaimOutcome, Notification, NotificationState},
    policy::ProposedNotification,
};

use crate::{Dispatch, case::DispatchContext, outcome::SendOutcome, pursuit::LEASE};

impl Dispatch {
    /// Settles what a worker that died has left claimed in the order's ledger.
    ///
    /// Mostly the message comes again, leads to the same notice and finds its
    /// lease run out. But it leads to another one, or to none, if meanwhile the
    /// address was replaced or a moment switched off. The ledger is at hand
    /// anyway, so this costs nothing; an index entry for the end of each lease
    /// would cost two write units a message.
    ///
    /// An error if a notice of this very `fact` is still another worker's: then
    /// the fact has to come again, for nothing else would lead to that notice.
    pub(crate) async fn settle_left_behind(
        &self,
        case: &DispatchContext,
        fact: &Fact,
        proposals: &[ProposedNotification],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let left = case.ledger.iter().filter(|notice| {
            matches!(notice.state, NotificationState::Claimed { .. })
                && !proposals.iter().any(|proposal| proposal.id == notice.id)
        });
        for notice in left {
            let outcome = self.resolve_stale_claim(notice, now).await;
            if notice.fact == fact.id {
                outcome?;
            }
        }
        Ok(())
    }

    /// What becomes of a notice that another worker has claimed: of unknown fate,
    /// once its lease has run out.
    pub(crate) async fn resolve_stale_claim(
        &self,
        notice: &Notification,
        now: Timestamp,
    ) -> anyhow::Result<SendOutcome> {
        match notice.to_draft().claim_send(Some(notice), "", LEASE, now) {
            ClaimOutcome::Lost(unknown) => self.close_notification(notice, unknown).await,
            _ => bail!("another worker has notice {}", notice.id),
        }
    }
}
