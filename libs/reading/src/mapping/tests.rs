//! What mappings make of rows, and which are refused.

use serde_json::Value;

use super::file::MappingFile;
use super::kind::Kind;
use super::ready::Mapping;
use super::rule::RowFault;
use crate::Refusal;
use crate::Written;
use crate::table::{Row, Table};

const MAPPING: &str = r#"
    source = "crm"
    [where]
    Status = ["Active", "Gone"]
    [fields]
    external_id = "{Id}"
    segment = "{Plan} / {Region}"
    acquired_on = { from = "{Tenure}", months_before = "2025-10-01" }
    observed_from = { from = "{Tenure}", months_before = "2025-10-01", not_before = "2025-07-01" }
    left_on = { from = "{Left}", date_format = "%d.%m.%Y" }
    leaving_cause = { from = "{Why}", values = { "too dear" = "PRICE" }, otherwise = "OTHER" }
"#;
const HEADER: [&str; 8] = [
    "Id", "Plan", "Region", "Tenure", "Left", "Why", "Status", "Age",
];

fn mapping(text: &str) -> Result<Mapping, Refusal> {
    let kind = Kind::find("customers").unwrap();
    MappingFile::parse(text)?.prepare(kind, &HEADER.iter().collect(), None)
}

fn row(cells: &[&str]) -> Row {
    Row {
        line: 2,
        cells: cells.iter().collect(),
    }
}

fn record(cells: [&str; 8]) -> Result<Value, RowFault> {
    mapping(MAPPING)
        .unwrap()
        .make(&row(&cells))
        .map(|made| Value::Object(made.record.unwrap()))
}

#[test]
fn a_row_becomes_a_record() {
    let record = record([
        "7",
        "pro",
        "north",
        "30",
        "05.08.2025",
        "too dear",
        "Gone",
        "41",
    ])
    .unwrap();
    assert_eq!(
        record,
        serde_json::json!({
            "source": "crm", "external_id": "7", "segment": "pro / north",
            "acquired_on": "2023-04-01", "observed_from": "2025-07-01",
            "left_on": "2025-08-05", "leaving_cause": "PRICE",
        })
    );
    assert_eq!(mapping(MAPPING).unwrap().unused_columns, ["Age"]);
}

#[test]
fn empty_optional_cells_are_left_out() {
    let record = record(["7", "pro", "north", "1", "", "", "Active", ""]).unwrap();
    assert_eq!(record["observed_from"], "2025-09-01");
    assert!(record.get("left_on").is_none() && record.get("leaving_cause").is_none());
}

#[test]
fn a_bad_cell_names_field_value_and_fix() {
    let fault = record(["7", "pro", "north", "many", "", "", "Active", ""]).unwrap_err();
    assert_eq!(fault.code, "malformed_value");
    assert!(
        fault.detail.contains("acquired_on") && fault.detail.contains("many"),
        "{}",
        fault.detail
    );
    assert_eq!(
        record(["", "pro", "north", "1", "", "", "Active", ""])
            .unwrap_err()
            .code,
        "missing"
    );
}

#[test]
fn an_id_that_a_spreadsheet_shortened_is_refused() {
    let of = |id| record([id, "pro", "north", "1", "", "", "Active", ""]);
    for eaten in ["1.23457E+11", "1,23457E+11", "1E+11"] {
        let fault = of(eaten).unwrap_err();
        assert!(
            fault.detail.starts_with("external_id: `") && fault.detail.contains("as text"),
            "{fault:?}"
        );
    }
    for id in ["E+11", "12E+3", "1.2E+x", "1E11", "007", "A1E+2"] {
        assert!(of(id).is_ok(), "{id}");
    }
}

#[test]
fn the_first_rule_that_gives_a_text_counts() {
    let text = MAPPING.replace(
        r#"segment = "{Plan} / {Region}""#,
        r#"segment = ["{Tariff?}", { from = "{Plan}", values = { "none" = "" } }, "unknown"]"#,
    );
    let segment = |plan: &str| {
        let cells = ["7", plan, "", "1", "", "", "Active", ""];
        let made = mapping(&text).unwrap().make(&row(&cells)).unwrap();
        let record = made.record.unwrap();
        record["segment"].as_str().unwrap().to_owned()
    };
    assert_eq!(segment("pro"), "pro");
    assert_eq!(segment("none"), "unknown");
    assert_eq!(segment(""), "unknown");
}

#[test]
fn rows_that_are_not_wanted_are_left_out() {
    let cells = ["7", "pro", "north", "1", "", "", "Paused", ""];
    let made = mapping(MAPPING).unwrap().make(&row(&cells)).unwrap();
    assert_eq!(made.record, None);
}

#[test]
fn columns_of_the_file_that_is_joined_are_found_by_its_key() {
    let text = r#"
        source = "billing"
        kind = "revenues"
        [join]
        name = "invoices"
        on = "Invoice"
        key = "Id"
        [fields]
        external_id = "{Line}"
        customer_external_id = "{invoices.Customer}"
        month = { from = "{Start}", until = "{End}", date_format = "%Y-%m-%d" }
        months = { from = "{Start}", until = "{End}", date_format = "%Y-%m-%d" }
        amount = { from = "{Cents} {invoices.Currency}", minor_units = true, magnitude = true }
        kind = [{ from = "{sign of Cents}", values = { "-" = "REFUND" }, otherwise = "" }, "RECURRING"]
    "#;
    let invoices = "Id,Note,Customer,Currency\n1,x,C7,eur\n2,x,C8,JPY\n";
    let lines = ["Line", "Invoice", "Start", "End", "Cents"];
    let file = MappingFile::parse(text).unwrap();
    let needed = ["Line", "Invoice", "invoices.Currency"];
    assert!(needed.iter().all(|it| file.needed_columns().contains(*it)));
    let table = Table::open(invoices.as_bytes(), &Written::default()).unwrap();
    let joined = file.read_join(&file.join.clone().unwrap(), table).unwrap();
    let kind = Kind::find("revenues").unwrap();
    let mapping = file
        .prepare(kind, &lines.iter().collect(), Some(joined))
        .unwrap();
    let record = |cells: [&str; 5]| mapping.make(&row(&cells)).map(|made| made.record);
    let year = record(["a", "1", "2025-03-10", "2026-03-10", "120000"])
        .unwrap()
        .unwrap();
    assert_eq!(
        Value::Object(year),
        serde_json::json!({
            "source": "billing", "external_id": "a", "customer_external_id": "C7",
            "month": "2026-02", "months": 12, "kind": "RECURRING",
            "amount": { "amount": "1200.00", "currency": "EUR" },
        })
    );
    let back = record(["b", "2", "2025-03-10", "2025-03-31", "-300"])
        .unwrap()
        .unwrap();
    assert_eq!(back["kind"], "REFUND");
    assert_eq!(back["amount"]["amount"], "300");
    let fault = record(["c", "3", "2025-03-10", "2025-03-31", "-300"]).unwrap_err();
    assert_eq!(fault.code, "no_such_row");
}

#[test]
fn a_bad_mapping_is_refused_before_any_row() {
    for (from, to, needle) in [
        ("{Id}", "{Nr}", "no column `Nr`"),
        ("external_id", "extern_id", "no field `extern_id`"),
        (
            "acquired_on =",
            "acquisition_channel =",
            "says nothing of `acquired_on`",
        ),
        ("{Region}", "{Region", "does not close"),
        ("Status =", "State =", "no column `State`"),
        ("source =", "sauce =", "sauce"),
    ] {
        let error = mapping(&MAPPING.replacen(from, to, 1))
            .err()
            .map(|it| format!("{it:#}"));
        assert!(
            error.as_ref().is_some_and(|it| it.contains(needle)),
            "{needle}: {error:?}"
        );
    }
}
