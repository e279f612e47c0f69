//! What cannot be processed goes aside, everything else goes on, and what lies
//! aside is healed as docs/OPERATIONS.md says.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::Message;
use posthorn_tests::{World, wait};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn take(world: &World, queue: &str) -> Message {
    wait::until("the poison to lie aside", || async {
        world.hurry().await;
        let answer = world
            .stack
            .sqs
            .receive_message()
            .queue_url(world.stack.physical(queue))
            .send()
            .await?;
        Ok(answer.messages.unwrap_or_default().pop())
    })
    .await
}

async fn drop_from(world: &World, queue: &str, message: &Message) {
    world
        .stack
        .sqs
        .delete_message()
        .queue_url(world.stack.physical(queue))
        .set_receipt_handle(message.receipt_handle.clone())
        .send()
        .await
        .expect("SQS answers");
}

async fn place(world: &World, id: &str) {
    let body = json!({"id": id, "customer": {"email": world.buyer.email}});
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

/// The order's own item, changed by hand.
async fn set(world: &World, order: &str, stage: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    world
        .stack
        .dynamodb
        .update_item()
        .table_name(world.stack.physical("Orders"))
        .key("pk", text(&format!("ORDER#{}#{order}", world.shop)))
        .key("sk", text("ORDER"))
        .update_expression("SET stage = :stage, version = version + :one")
        .expression_attribute_values(":stage", text(stage))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .expect("DynamoDB answers");
}

async fn hand_in(world: &World, event: &Value) {
    let answer = world.stack.invoke("Evaluate", event).await;
    let answer = answer.expect("evaluate runs");
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn a_poison_stream_record_lies_in_quarantine_until_it_is_mended_and_the_others_go_on() {
    let world = World::new("poison-stream").await;
    place(&world, "P-1").await;
    world.settle().await;
    set(&world, "P-1", "nonsense").await;
    place(&world, "P-2").await;
    wait::until("the mails of the good changes", || async {
        Ok((world.mails().await.len() == 2).then_some(()))
    })
    .await;
    // Taken out at once: a hurried queue would hand it out a second time.
    let poison = take(&world, "QuarantineQueue").await;
    drop_from(&world, "QuarantineQueue", &poison).await;
    let mut event: Value = serde_json::from_str(poison.body.as_deref().unwrap()).unwrap();
    let stage = event
        .pointer_mut("/Records/0/dynamodb/NewImage/stage/S")
        .expect("the record has its image");
    assert_eq!(*stage, json!("nonsense"));

    // The item is mended. That is a change of a nonsense, and so goes aside as well.
    set(&world, "P-1", "processing").await;
    let mending = take(&world, "QuarantineQueue").await;
    drop_from(&world, "QuarantineQueue", &mending).await;
    assert!(
        !world
            .told("P-1")
            .await
            .contains(&"email processing".to_owned())
    );
    // What the mended record says is told.
    *stage = json!("processing");
    hand_in(&world, &event).await;
    wait::until("the mail of the mended record", || async {
        Ok((world.mails().await.len() == 3).then_some(()))
    })
    .await;
    assert!(
        world
            .told("P-1")
            .await
            .contains(&"email processing".to_owned())
    );
    world.finish().await;
}

#[tokio::test]
async fn a_bus_that_refuses_for_a_while_delays_facts_and_puts_none_aside() {
    let world = World::new("refusing-bus").await;
    // Thirty calls: far more than a mapping with a number of tries would make.
    world
        .fault(&json!({"function": world.stack.physical("Evaluate"), "service": "events", "operation": "PutEvents", "fault": "error", "times": 30}))
        .await;
    place(&world, "B-1").await;
    wait::patiently("the mail after the bus takes facts again", || async {
        Ok((world.mails().await.len() == 1).then_some(()))
    })
    .await;
    assert_eq!(world.stack.depth("EvaluateDlq").await.unwrap(), 0);
    world.finish().await;
}

#[tokio::test]
async fn what_the_stream_gave_up_is_healed_through_its_pointer() {
    let world = World::new("pointer").await;
    // The bus refuses for longer than the mapping has patience.
    world.stack.set_patience(3).await.unwrap();
    world
        .fault(&json!({"function": world.stack.physical("Evaluate"), "service": "events", "operation": "PutEvents", "fault": "error", "times": 0}))
        .await;
    place(&world, "E-1").await;
    wait::patiently("the records to be given up", || async {
        Ok((world.stack.depth("EvaluateDlq").await? == 1).then_some(()))
    })
    .await;
    assert!(world.mails().await.is_empty());
    world.mend().await;
    world.stack.set_patience(43_200).await.unwrap();

    // What `cargo xtask redrive` does, step by step.
    let pointer = take(&world, "EvaluateDlq").await;
    let body: Value = serde_json::from_str(pointer.body.as_deref().unwrap()).unwrap();
    let info = &body["DDBStreamBatchInfo"];
    let from = json!({
        "StreamArn": info["streamArn"], "ShardId": info["shardId"],
        "ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": info["startSequenceNumber"],
    });
    let iterator = world.stack.stream("GetShardIterator", &from).await.unwrap();
    let from = json!({"ShardIterator": iterator["ShardIterator"]});
    let mut event = world.stack.stream("GetRecords", &from).await.unwrap();
    let place_of = |number: &Value| {
        let number = number.as_str().unwrap_or_default().to_owned();
        (number.len(), number)
    };
    let last = place_of(&info["endSequenceNumber"]);
    let records = event["Records"].as_array_mut().unwrap();
    records.retain(|record| place_of(&record["dynamodb"]["SequenceNumber"]) <= last);
    assert!(!records.is_empty(), "the stream has forgotten: {info}");
    hand_in(&world, &json!({"Records": records})).await;
    drop_from(&world, "EvaluateDlq", &pointer).await;

    wait::until("the mail that was missing", || async {
        Ok((world.mails().await.len() == 1).then_some(()))
    })
    .await;
    world.finish().await;
}

#[tokio::test]
async fn a_poison_queue_message_ends_in_the_dead_letter_queue_and_the_others_go_on() {
    let world = World::new("poison-queue").await;
    let fact = json!({
        "version": "0", "id": "11111111-1111-4111-8111-111111111111", "source": "posthorn", "detail-type": "OrderStageChanged",
        "account": "000000000000", "region": "us-east-1", "time": "2026-11-22T10:00:00Z", "resources": [],
        "detail": "not an object",
    });
    world
        .stack
        .sqs
        .send_message()
        .queue_url(world.stack.physical("DispatchQueue"))
        .message_body(fact.to_string())
        .send()
        .await
        .unwrap();
    place(&world, "Q-1").await;
    wait::until("the mail of the good order", || async {
        Ok((world.mails().await.len() == 1).then_some(()))
    })
    .await;
    let poison = take(&world, "DispatchDlq").await;
    assert_eq!(poison.body.as_deref(), Some(fact.to_string().as_str()));
    drop_from(&world, "DispatchDlq", &poison).await;
    world.finish().await;
}

#[tokio::test]
async fn what_failed_for_a_while_is_healed_by_a_redrive() {
    let world = World::new("redrive").await;
    // DynamoDB refuses dispatch for long enough that its message is given up.
    world
        .fault(&json!({"function": "ispatch", "service": "dynamodb", "fault": "error", "times": 0}))
        .await;
    place(&world, "R-1").await;
    wait::until("the message to be given up", || async {
        world.hurry().await;
        Ok((world.stack.depth("DispatchDlq").await? == 1).then_some(()))
    })
    .await;
    assert!(world.mails().await.is_empty());
    world.mend().await;
    world
        .stack
        .sqs
        .start_message_move_task()
        .source_arn(world.stack.queue_arn("DispatchDlq").await.unwrap())
        .destination_arn(world.stack.queue_arn("DispatchQueue").await.unwrap())
        .send()
        .await
        .expect("SQS moves the dead letters");
    wait::until("the mail after the redrive", || async {
        Ok((world.mails().await.len() == 1).then_some(()))
    })
    .await;
    world.finish().await;
}
