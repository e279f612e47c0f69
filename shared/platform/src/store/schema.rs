//! What the tables look like: what the code relies on, and what
//! infra/template.yaml is compared with.

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSchema {
    /// The logical name in the template.
    pub name: &'static str,
    /// The variable that tells a function the table's name.
    pub variable: &'static str,
    /// Whether it has a sort key `sk` besides its partition key `pk`.
    pub has_sort_key: bool,
    /// Whether its stream carries old and new images.
    pub has_stream: bool,
    /// The attribute with the second at which an item may go.
    pub expires: Option<&'static str>,
    /// Its indexes.
    pub indexes: &'static [IndexSchema],
}

/// A global secondary index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexSchema {
    /// Its name.
    pub name: &'static str,
    /// Its partition key, a string.
    pub hash: &'static str,
    /// Its sort key, a string.
    pub range: Option<&'static str>,
    /// What it holds besides keys; nothing means `KEYS_ONLY`.
    pub includes: &'static [&'static str],
}

/// Finds an order by its tracking link.
pub const BY_TOKEN: IndexSchema = IndexSchema {
    name: "ByToken",
    hash: "token",
    range: None,
    includes: &[],
};

/// Finds the shipments to ask after. It holds all that an unchanged poll needs,
/// so that one reads no table; changing the list means building the index anew.
pub const BY_COHORT: IndexSchema = IndexSchema {
    name: "ByCohort",
    hash: "cohort",
    range: Some("pk"),
    includes: &[
        "shipment",
        "carrier",
        "provider",
        "query_details",
        "candidates",
        "tracking_number",
        "response_hash",
        "registered_at",
        "changed_at",
        "subscribed_until",
        "reason",
        "eta",
        "is_return",
        "cadence",
        "conditions",
        "aliases",
    ],
};

/// Finds the shipments that a carrier may tell of by itself; no others are in it.
pub const BY_NUMBER: IndexSchema = IndexSchema {
    name: "ByNumber",
    hash: "carrier_number",
    range: None,
    includes: &[],
};

/// Finds the messages that are due in a minute.
pub const BY_DUE: IndexSchema = IndexSchema {
    name: "ByDue",
    hash: "due",
    range: None,
    includes: &[],
};

/// Finds a text by what SNS tells of it: by its id, or one of unknown fate by the
/// masked number. No mail is in it: what SES tells has the mail's tags.
pub const BY_TEXT: IndexSchema = IndexSchema {
    name: "ByText",
    hash: "text",
    range: None,
    includes: &[],
};

/// Orders and shipments.
pub const ORDERS: TableSchema = TableSchema {
    name: "Orders",
    variable: "POSTHORN_ORDERS",
    has_sort_key: true,
    has_stream: true,
    expires: None,
    indexes: &[BY_TOKEN, BY_COHORT, BY_NUMBER],
};

/// The ledger of messages.
pub const NOTIFICATIONS: TableSchema = TableSchema {
    name: "Notifications",
    variable: "POSTHORN_NOTIFICATIONS",
    has_sort_key: true,
    has_stream: false,
    expires: Some("expires"),
    indexes: &[BY_DUE, BY_TEXT],
};

/// All personal data.
pub const CONTACTS: TableSchema = TableSchema {
    name: "Contacts",
    variable: "POSTHORN_CONTACTS",
    has_sort_key: true,
    has_stream: false,
    expires: None,
    indexes: &[],
};

/// Answers already given.
pub const IDEMPOTENCY: TableSchema = TableSchema {
    name: "Idempotency",
    variable: "POSTHORN_IDEMPOTENCY",
    has_sort_key: false,
    has_stream: false,
    expires: Some("expires"),
    indexes: &[],
};

/// API keys, settings of shops, and the sweep's bookkeeping.
pub const SETTINGS: TableSchema = TableSchema {
    name: "Settings",
    variable: "POSTHORN_SETTINGS",
    has_sort_key: true,
    has_stream: false,
    expires: None,
    indexes: &[],
};

/// Every table.
pub const TABLES: [TableSchema; 5] = [ORDERS, NOTIFICATIONS, CONTACTS, IDEMPOTENCY, SETTINGS];
