//! Metrics: alarms and dashboard look where the functions write, and the price
//! that README.md names is the price.

use crate::{files, sam};
use serde_json::Value;

/// The namespace of a stack's own metrics, as the nested template writes it.
const OWN: &str = "Posthorn/${Name}";

/// Every metric that an alarm looks at, as `(alarm, namespace, name)`.
fn watched() -> Vec<(String, Value, String)> {
    let alarms = sam::alarms();
    let mut watched = Vec::new();
    for alarm in alarms.of_kind("AWS::CloudWatch::Alarm") {
        let summed: Vec<&Value> = sam::elements(alarm.property("/Metrics"))
            .into_iter()
            .map(|metric| &metric["MetricStat"]["Metric"])
            .filter(|metric| !metric.is_null())
            .collect();
        let single = [alarm.property("")];
        let metrics: &[&Value] = if summed.is_empty() { &single } else { &summed };
        for metric in metrics {
            let name = metric["MetricName"].as_str().unwrap_or_default();
            watched.push((
                alarm.id.to_owned(),
                metric["Namespace"].clone(),
                name.to_owned(),
            ));
        }
    }
    watched
}

#[test]
fn a_stack_s_own_metrics_are_told_from_those_of_another() {
    let template = files::read("infra/template.yaml");
    assert!(template.contains(&format!(
        "POSTHORN_METRICS: !If [HasAlarms, !Sub \"{}\", \"\"]",
        OWN.replace("${Name}", "${AWS::StackName}")
    )));
    let written = files::read("shared/platform/src/metric.rs");
    for (alarm, namespace, name) in watched() {
        if namespace.to_string().contains("AWS/") {
            continue;
        }
        assert_eq!(
            namespace["Fn::Sub"], OWN,
            "{alarm} looks at the metrics of all stacks"
        );
        assert!(
            written.contains(&format!("\"{name}\"")),
            "no code counts {name}, which {alarm} watches"
        );
    }
    let alarms = sam::alarms();
    let dashboard = alarms
        .resource("Dashboard")
        .property("/DashboardBody/Fn::Sub")
        .as_str()
        .unwrap();
    for part in dashboard.split("Posthorn").skip(1) {
        assert!(
            part.starts_with("/${Name}"),
            "the dashboard looks at the metrics of all stacks: Posthorn{}",
            part.chars().take(40).collect::<String>()
        );
    }
}

#[test]
fn the_price_of_the_alarms_is_what_the_readme_says() {
    let n_metrics = watched().len();
    let cents = 10 * (n_metrics - 10);
    let price = format!(
        "{n_metrics} metrics in alarms: ten are free, the others $0.10 each, ${}.{:02} a month",
        cents / 100,
        cents % 100
    );
    assert!(
        files::read("README.md").contains(&price),
        "README.md does not say: {price}"
    );
}
