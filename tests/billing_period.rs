//! Exports of billing systems, cut into periods in every way that bills are: what recurs a month.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Answer, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    a_plan_by_days_recurs_alike_in_every_month,
    a_first_part_of_a_month_is_no_expansion_later,
);

/// A Keepworth with an export's rows in it.
struct Books {
    keepworth: Keepworth,
    _database: Database,
    folder: tempfile::TempDir,
}

impl Books {
    fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        Self {
            keepworth: Keepworth::up(&database),
            _database: database,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Imports rows and the invoices that they belong to.
    fn import(&self, vendor: &str, rows: &str, invoices: &str) -> Answer {
        let (rows, with) = (
            self.write("rows.csv", rows),
            self.write("with.csv", invoices),
        );
        self.keepworth.ask(&[
            "import", "--from", vendor, &rows, "--with", &with, "--format", "json",
        ])
    }

    /// Opening, new, reactivation, expansion, contraction, churn and closing of a month, in cents.
    fn moved(&self, month: &str) -> [i64; 7] {
        let path = format!("/finance/v1/metrics?month={month}");
        let (status, report) = self.keepworth.get(&path);
        assert_eq!(status, 200, "{month}: {report}");
        let names = [
            "opening",
            "new",
            "reactivation",
            "expansion",
            "contraction",
            "churn",
            "closing",
        ];
        names.map(|name| {
            let amount: f64 = report["movements"][name].as_str().unwrap().parse().unwrap();
            (amount * 100.0).round() as i64
        })
    }

    /// The month has no records, and says so.
    fn assert_unrecorded(&self, month: &str) {
        let words = format!("no revenue at all is recorded in {month}");
        for command in ["movements", "metrics"] {
            let answer = self.keepworth.ask(&["finance", command, month]);
            assert_eq!(answer.code, 2, "{answer:?}");
            assert!(answer.stderr.contains(&words), "{answer:?}");
        }
    }
}

/// Stripe's invoices from `(id, customer, total)`.
fn stripe_invoices(rows: &[(&str, &str, i64)]) -> String {
    let head = "id,customer_id,created,currency,status,subscription_id,total\n";
    let row = |(id, customer, total): &(&str, &str, i64)| {
        format!("{id},{customer},2025-01-01 00:00:00,usd,paid,sub,{total}\n")
    };
    head.to_owned() + &rows.iter().map(row).collect::<String>()
}

/// Stripe's lines from `(invoice, from, until, amount, proration)`.
fn stripe_lines(rows: &[(&str, &str, &str, i64, bool)]) -> String {
    let head = "id,invoice_id,amount,currency,description,discountable,livemode,period_end,\
        period_start,plan_id,proration,quantity,subscription_id,subscription_item_id,type,unique_id\n";
    let row = |(at, (invoice, from, until, amount, proration)): (
        usize,
        &(&str, &str, &str, i64, bool),
    )| {
        let proration = proration.to_string().to_uppercase();
        format!(
            "il_{at},{invoice},{amount},usd,Plan,TRUE,TRUE,{until} 00:00:00,{from} 00:00:00,p,\
             {proration},1,sub,si,subscription,u{at}\n"
        )
    };
    head.to_owned() + &rows.iter().enumerate().map(row).collect::<String>()
}

#[test]
fn a_coupon_of_an_invoice_is_spread_over_its_lines() {
    let books = Books::new(Kind::Sqlite);
    let invoices = stripe_invoices(&[
        ("in_a", "cus_a", 0),
        ("in_b", "cus_b", 5_000),
        ("in_c", "cus_c", 84_000),
    ]);
    let lines = stripe_lines(&[
        ("in_a", "2025-08-01", "2025-09-01", 10_000, false),
        ("in_b", "2025-08-01", "2025-09-01", 10_000, false),
        ("in_c", "2025-08-01", "2026-08-01", 120_000, false),
    ]);
    books.import("stripe", &lines, &invoices).done();
    let [opening, new, .., closing] = books.moved("2025-08");
    assert_eq!((opening, new, closing), (0, 12_000, 12_000), "0 + 50 + 70");
    // In September the year still runs, and nobody was billed.
    let september = books.keepworth.ask(&["finance", "movements", "2025-09"]);
    let words = "2025-09: no charge begins in the month or later";
    assert!(september.stdout.contains(words), "{september:?}");
    books.assert_unrecorded("2026-08");
}

#[test]
fn an_invoice_that_does_not_add_up_is_refused_with_both_sums() {
    let books = Books::new(Kind::Sqlite);
    let taxed = stripe_invoices(&[("in_a", "cus_a", 11_900)]);
    let lines = stripe_lines(&[("in_a", "2025-08-01", "2025-09-01", 10_000, false)]);
    let answer = books.import("stripe", &lines, &taxed);
    assert_eq!(answer.code, 2, "{answer:?}");
    let rejected = fs::read_to_string(books.folder.path().join("rows.rejected.csv")).unwrap();
    assert!(
        rejected.contains("`in_a` come to 100.00 here, and the invoice comes to 119.00;"),
        "{rejected}"
    );
    let with_taxes = taxed
        .replace("total\n", "total,tax\n")
        .replace("11900\n", "11900,1900\n");
    books.import("stripe", &lines, &with_taxes).done();
    assert_eq!(books.moved("2025-08")[6], 10_000);
}

fn a_plan_by_days_recurs_alike_in_every_month(kind: Kind) {
    let books = Books::new(kind);
    let invoices = stripe_invoices(&[
        ("in_1", "cus_a", 3_000),
        ("in_2", "cus_a", 3_000),
        ("in_3", "cus_a", 3_000),
        ("in_4", "cus_a", 3_000),
    ]);
    let lines = stripe_lines(&[
        ("in_1", "2025-01-01", "2025-01-31", 3_000, false),
        ("in_2", "2025-01-31", "2025-03-02", 3_000, false),
        ("in_3", "2025-03-02", "2025-04-01", 3_000, false),
        ("in_4", "2025-04-01", "2025-05-01", 3_000, false),
    ]);
    books.import("stripe", &lines, &invoices).done();
    // 30 × 365.25 / 12 / 30.
    assert_eq!(books.moved("2025-01"), [0, 3_044, 0, 0, 0, 0, 3_044]);
    for month in ["2025-02", "2025-03", "2025-04"] {
        assert_eq!(books.moved(month), [3_044, 0, 0, 0, 0, 0, 3_044], "{month}");
    }
    books.assert_unrecorded("2025-05");
    let again = books.import("stripe", &lines, &invoices).done().json();
    assert_eq!(again["unchanged"], 4);
}

#[test]
fn seats_are_an_expansion_in_the_month_they_are_added() {
    let books = Books::new(Kind::Sqlite);
    let invoices = stripe_invoices(&[
        ("in_1", "cus_a", 120_000),
        ("in_2", "cus_a", 60_000),
        ("in_3", "cus_b", 240_000),
    ]);
    let lines = stripe_lines(&[
        ("in_1", "2025-01-01", "2026-01-01", 120_000, false),
        ("in_2", "2025-07-01", "2026-01-01", 60_000, true),
        ("in_3", "2025-01-01", "2027-01-01", 240_000, false),
    ]);
    books.import("stripe", &lines, &invoices).done();
    assert_eq!(books.moved("2025-06"), [20_000, 0, 0, 0, 0, 0, 20_000]);
    assert_eq!(books.moved("2025-07"), [20_000, 0, 0, 10_000, 0, 0, 30_000]);
    assert_eq!(books.moved("2025-08"), [30_000, 0, 0, 0, 0, 0, 30_000]);
    books.assert_unrecorded("2027-01");
}

const LAGO_FEES: &str = "\
invoice_lago_id,invoice_number,invoice_issuing_date,fee_lago_id,fee_item_type,fee_item_code,fee_item_name,fee_item_description,fee_item_invoice_display_name,fee_item_filter_invoice_display_name,fee_item_grouped_by,subscription_external_id,subscription_plan_code,fee_from_date,fee_to_date,fee_amount_currency,fee_units,fee_precise_unit_amount,fee_taxes_amount_cents,fee_total_amount_cents
inv1,A-1,2025-08-01,fee1,subscription,plan,Plan,,,,,sub_a,plan_a,2025-08-01T00:00:00+00:00,2025-08-31T23:59:59+00:00,USD,1.0,100.00,900,10900
inv2,A-2,2025-08-20,fee2,subscription,plan,Plan,,,,,sub_b,plan_a,2025-08-20T00:00:00+00:00,2025-08-31T23:59:59+00:00,USD,1.0,38.71,0,3871
inv3,A-3,2025-09-01,fee3,subscription,plan,Plan,,,,,sub_b,plan_a,2025-09-01T00:00:00+00:00,2025-09-30T23:59:59+00:00,USD,1.0,100.00,0,10000
inv4,A-4,2025-09-01,fee4,subscription,plan,Plan,,,,,sub_a,plan_a,2025-09-01T00:00:00+00:00,2025-09-30T23:59:59+00:00,USD,1.0,100.00,900,10900
";

/// Lago's invoices, the last of them `paid` and `lost`.
fn lago_invoices(paid: &str, lost: &str) -> String {
    let head = "lago_id,issuing_date,customer_external_id,payment_status,status,currency,\
        fees_amount_cents,coupons_amount_cents,taxes_amount_cents,total_amount_cents,payment_dispute_lost_at\n";
    let rows = "inv1,2025-08-01,cus_a,succeeded,finalized,USD,10000,1000,900,9900,\n\
        inv2,2025-08-20,cus_b,succeeded,finalized,USD,3871,0,0,3871,\n\
        inv3,2025-09-01,cus_b,succeeded,finalized,USD,10000,0,0,10000,\n";
    format!("{head}{rows}inv4,2025-09-01,cus_a,{paid},finalized,USD,10000,1000,900,9900,{lost}\n")
}

fn a_first_part_of_a_month_is_no_expansion_later(kind: Kind) {
    let books = Books::new(kind);
    let paid = lago_invoices("succeeded", "");
    books.import("lago", LAGO_FEES, &paid).done();
    // A pays 100 with a coupon of 10; B comes on the 20th for 100 a month.
    assert_eq!(books.moved("2025-08"), [0, 19_000, 0, 0, 0, 0, 19_000]);
    assert_eq!(books.moved("2025-09"), [19_000, 0, 0, 0, 0, 0, 19_000]);
    books.assert_unrecorded("2025-10");
}

#[test]
fn payments_that_failed_are_told_and_lost_ones_left_out() {
    let told = |paid: &str, lost: &str| {
        let books = Books::new(Kind::Sqlite);
        let summary = books.import("lago", LAGO_FEES, &lago_invoices(paid, lost));
        let summary = summary.done().json();
        (summary, books.moved("2025-09"))
    };
    let (summary, moved) = told("failed", "");
    let notice = |what: &str| json!([{ "what": what, "rows": 1, "example": "line 5" }]);
    let owed = "payment failed: counted, as it is still owed";
    assert_eq!(summary["told"], notice(owed), "{summary}");
    assert_eq!(moved, [19_000, 0, 0, 0, 0, 0, 19_000]);
    let (summary, moved) = told("failed", "2025-09-20");
    assert_eq!(
        summary["told"],
        notice("payment disputed and lost: left out")
    );
    assert_eq!(
        (&summary["created"], &summary["filtered"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(moved, [19_000, 0, 0, 0, 0, 9_000, 10_000]);
}

#[test]
fn a_plan_on_the_31st_and_a_change_within_a_month_move_once() {
    let books = Books::new(Kind::Sqlite);
    let invoices = stripe_invoices(&[
        ("in_1", "cus_31", 40_000),
        ("in_2", "cus_up", 5_000),
        ("in_3", "cus_up", 1_645 + 8_000),
    ]);
    let lines = stripe_lines(&[
        ("in_1", "2025-05-31", "2025-06-30", 10_000, false),
        ("in_1", "2025-06-30", "2025-07-31", 10_000, false),
        ("in_1", "2025-07-31", "2025-08-31", 10_000, false),
        ("in_1", "2025-08-31", "2025-09-30", 10_000, false),
        ("in_2", "2025-08-01", "2025-09-01", 5_000, false),
        ("in_3", "2025-08-15", "2025-09-01", -2_742, true),
        ("in_3", "2025-08-15", "2025-09-01", 4_387, true),
        ("in_3", "2025-09-01", "2025-10-01", 8_000, false),
    ]);
    books.import("stripe", &lines, &invoices).done();
    assert_eq!(books.moved("2025-06"), [10_000, 0, 0, 0, 0, 0, 10_000]);
    assert_eq!(books.moved("2025-07"), [10_000, 0, 0, 0, 0, 0, 10_000]);
    assert_eq!(books.moved("2025-08"), [10_000, 8_000, 0, 0, 0, 0, 18_000]);
    assert_eq!(books.moved("2025-09"), [18_000, 0, 0, 0, 0, 10_000, 8_000]);
}

#[test]
fn who_cancels_is_gone_by_a_named_definition() {
    let books = Books::new(Kind::Sqlite);
    let invoices = stripe_invoices(&[("in_1", "cus_a", 120_000), ("in_2", "cus_b", 120_000)]);
    let lines = stripe_lines(&[
        ("in_1", "2025-01-01", "2026-01-01", 120_000, false),
        ("in_2", "2025-01-01", "2027-01-01", 120_000, false),
    ]);
    let cancelled = lines
        .replace("unique_id\n", "unique_id,canceled_at\n")
        .replace(",u0\n", ",u0,2025-06-10 08:00:00\n")
        .replace(",u1\n", ",u1,\n");
    books.import("stripe", &cancelled, &invoices).done();
    assert_eq!(books.moved("2025-06")[5], 0);
    assert_eq!(books.moved("2026-01")[5], 10_000, "when it takes effect");
    let decided = books.keepworth.ask(&[
        "finance",
        "movements",
        "2025-06",
        "--cancellation",
        "decided",
        "--format",
        "json",
    ]);
    let decided = &decided.done().json()["items"][0];
    assert_eq!(
        (&decided["cancellation"], &decided["movements"]["churn"]),
        (&json!("DECIDED"), &json!("100.000000"))
    );
}

#[test]
fn months_after_the_last_record_are_named_among_others() {
    let books = Books::new(Kind::Sqlite);
    books
        .import("lago", LAGO_FEES, &lago_invoices("succeeded", ""))
        .done();
    let asked = ["finance", "movements", "2025-10", "--months", "12"];
    let table = books.keepworth.ask(&asked).done().stdout;
    assert!(
        table.contains("2025-10: no revenue at all is recorded."),
        "{table}"
    );
    let json = books
        .keepworth
        .ask(&[&asked[..], &["--format", "json"]].concat())
        .done()
        .json();
    assert_eq!(json["items"].as_array().unwrap().len(), 2);
    assert_eq!(json["without_records"], json!(["2025-10"]));
}

/// One invoice for a year, by its start.
const BY_START: &str = "id,who,start,months,amount\ni1,c1,2025-01,12,1200\n";

fn mapping(period: &str) -> String {
    format!(
        "source = \"books\"\nkind = \"revenues\"\n[fields]\nexternal_id = \"{{id}}\"\n\
         customer_external_id = \"{{who}}\"\namount = \"{{amount}} EUR\"\nmonths = \"{{months}}\"\n{period}\n"
    )
}

#[test]
fn a_year_by_its_start_is_told_apart_from_one_by_its_end() {
    let import = |period: &str| {
        let books = Books::new(Kind::Sqlite);
        let (rows, map) = (
            books.write("rows.csv", BY_START),
            books.write("map.toml", &mapping(period)),
        );
        let answer = books
            .keepworth
            .ask(&["import", &rows, "--mapping", &map, "--format", "json"]);
        (books, answer.done().json())
    };
    let (books, summary) = import("month = \"{start}\"");
    let notice = &summary["told"][0];
    assert_eq!(
        notice["example"],
        "line 2: 12 months from 2024-02 to 2025-01"
    );
    assert!(
        notice["what"]
            .as_str()
            .unwrap()
            .contains("map the first day to `from`")
    );
    assert_eq!(books.moved("2025-01")[6], 10_000);
    let (books, summary) = import("from = \"{start}-01\"");
    assert_eq!(summary["told"], json!([]));
    assert_eq!(books.moved("2025-01"), [0, 10_000, 0, 0, 0, 0, 10_000]);
    assert_eq!(books.moved("2025-12"), [10_000, 0, 0, 0, 0, 0, 10_000]);
    books.assert_unrecorded("2026-01");
    let record: Value = books.keepworth.get("/finance/v1/revenues").1;
    let record = &record["items"][0]["record"];
    assert_eq!(
        (&record["month"], &record["from"], &record["until"]),
        (
            &json!("2025-12"),
            &json!("2025-01-01"),
            &json!("2026-01-01")
        )
    );
}
