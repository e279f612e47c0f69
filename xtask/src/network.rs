//! Ports of the loopback interface.

use anyhow::{Context as _, bail};
use std::net::{Ipv4Addr, TcpListener};

/// A port that is free at this moment.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Fails with the remedy when something else listens on `port`.
pub(crate) fn must_be_free(port: u16) -> anyhow::Result<()> {
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        bail!(
            "port {port} is used by another program: choose another with `cargo xtask up --port <number>`"
        );
    }
    Ok(())
}
