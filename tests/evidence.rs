//! The library of evidence: graded by rule, kept in versions, and referred to by scenarios.

use serde_json::{Value, json};

use crate::company::{baseline, simulate};
use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    evidence_is_graded_kept_in_versions_and_withdrawn,
    a_scenario_refers_to_it_and_the_run_traces_back,
    commands_add_show_and_hand_it_over,
    what_cannot_be_is_refused_at_its_place,
);

const LIBRARY: &str = "/simulator/v1/evidence";

fn pilot(key: &str) -> Value {
    json!({
        "key": key, "title": "Pilot of call-backs", "lever": "HAZARD",
        "study": {"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4987}},
        "size": {"form": "MEAN_SD", "mean": 0.08, "sd": 0.02}, "n": 9999, "source": "report 7",
        "owner": "Ada", "review_on": "2099-01-01",
    })
}

fn with(mut value: Value, field: &str, other: Value) -> Value {
    value[field] = other;
    value
}

fn codes(evidence: &Value) -> Vec<&str> {
    let reasons = evidence["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect()
}

/// PUT of a version: status and JSON.
fn replace(keepworth: &Keepworth, key: &str, tag: Option<&str>, body: &Value) -> (u16, Value) {
    let mut request = keepworth
        .client()
        .put(keepworth.at(&format!("{LIBRARY}/{key}")));
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    let answer = request.json(body).send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn evidence_is_graded_kept_in_versions_and_withdrawn(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let create = |body: &Value| {
        let request = keepworth.client().post(keepworth.at(LIBRARY)).json(body);
        let answer = request.header("idempotency-key", "1").send().unwrap();
        let place = answer.headers().get("location").cloned();
        let replayed = answer.headers().contains_key("idempotency-replayed");
        (
            answer.status().as_u16(),
            place,
            replayed,
            answer.json::<Value>().unwrap(),
        )
    };
    let (status, place, replayed, first) = create(&pilot("call-backs"));
    assert_eq!((status, replayed), (201, false), "{first}");
    assert_eq!(place.unwrap(), "/simulator/v1/evidence/call-backs");
    assert_eq!(
        (&first["grade"], &first["version"]),
        (&json!("A"), &json!(1))
    );
    assert_eq!(codes(&first), ["randomised", "sample_ratio_held"]);
    let (status, _, replayed, again) = create(&pilot("call-backs"));
    assert_eq!((status, replayed, &again), (201, true, &first));
    let (status, twice) = keepworth.post(LIBRARY, &pilot("call-backs"));
    assert_eq!((status, &twice["code"]), (409, &json!("duplicate")));
    // Lots that went wrong are an association.
    let arms = json!({"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4487}});
    let (_, mismatch) = keepworth.post(LIBRARY, &with(pilot("lost"), "study", arms));
    assert_eq!(mismatch["grade"], "C");
    assert_eq!(codes(&mismatch), ["randomised", "sample_ratio_mismatch"]);
    // Overdue evidence says so.
    let old = with(pilot("old"), "review_on", json!("2020-01-01"));
    let (_, overdue) = keepworth.post(LIBRARY, &old);
    assert_eq!(overdue["quality_flags"][0]["code"], "review_overdue");
    // Replaced only by who has read it.
    let vendor = with(
        pilot("call-backs"),
        "study",
        json!({"kind": "VENDOR_STATEMENT"}),
    );
    assert_eq!(replace(&keepworth, "call-backs", None, &vendor).0, 428);
    assert_eq!(
        replace(&keepworth, "call-backs", Some("\"0\""), &vendor).0,
        412
    );
    let read = keepworth
        .client()
        .get(keepworth.at(&format!("{LIBRARY}/call-backs")));
    let tag = read.send().unwrap().headers()["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let (status, second) = replace(&keepworth, "call-backs", Some(&tag), &vendor);
    assert_eq!(
        (status, &second["version"], &second["grade"]),
        (200, &json!(2), &json!("D"))
    );
    assert_eq!(second["id"], first["id"]);
    let at_first = keepworth.get(&format!("{LIBRARY}/call-backs@1"));
    assert_eq!(at_first, (200, first), "the first version stays");
    assert_eq!(keepworth.get(&format!("{LIBRARY}/call-backs@9")).0, 404);
    // Withdrawn, it is listed for who asks for it.
    let why = json!({"reason": "the arms were mixed up"});
    let (status, gone) = keepworth.post(&format!("{LIBRARY}/call-backs:withdraw"), &why);
    assert_eq!((status, &gone["withdrawn"]), (200, &why["reason"]));
    let (status, twice) = keepworth.post(&format!("{LIBRARY}/call-backs:withdraw"), &why);
    assert_eq!(status, 409, "{twice}");
    let keys = |query: &str| {
        let (_, page) = keepworth.get(&format!("{LIBRARY}?include_total=true{query}"));
        let items = page["items"].as_array().unwrap();
        assert_eq!(page["total"], items.len());
        Vec::from_iter(
            items
                .iter()
                .map(|it| it["statement"]["key"].as_str().unwrap().to_owned()),
        )
    };
    assert_eq!(keys(""), ["lost", "old"]);
    assert_eq!(
        keys("&include_withdrawn=true"),
        ["call-backs", "lost", "old"]
    );
    assert!(keys("&lever=CONTACTS").is_empty());
    // Who did it is on record.
    let (_, audit) = keepworth.get("/simulator/v1/audit-entries?page_size=1000");
    let text = audit.to_string();
    assert!(text.contains("scenario:write"), "{text}");
}

fn scenario(effect: &str) -> String {
    format!(
        "name = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\n\
         reach = {{ business = 1.0 }}\n[[initiatives.effects]]\n{effect}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1000\n"
    )
}

fn a_scenario_refers_to_it_and_the_run_traces_back(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 3).load_into(&keepworth);
    let as_of = json!({"as_of": "2026-06-30"});
    let (_, frozen) = keepworth.post("/simulator/v1/baselines", &as_of);
    let run = |effect: &str| {
        let order =
            json!({"scenario": scenario(effect), "baseline_hash": frozen["hash"], "trials": 1_000});
        keepworth.post("/simulator/v1/runs", &order)
    };
    let (_, first) = keepworth.post(LIBRARY, &pilot("call-backs"));
    let (status, by_key) = run("on = \"hazard\"\nevidence = \"call-backs\"");
    assert_eq!(status, 201, "{by_key}");
    // The figures are those of a scenario that says size and grade itself.
    let (_, by_hand) =
        run("on = \"hazard\"\nsize = { normal = { mean = 0.08, sd = 0.02 } }\ngrade = \"A\"");
    assert_eq!(by_key["result"]["outcomes"], by_hand["result"]["outcomes"]);
    assert_eq!(by_hand["references"], json!([]));
    let reference = &by_key["references"][0];
    assert_eq!(reference["path"], "initiatives[0].effects[0]");
    assert_eq!(
        (&reference["key"], &reference["version"]),
        (&json!("call-backs"), &json!(1))
    );
    assert_eq!(
        (&reference["hash"], &reference["grade"]),
        (&first["hash"], &json!("A"))
    );
    // Replaced, a new run is of the new version; the old one is found again by its version, to the digit.
    let vendor = with(
        pilot("call-backs"),
        "study",
        json!({"kind": "VENDOR_STATEMENT"}),
    );
    assert_eq!(replace(&keepworth, "call-backs", Some("*"), &vendor).0, 200);
    let (_, anew) = run("on = \"hazard\"\nevidence = \"call-backs\"");
    assert_eq!(anew["references"][0]["version"], 2);
    assert_ne!(anew["result"]["outcomes"], by_key["result"]["outcomes"]);
    let (_, rerun) = run("on = \"hazard\"\nevidence = \"call-backs@1\"");
    assert_eq!(rerun["result"]["outcomes"], by_key["result"]["outcomes"]);
    assert_eq!(
        rerun["summary"]["input_hash"],
        by_key["summary"]["input_hash"]
    );
    let id = by_key["summary"]["id"].as_str().unwrap();
    let (_, read) = keepworth.get(&format!("/simulator/v1/runs/{id}"));
    assert_eq!(read, by_key);
    // Which runs refer to it.
    let (_, used) = keepworth.get("/simulator/v1/runs?evidence_key=call-backs&include_total=true");
    assert_eq!(used["total"], 3, "{used}");
    // What cannot be followed is refused with its place.
    let refused = |effect: &str, place: &str, says: &str| {
        let (status, problem) = run(effect);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            fault["name"],
            format!("scenario/initiatives[0].effects[0]{place}")
        );
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{problem}"
        );
    };
    refused(
        "on = \"hazard\"\nevidence = \"nothing\"",
        ".evidence",
        "no evidence has the key",
    );
    refused(
        "on = \"contacts\"\nevidence = \"call-backs\"",
        ".evidence",
        "speaks of hazard",
    );
    refused(
        "on = \"hazard\"\nevidence = \"call-backs\"\nsize = 0.05",
        "",
        "size = 0.05",
    );
    let why = json!({"reason": "mixed up"});
    keepworth.post(&format!("{LIBRARY}/call-backs:withdraw"), &why);
    for key in ["call-backs", "call-backs@1"] {
        let effect = format!("on = \"hazard\"\nevidence = \"{key}\"");
        refused(&effect, ".evidence", "withdrawn: mixed up");
    }
    let path = format!("/simulator/v1/runs/{id}");
    let removed = keepworth
        .client()
        .delete(keepworth.at(&path))
        .send()
        .unwrap();
    assert_eq!(removed.status(), 204, "a run goes with its references");
}

fn commands_add_show_and_hand_it_over(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 3).load_into(&keepworth);
    let said = keepworth
        .ask(&[
            "evidence",
            "add",
            "call-backs",
            "--title",
            "Pilot of call-backs",
            "--on",
            "hazard",
            "--kind",
            "pilot",
            "--arms",
            "5012,4987",
            "--read",
            "always-valid",
            "--size",
            "8% ± 2%",
            "--source",
            "report 7",
            "--owner",
            "Ada",
            "--review-on",
            "2099-01-01",
        ])
        .done()
        .stdout;
    assert!(
        said.contains("lots decided") && said.contains("evidence = \"call-backs\""),
        "{said}"
    );
    let listed = keepworth
        .ask(&["evidence", "list", "--on", "hazard"])
        .done()
        .stdout;
    assert!(
        listed.contains("call-backs") && listed.contains("8.00% ± 2.00%"),
        "{listed}"
    );
    let library = database.folder().join("library.json");
    let output = library.to_str().unwrap();
    keepworth
        .ask(&["evidence", "list", "--format", "json", "-o", output])
        .done();
    let frozen = database.folder().join("baseline.json");
    baseline(&keepworth, "2026-06-30", &frozen);
    let file = |name: &str, effect: &str| {
        let path = database.folder().join(name);
        std::fs::write(&path, scenario(effect)).unwrap();
        path
    };
    let by_key = file("key.toml", "on = \"hazard\"\nevidence = \"call-backs\"");
    let by_hand = file(
        "hand.toml",
        "on = \"hazard\"\nsize = { normal = { mean = 0.08, sd = 0.02 } }\ngrade = \"A\"",
    );
    let outcomes = |path, arguments: &[&str]| {
        let result: Value = serde_json::from_str(&simulate(path, &frozen, arguments)).unwrap();
        result["outcomes"].clone()
    };
    let trials = ["--trials", "1000"];
    let handed = outcomes(&by_key, &[&trials[..], &["--evidence", output]].concat());
    assert_eq!(handed, outcomes(&by_hand, &trials));
    let alone = crate::support::run(&[
        "simulate",
        by_key.to_str().unwrap(),
        "--baseline",
        frozen.to_str().unwrap(),
    ]);
    assert!(
        alone.code == 2 && alone.stderr.contains("--evidence FILE"),
        "{alone:?}"
    );
    let shown = keepworth
        .ask(&["evidence", "show", "call-backs"])
        .done()
        .stdout;
    assert!(shown.contains("No run refers to it"), "{shown}");
    keepworth
        .ask(&["evidence", "withdraw", "call-backs", "--reason", "mixed up"])
        .done();
    let shown = keepworth
        .ask(&["evidence", "show", "call-backs"])
        .done()
        .stdout;
    assert!(shown.contains("mixed up"), "{shown}");
}

fn what_cannot_be_is_refused_at_its_place(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    for (field, wrong, at) in [
        ("key", json!("Call Backs"), "key"),
        ("owner", json!(" "), "owner"),
        ("source_on", json!("2999-01-01"), "source_on"),
        (
            "size",
            json!({"form": "MEAN_SD", "mean": 8, "sd": 0.02}),
            "size/mean",
        ),
        (
            "size",
            json!({"form": "INTERVAL", "low": 0.2, "high": 0.1, "level": 0.9}),
            "size/high",
        ),
        (
            "study",
            json!({"kind": "DIFFERENCE_IN_DIFFERENCES", "pre_trend_p": 2}),
            "study/pre_trend_p",
        ),
    ] {
        let (status, problem) = keepworth.post(LIBRARY, &with(pilot("a"), field, wrong));
        assert_eq!(status, 422, "{problem}");
        assert_eq!(problem["invalid_params"][0]["name"], at, "{problem}");
    }
    // Nobody types the grade.
    let (status, problem) = keepworth.post(LIBRARY, &with(pilot("a"), "grade", json!("A")));
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("unknown_field"))
    );
    let (_, page) = keepworth.get(LIBRARY);
    assert_eq!(page["items"], json!([]), "nothing was written");
}
