//! Orders: a file is looked at as far as its names, and kept until its job comes to it.

use std::sync::Arc;

use chrono::NaiveDateTime;
use keepworth_contract::{FaultCode, JobKind};
use keepworth_intake::{Failure, fault};
use keepworth_jobs::Room;
use keepworth_jobs::table as jobs;
use keepworth_reading::mapping::{Bundle, Kind, MappingFile, guess};
use keepworth_reading::{Written, table::Table};
use keepworth_store::{Conn, RecordId};

use crate::source::{Source, refused};
use crate::store::import::{self, ImportRow};
use crate::store::piece;
use crate::{Imports, KEPT, told};

/// A file that is to be taken in.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The file's name.
    pub file_name: String,
    /// What is in it.
    pub file: Vec<u8>,
    /// What its rows are, where it is said.
    pub kind: Option<String>,
    /// How a row becomes a record, as TOML, where it is said.
    pub mapping: Option<String>,
    /// The vendor whose export it is, where it is one.
    pub from: Option<String>,
    /// The file that the rows belong to, where there is one.
    pub with: Option<Vec<u8>>,
    /// The system that knows the customers, where the mapping names none.
    pub customer_source: Option<String>,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// A file that can be read: its mapping fits its columns.
#[derive(Debug)]
pub struct Ready {
    source: Source,
    file_name: String,
    /// What it was taken for, where no mapping came with it.
    taken_as: Option<String>,
    dry_run: bool,
    columns: Vec<String>,
    unused_columns: Vec<String>,
    rows: u64,
    room: Room,
}

/// How rows become records, and by whose word.
struct Mapped {
    text: String,
    kind: Option<String>,
    taken_as: Option<String>,
}

impl Imports {
    /// Looks whether a file can be read at all: its kind, its mapping, its columns.
    ///
    /// # Errors
    /// [`Failure`] that names the field at fault; a file that can be read in two ways with both readings.
    pub async fn ready(&self, order: Order) -> Result<Ready, Failure> {
        let imports = self.clone();
        let look = tokio::task::spawn_blocking(move || imports.look(order));
        look.await.map_err(Failure::internal)?
    }

    fn look(&self, order: Order) -> Result<Ready, Failure> {
        if let Some(fault) = fault::text("file_name", &order.file_name, 255) {
            return Err(Failure::invalid(vec![fault]));
        }
        let file: Arc<[u8]> = order.file.into();
        let asked = order.kind.as_deref().map(|name| self.kind(name));
        let asked = asked.transpose()?;
        let mapped = match (order.mapping, order.from) {
            (Some(_), Some(_)) => {
                let why = "a mapping is given too; leave one of both out";
                return Err(refused("from", FaultCode::Contradiction, why));
            }
            (Some(text), None) => given(text)?,
            (None, from) => self.known(&file, from.as_deref(), asked)?,
        };
        let source = Source {
            kind: self.agreed(asked, mapped.kind.as_deref())?,
            mapping: mapped.text,
            customer_source: order.customer_source,
            file,
            beside: order.with.map(Arc::from),
        };
        let (mut table, mapping) = source.open()?;
        let columns = table.header.iter().map(str::to_owned).collect();
        Ok(Ready {
            unused_columns: mapping.unused_columns.clone(),
            rows: count(&mut table)?,
            room: self.room,
            file_name: order.file_name,
            taken_as: mapped.taken_as,
            dry_run: order.dry_run,
            columns,
            source,
        })
    }

    /// The kind of that name, which this service keeps.
    fn kind(&self, name: &str) -> Result<&'static Kind, Failure> {
        let known = Kind::find(name);
        if let Some(kind) = known.filter(|it| self.kinds.iter().any(|kept| kept.name() == it.name))
        {
            return Ok(kind);
        }
        let names = Vec::from_iter(self.kinds.iter().map(|it| it.name())).join(", ");
        let why = match known {
            Some(other) => format!(
                "`{name}` are kept by the {} service; send the file there. Here there are {names}",
                other.service
            ),
            None => format!("there is no kind `{name}`; there are {names}"),
        };
        Err(refused("kind", FaultCode::UnknownValue, why))
    }

    /// What a file without a mapping is: the vendor's export, or what its columns say.
    fn known(
        &self,
        file: &Arc<[u8]>,
        vendor: Option<&str>,
        asked: Option<&'static Kind>,
    ) -> Result<Mapped, Failure> {
        let bytes = std::io::Cursor::new(Arc::clone(file));
        let table = Table::open(bytes, &Written::default());
        let table = table.map_err(|why| refused("file", FaultCode::MalformedCsv, why))?;
        let (name, text) = match vendor {
            Some(vendor) => {
                let bundle = Bundle::choose(vendor, &table.header);
                let bundle = bundle.map_err(|why| refused("from", FaultCode::UnknownValue, why))?;
                (bundle.name(), bundle.text.to_owned())
            }
            None => {
                let mine = self.kinds.iter().filter_map(|it| Kind::find(it.name()));
                let kinds: Vec<_> = asked.map_or_else(|| mine.collect(), |kind| vec![kind]);
                let guess = guess(&kinds, &table.header);
                let guess = guess.map_err(|why| refused("file", FaultCode::Ambiguous, why))?;
                (guess.name, guess.text)
            }
        };
        let taken_as = Some(name);
        given(text).map(|it| Mapped { taken_as, ..it })
    }

    /// What the rows are: as the form says, and the mapping does not contradict.
    fn agreed(
        &self,
        asked: Option<&'static Kind>,
        made: Option<&str>,
    ) -> Result<&'static Kind, Failure> {
        match (asked, made) {
            (Some(asked), Some(made)) if asked.name != made => {
                let why = format!("the mapping's rows are {made}, not {}", asked.name);
                Err(refused("kind", FaultCode::Contradiction, why))
            }
            (Some(kind), _) => Ok(kind),
            (None, Some(name)) => self.kind(name),
            (None, None) => {
                let why = "nothing says what the rows are; the mapping does not either";
                Err(refused("kind", FaultCode::Missing, why))
            }
        }
    }
}

fn given(text: String) -> Result<Mapped, Failure> {
    let file = MappingFile::parse(&text);
    let file = file.map_err(|why| refused("mapping", FaultCode::WrongMapping, why))?;
    Ok(Mapped {
        text,
        kind: file.kind,
        taken_as: None,
    })
}

fn count(table: &mut Table) -> Result<u64, Failure> {
    let mut rows = 0;
    loop {
        match table.read_row() {
            Ok(Some(_)) => rows += 1,
            Ok(None) => return Ok(rows),
            Err(why) => return Err(refused("file", FaultCode::MalformedCsv, why)),
        }
    }
}

impl Ready {
    /// Keeps the file and puts its job into the queue, and forgets what was kept long ago.
    ///
    /// # Errors
    /// More than may wait, and what the database answers.
    pub fn enqueue(self, conn: &mut Conn) -> Result<RecordId, Failure> {
        let now = keepworth_store::now().naive_utc();
        forget(conn, now - KEPT)?;
        let id = RecordId::generate();
        let job = keepworth_jobs::enqueue(conn, JobKind::Import, self.room, id.to_string())?;
        piece::insert(conn, id, false, &self.source.file)?;
        if let Some(beside) = &self.source.beside {
            piece::insert(conn, id, true, beside)?;
        }
        import::insert(conn, &self.row(id, job.id, now)?)?;
        Ok(id)
    }

    fn row(self, id: RecordId, job_id: RecordId, now: NaiveDateTime) -> Result<ImportRow, Failure> {
        Ok(ImportRow {
            id,
            job_id,
            kind: self.source.kind.name.to_owned(),
            file_name: self.file_name,
            mapping: self.source.mapping,
            taken_as: self.taken_as,
            customer_source: self.source.customer_source,
            dry_run: self.dry_run,
            names: told::write(&self.columns)?,
            unused_names: told::write(&self.unused_columns)?,
            total_rows: told::signed(self.rows),
            read_rows: 0,
            filtered: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            rejected: 0,
            told: "[]".to_owned(),
            created_at: now,
            undone_at: None,
            skipped_erased: 0,
        })
    }
}

/// Forgets imports of before a time, and their jobs.
fn forget(conn: &mut Conn, before: NaiveDateTime) -> Result<(), Failure> {
    jobs::forget(conn, before)?;
    Ok(import::forget(conn, before)?)
}
