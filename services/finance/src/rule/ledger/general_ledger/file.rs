//! A general ledger's file, read into the lines of its vouchers.
//!
//! Column names are ERPNext's general ledger: `posting_date, account, debit, credit, voucher_type,
//! voucher_no`, and where present `cost_center, remarks, company`, and `source_line` (the row's line in the file
//! that it was taken from); a report's own spelling ("Posting Date", "Debit (EUR)") is the same, its sums
//! ('Opening', 'Total') belong to no voucher, further columns are not read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::{Currency, FaultCode, InvalidParam, Money};
use rust_decimal::Decimal;
use serde::Deserialize;

/// A line of a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line that it begins on, the header being 1.
    pub number: u64,
    pub(super) posted_on: NaiveDate,
    pub(super) account: String,
    pub(super) cost_center: Option<String>,
    pub(super) note: Option<String>,
    /// Debit less credit in minor units.
    pub(super) minor: i64,
}

/// The lines of each voucher, in file order, by the voucher's name.
pub type Vouchers = BTreeMap<String, Vec<Line>>;

/// What is in a file.
#[derive(Debug, Default)]
pub struct File {
    /// Vouchers of which every line was read.
    pub vouchers: Vouchers,
    /// The others: what is wrong with which of their lines.
    pub faults: BTreeMap<String, Vec<InvalidParam>>,
}

type Reader<'a> = csv::Reader<&'a [u8]>;

#[derive(Debug, Deserialize)]
struct Row {
    posting_date: String,
    account: String,
    debit: String,
    credit: String,
    voucher_type: String,
    voucher_no: String,
    #[serde(default)]
    cost_center: String,
    #[serde(default)]
    remarks: String,
    #[serde(default)]
    company: String,
    #[serde(default)]
    source_line: String,
}

/// Reads a file whose amounts are in `currency`.
///
/// # Errors
/// A file that is no CSV with these columns, or is cut short, is not read at all.
pub fn read(file: &[u8], currency: Currency) -> Result<File, InvalidParam> {
    let (mut reader, names) = begin(file, currency)?;
    // The reader leaves the line feed of a CR LF to the next record, and counts it there.
    let is_crlf = file.iter().position(|byte| *byte == b'\n');
    let is_crlf = is_crlf.is_some_and(|end| file[..end].ends_with(b"\r"));
    let mut found = File::default();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let row: Row = record
            .deserialize(Some(&names))
            .map_err(|error| unreadable(&error))?;
        if row.is_sum() {
            continue;
        }
        let counted = || record.position().map_or(0, csv::Position::line) + u64::from(is_crlf);
        let number = row.source_line.parse().unwrap_or_else(|_| counted());
        match line(&row, number, currency) {
            Ok(line) => found.vouchers.entry(voucher(&row)).or_default().push(line),
            Err(fault) => found.faults.entry(voucher(&row)).or_default().push(fault),
        }
    }
    found
        .vouchers
        .retain(|voucher, _| !found.faults.contains_key(voucher));
    Ok(found)
}

/// Refuses a file that is no CSV with the columns that are needed, by its first line alone.
///
/// # Errors
/// Which column is missing, or in another currency.
pub fn check_columns(file: &[u8], currency: Currency) -> Result<(), InvalidParam> {
    begin(file, currency).map(|_| ())
}

/// A reader behind the first line, and the names of the columns.
fn begin(file: &[u8], currency: Currency) -> Result<(Reader<'_>, csv::StringRecord), InvalidParam> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let names = reader.headers().map_err(|error| unreadable(&error))?;
    let names: csv::StringRecord = names.iter().map(|name| column(name, currency)).collect();
    other_currency(&names, currency)?;
    missing_column(&names)?;
    Ok((reader, names))
}

fn unreadable(error: &csv::Error) -> InvalidParam {
    InvalidParam::new("file", FaultCode::MalformedCsv, error.to_string())
}

/// "Posting Date" and `posting_date` are one column, and so are "Debit (EUR)" and `debit` where
/// amounts are in euros.
fn column(name: &str, currency: Currency) -> String {
    let name = name.trim().to_lowercase().replace([' ', '-'], "_");
    let own = format!("_({})", currency.code().to_lowercase());
    name.strip_suffix(&own).map_or(name.clone(), str::to_owned)
}

/// Refuses a file without the columns that are needed, be it without lines too.
fn missing_column(names: &csv::StringRecord) -> Result<(), InvalidParam> {
    const NEEDED: [&str; 6] = [
        "posting_date",
        "account",
        "debit",
        "credit",
        "voucher_type",
        "voucher_no",
    ];
    let missing = |needed: &&str| !names.iter().any(|name| name == *needed);
    let missing: Vec<&str> = NEEDED.into_iter().filter(missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let reason = format!(
        "there is no column {}; a general ledger has {}",
        missing.join(", "),
        NEEDED.join(", ")
    );
    Err(InvalidParam::new("file", FaultCode::MalformedCsv, reason))
}

/// Refuses amounts that only another currency's columns have.
fn other_currency(names: &csv::StringRecord, currency: Currency) -> Result<(), InvalidParam> {
    for needed in ["debit", "credit"] {
        let begins = |name: &&str| name.starts_with(&format!("{needed}_("));
        let other = names.iter().find(begins);
        if let Some(other) = other.filter(|_| !names.iter().any(|name| name == needed)) {
            let reason = format!(
                "the column is `{other}`, and the currency of the request {currency}; name the currency \
                 that the amounts are in"
            );
            return Err(InvalidParam::new(
                "currency",
                FaultCode::OtherCurrency,
                reason,
            ));
        }
    }
    Ok(())
}

impl Row {
    /// Whether it is one of a report's own sums, which it writes in quotes: 'Opening', 'Total'.
    fn is_sum(&self) -> bool {
        let quoted = self.account.len() > 1
            && self.account.starts_with('\'')
            && self.account.ends_with('\'');
        quoted && self.posting_date.is_empty() && self.voucher_no.is_empty()
    }
}

fn voucher(row: &Row) -> String {
    let parts = [&row.company, &row.voucher_type, &row.voucher_no];
    let named: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    named.join("/")
}

fn line(row: &Row, number: u64, currency: Currency) -> Result<Line, InvalidParam> {
    let wrong = |column: &str, code: FaultCode, reason: String| {
        InvalidParam::new(format!("line {number}/{column}"), code, reason)
    };
    let posted_on = row.posting_date.parse().map_err(|_| {
        let found = &row.posting_date;
        wrong(
            "posting_date",
            FaultCode::NotADate,
            format!("`{found}` is not a date; write YYYY-MM-DD"),
        )
    })?;
    if row.voucher_no.is_empty() {
        let reason = "is empty; every line belongs to a voucher".to_owned();
        return Err(wrong("voucher_no", FaultCode::Missing, reason));
    }
    let minor = |column: &str, text: &str| {
        minor(text, currency).map_err(|reason| wrong(column, FaultCode::NotAnAmount, reason))
    };
    let debit = minor("debit", &row.debit)?;
    let credit = minor("credit", &row.credit)?;
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(Line {
        number,
        posted_on,
        account: row.account.clone(),
        cost_center: given(&row.cost_center),
        note: given(&one_line(&row.remarks)),
        minor: debit - credit,
    })
}

/// Remarks come with line ends; a note has none.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// An amount in minor units; nothing is zero.
fn minor(text: &str, currency: Currency) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let amount = Decimal::from_str_exact(text).map_err(|_| {
        format!("`{text}` is not a decimal number; write digits with a point, such as 1234.50")
    })?;
    let money = Money { amount, currency };
    money.minor_units().map_err(|error| error.to_string())
}
