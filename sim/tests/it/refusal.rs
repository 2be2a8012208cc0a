//! Bad scenarios: each is refused with the place, the value and the fix.

use keepworth_sim::Scenario;

use crate::company::{CERTAIN, EVERY_LEVER, baseline};

#[track_caller]
fn refused(text: &str, with_baseline: bool, place: &str, line: bool, words: &[&str]) {
    let baseline = with_baseline.then(baseline);
    let error = Scenario::from_toml(text)
        .and_then(|scenario| scenario.resolve(baseline.as_ref()))
        .unwrap_err();
    assert!(error.path.starts_with(place), "{place} is not in: {error}");
    assert_eq!(error.line.is_some(), line, "{error}");
    for word in words {
        assert!(
            error.to_string().contains(word),
            "\"{word}\" is not in: {error}"
        );
    }
}

#[test]
fn figures_out_of_range() {
    let certain = |from: &str, to: &str| CERTAIN.replace(from, to);
    let size = "initiatives[0].effects[0].size";
    refused(
        &certain("horizon_months = 36", "horizon_months = 0"),
        false,
        "horizon_months",
        true,
        &["0 is outside", "600"],
    );
    refused(
        &certain("horizon_months = 36", "horizon_months = 10000"),
        false,
        "horizon_months",
        true,
        &["10000"],
    );
    refused(
        &certain("size = 0.2", "size = 1.2"),
        false,
        size,
        true,
        &["1.2", "at most 1 (100%)"],
    );
    refused(
        &certain("size = 0.2", "size = { pert = [0.1, 0.9, 1.1] }"),
        false,
        size,
        true,
        &["1.1"],
    );
    refused(
        &certain("size = 0.2", "size = { pert = [0.3, 0.2, 0.1] }"),
        false,
        size,
        true,
        &["pert"],
    );
    refused(
        &certain("gross_margin = 0.6", "gross_margin = 60"),
        false,
        "segments[0].gross_margin",
        true,
        &["60", "at most 1"],
    );
    refused(
        &certain("one = 1.0", "one = 1.5"),
        false,
        "initiatives[0].reach",
        true,
        &["1.5"],
    );
    refused(
        &certain(
            "name = \"care\"",
            "name = \"care\"\nsuccess_probability = 90",
        ),
        false,
        "initiatives[0].success_probability",
        true,
        &["90", "0 to 1"],
    );
    refused(
        &certain("customers = 1000", "customers = -1"),
        false,
        "segments[0].customers",
        true,
        &["-1"],
    );
    refused(
        &certain("customers = 1000", "customers = nan"),
        false,
        "segments[0].customers",
        true,
        &["NaN"],
    );
}

#[test]
fn unknown_names() {
    let certain = |from: &str, to: &str| CERTAIN.replace(from, to);
    refused(
        &certain("one = 1.0", "won = 1.0"),
        false,
        "initiatives[0].reach",
        true,
        &["\"won\"", "one, two"],
    );
    refused(
        &certain("overhead = 5", "overheads = 5"),
        false,
        "segments[0]",
        true,
        &["overheads"],
    );
    refused(
        &certain(
            "discount_rate = 0.1",
            "discount_rate = { input = \"rate\" }",
        ),
        false,
        "discount_rate",
        true,
        &["\"rate\""],
    );
    refused(
        &EVERY_LEVER.replace("channel = \"phone\"", "channel = \"fax\""),
        true,
        "initiatives[1].effects[1].channel",
        true,
        &["\"fax\"", "phone"],
    );
    refused(
        &EVERY_LEVER.replace("fibre = 0.9", "fiber = 0.9"),
        true,
        "initiatives[1].reach",
        true,
        &["\"fiber\"", "fibre, dsl"],
    );
    refused(
        &EVERY_LEVER.replace("pilot = \"pilot\"", "pilot = \"trial\""),
        true,
        "initiatives[1].gate.pilot",
        true,
        &["\"trial\"", "roll-out"],
    );
    let extra = format!("{EVERY_LEVER}\n[[segments]]\nname = \"cable\"\nrevenue = 3\n");
    refused(
        &extra,
        true,
        "segments[0].name",
        true,
        &["\"cable\"", "fibre, dsl"],
    );
}

#[test]
fn settings_that_exclude_each_other() {
    let certain = |from: &str, to: &str| CERTAIN.replace(from, to);
    refused(
        &certain(
            "discount_rate = 0.1",
            "discount_rate = 0.1\nrisk_adjustment = { benefits = 0.2 }",
        ),
        false,
        "risk_adjustment",
        true,
        &["counts risk already", "tei"],
    );
    refused(
        &EVERY_LEVER.replace("readiness =", "success_probability = 0.5\nreadiness ="),
        true,
        "initiatives[1].readiness",
        true,
        &["keep one"],
    );
    refused(
        &EVERY_LEVER.replace("horizon_months", "currency = \"EUR\"\nhorizon_months"),
        true,
        "currency",
        true,
        &["\"EUR\"", "\"USD\""],
    );
    refused(
        &EVERY_LEVER.replace("annual_growth = -0.3", "annual_growth = 0.2"),
        true,
        "terminal_value",
        true,
        &["0.2", "discount rate"],
    );
    refused(
        &certain("currency = \"EUR\"", ""),
        false,
        "currency",
        false,
        &["ISO 4217"],
    );
    refused(
        &certain("revenue = 50\n", ""),
        false,
        "segments[0]",
        true,
        &["\"one\"", "revenue"],
    );
}

#[test]
fn bands_that_overlap_or_leave_gaps() {
    let bands = |to: u32, from: u32| {
        CERTAIN
            .replace("to = 2", &format!("to = {to}"))
            .replace("from = 3", &format!("from = {from}"))
    };
    let place = "segments[1].hazard";
    refused(&bands(5, 3), false, place, true, &["overlaps"]);
    refused(&bands(2, 6), false, place, true, &["no band holds month 5"]);
    refused(
        &CERTAIN.replace("from = 0", "from = 1"),
        false,
        place,
        true,
        &["start it at 0"],
    );
}

#[test]
fn stretches_whose_errors_have_other_causes() {
    let factors = |second: &str| {
        let known = "hazard = { constant = { hazard = 0.03 } }";
        let first = "{ from = 0, hazard = 0.1, loadings = [0.1, 0.2] }";
        let written = format!("hazard = {{ factors = {{ stretches = [{first}, {second}] }} }}");
        CERTAIN.replace(known, &written)
    };
    for (second, field, said) in [
        (
            "{ from = 3, hazard = 0.1, loadings = [0.1] }",
            "[1].loadings",
            "2 finite loadings",
        ),
        (
            "{ from = 3, hazard = -0.1, loadings = [0.1, 0.2] }",
            "[1].hazard",
            "-0.1",
        ),
        (
            "{ from = 0, hazard = 0.1, loadings = [0.1, 0.2] }",
            "[1]",
            "overlaps",
        ),
    ] {
        let place = format!("segments[0].hazard.factors.stretches{field}");
        refused(&factors(second), false, &place, true, &[said]);
    }
}

#[test]
fn gates_in_a_circle() {
    let text = EVERY_LEVER.replace(
        "name = \"pilot\"",
        "name = \"pilot\"\ngate = { pilot = \"roll-out\", on = \"hazard\", threshold = 0, reading_sd = 0 }",
    );
    refused(
        &text,
        true,
        "initiatives[0].gate",
        true,
        &["\"pilot\" and \"roll-out\"", "cycle"],
    );
}

#[test]
fn correlations_that_cannot_be() {
    let correlated = |matrix: &str| {
        format!(
            "{CERTAIN}\n[inputs]\na = {{ distribution = \"1 to 2\" }}\nb = {{ distribution = \"1 to 2\" }}\n[[correlations]]\ninputs = [\"a\", \"b\"]\nmatrix = {matrix}\n"
        )
    };
    refused(
        &correlated("[[1, 0.5]]"),
        false,
        "correlations[0].matrix",
        true,
        &["square"],
    );
    refused(
        &correlated("[[1, 0.5], [0.4, 1]]"),
        false,
        "correlations[0].matrix",
        true,
        &["0.4"],
    );
    refused(
        &correlated("[[1, 1.5], [1.5, 1]]"),
        false,
        "correlations[0].matrix",
        true,
        &["1.5"],
    );
}

#[test]
fn text_that_is_no_scenario() {
    refused("name = ", false, "", true, &[]);
    refused("", false, "", true, &["name"]);
    refused(
        "name = \"x\"\nhorizon_months = \"long\"",
        false,
        "horizon_months",
        true,
        &["long"],
    );
}

#[test]
fn an_error_names_the_line() {
    let text = "name = \"x\"\ncurrency = \"EUR\"\nhorizon_months = 0\ndiscount_rate = 0.1\n";
    let error = Scenario::from_toml(text)
        .unwrap()
        .resolve(None)
        .unwrap_err();
    assert_eq!(error.line, Some(3));
}

#[test]
fn texts_cannot_steer_a_terminal() {
    for text in [
        "name = \"a\\u001b[2Jb\"\nhorizon_months = 12\ndiscount_rate = 0.1\n",
        "name = \"a\"\nhorizon_months = 12\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"\\u0007\"\n",
    ] {
        let error = keepworth_sim::Scenario::from_toml(text).unwrap_err();
        let line = text.lines().position(|line| line.contains("\\u")).unwrap() + 1;
        assert_eq!(error.line, Some(line), "{error}");
        assert!(error.to_string().contains("control characters"), "{error}");
    }
    let lines =
        "name = \"a\"\ndescription = \"one\\n\\ttwo\"\nhorizon_months = 12\ndiscount_rate = 0.1\n";
    keepworth_sim::Scenario::from_toml(lines).unwrap();
}

#[test]
fn an_effect_on_contacts_needs_contacts() {
    refused(
        &CERTAIN.replace("on = \"hazard\"", "on = \"contacts\""),
        false,
        "initiatives[0].effects[0]",
        true,
        &["has no contacts", "give it channels"],
    );
}

#[test]
fn model_errors_that_nobody_can_draw() {
    let with = |model_error: &str| format!("model_error = {model_error}\n{CERTAIN}");
    let refused = |model_error: &str, place: &str, words: &[&str]| {
        refused(&with(model_error), false, place, true, words);
    };
    let place = "model_error";
    refused(
        "\"back test\"",
        place,
        &["\"back test\"", "\"backtest/ID\""],
    );
    refused("\"backtest/\"", place, &["\"backtest/ID\""]);
    refused("0.2", place, &["leaving = {"]);
    refused("{ churn = { common = 0.1 } }", place, &["churn", "leaving"]);
    refused(
        "{ leaving = { common = 7 } }",
        "model_error.leaving.common",
        &["7 is outside 0 to 5"],
    );
    for which in ["backtest", "backtest/019a"] {
        let words = [which, "POST /v1/runs", "--backtest FILE"];
        refused(&format!("\"{which}\""), place, &words);
    }
}

#[test]
fn a_calendar_that_cannot_be() {
    let with = |outlook: &str| {
        format!(
            "name = \"x\"\nhorizon_months = 12\ndiscount_rate = 0.1\noutlook = {{ {outlook} }}\n"
        )
    };
    refused(
        &with("leaving = \"records\""),
        true,
        "outlook.leaving",
        true,
        &["24 months", "hazard_trend"],
    );
    refused(
        &with("leaving = \"records\", hazard_trend = 0.1"),
        true,
        "outlook.hazard_trend",
        true,
        &["keep one"],
    );
    refused(
        &with("hazard_season = [1.1, 0.9]"),
        true,
        "outlook.hazard_season",
        true,
        &["12 months", "2 are written"],
    );
    refused(
        &with("hazard_season = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"),
        true,
        "outlook.hazard_season",
        true,
        &["mean 1", "1.083", "its level"],
    );
    refused(
        &with("trend_damping = 0.9"),
        true,
        "outlook.trend_damping",
        true,
        &["no trend", "leave it out"],
    );
    refused(
        &with("hazard_trend = 0.1, trend_damping = 1.2"),
        true,
        "outlook.trend_damping",
        true,
        &["1.2", "from 0 to 1"],
    );
}

#[test]
fn money_that_cannot_be() {
    let with = |outlook: &str| format!("{CERTAIN}\n[outlook]\n{outlook}\n");
    let refused_at = |outlook: &str, path: &str, words: &[&str]| {
        refused(
            &with(outlook),
            false,
            &format!("outlook.{path}"),
            true,
            words,
        );
    };
    refused_at(
        "money = \"real\"",
        "money",
        &["price_inflation", "leave money out"],
    );
    refused_at(
        "price_inflation = 3",
        "price_inflation",
        &["3", "0.03 is 3%"],
    );
    let change = |it: &str| format!("price_changes = [{{ {it} }}]");
    refused_at(
        &change("month = 1, change = 5, elasticity = 0"),
        "price_changes[0].change",
        &["5", "0.05 is 5% dearer"],
    );
    refused_at(
        &change("month = 1, change = 0.05, elasticity = -0.4"),
        "price_changes[0].elasticity",
        &["-0.4", "0 or more"],
    );
    // The end that was written, not the one that the fit of the interval has.
    refused_at(
        &change("month = 1, change = 0.05, elasticity = \"-0.1 to 0.6\""),
        "price_changes[0].elasticity",
        &["-0.1 is outside"],
    );
    refused_at(
        &change("month = 1, change = 0.05, elasticity = 0, segments = [\"ones\"]"),
        "price_changes[0].segments[0]",
        &["ones", "one"],
    );
    let season = "contacts_season = [0.5, 1.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]";
    refused(
        &format!(
            "terminal_value = {{ annual_growth = 0.0 }}\n{}",
            with(season)
        ),
        false,
        "terminal_value.annual_growth",
        true,
        &["season", "run_off"],
    );
    refused(
        &format!("receivable_days = -3\n{CERTAIN}"),
        false,
        "receivable_days",
        true,
        &["-3", "from 0 to 730"],
    );
}

#[test]
fn a_price_change_after_the_horizon_is_said() {
    let flags = |month: u32| {
        let change =
            format!("price_changes = [{{ month = {month}, change = 0.1, elasticity = 0 }}]");
        let scenario = Scenario::from_toml(&format!("{CERTAIN}\n[outlook]\n{change}\n")).unwrap();
        let flags = scenario.resolve(None).unwrap().flags().to_vec();
        flags
            .into_iter()
            .filter(|it| it.code == "beyond_horizon")
            .map(|it| it.detail)
            .collect::<Vec<_>>()
    };
    assert_eq!(flags(36), [""; 0]);
    let said = flags(37);
    assert!(
        said.len() == 1 && said[0].contains("month 37") && said[0].contains("36 months"),
        "{said:?}"
    );
}

/// A company whose contacts are staffed in seats.
fn seated(seats: &str, channel: &str) -> String {
    let company = r#"
name = "seats"
currency = "EUR"
horizon_months = 12
discount_rate = 0.1

[[segments]]
name = "one"
customers = 1000
won_per_month = 0
hazard = { constant = { hazard = 0.01 } }
revenue = 10
gross_margin = 0.5
channels = [{ name = "phone", contacts = 1, minutes = 6, cost_per_minute = 1CHANNEL }]

[[seats]]
name = "desk"
channels = ["phone"]
SEATS
"#;
    company.replace("CHANNEL", channel).replace("SEATS", seats)
}

#[test]
fn seats_that_cannot_be() {
    let fails = |seats: &str, channel: &str, path: &str, words: &[&str]| {
        refused(&seated(seats, channel), false, path, true, words);
    };
    let enough = "minutes_per_seat = 1000";
    fails(
        "minutes_per_seat = 0",
        "",
        "seats[0].minutes_per_seat",
        &["up to 50000"],
    );
    fails(
        &format!("{enough}\nnotice_months = 90"),
        "",
        "seats[0].notice_months",
        &["90", "0 to 60"],
    );
    fails(
        &format!("{enough}\nredeployed = 2"),
        "",
        "seats[0].redeployed",
        &["2", "from 0 to 1"],
    );
    let twice = "committed = [{ from = 3, seats = 2 }, { from = 3, seats = 1 }]";
    fails(
        &format!("{enough}\n{twice}"),
        "",
        "seats[0].committed[1].from",
        &["month 3", "in order"],
    );
    fails(
        enough,
        ", avoidable = 0.5",
        "seats[0].channels[0]",
        &["phone", "avoidable", "keep one"],
    );
    let another = "\n[[seats]]\nname = \"NAME\"\nminutes_per_seat = 900\nchannels = [\"CHANNEL\"]";
    let another = |name: &str, channel: &str| {
        format!(
            "{enough}{}",
            another.replace("NAME", name).replace("CHANNEL", channel)
        )
    };
    fails(&another("desk", "phone"), "", "seats[1].name", &["desk"]);
    fails(
        &another("b", "phone"),
        "",
        "seats[1].channels[0]",
        &["phone", "once"],
    );
    fails(
        &another("b", "fax"),
        "",
        "seats[1].channels[0]",
        &["fax", "phone"],
    );
}

#[test]
fn who_comes_back_and_cannot() {
    let with = |win_back: &str| {
        let hazard = "hazard = { constant = { hazard = 0.03 } }";
        CERTAIN.replacen(hazard, &format!("{hazard}\nwin_back = {{ {win_back} }}"), 1)
    };
    let fails = |win_back: &str, path: &str, words: &[&str]| {
        refused(
            &with(win_back),
            false,
            &format!("segments[0].win_back{path}"),
            true,
            words,
        );
    };
    fails(
        "hazards = []",
        ".hazards",
        &["nobody comes back", "leave win_back out"],
    );
    fails("hazards = [0.1, -0.1]", ".hazards[1]", &["-0.1", "hazard"]);
    fails("hazards = [0.1], factor = -1", ".factor", &["-1", "factor"]);
    fails(
        "hazards = [0.1], cost = -1",
        ".cost",
        &["-1", "not negative"],
    );
    fails(
        "hazards = [0.1], gone = [-1]",
        ".gone[0]",
        &["-1", "not negative"],
    );
    let drawn = format!("demography = \"binomial\"\n{}", with("hazards = [0.1]"));
    refused(
        &drawn,
        false,
        "segments[0].win_back",
        true,
        &["do not come back"],
    );
    let effect = CERTAIN.replacen("on = \"hazard\"", "on = \"win_back\"", 1);
    refused(
        &effect,
        false,
        "initiatives[0].effects[0].on",
        true,
        &["who comes back"],
    );
}

#[test]
fn more_seats_than_are_needed_today_are_said() {
    let flags = |committed: &str| {
        let seats = format!("minutes_per_seat = 1000\ncommitted = [{committed}]");
        let scenario = Scenario::from_toml(&seated(&seats, "")).unwrap();
        let model = scenario.resolve(None).unwrap();
        let idle = model
            .flags()
            .iter()
            .filter(|flag| flag.code == "committed_seats_idle");
        idle.map(|flag| flag.detail.clone()).collect::<Vec<_>>()
    };
    let at = |from: u32, seats: u32| format!("{{ from = {from}, seats = {seats} }}");
    assert_eq!(flags(&at(0, 6)), [""; 0]);
    // Who commits more later may expect to need them.
    assert_eq!(flags(&format!("{}, {}", at(0, 3), at(9, 40))), [""; 0]);
    let said = flags(&format!("{}, {}", at(0, 8), at(9, 2)));
    let words = ["8 seats", "6 are needed", "until month 9", "below 8"];
    assert!(
        said.len() == 1 && words.iter().all(|it| said[0].contains(it)),
        "{said:?}"
    );
}

#[test]
fn seats_that_no_minutes_price() {
    let nobody =
        seated("minutes_per_seat = 1000", "").replacen("customers = 1000", "customers = 0", 1);
    refused(
        &nobody,
        false,
        "seats[0].cost_per_seat",
        true,
        &["nobody is there", "write cost_per_seat"],
    );
}

#[test]
fn stops_and_sponsors_that_cannot_be() {
    let with = |more: &str| format!("{CERTAIN}\n{more}\n");
    let stop = |rule: &str| with(&format!("stop = {{ {rule} }}"));
    refused(
        &stop("after_months = 6, on = \"minutes\", threshold = 0.1"),
        false,
        "initiatives[0].stop.on",
        true,
        &["minutes", "effect of the initiative"],
    );
    refused(
        &stop("after_months = 0, on = \"hazard\", threshold = 0.1"),
        false,
        "initiatives[0].stop.after_months",
        true,
        &["0", "from 1 to 1200"],
    );
    refused(
        &format!("sponsor_correlation = 0.5\n{CERTAIN}"),
        false,
        "sponsor_correlation",
        true,
        &["no initiative names a sponsor"],
    );
    refused(
        &format!("sponsor_correlation = 1.5\n{CERTAIN}"),
        false,
        "sponsor_correlation",
        true,
        &["1.5", "from 0 to 1"],
    );
    let gated = "stop = { after_months = 6, on = \"hazard\", threshold = 0.1, reading_sd = 0.1 }\n\
                 [[initiatives]]\nname = \"roll\"\nreach = { one = 1.0 }\nstart_month = 12\n\
                 gate = { pilot = \"care\", on = \"hazard\", threshold = 0.1, reading_sd = 0.1 }";
    refused(
        &with(gated),
        false,
        "initiatives[0].stop",
        true,
        &["is the pilot of \"roll\""],
    );
    let sponsored = gated.replace(
        "stop = { after_months = 6, on = \"hazard\", threshold = 0.1, reading_sd = 0.1 }",
        "sponsor = \"ann\"",
    );
    refused(
        &with(&sponsored),
        false,
        "initiatives[1].sponsor",
        true,
        &["has \"ann\"", "same sponsor"],
    );
}

#[test]
fn causes_that_nobody_left_for() {
    let named = |effect: &str| CERTAIN.replace("on = \"hazard\",", effect);
    let known = |text: String| {
        text.replace(
            "name = \"one\"",
            "name = \"one\"\ncauses = [{ name = \"effort\", left = 12 }]",
        )
    };
    refused(
        &named("on = \"hazard\", cause = \"effort\","),
        false,
        "initiatives[0].effects[0].cause",
        true,
        &[
            "segment \"one\"",
            "no cause that experience could remove is recorded",
        ],
    );
    refused(
        &known(named(
            "on = \"hazard\", segments = [\"one\"], cause = \"price\",",
        )),
        false,
        "initiatives[0].effects[0].cause",
        true,
        &["\"price\"", "effort (12 left)"],
    );
    refused(
        &known(named(
            "on = \"hazard\", segments = [\"one\"], cause = \"effort\",",
        ))
        .replace(
            "left = 12 }",
            "left = 12 }, { name = \"effort\", left = 3 }",
        ),
        false,
        "initiatives[0].effects[0].cause",
        true,
        &["effort", "twice"],
    );
    refused(
        &known(named(
            "on = \"arpu\", segments = [\"one\"], cause = \"effort\",",
        )),
        false,
        "initiatives[0].effects[0].cause",
        true,
        &["one of leaving", "hazard"],
    );
    refused(
        &named("on = \"hazard\", segments = [\"three\"],"),
        false,
        "initiatives[0].effects[0].segments[0]",
        true,
        &["three", "one, two"],
    );
}
