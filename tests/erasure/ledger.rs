//! A general ledger that waits for its job while somebody whom it names is erased.

use serde_json::json;

use crate::support::{Database, Keepworth, Kind, on_both_databases};

use super::{confirm, request, send, wait_for};

on_both_databases!(a_ledger_that_waits_names_nobody);

const LEDGER: &str = "posting_date,account,debit,credit,voucher_type,voucher_no,remarks\n\
    2025-03-01,6000,70,0,Journal Entry,77,gift for C-7001\n\
    2025-03-01,1200,0,70,Journal Entry,77,gift for C-7001\n";

fn a_ledger_that_waits_names_nobody(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::start(&["up"], &database, &["jobs.in_process=false"]);
    send(&keepworth, "one", &["C-7001", "C-7002"]);
    for (code, account) in [
        ("6000", json!({"name": "Wages", "category": "SERVICE"})),
        ("1200", json!({"name": "Bank"})),
    ] {
        let path = format!("/finance/v1/accounts/{code}");
        assert_eq!(keepworth.put(&path, &account).0, 200);
    }
    let path = "/finance/v1/general-ledger:import?source=erp&import_id=gl&currency=EUR";
    let order = keepworth.client().post(keepworth.at(path)).body(LEDGER);
    let order = order.header("content-type", "text/csv").send().unwrap();
    assert_eq!(order.status(), 202, "nobody takes it yet");

    let urls = ["customers", "experience", "finance", "simulator"]
        .map(|name| format!("{name}.url={}", keepworth.at(&format!("/{name}"))));
    let urls = urls.each_ref().map(String::as_str);
    let erasure = request(&keepworth, "C-7001");
    assert_eq!(confirm(&keepworth, &erasure).0, 200);
    let _eraser = Keepworth::start(&["worker", "customers"], &database, &urls);
    wait_for(&keepworth, &erasure, |it| it["state"] == "DONE");

    let _bookkeeper = Keepworth::start(&["worker", "finance"], &database, &urls);
    let start = std::time::Instant::now();
    let taken = loop {
        let (_, entries) = keepworth.get("/finance/v1/ledger-entries");
        let mut items = entries["items"].as_array().unwrap().iter();
        if let Some(entry) = items.find(|it| it.to_string().contains("gift for")) {
            break entry.clone();
        }
        assert!(start.elapsed().as_secs() < 60, "{entries}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert!(!taken.to_string().contains("C-7001"), "{taken}");
}
