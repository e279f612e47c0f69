//! Claims whose worker has died, and to which no message of the queue leads any more.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_domain::{
    fact::Fact,
    notice::{Claim, Notice, NoticeState},
    policy::Proposal,
};

use crate::{Dispatch, case::Case, outcome::Outcome, pursuit::LEASE};

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
        case: &Case,
        fact: &Fact,
        proposals: &[Proposal],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let left = case.ledger.iter().filter(|notice| {
            matches!(notice.state, NoticeState::Claimed { .. })
                && !proposals.iter().any(|proposal| proposal.id == notice.id)
        });
        for notice in left {
            let outcome = self.outlive(notice, now).await;
            if notice.fact == fact.id {
                outcome?;
            }
        }
        Ok(())
    }

    /// What becomes of a notice that another worker has claimed: of unknown fate,
    /// once its lease has run out.
    pub(crate) async fn outlive(&self, notice: &Notice, now: Timestamp) -> anyhow::Result<Outcome> {
        match notice.draft().claim(Some(notice), "", LEASE, now) {
            Claim::Lost(unknown) => self.close(notice, unknown).await,
            _ => bail!("another worker has notice {}", notice.id),
        }
    }
}
