//! What contacts are about: the numbers that are worked by hand in MODEL.md, and what follows from them.

use keepworth_sim::Outcome;
use keepworth_sim::inputs::Distribution;

use crate::engines::all_say_in;

/// 1,000 customers who stay and call once a month, over some months at a rate of 0: 6,200 a month at a price of 1 a
/// minute.
fn company(months: u32, channels: &str, initiatives: &[&str]) -> String {
    let initiatives = initiatives.join("\n");
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        discount_rate = 0
        [[segments]]
        name = "all"
        customers = 1000
        won_per_month = 0
        hazard = {{ constant = {{ hazard = 0 }} }}
        revenue = 0
        gross_margin = 1
        channels = [{channels}]
        {initiatives}
        "#
    )
}

fn channel(name: &str, issues: &str) -> String {
    format!(
        r#"{{ name = "{name}", contacts = 1, minutes = 6.2, cost_per_minute = 1, avoidable = 1, issues = [{issues}] }}"#
    )
}

/// 30% of contacts at 2 minutes, as good as certainly, and 70% at 8.
const BILLS: &str = r#"{ name = "bills", contacts = 300_000, minutes = 2 }, { name = "faults", contacts = 700_000, minutes = 8 }"#;

/// An initiative for everyone that works at once, from month 1 on.
fn initiative(name: &str, effects: &str, rest: &str) -> String {
    format!(
        r#"
        [[initiatives]]
        name = "{name}"
        reach = {{ all = 1 }}
        effects = [{effects}]
        {rest}
        "#
    )
}

fn effect(on: &str, size: f64, rest: &str) -> String {
    format!(r#"{{ on = "{on}", size = {size}, grade = "A"{rest} }}"#)
}

const OF_BILLS: &str = r#", issue = "bills""#;

/// The future in which everything comes to its median.
fn middle(_: &str) -> f64 {
    0.5
}

#[test]
fn half_of_a_short_issue_takes_few_minutes() {
    let phone = channel("phone", BILLS);
    for on in ["contacts", "minutes"] {
        let it = initiative("it", &effect(on, 0.5, OF_BILLS), "");
        let saved = 6_200.0 * 0.5 * 0.6 / 6.2;
        let text = company(1, &phone, &[&it]);
        all_say_in(&text, &middle, Outcome::Npv, saved, 1e-3);
    }
}

#[test]
fn two_who_act_on_one_issue_share_what_is_there() {
    let phone = channel("phone", BILLS);
    let [one, other, all] = [
        initiative("one", &effect("contacts", 0.5, OF_BILLS), ""),
        initiative("other", &effect("minutes", 0.5, OF_BILLS), ""),
        initiative("all", &effect("minutes", 0.1, ""), ""),
    ];
    let saved = 6_200.0 * 0.75 * 0.6 / 6.2;
    let text = company(1, &phone, &[&one, &other]);
    all_say_in(&text, &middle, Outcome::Npv, saved, 1e-3);
    let saved = 6_200.0 * (1.0 - 0.9 * (1.0 - 0.75 * 0.6 / 6.2));
    let text = company(1, &phone, &[&one, &other, &all]);
    all_say_in(&text, &middle, Outcome::Npv, saved, 1e-3);
}

#[test]
fn it_acts_in_every_channel_that_has_the_issue() {
    let channels = [
        channel("phone", BILLS),
        channel("chat", BILLS),
        channel("shop", r#"{ name = "moves", contacts = 10 }"#),
    ];
    let channels = channels.join(", ");
    for (rest, times) in [("", 2.0), (r#", channel = "chat""#, 1.0)] {
        let rest = [OF_BILLS, rest].concat();
        let it = initiative("it", &effect("contacts", 0.5, &rest), "");
        let saved = times * 6_200.0 * 0.5 * 0.6 / 6.2;
        let text = company(1, &channels, &[&it]);
        all_say_in(&text, &middle, Outcome::Npv, saved, 1e-3);
    }
}

/// Whatever it is drawn as.
#[test]
fn an_issue_that_is_all_of_a_channel_is_the_channel() {
    let phone = channel(
        "phone",
        r#"{ name = "bills", contacts = 2, minutes = "1 to 9" }"#,
    );
    let rest = r#", issue = "bills", segments = ["all"]"#;
    for (on, size) in [("contacts", 0.4), ("minutes", -0.2)] {
        let it = initiative("it", &effect(on, size, rest), "");
        let text = company(1, &phone, &[&it]);
        for uniform in [0.1, 0.8] {
            all_say_in(&text, &|_| uniform, Outcome::Npv, 6_200.0 * size, 1e-6);
        }
    }
}

/// A gamma variate of half a contact more than were counted.
fn weight(contacts: f64, uniform: f64) -> f64 {
    let law = Distribution::Gamma {
        shape: contacts + 0.5,
        scale: 1.0,
    };
    law.quantile(uniform)
}

const FEW: &str = r#"{ name = "bills", contacts = 1 }, { name = "faults", contacts = 3 }"#;

/// Without minutes issues take equally long.
#[test]
fn shares_are_drawn_as_well_as_counts_tell_them() {
    let it = initiative("it", &effect("contacts", 0.5, OF_BILLS), "");
    let text = company(1, &channel("phone", FEW), &[&it]);
    for (bills, faults) in [(0.1, 0.7), (0.9, 0.2)] {
        let uniform = |name: &str| match name {
            "segments.all.phone.issue bills" => bills,
            "segments.all.phone.issue faults" => faults,
            other => panic!("{other} is certain"),
        };
        let (own, others) = (weight(1.0, bills), weight(3.0, faults));
        let saved = 6_200.0 * 0.5 * own / (own + others);
        all_say_in(&text, &uniform, Outcome::Npv, saved, 1e-6);
    }
}

/// Of 1,000 contacts a month 1.5/5 are about the issue in the mean: 1,800 in six months, whose number is told to
/// `√(2/1800)`, a thirtieth. An issue of which 50% was taken reads as 55% where the error is one and a half of them.
#[test]
fn a_rule_reads_the_contacts_of_the_issue() {
    let rule = r#"stop = { after_months = 6, on = "contacts", threshold = 0.55 }"#;
    let it = initiative("it", &effect("contacts", 0.5, OF_BILLS), rule);
    let text = company(8, &channel("phone", FEW), &[&it]);
    let (own, others) = (weight(1.0, 0.5), weight(3.0, 0.5));
    let a_month = 6_200.0 * 0.5 * own / (own + others);
    // Φ(1.5).
    let enough = 0.933_192_798_731_141_9;
    for (error, months) in [(enough - 1e-6, 6.0), (enough + 1e-6, 8.0)] {
        let uniform = |name: &str| match name {
            "initiatives.it.stopping error" => error,
            _ => 0.5,
        };
        all_say_in(&text, &uniform, Outcome::Npv, months * a_month, 1e-6);
    }
}
