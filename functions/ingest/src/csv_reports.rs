//! Reports of many shipments in one table, as a supplier mails them.

mod columns;
mod rows;

use crate::{
    Ingest,
    problem::{FieldError, Problem, ProblemCode},
    request::{Caller, MAX_BODY, ReceivedAt, read_body},
};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use self::rows::ReportRow;

/// The most rows of a table: all of them are answered for within one request.
const MAX_ROWS: usize = 1000;

/// Orders that are worked on at a time.
const ORDERS_AT_A_TIME: usize = 8;

/// What became of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportedTable)]
pub(crate) struct TableAnswer {
    /// Rows that said something new.
    #[schema(example = 2)]
    accepted: usize,
    /// Rows that said what was known.
    #[schema(example = 0)]
    unchanged: usize,
    /// Rows that are older than the history that is kept of their source, which
    /// has as many newer events as it can have.
    #[schema(example = 0)]
    too_old: usize,
    /// Rows that could not be used.
    #[schema(example = 1)]
    rejected: usize,
    /// What became of each row.
    rows: Vec<RowAnswer>,
    /// Columns that were ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

/// What became of a row.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReportedRow)]
struct RowAnswer {
    /// Which row: the header is 1, empty lines do not count.
    #[schema(example = 2)]
    row: usize,
    /// `accepted`, `unchanged`, `too_old` or `rejected`.
    #[schema(value_type = String, example = "accepted")]
    outcome: RowOutcome,
    /// The order that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1001")]
    order: Option<String>,
    /// Which shipment of the order it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    shipment: Option<u16>,
    /// What is wrong with it, by column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// What became of a row, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum RowOutcome {
    Accepted,
    Unchanged,
    TooOld,
    Rejected,
}

/// A table as it came.
#[derive(Debug)]
pub(crate) struct CsvTable(Bytes);

impl<S: Send + Sync> FromRequest<S> for CsvTable {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if !is_csv(&parts.headers) {
            return Err(Problem::new(
                ProblemCode::UnsupportedMediaType,
                "send the table as `Content-Type: text/csv`",
            ));
        }
        read_body(body, &parts.headers, MAX_BODY).await.map(Self)
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/csv")
}

/// Reports what happened to many shipments, a row each.
///
/// The first line names the columns: `order`; `shipment` or `tracking_number`
/// (not needed where the order has one shipment); `date` with `time` and `offset`,
/// or `at`; `status`; `city`, `region`, `country`; `text`; `eta`; `source`,
/// `supplier`, `correction`. Separated by commas, semicolons or tabs, in UTF-8.
/// A row that cannot be used does not keep the others from being used. The same
/// table again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/reports",
    operation_id = "report_shipments",
    tag = "shipments",
    request_body(content = String, content_type = "text/csv",
        description = "At most 256 KB and 1000 rows",
        example = "order,tracking_number,status,date,time,city,country\n1001,77889900,in_transit,2026-11-22,08:12,Leipzig,DE\n"),
    responses(
        (status = 200, description = "What became of each row", body = TableAnswer),
        (status = 400, description = "`malformed_csv`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_body`: columns are missing, or there are too many rows", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn import_reports(
    State(ingest): State<Ingest>,
    ReceivedAt(now): ReceivedAt,
    Caller(shop): Caller,
    CsvTable(table): CsvTable,
) -> Result<Json<TableAnswer>, Problem> {
    let (rows, warnings) = rows::read(&table, now)?;
    let (groups, mut answers) = rows::by_order(rows);
    let done: Vec<Vec<RowAnswer>> = stream::iter(groups)
        .map(|group| rows::report_rows(&ingest, &shop, group, now))
        .buffer_unordered(ORDERS_AT_A_TIME)
        .collect()
        .await;
    answers.extend(done.into_iter().flatten());
    answers.sort_by_key(|answer| answer.row);
    let count = |outcome| {
        let same = answers.iter().filter(|answer| answer.outcome == outcome);
        same.count()
    };
    Ok(Json(TableAnswer {
        accepted: count(RowOutcome::Accepted),
        unchanged: count(RowOutcome::Unchanged),
        too_old: count(RowOutcome::TooOld),
        rejected: count(RowOutcome::Rejected),
        rows: answers,
        warnings,
    }))
}

impl RowAnswer {
    fn new(row: &ReportRow, outcome: RowOutcome) -> Self {
        Self {
            row: row.number,
            outcome,
            order: row.order.as_ref().map(ToString::to_string),
            shipment: None,
            errors: Vec::new(),
        }
    }

    fn reject_row(row: &ReportRow, errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(row, RowOutcome::Rejected)
        }
    }
}
