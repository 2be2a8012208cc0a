//! What the page on fits shows is what its commands print, and what is published of its donors.

use serde_json::Value;

use crate::support::{run, workspace};

const PAGE: &str = "examples/donors/README.md";
const COMMAND: &str = "```sh\nkeepworth ";
const PRINTED: &str = "```\n\n```text\n";

/// Runs a command line of the page; its files are those beside it.
fn printed(line: &str) -> String {
    let files = workspace("examples/donors");
    let word = |word: &str| {
        if word.ends_with(".csv") {
            files.join(word).display().to_string()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<String> = line.split_whitespace().map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(&words).done().stdout
}

/// The page with what each of its commands prints.
fn rewritten(page: &str) -> String {
    let mut parts = page.split(COMMAND);
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (line, rest) = part.split_once('\n').unwrap();
        let (_, after) = rest
            .strip_prefix(PRINTED)
            .unwrap()
            .split_once("```\n")
            .unwrap();
        let shown = printed(line);
        text += &format!("{COMMAND}{line}\n{PRINTED}{shown}```\n{after}");
    }
    text
}

#[test]
fn the_page_shows_what_its_commands_print() {
    let path = workspace(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let told = rewritten(&page);
    if std::env::var_os("KEEPWORTH_WRITE_README").is_some() {
        std::fs::write(&path, told).unwrap();
        return;
    }
    assert_eq!(
        page, told,
        "KEEPWORTH_WRITE_README=1 cargo test -p keepworth donors rewrites it"
    );
}

fn json(line: &str) -> Value {
    serde_json::from_str(&printed(&format!("{line} --format json"))).unwrap()
}

/// Fader, Hardie & Shang (2010): estimates, log-likelihood, gifts of the five years to come.
#[test]
fn the_donors_are_as_published() {
    let fit = json("fit clv donors.csv --model bg-bb --weights donors --next 5 --level 0.9");
    let near = |found: &Value, told: f64, digit: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - told).abs() <= 0.5 * digit + 1e-9, "{found} {told}");
    };
    for (name, told) in [
        ("alpha", 1.204),
        ("beta", 0.750),
        ("gamma", 0.657),
        ("delta", 2.783),
    ] {
        near(&fit["estimates"][name]["value"], told, 1e-3);
    }
    near(&fit["loglik"], -33_225.6, 0.1);
    assert_eq!((&fit["level"], &fit["n"]), (&0.9.into(), &11_104.0.into()));
    let histories = fit["outlook"]["histories"].as_array().unwrap();
    assert_eq!(histories.len(), 22);
    near(&histories[0]["purchases"]["value"], 0.07, 0.01);
    near(&histories[21]["purchases"]["value"], 3.75, 0.01);
    near(&histories[21]["active"]["value"], 0.93, 0.01);
    let names: Vec<_> = fit["mixtures"].as_array().unwrap().iter().collect();
    assert_eq!(names[0]["name"], "purchase_chance");
}

/// A log that is summed up to the end of calibration is tracked to the end of observation.
#[test]
fn a_log_is_tracked_beyond_calibration() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut log = "customer,date,amount\n".to_owned();
    for customer in 0..300_u32 {
        // Everyone buys at an own pace from an own day on, some of them only for a while.
        let (start, pace) = (customer % 28, 5 + (customer * 7) % 40);
        let last = if customer % 3 == 0 { 60 } else { 365 };
        for day in (start..last).step_by(pace as usize) {
            let date = chrono::NaiveDate::from_yo_opt(2025, day + 1).unwrap();
            log += &format!("c{customer},{date},10\n");
        }
    }
    std::fs::write(file("log.csv"), log).unwrap();
    let [log, customers, repeats] = ["log.csv", "customers.csv", "repeats.csv"].map(file);
    let split = ["--calibration-end", "2025-06-30"];
    let rfm = [
        &["rfm", &log, "-o", &customers, "--track", &repeats],
        &split[..],
    ]
    .concat();
    run(&rfm).done();
    let fit = [
        "fit", "clv", &customers, "--model", "bg-nbd", "--track", &repeats,
    ];
    let told = run(&[&fit[..], &["--format", "json"]].concat())
        .done()
        .stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    let tracking = &told["tracking"];
    let until = tracking["fitted_until"].as_f64().unwrap();
    let periods = tracking["periods"].as_array().unwrap();
    assert!(
        (25.0..26.0).contains(&until) && periods.len() == 52,
        "{until}"
    );
    let last_fitted = &periods[until as usize - 1];
    let of = |period: &Value| {
        (
            period["actual"].as_f64(),
            period["expected"]["value"].as_f64(),
        )
    };
    let (Some(actual), Some(expected)) = of(last_fitted) else {
        panic!("{last_fitted}")
    };
    assert!((expected / actual - 1.0).abs() < 0.2, "{actual} {expected}");
    let words = run(&fit).done().stdout;
    assert!(words.contains("it forecasts"), "{words}");
    let wrong = run(&[&fit[..5], &["--track", &log]].concat());
    assert!(
        wrong.code == 2 && wrong.stderr.contains("no column t"),
        "{wrong:?}"
    );
}

/// Every fit with intervals tells their level, in JSON and in words. The count is that of the customers
/// called regular in Fader & Hardie (2007), "How to project customer retention": sBG 0.704, 1.182.
#[test]
fn every_fit_names_its_level() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let count = [1000, 631, 468, 382, 326, 289, 262, 241];
    let count = count.iter().enumerate().map(|(t, n)| format!("{t},{n}\n"));
    let count = file(
        "count.csv",
        &format!("period,left\n{}", count.collect::<String>()),
    );
    let rows = (0..600_u32).map(|i| {
        let score = i % 5;
        let left = u32::from(i / 5 % 10 < 7 - score);
        format!("{},{left},{score}\n", i / 7 % 20 + 1)
    });
    let rows = file(
        "rows.csv",
        &format!("T,E,score\n{}", rows.collect::<String>()),
    );
    let watched = ["--duration", "T", "--event", "E"];
    let retention = |model| [&["retention", &rows, "--model", model], &watched[..]].concat();
    let sbg = ["retention", &count, "--model", "sbg", "--survivors", "left"];
    let explained = |model| [retention(model), vec!["--covariates", "score"]].concat();
    for fit in [
        sbg.to_vec(),
        retention("km"),
        explained("hazard"),
        explained("cox"),
        [&["link", &rows, "--exposure", "score"], &watched[..]].concat(),
    ] {
        let line = [&["fit"], &fit[..], &["--level", "80%"]].concat();
        let words = run(&line).done().stdout;
        let others = words.contains("95% from") || words.contains("(95%");
        assert!(words.contains("80% from") && !others, "{words}");
        let told = run(&[&line[..], &["--format", "json"]].concat())
            .done()
            .stdout;
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["level"], 0.8, "{line:?}");
    }
    let asked = ["--above", "churn_chance=0.5", "--format", "json"];
    let told = run(&[&["fit"], &sbg[..], &asked].concat()).done().stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    let churn = &told["mixtures"][0];
    let mean = churn["mean"]["value"].as_f64().unwrap();
    assert!((mean - 0.704 / (0.704 + 1.182)).abs() < 5e-4, "{churn}");
    assert_eq!(churn["shape"], "crowded at 0, ever fewer above");
    assert_eq!(churn["shares_above"][0]["threshold"], 0.5);
    let wrong = run(&[&["fit"], &retention("km")[..], &asked[..2]].concat());
    assert!(wrong.code == 2 && wrong.stderr.contains("--model sbg or bdw"));
    let wrong = run(&[&["fit"], &sbg[..], &["--level", "95"]].concat());
    assert!(wrong.code == 2 && wrong.stderr.contains("95%"), "{wrong:?}");
}
