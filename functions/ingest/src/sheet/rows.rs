//! The rows of a table: read one by one, reported order by order.

use super::{
    MAX_ROWS, Outcome, RowAnswer,
    columns::{Column, Columns},
};
use crate::{
    Ingest,
    attempts::{Attempts, unless_contended},
    body::EventBody,
    given::{Fault, Findings, Given, Place, Unknown},
    parse::{NewReport, eta, event, reported},
    problem::{Code, FieldError, Problem},
    reports::advanced,
    request::{order_not_found, shipment_not_found, utf8},
    text,
};
use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::Timestamp;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShipmentNumber, ShopId},
    journey,
    report::Report,
    shipment::Shipment,
    tracking_number::TrackingNumber,
};
use posthorn_platform::store::intake::Submitted;
use std::collections::BTreeMap;

/// A row: what it says, or what is wrong with it.
#[derive(Debug)]
pub(super) struct Row {
    /// Which row; the header is 1.
    pub(super) number: usize,
    /// The order that it names, if it names one.
    pub(super) order: Option<OrderId>,
    parcel: Option<Parcel>,
    said: Result<NewReport, Vec<FieldError>>,
}

/// How a row names the parcel.
#[derive(Debug)]
enum Parcel {
    Shipment(ShipmentNumber),
    Number(TrackingNumber),
}

/// The rows about one order, in the order of the table.
#[derive(Debug)]
pub(super) struct Group {
    order: OrderId,
    rows: Vec<Row>,
}

/// The rows of a table, and which of its columns are ignored.
pub(super) fn read(table: &[u8], now: Timestamp) -> Result<(Vec<Row>, Vec<FieldError>), Problem> {
    let malformed = |detail: &str| Problem::new(Code::MalformedCsv, detail);
    let table =
        utf8(table).ok_or_else(|| malformed("the table is not UTF-8; save it as `CSV UTF-8`"))?;
    let table = table.strip_prefix('\u{feff}').unwrap_or(table);
    let mut reader = ReaderBuilder::new()
        .delimiter(separator(table))
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(table.as_bytes());
    let mut records = reader.records();
    let header = records.next().transpose().ok().flatten();
    let header = header.ok_or_else(|| malformed("the table has no first line"))?;
    let (columns, warnings) = Columns::read(&header)?;
    let mut rows = Vec::new();
    for (record, number) in records.zip(2..) {
        let record = record.map_err(|_| malformed("the table cannot be read to its end"))?;
        if rows.len() == MAX_ROWS {
            return Err(Problem::invalid(vec![FieldError {
                field: String::new(),
                code: Code::TooMany,
                detail: format!("the table has more than {MAX_ROWS} rows"),
                expected: Some(format!(
                    "at most {MAX_ROWS} rows; send the others by themselves"
                )),
            }]));
        }
        if record.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row::read(number, &record, &columns, now));
        }
    }
    Ok((rows, warnings))
}

/// What the first line is separated by: what stands there most often.
fn separator(table: &str) -> u8 {
    let first = table.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of several that are as frequent the last is taken: the comma.
    b"\t;,".iter().copied().max_by_key(count).unwrap_or(b',')
}

impl Row {
    fn read(number: usize, record: &StringRecord, columns: &Columns, now: Timestamp) -> Self {
        let mut findings = Findings::default();
        let mut place = Place::root(&mut findings);
        let given = |column: Column| columns.given(record, column);
        let order = place.required_text("order", given(Column::Order), text::order_id);
        let parcel = parcel(columns, record, &mut place);
        let report = report_of(columns, record, now, &mut place);
        let correction = columns.cell(record, Column::Correction);
        let correction = match correction.map(str::to_lowercase).as_deref() {
            None | Some("no" | "false" | "0" | "n") => Given::Absent,
            Some("yes" | "true" | "1" | "y" | "x") => Given::Value(true),
            Some(_) => Given::Wrong { found: "a text" },
        };
        let (source, supplier) = (given(Column::Source), given(Column::Supplier));
        let said = reported(source, supplier, correction, &mut place);
        let said = match (said, report) {
            (Some((source, is_correction)), Some(report)) if findings.errors.is_empty() => {
                Ok(NewReport {
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
            parcel,
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

    /// The parcel that the row is about.
    fn find<'a>(&self, shipments: &'a [Shipment]) -> Result<&'a Shipment, FieldError> {
        let (column, found) = match (&self.parcel, shipments) {
            (Some(Parcel::Shipment(wanted)), _) => {
                let mut shipments = shipments.iter();
                (
                    "shipment",
                    shipments.find(|shipment| shipment.shipment == *wanted),
                )
            }
            (Some(Parcel::Number(wanted)), _) => {
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
                    code: Code::Required,
                    detail: "is missing, and the order has not one parcel".to_owned(),
                    expected: Some("`shipment` or `tracking_number`".to_owned()),
                });
            }
        };
        found.ok_or_else(|| wrong(column, &shipment_not_found()))
    }
}

fn parcel(columns: &Columns, record: &StringRecord, place: &mut Place<'_>) -> Option<Parcel> {
    let given = |column: Column| columns.given(record, column);
    let which = place.text("shipment", given(Column::Shipment), |text| {
        text.parse().map(ShipmentNumber).map_err(|_| {
            Fault::new(Code::OutOfRange, "is not the number of a parcel").expecting("1, 2, …")
        })
    });
    let number = place.text(
        "tracking_number",
        given(Column::TrackingNumber),
        text::tracking_number,
    );
    which
        .map(Parcel::Shipment)
        .or_else(|| number.map(Parcel::Number))
}

/// What happened, or when the parcel is expected, or both.
fn report_of(
    columns: &Columns,
    record: &StringRecord,
    now: Timestamp,
    place: &mut Place<'_>,
) -> Option<Report> {
    let given = |column: Column| columns.given(record, column);
    let has = |column| columns.cell(record, column).is_some();
    let eta = place.text("eta", given(Column::Eta), eta);
    let has_event = has(Column::Status) || has(Column::Text) || !has(Column::Eta);
    let scans = if has_event {
        let (column, at) = moment(columns, record);
        let body = EventBody {
            at,
            status: given(Column::Status),
            city: given(Column::City),
            region: given(Column::Region),
            country: given(Column::Country),
            text: given(Column::Text),
            unknown: Unknown::default(),
        };
        vec![event(body, column.name(), now, place)?]
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
fn moment(columns: &Columns, record: &StringRecord) -> (Column, Given<String>) {
    let cell = |column| columns.cell(record, column);
    let offset = cell(Column::Offset).unwrap_or_default();
    if let Some(at) = cell(Column::At) {
        return (Column::At, Given::Value(format!("{at}{offset}")));
    }
    let Some(date) = cell(Column::Date) else {
        return (Column::Date, Given::Absent);
    };
    let mut moment = year_first(date);
    if let Some(time) = cell(Column::Time) {
        // Spreadsheets write 8:12.
        let is_short = time.split(':').next().is_some_and(|hour| hour.len() == 1);
        moment.push_str(if is_short { "T0" } else { "T" });
        moment.push_str(time);
        moment.push_str(offset);
    }
    (Column::Date, Given::Value(moment))
}

/// `22.11.2026` as `2026-11-22`. Slashes are left alone: nobody knows whether
/// day or month comes first.
fn year_first(date: &str) -> String {
    let parts: Vec<&str> = date.split('.').collect();
    match parts.as_slice() {
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => date.to_owned(),
    }
}

/// The rows that say something, by order, and the answers to those that do not.
pub(super) fn by_order(rows: Vec<Row>) -> (Vec<Group>, Vec<RowAnswer>) {
    let mut groups = BTreeMap::<OrderId, Vec<Row>>::new();
    let mut answers = Vec::new();
    for row in rows {
        match (&row.order, &row.said) {
            (Some(order), Ok(_)) => groups.entry(order.clone()).or_default().push(row),
            (_, Err(errors)) => answers.push(RowAnswer::rejected(&row, errors.clone())),
            (None, Ok(_)) => answers.push(RowAnswer::rejected(&row, Vec::new())),
        }
    }
    let groups = groups.into_iter();
    let groups = groups.map(|(order, rows)| Group { order, rows });
    (groups.collect(), answers)
}

/// Reports what the rows of an order say; what fails, fails for them alone.
pub(super) async fn report(
    ingest: &Ingest,
    shop: &ShopId,
    group: Group,
    now: Timestamp,
) -> Vec<RowAnswer> {
    let key = OrderKey {
        shop: shop.clone(),
        order: group.order,
    };
    match report_all(ingest, &key, &group.rows, now).await {
        Ok(answers) => answers,
        Err(problem) => {
            let errors = vec![wrong("order", &problem)];
            let rows = group.rows.iter();
            rows.map(|row| RowAnswer::rejected(row, errors.clone()))
                .collect()
        }
    }
}

async fn report_all(
    ingest: &Ingest,
    key: &OrderKey,
    rows: &[Row],
    now: Timestamp,
) -> Result<Vec<RowAnswer>, Problem> {
    let view = ingest.intake.orders.load(key).await?;
    let view = view.ok_or_else(order_not_found)?;
    let mut answers = Vec::with_capacity(rows.len());
    let mut of_parcel = BTreeMap::<ShipmentNumber, Vec<&Row>>::new();
    for row in rows {
        match row.find(&view.shipments) {
            Ok(shipment) => of_parcel.entry(shipment.shipment).or_default().push(row),
            Err(error) => answers.push(RowAnswer::rejected(row, vec![error])),
        }
    }
    for (number, rows) in of_parcel {
        match report_parcel(ingest, key, number, &rows, now).await {
            Ok(of_rows) => answers.extend(of_rows),
            Err(problem) => {
                let errors = vec![wrong("shipment", &problem)];
                let rows = rows.iter();
                answers.extend(rows.map(|row| RowAnswer::rejected(row, errors.clone())));
            }
        }
    }
    Ok(answers)
}

/// Reports what rows say of one parcel, in one write.
async fn report_parcel(
    ingest: &Ingest,
    key: &OrderKey,
    number: ShipmentNumber,
    rows: &[&Row],
    now: Timestamp,
) -> Result<Vec<RowAnswer>, Problem> {
    let mut attempts = Attempts::default();
    while attempts.next().await {
        let present = ingest.intake.orders.shipment(key, number).await?;
        let present = present.ok_or_else(shipment_not_found)?;
        let mut next = present.clone();
        let mut answers: Vec<RowAnswer> = rows
            .iter()
            .map(|row| {
                let (outcome, errors) = step(&mut next, row, now);
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
                answer.outcome = Outcome::TooOld;
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
    Err(Problem::busy())
}

/// Takes one row over into the parcel.
fn step(shipment: &mut Shipment, row: &Row, now: Timestamp) -> (Outcome, Vec<FieldError>) {
    let new = match &row.said {
        Ok(new) => new,
        Err(errors) => return (Outcome::Rejected, errors.clone()),
    };
    match advanced(shipment, new, now) {
        Ok(advance) if advance.must_write(shipment) => {
            *shipment = advance.shipment;
            (Outcome::Accepted, Vec::new())
        }
        Ok(_) => (Outcome::Unchanged, Vec::new()),
        Err(problem) => (Outcome::Rejected, vec![wrong("source", &problem)]),
    }
}

fn wrong(column: &str, problem: &Problem) -> FieldError {
    FieldError {
        field: column.to_owned(),
        code: problem.code,
        detail: problem.detail.clone(),
        expected: None,
    }
}
