//! More messages than a provider takes: workers, a queue and providers that count,
//! on a clock that is turned.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_smithy_runtime_api::client::{
    http::{HttpConnectorFuture, SharedHttpClient},
    orchestrator::{HttpRequest, HttpResponse},
};
use dispatch::Dispatch;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{id::OrderId, notification_type::Channel, status::Reason};
use posthorn_platform::{
    store::{
        intake::{Intake, NewOrder},
        settings::SettingsStore,
    },
    testing::{Tables, response, wire},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::world::{
    contact, fact, noon, provider::Provider, sample, settings, settings_of_the_function, told,
};

/// Workers of `dispatch` at a time.
const WORKERS: usize = 10;

/// What a call of a provider takes.
const LATENCY: Duration = Duration::from_millis(60);

/// A queue and the providers, on the clock of the test.
#[derive(Debug, Clone)]
struct Outside(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    begin: Instant,
    tables: Tables,
    provider: Provider,
    /// How many mails, and how many texts, are taken in a second.
    per_second: [usize; 2],
    queue: Mutex<BTreeMap<(Instant, usize), Value>>,
    n_put: AtomicUsize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// When each mail and each text was taken.
    taken: [Vec<Instant>; 2],
    n_refused: usize,
    n_sent_to_queue: usize,
    n_ledger_writes: usize,
    n_pace_writes: usize,
}

impl Outside {
    fn put(&self, body: Value, delay: Duration) {
        let number = self.0.n_put.fetch_add(1, Ordering::SeqCst);
        let mut queue = self.0.queue.lock().unwrap();
        queue.insert((Instant::now() + delay, number), body);
    }

    /// Up to ten messages that can be seen.
    fn receive(&self) -> Vec<Value> {
        let mut queue = self.0.queue.lock().unwrap();
        let now = Instant::now();
        let visible: Vec<_> = queue
            .keys()
            .take_while(|(at, _)| *at <= now)
            .take(10)
            .copied()
            .collect();
        visible.iter().filter_map(|key| queue.remove(key)).collect()
    }

    fn is_empty(&self) -> bool {
        self.0.queue.lock().unwrap().is_empty()
    }

    fn client(&self) -> SharedHttpClient {
        let outside = self.clone();
        wire(move |request, _| {
            let outside = outside.clone();
            HttpConnectorFuture::new(async move { Ok(outside.answer(request).await) })
        })
    }

    async fn answer(&self, request: HttpRequest) -> HttpResponse {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.starts_with("DynamoDB") {
            let mut counts = self.0.counts.lock().unwrap();
            counts.n_ledger_writes += usize::from(target.ends_with("PutItem"));
            counts.n_pace_writes += usize::from(target.ends_with("UpdateItem"));
            drop(counts);
            let (status, body) = self.0.tables.answer(&request).unwrap();
            return response(status, &body);
        }
        if target == "AmazonSQS.SendMessage" {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let message = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
            let seconds = body["DelaySeconds"].as_u64().unwrap();
            self.0.counts.lock().unwrap().n_sent_to_queue += 1;
            self.put(message, Duration::from_secs(seconds));
            return response(200, &json!({"MessageId": "1", "MD5OfMessageBody": ""}));
        }
        sleep(LATENCY).await;
        if request.method() == "GET" {
            let rate = self.0.per_second[0];
            return response(200, &json!({"SendQuota": {"MaxSendRate": rate}}));
        }
        let channel = usize::from(!request.uri().contains("/v2/email/"));
        let mut counts = self.0.counts.lock().unwrap();
        let second_ago = Instant::now().checked_sub(Duration::from_secs(1));
        let taken = &mut counts.taken[channel];
        let lately = taken
            .iter()
            .filter(|at| second_ago.is_none_or(|ago| **at > ago));
        if lately.count() > self.0.per_second[channel] {
            counts.n_refused += 1;
            let code = ["TooManyRequestsException", "Throttled"][channel];
            let mut answer = response(429, &json!({"__type": code, "message": "Too fast."}));
            answer.headers_mut().insert("x-amzn-errortype", code);
            return answer;
        }
        taken.push(Instant::now());
        drop(counts);
        self.0.provider.accept(&request)
    }

    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.0.begin.elapsed()).unwrap();
        noon() + elapsed
    }

    /// One of the workers, as long as there is anything to do.
    async fn work(&self) {
        let aws = Tables::aws_through(self.client());
        let mut of_this_test: Vec<(&str, &str)> = settings_of_the_function();
        of_this_test.retain(|(name, _)| *name != "POSTHORN_MAILS_PER_SECOND");
        of_this_test.push(("POSTHORN_TEXTS_PER_SECOND", "2"));
        let config = posthorn_platform::Config::with_settings("Dispatch", of_this_test);
        let dispatch = Dispatch::new(&aws, &config).unwrap();
        loop {
            let bodies = self.receive();
            if bodies.is_empty() {
                if self.is_empty() {
                    return;
                }
                sleep(Duration::from_millis(250)).await;
                continue;
            }
            let mut event = SqsEvent::default();
            for (index, body) in bodies.iter().enumerate() {
                let mut record = SqsMessage::default();
                record.message_id = Some(index.to_string());
                record.body = Some(body.to_string());
                event.records.push(record);
            }
            let now = self.now();
            let deadline = now + SignedDuration::from_secs(30);
            let answer = dispatch.work_off(event, now, Some(deadline)).await;
            for failure in answer.batch_item_failures {
                let index: usize = failure.item_identifier.parse().unwrap();
                self.put(bodies[index].clone(), Duration::from_secs(190));
            }
        }
    }
}

/// Lets so many orders be told of at once; gives what the outside saw, and when each
/// mail and each text was taken, in seconds.
async fn burst(n: usize, per_second: [usize; 2], wants_texts: bool) -> (Outside, [Vec<f64>; 2]) {
    let outside = Outside(Arc::new(Inner {
        begin: Instant::now(),
        tables: Tables::new(),
        provider: Provider::default(),
        per_second,
        queue: Mutex::default(),
        n_put: AtomicUsize::default(),
        counts: Mutex::default(),
    }));
    let aws = Tables::aws_through(outside.client());
    let tables = posthorn_platform::testing::config();
    let intake = Intake::new(&aws, &tables).unwrap();
    let shop = fact(Reason::Today, noon()).order.shop;
    let mut settings = settings();
    settings.texts.per_day = 10_000;
    SettingsStore::new(&aws, &tables)
        .unwrap()
        .put_settings(&shop, &settings)
        .await
        .unwrap();
    for number in 0..n {
        let id = OrderId::parse(&format!("B-{number}")).unwrap();
        let mut order = sample::placed();
        order.key.order = id.clone();
        order.token = posthorn_domain::id::TrackingToken::from_random(
            u128::try_from(number).unwrap().to_be_bytes(),
        );
        let mut contact = contact();
        if !wants_texts {
            contact.phone = None;
        }
        let new = NewOrder {
            order,
            contact: Some(contact),
            shipments: vec![sample::new_shipment(Reason::Today)],
        };
        intake.create_order(&new, None).await.unwrap();
        let mut fact = fact(Reason::Today, noon());
        fact.order.order = id;
        outside.put(told(&fact), Duration::ZERO);
    }
    *outside.0.counts.lock().unwrap() = Counts::default();
    futures::future::join_all((0..WORKERS).map(|_| outside.work())).await;
    let counts = outside.0.counts.lock().unwrap();
    let begin = outside.0.begin;
    let seconds = |times: &Vec<Instant>| {
        let since = |at: &Instant| at.duration_since(begin).as_secs_f64();
        times.iter().map(since).collect()
    };
    let taken = [seconds(&counts.taken[0]), seconds(&counts.taken[1])];
    drop(counts);
    (outside, taken)
}

fn float(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_backlog_is_out_within_a_fifth_more_than_the_ideal_time() {
    for (n, per_second) in [(300, 2), (500, 14)] {
        let (outside, [mails, _]) = burst(n, [per_second, 2], false).await;
        let counts = outside.0.counts.lock().unwrap();
        let case = format!(
            "{n} at {per_second}: {:?}",
            (
                counts.n_refused,
                counts.n_sent_to_queue,
                counts.n_ledger_writes,
                counts.n_pace_writes,
            )
        );
        assert_eq!(mails.len(), n, "{case}");
        assert_eq!(outside.0.provider.count(Channel::Email), n, "{case}");
        let ideal = float(n) / float(per_second);
        let (took, most) = (mails[n - 1], mails[n * 9 / 10]);
        assert!(took <= 1.2 * ideal, "{case}: {took:.1} s of {ideal:.1}");
        assert!(most <= ideal, "{case}: nine tenths took {most:.1} s");
        // A claim and a mark for each; nothing was claimed in vain but once or twice.
        assert!(counts.n_refused <= n / 50, "{case}");
        assert!(
            counts.n_ledger_writes <= 2 * n + 4 * counts.n_refused + WORKERS,
            "{case}"
        );
        assert!(counts.n_sent_to_queue <= 3 * n, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn texts_keep_to_a_pace_of_their_own_and_do_not_hold_up_mails() {
    let (outside, [mails, texts]) = burst(60, [14, 2], true).await;
    assert_eq!((mails.len(), texts.len()), (60, 60));
    assert!(texts[59] <= 1.2 * 60.0 / 2.0, "{:.1} s", texts[59]);
    assert!(mails[59] <= 8.0, "{:.1} s", mails[59]);
    let counts = outside.0.counts.lock().unwrap();
    assert!(counts.n_refused <= 2, "{}", counts.n_refused);
}
