//! What if: what a page asks while somebody drags a slider, held against the run that would be ordered.

use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    a_question_is_answered_as_a_run_of_the_changed_text_would_be,
    what_cannot_be_asked_is_refused_with_every_reason,
    the_command_shows_what_it_is_beside_what_it_would_be,
);

const WHAT_IF: &str = "/simulator/v1/what-if";

const SCENARIO: &str = r#"
name = "Call backs"
horizon_months = 24
discount_rate = 0.1
[[initiatives]]
name = "Call back"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "4% to 13%", grade = "B" }]
costs = [{ type = "people", amount = "800 to 1500" }]
"#;

/// A future takes a hundred times as long where customers are drawn one by one.
const SLOW: &str = r#"
name = "Slow"
horizon_months = 240
discount_rate = 0.1
demography = "binomial"
[[initiatives]]
name = "Call back"
reach = { business = 1.0 }
effects = [{ on = "hazard", size = "4% to 13%", grade = "B" }]
"#;

fn slow(it: &Frozen, slider: Option<&str>) -> Value {
    let mut question = json!({"scenario": SLOW, "baseline_hash": it.hash, "trials": 20_000});
    if let Some(slider) = slider {
        question["slider"] = json!(slider);
    }
    question
}

/// All of a run that a question is answered, too.
fn without_beside(mut result: Value) -> Value {
    result["beside"].take();
    result
}

fn a_question_is_answered_as_a_run_of_the_changed_text_would_be(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("call-backs", SCENARIO);
    let question = json!({
        "scenario_key": "call-backs", "seed": 7, "trials": 2_000,
        "changes": [
            {"path": "initiatives[Call back].effects[hazard].size", "value": "\"8% to 26%\""},
            {"path": "initiatives[Call back].costs[people].amount", "value": "1000"},
            {"path": "tax_rate", "value": "0.25"},
        ],
    });
    let (status, told) = it.keepworth.post(WHAT_IF, &question);
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        told["scenario_version"],
        json!({"key": "call-backs", "version": 1})
    );
    assert_eq!(told["changes"][0]["old"], "\"4% to 13%\"");
    assert_eq!(
        (&told["changes"][2]["old"], &told["changes"][2]["new"]),
        (&Value::Null, &json!("0.25"))
    );

    // What is shown while somebody drags is what the run says when it is let go, to the digit.
    let order =
        json!({"scenario": told["scenario"], "baseline_hash": it.hash, "seed": 7, "trials": 2_000});
    let (status, run) = it.keepworth.post("/simulator/v1/runs", &order);
    assert_eq!(status, 201, "{run}");
    assert_eq!(
        without_beside(told["result"].clone()),
        without_beside(run["result"].clone())
    );
    assert_eq!(told["result"]["beside"]["futures"], 0);
    let inputs = told["tornado"].as_array().unwrap();
    let width = |it: &Value| {
        (it["at_p90"]["value"].as_f64().unwrap() - it["at_p10"]["value"].as_f64().unwrap()).abs()
    };
    assert!(
        !inputs.is_empty() && inputs.is_sorted_by(|a, b| width(a) >= width(b)),
        "{inputs:?}"
    );

    // Twice the effect is worth more, on the same draws; and nothing but the run was kept.
    let as_it_is = json!({"scenario_key": "call-backs", "seed": 7, "trials": 2_000});
    let (_, before) = it.keepworth.post(WHAT_IF, &as_it_is);
    assert_eq!(
        (&before["scenario"], &before["changes"]),
        (&json!(SCENARIO), &json!([]))
    );
    let gross = |it: &Value| {
        it["result"]["outcomes"]["customers_kept"]["mean"]
            .as_f64()
            .unwrap()
    };
    assert!(
        gross(&told) > 1.5 * gross(&before),
        "{} {}",
        gross(&told),
        gross(&before)
    );
    assert_eq!(it.keepworth.post(WHAT_IF, &question).1, told, "asked again");
    let (_, runs) = it.keepworth.get("/simulator/v1/runs?include_total=true");
    assert_eq!(runs["total"], 1);
    let (_, versions) = it
        .keepworth
        .get("/simulator/v1/scenarios/call-backs/versions?include_total=true");
    assert_eq!(versions["total"], 1);
}

fn what_cannot_be_asked_is_refused_with_every_reason(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("call-backs", SCENARIO);
    let refused = |change: Value, place: &str, says: &str| {
        let mut question = json!({"scenario_key": "call-backs"});
        for (key, value) in change.as_object().unwrap() {
            question[key] = value.clone();
        }
        let (status, problem) = it.keepworth.post(WHAT_IF, &question);
        assert_eq!(status, 422, "{problem}");
        let faults = problem["invalid_params"].as_array().unwrap();
        let found = faults.iter().find(|it| it["name"] == place);
        let reason = found.map_or("", |it| it["reason"].as_str().unwrap());
        assert!(reason.contains(says), "{place}: {problem}");
    };
    let change = |path: &str, value: &str| json!({"changes": [{"path": path, "value": value}]});
    let nowhere = "initiatives[Call bakc].reach.business";
    refused(
        change(nowhere, "1"),
        "changes/0/path",
        "`initiatives[Call back].reach.business`",
    );
    refused(
        change("horizon_months", "two years"),
        "changes/0/value",
        "in quotes",
    );
    // What a run would refuse is refused here, where the scenario has it.
    let reach = "initiatives[Call back].reach.business";
    refused(
        change(reach, "1.5"),
        "scenario/initiatives[0].reach[\"business\"]",
        "1.5",
    );
    refused(
        change("horizon_moths", "12"),
        "scenario/horizon_moths",
        "horizon_moths",
    );
    refused(json!({"trials": 20_001}), "trials", "POST /v1/runs");
    refused(
        json!({"scenario": SCENARIO}),
        "scenario",
        "beside scenario_key",
    );
    refused(
        json!({"scenario_version": 2}),
        "scenario_key",
        "in version 2",
    );
    refused(json!({"slider": "x".repeat(65)}), "slider", "64");
    let wrong = json!({"scenario": SCENARIO, "baseline_hash": "none"});
    let (status, problem) = it.keepworth.post(WHAT_IF, &wrong);
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("unknown_baseline"))
    );
}

fn the_command_shows_what_it_is_beside_what_it_would_be(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("call-backs", SCENARIO);
    let change = "initiatives[Call back].effects[hazard].size=8% to 26%";
    let shown = it
        .keepworth
        .ask(&["what-if", "call-backs", "--change", change])
        .done();
    for words in [
        "would be",
        "NPV, middle future",
        "8% to 26%",
        "What decides it",
        "10\u{202f}000 futures",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    let json = it
        .keepworth
        .ask(&[
            "what-if",
            "call-backs",
            "--trials",
            "500",
            "--format",
            "json",
        ])
        .done()
        .json();
    assert_eq!(
        (&json["result"]["trials"], &json["changes"]),
        (&json!(500), &json!([]))
    );
    let refused = it
        .keepworth
        .ask(&["what-if", "call-backs", "--change", "tax_rat"]);
    assert_eq!(refused.code, 2);
}

/// Who drags a slider is answered the newest question, and the ones before are stopped.
#[test]
fn a_newer_question_drops_the_one_before() {
    let it = Frozen::new(Kind::Sqlite);
    let quick = json!({"scenario": SCENARIO, "baseline_hash": it.hash, "slider": "reach"});
    std::thread::scope(|scope| {
        let first = scope.spawn(|| it.keepworth.post(WHAT_IF, &slow(&it, Some("reach"))));
        // The first of them that comes after the slow one stops it; one before it is stopped by it.
        while !first.is_finished() {
            let (status, told) = it.keepworth.post(WHAT_IF, &quick);
            assert!([200, 409].contains(&status), "{told}");
        }
        let (status, problem) = first.join().unwrap();
        assert_eq!((status, &problem["code"]), (409, &json!("superseded")));
    });
}

/// One question too many is refused at once, and the reason says when to come again.
#[test]
fn a_full_desk_says_when_to_come_again() {
    let it = Frozen::with(Kind::Sqlite, &["limits.what_ifs=1"]);
    let ask = |slider: Option<&str>| {
        let mut quick = json!({"scenario": SCENARIO, "baseline_hash": it.hash});
        if let Some(slider) = slider {
            quick["slider"] = json!(slider);
        }
        let request = it.keepworth.client().post(it.keepworth.at(WHAT_IF));
        request.json(&quick).send().unwrap()
    };
    // It comes again until it has found room beside what is asked below.
    let ask_slowly = || it.keepworth.post(WHAT_IF, &slow(&it, Some("reach")));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| while ask_slowly().0 == 429 {});
        let refused = loop {
            let answer = ask(None);
            assert!(
                !first.is_finished(),
                "nothing was refused beside the slow one"
            );
            if answer.status() != 200 {
                break answer;
            }
        };
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "1");
        let problem: Value = refused.json().unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("limits.what_ifs") && detail.contains("slider"),
            "{detail}"
        );
        // Who asks of the same slider needs no room of its own, and lets the slow one end.
        assert_eq!(ask(Some("reach")).status(), 200);
    });
}
