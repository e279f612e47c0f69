//! The tables: as the code thinks of them, and kept when the stack goes.

use crate::sam;
use posthorn_platform::store::schema::{IndexSchema, TABLES, TableSchema};
use serde_json::{Value, json};

fn keys(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({ "AttributeName": hash, "KeyType": "HASH" })];
    keys.extend(range.map(|range| json!({ "AttributeName": range, "KeyType": "RANGE" })));
    Value::Array(keys)
}

fn sort_key(table: &TableSchema) -> Option<&'static str> {
    table.has_sort_key.then_some("sk")
}

#[test]
fn the_template_has_the_tables_that_the_code_relies_on() {
    let template = sam::system();
    let mut declared: Vec<_> = template
        .of_kind("AWS::DynamoDB::Table")
        .map(|table| table.id)
        .collect();
    declared.sort_unstable();
    let mut expected = TABLES.map(|table| table.name);
    expected.sort_unstable();
    assert_eq!(declared, expected);

    for table in TABLES {
        let resource = template.resource(table.name);
        assert_eq!(
            resource.property("/KeySchema"),
            &keys("pk", sort_key(&table)),
            "{}",
            table.name
        );
        let stream = if table.has_stream {
            json!("NEW_AND_OLD_IMAGES")
        } else {
            Value::Null
        };
        assert_eq!(
            resource.property("/StreamSpecification/StreamViewType"),
            &stream,
            "{}",
            table.name
        );
        let expires = table.expires.map_or(Value::Null, Value::from);
        assert_eq!(
            resource.property("/TimeToLiveSpecification/AttributeName"),
            &expires,
            "{}",
            table.name
        );
    }
}

#[test]
fn the_indexes_hold_what_the_code_reads_from_them() {
    let template = sam::system();
    for table in TABLES {
        let resource = template.resource(table.name);
        let declared = sam::elements(resource.property("/GlobalSecondaryIndexes"));
        assert_eq!(declared.len(), table.indexes.len(), "{}", table.name);
        for index in table.indexes {
            let Some(found) = declared
                .iter()
                .find(|declared| declared["IndexName"] == index.name)
            else {
                panic!("{} has no index {}", table.name, index.name);
            };
            assert_eq!(
                found["KeySchema"],
                keys(index.hash, index.range),
                "{}",
                index.name
            );
            holds(found, index);
        }
    }
}

fn holds(found: &Value, index: &IndexSchema) {
    let mut held = sam::texts(&found["Projection"]["NonKeyAttributes"]);
    held.sort_unstable();
    let mut expected = index.includes.to_vec();
    expected.sort_unstable();
    assert_eq!(held, expected, "{}", index.name);
    let kind = if expected.is_empty() {
        "KEYS_ONLY"
    } else {
        "INCLUDE"
    };
    assert_eq!(
        found["Projection"]["ProjectionType"], kind,
        "{}",
        index.name
    );
}

#[test]
fn a_table_outlives_the_stack_can_be_restored_and_is_encrypted() {
    for table in sam::system().of_kind("AWS::DynamoDB::Table") {
        assert_eq!(
            table.whole["DeletionPolicy"], "RetainExceptOnCreate",
            "{}",
            table.id
        );
        assert_eq!(table.whole["UpdateReplacePolicy"], "Retain", "{}", table.id);
        assert_eq!(
            table.property("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled"),
            true,
            "{}",
            table.id
        );
        assert_eq!(
            table.property("/SSESpecification/SSEEnabled"),
            true,
            "{}",
            table.id
        );
        assert_eq!(
            table.property("/BillingMode"),
            "PAY_PER_REQUEST",
            "{}",
            table.id
        );
        assert!(
            table.property("/TableName").is_null(),
            "{} could not be made anew beside the kept one",
            table.id
        );
    }
}
