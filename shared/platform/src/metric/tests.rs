//! What the lines look like.

use super::*;
use std::io::BufRead as _;

fn line_of(metric: Metric<'_>, namespace: Option<&str>) -> Value {
    let mut out = Vec::new();
    write_metric(metric, namespace, Timestamp::UNIX_EPOCH, &mut out).unwrap();
    assert_eq!(out.lines().count(), 1);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn a_metric_is_one_line_that_cloudwatch_understands() {
    let carrier = CarrierId::parse("ups").unwrap();
    let failed = Metric::CarrierFailed {
        carrier: &carrier,
        kind: "unavailable",
    };
    assert_eq!(
        line_of(failed, Some("Posthorn/shop")),
        json!({
            "CarrierFailed": 1.0,
            "carrier": "ups",
            "kind": "unavailable",
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [{
                    "Namespace": "Posthorn/shop",
                    "Dimensions": [["carrier"]],
                    "Metrics": [{"Name": "CarrierFailed", "Unit": "Count"}],
                }],
            },
        })
    );
}

#[test]
fn what_is_told_apart_by_properties_alone_has_the_empty_set_of_dimensions() {
    let carrier = CarrierId::parse("ups").unwrap();
    let unknown = Metric::UnknownCarrierCode {
        carrier: &carrier,
        code: "XX",
    };
    let line = line_of(unknown, Some("Posthorn/shop"));
    assert_eq!(
        (&line["carrier"], &line["code"]),
        (&json!("ups"), &json!("XX"))
    );
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
        json!([[]])
    );
}

#[test]
fn without_a_namespace_the_line_is_no_metric_and_costs_none() {
    let carrier = CarrierId::parse("ups").unwrap();
    let unknown = Metric::UnknownCarrierCode {
        carrier: &carrier,
        code: "XX",
    };
    assert_eq!(
        line_of(unknown, None),
        json!({"UnknownCarrierCode": 1.0, "carrier": "ups", "code": "XX"})
    );
}

#[test]
fn a_field_named_like_an_address_or_a_person_is_counted_but_not_repeated() {
    for field in ["ann@example.com", "Anna Miller"] {
        let line = line_of(
            Metric::UnknownField {
                route: "POST /v1/orders",
                field,
            },
            None,
        );
        assert_eq!(line["field"], "(not a plain name)");
    }
}
