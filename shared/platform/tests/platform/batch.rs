//! A batch: the good records pass, the bad one fails alone.

use crate::wire;
use aws_lambda_events::sqs::SqsEvent;
use posthorn_platform::{
    batch::{self, RecordError, StreamEvent},
    queue::Queue,
    store::stream::StreamRecord,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

#[derive(Deserialize)]
struct Task {
    n: u32,
}

fn messages(bodies: &[&str]) -> SqsEvent {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| json!({"messageId": format!("m{n}"), "body": body}))
        .collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

fn failures(response: impl Serialize) -> Vec<String> {
    let response = serde_json::to_value(response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_malformed_message_a_refused_one_and_a_panic_fail_alone() {
    let done = Mutex::new(Vec::new());
    let event = messages(&[r#"{"n":0}"#, "{", r#"{"n":2}"#, r#"{"n":3}"#, r#"{"n":4}"#]);
    let response = batch::process_queue(event, |task: Task| {
        let done = &done;
        async move {
            assert_ne!(task.n, 2, "a panic");
            anyhow::ensure!(task.n != 3, "refused");
            done.lock().unwrap().push(task.n);
            Ok(())
        }
    })
    .await;
    assert_eq!(failures(response), ["m1", "m2", "m3"]);
    assert_eq!(*done.lock().unwrap(), [0, 4]);
}

#[tokio::test]
async fn the_messages_of_a_batch_are_processed_all_at_once() {
    let barrier = tokio::sync::Barrier::new(3);
    let event = messages(&[r#"{"n":0}"#, r#"{"n":1}"#, r#"{"n":2}"#]);
    let response = batch::process_queue(event, |_: Task| async {
        barrier.wait().await;
        Ok(())
    })
    .await;
    assert_eq!(failures(response), [""; 0]);
}

fn record(n: u32) -> Value {
    json!({
        "eventName": "INSERT",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_342_530,
            "Keys": {"pk": {"S": "ORDER#acme#1001"}, "sk": {"S": "OTHER"}},
            "NewImage": {},
            "SequenceNumber": n.to_string(),
        },
    })
}

/// A record whose image is not that of an order.
fn poison(n: u32) -> Value {
    let mut record = record(n);
    record["dynamodb"]["Keys"]["sk"] = json!({"S": "ORDER"});
    record["dynamodb"]["NewImage"] = json!({"version": {"N": "1"}});
    record
}

struct Outcome {
    failures: Vec<String>,
    n_handled: usize,
    quarantined: Vec<Value>,
}

/// Runs a batch whose records `handle` judges, each by its count from 1;
/// the quarantine answers with `status`.
async fn run(
    records: Vec<Value>,
    status: u16,
    handle: impl Fn(usize) -> Result<(), RecordError>,
) -> Outcome {
    let (aws, requests) = wire::aws(move |_, _| (status, json!({"MessageId": "m"})));
    let quarantine = Queue::new(&aws, "https://sqs/quarantine");
    let n_handled = AtomicUsize::new(0);
    let event = StreamEvent { records };
    let response = batch::process_stream(
        "evaluate",
        event,
        &quarantine,
        None,
        |_: StreamRecord| async { handle(n_handled.fetch_add(1, Ordering::SeqCst) + 1) },
    )
    .await;
    let quarantined = requests
        .lock()
        .unwrap()
        .iter()
        .map(|request| serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap())
        .collect();
    Outcome {
        failures: failures(response),
        n_handled: n_handled.into_inner(),
        quarantined,
    }
}

#[tokio::test]
async fn a_stream_without_trouble_reports_nothing() {
    let outcome = run(vec![record(1), record(2)], 200, |_| Ok(())).await;
    assert_eq!(outcome.failures, [""; 0]);
    assert_eq!(outcome.n_handled, 2);
    assert_eq!(outcome.quarantined.len(), 0);
}

#[tokio::test]
async fn what_may_pass_later_ends_the_batch_with_its_position() {
    let records = vec![record(1), record(2), record(3)];
    let outcome = run(records, 200, |n| match n {
        2 => Err(RecordError::Later(anyhow::anyhow!("throttled"))),
        _ => Ok(()),
    })
    .await;
    assert_eq!(outcome.failures, ["2"]);
    assert_eq!(outcome.n_handled, 2);
    assert_eq!(outcome.quarantined.len(), 0);
}

#[tokio::test]
async fn what_can_never_pass_goes_into_quarantine_as_an_event_and_the_others_go_on() {
    let records = vec![record(1), poison(2), record(3), record(4)];
    let outcome = run(records, 200, |n| match n {
        2 => Err(RecordError::Never(anyhow::anyhow!("makes no sense"))),
        _ => Ok(()),
    })
    .await;
    assert_eq!(outcome.failures, [""; 0]);
    assert_eq!(outcome.n_handled, 3);
    let [unreadable, refused] = &outcome.quarantined[..] else {
        panic!("{:?}", outcome.quarantined);
    };
    let redriven: StreamEvent = serde_json::from_value(unreadable.clone()).unwrap();
    assert_eq!(redriven.records, [poison(2)]);
    assert_eq!(refused["reason"], "makes no sense");
    assert_eq!(refused["Records"], json!([record(3)]));
}

#[tokio::test]
async fn a_panic_is_isolated_like_any_poison() {
    let outcome = run(vec![record(1), record(2)], 200, |n| {
        assert_ne!(n, 1, "a panic");
        Ok(())
    })
    .await;
    assert_eq!(outcome.failures, [""; 0]);
    assert_eq!(outcome.n_handled, 2);
    assert_eq!(outcome.quarantined.len(), 1);
}

#[tokio::test]
async fn poison_that_the_quarantine_does_not_take_is_tried_again() {
    let outcome = run(vec![poison(1), record(2)], 500, |_| Ok(())).await;
    assert_eq!(outcome.failures, ["1"]);
    assert_eq!(outcome.n_handled, 0);
}

/// The same as [`record`], of another order.
fn of_order(order: u32, n: u32) -> Value {
    let mut record = record(n);
    record["dynamodb"]["Keys"]["pk"] = json!({"S": format!("ORDER#acme#{order}")});
    record["dynamodb"]["ApproximateCreationDateTime"] = json!(1_795_342_530 + n);
    record
}

/// Runs a batch whose records take `seconds` each, on a clock of the test's own;
/// the numbers of those that were handled, in the order of their ends.
async fn timed(
    records: Vec<Value>,
    until: Option<u64>,
    seconds: impl Fn(i64) -> u64,
) -> (Vec<String>, Vec<i64>) {
    let (aws, _) = wire::aws(|_, _| (200, json!({"MessageId": "m"})));
    let quarantine = Queue::new(&aws, "https://sqs/quarantine");
    let handled = Mutex::new(Vec::new());
    let until = until.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let event = StreamEvent { records };
    let response = batch::process_stream(
        "evaluate",
        event,
        &quarantine,
        until,
        |record: StreamRecord| {
            let n = record.at.as_second() - 1_795_342_530;
            let (handled, time) = (&handled, Duration::from_secs(seconds(n)));
            async move {
                sleep_until(Instant::now() + time).await;
                handled.lock().unwrap().push(n);
                Ok(())
            }
        },
    )
    .await;
    (failures(response), handled.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn records_of_different_orders_go_beside_each_other_and_those_of_one_in_their_order() {
    let records: Vec<Value> = (1..=12).map(|n| of_order(n % 4, n)).collect();
    let begin = Instant::now();
    let (failed, handled) = timed(records, None, |n| u64::from(n == 1) * 10 + 1).await;
    assert_eq!(failed, [""; 0]);
    assert_eq!(begin.elapsed(), Duration::from_secs(11 + 1 + 1));
    for order in 0..4 {
        let own: Vec<i64> = handled.iter().copied().filter(|n| n % 4 == order).collect();
        assert!(own.is_sorted() && own.len() == 3, "{own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_there_is_no_time_for_is_reported_from_the_first_on_that_is_not_done() {
    let records: Vec<Value> = (1..=9).map(|n| of_order(n % 3, n)).collect();
    let (failed, handled) = timed(records, Some(10), |n| match n {
        2 => 60,
        _ => 1,
    })
    .await;
    assert_eq!(failed, ["2"]);
    assert_eq!(handled.len(), 6, "the other orders are done: {handled:?}");
}

#[tokio::test]
async fn a_record_that_is_too_large_for_the_quarantine_goes_there_without_its_images() {
    let (aws, requests) = wire::aws(|_, body| {
        let is_large = body["MessageBody"].as_str().unwrap().len() > 2000;
        if is_large {
            return (
                400,
                json!({"__type": "com.amazonaws.sqs#InvalidParameterValue"}),
            );
        }
        (200, json!({"MessageId": "m"}))
    });
    let quarantine = Queue::new(&aws, "https://sqs/quarantine");
    let mut large = poison(1);
    large["dynamodb"]["OldImage"] = json!({"text": {"S": "x".repeat(3000)}});
    let event = StreamEvent {
        records: vec![large],
    };
    let response = batch::process_stream(
        "evaluate",
        event,
        &quarantine,
        None,
        |_: StreamRecord| async { Ok(()) },
    );
    assert_eq!(failures(response.await), [""; 0]);
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 2);
    let message: Value =
        serde_json::from_str(requests[1]["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(message["Records"], json!([poison(1)]));
}
