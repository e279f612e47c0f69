//! Packages, variables and logs of the functions.

use crate::{
    files,
    sam::{self, Resource},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a function's code asks of its environment.
#[derive(Debug, Default)]
struct Asked {
    required: BTreeSet<String>,
    optional: BTreeSet<String>,
}

impl Asked {
    fn add(&mut self, other: &Self) {
        self.required.extend(other.required.iter().cloned());
        self.optional.extend(other.optional.iter().cloned());
    }
}

/// A source without its tests and comments.
fn code_of(source: &str) -> String {
    let code = source
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Variable of each table, by the name of its constant in the platform's schema.
fn tables() -> BTreeMap<String, String> {
    let schema = files::read("shared/platform/src/store/schema.rs");
    schema
        .split("pub const ")
        .filter_map(|part| {
            let (name, rest) = part.split_once(": TableSchema = ")?;
            let (_, rest) = rest.split_once("variable: \"")?;
            Some((name.to_owned(), rest.split_once('"')?.0.to_owned()))
        })
        .collect()
}

/// What `code` asks for by itself: variables by name, and tables by constant.
fn asked_in(code: &str, tables: &BTreeMap<String, String>) -> Asked {
    let mut asked = Asked::default();
    for part in code.split("POSTHORN_").skip(1) {
        let name: String = part
            .chars()
            .take_while(|c| c.is_ascii_uppercase() || *c == '_')
            .collect();
        asked.required.insert(format!("POSTHORN_{name}"));
    }
    for (constant, variable) in tables {
        if code.contains(&format!("{constant}.variable")) {
            asked.required.insert(variable.clone());
        }
    }
    // Nothing is required that is read with a default or as an option.
    for call in ["find_setting(", "parsed_or("] {
        for part in code.split(call).skip(1) {
            let name = part.split('"').nth(1).unwrap_or_default();
            if asked.required.remove(name) {
                asked.optional.insert(name.to_owned());
            }
        }
    }
    asked
}

/// What each type of the platform that is made from a `Config` asks for.
fn platform() -> BTreeMap<String, Asked> {
    let tables = tables();
    let makers: BTreeMap<String, String> = files::below("shared/platform/src", &[".rs"])
        .into_iter()
        .flat_map(|path| {
            let code = code_of(&files::read(path));
            let impls: Vec<_> = code.split("\nimpl ").skip(1).map(str::to_owned).collect();
            impls
        })
        .filter_map(|implementation| {
            let (name, rest) = implementation.split_once(" {")?;
            let (_, maker) = rest.split_once("pub fn new(")?;
            let maker = maker.split("\n    }").next()?;
            maker
                .contains("config: &Config")
                .then(|| (name.to_owned(), maker.to_owned()))
        })
        .collect();
    makers
        .iter()
        .map(|(name, maker)| {
            let mut asked = asked_in(maker, &tables);
            for (other, code) in &makers {
                if maker.contains(&format!("{other}::new(")) {
                    asked.add(&asked_in(code, &tables));
                }
            }
            (name.clone(), asked)
        })
        .collect()
}

fn asked_by(function: Resource<'_>, platform: &BTreeMap<String, Asked>) -> Asked {
    let tables = tables();
    let mut asked = Asked::default();
    for path in files::below(&format!("functions/{}/src", function.package()), &[".rs"]) {
        let code = code_of(&files::read(path));
        asked.add(&asked_in(&code, &tables));
        for (name, of_platform) in platform {
            if code.contains(&format!("{name}::new(")) {
                asked.add(of_platform);
            }
        }
    }
    asked
}

fn variables(function: Resource<'_>) -> BTreeSet<String> {
    function
        .property("/Environment/Variables")
        .as_object()
        .into_iter()
        .flat_map(|variables| variables.keys().cloned())
        .collect()
}

#[test]
fn each_function_is_in_the_template_and_built_from_its_own_package() {
    let template = sam::system();
    let mut packages: Vec<_> = template
        .functions()
        .map(|function| function.package().to_owned())
        .collect();
    packages.sort();
    assert_eq!(packages, files::folders("functions"));
    for function in template.functions() {
        assert_eq!(function.id.to_lowercase(), function.package());
        assert_eq!(
            function.whole["Metadata"]["BuildMethod"], "rust-cargolambda",
            "{}",
            function.id
        );
        let manifest = files::read(format!("functions/{}/Cargo.toml", function.package()));
        assert!(
            manifest.contains(&format!("name = \"{}\"", function.package())),
            "{}",
            function.id
        );
    }
}

#[test]
fn a_variable_that_the_code_reads_is_set_and_one_that_is_set_is_read() {
    let platform = platform();
    assert!(
        platform.contains_key("OrderStore"),
        "stores are made otherwise than this test thinks: {platform:?}"
    );
    for function in sam::system().functions() {
        let asked = asked_by(function, &platform);
        let set = variables(function);
        let missing: Vec<_> = asked.required.difference(&set).collect();
        assert!(
            missing.is_empty(),
            "{} reads {missing:?}, which infra/template.yaml does not set",
            function.id
        );
        let unread: Vec<_> = set
            .iter()
            .filter(|name| !asked.required.contains(*name) && !asked.optional.contains(*name))
            .collect();
        assert!(
            unread.is_empty(),
            "infra/template.yaml sets {unread:?} for {}, which does not read it",
            function.id
        );
    }
}

#[test]
fn every_function_that_cuts_or_reads_cohorts_knows_into_how_many_shards() {
    // The code has a default, which would hide shipments on the other shards.
    let template = sam::system();
    for id in ["Ingest", "Sweep", "Poll", "Receive"] {
        assert!(
            variables(template.resource(id)).contains("POSTHORN_POLL_SHARDS"),
            "{id}"
        );
    }
}

#[test]
fn each_function_names_itself_as_the_template_does() {
    // So that "POSTHORN_BUS is not set (see `Evaluate` …)" leads to the place.
    for function in sam::system().functions() {
        let sources = files::below(&format!("functions/{}/src", function.package()), &[".rs"]);
        let name = format!("Config::for_function(\"{}\")", function.id);
        assert!(
            sources
                .into_iter()
                .any(|path| files::read(path).contains(&name)),
            "functions/{} does not say {name}",
            function.package()
        );
    }
}

#[test]
fn each_function_has_a_log_group_that_forgets() {
    let template = sam::system();
    for function in template.functions() {
        let name = function
            .property("/FunctionName/Fn::Sub")
            .as_str()
            .unwrap_or_default();
        let logs = template.resource(&format!("{}Logs", function.id));
        assert_eq!(
            logs.property("/LogGroupName/Fn::Sub"),
            &format!("/aws/lambda/{name}")
        );
        assert!(
            !logs.property("/RetentionInDays").is_null(),
            "{} is kept for ever",
            logs.id
        );
    }
}

#[test]
fn the_access_log_says_neither_path_nor_caller() {
    let template = sam::system();
    let format = template
        .resource("ApiStage")
        .property("/AccessLogSettings/Format")
        .as_str()
        .unwrap();
    assert!(format.contains("$context.routeKey"));
    for personal in [
        "path",
        "identity",
        "sourceIp",
        "userAgent",
        "authorizer",
        "queryString",
    ] {
        assert!(!format.contains(personal), "the access log has {personal}");
    }
}
