//! Posthorn's tables within the process, for tests that turn the clock.

use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{aws::Aws, store::schema::TABLES};

/// A DynamoDB that is reached without a socket: nothing waits for the network, so
/// the clock of `tokio` can be paused and moves on only while code sleeps.
#[derive(Clone)]
pub struct Tables(Database);

impl Tables {
    /// Makes the tables, each under its logical name.
    pub fn new() -> Self {
        let database = Database::memory().expect("SQLite opens in memory");
        for table in &TABLES {
            let request =
                serde_json::from_value(super::definition(table)).expect("a table definition");
            database.create_table(request).expect("a table is made");
        }
        Self(database)
    }

    /// Clients whose requests `http` carries out, which hands those to tables on to
    /// [`Tables::answer`].
    pub fn aws_through(http: SharedHttpClient) -> Aws {
        Aws::new(super::sdk("http://127.0.0.1", http))
    }

    /// What the tables answer; none if the request is not for them.
    pub fn answer(&self, request: &HttpRequest) -> Option<(u16, Value)> {
        let target = request.headers().get("x-amz-target")?;
        let operation = target.strip_prefix("DynamoDB_20120810.")?;
        let body = request.body().bytes().unwrap_or_default();
        let database = &self.0;
        let answer = match operation {
            "GetItem" => run(body, |request| database.get_item(request)),
            "PutItem" => run(body, |request| database.put_item(request)),
            "UpdateItem" => run(body, |request| database.update_item(request)),
            "Query" => run(body, |request| database.query(request)),
            "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
            _ => (400, json!({"__type": "UnknownOperationException"})),
        };
        Some(answer)
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tables")
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> (u16, Value) {
    let request = serde_json::from_slice(body).expect("a request as the SDK writes it");
    match operation(request) {
        Ok(answer) => (
            200,
            serde_json::to_value(answer).expect("an answer is JSON"),
        ),
        Err(error) => {
            let answer = serde_json::from_str(&error.to_json()).expect("an error is JSON");
            (error.status_code(), answer)
        }
    }
}
