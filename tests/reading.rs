//! Files as people have them, through every command that takes rows: read as they were meant, or refused
//! with what would say it.

use std::path::PathBuf;

use crate::support::{Answer, Database, Keepworth, Kind, run};

/// A folder with files in it.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Runs a command on a file.
fn on(file: &str, content: impl AsRef<[u8]>, before: &[&str], after: &[&str]) -> Answer {
    let files = Files::new();
    let path = files.put(file, content);
    run(&[before, &[path.to_str().unwrap()], after].concat())
}

const MAPPING: &str = "source = \"erp\"\n[fields]\nexternal_id = \"{No}\"\n\
                       customer_external_id = \"{Customer}\"\nmonth = \"{Month}\"\namount = \"{Amount} EUR\"\n";

/// What becomes of amounts, imported with more said in the mapping: the exit code and the reasons.
fn amounts(more: &str, amounts: &[&str]) -> (i32, String, Vec<String>) {
    let (files, database) = (Files::new(), Database::new(Kind::Sqlite));
    let keepworth = Keepworth::up(&database);
    let rows: Vec<String> = amounts
        .iter()
        .enumerate()
        .map(|(index, amount)| format!("r{index};c1;2024-06;{amount}\n"))
        .collect();
    let content = format!("No;Customer;Month;Amount\n{}", rows.concat());
    let file = files.put("revenues.csv", content);
    let mapping = files.put("map.toml", format!("{more}\n{MAPPING}"));
    let answer = keepworth.import("revenues", &file, &mapping, &[]);
    let rejected = files.0.path().join("revenues.rejected.csv");
    let reasons = std::fs::read_to_string(rejected).unwrap_or_default();
    let (_, listed) = keepworth.get("/finance/v1/revenues?page_size=100");
    let taken = listed["items"].as_array().cloned().unwrap_or_default();
    let mut taken: Vec<String> = taken
        .iter()
        .map(|it| {
            it["record"]["amount"]["amount"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    taken.sort();
    (answer.code, reasons, taken)
}

#[test]
fn amounts_with_two_readings_are_refused_with_both() {
    let (code, reasons, taken) = amounts("", &["1.000", "2.500", "12.000", "1.250"]);
    assert_eq!((code, taken.len()), (2, 0));
    assert!(
        reasons.contains("1000 where numbers look like 1.234,56"),
        "{reasons}"
    );
    assert!(
        reasons.contains("1.000 where numbers look like 1,234.56"),
        "{reasons}"
    );
    let (code, reasons, taken) = amounts(
        "number_format = \"1.234,56\"",
        &["1.000", "2.500", "12.000", "1.250", "1.355,90", "12,5 €"],
    );
    assert_eq!(code, 0, "{reasons}");
    assert_eq!(
        taken,
        [
            "1000.00", "12.50", "12000.00", "1250.00", "1355.90", "2500.00"
        ]
    );
    let (code, _, taken) = amounts("number_format = \"1'234.56\"", &["1'000.50", "7"]);
    assert_eq!(
        (code, taken),
        (0, vec!["1000.50".to_owned(), "7.00".to_owned()])
    );
}

#[test]
fn what_is_missing_is_said_in_the_mapping() {
    let (code, reasons, _) = amounts("missing = [\"NA\"]", &["NA", "5"]);
    assert_eq!(code, 1);
    assert!(reasons.contains("amount is empty"), "{reasons}");
}

const CUSTOMERS: &str = "source = \"crm\"\ncreate_segments = true\n[fields]\nexternal_id = \"{Id}\"\n\
                         segment = \"{Plan}\"\nacquired_on = SINCE\n";

/// Imports customers; the answer and the reasons for what was not taken.
fn customers(content: &str, since: &str) -> (Answer, String) {
    let (files, database) = (Files::new(), Database::new(Kind::Sqlite));
    let keepworth = Keepworth::up(&database);
    let file = files.put("customers.csv", content);
    let mapping = files.put("map.toml", CUSTOMERS.replace("SINCE", since));
    let answer = keepworth.import("customers", &file, &mapping, &[]);
    let rejected = files.0.path().join("customers.rejected.csv");
    (
        answer,
        std::fs::read_to_string(rejected).unwrap_or_default(),
    )
}

#[test]
fn a_line_that_states_the_delimiter_is_read() {
    let (answer, _) = customers("sep=;\nId;Plan;Since\nd1;pro;2024-05-01\n", "\"{Since}\"");
    assert_eq!(answer.code, 0, "{answer:?}");
}

#[test]
fn only_a_column_that_is_asked_for_must_be_one() {
    let twice = "Id,Name,Plan,Since,Name,Plan\ne1,Ann,pro,2024-05-01,Acme,gold\n";
    let (answer, _) = customers(twice, "\"{Since}\"");
    assert_eq!(answer.code, 2);
    assert!(
        answer
            .stderr
            .contains("two columns `Plan`, number 3 and number 6"),
        "{answer:?}"
    );
    let name_twice = "Id,Name,Plan,Since,Name\ne1,Ann,pro,2024-05-01,Acme\n";
    assert_eq!(customers(name_twice, "\"{Since}\"").0.code, 0);
}

#[test]
fn moments_of_machines_are_days_of_a_zone() {
    let rows = "Id,Plan,Since\nj1,pro,1714521600000\n";
    let (answer, reasons) = customers(rows, "\"{Since}\"");
    assert_eq!(answer.code, 2);
    assert!(reasons.contains("epoch_millis"), "{reasons}");
    let since = "{ from = \"{Since}\", date_format = \"epoch_millis\" }";
    assert_eq!(customers(rows, since).0.code, 0);
    let (answer, reasons) = customers(
        "Id,Plan,Since\na,pro,05.03.24\n",
        "{ from = \"{Since}\", date_format = \"%d.%m.%Y\" }",
    );
    assert_eq!(answer.code, 2);
    assert!(
        reasons.contains("year 24; read years of two digits with %y"),
        "{reasons}"
    );
}

#[test]
fn purchases_are_read_like_everything_else() {
    let log = "customer;date;amount\na;05.03.24;10\na;17.04.24;20\nb;01.02.2024;5\n";
    let refused = on("log.csv", log, &["rfm"], &["--date-format", "%d.%m.%Y"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("line 2") && refused.stderr.contains("%y"),
        "{refused:?}"
    );
    let german = "customer;date;amount\na;2024-03-05;1.000,50\na;2024-04-17;20\n";
    let format = ["--number-format", "1.234,56", "--format", "json"];
    let read = on("log.csv", german, &["rfm"], &format).done().json();
    assert_eq!(read["transactions"], 2);
    let round = "customer;date;amount\na;2024-03-05;1.000\na;2024-04-17;20\n";
    let refused = on("log.csv", round, &["rfm"], &[]);
    assert!(
        refused
            .stderr
            .contains("line 2, column amount: `1.000` is 1000"),
        "{refused:?}"
    );
    on("log.csv", round, &["rfm"], &["--number-format", "1234.56"]).done();
    let refused = on("log.csv", german, &["rfm"], &[]);
    assert!(
        refused
            .stderr
            .contains("1000.50 where numbers look like 1.234,56"),
        "{refused:?}"
    );
}

#[test]
fn one_cell_does_not_decide_what_a_column_is() {
    let mut rows = "duration,event,score,code,plan\n".to_owned();
    for row in 0..60 {
        let score = if row == 40 {
            "NA".to_owned()
        } else {
            (row % 7).to_string()
        };
        let plan = if row % 3 == 0 { "" } else { "pro" };
        let code = ["1", "2", "A"][row * row % 7 % 3];
        rows += &format!("{},{},{score},{code},{plan}\n", 1 + row % 11, row % 2);
    }
    let fit = ["fit", "retention"];
    let cox = ["--model", "cox", "--covariates", "score"];
    let refused = on("people.csv", &rows, &fit, &cox);
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .stderr
            .contains("line 42: score is `NA` where 59 rows have numbers"),
        "{refused:?}"
    );
    let cox = ["--model", "cox", "--covariates", "code"];
    let refused = on("people.csv", &rows, &fit, &cox);
    assert!(refused.stderr.contains("--words code"), "{refused:?}");
    let words = [&cox[..], &["--words", "code"]].concat();
    on("people.csv", &rows, &fit, &words).done();
    let groups = ["--group", "plan", "--format", "json"];
    let answer = on("people.csv", &rows, &fit, &groups).done();
    assert!(answer.stdout.contains("\"unknown\""), "{answer:?}");
}

#[test]
fn flows_are_read_in_any_encoding() {
    let line = b"line;kind;risk_adjustment;initial;year1\nZ\xfcrich;cost;0,10;1.000,00;0\nGain;benefit;0,05;0;2.000,00\n";
    let cashflow = ["cashflow"];
    let rate = ["--rate", "0.1", "--format", "json"];
    let refused = on("flows.csv", line, &cashflow, &rate);
    assert!(
        refused.stderr.contains("line 2") && refused.stderr.contains("encoding"),
        "{refused:?}"
    );
    let said = ["--encoding", "windows-1252", "--number-format", "1.234,56"];
    let read = on("flows.csv", line, &cashflow, &[&rate[..], &said].concat());
    let npv = read.done().json()["npv"].as_f64().unwrap();
    assert!((npv - (1_900.0 / 1.1 - 1_100.0)).abs() < 1e-9, "{npv}");
}

#[test]
fn percentages_and_thousands_are_asked_about() {
    let flows = "period,amount\n0,-400\n1,500\n";
    let refused = on("flows.csv", flows, &["cashflow"], &["--rate", "10"]);
    assert!(refused.stderr.contains("10 is 1000% or 10%"), "{refused:?}");
    on("flows.csv", flows, &["cashflow"], &["--rate", "10%"]).done();
    let scenario = |rate: &str, amount: &str, reach: &str| {
        format!(
            "name = \"x\"\ncurrency = \"EUR\"\nhorizon_months = 24\ndiscount_rate = {rate}\n[[segments]]\nname = \"all\"\n\
             customers = 1000\nwon_per_month = 10\nhazard = {{ constant = {{ hazard = 0.02 }} }}\nrevenue = 20\n\
             gross_margin = 0.5\n[[initiatives]]\nname = \"i\"\nreach = {reach}\n\
             effects = [{{ on = \"hazard\", size = 0.2, grade = \"A\" }}]\ncosts = [{{ type = \"technology\", amount = {amount} }}]\n"
        )
    };
    let simulate = |text: String| on("s.toml", text, &["simulate"], &["--trials", "200"]);
    let all = "{ all = 1.0 }";
    let refused = simulate(scenario("10", "3000", all));
    assert!(refused.stderr.contains("0.1 is 10%"), "{refused:?}");
    let flagged = simulate(scenario("\"120%\"", "3000", all)).done();
    assert!(flagged.stdout.contains("120% a year"), "{flagged:?}");
    simulate(scenario("\"10%\"", "3000", all)).done();
    let refused = simulate(scenario("0.1", "\"1.200 to 2.000\"", all));
    assert!(refused.stderr.contains("may be 1.2 or 1200"), "{refused:?}");
    // What can do nothing gets no verdict.
    let idle = scenario("0.1", "3000", "{}");
    for more in [&[][..], &["--explain"]] {
        let told = on(
            "s.toml",
            &idle,
            &["simulate"],
            &[&["--trials", "200"], more].concat(),
        )
        .done();
        assert!(
            told.stdout.contains("Nobody can say") && told.stdout.contains("reaches no segment"),
            "{told:?}"
        );
        assert!(!told.stdout.contains("Do not go"), "{told:?}");
    }
    let files = Files::new();
    let (idle, other) = (
        files.put("idle.toml", &idle),
        files.put("other.toml", scenario("0.1", "3000", all)),
    );
    let paths = [idle.to_str().unwrap(), other.to_str().unwrap()];
    let compared = run(&[&["simulate", "--compare"], &paths[..], &["--trials", "200"]].concat());
    assert!(compared.done().stdout.contains("Nobody can say"));
}

#[test]
fn counts_of_survivors_are_customers_and_a_misfit_is_said() {
    let fit = ["fit", "retention"];
    let sbg = ["--survivors", "c", "--model", "sbg"];
    let shares = "period,c\n0,1\n1,0.631\n2,0.468\n3,0.382\n4,0.326\n";
    let refused = on("s.csv", shares, &fit, &sbg);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("looks like shares"), "{refused:?}");
    let rising = "period,c\n0,1000\n1,950\n2,800\n3,500\n4,200\n";
    let told = on("s.csv", rising, &fit, &sbg).done();
    assert!(
        told.stdout.contains("does not fit") && told.stdout.contains("fit bdw"),
        "{told:?}"
    );
}

#[test]
fn purchases_that_cannot_have_been_are_refused() {
    let impossible = "x,t_x,T\n1,2,10\n3,0,10\n";
    let refused = on("c.csv", impossible, &["fit", "clv"], &["--model", "bg-nbd"]);
    assert!(
        refused.stderr.contains("line 3") && refused.stderr.contains("t_x is 0"),
        "{refused:?}"
    );
    let log = "customer,date,amount\na,2024-03-05,10\n";
    let early = on("log.csv", log, &["rfm"], &["--end", "2024-01-01"]);
    assert_eq!(early.code, 2);
    assert!(early.stderr.contains("--end"), "{early:?}");
}

#[test]
fn a_file_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.csv");
    for (text, words) in [
        (
            "duration,left\u{1b}[2J\n3,1\n",
            "the name of column 2 has control characters",
        ),
        (
            "duration,event\n3,1\n4,\u{7}0\n",
            "line 3 has control characters in cell 2",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        let answer = run(&["fit", "retention", path, "--model", "km"]);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains(words), "{answer:?}");
        assert!(!answer.stderr.contains(['\u{1b}', '\u{7}']), "{answer:?}");
    }
}
