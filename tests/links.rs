//! Experience links through the services: from records over HTTP to what may be concluded.

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};
use crate::telco;

on_both_databases!(
    a_link_is_fitted_shown_listed_and_removed,
    what_cannot_be_asked_is_refused_with_place_and_way_out,
    a_score_that_knows_who_leaves_is_refused,
    the_telco_score_is_refused,
);

const LINKS: &str = "/simulator/v1/links";

fn contacts() -> Value {
    json!({"exposure": "CONTACTS", "as_of": "2025-12-31"})
}

fn a_link_is_fitted_shown_listed_and_removed(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(800, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let told = keepworth.ask(&[
        "link",
        "fit",
        "contacts",
        "--as-of",
        "2025-12-31",
        "--format",
        "json",
    ]);
    let link = told.done().json();
    assert_eq!(link["definition"]["window_months"], 3);
    assert_eq!(link["definition"]["direction"], "HIGHER_IS_WORSE");
    assert_eq!(
        link["definition"]["prior"],
        json!({"mean": -0.1, "sd": 0.1})
    );
    assert!(link["data_hash"].as_str().unwrap().starts_with("sha256:"));
    let feeds = link["sources"].as_array().unwrap();
    let feeds: Vec<&str> = feeds
        .iter()
        .map(|it| it["feed"].as_str().unwrap())
        .collect();
    assert_eq!(feeds, ["episodes", "exposures"]);
    let months = |of: &Value| of["customer_months"].as_u64().unwrap();
    let segments = link["segments"].as_array().unwrap();
    assert_eq!(segments.iter().map(months).sum::<u64>(), months(&link));
    let coefficient = &link["coefficient"];
    let (value, sd) = (&coefficient["per_sd"]["value"], &link["sd"]);
    let per_unit = value.as_f64().unwrap() / sd.as_f64().unwrap();
    assert!((coefficient["per_unit"]["value"].as_f64().unwrap() - per_unit).abs() < 1e-12);
    let id = link["id"].as_str().unwrap();
    let shown = keepworth.ask(&["link", "show", id]).done().stdout;
    assert!(
        shown.contains("Log hazard ratio per sd of contacts"),
        "{shown}"
    );
    // The same records and order come to the same figures.
    let (status, again) = keepworth.post(LINKS, &contacts());
    assert_eq!(
        (status, &again["data_hash"]),
        (201, &link["data_hash"]),
        "{again}"
    );
    assert_eq!(again["coefficient"], link["coefficient"]);
    let listed = keepworth
        .ask(&["link", "list", "--format", "json"])
        .done()
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let verdict = link["verdict"].as_str().unwrap();
    let path = format!("{LINKS}?verdict={verdict}&exposure=CONTACTS");
    assert_eq!(keepworth.get(&path).1["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        keepworth.get(&format!("{LINKS}?exposure=NPS")).1["items"],
        json!([])
    );
    keepworth.ask(&["link", "remove", id]).done();
    let gone = keepworth.get(&format!("{LINKS}/{id}"));
    assert_eq!((gone.0, &gone.1["code"]), (404, &json!("not_found")));
    let entries = keepworth
        .get("/simulator/v1/audit-entries?page_size=1000")
        .1
        .to_string();
    for part in ["POST /v1/links", &format!("DELETE /v1/links/{id}")] {
        assert!(entries.contains(part), "{entries}");
    }
    let stranger = keepworth
        .stranger()
        .get(keepworth.at(LINKS))
        .send()
        .unwrap();
    assert_eq!(stranger.status(), 401);
    once(&keepworth);
}

/// Sent twice under one key it is one job.
fn once(keepworth: &Keepworth) {
    let send = || {
        let request = keepworth
            .client()
            .post(keepworth.at(LINKS))
            .json(&contacts());
        let answer = request
            .header("idempotency-key", "one-link")
            .send()
            .unwrap();
        answer.json::<Value>().unwrap()["id"].clone()
    };
    let (first, second) = (send(), send());
    assert!(first.is_string() && first == second, "{first} {second}");
}

fn what_cannot_be_asked_is_refused_with_place_and_way_out(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(200, 5));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let refused = |change: Value| {
        let mut order = contacts();
        let fields = order.as_object_mut().unwrap();
        fields.extend(change.as_object().unwrap().clone());
        let (status, problem) = keepworth.post(LINKS, &order);
        let fault = &problem["invalid_params"][0];
        assert!(fault.is_object(), "{status} {problem}");
        let text = |name: &str| fault[name].as_str().unwrap().to_owned();
        (status, text("name"), text("reason"))
    };
    for (change, name, part) in [
        (json!({"exposure": "BLISS"}), "exposure", "NPS"),
        (
            json!({"window_months": 25}),
            "window_months",
            "1 to 24 months",
        ),
        (json!({"as_of": "2999-01-01"}), "as_of", "2999"),
        (
            json!({"exposure": "NPS", "channel": "phone"}),
            "channel",
            "leave it out",
        ),
        // Only the records know these: the job says so.
        (json!({"channel": "fax"}), "channel", "recorded are"),
        (
            json!({"as_of": "2024-06-30", "window_months": 24}),
            "window_months",
            "give at most",
        ),
    ] {
        let (status, at, reason) = refused(change.clone());
        assert_eq!(status, 422, "{change}");
        assert!(
            at.ends_with(name) && reason.contains(part),
            "{change}: {at} {reason}"
        );
    }
}

/// Invented: whoever scored 1 or 2 left on the quarter's last day, and nobody else but a few.
fn quarter(keepworth: &Keepworth, answered_at: &str) {
    let customers = (0..500_u32).map(|number| {
        let score = number % 5 + 1;
        let left = score < 3 || (score == 3 && number % 35 == 2);
        let mut customer = json!({"source": "crm", "external_id": format!("{number}"), "segment": "home",
            "acquired_on": "2023-05-01", "observed_from": "2025-04-01", "observed_to": "2025-06-30"});
        if left {
            customer["left_on"] = json!("2025-06-30");
        }
        customer
    });
    let customers =
        json!({"import_id": "q", "create_segments": true, "items": customers.collect::<Vec<_>>()});
    let answers = (0..500_u32).map(|number| {
        json!({"source": "crm", "external_id": format!("{number}"), "customer_external_id": format!("{number}"),
            "kind": "RATING", "score": number % 5 + 1, "responded_at": answered_at})
    });
    let answers = json!({"import_id": "q", "items": answers.collect::<Vec<_>>()});
    for (path, batch) in [
        ("/customers/v1/customers:batch_upsert", customers),
        ("/experience/v1/feedback:batch_upsert", answers),
    ] {
        let (status, answer) = keepworth.post(path, &batch);
        assert_eq!((status, &answer["rejected"]), (200, &json!([])), "{answer}");
    }
}

fn refusal(keepworth: &Keepworth, order: &Value) -> (Value, String) {
    let (status, link) = keepworth.post(LINKS, order);
    assert_eq!(
        (status, &link["verdict"]),
        (201, &json!("REFUSED")),
        "{link}"
    );
    assert_eq!(
        (&link["coefficient"], &link["grade"]),
        (&Value::Null, &json!("D"))
    );
    let reason = link["reason"].as_str().unwrap().to_owned();
    (link["quality_flags"][0]["code"].clone(), reason)
}

fn a_score_that_knows_who_leaves_is_refused(kind: Kind) {
    let order = json!({"exposure": "RATING", "as_of": "2025-06-30"});
    for (answered_at, code, part) in [
        (
            "2025-03-31T12:00:00Z",
            "separation",
            "separates those who left",
        ),
        (
            "2025-06-30T12:00:00Z",
            "reversed_time",
            "only in the month in which they left",
        ),
    ] {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        quarter(&keepworth, answered_at);
        let mut order = order.clone();
        // Nothing was asked before the quarter: so the twin's window is one of the records that are there.
        if code == "reversed_time" {
            let early = json!({"source": "crm", "external_id": "early", "customer_external_id": "4",
                "kind": "RATING", "score": 5, "responded_at": "2025-03-31T12:00:00Z"});
            let batch = json!({"import_id": "early", "items": [early]});
            assert_eq!(
                keepworth
                    .post("/experience/v1/feedback:batch_upsert", &batch)
                    .0,
                200
            );
        }
        order["confounders"] = json!([]);
        let (found, reason) = refusal(&keepworth, &order);
        assert_eq!(found, code, "{reason}");
        assert!(reason.contains(part), "{reason}");
    }
}

/// Everybody who scored 1 or 2 left, and nobody who scored 4 or 5: dated as the walk-through dates it, and as it
/// would have to be dated to count at all.
fn the_telco_score_is_refused(kind: Kind) {
    let Some(folder) = telco::files() else { return };
    let (database, dated) = (Database::new(kind), Database::new(kind));
    let keepworth = Keepworth::up(&database);
    telco::load(&keepworth, &folder);
    let (status, problem) =
        keepworth.post(LINKS, &json!({"exposure": "CSAT", "as_of": "2025-09-30"}));
    // All answers are of the quarter's last day: there is no month before which anything is known.
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("window_months")),
        "{problem}"
    );
    let keepworth = Keepworth::up(&dated);
    telco::load_answered_on(&keepworth, &folder, "2025-06-30");
    let (code, reason) = refusal(
        &keepworth,
        &json!({"exposure": "CSAT", "as_of": "2025-09-30"}),
    );
    assert_eq!(code, "separation", "{reason}");
    assert!(reason.contains("csat separates those who left"), "{reason}");
}
