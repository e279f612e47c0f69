//! What reached the customer.

use crate::stack::Stack;
use serde_json::Value;

/// A mail as it lies in the emulator's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// A text message as it left SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// To which number.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// The records below `key`, which groups them by account or recipient.
fn records(answer: &Value, key: &str) -> Vec<Value> {
    answer[key]
        .as_object()
        .map(|groups| {
            groups
                .values()
                .filter_map(Value::as_array)
                .flatten()
                .cloned()
                .collect()
        })
        .unwrap_or_default()
}

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

/// Every mail to `address`, oldest first.
pub async fn mails(stack: &Stack, address: &str) -> anyhow::Result<Vec<Mail>> {
    let url = format!("{}/_ministack/ses/messages", stack.endpoint);
    let answer: Value = stack.http.get(url).send().await?.json().await?;
    let mails = records(&answer, "messages").into_iter().map(|record| Mail {
        to: record["To"]
            .as_array()
            .map(|list| {
                list.iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        subject: text(&record, "Subject"),
        text: text(&record, "BodyText"),
        html: text(&record, "BodyHtml"),
    });
    Ok(mails
        .filter(|mail| mail.to.iter().any(|to| to.contains(address)))
        .collect())
}

/// Every text message to `phone`, oldest first.
pub async fn texts(stack: &Stack, phone: &str) -> anyhow::Result<Vec<Sms>> {
    let url = format!("{}/_ministack/sns/sms-messages", stack.endpoint);
    let answer: Value = stack.http.get(url).send().await?.json().await?;
    let texts = records(&answer, "sms_messages")
        .into_iter()
        .map(|record| Sms {
            to: text(&record, "PhoneNumber"),
            text: text(&record, "Message"),
        });
    Ok(texts.filter(|sms| sms.to == phone).collect())
}
