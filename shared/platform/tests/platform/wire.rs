//! What goes over the wire to SQS, EventBridge and the parameter store.

use crate::sample::{carrier, key, now, shop};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use jiff::SignedDuration;
use posthorn_domain::{
    fact::{Fact, FactEvent},
    id::ShipmentIndex,
};
use posthorn_platform::{
    Aws, RetryAdvice, ServiceErrorKind, bus::Bus, queue::Queue, secrets::Secrets,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) type Requests = Arc<Mutex<Vec<Value>>>;

/// An AWS that answers each request by `answer`, given how many came before,
/// and keeps what it was asked.
pub(crate) fn aws(
    answer: impl Fn(usize, &Value) -> (u16, Value) + Send + Sync + 'static,
) -> (Aws, Requests) {
    aws_with(RetryConfig::disabled(), answer)
}

fn aws_with(
    retries: RetryConfig,
    answer: impl Fn(usize, &Value) -> (u16, Value) + Send + Sync + 'static,
) -> (Aws, Requests) {
    let requests = Requests::default();
    let kept = Arc::clone(&requests);
    let http = infallible_client_fn(move |request| {
        let body = request.body().bytes().unwrap_or_default();
        let body = serde_json::from_slice(body).unwrap_or_default();
        let mut kept = kept.lock().unwrap();
        let (status, answer) = answer(kept.len(), &body);
        kept.push(body);
        http::Response::builder()
            .status(status)
            .body(SdkBody::from(answer.to_string()))
            .unwrap()
    });
    let credentials = Credentials::new("test", "test", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .http_client(http)
        .build();
    (Aws::new(sdk), requests)
}

fn entries(request: &Value) -> &[Value] {
    request["Entries"].as_array().unwrap()
}

fn taken(request: &Value) -> (u16, Value) {
    let taken: Vec<Value> = entries(request)
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
        .collect();
    (200, json!({"Successful": taken, "Failed": []}))
}

fn refused(id: &str) -> (u16, Value) {
    let failed = json!([{"Id": id, "SenderFault": false, "Code": "ServiceUnavailable"}]);
    (200, json!({"Successful": [], "Failed": failed}))
}

#[tokio::test]
async fn a_message_is_sent_with_its_delay() {
    let (aws, requests) = aws(|_, _| (200, json!({"MessageId": "m"})));
    let queue = Queue::new(&aws, "https://sqs/q").with_delay(Duration::from_secs(90));
    queue.send(&json!({"a": 1})).await.unwrap();
    assert_eq!(
        *requests.lock().unwrap(),
        [json!({"QueueUrl": "https://sqs/q", "MessageBody": "{\"a\":1}", "DelaySeconds": 90})]
    );
}

#[tokio::test]
async fn a_batch_goes_in_tens() {
    let (aws, requests) = aws(|_, request| taken(request));
    let messages: Vec<u32> = (0..23).collect();
    let queue = Queue::new(&aws, "https://sqs/q");
    queue.send_batch(&messages).await.unwrap();
    let requests = requests.lock().unwrap();
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| entries(request).len())
        .collect();
    assert_eq!(sizes, [10, 10, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_a_queue_did_not_take_is_sent_again_and_only_that() {
    let (aws, requests) = aws(|n, request| match n {
        0 => refused("1"),
        _ => taken(request),
    });
    let queue = Queue::new(&aws, "https://sqs/q");
    queue.send_batch(&["a", "b"]).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 2);
    let [again] = entries(&requests[1]) else {
        panic!("{}", requests[1]);
    };
    assert_eq!(again["MessageBody"], "\"b\"");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_never_takes_a_message_is_an_error() {
    let (aws, _) = aws(|_, _| refused("0"));
    let queue = Queue::new(&aws, "https://sqs/q");
    let error = queue.send_batch(&["a"]).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Throttled);
    assert_eq!(
        error.to_string(),
        "could not send 1 of 1 messages to a queue: throttled"
    );
}

/// What SQS says of an entry that it will never take.
fn blamed(request: &Value, guilty: &str) -> (u16, Value) {
    let (bad, good): (Vec<&Value>, Vec<&Value>) = entries(request)
        .iter()
        .partition(|entry| entry["MessageBody"].as_str().unwrap().contains(guilty));
    let fail = |entry: &&Value| json!({"Id": entry["Id"], "SenderFault": true, "Code": "InvalidMessageContents"});
    let take =
        |entry: &&Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"});
    let failed: Vec<Value> = bad.iter().map(fail).collect();
    let taken: Vec<Value> = good.iter().map(take).collect();
    (200, json!({"Successful": taken, "Failed": failed}))
}

/// What SQS says of every entry of a request, with the blame on its sender.
fn blamed_all(request: &Value, code: &str) -> (u16, Value) {
    let failed: Vec<Value> = entries(request)
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "SenderFault": true, "Code": code}))
        .collect();
    (200, json!({"Successful": [], "Failed": failed}))
}

#[tokio::test(start_paused = true)]
async fn a_message_is_not_lost_to_a_fault_of_ours_that_may_pass() {
    for code in [
        "RequestThrottled",
        "KmsThrottled",
        "KmsAccessDenied",
        "AccessDenied",
    ] {
        let (aws, requests) = aws(move |n, request| match n {
            0 => blamed_all(request, code),
            _ => taken(request),
        });
        let queue = Queue::new(&aws, "https://sqs/q");
        assert_eq!(
            queue.send_batch(&["a", "b"]).await.unwrap(),
            [0_usize; 0],
            "{code}"
        );
        assert_eq!(requests.lock().unwrap().len(), 2, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_the_whole_queue_is_an_error_and_loses_nothing() {
    for code in ["KmsAccessDenied", "QueueOutOfFashion"] {
        let (aws, _) = aws(move |_, request| blamed_all(request, code));
        let queue = Queue::new(&aws, "https://sqs/q");
        let error = queue.send_batch(&["a", "b"]).await.unwrap_err();
        assert_eq!(error.kind, ServiceErrorKind::Throttled, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_blamed_by_an_unknown_code_is_left_out_at_last_and_the_rest_goes() {
    let (aws, _) = aws(|_, request| {
        let (status, mut answer) = blamed(request, "guilty");
        for failed in answer["Failed"].as_array_mut().unwrap() {
            failed["Code"] = json!("MessageOutOfFashion");
        }
        (status, answer)
    });
    let queue = Queue::new(&aws, "https://sqs/q");
    assert_eq!(queue.send_batch(&["a", "guilty", "c"]).await.unwrap(), [1]);
}

#[tokio::test]
async fn a_message_that_sqs_will_never_take_is_left_out_and_the_rest_goes() {
    let (aws, requests) = aws(|_, request| blamed(request, "guilty"));
    let mut messages: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    messages[3] = "guilty".to_owned();
    let queue = Queue::new(&aws, "https://sqs/q");
    assert_eq!(queue.send_batch(&messages).await.unwrap(), [3]);
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_request_refused_for_one_message_is_halved_until_that_one_is_alone() {
    let (aws, requests) = aws(|_, request| {
        let is_guilty = |entry: &Value| entry["MessageBody"].as_str().unwrap().contains("guilty");
        if entries(request).iter().any(is_guilty) {
            return (
                400,
                json!({"__type": "com.amazonaws.sqs#BatchRequestTooLong"}),
            );
        }
        taken(request)
    });
    let mut messages: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    messages[7] = "guilty".to_owned();
    let queue = Queue::new(&aws, "https://sqs/q");
    assert_eq!(queue.send_batch(&messages).await.unwrap(), [7]);
    let requests = requests.lock().unwrap();
    let sent = requests
        .iter()
        .filter(|request| !request.to_string().contains("guilty"));
    assert_eq!(sent.map(|request| entries(request).len()).sum::<usize>(), 9);
}

#[tokio::test]
async fn a_permission_that_is_missing_is_no_fault_of_the_message() {
    let (aws, _) = aws(|_, _| (403, json!({"__type": "AccessDeniedException"})));
    let queue = Queue::new(&aws, "https://sqs/q");
    let error = queue.send_batch(&["a", "b"]).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Refused);
}

#[tokio::test]
async fn what_sqs_does_not_take_as_a_character_goes_as_its_number() {
    let (aws, requests) = aws(|_, request| taken(request));
    let text = "a\u{FFFE}\u{FFFF}\0\u{1FFFF}z";
    Queue::new(&aws, "https://sqs/q")
        .send_batch(&[text])
        .await
        .unwrap();
    let requests = requests.lock().unwrap();
    let body = entries(&requests[0])[0]["MessageBody"].as_str().unwrap();
    assert_eq!(body, "\"a\\ufffe\\uffff\\u0000\u{1FFFF}z\"");
    assert_eq!(serde_json::from_str::<String>(body).unwrap(), text);
}

fn fact(version: u64) -> Fact {
    let event = FactEvent::ShipmentStalled {
        shipment: ShipmentIndex(1),
        since: now(),
    };
    Fact::new(key(), version, now(), event)
}

#[tokio::test]
async fn a_fact_is_an_event_of_its_own_name() {
    let (aws, requests) = aws(|_, _| {
        let entries = json!([{"EventId": "e"}]);
        (200, json!({"FailedEntryCount": 0, "Entries": entries}))
    });
    Bus::new(&aws, "bus")
        .publish_facts(&[fact(1)])
        .await
        .unwrap();
    let requests = requests.lock().unwrap();
    let [entry] = entries(&requests[0]) else {
        panic!("{}", requests[0]);
    };
    assert_eq!(entry["EventBusName"], "bus");
    assert_eq!(entry["Source"], "posthorn");
    assert_eq!(entry["DetailType"], "ShipmentStalled");
    let detail: Fact = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail, fact(1));
}

#[tokio::test(start_paused = true)]
async fn facts_that_the_bus_never_takes_are_named() {
    let (aws, requests) = aws(|_, request| {
        let results: Vec<Value> = entries(request)
            .iter()
            .map(|entry| {
                let detail = entry["Detail"].as_str().unwrap();
                if detail.contains(&fact(2).id) {
                    json!({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
                } else {
                    json!({"EventId": "e"})
                }
            })
            .collect();
        (200, json!({"FailedEntryCount": 1, "Entries": results}))
    });
    let bus = Bus::new(&aws, "bus");
    let unpublished = bus
        .publish_facts(&[fact(1), fact(2), fact(3)])
        .await
        .unwrap_err();
    assert_eq!(unpublished.ids, [fact(2).id]);
    assert_eq!(unpublished.to_string(), "could not publish 1 of 3 facts");
    let requests = requests.lock().unwrap();
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| entries(request).len())
        .collect();
    assert_eq!(sizes, [3, 1, 1, 1, 1]);
}

#[tokio::test]
async fn a_fact_that_the_bus_refuses_for_what_it_says_is_named_and_the_others_are_on_it() {
    let (aws, requests) = aws(|_, request| {
        let is_guilty = |entry: &Value| entry["Detail"].as_str().unwrap().contains(&fact(2).id);
        if entries(request).iter().any(is_guilty) {
            return (400, json!({"__type": "ValidationException"}));
        }
        let results: Vec<Value> = entries(request)
            .iter()
            .map(|_| json!({"EventId": "e"}))
            .collect();
        (200, json!({"FailedEntryCount": 0, "Entries": results}))
    });
    let bus = Bus::new(&aws, "bus");
    let facts = [fact(1), fact(2), fact(3)];
    let unpublished = bus.publish_facts(&facts).await.unwrap_err();
    assert_eq!(unpublished.ids, [fact(2).id]);
    assert_eq!(unpublished.source.kind, ServiceErrorKind::Unreadable);
    let requests = requests.lock().unwrap();
    let published = requests
        .iter()
        .filter(|request| !request.to_string().contains(&fact(2).id));
    assert_eq!(
        published
            .map(|request| entries(request).len())
            .sum::<usize>(),
        2
    );
}

fn exposed(secret: Option<SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn a_secret_is_read_decrypted_and_kept_for_five_minutes() {
    let (aws, requests) = aws(|n, _| {
        let value = format!("secret {n}");
        (200, json!({"Parameter": {"Value": value}}))
    });
    let secrets = Secrets::new(&aws, "/posthorn/prod/");
    let read = async |minutes| {
        let at = now() + SignedDuration::from_mins(minutes);
        exposed(
            secrets
                .carrier_credentials(&carrier("ups"), at)
                .await
                .unwrap(),
        )
    };
    assert_eq!(read(0).await.as_deref(), Some("secret 0"));
    assert_eq!(read(4).await.as_deref(), Some("secret 0"));
    assert_eq!(read(5).await.as_deref(), Some("secret 1"));
    assert_eq!(
        requests.lock().unwrap()[0],
        json!({"Name": "/posthorn/prod/carriers/ups", "WithDecryption": true})
    );
}

#[tokio::test]
async fn that_there_is_no_secret_is_remembered_for_half_a_minute() {
    let (aws, requests) = aws(|_, _| (400, json!({"__type": "ParameterNotFound"})));
    let secrets = Secrets::new(&aws, "/posthorn/prod");
    for seconds in [0, 29, 30] {
        let at = now() + SignedDuration::from_secs(seconds);
        let secret = secrets.storefront(&shop(), "shopify", at).await.unwrap();
        assert_eq!(exposed(secret), None);
    }
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_old_secret_serves_while_the_parameter_store_is_away_but_not_for_ever() {
    let (aws, _) = aws(|n, _| match n {
        0 => (200, json!({"Parameter": {"Value": "hush"}})),
        _ => (500, json!({"__type": "InternalServerError"})),
    });
    let secrets = Secrets::new(&aws, "/posthorn/prod");
    let read = async |minutes| {
        let at = now() + SignedDuration::from_mins(minutes);
        secrets
            .carrier_credentials(&carrier("ups"), at)
            .await
            .map(exposed)
    };
    read(0).await.unwrap();
    assert_eq!(read(59).await.unwrap().as_deref(), Some("hush"));
    let error = read(60).await.unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Unreachable);
    assert!(!format!("{error:?}").contains("hush"));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_tried_again() {
    let (aws, requests) = aws_with(RetryConfig::standard(), |_, _| (500, json!({})));
    let secrets = Secrets::new(&aws, "/posthorn/prod");
    assert!(
        secrets
            .carrier_credentials(&carrier("ups"), now())
            .await
            .is_err()
    );
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_mail_or_text_that_fails_is_never_tried_again_by_the_sdk() {
    let (aws, requests) = aws_with(RetryConfig::standard(), |_, _| (500, json!({})));
    let mail = aws.sesv2_without_retries().send_email();
    assert!(
        mail.from_email_address("orders@acme.example")
            .send()
            .await
            .is_err()
    );
    assert_eq!(requests.lock().unwrap().len(), 1);
    let text = aws.sns_without_retries().publish();
    assert!(
        text.phone_number("+15555550100")
            .message("Hello")
            .send()
            .await
            .is_err()
    );
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_error_says_what_to_do_next() {
    for (status, code, kind, next) in [
        (
            400,
            "ThrottlingException",
            ServiceErrorKind::Throttled,
            RetryAdvice::Retry,
        ),
        (
            400,
            "AccessDeniedException",
            ServiceErrorKind::Refused,
            RetryAdvice::Never,
        ),
        (
            503,
            "ServiceUnavailable",
            ServiceErrorKind::Unreachable,
            RetryAdvice::Retry,
        ),
    ] {
        let (aws, _) = aws(move |_, _| (status, json!({"__type": code})));
        let queue = Queue::new(&aws, "https://sqs/q");
        let error = queue.send(&json!({})).await.unwrap_err();
        assert_eq!((error.kind, error.retry_advice()), (kind, next), "{error}");
        assert_eq!(error.aws_code(), Some(code));
    }
}
