//! What is asked beside a run: why, what must be true, what else.

use serde_json::Value;

use crate::support::{run, workspace};

fn reference() -> String {
    let path = workspace("examples/reference/scenario.toml");
    path.to_str().unwrap().to_owned()
}

fn document(arguments: &[&str]) -> Value {
    let fixed = ["simulate", "--trials", "1000", "--format", "json"];
    serde_json::from_str(&run(&[&fixed[..], arguments].concat()).done().stdout).unwrap()
}

#[test]
fn an_explanation_stands_beside_its_run() {
    let scenario = reference();
    let plain = document(&[&scenario]);
    let mut found = document(&[
        &scenario,
        "--explain",
        "--break-even",
        "causal share",
        "--portfolio",
        "300000",
    ]);
    let explanation = found["explanation"].take();
    let mean = plain["outcomes"]["npv"]["mean"].as_f64().unwrap();
    let explained = explanation["expected_npv"]["value"].as_f64().unwrap();
    assert!((explained - mean).abs() < 1e-9 * mean.abs());
    let parts = explanation["attribution"].as_array().unwrap();
    let sum: f64 = parts
        .iter()
        .map(|it| it["value"]["value"].as_f64().unwrap())
        .sum();
    assert!(
        (sum - mean).abs() < 1e-9 * mean.abs(),
        "{sum} is not {mean}"
    );
    let alone = parts
        .iter()
        .map(|it| it["alone"]["value"].as_f64().unwrap());
    let overlap = explanation["overlap"]["value"].as_f64().unwrap();
    assert!((alone.sum::<f64>() + overlap - mean).abs() < 0.005);
    assert_eq!(found["break_even"], explanation["break_even"][0]);
    for choice in found["portfolio"].as_array().unwrap() {
        for year in choice["spending"].as_array().unwrap() {
            assert!(year.as_f64().unwrap() <= 300_000.0, "{choice}");
        }
    }
    // What is asked beside a run changes nothing of it.
    let keys = found.as_object_mut().unwrap();
    keys.retain(|key, _| plain.get(key).is_some());
    assert_eq!(found, plain);
}

/// What must be true is put into words, and another goal can be set.
#[test]
fn a_goal_can_be_sought() {
    let scenario = reference();
    let seek = |goal: &str, form: &str| {
        let order = [
            "--trials",
            "1000",
            "--break-even",
            "causal share",
            "--goal",
            goal,
            "--format",
            form,
        ];
        run(&[&["simulate", &scenario][..], &order].concat()).done()
    };
    let value = |goal: &str| {
        let found = seek(goal, "json").json();
        found["break_even"]["values"][0]["value"].as_f64().unwrap()
    };
    // More is wanted, more must be causal.
    let shares = ["npv = 0", "npv = 200000", "loss = 30%"].map(value);
    assert!(shares[0] < shares[1] && shares[0] < shares[2], "{shares:?}");
    let text = seek("loss = 30%", "table").stdout;
    let words = "At most 30 in 100 futures lose money if causal share is above";
    assert!(text.starts_with(words), "{text}");
}

#[test]
fn scenarios_are_compared_on_the_same_futures() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(reference()).unwrap();
    let path = folder.path().join("dearer.toml");
    let dearer = text.replacen(
        "discount_rate = { input",
        "tax_rate = 0.2\ndiscount_rate = { input",
        1,
    );
    assert_ne!(dearer, text);
    std::fs::write(&path, dearer).unwrap();
    let (scenario, other) = (reference(), path.to_str().unwrap().to_owned());
    let found = document(&["--compare", &other, &scenario]);
    let difference = &found["differences"][0];
    // Without tax it is worth more wherever it is worth anything.
    let loss = found["runs"][1]["probabilities"]["npv_negative"]["value"]
        .as_f64()
        .unwrap();
    let better = difference["better"]["value"].as_f64().unwrap();
    assert!((better + loss - 1.0).abs() < 0.05, "{better} and {loss}");
    assert_eq!(found["runs"][1], document(&[&scenario]));
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let scenario = reference();
    for (arguments, words) in [
        (
            vec![scenario.as_str(), "--break-even", "nothing"],
            "gross_margin",
        ),
        (
            vec![scenario.as_str(), "--explain", "--trials", "20"],
            "at least 160",
        ),
        (
            vec![scenario.as_str(), "--explain", "--format", "csv"],
            "--format table or json",
        ),
        (
            vec![
                "--compare",
                scenario.as_str(),
                scenario.as_str(),
                "--explain",
            ],
            "cannot be used with",
        ),
        (
            vec![
                scenario.as_str(),
                "--break-even",
                "causal share",
                "--goal",
                "profit = 1",
            ],
            "loss = 10%",
        ),
        (vec![], "SCENARIO.toml"),
    ] {
        let answer = run(&[&["simulate"][..], &arguments].concat());
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(
            answer.stderr.contains(words),
            "{words} is not in {}",
            answer.stderr
        );
    }
}
