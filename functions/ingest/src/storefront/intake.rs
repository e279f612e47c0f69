//! Writes what a webhook says, each delivery once.

use super::{
    Outcome, fulfillment, progress::Progress, read, shipments::ORDER_MAY_FOLLOW, state::OrderState,
    writes::Writes,
};
use crate::{
    IngestStores,
    attempts::{Attempts, unless_contended},
    carrier::{self, Rules},
    orders::draft_order,
    parse::ParsedOrder,
    problem::{Problem, ProblemCode},
    request::{WarningSource, count_warnings},
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    scan::Scan,
    settings::Settings,
    shipment::Shipment,
};
use posthorn_platform::store::{
    idempotency::{RequestReceipt, StoredAnswer},
    intake::{Created, Submitted},
    orders::OrderWithShipments,
};
use posthorn_storefronts::{Cancellation, Delivery, Profile, StorefrontEvent, StorefrontOrder};

/// How late an order may come after its cancellation.
const CANCELLATION_MAY_OVERTAKE: SignedDuration = SignedDuration::from_hours(24);

impl IngestStores {
    /// Takes over what a delivery says; a repetition of it is known afterwards.
    pub(super) async fn take_over(
        &self,
        shop: &ShopId,
        profile: &'static Profile,
        delivery: &Delivery,
        event: StorefrontEvent,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let receipt = RequestReceipt {
            shop: shop.clone(),
            key: delivery.repetition_key(profile),
            body_hash: delivery.repetition_key(profile),
            // A repetition is recognised by its key; this is not read.
            answer: StoredAnswer {
                status: StatusCode::OK.as_u16(),
                body: String::new(),
                is_reference: false,
            },
            at: now,
        };
        let settings = self.settings.load_settings(shop, now).await?;
        let source = WarningSource::Storefront(profile.id);
        let triggered_at = delivery.triggered_at;
        let key = |order: &OrderId| OrderKey {
            shop: shop.clone(),
            order: order.clone(),
        };
        match event {
            StorefrontEvent::OrderPlaced(order) => {
                let key = key(&order.id);
                let outcome = self
                    .place_order(&key, &order, triggered_at, source, &settings, now)
                    .await?;
                self.mark_received(&key, &receipt, outcome).await
            }
            StorefrontEvent::OrderChanged(order) => {
                let key = key(&order.id);
                if !self.is_ours(&key, &order, now).await? {
                    return Ok(Outcome::Ignored);
                }
                let outcome = self
                    .place_order(&key, &order, triggered_at, source, &settings, now)
                    .await?;
                self.mark_received(&key, &receipt, outcome).await
            }
            StorefrontEvent::FulfillmentProgressed {
                order,
                reference,
                progress,
            } => {
                let key = key(&order);
                let outcome = self
                    .apply_progress(&key, &reference, progress.as_deref(), now)
                    .await?;
                self.mark_received(&key, &receipt, outcome).await
            }
            StorefrontEvent::FulfillmentChanged { order, fulfillment } => {
                let key = key(&order);
                let view = self.intake.orders.load_order(&key).await?;
                let is_test = view
                    .as_ref()
                    .map_or(settings.test_mode, |view| view.order.is_test);
                let rules = Rules::new(&self.in_use, &settings, is_test);
                let fulfilled =
                    fulfillment::read_fulfillment(&fulfillment, triggered_at, rules, now);
                let unknown = view
                    .is_none()
                    .then(|| read::read_order_of_fulfillment(&fulfillment, order, &settings, now));
                self.apply_fulfillment(&key, fulfilled, unknown, source, Some(&receipt), now)
                    .await
            }
        }
    }

    /// Writes an order that a storefront reports, with its fulfilments: new, or over
    /// what was known of it.
    async fn place_order(
        &self,
        key: &OrderKey,
        order: &StorefrontOrder,
        triggered_at: Option<Timestamp>,
        source: WarningSource,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let new = read::read_order(order, triggered_at, settings, now);
        let state = OrderState::new(order, new.as_of.unwrap_or(now));
        let rules = Rules::new(&self.in_use, settings, new.is_test);
        let mut outcome = self
            .write_order(key, &new, state, rules, source, now)
            .await?;
        // One that cannot be taken over now does not stop the others: all are sent again.
        let mut failed = None;
        for fulfillment in &order.fulfillments {
            let fulfilled = fulfillment::read_fulfillment(fulfillment, new.as_of, rules, now);
            let written = self.apply_fulfillment(key, fulfilled, None, source, None, now);
            match written.await {
                Ok(written) => outcome = outcome.combine_with(written),
                Err(problem) => failed = failed.or(Some(problem)),
            }
        }
        failed.map_or(Ok(outcome), Err)
    }

    /// Writes an order, new or over what a fulfilment that came before it let us
    /// guess.
    async fn write_order(
        &self,
        key: &OrderKey,
        new: &ParsedOrder,
        state: OrderState,
        rules: Rules<'_>,
        source: WarningSource,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let mut draft = draft_order(new, key.shop.clone(), rules, now)?;
        state.apply_to(&mut draft.order, false);
        draft.order.version = 1;
        let mut attempts = Attempts::default();
        while attempts.wait_for_next().await {
            match self.intake.create_order(&draft, None).await? {
                Created::New => {
                    count_warnings(source, &new.list_doubts());
                    return Ok(Outcome::Recorded);
                }
                Created::Exists(view) => {
                    let time_zone = draft.order.time_zone.clone();
                    return self.correct_order(new, state, time_zone, *view).await;
                }
                Created::KeyInUse => {}
            }
        }
        Err(Problem::busy_resource())
    }

    /// Whether an order that is told of anew is one that is followed. Orders from
    /// before are not: their customers would be told that they have just ordered. But
    /// a cancellation may overtake its order, which must not come to life then.
    async fn is_ours(
        &self,
        key: &OrderKey,
        order: &StorefrontOrder,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let is_new = read::placed_at(order, now)
            .is_some_and(|at| now.duration_since(at) < CANCELLATION_MAY_OVERTAKE);
        let is_stated = matches!(order.cancellation, Some(Cancellation::Stated(_)));
        let is_overtaking = is_stated && is_new;
        Ok(is_overtaking || self.intake.orders.load_order(key).await?.is_some())
    }

    /// Writes that the delivery was taken over.
    async fn mark_received(
        &self,
        key: &OrderKey,
        receipt: &RequestReceipt,
        outcome: Outcome,
    ) -> Result<Outcome, Problem> {
        match self.intake.add_shipments(key, &[], Some(receipt)).await? {
            Submitted::Written => Ok(outcome),
            Submitted::Conflict | Submitted::KeyInUse => Ok(Outcome::Duplicate),
        }
    }

    /// Writes what a storefront says of where the shipments of a fulfilment are.
    async fn apply_progress(
        &self,
        key: &OrderKey,
        reference: &str,
        progress: Option<&Scan>,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let Some(progress) = progress.and_then(|scan| Progress::new(scan, now)) else {
            return Ok(Outcome::Unchanged);
        };
        let mut attempts = Attempts::default();
        while attempts.wait_for_next().await {
            let view = self.intake.orders.load_order(key).await?;
            let shipments = view.iter().flat_map(|view| &view.shipments);
            let of_it: Vec<&Shipment> = shipments
                .filter(|shipment| {
                    let mut origins = shipment.origins.iter();
                    origins.any(|origin| origin.reference == reference && !origin.is_cancelled)
                })
                .collect();
            if of_it.is_empty() {
                // It may be the one that cannot be read.
                if let Some(view) = &view {
                    view.require_readable()?;
                }
                let is_young = progress
                    .to_instant()
                    .is_some_and(|at| now.duration_since(at) < ORDER_MAY_FOLLOW);
                return if is_young {
                    Err(not_yet_known())
                } else {
                    Ok(Outcome::Ignored)
                };
            }
            let changed = of_it.iter().filter_map(|shipment| {
                let is_told = of_it.len() == 1 || !carrier::can_be_asked(shipment.provider());
                let next = progress.applied_to(shipment, now).filter(|_| is_told)?;
                Some((next, shipment.version))
            });
            let writes = Writes {
                changed: changed.collect(),
                added: Vec::new(),
            };
            match self.write_changes(key, &writes, None, now).await? {
                Submitted::Written if writes.is_empty() => return Ok(Outcome::Unchanged),
                Submitted::Written => return Ok(Outcome::Recorded),
                Submitted::Conflict | Submitted::KeyInUse => {}
            }
        }
        Err(Problem::busy_resource())
    }

    /// Writes over `view` what a storefront says of the same order, unless it
    /// has said something newer before.
    async fn correct_order(
        &self,
        new: &ParsedOrder,
        state: OrderState,
        time_zone: Option<String>,
        view: OrderWithShipments,
    ) -> Result<Outcome, Problem> {
        let key = view.order.key.clone();
        let mut fresh = Some(view);
        let mut attempts = Attempts::default();
        while attempts.wait_for_next().await {
            let view = match fresh.take() {
                Some(view) => Some(view),
                None => self.intake.orders.load_order(&key).await?,
            };
            let Some(view) = view else {
                return Ok(Outcome::Ignored);
            };
            if view.order.as_of > new.as_of {
                return Ok(Outcome::Stale);
            }
            let mut outcome = Outcome::Unchanged;
            if let Some(contact) = &new.contact {
                let present = self.intake.contacts.load_contact(&key).await?;
                let known = present.state.as_ref();
                // What the shop corrected by the API is newer than what its storefront holds.
                let is_corrected = known.is_some_and(|known| known.is_corrected);
                if !is_corrected && known != Some(contact) {
                    let written = self
                        .intake
                        .replace_contact(&key, contact, present.version, None)
                        .await;
                    if unless_contended(written)? != Submitted::Written {
                        continue;
                    }
                    outcome = Outcome::Recorded;
                }
            }
            let mut order = view.order.clone();
            order.number.clone_from(&new.number);
            order.locale.clone_from(&new.locale);
            order.delivery_method = new.delivery_method;
            if time_zone.is_some() {
                order.time_zone.clone_from(&time_zone);
            }
            state.apply_to(&mut order, view.order.as_of.is_some());
            // What is sent back or refunded after the end was bought all the same.
            if order.as_of.is_none() || !order.stage.is_final() {
                order.items.clone_from(&new.items);
            }
            order.is_test = new.is_test;
            order.placed_at = new.placed_at.unwrap_or(order.placed_at);
            if order == view.order {
                return Ok(outcome);
            }
            order.as_of = new.as_of;
            order.version = view.order.version + 1;
            let outcome = self
                .intake
                .set_stage(&order, view.order.version, None)
                .await;
            match unless_contended(outcome)? {
                Submitted::Written => return Ok(Outcome::Recorded),
                Submitted::Conflict | Submitted::KeyInUse => {}
            }
        }
        Err(Problem::busy_resource())
    }
}

impl Outcome {
    /// What became of a delivery of which one part came to `self` and another to `other`.
    const fn combine_with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Recorded, _) | (_, Self::Recorded) => Self::Recorded,
            (first, _) => first,
        }
    }
}

pub(super) fn not_yet_known() -> Problem {
    Problem::new(
        ProblemCode::OrderNotYetKnown,
        "the fulfilment came before its order; send it again in a minute",
    )
}
