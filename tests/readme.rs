//! The figures of the README are those that its commands print, and those of the committed table.

use crate::company::baseline;
use crate::support::{Company, Database, Keepworth, Kind, run, workspace};

/// Customers of `keepworth up --demo`.
pub const CUSTOMERS: u32 = 5_000;

/// The line after what the README shows of the report.
const REST: &str = "Futures that have their money back";

/// Holds the text block that follows the commands to what they print, or rewrites it.
pub fn assert_shows(command: &str, printed: &str) {
    let path = workspace("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(command).unwrap();
    let (between, rest) = rest.split_once("```text\n").unwrap();
    let (shown, after) = rest.split_once("\n```\n").unwrap();
    if std::env::var_os("KEEPWORTH_WRITE_README").is_some() {
        let rewritten = format!("{before}{command}{between}```text\n{printed}\n```\n{after}");
        return std::fs::write(path, rewritten).unwrap();
    }
    assert_eq!(
        shown, printed,
        "KEEPWORTH_WRITE_README=1 cargo test -p keepworth rewrites it"
    );
}

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

#[test]
fn the_seats_are_what_the_example_prints() {
    let scenario = workspace("examples/contact-centre/scenario.toml");
    let printed = run(&["simulate", scenario.to_str().unwrap()]).done().stdout;
    let (_, rest) = printed.split_once("Seats that are paid").unwrap();
    let (seats, _) = rest.split_once("\n\n").unwrap();
    let readme = std::fs::read_to_string(workspace("README.md")).unwrap();
    assert!(
        readme.contains(seats.trim_end()),
        "the README does not show {seats}"
    );
}

#[test]
fn the_ledger_of_the_example_says_what_it_stands_on() {
    let scenario = workspace("examples/contact-centre/scenario.toml");
    let ask = |form: &str| {
        run(&[
            "simulate",
            scenario.to_str().unwrap(),
            "--monthly",
            "--format",
            form,
        ])
        .done()
        .stdout
    };
    let printed = ask("table");
    for words in [
        "cost of revenue",
        "net flow",
        "money: real",
        "taken off what the programme earns",
        "receivables:",
    ] {
        assert!(printed.contains(words), "{words} is not in\n{printed}");
    }
    // A present value for each line adds up to that of the net flow, as printed.
    let present = |line: &str| {
        let cells: Vec<&str> = line
            .split("  ")
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        let amount = cells[cells.len() - 2].replace([' ', '\u{a0}', '\u{202f}'], "");
        amount.replace('\u{2212}', "-").parse::<f64>().unwrap()
    };
    let rows: Vec<&str> = printed
        .lines()
        .skip_while(|it| !it.starts_with('═'))
        .skip(1)
        .take_while(|it| !it.starts_with('─'))
        .collect();
    let (net, lines) = rows.split_last().unwrap();
    let sum: f64 = lines.iter().map(|line| present(line)).sum();
    assert!(
        (sum - present(net)).abs() <= lines.len() as f64 / 2.0,
        "{sum} is not {net}"
    );
    let csv = ask("csv");
    assert_eq!(
        csv.lines().count(),
        1 + 16 * 37,
        "a row for each of 15 lines and their sum, and each month"
    );
}

/// Coverage as the README tells it is that of the table that `make slow` wrote.
#[test]
fn the_coverage_is_that_of_the_table() {
    let read = |file: &str| std::fs::read_to_string(workspace(file)).unwrap();
    let (table, readme) = (read("tests/coverage.md"), read("README.md"));
    let row = table.lines().find(|line| line.starts_with("| NPV |"));
    let cells: Vec<&str> = row.unwrap().split('|').map(str::trim).collect();
    let share = |cell: &str| cell.split_once(' ').unwrap().0.to_owned();
    let [half, most, all] = [4, 5, 6].map(|cell| share(cells[cell]));
    let companies = cells[2].parse::<u32>().unwrap();
    let thousands = format!("{},{:03}", companies / 1000, companies % 1000);
    let (bias, interval) = cells[8].split_once(' ').unwrap();
    let interval = interval.trim_matches(['(', ')']).replace('-', "\u{2212}");
    let interval = interval.replace("%", "").replace('–', " to ");
    let told = [
        format!("Of {thousands} companies"),
        format!("in {half}, {most} and {all}%"),
        format!("a mean error of {bias} (99%: {interval})"),
    ];
    let text = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    for it in told {
        assert!(text.contains(&it), "the README does not say {it:?}");
    }
}
