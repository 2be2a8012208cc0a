//! Rows for data frames.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::{Cell, Sheet};

/// What a column holds: numbers only where every cell is one. Amounts are texts, to the last decimal.
fn kind(cells: &[&Cell]) -> Physical {
    let all = |is: fn(&Cell) -> bool| cells.iter().all(|it| **it == Cell::Nothing || is(it));
    if all(|it| matches!(it, Cell::Count(_))) {
        Physical::INT64
    } else if all(|it| matches!(it, Cell::Share(_) | Cell::Figure(..) | Cell::Count(_))) {
        Physical::DOUBLE
    } else {
        Physical::BYTE_ARRAY
    }
}

/// Who wrote a file.
fn properties() -> Arc<WriterProperties> {
    let properties = WriterProperties::builder();
    let written_by = format!("keepworth {}", env!("CARGO_PKG_VERSION"));
    Arc::new(properties.set_created_by(written_by).build())
}

/// Writes every row of a sheet; a cell without anything is null.
pub(super) fn write(sheet: &Sheet, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let columns: Vec<(String, Vec<&Cell>)> = sheet.columns().collect();
    let fields = columns.iter().map(|(name, cells)| {
        let kind = kind(cells);
        let text = (kind == Physical::BYTE_ARRAY).then_some(LogicalType::String);
        let column = Type::primitive_type_builder(name, kind)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(text)
            .build()?;
        Ok(Arc::new(column))
    });
    let fields = fields.collect::<anyhow::Result<Vec<_>>>()?;
    let schema = Type::group_type_builder("rows")
        .with_fields(fields)
        .build()?;
    let mut file = SerializedFileWriter::new(out, Arc::new(schema), properties())?;
    let mut group = file.next_row_group()?;
    for (name, cells) in &columns {
        let mut column = group.next_column()?.context(name.clone())?;
        match kind(cells) {
            Physical::INT64 => write_column::<Int64Type>(&mut column, cells, |cell| match cell {
                Cell::Count(count) => Some(*count),
                _ => None,
            }),
            Physical::DOUBLE => write_column::<DoubleType>(&mut column, cells, |cell| match cell {
                Cell::Share(value) | Cell::Figure(value, _) => Some(*value),
                Cell::Count(count) => Some(*count as f64),
                _ => None,
            }),
            _ => write_column::<ByteArrayType>(&mut column, cells, |cell| match cell {
                Cell::Nothing => None,
                // Nothing here takes a text for a formula.
                Cell::Text(text) => Some(ByteArray::from(text.as_str())),
                other => Some(ByteArray::from(other.written().as_str())),
            }),
        }?;
        column.close()?;
    }
    group.close()?;
    file.close()?;
    Ok(())
}

fn write_column<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: &[&Cell],
    value: impl Fn(&Cell) -> Option<T::T>,
) -> anyhow::Result<()> {
    let values: Vec<Option<T::T>> = cells.iter().map(|cell| value(cell)).collect();
    let there: Vec<i16> = values.iter().map(|it| i16::from(it.is_some())).collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    column
        .typed::<T>()
        .write_batch(&values, Some(&there), None)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;
    use crate::present::row;

    #[test]
    fn every_cell_is_read_back_in_its_type() {
        let mut sheet = Sheet::new("", "name | amount | n | share");
        let amount = "1.50".parse().unwrap();
        row![sheet => "=North", Cell::Amount(amount), 3_u64, Cell::Share(0.25)];
        row![sheet => "South", Cell::Nothing, Cell::Nothing, Cell::whole(2.0)];
        let mut file = tempfile::tempfile().unwrap();
        write(&sheet, &mut file).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        let rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
        let rows: Vec<Vec<Field>> = rows
            .map(|row| row.get_column_iter().map(|(_, it)| it.clone()).collect())
            .collect();
        let text = |text: &str| Field::Str(text.to_owned());
        let first = vec![
            text("=North"),
            text("1.50"),
            Field::Long(3),
            Field::Double(0.25),
        ];
        let second = vec![text("South"), Field::Null, Field::Null, Field::Double(2.0)];
        assert_eq!(rows, [first, second]);
    }
}
