//! Two workers, a sweep and a provider, in every interleaving: crashes, lost
//! answers and duplicate deliveries never send a message twice, but for a mail
//! whose fate stayed unknown for hours, and that once more at most.

use crate::world::{World, fingerprint};
use posthorn_domain::{notification::NotificationState, notification_type::Channel};
use std::collections::HashSet;

/// Visits every world and gives how many there are and the most sendings in one.
fn explore(channel: Channel) -> (usize, usize) {
    let mut seen = HashSet::new();
    let mut open = vec![World::new()];
    let mut most = 0;
    while let Some(world) = open.pop() {
        most = most.max(world.sent.len());
        check(&world);
        for next in world.next(channel) {
            let is_another = next.sent.len() > world.sent.len() && !world.sent.is_empty();
            assert!(!is_another || world.has_window, "sent twice: {world:#?}");
            if seen.insert(fingerprint(&next)) {
                open.push(next);
            }
        }
    }
    (seen.len(), most)
}

/// What holds in every world.
fn check(world: &World) {
    let Some(notification) = &world.ledger else {
        assert!(world.sent.is_empty(), "sent without a claim: {world:#?}");
        return;
    };
    let is_sent = matches!(notification.state, NotificationState::Sent { .. });
    assert!(
        !is_sent || !world.sent.is_empty(),
        "known as sent and was not: {world:#?}"
    );
    let is_waiting = matches!(notification.state, NotificationState::Deferred { .. });
    let is_released = world.sent.is_empty() || world.has_window;
    assert!(
        !is_waiting || is_released,
        "sent, and waits to be sent again: {world:#?}"
    );
}

#[test]
fn a_text_is_never_sent_twice() {
    let (worlds, most) = explore(Channel::Sms);
    assert!(worlds > 10_000, "only {worlds} worlds");
    assert_eq!(most, 1);
}

#[test]
fn a_mail_is_sent_once_more_at_most_and_only_after_its_fate_was_unknown_for_hours() {
    let (worlds, most) = explore(Channel::Email);
    assert!(worlds > 10_000, "only {worlds} worlds");
    assert_eq!(
        most, 2,
        "the window is there to be found, and it is the only one"
    );
}
