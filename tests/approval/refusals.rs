//! What is refused on the way to an approval, and what is overridden.

use serde_json::{Value, json};

use super::assert_agrees;
use crate::support::board::{Board, POLICY, SCENARIOS, act_by, text, token};
use crate::support::{Database, Issuer, Keepworth, Kind, Signer, on_both_databases};

on_both_databases!(
    nothing_is_submitted_without_a_sponsor_unless_an_exception_is_asked_for,
    a_run_of_something_else_is_refused,
    a_policy_holds_from_its_version_on,
    what_was_returned_can_be_submitted_again,
    what_is_frozen_is_the_run_whatever_its_evidence_says_since,
);

fn fault(problem: &Value, place: usize) -> (&str, &str) {
    let it = &problem["invalid_params"][place];
    (it["name"].as_str().unwrap(), it["code"].as_str().unwrap())
}

fn nothing_is_submitted_without_a_sponsor_unless_an_exception_is_asked_for(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text().replace("sponsor = \"Ada\"\n", ""));
    let run = it.run("call-backs")["summary"]["id"].clone();
    let with =
        |field: &str, exceptions: Value| json!({"version": 1, "run_id": run, field: exceptions});
    let (status, refused) = it.act("call-backs", "submit", &with("exceptions", json!([])));
    assert_eq!(status, 422, "{refused}");
    let name = "no_sponsor@initiatives[0]";
    let expected = (&*format!("exceptions/{name}"), "not_overridden");
    assert_eq!(fault(&refused, 0), expected);
    assert_eq!(
        it.approval("call-backs", 1)["transitions"],
        json!([]),
        "nothing half-done"
    );

    let exception = |finding: &str, reason: &str| json!({"finding": finding, "reason": reason});
    let both = json!([
        exception(name, "she begins in March"),
        exception("no_verdict", "none")
    ]);
    let (status, refused) = it.act("call-backs", "submit", &with("exceptions", both));
    assert_eq!(
        (status, fault(&refused, 0)),
        (422, ("exceptions/1/finding", "unknown_finding"))
    );
    let asked = json!([exception(name, "she begins in March")]);
    let (status, submitted) = it.act("call-backs", "submit", &with("exceptions", asked.clone()));
    assert_eq!(status, 200, "{submitted}");
    assert_eq!(submitted["findings"][0]["name"], name);

    // Who asked for the exception has not overridden it.
    let (status, refused) = it.decide("call-backs", "approve", &with("overrides", json!([])));
    assert_eq!(
        (status, fault(&refused, 0).1),
        (422, "not_overridden"),
        "{refused}"
    );
    assert_eq!(it.approval("call-backs", 1)["state"], "SUBMITTED");
    let overridden = json!([exception(name, "the board carries it until March")]);
    let (status, approved) = it.decide(
        "call-backs",
        "approve",
        &with("overrides", overridden.clone()),
    );
    assert_eq!(status, 200, "{approved}");
    let steps = &approved["transitions"];
    assert_eq!(
        (&steps[0]["exceptions"], &steps[1]["exceptions"]),
        (&asked, &overridden)
    );
    assert_eq!(steps[1]["findings"][0]["code"], "no_sponsor");
}

fn a_run_of_something_else_is_refused(kind: Kind) {
    let it = Board::new(kind);
    it.create("call-backs", &text());
    let first = it.run("call-backs")["summary"]["id"].clone();
    it.put("call-backs", &text().replace("size = 0.1", "size = 0.12"));
    let order = json!({"scenario": text(), "baseline_hash": it.hash, "trials": 1000});
    let (_, loose) = it.keepworth.post("/simulator/v1/runs", &order);
    for (run, code) in [
        (&first, "other_run"),
        (&loose["summary"]["id"], "other_run"),
        (
            &json!("019a0000-0000-7000-8000-000000000000"),
            "unknown_run",
        ),
    ] {
        let body = json!({"version": 2, "run_id": run});
        let (status, refused) = it.act("call-backs", "submit", &body);
        assert_eq!(
            (status, fault(&refused, 0)),
            (422, ("run_id", code)),
            "{refused}"
        );
    }
    // The figures that somebody decides on are those that they have looked at.
    let ran =
        |seed| json!({"version": 2, "run_id": it.run_by("call-backs", seed)["summary"]["id"]});
    let (looked_at, submitted) = (ran(1), ran(2));
    assert_eq!(it.act("call-backs", "submit", &submitted).0, 200);
    let (status, refused) = it.decide("call-backs", "approve", &looked_at);
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("wrong_state")),
        "{refused}"
    );

    let request = it
        .keepworth
        .client()
        .post(it.keepworth.at(&format!("{SCENARIOS}/call-backs:close")));
    let answer = request.json(&json!({"version": 2})).send().unwrap();
    assert_eq!(answer.status(), 422, "nobody said why");
    let reader = token(&it.keepworth, "reader", &["figures:read"]);
    assert_eq!(
        act_by(&it.keepworth, &reader, "call-backs", "approve", &submitted).0,
        403
    );

    it.create("old", &text());
    let old = json!({"version": 1, "run_id": it.run("old")["summary"]["id"]});
    let why = json!({"reason": "not this year"});
    assert_eq!(it.act("old", "archive", &why).0, 200);
    let (status, refused) = it.act("old", "submit", &old);
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("in_use")),
        "{refused}"
    );
    assert!(
        refused["detail"].as_str().unwrap().contains("old:fork"),
        "{refused}"
    );
}

fn a_policy_holds_from_its_version_on(kind: Kind) {
    let it = Board::new(kind);
    let (_, zero) = it.keepworth.get(&format!("{POLICY}?version=0"));
    assert_eq!(
        zero["policy"]["loss_limits"][0],
        json!({"cost_up_to": 250_000, "most_losses": 0.3})
    );
    let which = it.submitted("call-backs");
    let strict = json!({"oldest_baseline_months": 1, "fewest_futures": 5000, "loss_limits": [{"most_losses": 0.0}],
        "least_discount_rate": 0.12});
    let put = |tag: Option<&str>, policy: &Value| {
        let request = it
            .keepworth
            .client()
            .put(it.keepworth.at(POLICY))
            .json(policy);
        let request = request.header("keepworth-reason", "stricter");
        let request = match tag {
            Some(tag) => request.header("if-match", tag),
            None => request,
        };
        let answer = request.send().unwrap();
        (answer.status().as_u16(), answer.json::<Value>().unwrap())
    };
    assert_eq!(put(None, &strict).0, 428);
    assert_eq!(put(Some("\"another\""), &strict).0, 412);
    let (status, wrong) = put(
        Some("*"),
        &json!({"oldest_baseline_months": 0, "fewest_futures": 1,
        "loss_limits": [{"most_losses": 30}]}),
    );
    assert_eq!(
        (status, wrong["invalid_params"].as_array().unwrap().len()),
        (422, 2),
        "{wrong}"
    );
    let (status, second) = put(Some("*"), &strict);
    assert_eq!((status, &second["version"]), (200, &json!(2)), "{second}");

    // What was submitted under the version before is decided by this one.
    let (status, refused) = it.decide("call-backs", "approve", &which);
    assert_eq!(status, 422, "{refused}");
    let faults = refused["invalid_params"].as_array().unwrap();
    let names = Vec::from_iter(faults.iter().map(|it| it["name"].as_str().unwrap()));
    let findings = [
        "baseline_old",
        "few_futures",
        "loss_likely",
        "discount_rate_low",
    ];
    assert_eq!(names, findings.map(|it| format!("overrides/{it}")));
    assert!(
        faults[2]["reason"]
            .as_str()
            .unwrap()
            .contains("of 100 futures lose money"),
        "{refused}"
    );
    let waits = it.approval("call-backs", 1);
    let threshold = &waits["findings"][3]["threshold"];
    assert_eq!(
        (threshold, &waits["findings"][3]["figure"]),
        (&json!(0.12), &json!(0.1))
    );
    let mut overriding = which;
    overriding["overrides"] = findings
        .map(|it| json!({"finding": it, "reason": "decided before"}))
        .into();
    let (status, approved) = it.decide("call-backs", "approve", &overriding);
    assert_eq!(status, 200, "{approved}");
    let versions = |place: usize| &approved["transitions"][place]["policy_version"];
    assert_eq!((versions(0), versions(1)), (&json!(1), &json!(2)));
}

fn what_was_returned_can_be_submitted_again(kind: Kind) {
    let it = Board::new(kind);
    let which = it.submitted("call-backs");
    let version = json!({"version": 1});
    let (status, twice) = it.act("call-backs", "submit", &which);
    assert_eq!(
        (status, &twice["code"]),
        (409, &json!("wrong_state")),
        "{twice}"
    );
    let (status, returned) = it.decide("call-backs", "return", &version);
    assert_eq!(
        (status, &returned["state"]),
        (200, &json!("RETURNED")),
        "{returned}"
    );
    assert_eq!(it.decide("call-backs", "approve", &which).0, 409);
    assert_eq!(it.act("call-backs", "submit", &which).0, 200);
    let (status, closed) = it.act("call-backs", "close", &version);
    assert_eq!(
        (status, &closed["state"]),
        (200, &json!("CLOSED")),
        "{closed}"
    );
    for refused in [
        it.act("call-backs", "submit", &which),
        it.decide("call-backs", "approve", &which),
        it.decide("call-backs", "return", &version),
    ] {
        assert_eq!(refused.0, 409, "{refused:?}");
    }
    let (_, entries) = it
        .keepworth
        .get("/simulator/v1/audit-entries?page_size=200");
    let reasons = entries["items"].as_array().unwrap().iter();
    assert!(
        reasons
            .map(|it| &it["reason"])
            .any(|it| it == "the board decided so"),
        "{entries}"
    );
}

/// Who submits a run means its figures: evidence that says something else since is a matter for the next run.
fn what_is_frozen_is_the_run_whatever_its_evidence_says_since(kind: Kind) {
    let it = Board::new(kind);
    let evidence = |mean: f64| {
        json!({
            "key": "call-backs", "title": "Pilot", "lever": "HAZARD",
            "study": {"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4987}},
            "size": {"form": "MEAN_SD", "mean": mean, "sd": 0.02}, "source": "report 7",
            "owner": "Ada", "review_on": "2099-01-01",
        })
    };
    let (status, made) = it.keepworth.post("/simulator/v1/evidence", &evidence(0.08));
    assert_eq!(status, 201, "{made}");
    it.create(
        "call-backs",
        &text().replace("size = 0.1", "evidence = \"call-backs\""),
    );
    let run = it.run("call-backs");
    let path = it.keepworth.at("/simulator/v1/evidence/call-backs");
    let put = it.keepworth.client().put(path).header("if-match", "*");
    assert_eq!(put.json(&evidence(0.3)).send().unwrap().status(), 200);
    let which = json!({"version": 1, "run_id": run["summary"]["id"]});
    let (status, submitted) = it.act("call-backs", "submit", &which);
    assert_eq!(status, 200, "{submitted}");
    let (status, approved) = it.decide("call-backs", "approve", &which);
    assert_eq!(status, 200, "{approved}");
    let (_, forecast) = it
        .keepworth
        .get(&format!("{SCENARIOS}/call-backs/forecast"));
    assert_agrees(&forecast, &run);
}

/// Where people have names, these decide, and no token of theirs.
#[test]
fn people_with_names_decide_and_no_token_of_theirs() {
    let database = Database::new(Kind::Sqlite);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let grants = [
        ["sub", "ada", "analyst"],
        ["sub", "ada", "approver"],
        ["sub", "grace", "approver"],
        ["sub", "root", "admin"],
    ];
    let settings = issuer.settings(database.folder(), &grants);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let sign = |subject: &str| signer.sign(&issuer.claims(subject));
    let which = json!({"version": 1, "run_id": "019a0000-0000-7000-8000-000000000000"});
    let by = |token: &str| act_by(&keepworth, token, "nothing", "approve", &which).0;
    assert_eq!(
        by(&sign("root")),
        403,
        "who runs it does not stand above it"
    );
    assert_eq!(by(&sign("grace")), 404, "there is nothing to decide on");
    let input = json!({"name": "bot", "permissions": ["scenario:approve"], "days": 1});
    let request = keepworth
        .stranger()
        .post(keepworth.at("/simulator/v1/tokens"));
    let made = request
        .bearer_auth(sign("grace"))
        .json(&input)
        .send()
        .unwrap();
    let made: Value = made.json().unwrap();
    let token = made["secret"].as_str().unwrap();
    let (status, refused) = act_by(&keepworth, token, "nothing", "approve", &which);
    assert!(
        status == 403 && refused["detail"].as_str().unwrap().contains("only people"),
        "{refused}"
    );
}
