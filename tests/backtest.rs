//! Would you have been right? A forecast of half a year ago, held against what came, through the services.

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    a_forecast_is_held_against_what_came,
    a_run_is_as_unsure_as_the_past_was,
);

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

/// From July on every bill is 40% higher, which no record of June foresaw.
fn shake(company: &Company) {
    let path = company.file("invoices.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let shaken = text.lines().map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        match cells[..] {
            [invoice, customer, month, amount] if ("2025-07".."2026").contains(&month) => {
                let amount: f64 = amount.parse().unwrap();
                format!("{invoice},{customer},{month},{:.2}", 1.4 * amount)
            }
            _ => line.to_owned(),
        }
    });
    let shaken: Vec<String> = shaken.collect();
    assert_ne!(
        shaken.join("\n"),
        text.trim_end(),
        "no bill of July or later"
    );
    std::fs::write(&path, shaken.join("\n") + "\n").unwrap();
}

/// More use, whose worth is a share of the revenue that a backtest was wrong about.
fn scenario(model_error: &str) -> String {
    format!(
        "name = \"Use more\"\nhorizon_months = 24\ndiscount_rate = 0.1\n{model_error}\n\
         [[initiatives]]\nname = \"Advise\"\nreach = {{ starter = 1.0, business = 1.0, enterprise = 1.0 }}\n\
         [[initiatives.effects]]\non = \"arpu\"\nsize = \"2% to 4%\"\ngrade = \"A\"\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1000\n"
    )
}

fn a_run_is_as_unsure_as_the_past_was(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(800, 5));
    shake(&company);
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let as_of = json!({"as_of": "2025-12-31"});
    let (_, baseline) = keepworth.post("/simulator/v1/baselines", &as_of);
    let run = |model_error: &str| {
        let order = json!({"scenario": scenario(model_error), "baseline_hash": baseline["hash"], "trials": 4_000});
        keepworth.post("/simulator/v1/runs", &order)
    };
    // Nothing is known of the past yet.
    let (status, problem) = run("model_error = \"backtest\"");
    let fault = &problem["invalid_params"][0];
    assert_eq!(
        (status, &fault["name"]),
        (422, &json!("scenario/model_error")),
        "{problem}"
    );
    assert!(
        fault["reason"]
            .as_str()
            .unwrap()
            .contains("keepworth baseline backtest"),
        "{fault}"
    );
    let (_, unknowing) = run("");
    assert!(!is_flagged(&unknowing, "model_error_left_out"));

    let backtest: Value =
        serde_json::from_str(&ask(&keepworth, "2025-06-30", "2025-12-31", "json")).unwrap();
    let id = backtest["summary"]["id"].as_str().unwrap();
    assert_finds_the_shock(&backtest);
    let (_, without) = run("");
    assert_eq!(
        without["result"]["outcomes"],
        unknowing["result"]["outcomes"]
    );
    assert!(
        is_flagged(&without, "model_error_left_out"),
        "{}",
        without["result"]["flags"]
    );
    let (status, with) = run("model_error = \"backtest\"");
    assert_eq!(status, 201, "{with}");
    assert!(is_flagged(&with, "model_error_drawn") && !is_flagged(&with, "model_error_left_out"));
    let reference = &with["references"][0];
    assert_eq!(
        (
            &reference["path"],
            &reference["kind"],
            &reference["key"],
            &reference["hash"]
        ),
        (
            &json!("model_error"),
            &json!("BACKTEST"),
            &json!(id),
            &backtest["summary"]["input_hash"]
        )
    );
    let width = |run: &Value| {
        let npv = &run["result"]["outcomes"]["npv"];
        npv["p95"].as_f64().unwrap() - npv["p5"].as_f64().unwrap()
    };
    assert!(
        width(&with) > 1.3 * width(&without),
        "{} {}",
        width(&with),
        width(&without)
    );
    let (_, by_id) = run(&format!("model_error = \"backtest/{id}\""));
    assert_eq!(by_id["result"]["outcomes"], with["result"]["outcomes"]);
    assert_explains(&company, &baseline, &backtest);
}

/// Bills that are 40% higher are a factor of 1.4 common to all segments, and of none alone.
fn assert_finds_the_shock(backtest: &Value) {
    let errors = backtest["report"]["model_error"].as_array().unwrap();
    let revenue = errors.iter().find(|it| it["on"] == "revenue").unwrap();
    let common = revenue["common"]["sd"].as_f64().unwrap();
    assert!((common - 1.4_f64.ln()).abs() < 0.05, "{revenue}");
}

fn is_flagged(run: &Value, code: &str) -> bool {
    let flags = run["result"]["flags"].as_array().unwrap();
    flags.iter().any(|it| it["code"] == code)
}

/// On files the same, and what decides it is named.
fn assert_explains(company: &Company, baseline: &Value, backtest: &Value) {
    let file = |name: &str, text: &str| {
        let path = company.file(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let scenario = file("use.toml", &scenario("model_error = \"backtest\""));
    let baseline = file("baseline.json", &baseline.to_string());
    let order = [
        "simulate",
        &scenario,
        "--baseline",
        &baseline,
        "--trials",
        "4000",
    ];
    let alone = run(&order);
    assert!(
        alone.code == 2 && alone.stderr.contains("--backtest FILE"),
        "{alone:?}"
    );
    let backtest_file = file("backtest.json", &backtest.to_string());
    let order = [&order[..], &["--backtest", &backtest_file]].concat();
    let text = run(&order).done().stdout.replace('\n', " ");
    let id = backtest["summary"]["id"].as_str().unwrap();
    assert!(text.contains(id), "{text}");
    let why = run(&[&order[..], &["--explain", "--format", "json"]].concat())
        .done()
        .json();
    let tornado = why["explanation"]["tornado"].as_array().unwrap();
    let decides = tornado
        .iter()
        .find(|it| it["input"] == "model error of revenue");
    assert!(decides.is_some(), "{tornado:?}");
}
