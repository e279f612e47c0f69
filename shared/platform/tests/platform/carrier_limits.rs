//! What a carrier allows is shared: no process takes what another has taken.

use crate::sample::carrier;
use futures::future::join;
use posthorn_platform::{
    Aws,
    store::carrier_limits::{LimitStore, Versioned},
    testing::{self, Dynamo},
};
use std::collections::BTreeMap;

type Ledger = BTreeMap<String, Vec<(i64, u32)>>;

fn store(aws: &Aws) -> LimitStore {
    LimitStore::new(aws, &testing::config()).unwrap()
}

fn ledger(taken: u32) -> Ledger {
    BTreeMap::from([("60 calls in 3600000".to_owned(), vec![(19_780, taken)])])
}

#[tokio::test]
async fn a_carrier_of_which_nothing_was_taken_has_an_empty_state() {
    let dynamo = Dynamo::start().await;
    let usps = carrier("usps");
    let loaded: Versioned<Ledger> = store(&dynamo.aws()).load_limits(&usps).await.unwrap();
    assert_eq!(loaded, Versioned::default());
}

#[tokio::test]
async fn of_two_who_take_at_once_one_must_look_again() {
    let dynamo = Dynamo::start().await;
    let (one, two) = (store(&dynamo.aws()), store(&dynamo.aws()));
    let usps = carrier("usps");
    for version in 0..3 {
        let (mine, other) = (ledger(1), ledger(2));
        let (left, right) = join(
            one.replace_limits(&usps, &mine, version),
            two.replace_limits(&usps, &other, version),
        )
        .await;
        let (left, right) = (left.unwrap(), right.unwrap());
        assert_ne!(left, right);
        let loaded: Versioned<Ledger> = one.load_limits(&usps).await.unwrap();
        assert_eq!(loaded.version, version + 1);
        assert_eq!(loaded.state, if left { mine } else { other });
    }
    let dhl: Versioned<Ledger> = one.load_limits(&carrier("dhl")).await.unwrap();
    assert_eq!(dhl.version, 0);
}

#[tokio::test]
async fn taking_is_one_write_and_no_read() {
    let dynamo = Dynamo::start().await;
    let aws = dynamo.aws();
    let (store, usps) = (store(&aws), carrier("usps"));
    assert!(store.replace_limits(&usps, &ledger(1), 0).await.unwrap());
    let before = aws.capacity_meter().read_units();
    assert!(store.replace_limits(&usps, &ledger(2), 1).await.unwrap());
    let after = aws.capacity_meter().read_units();
    assert_eq!(after.table_writes, before.table_writes + 1);
    assert_eq!(after.table_reads.to_bits(), before.table_reads.to_bits());
}

#[tokio::test]
async fn a_state_that_cannot_be_read_begins_anew() {
    let dynamo = Dynamo::start().await;
    let (store, usps) = (store(&dynamo.aws()), carrier("usps"));
    for (ledger_value, version) in [
        (serde_json::json!({"S": "x"}), serde_json::json!({"N": "3"})),
        (
            serde_json::json!({"M": {"60 calls in 3600000": {"S": "x"}}}),
            serde_json::json!({"S": "x"}),
        ),
    ] {
        let item = serde_json::json!({
            "pk": {"S": "SWEEP"}, "sk": {"S": "LIMITS#usps"}, "ledger": ledger_value, "version": version,
        });
        let item: serde_dynamo::Item = serde_json::from_value(item).unwrap();
        let put = dynamo
            .aws()
            .dynamodb_client()
            .put_item()
            .table_name("Settings");
        put.set_item(Some(item.into())).send().await.unwrap();
        let loaded: Versioned<Ledger> = store.load_limits(&usps).await.unwrap();
        assert_eq!(loaded.state, Ledger::new());
        let replaced = store
            .replace_limits(&usps, &ledger(1), loaded.version)
            .await;
        assert!(replaced.unwrap());
        let loaded: Versioned<Ledger> = store.load_limits(&usps).await.unwrap();
        assert_eq!(loaded.state, ledger(1));
    }
}
