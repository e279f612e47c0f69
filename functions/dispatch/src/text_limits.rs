//! What keeps texts from costing more than the shop meant to spend: countries to
//! which none go, and how many go in a day (docs/SETTINGS.md, `texts`).
//!
//! Who has a shop's key can have texts sent to any number; a key that has leaked
//! must not spend the account's month.

use jiff::tz::TimeZone;
use posthorn_domain::{
    notification::{Notification, SuppressionReason},
    notification_type::Channel,
};
use posthorn_platform::{
    metric::{self, Metric},
    store::pace::TextCounter,
};
use tracing::warn;

use crate::{
    context_loader::DispatchContext,
    send_attempt::{PreparedSend, SendAttempt, WriteStep},
};

impl SendAttempt<'_> {
    /// Why this text is not to be sent, as far as that can be told without counting.
    pub(crate) fn brake_at_once(&self) -> Option<SuppressionReason> {
        if self.draft.channel != Channel::Sms {
            return None;
        }
        let phone = self.case.contact.phone.as_ref()?;
        let country = self.case.contact.country.as_deref();
        let is_allowed = self.case.settings.may_text(phone, country);
        (!is_allowed).then_some(SuppressionReason::TextCountry)
    }

    /// Counts a text, once, on the day of its first try; why it may not be sent, if
    /// it may not. What a provider refuses for hours would use up the day with its
    /// tries.
    pub(crate) async fn count_text(
        &self,
        present: Option<&Notification>,
        ready: &mut PreparedSend,
    ) -> anyhow::Result<Option<SuppressionReason>> {
        let is_counted = ready.is_counted || present.is_some_and(Notification::was_claimed);
        if self.draft.channel != Channel::Sms || is_counted {
            return Ok(None);
        }
        let day = self
            .current_time()
            .to_zoned(TimeZone::UTC)
            .date()
            .to_string();
        let DispatchContext {
            contact, settings, ..
        } = self.case;
        let (shop, pacer) = (&self.draft.order.shop, &self.dispatch.pacer);
        let is_abroad = contact
            .phone
            .as_ref()
            .is_some_and(|phone| settings.is_abroad(phone));
        let (texts, text_limit) = (&settings.texts, SuppressionReason::TextLimit);
        // From the narrowest to the widest: what is too much for one takes nothing from
        // the next.
        let limits = [
            (TextCounter::Abroad(shop), texts.abroad_per_day, text_limit),
            (TextCounter::Shop(shop), texts.per_day, text_limit),
            (
                TextCounter::Account,
                pacer.texts_per_day,
                SuppressionReason::AccountTextLimit,
            ),
        ];
        for (counter, most, reason) in limits.into_iter().skip(usize::from(!is_abroad)) {
            if !pacer.count_text(counter, &day, most).await? {
                return Ok(Some(reason));
            }
        }
        ready.is_counted = true;
        Ok(None)
    }

    /// Suppresses a text, and counts that for the alarm.
    pub(crate) fn suppress_text(
        &self,
        present: Option<&Notification>,
        reason: SuppressionReason,
    ) -> anyhow::Result<WriteStep> {
        let shop = &self.draft.order.shop;
        warn!(%shop, notification.id = %self.draft.id, reason = reason.as_str(), "A text of {shop} is held back: {reason}");
        metric::emit_metric(Metric::TextHeldBack {
            shop,
            reason: reason.as_str(),
        });
        self.suppress_notification(present, reason)
    }
}
