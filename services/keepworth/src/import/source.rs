//! Where rows come from, and where those go that cannot be taken.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::Context;
use csv::StringRecord;
use indicatif::{ProgressBar, ProgressStyle};
use keepworth_reading::Written;
use keepworth_reading::table::Table;

/// Opens a file, or standard input for `-`; the bar follows what is read.
pub(crate) fn open(file: &Path, progress: &ProgressBar) -> anyhow::Result<Box<dyn Read + Send>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(progress.wrap_read(stdin())));
    }
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Box::new(progress.wrap_read(opened)))
}

/// Opens a table that is read without a bar.
pub(crate) fn open_table(path: &Path, written: &Written) -> anyhow::Result<Table> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Table::open(file, written)?)
}

/// A bar with rate and time left when the size is known, else a counter.
pub(crate) fn progress_bar(file: &Path) -> anyhow::Result<ProgressBar> {
    let size = std::fs::metadata(file)
        .map(|it| it.len())
        .unwrap_or_default();
    if size == 0 {
        return Ok(ProgressBar::new_spinner());
    }
    let style = "{bar:30} {percent}% {msg}, {bytes_per_sec}, {eta} left";
    Ok(ProgressBar::new(size).with_style(ProgressStyle::with_template(style)?))
}

/// A bar of so many things that are done one by one.
pub(crate) fn counter(length: u64, things: &str) -> anyhow::Result<ProgressBar> {
    let style = format!("{{bar:30}} {{pos}}/{{len}} {things}, {{eta}} left");
    Ok(ProgressBar::new(length).with_style(ProgressStyle::with_template(&style)?))
}

/// A name for an import.
pub(crate) fn new_import_id() -> String {
    keepworth_store::RecordId::generate().to_string()
}

/// Where the rows of `file` go that cannot be taken, unless it is said.
pub(crate) fn rejected_path(file: &Path) -> PathBuf {
    let name = if file.as_os_str() == "-" {
        Path::new("stdin")
    } else {
        file
    };
    name.with_extension("rejected.csv")
}

/// Rows that were not taken, with the reasons; made only when there is one.
pub(crate) struct ErrorFile<'a> {
    path: &'a Path,
    header: StringRecord,
    writer: Option<csv::Writer<File>>,
}

impl<'a> ErrorFile<'a> {
    /// A file with these columns, and two for code and detail.
    pub(crate) fn new(path: &'a Path, header: &StringRecord) -> Self {
        Self {
            path,
            header: header.clone(),
            writer: None,
        }
    }

    /// Adds a row.
    pub(crate) fn append(
        &mut self,
        row: &StringRecord,
        code: &str,
        detail: &str,
    ) -> anyhow::Result<()> {
        let columns = self.header.len();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut writer = csv::WriterBuilder::new()
                    .flexible(true)
                    .from_path(self.path)
                    .with_context(|| format!("cannot write {}", self.path.display()))?;
                writer.write_record(self.header.iter().chain(["error_code", "error_detail"]))?;
                self.writer.insert(writer)
            }
        };
        let padding = columns.saturating_sub(row.len());
        let cells = row
            .iter()
            .chain(std::iter::repeat_n("", padding))
            .chain([code, detail]);
        Ok(writer.write_record(cells)?)
    }

    /// The file's path, when a row was written.
    pub(crate) fn finish(self) -> anyhow::Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else {
            return Ok(None);
        };
        writer.flush()?;
        Ok(Some(self.path.to_owned()))
    }
}
