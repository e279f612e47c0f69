//! Records what became of mail, as SES reports it, and suppresses addresses
//! that bounce or complain.
//!
//! Trigger  `FeedbackQueue`: events of SES's configuration set, through SNS
//! Reads    the notice that an event's tags name
//! Writes   the notice, where an event says more than is known; the suppression
//!          of an address that bounced for good or complained
//! On error the message goes back to the queue and, after 5 tries, to `FeedbackDlq`
//! Repeats  are harmless, in any order: an event that says less than is known
//!          changes nothing and writes nothing

mod ses;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use posthorn_channels::email;
use posthorn_domain::{
    contact::EmailAddress,
    id::{OrderKey, ShopId},
    moment::Channel,
    notice::{Notice, NoticeId, NoticeState, ProviderEvent},
};
use posthorn_platform::{
    Aws, Config, batch,
    config::ConfigError,
    metric::{self, Metric},
    store::{
        contacts::{ContactStore, SuppressedAddress},
        notices::{NoticeStore, Put},
    },
};
use tracing::{info, warn};

use crate::ses::{Envelope, Event, News};

/// How often a notice is read again because somebody else wrote it first.
const MOST_CONFLICTS: usize = 5;

/// The function.
#[derive(Debug)]
pub struct Feedback {
    notices: NoticeStore,
    contacts: ContactStore,
}

impl Feedback {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::of("Feedback"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            notices: NoticeStore::new(aws, config)?,
            contacts: ContactStore::new(aws, config)?,
        })
    }

    /// Records a batch of the queue, all messages at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        Ok(Box::pin(self.record_all(event.payload)).await)
    }

    /// Records a batch, and says which messages must come again.
    pub async fn record_all(&self, event: SqsEvent) -> SqsBatchResponse {
        let n_events = event.records.len();
        let response = batch::queue(event, |envelope: Envelope| async move {
            self.record(ses::read(&envelope.message)?).await
        })
        .await;
        let n_failed = response.batch_item_failures.len();
        info!(
            n_events,
            n_failed, "Recorded {n_events} events of SES, {n_failed} failed"
        );
        response
    }

    async fn record(&self, event: Event) -> anyhow::Result<()> {
        let kind = event.news.as_str();
        let Some((order, notice)) = event.notice() else {
            metric::emit(Metric::MailEvent {
                kind,
                whose: "foreign",
            });
            return Ok(());
        };
        metric::emit(Metric::MailEvent {
            kind,
            whose: "ours",
        });
        let (told, at) = match event.news {
            News::Noted { .. } => return Ok(()),
            News::Sent { at } => {
                let provider_id = event.message_id;
                (ProviderEvent::Sent { provider_id }, at)
            }
            News::Delivered { at } => (ProviderEvent::Delivered, at),
            News::Bounced {
                is_permanent, at, ..
            } => (ProviderEvent::Bounced { is_permanent }, at),
            News::Complained { at, .. } => (ProviderEvent::Complained, at),
            News::Refused { ref reason, at } => {
                warn!(notice.id = %notice, reason, "SES took notice {notice} and then refused it");
                (
                    ProviderEvent::Bounced {
                        is_permanent: false,
                    },
                    at,
                )
            }
        };
        let present = self.notices.get(&order, &notice).await?;
        if let Some(recipient) = event.news.burnt_address()
            && !present.as_ref().is_some_and(is_burnt)
        {
            let entry = SuppressedAddress {
                reason: told_reason(&told).to_owned(),
                at,
                source: format!("ses: notice {notice}"),
            };
            self.suppress(&order.shop, recipient, &entry).await?;
        }
        let Some(present) = present else {
            info!(notice.id = %notice, "There is no notice {notice} any more");
            return Ok(());
        };
        self.settle(present, &told, at).await
    }

    /// Lays `told` upon what is known; writes only if it says more.
    async fn settle(
        &self,
        mut present: Notice,
        told: &ProviderEvent,
        at: jiff::Timestamp,
    ) -> anyhow::Result<()> {
        for _ in 0..MOST_CONFLICTS {
            let Some(next) = present.settled_by_event(told, at) else {
                return Ok(());
            };
            match self.notices.put(&next, Some(&present)).await? {
                Put::Written => return Ok(()),
                Put::Conflict(there) => present = *there,
            }
        }
        anyhow::bail!("notice {} is written too often by others", present.id)
    }

    async fn suppress(
        &self,
        shop: &ShopId,
        recipient: &str,
        entry: &SuppressedAddress,
    ) -> anyhow::Result<()> {
        let Ok(address) = EmailAddress::parse(recipient) else {
            warn!(%shop, source = entry.source, "SES names an address that is none");
            return Ok(());
        };
        self.contacts
            .suppress(shop, Channel::Email, address.as_str(), entry)
            .await?;
        info!(%shop, reason = entry.reason, source = entry.source, "Suppressed an address of {shop}");
        Ok(())
    }
}

/// Whether the address was suppressed when the notice came to this state.
const fn is_burnt(notice: &Notice) -> bool {
    matches!(
        notice.state,
        NoticeState::Complained { .. }
            | NoticeState::Bounced {
                is_permanent: true,
                ..
            }
    )
}

const fn told_reason(told: &ProviderEvent) -> &'static str {
    match told {
        ProviderEvent::Complained => "complaint",
        ProviderEvent::Bounced { .. } | ProviderEvent::Sent { .. } | ProviderEvent::Delivered => {
            "bounce"
        }
    }
}

impl Event {
    /// The notice that it is about; none if it is not ours.
    fn notice(&self) -> Option<(OrderKey, NoticeId)> {
        let tags = self.tags.as_ref()?;
        let order = email::order_of_tag(&tags.order)?;
        Some((order, NoticeId(tags.notice.clone())))
    }
}

impl News {
    /// The address that is not to be written to any more, if any.
    fn burnt_address(&self) -> Option<&str> {
        match self {
            Self::Bounced {
                is_permanent: true,
                recipient,
                ..
            }
            | Self::Complained { recipient, .. } => recipient.as_deref(),
            Self::Bounced {
                is_permanent: false,
                ..
            }
            | Self::Sent { .. }
            | Self::Delivered { .. }
            | Self::Refused { .. }
            | Self::Noted { .. } => None,
        }
    }
}
