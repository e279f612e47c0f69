//! A developer's way in: one function under `cargo lambda watch`, invoked with a
//! sample event, against the tables of the stack.

use std::{path::Path, process::Stdio};

use posthorn_tests::{World, stack::Stack, wait};
use serde_json::Value;
use tokio::process::{Child, Command};

/// The cargo of the tools that `cargo xtask test` installed, at the workspace's root.
fn cargo(stack: &Stack) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is below the root");
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root)
        .env("PATH", &stack.search_path)
        .env("CARGO_BUILD_TARGET", &stack.triple)
        .env("AWS_ENDPOINT_URL", &stack.endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("POSTHORN_ORDERS", stack.physical("Orders"))
        .env("POSTHORN_SETTINGS", stack.physical("Settings"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    cargo
}

/// Ends what watches as Ctrl-C does, so that it ends its function as well.
async fn interrupt(mut watch: Child) {
    let id = watch.id().expect("it still watches").to_string();
    let status = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .await
        .expect("kill and the watch can be waited for");
    assert!(status.success());
    watch
        .wait()
        .await
        .expect("kill and the watch can be waited for");
}

#[tokio::test]
async fn a_function_answers_a_sample_event_under_cargo_lambda() {
    let world = World::new("cargo-lambda").await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let address = ["--invoke-address", "127.0.0.1", "--invoke-port", &port];
    let watch = cargo(&world.stack)
        .args(["lambda", "watch", "--ignore-changes"])
        .args(address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let answer: Value = wait::patiently("the function to answer", || async {
        let output = cargo(&world.stack)
            .args([
                "lambda",
                "invoke",
                "track",
                "--data-file",
                "tests/events/track-page.json",
            ])
            .args(address)
            .output()
            .await?;
        Ok(serde_json::from_slice(&output.stdout).ok())
    })
    .await;
    assert_eq!(answer["statusCode"], 404, "{answer}");
    assert!(
        answer["body"]
            .as_str()
            .unwrap_or_default()
            .contains("<html"),
        "{answer}"
    );
    interrupt(watch).await;
    world.finish().await;
}
