//! The register of a scenario's assumptions, held against shares of a variance that can be told beforehand.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use serde_json::{Value, json};

use crate::support::{Frozen, Kind, on_both_databases};

on_both_databases!(
    shares_ranks_and_checks_are_those_of_the_scenario,
    a_workbook_has_the_register_of_its_run,
    what_cannot_be_checked_is_refused_with_the_reason,
);

const SCENARIOS: &str = "/simulator/v1/scenarios";

/// Nothing but two costs is drawn that moves NPV, 3 and 4 wide: they divide the variance as 9 and 16 of 25.
const COSTS: &str = r#"
name = "Two costs"
horizon_months = 12
discount_rate = 0.1
[inputs.licences]
distribution = { normal = { mean = 100000, sd = 4000 } }
grade = "B"
note = "offer of March"
[[initiatives]]
name = "Move"
costs = [
    { type = "technology", amount = { input = "licences" } },
    { type = "people", amount = { normal = { mean = 100000, sd = 3000 } } },
]
"#;

fn register(it: &Frozen, query: &str) -> Value {
    let path = format!("{SCENARIOS}/move/assumptions{query}");
    let (status, register) = it.keepworth.get(&path);
    assert_eq!(status, 200, "{register}");
    register
}

fn check(it: &Frozen, check: &Value) -> (u16, Value) {
    let path = format!("{SCENARIOS}/move/assumption-checks");
    it.keepworth.post(&path, check)
}

fn names(register: &Value) -> Vec<&str> {
    let items = register["items"].as_array().unwrap();
    items
        .iter()
        .map(|it| it["input"].as_str().unwrap())
        .collect()
}

fn shares_ranks_and_checks_are_those_of_the_scenario(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("move", COSTS);
    let all = register(&it, "");
    let first = &all["items"][0];
    let second = &all["items"][1];
    for (found, share, of) in [(first, 0.64, "licences"), (second, 0.36, "people")] {
        let (value, error) = (
            &found["variance_share"]["value"],
            &found["variance_share"]["mc_error"],
        );
        let (value, error) = (value.as_f64().unwrap(), error.as_f64().unwrap());
        assert!(
            error < 0.08 && (value - share).abs() < 4.0 * error.max(0.005),
            "{found}"
        );
        assert!(found["input"].as_str().unwrap().contains(of), "{found}");
    }
    assert_eq!((&first["rank"], &second["rank"]), (&json!(1), &json!(2)));
    assert_eq!(
        (&first["grade"], &first["source"]),
        (&json!("B"), &json!("offer of March"))
    );
    let width = first["p90"].as_f64().unwrap() - first["p10"].as_f64().unwrap();
    assert!((width - 2.0 * 1.2816 * 4_000.0).abs() < 1.0, "{first}");
    assert_eq!(
        first["used_at"],
        json!([
            "initiatives[Move].costs[technology].amount",
            "inputs.licences"
        ])
    );
    assert_eq!(second["used_at"], json!(["initiatives[Move]"]));

    // What the records bring stands there as well, and decides nothing here.
    let items = all["items"].as_array().unwrap();
    assert_eq!(all["total"], items.len());
    let of_records = Vec::from_iter(items.iter().filter(|it| it["origin"] == "RECORDS"));
    assert!(!of_records.is_empty());
    for found in of_records {
        assert!(
            found["variance_share"]["value"].as_f64().unwrap().abs() < 1e-9,
            "{found}"
        );
        assert!(
            found["source"]
                .as_str()
                .unwrap()
                .starts_with("from records"),
            "{found}"
        );
    }
    // The run of the same version says of the same inputs that it is of the same hash.
    let (status, run) = it.keepworth.post(
        "/simulator/v1/runs",
        &json!({"scenario_key": "move", "trials": 200}),
    );
    assert_eq!(
        (status, &run["result"]["input_hash"]),
        (201, &all["input_hash"])
    );

    // Nobody backs what people cost, and it is among the two that decide; licences have an offer.
    let people = second["input"].as_str().unwrap();
    assert_eq!(names(&register(&it, "?grade=D&deciding=2")), [people]);
    assert_eq!(names(&register(&it, "?grade=B")), ["licences"]);
    assert!(names(&register(&it, "?grade=A")).is_empty());

    let looked = |on: &str, owner: &str| json!({"input": people, "owner": owner, "checked_on": on});
    for (on, owner) in [("2026-03-01", "Ada"), ("2026-01-01", "Grace")] {
        let (status, told) = check(&it, &looked(on, owner));
        assert_eq!((status, &told["owner"]), (200, &json!(owner)), "{told}");
    }
    // What was looked at last holds, whenever it was written; and it stays with the key.
    let put = json!({"scenario": COSTS.replace("3000", "2000"), "baseline_hash": it.hash});
    let path = it.keepworth.at(&format!("{SCENARIOS}/move"));
    let request = it.keepworth.client().put(path).header("if-match", "*");
    assert_eq!(request.json(&put).send().unwrap().status(), 200);
    let after = register(&it, "?deciding=2&grade=D");
    assert_eq!(after["scenario"]["version"], 2);
    assert_eq!(after["items"][0]["check"]["owner"], "Ada");
    let shown = it
        .keepworth
        .ask(&["scenario", "assumptions", "move", "--deciding", "2"])
        .done();
    assert!(
        shown.stdout.contains("Ada") && shown.stdout.contains("nobody"),
        "{}",
        shown.stdout
    );
}

/// The rows of a run's sheet of assumptions, and what is said above them.
fn sheet(it: &Frozen, order: &Value) -> (Vec<Vec<Data>>, String) {
    let (status, run) = it.keepworth.post("/simulator/v1/runs", order);
    assert_eq!(status, 201, "{run}");
    let id = run["summary"]["id"].as_str().unwrap();
    let path = it
        .keepworth
        .at(&format!("/simulator/v1/runs/{id}/workbook"));
    let book = it.keepworth.client().get(path).send().unwrap();
    assert_eq!(book.status(), 200, "{:?}", book.text());
    let bytes = Cursor::new(book.bytes().unwrap());
    let mut book: Xlsx<_> = Xlsx::new(bytes).unwrap();
    let cells: Range<Data> = book.worksheet_range("Assumptions").unwrap();
    let rows = cells.rows().skip(6).map(<[Data]>::to_vec).collect();
    (rows, cells.get_value((3, 0)).unwrap().to_string())
}

/// What is taken away says of each assumption what the register answers at that moment, figure by figure.
fn a_workbook_has_the_register_of_its_run(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("move", COSTS);
    let looked = json!({"input": "licences", "owner": "Ada", "checked_on": "2026-01-15"});
    assert_eq!(check(&it, &looked).0, 200);
    let register = register(&it, "");
    let (rows, said) = sheet(&it, &json!({"scenario_key": "move", "trials": 200}));
    assert!(said.contains("\u{201c}move\u{201d}"), "{said}");
    let items = register["items"].as_array().unwrap();
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(items) {
        let used_at = Vec::from_iter(item["used_at"].as_array().unwrap().iter().map(text));
        let owner = item["check"]["owner"].as_str().unwrap_or("nobody");
        for (column, says) in [
            (0, text(&item["input"])),
            (7, text(&item["unit"])),
            (8, text(&item["grade"])),
            (9, text(&item["origin"]).to_lowercase()),
            (10, text(&item["source"])),
            (11, used_at.join(", ")),
            (12, owner.to_owned()),
        ] {
            assert_eq!(row[column].to_string(), says, "{item}");
        }
        let share = &item["variance_share"];
        let figures = [&item["rank"], &share["value"], &share["mc_error"]];
        let range = ["p10", "p50", "p90"].map(|it| &item[it]);
        for (column, figure) in (1..).zip(figures.into_iter().chain(range)) {
            assert_eq!(row[column], Data::Float(figure.as_f64().unwrap()), "{item}");
        }
        let day = match &row[13] {
            Data::DateTime(day) => Some(day.to_ymd_hms_milli()),
            _ => None,
        };
        let checked = item["check"]["checked_on"].as_str();
        assert_eq!(day, checked.map(|_| (2026, 1, 15, 0, 0, 0, 0)), "{item}");
    }
    assert_eq!(rows.iter().filter(|row| row[12] == "Ada").count(), 1);

    // A run of a text alone has the same assumptions, and nobody is said to have failed to look.
    let order = json!({"scenario": COSTS, "baseline_hash": it.hash, "trials": 200});
    let (unkept, said) = sheet(&it, &order);
    assert!(said.contains("of no scenario that is kept"), "{said}");
    let alike = |rows: &[Vec<Data>]| Vec::from_iter(rows.iter().map(|row| row[..12].to_vec()));
    assert_eq!(alike(&unkept), alike(&rows));
    assert!(unkept.iter().all(|row| row[12].to_string().is_empty()));
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn what_cannot_be_checked_is_refused_with_the_reason(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("move", COSTS);
    let refused = |looked: Value, place: &str, says: &str| {
        let (status, problem) = check(&it, &looked);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        assert_eq!(fault["name"], place, "{problem}");
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{problem}"
        );
    };
    let looked = |input: &str, owner: &str, on: &str| json!({"input": input, "owner": owner, "checked_on": on});
    refused(
        looked("licence", "Ada", "2026-01-01"),
        "input",
        "`licences`",
    );
    refused(looked("licences", " ", "2026-01-01"), "owner", "empty");
    refused(
        looked("licences", "Ada", "2999-01-01"),
        "checked_on",
        "2999-01-01",
    );
    let (status, _) = it
        .keepworth
        .get(&format!("{SCENARIOS}/nothing/assumptions"));
    assert_eq!(status, 404);
    let (status, problem) = it
        .keepworth
        .get(&format!("{SCENARIOS}/move/assumptions?deciding=0"));
    assert_eq!(status, 422, "{problem}");
    assert!(
        register(&it, "")["items"][0]["check"].is_null(),
        "nothing was written"
    );
}
