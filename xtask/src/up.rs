//! The local stack: up, updated, down.

use crate::{
    cargo,
    demo::{self, Demo, DemoOrder, SHOP},
    deploy::{self, StackProfile},
    key,
    paths::Paths,
    samples::{self, Samples},
    stack::{Stack, Start},
    tools::Tools,
    ui::ConsoleStep,
};
use anyhow::{Context as _, bail};
use clap::Args;

/// Name of the stack that a developer works with, and of its state and log.
pub(crate) const NAME: &str = "stack";

/// Where the emulator listens unless it is told otherwise.
const PORT: u16 = 4566;

/// How the stack comes up.
#[derive(Debug, Args)]
pub(crate) struct UpOptions {
    /// Leave the stack running and give the terminal back.
    #[arg(long)]
    detach: bool,
    /// Port of the emulator, 4566 if not said; the API listens on the next one.
    #[arg(long)]
    port: Option<u16>,
    /// Do not post a demonstration order.
    #[arg(long)]
    no_demo: bool,
}

/// Builds, starts or finds, deploys, and stays until Ctrl-C.
pub(crate) fn run(options: &UpOptions) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    // What is missing is said before minutes of installing and building, not after them.
    cargo::must_build(&paths)?;
    let running = Stack::find(&paths, NAME);
    let port = options.port.unwrap_or(PORT);
    match &running {
        Some(stack) if options.port.is_some_and(|wanted| wanted != stack.port) => bail!(
            "the local stack runs on port {} already: `cargo xtask down` stops it",
            stack.port
        ),
        Some(_) => {}
        None => crate::network::must_be_free(port)?,
    }
    println!();
    let tools = Tools::install(&paths)?;
    let profile = StackProfile::load_profile(&paths)?;
    deploy::build_functions(&paths, &tools)?;
    let mut stack = match running {
        Some(stack) => {
            ConsoleStep::begin_step("emulator", "")
                .done(&format!("{} (running)", stack.emulator.endpoint));
            stack
        }
        None => Stack::start(
            &paths,
            &tools,
            Start {
                name: NAME,
                port,
                detach: options.detach,
                api_name: &profile.stack_name,
            },
        )?,
    };
    let outputs = deploy::deploy_stack(&paths, &tools, &mut stack, &profile)?;
    let output = |name: &str| {
        let value = outputs.get(name).map(String::as_str);
        value.with_context(|| format!("no output {name}"))
    };
    let settings = output("SettingsTable")?;
    let sender = profile.find_parameter("SenderIdentity").unwrap_or_default();
    demo::open_shop(&stack, settings, SHOP, sender)?;
    let key = key::create_local(&paths, &tools, &stack, &profile.stack_name, SHOP)?;
    demo::open_shop(&stack, settings, samples::SHOP, sender)?;
    let samples = Samples {
        paths: &paths,
        emulator: &stack.emulator,
        settings,
        orders: output("OrdersTable")?,
        ingest: &format!("{}-ingest", profile.stack_name),
    };
    samples.create_samples()?;
    let order = if options.no_demo {
        None
    } else {
        let sweep = &format!("{}-sweep", profile.stack_name);
        let demo = Demo {
            stack: &stack,
            key: &key,
            sweep,
        };
        Some(demo.run_demo()?)
    };
    print_introduction(&stack, &key, order.as_ref());
    if stack.is_ours() {
        println!("\n  Shipments of the sandbox go on until Ctrl-C stops it.\n");
        demo::keep_sweeping(
            stack.emulator.clone(),
            format!("{}-sweep", profile.stack_name),
        );
        return stack.watch_until_end();
    }
    println!(
        "\n  Shipments are looked at each minute, which is 60 hours of a sandbox shipment's way:\n  \
         without --detach it is each second, and delays are seen.\n\n  \
         `cargo xtask down` stops it.\n"
    );
    Ok(())
}

/// Stops the stack.
pub(crate) fn stop_stack() -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let Some(stack) = Stack::find(&paths, NAME) else {
        bail!("no local stack is running: `cargo xtask up` starts one");
    };
    let step = ConsoleStep::begin_step("emulator", "stopping");
    stack.stop()?;
    step.done("stopped");
    Ok(())
}

fn print_introduction(stack: &Stack, key: &str, order: Option<&DemoOrder>) {
    let (api, aws) = (&stack.api, &stack.emulator.endpoint);
    println!("\n  API        {api}");
    println!("  Key        {key}    (shop `{SHOP}`)");
    if let Some(order) = order {
        println!("  Tracking   {}", order.tracking_url);
    }
    println!("  AWS        {aws}    (emulated; logs at /_posthorn/logs)");
    println!("\n  Try next:\n");
    let read = |id: &str| {
        println!("    curl -s {api}/v1/orders/{id} -H 'Authorization: Bearer {key}'\n");
    };
    if let Some(order) = order {
        read(&order.id);
    }
    println!(
        "    curl -s {api}/v1/orders -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n      \
         -d '{{\"id\":\"1002\",\"test\":true,\"customer\":{{\"email\":\"you@shopper.example\",\"consent\":{{\"email\":true}}}},\
         \"shipments\":[{{\"tracking_number\":\"SANDBOX-DELAYED-1002\"}}]}}'\n"
    );
    if order.is_none() {
        read("1002");
    }
    println!("    curl -s {aws}/_posthorn/inbox    # what customers got, to read");
}
