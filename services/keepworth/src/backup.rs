//! Backups: every service's database as of one moment, with what proves that they are whole.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use keepworth_contract::digest::hex;
use keepworth_platform::audit::KeyFile;
use keepworth_platform::settings::Settings;
use keepworth_store::{Beside, Db, check_integrity, copy_together};
use rustix::fs::Mode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::registry::SERVICES;
use crate::whole_file;

/// Form of the manifest; a change is a new version.
const VERSION: u32 = 1;
/// The file that names the others.
const MANIFEST: &str = "manifest.json";

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    version: u32,
    /// The moment that every database is of.
    pub(crate) taken_at: DateTime<Utc>,
    /// The program that took it.
    keepworth: String,
    pub(crate) databases: Vec<Copied>,
}

/// One service's database.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copied {
    pub(crate) service: String,
    pub(crate) bytes: u64,
    sha256: String,
}

impl Copied {
    fn of(service: &str, folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(file_name(service));
        check_integrity(&path)?;
        let (bytes, sha256) = digest(&path)?;
        Ok(Self {
            service: service.to_owned(),
            bytes,
            sha256,
        })
    }
}

fn file_name(service: &str) -> String {
    format!("{service}.db")
}

fn digest(path: &Path) -> anyhow::Result<(u64, String)> {
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    loop {
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            return Ok((bytes, hex(&digest.finalize())));
        }
        digest.update(piece);
        let read = piece.len();
        bytes += read as u64;
        file.consume(read);
    }
}

/// Lets nobody but the owner read what this process writes from now on: it is everything that a company
/// knows of its customers.
pub(crate) fn for_the_owner_alone() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Copies every service's database into `folder`, which must not be there yet; it appears when all
/// is in it and checked.
pub(crate) fn take(settings: &Settings, folder: &Path) -> anyhow::Result<Manifest> {
    ensure!(
        !folder.exists(),
        "{} is there already; name a new folder",
        folder.display()
    );
    let above = match folder.parent() {
        Some(above) if above != Path::new("") => above,
        _ => Path::new("."),
    };
    let unfinished = tempfile::tempdir_in(above)
        .with_context(|| format!("cannot write beside {}", folder.display()))?;
    let manifest = copy_all(settings, unfinished.path())?;
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    whole_file::write_text(&unfinished.path().join(MANIFEST), &text)?;
    sync(unfinished.path())?;
    fs::rename(unfinished.keep(), folder)?;
    sync(above)?;
    Ok(manifest)
}

fn copy_all(settings: &Settings, folder: &Path) -> anyhow::Result<Manifest> {
    let mut copies = Vec::new();
    for entry in &SERVICES {
        let path = database_path(settings, entry.name)?;
        ensure!(
            path.exists(),
            "{} has no database at {}; name its folder with --set database.data_dir=DIR",
            entry.name,
            path.display()
        );
        copies.push((
            Db::open(settings.database(entry.name), &settings.db_options())?,
            folder.join(file_name(entry.name)),
        ));
    }
    let copies: Vec<(Db, &Path)> = copies
        .iter()
        .map(|(db, to)| (db.clone(), to.as_path()))
        .collect();
    let taken_at = copy_together(&copies)?;
    let databases = SERVICES.iter().map(|entry| Copied::of(entry.name, folder));
    Ok(Manifest {
        version: VERSION,
        taken_at,
        keepworth: env!("CARGO_PKG_VERSION").to_owned(),
        databases: databases.collect::<Result<_, _>>()?,
    })
}

/// Puts the databases of a backup where the services look for them, after checking that each is what
/// was copied. Takes nobody's place: databases that are there are refused.
pub(crate) fn put_back(settings: &Settings, folder: &Path) -> anyhow::Result<Manifest> {
    let manifest = check(folder)?;
    let mut places = Vec::new();
    for copied in &manifest.databases {
        let place = database_path(settings, &copied.service)?;
        refuse_what_is_there(&place)?;
        places.push((folder.join(file_name(&copied.service)), place));
    }
    let copied = places.iter().try_for_each(|(from, place)| {
        whole_file::write(place, |out| {
            io::copy(&mut File::open(from)?, out)?;
            Ok(())
        })?;
        sync(place.parent().unwrap_or(Path::new(".")))
    });
    if copied.is_err() {
        // All of them or none: the others are of a moment of their own.
        for (_, place) in &places {
            let _ = fs::remove_file(place);
        }
    }
    copied.map(|()| manifest)
}

/// Copies what no backup has from the data folder of before, and answers how many files there were: the key that the
/// audit is signed with, and key and notes of erasures, so that the services forget again whom the backup still knows.
/// What is there already stays.
pub(crate) fn carry_over(settings: &Settings, from: &Path) -> anyhow::Result<usize> {
    let (old, new) = (Beside::in_folder(from), settings.beside());
    let mut files = vec![
        (old.secret_file, new.secret_file),
        (KeyFile::in_folder(from), KeyFile::place(settings)),
    ];
    if old.folder.is_dir() {
        for entry in fs::read_dir(&old.folder)? {
            let entry = entry?;
            files.push((entry.path(), new.folder.join(entry.file_name())));
        }
    }
    files.retain(|(old, new)| old.is_file() && !new.exists());
    for (old, new) in &files {
        let folder = new.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        whole_file::write(new, |out| {
            io::copy(&mut File::open(old)?, out)?;
            Ok(())
        })?;
        sync(folder)?;
    }
    Ok(files.len())
}

/// Refuses a database that is there, and the log of one that was: it would be played into the copy.
fn refuse_what_is_there(place: &Path) -> anyhow::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = place.as_os_str().to_owned();
        name.push(ending);
        let path = Path::new(&name);
        ensure!(
            !path.exists(),
            "{} is there already; stop the services and move it away, or name another folder with --set database.data_dir=DIR",
            path.display()
        );
    }
    Ok(())
}

/// Checks that a backup is what was taken.
fn check(folder: &Path) -> anyhow::Result<Manifest> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{} is no backup: it has no {MANIFEST}", folder.display()))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .with_context(|| format!("{} is no manifest", path.display()))?;
    ensure!(
        manifest.version == VERSION,
        "the backup is of form {}, this release reads {VERSION}; use Keepworth {}",
        manifest.version,
        manifest.keepworth
    );
    for copied in &manifest.databases {
        let file = folder.join(file_name(&copied.service));
        let found = digest(&file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(
            found == (copied.bytes, copied.sha256.clone()),
            "{} is not what was copied; take another backup",
            file.display()
        );
    }
    Ok(manifest)
}

/// Where a service's embedded database is.
fn database_path(settings: &Settings, service: &str) -> anyhow::Result<PathBuf> {
    let url = settings.database(service).url()?;
    let path = url.strip_prefix("sqlite://").with_context(|| {
        format!(
            "the {service} service's database is on a server; back it up there, with pg_dump or the platform's snapshots"
        )
    })?;
    Ok(path.into())
}

/// Waits until a folder and its files are on disk.
fn sync(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    Ok(File::open(folder)?.sync_all()?)
}
