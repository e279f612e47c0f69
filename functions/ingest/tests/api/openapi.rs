//! The description of the API is the one that the code makes.

use crate::shop::Shop;
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn described() -> Value {
    serde_json::to_value(ingest::openapi::describe_api()).unwrap()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test, not of the product"
)]
fn the_document_in_docs_is_what_the_code_says() {
    let document = ingest::openapi::describe_api().to_pretty_json().unwrap() + "\n";
    if std::env::var("UPDATE_OPENAPI").is_ok() {
        std::fs::write(PATH, &document).unwrap();
    }
    let written = std::fs::read_to_string(PATH).unwrap();
    assert!(
        written == document,
        "docs/openapi.json is out of date: run UPDATE_OPENAPI=1 cargo test -p ingest"
    );
}

#[tokio::test]
async fn the_api_serves_its_own_description_without_a_key() {
    let mut shop = Shop::open().await;
    shop.key = String::new();
    let answer = shop.get("/v1/openapi.json").await;
    assert_eq!(answer.body["openapi"], "3.1.0");
    assert_eq!(answer.headers["cache-control"], "public, max-age=3600");
}

#[test]
fn every_code_is_listed_with_its_meaning() {
    let codes = &described()["components"]["schemas"]["ProblemCode"];
    let description = codes["description"].as_str().unwrap();
    for code in ingest::problem::ProblemCode::ALL {
        let code = code.as_str();
        assert!(
            codes["enum"].as_array().unwrap().contains(&json!(code)),
            "{code}"
        );
        assert!(description.contains(&format!("- `{code}` (")), "{code}");
    }
}

#[test]
fn every_route_says_how_it_can_fail() {
    let document = described();
    let mut n_operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            n_operations += 1;
            let responses = operation["responses"].as_object().unwrap();
            if path == "/v1/openapi.json" {
                continue;
            }
            assert!(responses.contains_key("401"), "{method} {path}");
            for (status, response) in responses
                .iter()
                .filter(|(status, _)| status.starts_with(['4', '5']) && *status != "429")
            {
                let content = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(
                    content, "#/components/schemas/Problem",
                    "{method} {path} {status}"
                );
            }
        }
    }
    assert_eq!(n_operations, 12);
}

#[tokio::test]
async fn what_is_described_is_routed_and_nothing_else() {
    let shop = Shop::open().await;
    for (path, item) in described()["paths"].as_object().unwrap() {
        let place = path.replace("{id}", "1").replace("{n}", "1");
        for method in ["get", "post", "put", "patch", "delete"] {
            let is_described = item.get(method).is_some();
            let answer = shop
                .call(method.to_uppercase().parse().unwrap(), &place, &[], "")
                .await;
            let code = answer.body["code"].as_str();
            assert_ne!(code, Some("route_not_found"), "{method} {path}");
            assert_eq!(
                code != Some("method_not_allowed"),
                is_described,
                "{method} {path}"
            );
        }
    }
}

/// An example made of the examples of the properties.
fn example(document: &Value, schema: &Value) -> Option<Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return example(document, document.pointer(&name[1..])?);
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        return variants
            .iter()
            .find_map(|variant| example(document, variant));
    }
    if let Some(example) = schema.get("example") {
        return Some(example.clone());
    }
    if schema.get("items").is_some() {
        return Some(json!([example(document, &schema["items"])?]));
    }
    let properties = schema["properties"].as_object()?;
    Some(
        properties
            .iter()
            .filter_map(|(name, schema)| Some((name.clone(), example(document, schema)?)))
            .collect(),
    )
}

#[tokio::test]
async fn the_documented_examples_are_accepted_and_every_documented_field_is_read() {
    let shop = Shop::in_installation(&posthorn_domain::settings::Settings::default(), "ups").await;
    let document = described();
    let of = |name: &str| example(&document, &document["components"]["schemas"][name]).unwrap();
    let mut order = of("NewOrder");
    assert!(order["customer"]["consent"].is_object(), "{order}");
    order["id"] = json!("examples");
    let mut report = of("NewReport");
    report["events"][0]["at"] = json!("2026-11-22T08:12:00+01:00");
    for (path, body) in [
        ("/v1/orders", order),
        ("/v1/orders/examples/shipments/1/reports", report),
        ("/v1/orders/examples/status", of("NewStage")),
    ] {
        let mut body = body;
        for name in ["placed_at", "at"] {
            if body.get(name).is_some() {
                body[name] = json!("2026-11-22T09:30:00Z");
            }
        }
        let answer = shop.post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.body);
        assert_eq!(answer.body.get("warnings"), None, "{path}");
    }
}
