//! Lost answers and dead workers: no customer hears twice, nothing is lost.
//! That each fault has acted is what `World::finish` looks at.

use aws_sdk_dynamodb::types::AttributeValue;
use posthorn_tests::{World, ups::Scan, wait, world::now};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_lost_answer_of_ses_yields_one_mail() {
    let world = World::new("lost-answer").await;
    world.fault(&json!({"service": "ses", "operation": "SendEmail", "fault": "lost_answer", "contains": world.buyer.email, "times": 1})).await;
    let (order, _) = world.shipped().await;
    // SES's own Send event settles what the lost answer left open.
    wait::until("the first notification to be settled", || async {
        let notifications = world.notifications(&order).await;
        let open = notifications
            .iter()
            .filter(|notification| notification["channel"] == json!("email"));
        let settled = |notification: &Value| {
            matches!(notification["state"].as_str(), Some("sent" | "delivered"))
        };
        let mails: Vec<&Value> = open.collect();
        Ok(
            (mails.len() == 2 && mails.iter().all(|notification| settled(notification)))
                .then_some(()),
        )
    })
    .await;
    let subjects: Vec<String> = world
        .mails()
        .await
        .into_iter()
        .map(|mail| mail.subject)
        .collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert_ne!(subjects[0], subjects[1]);
    world.finish().await;
}

#[tokio::test]
async fn a_throttled_ses_delays_a_mail_but_loses_none() {
    let world = World::new("throttled").await;
    // The last mail: what was told since would overtake an earlier one.
    let number = world.ups_number(1);
    world.fault(&json!({"service": "ses", "operation": "SendEmail", "fault": "throttle", "contains": number, "times": 1})).await;
    let (order, _) = world.shipped().await;
    // What SES certainly did not take comes again with a sweep, after a pause.
    wait::patiently("both mails", || async {
        world
            .stack
            .invoke("Sweep", &json!({"time": now().to_string()}))
            .await?;
        Ok((world.mails().await.len() == 2).then_some(()))
    })
    .await;
    assert_eq!(
        world
            .told(&order)
            .await
            .iter()
            .filter(|line| line.starts_with("email"))
            .count(),
        2
    );
    world.finish().await;
}

#[tokio::test]
async fn a_function_killed_in_mid_batch_loses_and_doubles_nothing() {
    let world = World::new("killed").await;
    let after = |function: &str, operation: &str| json!({"function": function, "operation": operation, "fault": "kill_after", "times": 1});
    // Each dies with its work done and unacknowledged: evaluate between bus and
    // stream, poll between table and queue, dispatch between SES and ledger.
    forget_cohorts(&world).await;
    for (function, operation) in [
        ("Evaluate", "PutEvents"),
        // The entry of the cohort that the shipment joins.
        ("Poll", "UpdateItem"),
        ("Poll", "PutItem"),
        ("Dispatch", "SendEmail"),
    ] {
        world
            .fault(&after(world.stack.physical(function), operation))
            .await;
    }
    let (order, number) = world.shipped().await;
    world.scanned(&number, Scan::Origin, 90, "Rochester");
    world.poll().await;
    let expected = [
        "email in_transit",
        "email order_received",
        "email shipped",
        "sms shipped",
    ];
    wait::until("every message to be sent", || async {
        world.hurry().await;
        let mut told = world.told(&order).await;
        told.sort_unstable();
        Ok((told == expected).then_some(()))
    })
    .await;
    world.settle().await;
    assert_eq!(world.mails().await.len(), 3);
    assert_eq!(world.texts().await.len(), 1);
    world.finish().await;
}

/// Makes every cohort a new one: its entry is gone from the table, and from the
/// memory of the functions, which all begin anew.
async fn forget_cohorts(world: &World) {
    world.settle().await;
    let key = |name: &str| AttributeValue::S(name.to_owned());
    world
        .stack
        .dynamodb
        .update_item()
        .table_name(world.stack.physical("Settings"))
        .key("pk", key("SWEEP"))
        .key("sk", key("STATE"))
        .update_expression("REMOVE cohorts")
        .send()
        .await
        .expect("DynamoDB answers");
    world
        .stack
        .control(Method::POST, "kill", Some(json!({"function": ""})))
        .await
        .expect("the launcher answers");
}
