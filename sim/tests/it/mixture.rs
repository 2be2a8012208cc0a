//! Customers who differ, told by stretches of tenure: the number that is worked by hand in MODEL.md, and what follows
//! from it.

use keepworth_sim::Outcome;

use crate::engines::{ENGINES, THROUGH_MONTHS, all_say, all_say_in, close, every};

/// Customers who differ where `mixture` says so, at a rate of 0 unless `rest` has one.
fn company(months: u32, stretches: &str, mixture: bool, segment: &str, rest: &str) -> String {
    let rate = if rest.contains("discount_rate") {
        ""
    } else {
        "discount_rate = 0"
    };
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        {rate}
        {rest}
        [[segments]]
        name = "all"
        hazard = {{ factors = {{ mixture = {mixture}, {stretches} }} }}
        {segment}
        "#
    )
}

/// A thousand who just entered, whom nobody follows.
const THOUSAND: &str = "customers = 1000\nwon_per_month = 0\nrevenue = 0\ngross_margin = 1";

/// The same who pay.
const PAYING: &str = "customers = 1000\nwon_per_month = 0\nrevenue = 1\ngross_margin = 1";

/// Customers of all tenures, others who are won, and money of theirs.
const ALL_TENURES: &str = "customers_by_tenure = [90, 80, 70, 60, 500]\nwon_per_month = 30\nrevenue = 20\n\
                           gross_margin = 0.5\nacquisition_cost = 40";

fn stretches(hazards: &[(u32, f64)]) -> String {
    let stretch = |(from, hazard): &(u32, f64)| {
        format!("{{ from = {from}, hazard = {hazard}, loadings = [] }}")
    };
    let all: Vec<String> = hazards.iter().map(stretch).collect();
    format!("stretches = [{}]", all.join(", "))
}

/// An initiative for everyone that works at once, from month 1 on.
fn halves_leaving() -> String {
    r#"initiatives = [{ name = "it", reach = { all = 1 }, effects = [{ on = "hazard", size = 0.5, grade = "A" }] }]"#.to_owned()
}

/// Half of whom leave at 1% a month, and half at 9%.
fn share_left(months: f64) -> f64 {
    f64::midpoint((-0.01 * months).exp(), (-0.09 * months).exp())
}

/// Mean hazards of those who are left, in stretches of one month.
fn two_kinds(months: u32) -> Vec<(u32, f64)> {
    let hazard = |month: u32| {
        let at = |months: u32| share_left(f64::from(months)).ln();
        (month, at(month) - at(month + 1))
    };
    (0..months).map(hazard).collect()
}

#[test]
fn a_programme_keeps_those_who_leave_soonest_too() {
    close(share_left(12.0), 0.613, 5e-4, "half the hazards");
    close(share_left(24.0).sqrt(), 0.672, 5e-4, "the mean hazard");
    let said = stretches(&two_kinds(24));
    for (mixture, left) in [(true, share_left(12.0)), (false, share_left(24.0).sqrt())] {
        let text = company(24, &said, mixture, THOUSAND, &halves_leaving());
        all_say(&text, Outcome::FinalCustomers, 1e3 * left, 1e-9);
        let kept = 1e3 * (left - share_left(24.0));
        all_say(&text, Outcome::CustomersKept, kept, 1e-9);
    }
}

const STEEP: [(u32, f64); 4] = [(0, 0.1), (1, 0.05), (3, 0.04), (8, 0.01)];

/// Without a calendar.
#[test]
fn as_things_are_it_does_not_matter_who_differs() {
    let said = stretches(&STEEP);
    let text = |mixture: bool| company(30, &said, mixture, ALL_TENURES, "");
    for engines in [ENGINES, THROUGH_MONTHS] {
        for of in [Outcome::FinalCustomers, Outcome::Clv] {
            let alike = engines[0].1(&text(false), of);
            every(engines, &text(true), of, alike, 1e-9 * alike);
        }
    }
}

/// Whatever calendar and programme there are: all stretches are one.
#[test]
fn customers_of_one_hazard_do_not_differ() {
    let said = stretches(&[(0, 0.04), (5, 0.04)]);
    let outlook = "outlook = { hazard_factor = 1.4, hazard_trend = 0.3 }";
    let rest = [outlook, &halves_leaving()].join("\n");
    let text = |mixture: bool| company(30, &said, mixture, ALL_TENURES, &rest);
    for engines in [ENGINES, THROUGH_MONTHS] {
        for of in [Outcome::FinalCustomers, Outcome::Npv, Outcome::Clv] {
            let alike = engines[0].1(&text(false), of);
            every(engines, &text(true), of, alike, 1e-9 * alike);
        }
    }
}

/// Months in which twice as many leave take everyone through two months of tenure.
#[test]
fn the_calendar_counts_as_time_too() {
    let said = stretches(&STEEP);
    let twice = "outlook = { hazard_factor = 2 }";
    // Two, four and six months of tenure behind them.
    for (months, hazard) in [(1, 0.15), (2, 0.24), (3, 0.32)] {
        let text = company(months, &said, true, THOUSAND, twice);
        let left = 1e3 * f64::exp(-hazard);
        all_say(&text, Outcome::FinalCustomers, left, 1e-9);
    }
    // Those won in month 1 have two months behind them at the end of month 2, those of month 2 none.
    let won = THOUSAND.replace("won_per_month = 0", "won_per_month = 100");
    let text = company(2, &said, true, &won, twice);
    let left = 1e3 * f64::exp(-0.24) + 100.0 * f64::exp(-0.15) + 100.0;
    all_say(&text, Outcome::FinalCustomers, left, 1e-9);
}

/// Half a month of tenure is behind who is there at first, and half a month of the calendar behind who is won.
#[test]
fn who_comes_through_a_month_goes_on_from_half_of_it() {
    let said = stretches(&STEEP);
    let won = THOUSAND.replace("won_per_month = 0", "won_per_month = 100");
    let faster = "outlook = { hazard_factor = 1.5 }";
    let entered = 100.0 * f64::exp(-0.75 * 0.1);
    // From tenure ½ to 2, and from there to 3½; from 0 to ¾, and from there to 2¼.
    let first = 1e3 * f64::exp(-0.5 * 0.1 - 0.05);
    let second = 1e3 * f64::exp(-0.5 * 0.1 - 2.0 * 0.05 - 0.5 * 0.04);
    let later = 100.0 * f64::exp(-0.1 - 1.25 * 0.05);
    for (months, left) in [(1, first + entered), (2, second + later + entered)] {
        let text = company(months, &said, true, &won, faster);
        every(THROUGH_MONTHS, &text, Outcome::FinalCustomers, left, 1e-9);
    }
    // So many leave that who is won has more than a month of tenure behind them at once.
    let text = company(1, &said, true, &won, "outlook = { hazard_factor = 3 }");
    let left =
        1e3 * f64::exp(-0.5 * 0.1 - 2.0 * 0.05 - 0.5 * 0.04) + 100.0 * f64::exp(-0.1 - 0.5 * 0.05);
    every(THROUGH_MONTHS, &text, Outcome::FinalCustomers, left, 1e-9);
}

/// At half the hazards, who is won has a quarter of a month of tenure behind them.
#[test]
fn a_programme_acts_on_who_comes_through_a_month() {
    let said = stretches(&STEEP);
    let won = THOUSAND.replace("won_per_month = 0", "won_per_month = 100");
    let text = company(2, &said, true, &won, &halves_leaving());
    let first = 1e3 * f64::exp(-0.5 * 0.1 - 0.5 * 0.05);
    let left = first + 100.0 * f64::exp(-0.75 * 0.1) + 100.0 * f64::exp(-0.25 * 0.1);
    every(THROUGH_MONTHS, &text, Outcome::FinalCustomers, left, 1e-9);
}

/// Who is left at the horizon is who they are, and lives out the hazards of those.
#[test]
fn beyond_the_horizon_customers_go_on_to_differ() {
    let known = two_kinds(150);
    let rest = [
        "discount_rate = 0.9\nterminal_value = { run_off = {} }",
        &halves_leaving(),
    ];
    let text = company(12, &stretches(&known), true, PAYING, &rest.join("\n"));
    let least = known.last().unwrap().1;
    let a_month = 1.9_f64.ln() / 12.0;
    let years = (1e3_f64.ln() / (a_month + least / 2.0) / 12.0).ceil();
    // Within a month the hazard is one.
    let half = |t: f64| (share_left((t / 2.0).floor()) * share_left((t / 2.0).ceil())).sqrt();
    let beyond = (13..=12 + 12 * years as u32).map(f64::from);
    let worth = beyond.map(|t| 1e3 * (half(t) - share_left(t)) * (-a_month * t).exp());
    let worth: f64 = worth.sum();
    all_say(&text, Outcome::TerminalValue, worth, 1e-8 * worth);
}

/// Φ(1), Φ(−½).
const ABOVE: f64 = 0.841_344_746_068_542_9;
const BELOW: f64 = 0.308_537_538_725_986_9;

fn loaded(causes: &str) -> String {
    let loadings = "loadings = [0.3, -0.2]";
    let text = format!(
        "{causes} stretches = [{{ from = 0, hazard = 0.1, {loadings} }}, {{ from = 2, hazard = 0.05, {loadings} }}]"
    );
    text.trim().to_owned()
}

/// Whether they are the segment's own or named.
#[test]
fn hazards_move_with_their_causes() {
    let hazard = 0.25 * f64::exp(0.3 + 0.1);
    let left = 1e3 * f64::exp(-hazard);
    let own = |name: &str| match name {
        "segments.all.hazard factor 1" => ABOVE,
        "segments.all.hazard factor 2" => BELOW,
        other => panic!("{other} is certain"),
    };
    let named = |name: &str| match name {
        "wear" => ABOVE,
        "care" => BELOW,
        other => panic!("{other} is certain"),
    };
    let standard = "{ distribution = { normal = { mean = 0, sd = 1 } } }";
    let inputs = format!("inputs = {{ wear = {standard}, care = {standard} }}");
    for mixture in [true, false] {
        let text = company(3, &loaded(""), mixture, THOUSAND, "");
        all_say_in(&text, &own, Outcome::FinalCustomers, left, 1e-9);
        let causes = loaded(r#"causes = ["wear", "care"],"#);
        let text = company(3, &causes, mixture, THOUSAND, &inputs);
        all_say_in(&text, &named, Outcome::FinalCustomers, left, 1e-9);
    }
}
