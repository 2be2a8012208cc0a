//! From a general ledger's lines to vouchers that balance, and from these to cost entries.
//!
//! Column names are ERPNext's general ledger: `posting_date, account, debit, credit, voucher_type,
//! voucher_no`, and where present `cost_center, remarks, company`, and `source_line` (the row's line in the file
//! that it was taken from); a report's own spelling ("Posting Date", "Debit (EUR)") is the same, its sums
//! ('Opening', 'Total') belong to no voucher, further columns are not read. A voucher's debits and credits must
//! be equal: a voucher that is cut short must not become cost.

use keepworth_contract::FaultCode;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use keepworth_contract::finance::{Basis, CostCategory, CostComponent, LedgerEntryInput};
use keepworth_contract::{Currency, InvalidParam, Money};
use rust_decimal::Decimal;
use serde::Deserialize;

/// What an account says of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountUse {
    /// What is spent there; `None` for accounts that are no cost, such as cash.
    pub category: Option<CostCategory>,
    /// What exactly.
    pub component: Option<CostComponent>,
}

/// A line of a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line that it begins on, the header being 1.
    pub number: u64,
    posted_on: NaiveDate,
    account: String,
    cost_center: Option<String>,
    note: Option<String>,
    /// Debit less credit in minor units.
    minor: i64,
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
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let unreadable =
        |error: csv::Error| InvalidParam::new("file", FaultCode::MalformedCsv, error.to_string());
    let names = reader.headers().map_err(unreadable)?;
    let names: csv::StringRecord = names.iter().map(|name| column(name, currency)).collect();
    other_currency(&names, currency)?;
    missing_column(&names)?;
    // The reader leaves the line feed of a CR LF to the next record, and counts it there.
    let is_crlf = file.iter().position(|byte| *byte == b'\n');
    let is_crlf = is_crlf.is_some_and(|end| file[..end].ends_with(b"\r"));
    let mut found = File::default();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let row: Row = record.deserialize(Some(&names)).map_err(unreadable)?;
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

/// Why a voucher is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoucherError {
    /// Debits and credits differ.
    #[error(
        "debits exceed credits by {0}; send every line of the voucher in one file, or correct it"
    )]
    Unbalanced(Money),
    /// An account that nobody described.
    #[error("line {line}: account `{account}` is unknown; describe it with PUT /v1/accounts")]
    UnknownAccount {
        /// Where.
        line: u64,
        /// The account.
        account: String,
    },
}

impl VoucherError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> FaultCode {
        match self {
            Self::Unbalanced(_) => FaultCode::UnbalancedVoucher,
            Self::UnknownAccount { .. } => FaultCode::UnknownAccount,
        }
    }
}

/// The cost entries of one voucher; lines on accounts that are no cost give none.
///
/// An entry's id is the voucher's name and its line's number within it.
///
/// # Errors
/// [`VoucherError`]: a voucher is taken whole or not at all.
pub fn entries(
    source: &str,
    voucher: &str,
    lines: &[Line],
    currency: Currency,
    accounts: &HashMap<String, AccountUse>,
) -> Result<Vec<LedgerEntryInput>, VoucherError> {
    let balance: i64 = lines.iter().map(|line| line.minor).sum();
    if balance != 0 {
        return Err(VoucherError::Unbalanced(Money::from_minor(
            balance, currency,
        )));
    }
    let mut entries = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(account) = accounts.get(&line.account) else {
            return Err(VoucherError::UnknownAccount {
                line: line.number,
                account: line.account.clone(),
            });
        };
        let Some(category) = account.category else {
            continue;
        };
        entries.push(LedgerEntryInput {
            source: source.to_owned(),
            external_id: format!("{voucher}/{}", index + 1),
            posted_on: line.posted_on,
            category,
            amount: Money::from_minor(line.minor, currency),
            segment: None,
            channel: None,
            component: account.component,
            account: Some(line.account.clone()),
            cost_center: line.cost_center.clone(),
            campaign: None,
            programme: None,
            line: None,
            voucher: Some(voucher.to_owned()),
            capex: false,
            basis: Basis::Recorded,
            note: line.note.clone(),
        });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Currency {
        "EUR".parse().unwrap()
    }

    const FILE: &str = "\
posting_date,account,cost_center,party_type,party,debit,credit,account_currency,\
debit_in_account_currency,credit_in_account_currency,voucher_type,voucher_no,remarks,company
2025-09-01,6000 Support,Service,,,100.10,0,EUR,100.10,0,Journal Entry,JV-1,\"wages,
September\",Acme
2025-09-01,1200 Bank,,,,,100.10,EUR,,100.10,Journal Entry,JV-1,,Acme
2025-09-02,6000 Support,Service,,,5,,EUR,5,,Journal Entry,JV-2,,Acme
";

    fn accounts() -> HashMap<String, AccountUse> {
        let cost = AccountUse {
            category: Some(CostCategory::Service),
            component: None,
        };
        let none = AccountUse {
            category: None,
            component: None,
        };
        [("6000 Support".into(), cost), ("1200 Bank".into(), none)].into()
    }

    #[test]
    fn a_voucher_that_balances_becomes_its_costs() {
        let vouchers = read(FILE.as_bytes(), euro()).unwrap().vouchers;
        assert_eq!(vouchers.len(), 2);
        let name = "Acme/Journal Entry/JV-1";
        let entries = entries("erp", name, &vouchers[name], euro(), &accounts()).unwrap();
        assert_eq!(entries.len(), 1, "the bank is no cost");
        assert_eq!(entries[0].external_id, "Acme/Journal Entry/JV-1/1");
        assert_eq!(entries[0].amount, "100.10 EUR".parse().unwrap());
        assert_eq!(entries[0].note.as_deref(), Some("wages, September"));
    }

    #[test]
    fn a_voucher_that_does_not_balance_is_refused_whole() {
        let vouchers = read(FILE.as_bytes(), euro()).unwrap().vouchers;
        let name = "Acme/Journal Entry/JV-2";
        let error = entries("erp", name, &vouchers[name], euro(), &accounts()).unwrap_err();
        assert_eq!(error.code(), FaultCode::UnbalancedVoucher);
        assert!(error.to_string().contains("by 5.00 EUR"), "{error}");
        let name = "Acme/Journal Entry/JV-1";
        let error = entries("erp", name, &vouchers[name], euro(), &HashMap::new()).unwrap_err();
        assert_eq!(error.code(), FaultCode::UnknownAccount);
    }

    #[test]
    fn a_report_spells_its_columns_in_words() {
        let file = "\u{feff}Posting Date,Account,Debit,Credit,Voucher Type,Voucher No,Balance\n\
                    2025-09-01,A,1,1,JE,1,7\n";
        let found = read(file.as_bytes(), euro()).unwrap();
        assert!(found.vouchers.contains_key("JE/1"));
    }

    #[test]
    fn a_reports_currency_and_sums_are_understood() {
        let file = "Posting Date,Account,Debit (EUR),Credit (EUR),Balance (EUR),Voucher Type,Voucher No\n\
                    ,'Opening',3.0,0.0,3.0,,\n\
                    2025-01-31,A,100.00,0.00,100.00,JE,1\n\
                    2025-01-31,B,0.00,100.00,0.00,JE,1\n\
                    ,'Closing (Opening + Total)',103.0,100.0,3.0,,\n";
        let found = read(file.as_bytes(), euro()).unwrap();
        assert_eq!((found.vouchers["JE/1"].len(), found.faults.len()), (2, 0));
        let error = read(file.as_bytes(), "USD".parse().unwrap()).unwrap_err();
        assert!(error.reason.contains("`debit_(eur)`") && error.reason.contains("USD"));
    }

    #[test]
    fn faults_name_line_and_column() {
        let faults = |row: &str| {
            let file =
                format!("posting_date,account,debit,credit,voucher_type,voucher_no\n{row}\n");
            let found = read(file.as_bytes(), euro()).unwrap();
            assert!(found.vouchers.is_empty(), "{found:?}");
            let fault = &found.faults.values().next().unwrap()[0];
            format!("{}: {}", fault.name, fault.code)
        };
        assert_eq!(
            faults("01.09.2025,A,1,1,JE,1"),
            "line 2/posting_date: not_a_date"
        );
        assert_eq!(
            faults("2025-09-01,A,\"1,5\",1,JE,1"),
            "line 2/debit: not_an_amount"
        );
        assert_eq!(
            faults("2025-09-01,A,1,1.005,JE,1"),
            "line 2/credit: not_an_amount"
        );
        assert_eq!(faults("2025-09-01,A,1,1,JE,"), "line 2/voucher_no: missing");
    }

    #[test]
    fn a_fault_refuses_its_voucher_and_is_counted_in_the_files_own_lines() {
        let file = FILE.replace(",5,,EUR", ",five,,EUR");
        let found = read(file.as_bytes(), euro()).unwrap();
        assert_eq!(found.vouchers.len(), 1);
        let fault = &found.faults["Acme/Journal Entry/JV-2"][0];
        assert_eq!(fault.name, "line 5/debit", "a remark has two lines");
        let found = read(file.replace('\n', "\r\n").as_bytes(), euro()).unwrap();
        let fault = &found.faults["Acme/Journal Entry/JV-2"][0];
        assert_eq!(fault.name, "line 5/debit", "line ends change nothing");
        let file = "source_line,posting_date,account,debit,credit,voucher_type,voucher_no\n\
                    700001,2025-09-01,A,one,1,JE,1\n";
        let found = read(file.as_bytes(), euro()).unwrap();
        assert_eq!(found.faults["JE/1"][0].name, "line 700001/debit");
    }

    #[test]
    fn what_is_no_such_file_is_not_read() {
        let cut = b"posting_date,account,debit,credit,voucher_type,voucher_no\n2025-09-01,A,1,1\n";
        assert_eq!(read(cut, euro()).unwrap_err().code, "malformed_csv");
        let headless = read(b"date,account\n2025-09-01,A\n", euro()).unwrap_err();
        assert!(headless.reason.contains("posting_date"), "{headless:?}");
    }
}
