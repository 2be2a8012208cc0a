//! The future in which every input lies at its median, told so that it can be added up again.

use keepworth_sim::{Case, Evaluator, Line, Outcome};

use crate::company::{CERTAIN, middle, model};

/// Costs of every kind, most of them uncertain, in a company without tax.
const COSTS: &str = r#"costs = [
    { type = "technology", amount = "15000 to 25000", capex = true },
    { type = "people", amount = 500, recurrence = "monthly", start = 3, months = 12 },
    { type = "process", amount = "1000 to 1500", recurrence = "monthly", currency = "USD" },
    { type = "training", amount = 900, start = 40 },
]

[[currencies]]
code = "USD"
rate = 0.9
volatility = 0.1
"#;

fn case_of(text: &str) -> Case {
    Evaluator::new(&model(text)).middle()
}

/// What the programme adds, discounted at the month's end.
fn present_value(case: &Case) -> f64 {
    let months = case.benefits[&Line::Revenue].len();
    let net = |month: usize| {
        let benefit: f64 = case.benefits.values().map(|line| line[month]).sum();
        let spent = case.costs.iter().map(|cost| {
            let within = cost.first_month..cost.first_month + cost.months;
            if within.contains(&month) {
                cost.amount * cost.factors[month]
            } else {
                0.0
            }
        });
        benefit - spent.sum::<f64>()
    };
    let factor = |month: usize| (1.0 + case.discount_rate).powf(-(month as f64) / 12.0);
    (0..months).map(|month| net(month) * factor(month)).sum()
}

fn assert_adds_up(text: &str) {
    let (case, figures) = (case_of(text), middle(&model(text)));
    for outcome in Outcome::ALL {
        assert_eq!(case.figures[&outcome], figures.outcome(outcome)[0]);
    }
    let npv = case.figures[&Outcome::Npv];
    let found = present_value(&case);
    assert!((found - npv).abs() < 1e-9 * npv.abs(), "{found} not {npv}");
}

#[test]
fn benefits_and_costs_come_to_the_verdict() {
    assert_adds_up(CERTAIN);
    let (before, _) = CERTAIN.split_once("costs = [").unwrap();
    assert_adds_up(&format!("{before}{COSTS}"));
}

#[test]
fn costs_are_told_line_by_line() {
    let (before, _) = CERTAIN.split_once("costs = [").unwrap();
    let case = case_of(&format!("{before}{COSTS}"));
    let [technology, people, process, training] = &case.costs[..] else {
        panic!("{:?}", case.costs);
    };
    assert!(technology.capital && !people.capital);
    assert_eq!((people.first_month, people.months), (3, 12));
    assert_eq!(process.currency.as_deref(), Some("USD"));
    assert_eq!(process.months, 36, "from month 1 to the horizon");
    // At the median rate of exchange, which falls below the mean as its spread grows.
    let worth = 0.9 * (-0.5 * 0.1_f64.powi(2)).exp();
    assert!((process.factors[12] - worth).abs() < 1e-12);
    assert_eq!((training.first_month, training.months), (40, 0));
    let tied = process.input.as_deref().unwrap();
    let input = case.inputs.iter().find(|it| it.name == tied).unwrap();
    assert_eq!(input.shape, "90% interval");
    assert!(input.p10 < input.p50 && input.p50 < input.p90);
    assert_eq!(input.p50, process.amount);
}

#[test]
fn real_money_is_told_at_the_prices_of_its_month() {
    let dearer = format!("{CERTAIN}\n[outlook]\nmoney = \"real\"\nprice_inflation = 0.02\n");
    let case = case_of(&dearer);
    let deflator = case.deflator.as_ref().unwrap();
    assert!((deflator[12] - 1.0 / 1.02).abs() < 1e-12);
    let revenue = &case.benefits[&Line::Revenue];
    let plain = &case_of(CERTAIN).benefits[&Line::Revenue];
    assert!(
        (revenue[36] / plain[36] - 1.0).abs() < 1e-9,
        "revenue has no inflation"
    );
    assert!(case_of(CERTAIN).deflator.is_none());
}
