//! A DynamoDB, EventBridge, SQS and SSM that answer at once, over TLS on loopback:
//! what is left is the function's own work.

use anyhow::Context as _;
use axum::{Router, body::Bytes, http::HeaderMap, response::IntoResponse, serve::Listener};
use std::{net::SocketAddr, path::Path, sync::Arc};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

/// The address of the cloud and the certificate that clients must trust.
#[derive(Debug)]
pub(crate) struct Cloud {
    /// As `https://127.0.0.1:1234`.
    pub(crate) endpoint: String,
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, peer)) = self.tcp.accept().await else {
                continue;
            };
            if stream.set_nodelay(true).is_err() {
                continue;
            }
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// Serves until the process ends; writes its certificate to `certificate`.
pub(crate) async fn serve(certificate: &Path) -> anyhow::Result<Cloud> {
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let identity = rcgen::generate_simple_self_signed(names)?;
    tokio::fs::write(certificate, identity.cert.pem())
        .await
        .context("cannot write the certificate")?;
    let key = rustls::pki_types::PrivateKeyDer::try_from(identity.signing_key.serialize_der())
        .map_err(|error| anyhow::anyhow!("the generated key cannot be used: {error}"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key)?;
    let tcp = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("https://{}", tcp.local_addr()?);
    let listener = TlsListener {
        tcp,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    };
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(answer_request)).await },
    );
    Ok(Cloud { endpoint })
}

async fn answer_request(headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    let answer = match operation {
        "GetItem" if text.contains("KEY#") => {
            r#"{"Item":{"pk":{"S":"KEY#0"},"sk":{"S":"KEY"},"shop":{"S":"demo"},"label":{"S":"bench"},"created_at":{"S":"2026-01-01T00:00:00Z"}}}"#
        }
        // The minute before that of `sweep-minute.json` was swept, and all was counted.
        "GetItem" if text.contains("SWEEP") && text.contains("STATE") => {
            r#"{"Item":{"pk":{"S":"SWEEP"},"sk":{"S":"STATE"},"watermark":{"S":"2026-11-22T10:14:00Z"},"released":{"M":{"next":{"S":"2026-11-22T10:15:00Z"}}},"cohorts":{"M":{"ups#3h":{"S":"2100-01-01T00:00:00Z"}}},"lines":{"M":{}},"census":{"M":{"ended_at":{"S":"2100-01-01T00:00:00Z"},"rounds":{"N":"1"}}}}}"#
        }
        "Query" | "Scan" => r#"{"Items":[],"Count":0,"ScannedCount":0}"#,
        "PutEvents" => r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#,
        "SendMessageBatch" => r#"{"Successful":[],"Failed":[]}"#,
        _ => "{}",
    };
    ([("content-type", "application/x-amz-json-1.0")], answer)
}
