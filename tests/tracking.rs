//! Did it come true? What was approved, held against records of all three services that the forecast has never seen.

use serde_json::{Value, json};

use crate::support::board::{Board, SCENARIOS, text};
use crate::support::{Kind, on_both_databases};

on_both_databases!(
    what_came_is_held_against_what_was_frozen,
    a_promise_that_was_not_kept_is_seen_in_the_figure_it_was_of,
    what_cannot_be_tracked_says_why,
    the_next_cycle_begins_with_what_was_learnt,
);

const UNTIL: &str = "2025-12-31";

/// A company as of June 2025, with half a year of records after it, and an approved scenario.
fn approved(kind: Kind, key: &str, scenario: &str) -> Board {
    let it = Board::of(kind, 800, "2025-06-30");
    let which = it.submitted_as(key, scenario);
    let (status, done) = it.decide(key, "approve", &which);
    assert_eq!(status, 200, "{done}");
    it
}

/// A programme that has done nothing yet: the company goes on as it was.
fn later() -> String {
    text().replace(
        "sponsor =",
        "key = \"call-backs\"\nstart_month = 20\nsponsor =",
    )
}

fn track(it: &Board, key: &str, order: &Value) -> (u16, Value) {
    let path = format!("{SCENARIOS}/{key}/trackings");
    it.keepworth.post(&path, order)
}

fn figure<'a>(tracking: &'a Value, name: &str) -> &'a Value {
    let figures = tracking["report"]["figures"].as_array().unwrap();
    let found = figures.iter().find(|it| it["figure"] == name);
    found.unwrap_or_else(|| panic!("{name} is not among {figures:?}"))
}

fn number(of: &Value) -> f64 {
    of.as_f64().unwrap()
}

/// What the programme is booked as, and its budget, in finance.
fn book(it: &Board) {
    let entry = |id: &str, day: &str, amount: &str| {
        json!({
            "source": "erp", "external_id": id, "posted_on": day, "category": "PROGRAMME", "programme": "call-backs",
            "line": "PEOPLE", "amount": {"amount": amount, "currency": "EUR"},
        })
    };
    // May is before the forecast.
    let items = [
        entry("1", "2025-05-31", "77.00"),
        entry("2", "2025-07-31", "900.50"),
        entry("3", "2025-09-30", "250.25"),
    ];
    let body = json!({"import_id": "books", "on_invalid": "refuse", "items": items});
    let (status, answer) = it
        .keepworth
        .post("/finance/v1/ledger-entries:batch_upsert", &body);
    assert_eq!(status, 200, "{answer}");
    let line = |month: &str, amount: &str| json!({"month": month, "line": "PEOPLE", "amount": {"amount": amount, "currency": "EUR"}});
    let budget = json!({
        "effective_on": "2025-05-01", "reason": "the board's",
        "lines": [line("2025-07", "1000.00"), line("2026-06", "400.00")],
    });
    let (status, answer) = it
        .keepworth
        .post("/finance/v1/programmes/call-backs/budgets", &budget);
    assert_eq!(status, 201, "{answer}");
}

fn what_came_is_held_against_what_was_frozen(kind: Kind) {
    let it = approved(kind, "call-backs", &later());
    book(&it);
    let (_, frozen) = it
        .keepworth
        .get(&format!("{SCENARIOS}/call-backs/forecast"));
    let order = json!({"until": UNTIL, "year_begins": 10});
    let (status, made) = track(&it, "call-backs", &order);
    assert_eq!(status, 201, "{made}");
    let report = &made["report"];
    assert_eq!(
        (&report["from"], &report["to"]),
        (&json!("2025-07"), &json!("2025-12"))
    );
    assert_are_of_the_frozen_forecast(&made, &frozen);
    assert_counts_as_baselines_do(&it, &made);
    // Drawn by hazards and rates that stay as they were: most months hold, and nothing drifts by more than chance.
    let eighty = &report["coverage"][1];
    assert!(number(&eighty["share"]) >= 0.6, "{eighty}");
    assert!(
        eighty["interval"].is_null(),
        "one company tells of no other"
    );
    assert_eq!(made["summary"]["has_drifted"], false, "{}", report["words"]);
    assert!(
        report["words"]
            .as_str()
            .unwrap()
            .contains("None has drifted"),
        "{}",
        report["words"]
    );
    assert_adds_up(&made);
    let spending = &report["spending"][0];
    assert_eq!(
        [
            &spending["spent"],
            &spending["budgeted"],
            &spending["without_line"]
        ]
        .map(number),
        [1150.75, 1000.0, 0.0]
    );
    assert_learns_nothing_of_what_has_not_begun(report);
    let (_, again) = track(&it, "call-backs", &order);
    assert_eq!(
        again["report"], *report,
        "the same records give the same report"
    );
    let (_, list) = it
        .keepworth
        .get(&format!("{SCENARIOS}/call-backs/trackings?sort=-id"));
    assert_eq!(list["items"][0], again["summary"]);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_commands_show(&it, report);
    assert_closes_with_a_lesson(&it);
}

/// The programme begins when records have ended: months tell of the company, and nothing of what it does.
fn assert_learns_nothing_of_what_has_not_begun(report: &Value) {
    let learnt = &report["learnt"];
    let inputs = learnt["inputs"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", report["quality_flags"]));
    assert!(!inputs.is_empty());
    for input in inputs {
        let [before, now] = ["prior", "posterior"].map(|it| number(&input[it]["mean"]));
        let width = number(&input["prior"]["p90"]) - number(&input["prior"]["p10"]);
        assert!((before - now).abs() <= 0.15 * width, "{input}");
    }
    assert!(number(&learnt["different_futures"]) >= 512.0, "{learnt}");
}

/// The bands are those that were frozen, to the last digit.
fn assert_are_of_the_frozen_forecast(made: &Value, frozen: &Value) {
    for of in made["report"]["figures"].as_array().unwrap() {
        let figures = frozen["figures"].as_array().unwrap().iter();
        let mut same = figures.filter(|it| it["figure"] == of["figure"]);
        let same = same.next().unwrap();
        let months = of["months"].as_array().unwrap();
        assert!(!months.is_empty());
        for month in months {
            let mut frozen = same["months"].as_array().unwrap().iter();
            let point = frozen
                .find(|it| it["month"] == month["forecast"]["month"])
                .unwrap();
            assert_eq!(*point, month["forecast"]);
        }
    }
}

/// What came is what other rooms say of the same months: customers of a later baseline, revenue of finance.
fn assert_counts_as_baselines_do(it: &Board, made: &Value) {
    let (status, later) = it
        .keepworth
        .post("/simulator/v1/baselines", &json!({"as_of": UNTIL}));
    assert_eq!(status, 201, "{later}");
    let customers = figure(made, "customers")["months"].as_array().unwrap();
    assert_eq!(
        customers.last().unwrap()["actual"],
        later["company"]["figures"]["customers"]["value"]
    );
    let flow: f64 = ["won", "leavers"]
        .map(|name| {
            figure(made, name)["months"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| number(&it["actual"]))
                .sum::<f64>()
        })
        .iter()
        .zip([1.0, -1.0])
        .map(|(sum, sign)| sum * sign)
        .sum();
    let (status, before) = it.keepworth.get(&format!(
        "/simulator/v1/baselines/{}",
        it.hash.as_str().unwrap()
    ));
    assert_eq!(status, 200);
    let then = number(&before["company"]["figures"]["customers"]["value"]);
    assert_eq!(then + flow, number(&customers.last().unwrap()["actual"]));
    // A backtest of the same months counts by another way.
    let order = json!({"as_of": "2025-06-30", "until": UNTIL, "trials": 100});
    let (status, backtest) = it.keepworth.post("/simulator/v1/backtests", &order);
    assert_eq!(status, 201, "{backtest}");
    let cells = backtest["report"]["cells"].as_array().unwrap();
    for name in ["revenue", "cost", "service_cost", "contacts"] {
        for month in figure(made, name)["months"].as_array().unwrap() {
            let of = cells.iter().filter(|it| {
                it["figure"] == name
                    && it["channel"].is_null()
                    && it["month"] == month["forecast"]["month"]
            });
            let sum: f64 = of.map(|it| number(&it["actual"])).sum();
            let off = number(&month["actual"]) - sum;
            assert!(off.abs() < 1e-6 * sum, "{name}: {month} is not {sum}");
        }
    }
}

/// Steps add up to what came less what was expected, of all months and of both years.
fn assert_adds_up(made: &Value) {
    let bridges = made["report"]["bridges"].as_array().unwrap();
    let years: Vec<&Value> = bridges.iter().map(|it| &it["year"]).collect();
    assert_eq!(
        years,
        [&Value::Null, &json!(2024), &json!(2025)],
        "the year begins in October"
    );
    for bridge in bridges {
        let steps = bridge["steps"].as_array().unwrap();
        let moved: f64 = steps.iter().map(|it| number(&it["moved"])).sum();
        let by = number(&bridge["actual"]) - number(&bridge["expected"]);
        assert!((moved - by).abs() < 1e-6 * by.abs().max(1.0), "{bridge}");
    }
    let last = bridges[0]["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(last["driver"], "programme");
    // The sample has not booked all costs of September: the month counts on neither side.
    assert_eq!(bridges[0]["months"], 5);
    assert!((number(&last["actual"]) - 900.5).abs() < 1e-9, "{last}");
}

fn assert_commands_show(it: &Board, report: &Value) {
    let order = [
        "track",
        "call-backs",
        "--until",
        UNTIL,
        "--programme",
        "call-backs",
    ];
    let table = it.keepworth.ask(&order).done().stdout;
    for text in [
        "months in 80% bands",
        "leavers",
        "revenue per customer-month",
        "budget",
    ] {
        assert!(table.contains(text), "{text} is not in\n{table}");
    }
    let csv = it
        .keepworth
        .ask(&[&order[..], &["--format", "csv"]].concat())
        .done()
        .stdout;
    let figures = report["figures"].as_array().unwrap().iter();
    let months: usize = figures
        .map(|it| it["months"].as_array().unwrap().len())
        .sum();
    assert_eq!(csv.lines().count(), 1 + months, "{csv}");
    let past = it
        .keepworth
        .ask(&["track", "call-backs", "--past"])
        .done()
        .stdout;
    assert_eq!(past.matches(UNTIL).count(), 4, "{past}");
}

fn assert_closes_with_a_lesson(it: &Board) {
    let path = it.keepworth.at(&format!("{SCENARIOS}/call-backs:close"));
    let silent = it
        .keepworth
        .client()
        .post(path)
        .json(&json!({"version": 1}))
        .send()
        .unwrap();
    let (status, refused) = (silent.status().as_u16(), silent.json::<Value>().unwrap());
    assert_ne!(status, 200, "nothing was learnt: {refused}");
    let close = ["scenario", "close", "call-backs", "--version", "1"];
    let lesson = ["--reason", "it began too late to tell"];
    let closed = it.keepworth.ask(&[&close[..], &lesson[..]].concat());
    assert!(closed.done().stdout.contains("closed"));
    let approval = it.approval("call-backs", 1);
    let last = approval["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["reason"], "it began too late to tell");
}

/// Four of five contacts were to be needed no more, and records know nothing of it.
fn a_promise_that_was_not_kept_is_seen_in_the_figure_it_was_of(kind: Kind) {
    let contacts = ["phone", "email", "chat"].map(|channel| {
        format!(
            "{{ on = \"contacts\", channel = \"{channel}\", size = 0.8, grade = \"A\", causal_share = 1 }}"
        )
    });
    let promise = text()
        .replace(
            "business = 1.0",
            "business = 1.0, enterprise = 1.0, starter = 1.0",
        )
        .replace("{ on = \"hazard\", size = 0.1 }", &contacts.join(", "));
    let it = approved(kind, "promise", &promise);
    let (status, made) = track(&it, "promise", &json!({"until": UNTIL}));
    assert_eq!(status, 201, "{made}");
    let contacts = figure(&made, "contacts");
    assert_eq!(made["summary"]["has_drifted"], true, "{contacts}");
    assert_eq!(
        contacts["drifted_since"], "2025-07",
        "from the first month on"
    );
    assert!(
        number(&contacts["bias"]) > 1.0,
        "more than twice as many: {contacts}"
    );
    let words = made["report"]["words"].as_str().unwrap();
    assert!(
        words.contains("contacts (more than forecast, since 2025-07)"),
        "{words}"
    );
    for name in ["won", "leavers", "customers"] {
        assert!(
            figure(&made, name)["drifted_since"].is_null(),
            "{name}: {words}"
        );
    }
    let steps = made["report"]["bridges"][0]["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|it| it["driver"] != "programme"),
        "nobody named what it is booked as"
    );
    let rate = steps.iter().find(|it| it["driver"] == "rate").unwrap();
    assert!(
        number(&rate["moved"]) < 0.0 && number(&rate["actual"]) > 2.0 * number(&rate["expected"]),
        "{rate}"
    );
    assert!(
        made["report"]["learnt"].is_null(),
        "nothing near it was thought possible"
    );
    let flags = made["report"]["quality_flags"].as_array().unwrap();
    assert!(
        flags.iter().any(|it| it["code"] == "not_learnt"),
        "{flags:?}"
    );
    track(&it, "promise", &json!({"until": UNTIL}));
    let (_, events) = it.keepworth.get("/simulator/v1/events");
    let events = events["items"].as_array().unwrap().iter();
    let drifted = events.filter(|it| it["event"]["type"] == "keepworth.forecast.drifted");
    let subjects: Vec<&str> = drifted
        .map(|it| it["event"]["subject"].as_str().unwrap())
        .collect();
    let first = format!("/v1/trackings/{}", made["summary"]["id"].as_str().unwrap());
    assert_eq!(subjects, [first], "once, when it was first seen");
}

fn what_cannot_be_tracked_says_why(kind: Kind) {
    let it = approved(kind, "call-backs", &later());
    it.create("draft", &text());
    let (status, unfrozen) = track(&it, "draft", &json!({"until": UNTIL}));
    assert_eq!(
        (status, &unfrozen["code"]),
        (404, &json!("not_found")),
        "{unfrozen}"
    );
    assert!(
        unfrozen["detail"].as_str().unwrap().contains(":submit"),
        "{unfrozen}"
    );
    for (order, field, says) in [
        (
            json!({"until": "2025-06-30"}),
            "until",
            "2025-07-31 to 2027-06-30",
        ),
        (json!({"until": "2025-12-15"}), "until", "give 2025-11-30"),
        (json!({"until": "2199-12-31"}), "until", ""),
        (
            json!({"until": UNTIL, "year_begins": 13}),
            "year_begins",
            "1 to 12",
        ),
        (
            json!({"until": UNTIL, "programmes": ["a", "a"]}),
            "programmes/1",
            "twice",
        ),
    ] {
        let (status, refused) = track(&it, "call-backs", &order);
        assert_eq!(status, 422, "{order}: {refused}");
        let fault = &refused["invalid_params"][0];
        assert_eq!(fault["name"], field, "{refused}");
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{refused}"
        );
    }
    let unknown = json!({"until": UNTIL, "programmes": ["nobody knows"]});
    let (status, refused) = track(&it, "call-backs", &unknown);
    assert_eq!(status, 422, "{refused}");
    assert!(
        refused["invalid_params"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("neither a budget nor an entry"),
        "{refused}"
    );
    // The sample's records end in December; a later month would be taken for one in which nothing happened.
    let (status, short) = track(&it, "call-backs", &json!({"until": "2026-02-28"}));
    assert_eq!(
        (status, &short["code"]),
        (409, &json!("records_too_short")),
        "{short}"
    );
    let (_, list) = it
        .keepworth
        .get(&format!("{SCENARIOS}/call-backs/trackings"));
    assert_eq!(list["items"], json!([]), "nothing half-made is kept");
}

/// A forecast is tracked for years: an engine of today tells what the months teach, and says that it is another.
fn assert_goes_on_after_an_upgrade(it: &Board, learnt: &Value) {
    let (_, runs) = it
        .keepworth
        .get("/simulator/v1/runs?scenario_key=call-backs");
    let id = runs["items"][0]["id"].as_str().unwrap();
    let (_, run) = it.keepworth.get(&format!("/simulator/v1/runs/{id}"));
    let now = run["result"]["engine_version"].as_str().unwrap().to_owned();
    let of = |version: &str| format!("\"engine_version\":\"{version}\"");
    let change = |from: &str, to: &str| {
        let statement = format!("UPDATE runs SET result = replace(result, '{from}', '{to}')");
        it.database.execute("simulator", &statement);
    };
    change(&of(&now), &of("0.4.0"));
    let (status, again) = track(it, "call-backs", &json!({"until": UNTIL}));
    change(&of("0.4.0"), &of(&now));
    assert_eq!(status, 201, "{again}");
    assert_eq!(again["report"]["learnt"], *learnt);
    let flags = again["report"]["quality_flags"].to_string();
    assert!(
        flags.contains("other_engine") && flags.contains("engine 0.4.0"),
        "{flags}"
    );
}

/// What is approved next is drawn with the quantiles that the last tracking told: the next tracking says so itself, of its
/// own futures, as what it believed before.
fn the_next_cycle_begins_with_what_was_learnt(kind: Kind) {
    let uncertain = text().replace("size = 0.1", "size = \"10% to 60%\", grade = \"D\"").replace(
        "reach = { business = 1.0 }",
        "reach = { business = 1.0, starter = 1.0, enterprise = 1.0 }\nsuccess_probability = 0.7",
    );
    let it = approved(kind, "call-backs", &uncertain);
    let order = json!({"until": UNTIL});
    let (status, made) = track(&it, "call-backs", &order);
    assert_eq!(status, 201, "{made}");
    let learnt = &made["report"]["learnt"];
    let effect = &learnt["effects"][0];
    assert_eq!(effect["effect"], "initiatives.Call back.hazard", "{learnt}");
    let path = format!(
        "/simulator/v1/trackings/{}:next",
        made["summary"]["id"].as_str().unwrap()
    );
    let (status, next) = it.keepworth.post(&path, &json!({"key": "call-backs-2"}));
    assert_eq!(status, 200, "{next}");
    let carried = next["carried"].as_array().unwrap();
    assert_eq!(carried.len(), 2, "{next}");
    assert_eq!(carried[0]["posterior"], effect["posterior"]);
    assert_eq!(
        carried[1]["changes"][0]["path"],
        "initiatives[Call back].success_probability"
    );
    let left = next["left"].to_string();
    assert!(left.contains("sponsor Ada"), "{left}");
    let written = &next["scenario"];
    assert_eq!(written["summary"]["baseline_hash"], it.hash);
    let reason = written["summary"]["reason"].as_str().unwrap();
    assert_eq!(
        reason,
        "believed after 2025-07 to 2025-12 of call-backs version 1"
    );

    assert_goes_on_after_an_upgrade(&it, learnt);

    // Taken once, and of what is there.
    let (status, taken) = it.keepworth.post(&path, &json!({"key": "call-backs-2"}));
    assert_eq!(status, 409, "{taken}");
    let nowhere = "/simulator/v1/trackings/019a0000-0000-7000-8000-000000000000:next";
    assert_eq!(it.keepworth.post(nowhere, &json!({"key": "x"})).0, 404);

    let which = it.submit("call-backs-2");
    let (status, done) = it.decide("call-backs-2", "approve", &which);
    assert_eq!(status, 200, "{done}");
    let (status, again) = track(&it, "call-backs-2", &order);
    assert_eq!(status, 201, "{again}");
    let drawn = &again["report"]["learnt"]["effects"][0]["prior"];
    let believed = &effect["posterior"];
    let width = number(&believed["p90"]) - number(&believed["p10"]);
    for quantile in ["p10", "p50", "p90"] {
        let [drawn, believed] = [drawn, believed].map(|it| number(&it[quantile]));
        assert!(
            (drawn - believed).abs() < 0.1 * width,
            "{quantile}: {drawn}, not {believed}"
        );
    }
    let success = |of: &Value, when: &str| number(&of["report"]["learnt"]["successes"][0][when]);
    assert!((success(&again, "prior") - success(&made, "posterior")).abs() < 0.05);

    let shown = it
        .keepworth
        .ask(&["track", "call-backs", "--next", "call-backs-3"])
        .done()
        .stdout;
    assert!(
        shown.contains("call-backs-3, version 1, begins with what was learnt"),
        "{shown}"
    );
    let untracked = it
        .keepworth
        .ask(&["track", "call-backs-3", "--next", "call-backs-4"]);
    assert!(
        untracked.stderr.contains("keepworth track call-backs-3"),
        "{untracked:?}"
    );
}
