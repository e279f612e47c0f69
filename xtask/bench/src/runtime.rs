//! A Lambda Runtime API on loopback that hands out one event again and again.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Response, StatusCode, Uri},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{net::TcpListener, sync::Notify};

/// The Runtime API of one bootstrap.
#[derive(Debug, Clone)]
pub(crate) struct Runtime {
    /// As `127.0.0.1:1234`, for `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    event: Bytes,
    allowed: AtomicU64,
    handed_out: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    more: Notify,
    progress: Notify,
}

impl Runtime {
    /// Serves `event` until the process ends.
    pub(crate) async fn serve(event: Bytes) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            event,
            allowed: AtomicU64::new(0),
            handed_out: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            more: Notify::new(),
            progress: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    /// Hands out `events` more and waits until all of them are answered.
    pub(crate) async fn run_events(&self, events: u64) -> anyhow::Result<()> {
        let target = self.shared.allowed.fetch_add(events, Ordering::SeqCst) + events;
        self.shared.more.notify_one();
        loop {
            let progress = self.shared.progress.notified();
            if self.shared.failed.load(Ordering::SeqCst) > 0 {
                anyhow::bail!("the function answered with an error");
            }
            if self.shared.answered.load(Ordering::SeqCst) >= target {
                return Ok(());
            }
            tokio::time::timeout(std::time::Duration::from_mins(1), progress).await?;
        }
    }
}

async fn handle(State(shared): State<Arc<Shared>>, uri: Uri) -> Response<Body> {
    let path = uri.path();
    if path.ends_with("/invocation/next") {
        return next_event(&shared).await;
    }
    if path.ends_with("/error") {
        shared.failed.fetch_add(1, Ordering::SeqCst);
    } else {
        shared.answered.fetch_add(1, Ordering::SeqCst);
    }
    shared.progress.notify_waiters();
    shared.progress.notify_one();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

async fn next_event(shared: &Shared) -> Response<Body> {
    while shared.handed_out.load(Ordering::SeqCst) >= shared.allowed.load(Ordering::SeqCst) {
        shared.more.notified().await;
    }
    let number = shared.handed_out.fetch_add(1, Ordering::SeqCst);
    Response::builder()
        .header(
            "lambda-runtime-aws-request-id",
            format!("00000000-0000-4000-8000-{number:012}"),
        )
        .header("lambda-runtime-deadline-ms", "4102444800000")
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:bench",
        )
        .header(
            "lambda-runtime-trace-id",
            "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0",
        )
        .header("content-type", "application/json")
        .body(Body::from(shared.event.clone()))
        .expect("the parts are valid")
}
