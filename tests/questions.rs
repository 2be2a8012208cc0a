//! What is asked of a run, held against what other rooms say of the same futures: the run itself, and what if.

use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    answers_are_of_the_run_and_hold_where_something_else_is_asked,
    a_budget_decides_and_knowing_everything_is_worth_the_most,
    a_customer_won_stays_as_long_as_the_hazards_of_a_programme_let_them,
    a_pilot_is_worth_what_its_size_lets_it_tell,
    what_cannot_be_asked_of_a_run_is_refused,
    what_no_pilot_can_be_is_refused,
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

/// A rise of revenue that is normal, with a mean of 5% and a standard deviation of 2%, for a cost that is certain.
const MORE_USE: &str = r#"
name = "More use"
horizon_months = 24
discount_rate = 0.1
[[initiatives]]
name = "Tips"
reach = { business = 1.0 }
effects = [{ on = "arpu", size = { normal = { mean = 0.05, sd = 0.02 } }, grade = "A" }]
costs = [{ type = "people", amount = COST }]
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
    assert_a_waterfall_ends_on_the_whole(answer, why["report"]["words"].as_str().unwrap());
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
        "the whole",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

/// Both reduce the leaving of the same customers, which each alone counts in full.
fn assert_a_waterfall_ends_on_the_whole(answer: &Value, words: &str) {
    let steps = answer["attribution"].as_array().unwrap().iter();
    let alone: f64 = steps.map(|it| number(&it["alone"]["value"])).sum();
    let overlap = number(&answer["overlap"]["value"]);
    let whole = number(&answer["expected_npv"]["value"]);
    assert!((alone + overlap - whole).abs() < 0.005, "{answer}");
    assert!(overlap < 0.0, "{answer}");
    assert!(words.contains("less than each alone adds up to"), "{words}");
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

/// What a programme makes of hazards is foreseen by another scenario in which nothing is done: a customer who is won is worth as
/// much. It does harm, which no ceiling holds back.
fn a_customer_won_stays_as_long_as_the_hazards_of_a_programme_let_them(kind: Kind) {
    let it = company(kind);
    let scenario = |size: &str, outlook: &str| {
        format!(
            "name = \"Stay\"\nhorizon_months = 24\ndiscount_rate = 0.1\n{outlook}\n[[initiatives]]\nname = \"Stay\"\n\
             reach = {{ business = 1.0, enterprise = 1.0, starter = 1.0 }}\n\
             effects = [{{ on = \"hazard\", size = {size}, grade = \"A\" }}]\n\
             costs = [{{ type = \"people\", amount = 10 }}]\n"
        )
    };
    let clv = |run: &Value| number(&run["result"]["outcomes"]["clv"]["mean"]);
    let lifetime = |run: &Value| {
        let report = ask(&it, run, &json!({"kind": "EXPLANATION"}))["report"].clone();
        let words = report["words"].as_str().unwrap();
        assert!(words.contains("A customer won brings EUR"), "{words}");
        report["answer"]["lifetime"].clone()
    };
    it.keep("done", &scenario("-0.05", ""));
    it.keep(
        "foreseen",
        &scenario("0.0", "[outlook]\nhazard_factor = 1.05"),
    );
    let [done, foreseen] = ["done", "foreseen"].map(|key| run(&it, key, 400, 7));
    let found = lifetime(&done);
    let near = |found: &Value, truth: f64| {
        let found = number(&found["value"]);
        assert!((found / truth - 1.0).abs() < 1e-9, "{found}, not {truth}");
    };
    near(&found["as_is"], clv(&done));
    near(&found["with_programme"], clv(&foreseen));
    near(&found["difference"], clv(&foreseen) - clv(&done));
    assert!(number(&found["difference"]["value"]) < 0.0, "{found}");
    // Of a programme without effect it is exactly the same.
    let nothing = lifetime(&foreseen);
    assert_eq!(
        nothing["difference"],
        json!({"value": 0.0, "mc_error": 0.0})
    );
    assert_eq!(nothing["with_programme"], nothing["as_is"]);
}

fn euros(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// `E[max(0, m + s·z)] − max(0, m)` of a standard normal `z`, summed over a grid of it.
fn normal_loss(m: f64, s: f64) -> f64 {
    let step = 1e-3;
    let density = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let grid = (-8_000..8_000).map(|it| (f64::from(it) + 0.5) * step);
    grid.map(|z| (m + s * z).max(0.0) * density(z) * step)
        .sum::<f64>()
        - m.max(0.0)
}

fn a_pilot_is_worth_what_its_size_lets_it_tell(kind: Kind) {
    let it = company(kind);
    it.keep("free", &MORE_USE.replace("COST", "1"));
    let free = run(&it, "free", 8_000, 7);
    let gain = number(&free["result"]["outcomes"]["npv"]["mean"]) + 1.0;
    let cost = (0.9 * gain).round();
    it.keep("use", &MORE_USE.replace("COST", &format!("{cost}")));
    let uncertain = run(&it, "use", 8_000, 7);
    let mut question = json!({"kind": "PILOT", "initiative": "Tips", "outcome": "REVENUE", "expected_per_month": 40.0,
        "expected_sd": 4.0, "months": 6, "sizes": [4, 8, 16], "cost_per_customer": euros("1.50"), "fixed_cost": euros("12.25")});
    let report = ask(&it, &uncertain, &question)["report"].clone();
    let answer = &report["answer"];
    let mut before = 0.0;
    for size in answer["sizes"].as_array().unwrap() {
        // As planned: a mean of two arms alike, as a share of what is expected.
        let treated = number(&size["treated"]);
        let error = 4.0 / 40.0 * (2.0 / treated).sqrt();
        assert!(
            (number(&size["standard_error"]) - error).abs() < 1e-12,
            "{size}"
        );
        // The posterior mean of a normal effect is normal with sd² = σ⁴/(σ² + error²).
        let preposterior = gain / 0.05 * 0.02 * 0.02 / 0.02_f64.hypot(error);
        let truth = normal_loss(gain - cost, preposterior);
        assert_near(&size["evsi"], truth, 0.03 * truth);
        let paid = 12.25 + 1.5 * treated;
        assert_eq!(number(&size["cost"]), paid);
        let (worth, left) = (
            number(&size["evsi"]["value"]),
            number(&size["net"]["value"]),
        );
        assert!((left - (worth - paid)).abs() < 1e-9, "{size}");
        assert!(
            before < worth && worth <= number(&answer["evppi"]["value"]),
            "{answer}"
        );
        before = worth;
    }
    let why = ask(&it, &uncertain, &json!({"kind": "EXPLANATION"}));
    assert_eq!(
        why["report"]["answer"]["pilots"][0]["evppi"],
        answer["evppi"]
    );
    let words = report["words"].as_str().unwrap();
    assert!(
        words.starts_with("To try \u{201c}Tips\u{201d} for revenue on"),
        "{words}"
    );
    let shown = |treated: u64| format!("on {treated} customers is worth");
    assert!(
        words.contains(&shown(answer["best"].as_u64().unwrap())),
        "{words}"
    );
    // For so much it is better not to ask, and what costs more than it tells does not pay.
    question["fixed_cost"] = euros("900000");
    let report = ask(&it, &uncertain, &question)["report"].clone();
    let words = report["words"].as_str().unwrap();
    assert!(
        report["answer"]["best"].is_null() && words.starts_with("No pilot of"),
        "{words}"
    );
    it.keep(
        "sure",
        &MORE_USE
            .replace("COST", "1")
            .replace("sd = 0.02", "sd = 0.002"),
    );
    let sure = run(&it, "sure", 2_000, 7);
    let nothing = ask(&it, &sure, &question)["report"].clone();
    let words = nothing["words"].as_str().unwrap();
    assert!(words.contains("would change the decision"), "{words}");
    let id = uncertain["summary"]["id"].as_str().unwrap();
    let order = [
        "run",
        "ask",
        id,
        "--pilot",
        "Tips",
        "--outcome",
        "revenue",
        "--expected",
        "40",
        "--sd",
        "4",
        "--months",
        "6",
        "--sizes",
        "8,16",
        "--cost-per-customer",
        "1.50 EUR",
    ];
    let shown = it.keepworth.ask(&order).done();
    for words in ["To try", "customers treated", "as many as tell it exactly"] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

/// The question is refused at a place, for a reason that says something.
fn assert_refused(it: &Frozen, run: &Value, question: &Value, (place, says): (&str, &str)) {
    let (status, problem) = it
        .keepworth
        .post(&path(run), &json!({"question": question}));
    assert_eq!(status, 422, "{problem}");
    let faults = problem["invalid_params"].as_array().unwrap();
    let found = faults.iter().find(|it| it["name"] == place);
    let reason = found.map_or("", |it| it["reason"].as_str().unwrap());
    assert!(reason.contains(says), "{place}: {problem}");
}

fn what_no_pilot_can_be_is_refused(kind: Kind) {
    let it = company(kind);
    let run = run(&it, "alone", 200, 7);
    let refused = |changed: Value, place: &str, says: &str| {
        let mut question = json!({"kind": "PILOT", "initiative": "Call back", "outcome": "LEAVING",
            "expected_per_month": 0.02, "months": 6});
        question
            .as_object_mut()
            .unwrap()
            .extend(changed.as_object().unwrap().clone());
        assert_refused(&it, &run, &question, (place, says));
    };
    refused(
        json!({"initiative": "Weather"}),
        "question/initiative",
        "Call back",
    );
    let sd = json!({"outcome": "CONTACTS", "expected_sd": 0.9});
    refused(sd.clone(), "question/outcome", "it has: hazard");
    let score = json!({"outcome": "SCORE", "expected_sd": 1.0});
    refused(score, "question/outcome", "pays nothing");
    refused(
        json!({"outcome": "CONTACTS"}),
        "question/expected_sd",
        "is missing",
    );
    refused(
        json!({"expected_sd": 1.0}),
        "question/expected_sd",
        "means nothing",
    );
    refused(
        json!({"expected_per_month": 0.0}),
        "question/expected_per_month",
        "above 0",
    );
    refused(json!({"months": 0}), "question/months", "1 to 36");
    refused(json!({"sizes": [1]}), "question/sizes/0", "too few");
    refused(json!({"sizes": [10, 10]}), "question/sizes/1", "ascending");
    refused(
        json!({"sizes": [10, 100_000]}),
        "question/sizes/1",
        "give at most",
    );
    let dollars = json!({"fixed_cost": {"amount": "5.00", "currency": "USD"}});
    refused(
        dollars,
        "question/fixed_cost",
        "not in the run's currency, EUR",
    );
    refused(
        json!({"fixed_cost": euros("-5.00")}),
        "question/fixed_cost",
        "below zero",
    );
}

fn what_cannot_be_asked_of_a_run_is_refused(kind: Kind) {
    let it = company(kind);
    let run = run(&it, "both", 100, 7);
    let refused = |question: Value, place: &str, says: &str| {
        assert_refused(&it, &run, &question, (place, says));
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
