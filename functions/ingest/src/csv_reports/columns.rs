//! Which column of a table holds what, however people call it.

use crate::{
    field::Field,
    problem::{FieldError, Problem, ProblemCode},
};
use csv::StringRecord;

/// A column that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Order,
    Shipment,
    TrackingNumber,
    Status,
    At,
    Date,
    Time,
    Offset,
    City,
    Region,
    Country,
    Text,
    Eta,
    Source,
    Supplier,
    Correction,
}

impl Column {
    /// What it is called in answers.
    pub(super) const fn column_name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Shipment => "shipment",
            Self::TrackingNumber => "tracking_number",
            Self::Status => "status",
            Self::At => "at",
            Self::Date => "date",
            Self::Time => "time",
            Self::Offset => "offset",
            Self::City => "city",
            Self::Region => "region",
            Self::Country => "country",
            Self::Text => "text",
            Self::Eta => "eta",
            Self::Source => "source",
            Self::Supplier => "supplier",
            Self::Correction => "correction",
        }
    }

    /// The column that people call `header`.
    fn find_column(header: &str) -> Option<Self> {
        let letters = header.chars().filter(|c| c.is_alphanumeric());
        let name: String = letters.flat_map(char::to_lowercase).collect();
        Some(match name.as_str() {
            "order" | "orderid" | "ordernumber" | "orderno" => Self::Order,
            "shipment" | "shipmentnumber" | "shipmentno" | "parcel" | "parcelnumber" => {
                Self::Shipment
            }
            "trackingnumber" | "tracking" | "trackingno" | "trackingid" | "trackingcode"
            | "waybill" | "awb" => Self::TrackingNumber,
            "status" | "shipmentstatus" | "event" | "eventstatus" => Self::Status,
            "at" | "datetime" | "timestamp" | "eventtime" => Self::At,
            "date" | "day" | "eventdate" | "statusdate" => Self::Date,
            "time" | "clock" | "localtime" => Self::Time,
            "offset" | "utcoffset" => Self::Offset,
            "city" | "town" | "location" | "place" => Self::City,
            "region" | "province" | "county" => Self::Region,
            "country" | "countrycode" => Self::Country,
            "text" | "message" | "note" | "comment" | "description" => Self::Text,
            "eta" | "expected" | "expecteddelivery" | "estimateddelivery" => Self::Eta,
            "source" | "reportedby" => Self::Source,
            "supplier" | "suppliername" | "vendor" => Self::Supplier,
            "correction" => Self::Correction,
            _ => return None,
        })
    }
}

/// Which column stands where.
#[derive(Debug)]
pub(super) struct Columns(Vec<Option<Column>>);

impl Columns {
    /// Reads the first line of a table; gives what was ignored as well.
    pub(super) fn parse_header(header: &StringRecord) -> Result<(Self, Vec<FieldError>), Problem> {
        let columns: Vec<Option<Column>> = header.iter().map(Column::find_column).collect();
        let mut errors = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            if let Some(column) = column
                && columns[..index].contains(&Some(*column))
            {
                errors.push(column_error(
                    *column,
                    ProblemCode::Duplicate,
                    "stands twice in the first line",
                ));
            }
        }
        let has = |column| columns.contains(&Some(column));
        if !has(Column::Order) {
            errors.push(column_error(
                Column::Order,
                ProblemCode::Required,
                "is no column of the first line",
            ));
        }
        if !has(Column::Status) && !has(Column::Text) && !has(Column::Eta) {
            let detail = "is no column of the first line, nor are text and eta";
            errors.push(column_error(Column::Status, ProblemCode::Required, detail));
        }
        if (has(Column::Status) || has(Column::Text)) && !has(Column::Date) && !has(Column::At) {
            errors.push(column_error(
                Column::Date,
                ProblemCode::Required,
                "is no column of the first line",
            ));
        }
        if !errors.is_empty() {
            return Err(Problem::from_field_errors(errors));
        }
        let unknown = header.iter().zip(&columns);
        let unknown = unknown.filter(|(name, column)| column.is_none() && !name.is_empty());
        let warnings = unknown.take(20).map(|(name, _)| FieldError {
            field: name.chars().filter(|c| !c.is_control()).take(64).collect(),
            code: ProblemCode::UnknownField,
            detail: "is not a column of this API and was ignored".to_owned(),
            expected: None,
        });
        let warnings = warnings.collect();
        Ok((Self(columns), warnings))
    }

    /// What `record` holds in `column`; an empty cell holds nothing.
    pub(super) fn cell_text<'a>(
        &self,
        record: &'a StringRecord,
        column: Column,
    ) -> Option<&'a str> {
        let at = self.0.iter().position(|known| *known == Some(column))?;
        record.get(at).filter(|cell| !cell.is_empty())
    }

    /// The same as a field of a body.
    pub(super) fn cell_field(&self, record: &StringRecord, column: Column) -> Field<String> {
        match self.cell_text(record, column) {
            Some(cell) => Field::Value(cell.to_owned()),
            None => Field::Absent,
        }
    }
}

fn column_error(column: Column, code: ProblemCode, detail: &str) -> FieldError {
    FieldError {
        field: column.column_name().to_owned(),
        code,
        detail: detail.to_owned(),
        expected: None,
    }
}
