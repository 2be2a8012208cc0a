//! The lines of a general ledger by voucher, and the requests that they are sent in.

use std::collections::HashMap;

use anyhow::{Context, bail};
use csv::StringRecord;

use crate::reading::table::{Row, Table};

/// Bytes of a request at the most, well below what the service takes.
const PART_BYTES: usize = 8 << 20;

/// A general ledger in memory: a voucher's lines may stand anywhere in the file.
pub(super) struct GeneralLedger {
    pub(super) header: StringRecord,
    rows: Vec<Row>,
    /// Vouchers in the order of their first lines, each with the places of its rows.
    vouchers: Vec<Vec<usize>>,
    /// Places of vouchers by name.
    places: HashMap<String, usize>,
}

/// Columns that name a voucher, in the order of the name's parts.
const NAMED_BY: [&str; 3] = ["company", "voucher_type", "voucher_no"];

impl GeneralLedger {
    /// Reads a whole file; a file that is cut short is not read at all.
    pub(super) fn read(mut table: Table) -> anyhow::Result<Self> {
        let columns = NAMED_BY.map(|name| table.header.iter().position(|it| column(it) == name));
        if columns[2].is_none() {
            bail!("the file has no column voucher_no; a general ledger names each line's voucher");
        }
        let mut ledger = Self {
            header: table.header.clone(),
            rows: Vec::new(),
            vouchers: Vec::new(),
            places: HashMap::new(),
        };
        while let Some(row) = table.next()? {
            if let Some((_, detail)) = row.fault(ledger.header.len()) {
                bail!("{detail}; nothing was sent");
            }
            let parts = columns.iter().flatten().filter_map(|it| row.cells.get(*it));
            let parts: Vec<&str> = parts.map(str::trim).filter(|it| !it.is_empty()).collect();
            ledger.add(parts.join("/"), row);
        }
        Ok(ledger)
    }

    fn add(&mut self, voucher: String, row: Row) {
        let place = *self.places.entry(voucher).or_insert(self.vouchers.len());
        if place == self.vouchers.len() {
            self.vouchers.push(Vec::new());
        }
        self.vouchers[place].push(self.rows.len());
        self.rows.push(row);
    }

    /// The rows of each request: whole vouchers, together small enough.
    pub(super) fn parts(&self) -> Vec<Vec<usize>> {
        let (mut parts, mut size) = (Vec::new(), PART_BYTES);
        for voucher in &self.vouchers {
            let bytes: usize = voucher.iter().map(|row| bytes(&self.rows[*row])).sum();
            if size + bytes > PART_BYTES {
                parts.push(Vec::new());
                size = 0;
            }
            size += bytes;
            if let Some(part) = parts.last_mut() {
                part.extend(voucher);
            }
        }
        parts
    }

    /// A request: the rows with their lines in the file, so that faults name these.
    pub(super) fn text(&self, part: &[usize]) -> anyhow::Result<String> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(self.header.iter().chain(["source_line"]))?;
        for row in part.iter().map(|row| &self.rows[*row]) {
            csv.write_record(row.cells.iter().chain([row.line.to_string().as_str()]))?;
        }
        let bytes = csv.into_inner().context("a request cannot be written")?;
        Ok(String::from_utf8(bytes)?)
    }

    /// The rows of a voucher.
    pub(super) fn voucher(&self, name: &str) -> impl Iterator<Item = &Row> {
        let place = self.places.get(name).map(|place| &self.vouchers[*place]);
        place.into_iter().flatten().map(|row| &self.rows[*row])
    }
}

/// "Voucher No" and `voucher_no` are one column, as the service reads them.
fn column(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Bytes of a row in a request, quotes and line number included, at the most.
fn bytes(row: &Row) -> usize {
    let cells = row.cells.iter();
    cells.map(|cell| 2 * cell.len() + 3).sum::<usize>() + 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Written;

    #[test]
    fn scattered_lines_of_a_voucher_are_sent_together_with_their_places() {
        let file = "Voucher No;Voucher Type;debit\n1;JE;5\n2;JE;7\n1;JE;-5\n";
        let table = Table::open(file.as_bytes(), &Written::default()).unwrap();
        let ledger = GeneralLedger::read(table).unwrap();
        let lines: Vec<u64> = ledger.voucher("JE/1").map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
        let parts = ledger.parts();
        assert_eq!(parts, [[0, 2, 1]]);
        assert_eq!(
            ledger.text(&parts[0]).unwrap(),
            "Voucher No,Voucher Type,debit,source_line\n1,JE,5,2\n1,JE,-5,4\n2,JE,7,3\n"
        );
    }

    #[test]
    fn a_large_file_is_sent_in_parts_of_whole_vouchers() {
        let remark = "x".repeat(1 << 20);
        let rows = (0..6).map(|n| format!("{},{remark}\n", n / 2));
        let file: String = std::iter::once("voucher_no,remarks\n".to_owned())
            .chain(rows)
            .collect();
        let file: &'static str = file.leak();
        let table = Table::open(file.as_bytes(), &Written::default()).unwrap();
        let parts = GeneralLedger::read(table).unwrap().parts();
        assert_eq!(parts, [vec![0, 1], vec![2, 3], vec![4, 5]]);
    }

    #[test]
    fn a_file_cut_short_is_not_read() {
        let table = Table::open(&b"voucher_no,debit\n1,2\n2"[..], &Written::default()).unwrap();
        let error = GeneralLedger::read(table).err().unwrap().to_string();
        assert!(error.starts_with("line 3 has 1 cells"), "{error}");
    }
}
