//! Stops a shop's mails for a customer who asks for it, with one click.
//!
//! Trigger  `GET /u/{link}` and `POST /u/{link}` of the HTTP API
//! Reads    what links are signed with, the shop's settings
//! Writes   that the address is not to be written to, and nothing else: it knows
//!          the address by its hash only
//! On error a friendly page with status 500; the error is logged without the link
//! Repeats  are harmless: an address is suppressed once

mod page;

use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
    routing::get,
};
use page::PageText;
use posthorn_platform::{
    Aws, Config, clock,
    config::ConfigError,
    store::{
        contacts::{ContactStore, SuppressedAddress},
        link_key::LinkKeyStore,
        settings::SettingsStore,
    },
    unsubscribe::Unsubscribe,
};
use tracing::{error, info};

/// The function. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Unsubscriber {
    contacts: ContactStore,
    keys: LinkKeyStore,
    settings: SettingsStore,
}

impl Unsubscriber {
    /// With the tables that the environment names.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Unsubscribe"))
    }

    /// With the tables that `config` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            contacts: ContactStore::new(aws, config)?,
            keys: LinkKeyStore::new(aws, config)?,
            settings: SettingsStore::new(aws, config)?,
        })
    }

    /// The routes. Programs that check or fetch a link before their user sees it
    /// ask with GET or HEAD, so these change nothing; a mail program's own button
    /// posts (RFC 8058), without cookies and without a page before it.
    pub fn router(self) -> Router {
        Router::new()
            .route("/u/{link}", get(ask).post(stop))
            .fallback(async || page::to_response(&PageText::NotFound))
            .with_state(self)
    }

    /// What a link is about; none if it is none of ours.
    async fn verify_link(&self, link: &str) -> anyhow::Result<Option<Unsubscribe>> {
        let key = self.keys.get_key().await?;
        Ok(key.and_then(|key| Unsubscribe::verify_link(link, &key)))
    }

    async fn shop_name(&self, unsubscribe: &Unsubscribe) -> anyhow::Result<String> {
        let settings = self
            .settings
            .load_settings(&unsubscribe.shop, clock::now())
            .await?;
        Ok(settings.name.clone())
    }

    async fn ask_confirmation(&self, link: &str) -> anyhow::Result<PageText> {
        let Some(unsubscribe) = self.verify_link(link).await? else {
            return Ok(PageText::NotFound);
        };
        Ok(PageText::Ask {
            shop: self.shop_name(&unsubscribe).await?,
        })
    }

    async fn stop_mails(&self, link: &str) -> anyhow::Result<PageText> {
        let Some(unsubscribe) = self.verify_link(link).await? else {
            return Ok(PageText::NotFound);
        };
        let entry = SuppressedAddress {
            reason: "unsubscribe".to_owned(),
            at: clock::now(),
            source: "customer".to_owned(),
        };
        self.contacts
            .unsubscribe_address(&unsubscribe, &entry)
            .await?;
        let shop = &unsubscribe.shop;
        info!(%shop, reason = "unsubscribe", "Suppressed an address of {shop}");
        Ok(PageText::Stopped {
            shop: self.shop_name(&unsubscribe).await?,
        })
    }
}

async fn ask(
    State(unsubscribe): State<Unsubscriber>,
    link: Result<Path<String>, PathRejection>,
) -> Response {
    to_response(unsubscribe.ask_confirmation(&link_text(link)).await)
}

async fn stop(
    State(unsubscribe): State<Unsubscriber>,
    link: Result<Path<String>, PathRejection>,
) -> Response {
    to_response(unsubscribe.stop_mails(&link_text(link)).await)
}

fn link_text(link: Result<Path<String>, PathRejection>) -> String {
    link.map_or_else(|_| String::new(), |Path(link)| link)
}

fn to_response(says: anyhow::Result<PageText>) -> Response {
    match says {
        Ok(says) => page::to_response(&says),
        Err(error) => {
            error!("Could not stop the mails to an address: {error:#}");
            page::to_response(&PageText::Failed)
        }
    }
}
