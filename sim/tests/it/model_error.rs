//! What nobody foresees: factors on what the records forecast, alike in both worlds.

use keepworth_sim::{Columns, Control, Evaluator, Model, Outcome, RunOptions, Sampling, run};

use crate::company::model;

/// Two segments of 1,000 customers who stay and pay 50 at a margin of 0.6, and use a tenth more for one month:
/// 3,000 in each.
const COMPANY: &str = r#"
    name = "Use more"
    currency = "EUR"
    horizon_months = 1
    discount_rate = 0
    segments = [SEGMENTS]
    initiatives = [{ name = "i", reach = { all = 1.0 }, effects = [{ on = "arpu", size = 0.1, grade = "A" }] }]
"#;

fn company(names: &[&str], more: &str) -> String {
    let segment = |name: &&str| {
        format!(
            "{{ name = \"{name}\", customers = 1000, won_per_month = 0, revenue = 50, gross_margin = 0.6, \
             hazard = {{ constant = {{ hazard = 0 }} }} }}"
        )
    };
    let all: Vec<String> = names.iter().map(segment).collect();
    let reach: Vec<String> = names.iter().map(|name| format!("{name} = 1.0")).collect();
    let text = COMPANY
        .replace("SEGMENTS", &all.join(", "))
        .replace("all = 1.0", &reach.join(", "));
    format!("{more}\n{text}")
}

/// Mean and standard deviation of the NPV.
fn npv(text: &str) -> (f64, f64) {
    let options = RunOptions {
        trials: 1 << 16,
        sampling: Sampling::Sobol,
        ..RunOptions::default()
    };
    let result = run(&model(text), &options, &Control::default()).unwrap();
    let npv = &result.outcomes[&Outcome::Npv];
    (npv.mean.unwrap(), npv.sd.unwrap())
}

fn near(found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() < 2e-3,
        "{found} is not {expected}"
    );
}

/// The worked number of `MODEL.md`: a factor of median 1 whose logarithm has the standard deviation 0.2 has the mean
/// `exp(0.02)` and the variance `exp(0.04)·(exp(0.04) − 1)`.
#[test]
fn a_factor_on_revenue_moves_npv_as_on_paper() {
    let (mean, sd) = npv(&company(
        &["a"],
        "model_error = { revenue = { common = 0.2 } }",
    ));
    near(mean, 3_000.0 * 0.02_f64.exp());
    near(sd, 3_000.0 * (0.04_f64.exp() * 0.04_f64.exp_m1()).sqrt());
    let (mean, sd) = npv(&company(&["a"], ""));
    assert_eq!(sd, 0.0);
    near(mean, 3_000.0);
}

/// What is common to both segments moves them together; what each has of its own evens out.
#[test]
fn own_factors_even_out_over_segments_and_the_common_one_does_not() {
    let lognormal = |variance: f64| variance.exp() * variance.exp_m1();
    let common = npv(&company(
        &["a", "b"],
        "model_error = { revenue = { common = 0.2 } }",
    ));
    near(common.1, 6_000.0 * lognormal(0.04).sqrt());
    let own = npv(&company(
        &["a", "b"],
        "model_error = { revenue = { own = 0.2 } }",
    ));
    near(own.1, 3_000.0 * (2.0 * lognormal(0.04)).sqrt());
    let both = npv(&company(
        &["a", "b"],
        "model_error = { revenue = { common = 0.2, own = 0.2 } }",
    ));
    // E[(c·(a + b))²] = E[c²]·(2·E[a²] + 2·E[a]²), with E[x²] = exp(2·0.04) and E[x] = exp(0.02) of each.
    let (second, first) = (0.08_f64.exp(), 0.02_f64.exp());
    let square = second * (2.0 * second + 2.0 * first * first);
    let mean = first * 2.0 * first;
    near(both.0, 3_000.0 * mean);
    near(both.1, 3_000.0 * (square - mean * mean).sqrt());
}

const LEAVING: &str = r#"
    name = "Leaving"
    currency = "EUR"
    horizon_months = 36
    discount_rate = 0.1
    model_error = { leaving = { common = 0.3, own = 0.1 }, won = { common = 0.1 }, service_cost = { own = 0.2 } }
    segments = [{ name = "s", customers = 10000, won_per_month = 50, revenue = "28 to 32", gross_margin = 0.5, hazard = { constant = { hazard = 0.02 } }, channels = [{ name = "phone", contacts = 0.4, minutes = 8, cost_per_minute = 0.9, avoidable = 0.5 }] }]
    initiatives = [{ name = "i", reach = { s = 1.0 }, costs = [{ type = "people", amount = 1000 }] }]
"#;

/// Outcomes where every input has this quantile.
fn at(model: &Model, u: f64) -> Columns {
    let mut values = Columns::new(model.inputs().len(), 1);
    for input in 0..model.inputs().len() {
        values.column_mut(input).fill(u);
    }
    let evaluator = Evaluator::new(model);
    evaluator.draw(&mut values);
    evaluator.outcomes(&values)
}

#[test]
fn hazards_and_those_won_are_multiplied() {
    let model = model(LEAVING);
    // A standard deviation up, everywhere.
    let (hazard, won) = (0.02 * 0.4_f64.exp(), 50.0 * 0.1_f64.exp());
    let stay = (-hazard).exp();
    let expected = (0..36).fold(1e4, |there, _| there * stay + won);
    let found = at(&model, 0.841_344_746_068_543).outcome(Outcome::FinalCustomers)[0];
    assert!(
        (found / expected - 1.0).abs() < 1e-9,
        "{found} is not {expected}"
    );
}

#[test]
fn a_programme_without_effect_is_still_worth_its_cost() {
    let model = model(LEAVING);
    for u in [0.01, 0.3, 0.9, 0.999] {
        assert_eq!(at(&model, u).outcome(Outcome::Npv)[0], -1000.0);
    }
}

#[test]
fn factors_have_names_of_their_own_and_leave_all_else_as_it_was_drawn() {
    let (with, without) = (model(LEAVING), {
        let lines = LEAVING.lines().filter(|line| !line.contains("model_error"));
        model(&lines.collect::<Vec<_>>().join("\n"))
    });
    let before = without.inputs().len();
    assert_eq!(with.inputs()[..before], *without.inputs());
    let added = with.inputs()[before..].iter().map(|it| it.name.as_str());
    assert_eq!(
        added.collect::<Vec<_>>(),
        [
            "model error of leaving",
            "model error of leaving in s",
            "model error of customers won",
            "model error of service cost in s"
        ]
    );
    let flag = with
        .flags()
        .iter()
        .find(|it| it.code == "model_error_drawn");
    let detail = &flag.unwrap().detail;
    assert!(
        detail.contains("leaving, customers won, service cost"),
        "{detail}"
    );
    assert!(
        without
            .flags()
            .iter()
            .all(|it| it.code != "model_error_drawn")
    );
}
