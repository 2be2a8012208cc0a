//! What is asked of a run, held against what other rooms say of the same futures: the run itself, and what if.

use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    answers_are_of_the_run_and_hold_where_something_else_is_asked,
    a_budget_decides_and_knowing_everything_is_worth_the_most,
    what_cannot_be_asked_of_a_run_is_refused,
);

const RUNS: &str = "/simulator/v1/runs";

/// What the cost is at most: it is as likely as any from nothing to this, and spent at once.
const MOST_COST: f64 = 3_000.0;

const ALONE: &str = r#"
name = "Call backs"
horizon_months = 24
discount_rate = 0.1
[[initiatives]]
name = "Call back"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "4% to 13%", grade = "A", causal_share = 1 }]
costs = [{ type = "people", amount = { uniform = [0, 3000] } }]
"#;

/// Beyond doubt worth less than it costs.
const DEAR: &str = r#"
[[initiatives]]
name = "Dear"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "1% to 2%", grade = "A", causal_share = 1 }]
costs = [{ type = "technology", amount = 400000 }]
"#;

/// A company with both initiatives in a scenario, and with one alone.
fn company(kind: Kind) -> Frozen {
    let it = Frozen::new(kind);
    it.keep("both", &format!("{ALONE}{DEAR}"));
    it.keep("alone", ALONE);
    it
}

fn run(it: &Frozen, key: &str, trials: u64, seed: u64) -> Value {
    let order = json!({"scenario_key": key, "trials": trials, "seed": seed});
    let (status, run) = it.keepworth.post(RUNS, &order);
    assert_eq!(status, 201, "{run}");
    run
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
    let it = company(kind);
    let both = run(&it, "both", 2_000, 7);
    let why = ask(&it, &both, &json!({"kind": "EXPLANATION"}));
    let answer = &why["report"]["answer"];
    let npv = &both["result"]["outcomes"]["npv"];
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
    let alone = run(&it, "alone", 2_000, 7);
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
    let id = alone["summary"]["id"].as_str().unwrap();
    let shown = it
        .keepworth
        .ask(&["run", "ask", id, "--break-even", "causal share"])
        .done();
    assert!(shown.stdout.contains("causal share"), "{}", shown.stdout);
    let shown = it.keepworth.ask(&["run", "ask", id]).done();
    for words in [
        "What decides it",
        "What to pilot first",
        "Which initiative earns it",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

fn a_budget_decides_and_knowing_everything_is_worth_the_most(kind: Kind) {
    let it = company(kind);
    let both = run(&it, "both", 4_000, 7);
    let choose = |budget: u64| {
        let question = json!({"kind": "PORTFOLIO", "budget_per_year": budget});
        ask(&it, &both, &question)["report"].clone()
    };
    let nothing = choose(1);
    let words = nothing["words"].as_str().unwrap();
    assert_eq!(nothing["answer"]["choices"][0]["initiatives"], json!([]));
    assert!(words.starts_with("No initiative"), "{words}");
    // Whatever a budget could pay for, the dear one is worth less than it costs.
    let alone = run(&it, "alone", 4_000, 11);
    let npv = &alone["result"]["outcomes"]["npv"];
    let slack = 4.0 * number(&npv["mc_error"]["mean"]);
    for budget in [100_000, 1_000_000] {
        let chosen = choose(budget);
        let best = &chosen["answer"]["choices"][0];
        assert_eq!(best["initiatives"], json!(["Call back"]), "{chosen}");
        let spent = best["spending"].as_array().unwrap().iter().map(number);
        let most = spent.fold(0.0, f64::max);
        assert!((most - MOST_COST / 2.0).abs() < 0.1 * MOST_COST, "{chosen}");
        // Of other futures, in which it is done alone.
        assert_near(&best["npv"], number(&npv["mean"]), slack);
    }
    assert_information_is_worth_what_it_saves(&it, &alone, number(&npv["mean"]));
}

/// Who knows the cost goes where it is below the benefit `B`: of a cost that is uniform up to `M`, `B²/2M` on average, less
/// what going at any cost brings.
fn assert_information_is_worth_what_it_saves(it: &Frozen, alone: &Value, mean: f64) {
    let benefit = mean + MOST_COST / 2.0;
    assert!(0.0 < mean && benefit < MOST_COST, "{mean}");
    let truth = benefit * benefit / (2.0 * MOST_COST) - mean;
    let why = ask(it, alone, &json!({"kind": "EXPLANATION"}));
    let names = why["report"]["answer"]["tornado"].as_array().unwrap();
    let names = names.iter().map(|it| it["input"].as_str().unwrap());
    let own: Vec<&str> = names.filter(|it| it.starts_with("initiatives.")).collect();
    let cost = own.iter().find(|it| it.contains("people")).unwrap();
    let question = json!({"kind": "INFORMATION", "groups": [
        {"name": "programme", "inputs": own}, {"name": "cost", "inputs": [cost]},
    ]});
    let report = ask(it, alone, &question)["report"].clone();
    let [programme, cost] = [0, 1].map(|it| &report["answer"]["groups"][it]["evppi"]);
    assert_near(cost, truth, 0.05 * truth);
    let all = number(&report["answer"]["evpi"]["value"]);
    assert!(number(&programme["value"]) <= all, "{report}");
    assert_near(programme, all, 0.1 * all);
    // One input alone is worth what the explanation says of it.
    let information = why["report"]["answer"]["information"].as_array().unwrap();
    let mut same = information.iter();
    let same = same.find(|it| it["input"].as_str().unwrap().contains("people"));
    assert_near(&same.unwrap()["evppi"], truth, 0.05 * truth);
}

fn what_cannot_be_asked_of_a_run_is_refused(kind: Kind) {
    let it = company(kind);
    let run = run(&it, "both", 100, 7);
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
    refused(
        json!({"kind": "EXPLANATION"}),
        "question/kind",
        "order a run of 160 or more",
    );
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
