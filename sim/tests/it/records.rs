//! Contacts and revenue that go on from their records: the number that is worked by hand in MODEL.md, and what follows.

use keepworth_sim::{Baseline, Heads, Outcome, Scenario};
use serde_json::{Value, json};

use crate::company::middle;
use crate::engines::close;
use crate::plain::{self, Records};

/// A customer who stays, calls 0.4 times a month for a minute at a price of 1, and pays 100, in the mean of the year
/// that ends at the date, in which both grew by 12%.
fn baseline(season: Option<&[f64; 12]>) -> Value {
    let factor = |at: i32| season.map_or(1.0, |it| it[(at - 1).rem_euclid(12) as usize]);
    let month = |at: i32| json!({ "at": at, "customer_months": 7, "season": factor(at) });
    let record: Vec<Value> = (-11..=0).map(month).collect();
    let mut calendar = json!({ "trend": 0.12 });
    if let Some(season) = season {
        calendar["season"] = json!(season);
    }
    json!({
        "as_of": "2025-12-31",
        "currency": "EUR",
        "contacts_calendar": calendar,
        "revenue_calendar": calendar,
        "segments": [{
            "name": "all", "customers_by_tenure": [1], "won_per_month": 0, "revenue": 100, "gross_margin": 0.6,
            "hazard": { "constant": { "hazard": 0 } }, "overhead": 0, "acquisition_cost": 0,
            "channels": [{ "name": "phone", "contacts": 0.4, "minutes": 1, "cost_per_minute": 1, "avoidable": 1 }],
            "contacts_record": record, "revenue_record": record,
        }],
    })
}

/// What an initiative for everyone is worth that takes all of a lever in the last of some months alone.
fn scenario(on: &str, months: u32, outlook: &str, rest: &str) -> String {
    let start = months - 1;
    format!(
        r#"
        name = "Worked"
        horizon_months = {months}
        discount_rate = 0
        outlook = {{ {outlook} }}
        {rest}
        [[initiatives]]
        name = "it"
        start_month = {start}
        reach = {{ all = 1 }}
        effects = [{{ on = "{on}", size = 1, grade = "A" }}]
        "#
    )
}

/// A figure as both engines have it.
fn both_say(baseline: &Value, text: &str, of: Outcome, expected: f64) {
    let baseline: Baseline = serde_json::from_value(baseline.clone()).unwrap();
    let written = Scenario::from_toml(text).unwrap();
    let mut united = written.clone();
    let known = baseline.segments.iter().map(Into::into);
    united.segments = known.collect();
    for (segment, said) in united.segments.iter_mut().zip(&written.segments) {
        segment.won_per_month = said.won_per_month.clone().or(segment.won_per_month.clone());
        segment.channels = said.channels.clone().or(segment.channels.clone());
        segment.revenue = said.revenue.clone().or(segment.revenue.clone());
    }
    let records = Records::new(&baseline, &written);
    let uniform = |name: &str| panic!("{name} is uncertain");
    let plain = plain::evaluate_on(&united, Heads::MonthEnd, &records, &uniform);
    close(plain.figure(of), expected, 1e-9, "plain engine");
    let model = written.resolve(Some(&baseline)).unwrap();
    close(
        middle(&model).outcome(of)[0],
        expected,
        1e-9,
        "vector engine",
    );
}

const UNDAMPED: &str = r#"contacts = "records", revenue = "records", trend_damping = 1"#;
const DAMPED: &str = r#"contacts = "records", revenue = "records""#;

/// The mean over twelve months of what grows by 12% a year to 1 at their end.
fn mean_of_the_year() -> f64 {
    (0..12)
        .map(|j| 1.12_f64.powf(-f64::from(j) / 12.0))
        .sum::<f64>()
        / 12.0
}

#[test]
fn contacts_go_on_from_where_their_record_ends() {
    let level = mean_of_the_year();
    close(level, 0.949_89, 5e-6, "mean of the year");
    let at_the_date = 0.4 / level;
    close(at_the_date, 0.421_10, 5e-6, "contacts at the date");
    close(at_the_date * 1.12, 0.471_63, 5e-6, "contacts in month 12");
    let undamped = scenario("contacts", 12, UNDAMPED, "");
    both_say(&baseline(None), &undamped, Outcome::Npv, at_the_date * 1.12);
    let grown = 1.12_f64.powf(0.95 * (1.0 - 0.95_f64.powi(12)) / 0.05 / 12.0);
    let damped = scenario("contacts", 12, DAMPED, "");
    both_say(&baseline(None), &damped, Outcome::Npv, at_the_date * grown);
}

#[test]
fn revenue_goes_on_from_where_its_record_ends() {
    let undamped = scenario("arpu", 12, UNDAMPED, "");
    let expected = 60.0 / mean_of_the_year() * 1.12;
    both_say(&baseline(None), &undamped, Outcome::Npv, expected);
}

/// What a customer won is worth in one month, at the figures of the date.
#[test]
fn clv_is_at_the_figures_of_the_date() {
    let won = r#"segments = [{ name = "all", won_per_month = 3 }]"#;
    let text = scenario("arpu", 1, DAMPED, won);
    let expected = (60.0 - 0.4) / mean_of_the_year();
    both_say(&baseline(None), &text, Outcome::Clv, expected);
}

#[test]
fn what_the_scenario_writes_is_of_the_date() {
    let channel =
        r#"{ name = "phone", contacts = 0.4, minutes = 1, cost_per_minute = 1, avoidable = 1 }"#;
    let written =
        format!(r#"segments = [{{ name = "all", revenue = 100, channels = [{channel}] }}]"#);
    for (on, expected) in [("contacts", 0.4 * 1.12), ("arpu", 60.0 * 1.12)] {
        let text = scenario(on, 12, UNDAMPED, &written);
        both_say(&baseline(None), &text, Outcome::Npv, expected);
    }
}

#[test]
fn a_segment_without_such_months_keeps_its_level() {
    let mut baseline = baseline(None);
    let segment = baseline["segments"][0].as_object_mut().unwrap();
    segment.remove("contacts_record");
    let text = scenario("contacts", 12, UNDAMPED, "");
    both_say(&baseline, &text, Outcome::Npv, 0.4);
    let text = scenario("arpu", 12, UNDAMPED, "");
    let expected = 60.0 / mean_of_the_year() * 1.12;
    both_say(&baseline, &text, Outcome::Npv, expected);
}

/// A season of which the year has all months changes no mean, but for the trend beside it.
#[test]
fn a_season_of_the_record_is_that_of_the_months_to_come() {
    let season: [f64; 12] = std::array::from_fn(|month| if month < 6 { 1.5 } else { 0.5 });
    let factor = |month: i32| season[(month - 1).rem_euclid(12) as usize];
    let course = |month: i32| factor(month) * 1.12_f64.powf(f64::from(month) / 12.0);
    let level = (-11..=0).map(course).sum::<f64>() / 12.0;
    for months in [2, 9] {
        let text = scenario("contacts", months, UNDAMPED, "");
        let expected = 0.4 / level * course(months as i32);
        both_say(&baseline(Some(&season)), &text, Outcome::Npv, expected);
    }
}
