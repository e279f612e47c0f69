//! C1 and C2: the AWS operations of a shipment's scripted life, counted on the
//! emulator, and what they cost.

use crate::table::ResultTable;
use anyhow::Context as _;
use posthorn_tests::{World, ups::Scan};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Shipments that live side by side, so that batches form as they do in a shop.
const SHIPMENTS: u32 = 50;
/// Polls of each shipment, of which [`NEWS`] bring a scan.
const POLLS: usize = 40;
/// The scans of a life, each found by a poll of its own: how many polls before it, what, and where.
const NEWS: [(usize, Scan, &str); 8] = [
    (2, Scan::Label, "Rochester"),
    (4, Scan::Origin, "Rochester"),
    (5, Scan::Departed, "Rochester"),
    (5, Scan::Arrived, "Syracuse"),
    (5, Scan::Departed, "Syracuse"),
    (5, Scan::Arrived, "Albany"),
    (6, Scan::OutForDelivery, "Albany"),
    (6, Scan::Delivered, "Albany"),
];

/// List prices of us-east-1 in US dollars a million, as AWS publishes them.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const SQS_REQUESTS: f64 = 0.40;
const LAMBDA_REQUESTS: f64 = 0.20;
const LAMBDA_GB_SECONDS: f64 = 13.33;
const HTTP_API_REQUESTS: f64 = 1.00;
const BUS_EVENTS: f64 = 1.00;

/// Measures on the stack that `cargo xtask bench` deployed, and prints.
pub(crate) async fn report_cost() -> anyhow::Result<()> {
    let world = World::new("bench").await;
    world
        .stack
        .control(Method::POST, "schedules", Some(json!({"paused": true})))
        .await?;
    // Requests are counted as AWS would make them: batches gather.
    world
        .stack
        .control(Method::POST, "windows", Some(json!({"on": true})))
        .await?;
    eprintln!("  {SHIPMENTS} shipments live {POLLS} polls each …");
    world.stack.control(Method::DELETE, "usage", None).await?;
    let (numbers, links) = place_orders(&world).await?;
    let unchanged = poll_lives(&world, &numbers).await?;
    visit_pages(&world, &links).await?;
    world.settle().await;
    let usage = world.stack.control(Method::GET, "usage", None).await?;
    print_usage(&usage, &unchanged);
    print_parts(&usage);
    world.finish().await;
    Ok(())
}

/// Posts the orders, then their shipments, as a storefront does; gives the
/// shipments' numbers and the orders' pages.
async fn place_orders(world: &World) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut numbers = Vec::new();
    let mut links = Vec::new();
    for shipment in 1..=SHIPMENTS {
        let order = json!({
            "id": format!("C-{shipment}"), "number": format!("#{shipment}"),
            "customer": {"name": "Philomena", "email": format!("c{shipment}.{}", world.buyer.email)},
            "items": [{"title": "Walking boots", "quantity": 1}, {"title": "Laces", "quantity": 2}],
        });
        let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&order)).await;
        anyhow::ensure!(status.is_success(), "{status} {answer}");
        let link = answer["tracking_url"].as_str();
        links.push(link.context("an order has a link")?.to_owned());
        let number = world.ups_number(100 + shipment);
        let body = json!({"tracking_number": number});
        let path = format!("/v1/orders/C-{shipment}/shipments");
        let (status, answer) = world.call(Method::POST, &path, Some(&body)).await;
        anyhow::ensure!(status.is_success(), "{status} {answer}");
        numbers.push(number);
    }
    world.settle().await;
    Ok((numbers, links))
}

/// Polls the shipments through their lives; gives the usage of one poll that brought nothing new.
async fn poll_lives(world: &World, numbers: &[String]) -> anyhow::Result<Value> {
    let mut polls = 0;
    let mut unchanged = Value::Null;
    for (index, (before, scan, city)) in NEWS.into_iter().enumerate() {
        for round in 1..=before {
            if round == before {
                let age = 600 - 70 * i64::try_from(index).unwrap_or_default();
                for number in numbers {
                    world.scanned(number, scan, age.max(1), city);
                }
            }
            let watched = index == 4 && round == 2;
            let earlier = if watched {
                world.stack.control(Method::GET, "usage", None).await?
            } else {
                Value::Null
            };
            world.poll().await;
            polls += 1;
            if watched {
                let later = world.stack.control(Method::GET, "usage", None).await?;
                unchanged = json!({
                    "writes": total_of(&later, "write_units") - total_of(&earlier, "write_units"),
                    "table_reads": table_reads(world, &later) - table_reads(world, &earlier),
                });
            }
        }
    }
    // The last looks after delivery are polls as well.
    for _ in polls..POLLS {
        world.poll().await;
    }
    Ok(unchanged)
}

/// Three views of each page.
async fn visit_pages(world: &World, links: &[String]) -> anyhow::Result<()> {
    for link in links {
        for _ in 0..3 {
            world
                .stack
                .http
                .get(link)
                .send()
                .await?
                .error_for_status()?;
        }
    }
    Ok(())
}

fn total_of(usage: &Value, what: &str) -> f64 {
    usage["totals"][what].as_f64().unwrap_or_default()
}

fn usage_rows<'a>(usage: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    usage[list].as_array().into_iter().flatten()
}

/// Reads of base tables by the functions of the poll path.
fn table_reads(world: &World, usage: &Value) -> f64 {
    let functions = ["Poll", "Evaluate", "Dispatch"].map(|name| world.stack.physical(name));
    usage_rows(usage, "dynamodb")
        .filter(|row| functions.contains(&row["function"].as_str().unwrap_or_default()))
        .filter(|row| row["index"] == json!(""))
        .filter_map(|row| row["read_units"].as_f64())
        .sum()
}

fn count_calls(usage: &Value, service: &str, what: &str) -> f64 {
    usage_rows(usage, "calls")
        .filter(|row| row["service"] == json!(service) && row["function"] != json!(""))
        .filter_map(|row| row[what].as_f64())
        .sum()
}

fn print_usage(usage: &Value, unchanged: &Value) {
    let shipments = f64::from(SHIPMENTS);
    let lines: [(&str, f64, &str, f64); 7] = [
        (
            "DynamoDB write units",
            total_of(usage, "write_units") / shipments,
            "≤ 36",
            WRITE_UNITS,
        ),
        (
            "DynamoDB read units",
            total_of(usage, "read_units") / shipments,
            "",
            READ_UNITS,
        ),
        (
            "SQS requests",
            sqs_requests(usage) / shipments,
            "≤ 6",
            SQS_REQUESTS,
        ),
        (
            "Lambda requests",
            total_of(usage, "invocations") / shipments,
            "≤ 14",
            LAMBDA_REQUESTS,
        ),
        (
            "Lambda GB-seconds, unoptimised",
            total_of(usage, "gb_seconds") / shipments,
            "",
            LAMBDA_GB_SECONDS,
        ),
        (
            "HTTP API requests",
            usage["http_api_requests"].as_f64().unwrap_or_default() / shipments,
            "",
            HTTP_API_REQUESTS,
        ),
        (
            "EventBridge events",
            count_calls(usage, "events", "entries") / shipments,
            "",
            BUS_EVENTS,
        ),
    ];
    let mut table = ResultTable::new(
        &format!(
            "C1  one shipment's life: 1 order, {POLLS} polls, {} scans, 5 mails, 3 page views (mean of {SHIPMENTS})",
            NEWS.len()
        ),
        &[
            "operation",
            "per shipment",
            "target",
            "$ per 1,000 shipments",
        ],
    );
    let mut sum = 0.0;
    for (name, count, target, price) in lines {
        let dollars = count * price / 1e6 * 1e3;
        sum += dollars;
        table.add_row([
            name.to_owned(),
            format!("{count:.2}"),
            target.to_owned(),
            format!("{dollars:.4}"),
        ]);
    }
    table.add_row([
        "sum".to_owned(),
        String::new(),
        "≤ $0.05".to_owned(),
        format!("{sum:.4}"),
    ]);
    table.print_table();
    let mut table = ResultTable::new(
        "C2  a poll that brings nothing new",
        &["what", "count", "target"],
    );
    for (name, key) in [
        ("write units", "writes"),
        (
            "base-table reads of poll, evaluate and dispatch",
            "table_reads",
        ),
    ] {
        table.add_row([name.to_owned(), unchanged[key].to_string(), "0".to_owned()]);
    }
    table.print_table();
}

/// Which function spends what.
fn print_parts(usage: &Value) {
    let mut parts = BTreeMap::<[String; 3], [f64; 2]>::new();
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let mut add = |part: [String; 3], row: &Value, fields: [&str; 2]| {
        let sums = parts.entry(part).or_default();
        for (sum, field) in sums.iter_mut().zip(fields) {
            *sum += row[field].as_f64().unwrap_or_default();
        }
    };
    for row in usage_rows(usage, "dynamodb") {
        let place = format!("{} {}", text(row, "table"), text(row, "index"));
        let doing = format!("{} {}", text(row, "operation"), place.trim());
        let part = [text(row, "function"), doing, "write, read units".to_owned()];
        add(part, row, ["write_units", "read_units"]);
    }
    for row in usage_rows(usage, "calls") {
        let doing = format!("{} {}", text(row, "service"), text(row, "operation"));
        let part = [text(row, "function"), doing, "calls, entries".to_owned()];
        add(part, row, ["calls", "entries"]);
    }
    for row in usage_rows(usage, "functions") {
        let unit = "requests, GB-seconds".to_owned();
        add(
            [text(row, "function"), String::new(), unit],
            row,
            ["invocations", "gb_seconds"],
        );
    }
    let mut table = ResultTable::new(
        "C1  where it goes, per shipment",
        &["function", "operation", "unit", "", ""],
    );
    for ([function, doing, unit], [first, second]) in parts {
        let share = |sum: f64| format!("{:.2}", sum / f64::from(SHIPMENTS));
        table.add_row([function, doing, unit, share(first), share(second)]);
    }
    table.print_table();
}

/// What SQS bills: sends by the functions, and for each batch that a function
/// got a receive and a delete.
fn sqs_requests(usage: &Value) -> f64 {
    let sent = count_calls(usage, "sqs", "calls");
    let batches: f64 = usage_rows(usage, "functions")
        .filter(|row| {
            let name = row["function"].as_str().unwrap_or_default().to_lowercase();
            ["poll", "dispatch", "feedback"]
                .iter()
                .any(|function| name.contains(function))
        })
        .filter_map(|row| row["invocations"].as_f64())
        .sum();
    sent + 2.0 * batches
}
