//! Statements as people write them, and as they get them wrong.

use proptest::prelude::*;

use super::*;
use keepworth_reading::Written;

fn parse(content: &str, timing: Option<Timing>) -> anyhow::Result<Statement> {
    let bytes = std::io::Cursor::new(content.to_owned());
    let dates = DateFormat::from("%Y-%m-%d".to_owned());
    Statement::read(Table::open(bytes, &Written::default())?, timing, &dates)
}

#[test]
fn dates_are_read_as_the_file_writes_them() {
    let content = "date;amount\n05.03.2025;-10\n05.03.2026;12\n";
    let read = |format: &str| {
        let bytes = std::io::Cursor::new(content.to_owned());
        let table = Table::open(bytes, &Written::default()).unwrap();
        Statement::read(table, None, &DateFormat::from(format.to_owned()))
    };
    let statement = read("%d.%m.%Y").unwrap();
    assert_eq!(statement.costs, [10.0, 0.0]);
    let short = read("%d.%m.%y").unwrap_err().to_string();
    assert!(short.ends_with("see --date-format"), "{short}");
}

fn error(content: &str) -> String {
    format!("{:#}", parse(content, None).unwrap_err())
}

#[test]
fn faults_name_line_column_value_and_fix() {
    assert_eq!(
        error("period,amount\n0,-400\n1,ten\n"),
        "line 3, column amount: `ten` is not a number"
    );
    assert_eq!(
        error("period,amount,kind\n0,400,spend\n"),
        "line 2, column kind: `spend` is no kind; write cost or benefit"
    );
    assert_eq!(
        error("date,amount\n31.1.2026,5\n"),
        "line 2, column date: `31.1.2026` is not a date of the form %Y-%m-%d; see --date-format"
    );
    assert_eq!(
        error("line,kind,risk_adjustment,initial,year1\na,cost,20,1,1\n"),
        "line 2, column risk_adjustment: `20` is no risk adjustment; write a fraction, 0.20 for 20%"
    );
    assert!(error("period,amount\n-1,5\n").starts_with("line 2, column period: `-1` is no period"));
    assert!(error("period,amount\n99999999,5\n").starts_with("line 2, column period"));
    assert!(error("period,amount\n0,inf\n").starts_with("line 2, column amount: `inf`"));
    assert!(error("period,amount\n0,1,000\n").starts_with("line 2 has 3 cells, the header has 2"));
    assert!(error("month,amount\n0,1\n").starts_with("the header is `month,amount`"));
    assert!(error("line,kind,risk_adjustment,initial,year2\n").starts_with("the header is"));
    for header in [
        "period,amount",
        "date,amount",
        "line,kind,risk_adjustment,initial,year1",
    ] {
        assert_eq!(
            error(header),
            "there are no rows below the header; add at least one"
        );
    }
    let mixed = error("period,amount,kind\n0,400,cost\n1,-5,cost\n");
    assert!(
        mixed.starts_with("line 3, column amount: `-5` has another sign"),
        "{mixed}"
    );
}

#[test]
fn dates_leave_no_choice_of_timing() {
    let dated = parse("date,amount\n2026-01-01,5\n", Some(Timing::Mid));
    let refused = dated.unwrap_err().to_string();
    assert!(refused.contains("leave --timing out"), "{refused}");
}

#[test]
fn spreadsheets_are_read_as_they_are_written() {
    let content = "\u{feff}Period; Amount ;Kind\r\n2;10;Benefit\r\n0;-7;COST\r\n2;1;benefit\r\n";
    let statement = parse(content, None).unwrap();
    assert_eq!(statement.costs, [7.0, 0.0, 0.0]);
    assert_eq!(statement.benefits, [0.0, 0.0, 11.0]);
    assert!(statement.has_kinds);
}

#[test]
fn dates_may_come_in_any_order() {
    let statement = parse(
        "date,amount\n2026-03-01,5\n2026-01-01,-4\n2026-03-01,1\n",
        None,
    );
    let statement = statement.unwrap();
    assert_eq!(
        (statement.costs, statement.benefits),
        (vec![4.0, 0.0], vec![0.0, 6.0])
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(content in "(period|date|line|amount|kind|[0-9.,;\n\"-]){0,60}") {
        let _ = parse(&content, None);
    }

    #[test]
    fn amounts_survive(amounts in prop::collection::vec(-1e9..1e9f64, 1..40)) {
        let mut content = "period,amount\n".to_owned();
        for (period, amount) in amounts.iter().enumerate() {
            content.push_str(&format!("{period},{amount}\n"));
        }
        let statement = parse(&content, None).unwrap();
        let net: Vec<f64> =
            statement.benefits.iter().zip(&statement.costs).map(|(b, c)| b - c).collect();
        prop_assert_eq!(net, amounts);
    }
}
