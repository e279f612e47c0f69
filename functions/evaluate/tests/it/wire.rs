//! The wire to a table, a bus and a queue.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use posthorn_domain::order::Order;
use posthorn_platform::{
    store::orders::OrderStore,
    testing::{response, wire},
};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Wire(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) published: Mutex<Vec<Value>>,
    pub(crate) quarantined: Mutex<Vec<Value>>,
    pub(crate) n_table_requests: AtomicUsize,
    pub(crate) n_put_events: AtomicUsize,
    /// From which `PutEvents` on the bus fails.
    pub(crate) fails_from: Mutex<Option<usize>>,
    /// Facts that hold this are none to the bus.
    pub(crate) refuses: Mutex<Option<String>>,
    /// What a concurrent writer writes right before the next write of ours.
    pub(crate) intruder: Mutex<Option<(OrderStore, Order)>>,
}

impl Wire {
    /// What the function is given in place of its connections.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let tapped = self.clone();
        wire(move |request, table| {
            let wire = tapped.clone();
            HttpConnectorFuture::new(async move { wire.carry(request, table).await })
        })
    }

    async fn carry(
        &self,
        request: HttpRequest,
        table: SharedHttpConnector,
    ) -> Result<HttpResponse, ConnectorError> {
        let target = request
            .headers()
            .get("x-amz-target")
            .unwrap_or_default()
            .to_owned();
        let json = || serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        match target.as_str() {
            "AWSEvents.PutEvents" => Ok(self.publish(&json())),
            "AmazonSQS.SendMessage" => Ok(self.quarantine(&json())),
            _ => {
                self.0.n_table_requests.fetch_add(1, Ordering::Relaxed);
                let intruder = self
                    .0
                    .intruder
                    .lock()
                    .unwrap()
                    .take_if(|_| target.ends_with("PutItem"));
                if let Some((orders, order)) = intruder {
                    orders.set_stage(&order, order.version - 1).await.unwrap();
                }
                table.call(request).await
            }
        }
    }

    fn publish(&self, body: &Value) -> HttpResponse {
        let nth = self.0.n_put_events.fetch_add(1, Ordering::Relaxed);
        if self
            .0
            .fails_from
            .lock()
            .unwrap()
            .is_some_and(|from| nth >= from)
        {
            return response(500, &json!({ "__type": "InternalException" }));
        }
        let entries = body["Entries"].as_array().unwrap();
        let refuses = self.0.refuses.lock().unwrap();
        let is_refused = |entry: &&Value| {
            let detail = entry["Detail"].as_str().unwrap();
            refuses.as_ref().is_some_and(|text| detail.contains(text))
        };
        let mut published = self.0.published.lock().unwrap();
        for entry in entries.iter().filter(|entry| !is_refused(entry)) {
            assert_eq!(entry["Source"], "posthorn");
            let fact: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            assert_eq!(entry["DetailType"], fact["type"]);
            published.push(fact);
        }
        let result = |entry: &Value| {
            if is_refused(&entry) {
                json!({ "ErrorCode": "MalformedDetail" })
            } else {
                json!({ "EventId": "e" })
            }
        };
        let results: Vec<Value> = entries.iter().map(result).collect();
        response(200, &json!({ "FailedEntryCount": 0, "Entries": results }))
    }

    fn quarantine(&self, body: &Value) -> HttpResponse {
        let message: Value = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
        self.0.quarantined.lock().unwrap().push(message);
        response(200, &json!({ "MessageId": "m", "MD5OfMessageBody": "" }))
    }
}
