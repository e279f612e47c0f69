//! Writes what a webhook says, each delivery once.

use super::{
    Outcome,
    delivery::Delivery,
    payload::{Fulfillment, Order},
    read::{self, Fulfilled},
    reconcile::{self, Plan},
    writes::Writes,
};
use crate::{
    Stores,
    attempts::{Attempts, unless_contended},
    carrier::Rules,
    idempotency,
    orders::draft,
    parse::NewOrder,
    problem::{Code, Problem},
    request::{Source, count_warnings},
};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    stage::{OrderStage, StageSource},
};
use posthorn_platform::store::{
    idempotency::Receipt,
    intake::{Created, Submitted},
    orders::OrderView,
};
use tracing::warn;

/// How long a fulfilment that says not whom to tell is sent back for its order
/// to come first.
const ORDER_MAY_FOLLOW: SignedDuration = SignedDuration::from_mins(10);

/// What a delivery tells.
pub(super) enum Event {
    /// An order was placed.
    Placed(OrderId, Box<Order>),
    /// Something about an order is corrected.
    Updated(OrderId, Box<Order>),
    /// Parcels of the order left, or something about them is corrected.
    Fulfillment(OrderId, Box<Fulfillment>),
}

impl Stores {
    /// Takes over what a delivery tells; a repetition of it is known afterwards.
    pub(super) async fn take_over(
        &self,
        shop: &ShopId,
        delivery: &Delivery,
        event: Event,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let receipt = Receipt {
            shop: shop.clone(),
            key: delivery.key(),
            body_hash: delivery.key(),
            answer: idempotency::answer(StatusCode::OK, &Outcome::Duplicate),
            at: now,
        };
        let settings = self.settings.settings(shop, now).await?;
        match event {
            Event::Placed(id, order) => {
                let new = read::order(&order, id, delivery.triggered_at, &settings, now);
                let cancelled_at = order
                    .cancelled_at
                    .as_deref()
                    .map(|at| at.parse().unwrap_or(now));
                let mut outcome = self.place(shop, &new, cancelled_at, now).await?;
                let key = OrderKey {
                    shop: shop.clone(),
                    order: new.id,
                };
                let rules = Rules::of(&self.in_use, &settings, new.is_test);
                for fulfillment in &order.fulfillments {
                    if let Some(fulfilled) = read::fulfilled(fulfillment, new.as_of, rules, now) {
                        outcome = outcome.and(self.fulfil(&key, fulfilled, None, None, now).await?);
                    }
                }
                match self.intake.add_shipments(&key, &[], Some(&receipt)).await? {
                    Submitted::Written => Ok(outcome),
                    Submitted::Conflict | Submitted::KeyInUse => Ok(Outcome::Duplicate),
                }
            }
            Event::Updated(id, order) => {
                let new = read::order(&order, id, delivery.triggered_at, &settings, now);
                let key = OrderKey {
                    shop: shop.clone(),
                    order: new.id.clone(),
                };
                // Orders from before are none of ours: their customers would
                // be told that they have just ordered.
                let Some(view) = self.intake.orders.load(&key).await? else {
                    return Ok(Outcome::Ignored);
                };
                let outcome = self.correct(&new, view).await?;
                self.remember(&key, Some(&receipt)).await?;
                Ok(outcome)
            }
            Event::Fulfillment(id, fulfillment) => {
                let key = OrderKey {
                    shop: shop.clone(),
                    order: id.clone(),
                };
                let view = self.intake.orders.load(&key).await?;
                let is_test = view
                    .as_ref()
                    .map_or(settings.test_mode, |view| view.order.is_test);
                let rules = Rules::of(&self.in_use, &settings, is_test);
                let Some(fulfilled) =
                    read::fulfilled(&fulfillment, delivery.triggered_at, rules, now)
                else {
                    return Ok(Outcome::Unchanged);
                };
                let unknown = view
                    .is_none()
                    .then(|| read::order_of(&fulfillment, id, &settings, now));
                self.fulfil(&key, fulfilled, unknown, Some(&receipt), now)
                    .await
            }
        }
    }

    /// Writes an order that a storefront tells of, new or over what a fulfilment
    /// that came before it let us guess.
    async fn place(
        &self,
        shop: &ShopId,
        new: &NewOrder,
        cancelled_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let settings = self.settings.settings(shop, now).await?;
        let rules = Rules::of(&self.in_use, &settings, new.is_test);
        let mut draft = draft(new, shop.clone(), rules, now)?;
        if let Some(at) = cancelled_at
            && draft
                .order
                .set_stage(OrderStage::Cancelled, StageSource::Shop, None, at)
                .is_ok()
        {
            draft.order.version = 1;
        }
        let mut attempts = Attempts::default();
        while attempts.next().await {
            match self.intake.create(&draft, None).await? {
                Created::New => {
                    count_warnings(Source::Shopify, &new.doubts());
                    return Ok(Outcome::Recorded);
                }
                Created::Exists(view) => return self.correct(new, *view).await,
                Created::KeyInUse => {}
            }
        }
        Err(Problem::busy())
    }

    /// Writes over `view` what a storefront says of the same order, unless it
    /// has said something newer before.
    async fn correct(&self, new: &NewOrder, view: OrderView) -> Result<Outcome, Problem> {
        let key = view.order.key.clone();
        let mut fresh = Some(view);
        let mut attempts = Attempts::default();
        while attempts.next().await {
            let view = match fresh.take() {
                Some(view) => Some(view),
                None => self.intake.orders.load(&key).await?,
            };
            let Some(view) = view else {
                return Ok(Outcome::Ignored);
            };
            if view.order.as_of > new.as_of {
                return Ok(Outcome::Stale);
            }
            let mut outcome = Outcome::Unchanged;
            if let Some(contact) = &new.contact
                && self.intake.contacts.get(&key).await?.as_ref() != Some(contact)
            {
                self.intake.contacts.put(&key, contact).await?;
                outcome = Outcome::Recorded;
            }
            let mut order = view.order.clone();
            order.number.clone_from(&new.number);
            order.locale.clone_from(&new.locale);
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
            order.version += 1;
            let outcome = self
                .intake
                .set_stage(&order, view.order.version, None)
                .await;
            match unless_contended(outcome)? {
                Submitted::Written => return Ok(Outcome::Recorded),
                Submitted::Conflict | Submitted::KeyInUse => {}
            }
        }
        Err(Problem::busy())
    }

    /// Writes what a fulfilment says; `unknown` is what it tells of its order,
    /// should that not be there.
    async fn fulfil(
        &self,
        key: &OrderKey,
        fulfilled: Fulfilled,
        unknown: Option<NewOrder>,
        receipt: Option<&Receipt>,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        if fulfilled.n_unreadable > 0 {
            let n = fulfilled.n_unreadable;
            warn!(order.id = %key, "Left out {n} texts that are no tracking numbers, order {key}");
        }
        let mut attempts = Attempts::default();
        while attempts.next().await {
            let Some(view) = self.intake.orders.load(key).await? else {
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
            let steps = match reconcile::plan(fulfilled.clone(), &view.shipments) {
                Plan::Stale => {
                    self.remember(key, receipt).await?;
                    return Ok(Outcome::Stale);
                }
                Plan::Steps(steps) => steps,
            };
            let settings = self.settings.settings(&key.shop, now).await?;
            let rules = Rules::of(&self.in_use, &settings, view.order.is_test);
            let writes = Writes::of(steps, &view, rules, now);
            match self.write(key, &writes, receipt, now).await? {
                Submitted::Written if writes.is_empty() => return Ok(Outcome::Unchanged),
                Submitted::Written => return Ok(Outcome::Recorded),
                Submitted::KeyInUse => return Ok(Outcome::Duplicate),
                Submitted::Conflict => {}
            }
        }
        Err(Problem::busy())
    }

    /// Changes one by one, new parcels and the receipt last: whoever dies in
    /// between finds by the same plan what is left to do.
    async fn write(
        &self,
        key: &OrderKey,
        writes: &Writes,
        receipt: Option<&Receipt>,
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
        unknown: &NewOrder,
        fulfilled: &Fulfilled,
        key: &OrderKey,
        receipt: Option<&Receipt>,
        now: Timestamp,
    ) -> Result<Created, Problem> {
        let is_reachable = unknown
            .contact
            .as_ref()
            .is_some_and(|contact| contact.email.is_some() || contact.phone.is_some());
        if !is_reachable && now.duration_since(fulfilled.as_of) < ORDER_MAY_FOLLOW {
            return Err(not_yet_known());
        }
        if !is_reachable {
            warn!(order.id = %key, "Order {key} is known by its fulfilment only, and nobody can be told");
        }
        let shipments = if fulfilled.is_cancelled {
            Vec::new()
        } else {
            fulfilled.parcels.clone()
        };
        let new = NewOrder {
            shipments,
            ..unknown.clone()
        };
        let settings = self.settings.settings(&key.shop, now).await?;
        let rules = Rules::of(&self.in_use, &settings, new.is_test);
        let draft = draft(&new, key.shop.clone(), rules, now)?;
        self.will_be_polled(&draft.shipments, now).await?;
        let created = self.intake.create(&draft, receipt).await?;
        if matches!(created, Created::New) {
            self.ask_first(key, &draft.shipments).await;
        }
        Ok(created)
    }
}

impl Outcome {
    /// What became of a delivery of which one part came to `self` and another to `other`.
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Recorded, _) | (_, Self::Recorded) => Self::Recorded,
            (first, _) => first,
        }
    }
}

fn not_yet_known() -> Problem {
    Problem::new(
        Code::OrderNotYetKnown,
        "the fulfilment came before its order; send it again in a minute",
    )
}
