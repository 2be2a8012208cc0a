//! Where two parts of the engine meet: value beyond the horizon, payback, evidence, gates, what finance
//! confirms. Right values are worked out in `MODEL.md`, or apart.

use keepworth_sim::{Baseline, Control, Level, Outcome, RunOptions, Scenario, run};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::company::{figure, mean, middle, model, simulate};

/// 10,000 customers who pay 30 a month at a margin of a half and leave with 2% a month.
fn company(initiatives: &str) -> String {
    with_channel(initiatives, "")
}

/// The same with a telephone; `more` says what finance has confirmed.
fn with_channel(initiatives: &str, more: &str) -> String {
    format!(
        r#"
name = "joints"
currency = "EUR"
horizon_months = 36
discount_rate = 0.1
[[segments]]
name = "s"
customers = 10000
won_per_month = 0
revenue = 30
gross_margin = 0.5
hazard = {{ constant = {{ hazard = 0.02 }} }}
channels = [{{ name = "phone", contacts = 0.4, minutes = 8, cost_per_minute = 0.9{more} }}]
{initiatives}"#
    )
}

fn close(found: f64, expected: f64, tolerance: f64) {
    let distance = (found - expected).abs();
    assert!(
        distance <= tolerance * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

fn refusal(text: &str) -> String {
    let error = Scenario::from_toml(text)
        .unwrap()
        .resolve(None)
        .unwrap_err();
    error.to_string()
}

/// A million of capital over 60 months, written off at month 36, whatever is asked beyond:
/// `−1,000,000 + 0.25·(Σ_{t≤36} 16,666.67·v^t + 400,000·v^36)`, about −794.9k.
#[test]
fn capital_spent_for_nothing_is_lost_whatever_lies_beyond() {
    let text = r#"
        name = "nothing"
        currency = "EUR"
        horizon_months = 36
        discount_rate = 0.10
        tax_rate = 0.25
        depreciation_months = 60
        TERMINAL
        segments = [{ name = "s", customers = 1000, won_per_month = 0, revenue = 10, gross_margin = 0.5, hazard = { constant = { hazard = 0.02 } } }]
        initiatives = [{ name = "i", reach = { s = 1.0 }, costs = [{ type = "technology", amount = 1000000, capex = true }] }]
    "#;
    let v = 1.1_f64.powf(-1.0 / 12.0);
    let mut shield: f64 = (1..=36).map(|t| 1e6 / 60.0 * v.powi(t)).sum();
    shield += 24.0 / 60.0 * 1e6 * v.powi(36);
    for terminal in [
        "",
        "terminal_value = { annual_growth = 0.0 }",
        "terminal_value = { annual_growth = -0.3 }",
        "terminal_value = { run_off = {} }",
        "terminal_value = { run_off = { both_go_on = true } }",
    ] {
        let npv = figure(&text.replace("TERMINAL", terminal), Outcome::Npv);
        close(npv, -1e6 + 0.25 * shield, 1e-12);
        close(npv, -794.9e3, 1e-4);
    }
}

/// A licence renewed in the last month and in the month before differ by a month's discount.
#[test]
fn a_cost_moved_by_a_month_moves_npv_by_its_discount() {
    let v = 1.1_f64.powf(-1.0 / 12.0);
    for terminal in [
        "annual_growth = 0.0",
        "annual_growth = 0.05",
        "run_off = {}",
    ] {
        let npv = |month: u32| {
            let text = company(&format!(
                "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\n\
                 effects = [{{ on = \"hazard\", size = 0.05, grade = \"A\" }}]\n\
                 costs = [{{ type = \"people\", amount = 20000 }}, \
                 {{ type = \"technology\", amount = 12000, start = {month} }}]\n"
            ));
            let text = text.replace(
                "discount_rate",
                &format!("terminal_value = {{ {terminal} }}\ndiscount_rate"),
            );
            figure(&text, Outcome::Npv)
        };
        close(
            npv(36) - npv(35),
            12_000.0 * (v.powi(35) - v.powi(36)),
            1e-7,
        );
    }
}

#[test]
fn a_perpetuity_keeps_two_points_from_the_rate_in_every_future() {
    let one = "[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\n";
    let with = |rate: &str, growth: &str| {
        company(one).replace(
            "discount_rate = 0.1",
            &format!("discount_rate = {rate}\nterminal_value = {{ annual_growth = {growth} }}"),
        )
    };
    for (rate, growth) in [
        ("0.05", "0.031"),
        ("{ triangular = [0.04, 0.1, 0.16] }", "0.03"),
        ("{ normal = { mean = 0.1, sd = 0.01 } }", "0.0"),
        ("\"8% to 12%\"", "0.0"),
    ] {
        let text = refusal(&with(rate, growth));
        assert!(
            text.contains("at least 2 points above the growth in every future"),
            "{text}"
        );
    }
    model(&with("{ triangular = [0.04, 0.1, 0.16] }", "0.02"));
    model(&with("\"8% to 12%\"", "-0.02"));
    let text = refusal(&company(one).replace(
        "discount_rate = 0.1",
        "discount_rate = 0\nterminal_value = { run_off = {} }",
    ));
    assert!(text.contains("above 0"), "{text}");
}

/// A hazard cut by a tenth for good by a cost spent once: beyond the horizon the customers of both worlds
/// live out their hazards, `Σ_{u>0} v^(36+u)·15·(P·e^(−0.018u) − N·e^(−0.02u))`.
#[test]
fn a_run_off_is_what_both_worlds_live_out() {
    let once = "[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\neffects = [{ on = \"hazard\", size = 0.1, grade = \"A\" }]\ncosts = [{ type = \"people\", amount = 1000 }]\n";
    let monthly = once.replace("amount = 1000", "amount = 1000, recurrence = \"monthly\"");
    let asked = |initiatives: &str, form: &str| {
        let text = company(initiatives).replace(", minutes = 8", ", minutes = 0");
        let text = text.replace(
            "discount_rate",
            &format!("terminal_value = {{ run_off = {form} }}\ndiscount_rate"),
        );
        figure(&text, Outcome::TerminalValue)
    };
    let v = 1.1_f64.powf(-1.0 / 12.0);
    // Adoption is at once: it begins in the month after the start.
    let (without, with) = (1e4 * (-0.72_f64).exp(), 1e4 * (-0.018 * 36.0_f64).exp());
    let lived_out = |programme: f64, cost: f64| -> f64 {
        (1..=600)
            .map(|u| {
                let u = f64::from(u);
                let kept = with * (-programme * u).exp() - without * (-0.02 * u).exp();
                v.powf(36.0 + u) * (15.0 * kept - cost)
            })
            .sum()
    };
    close(asked(once, "{}"), lived_out(0.018, 0.0), 2e-3);
    close(asked(&monthly, "{}"), lived_out(0.02, 0.0), 2e-3);
    close(
        asked(&monthly, "{ both_go_on = true }"),
        lived_out(0.018, 1_000.0),
        1e-2,
    );
}

/// 1,000 spent in month 3 and got back by 400 a month; then a second outlay in month 12 that is not.
#[test]
fn a_payback_is_the_last_turn_counted_from_now() {
    let flows = |more: &str| {
        format!(
            "name = \"p\"\ncurrency = \"EUR\"\nhorizon_months = 24\ndiscount_rate = 0\n\
             segments = [{{ name = \"s\", customers = 1, won_per_month = 0, revenue = 400, gross_margin = 1, hazard = {{ constant = {{ hazard = 0 }} }} }}]\n\
             [[initiatives]]\nname = \"i\"\nstart_month = 3\nreach = {{ s = 1.0 }}\n\
             effects = [{{ on = \"arpu\", size = 1, grade = \"A\" }}]\n\
             costs = [{{ type = \"people\", amount = 1000 }}{more}]\n"
        )
    };
    let payback = |text: &str| {
        let result = simulate(&model(text), 32);
        (
            result.outcomes[&Outcome::PaybackMonth].p50,
            result.outcomes[&Outcome::PaybackInterpolated].p50,
        )
    };
    // 400 from month 4 on: −1,000, −600, −200, 200.
    assert_eq!(
        payback(&flows("")),
        (Level::Number(6.0), Level::Number(5.5))
    );
    let second = ", { type = \"people\", amount = 50000, start = 9 }";
    assert_eq!(payback(&flows(second)), (Level::Never, Level::Never));
    let nothing = flows("").replace("amount = 1000", "amount = 0");
    assert_eq!(
        payback(&nothing),
        (Level::NothingToPayBack, Level::NothingToPayBack)
    );
    let shares = simulate(&model(&nothing), 32).outcomes[&Outcome::PaybackMonth]
        .shares
        .clone()
        .unwrap();
    assert_eq!(shares.nothing_to_pay_back.unwrap().value, 1.0);
}

/// The chance to pay, and the mean, of a claimed size by its grade.
fn believed(size: &str, grade: &str, cost: f64) -> (f64, f64) {
    let text = company(&format!(
        "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\n\
         effects = [{{ on = \"hazard\", size = {size}, grade = \"{grade}\" }}]\n\
         costs = [{{ type = \"people\", amount = {cost} }}]\n"
    ));
    let result = simulate(&model(&text), 20_000);
    let pays = 1.0 - result.probabilities.npv_negative.value;
    (pays, mean(&result, Outcome::Npv).0 + cost)
}

/// One claimed size of 8%: better evidence is never believed less, by the mean effect and by the chance
/// to pay at a cost below the mean effect's value.
#[test]
fn worse_evidence_is_never_believed_more() {
    let interval = "{ pert = [0.02, 0.08, 0.14] }";
    for cost in [2_000.0, 6_000.0, 12_000.0] {
        let order = [
            believed(interval, "A", cost),
            believed(interval, "B", cost),
            believed(interval, "C", cost),
            believed(interval, "D", cost),
            believed("0.08", "D", cost),
        ];
        for (better, worse) in order.iter().zip(&order[1..]) {
            assert!(better.0 >= worse.0 - 0.01, "chances at {cost}: {order:?}");
            assert!(better.1 >= worse.1 * 0.97, "means at {cost}: {order:?}");
        }
        assert!(
            order[3].1 < 0.6 * order[2].1,
            "a claim is worth half a link: {order:?}"
        );
    }
}

/// Harm costs the same at every grade: longer calls are no cheaper because nobody measured them.
#[test]
fn weak_evidence_makes_no_harm_cheaper() {
    let harm = |grade: &str| {
        let text = company(&format!(
            "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\n\
             effects = [{{ on = \"minutes\", size = {{ normal = {{ mean = -0.1, sd = 0.01 }} }}, grade = \"{grade}\" }}]\n"
        ));
        mean(&simulate(&model(&text), 4_000), Outcome::Npv)
    };
    let (at_a, _) = harm("A");
    assert!(at_a < -30_000.0, "{at_a}");
    for grade in ["B", "C", "D"] {
        let (found, error) = harm(grade);
        assert!(
            (found - at_a).abs() < 6.0 * error.max(20.0),
            "{grade}: {found}, {at_a}"
        );
    }
}

/// The same gated plan written three ways: each effect its own distribution, a named size, and a named
/// causal share too.
#[test]
fn a_gated_plan_is_worth_the_same_however_it_is_written() {
    let plan = |size: &str, share: &str| {
        let effect = format!("{{ on = \"hazard\", size = {size}, grade = \"C\"{share} }}");
        company(&format!(
            "[inputs.size]\ndistribution = {{ pert = [0.0, 0.05, 0.12] }}\n\
             [inputs.share]\ndistribution = {{ beta = {{ alpha = 2, beta = 2 }} }}\n\
             [[initiatives]]\nname = \"pilot\"\nreach = {{ s = 0.02 }}\neffects = [{effect}]\n\
             costs = [{{ type = \"people\", amount = 2000 }}]\n\
             [[initiatives]]\nname = \"roll\"\nstart_month = 3\nreach = {{ s = 1.0 }}\n\
             gate = {{ pilot = \"pilot\", on = \"hazard\", threshold = 0.03, reading_sd = 0.0 }}\n\
             effects = [{effect}]\ncosts = [{{ type = \"people\", amount = 16000 }}]\n"
        ))
    };
    let own = "{ pert = [0.0, 0.05, 0.12] }";
    let named = "{ input = \"size\" }";
    let run = |size, share| simulate(&model(&plan(size, share)), 20_000);
    let ways = [
        run(own, ""),
        run(named, ""),
        run(named, ", causal_share = { input = \"share\" }"),
    ];
    let (first, error) = mean(&ways[0], Outcome::Npv);
    for way in &ways[1..] {
        let (found, other) = mean(way, Outcome::Npv);
        assert!(
            (found - first).abs() < 5.0 * error.hypot(other),
            "{found} and {first}"
        );
    }
    let gate = &ways[0].beside.gates[0];
    assert!(
        gate.option_value.value > 5.0 * gate.option_value.mc_error,
        "{gate:?}"
    );
    assert!((0.3..0.45).contains(&gate.rolled_out.value), "{gate:?}");
}

#[test]
fn a_pilot_decides_on_one_rollout_that_starts_after_it() {
    let plan = |more: &str, start: u32| {
        company(&format!(
            "[[initiatives]]\nname = \"pilot\"\nreach = {{ s = 0.1 }}\neffects = [{{ on = \"hazard\", size = 0.1, grade = \"A\" }}]\n\
             [[initiatives]]\nname = \"roll\"\nstart_month = {start}\nreach = {{ s = 1.0 }}\n\
             gate = {{ pilot = \"pilot\", on = \"hazard\", threshold = 0.03 }}\n\
             effects = [{{ on = \"hazard\", size = 0.1, grade = \"A\" }}]\n{more}"
        ))
    };
    assert!(refusal(&plan("", 0)).contains("told nothing by then"));
    let second = "[[initiatives]]\nname = \"other\"\nstart_month = 4\nreach = { s = 1.0 }\ngate = { pilot = \"pilot\", on = \"hazard\", threshold = 0.1 }\n";
    assert!(refusal(&plan(second, 4)).contains("decides on one roll-out"));
    // 10,000 customers, a tenth of them for 4 months at 2%: 80 leavers, √(2/80) = 0.158.
    let found = simulate(&model(&plan("", 4)), 64);
    close(
        found.beside.gates[0].reading_sd,
        0.158_113_883_008_419,
        1e-12,
    );
}

/// One minute has one price once finance has confirmed it, avoided or added; before, nothing is saved and
/// everything is spent.
#[test]
fn what_finance_confirms_is_what_a_minute_costs() {
    let with = |effect: &str, more: &str| {
        let initiative = format!(
            "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\neffects = [{{ {effect}, grade = \"A\" }}]\n"
        );
        figure(&with_channel(&initiative, more), Outcome::Npv)
    };
    let fewer = "on = \"contacts\", size = 0.2";
    let more = "on = \"contacts\", size = -0.2";
    let full = with(fewer, ", avoidable = 1.0");
    close(with(fewer, ", avoidable = 0.25"), 0.25 * full, 1e-9);
    close(with(fewer, ""), 0.0, 1e-9);
    close(with(more, ", avoidable = 0.25"), -0.25 * full, 1e-9);
    close(with(more, ""), -full, 1e-9);
    // From month 13 on: two of three years, discounted.
    let later = with(fewer, ", avoidable = [{ from = 13, share = 1.0 }]");
    assert!(
        later > 0.4 * full && later < 0.6 * full,
        "{later} of {full}"
    );
    // Customers kept call too: at φ, and in full while nothing is confirmed.
    let kept = |more: &str| with("on = \"hazard\", size = 0.1", more);
    let calls = 0.4 * 8.0 * 0.9;
    close(
        (kept(", avoidable = 0") - kept("")) / kept(", avoidable = 0"),
        calls / 15.0,
        1e-9,
    );
    close(
        (kept(", avoidable = 0") - kept(", avoidable = 0.5")) / kept(", avoidable = 0"),
        0.5 * calls / 15.0,
        1e-9,
    );
    let text = with_channel(
        "[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\neffects = [{ on = \"contacts\", size = 0.2, grade = \"A\" }]\n",
        "",
    );
    let found = simulate(&model(&text), 64);
    close(
        found.beside.unconfirmed.as_ref().unwrap().npv.value,
        full,
        1e-9,
    );
    assert!(
        found
            .flags
            .iter()
            .any(|flag| flag.code == "unconfirmed" && flag.detail.contains("EUR")),
        "{:?}",
        found.flags
    );
}

/// A shock and a trend of leaving hold in both worlds, for every hazard.
#[test]
fn an_outlook_holds_in_both_worlds() {
    let text = |hazard: &str, outlook: &str| {
        company("[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\n")
            .replace("{ constant = { hazard = 0.02 } }", hazard)
            .replace("discount_rate", &format!("{outlook}\ndiscount_rate"))
    };
    let customers =
        |hazard: &str, outlook: &str| figure(&text(hazard, outlook), Outcome::FinalCustomers);
    let constant = "{ constant = { hazard = 0.02 } }";
    let shocked = "outlook = { hazard_factor = 1.5 }";
    close(
        customers(constant, shocked),
        1e4 * (-0.03_f64 * 36.0).exp(),
        1e-9,
    );
    let growing = "outlook = { hazard_trend = 0.1 }";
    let sum: f64 = (1..=36)
        .map(|t| 0.02 * 1.1_f64.powf(f64::from(t) / 12.0))
        .sum();
    close(customers(constant, growing), 1e4 * (-sum).exp(), 1e-9);
    let bands = "{ bands = { bands = [{ from = 0, to = 2, hazard = 0.02 }, { from = 3, hazard = 0.02 }] } }";
    close(customers(bands, growing), 1e4 * (-sum).exp(), 1e-9);
    // sbg: customers live half as long again in operational time, B(α, β + 1.5·36)/B(α, β).
    let sbg = "{ sbg = { alpha = 1, beta = 9 } }";
    close(
        customers(sbg, shocked),
        1e4 * 9.0 / (9.0 + 1.5 * 36.0),
        1e-9,
    );
    for hazard in [constant, bands, sbg] {
        assert_eq!(figure(&text(hazard, growing), Outcome::CustomersKept), 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A programme without effect is worth minus its cost under every option, up to its own shield.
    #[test]
    fn nothing_is_worth_its_cost(
        tax in prop_oneof![Just(0.0), 0.05..0.5_f64],
        terminal in prop_oneof![
            Just(""), Just("terminal_value = { annual_growth = 0.02 }"),
            Just("terminal_value = { run_off = {} }"), Just("terminal_value = { run_off = { both_go_on = true } }"),
        ],
        timing in prop_oneof![Just("end"), Just("mid"), Just("tei")],
        months in 1u32..36,
        avoidable in prop_oneof![Just(""), Just(", avoidable = 0.5"), Just(", avoidable = [{ from = 6, share = 1.0 }]")],
        effect in prop_oneof![Just("hazard"), Just("contacts"), Just("minutes"), Just("arpu"), Just("referrals")],
    ) {
        let initiative = format!(
            "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\neffects = [{{ on = \"{effect}\", size = 0 }}]\n\
             costs = [{{ type = \"people\", amount = 100, recurrence = \"monthly\", months = {months} }}, {{ type = \"people\", amount = 5000 }}]\n"
        );
        let text = with_channel(&initiative, avoidable).replace(
            "discount_rate",
            &format!("timing = \"{timing}\"\ntax_rate = {tax}\n{terminal}\ndiscount_rate"),
        );
        let (npv, cost) = (figure(&text, Outcome::Npv), figure(&text, Outcome::PvCosts));
        prop_assert!((npv + (1.0 - tax) * cost).abs() < 1e-9 * cost, "{npv} {cost} {tax}");
        prop_assert_eq!(figure(&text, Outcome::PaybackMonth), 37.0);
    }

    /// Money in another unit is worth the same, and a line or an initiative in two parts too.
    #[test]
    fn money_scales_and_splits(scale in 0.01..1e4_f64, part in 0.1..0.9_f64, tax in 0.0..0.4_f64) {
        let cost = |amount: f64| format!("{{ type = \"people\", amount = {amount}, recurrence = \"monthly\" }}");
        let one = |costs: &str| company(&format!(
            "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\neffects = [{{ on = \"hazard\", size = 0.1, grade = \"A\" }}]\ncosts = [{costs}]\n"
        )).replace("discount_rate", &format!("tax_rate = {tax}\ndiscount_rate"));
        let whole = figure(&one(&cost(300.0)), Outcome::Npv);
        let split = one(&format!("{}, {}", cost(300.0 * part), cost(300.0 * (1.0 - part))));
        prop_assert!((figure(&split, Outcome::Npv) - whole).abs() < 1e-9 * whole.abs());
        let apart = one(&cost(300.0 * part))
            + &format!("[[initiatives]]\nname = \"office\"\ncosts = [{}]\n", cost(300.0 * (1.0 - part)));
        prop_assert!((figure(&apart, Outcome::Npv) - whole).abs() < 1e-9 * whole.abs());
        let scaled = one(&cost(300.0 * scale))
            .replace("revenue = 30", &format!("revenue = {}", 30.0 * scale))
            .replace("cost_per_minute = 0.9", &format!("cost_per_minute = {}", 0.9 * scale));
        prop_assert!((figure(&scaled, Outcome::Npv) - scale * whole).abs() < 1e-9 * (scale * whole).abs());
        for outcome in [Outcome::Roi, Outcome::PaybackMonth, Outcome::CustomersKept] {
            prop_assert!((figure(&scaled, outcome) - figure(&one(&cost(300.0)), outcome)).abs() < 1e-9);
        }
    }

    /// Money that is back stays back to the horizon: then the undiscounted sum is not negative.
    #[test]
    fn payback_and_the_sum_of_flows_agree(first in 0.0..40_000.0_f64, later in 0.0..40_000.0_f64, month in 1u32..36, size in 0.0..0.3_f64) {
        let text = company(&format!(
            "[[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\neffects = [{{ on = \"hazard\", size = {size}, grade = \"A\" }}]\n\
             costs = [{{ type = \"people\", amount = {first} }}, {{ type = \"people\", amount = {later}, start = {month} }}]\n"
        )).replace("discount_rate = 0.1", "discount_rate = 0");
        let never = figure(&text, Outcome::PaybackMonth) == 37.0;
        prop_assert_eq!(never, figure(&text, Outcome::Npv) < 0.0);
    }
}

/// Two initiatives that each remove half of what a cause of 20% of leaving makes win 15% of leaving, not 19%; beside one that
/// names none they multiply, and the ceiling holds.
#[test]
fn what_two_win_of_one_cause_is_there_once() {
    let initiative = |name: &str, cause: &str, size: f64| {
        format!(
            "[[initiatives]]\nname = \"{name}\"\nreach = {{ s = 1.0 }}\n\
             effects = [{{ on = \"hazard\", {cause} size = {size}, grade = \"A\" }}]\n"
        )
    };
    // So many are known that their shares are certain: a fifth for effort.
    let causes =
        "causes = [{ name = \"effort\", left = 200000000 }, { name = \"care\", left = 800000000 }]";
    let leaving = |initiatives: &str, more: &str| {
        let text = company(initiatives)
            .replace("[[segments]]", &format!("[[segments]]\n{causes}\n{more}"));
        let customers = figure(&text, Outcome::FinalCustomers);
        -(customers / 1e4).ln() / 36.0 / 0.02
    };
    let on = |name: &str| initiative(name, "cause = \"effort\",", 0.5);
    close(leaving(&on("a"), ""), 0.9, 5e-4);
    close(leaving(&(on("a") + &on("b")), ""), 0.85, 5e-4);
    let unnamed = initiative("c", "", 0.1);
    close(
        leaving(&(on("a") + &on("b") + &unnamed), ""),
        0.9 * 0.85,
        5e-4,
    );
    // Experience could remove half of leaving, and a fifth of that is for effort.
    close(
        leaving(&(on("a") + &on("b")), "experience_share = 0.5"),
        1.0 - 0.5 * 0.15,
        5e-4,
    );
    close(
        leaving(&initiative("c", "", 0.9), "experience_share = 0.5"),
        0.5,
        1e-9,
    );
    let elsewhere = on("a").replace("size", "segments = [\"s\"], size");
    close(leaving(&elsewhere, ""), 0.9, 5e-4);
}

/// Two initiatives that each work in half of the futures: with one sponsor and a correlation of a half both do in
/// `1/4 + asin(1/2)/2π`, a third of them.
#[test]
fn initiatives_of_one_sponsor_work_together() {
    let initiative = |name: &str, sponsor: &str| {
        format!(
            "[[initiatives]]\nname = \"{name}\"\nreach = {{ s = 1.0 }}\nsuccess_probability = 0.5\n{sponsor}\n\
             effects = [{{ on = \"price_premium\", size = 0.001, grade = \"A\" }}]\n"
        )
    };
    let spread = |one: &str, other: &str| {
        let text = company(&(initiative("a", one) + &initiative("b", other)));
        let npv = simulate(&model(&text), 65_536).outcomes[&Outcome::Npv].clone();
        npv.sd.unwrap() / npv.mean.unwrap()
    };
    let ann = "sponsor = \"ann\"";
    // The number that work has the mean 1 and the variance 1/2 + 2·(1/3 − 1/4); the effects all but add.
    close(spread(ann, ann), (2.0_f64 / 3.0).sqrt(), 0.01);
    close(spread(ann, "sponsor = \"bob\""), 0.5_f64.sqrt(), 0.01);
    close(spread("", ""), 0.5_f64.sqrt(), 0.01);
}

/// 1,000 a month for 36 months that works in half of the futures: read after 12 without an error, it costs 24,000 in the
/// mean, and the right to stop is worth 12,000.
#[test]
fn what_does_not_work_is_given_up() {
    let text = company(
        "[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\nsuccess_probability = 0.5\n\
         effects = [{ on = \"price_premium\", size = 0.02, grade = \"A\" }]\n\
         costs = [{ type = \"people\", amount = 1000, recurrence = \"monthly\" }]\n\
         stop = { after_months = 12, on = \"price_premium\", threshold = 0.01, reading_sd = 0 }\n",
    )
    .replace("discount_rate = 0.1", "discount_rate = 0");
    let found = simulate(&model(&text), 8_192);
    close(
        found.outcomes[&Outcome::PvCosts].mean.unwrap(),
        24_000.0,
        0.01,
    );
    let stop = &found.beside.stops[0];
    assert_eq!((stop.initiative.as_str(), stop.last_month), ("i", 12));
    close(stop.given_up.value, 0.5, 0.02);
    close(stop.option_value.value, 12_000.0, 0.02);
}

/// A trend flattens out, and a season comes back every year: MODEL.md, section 2.
#[test]
fn a_trend_flattens_out_and_a_season_comes_back() {
    let customers = |outlook: &str| {
        let text = company("[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\n")
            .replace("discount_rate", &format!("{outlook}\ndiscount_rate"));
        figure(&text, Outcome::FinalCustomers)
    };
    let damped: f64 = (1..=36)
        .map(|t| 0.02 * 1.2_f64.powf(0.9 * (1.0 - 0.9_f64.powi(t)) / (1.0 - 0.9) / 12.0))
        .sum();
    close(
        customers("outlook = { hazard_trend = 0.2, trend_damping = 0.9 }"),
        1e4 * (-damped).exp(),
        1e-9,
    );
    // Month 1 and the two after it have twice the leaving, month 37 would have it again.
    let season = "outlook = { hazard_season = [2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0] }";
    close(customers(season), 1e4 * (-0.02_f64 * 36.0).exp(), 1e-9);
    let half_a_year = season.replace("season =", "trend = 0, hazard_season =");
    let text = company("[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\n")
        .replace("horizon_months = 36", "horizon_months = 6")
        .replace("discount_rate", &format!("{half_a_year}\ndiscount_rate"));
    close(
        figure(&text, Outcome::FinalCustomers),
        1e4 * (-0.02_f64 * 9.0).exp(),
        1e-9,
    );
}

/// Records of 25 months in which leaving grows by 30% a year and is half more in the first half of a year, of
/// customers who all were new in the first twelve of them: hazards are means, each over its own months, and leaving
/// goes on from where the records end.
#[test]
fn leaving_goes_on_from_where_its_records_end() {
    let season = |month: i32| match month.rem_euclid(12) {
        1..=6 => 1.5,
        _ => 0.5,
    };
    let moved = |month: i32| season(month) * 1.3_f64.powf(f64::from(month) / 12.0);
    let heads = |month: i32| f64::from(month + 40);
    let mean_over = |months: std::ops::RangeInclusive<i32>| {
        let all: f64 = months.clone().map(heads).sum();
        months.map(|it| heads(it) * moved(it)).sum::<f64>() / all
    };
    let record = |months: std::ops::RangeInclusive<i32>| -> Vec<Value> {
        months
            .map(|it| json!({"at": it, "customer_months": heads(it), "season": season(it)}))
            .collect()
    };
    let baseline: Baseline = serde_json::from_value(json!({
        "as_of": "2025-12-31", "currency": "EUR",
        "segments": [{
            "name": "s", "customers_by_tenure": vec![0; 30].into_iter().chain([1000]).collect::<Vec<_>>(),
            "won_per_month": 50, "revenue": 30, "gross_margin": 0.5, "overhead": 0, "acquisition_cost": 0,
            "hazard": { "bands": { "bands": [
                { "from": 0, "to": 11, "hazard": 0.05 * mean_over(-24..=-13) },
                { "from": 12, "hazard": 0.01 * mean_over(-12..=0) },
            ] } },
            "leaving_record": [
                { "from": 0, "months": record(-24..=-20) }, { "from": 6, "months": record(-19..=-13) },
                { "from": 12, "months": record(-12..=0) },
            ],
        }],
        "leaving_calendar": { "trend": 0.3, "season": (1..=12).map(season).collect::<Vec<_>>() },
    }))
    .unwrap();
    let customers = |outlook: &str| {
        let text = format!(
            "name = \"x\"\nhorizon_months = 20\ndiscount_rate = 0\n{outlook}\n\
             [[initiatives]]\nname = \"i\"\nreach = {{ s = 1.0 }}\n"
        );
        let scenario = Scenario::from_toml(&text).unwrap();
        let model = scenario.resolve(Some(&baseline)).unwrap();
        let options = RunOptions {
            trials: 64,
            ..RunOptions::default()
        };
        let found = run(&model, &options, &Control::default()).unwrap();
        found.outcomes[&Outcome::FinalCustomers].mean.unwrap()
    };
    // Those who were there, and those won at each month's end, who are new for twelve months.
    let then = |hazard: &dyn Fn(i32, i32) -> f64| -> f64 {
        let left = |won: i32| -> f64 {
            (won + 1..=20)
                .map(|month| hazard(month, month - 1 - won))
                .sum()
        };
        let there: f64 = (1..=20).map(|month| hazard(month, 12)).sum();
        let won: f64 = (1..=20).map(|won| 50.0 * (-left(won)).exp()).sum();
        1000.0 * (-there).exp() + won
    };
    let base = |tenure: i32| if tenure < 12 { 0.05 } else { 0.01 };
    let truth = then(&|month, tenure| base(tenure) * moved(month));
    close(
        customers("outlook = { leaving = \"records\", trend_damping = 1 }"),
        truth,
        1e-9,
    );
    let damped = then(&|month, tenure| {
        let grown = 0.95 * (1.0 - 0.95_f64.powi(month)) / 0.05;
        base(tenure) * season(month) * 1.3_f64.powf(grown / 12.0)
    });
    close(
        customers("outlook = { leaving = \"records\" }"),
        damped,
        1e-9,
    );
    let still = then(&|_, tenure| {
        let months = if tenure < 12 { -24..=-13 } else { -12..=0 };
        base(tenure) * mean_over(months)
    });
    close(customers(""), still, 1e-9);
}

/// What a segment's records do not tell does not move it: one without a record keeps its level, one whose hazard the scenario
/// writes has it at the date; a shock meets all.
#[test]
fn a_calendar_of_records_moves_what_was_counted_by_it() {
    let segment = |name: &str, record: Value| {
        json!({
            "name": name, "customers_by_tenure": [1000], "won_per_month": 0, "revenue": 30, "gross_margin": 0.5,
            "overhead": 0, "acquisition_cost": 0, "hazard": { "constant": { "hazard": 0.02 } },
            "leaving_record": record,
        })
    };
    let counted =
        json!([{ "from": 0, "months": [{ "at": -12, "customer_months": 1, "season": 1 }] }]);
    let baseline: Baseline = serde_json::from_value(json!({
        "as_of": "2025-12-31", "currency": "EUR", "leaving_calendar": { "trend": 0.3 },
        "segments": [segment("counted", counted.clone()), segment("written", counted), segment("unseen", json!([]))],
    }))
    .unwrap();
    let text = "name = \"x\"\nhorizon_months = 12\ndiscount_rate = 0\n\
                outlook = { leaving = \"records\", trend_damping = 1, hazard_factor = 1.5 }\n\
                [[segments]]\nname = \"written\"\nhazard = { constant = { hazard = 0.01 } }\n\
                [[initiatives]]\nname = \"i\"\nreach = { counted = 1.0 }\n";
    let model = Scenario::from_toml(text)
        .unwrap()
        .resolve(Some(&baseline))
        .unwrap();
    let found = middle(&model).outcome(Outcome::FinalCustomers)[0];
    let grown: f64 = (1..=12).map(|t| 1.3_f64.powf(f64::from(t) / 12.0)).sum();
    let left = |hazards: f64| 1000.0 * (-1.5 * hazards).exp();
    // The record is of a year ago: leaving has grown by 30% since.
    let expected = left(0.02 * 1.3 * grown) + left(0.01 * grown) + left(0.02 * 12.0);
    close(found, expected, 1e-9);
    let mut differ = serde_json::to_value(&baseline).unwrap();
    differ["segments"][0]["hazard"] = json!({ "sbg": { "alpha": 1, "beta": 20 } });
    let differ: Baseline = serde_json::from_value(differ).unwrap();
    let refused = Scenario::from_toml(text)
        .unwrap()
        .resolve(Some(&differ))
        .unwrap_err();
    assert!(refused.to_string().contains("bands of tenure"), "{refused}");
}

/// Money by the customers through a month: 1,000 customers who leave with 2% a month, a tenth less with the
/// programme, worth 15 a month for `(n(t−1) + n(t))/2` of them.
#[test]
fn figures_per_day_go_by_the_customers_through_a_month() {
    let baseline = |heads: &str| -> Baseline {
        serde_json::from_str(&format!(
            r#"{{"as_of": "2025-12-31", "currency": "EUR", "heads": "{heads}", "segments": [{{
                "name": "s", "customers_by_tenure": [1000], "won_per_month": 0, "revenue": 30,
                "gross_margin": 0.5, "overhead": 0, "acquisition_cost": 0,
                "hazard": {{ "constant": {{ "hazard": 0.02 }} }} }}]}}"#
        ))
        .unwrap()
    };
    let text = "name = \"x\"\nhorizon_months = 24\ndiscount_rate = 0\n[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\neffects = [{ on = \"hazard\", size = 0.1, grade = \"A\" }]\n";
    let scenario = Scenario::from_toml(text).unwrap();
    let found = |heads: &str| {
        let model = scenario.resolve(Some(&baseline(heads))).unwrap();
        let all = middle(&model);
        [Outcome::Npv, Outcome::CustomersKept].map(|outcome| all.outcome(outcome)[0])
    };
    let kept = |t: i32| 1e3 * ((-0.018 * f64::from(t)).exp() - (-0.02 * f64::from(t)).exp());
    let ends: f64 = (1..=24).map(|t| 15.0 * kept(t)).sum();
    let through: f64 = (1..=24).map(|t| 7.5 * (kept(t - 1) + kept(t))).sum();
    for (heads, expected) in [("month_end", ends), ("through_month", through)] {
        let [npv, customers] = found(heads);
        close(npv, expected, 1e-9);
        close(customers, kept(24), 1e-9);
    }
    assert!(
        ends / through > 1.03,
        "month ends count too much: {ends}, {through}"
    );
}

/// A baseline in whose months customers come and go, with three bands of tenure.
pub fn by_days() -> Baseline {
    serde_json::from_str(
        r#"{"as_of": "2025-12-31", "currency": "EUR", "heads": "through_month", "segments": [{
            "name": "s", "customers_by_tenure": [400, 300, 200, 150, 100, 80], "won_per_month": 50,
            "revenue": 30, "gross_margin": 0.5, "overhead": 0, "acquisition_cost": 0,
            "hazard": { "bands": { "bands": [{ "from": 0, "to": 2, "hazard": 0.12 },
                { "from": 3, "to": 3, "hazard": 0.06 }, { "from": 4, "hazard": 0.02 }] } } }]}"#,
    )
    .unwrap()
}

/// Fewer leave from the first month on.
pub const A_FIFTH_LESS: &str = "name = \"x\"\nhorizon_months = 12\ndiscount_rate = 0\n[[initiatives]]\nname = \"i\"\nreach = { s = 1.0 }\neffects = [{ on = \"hazard\", size = 0.2, grade = \"A\" }]\n";

/// Steps a month.
const STEPS: usize = 200;
const STEP: f64 = 1.0 / STEPS as f64;

/// A customer of some age: the share that is left after so many steps, and the months it lived in them.
fn live(kept: f64, age: f64, steps: usize) -> (f64, f64) {
    let hazard = |age: f64| match age {
        ..3.0 => 0.12 * kept,
        ..4.0 => 0.06 * kept,
        _ => 0.02 * kept,
    };
    let (mut alive, mut lived) = (1.0, 0.0);
    for step in 0..steps {
        let next = alive * (-hazard(age + (step as f64 + 0.5) * STEP) * STEP).exp();
        lived += 0.5 * (alive + next) * STEP;
        alive = next;
    }
    (alive, lived)
}

/// Customers at the end of a year, and their months in it.
fn stepped(kept: f64) -> (f64, f64) {
    let (mut customers, mut months) = (0.0, 0.0);
    let mut add = |count: f64, age: f64, steps: usize| {
        let (alive, lived) = live(kept, age, steps);
        customers += count * alive;
        months += count * lived;
    };
    for (age, count) in [400.0, 300.0, 200.0, 150.0, 100.0, 80.0].iter().enumerate() {
        for part in 0..STEPS {
            let age = age as f64 + (part as f64 + 0.5) * STEP;
            add(count * STEP, age, 12 * STEPS);
        }
    }
    for entered in 0..12 * STEPS {
        add(50.0 * STEP, 0.0, 12 * STEPS - entered);
    }
    (customers, months)
}

/// Months are steps for the engine; customers come, age and leave every day. What is lost by that is
/// less than a thousandth.
#[test]
fn months_as_steps_come_to_what_days_come_to() {
    let model = Scenario::from_toml(A_FIFTH_LESS)
        .unwrap()
        .resolve(Some(&by_days()))
        .unwrap();
    let all = middle(&model);
    let [(without, months), (with, more)] = [1.0, 0.8].map(stepped);
    let found = |outcome: Outcome| all.outcome(outcome)[0];
    close(found(Outcome::FinalCustomers), with, 1e-3);
    close(found(Outcome::CustomersKept), with - without, 5e-3);
    close(found(Outcome::Npv), 15.0 * (more - months), 5e-3);
    let (_, year) = live(1.0, 0.0, 12 * STEPS);
    close(found(Outcome::Clv), 15.0 * year, 2e-3);
}

/// Customers drawn one by one are as many on average.
#[test]
fn customers_drawn_within_months_are_those_expected() {
    let scenario = |demography: &str| {
        let text = format!("demography = \"{demography}\"\n{A_FIFTH_LESS}");
        let scenario = Scenario::from_toml(&text).unwrap();
        let options = RunOptions {
            trials: 4_000,
            ..RunOptions::default()
        };
        let model = scenario.resolve(Some(&by_days())).unwrap();
        run(&model, &options, &Control::default()).unwrap()
    };
    let [expected, drawn] = ["expected", "binomial"].map(scenario);
    for outcome in [
        Outcome::FinalCustomers,
        Outcome::CustomersKept,
        Outcome::Npv,
    ] {
        let ((exact, _), (found, error)) = (mean(&expected, outcome), mean(&drawn, outcome));
        assert!(
            (found - exact).abs() < 4.0 * error,
            "{outcome:?}: {found} ± {error}, not {exact}"
        );
    }
}
