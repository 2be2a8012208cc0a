//! Approvals: a version is submitted with a run of it, decided on by somebody else, and its forecast never changes.

mod refusals;

use keepworth_store::{Conn, Db, DbOptions, StoreError};
use serde_json::{Value, json};

use crate::support::board::{Board, SCENARIOS, act_by, text, token};
use crate::support::{Database, Kind, on_both_databases, run_in};

on_both_databases!(
    a_version_goes_its_whole_way_and_its_forecast_never_changes,
    the_database_lets_nobody_approve_their_own_and_nobody_change_a_forecast,
    of_two_who_decide_at_once_one_is_told,
    commands_submit_decide_and_show,
);

/// A figure of a forecast, by month.
fn figure<'a>(forecast: &'a Value, name: &str) -> &'a Vec<Value> {
    let figures = forecast["figures"].as_array().unwrap();
    let found = figures.iter().find(|it| it["figure"] == name).unwrap();
    found["months"].as_array().unwrap()
}

fn a_version_goes_its_whole_way_and_its_forecast_never_changes(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text());
    assert_eq!(it.approval("call-backs", 1)["state"], "DRAFT");
    let place = format!("{SCENARIOS}/call-backs/forecast");
    let (status, none) = it.keepworth.get(&place);
    assert_eq!(
        (status, &none["code"]),
        (404, &json!("not_found")),
        "{none}"
    );
    assert!(
        none["detail"].as_str().unwrap().contains(":submit"),
        "{none}"
    );

    let run = it.run("call-backs");
    let which = json!({"version": 1, "run_id": run["summary"]["id"]});
    let (status, submitted) = it.act("call-backs", "submit", &which);
    assert_eq!(
        (status, &submitted["state"]),
        (200, &json!("SUBMITTED")),
        "{submitted}"
    );
    assert_eq!(submitted["findings"], json!([]));
    assert_eq!(it.keepworth.get(&place).0, 404, "nothing is frozen yet");
    let (status, own) = it.act("call-backs", "approve", &which);
    assert_eq!(
        (status, &own["code"]),
        (409, &json!("same_person")),
        "{own}"
    );
    assert!(
        own["detail"]
            .as_str()
            .unwrap()
            .contains("keepworth token create"),
        "{own}"
    );
    let (status, approved) = it.decide("call-backs", "approve", &which);
    assert_eq!(
        (status, &approved["state"]),
        (200, &json!("APPROVED")),
        "{approved}"
    );
    let step = &approved["transitions"][1];
    assert_eq!(
        (&step["from"], &step["to"]),
        (&json!("SUBMITTED"), &json!("APPROVED"))
    );
    assert_eq!(
        (&step["reason"], &step["policy_version"]),
        (&json!("the board decided so"), &json!(1))
    );
    assert!(
        step["by"]["token"].is_string() && submitted["transitions"][0]["by"]["token"].is_null()
    );

    let (status, frozen) = it.keepworth.text(&place);
    assert_eq!(status, 200, "{frozen}");
    let forecast: Value = serde_json::from_str(&frozen).unwrap();
    assert_agrees(&forecast, &run);
    for (field, expected) in [
        ("baseline_hash", &it.hash),
        ("input_hash", &run["summary"]["input_hash"]),
        ("run_id", &run["summary"]["id"]),
        ("scenario_hash", &approved["scenario_hash"]),
        ("currency", &json!("EUR")),
    ] {
        assert_eq!(&forecast[field], expected, "{field}");
    }

    // A next version changes nothing of it, until it is approved itself.
    it.put("call-backs", &text().replace("size = 0.1", "size = 0.12"));
    let next = json!({"version": 2, "run_id": it.run("call-backs")["summary"]["id"]});
    assert_eq!(it.keepworth.text(&format!("{place}?version=2")).0, 404);
    assert_eq!(it.act("call-backs", "submit", &next).0, 200);
    assert_eq!(it.approval("call-backs", 1)["state"], "APPROVED");
    assert_eq!(it.decide("call-backs", "approve", &next).0, 200);
    let before = it.approval("call-backs", 1);
    assert_eq!(before["state"], "SUPERSEDED", "{before}");
    assert_eq!(before["transitions"][2]["reason"], "version 2 was approved");
    assert_eq!(
        it.keepworth.text(&format!("{place}?version=1")),
        (200, frozen)
    );
    let (_, newest) = it.keepworth.get(&place);
    assert_eq!(
        newest["scenario"]["version"], 2,
        "the last one that was approved"
    );
    for (verb, refused) in [
        ("submit", it.act("call-backs", "submit", &which)),
        ("approve", it.decide("call-backs", "approve", &which)),
    ] {
        assert_eq!(
            (refused.0, &refused.1["code"]),
            (409, &json!("wrong_state")),
            "{verb}: {refused:?}"
        );
    }
    let (status, unmeasured) = it.act("call-backs", "close", &json!({"version": 2}));
    assert_eq!(
        (status, &unmeasured["code"]),
        (409, &json!("not_measured")),
        "nobody has looked at what came of it: {unmeasured}"
    );
    assert_eq!(
        it.keepworth.get(&place),
        (200, newest),
        "what was frozen stays"
    );

    let path = it.keepworth.at(&format!(
        "/simulator/v1/runs/{}",
        run["summary"]["id"].as_str().unwrap()
    ));
    assert_eq!(
        it.keepworth.client().delete(path).send().unwrap().status(),
        409
    );
    let (_, events) = it.keepworth.get("/simulator/v1/events");
    let events = events["items"].as_array().unwrap().iter();
    let of = |kind: &str| {
        let found = events.clone().filter(|it| it["event"]["type"] == kind);
        Vec::from_iter(found.map(|it| it["event"]["subject"].as_str().unwrap()))
    };
    let both = [1, 2].map(|it| format!("/v1/scenarios/call-backs/approval?version={it}"));
    assert_eq!(of("keepworth.scenario.submitted"), both);
    assert_eq!(of("keepworth.scenario.approved"), both);
}

/// What a forecast has in common with its run's result.
fn assert_agrees(forecast: &Value, run: &Value) {
    let monthly = &run["result"]["monthly"];
    let number = |it: &Value| it.as_f64().unwrap();
    let flow = figure(forecast, "cumulative_discounted_flow");
    assert_eq!(flow.len(), 25);
    assert_eq!(
        (&flow[0]["month"], &flow[24]["month"]),
        (&json!("2026-06"), &json!("2028-06"))
    );
    for band in ["p25", "p50", "p75"] {
        let runs = &monthly["cumulative_discounted_flow"][band];
        for (month, point) in flow.iter().enumerate() {
            let (a, b) = (number(&point[band]), number(&runs[month]));
            assert!(
                (a - b).abs() < 1e-6 * b.abs().max(1.0),
                "{band} of month {month}: {a} and {b}"
            );
        }
    }
    let mean = number(&run["result"]["outcomes"]["npv"]["mean"]);
    let last = number(&flow[24]["mean"]);
    assert!(
        (mean - last).abs() < 1e-6 * mean.abs().max(1.0),
        "{mean} and {last}"
    );
    // Counts scatter about what the run expects.
    let customers = figure(forecast, "customers");
    let (counted, expected) = (
        number(&customers[24]["p50"]),
        number(&monthly["customers_programme"]["p50"][24]),
    );
    assert!(
        (counted / expected - 1.0).abs() < 0.05,
        "{counted} and {expected}"
    );
    let width = |it: &Value| number(&it["p97_5"]) - number(&it["p2_5"]);
    assert!(width(&figure(forecast, "leavers")[1]) >= 2.0);
    assert_eq!(
        number(&figure(forecast, "programme_cost")[0]["p50"]),
        1000.0
    );
    assert!(number(&figure(forecast, "revenue")[1]["p50"]) > 0.0);
    assert!(
        number(&figure(forecast, "minutes")[1]["p50"])
            >= number(&figure(forecast, "contacts")[1]["p50"])
    );
}

/// Changes the simulator's database behind its back; whether it let that happen.
fn change(database: &Database, sql: &'static str) -> Result<(), StoreError> {
    let db = Db::open(&database.url("simulator"), &DbOptions::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(db.write(move |conn: &mut Conn| conn.batch(sql)))
}

fn the_database_lets_nobody_approve_their_own_and_nobody_change_a_forecast(kind: Kind) {
    let it = Board::new(kind);
    let which = it.submitted("call-backs");
    let insert = |by: &str| -> &'static str {
        let sql = format!(
            "INSERT INTO frozen_forecasts VALUES ('call-backs', 9, {by}, 'b', 'b', '{{}}', '2026-01-01 00:00:00')"
        );
        Box::leak(sql.into_boxed_str())
    };
    assert!(
        change(&it.database, insert("NULL")).is_err(),
        "submitted by who approves"
    );
    let own = "INSERT INTO frozen_forecasts VALUES ('call-backs', 9, 'b', 'a', 'b', '{}', '2026-01-01 00:00:00')";
    assert!(
        change(&it.database, own).is_err(),
        "written by who approves"
    );
    assert_eq!(it.decide("call-backs", "approve", &which).0, 200);
    let path = format!("{SCENARIOS}/call-backs/forecast");
    let before = it.keepworth.get(&path);
    assert!(change(&it.database, "UPDATE frozen_forecasts SET forecast = '{}'").is_err());
    assert_eq!(it.keepworth.get(&path), before);
}

fn of_two_who_decide_at_once_one_is_told(kind: Kind) {
    let it = Board::new(kind);
    let which = it.submitted("call-backs");
    let other = token(&it.keepworth, "other", &["scenario:approve"]);
    let statuses = std::thread::scope(|scope| {
        let decide = |token: &'static str, verb: &'static str| {
            let (keepworth, which) = (&it.keepworth, &which);
            scope.spawn(move || act_by(keepworth, token, "call-backs", verb, which).0)
        };
        let leak = |it: &str| -> &'static str { Box::leak(it.to_owned().into_boxed_str()) };
        let both = [
            decide(leak(&it.approver), "approve"),
            decide(leak(&other), "approve"),
        ];
        let mut statuses = both.map(|it| it.join().unwrap());
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [200, 409]);
    assert_eq!(
        it.approval("call-backs", 1)["transitions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

fn commands_submit_decide_and_show(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text());
    let run = it.run("call-backs")["summary"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let scenario = |arguments: &[&str]| it.keepworth.ask(&[&["scenario"], arguments].concat());
    let why = ["--reason", "for the board of March"];
    let submit = scenario(&[&["submit", "call-backs", "--run", &run], &why[..]].concat());
    let submitted = submit.done().stdout;
    assert!(
        submitted.contains("call-backs, version 1: submitted"),
        "{submitted}"
    );
    assert!(
        submitted.contains("Nothing stands in the way") && submitted.contains(&run),
        "{submitted}"
    );
    let approve = [
        &["scenario", "approve", "call-backs", "--run", &run],
        &why[..],
    ]
    .concat();
    let own = it.keepworth.ask(&approve);
    assert!(
        own.code == 2 && own.stderr.contains("KEEPWORTH_TOKEN_FILE"),
        "{own:?}"
    );
    let file = it.database.folder().join("approver.token");
    std::fs::write(&file, &it.approver).unwrap();
    let file = file.to_str().unwrap();
    let approved = run_in(
        &[("KEEPWORTH_TOKEN_FILE", file)],
        &[&approve[..], &["--url", &it.keepworth.url]].concat(),
    );
    let approved = approved.done().stdout;
    assert!(
        approved.contains("version 1: approved") && approved.contains("by the token"),
        "{approved}"
    );
    let shown = scenario(&["forecast", "call-backs", "--figure", "leavers"])
        .done()
        .stdout;
    assert!(
        shown.contains("Customers who leave") && shown.contains("2028-06"),
        "{shown}"
    );
    let csv = scenario(&["forecast", "call-backs", "--format", "csv"])
        .done()
        .stdout;
    assert_eq!(csv.lines().count(), 1 + 11 * 25, "{csv}");
    let closed = scenario(&[
        "close",
        "call-backs",
        "--version",
        "1",
        "--reason",
        "it ended",
    ]);
    assert!(
        closed.code == 2 && closed.stderr.contains("keepworth track call-backs@1"),
        "{closed:?}"
    );
    let policy = it.keepworth.ask(&["policy", "show"]).done().stdout;
    assert!(
        policy.contains("version 1") && policy.contains("for the test"),
        "{policy}"
    );
    let new = it.database.folder().join("policy.toml");
    let says =
        "oldest_baseline_months = 6\nfewest_futures = 500\nloss_limits = [{ most_losses = 0.1 }]\n";
    std::fs::write(&new, says).unwrap();
    let set = |onto: &str| {
        let file = new.to_str().unwrap();
        it.keepworth.ask(&[
            "policy", "set", file, "--onto", onto, "--reason", "stricter",
        ])
    };
    let late = set("0");
    assert!(
        late.code == 2 && late.stderr.contains("--onto 1"),
        "{late:?}"
    );
    assert!(set("1").done().stdout.contains("version 2"));
}
