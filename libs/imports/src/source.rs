//! A file with its mapping, opened: the same for the request that orders an import and for its job.

use std::fmt::Display;
use std::io::Cursor;
use std::sync::Arc;

use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_intake::Failure;
use keepworth_reading::mapping::{Joined, Kind, Mapping, MappingFile};
use keepworth_reading::table::Table;

/// A file and how its rows become records.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) kind: &'static Kind,
    /// The mapping, as TOML.
    pub(crate) mapping: String,
    pub(crate) customer_source: Option<String>,
    pub(crate) file: Arc<[u8]>,
    /// The file that the rows belong to.
    pub(crate) beside: Option<Arc<[u8]>>,
}

/// A field of the form that is at fault, and why.
pub(crate) fn refused(name: &str, code: FaultCode, why: impl Display) -> Failure {
    Failure::invalid(vec![InvalidParam::new(name, code, why.to_string())])
}

/// Opens bytes as a table.
pub(crate) fn table(bytes: &Arc<[u8]>, mapping: &MappingFile) -> Result<Table, Failure> {
    let bytes = Cursor::new(Arc::clone(bytes));
    Table::open(bytes, &mapping.written())
        .map_err(|why| refused("file", FaultCode::MalformedCsv, why))
}

impl Source {
    /// Opens the file, its rows not yet read.
    pub(crate) fn open(&self) -> Result<(Table, Mapping), Failure> {
        let wrong = |why| refused("mapping", FaultCode::WrongMapping, why);
        let mut file = MappingFile::parse(&self.mapping).map_err(wrong)?;
        if let Some(system) = &self.customer_source {
            file.set_customer_source(system);
        }
        let rows = table(&self.file, &file)?;
        let beside = self.beside(&file);
        let joined = beside.map_err(|why| refused("with", FaultCode::InvalidValue, why))?;
        let again = table(&self.file, &file)?;
        let mapping = file.prepare(self.kind, &rows.header, joined);
        let mut mapping = mapping.map_err(wrong)?;
        if mapping.has_discounts() {
            let read = mapping.read_discounts(again);
            read.map_err(|why| refused("file", FaultCode::MalformedCsv, why))?;
        }
        Ok((rows, mapping))
    }

    fn beside(&self, mapping: &MappingFile) -> Result<Option<Joined>, String> {
        match (&mapping.join, &self.beside) {
            (Some(rule), Some(bytes)) => {
                let table = Table::open(Cursor::new(Arc::clone(bytes)), &mapping.written_beside());
                let joined = table.and_then(|table| mapping.read_join(rule, table));
                joined.map(Some).map_err(|why| why.to_string())
            }
            (None, None) => Ok(None),
            (Some(rule), None) => Err(format!(
                "is missing: the rows belong to {}, which are in a file of their own",
                rule.name()
            )),
            (None, Some(_)) => Err("the mapping joins no other file; leave it out".to_owned()),
        }
    }
}
