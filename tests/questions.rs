//! What is asked of a run, held against what other rooms say of the same futures: the run itself, and what if.

use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    answers_are_of_the_run_and_hold_where_something_else_is_asked,
    a_budget_decides_and_knowing_everything_is_worth_the_most,
    what_cannot_be_asked_of_a_run_is_refused,
);

const RUNS: &str = "/simulator/v1/runs";

const SCENARIO: &str = r#"
name = "Call backs"
horizon_months = 24
discount_rate = 0.1
[[initiatives]]
name = "Call back"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "4% to 13%", grade = "A", causal_share = 1 }]
costs = [{ type = "people", amount = { uniform = [0, 30000] } }]
[[initiatives]]
name = "Dear"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "1% to 2%", grade = "A", causal_share = 1 }]
costs = [{ type = "technology", amount = 400000 }]
"#;

/// A kept scenario, and a run of it.
fn run(kind: Kind, trials: u64) -> (Frozen, Value) {
    let it = Frozen::new(kind);
    it.keep("call-backs", SCENARIO);
    let order = json!({"scenario_key": "call-backs", "trials": trials, "seed": 7});
    let (status, run) = it.keepworth.post(RUNS, &order);
    assert_eq!(status, 201, "{run}");
    (it, run)
}

fn path(run: &Value) -> String {
    format!(
        "{RUNS}/{}/questions",
        run["summary"]["id"].as_str().unwrap()
    )
}

fn ask(it: &Frozen, run: &Value, question: &Value) -> Value {
    let (status, answered) = it
        .keepworth
        .post(&path(run), &json!({"question": question}));
    assert_eq!(status, 201, "{answered}");
    answered
}

fn number(of: &Value) -> f64 {
    of.as_f64().unwrap_or_else(|| panic!("{of} is no number"))
}

fn assert_near(found: &Value, truth: f64, slack: f64) {
    let (value, error) = (number(&found["value"]), number(&found["mc_error"]));
    let off = (value - truth).abs();
    assert!(off < 4.0 * error + slack, "{found}, not {truth}");
}

fn answers_are_of_the_run_and_hold_where_something_else_is_asked(kind: Kind) {
    let (it, run) = run(kind, 2_000);
    let why = ask(&it, &run, &json!({"kind": "EXPLANATION"}));
    let answer = &why["report"]["answer"];
    let npv = &run["result"]["outcomes"]["npv"];
    let mean = number(&npv["mean"]);
    assert!((number(&answer["expected_npv"]["value"]) - mean).abs() < 1e-6 * mean.abs());
    assert_eq!(why["report"]["trials"], 2_000);
    let shares = answer["attribution"].as_array().unwrap();
    let sum: f64 = shares.iter().map(|it| number(&it["value"]["value"])).sum();
    assert!((sum - mean).abs() < 1e-6 * mean.abs(), "{sum} of {mean}");
    let words = why["report"]["words"].as_str().unwrap();
    assert!(
        words.contains("Call backs") && words.contains("on average"),
        "{words}"
    );

    // A cost at which it would pay: another room, asked what it comes to at that cost, comes to nothing.
    let names = answer["tornado"].as_array().unwrap().iter();
    let mut names = names.map(|it| it["input"].as_str().unwrap());
    let cost = names.find(|it| it.contains("people")).unwrap().to_owned();
    let alone = json!({"name": "Call back alone", "text": SCENARIO.split("[[initiatives]]\nname = \"Dear\"").next()});
    it.keep("alone", alone["text"].as_str().unwrap());
    let order = json!({"scenario_key": "alone", "trials": 2_000, "seed": 7});
    let (_, alone) = it.keepworth.post(RUNS, &order);
    let met = ask(&it, &alone, &json!({"kind": "BREAK_EVEN", "driver": cost}));
    let found = &met["report"]["answer"];
    let value = number(&found["values"][0]["value"]);
    assert_eq!(found["goal"], "npv = 0");
    assert_eq!(met["report"]["words"], found["words"]);
    let change = json!([{"path": "initiatives[Call back].costs[people].amount", "value": format!("{value}")}]);
    let question = json!({"scenario_key": "alone", "trials": 20_000, "seed": 8, "changes": change});
    let (status, would) = it.keepworth.post("/simulator/v1/what-if", &question);
    assert_eq!(status, 200, "{would}");
    let npv = &would["result"]["outcomes"]["npv"];
    let (mean, error) = (number(&npv["mean"]), number(&npv["mc_error"]["mean"]));
    let slack = 4.0 * number(&found["values"][0]["mc_error"]);
    assert!(
        mean.abs() < 4.0 * error + slack,
        "{mean} ± {error} at {value}"
    );

    let (_, list) = it.keepworth.get(&path(&alone));
    assert_eq!(list["items"], json!([met["summary"]]));
    let id = met["summary"]["id"].as_str().unwrap();
    let (_, again) = it.keepworth.get(&format!("/simulator/v1/questions/{id}"));
    assert_eq!(again, met);
    let run = alone["summary"]["id"].as_str().unwrap();
    let shown = it
        .keepworth
        .ask(&["run", "ask", run, "--break-even", "causal share"])
        .done();
    assert!(shown.stdout.contains("causal share"), "{}", shown.stdout);
    let shown = it.keepworth.ask(&["run", "ask", run]).done();
    for words in [
        "What decides it",
        "What to pilot first",
        "Which initiative earns it",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

fn a_budget_decides_and_knowing_everything_is_worth_the_most(kind: Kind) {
    let (it, run) = run(kind, 4_000);
    let choose = |budget: u64| {
        let answered = ask(
            &it,
            &run,
            &json!({"kind": "PORTFOLIO", "budget_per_year": budget}),
        );
        answered["report"].clone()
    };
    let nothing = choose(1);
    assert_eq!(
        nothing["answer"]["choices"][0]["initiatives"],
        json!([]),
        "{nothing}"
    );
    assert!(
        nothing["words"]
            .as_str()
            .unwrap()
            .starts_with("No initiative")
    );
    let some = choose(100_000);
    let best = &some["answer"]["choices"][0];
    // The dear one is beyond the budget, and worth less than it costs beyond doubt.
    assert_ne!(best["initiatives"], json!(["Dear"]), "{some}");
    let most = best["spending"].as_array().unwrap().iter().map(number);
    assert!(most.fold(0.0, f64::max) <= 100_000.0, "{some}");
    assert_eq!(
        choose(1_000_000)["answer"]["choices"][0]["initiatives"],
        best["initiatives"]
    );

    it.keep(
        "alone",
        SCENARIO
            .split("[[initiatives]]\nname = \"Dear\"")
            .next()
            .unwrap(),
    );
    let order = json!({"scenario_key": "alone", "trials": 4_000, "seed": 11});
    let (_, alone) = it.keepworth.post(RUNS, &order);
    let npv = &alone["result"]["outcomes"]["npv"];
    let slack = 4.0 * number(&npv["mc_error"]["mean"]);
    if best["initiatives"] == json!(["Call back"]) {
        assert_near(&best["npv"], number(&npv["mean"]), slack);
    }

    let why = ask(&it, &alone, &json!({"kind": "EXPLANATION"}));
    let tornado = why["report"]["answer"]["tornado"].as_array().unwrap();
    let own = tornado
        .iter()
        .filter(|it| it["input"].as_str().unwrap().starts_with("initiatives."));
    let own: Vec<&Value> = own.map(|it| &it["input"]).collect();
    assert!(own.len() >= 2, "{tornado:?}");
    let question = json!({"kind": "INFORMATION", "groups": [
        {"name": "programme", "inputs": own}, {"name": "cost", "inputs": [own.iter().find(|it| it.as_str().unwrap().contains("people")).unwrap()]},
    ]});
    let report = ask(&it, &alone, &question)["report"].clone();
    let answer = &report["answer"];
    let [both, cost] = [0, 1].map(|it| &answer["groups"][it]["evppi"]);
    assert!(
        number(&both["value"]) + 4.0 * number(&both["mc_error"]) >= number(&cost["value"]),
        "{report}"
    );
    let all = number(&answer["evpi"]["value"]);
    assert!(
        all > 0.0
            && number(&both["value"]) <= 1.05 * all + 4.0 * number(&answer["evpi"]["mc_error"]),
        "{report}"
    );
    // One input alone is worth what the explanation says of it.
    let information = why["report"]["answer"]["information"]
        .as_array()
        .unwrap()
        .iter();
    let mut same = information.filter(|it| it["input"].as_str().unwrap().contains("people"));
    assert_near(
        &same.next().unwrap()["evppi"],
        number(&cost["value"]),
        0.02 * all,
    );
}

fn what_cannot_be_asked_of_a_run_is_refused(kind: Kind) {
    let (it, run) = run(kind, 100);
    let refused = |question: Value, place: &str, says: &str| {
        let (status, problem) = it
            .keepworth
            .post(&path(&run), &json!({"question": question}));
        assert_eq!(status, 422, "{problem}");
        let faults = problem["invalid_params"].as_array().unwrap();
        let found = faults.iter().find(|it| it["name"] == place);
        let reason = found.map_or("", |it| it["reason"].as_str().unwrap());
        assert!(reason.contains(says), "{place}: {problem}");
    };
    refused(
        json!({"kind": "BREAK_EVEN", "driver": "weather"}),
        "question/driver",
        "causal share",
    );
    let goal = json!({"kind": "BREAK_EVEN", "driver": "causal share", "goal": "much"});
    refused(goal, "question/goal", "npv = 100000");
    let groups = |groups: Value| json!({"kind": "INFORMATION", "groups": groups});
    refused(groups(json!([])), "question/groups", "give 1 to 20");
    let unknown = json!([{"name": "a", "inputs": ["weather"]}]);
    refused(groups(unknown), "question/groups/0/inputs/0", "weather");
    let twice = json!([{"name": "a", "inputs": ["x", "x"]}, {"name": "a", "inputs": ["x"]}]);
    refused(groups(twice.clone()), "question/groups/0/inputs/1", "twice");
    refused(groups(twice), "question/groups/1/name", "another group");
    // Of so few futures no error is known.
    refused(json!({"kind": "EXPLANATION"}), "question/kind", "too few");
    let nobody = format!("{RUNS}/019a0000-0000-7000-8000-000000000000/questions");
    let (status, problem) = it
        .keepworth
        .post(&nobody, &json!({"question": {"kind": "EXPLANATION"}}));
    assert_eq!(status, 404, "{problem}");
    let (status, _) = it.keepworth.get(&nobody);
    assert_eq!(status, 404);
    let (status, _) = it
        .keepworth
        .get("/simulator/v1/questions/019a0000-0000-7000-8000-000000000000");
    assert_eq!(status, 404);
}
