//! What goes over the wire to SES and SNS, and what their answers are taken for.

#[cfg(test)]
mod fixture;

use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient, infallible_client_fn};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};
use fixture::story;
use posthorn_channels::{
    email::{EmailSender, Envelope, order_of_tag, order_tag},
    send::{SendError, SendErrorKind, SendReceipt},
    sms::SmsSender,
};
use posthorn_domain::{
    contact::{EmailAddress, PhoneNumber},
    id::OrderKey,
    notification::NotificationId,
    notification_type::NotificationType,
    settings::Settings,
};
use serde_json::{Value, json};
use std::time::Duration;

const REFUSED: SendErrorKind = SendErrorKind::NotAccepted { retry: false };
const LATER: SendErrorKind = SendErrorKind::NotAccepted { retry: true };

fn key() -> OrderKey {
    serde_json::from_value(json!({ "shop": "acme", "order": "gid://5001" })).expect("a key")
}

fn ses(http: impl Into<Option<SharedHttpClient>>, endpoint: Option<&str>) -> EmailSender {
    let mut config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled());
    config.set_http_client(http.into());
    config.set_endpoint_url(endpoint.map(ToOwned::to_owned));
    if endpoint.is_some() {
        let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_millis(300));
        config.set_timeout_config(Some(timeouts.build()));
    }
    let client = aws_sdk_sesv2::Client::from_conf(config.build());
    EmailSender::new(client, Some("posthorn".to_owned()))
}

fn sns(http: SharedHttpClient) -> SmsSender {
    let config = aws_sdk_sns::Config::builder()
        .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
        .region(aws_sdk_sns::config::Region::new("eu-west-1"))
        .credentials_provider(aws_sdk_sns::config::Credentials::new(
            "id", "secret", None, None, "test",
        ))
        .retry_config(aws_sdk_sns::config::retry::RetryConfig::disabled())
        .http_client(http);
    SmsSender::new(
        aws_sdk_sns::Client::from_conf(config.build()),
        "0.50".to_owned(),
    )
}

async fn mail(sender: &EmailSender, settings: &Settings) -> Result<SendReceipt, SendError> {
    let (notification, order) = (
        NotificationId("0123456789abcdef0123456789abcdef".to_owned()),
        key(),
    );
    let envelope = Envelope {
        notification: &notification,
        order: &order,
        settings,
    };
    let to = EmailAddress::parse("anna@customer.example").expect("an address");
    sender
        .send_email(&story(NotificationType::Shipped).email(), &to, &envelope)
        .await
}

async fn text(sender: &SmsSender, settings: &Settings) -> Result<SendReceipt, SendError> {
    let to = PhoneNumber::parse("+14155550123", None).expect("a number");
    sender
        .send_sms(&story(NotificationType::Shipped).sms(), &to, settings)
        .await
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> StaticReplayClient {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let request = http::Request::new(SdkBody::empty());
    let response = response.body(SdkBody::from(body)).expect("a response");
    StaticReplayClient::new(vec![ReplayEvent::new(request, response)])
}

fn sent_json(client: &StaticReplayClient) -> Value {
    let request = client.actual_requests().next().expect("a request");
    serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON")
}

#[tokio::test]
async fn a_mail_goes_to_ses_with_everything_on_its_envelope() {
    let client = answer(200, &[], r#"{"MessageId":"0100-ses"}"#);
    let settings = story(NotificationType::Shipped).settings;
    let receipt = mail(&ses(SharedHttpClient::new(client.clone()), None), &settings).await;
    assert_eq!(receipt.unwrap().provider_id, "0100-ses");
    let mut sent = sent_json(&client);
    let content = sent["Content"]["Simple"].take();
    assert_eq!(
        sent,
        json!({
            "FromEmailAddress": "\"Acme Shoes\" <orders@acme.example>",
            "ReplyToAddresses": ["help@acme.example"],
            "Destination": { "ToAddresses": ["anna@customer.example"] },
            "ConfigurationSetName": "posthorn",
            "EmailTags": [
                { "Name": "posthorn-notification", "Value": "0123456789abcdef0123456789abcdef" },
                { "Name": "posthorn-order", "Value": "YWNtZS9naWQ6Ly81MDAx" },
            ],
            "Content": { "Simple": null },
        })
    );
    assert_eq!(
        content["Subject"],
        json!({ "Data": "Your order #1001 is ready for UPS", "Charset": "UTF-8" })
    );
    assert_eq!(
        content["Headers"],
        json!([
            { "Name": "Auto-Submitted", "Value": "auto-generated" },
            { "Name": "X-Auto-Response-Suppress", "Value": "OOF, AutoReply" },
            {
                "Name": "List-Unsubscribe",
                "Value": format!("<{}>, <mailto:help@acme.example?subject=unsubscribe>", fixture::UNSUBSCRIBE),
            },
            { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
        ])
    );
    for part in ["Html", "Text"] {
        let data = content["Body"][part]["Data"].as_str().unwrap();
        assert!(data.contains(fixture::LINK), "{part}");
    }
}

#[tokio::test]
async fn the_sender_is_the_shop_by_name() {
    for (name, from_email, expected) in [
        (
            "Acme",
            "orders@acme.example",
            "\"Acme\" <orders@acme.example>",
        ),
        (
            "Acme",
            "Acme Orders <orders@acme.example>",
            "\"Acme Orders\" <orders@acme.example>",
        ),
        (
            "Käse \"& Co\"",
            "o@k.example",
            "=?UTF-8?B?S8Okc2UgIiYgQ28i?= <o@k.example>",
        ),
        (
            "A\"\r\nBcc: x@y.example",
            "o@k.example",
            "\"A\\\" Bcc: x@y.example\" <o@k.example>",
        ),
        ("", "o@k.example", "o@k.example"),
    ] {
        let client = answer(200, &[], r#"{"MessageId":"1"}"#);
        let settings = Settings {
            name: name.to_owned(),
            from_email: from_email.to_owned(),
            ..Settings::default()
        };
        mail(&ses(SharedHttpClient::new(client.clone()), None), &settings)
            .await
            .unwrap();
        let sent = sent_json(&client);
        assert_eq!(sent["FromEmailAddress"], json!(expected));
        assert_eq!(sent["ReplyToAddresses"], Value::Null);
        let headers = sent["Content"]["Simple"]["Headers"].to_string();
        assert!(!headers.contains("mailto:"), "{headers}");
    }
}

#[test]
fn an_order_is_found_again_from_its_tag() {
    let tag = order_tag(&key());
    assert!(
        tag.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    assert_eq!(order_of_tag(&tag), Some(key()));
    assert_eq!(order_of_tag("!"), None);
    let longest: OrderKey =
        serde_json::from_value(json!({ "shop": "a".repeat(32), "order": "9".repeat(64) })).unwrap();
    assert!(order_tag(&longest).len() <= 256);
}

#[tokio::test]
async fn an_answer_of_ses_says_whether_to_try_again() {
    for (status, code, kind) in [
        (400, "MessageRejected", REFUSED),
        (400, "BadRequestException", REFUSED),
        (400, "AccountSuspendedException", LATER),
        (400, "MailFromDomainNotVerifiedException", LATER),
        (404, "NotFoundException", LATER),
        (403, "AccessDeniedException", LATER),
        (400, "SendingPausedException", LATER),
        (400, "LimitExceededException", LATER),
        (429, "TooManyRequestsException", SendErrorKind::Throttled),
        (400, "ThrottlingException", SendErrorKind::Throttled),
        (500, "InternalServiceErrorException", SendErrorKind::Unknown),
        (503, "ServiceUnavailable", SendErrorKind::Unknown),
    ] {
        let body = r#"{"message":"for anna@customer.example"}"#;
        let client = answer(status, &[("x-amzn-errortype", code)], body);
        let settings = story(NotificationType::Shipped).settings;
        let error = mail(&ses(SharedHttpClient::new(client), None), &settings)
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{code}");
        assert_eq!(error.to_string(), format!("{status} {code}: for ***"));
        assert!(!format!("{error:?}").contains("anna@"));
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_it_open() {
    for (status, body) in [
        (200, "<html>"),
        (200, "{}"),
        (502, "<html>Bad gateway</html>"),
        (302, ""),
    ] {
        let client = answer(status, &[], body);
        let settings = story(NotificationType::Shipped).settings;
        let error = mail(&ses(SharedHttpClient::new(client), None), &settings)
            .await
            .unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Unknown, "{status} {body}");
    }
}

#[tokio::test]
async fn a_refused_connection_was_certainly_no_send() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let sender = ses(None, Some(&format!("http://127.0.0.1:{port}")));
    let error = mail(&sender, &story(NotificationType::Shipped).settings)
        .await
        .unwrap_err();
    assert_eq!(error.kind, LATER, "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_it_open() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        use std::io::Read as _;
        let (mut stream, _) = listener.accept().unwrap();
        stream.read(&mut [0; 1024]).unwrap()
    });
    let sender = ses(None, Some(&format!("http://127.0.0.1:{port}")));
    let error = mail(&sender, &story(NotificationType::Shipped).settings)
        .await
        .unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unknown, "{error}");
    assert!(server.join().unwrap() > 0);
}

#[tokio::test]
async fn no_answer_in_time_leaves_it_open() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = ses(None, Some(&format!("http://127.0.0.1:{port}")));
    let error = mail(&sender, &story(NotificationType::Shipped).settings)
        .await
        .unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unknown, "{error}");
    drop(listener);
}

#[tokio::test]
async fn a_text_goes_to_sns_as_transactional_with_a_price_limit() {
    const ANSWER: &str = "<PublishResponse><PublishResult><MessageId>sns-1</MessageId></PublishResult></PublishResponse>";
    let client = answer(200, &[], ANSWER);
    let settings = story(NotificationType::Shipped).settings;
    let receipt = text(&sns(SharedHttpClient::new(client.clone())), &settings)
        .await
        .unwrap();
    assert_eq!(receipt.provider_id, "sns-1");
    let request = client.actual_requests().next().unwrap();
    let body = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
    let form: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
    assert_eq!(form["Action"], "Publish");
    assert_eq!(form["PhoneNumber"], "+14155550123");
    assert_eq!(form["Message"], story(NotificationType::Shipped).sms().text);
    let attributes: std::collections::BTreeMap<&str, (&str, &str)> = (1..=3)
        .map(|n| {
            let field = |name: &str| form[&format!("MessageAttributes.entry.{n}.{name}")].as_str();
            (
                field("Name"),
                (field("Value.DataType"), field("Value.StringValue")),
            )
        })
        .collect();
    assert_eq!(attributes["AWS.SNS.SMS.SenderID"], ("String", "AcmeShoes"));
    assert_eq!(
        attributes["AWS.SNS.SMS.SMSType"],
        ("String", "Transactional")
    );
    assert_eq!(attributes["AWS.SNS.SMS.MaxPrice"], ("Number", "0.50"));
}

#[tokio::test]
async fn an_answer_of_sns_says_whether_to_try_again() {
    for (status, code, kind) in [
        (400, "InvalidParameter", REFUSED),
        (403, "AuthorizationError", LATER),
        (400, "Throttling", SendErrorKind::Throttled),
        (400, "OptedOut", SendErrorKind::OptedOut),
        (500, "InternalError", SendErrorKind::Unknown),
    ] {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>+14155550123 is unusable</Message></Error></ErrorResponse>"
        );
        let error = text(
            &sns(SharedHttpClient::new(answer(status, &[], &body))),
            &Settings::default(),
        )
        .await
        .unwrap_err();
        assert_eq!(error.kind, kind, "{code}");
        assert_eq!(
            error.to_string(),
            format!("{status} {code}: *** is unusable")
        );
    }
    let broken = infallible_client_fn(|_| {
        http::Response::builder()
            .status(200)
            .body(SdkBody::from("<nothing"))
            .unwrap()
    });
    let error = text(&sns(broken), &Settings::default()).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unknown);
}
