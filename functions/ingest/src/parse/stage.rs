//! A stage that a shop sets.

use crate::{
    body::StatusBody,
    field::{FieldPath, Issue, Issues},
    problem::ProblemCode,
    validate,
};
use jiff::Timestamp;
use posthorn_domain::stage::OrderStage;

/// A stage that a shop sets, checked.
#[derive(Debug, Clone)]
pub(crate) struct ParsedStage {
    pub(crate) stage: OrderStage,
    pub(crate) comment: Option<String>,
    pub(crate) at: Timestamp,
}

impl ParsedStage {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn parse_stage(
        body: StatusBody,
        now: Timestamp,
        findings: &mut Issues,
    ) -> Option<Self> {
        let mut place = FieldPath::at_root(findings);
        place.add_ignored(&body.unknown);
        let stage = place.required_text("stage", body.stage, settable_stage);
        let comment = place.read_text("comment", body.comment, validate::paragraph(1000));
        let at = place.read_text("at", body.at, validate::past(now));
        Some(Self {
            stage: stage?,
            comment,
            at: at.unwrap_or(now),
        })
    }
}

fn settable_stage(text: &str) -> Result<OrderStage, Issue> {
    let settable: Vec<&str> = OrderStage::ALL
        .iter()
        .filter(|stage| stage.is_set_by_shop())
        .map(|stage| stage.as_str())
        .collect();
    let expected = settable.join(", ");
    let stage: OrderStage = text.parse().map_err(|_| {
        Issue::new(ProblemCode::UnknownStage, "is not a stage").with_expected(expected.clone())
    })?;
    if !stage.is_set_by_shop() {
        return Err(Issue::new(
            ProblemCode::StageNotSettable,
            "follows from the shipments, a shop cannot set it",
        )
        .with_expected(expected));
    }
    Ok(stage)
}
