//! The mark of a database file that is in use, so that a copy of the file alone is not taken for whole.
//!
//! What was written last is in the log beside the file (`-wal`). SQLite opens a file without its log as
//! if nothing were missing. So the file itself says that it is in use, in its `application_id`, which
//! other tools leave alone. What makes a lone copy known, and nothing else:
//!
//! - **A file that bears the mark has its log beside it.** The mark comes into the file by way of the log,
//!   which is on disk before; and SQLite removes a log only with the last connection of all processes. Ours
//!   is the [`Keeper`]'s: it is there before the pools and goes after them, and takes the mark away first. A
//!   process that is killed removes nothing.
//! - **A file whose log holds something bears the mark**, as nothing is written before it is in the file.
//! - Of several processes the last one takes the mark away; SQLite's own locks say which that is.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};

use super::setup::set_up;
use crate::StoreError;

/// "Keep": a number that no other program gives its files.
const IN_USE: i32 = 0x4b65_6570;
/// How often a finding is made that could be of a moment between two steps of another process.
const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A connection that outlives those of the pools.
pub(super) struct Keeper {
    /// Taken when it is dropped.
    conn: Mutex<Option<SqliteConnection>>,
}

#[derive(diesel::QueryableByName)]
struct ApplicationId {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    application_id: i32,
}

#[derive(diesel::QueryableByName)]
struct JournalMode {
    #[diesel(sql_type = diesel::sql_types::Text)]
    journal_mode: String,
}

impl Keeper {
    /// Opens a file, unless it is a lone copy, and marks it.
    pub(super) fn open(path: &str, wait: Duration) -> Result<Self, StoreError> {
        refuse_lone(Path::new(path))?;
        let start = Instant::now();
        let conn = loop {
            match connect(path, wait) {
                // Another process is on its way in or out.
                Err(StoreError::Locked) if start.elapsed() < wait => {
                    std::thread::sleep(BETWEEN_LOOKS);
                }
                opened => break opened,
            }
        };
        let conn = conn.map_err(|error| match error {
            StoreError::Open { .. } => error,
            other => StoreError::Open {
                what: path.to_owned(),
                reason: other.to_string(),
            },
        })?;
        Ok(Self {
            conn: Mutex::new(Some(conn)),
        })
    }
}

fn connect(path: &str, wait: Duration) -> Result<SqliteConnection, StoreError> {
    let mut conn = SqliteConnection::establish(path).map_err(|error| StoreError::Open {
        what: path.to_owned(),
        reason: error.to_string(),
    })?;
    set_up(&mut conn, wait)?;
    mark(&mut conn)?;
    Ok(conn)
}

/// Marks a file. `PASSIVE` waits for nobody: where others have the file open it bears the mark already.
fn mark(conn: &mut SqliteConnection) -> QueryResult<()> {
    if application_id(conn)? != IN_USE {
        set(conn, IN_USE)?;
    }
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")
}

/// Takes the mark away from a file, where it has no log.
pub(crate) fn unmark(conn: &mut SqliteConnection) -> QueryResult<()> {
    set(conn, 0)
}

fn set(conn: &mut SqliteConnection, id: i32) -> QueryResult<()> {
    conn.batch_execute(&format!("PRAGMA application_id = {id}"))
}

fn application_id(conn: &mut SqliteConnection) -> QueryResult<i32> {
    let found: ApplicationId = diesel::sql_query("PRAGMA application_id").get_result(conn)?;
    Ok(found.application_id)
}

/// Writes the log into the file and takes the mark away, when nobody else has the file open; answers
/// whether it did.
///
/// The mark goes first: a process that is killed after its log is removed must not leave it. Where others
/// turn out to be there it comes back at once, before they can have brought the file up to date.
fn release(conn: &mut SqliteConnection) -> QueryResult<bool> {
    unmark(conn)?;
    // It needs the file for itself, and fails at once where it cannot have it.
    let mode = diesel::sql_query("PRAGMA journal_mode = DELETE").get_result::<JournalMode>(conn);
    let is_alone = mode.is_ok_and(|it| it.journal_mode != "wal");
    if !is_alone {
        set(conn, IN_USE)?;
    }
    Ok(is_alone)
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.get_mut().ok().and_then(Option::take) else {
            return;
        };
        for look in 1..=LOOKS {
            match release(&mut conn) {
                Ok(true) => return,
                // A connection of a pool may be on its way out.
                Ok(false) if look < LOOKS => std::thread::sleep(BETWEEN_LOOKS),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "the write-ahead log stays beside its database; copy both");
                    break;
                }
            }
        }
        // The mark is there, so the log must be: while this connection is open, none of this process is
        // the last one, which would remove it.
        std::mem::forget(conn);
    }
}

/// Refuses a file that bears the mark and has no log.
fn refuse_lone(path: &Path) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        if log_is_there(path) || !bears_mark(path) {
            return Ok(());
        }
        // Another process may have opened or left the file between the two questions.
        std::thread::sleep(BETWEEN_LOOKS);
    }
    Err(StoreError::Lone { path: path.into() })
}

fn log_is_there(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    PathBuf::from(log).exists()
}

/// What the file itself says. It is asked through SQLite: whoever opens and closes a file by itself takes
/// from his process the locks that SQLite has on it. `immutable`: no log is made by asking.
fn bears_mark(path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    let name: String = path.display().to_string();
    let name = name
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let asked = SqliteConnection::establish(&format!("file:{name}?mode=ro&immutable=1"));
    asked.is_ok_and(|mut conn| application_id(&mut conn).is_ok_and(|id| id == IN_USE))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use crate::{Db, DbOptions, StoreError};

    fn private_folder() -> tempfile::TempDir {
        let mut builder = tempfile::Builder::new();
        builder.permissions(Permissions::from_mode(0o700));
        builder.tempdir().unwrap()
    }

    fn open(file: &Path) -> Result<Db, StoreError> {
        Db::open(
            &format!("sqlite://{}", file.display()),
            &DbOptions::default(),
        )
    }

    async fn batch(db: &Db, sql: &'static str) {
        let done: Result<(), StoreError> = db.write(move |conn| conn.batch(sql)).await;
        done.unwrap();
    }

    fn copy(file: &Path, endings: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = private_folder();
        // A name that a URI would read otherwise.
        let to = folder.path().join("a ?b=c#d%41.db");
        for ending in endings {
            let name = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
            // By another process, for the sake of the locks of this one.
            let copied = std::process::Command::new("cp")
                .args([name(file), name(&to)])
                .status();
            assert!(copied.unwrap().success());
        }
        (folder, to)
    }

    fn is_lone(file: &Path) -> bool {
        matches!(open(file).err(), Some(StoreError::Lone { .. }))
    }

    fn has_log(file: &Path) -> bool {
        super::log_is_there(file)
    }

    #[tokio::test]
    async fn a_file_without_its_log_is_refused_while_it_is_in_use_and_only_then() {
        let folder = private_folder();
        let file = folder.path().join("a.db");
        let db = open(&file).unwrap();
        batch(&db, "CREATE TABLE a (b INTEGER)").await;
        // As a process that is killed leaves them.
        let (_both, killed) = copy(&file, &["", "-wal"]);
        let (_lone, lone) = copy(&file, &[""]);
        assert!(is_lone(&lone));
        assert!(is_lone(&lone), "and again: asking leaves no log");
        drop(db);
        assert!(!has_log(&file), "all is in the file");
        let (_whole, whole) = copy(&file, &[""]);
        batch(&open(&whole).unwrap(), "SELECT b FROM a").await;
        // What was killed opens as often as it is asked for.
        for _ in 0..2 {
            let db = open(&killed).unwrap();
            batch(&db, "INSERT INTO a VALUES (1)").await;
            drop(db);
        }
    }

    #[tokio::test]
    async fn a_file_that_others_have_open_keeps_its_mark_and_its_log() {
        let folder = private_folder();
        let file = folder.path().join("a.db");
        let (first, second) = (open(&file).unwrap(), open(&file).unwrap());
        batch(&first, "CREATE TABLE a (b INTEGER)").await;
        batch(&second, "INSERT INTO a VALUES (1)").await;
        // It cannot leave the file to nobody while another is there, and stays as a killed process would.
        drop(first);
        batch(&second, "INSERT INTO a VALUES (2)").await;
        assert!(has_log(&file) && is_lone(&copy(&file, &[""]).1));
        drop(second);
        assert!(has_log(&file), "its own process still has it open");
        assert!(!is_lone(&file));
    }

    #[tokio::test]
    async fn a_file_of_another_mode_or_of_before_opens() {
        let folder = private_folder();
        let (file, empty) = (folder.path().join("a.db"), folder.path().join("empty.db"));
        for file in [&file, &empty] {
            std::fs::write(file, "").unwrap();
            std::fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
        }
        {
            use diesel::connection::{Connection, SimpleConnection};
            let mut conn =
                diesel::SqliteConnection::establish(&file.display().to_string()).unwrap();
            conn.batch_execute("PRAGMA journal_mode = WAL; CREATE TABLE a (b INTEGER)")
                .unwrap();
        }
        assert!(!has_log(&file), "as an earlier release left its files");
        drop(open(&file).unwrap());
        open(&empty).unwrap();
    }
}
