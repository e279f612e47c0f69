//! Records that nobody can process go aside, and everything else goes on.

use aws_sdk_sqs::types::Message;
use posthorn_tests::{World, wait};
use reqwest::{Method, StatusCode};
use serde_json::json;

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

#[tokio::test]
async fn a_poison_stream_record_lies_in_quarantine_and_the_others_go_on() {
    let world = World::new("poison-stream").await;
    place(&world, "P-1").await;
    world.put("Orders", &json!({"pk": format!("ORDER#{}#P-0", world.shop), "sk": "ORDER", "stage": 7, "nonsense": true})).await.unwrap();
    place(&world, "P-2").await;
    wait::until("the mails of the good orders", || async {
        Ok((world.mails().await.len() == 2).then_some(()))
    })
    .await;
    let poison = take(&world, "QuarantineQueue").await;
    assert!(
        poison.body.as_deref().unwrap_or_default().contains("P-0"),
        "{poison:?}"
    );
    drop_from(&world, "QuarantineQueue", &poison).await;
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
    let (source, target) = (
        world.stack.physical("DispatchDlq"),
        world.stack.physical("DispatchQueue"),
    );
    let message = take(&world, "DispatchDlq").await;
    world
        .stack
        .sqs
        .send_message()
        .queue_url(target)
        .message_body(message.body.clone().unwrap())
        .send()
        .await
        .unwrap();
    world
        .stack
        .sqs
        .delete_message()
        .queue_url(source)
        .set_receipt_handle(message.receipt_handle.clone())
        .send()
        .await
        .unwrap();
    wait::until("the mail after the redrive", || async {
        Ok((world.mails().await.len() == 1).then_some(()))
    })
    .await;
    world.finish().await;
}
