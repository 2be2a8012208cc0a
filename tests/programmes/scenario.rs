//! From a programme to a scenario whose costs are the budget's, and back.

use serde_json::{Value, json};

use super::command::NARROW;
use super::money::plan;
use super::{create, programme};
use crate::company::baseline;
use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(a_scenario_of_a_programme_costs_what_the_budget_says);

const RUNS: &str = "/simulator/v1/runs";

fn a_scenario_of_a_programme_costs_what_the_budget_says(kind: Kind) {
    let it = Frozen::new(kind);
    let mut touched = programme();
    touched["initiatives"][0]["segments"] = json!(["business"]);
    create(&it.keepworth, &touched);
    // June is over on the baseline's day, and is no cost of what is decided then.
    plan(
        &it.keepworth,
        "call%20backs",
        "2026-01-01",
        &[
            ("2026-06", "PEOPLE", "77.00"),
            ("2026-08", "PEOPLE", "1000.50"),
            ("2026-09", "PEOPLE", "1000.50"),
            ("2026-11", "PEOPLE", "500.00"),
            ("2026-08", "TECHNOLOGY", "20000.00"),
        ],
    );
    plan(
        &it.keepworth,
        "service%202027",
        "2026-01-01",
        &[("2026-07", "POLITICS", "300.00")],
    );
    let frozen = it.database.folder().join("baseline.json");
    baseline(&it.keepworth, "2026-06-30", &frozen);
    let new = [
        "scenario",
        "new",
        "--programme",
        "service 2027",
        "--baseline",
        frozen.to_str().unwrap(),
    ];
    let text = it.keepworth.ask(&new).done().stdout;
    for says in [
        "key = \"call backs\"",
        "sponsor = \"Ada Lovelace\"",
        "process_owner = \"Jean Bartik\"",
        "sponsor = \"Joan Clarke\"",
        "people = 3.0, process = 2.5, politics = 4.0",
        "two teams are trained (seen on 2026-01-15)",
        "reach = { \"business\" = 1.0 }",
        "budget v1 from 2026-01-01",
        "77.00 EUR of budget v1",
        "no budget under `mended/bills`",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    // Not one effect is guessed, and no rate: until somebody says them, it is no scenario.
    assert!(!text.contains("\n[[initiatives.effects]]"), "{text}");
    let order = |scenario: &str| {
        let order =
            json!({"scenario": scenario, "baseline_hash": it.hash, "trials": 500, "ledger": true});
        it.keepworth.post(RUNS, &order)
    };
    let (status, refused) = order(&text);
    assert_eq!(status, 422, "{refused}");
    assert!(refused.to_string().contains("discount_rate"), "{refused}");
    let effect = "[[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";
    let filled = text
        .replace("# discount_rate = RATE", "discount_rate = 0.1")
        .replacen("# [[initiatives.effects]]\n", effect, 1);
    let (status, run) = order(&filled);
    assert_eq!(status, 201, "{run}");
    let paid = |line: &str| {
        let months = &run["result"]["ledger"]["lines"][line]["difference"]["mean"];
        let months = months.as_array().unwrap().iter().enumerate();
        let paid = months.map(|(month, it)| (month, -it.as_f64().unwrap()));
        Vec::from_iter(paid.filter(|(_, it)| it.abs() > 1e-9))
    };
    // July is month 1.
    assert_eq!(
        paid("programme_people"),
        [(2, 1000.5), (3, 1000.5), (5, 500.0)]
    );
    assert_eq!(paid("programme_technology"), [(2, 20_000.0)]);
    assert_eq!(paid("programme_politics"), [(1, 300.0)]);

    it.keep("service", &filled);
    let findings = |key: &str| {
        let (status, lint) = it
            .keepworth
            .get(&format!("/simulator/v1/scenarios/{key}/lint"));
        assert_eq!(status, 200, "{lint}");
        let all = lint["findings"].as_array().unwrap().iter();
        let of_keys = all.filter(|it| it["path"].as_str().unwrap().ends_with(".key"));
        Vec::from_iter(of_keys.cloned())
    };
    assert_eq!(findings("service"), [] as [Value; 0], "it is the budget");
    let months = [
        ("2026-08", "PEOPLE", "1000.50"),
        ("2026-09", "PEOPLE", "1000.50"),
        ("2026-08", "TECHNOLOGY", "12000.00"),
    ];
    plan(&it.keepworth, "call%20backs", "2026-02-01", &months);
    let off = findings("service");
    assert_eq!(
        (off.len(), &off[0]["code"]),
        (1, &json!("cost_off_budget")),
        "{off:?}"
    );
    let what = off[0]["what"].as_str().unwrap().replace(NARROW, " ");
    assert!(
        what.contains("22 501 EUR") && what.contains("14 001 EUR") && what.contains("v2"),
        "{what}"
    );
    it.keep(
        "stray",
        &filled.replace("key = \"mended/bills\"", "key = \"mended bills\""),
    );
    let stray = findings("stray");
    assert!(
        stray.iter().any(|it| it["code"] == "key_of_no_programme"
            && it["what"].to_string().contains("mended bills"))
    );
    // A key that finance would refuse is refused here.
    let long = filled.replace("mended/bills", &"x".repeat(129));
    let (status, problem) = order(&long);
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("scenario/initiatives/1/key")),
        "{problem}"
    );
}
