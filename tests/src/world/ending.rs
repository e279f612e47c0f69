//! What goes wrong on purpose, and what must hold when a test ends.

use super::World;
use crate::stack::Stack;
use reqwest::Method;
use serde_json::json;
use std::{collections::HashSet, sync::atomic::Ordering};

/// Queues that must be empty when a test ends, unless it says otherwise.
const DEAD_LETTERS: [&str; 6] = [
    "PollDlq",
    "DispatchDlq",
    "FeedbackDlq",
    "EvaluateDlq",
    "QuarantineQueue",
    "SweepDlq",
];

impl World {
    /// Ends the faults. Each must have acted as often as its rule says (without
    /// end: at least once): a test whose fault met nothing has tested nothing.
    pub async fn mend(&self) {
        let rules = self
            .stack
            .control(Method::GET, "faults", None)
            .await
            .expect("the launcher answers");
        for rule in rules.as_array().expect("a list of rules") {
            let (times, hits) = (rule["times"].as_u64(), rule["hits"].as_u64());
            assert!(
                hits >= times.map(|times| times.max(1)),
                "a fault has not acted as often as it should: {rule}"
            );
        }
        forget_faults(&self.stack).await;
    }

    /// From now on every batch of a queue or a stream comes twice.
    pub async fn deliver_twice(&self) {
        self.stack
            .control(Method::POST, "repeats", Some(json!({"on": true})))
            .await
            .expect("the launcher answers");
    }

    /// The functions, by logical id, to which batches have come twice.
    pub async fn repeated(&self) -> Vec<&str> {
        let report = self
            .stack
            .control(Method::GET, "repeats", None)
            .await
            .expect("the launcher answers");
        self.stack
            .resources
            .iter()
            .filter(|(_, physical)| report["repeated"][physical.as_str()].is_u64())
            .map(|(logical, _)| logical.as_str())
            .collect()
    }

    /// Ends the test: every fault must have acted, nothing may lie in a
    /// dead-letter queue, no message may have come twice, and nothing personal
    /// or secret may stand in any log.
    pub async fn finish(self) {
        self.finished.store(true, Ordering::Relaxed);
        self.settle().await;
        self.mend().await;
        for queue in DEAD_LETTERS {
            assert_eq!(
                self.stack.depth(queue).await.expect("SQS answers"),
                0,
                "messages lie in {queue}"
            );
        }
        self.nothing_came_twice().await;
        self.no_log_betrays().await;
    }

    /// Looks for a mail or text that reached the buyer more than once, word for word.
    async fn nothing_came_twice(&self) {
        let mut seen = HashSet::new();
        for mail in self.mails().await {
            let told = format!("{:?} `{}`", mail.to, mail.subject);
            assert!(
                seen.insert((mail.to, mail.text)),
                "a mail came twice: {told}"
            );
        }
        for sms in self.texts().await {
            let told = sms.text.clone();
            assert!(
                seen.insert((vec![sms.to], sms.text)),
                "a text came twice: {told}"
            );
        }
    }

    /// Greps all logs of the run for the buyer's data and the shop's secrets.
    pub async fn no_log_betrays(&self) {
        let logs = self.stack.logs().await.expect("the logs can be read");
        assert!(!logs.is_empty(), "there are no logs to look at");
        for datum in [
            &self.buyer.first_name,
            &self.buyer.last_name,
            &self.buyer.email,
            &self.buyer.phone,
            &self.buyer.street,
            &self.key,
            &self.secret,
        ] {
            assert!(
                !logs.contains(datum.as_str()),
                "a log line holds `{datum}`: {:?}",
                logs.lines().find(|line| line.contains(datum.as_str()))
            );
        }
    }
}

/// A test that forgets [`World::finish`] would prove less than it says.
impl Drop for World {
    fn drop(&mut self) {
        assert!(
            self.finished.load(Ordering::Relaxed) || std::thread::panicking(),
            "the world of {} ended without `finish`",
            self.shop
        );
    }
}

/// Takes all rules away, whether they have acted or not, and delivers once again.
pub(super) async fn forget_faults(stack: &Stack) {
    stack
        .control(Method::DELETE, "faults", None)
        .await
        .expect("the launcher answers");
    stack
        .control(Method::POST, "repeats", Some(json!({"on": false})))
        .await
        .expect("the launcher answers");
}
