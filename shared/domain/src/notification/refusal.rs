//! A provider that did not take a message and may take it later.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{
    DeferralReason, Notification, NotificationEntry, NotificationId, NotificationState,
    SuppressionReason,
};

/// The pause after the first refusal; each one after it is twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// The longest pause. Throttling passes in seconds; a paused account and a
/// missing permission last for hours, in which each try costs four write units.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// How a line of the history ends that stands for refusals.
const REFUSAL: &str = ": refusal ";

impl Notification {
    /// Certainly not taken by the provider, which may take it later: throttled,
    /// or a fault of the deployment that the operator mends. It is tried again as
    /// long as it is of use; then it is suppressed as too late. None if it is not
    /// for the worker with `token` to say.
    pub fn release_after_refusal(&self, token: &str, now: Timestamp) -> Option<Self> {
        let is_ours = matches!(&self.state, NotificationState::Claimed { token: theirs, .. } if theirs == token);
        if !is_ours {
            return None;
        }
        let refusals = self.refusals.saturating_add(1);
        let until = now
            .checked_add(pause_after(refusals, &self.id))
            .unwrap_or(Timestamp::MAX);
        if until > self.useful_until {
            return self.suppress(token, SuppressionReason::TooLate, now);
        }
        let mut next = self.clone();
        next.refusals = refusals;
        // The line of the claim, which came to nothing, and that of the refusal before.
        next.history.pop();
        next.history.pop_if(|before| before.what.contains(REFUSAL));
        next.state = NotificationState::Deferred {
            until,
            reason: DeferralReason::Provider,
        };
        next.history.push(NotificationEntry {
            at: now,
            what: format!("{}{REFUSAL}{refusals}", next.state.describe_state()),
        });
        Some(next)
    }
}

/// How long to wait after the nth refusal: half to one and a half times as long
/// as its turn says. What was refused together must not come back together, and
/// a message's own id tells it from the others as well as chance would.
fn pause_after(refusals: u32, id: &NotificationId) -> SignedDuration {
    let doublings = refusals.saturating_sub(1).min(8);
    let pause = FIRST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE)
        .as_millis();
    let digest = Sha256::digest(format!("{id} {refusals}"));
    let spread = i128::from(u16::from_be_bytes([digest[0], digest[1]]));
    let millis = pause / 2 + pause * spread / i128::from(u16::MAX);
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_quarter_of_an_hour_and_no_two_messages_wait_alike() {
        for (refusals, seconds) in [
            (1, 30),
            (2, 60),
            (3, 120),
            (6, 900),
            (7, 900),
            (u32::MAX, 900),
        ] {
            let pauses: Vec<i64> = (0..1_000)
                .map(|n| pause_after(refusals, &NotificationId(n.to_string())).as_secs())
                .collect();
            let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
            assert!(
                *least >= seconds / 2 && *most <= seconds * 3 / 2,
                "{refusals}"
            );
            assert!(
                most - least > seconds * 9 / 10,
                "{refusals}: {least} to {most}"
            );
        }
    }
}
