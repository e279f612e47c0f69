//! The recipes of README.md, run in their order, as a reader runs them.

use crate::shop::Shop;
use http::Method;
use posthorn_platform::clock;
use std::process::Command;

const README: &str = include_str!("../../../../README.md");

/// A call of curl, as the shell gave its arguments.
#[derive(Debug, Default)]
struct Call {
    method: Option<String>,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// The code of the recipes, up to the storefronts.
fn recipes() -> String {
    let begin = README.find("## Recipes").unwrap();
    let end = README.find("### Shopify").unwrap();
    let blocks = README[begin..end].split("```sh\n").skip(1);
    let code = blocks.map(|block| block.split("```").next().unwrap());
    code.collect()
}

/// What bash makes of the recipes, with a curl that only says what it was called with.
fn calls(order: &str) -> Vec<Call> {
    let folder = std::env::temp_dir().join(format!("posthorn-recipes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "curl() {{ printf '%s\\0' \"$@\"; printf '\\1'; }}\nset -eu\n{}",
        recipes()
            .replace("http://127.0.0.1:4567", "/api")
            .replace("ORDER=2001", &format!("ORDER={order}"))
    );
    let ran = Command::new("bash")
        .args(["-c", &script])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let said = String::from_utf8(ran.stdout).unwrap();
    let calls = said.split('\u{1}').filter(|call| !call.is_empty());
    let calls = calls
        .map(|call| {
            let mut read = Call::default();
            let mut arguments = call.split('\0');
            while let Some(argument) = arguments.next() {
                let mut value = || arguments.next().unwrap().to_owned();
                match argument {
                    "-X" => read.method = Some(value()),
                    "-H" => {
                        let header = value();
                        let (name, text) = header.split_once(": ").unwrap();
                        read.headers.push((name.to_lowercase(), text.to_owned()));
                    }
                    "-d" => read.body = value(),
                    "--data-binary" => {
                        let file = value();
                        let file = folder.join(file.strip_prefix('@').unwrap());
                        read.body = std::fs::read_to_string(file).unwrap();
                    }
                    "-sS" | "" => {}
                    url => url.strip_prefix("/api").unwrap().clone_into(&mut read.url),
                }
            }
            read
        })
        .collect();
    std::fs::remove_dir_all(&folder).unwrap();
    calls
}

#[tokio::test]
async fn the_recipes_of_the_readme_work_in_their_order_and_again() {
    let mut shop = Shop::open().await;
    shop.now = clock::now();
    for order in ["2001", "2002"] {
        let calls = calls(order);
        assert_eq!(calls.len(), 10);
        for call in calls {
            let method = match (&call.method, call.body.is_empty()) {
                (Some(method), _) => method.parse().unwrap(),
                (None, true) => Method::GET,
                (None, false) => Method::POST,
            };
            let headers: Vec<(&str, &str)> = call
                .headers
                .iter()
                .filter(|(name, _)| name != "authorization")
                .map(|(name, text)| (name.as_str(), text.as_str()))
                .collect();
            let answer = shop
                .call(method, &call.url, &headers, call.body.clone())
                .await;
            assert!(answer.status.is_success(), "{call:?}: {:?}", answer.body);
            assert_eq!(answer.body.get("warnings"), None, "{call:?}");
            let rows = answer.body["rows"].as_array().into_iter().flatten();
            for row in rows {
                assert!(row.get("errors").is_none(), "{row}");
            }
        }
    }
}
