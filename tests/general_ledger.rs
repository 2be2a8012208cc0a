//! `keepworth finance import-gl`: a general ledger, voucher by voucher.

use serde_json::json;

use crate::finance::line;
use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    a_general_ledger_is_taken_by_voucher,
    a_general_ledger_of_many_requests_is_taken_whole_or_not_at_all,
);

/// A folder with an account list.
fn accounts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("accounts.csv"),
        "account,name,category,component\n6000,Support wages,SERVICE,\n6800,Advertising,ACQUISITION,MEDIA\n1200,Bank,,\n",
    )
    .unwrap();
    folder
}

fn a_general_ledger_is_taken_by_voucher(kind: Kind) {
    let (database, folder) = (Database::new(kind), accounts());
    let keepworth = Keepworth::up(&database);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // As a spreadsheet saves a report: a byte order mark, semicolons, CR LF.
    let file = "\u{feff}Posting Date;Account;Cost Center;Debit;Credit;Voucher Type;Voucher No;Remarks\r\n\
        2025-09-01;6000;Service;100.10;0;Journal Entry;1;wages\r\n\
        2025-09-02;6000;Service;5;;Journal Entry;2;half of it is missing\r\n\
        2025-09-01;1200;;;100.10;Journal Entry;1;\r\n\
        2025-09-03;9999;;1;1;Journal Entry;3;\r\n\
        2025-09-04;6800;;7,50;0;Journal Entry;4;\"two\r\nlines\"\r\n\
        2025-09-04;1200;;0;7.50;Journal Entry;4;\r\n";
    std::fs::write(at("gl.csv"), file).unwrap();
    let import = |more: &[&str]| {
        let gl = at("gl.csv");
        let fixed = [
            "finance",
            "import-gl",
            gl.as_str(),
            "--currency",
            "EUR",
            "--format",
            "json",
        ];
        keepworth.ask(&[&fixed[..], more].concat())
    };
    let unknown = import(&["--dry-run"]);
    assert_eq!(unknown.code, 2, "no account is described yet: {unknown:?}");
    let taken = import(&["--accounts", &at("accounts.csv")]);
    assert_eq!(taken.code, 1, "{taken:?}");
    let report = taken.json();
    assert_eq!(
        (&report["vouchers"], &report["created"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    let rejected = std::fs::read_to_string(at("gl.rejected.csv")).unwrap();
    for words in [
        "debits exceed credits by 5.00 EUR",
        "line 5: account `9999` is unknown",
        "line 6/debit: `7,50` is not a decimal number",
        "Posting Date,Account,",
    ] {
        assert!(rejected.contains(words), "{words} in\n{rejected}");
    }
    assert_eq!(
        rejected.matches("Journal Entry,4,").count(),
        2,
        "every line of a voucher"
    );
    assert_eq!(import(&[]).json()["unchanged"], 1, "again changes nothing");
    // The error file, corrected, goes in as it is.
    let corrected = rejected
        .replace("\"7,50\"", "7.50")
        .replace(",9999,", ",6000,");
    std::fs::write(at("corrected.csv"), corrected).unwrap();
    let answer = keepworth.ask(&[
        "finance",
        "import-gl",
        &at("corrected.csv"),
        "--currency",
        "EUR",
    ]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert_eq!(
        line(&answer.stdout, &["vouchers taken"]),
        "vouchers taken 2"
    );
    let entries = keepworth.ask(&["finance", "entries"]).done().stdout;
    assert!(
        line(&entries, &["media"]).contains("acquisition media 7.50 EUR recorded"),
        "{entries}"
    );
    let accounts = keepworth.ask(&["finance", "accounts"]).done().stdout;
    assert_eq!(line(&accounts, &["Bank"]), "1200 Bank no cost –");
}

fn a_general_ledger_of_many_requests_is_taken_whole_or_not_at_all(kind: Kind) {
    let (database, folder) = (Database::new(kind), accounts());
    let keepworth = Keepworth::up(&database);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // 10,000 vouchers of two lines with long remarks: more than one request holds.
    let remark = "remark ".repeat(40);
    let mut file = "posting_date,account,debit,credit,voucher_type,voucher_no,remarks\n".to_owned();
    for n in 0..10_000 {
        file += &format!(
            "2025-09-01,6000,1.01,0,JE,{n},{remark}\n2025-09-01,1200,0,1.01,JE,{n},{remark}\n"
        );
    }
    std::fs::write(at("good.csv"), &file).unwrap();
    std::fs::write(
        at("bad.csv"),
        format!("{file}2025-09-30,6000,1,0,JE,odd,\n"),
    )
    .unwrap();
    let import = |name: &str| {
        let file = at(name);
        let accounts = at("accounts.csv");
        keepworth.ask(&[
            "finance",
            "import-gl",
            &file,
            "--currency",
            "EUR",
            "--accounts",
            &accounts,
            "--all-or-nothing",
            "--format",
            "json",
        ])
    };
    let refused = import("bad.csv");
    assert_eq!((refused.code, &refused.json()["created"]), (2, &json!(0)));
    assert_eq!(refused.json()["rejected"][0]["voucher"], "JE/odd");
    let none = keepworth.ask(&["finance", "entries"]).done().stdout;
    assert!(none.starts_with("No such entries."), "{none}");
    assert_eq!(import("good.csv").done().json()["created"], 10_000);
    let month = keepworth.get("/finance/v1/allocations?month=2025-09").1;
    assert_eq!(month["unallocated"][0]["amount"]["amount"], "10100.00");
}

#[test]
fn erpnexts_report_is_read_as_it_is_exported() {
    let (database, folder) = (Database::new(Kind::Sqlite), tempfile::tempdir().unwrap());
    let keepworth = Keepworth::up(&database);
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let accounts = write(
        "acc.csv",
        "account,name,category,component\n5100 - Support,Support,SERVICE,\n1000 - Bank,Bank,,\n",
    );
    let report = write(
        "gl.csv",
        "Posting Date,Account,Debit (EUR),Credit (EUR),Balance (EUR),Voucher Type,Voucher No,Cost Center\n\
         ,'Opening',0.0,0.0,0.0,,,\n\
         31-01-2025,5100 - Support,100.00,0.00,100.00,Journal Entry,JE-1,Main\n\
         31-01-2025,1000 - Bank,0.00,100.00,0.00,Journal Entry,JE-1,Main\n",
    );
    let import = |currency: &str| {
        let fixed = ["finance", "import-gl", &report, "--currency", currency];
        keepworth.ask(&[&fixed[..], &["--accounts", &accounts, "--format", "json"]].concat())
    };
    let other = import("USD");
    assert!(
        other.code == 2 && other.stderr.contains("debit_(eur)"),
        "{other:?}"
    );
    let taken = import("EUR").done().json();
    assert_eq!(
        (&taken["vouchers"], &taken["created"]),
        (&json!(1), &json!(1))
    );
    let entry = keepworth.get("/finance/v1/ledger-entries").1["items"][0]["record"].clone();
    assert_eq!(
        (
            &entry["posted_on"],
            &entry["amount"]["amount"],
            &entry["category"]
        ),
        (&json!("2025-01-31"), &json!("100.00"), &json!("SERVICE"))
    );
}
