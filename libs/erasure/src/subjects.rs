//! The transaction in which a service forgets a customer.

use keepworth_contract::subject::{
    Receipt, ServiceExport, SignedReceipt, Subject, SubjectErasure, TableExport,
};
use keepworth_intake::erased::{self, Tombstone};
use keepworth_intake::{Failure, fault};
use keepworth_store::{Beside, Conn, Db, RecordId, StoreError, now};

use crate::{Mention, Tally, TextColumn, kept, replay, sign};

/// Where a service holds customers.
pub trait Holds: Send + Sync {
    /// Erases a customer, in the caller's transaction, and counts what became of their rows.
    ///
    /// # Errors
    /// What the database answers.
    fn erase(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
        mention: &Mention,
        tally: &mut Tally,
    ) -> Result<(), Failure>;

    /// What is held of a customer, by table.
    ///
    /// # Errors
    /// What the database answers.
    fn export(&self, conn: &mut Conn, subject: &Subject) -> Result<Vec<TableExport>, Failure>;

    /// Everybody of whom something is held.
    ///
    /// # Errors
    /// What the database answers.
    fn everybody(&self, conn: &mut Conn) -> Result<Vec<Subject>, Failure>;

    /// Texts beside records in which somebody may be named: rewritten, and counted as pseudonymised.
    fn texts(&self) -> &'static [TextColumn];
}

/// What a service holds of customers.
#[derive(Clone)]
pub struct Subjects {
    db: Db,
    pub(crate) service: &'static str,
    pub(crate) holds: &'static dyn Holds,
}

/// Answers that are kept for requests that are sent again.
const ANSWERS: TextColumn = TextColumn {
    table: "idempotency_keys",
    column: "answer",
};
/// What jobs were told, and told.
const JOBS: [TextColumn; 3] = [
    TextColumn {
        table: "jobs",
        column: "input",
    },
    TextColumn {
        table: "jobs",
        column: "failure",
    },
    TextColumn {
        table: "jobs",
        column: "result",
    },
];

/// How a transaction ended that only counted.
enum Counted {
    Counted(Box<Receipt>),
    Failed(Failure),
}

impl From<StoreError> for Counted {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Subjects {
    /// Those of a service.
    #[must_use]
    pub fn new(db: Db, service: &'static str, holds: &'static dyn Holds) -> Self {
        Self { db, service, holds }
    }

    /// The service's database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Erases a customer, or counts what that would erase; asked again, it answers the receipt of the first time.
    ///
    /// # Errors
    /// A customer that cannot be, a secret that cannot be used, and what the database answers.
    pub async fn erase(&self, order: SubjectErasure) -> Result<SignedReceipt, Failure> {
        check(&order.subject)?;
        if order.dry_run {
            return self.count(order).await;
        }
        let own = self.clone();
        let signed = self
            .db
            .write(move |conn| own.erase_in(conn, &order))
            .await?;
        self.settle().await;
        Ok(signed)
    }

    /// Erases, and takes it back: whatever the real one would count, this does.
    async fn count(&self, order: SubjectErasure) -> Result<SignedReceipt, Failure> {
        let own = self.clone();
        let count = move |conn: &mut Conn| -> Result<(), Counted> {
            erased::hold_alone(conn).map_err(StoreError::from)?;
            let receipt = own.forget(conn, &order).map_err(Counted::Failed)?;
            Err(Counted::Counted(Box::new(receipt)))
        };
        match self.db.write(count).await {
            Err(Counted::Counted(receipt)) => {
                let secrets = self.db.beside().secrets_or_new()?;
                let newest = secrets
                    .first()
                    .ok_or_else(|| Failure::internal("no secret"))?;
                sign::sign(newest, *receipt)
            }
            Err(Counted::Failed(failure)) => Err(failure),
            Ok(()) => Err(Failure::internal("what only counts was written")),
        }
    }

    pub(crate) fn erase_in(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
    ) -> Result<SignedReceipt, Failure> {
        let (beside, id) = (self.db.beside(), RecordId(order.erasure_id));
        erased::hold_alone(conn)?;
        if let Some(given) = kept::find(conn, id)? {
            return serde_json::from_str(&given).map_err(Failure::internal);
        }
        self.bury(conn, beside, order)?;
        let receipt = self.forget(conn, order)?;
        let secrets = beside.secrets_or_new()?;
        let newest = secrets
            .first()
            .ok_or_else(|| Failure::internal("no secret"))?;
        let signed = sign::sign(newest, receipt)?;
        let text = serde_json::to_string(&signed).map_err(Failure::internal)?;
        kept::insert(conn, id, &text, now().naive_utc())?;
        Ok(signed)
    }

    /// Leaves a tombstone, here and outside of the database: a note without a tombstone makes a restored backup
    /// forget what was to be forgotten anyhow, a tombstone without a note would let somebody come back with one.
    fn bury(
        &self,
        conn: &mut Conn,
        beside: &Beside,
        order: &SubjectErasure,
    ) -> Result<(), Failure> {
        let secrets = beside.secrets_or_new()?;
        let newest = secrets
            .first()
            .ok_or_else(|| Failure::internal("no secret"))?;
        let id = RecordId(order.erasure_id);
        let tombstone = Tombstone::of(newest, &order.subject, id, now().naive_utc());
        let key_id = erased::key_id(newest);
        beside.note(
            &replay::name(self.service),
            &replay::line(&key_id, &tombstone),
        )?;
        Ok(erased::keep(conn, &key_id, &tombstone)?)
    }

    /// Erases what is held of a customer, and counts it.
    pub(crate) fn forget(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
    ) -> Result<Receipt, Failure> {
        let mention = Mention::of(&order.subject);
        let mut tally = Tally::default();
        self.holds.erase(conn, order, &mention, &mut tally)?;
        tally.erased(ANSWERS.table, ANSWERS.remove(conn, &mention)?);
        for text in JOBS.iter().chain(self.holds.texts()) {
            let rows = text.rewrite(conn, &mention)?;
            tally.pseudonymised(
                text.table,
                rows,
                "a text that named the customer names nobody",
            );
        }
        let baselines = std::mem::take(&mut tally.baselines);
        Ok(Receipt {
            erasure_id: order.erasure_id,
            service: self.service.to_owned(),
            dry_run: order.dry_run,
            tables: tally.into_tables(),
            baselines,
            at: now(),
        })
    }

    /// Writes the log into the file, so that neither has what was erased. What reads meanwhile may hold it up: then
    /// the next erasure does it, or the end of the process.
    pub async fn settle(&self) {
        if let Err(error) = self.db.settle().await {
            tracing::warn!(%error, "what was erased may still be in the write-ahead log");
        }
    }

    /// Everything that is held of a customer; who asks leaves an entry.
    ///
    /// # Errors
    /// A customer that cannot be, and what the database answers.
    pub async fn export(&self, subject: Subject) -> Result<ServiceExport, Failure> {
        check(&subject)?;
        let own = self.clone();
        let tables = self
            .db
            .write(move |conn| own.holds.export(conn, &subject))
            .await?;
        Ok(ServiceExport {
            service: self.service.to_owned(),
            tables: tables
                .into_iter()
                .filter(|it| !it.rows.is_empty())
                .collect(),
        })
    }
}

/// Refuses whom no record can name.
fn check(subject: &Subject) -> Result<(), Failure> {
    let faults = [
        fault::text("subject/source", &subject.source, 64),
        fault::text("subject/external_id", &subject.external_id, 128),
    ];
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::invalid(faults))
}

/// Rows of a table as they are handed out: all that they say, without the digest that versions are told apart by.
///
/// # Errors
/// That our side is broken.
pub fn exported<Row: serde::Serialize>(table: &str, rows: &[Row]) -> Result<TableExport, Failure> {
    let row = |row: &Row| {
        let mut row = serde_json::to_value(row).map_err(Failure::internal)?;
        if let Some(fields) = row.as_object_mut() {
            fields.remove("content_hash");
        }
        Ok::<_, Failure>(row)
    };
    Ok(TableExport {
        table: table.to_owned(),
        rows: rows.iter().map(row).collect::<Result<_, _>>()?,
    })
}
