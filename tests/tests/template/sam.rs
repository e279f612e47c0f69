//! The templates, with short tags (`!Ref`) written out (`{"Ref": …}`).

use crate::files;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use yaml_serde::Value as Yaml;

/// A CloudFormation template.
pub(crate) struct Template(Value);

/// A resource of a template.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'a> {
    /// Its logical id.
    pub(crate) id: &'a str,
    /// Its type.
    pub(crate) kind: &'a str,
    /// All of it.
    pub(crate) whole: &'a Value,
}

/// infra/template.yaml.
pub(crate) fn system() -> Template {
    Template::read("infra/template.yaml")
}

/// infra/alarms.yaml.
pub(crate) fn alarms() -> Template {
    Template::read("infra/alarms.yaml")
}

impl Template {
    fn read(path: &str) -> Self {
        let yaml = yaml_serde::from_str(&files::read(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        Self(written_out(yaml))
    }

    /// A part of it, as `/Parameters`.
    pub(crate) fn part(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// All resources.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        self.part("/Resources")
            .as_object()
            .into_iter()
            .flatten()
            .map(|(id, whole)| Resource {
                id,
                kind: whole["Type"].as_str().unwrap_or_default(),
                whole,
            })
    }

    /// All resources of a type.
    pub(crate) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Resource<'a>> {
        self.resources()
            .filter(move |resource| resource.kind == kind)
    }

    /// The resource with this logical id.
    pub(crate) fn resource(&self, id: &str) -> Resource<'_> {
        self.resources()
            .find(|resource| resource.id == id)
            .unwrap_or_else(|| panic!("the template has no resource {id}"))
    }

    /// The functions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = Resource<'_>> {
        self.of_kind("AWS::Serverless::Function")
    }

    /// The statements of the policies of the role that `function` has.
    pub(crate) fn statements(&self, function: Resource<'_>) -> Vec<&Value> {
        let role = mentioned(function.property("/Role"));
        let role = role
            .first()
            .unwrap_or_else(|| panic!("{} has no role of its own", function.id));
        self.resource(role).statements()
    }
}

impl<'a> Resource<'a> {
    /// A property, as `/Environment/Variables`; null where there is none.
    pub(crate) fn property(self, pointer: &str) -> &'a Value {
        self.whole["Properties"]
            .pointer(pointer)
            .unwrap_or(&Value::Null)
    }

    /// The statements of a role's policies.
    pub(crate) fn statements(self) -> Vec<&'a Value> {
        elements(self.property("/Policies"))
            .into_iter()
            .flat_map(|policy| elements(&policy["PolicyDocument"]["Statement"]))
            .collect()
    }

    /// The folder of a function's package.
    pub(crate) fn package(self) -> &'a str {
        self.property("/CodeUri")
            .as_str()
            .and_then(|uri| uri.strip_prefix("../functions/"))
            .unwrap_or_else(|| panic!("{} is not built from functions/", self.id))
    }
}

/// A list's elements; something that is no list is its own only element.
pub(crate) fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().collect(),
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

/// The texts in a list or in a single place.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    elements(value)
        .into_iter()
        .filter_map(Value::as_str)
        .collect()
}

/// Logical ids to which `value` refers by `Ref`, `GetAtt` or `Sub`.
pub(crate) fn mentioned(value: &Value) -> BTreeSet<&str> {
    let mut ids = BTreeSet::new();
    collect(value, &mut ids);
    ids
}

fn collect<'a>(value: &'a Value, ids: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, ids)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Ref", Value::String(id)) => {
                        ids.insert(id);
                    }
                    ("Fn::GetAtt", Value::String(path)) => ids.extend(path.split('.').next()),
                    ("Fn::Sub", Value::String(text)) => {
                        let inserts = text
                            .split("${")
                            .skip(1)
                            .filter_map(|rest| rest.split(['}', '.']).next());
                        ids.extend(inserts);
                    }
                    (_, member) => collect(member, ids),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn written_out(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => {
            serde_json::to_value(number).expect("a number of YAML is one of JSON")
        }
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(elements) => elements.into_iter().map(written_out).collect(),
        Yaml::Mapping(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    (
                        name.as_str().expect("names are texts").to_owned(),
                        written_out(value),
                    )
                })
                .collect(),
        ),
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                short @ ("Ref" | "Condition") => short.to_owned(),
                function => format!("Fn::{function}"),
            };
            Value::Object(Map::from_iter([(name, written_out(tagged.value))]))
        }
    }
}
