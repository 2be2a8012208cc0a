//! Figures of futures that come column by column, in files of rows.

use std::io::Write;
use std::sync::Arc;

use keepworth_sim::Outcome;
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::TrialsError;

/// What numbers the rows, from 0.
const NUMBER: &str = "trial";

/// A file of rows that are numbered, each with every outcome.
pub(crate) trait Columns {
    /// Writes the figures of further rows, column by column.
    fn write(&mut self, columns: &[Vec<f64>]) -> Result<(), TrialsError>;
    /// Ends the file.
    fn finish(self) -> Result<(), TrialsError>;
}

/// Lines.
pub(crate) struct Csv<'a> {
    lines: csv::Writer<&'a mut (dyn Write + Send)>,
    rows: usize,
}

impl<'a> Csv<'a> {
    pub(crate) fn begin(out: &'a mut (dyn Write + Send)) -> Result<Self, TrialsError> {
        let mut lines = csv::Writer::from_writer(out);
        let names = Outcome::ALL.map(Outcome::name);
        lines.write_record([NUMBER].iter().chain(&names))?;
        Ok(Self { lines, rows: 0 })
    }
}

impl Columns for Csv<'_> {
    fn write(&mut self, columns: &[Vec<f64>]) -> Result<(), TrialsError> {
        for row in 0..columns.first().map_or(0, Vec::len) {
            self.lines.write_field(self.rows.to_string())?;
            for column in columns {
                self.lines.write_field(column[row].to_string())?;
            }
            // The line's end.
            self.lines.write_record(None::<&[u8]>)?;
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), TrialsError> {
        self.lines.flush().map_err(csv::Error::from)?;
        Ok(())
    }
}

/// Row groups.
pub(crate) struct Parquet<'a> {
    file: SerializedFileWriter<&'a mut (dyn Write + Send)>,
    rows: i64,
}

impl<'a> Parquet<'a> {
    /// A file with `facts` beside its rows.
    pub(crate) fn begin(
        out: &'a mut (dyn Write + Send),
        facts: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Self, TrialsError> {
        let names = Outcome::ALL.map(|it| format!("required double {};", it.name()));
        let schema = format!(
            "message {NUMBER}s {{ required int64 {NUMBER}; {} }}",
            names.join(" ")
        );
        let facts = facts.into_iter();
        let facts = facts.map(|(key, value)| KeyValue::new(format!("keepworth.{key}"), value));
        let properties = WriterProperties::builder()
            .set_created_by(format!("keepworth {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(facts.collect()))
            .build();
        let schema = Arc::new(parse_message_type(&schema)?);
        Ok(Self {
            file: SerializedFileWriter::new(out, schema, Arc::new(properties))?,
            rows: 0,
        })
    }
}

impl Columns for Parquet<'_> {
    fn write(&mut self, columns: &[Vec<f64>]) -> Result<(), TrialsError> {
        let count = columns.first().map_or(0, Vec::len) as i64;
        let numbers: Vec<i64> = (self.rows..self.rows + count).collect();
        let mut group = self.file.next_row_group()?;
        write_column::<Int64Type>(&mut group, &numbers)?;
        for column in columns {
            write_column::<DoubleType>(&mut group, column)?;
        }
        group.close()?;
        self.rows += count;
        Ok(())
    }

    fn finish(self) -> Result<(), TrialsError> {
        self.file.close()?;
        Ok(())
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("no column left".to_owned()))?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
