//! The document that describes the API, made from the code that serves it.
//!
//! It is made for docs/openapi.json and not in the function, which serves that
//! file: making it took more time than all else before the first request.

mod limits;
mod webhooks;

use crate::{
    contact, csv_reports, notifications, orders,
    problem::{Problem, ProblemCode},
    reports, shipments, status, storefront,
};
use axum::response::IntoResponse;
use http::header;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components, ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Posthorn",
        description = "Order tracking and customer notifications in the shop's own AWS account.",
    ),
    tags(
        (name = "orders", description = "What was bought and where it stands"),
        (name = "shipments", description = "The shipments of an order"),
        (name = "notifications", description = "Who was told what, and why or why not"),
        (name = "webhooks", description = "What storefronts send by themselves"),
        (name = "description", description = "This document"),
    ),
    paths(
        orders::create_order,
        orders::read_order,
        shipments::add_shipment,
        shipments::read_shipment,
        shipments::change_shipment,
        reports::add_report,
        csv_reports::import_reports,
        status::set,
        contact::patch_contact,
        notifications::list_notifications,
        storefront::receive_webhook,
        serve_document,
    ),
    components(schemas(Problem, ProblemCode)),
    security(("api_key" = [])),
    modifiers(&Credential)
)]
struct ApiDocument;

/// The document, as it lies in docs/openapi.json.
pub fn describe_api() -> utoipa::openapi::OpenApi {
    let mut document = ApiDocument::openapi();
    webhooks::expand(&mut document);
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.patch];
        for operation in operations.into_iter().flatten() {
            with_common_problems(operation);
        }
    }
    limits::set(&mut document);
    document
}

/// This document.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    operation_id = "read_description",
    tag = "description",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
pub(crate) async fn serve_document() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("../../../docs/openapi.json"))
}

/// What every route may answer besides its own.
fn with_common_problems(operation: &mut Operation) {
    let is_open = operation
        .tags
        .iter()
        .flatten()
        .any(|tag| tag == "description" || tag == "webhooks");
    let has_body = operation.request_body.is_some();
    let common: &[(&str, &str, bool)] = &[
        (
            "400",
            "`malformed_json`, `invalid_idempotency_key`",
            has_body,
        ),
        ("401", "`unauthorized`", !is_open),
        (
            "404",
            "`route_not_found`: the path is none of this API",
            true,
        ),
        ("413", "`body_too_large`: more than 256 KB", has_body),
        ("415", "`unsupported_media_type`", has_body && !is_open),
        (
            "429",
            "API Gateway's throttle: `{\"message\":\"Too Many Requests\"}`",
            true,
        ),
        (
            "503",
            "`busy`, `unavailable`: try again after `Retry-After` seconds",
            !is_open,
        ),
    ];
    for (status, description, applies) in common {
        if !applies || operation.responses.responses.contains_key(*status) {
            continue;
        }
        let mut response = ResponseBuilder::new().description(*description);
        if *status != "429" {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            response = response.content("application/problem+json", content);
        }
        operation
            .responses
            .responses
            .insert((*status).to_owned(), RefOr::T(response.build()));
    }
}

/// How a caller signs in.
struct Credential;

impl Modify for Credential {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("ph_…")
            .description(Some(
                "An API key of the shop; all that is read and written is that shop's",
            ))
            .build();
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}
