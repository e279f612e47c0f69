//! One read from DynamoDB per event, with the SDK as it comes.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_from_env().await;
    let client = Client::new(&config);
    run(service_fn(|_event: LambdaEvent<Value>| {
        let client = client.clone();
        async move {
            let answer = client
                .get_item()
                .table_name("Orders")
                .key("pk", AttributeValue::S("ORDER#shop#1001".into()))
                .key("sk", AttributeValue::S("ORDER".into()))
                .send()
                .await?;
            Ok::<_, Error>(json!({ "found": answer.item().is_some() }))
        }
    }))
    .await
}
