//! The lines of a general ledger by voucher, and the requests that they are sent in.

use std::collections::HashMap;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use csv::StringRecord;

use keepworth_reading::date::{self, DateFormat, Zone};
use keepworth_reading::table::{Row, Table};

/// Bytes of a request at the most, well below what the service takes.
const PART_BYTES: usize = 8 << 20;

/// A general ledger in memory: a voucher's lines may stand anywhere in the file.
pub(crate) struct GeneralLedger {
    pub(crate) header: StringRecord,
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
    pub(crate) fn read(mut table: Table) -> anyhow::Result<Self> {
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
        while let Some(row) = table.read_row()? {
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

    /// Writes the days of `posting_date` as the service reads them.
    ///
    /// A report writes them as its reader likes. Without a format the one that fits every row counts;
    /// where two do, such as 05-03-2025 all over, the file is refused with both readings.
    pub(crate) fn write_days(&mut self, format: Option<DateFormat>) -> anyhow::Result<()> {
        let names = &self.header;
        let Some(place) = names.iter().position(|it| column(it) == "posting_date") else {
            return Ok(());
        };
        let texts = self
            .rows
            .iter()
            .map(|row| row.cells.get(place).unwrap_or_default().trim());
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        let Some(format) = format.map_or_else(|| usual(&texts), |it| Ok(Some(it)))? else {
            return Ok(());
        };
        for row in &mut self.rows {
            // What is no day of that form is told by the service, with its line.
            let text = row.cells.get(place).unwrap_or_default().trim();
            if let Ok(day) = date::day(text, std::slice::from_ref(&format), Zone::default()) {
                let day = day.to_string();
                let cells = row.cells.iter().enumerate();
                let cells = cells.map(|(at, cell)| if at == place { day.as_str() } else { cell });
                row.cells = cells.collect();
            }
        }
        Ok(())
    }

    /// The rows of each request: whole vouchers, together small enough.
    pub(crate) fn parts(&self) -> Vec<Vec<usize>> {
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
    pub(crate) fn text(&self, part: &[usize]) -> anyhow::Result<String> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(self.header.iter().chain(["source_line"]))?;
        for row in part.iter().map(|row| &self.rows[*row]) {
            csv.write_record(row.cells.iter().chain([row.line.to_string().as_str()]))?;
        }
        let bytes = csv.into_inner().context("a request cannot be written")?;
        Ok(String::from_utf8(bytes)?)
    }

    /// The rows of a voucher.
    pub(crate) fn voucher(&self, name: &str) -> impl Iterator<Item = &Row> {
        let place = self.places.get(name).map(|place| &self.vouchers[*place]);
        place.into_iter().flatten().map(|row| &self.rows[*row])
    }
}

/// The days of an export, as people set their ledgers to write them.
const DAYS: [[&str; 2]; 3] = [
    ["%d-%m-%Y", "%m-%d-%Y"],
    ["%d/%m/%Y", "%m/%d/%Y"],
    ["%d.%m.%Y", "%m.%d.%Y"],
];

/// The form that all days have, where it is not the service's own.
fn usual(texts: &[&str]) -> anyhow::Result<Option<DateFormat>> {
    for forms in DAYS {
        let read = |form: &str| -> Option<Vec<NaiveDate>> {
            let form = [DateFormat::from(form.to_owned())];
            let days = texts
                .iter()
                .map(|text| date::day(text, &form, Zone::default()).ok());
            days.collect()
        };
        match (read(forms[0]), read(forms[1])) {
            (Some(one), Some(other)) if one != other => {
                let differ = one.iter().zip(&other).position(|(one, other)| one != other);
                let at = differ.unwrap_or_default();
                bail!(
                    "posting_date: `{}` is {} or {}, and no other day of the file tells; say which with \
                     --date-format {} or {}",
                    texts[at],
                    one[at],
                    other[at],
                    forms[0],
                    forms[1]
                );
            }
            (Some(_), _) => return Ok(Some(DateFormat::from(forms[0].to_owned()))),
            (None, Some(_)) => return Ok(Some(DateFormat::from(forms[1].to_owned()))),
            (None, None) => {}
        }
    }
    Ok(None)
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
    use keepworth_reading::Written;

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
    fn days_are_read_as_the_whole_file_writes_them() {
        let days = |rows: &str, format: Option<&str>| {
            let file: &'static str = format!("Posting Date,voucher_no\n{rows}").leak();
            let table = Table::open(file.as_bytes(), &Written::default()).unwrap();
            let mut ledger = GeneralLedger::read(table).unwrap();
            ledger.write_days(format.map(|it| DateFormat::from(it.to_owned())))?;
            let days = ledger.rows.iter().map(|row| row.cells[0].to_owned());
            Ok::<_, anyhow::Error>(days.collect::<Vec<_>>())
        };
        let told = days("05-03-2025,1\n31-01-2025,2\n,3\n", None).unwrap();
        assert_eq!(told, ["2025-03-05", "2025-01-31", ""]);
        assert_eq!(days("01/31/2025,1\n", None).unwrap(), ["2025-01-31"]);
        assert_eq!(days("2025-01-31,1\n", None).unwrap(), ["2025-01-31"]);
        let both = days("05-03-2025,1\n", None).unwrap_err().to_string();
        assert!(both.contains("is 2025-03-05 or 2025-05-03"), "{both}");
        let said = days("05-03-2025,1\n", Some("%m-%d-%Y")).unwrap();
        assert_eq!(said, ["2025-05-03"]);
    }

    #[test]
    fn a_file_cut_short_is_not_read() {
        let table = Table::open(&b"voucher_no,debit\n1,2\n2"[..], &Written::default()).unwrap();
        let error = GeneralLedger::read(table).err().unwrap().to_string();
        assert!(error.starts_with("line 3 has 1 cells"), "{error}");
    }
}
