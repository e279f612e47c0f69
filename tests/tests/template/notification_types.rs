//! What goes with each row of the table of notification types: words in each language,
//! goldens, a row in the documents.

use crate::files;
use posthorn_domain::{
    notification_type::{Channel, FollowUpDelay, NotificationType, Repetition, TriggerRule},
    pace::Urgency,
};
use std::fmt::Write as _;
use std::fs;

const DOCUMENT: &str = "docs/SETTINGS.md";
const BEGIN: &str =
    "<!-- notification types: UPDATE_DOCS=1 cargo test -p posthorn-tests --test template -->\n";
const END: &str = "<!-- end of notification types -->\n";

/// The files with the words of a channel, one for each language.
fn word_files(channel: Channel) -> Vec<std::path::PathBuf> {
    let name = format!("{channel}.txt");
    let files = files::below("shared/channels/templates", &[&name]).into_iter();
    let is_layout = |path: &std::path::PathBuf| {
        let folder = path.parent().and_then(std::path::Path::file_name);
        folder.is_some_and(|folder| folder == "templates")
    };
    files.filter(|path| !is_layout(path)).collect()
}

#[test]
fn each_type_has_its_words_in_each_language_and_channel() {
    for channel in Channel::ALL.iter().copied() {
        let files = word_files(channel);
        assert!(!files.is_empty(), "{channel} has no words");
        for file in files {
            let text = files::read(&file);
            let sections: Vec<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'))
                .collect();
            for one in NotificationType::ALL {
                assert!(
                    sections.contains(&one.as_str()),
                    "{} lacks the section [{one}]",
                    file.display()
                );
            }
            for section in sections {
                assert!(
                    section.parse::<NotificationType>().is_ok() || section.starts_with("brief"),
                    "{} has a section [{section}] of no type",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn each_type_has_its_goldens() {
    for one in NotificationType::ALL {
        for golden in [format!("{one}"), format!("{one}_html")] {
            let path = format!("shared/channels/tests/snapshots/goldens__{golden}.snap");
            assert!(files::root().join(&path).exists(), "{path} is missing");
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test, not of the product"
)]
fn the_document_has_the_table_of_types() {
    let text = files::read(DOCUMENT);
    let (before, rest) = text.split_once(BEGIN).expect("the table begins");
    let (written, after) = rest.split_once(END).expect("the table ends");
    let made = table();
    if std::env::var("UPDATE_DOCS").is_ok() {
        let text = format!("{before}{BEGIN}{made}{END}{after}");
        return fs::write(files::root().join(DOCUMENT), text).expect("it can be written");
    }
    assert!(
        written == made,
        "{DOCUMENT} is out of date: run UPDATE_DOCS=1 cargo test -p posthorn-tests --test template"
    );
}

fn table() -> String {
    let mut table = String::from(
        "| type | default | reports | trigger | sent again | priority | useful |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for one in NotificationType::ALL.iter().copied() {
        let row = one.table_row();
        let channels: Vec<String> = row.channels.iter().map(|one| format!("`{one}`")).collect();
        let channels = match channels.as_slice() {
            [] => "off".to_owned(),
            channels => channels.join(", "),
        };
        let triggers: Vec<String> = row.triggers.iter().map(describe_trigger).collect();
        let urgent = match row.urgency {
            Urgency::Urgent => ", urgent",
            Urgency::Usual => "",
        };
        writeln!(
            table,
            "| `{one}` | {channels} | {} | {} | {} | {}{urgent} | {} h |",
            one.describe_type(),
            triggers.join("; "),
            describe_repetition(row.repetition),
            row.priority,
            row.useful_hours,
        )
        .expect("a string takes every line");
    }
    table
}

fn describe_trigger(trigger: &TriggerRule) -> String {
    let codes = |codes: Vec<&str>| {
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        codes.join(", ")
    };
    match trigger {
        TriggerRule::Stage(stage) => format!("stage `{stage}`"),
        TriggerRule::StageByShop(stage) => format!("stage `{stage}`, set by the shop"),
        TriggerRule::Status(statuses, _) => {
            let statuses = statuses.iter().map(|status| status.as_str()).collect();
            format!("status {}", codes(statuses))
        }
        TriggerRule::Reason(reasons, _) => {
            let reasons = reasons.iter().map(|reason| reason.as_str()).collect();
            format!("status {}", codes(reasons))
        }
        TriggerRule::Registration => "a new shipment, or its number".to_owned(),
        TriggerRule::NumberCorrection => "a corrected number or carrier".to_owned(),
        TriggerRule::Delay => "the carrier reports a delay".to_owned(),
        TriggerRule::EtaRevision => "the carrier reports another day".to_owned(),
        TriggerRule::EtaMiss => "the expected day has passed".to_owned(),
        TriggerRule::FollowUp(after, FollowUpDelay::Review) => {
            format!("`review_after_days` days after `{after}`, if `review_url` is set")
        }
        TriggerRule::FollowUp(after, FollowUpDelay::Days(days)) => {
            format!("{days} days after `{after}`")
        }
    }
}

const fn describe_repetition(repetition: Repetition) -> &'static str {
    match repetition {
        Repetition::Once => "–",
        Repetition::EachTime => "each time",
        Repetition::EachDay => "on each new day",
        Repetition::EachReason => "for each other reason",
        Repetition::EachChange => "for each change",
        Repetition::EachValue => "for each other value",
    }
}
