//! Would you have been right? A forecast of half a year ago, held against what came, through the services.

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(a_forecast_is_held_against_what_came);

/// Orders a backtest by the command; answers what it says in a form.
fn ask(keepworth: &Keepworth, as_of: &str, until: &str, format: &str) -> String {
    let order = ["baseline", "backtest", "--as-of", as_of, "--until", until];
    let rest = [
        "--trials",
        "1000",
        "--format",
        format,
        "--url",
        &keepworth.url,
    ];
    run(&[&order[..], &rest[..]].concat()).done().stdout
}

fn a_forecast_is_held_against_what_came(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(800, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let asked = ask(&keepworth, "2025-06-30", "2025-12-31", "json");
    let backtest: Value = serde_json::from_str(&asked).unwrap();
    let report = &backtest["report"];
    assert_eq!(
        (&report["months"], &report["segments"]),
        (&json!(6), &json!(3))
    );
    assert_scores(report);
    assert_counts_as_the_baseline(&keepworth, report);
    let again: Value =
        serde_json::from_str(&ask(&keepworth, "2025-06-30", "2025-12-31", "json")).unwrap();
    assert_eq!(
        again["report"], *report,
        "the same records give the same report"
    );
    assert_eq!(
        again["summary"]["input_hash"],
        backtest["summary"]["input_hash"]
    );
    let table = ask(&keepworth, "2025-06-30", "2025-12-31", "table");
    for text in ["80% bands", "leavers", report["words"].as_str().unwrap()] {
        assert!(
            table.replace('\n', " ").contains(text),
            "{text} is not in\n{table}"
        );
    }
    assert_holds_where_books_are_young(&keepworth);
    assert_refuses(&keepworth);
    assert_is_kept_and_removed(&keepworth, &backtest);
}

/// Bills and ledger begin in January: three months of them tell what the next nine cost and bring.
fn assert_holds_where_books_are_young(keepworth: &Keepworth) {
    let asked: Value =
        serde_json::from_str(&ask(keepworth, "2025-03-31", "2025-12-31", "json")).unwrap();
    let figures = asked["report"]["figures"].as_array().unwrap();
    for name in ["revenue", "service_cost", "cost"] {
        let of_it = figures.iter().find(|it| it["figure"] == name).unwrap();
        let bias = of_it["bias"].as_f64().unwrap();
        assert!(bias.abs() < 0.15, "{name}: {bias}");
    }
}

/// DELETE: status and JSON, where there is any.
fn delete(keepworth: &Keepworth, path: &str) -> (u16, Value) {
    let request = keepworth.client().delete(keepworth.at(path));
    let answer = request.header("keepworth-reason", "test").send().unwrap();
    let status = answer.status().as_u16();
    (
        status,
        serde_json::from_str(&answer.text().unwrap()).unwrap_or_default(),
    )
}

fn assert_scores(report: &Value) {
    let figures = report["figures"].as_array().unwrap();
    let names: Vec<&str> = figures
        .iter()
        .map(|it| it["figure"].as_str().unwrap())
        .collect();
    for name in [
        "customers",
        "won",
        "leavers",
        "revenue",
        "contacts",
        "service_cost",
        "cost",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    for figure in figures {
        let share = |place: usize| figure["coverage"][place]["share"].as_f64().unwrap();
        assert!(share(0) <= share(1) && share(1) <= share(2), "{figure}");
        assert!(
            figure["crps"].as_f64().unwrap() > 0.0 && figure["crps_last_value"].is_f64(),
            "{figure}"
        );
    }
    let eighty = &report["coverage"][1];
    let interval = &eighty["interval"];
    assert_eq!(
        interval["method"], "wilson_segments",
        "three segments count once each"
    );
    // The company was drawn from hazards and rates that stay as they are.
    let share = eighty["share"].as_f64().unwrap();
    assert!((0.6..=1.0).contains(&share), "{eighty}");
    let flags = report["quality_flags"].as_array().unwrap();
    assert!(
        flags.iter().any(|it| it["code"] == "cut_by_effective_day"),
        "{flags:?}"
    );
}

/// The last month's customers are those of a baseline as of its last day.
fn assert_counts_as_the_baseline(keepworth: &Keepworth, report: &Value) {
    let order = json!({"as_of": "2025-12-31"});
    let (status, baseline) = keepworth.post("/simulator/v1/baselines", &order);
    assert_eq!(status, 201, "{baseline}");
    for segment in baseline["segments"].as_array().unwrap() {
        let is_it = |cell: &&Value| {
            cell["segment"] == segment["name"]
                && cell["month"] == "2025-12"
                && cell["figure"] == "customers"
        };
        let cell = report["cells"]
            .as_array()
            .unwrap()
            .iter()
            .find(is_it)
            .unwrap();
        assert_eq!(cell["actual"], segment["figures"]["customers"]["value"]);
    }
}

fn assert_refuses(keepworth: &Keepworth) {
    for (as_of, until, field, code) in [
        ("2025-06-15", "2025-12-31", "as_of", "not_over"),
        ("2024-06-30", "2025-12-31", "until", "out_of_range"),
        ("2025-06-30", "2025-06-30", "until", "out_of_range"),
        ("2025-06-30", "2999-01-31", "until", "in_the_future"),
    ] {
        let order = json!({"as_of": as_of, "until": until});
        let (status, problem) = keepworth.post("/simulator/v1/backtests", &order);
        assert_eq!(status, 422, "{problem}");
        let faults = problem["invalid_params"].as_array().unwrap();
        let is_it = |it: &Value| it["name"] == field && it["code"] == code;
        assert!(faults.iter().any(is_it), "{problem}");
    }
    // Records end with the year.
    let order = json!({"as_of": "2025-06-30", "until": "2026-03-31"});
    let (status, problem) = keepworth.post("/simulator/v1/backtests", &order);
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("records_too_short")),
        "{problem}"
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("give until 2025-12-31"),
        "{problem}"
    );
}

fn assert_is_kept_and_removed(keepworth: &Keepworth, backtest: &Value) {
    let hash = backtest["summary"]["baseline_hash"].as_str().unwrap();
    let path = format!(
        "/simulator/v1/backtests/{}",
        backtest["summary"]["id"].as_str().unwrap()
    );
    let (status, kept) = keepworth.get(&path);
    assert_eq!((status, &kept), (200, backtest));
    let list = format!("/simulator/v1/backtests?baseline_hash={hash}");
    let (_, page) = keepworth.get(&list);
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    let (status, problem) = delete(keepworth, &format!("/simulator/v1/baselines/{hash}"));
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("in_use")),
        "{problem}"
    );
    for item in page["items"].as_array().unwrap() {
        let path = format!("/simulator/v1/backtests/{}", item["id"].as_str().unwrap());
        assert_eq!(delete(keepworth, &path).0, 204);
    }
    assert_eq!(keepworth.get(&path).0, 404);
    assert_eq!(
        delete(keepworth, &format!("/simulator/v1/baselines/{hash}")).0,
        204
    );
}
