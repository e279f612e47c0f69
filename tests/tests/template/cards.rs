//! The card at the top of each function's lib.rs, held against the template.

use crate::{
    files,
    sam::{self, Resource, Template},
};
use std::collections::BTreeMap;

const HEADINGS: [&str; 8] = [
    "Trigger", "Reads", "Writes", "Emits", "Sends", "Answers", "On error", "Repeats",
];

/// A function's card: what stands beside each heading.
struct Card {
    function: String,
    lines: BTreeMap<&'static str, String>,
}

impl Card {
    fn from_function(function: Resource<'_>) -> Self {
        let path = format!("functions/{}/src/lib.rs", function.package());
        let source = files::read(&path);
        let mut lines = BTreeMap::<_, String>::new();
        let mut heading = None;
        for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
            let line = line.strip_prefix(' ').unwrap_or(line);
            let starts = HEADINGS
                .into_iter()
                .find(|name| line.starts_with(&format!("{name} ")));
            if starts.is_some() {
                heading = starts;
            } else if !line.starts_with(' ') {
                heading = None;
            }
            if let Some(heading) = heading {
                let text = line.strip_prefix(heading).unwrap_or(line).trim();
                let said = lines.entry(heading).or_default();
                said.push_str(text);
                said.push(' ');
            }
        }
        Self {
            function: path,
            lines,
        }
    }

    fn says(&self, heading: &str) -> &str {
        self.lines
            .get(heading)
            .unwrap_or_else(|| panic!("the card of {} has no line {heading:?}", self.function))
    }

    #[track_caller]
    fn must_name(&self, heading: &str, what: &str) {
        let text = self.says(heading);
        assert!(
            text.to_lowercase().contains(&what.to_lowercase()),
            "{}: {heading:?} of the card should name {what}, but says: {text}",
            self.function
        );
    }
}

/// What the template says that starts a function, in the words of its card.
fn triggers(template: &Template, function: Resource<'_>) -> Vec<String> {
    let mut triggers = Vec::new();
    for route in template.of_kind("AWS::ApiGatewayV2::Route") {
        let integration = sam::mentioned(route.property("/Target"));
        let is_ours = integration.iter().any(|id| {
            let uri = template.resource(id).property("/IntegrationUri");
            sam::mentioned(uri).contains(function.id)
        });
        if is_ours {
            let key = route.property("/RouteKey").as_str().unwrap_or_default();
            let path = key.split_whitespace().last().unwrap_or_default();
            triggers.push(path.replace("{proxy+}", ""));
        }
    }
    for schedule in template.of_kind("AWS::Scheduler::Schedule") {
        if sam::mentioned(schedule.property("/Target/Arn")).contains(function.id) {
            triggers.push("each minute".to_owned());
        }
    }
    for event in function
        .property("/Events")
        .as_object()
        .into_iter()
        .flat_map(|events| events.values())
    {
        let properties = &event["Properties"];
        let sources = sam::mentioned(&properties["Queue"])
            .into_iter()
            .chain(sam::mentioned(&properties["Stream"]));
        triggers.extend(sources.map(str::to_owned));
        for filter in sam::elements(&properties["FilterCriteria"]["Filters"]) {
            let pattern: serde_json::Value =
                serde_json::from_str(filter["Pattern"].as_str().expect("a pattern is a text"))
                    .expect("a pattern is JSON");
            for key in sam::elements(&pattern["dynamodb"]["Keys"]["sk"]["S"]) {
                let name = key
                    .as_str()
                    .or_else(|| key["prefix"].as_str())
                    .expect("a key is a text or a prefix");
                triggers.push(format!("`{name}`"));
            }
        }
    }
    triggers
}

/// Names of the facts, as the domain declares them.
fn facts() -> Vec<String> {
    let source = files::read("shared/domain/src/fact.rs");
    source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("Self::")?
                .split_once("=> \"")?
                .1
                .strip_suffix("\",")
        })
        .map(str::to_owned)
        .collect()
}

/// Words in backticks that look like the name of a fact or resource.
fn names_in(text: &str) -> Vec<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.starts_with(char::is_uppercase) && word.chars().all(char::is_alphanumeric)
        })
        .filter(|word| word.contains(char::is_lowercase))
        .collect()
}

#[test]
fn each_function_has_a_card_with_the_same_headings() {
    for function in sam::system().functions() {
        let card = Card::from_function(function);
        for heading in ["Trigger", "Reads", "On error", "Repeats"] {
            assert!(
                !card.says(heading).trim().is_empty(),
                "{}: {heading} is empty",
                card.function
            );
        }
        let acts = ["Writes", "Emits", "Sends", "Answers"];
        assert!(
            acts.iter().any(|heading| card.lines.contains_key(heading)),
            "the card of {} says nothing about what it does: {acts:?}",
            card.function
        );
    }
}

#[test]
fn what_starts_a_function_stands_on_its_card() {
    let template = sam::system();
    for function in template.functions() {
        let triggers = triggers(&template, function);
        assert!(
            !triggers.is_empty(),
            "nothing in the template starts {}",
            function.id
        );
        for trigger in triggers {
            Card::from_function(function).must_name("Trigger", &trigger);
        }
    }
}

#[test]
fn where_a_failure_ends_stands_on_the_card() {
    let template = sam::system();
    for function in template.functions() {
        for queue in crate::hops::dead_letters_of(&template, function) {
            Card::from_function(function).must_name("On error", &queue);
        }
    }
}

#[test]
fn a_function_may_emit_what_its_card_says_and_nothing_else() {
    let template = sam::system();
    let facts = facts();
    assert!(
        facts.len() >= 8,
        "the facts are read from another text than they stand in: {facts:?}"
    );
    let mut emitted = Vec::new();
    for function in template.functions() {
        let card = Card::from_function(function);
        let emits = card
            .lines
            .get("Emits")
            .map(|text| names_in(text))
            .unwrap_or_default();
        let may_emit = template
            .statements(function)
            .into_iter()
            .any(|statement| sam::texts(&statement["Action"]).contains(&"events:PutEvents"));
        assert_eq!(
            !emits.is_empty(),
            may_emit,
            "{}: the card emits {emits:?}, the role may: {may_emit}",
            function.id
        );
        emitted.extend(emits.into_iter().map(str::to_owned));
    }
    emitted.sort();
    let mut facts = facts;
    facts.sort();
    assert_eq!(
        emitted, facts,
        "the cards and the domain name different facts"
    );
}

#[test]
fn a_queue_to_which_a_function_sends_stands_on_its_card() {
    let template = sam::system();
    for function in template.functions() {
        let card = Card::from_function(function);
        let says = card
            .lines
            .values()
            .cloned()
            .collect::<String>()
            .to_lowercase();
        for statement in template.statements(function) {
            if sam::texts(&statement["Action"]).contains(&"sqs:SendMessage") {
                for queue in sam::mentioned(&statement["Resource"]) {
                    assert!(
                        says.contains(&queue.to_lowercase()),
                        "the card of {} does not name {queue}",
                        card.function
                    );
                }
            }
        }
    }
}
