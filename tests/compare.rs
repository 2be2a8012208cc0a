//! Two scenarios held against each other, against what can be told beforehand of both.

use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    which_is_worth_more_by_how_much_and_why,
    what_cannot_be_compared_is_refused_at_its_side,
);

const COMPARE: &str = "/simulator/v1/compare";

/// Nothing but a cost in month 0, which is drawn: NPV is minus that.
fn scenario(mean: u32, more: &str) -> String {
    format!(
        "name = \"Move\"\nhorizon_months = 12\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Move\"\ncosts = [\n\
         {{ type = \"people\", amount = {{ normal = {{ mean = {mean}, sd = 3000 }} }} }},\n{more}]\n"
    )
}

fn compare(it: &Frozen, from: &str, to: &str) -> Value {
    let question = json!({"from": {"scenario_key": from}, "to": {"scenario_key": to}});
    let (status, told) = it.keepworth.post(COMPARE, &question);
    assert_eq!(status, 200, "{told}");
    told
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn which_is_worth_more_by_how_much_and_why(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("dear", &scenario(100_000, ""));
    it.keep("cheap", &scenario(90_000, ""));
    let told = compare(&it, "dear", "cheap");
    // The same person costs 10,000 less in every future: drawn alike, nothing else differs, and luck has no part in it.
    let difference = &told["npv_difference"];
    for figure in ["p5", "p50", "p95", "mean"] {
        assert!(
            (number(&difference[figure]) - 10_000.0).abs() < 1e-6,
            "{difference}"
        );
    }
    assert_eq!(told["better"]["value"], 1.0);
    let answer = told["answer"].as_str().unwrap();
    assert!(answer.contains("all of 10\u{202f}000 futures"), "{answer}");
    // Each is what its own run says.
    let (_, run) = it
        .keepworth
        .post("/simulator/v1/runs", &json!({"scenario_key": "cheap"}));
    assert_eq!(told["to"]["result"], run["result"]);
    let again = it
        .keepworth
        .ask(&["run", "order", "cheap", "--format", "json"]);
    assert_eq!(
        again.done().json()["summary"]["id"],
        run["summary"]["id"],
        "what was run is shown"
    );
    assert_eq!(told["bridge"][0]["changed"], json!(["initiatives[Move]"]));

    // What is 10,000 cheaper and has a part that costs as much in the middle is better in half of the futures: a bet.
    let more = "{ type = \"technology\", amount = { normal = { mean = 10000, sd = 1000 } } },\n";
    it.keep("bet", &scenario(80_000, more));
    let bet = compare(&it, "cheap", "bet");
    let (better, error) = (
        number(&bet["better"]["value"]),
        number(&bet["better"]["mc_error"]),
    );
    assert!((better - 0.5).abs() < 4.0 * error, "{better} ± {error}");

    // Two changes are two steps, which add up to the whole way.
    let two = scenario(80_000, "").replace("discount_rate = 0.1", "discount_rate = 0.2");
    it.keep("two", &two);
    let told = compare(&it, "dear", "two");
    let steps = told["bridge"].as_array().unwrap();
    let changed: Vec<&str> = steps
        .iter()
        .map(|it| it["changed"][0].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["discount_rate", "initiatives[Move]"]);
    assert_eq!(
        steps[0]["npv_before"],
        told["from"]["result"]["outcomes"]["npv"]["p50"]
    );
    assert_eq!(steps[0]["npv_after"], steps[1]["npv_before"]);
    assert_eq!(
        steps[1]["npv_after"],
        told["to"]["result"]["outcomes"]["npv"]["p50"]
    );
    let moved = number(&steps[1]["npv_after"]) - number(&steps[1]["npv_before"]);
    assert!((moved - 20_000.0).abs() < 1e-6, "{steps:?}");
    let same = compare(&it, "dear", "dear");
    assert_eq!(
        (&same["bridge"], &same["better"]["value"]),
        (&json!([]), &json!(0.0))
    );
    assert!(
        same["answer"].as_str().unwrap().contains("in every future"),
        "{same}"
    );

    let shown = it.keepworth.ask(&["compare", "dear", "two"]).done();
    for words in [
        "is worth more than",
        "initiatives[Move]",
        "NPV, middle",
        "discount_rate",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
}

fn what_cannot_be_compared_is_refused_at_its_side(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("dear", &scenario(100_000, ""));
    let refused = |question: Value, place: &str| {
        let (status, problem) = it.keepworth.post(COMPARE, &question);
        assert_eq!(status, 422, "{problem}");
        assert_eq!(problem["invalid_params"][0]["name"], place, "{problem}");
    };
    let kept = json!({"scenario_key": "dear"});
    refused(
        json!({"from": kept, "to": {"scenario_key": "nobody"}}),
        "to/scenario_key",
    );
    refused(json!({"from": {}, "to": kept}), "from/scenario");
    refused(json!({"from": kept, "to": kept, "trials": 100}), "trials");
    let wrong = json!({"scenario": "name = \"x\"", "baseline_hash": it.hash});
    refused(json!({"from": wrong, "to": kept}), "from/scenario");
}
