//! Persons who ask what is held of them, or want it erased: orders of the customers service to the others, and what
//! these answer.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A customer: the system that knows them, and their id there. No log shows one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The system that knows the customer.
    #[schema(min_length = 1, max_length = 64, example = "crm")]
    pub source: String,
    /// The customer's id in that system.
    #[schema(min_length = 1, max_length = 128, example = "C-1001")]
    pub external_id: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(***)")
    }
}

/// An order to a service to erase what it holds of a customer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubjectErasure {
    /// The erasure that it belongs to; sent again, it is answered with the receipt of the first time.
    pub erasure_id: Uuid,
    /// The customer.
    pub subject: Subject,
    /// Count what would be erased, and write nothing.
    pub dry_run: bool,
    /// When the customer was recorded first, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub known_since: Option<DateTime<Utc>>,
    /// The first day that they were under observation, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub observed_from: Option<NaiveDate>,
}

/// What became of a customer's rows in a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableReceipt {
    /// The table.
    #[schema(example = "revenues")]
    pub table: String,
    /// Rows that are gone.
    pub erased: u64,
    /// Rows that stay without whom they were of: under a random name that nothing leads back from but their content.
    pub pseudonymised: u64,
    /// Rows that stay as they are.
    pub kept: u64,
    /// Why rows stay: the legal basis, or what is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub basis: Option<String>,
}

/// What a service did with all that it held of a customer. It does not say of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The erasure.
    pub erasure_id: Uuid,
    /// The service.
    #[schema(example = "finance")]
    pub service: String,
    /// Whether it only counted.
    pub dry_run: bool,
    /// What became of the rows, by table; tables without any are left out.
    pub tables: Vec<TableReceipt>,
    /// Hashes of baselines whose sums may have the customer in them: built after the customer was recorded first, as
    /// of a day on which they were under observation. (A baseline does not say whom it counted.)
    pub baselines: Vec<String>,
    /// When it was done.
    pub at: DateTime<Utc>,
}

/// A receipt that its service signed (Ed25519).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedReceipt {
    /// What is signed, behind the tag `keepworth-receipt-1` and a line feed: this, as compact JSON in the order
    /// of the fields in this contract.
    pub receipt: Receipt,
    /// The service's public key, in base64url without padding.
    pub public_key: String,
    /// The signature, in base64url without padding.
    pub signature: String,
}

/// Rows that a service holds of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableExport {
    /// The table.
    #[schema(example = "customers")]
    pub table: String,
    /// Its rows, each as it is kept.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Value>,
}

/// Everything that a service holds of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceExport {
    /// The service.
    #[schema(example = "experience")]
    pub service: String,
    /// Tables that have any.
    pub tables: Vec<TableExport>,
}

/// Everything that is held of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubjectExport {
    /// The customer.
    pub subject: Subject,
    /// When it was gathered.
    pub at: DateTime<Utc>,
    /// What each service holds.
    pub services: Vec<ServiceExport>,
}
