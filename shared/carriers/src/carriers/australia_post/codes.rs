//! What Australia Post's words mean. Its events have no codes and its statuses
//! are texts; neither is published as a list. What it shares with others stands
//! among the [phrases]; here are the words that say something else of an article,
//! or that only Australia Post has.

use crate::reading::phrases;
use posthorn_domain::{
    scan::ScanMeaning::{self, Note, Status},
    status::Reason,
};

/// What the status of an article or a consignment says, or an event.
pub(super) fn map_meaning(text: &str) -> ScanMeaning {
    match text.trim().to_ascii_lowercase().as_str() {
        "created" | "sealed" | "initiated" | "manifested" | "started" | "pending" => {
            Status(Reason::Label)
        }
        "returned" => Status(Reason::Received),
        // The collection at the sender's failed; and no status at all.
        "unsuccessful pickup" | "unknown" => Note,
        _ => phrases::phrase_meaning(text).unwrap_or(ScanMeaning::Unknown),
    }
}
