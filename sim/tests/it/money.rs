//! Seats, money by the calendar, receivables and losses: the numbers that are worked by hand in MODEL.md, and what must
//! be the same however it is written.

use keepworth_sim::{Control, Outcome, RunError, RunOptions, Sampling, Statistics, ledger, run};

use crate::company::model;
use crate::engines::{ENGINES, Engine, all_say, close, verdict};

/// A company of customers who stay, over some months at a rate of 0.
fn company(months: u32, customers: u32, segment: &str, rest: &str) -> String {
    format!(
        r#"
        name = "Worked"
        currency = "EUR"
        horizon_months = {months}
        discount_rate = 0
        {rest}
        [[segments]]
        name = "all"
        customers = {customers}
        won_per_month = 0
        hazard = {{ constant = {{ hazard = 0 }} }}
        {segment}
        "#
    )
}

/// An initiative for everyone that works at once, from month 1 on.
fn initiative(effect: &str) -> String {
    format!(
        r#"initiatives = [{{ name = "it", reach = {{ all = 1 }}, effects = [{{ grade = "A", {effect} }}] }}]"#
    )
}

/// 10,000 customers who call once a month for 6 minutes at 60 cents: 60,000 minutes.
fn contact_centre(months: u32, fewer: f64, pool: &str, rest: &str) -> String {
    let channel = r#"{ name = "phone", contacts = 1, minutes = 6, cost_per_minute = 0.6 }"#;
    let segment = format!("revenue = 0\ngross_margin = 1\nchannels = [{channel}]");
    let seats = format!(r#"seats = [{{ name = "centre", channels = ["phone"], {pool} }}]"#);
    let effect = initiative(&format!(r#"on = "contacts", size = {fewer}"#));
    company(
        months,
        10_000,
        &segment,
        &format!("{seats}\n{effect}\n{rest}"),
    )
}

const POOL: &str = "minutes_per_seat = 7200, cost_per_seat = 4000, notice_months = 3";

#[test]
fn a_contact_centre_saves_seats_after_notice() {
    for (months, saved) in [(3, 0.0), (4, 4_000.0), (12, 9.0 * 4_000.0)] {
        all_say(
            &contact_centre(months, 0.1, POOL, ""),
            Outcome::Npv,
            saved,
            1e-6,
        );
    }
    let seats = &verdict(&contact_centre(12, 0.1, POOL, "")).seats;
    let (name, months) = &seats[0];
    assert_eq!(name, "centre");
    let as_is = 9.0 * 7_200.0 - 60_000.0;
    assert_eq!(months[0], [9.0, 9.0, as_is, as_is]);
    assert_eq!(months[3], [9.0, 9.0, as_is, 9.0 * 7_200.0 - 54_000.0]);
    assert_eq!(months[4], [9.0, 8.0, as_is, 8.0 * 7_200.0 - 54_000.0]);
    let told = &run(
        &model(&contact_centre(12, 0.1, POOL, "")),
        &few(),
        &Control::default(),
    )
    .unwrap();
    let told = &told.monthly.seats[0];
    for (month, expected) in months.iter().enumerate() {
        let columns = [
            &told.as_is,
            &told.programme,
            &told.slack_as_is,
            &told.slack_programme,
        ];
        assert_eq!(columns.map(|it| it.p50[month]), *expected, "month {month}");
    }
}

/// Of points that depend on each other one set tells no error.
#[test]
fn a_ledger_refuses_what_a_run_refuses() {
    let options = RunOptions {
        sampling: Sampling::Sobol,
        randomisations: 1,
        ..few()
    };
    let model = model(&contact_centre(12, 0.1, POOL, ""));
    let refused = ledger(&model, &options, &Control::default());
    assert_eq!(refused.unwrap_err(), RunError::OneRandomisation);
}

fn few() -> RunOptions {
    RunOptions {
        trials: 3_000,
        ..RunOptions::default()
    }
}

/// Whatever is drawn: the lines' present values add up to the mean NPV, to the cent, and each line's months to its
/// present value where nothing is discounted.
#[test]
fn the_ledger_ties_to_the_verdict() {
    let reference = crate::reference::SCENARIO;
    let with = "losses = \"carried_forward\"\nreceivable_days = 20\noutlook = { wage_inflation = \"0.01 to 0.05\", \
                price_inflation = 0.02, money = \"real\" }\n";
    let drawn = "demography = \"binomial\"\n";
    for text in [String::new(), with.to_owned(), drawn.to_owned()].map(|it| it + reference) {
        let model = model(&text);
        let result = run(&model, &few(), &Control::default()).unwrap();
        let book = ledger(&model, &few(), &Control::default()).unwrap();
        let npv = &result.outcomes[&Outcome::Npv];
        let mean = |it: &Statistics| it.mean.unwrap();
        let lines = book.lines.values().map(|line| mean(&line.present_value));
        close(lines.sum(), mean(npv), 0.005, "lines");
        close(mean(&book.net.present_value), mean(npv), 0.005, "net");
        let error = |it: &Statistics| it.mc_error.mean.unwrap();
        close(
            error(&book.net.present_value),
            error(npv),
            0.005,
            "its error",
        );
        assert_eq!((book.futures, book.band_futures), (3_000, 1_024));
    }
    // Where nothing is discounted a line's months come to its present value.
    let model = model(&reference.replacen(
        "discount_rate = { input = \"discount_rate\" }",
        "discount_rate = 0",
        1,
    ));
    let book = ledger(&model, &few(), &Control::default()).unwrap();
    for (line, it) in &book.lines {
        let months: f64 = it.difference.mean.iter().sum();
        close(months, it.present_value.mean.unwrap(), 0.005, line.name());
    }
}

#[test]
fn a_few_minutes_fewer_save_no_seat() {
    all_say(&contact_centre(12, 0.03, POOL, ""), Outcome::Npv, 0.0, 0.0);
}

/// More seats are there at once, and none of them is taken by other work.
#[test]
fn more_minutes_need_seats_at_once() {
    let pool = format!("{POOL}, redeployed = 0.5");
    let more = contact_centre(2, -0.1, &pool, "");
    all_say(&more, Outcome::Npv, -2.0 * 4_000.0, 1e-6);
}

#[test]
fn seats_that_are_committed_or_redeployed_are_not_saved() {
    let year = |pool: &str| contact_centre(12, 0.1, &format!("{POOL}, {pool}"), "");
    let committed = year("committed = [{ from = 0, seats = 9 }, { from = 7, seats = 5 }]");
    all_say(&committed, Outcome::Npv, 6.0 * 4_000.0, 1e-6);
    all_say(
        &year("redeployed = 0.25"),
        Outcome::Npv,
        9.0 * 3_000.0,
        1e-6,
    );
}

/// 7,200 minutes at 60 cents are 4,320 a seat.
#[test]
fn a_seat_costs_its_minutes_where_nothing_else_is_said() {
    let pool = "minutes_per_seat = 7200";
    let wages = "outlook = { wage_inflation = 0.05 }";
    let month = |t: u32| 4_320.0 * 1.05_f64.powf(f64::from(t) / 12.0);
    let year = (1..=12).map(month).sum();
    all_say(
        &contact_centre(12, 0.1, pool, wages),
        Outcome::Npv,
        year,
        1e-6,
    );
}

/// Seats of six thousandths of a second, at once and at what their minutes cost, are minutes that are avoidable.
#[test]
fn tiny_seats_are_minutes() {
    let rest = r#"
        [outlook]
        contacts_trend = 0.1
        contacts_season = [1.5, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        wage_inflation = 0.03
        [terminal_value]
        run_off = { both_go_on = true }
    "#;
    let channel = |more: &str| {
        format!(r#"{{ name = "phone", contacts = 1, minutes = 6, cost_per_minute = 0.6{more} }}"#)
    };
    let scenario = |more: &str, seats: &str| {
        let hazard = r#"on = "hazard", size = 0.3"#;
        let effects = format!(
            r#"{{ grade = "A", {hazard} }}, {{ grade = "A", on = "contacts", size = 0.1 }}"#
        );
        let it = format!(
            r#"initiatives = [{{ name = "it", reach = {{ all = 1 }}, effects = [{effects}] }}]"#
        );
        let segment = format!(
            "revenue = 20\ngross_margin = 0.7\nacquisition_cost = 50\nchannels = [{}]",
            channel(more)
        );
        company(24, 10_000, &segment, &format!("{it}\n{seats}\n{rest}"))
            .replace("hazard = 0 }", "hazard = 0.02 }")
            .replace("won_per_month = 0", "won_per_month = 100")
            .replace("discount_rate = 0", "discount_rate = 0.1")
    };
    let tiny = r#"seats = [{ name = "tiny", channels = ["phone"], minutes_per_seat = 1e-4 }]"#;
    let (minutes, seats) = (scenario(", avoidable = 1", ""), scenario("", tiny));
    for (name, engine) in ENGINES {
        for of in [
            Outcome::Npv,
            Outcome::TerminalValue,
            Outcome::AcquisitionToMaintenance,
        ] {
            let expected = engine(&minutes, of);
            close(engine(&seats, of), expected, 1e-6 * expected.abs(), name);
        }
    }
}

/// One customer who pays 100 a month at a margin of 60%, and of whom there is one more with twice the use.
fn dearer(months: u32, outlook: &str) -> String {
    let effect = initiative(r#"on = "arpu", size = 1"#);
    let outlook = format!("outlook = {{ {outlook} }}");
    company(
        months,
        1,
        "revenue = 100\ngross_margin = 0.6",
        &format!("{effect}\n{outlook}"),
    )
}

const DEARER: &str =
    "price_inflation = 0.02, price_changes = [{ month = 1, change = 0.05, elasticity = 0.4 }]";

/// What a month adds to the value at a rate of 0.
fn month(engine: Engine, month: u32, scenario: &dyn Fn(u32) -> String) -> f64 {
    let value = |months: u32| engine(&scenario(months), Outcome::Npv);
    value(month) - if month == 1 { 0.0 } else { value(month - 1) }
}

#[test]
fn prices_are_changed_and_costs_grow() {
    let real = format!("{DEARER}, money = \"real\"");
    for (name, engine) in ENGINES {
        let nominal = month(engine, 12, &|months| dearer(months, DEARER));
        close(nominal, 64.2, 1e-9, name);
        let deflated = month(engine, 12, &|months| dearer(months, &real));
        close(deflated, 64.2 / 1.02, 1e-9, name);
        close(deflated, 62.94, 5e-3, name);
    }
    let lines = verdict(&dearer(12, DEARER)).lines;
    for world in [0, 1] {
        close(lines["revenue"][12][world], 105.0, 1e-9, "revenue");
        close(
            lines["cost_of_revenue"][12][world],
            -40.8,
            1e-9,
            "cost of revenue",
        );
    }
}

/// 5% dearer at an elasticity of 0.4 are hazards `1.05^0.4` as large, 2% up, from the month of the change on.
#[test]
fn customers_leave_over_prices() {
    let text = dearer(
        3,
        "price_changes = [{ month = 2, change = 0.05, elasticity = 0.4 }]",
    )
    .replace("hazard = 0 }", "hazard = 0.1 }");
    let answer = 1.05_f64.powf(0.4);
    close(answer, 1.02, 5e-4, "answer");
    let left = (-0.1 * (1.0 + 2.0 * answer)).exp();
    all_say(&text, Outcome::FinalCustomers, left, 1e-12);
    let elsewhere = text.replace("month = 2", "month = 4");
    all_say(&elsewhere, Outcome::FinalCustomers, (-0.3_f64).exp(), 1e-12);
}

/// A rate above inflation on money of month 0 is both on money of each month.
#[test]
fn real_money_at_a_real_rate_is_nominal_money_at_a_nominal_one() {
    let text = |rate: f64, money: &str| {
        let outlook = format!(
            "outlook = {{ price_inflation = 0.03, wage_inflation = 0.05, revenue_trend = 0.1, money = \"{money}\" }}"
        );
        let rest = r#"
            tax_rate = 0.25
            losses = "carried_forward"
            receivable_days = 45
            terminal_value = { run_off = { both_go_on = true } }
            [[initiatives]]
            name = "it"
            reach = { all = 1 }
            effects = [{ on = "hazard", size = 0.3, grade = "A" }, { on = "arpu", size = 0.1, grade = "A" }]
            costs = [
                { type = "people", amount = 300, recurrence = "monthly" },
                { type = "technology", amount = 20000, capex = true },
            ]
        "#;
        company(
            30,
            1_000,
            "revenue = 50\ngross_margin = 0.4\noverhead = 3",
            &format!("{outlook}\n{rest}"),
        )
        .replace("discount_rate = 0", &format!("discount_rate = {rate}"))
        .replace("hazard = 0 }", "hazard = 0.05 }")
    };
    for (name, engine) in ENGINES {
        for of in [Outcome::Npv, Outcome::PvCosts, Outcome::TerminalValue] {
            let nominal = engine(&text(1.1 * 1.03 - 1.0, "nominal"), of);
            let real = engine(&text(0.1, "real"), of);
            close(
                real,
                nominal,
                1e-9 * nominal.abs(),
                &format!("{of:?}, {name} engine"),
            );
        }
    }
}

/// 10,000 more a month that come 45 days late: `10,000 · 45/30.4` are out until the horizon.
#[test]
fn customers_pay_later() {
    let effect = initiative(r#"on = "arpu", size = 1"#);
    let rest = format!("receivable_days = 45\n{effect}");
    let text = company(24, 1, "revenue = 10000\ngross_margin = 0", &rest);
    let out = 10_000.0 * 45.0 / 30.4;
    close(out, 14_803.0, 0.5, "out at first");
    all_say(&text, Outcome::PeakFunding, out, 1e-8);
    all_say(&text, Outcome::Npv, 0.0, 1e-8);
    let waiting = text.replace("discount_rate = 0", "discount_rate = 0.1");
    let cost = out * (1.1_f64.powi(-2) - 1.1_f64.powf(-1.0 / 12.0));
    all_say(&waiting, Outcome::Npv, cost, 1e-8);
}

/// 100 lost in the first year, and 300 earned in the second.
fn loss_and_profit(months: u32, losses: &str) -> String {
    let rest = format!(
        r#"
        tax_rate = 0.25
        losses = "{losses}"
        [[initiatives]]
        name = "outlay"
        costs = [{{ type = "people", amount = 100, start = 1 }}]
        [[initiatives]]
        name = "it"
        start_month = 12
        reach = {{ all = 1 }}
        effects = [{{ on = "arpu", size = 1, grade = "A" }}]
        "#
    );
    company(months, 1, "revenue = 25\ngross_margin = 1", &rest)
}

#[test]
fn losses_wait_for_profits_of_later_years() {
    for (losses, first_year) in [("relieved_at_once", -75.0), ("carried_forward", -100.0)] {
        let cumulative = |months| loss_and_profit(months, losses);
        all_say(&cumulative(12), Outcome::Npv, first_year, 1e-9);
        all_say(&cumulative(24), Outcome::Npv, 150.0, 1e-9);
    }
    let plain = verdict(&loss_and_profit(24, "carried_forward"));
    let tax: Vec<f64> = plain.lines["tax"].iter().map(|it| it[1]).collect();
    let over = |months: std::ops::RangeInclusive<usize>| -tax[months].iter().sum::<f64>();
    close(over(0..=12), 0.0, 0.0, "tax of the first year");
    close(over(13..=16), 0.0, 0.0, "tax until the loss is made up for");
    close(over(13..=24), 50.0, 1e-9, "tax of the second year");
}
