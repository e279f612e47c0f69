//! Orders: posted once, read as they stand.

use crate::{
    Ingest, IngestStores,
    answer::{OrderAnswer, ShipmentAnswer},
    attempts::Attempts,
    body::OrderBody,
    carrier::{self, Rules},
    field::{Issue, Issues},
    idempotency::{build_receipt, encode_answer, to_response},
    parameters::{OrderPath, Repeatable},
    parse::{ParsedOrder, ParsedShipment, Reading},
    problem::{FieldError, Problem, ProblemCode},
    request::{
        Caller, ReceivedAt, Submission, Target, WarningSource, count_unknown, count_warnings,
        order_not_found,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use posthorn_domain::{
    candidates::Candidates,
    contact::Contact,
    eta::{Eta, EtaSource},
    id::{OrderId, OrderKey, ShipmentIndex, ShopId, TrackingToken},
    journey::{self, NewShipment},
    order::{Order, StageChange},
    settings::Settings,
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    ServiceError, ServiceErrorKind,
    store::{
        intake::{self, Created},
        orders::OrderWithShipments,
    },
};

const SEGMENT: &AsciiSet = &CONTROLS.add(b'/').add(b'%').add(b'?').add(b'#').add(b' ');

/// Posts an order.
///
/// The order's id is its natural key: the same order again is answered with
/// the order as it stands (200), another one under the same id is refused (409).
#[utoipa::path(
    post,
    path = "/v1/orders",
    operation_id = "create_order",
    tag = "orders",
    params(Repeatable),
    request_body(content = OrderBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The order is followed", body = OrderAnswer,
            headers(("Location" = String, description = "Where the order is read"))),
        (status = 200, description = "The same order was posted before", body = OrderAnswer),
        (status = 409, description = "`order_exists`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_order(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Caller(shop): Caller,
    submission: Submission,
) -> Result<Response, Problem> {
    if let Some(replayed) = ingest.find_replay(&shop, &submission, now).await? {
        return Ok(replayed);
    }
    let settings = ingest.settings.load_settings(&shop, now).await?;
    let mut findings = Issues::default();
    let body: OrderBody = submission.parse_json()?;
    let reading = Reading {
        in_use: &ingest.in_use,
        settings: &settings,
        now,
    };
    let new = ParsedOrder::parse_order(body, reading, &mut findings);
    let new = findings.check_issues(new)?;
    count_unknown("POST /v1/orders", &findings);

    let rules = Rules::new(&ingest.in_use, &settings, new.is_test);
    let draft = draft_order(&new, shop.clone(), rules, now)?;
    for (index, shipment) in draft.shipments.iter().enumerate() {
        let place = |field| format!("shipments[{index}].{field}");
        let doubts = carrier::list_doubts(shipment, rules).into_iter();
        let doubts = doubts.map(|(field, doubt)| doubt.into_field_error(&place(field)));
        findings.warnings.extend(doubts);
    }
    count_warnings(WarningSource::Api, &findings.warnings);
    let created = ingest.answer_about(
        &draft.order,
        draft.contact.as_ref(),
        &draft.shipments,
        &settings,
        findings.warnings.clone(),
    );
    let created = encode_answer(StatusCode::CREATED, &created);
    let receipt = build_receipt(&shop, &submission, &created, now);
    ingest.will_be_polled(&draft.shipments, now).await?;
    let mut attempts = Attempts::default();
    while attempts.wait_for_next().await {
        match ingest.intake.create_order(&draft, receipt.as_ref()).await? {
            Created::New => {
                let key = &draft.order.key;
                ingest.ask_first(key, &draft.shipments).await;
                let location = resource_location(&new.id, None)?;
                return Ok(([(header::LOCATION, location)], to_response(&created)).into_response());
            }
            Created::Exists(view) => {
                // The same request at the same moment: its answer is this one's.
                if let Some(replayed) = ingest.find_replay(&shop, &submission, now).await? {
                    return Ok(replayed);
                }
                return ingest
                    .answer_existing(&new, &view, &submission, &settings, findings.warnings, now)
                    .await;
            }
            Created::KeyInUse => {
                if let Some(replayed) = ingest.find_replay(&shop, &submission, now).await? {
                    return Ok(replayed);
                }
            }
        }
    }
    Err(Problem::busy_resource())
}

/// Reads an order as it stands.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}",
    operation_id = "read_order",
    tag = "orders",
    params(OrderPath),
    responses(
        (status = 200, description = "The order", body = OrderAnswer),
        (status = 404, description = "`order_not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read_order(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Target(key): Target,
) -> Result<Json<OrderAnswer>, Problem> {
    let answer = Box::pin(ingest.describe_order(&key, now)).await?;
    Ok(Json(answer))
}

impl IngestStores {
    /// The answer about an order as it stands.
    pub(crate) async fn describe_order(
        &self,
        key: &OrderKey,
        now: Timestamp,
    ) -> Result<OrderAnswer, Problem> {
        let (view, contact, settings) = tokio::try_join!(
            self.intake.orders.load_order(key),
            self.intake.contacts.get_contact(key),
            self.settings.load_settings(&key.shop, now),
        )?;
        let view = view.ok_or_else(order_not_found)?;
        let (order, contact) = (&view.order, contact.as_ref());
        Ok(self.answer_about(order, contact, &view.shipments, &settings, Vec::new()))
    }

    pub(crate) fn answer_about(
        &self,
        order: &Order,
        contact: Option<&Contact>,
        shipments: &[Shipment],
        settings: &Settings,
        warnings: Vec<FieldError>,
    ) -> OrderAnswer {
        let attention = shipments
            .iter()
            .enumerate()
            .filter_map(|(index, shipment)| {
                let fault = carrier::attention_issue(shipment)?;
                Some(fault.into_field_error(&format!("shipments[{index}].tracking_number")))
            });
        let unreadable = order.has_unreadable_shipments.then(|| {
            let detail = "a stored shipment of the order cannot be read and is not listed";
            Issue::new(ProblemCode::UnreadableShipment, detail).into_field_error("shipments")
        });
        let warnings = warnings.into_iter();
        let warnings = warnings.chain(attention).chain(unreadable).collect();
        let shipments = shipments.iter();
        let shipments = shipments.map(|shipment| ShipmentAnswer::new(shipment, settings));
        OrderAnswer::new(
            order,
            self.tracking_url(&order.token),
            contact,
            shipments.collect(),
            warnings,
        )
    }

    /// The answer to an order that is there already.
    async fn answer_existing(
        &self,
        new: &ParsedOrder,
        view: &OrderWithShipments,
        submission: &Submission,
        settings: &Settings,
        warnings: Vec<FieldError>,
        now: Timestamp,
    ) -> Result<Response, Problem> {
        let key = &view.order.key;
        // What cannot be read cannot be compared.
        let contact = self.intake.contacts.load_contact(key).await?.state;
        if !is_same(new, view, contact.as_ref()) {
            view.require_readable()?;
            return Err(Problem::new(
                ProblemCode::OrderExists,
                "the shop has an order with this id and other content; \
                 add shipments with POST …/shipments, move it with POST …/status",
            ));
        }
        let (order, contact) = (&view.order, contact.as_ref());
        let body = self.answer_about(order, contact, &view.shipments, settings, warnings);
        let stored = encode_answer(StatusCode::OK, &body);
        self.answer_unchanged(key, submission, stored, now).await
    }
}

/// Whether what was posted now says nothing else than what was posted then.
/// Shipments may have been corrected or added since.
fn is_same(new: &ParsedOrder, view: &OrderWithShipments, contact: Option<&Contact>) -> bool {
    let order = &view.order;
    let is_known = |posted: &ParsedShipment| match &posted.tracking_number {
        Some(number) => view
            .shipments
            .iter()
            .any(|known| has_had_number(known, number)),
        // Its number may have come since, and nothing tells which it is.
        None => view.shipments.len() >= new.shipments.len(),
    };
    new.number == order.number
        && new.placed_at.is_none_or(|at| at == order.placed_at)
        && new.promised == order.promised
        && new.locale == order.locale
        && new.is_test == order.is_test
        && new.items == order.items
        && (contact.is_some_and(|contact| contact.is_corrected) || new.contact.as_ref() == contact)
        && new.shipments.iter().all(is_known)
}

/// Whether `shipment` has this number, or had it before a correction.
pub(crate) fn has_had_number(shipment: &Shipment, number: &TrackingNumber) -> bool {
    shipment.has_number(number) || shipment.former_numbers.contains(number)
}

/// A new order as it will be written.
pub(crate) fn draft_order(
    new: &ParsedOrder,
    shop: ShopId,
    rules: Rules<'_>,
    now: Timestamp,
) -> Result<intake::NewOrder, ServiceError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)
        .map_err(|_| ServiceError::new(ServiceErrorKind::Unreachable, "draw a tracking token"))?;
    let stage = OrderStage::New;
    let order = Order {
        key: OrderKey {
            shop,
            order: new.id.clone(),
        },
        number: new.number.clone(),
        token: TrackingToken::from_random(bits),
        stage,
        stages: vec![StageChange {
            stage,
            at: now,
            by: StageSource::Shop,
            comment: None,
        }],
        items: new.items.clone(),
        promised: new.promised,
        locale: new.locale.clone(),
        delivery_method: new.delivery_method,
        paid_at: None,
        time_zone: new
            .contact
            .as_ref()
            .and_then(|contact| rules.time_zone(contact)),
        is_test: new.is_test,
        n_shipments: u16::try_from(new.shipments.len()).unwrap_or(u16::MAX),
        placed_at: new.placed_at.unwrap_or(now),
        created_at: now,
        as_of: new.as_of,
        version: 1,
        has_unreadable_shipments: false,
    };
    let shipments = (1..)
        .zip(&new.shipments)
        .map(|(number, shipment)| {
            let new = register_shipment(ShipmentIndex(number), shipment.clone(), &order, now);
            carrier::route_via(new, rules, now)
        })
        .collect();
    Ok(intake::NewOrder {
        order,
        contact: new.contact.clone(),
        shipments,
    })
}

/// A shipment of `order` of which we have just learned.
pub(crate) fn register_shipment(
    number: ShipmentIndex,
    new: ParsedShipment,
    order: &Order,
    now: Timestamp,
) -> Shipment {
    let announced = NewShipment {
        carrier: new.carrier,
        carrier_name: new.carrier_name,
        query_details: new.hints,
        tracking_number: new.tracking_number,
        tracking_url: new.tracking_url,
        items: new.items,
        origins: new.origins,
        eta: order.promised.map(|day| Eta::on_day(day, EtaSource::Store)),
    };
    Shipment {
        candidates: Candidates::from_ranked(new.candidates, now),
        ..journey::register_shipment(number, announced, now)
    }
}

/// Where an order, or a shipment of it, is read.
pub(crate) fn resource_location(
    order: &OrderId,
    shipment: Option<ShipmentIndex>,
) -> Result<HeaderValue, ServiceError> {
    let id = utf8_percent_encode(order.as_str(), SEGMENT);
    let path = match shipment {
        Some(number) => format!("/v1/orders/{id}/shipments/{number}"),
        None => format!("/v1/orders/{id}"),
    };
    HeaderValue::try_from(path)
        .map_err(|_| ServiceError::new(ServiceErrorKind::Refused, "write the location of an order"))
}
