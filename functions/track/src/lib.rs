//! Shows a customer where the parcel is.
//!
//! Trigger  `GET /t/{token}` of the HTTP API
//! Reads    the order and its parcels by the index `ByToken`, the shop's settings,
//!          how far the sweep is
//! Writes   nothing
//! On error a friendly page with status 500; the error is logged without the token
//! Repeats  are harmless: it only reads

mod alerts;
pub mod answer;
pub mod facts;
mod hero;
mod history;
pub mod page;
mod shipment;
mod sources;
pub mod view;

use answer::ResponseFormat;
use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
    routing::get,
};
use http::{HeaderMap, StatusCode};
use posthorn_domain::{id::TrackingToken, settings::Settings, shipment::Shipment};
use posthorn_platform::{
    Aws, Config, clock,
    config::ConfigError,
    store::{
        orders::{OrderStore, OrderWithShipments},
        schedule::{Schedule, ScheduleStore},
        settings::SettingsStore,
    },
};
use std::sync::Arc;
use tracing::{error, info, warn};

/// The public page.
#[derive(Debug, Clone)]
pub struct Track {
    orders: OrderStore,
    settings: SettingsStore,
    schedule: ScheduleStore,
}

impl Track {
    /// Reads the tables that the environment names.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Track"))
    }

    /// Reads the tables that `config` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            orders: OrderStore::new(aws, config)?,
            settings: SettingsStore::new(aws, config)?,
            schedule: ScheduleStore::new(aws, config)?,
        })
    }

    /// The routes. axum answers HEAD as GET without a body.
    pub fn router(self) -> Router {
        Router::new()
            .route("/t/{token}", get(show_order))
            .fallback(nothing_here)
            .with_state(self)
    }

    /// How far the sweep is, if a parcel is polled at all. The page is
    /// shown all the same if that is unknown.
    async fn load_schedule(&self, shipments: &[Shipment]) -> Schedule {
        if shipments.iter().all(|shipment| shipment.cadence.is_none()) {
            return Schedule::default();
        }
        self.schedule.load_schedule().await.unwrap_or_else(|error| {
            warn!(%error, "Could not tell when carriers were asked last");
            Schedule::default()
        })
    }

    /// What a link shows; none if it is no link of ours.
    async fn find_order(
        &self,
        token: &str,
    ) -> anyhow::Result<Option<(OrderWithShipments, Arc<Settings>)>> {
        // A token that cannot be one takes the same way through the index, so
        // that the time of the answer tells nothing.
        let token =
            TrackingToken::parse(token).unwrap_or_else(|_| TrackingToken::from_random([0; 16]));
        let Some(key) = self.orders.by_token(&token).await? else {
            return Ok(None);
        };
        let (order, settings) = tokio::try_join!(
            self.orders.load_order(&key),
            self.settings.load_settings(&key.shop, clock::now()),
        )?;
        Ok(order
            .filter(|view| view.order.token == token)
            .map(|view| (view, settings)))
    }
}

async fn show_order(
    State(track): State<Track>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let format = ResponseFormat::from_headers(&headers);
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    match track.find_order(&token).await {
        Ok(Some((view, settings))) => {
            info!(order.stage = %view.order.stage, "Showed an order");
            let schedule = track.load_schedule(&view.shipments).await;
            let shown = view::PageInput {
                order: &view.order,
                shipments: &view.shipments,
                settings: &settings,
                carrier: &|shipment| posthorn_carriers::carrier_view(shipment, &settings),
                checked: &|shipment| sources::last_checked(&schedule, &view.order.key, shipment),
                now: clock::now(),
            };
            answer::order_response(&shown, format)
        }
        Ok(None) => {
            info!("Asked for a link that leads nowhere");
            answer::notice_response(StatusCode::NOT_FOUND, format)
        }
        Err(error) => {
            error!("Could not show an order: {error:#}");
            answer::notice_response(StatusCode::INTERNAL_SERVER_ERROR, format)
        }
    }
}

async fn nothing_here(headers: HeaderMap) -> Response {
    answer::notice_response(
        StatusCode::NOT_FOUND,
        ResponseFormat::from_headers(&headers),
    )
}
