//! The rows of a table: read one by one, reported order by order.

use super::{
    MAX_ROWS, RowAnswer, RowOutcome,
    columns::{Column, Columns},
};
use crate::{
    Ingest,
    attempts::{Attempts, unless_contended},
    body::EventBody,
    field::{Field, FieldPath, Issue, Issues, UnknownFields},
    parse::{ParsedReport, parse_eta, parse_event, parse_reporter},
    problem::{FieldError, Problem, ProblemCode},
    reports::apply_new_report,
    request::{order_not_found, shipment_not_found, utf8_text},
    validate,
};
use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::Timestamp;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShipmentIndex, ShopId},
    journey,
    report::Report,
    shipment::Shipment,
    tracking_number::TrackingNumber,
};
use posthorn_platform::store::intake::Submitted;
use std::collections::BTreeMap;

/// A row: what it says, or what is wrong with it.
#[derive(Debug)]
pub(super) struct ReportRow {
    /// Which row; the header is 1.
    pub(super) number: usize,
    /// The order that it names, if it names one.
    pub(super) order: Option<OrderId>,
    shipment: Option<RowTarget>,
    said: Result<ParsedReport, Vec<FieldError>>,
}

/// How a row names the shipment.
#[derive(Debug)]
enum RowTarget {
    Shipment(ShipmentIndex),
    Number(TrackingNumber),
}

/// The rows about one order, in the order of the table.
#[derive(Debug)]
pub(super) struct OrderRows {
    order: OrderId,
    rows: Vec<ReportRow>,
}

/// The rows of a table, and which of its columns are ignored.
pub(super) fn read(
    table: &[u8],
    now: Timestamp,
) -> Result<(Vec<ReportRow>, Vec<FieldError>), Problem> {
    let malformed = |detail: &str| Problem::new(ProblemCode::MalformedCsv, detail);
    let table = utf8_text(table)
        .ok_or_else(|| malformed("the table is not UTF-8; save it as `CSV UTF-8`"))?;
    let table = table.strip_prefix('\u{feff}').unwrap_or(table);
    let mut reader = ReaderBuilder::new()
        .delimiter(detect_separator(table))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(table.as_bytes());
    let mut records = reader.records();
    let header = records.next().transpose().ok().flatten();
    let header = header.ok_or_else(|| malformed("the table has no first line"))?;
    let (columns, warnings) = Columns::parse_header(&header)?;
    let mut rows = Vec::new();
    for (record, number) in records.zip(2..) {
        let record = record.map_err(|_| malformed("the table cannot be read to its end"))?;
        if rows.len() == MAX_ROWS {
            return Err(Problem::from_field_errors(vec![FieldError {
                field: String::new(),
                code: ProblemCode::TooMany,
                detail: format!("the table has more than {MAX_ROWS} rows"),
                expected: Some(format!(
                    "at most {MAX_ROWS} rows; send the others by themselves"
                )),
            }]));
        }
        if record.iter().any(|cell| !cell.is_empty()) {
            rows.push(ReportRow::parse_row(number, &record, &columns, now));
        }
    }
    Ok((rows, warnings))
}

/// What the first line is separated by: what stands there most often.
fn detect_separator(table: &str) -> u8 {
    let first = table.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of several that are as frequent the last is taken: the comma.
    b"\t;,".iter().copied().max_by_key(count).unwrap_or(b',')
}

impl ReportRow {
    fn parse_row(number: usize, record: &StringRecord, columns: &Columns, now: Timestamp) -> Self {
        let mut findings = Issues::default();
        let mut place = FieldPath::at_root(&mut findings);
        let given = |column: Column| columns.cell_field(record, column);
        let order = place.required_text("order", given(Column::Order), validate::order_id);
        let shipment = parse_target(columns, record, &mut place);
        let report = report_of(columns, record, now, &mut place);
        let correction = columns.cell_text(record, Column::Correction);
        let correction = match correction.map(str::to_lowercase).as_deref() {
            None | Some("no" | "false" | "0" | "n") => Field::Absent,
            Some("yes" | "true" | "1" | "y" | "x") => Field::Value(true),
            Some(_) => Field::Wrong { found: "a text" },
        };
        let (source, supplier) = (given(Column::Source), given(Column::Supplier));
        let said = parse_reporter(source, supplier, correction, &mut place);
        let said = match (said, report) {
            (Some((source, is_correction)), Some(report)) if findings.errors.is_empty() => {
                Ok(ParsedReport {
                    source,
                    is_correction,
                    report,
                })
            }
            _ => Err(findings.errors),
        };
        Self {
            number,
            order,
            shipment,
            said,
        }
    }

    /// Whether it says nothing but what is older than all that `shipment` keeps.
    fn is_forgotten_by(&self, shipment: &Shipment) -> bool {
        self.said.as_ref().is_ok_and(|new| {
            let mut scans = new.report.scans.iter();
            new.report.eta.is_none()
                && !new.report.scans.is_empty()
                && scans.all(|scan| {
                    journey::is_forgotten(shipment, &new.source, new.is_correction, scan)
                })
        })
    }

    /// The shipment that the row is about.
    fn find_shipment<'a>(&self, shipments: &'a [Shipment]) -> Result<&'a Shipment, FieldError> {
        let (column, found) = match (&self.shipment, shipments) {
            (Some(RowTarget::Shipment(wanted)), _) => {
                let mut shipments = shipments.iter();
                (
                    "shipment",
                    shipments.find(|shipment| shipment.shipment == *wanted),
                )
            }
            (Some(RowTarget::Number(wanted)), _) => {
                let is_former = |shipment: &&Shipment| shipment.former_numbers.contains(wanted);
                let is_present = |shipment: &&Shipment| shipment.has_number(wanted);
                let mut all = shipments.iter();
                let found = all
                    .find(is_present)
                    .or_else(|| shipments.iter().find(is_former));
                ("tracking_number", found)
            }
            (None, [only]) => ("shipment", Some(only)),
            (None, _) => {
                return Err(FieldError {
                    field: "shipment".to_owned(),
                    code: ProblemCode::Required,
                    detail: "is missing, and the order has not one shipment".to_owned(),
                    expected: Some("`shipment` or `tracking_number`".to_owned()),
                });
            }
        };
        found.ok_or_else(|| row_error(column, &shipment_not_found()))
    }
}

fn parse_target(
    columns: &Columns,
    record: &StringRecord,
    place: &mut FieldPath<'_>,
) -> Option<RowTarget> {
    let given = |column: Column| columns.cell_field(record, column);
    let which = place.read_text("shipment", given(Column::Shipment), |text| {
        text.parse().map(ShipmentIndex).map_err(|_| {
            Issue::new(ProblemCode::OutOfRange, "is not the number of a shipment")
                .with_expected("1, 2, …")
        })
    });
    let number = place.read_text(
        "tracking_number",
        given(Column::TrackingNumber),
        validate::tracking_number,
    );
    which
        .map(RowTarget::Shipment)
        .or_else(|| number.map(RowTarget::Number))
}

/// What happened, or when the shipment is expected, or both.
fn report_of(
    columns: &Columns,
    record: &StringRecord,
    now: Timestamp,
    place: &mut FieldPath<'_>,
) -> Option<Report> {
    let given = |column: Column| columns.cell_field(record, column);
    let has = |column| columns.cell_text(record, column).is_some();
    let eta = place.read_text("eta", given(Column::Eta), parse_eta);
    let has_event = has(Column::Status) || has(Column::Text) || !has(Column::Eta);
    let scans = if has_event {
        let (column, at) = parse_time(columns, record);
        let body = EventBody {
            at,
            status: given(Column::Status),
            city: given(Column::City),
            region: given(Column::Region),
            country: given(Column::Country),
            text: given(Column::Text),
            unknown: UnknownFields::default(),
        };
        vec![parse_event(body, column.column_name(), now, place)?]
    } else {
        Vec::new()
    };
    Some(Report {
        scans,
        eta,
        ..Report::default()
    })
}

/// The time of a row, and the column that is to blame if it is none.
fn parse_time(columns: &Columns, record: &StringRecord) -> (Column, Field<String>) {
    let cell = |column| columns.cell_text(record, column);
    let offset = cell(Column::Offset).unwrap_or_default();
    if let Some(at) = cell(Column::At) {
        return (Column::At, Field::Value(format!("{at}{offset}")));
    }
    let Some(date) = cell(Column::Date) else {
        return (Column::Date, Field::Absent);
    };
    let mut moment = year_first(date);
    if let Some(time) = cell(Column::Time) {
        // Spreadsheets write 8:12.
        let is_short = time.split(':').next().is_some_and(|hour| hour.len() == 1);
        moment.push_str(if is_short { "T0" } else { "T" });
        moment.push_str(time);
        moment.push_str(offset);
    }
    (Column::Date, Field::Value(moment))
}

/// `22.11.2026` as `2026-11-22`. Slashes are left alone: they do not tell whether
/// day or month comes first.
fn year_first(date: &str) -> String {
    let parts: Vec<&str> = date.split('.').collect();
    match parts.as_slice() {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => date.to_owned(),
    }
}

/// The rows that say something, by order, and the answers to those that do not.
pub(super) fn by_order(rows: Vec<ReportRow>) -> (Vec<OrderRows>, Vec<RowAnswer>) {
    let mut groups = BTreeMap::<OrderId, Vec<ReportRow>>::new();
    let mut answers = Vec::new();
    for row in rows {
        match (&row.order, &row.said) {
            (Some(order), Ok(_)) => groups.entry(order.clone()).or_default().push(row),
            (_, Err(errors)) => answers.push(RowAnswer::reject_row(&row, errors.clone())),
            (None, Ok(_)) => answers.push(RowAnswer::reject_row(&row, Vec::new())),
        }
    }
    let groups = groups.into_iter();
    let groups = groups.map(|(order, rows)| OrderRows { order, rows });
    (groups.collect(), answers)
}

/// Reports what the rows of an order say; what fails, fails for them alone.
pub(super) async fn report_rows(
    ingest: &Ingest,
    shop: &ShopId,
    group: OrderRows,
    now: Timestamp,
) -> Vec<RowAnswer> {
    let key = OrderKey {
        shop: shop.clone(),
        order: group.order,
    };
    match report_all(ingest, &key, &group.rows, now).await {
        Ok(answers) => answers,
        Err(problem) => {
            let errors = vec![row_error("order", &problem)];
            let rows = group.rows.iter();
            rows.map(|row| RowAnswer::reject_row(row, errors.clone()))
                .collect()
        }
    }
}

async fn report_all(
    ingest: &Ingest,
    key: &OrderKey,
    rows: &[ReportRow],
    now: Timestamp,
) -> Result<Vec<RowAnswer>, Problem> {
    let view = ingest.intake.orders.load_order(key).await?;
    let view = view.ok_or_else(order_not_found)?;
    let mut answers = Vec::with_capacity(rows.len());
    let mut of_shipment = BTreeMap::<ShipmentIndex, Vec<&ReportRow>>::new();
    for row in rows {
        let found = row.find_shipment(&view.shipments);
        // What is not found may be the one that cannot be read, and the only one that
        // can may not be the only one.
        if (found.is_err() || row.shipment.is_none())
            && let Err(error) = view.require_readable()
        {
            let error = row_error("shipment", &Problem::from(error));
            answers.push(RowAnswer::reject_row(row, vec![error]));
            continue;
        }
        match found {
            Ok(shipment) => of_shipment.entry(shipment.shipment).or_default().push(row),
            Err(error) => answers.push(RowAnswer::reject_row(row, vec![error])),
        }
    }
    for (number, rows) in of_shipment {
        match report_shipment(ingest, key, number, &rows, now).await {
            Ok(of_rows) => answers.extend(of_rows),
            Err(problem) => {
                let errors = vec![row_error("shipment", &problem)];
                let rows = rows.iter();
                answers.extend(rows.map(|row| RowAnswer::reject_row(row, errors.clone())));
            }
        }
    }
    Ok(answers)
}

/// Reports what rows say of one shipment, in one write.
async fn report_shipment(
    ingest: &Ingest,
    key: &OrderKey,
    number: ShipmentIndex,
    rows: &[&ReportRow],
    now: Timestamp,
) -> Result<Vec<RowAnswer>, Problem> {
    let mut attempts = Attempts::default();
    while attempts.wait_for_next().await {
        let present = ingest.intake.orders.load_shipment(key, number).await?;
        let present = present.ok_or_else(shipment_not_found)?;
        let mut next = present.clone();
        let mut answers: Vec<RowAnswer> = rows
            .iter()
            .map(|row| {
                let (outcome, errors) = apply_row(&mut next, row, now);
                RowAnswer {
                    shipment: Some(number.0),
                    errors,
                    ..RowAnswer::new(row, outcome)
                }
            })
            .collect();
        // Only all rows together tell what is kept: the last may push out the first.
        for (answer, row) in answers.iter_mut().zip(rows) {
            if row.is_forgotten_by(&next) {
                answer.outcome = RowOutcome::TooOld;
            }
        }
        if next.version == present.version {
            return Ok(answers);
        }
        next.version = present.version + 1;
        let changed = std::slice::from_ref(&next);
        ingest.will_be_polled(changed, now).await?;
        let outcome = ingest
            .intake
            .change_shipment(key, &next, present.version, None)
            .await;
        let outcome = unless_contended(outcome)?;
        if outcome == Submitted::Written {
            return Ok(answers);
        }
    }
    Err(Problem::busy_resource())
}

/// Takes one row over into the shipment.
fn apply_row(
    shipment: &mut Shipment,
    row: &ReportRow,
    now: Timestamp,
) -> (RowOutcome, Vec<FieldError>) {
    let new = match &row.said {
        Ok(new) => new,
        Err(errors) => return (RowOutcome::Rejected, errors.clone()),
    };
    match apply_new_report(shipment, new, now) {
        Ok(advance) if advance.must_write(shipment) => {
            *shipment = advance.shipment;
            (RowOutcome::Accepted, Vec::new())
        }
        Ok(_) => (RowOutcome::Unchanged, Vec::new()),
        Err(problem) => (RowOutcome::Rejected, vec![row_error("source", &problem)]),
    }
}

fn row_error(column: &str, problem: &Problem) -> FieldError {
    FieldError {
        field: column.to_owned(),
        code: problem.code,
        detail: problem.detail.clone(),
        expected: None,
    }
}
