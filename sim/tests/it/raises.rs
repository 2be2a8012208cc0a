//! Initiatives that raise the readiness of others: the numbers that are worked by hand in MODEL.md, and what follows.

use keepworth_sim::Outcome;

use crate::engines::{all_say_in, close, futures};

/// Who is worth 1,000 a month from the month after it starts, where it works.
fn company(months: u32, initiatives: &[&str]) -> String {
    let initiatives = initiatives.join("\n");
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        discount_rate = 0
        [[segments]]
        name = "all"
        customers = 10
        won_per_month = 0
        hazard = {{ constant = {{ hazard = 0 }} }}
        revenue = 100
        gross_margin = 1
        {initiatives}
        "#
    )
}

/// It starts in month 1, with the scores of people, process and politics.
fn initiative(scores: [f64; 3]) -> String {
    let [people, process, politics] = scores;
    format!(
        r#"
        [[initiatives]]
        name = "it"
        start_month = 1
        reach = {{ all = 1 }}
        effects = [{{ on = "arpu", size = 1, grade = "A" }}]
        readiness = {{ people = {people}, process = {process}, politics = {politics} }}
        "#
    )
}

/// It starts in month 0, and raises others from month 1 on.
fn raiser(name: &str, points: &str, rest: &str) -> String {
    format!(
        r#"
        [[initiatives]]
        name = "{name}"
        raises = {{ {points}, after_months = 1 }}
        {rest}
        "#
    )
}

const COIN: &str = "success_probability = 0.5";

const READY: [f64; 3] = [5.0, 5.0, 0.0];

/// The share of futures in which the first month after the start is worth something.
fn share_that_works(initiatives: &[&str]) -> [f64; 2] {
    const STEPS: u32 = 40;
    let text = company(2, initiatives);
    let middle = |step: u32| (f64::from(step) + 0.5) / f64::from(STEPS);
    futures(&text).map(|(_, future)| {
        let mut works = 0.0;
        for own in 0..STEPS {
            for raiser in 0..STEPS {
                let uniform = |name: &str| match name {
                    "initiatives.it.success" => middle(own),
                    "initiatives.board.success" => middle(raiser),
                    other => panic!("{other} is certain"),
                };
                works += future(&uniform, Outcome::Npv) / 1e3;
            }
        }
        works / f64::from(STEPS * STEPS)
    })
}

#[test]
fn politics_that_are_raised_make_it_work_more_often() {
    let it = initiative(READY);
    let certain = raiser("board", "politics = 5", "");
    let coin = raiser("board", "politics = 5", COIN);
    let cases: [(&[&str], f64); 3] = [
        (&[&it], 0.40),
        (&[&certain, &it], 0.95),
        (&[&coin, &it], 0.675),
    ];
    for (initiatives, expected) in cases {
        for found in share_that_works(initiatives) {
            close(found, expected, 1e-9, "share that works");
        }
    }
}

/// Whatever is written first.
#[test]
fn who_raises_may_be_written_last() {
    let it = initiative(READY);
    let coin = raiser("board", "politics = 5", COIN);
    for found in share_that_works(&[&it, &coin]) {
        close(found, 0.675, 1e-9, "share that works");
    }
}

/// From a score of 0 to one of 3: 60% and 24% more of the effect, and 6 months and 3.6 fewer of delay. What comes in
/// month 8 of the future is `since = 7` months after the start.
#[test]
fn people_and_process_are_raised_too() {
    let it = |people, process| initiative([people, process, 5.0]);
    let works = |_: &str| 0.5;
    let months = 8;
    let people = raiser("board", "people = 3", "");
    let text = company(months, &[&people, &it(0.0, 5.0)]);
    let shares = 0.60 + 0.40 * 3.0 / 5.0;
    all_say_in(&text, &works, Outcome::Npv, 7.0 * 1e3 * shares, 1e-6);
    let process = raiser("board", "process = 3", "");
    for (initiatives, months_of_effect) in [
        (vec![it(5.0, 0.0)], 1.0),
        (vec![process, it(5.0, 0.0)], 5.0),
    ] {
        let initiatives: Vec<&str> = initiatives.iter().map(String::as_str).collect();
        let text = company(months, &initiatives);
        let value = months_of_effect * 1e3;
        all_say_in(&text, &works, Outcome::Npv, value, 1e-6);
    }
}

/// Three Ps of three raisers, one of which fails.
#[test]
fn each_p_goes_by_its_own_raiser() {
    let it = initiative([0.0, 0.0, 0.0]);
    let board = raiser("board", "politics = 5", "");
    let school = raiser("school", "people = 5", COIN);
    let design = raiser("design", "process = 5", COIN);
    let text = company(9, &[&board, &school, &design, &it]);
    for (fails, expected) in [("school", 8.0 * 0.6), ("design", 2.0)] {
        let uniform = |name: &str| match name {
            // Above Φ(Φ⁻¹(1 − 0.95)), not above 0.6.
            "initiatives.it.success" => 0.1,
            name if name.contains(fails) => 0.9,
            _ => 0.1,
        };
        all_say_in(&text, &uniform, Outcome::Npv, 1e3 * expected, 1e-6);
    }
}

/// An initiative that starts earlier than it shows is as ready as it is, and so is one that is not meant.
#[test]
fn who_starts_earlier_or_is_not_meant_is_as_ready_as_written() {
    let it = initiative(READY);
    let other = initiative(READY).replace(r#"name = "it""#, r#"name = "other""#);
    let other = other.replace("start_month = 1", "start_month = 3");
    let board = raiser("board", "politics = 5", "");
    for board in [
        board.replace("after_months = 1", "after_months = 2"),
        board.replace("after_months = 1", r#"after_months = 1, of = ["other"]"#),
    ] {
        let text = company(2, &[&board, &it, &other]);
        for (uniform, expected) in [(0.39, 1e3), (0.41, 0.0)] {
            let uniform = |_: &str| uniform;
            all_say_in(&text, &uniform, Outcome::Npv, expected, 1e-9);
        }
    }
}

/// What is tried twice works by one normal, that of the pilot, though the roll-out alone is raised: in no future the
/// pilot and not the roll-out. The roll-out replaces the pilot from month 2 on, and acts from month 3.
#[test]
fn a_pilot_goes_by_the_normal_of_its_roll_out() {
    let pilot = initiative(READY).replace("start_month = 1", "start_month = 0");
    let gate = r#"gate = { pilot = "it", on = "arpu", threshold = -1, reading_sd = 0 }"#;
    let roll_out = initiative(READY).replace(r#"name = "it""#, r#"name = "all of it""#);
    let roll_out = roll_out.replace("start_month = 1", "start_month = 2") + gate;
    let board = raiser("board", "politics = 5", "");
    let text = company(3, &[&board, &pilot, &roll_out]);
    for (luck, expected) in [(0.96, 0.0), (0.94, 1e3), (0.41, 1e3), (0.39, 2e3)] {
        all_say_in(&text, &|_| luck, Outcome::Npv, expected, 1e-9);
    }
}

/// `√0.5·z_0 + √0.5·z_i` is 0.354: below 1.645 where it is raised, not below −0.253 where it is not.
#[test]
fn what_a_sponsor_carries_is_raised_too() {
    let it = initiative(READY) + r#"sponsor = "ann""#;
    let text = company(2, &[&raiser("board", "politics = 5", COIN), &it]);
    for (board, expected) in [(0.4, 1e3), (0.6, 0.0)] {
        let uniform = |name: &str| match name {
            "sponsor ann" => 0.841_344_746_068_543,
            "initiatives.it.success" => 0.308_537_538_725_986_9,
            _ => board,
        };
        all_say_in(&text, &uniform, Outcome::Npv, expected, 1e-9);
    }
}

/// The board is asked where a pilot of it reads well: half of its effect is there in the futures in which it is lucky.
#[test]
fn one_behind_a_gate_raises_where_its_gate_is_open() {
    let pilot = r#"
        [[initiatives]]
        name = "try"
        reach = { all = 0.1 }
        success_probability = 0.5
        effects = [{ on = "arpu", size = 0, grade = "A" }, { on = "cac", size = 0.5, grade = "A" }]
    "#;
    let gate = r#"start_month = 1
        success_probability = 1.0
        gate = { pilot = "try", on = "cac", threshold = 0.25, reading_sd = 0 }"#;
    let it = initiative([0.0, 5.0, 5.0]).replace("start_month = 1", "start_month = 2");
    let mapping = "readiness_mapping = { success_probability = [1, 1], realisation = [0, 1] }\n";
    let board = raiser("board", "people = 5", gate);
    let text = mapping.to_owned() + &company(3, &[pilot, &board, &it]);
    for (luck, expected) in [(0.4, 1e3), (0.6, 0.0)] {
        let uniform = |name: &str| match name {
            "initiatives.try.success" => luck,
            _ => 0.5,
        };
        all_say_in(&text, &uniform, Outcome::Npv, expected, 1e-9);
    }
}
