//! What each function may do: what it needs, and nothing else.

use crate::sam::{self, Resource, Template};
use serde_json::Value;

fn roles(template: &Template) -> impl Iterator<Item = Resource<'_>> {
    template.of_kind("AWS::IAM::Role")
}

/// The tables (by logical id) on which a function may do anything at all.
fn tables_of<'a>(template: &'a Template, function: Resource<'a>) -> Vec<&'a str> {
    let is_table = |id: &str| {
        template
            .resources()
            .any(|other| other.id == id && other.kind == "AWS::DynamoDB::Table")
    };
    let mut tables: Vec<_> = template
        .statements(function)
        .into_iter()
        .flat_map(|statement| sam::mentioned(&statement["Resource"]))
        .filter(|id| is_table(id))
        .collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

#[test]
fn each_function_has_a_role_of_its_own() {
    let template = sam::system();
    for function in template.functions() {
        let role = sam::mentioned(function.property("/Role"));
        assert_eq!(
            role.into_iter().collect::<Vec<_>>(),
            [format!("{}Role", function.id)]
        );
    }
}

#[test]
fn no_action_has_a_star_and_no_resource_but_a_telephone_number() {
    let template = sam::system();
    for role in roles(&template) {
        assert!(
            role.property("/ManagedPolicyArns").is_null(),
            "{} has a policy made by others",
            role.id
        );
        for statement in role.statements() {
            for action in sam::texts(&statement["Action"]) {
                assert!(!action.contains('*'), "{} may {action}", role.id);
            }
            let is_everything = statement["Resource"] == "*";
            let is_telephone = statement["Action"] == "sns:Publish" && role.id == "DispatchRole";
            // What SES lets an account send is the account's, and has no ARN either.
            let is_quota = statement["Action"] == "ses:GetAccount" && role.id == "DispatchRole";
            assert!(
                !is_everything || is_telephone || is_quota,
                "{} may {} on everything",
                role.id,
                statement["Action"]
            );
            assert!(
                statement["NotAction"].is_null() && statement["NotResource"].is_null(),
                "{}",
                role.id
            );
        }
    }
}

#[test]
fn who_may_text_a_customer_may_publish_to_no_topic() {
    let template = sam::system();
    let statements = template.resource("DispatchRole").statements();
    let denied = statements
        .iter()
        .find(|statement| statement["Effect"] == "Deny")
        .expect("topics are denied");
    assert_eq!(denied["Action"], "sns:Publish");
    assert_eq!(
        denied["Resource"]["Fn::Sub"],
        "arn:${AWS::Partition}:sns:*:*:*"
    );
}

#[test]
fn a_statement_is_about_one_thing() {
    let template = sam::system();
    for role in roles(&template) {
        for statement in role.statements() {
            assert!(
                !statement["Resource"].is_array(),
                "{} lumps resources together: {statement}",
                role.id
            );
        }
    }
}

#[test]
fn a_table_that_a_function_may_touch_is_told_to_it_and_the_other_way_round() {
    let template = sam::system();
    for function in template.functions() {
        let variables = function
            .property("/Environment/Variables")
            .as_object()
            .unwrap();
        let mut told: Vec<&str> = variables
            .values()
            .filter_map(|value| value["Ref"].as_str())
            .filter(|id| {
                template
                    .resources()
                    .any(|other| other.id == *id && other.kind == "AWS::DynamoDB::Table")
            })
            .collect();
        told.sort_unstable();
        assert_eq!(tables_of(&template, function), told, "{}", function.id);
    }
}

#[test]
fn personal_data_is_out_of_reach_of_all_but_three() {
    let template = sam::system();
    // Who writes that an address is not to be written to reads nothing.
    for statement in template.statements(template.resource("Unsubscribe")) {
        if sam::mentioned(&statement["Resource"]).contains("Contacts") {
            assert_eq!(sam::texts(&statement["Action"]), ["dynamodb:PutItem"]);
            let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            assert_eq!(sam::texts(keys), ["ADDRESS#*"]);
        }
    }
    let mut with_contacts: Vec<_> = template
        .functions()
        .filter(|function| tables_of(&template, *function).contains(&"Contacts"))
        .map(|function| function.id)
        .collect();
    with_contacts.sort_unstable();
    assert_eq!(
        with_contacts,
        ["Dispatch", "Feedback", "Ingest", "Unsubscribe"]
    );
}

#[test]
fn the_public_page_can_only_read() {
    let template = sam::system();
    for statement in template.statements(template.resource("Track")) {
        for action in sam::texts(&statement["Action"]) {
            let is_log = action.starts_with("logs:");
            assert!(
                is_log || matches!(action, "dynamodb:Query" | "dynamodb:GetItem"),
                "Track may {action}"
            );
        }
    }
}

#[test]
fn mail_leaves_only_from_the_verified_sender() {
    let template = sam::system();
    for function in template.functions() {
        for statement in template.statements(function) {
            if sam::texts(&statement["Action"])
                .iter()
                .any(|action| action.starts_with("ses:"))
            {
                assert_eq!(function.id, "Dispatch");
                if statement["Action"] == "ses:GetAccount" {
                    continue;
                }
                let resource = statement["Resource"]["Fn::Sub"].as_str().unwrap();
                let is_from_sender =
                    !statement["Condition"]["StringLike"]["ses:FromAddress"].is_null();
                assert!(
                    resource.ends_with(":configuration-set/${Mail}") || is_from_sender,
                    "{resource}"
                );
            }
        }
    }
}

#[test]
fn only_the_intended_service_may_call_or_publish() {
    let template = sam::system();
    for resource in template.resources() {
        match resource.kind {
            "AWS::Lambda::Permission" => {
                assert!(
                    !resource.property("/SourceArn").is_null(),
                    "{} lets any API call",
                    resource.id
                );
            }
            "AWS::SNS::TopicPolicy" | "AWS::SQS::QueuePolicy" => {
                for statement in sam::elements(resource.property("/PolicyDocument/Statement")) {
                    assert!(
                        statement["Principal"]["Service"].is_string(),
                        "{}: {statement}",
                        resource.id
                    );
                    assert_ne!(
                        statement["Condition"],
                        Value::Null,
                        "{}: {statement}",
                        resource.id
                    );
                }
            }
            _ => {}
        }
    }
}

#[test]
fn what_the_internet_can_call_reads_no_carriers_credentials() {
    let template = sam::system();
    let readers: Vec<&str> = template
        .functions()
        .filter(|function| {
            let statements = template.statements(*function);
            statements.iter().any(|statement| {
                let text = statement.to_string();
                text.contains("ssm:GetParameter") && text.contains("/carriers/")
            })
        })
        .map(|function| function.id)
        .collect();
    assert_eq!(readers, ["Poll"]);
}

#[test]
fn what_is_written_in_a_transaction_has_no_condition_on_its_key() {
    // AWS does not say that the leading keys are known where a transaction is judged.
    let template = sam::system();
    let ingest = template.resource("Ingest");
    for statement in template.statements(ingest) {
        let text = statement.to_string();
        assert!(
            !(text.contains("dynamodb:PutItem") && text.contains("LeadingKeys")),
            "{text}"
        );
    }
}

#[test]
fn no_table_can_be_deleted_by_accident() {
    let template = sam::system();
    let mut n_tables = 0;
    for table in template.of_kind("AWS::DynamoDB::Table") {
        n_tables += 1;
        let is_protected = table.property("/DeletionProtectionEnabled");
        assert_eq!(is_protected, &serde_json::json!(true), "{}", table.id);
    }
    assert_eq!(n_tables, 5);
}
