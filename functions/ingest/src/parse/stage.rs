//! A stage that a shop sets.

use crate::{
    body::StatusBody,
    given::{Fault, Findings, Place},
    problem::Code,
    text,
};
use jiff::Timestamp;
use posthorn_domain::stage::OrderStage;

/// A stage that a shop sets, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewStage {
    pub(crate) stage: OrderStage,
    pub(crate) comment: Option<String>,
    pub(crate) at: Timestamp,
}

impl NewStage {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(body: StatusBody, now: Timestamp, findings: &mut Findings) -> Option<Self> {
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let stage = place.required_text("stage", body.stage, settable_stage);
        let comment = place.text("comment", body.comment, text::paragraph(1000));
        let at = place.text("at", body.at, text::past(now));
        Some(Self {
            stage: stage?,
            comment,
            at: at.unwrap_or(now),
        })
    }
}

fn settable_stage(text: &str) -> Result<OrderStage, Fault> {
    let settable: Vec<&str> = OrderStage::ALL
        .iter()
        .filter(|stage| stage.is_set_by_shop())
        .map(|stage| stage.as_str())
        .collect();
    let expected = settable.join(", ");
    let stage: OrderStage = text.parse().map_err(|_| {
        Fault::new(Code::UnknownStage, "is not a stage").expecting(expected.clone())
    })?;
    if !stage.is_set_by_shop() {
        return Err(Fault::new(
            Code::StageNotSettable,
            "follows from the parcels, a shop cannot set it",
        )
        .expecting(expected));
    }
    Ok(stage)
}
