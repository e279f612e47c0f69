//! Every asynchronous hop: retries that end, and a dead letter that is watched.

use crate::{
    files,
    sam::{self, Resource, Template},
};
use posthorn_domain::{
    policy,
    stage::{OrderStage, StageSource},
    status::ShipmentStatus,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Logical ids of the queues in which what `function` could not process ends.
pub(crate) fn dead_letters_of(template: &Template, function: Resource<'_>) -> BTreeSet<String> {
    let mut queues = BTreeSet::new();
    let mut add =
        |value: &Value| queues.extend(sam::mentioned(value).into_iter().map(str::to_owned));
    add(function.property("/EventInvokeConfig/DestinationConfig/OnFailure/Destination"));
    for (_, event) in function
        .property("/Events")
        .as_object()
        .into_iter()
        .flatten()
    {
        add(&event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]);
        for queue in sam::mentioned(&event["Properties"]["Queue"]) {
            add(&template.resource(queue).property("/RedrivePolicy")["deadLetterTargetArn"]);
        }
    }
    queues
}

/// Queues that something is redriven to, or that a function puts aside in.
fn ends(template: &Template) -> BTreeSet<String> {
    let mut ends: BTreeSet<_> = template
        .functions()
        .flat_map(|function| dead_letters_of(template, function))
        .collect();
    ends.insert("QuarantineQueue".to_owned());
    ends
}

/// The mappings of a kind, `SQS` or `DynamoDB`, each with its function.
fn mappings<'a>(template: &'a Template, kind: &str) -> Vec<(Resource<'a>, &'a Value)> {
    let mut found = Vec::new();
    for function in template.functions() {
        for (_, event) in function
            .property("/Events")
            .as_object()
            .into_iter()
            .flatten()
        {
            if event["Type"] == kind {
                found.push((function, &event["Properties"]));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "no function has an event of the type {kind}"
    );
    found
}

fn timeout(template: &Template, function: Resource<'_>) -> u64 {
    function
        .property("/Timeout")
        .as_u64()
        .or_else(|| template.part("/Globals/Function/Timeout").as_u64())
        .expect("a function has a time-out")
}

#[test]
fn an_asynchronous_function_has_dead_letters() {
    let template = sam::system();
    let waited_for: BTreeSet<&str> = template
        .of_kind("AWS::ApiGatewayV2::Integration")
        .flat_map(|integration| sam::mentioned(integration.property("/IntegrationUri")))
        .collect();
    for function in template.functions() {
        assert_ne!(
            waited_for.contains(function.id),
            !dead_letters_of(&template, function).is_empty(),
            "{} must have either a caller that gets its error or dead letters",
            function.id
        );
    }
}

#[test]
fn a_queue_gives_up_into_its_dead_letters_and_waits_six_time_outs_before_each_try() {
    let template = sam::system();
    for (function, mapping) in mappings(&template, "SQS") {
        let queue = *sam::mentioned(&mapping["Queue"]).first().unwrap();
        let queue = template.resource(queue);
        assert!(
            queue
                .property("/RedrivePolicy/maxReceiveCount")
                .as_u64()
                .is_some_and(|tries| (3..=10).contains(&tries))
        );
        let visibility = queue.property("/VisibilityTimeout").as_u64().unwrap();
        let window = mapping["MaximumBatchingWindowInSeconds"].as_u64();
        assert!(
            visibility >= 6 * timeout(&template, function) + window.unwrap_or(0),
            "{} hides for {visibility} s",
            queue.id
        );
        assert_eq!(
            mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{}",
            function.id
        );
        assert!(
            !mapping["ScalingConfig"]["MaximumConcurrency"].is_null(),
            "{} has no brake",
            function.id
        );
    }
}

#[test]
fn a_stream_tries_for_half_a_day_halves_what_fails_and_then_leaves_a_pointer() {
    let template = sam::system();
    for (function, mapping) in mappings(&template, "DynamoDB") {
        assert_eq!(
            mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{}",
            function.id
        );
        assert_eq!(
            mapping["BisectBatchOnFunctionError"], true,
            "{}",
            function.id
        );
        // A number of tries is used up within seconds where each of them fails at once.
        assert_eq!(mapping["MaximumRetryAttempts"], -1, "{}", function.id);
        // Within the 24 hours of the stream, with time left to act.
        assert!(
            mapping["MaximumRecordAgeInSeconds"]
                .as_u64()
                .is_some_and(|age| age <= 43_200),
            "{}",
            function.id
        );
        assert!(
            !sam::mentioned(&mapping["DestinationConfig"]["OnFailure"]).is_empty(),
            "{}",
            function.id
        );
    }
}

/// A new account may run ten functions at once. Those that are woken by queues and
/// by the stream must leave room for requests and for the clock.
#[test]
fn the_workers_of_queues_leave_room_in_a_new_account() {
    let template = sam::system();
    let default = |value: &Value| {
        let parameter = value["Ref"].as_str();
        let given = value.as_u64();
        given.unwrap_or_else(|| {
            let path = format!("/Parameters/{}/Default", parameter.unwrap());
            template.part(&path).as_u64().unwrap()
        })
    };
    let queues = mappings(&template, "SQS");
    let n_of_queues: u64 = queues
        .iter()
        .map(|(_, mapping)| default(&mapping["ScalingConfig"]["MaximumConcurrency"]))
        .sum();
    let streams = mappings(&template, "DynamoDB");
    let n_of_streams: u64 = streams
        .iter()
        .map(|(_, mapping)| default(&mapping["ParallelizationFactor"]))
        .sum();
    assert!(
        n_of_queues + n_of_streams <= 7,
        "{n_of_queues} and {n_of_streams} per shard"
    );
}

#[test]
fn every_other_hop_has_dead_letters_that_it_may_write_to() {
    let template = sam::system();
    let ends = ends(&template);
    let is_end = |value: &Value| sam::mentioned(value).iter().any(|id| ends.contains(*id));
    for rule in template.of_kind("AWS::Events::Rule") {
        for target in sam::elements(rule.property("/Targets")) {
            assert!(is_end(&target["DeadLetterConfig"]), "{}", rule.id);
        }
    }
    for schedule in template.of_kind("AWS::Scheduler::Schedule") {
        assert!(
            is_end(schedule.property("/Target/DeadLetterConfig")),
            "{}",
            schedule.id
        );
    }
    for subscription in template.of_kind("AWS::SNS::Subscription") {
        assert!(
            is_end(subscription.property("/RedrivePolicy")),
            "{}",
            subscription.id
        );
    }
    for policy in template.of_kind("AWS::SQS::QueuePolicy") {
        let queues = sam::mentioned(policy.property("/Queues"));
        for statement in sam::elements(policy.property("/PolicyDocument/Statement")) {
            assert_eq!(
                sam::mentioned(&statement["Resource"]),
                queues,
                "{}",
                policy.id
            );
            assert!(
                statement["Condition"].to_string().contains("aws:SourceArn"),
                "{} lets any caller in",
                policy.id
            );
        }
    }
}

#[test]
fn the_rule_to_dispatch_holds_back_what_no_customer_is_told_and_nothing_else() {
    let template = sam::system();
    let rule = template.of_kind("AWS::Events::Rule").next().unwrap();
    let branches = sam::elements(rule.property("/EventPattern/$or"));
    let lists = |field: &str| {
        let list = branches
            .iter()
            .map(|branch| &branch["detail"][field])
            .find(|list| !list.is_null())
            .unwrap();
        list[0].get("anything-but").unwrap_or(list).clone()
    };
    let codes = |codes: Vec<String>| serde_json::Value::from(codes);
    let silent = ShipmentStatus::ALL
        .iter()
        .filter(|status| policy::is_silent_status(**status));
    assert_eq!(
        lists("status"),
        codes(silent.map(ToString::to_string).collect())
    );
    let told = OrderStage::ALL
        .iter()
        .filter(|stage| !policy::is_silent_stage(**stage));
    let mut stages = lists("stage").as_array().unwrap().clone();
    stages.sort_by_key(ToString::to_string);
    let mut expected: Vec<String> = told.map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(serde_json::Value::from(stages), codes(expected));
    assert_eq!(lists("by"), codes(vec![StageSource::Shop.to_string()]));
    assert_eq!(
        lists("type"),
        codes(vec![
            "OrderStageChanged".to_owned(),
            "ShipmentStatusChanged".to_owned()
        ])
    );
}

#[test]
fn a_schedule_tells_the_minute_it_is_for() {
    let template = sam::system();
    let input = template
        .resource("EachMinute")
        .property("/Target/Input")
        .as_str()
        .unwrap();
    assert_eq!(input, r#"{"time":"<aws.scheduler.scheduled-time>"}"#);
}

#[test]
fn dead_letters_are_kept_for_two_weeks_and_raise_an_alarm() {
    let template = sam::system();
    let alarms = sam::alarms();
    let watched: BTreeSet<_> = alarms
        .of_kind("AWS::CloudWatch::Alarm")
        .filter(|alarm| alarm.property("/MetricName") == "ApproximateNumberOfMessagesVisible")
        .map(|alarm| {
            alarm
                .property("/Dimensions/0/Value/Fn::Sub")
                .as_str()
                .unwrap()
                .replace("${Name}", "${AWS::StackName}")
        })
        .collect();
    for id in ends(&template) {
        let queue = template.resource(&id);
        assert_eq!(queue.property("/MessageRetentionPeriod"), 1_209_600, "{id}");
        assert!(
            watched.contains(queue.property("/QueueName/Fn::Sub").as_str().unwrap()),
            "no alarm watches {id}"
        );
    }
}

#[test]
fn each_alarm_stands_on_the_dashboard_and_in_the_runbook() {
    let alarms = sam::alarms();
    let dashboard = alarms
        .resource("Dashboard")
        .property("/DashboardBody/Fn::Sub")
        .as_str()
        .unwrap();
    let runbook = files::read("docs/OPERATIONS.md");
    for alarm in alarms.of_kind("AWS::CloudWatch::Alarm") {
        assert!(
            dashboard.contains(&format!("${{{}.Arn}}", alarm.id)),
            "{} is not on the dashboard",
            alarm.id
        );
        let name = alarm
            .property("/AlarmName/Fn::Sub")
            .as_str()
            .unwrap()
            .replace("${Name}-", "");
        let description = alarm.property("/AlarmDescription").as_str().unwrap();
        assert!(
            description.ends_with(&format!("(docs/OPERATIONS.md#{name})")),
            "{}: {description}",
            alarm.id
        );
        assert!(
            runbook.contains(&format!("\n### {name}\n")),
            "docs/OPERATIONS.md has no heading ### {name}"
        );
    }
}

#[test]
fn the_dashboard_is_json() {
    let alarms = sam::alarms();
    let body = alarms
        .resource("Dashboard")
        .property("/DashboardBody/Fn::Sub")
        .as_str()
        .unwrap();
    let parsed: Result<Value, _> = serde_json::from_str(body);
    assert!(parsed.is_ok(), "{parsed:?}");
}
