//! Writes what a webhook says of an order's shipments.

use super::{
    Outcome,
    fulfillment::Fulfilled,
    intake::not_yet_known,
    reconcile::{self, Plan},
    writes::Writes,
};
use crate::{
    IngestStores,
    attempts::{Attempts, unless_contended},
    carrier::Rules,
    orders::draft_order,
    parse::ParsedOrder,
    problem::Problem,
    request::WarningSource,
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::OrderKey,
    stage::{OrderStage, StageSource},
};
use posthorn_platform::store::{
    idempotency::RequestReceipt,
    intake::{Created, Submitted},
    orders::OrderWithShipments,
};
use tracing::warn;

/// How long a fulfilment without the customer's contact is sent back, so that its
/// order may come first.
pub(super) const ORDER_MAY_FOLLOW: SignedDuration = SignedDuration::from_mins(10);

impl IngestStores {
    /// Writes what a fulfilment says; `unknown` is what it tells of its order,
    /// should that not be there.
    pub(super) async fn apply_fulfillment(
        &self,
        key: &OrderKey,
        fulfilled: Fulfilled,
        unknown: Option<ParsedOrder>,
        source: WarningSource,
        receipt: Option<&RequestReceipt>,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let mut attempts = Attempts::default();
        while attempts.wait_for_next().await {
            let Some(view) = self.intake.orders.load_order(key).await? else {
                let unknown = unknown.as_ref().ok_or_else(not_yet_known)?;
                match self
                    .place_unknown(unknown, &fulfilled, key, receipt, now)
                    .await?
                {
                    Created::New => return Ok(Outcome::Recorded),
                    Created::KeyInUse => return Ok(Outcome::Duplicate),
                    Created::Exists(_) => continue,
                }
            };
            let fulfilled = fulfilled
                .clone()
                .with_method(view.order.delivery_method, now);
            let steps = match reconcile::plan_changes(&fulfilled, &view.shipments) {
                Plan::Stale => {
                    self.store_answer(key, receipt).await?;
                    return Ok(Outcome::Stale);
                }
                Plan::Steps(steps) => steps,
            };
            let is_decided =
                view.unreadable.is_empty() || fulfilled.is_settled_by(&steps, &view.shipments);
            if !is_decided && !fulfilled.is_cancelled {
                view.require_readable()?;
            }
            let settings = self.settings.load_settings(&key.shop, now).await?;
            let rules = Rules::new(&self.in_use, &settings, view.order.is_test);
            let writes = Writes::from_steps(
                steps,
                fulfilled.progress.as_ref(),
                &view,
                rules,
                source,
                now,
            );
            let finished = self.finish_order(&fulfilled, &view).await?;
            if finished == Some(Submitted::Conflict) {
                continue;
            }
            let receipt = receipt.filter(|_| is_decided);
            match self.write_changes(key, &writes, receipt, now).await? {
                // The storefront has to say it again.
                Submitted::Written if !is_decided => view.require_readable()?,
                Submitted::Written if writes.is_empty() && finished.is_none() => {
                    return Ok(Outcome::Unchanged);
                }
                Submitted::Written => return Ok(Outcome::Recorded),
                Submitted::KeyInUse => return Ok(Outcome::Duplicate),
                Submitted::Conflict => {}
            }
        }
        Err(Problem::busy_resource())
    }

    /// Ends an order of which nothing is on its way once it is handed out; None if
    /// there is nothing to end.
    pub(super) async fn finish_order(
        &self,
        fulfilled: &Fulfilled,
        view: &OrderWithShipments,
    ) -> Result<Option<Submitted>, Problem> {
        let is_handed_out = fulfilled.done_at.is_some() && fulfilled.shipments.is_empty();
        let mut order = view.order.clone();
        if !is_handed_out || !order.delivery_method.is_without_delivery() {
            return Ok(None);
        }
        let at = fulfilled.as_of;
        let set = order.set_stage(OrderStage::Delivered, StageSource::Shop, None, at);
        if !set.is_ok_and(|is_moved| is_moved) {
            return Ok(None);
        }
        let outcome = self
            .intake
            .set_stage(&order, view.order.version, None)
            .await;
        Ok(Some(unless_contended(outcome)?))
    }

    /// Changes one by one, new shipments and the receipt last: a retry after a crash
    /// in between finds by the same plan what is left to do.
    pub(super) async fn write_changes(
        &self,
        key: &OrderKey,
        writes: &Writes,
        receipt: Option<&RequestReceipt>,
        now: Timestamp,
    ) -> Result<Submitted, Problem> {
        self.will_be_polled(&writes.added, now).await?;
        for (shipment, expected_version) in &writes.changed {
            self.will_be_polled(std::slice::from_ref(shipment), now)
                .await?;
            let outcome = self
                .intake
                .change_shipment(key, shipment, *expected_version, None)
                .await;
            let outcome = unless_contended(outcome)?;
            if outcome != Submitted::Written {
                return Ok(outcome);
            }
            self.ask_first(key, std::slice::from_ref(shipment)).await;
        }
        if writes.added.is_empty() && receipt.is_none() {
            return Ok(Submitted::Written);
        }
        let outcome = self.intake.add_shipments(key, &writes.added, receipt).await;
        let outcome = unless_contended(outcome)?;
        if outcome == Submitted::Written {
            self.ask_first(key, &writes.added).await;
        }
        Ok(outcome)
    }

    async fn place_unknown(
        &self,
        unknown: &ParsedOrder,
        fulfilled: &Fulfilled,
        key: &OrderKey,
        receipt: Option<&RequestReceipt>,
        now: Timestamp,
    ) -> Result<Created, Problem> {
        let is_reachable = unknown
            .contact
            .as_ref()
            .is_some_and(|contact| contact.email.is_some() || contact.phone.is_some());
        // What has no number may be a sale over the counter, which the order tells.
        let has_number = !fulfilled.shipments.is_empty() && !fulfilled.is_untracked();
        let is_young = now.duration_since(fulfilled.as_of) < ORDER_MAY_FOLLOW;
        if (!is_reachable || !has_number) && is_young {
            return Err(not_yet_known());
        }
        if !is_reachable {
            warn!(order.id = %key, "Order {key} is known by its fulfilment only; no message can be sent");
        }
        let shipments = if fulfilled.is_cancelled {
            Vec::new()
        } else {
            fulfilled.shipments.clone()
        };
        let new = ParsedOrder {
            shipments,
            ..unknown.clone()
        };
        let settings = self.settings.load_settings(&key.shop, now).await?;
        let rules = Rules::new(&self.in_use, &settings, new.is_test);
        let draft = draft_order(&new, key.shop.clone(), rules, now)?;
        self.will_be_polled(&draft.shipments, now).await?;
        let created = self.intake.create_order(&draft, receipt).await?;
        if matches!(created, Created::New) {
            self.ask_first(key, &draft.shipments).await;
        }
        Ok(created)
    }
}
