//! The verdict on the README's first page is what the demo's commands print.

use crate::company::baseline;
use crate::support::{Company, Database, Keepworth, Kind, run, workspace};

/// Customers of `keepworth up --demo`.
const CUSTOMERS: u32 = 5_000;

/// The line after what the README shows of the report.
const REST: &str = "Futures that have their money back";

#[test]
fn the_verdict_is_what_the_demo_prints() {
    let (database, company) = (Database::new(Kind::Sqlite), Company::new(CUSTOMERS, 1));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let path = database.folder().join("baseline.json");
    baseline(&keepworth, "2025-12-31", &path);
    let scenario = company.file("scenario.toml");
    let files = [scenario.to_str().unwrap(), path.to_str().unwrap()];
    let printed = run(&["simulate", files[0], "--baseline", files[1]])
        .done()
        .stdout;
    let verdict = printed.split(REST).next().unwrap().trim_end();

    let readme = workspace("README.md");
    let text = std::fs::read_to_string(&readme).unwrap();
    let (before, rest) = text.split_once("```text\nWill ").unwrap();
    let (shown, after) = rest.split_once("\n```\n").unwrap();
    if std::env::var_os("KEEPWORTH_WRITE_README").is_some() {
        let rewritten = format!("{before}```text\n{verdict}\n```\n{after}");
        std::fs::write(&readme, rewritten).unwrap();
        return;
    }
    assert_eq!(
        format!("Will {shown}"),
        verdict,
        "KEEPWORTH_WRITE_README=1 cargo test -p keepworth readme rewrites it"
    );
}
