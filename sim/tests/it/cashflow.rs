//! The engine's figures against those of the cash-flow crate, an independent implementation.

use std::fmt::Write;

use keepworth_cashflow::payback::{Payback, Recovery};
use keepworth_cashflow::{Flows, Rate, Timing};
use keepworth_sim::Outcome;
use proptest::prelude::*;

use crate::company::{middle, model, simulate};

/// Lowest monthly rate that the engine looks for: 1.25 is its largest discount factor.
const LOWEST: f64 = 1.0 / 1.25 - 1.0;

/// What a year of a monthly rate comes to.
fn annual(monthly: f64) -> f64 {
    (12.0 * monthly.ln_1p()).exp_m1()
}

/// A scenario with given monthly flows, of which the first is not positive: one customer who
/// stays and is worth `level` more every month, less a cost in each.
fn scenario(flows: &[f64], monthly_rate: f64) -> String {
    let level = flows.iter().fold(1.0_f64, |level, flow| level.max(*flow));
    let mut text = format!(
        r#"
name = "Given flows"
currency = "EUR"
horizon_months = {}
discount_rate = {}
[[segments]]
name = "one"
customers = 1
won_per_month = 0
hazard = {{ constant = {{ hazard = 0 }} }}
revenue = {level}
gross_margin = 1
[[initiatives]]
name = "twice"
reach = {{ one = 1.0 }}
effects = [{{ on = "arpu", size = 1, grade = "A" }}]
costs = [
"#,
        flows.len() - 1,
        annual(monthly_rate)
    );
    for (month, flow) in flows.iter().enumerate() {
        let cost = if month == 0 { -flow } else { level - flow };
        writeln!(
            text,
            "  {{ type = \"people\", amount = {cost}, start = {month} }},"
        )
        .unwrap();
    }
    text + "]\n"
}

fn close(found: f64, expected: f64, scale: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-9 * scale.abs().max(1e-6),
        "{what}: {found} is not {expected}"
    );
}

/// Every figure that both know.
fn compare(amounts: &[f64], monthly_rate: f64) {
    let flows = Flows::periodic(amounts, Timing::End).unwrap();
    let rate = Rate::new(monthly_rate).unwrap();
    let model = model(&scenario(amounts, monthly_rate));
    let result = simulate(&model, 1);
    let outcomes = middle(&model);
    let figure = |outcome| outcomes.outcome(outcome)[0];
    let scale: f64 = amounts.iter().map(|amount| amount.abs()).sum();
    close(figure(Outcome::Npv), flows.npv(rate), scale, "NPV");
    close(
        figure(Outcome::PeakFunding),
        flows.peak_funding(),
        scale,
        "peak funding",
    );
    let never = amounts.len() as f64;
    let number = |payback: Payback, of: fn(Recovery) -> f64| match payback {
        Payback::NothingToPayBack => 0.0,
        Payback::PaidBack(recovery) => of(recovery),
        Payback::Never => never,
    };
    let month = |payback| number(payback, |it| it.flow as f64);
    // Where the cumulative flow touches zero but for rounding, either month is right.
    let touches = |amounts: &[f64]| {
        let mut sum = 0.0;
        amounts.iter().any(|amount| {
            sum += amount;
            sum != 0.0 && sum.abs() < 1e-9 * scale
        })
    };
    let moment = |payback| number(payback, |it| it.periods);
    if !touches(amounts) {
        let expected = flows.payback();
        assert_eq!(figure(Outcome::PaybackMonth), month(expected));
        let found = figure(Outcome::PaybackInterpolated);
        close(found, moment(expected), never, "payback");
    }
    if !touches(&flows.discounted(rate)) {
        let expected = flows.discounted_payback(rate);
        assert_eq!(figure(Outcome::DiscountedPaybackMonth), month(expected));
        let found = figure(Outcome::DiscountedPaybackInterpolated);
        close(found, moment(expected), never, "discounted payback");
    }
    let mirr = flows.mirr(rate, rate).map_or(-1.0, annual);
    close(figure(Outcome::MirrAnnual), mirr, 1.0 + mirr, "MIRR");
    if amounts[0] < 0.0 {
        let index = (flows.npv(rate) - amounts[0]) / -amounts[0];
        close(
            figure(Outcome::ProfitabilityIndex),
            index,
            scale / amounts[0],
            "profitability index",
        );
    }
    compare_irr(&flows, figure(Outcome::IrrAnnual), &result);
}

fn compare_irr(flows: &Flows<'_>, rate: f64, result: &keepworth_sim::RunResult) {
    let found = flows.irr();
    let rates: Vec<f64> = found
        .rates()
        .iter()
        .copied()
        .filter(|rate| *rate > LOWEST)
        .collect();
    let near_the_end = found
        .rates()
        .iter()
        .any(|rate| (rate - LOWEST).abs() < 1e-3);
    let discount = |rate: f64| 1.0 / (1.0 + rate);
    let near_each_other = rates
        .windows(2)
        .any(|it| discount(it[0]) - discount(it[1]) < 0.006);
    if near_the_end || near_each_other {
        return;
    }
    let shares = &result.probabilities;
    match rates[..] {
        [] => assert_eq!((rate, shares.no_irr.value), (-1.0, 1.0), "{found:?}"),
        [only] => {
            assert_eq!(
                (shares.no_irr.value, shares.several_irr.value),
                (0.0, 0.0),
                "{found:?}"
            );
            let expected = annual(only);
            assert!(
                (rate / expected - 1.0).abs() < 1e-6 || (rate - expected).abs() < 1e-9,
                "{rate} is not {expected}"
            );
        }
        _ => assert_eq!((rate, shares.several_irr.value), (-1.0, 1.0), "{found:?}"),
    }
}

/// Published flows, their periods taken as months: Microsoft's documentation of NPV and IRR, an
/// exercise with four rates, and computed cases of payback.
#[test]
fn published_flows() {
    let published: [&[f64]; 7] = [
        &[0.0, -10_000.0, 3_000.0, 4_200.0, 6_800.0],
        &[-70_000.0, 12_000.0, 15_000.0, 18_000.0, 21_000.0],
        &[-70_000.0, 12_000.0, 15_000.0, 18_000.0, 21_000.0, 26_000.0],
        &[-252.0, 1_431.0, -3_035.0, 2_850.0, -1_000.0],
        &[-1_000.0, 400.0, 400.0, 400.0],
        &[-1_000.0, 500.0, 500.0, 500.0],
        &[-400.0, 130.0, 340.0, 390.0],
    ];
    for flows in published {
        compare(flows, 0.10);
    }
    let figure =
        |flows: &[f64], outcome| middle(&model(&scenario(flows, 0.10))).outcome(outcome)[0];
    let near = |found: f64, printed: f64, digits: f64| {
        assert!((found - printed).abs() < digits, "{found} is not {printed}");
    };
    near(
        figure(published[0], Outcome::Npv),
        1_188.443_412_335_2,
        1e-6,
    );
    near(
        figure(published[1], Outcome::IrrAnnual),
        annual(-0.021_244_848),
        1e-8,
    );
    near(
        figure(published[2], Outcome::IrrAnnual),
        annual(0.086_630_948),
        1e-8,
    );
    near(figure(published[4], Outcome::PaybackMonth), 3.0, 1e-12);
    near(figure(published[5], Outcome::Npv), 243.43, 5e-3);
    near(
        figure(published[5], Outcome::ProfitabilityIndex),
        1.2434,
        5e-5,
    );
    near(figure(published[6], Outcome::Npv), 292.186, 5e-4);
}

/// One of two rates is 65,000% a month, so close to the end of the search that a grid can step over it.
#[test]
fn an_enormous_rate_is_a_rate() {
    let flows = [0.0, 1.343, -872.345, 0.0, 0.0, 0.0, 0.0, 862.666];
    compare(&flows, 0.0);
    let result = simulate(&model(&scenario(&flows, 0.0)), 1);
    assert_eq!(result.probabilities.several_irr.value, 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flows_of_any_sign(
        outlay in prop_oneof![Just(0.0), 0.0..5_000.0_f64],
        later in prop::collection::vec(-1_000.0..1_000.0_f64, 1..48),
        rate in -0.02..0.08_f64,
    ) {
        compare(&[&[-outlay], &later[..]].concat(), rate);
    }

    /// Programmes: an outlay, a drift, noise; so that most have one rate.
    #[test]
    fn flows_of_a_programme(
        outlay in 100.0..20_000.0_f64,
        drift in -200.0..600.0_f64,
        noise in prop::collection::vec(-300.0..300.0_f64, 6..72),
        rate in 0.0..0.03_f64,
    ) {
        let later = noise.iter().map(|noise| drift + noise);
        compare(&std::iter::once(-outlay).chain(later).collect::<Vec<_>>(), rate);
    }
}
