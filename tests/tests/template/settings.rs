//! Settings of the build and of deployments.

use crate::{files, sam};
use posthorn_domain::id::ShopId;
use toml::Table;

fn toml(path: &str) -> Table {
    files::read(path)
        .parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_bootstrap_collects_no_jitter_entropy() {
    let config = toml(".cargo/config.toml");
    assert_eq!(
        config["env"]["AWS_LC_SYS_NO_JITTER_ENTROPY"].as_str(),
        Some("1")
    );
}

#[test]
fn a_panic_fails_one_record_and_not_the_process() {
    let release = &toml("Cargo.toml")["profile"]["release"];
    assert_eq!(release["panic"].as_str(), Some("unwind"));
    assert_eq!(release["codegen-units"].as_integer(), Some(1));
    assert_eq!(release["lto"].as_str(), Some("fat"));
    assert_eq!(release["strip"].as_bool(), Some(true));
}

#[test]
fn the_sdk_comes_without_its_second_tls_stack() {
    let dependencies = &toml("Cargo.toml")["workspace"]["dependencies"];
    for (name, dependency) in dependencies.as_table().unwrap() {
        if name.starts_with("aws-sdk-") || name == "aws-config" {
            assert_eq!(
                dependency["default-features"].as_bool(),
                Some(false),
                "{name}"
            );
        }
    }
}

#[test]
fn what_is_built_is_what_is_deployed() {
    // `sam build` reads its own table and "global", never that of `sam deploy`.
    let config = toml("samconfig.toml");
    for (name, profile) in &config {
        let Some(commands) = profile.as_table() else {
            continue;
        };
        for (command, settings) in commands {
            let overrides = settings["parameters"].get("parameter_overrides");
            assert_eq!(
                overrides.is_some(),
                command == "global",
                "[{name}.{command}]: parameters belong in [{name}.global]"
            );
        }
    }
}

#[test]
fn each_deployment_sets_parameters_that_exist() {
    let template = sam::system();
    let parameters = template.part("/Parameters").as_object().unwrap();
    let config = toml("samconfig.toml");
    for name in ["default", "staging", "prod", "local"] {
        let global = &config[name]["global"]["parameters"];
        let overrides = global["parameter_overrides"].as_array().unwrap();
        for setting in overrides {
            let (parameter, value) = setting.as_str().unwrap().split_once('=').unwrap();
            assert!(
                parameters.contains_key(parameter),
                "[{name}] sets {parameter}, which the template does not have"
            );
            assert!(!value.is_empty(), "[{name}] sets {parameter} to nothing");
            assert!(
                value != "FILL-IN" || parameters[parameter]["AllowedPattern"].is_string(),
                "[{name}] would be deployed with {parameter}={value}"
            );
            assert!(
                !value.contains("example.com"),
                "[{name}] sets {parameter} to a stranger's {value}"
            );
        }
        let is_set = |parameter: &str| {
            overrides.iter().any(|setting| {
                setting
                    .as_str()
                    .unwrap()
                    .starts_with(&format!("{parameter}="))
            })
        };
        for (parameter, declared) in parameters {
            assert!(
                !declared["Default"].is_null() || is_set(parameter),
                "[{name}] does not set {parameter}"
            );
        }
    }
}

#[test]
fn staging_has_alarms() {
    // What only an alarm tells must be seen to work before production relies on it.
    let staging = &toml("samconfig.toml")["staging"]["global"]["parameters"];
    let overrides = staging["parameter_overrides"].as_array().unwrap();
    let is_off = |setting: &toml::Value| setting.as_str() == Some("Alarms=false");
    assert!(!overrides.iter().any(is_off));
    assert_eq!(
        sam::system().part("/Parameters/Alarms/Default").as_str(),
        Some("true")
    );
}

#[test]
fn the_dashboard_of_another_region_has_another_name() {
    let alarms = sam::alarms();
    let dashboards: Vec<_> = alarms.of_kind("AWS::CloudWatch::Dashboard").collect();
    assert_eq!(dashboards.len(), 1);
    for dashboard in dashboards {
        let name = dashboard.property("/DashboardName").to_string();
        assert!(name.contains("${AWS::Region}"), "{name}");
    }
}

#[test]
fn what_senders_are_told_to_call_is_at_the_own_domain() {
    let template = sam::system();
    for (address, path) in [
        ("/Outputs/PushUrl/Value", "/v1/push"),
        ("/Outputs/WebhookUrl/Value", "/v1/webhooks/shopify"),
    ] {
        let value = template.part(address).to_string();
        assert!(value.contains("HasOwnDomain"), "{address}: {value}");
        assert!(value.contains(&format!("${{PublicUrl}}{path}")), "{value}");
    }
    let polls = template
        .resource("Poll")
        .property("/Environment/Variables/POSTHORN_PUSH_URL");
    assert_eq!(polls, template.part("/Outputs/PushUrl/Value"));
}

#[test]
fn lambda_leaves_it_to_rust_log_what_is_logged() {
    // Lambda drops lines below its own level before RUST_LOG is asked.
    let template = sam::system();
    assert_eq!(
        template
            .part("/Globals/Function/LoggingConfig/ApplicationLogLevel")
            .as_str(),
        Some("TRACE")
    );
}

#[test]
fn a_sender_whose_domain_has_capitals_is_refused() {
    let template = sam::system();
    let pattern = template
        .part("/Parameters/SenderIdentity/AllowedPattern")
        .as_str()
        .unwrap();
    // The policy compares the address by the letter.
    let domain = pattern.split_once("@)?").unwrap().1;
    assert!(!domain.contains("A-Z"), "{pattern}");
}

#[test]
fn a_parameter_is_explained_and_used() {
    let template = sam::system();
    let text = files::read("infra/template.yaml");
    for (name, parameter) in template.part("/Parameters").as_object().unwrap() {
        assert!(parameter["Description"].is_string(), "{name}");
        assert!(
            text.matches(&format!("!Ref {name}")).count()
                + text.matches(&format!("${{{name}}}")).count()
                > 0,
            "{name}"
        );
    }
}

#[test]
fn a_key_is_made_only_for_ids_that_shops_can_have() {
    let script = files::read("infra/local/create_key.py");
    assert!(script.contains(r#"re.compile(r"[a-z0-9-]{1,32}")"#));
    let longest = "z".repeat(32);
    for id in ["acme", "0-9", "-", longest.as_str()] {
        assert!(ShopId::parse(id).is_ok(), "{id}");
    }
    let too_long = "z".repeat(33);
    for id in ["", "Acme", "a.b", "a_b", too_long.as_str()] {
        assert!(ShopId::parse(id).is_err(), "{id}");
    }
}
