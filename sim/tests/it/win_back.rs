//! Those who left and come back: the number that is worked by hand in MODEL.md, a textbook's model in closed form, and
//! what winning back is worth.

use keepworth_sim::Outcome;

use crate::engines::{ENGINES, THROUGH_MONTHS, all_say, close, every, verdict};

/// 1,000 customers of whom 75% stay from month to month, at a rate of 0; of those who left, those come back of whom
/// `win_back` says so.
fn company(months: u32, win_back: &str, segment: &str, rest: &str) -> String {
    let hazard = -0.75_f64.ln();
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        discount_rate = 0
        {rest}
        [[segments]]
        name = "all"
        customers_by_tenure = [1000]
        won_per_month = 0
        hazard = {{ constant = {{ hazard = {hazard} }} }}
        win_back = {{ {win_back} }}
        {segment}
        "#
    )
}

const PAYS: &str = "revenue = 100\ngross_margin = 0.6";
const PAYS_NOTHING: &str = "revenue = 0\ngross_margin = 1";

/// 15% come back in the month after, and nobody later.
fn rejoining() -> String {
    format!("hazards = [{}]", -0.85_f64.ln())
}

/// An initiative for everyone that works at once, from month 1 on.
fn initiative(effects: &[&str]) -> String {
    let graded = effects
        .iter()
        .map(|it| format!(r#"{{ grade = "A", {it} }}"#));
    let effects = graded.collect::<Vec<_>>().join(", ");
    format!(r#"initiatives = [{{ name = "it", reach = {{ all = 1 }}, effects = [{effects}] }}]"#)
}

fn win_back(size: f64) -> String {
    initiative(&[&format!(r#"on = "win_back", size = {size}"#)])
}

#[test]
fn some_of_those_who_left_come_back() {
    for (months, left) in [(1, 750.0), (2, 600.0)] {
        let text = company(months, &rejoining(), PAYS_NOTHING, "");
        all_say(&text, Outcome::FinalCustomers, left, 1e-9);
    }
}

/// With `r` who stay and `w` who rejoin, and leave again like all others: `n(t) = r·n(t−1) + w·(1−r)·n(t−2)`, nobody
/// before month 0, so that `n(t) = n(0)·(x^(t+1) − y^(t+1))/(x − y)` with the roots `x, y` of `z² − r·z − w·(1−r)`.
#[test]
fn retention_and_rejoining_have_a_closed_form() {
    let (stay, rejoin) = (0.75_f64, 0.15);
    let root = (stay * stay + 4.0 * rejoin * (1.0 - stay)).sqrt();
    let (x, y) = (f64::midpoint(stay, root), (stay - root) / 2.0);
    for months in 1..=24 {
        let power = months as i32 + 1;
        let expected = 1e3 * (x.powi(power) - y.powi(power)) / (x - y);
        let text = company(months, &rejoining(), PAYS_NOTHING, "");
        all_say(&text, Outcome::FinalCustomers, expected, 1e-9);
    }
}

/// The same with customers won: those who return cost nothing here, and are not among those won. In the end as many
/// leave, less who rejoin, as are won: `q = n·(1−r)·(1−w)`.
#[test]
fn who_is_won_and_returns_makes_a_steady_state() {
    let text = company(400, &rejoining(), PAYS_NOTHING, "")
        .replace("won_per_month = 0", "won_per_month = 60");
    let expected = 60.0 / (0.25 * 0.85);
    all_say(&text, Outcome::FinalCustomers, expected, 1e-9);
}

/// Who returns is a new customer: with those of the first month leaving at 25% and nobody later.
#[test]
fn who_returns_has_tenure_0() {
    let hazards = format!("table = {{ hazards = [{}, 0] }}", -0.75_f64.ln());
    let text = |months| {
        let text = company(months, &rejoining(), PAYS_NOTHING, "");
        let start = text.find("constant").unwrap();
        let end = start + text[start..].find('}').unwrap() + 1;
        [&text[..start], &hazards, &text[end..]].concat()
    };
    // 250 left; 37.5 of them return in month 2, of whom 9.375 leave in month 3, and 15% of those return in month 4.
    let of_those = 37.5 * 0.75;
    for (months, expected) in [
        (1, 750.0),
        (2, 787.5),
        (3, 750.0 + of_those),
        (4, 750.0 + of_those + 9.375 * 0.15),
    ] {
        all_say(&text(months), Outcome::FinalCustomers, expected, 1e-9);
    }
}

/// Of those who stay away in one month some return in the next, by the hazard of that month, until the hazards end.
#[test]
fn who_was_gone_at_first_returns_by_months_since() {
    let hazards = "hazards = [0.5, 0.2, 0.1]";
    let share = |hazard: f64| 1.0 - (-hazard).exp();
    let text = |months, gone: &str, more: &str| {
        company(
            months,
            &format!("{hazards}, gone = {gone}{more}"),
            PAYS_NOTHING,
            "",
        )
        .replace("customers_by_tenure = [1000]", "customers_by_tenure = [1]")
        .replace(&format!("hazard = {}", -0.75_f64.ln()), "hazard = 0")
    };
    let later = text(1, "[0, 100]", "");
    all_say(
        &later,
        Outcome::FinalCustomers,
        1.0 + 100.0 * share(0.2),
        1e-9,
    );
    for months in [3, 9] {
        let all = text(months, "[100]", "");
        all_say(
            &all,
            Outcome::FinalCustomers,
            1.0 + 100.0 * share(0.8),
            1e-9,
        );
    }
    for months in [1, 9] {
        let too_late = text(months, "[0, 0, 0, 100]", "");
        all_say(&too_late, Outcome::FinalCustomers, 1.0, 0.0);
    }
    let factor = text(9, "[100]", ", factor = 1.5");
    all_say(
        &factor,
        Outcome::FinalCustomers,
        1.0 + 100.0 * share(1.2),
        1e-9,
    );
}

/// Of 100 won in a month some leave before its end. They are among those who left, and who returns, all through a
/// month too, has cost what it costs to win back whether or not they are there at its end.
#[test]
fn who_comes_through_a_month_may_leave_in_it() {
    let text = |months: u32, rest: &str| {
        company(months, "hazards = [0.3], cost = 10", PAYS_NOTHING, rest)
            .replace("currency = \"EUR\"", "")
            .replace("customers_by_tenure = [1000]", "customers_by_tenure = [0]")
            .replace("won_per_month = 0", "won_per_month = 100")
            .replace(&format!("hazard = {}", -0.75_f64.ln()), "hazard = 0.2")
    };
    let (month, half) = ((-0.2_f64).exp(), (-0.1_f64).exp());
    let mut there = 100.0 * half;
    let mut left = 100.0 - there;
    every(
        THROUGH_MONTHS,
        &text(1, ""),
        Outcome::FinalCustomers,
        there,
        1e-9,
    );
    for months in 2..=6 {
        let returned = left * (1.0 - (-0.3_f64).exp());
        let before = there;
        there = before * month + (100.0 + returned) * half;
        left = before + 100.0 + returned - there;
        every(
            THROUGH_MONTHS,
            &text(months, ""),
            Outcome::FinalCustomers,
            there,
            1e-9,
        );
    }
    let left = 100.0 * (1.0 - half);
    let more = left * ((-0.3_f64).exp() - (-0.6_f64).exp());
    every(
        THROUGH_MONTHS,
        &text(2, &win_back(1.0)),
        Outcome::Npv,
        -10.0 * more,
        1e-9,
    );
}

/// Who is kept by an effect on leaving does not leave, and so does not return; who is recruited may.
#[test]
fn who_is_kept_does_not_return() {
    // Nobody leaves: of 1,000 there are 1,000, where 600 would be there.
    let kept = company(
        2,
        &rejoining(),
        PAYS_NOTHING,
        &initiative(&[r#"on = "hazard", size = 1"#]),
    );
    all_say(&kept, Outcome::FinalCustomers, 1e3, 1e-9);
    all_say(&kept, Outcome::CustomersKept, 400.0, 1e-9);
    // A tenth of those who are there recruits another each month: `n(t) = (0.75 + 0.1)·n(t−1) + 0.15·0.25·n(t−2)`.
    let recruits = initiative(&[r#"on = "referrals", size = 0.1"#]);
    let (mut before, mut there) = (0.0, 1e3);
    for months in 1..=6 {
        let next = 0.85 * there + 0.15 * 0.25 * before;
        (before, there) = (there, next);
        let text = company(months, &rejoining(), PAYS_NOTHING, &recruits);
        all_say(&text, Outcome::FinalCustomers, there, 1e-9);
    }
}

/// Effects multiply, as those on revenue do: 50% and 20% more are 80% more. No harm makes hazards negative.
#[test]
fn effects_act_on_hazards_of_returning() {
    let hazard = -0.85_f64.ln();
    let after = |effects: &[&str]| company(2, &rejoining(), PAYS_NOTHING, &initiative(effects));
    let expected = |factor: f64| 562.5 + 250.0 * (1.0 - (-factor * hazard).exp());
    let both = after(&[
        r#"on = "win_back", size = 0.5"#,
        r#"on = "win_back", size = 0.2"#,
    ]);
    all_say(&both, Outcome::FinalCustomers, expected(1.8), 1e-9);
    let harm = after(&[r#"on = "win_back", size = -0.4"#]);
    all_say(&harm, Outcome::FinalCustomers, expected(0.6), 1e-9);
    let ruin = after(&[r#"on = "win_back", size = -3"#]);
    all_say(&ruin, Outcome::FinalCustomers, expected(0.0), 1e-9);
    let half = after(&[r#"on = "win_back", size = 1"#]).replace("all = 1 ", "all = 0.5 ");
    all_say(&half, Outcome::FinalCustomers, expected(1.5), 1e-9);
}

#[test]
fn nobody_returns_faster_where_nobody_returns() {
    for hazards in ["hazards = [0]", "hazards = [0, 0, 0], gone = [50, 50]"] {
        let text = company(24, &format!("{hazards}, cost = 20"), PAYS, &win_back(0.8));
        all_say(&text, Outcome::Npv, 0.0, 0.0);
        all_say(&text, Outcome::CustomersKept, 0.0, 0.0);
        all_say(
            &text,
            Outcome::FinalCustomers,
            1e3 * 0.75_f64.powi(24),
            1e-9,
        );
    }
}

/// Who returns brings 60 a month, and costs `cost` once, in both worlds, at the prices of the month.
#[test]
fn winning_back_is_worth_margin_less_its_cost() {
    let hazard = -0.85_f64.ln();
    let more = 250.0 * (0.85 - (-1.5 * hazard).exp());
    let text = |months, cost: f64, rest: &str| {
        let rest = format!("{}\n{rest}", win_back(0.5));
        company(
            months,
            &format!("{}, cost = {cost}", rejoining()),
            PAYS,
            &rest,
        )
    };
    for cost in [0.0, 40.0, 60.0, 90.0] {
        all_say(&text(2, cost, ""), Outcome::Npv, more * (60.0 - cost), 1e-9);
    }
    let dear = "outlook = { price_inflation = 0.1 }";
    let prices = 1.1_f64.powf(2.0 / 12.0);
    let expected = more * (100.0 - (40.0 + 90.0) * prices);
    all_say(&text(2, 90.0, dear), Outcome::Npv, expected, 1e-9);
    let lines = &verdict(&text(2, 90.0, dear)).lines["acquisition"];
    close(lines[1][0], 0.0, 0.0, "acquisition of month 1");
    close(
        lines[2][0],
        -37.5 * 90.0 * prices,
        1e-9,
        "acquisition as things are",
    );
    close(lines[2][1], -more * 90.0 * prices, 1e-9, "acquisition more");
}

/// Over years a customer who returns brings `60/(1−r)` and more, for some of them return again.
#[test]
fn an_effect_pays_where_margins_exceed_the_cost_of_winning_back() {
    for (name, engine) in ENGINES {
        let npv = |cost: f64, size: f64| {
            let costly = format!("{}, cost = {cost}", rejoining());
            engine(&company(48, &costly, PAYS, &win_back(size)), Outcome::Npv)
        };
        for cost in [0.0, 100.0, 230.0] {
            assert!(
                npv(cost, 0.5) > 0.0 && npv(cost, -0.3) < 0.0,
                "{name} engine at {cost}"
            );
        }
        for cost in [245.0, 400.0] {
            assert!(
                npv(cost, 0.5) < 0.0 && npv(cost, -0.3) > 0.0,
                "{name} engine at {cost}"
            );
        }
    }
}

/// What makes winning cheaper leaves the cost of winning back as it is, which is none of winning one; and a customer's
/// value ends when they leave.
#[test]
fn winning_back_is_not_winning() {
    let won = "acquisition_cost = 30\noverhead = 5";
    let text = |win_back: &str, rest: &str| {
        let segment = format!("{PAYS}\n{won}");
        company(12, win_back, &segment, rest).replace("won_per_month = 0", "won_per_month = 60")
    };
    let returning = |cost: f64| format!("{}, cost = {cost}", rejoining());
    let cheaper = initiative(&[r#"on = "cac", size = 0.5"#]);
    all_say(
        &text(&returning(70.0), &cheaper),
        Outcome::Npv,
        12.0 * 60.0 * 15.0,
        1e-9,
    );
    for (name, engine) in ENGINES {
        let of = |outcome, win_back: &str| engine(&text(win_back, ""), outcome);
        let ratio = |cost| of(Outcome::AcquisitionToMaintenance, &returning(cost));
        close(ratio(1e4), ratio(0.0), 1e-12, name);
        close(ratio(0.0), 30.0 / 60.0, 1e-12, name);
        let nobody = of(Outcome::Clv, "hazards = [0]");
        close(of(Outcome::Clv, &returning(70.0)), nobody, 1e-9, name);
    }
}

/// Beyond the horizon those who are there live out, and nobody returns or is paid for: with 10% a year and a hazard `h`
/// for `12·⌈ln 1000/(ln(1.1)/12 + h/2)/12⌉` months.
#[test]
fn nobody_returns_beyond_the_horizon() {
    let rest = format!("terminal_value = {{ run_off = {{}} }}\n{}", win_back(0.5));
    let text = company(2, &format!("{}, cost = 40", rejoining()), PAYS, &rest)
        .replace("discount_rate = 0", "discount_rate = 0.1");
    let more = 250.0 * (0.85 - 0.85_f64.powf(1.5));
    let hazard = -0.75_f64.ln();
    let months = 12.0 * (1e3_f64.ln() / (1.1_f64.ln() / 12.0 + hazard / 2.0) / 12.0).ceil();
    let v = 1.1_f64.powf(-1.0 / 12.0);
    let left = (1..=months as i32).map(|k| (0.75 * v).powi(k));
    let expected = more * 60.0 * v.powi(2) * left.sum::<f64>();
    all_say(&text, Outcome::TerminalValue, expected, 1e-9);
    all_say(
        &text,
        Outcome::Npv,
        expected + more * 20.0 * v.powi(2),
        1e-9,
    );
}

/// A perpetuity repeats the last month, and what is paid for winning back in it.
#[test]
fn a_perpetuity_pays_for_winning_back() {
    let rest = format!(
        "terminal_value = {{ annual_growth = 0.0 }}\n{}",
        win_back(0.5)
    );
    let text = company(2, &format!("{}, cost = 40", rejoining()), PAYS, &rest)
        .replace("discount_rate = 0", "discount_rate = 0.1");
    let more = 250.0 * (0.85 - 0.85_f64.powf(1.5));
    let rate = 1.1_f64.powf(1.0 / 12.0) - 1.0;
    let expected = more * 20.0 / rate * 1.1_f64.powf(-2.0 / 12.0);
    all_say(&text, Outcome::TerminalValue, expected, 1e-8);
}
