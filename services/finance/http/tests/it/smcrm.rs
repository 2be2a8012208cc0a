//! Real data: 500 firms of V. Kumar and J. A. Petersen, Statistical Methods in Customer
//! Relationship Management (Wiley, 2012), file `customerAcquisition.csv` of the R package SMCRM.
//! The walk-through of `examples/smcrm`: what firms answered to spending on acquisition and on
//! retention, the curve beside a plain regression, and a verdict.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::api::{Api, codes, on_both};

on_both!(the_walk_through_says_what_its_page_says);

fn place(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .join(relative)
}

/// The body that the walk-through posts; none when nobody brought the data.
fn history(arguments: &[&str]) -> Option<Value> {
    let data = place("../shared/data/smcrm/customerAcquisition.csv");
    if !data.exists() {
        eprintln!("skipped: {} is not there", data.display());
        return None;
    }
    let mut awk = Command::new("awk");
    for argument in arguments {
        awk.args(["-v", argument]);
    }
    let script = place("examples/smcrm/points.awk");
    let output = awk.arg("-f").arg(script).arg(data).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

const PATH: &str = "/v1/response-histories";
const ASK: &str = "/v1/acquire-or-keep?month=2025-09&annual_rate=0.10&segment=firms\
    &acquisition_spend=513.90&retention_spend=1515.95";

#[track_caller]
fn close(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - expected).abs() < tolerance,
        "{found}, not {expected}"
    );
}

async fn the_walk_through_says_what_its_page_says(api: Api) {
    let Some(acquisition) = history(&["lever=ACQUISITION"]) else {
        return;
    };
    let (status, won) = api.post(PATH, &acquisition).await;
    assert_eq!(status, 201, "{won}");
    // Nobody is won below 200 dollars and nearly everybody above 600: an S, which the curve cannot
    // follow. The comparison with a plain regression says so instead of hiding it.
    let fit = &won["curve"]["fit"];
    assert_eq!(
        (&won["curve"]["ceiling"]["n"], &fit["contradicted"]),
        (&json!(500), &json!(true))
    );
    close(&fit["aic_curve"], 469.5, 0.05);
    close(&fit["aic_logistic"], 310.5, 0.05);
    // The share kept still rises at the highest spend, so its ceiling has to be judged.
    let unseen = history(&["lever=RETENTION"]).unwrap();
    let (status, problem) = api.post(PATH, &unseen).await;
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("evidence/ceiling"))
    );
    for ceiling in ["0.9", "1.0"] {
        let retention = history(&["lever=RETENTION", &format!("ceiling={ceiling}")]).unwrap();
        let (status, kept) = api.post(PATH, &retention).await;
        assert_eq!(status, 201, "{kept}");
        let fit = &kept["curve"]["fit"];
        assert_eq!(
            (&kept["curve"]["ceiling"]["n"], &fit["contradicted"]),
            (&json!(292), &json!(false))
        );
        // The curve's probability knows nothing of the S: at 2,000 dollars the regression disagrees.
        for (margin, by_curve, by_regression) in [
            (1_000, "NEITHER", "NEITHER"),
            (1_500, "NEITHER", "NEITHER"),
            (2_000, "NEITHER", "ACQUIRE_MORE"),
            (3_000, "ACQUIRE_MORE", "ACQUIRE_MORE"),
            (4_000, "ACQUIRE_MORE", "ACQUIRE_MORE"),
        ] {
            let report = api.get(&format!("{ASK}&margin={margin}")).await;
            let answer = &report["items"][0]["answer"];
            let plain = &answer["by_plain_regression"];
            assert_eq!(
                (&answer["verdict"], &plain["verdict"]),
                (&json!(by_curve), &json!(by_regression)),
                "{margin}"
            );
            assert!(
                answer["chances"][0]["share"].as_f64() > Some(0.99),
                "{answer:#}"
            );
            close(&answer["marginal_cost_to_acquire"]["value"], 140_024.0, 1.0);
            close(&plain["marginal_cost_to_acquire"]["value"], 31_390.0, 1.0);
            close(&plain["marginal_cost_to_keep"]["value"], 306_721.0, 1.0);
            let flags = ["contradicts_curve", "ceiling_not_estimated"];
            let said = codes(&answer["quality_flags"]);
            assert!(flags.iter().all(|flag| said.contains(flag)));
        }
    }
}
