//! Figures that are known without simulating.

use keepworth_sim::{Control, Outcome, RunOptions, compare};

use crate::company::{CERTAIN, every_lever, figure, middle, model, simulate};

fn close(found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(
        error <= tolerance,
        "{found} is not {expected}: relative error {error:e}"
    );
}

/// Section 2 of the model on paper: one segment, constant hazard, an effect from the first month.
#[test]
fn a_certain_scenario_equals_its_closed_form() {
    let text = r#"
        name = "Closed form"
        currency = "EUR"
        horizon_months = 60
        discount_rate = 0.1
        segments = [{ name = "all", customers = 1000, won_per_month = 25, hazard = { constant = { hazard = 0.03 } }, revenue = 50, gross_margin = 0.6, overhead = 5, acquisition_cost = 120 }]
        initiatives = [{ name = "care", reach = { all = 0.8 }, effects = [{ on = "hazard", size = 0.25, grade = "A" }], costs = [{ type = "technology", amount = 20000 }, { type = "people", amount = 500, recurrence = "monthly" }] }]
    "#;
    let (stay, better) = ((-0.03_f64).exp(), (-0.03_f64 * 0.8).exp());
    // Customers: n(t) = n* + (n(0) − n*)·s^t with the fixed point n* = won / (1 − s).
    let customers = |s: f64, t: i32| 25.0 / (1.0 - s) + (1000.0 - 25.0 / (1.0 - s)) * s.powi(t);
    let v = 1.1_f64.powf(-1.0 / 12.0);
    let benefit = |t: i32| (customers(better, t) - customers(stay, t)) * (50.0 * 0.6 - 5.0);
    let npv: f64 = -20_000.0
        + (1..=60)
            .map(|t| (benefit(t) - 500.0) * v.powi(t))
            .sum::<f64>();
    let costs = 20_000.0 + 500.0 * (1..=60).map(|t| v.powi(t)).sum::<f64>();
    close(figure(text, Outcome::Npv), npv, 1e-9);
    close(figure(text, Outcome::PvCosts), costs, 1e-9);
    close(figure(text, Outcome::Roi), npv / costs, 1e-9);
    close(
        figure(text, Outcome::FinalCustomers),
        customers(better, 60),
        1e-9,
    );
}

#[test]
fn no_effect_is_worth_exactly_minus_its_cost() {
    for size in [
        "size = 0.0",
        "size = { pert = [0, 0.1, 0.2] }, causal_share = 0",
    ] {
        let text = CERTAIN.replace("size = 0.2", size);
        for text in [
            text.clone(),
            text.replace(
                "{ constant = { hazard = 0.03 } }",
                "{ sbg = { alpha = 0.7, beta = 3.8 } }",
            ),
            text.replace(
                "{ constant = { hazard = 0.03 } }",
                "{ bdw = { alpha = 0.3, beta = 1.4, shape = 1.3 } }",
            ),
        ] {
            let outcomes = middle(&model(&text));
            let npv = outcomes.outcome(Outcome::Npv)[0];
            assert_eq!(npv, -outcomes.outcome(Outcome::PvCosts)[0], "{text}");
            assert_eq!(outcomes.outcome(Outcome::CustomersKept)[0], 0.0);
        }
    }
}

/// Half a base at 1% and half at 9% monthly churn is worth 2.8 times what its 5% average suggests:
/// customer-months without a horizon, 1/(1 − s): (1/0.01 + 1/0.09)/2 over 1/0.05.
#[test]
fn a_mixed_base_is_worth_more_than_its_average() {
    let months = |segments: &str| {
        let text = format!(
            r#"
            name = "Mixed"
            currency = "EUR"
            horizon_months = 600
            discount_rate = 0
            segments = [{segments}]
            initiatives = [{{ name = "one more", reach = {{ a = 1.0, b = 1.0 }}, effects = [{{ on = "arpu", size = 1, grade = "A" }}] }}]
            "#
        );
        // Doubling a revenue of 1 with a margin of 1 counts customer-months.
        figure(&text, Outcome::Npv)
    };
    let segment = |name: &str, customers: f64, churn: f64| {
        let hazard = -(1.0 - churn).ln();
        format!(
            r#"{{ name = "{name}", customers = {customers}, won_per_month = 0, hazard = {{ constant = {{ hazard = {hazard} }} }}, revenue = 1, gross_margin = 1 }}"#
        )
    };
    let mixed = months(&format!(
        "{}, {}",
        segment("a", 500.0, 0.01),
        segment("b", 500.0, 0.09)
    ));
    let average = months(&format!(
        "{}, {}",
        segment("a", 500.0, 0.05),
        segment("b", 500.0, 0.05)
    ));
    // From month 1 on, at the month's end, each customer counts s/(1 − s).
    let expected = (0.99 / 0.01 + 0.91 / 0.09) / (2.0 * 0.95 / 0.05);
    close(mixed / average, expected, 1e-2);
    assert!((mixed / average - 2.8).abs() < 0.1, "{}", mixed / average);
}

/// Fader and Hardie (2007), "How to project customer retention": α = 0.668, β = 3.806 for the high
/// end segment; S(t) = Π (β + k − 1)/(α + β + k − 1).
#[test]
fn a_heterogeneous_cohort_survives_as_published() {
    let text = r#"
        name = "sBG"
        currency = "EUR"
        horizon_months = 12
        discount_rate = 0
        segments = [{ name = "all", customers = 1000, won_per_month = 0, hazard = { sbg = { alpha = 0.668, beta = 3.806 } }, revenue = 1, gross_margin = 1 }]
    "#;
    let survival: f64 = (1..=12)
        .map(f64::from)
        .map(|k| (3.806 + k - 1.0) / (0.668 + 3.806 + k - 1.0))
        .product();
    close(
        figure(text, Outcome::FinalCustomers),
        1000.0 * survival,
        1e-12,
    );
}

/// With a constant hazard multiplier, each customer's survival is to the power of it; for the
/// mixture that is the sBG's survival at the multiplied time, B(α, β + m·t)/B(α, β).
#[test]
fn a_programme_acts_on_each_customer_of_a_mixture() {
    let text = r#"
        name = "sBG"
        currency = "EUR"
        horizon_months = 24
        discount_rate = 0
        segments = [{ name = "all", customers = 1000, won_per_month = 0, hazard = { sbg = { alpha = 0.668, beta = 3.806 } }, revenue = 1, gross_margin = 1 }]
        initiatives = [{ name = "care", reach = { all = 1 }, effects = [{ on = "hazard", size = 0.25, grade = "A" }] }]
    "#;
    // 0.75 · 24 = 18 months' worth of hazard.
    let survival: f64 = (1..=18)
        .map(f64::from)
        .map(|k| (3.806 + k - 1.0) / (0.668 + 3.806 + k - 1.0))
        .product();
    close(
        figure(text, Outcome::FinalCustomers),
        1000.0 * survival,
        1e-12,
    );
}

/// The fast series for constant hazards against the general way, forced by a second, empty curve.
#[test]
fn both_ways_to_carry_a_constant_hazard_agree() {
    let more = r#"
        [[initiatives]]
        name = "nothing"
        reach = { one = 1.0 }
        effects = [{ on = "hazard", size = 0.0, grade = "A" }]
        adoption = { linear = { delay = 1 } }
    "#;
    let general = figure(&format!("{CERTAIN}{more}"), Outcome::Npv);
    close(figure(CERTAIN, Outcome::Npv), general, 1e-11);
}

#[test]
fn fewer_and_shorter_contacts_multiply() {
    let text = |effects: &str| {
        format!(
            r#"
            name = "Contacts"
            currency = "EUR"
            horizon_months = 1
            discount_rate = 0
            segments = [{{ name = "all", customers = 1000, won_per_month = 0, hazard = {{ constant = {{ hazard = 0 }} }}, revenue = 0, gross_margin = 1, channels = [{{ name = "phone", contacts = 1, minutes = 10, cost_per_minute = 1, avoidable = 1 }}] }}]
            initiatives = [{{ name = "care", reach = {{ all = 1 }}, effects = [{effects}] }}]
            "#
        )
    };
    let both = r#"{ on = "contacts", size = 0.08, grade = "A" }, { on = "minutes", size = 0.05, grade = "A" }"#;
    close(figure(&text(both), Outcome::Npv), 10_000.0 * 0.126, 1e-12);
    let kept = text(both).replace("avoidable = 1", "avoidable = 0");
    assert_eq!(figure(&kept, Outcome::Npv), 0.0);
}

#[test]
fn an_effect_stops_at_what_experience_can_remove() {
    let capped = CERTAIN.replace("size = 0.2", "size = 0.9").replace(
        "acquisition_cost = 120",
        "acquisition_cost = 120\nexperience_share = 0.3",
    );
    let model = model(&capped);
    assert!(
        model
            .flags()
            .iter()
            .any(|flag| flag.code == "capped" && flag.detail.contains("as little as 30%")),
        "{:?}",
        model.flags()
    );
    let honest = capped.replace("size = 0.9", "size = 0.3");
    let at_once = |text: &str| text.replace("{ delay = 2, ramp = 6 }", "{ delay = 0, ramp = 0 }");
    let only_one = |text: &str| {
        let text = at_once(text).replace("two = 0.5", "two = 0.0");
        figure(&text, Outcome::Npv)
    };
    close(only_one(&capped), only_one(&honest), 1e-9);
    // The ceiling holds what all of it comes to, not each part: a third of 90% is 30%.
    let third = |text: &str| text.replace("ramp = 6 }", "ramp = 6, level = 0.3333333333333333 }");
    let sure = honest
        .replace("size = 0.3", "size = 0.9")
        .replace("experience_share = 0.3", "");
    let part = |text: &str| figure(&third(text).replace("two = 0.5", "two = 0.0"), Outcome::Npv);
    close(part(&capped), part(&sure), 1e-9);
}

#[test]
fn tei_discounts_by_year_and_cuts_benefits() {
    // Forrester's TEI convention on flows known by construction: 1,000 a month for 24 months.
    let text = r#"
        name = "TEI"
        currency = "EUR"
        horizon_months = 24
        timing = "tei"
        discount_rate = 0.1
        risk_adjustment = { benefits = 0.2, costs = 0.1 }
        segments = [{ name = "all", customers = 1000, won_per_month = 0, hazard = { constant = { hazard = 0 } }, revenue = 1, gross_margin = 1 }]
        initiatives = [{ name = "care", reach = { all = 1 }, effects = [{ on = "price_premium", size = 1, grade = "A" }], costs = [{ type = "people", amount = 5000 }] }]
    "#;
    let expected = 0.8 * 12_000.0 * (1.0 / 1.1 + 1.0 / 1.21) - 1.1 * 5_000.0;
    close(figure(text, Outcome::Npv), expected, 1e-12);
}

/// PV of cost after tax: capital expenditure of 900 over three years at 25% and 10%, no benefit.
#[test]
fn depreciation_shields_capital_expenditure() {
    let text = r#"
        name = "Tax"
        currency = "EUR"
        horizon_months = 36
        discount_rate = 0.1
        tax_rate = 0.25
        depreciation_months = 36
        segments = [{ name = "all", customers = 1, won_per_month = 0, hazard = { constant = { hazard = 0 } }, revenue = 1, gross_margin = 1 }]
        initiatives = [{ name = "care", costs = [{ type = "technology", amount = 900, capex = true }] }]
    "#;
    let v = 1.1_f64.powf(-1.0 / 12.0);
    let shield: f64 = (1..=36).map(|t| 0.25 * 900.0 / 36.0 * v.powi(t)).sum();
    close(figure(text, Outcome::Npv), -900.0 + shield, 1e-12);
}

#[test]
fn a_gate_spends_nothing_where_the_pilot_fails() {
    let gated = simulate(&every_lever(), 4_000);
    let committed = simulate(&every_lever().without_gates(), 4_000);
    let costs = |r: &keepworth_sim::RunResult| r.outcomes[&Outcome::PvCosts].p5.number().unwrap();
    assert!(costs(&gated) < 0.5 * costs(&committed));
}

#[test]
fn a_scenario_compared_with_itself_never_wins() {
    let model = every_lever();
    let options = RunOptions {
        trials: 1_000,
        ..RunOptions::default()
    };
    let cheaper = model.with_active(&[true, false]);
    let both = compare(
        &[model.clone(), model, cheaper],
        &options,
        &Control::default(),
    )
    .unwrap();
    assert_eq!(both.differences[0].better.value, 0.0);
    assert_eq!(both.differences[0].npv.sd, Some(0.0));
    assert!(both.differences[1].npv.sd.unwrap() > 0.0);
    assert_eq!(both.runs[0], simulate(&every_lever(), 1_000));
}

/// Losses drawn customer by customer scatter around the expectation, and a programme without effect
/// still changes nothing.
#[test]
fn binomial_losses_agree_with_their_expectation() {
    for hazard in [
        "{ constant = { hazard = 0.03 } }",
        "{ sbg = { alpha = 0.7, beta = 12 } }",
        "{ bands = { bands = [{ from = 0, to = 4, hazard = 0.1 }, { from = 5, hazard = 0.02 }] } }",
    ] {
        let text = CERTAIN.replace("{ constant = { hazard = 0.03 } }", hazard);
        let drawn = text.replace(
            "name = \"Certain\"",
            "name = \"Drawn\"\ndemography = \"binomial\"",
        );
        let run = simulate(&model(&drawn), 2_000);
        for outcome in [Outcome::Npv, Outcome::FinalCustomers] {
            let found = &run.outcomes[&outcome];
            let distance = (found.mean.unwrap() - figure(&text, outcome)).abs();
            assert!(
                found.sd.unwrap() > 0.0 && distance < 4.0 * found.mc_error.mean.unwrap(),
                "{hazard} {outcome:?}"
            );
        }
        let idle = middle(&model(&drawn.replace("size = 0.2", "size = 0.0")));
        assert_eq!(idle.outcome(Outcome::CustomersKept)[0], 0.0);
    }
}

#[test]
fn verdicts_are_views_of_the_same_flows() {
    let outcomes = middle(&model(CERTAIN));
    let figure = |outcome| outcomes.outcome(outcome)[0];
    // ROI, PI and NPV are three views of the same sums.
    let npv = figure(Outcome::Npv);
    close(figure(Outcome::Roi), npv / figure(Outcome::PvCosts), 1e-12);
    close(
        figure(Outcome::ProfitabilityIndex),
        1.0 + npv / 20_000.0,
        1e-12,
    );
    assert!(
        figure(Outcome::MirrAnnual) > 0.1
            && figure(Outcome::MirrAnnual) < figure(Outcome::IrrAnnual)
    );
    assert!(figure(Outcome::PaybackMonth) <= figure(Outcome::DiscountedPaybackMonth));
}

/// What a customer won brings: 25 a month for as long as it stays, discounted to when it was won.
#[test]
fn lifetime_value_is_the_sum_over_survival() {
    // Of the two segments, only the first wins anybody.
    let certain = CERTAIN.replace("won_per_month = 40", "won_per_month = 0");
    let v = |t: i32| 1.1_f64.powf(-f64::from(t) / 12.0);
    let value = |survival: &dyn Fn(i32) -> f64| -> f64 {
        (1..=36).map(|t| 25.0 * survival(t) * v(t)).sum()
    };
    let constant = |t: i32| (-0.03 * f64::from(t)).exp();
    // Three months at one hazard, all others at another.
    let bands = |t: i32| (-0.08 * f64::from(t.min(3)) - 0.02 * f64::from((t - 3).max(0))).exp();
    // P. Fader and B. Hardie (2007): those of age i − 1 stay with (β + i − 1)/(α + β + i − 1).
    let sbg = |t: i32| -> f64 {
        let stay = |i: i32| (3.8 + f64::from(i) - 1.0) / (0.7 + 3.8 + f64::from(i) - 1.0);
        (1..=t).map(stay).product()
    };
    let written = "{ constant = { hazard = 0.03 } }";
    let cases: [(&str, &dyn Fn(i32) -> f64); 3] = [
        (written, &constant),
        (
            "{ bands = { bands = [{ from = 0, to = 2, hazard = 0.08 }, { from = 3, hazard = 0.02 }] } }",
            &bands,
        ),
        ("{ sbg = { alpha = 0.7, beta = 3.8 } }", &sbg),
    ];
    for (hazard, survival) in cases {
        let found = figure(&certain.replace(written, hazard), Outcome::Clv);
        close(found, value(survival), 1e-12);
    }
    let idle = certain.replace("size = 0.2", "size = 0.0");
    close(figure(&idle, Outcome::Clv), value(&constant), 1e-12);
    let timed = |timing: &str| {
        let timing = format!("name = \"Certain\"\ntiming = \"{timing}\"");
        figure(
            &certain.replace("name = \"Certain\"", &timing),
            Outcome::Clv,
        )
    };
    let half = 1.1_f64.powf(1.0 / 24.0);
    close(timed("mid"), value(&constant) * half, 1e-12);
    let yearly: f64 = (1..=36)
        .map(|t: i32| 25.0 * constant(t) * v(12 * ((t + 11) / 12)))
        .sum();
    close(timed("tei"), yearly, 1e-12);
    let for_ever = certain
        .replace("hazard = 0.03", "hazard = 0")
        .replace("discount_rate = 0.1", "discount_rate = 0");
    close(figure(&for_ever, Outcome::Clv), 36.0 * 25.0, 1e-15);
    let nobody = certain.replace("won_per_month = 20", "won_per_month = 0");
    assert_eq!(figure(&nobody, Outcome::Clv), 0.0);
}

/// The mean over segments counts each as often as customers are won there.
#[test]
fn lifetime_value_is_that_of_those_who_are_won() {
    let segment = |name: &str, won: u32, revenue: u32| {
        format!(
            r#"{{ name = "{name}", customers = 1, won_per_month = {won}, hazard = {{ constant = {{ hazard = 0 }} }}, revenue = {revenue}, gross_margin = 1 }}"#
        )
    };
    let text = format!(
        r#"
        name = "Two segments"
        currency = "EUR"
        horizon_months = 12
        discount_rate = 0
        segments = [{}, {}]
        initiatives = [{{ name = "care", reach = {{ a = 1 }}, effects = [{{ on = "hazard", size = 0, grade = "A" }}], costs = [{{ type = "people", amount = 1 }}] }}]
        "#,
        segment("a", 30, 10),
        segment("b", 10, 50)
    );
    close(figure(&text, Outcome::Clv), 12.0 * 20.0, 1e-14);
}
