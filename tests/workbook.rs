//! A run's workbook, recalculated by LibreOffice with nothing to go by but its formulas: it comes to what the engine
//! comes to, as exported and after its inputs are changed.

mod calc;

use std::path::Path;

use calamine::{Data, DataType, Reader, Xlsx, open_workbook};
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_sim::{Case, Evaluator, Outcome, Scenario};
use keepworth_verdict::prepare;

use crate::company::baseline;
use crate::support::{Company, Database, Keepworth, Kind, run, workspace};
use crate::telco;
use calc::{Book, Edit, recalculated, soffice};

/// Costs of every kind, tax, receivables and a rate of exchange, in names that a spreadsheet could take for formulas.
const EVERY_COST: &str = r#"
name = "=HYPERLINK(\"https://example.org\")"
currency = "EUR"
horizon_months = 24
timing = "mid"
discount_rate = "8% to 12%"
tax_rate = 0.3
depreciation_months = 18
receivable_days = 45

[outlook]
wage_inflation = 0.03
price_inflation = "1% to 3%"

[[currencies]]
code = "USD"
rate = 0.9
volatility = 0.1

[[segments]]
name = "@home"
customers = 4000
won_per_month = 60
hazard = { constant = { hazard = "0.02 to 0.03" } }
revenue = 60
gross_margin = 0.5
overhead = 4
acquisition_cost = 150

[[initiatives]]
name = "+care"
reach = { "@home" = 1 }
effects = [{ on = "hazard", size = "10% to 30%", grade = "A", note = "-1+1" }]
adoption = { linear = { delay = 1, ramp = 3 } }
stop = { after_months = 12, on = "hazard", threshold = 0.9, reading_sd = 0 }
costs = [
    { type = "technology", amount = 60000, capex = true },
    { type = "technology", amount = "10000 to 14000", capex = true, start = 10 },
    { type = "people", amount = "800 to 1200", recurrence = "monthly" },
    { type = "process", amount = 3000, start = 4 },
    { type = "treatment", amount = 500, recurrence = "monthly", start = 6, months = 5 },
    { type = "training", amount = 900, recurrence = "monthly", currency = "USD" },
]
"#;

/// Annual columns, a risk adjustment, and a perpetuity.
const ANNUAL: &str = r#"
name = "Annual columns"
currency = "JPY"
horizon_months = 36
timing = "tei"
discount_rate = 0.1
risk_adjustment = { benefits = 0.2, costs = 0.1 }
terminal_value = { annual_growth = 0.01 }

[[segments]]
name = "home"
customers = 3000
won_per_month = 40
hazard = { constant = { hazard = 0.02 } }
revenue = 4000
gross_margin = 0.5
acquisition_cost = 15000

[[initiatives]]
name = "care"
reach = { home = 1 }
effects = [{ on = "hazard", size = 0.2, grade = "A" }]
costs = [
    { type = "technology", amount = 5000000 },
    { type = "people", amount = 200000, recurrence = "monthly", start = 13 },
]
"#;

/// What is recalculated, by what it has.
fn scenarios() -> [[String; 2]; 4] {
    [
        ["every cost".to_owned(), EVERY_COST.to_owned()],
        ["annual columns".to_owned(), ANNUAL.to_owned()],
        ["reference".to_owned(), example("reference")],
        ["contact centre".to_owned(), example("contact-centre")],
    ]
}

/// The engine's case of a scenario that defines its own segments.
fn case_of(text: &str) -> Case {
    let model = Scenario::from_toml(text).unwrap().resolve(None).unwrap();
    Evaluator::new(&model).middle()
}

fn example(name: &str) -> String {
    let path = workspace("examples").join(name).join("scenario.toml");
    std::fs::read_to_string(path).unwrap()
}

/// The workbook of a scenario, and of the baseline that it stands on.
fn export(folder: &Path, text: &str, more: &[&str]) -> Book {
    let [scenario, book] = ["scenario.toml", "result.xlsx"].map(|it| folder.join(it));
    std::fs::write(&scenario, text).unwrap();
    let [scenario, written] = [&scenario, &book].map(|it| it.to_str().unwrap());
    let order = ["simulate", scenario, "--trials", "200", "-o", written];
    run(&[&order[..], more].concat()).done();
    Book::read(&book)
}

/// What the sheet says of a figure is what the engine says: to the cent, the billionth and the month.
fn assert_case(book: &Book, case: &Case, what: &str) {
    let near = |name: &str, outcome: Outcome, by: f64| {
        let (found, engine) = (book.number(name), case.figures[&outcome]);
        assert!(
            (found - engine).abs() <= by,
            "{what}, {name}: {found} against the engine's {engine}"
        );
    };
    near("sheet_npv", Outcome::Npv, 0.005);
    near("sheet_pv_costs", Outcome::PvCosts, 0.005);
    near("sheet_peak_funding", Outcome::PeakFunding, 0.005);
    near("sheet_roi", Outcome::Roi, 1e-9);
    assert_eq!(book.text("waterfall_status"), "agree", "{what}");
    match case.figures[&Outcome::IrrAnnual] {
        none if none <= -1.0 => assert_eq!(book.text("sheet_irr"), "none", "{what}"),
        _ => near("sheet_irr", Outcome::IrrAnnual, 1e-9),
    }
    let horizon = case.benefits.values().next().unwrap().len() - 1;
    for (name, outcome) in [
        ("sheet_payback", Outcome::PaybackMonth),
        ("sheet_discounted_payback", Outcome::DiscountedPaybackMonth),
    ] {
        match case.figures[&outcome] {
            0.0 => assert_eq!(book.text(name), "nothing to pay back", "{what}"),
            month if month > horizon as f64 => assert_eq!(book.text(name), "never", "{what}"),
            _ => near(name, outcome, 0.0),
        }
    }
}

/// As exported, the sheet agrees with the engine and says so.
fn assert_agrees(book: &Book, case: &Case, what: &str) {
    assert_case(book, case, what);
    assert_eq!(
        book.text("check_status"),
        "Sheet and engine agree",
        "{what}"
    );
    assert!(book.number("check_npv").abs() <= 0.005, "{what}");
}

/// A scenario with its inputs changed in the sheet, and changed alike in the scenario.
struct Change {
    what: &'static str,
    /// Place of the scenario among [`scenarios`].
    of: usize,
    edits: Vec<Edit>,
    /// What to write in place of what in the scenario.
    alike: Vec<(&'static str, &'static str)>,
}

impl Change {
    /// What the engine comes to with the same change.
    fn case(&self) -> Case {
        let alike = self.alike.iter();
        let [_, text] = scenarios()[self.of].clone();
        let text = alike.fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{}: {from}", self.what);
            text.replacen(from, to, 1)
        });
        case_of(&text)
    }
}

fn changes() -> Vec<Change> {
    let rate = "discount_rate = \"8% to 12%\"";
    vec![
        Change {
            what: "rates and months",
            of: 0,
            edits: vec![
                Edit::number("discount_rate", 0.2),
                Edit::number("tax_rate", 0.4),
                Edit::number("depreciation_months", 6.0),
                Edit::number("receivable_months", 60.0 / 30.4),
            ],
            alike: vec![
                (rate, "discount_rate = 0.2"),
                ("tax_rate = 0.3", "tax_rate = 0.4"),
                ("depreciation_months = 18", "depreciation_months = 6"),
                ("receivable_days = 45", "receivable_days = 60"),
            ],
        },
        Change {
            what: "cost lines",
            of: 0,
            edits: vec![
                Edit::word("cost_1_booked", "operating"),
                Edit::number("cost_3_amount", 2500.0),
                Edit::number("cost_4_first", 20.0),
                Edit::number("cost_5_first", 9.0),
                Edit::number("cost_5_months", 7.0),
            ],
            alike: vec![
                ("amount = 60000, capex = true", "amount = 60000"),
                ("amount = \"800 to 1200\"", "amount = 2500"),
                ("amount = 3000, start = 4", "amount = 3000, start = 20"),
                ("start = 6, months = 5", "start = 9, months = 7"),
            ],
        },
        Change {
            what: "nothing comes true",
            of: 3,
            edits: vec![Edit::word("chosen_case", "Nothing comes true")],
            alike: vec![
                (
                    "{ on = \"contacts\", size = \"8% to 20%\", grade = \"A\" }",
                    "{ on = \"contacts\", size = 0, grade = \"A\" }",
                ),
                (
                    "{ on = \"hazard\", size = \"1% to 5%\", grade = \"B\" }",
                    "{ on = \"hazard\", size = 0, grade = \"A\" }",
                ),
            ],
        },
        Change {
            what: "losses carried forward",
            of: 3,
            edits: vec![
                Edit::number("tax_rate", 0.5),
                Edit::number("cost_1_amount", 90_000.0),
                Edit::number("depreciation_months", 12.0),
            ],
            alike: vec![
                (
                    "tax_rate = 0.25",
                    "tax_rate = 0.5\ndepreciation_months = 12",
                ),
                ("amount = 60000", "amount = 90000"),
            ],
        },
    ]
}

#[test]
fn a_workbook_recomputes_what_the_engine_does() {
    let Some(soffice) = soffice() else { return };
    let scenarios = scenarios();
    let folder = tempfile::tempdir().unwrap();
    let books = scenarios.each_ref();
    let books = books.map(|[_, text]| export(folder.path(), text, &[]));
    let changes = changes();
    let changed = changes.iter().map(|it| books[it.of].with(&it.edits));
    let changed: Vec<Book> = changed.collect();
    let half = books[0].with(&[Edit::number("benefit_part", 0.5)]);
    let none = books[0].with(&[Edit::number("benefit_part", 0.0)]);
    let all: Vec<&Book> = books.iter().chain(&changed).chain([&half, &none]).collect();
    let found = recalculated(&soffice, &all);
    for ([what, text], book) in scenarios.iter().zip(&found) {
        assert_agrees(book, &case_of(text), what);
    }
    let (half, none) = (&found[found.len() - 2], &found[found.len() - 1]);
    for (change, book) in changes.iter().zip(&found[scenarios.len()..]) {
        assert_case(book, &change.case(), change.what);
        let status = book.text("check_status");
        assert_eq!(status, "Inputs changed since export", "{}", change.what);
    }
    // Tax at once, so that half of the benefit is worth the mean of all and nothing.
    let mean = 0.5 * (found[0].number("sheet_npv") + none.number("sheet_npv"));
    let part = half.number("sheet_npv");
    assert!((part - mean).abs() < 0.005, "{part} against {mean}");
}

/// Without a store nobody can have looked, and the sheet says so; all else of the register is there.
#[test]
fn what_is_not_kept_has_its_assumptions_too() {
    let folder = tempfile::tempdir().unwrap();
    export(folder.path(), EVERY_COST, &[]);
    let mut book: Xlsx<_> = open_workbook(folder.path().join("result.xlsx")).unwrap();
    let sheet = book.worksheet_range("Assumptions").unwrap();
    let said = sheet.get_value((3, 0)).unwrap().to_string();
    assert!(said.contains("of no scenario that is kept"), "{said}");
    let rows: Vec<&[Data]> = sheet.rows().skip(6).collect();
    assert_eq!(rows.len(), case_of(EVERY_COST).inputs.len());
    let shares = rows.iter().map(|row| row[2].get_float().unwrap());
    assert!(shares.is_sorted_by(|one, next| one >= next));
    assert!(rows.iter().all(|row| row[12].to_string().is_empty()));
    let effect = rows.iter().find(|row| row[0] == "initiatives.+care.hazard");
    let effect = effect.unwrap();
    assert_eq!(
        [&effect[8], &effect[11]].map(ToString::to_string),
        ["A", "initiatives[+care]"]
    );
}

/// The sample company and the public Telco data, each on the baseline that its records make.
#[test]
fn a_workbook_stands_on_a_baseline() {
    let Some(soffice) = soffice() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut made = vec![sample(folder.path())];
    made.extend(telco::files().map(|files| of_telco(folder.path(), &files)));
    let books: Vec<&Book> = made.iter().map(|(book, _)| book).collect();
    let found = recalculated(&soffice, &books);
    for ((_, case), book) in made.iter().zip(&found) {
        assert_agrees(book, case, &book.title());
    }
}

fn on_baseline(folder: &Path, scenario: &Path, path: &Path) -> (Book, Case) {
    let text = std::fs::read_to_string(scenario).unwrap();
    let book = export(folder, &text, &["--baseline", path.to_str().unwrap()]);
    let document: Baseline = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let model = prepare(&Scenario::from_toml(&text).unwrap(), &document).unwrap();
    (book, Evaluator::new(&model).middle())
}

fn sample(folder: &Path) -> (Book, Case) {
    let (database, company) = (Database::new(Kind::Sqlite), Company::new(300, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let path = database.folder().join("baseline.json");
    baseline(&keepworth, "2025-12-31", &path);
    on_baseline(folder, &company.file("scenario.toml"), &path)
}

fn of_telco(folder: &Path, files: &Path) -> (Book, Case) {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    telco::load(&keepworth, files);
    let path = database.folder().join("baseline.json");
    baseline(&keepworth, "2025-09-30", &path);
    on_baseline(folder, &workspace("examples/telco/scenario.toml"), &path)
}

/// No text of a user becomes a formula, the same run has the same bytes, and each sheet is set up to be printed.
#[test]
fn a_workbook_is_safe_to_open_and_to_print() {
    let folder = tempfile::tempdir().unwrap();
    let book = export(folder.path(), EVERY_COST, &[]);
    assert!(book == export(folder.path(), EVERY_COST, &["--threads", "1"]));
    assert!(book.title().starts_with("=HYPERLINK("));
    for formula in book.formulas() {
        for text in ["HYPERLINK", "care", "home"] {
            assert!(!formula.contains(text), "{formula}");
        }
    }
    for sheet in book.sheets() {
        for set_up in [
            "orientation=\"landscape\"",
            "fitToPage=\"1\"",
            "Page &amp;P of",
        ] {
            assert!(sheet.contains(set_up), "{set_up}");
        }
    }
}

#[test]
fn a_workbook_is_of_a_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.xlsx");
    let scenario = workspace("examples/reference/scenario.toml");
    let [path, scenario] = [&path, &scenario].map(|it| it.to_str().unwrap());
    for (arguments, words) in [
        (
            &["simulate", scenario, "--explain"][..],
            "holds the run alone",
        ),
        (&["simulate", scenario, "--monthly"], "holds the run alone"),
        (
            &["simulate", "--compare", scenario, scenario],
            "only `keepworth simulate`",
        ),
        (&["config", "show"], "only `keepworth simulate`"),
    ] {
        let answer = run(&[arguments, &["-o", path]].concat());
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
}
