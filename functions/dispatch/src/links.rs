//! Where links in messages lead.

use posthorn_domain::notification_type::Channel;
use posthorn_platform::{
    Aws, Config, config::ConfigError, store::link_key::LinkKeyStore, unsubscribe::Unsubscribe,
};
use tracing::warn;

use crate::context_loader::DispatchContext;

/// The public pages, as customers reach them.
#[derive(Debug)]
pub(crate) struct Links {
    base: String,
    key: LinkKeyStore,
}

impl Links {
    /// With what the environment says.
    pub(crate) fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            base: require_https(config.require_setting("POSTHORN_TRACK_URL")?),
            key: LinkKeyStore::new(aws, config)?,
        })
    }

    /// What tracking links begin with.
    pub(crate) fn tracking_base(&self) -> &str {
        &self.base
    }

    /// Where the customer stops the shop's mails. A mail goes without it rather
    /// than not at all: it says whom to write to as well.
    pub(crate) async fn unsubscribe_link(
        &self,
        case: &DispatchContext,
        channel: Channel,
    ) -> Option<String> {
        let address = match (channel, &case.contact.email) {
            (Channel::Email, Some(address)) => address,
            (Channel::Email, None) | (Channel::Sms, _) => return None,
        };
        let key = match self.key.key_or_new().await {
            Ok(key) => key,
            Err(error) => {
                warn!(%error, "A mail goes without a link that stops the mails: {error}");
                return None;
            }
        };
        let shop = &case.order.order.key.shop;
        let link = Unsubscribe::from_mails(shop, address.as_str()).sign_link(&key);
        Some(format!("{}/u/{link}", self.base))
    }
}

/// A link must not be readable on its way to its customer. Only the local stack has
/// no certificate.
fn require_https(url: String) -> String {
    let is_local = |rest: &str| {
        let hosts = ["localhost", "127.0.0.1", "[::1]"];
        hosts.iter().any(|host| rest.starts_with(host))
    };
    match url.strip_prefix("http://") {
        Some(rest) if !is_local(rest) => format!("https://{rest}"),
        _ => url,
    }
}

#[cfg(test)]
mod tests {
    use super::require_https;

    #[test]
    fn a_link_is_read_by_its_customer_only() {
        for (given, expected) in [
            ("http://track.acme.example", "https://track.acme.example"),
            ("https://track.acme.example", "https://track.acme.example"),
            ("http://127.0.0.1:4566/x", "http://127.0.0.1:4566/x"),
        ] {
            assert_eq!(require_https(given.to_owned()), expected);
        }
    }
}
