//! Numbers that come in blocks, as Parquet: a row group for each, so that memory does not grow with them.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::parquet::properties;

/// A file of rows that are numbered, each with the same figures.
pub(crate) struct Blocks<'a> {
    file: SerializedFileWriter<&'a mut (dyn Write + Send)>,
    /// Rows that were written.
    rows: i64,
}

impl<'a> Blocks<'a> {
    /// A file whose rows are each a `row`, such as a trial, with these columns; `facts` say how they came
    /// about.
    pub(crate) fn begin(
        out: &'a mut (dyn Write + Send),
        row: &str,
        columns: &[&str],
        facts: impl IntoIterator<Item = (&'static str, String)>,
    ) -> anyhow::Result<Self> {
        let column = |name: &&str| format!("required double {name};");
        let columns: Vec<String> = columns.iter().map(column).collect();
        let columns = columns.join(" ");
        let schema = format!("message {row}s {{ required int64 {row}; {columns} }}");
        let schema = Arc::new(parse_message_type(&schema)?);
        let facts = facts.into_iter();
        let facts = facts.map(|(key, value)| KeyValue::new(format!("keepworth.{key}"), value));
        let properties = properties(Some(facts.collect()));
        Ok(Self {
            file: SerializedFileWriter::new(out, schema, properties)?,
            rows: 0,
        })
    }

    /// Writes the figures of further rows, column by column.
    pub(crate) fn write(&mut self, columns: &[Vec<f64>]) -> anyhow::Result<()> {
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

    /// Ends the file.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        self.file.close()?;
        Ok(())
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>,
    values: &[T::T],
) -> anyhow::Result<()> {
    let mut column = group.next_column()?.context("no column left")?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()?;
    Ok(())
}
