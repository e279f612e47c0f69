//! A demonstration: one order, its shipment from label to delivered, every message as it is sent.
//!
//! The shipment is the sandbox carrier's, which walks fifty hours in about a
//! minute at the pace that samconfig.toml sets for the local stack. The sweep,
//! which the schedule calls each minute, is called each second.

use crate::{aws::Emulator, stack::Stack};
use anyhow::bail;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Shop of the demonstration.
pub(crate) const SHOP: &str = "demo";

const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(150);
/// After the delivery, for the last messages.
const LINGER: Duration = Duration::from_secs(4);

/// What the demonstration needs to know of the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demo<'a> {
    /// The stack.
    pub(crate) stack: &'a Stack,
    /// An API key of [`SHOP`].
    pub(crate) key: &'a str,
    /// Name of the function that looks what is due.
    pub(crate) sweep: &'a str,
}

/// The order that the demonstration made.
#[derive(Debug)]
pub(crate) struct DemoOrder {
    /// Its id.
    pub(crate) id: String,
    /// Its customer's page.
    pub(crate) tracking_url: String,
}

/// Sets up a shop, without which its key is not accepted. `settings` is the table
/// of settings, `sender` what may send mail.
pub(crate) fn open_shop(
    stack: &Stack,
    settings: &str,
    shop: &str,
    sender: &str,
) -> anyhow::Result<()> {
    let text = |value: &str| json!({"S": value});
    let number = |value: u32| json!({"N": value.to_string()});
    let caps = json!({"M": {"before_handover_per_minute": number(20), "in_delivery_per_hour": number(20), "minutes_apart": number(0)}});
    let item = json!({
        "pk": text(&format!("SHOP#{shop}")), "sk": text("SETTINGS"),
        "name": text("Larkspur Boots"),
        "from_email": text(&format!("Larkspur Boots <orders@{sender}>")),
        "support": text(&format!("help@{sender}")),
        "quiet_hours": {"NULL": true}, "test_mode": {"BOOL": true}, "caps": caps,
    });
    let put = json!({"TableName": settings, "Item": item});
    stack.emulator.call_dynamodb("PutItem", &put)?;
    Ok(())
}

/// Looks what is due each second from now on, as the demonstration does: at the pace of
/// the local stack, a shipment goes 60 hours of its way between two minutes, past delays
/// and everything else that is to be seen.
pub(crate) fn keep_sweeping(emulator: Emulator, sweep: String) {
    thread::spawn(move || {
        // Once the emulator is gone, the command ends.
        while emulator
            .invoke_function(&sweep, &json!({"everything": true}))
            .is_ok()
        {
            thread::sleep(PAUSE);
        }
    });
}

impl Demo<'_> {
    /// Posts an order and shows what happens until its shipment is delivered.
    pub(crate) fn run_demo(&self) -> anyhow::Result<DemoOrder> {
        let begun = Instant::now();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let id = format!("demo-{seconds}");
        let url = format!("{}/v1/orders", self.stack.api);
        let order = json!({
            "id": id, "number": "#1001", "test": true,
            "customer": {
                "name": "Alex Example", "email": format!("alex-{seconds}@shopper.example"),
                "phone": "+12025550143", "country": "US", "consent": {"email": true, "sms": true},
            },
            "items": [{"title": "Walking boots"}],
            "shipments": [{"tracking_number": format!("SANDBOX-STRAIGHT-{seconds}")}],
        });
        println!(
            "\n  A shipment of the sandbox carrier goes its way, 50 hours in about a minute;\n  \
             the days that its messages name are those of the real way:\n"
        );
        let earlier = self.emulator().get_control("sms")?;
        let made = self.emulator().call_api(&url, self.key, Some(&order))?;
        let tracking_url = made["tracking_url"].as_str().unwrap_or_default().to_owned();
        let mut watch = DemoWatch::new(begun, seconds, &earlier);
        let mut delivered_at = None;
        while delivered_at.is_none_or(|at: Instant| at.elapsed() < LINGER) {
            if begun.elapsed() > PATIENCE {
                bail!(
                    "the demonstration's shipment was not delivered: the functions' logs are at {}/_posthorn/logs",
                    self.emulator().endpoint
                );
            }
            self.emulator()
                .invoke_function(self.sweep, &json!({"everything": true}))?;
            let now = self
                .emulator()
                .call_api(&format!("{url}/{id}"), self.key, None)?;
            watch.print_changes(self.emulator(), &now)?;
            if now["stage"] == "delivered" && delivered_at.is_none() {
                delivered_at = Some(Instant::now());
            }
            thread::sleep(PAUSE);
        }
        Ok(DemoOrder { id, tracking_url })
    }

    fn emulator(&self) -> &Emulator {
        &self.stack.emulator
    }
}

/// What was already shown.
struct DemoWatch {
    begun: Instant,
    serial: u64,
    stage: String,
    status: String,
    messages: BTreeSet<String>,
}

impl DemoWatch {
    /// An earlier demonstration on this stack wrote to the same number.
    fn new(begun: Instant, serial: u64, earlier: &Value) -> Self {
        let ids = earlier.as_array().into_iter().flatten().map(id_of);
        Self {
            begun,
            serial,
            stage: String::new(),
            status: String::new(),
            messages: ids.collect(),
        }
    }

    fn print_changes(&mut self, emulator: &Emulator, order: &Value) -> anyhow::Result<()> {
        let stage = spaced_words(&order["stage"]);
        if stage != self.stage {
            self.print_event("order", &stage);
            self.stage = stage;
        }
        let status = spaced_words(&order["shipments"][0]["status"]);
        if status != self.status {
            self.print_event("parcel", &status);
            self.status = status;
        }
        let inbox =
            emulator.get_control(&format!("mail?to=alex-{}@shopper.example", self.serial))?;
        for mail in inbox.as_array().into_iter().flatten() {
            self.print_message("e-mail", mail, "subject");
        }
        let texts = emulator.get_control("sms")?;
        for sms in texts.as_array().into_iter().flatten() {
            self.print_message("SMS", sms, "text");
        }
        Ok(())
    }

    fn print_message(&mut self, channel: &str, message: &Value, field: &str) {
        if self.messages.insert(id_of(message)) {
            let text = message[field].as_str().unwrap_or_default();
            self.print_event(
                channel,
                &text.split_whitespace().collect::<Vec<_>>().join(" "),
            );
        }
    }

    fn print_event(&self, what: &str, text: &str) {
        println!(
            "  {:>4} s  {what:<7} {text}",
            self.begun.elapsed().as_secs()
        );
    }
}

fn id_of(message: &Value) -> String {
    message["message_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn spaced_words(code: &Value) -> String {
    code.as_str().unwrap_or_default().replace('_', " ")
}
