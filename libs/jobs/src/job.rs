//! A job as it is stored.

use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use keepworth_access::Errand;
use keepworth_contract::{JobKind, Problem, Word};
use keepworth_store::{Named, RecordId};

use crate::schema::jobs;

/// How a job stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    AsExpression,
    FromSqlRow,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = Text)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is done, and its result is there.
    Done,
    /// It cannot be done.
    Failed,
    /// Somebody wanted it no more.
    Cancelled,
}

impl State {
    /// Those of a job that is not over.
    pub(crate) const OPEN: [Self; 2] = [Self::Queued, Self::Running];

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !Self::OPEN.contains(&self)
    }
}

impl<DB: Backend> ToSql<Text, DB> for State
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.name(), out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for State
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let name = String::from_sql(bytes)?;
        Self::find(&name).ok_or_else(|| format!("`{name}` is no state of a job").into())
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct Job {
    /// In the order of their making.
    pub id: RecordId,
    /// What it makes.
    pub kind: Named<JobKind, jobs::table>,
    /// What to do, as JSON.
    pub input: String,
    /// For whom it is done: an [`Errand`](keepworth_access::Errand) as JSON; none of the service's own work.
    pub errand: Option<String>,
    /// How it stands.
    pub state: State,
    /// Steps done, of this attempt.
    pub done: i64,
    /// Steps in all; 0 while it is not known.
    pub total: i64,
    /// How often it was begun.
    pub attempts: i32,
    /// While it waits: not to be begun before. While it runs: when the lease ends.
    pub due_at: NaiveDateTime,
    /// Who has it, or had it last.
    pub worker: Option<RecordId>,
    /// Whether whoever has it shall stop.
    pub is_cancelled: bool,
    /// Why the last attempt failed: a [`Problem`] as JSON.
    pub failure: Option<String>,
    /// What came of it, in its service's words.
    pub result: Option<String>,
    /// When it was enqueued.
    pub created_at: NaiveDateTime,
    /// When the last attempt began.
    pub started_at: Option<NaiveDateTime>,
    /// When it was over.
    pub finished_at: Option<NaiveDateTime>,
}

impl Job {
    /// For whom it is done.
    ///
    /// # Errors
    /// When what is kept is no errand.
    pub fn errand(&self) -> Result<Option<Errand>, serde_json::Error> {
        self.errand.as_deref().map(serde_json::from_str).transpose()
    }

    /// Why the last attempt failed.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        serde_json::from_str(self.failure.as_deref()?).ok()
    }
}
