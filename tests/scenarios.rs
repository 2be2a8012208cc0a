//! Scenarios that are kept: versions on a baseline that never changes, held against each other and looked through.

use serde_json::{Value, json};

use crate::company::baseline;
use crate::support::{Frozen, Kind, on_both_databases, run};

on_both_databases!(
    versions_are_written_one_after_the_other_and_never_changed,
    of_two_who_edit_one_version_the_second_is_told_and_nothing_is_lost,
    a_run_names_the_version_that_it_is_of,
    what_cannot_be_kept_is_refused_with_the_reason,
    a_version_is_looked_through_with_the_evidence_as_it_is_now,
    commands_keep_compare_and_look_through,
);

const SCENARIOS: &str = "/simulator/v1/scenarios";
const RUNS: &str = "/simulator/v1/runs";

fn text(size: &str) -> String {
    format!(
        "# Kept to the byte, comments and all.\nname = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"Call back\"\nsponsor = \"Ada\"\nprocess_owner = \"Grace\"\n\
         reach = {{ business = 1.0 }}\n[[initiatives.effects]]\non = \"hazard\"\n{size}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1000\n"
    )
}

impl Frozen {
    fn input(&self, key: &str, scenario: &str) -> Value {
        json!({"key": key, "scenario": scenario, "baseline_hash": self.hash})
    }

    fn tag(&self, key: &str) -> String {
        let path = self.keepworth.at(&format!("{SCENARIOS}/{key}"));
        let answer = self.keepworth.client().get(path).send().unwrap();
        answer.headers()["etag"].to_str().unwrap().to_owned()
    }

    fn put(&self, key: &str, tag: Option<&str>, scenario: &str, reason: &str) -> (u16, Value) {
        let path = self.keepworth.at(&format!("{SCENARIOS}/{key}"));
        let body = json!({"scenario": scenario, "baseline_hash": self.hash, "reason": reason});
        let mut request = self.keepworth.client().put(path).json(&body);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let answer = request.send().unwrap();
        (answer.status().as_u16(), answer.json().unwrap())
    }

    fn keys(&self, query: &str) -> Vec<String> {
        let (_, page) = self
            .keepworth
            .get(&format!("{SCENARIOS}?include_total=true{query}"));
        let items = page["items"].as_array().unwrap();
        assert_eq!(page["total"], items.len());
        let keys = items.iter().map(|it| it["key"].as_str().unwrap());
        keys.map(str::to_owned).collect()
    }
}

fn versions_are_written_one_after_the_other_and_never_changed(kind: Kind) {
    let it = Frozen::new(kind);
    let post = || {
        let body = it.input("call-backs", &text("size = 0.05"));
        let request = it.keepworth.client().post(it.keepworth.at(SCENARIOS));
        let request = request.header("idempotency-key", "1").json(&body);
        let answer = request.send().unwrap();
        let headers = ["location", "etag"].map(|name| answer.headers()[name].clone());
        (
            answer.status().as_u16(),
            headers,
            answer.json::<Value>().unwrap(),
        )
    };
    let (status, [place, tag], first) = post();
    assert_eq!(
        (status, place.to_str().unwrap()),
        (201, "/simulator/v1/scenarios/call-backs")
    );
    assert_eq!(tag.to_str().unwrap(), it.tag("call-backs"));
    assert_eq!(first["scenario"], text("size = 0.05"));
    let summary = &first["summary"];
    assert_eq!(
        (&summary["version"], &summary["name"]),
        (&json!(1), &json!("Call backs"))
    );
    assert_eq!(
        post().2,
        first,
        "the same request again is answered what was written"
    );
    let (status, twice) = it
        .keepworth
        .post(SCENARIOS, &it.input("call-backs", &text("size = 0.05")));
    assert_eq!((status, &twice["code"]), (409, &json!("duplicate")));

    let (status, second) = it.put(
        "call-backs",
        Some(&it.tag("call-backs")),
        &text("size = 0.1"),
        "twice",
    );
    assert_eq!(
        (status, &second["summary"]["version"]),
        (200, &json!(2)),
        "{second}"
    );
    assert_eq!(second["summary"]["reason"], "twice");
    let path = format!("{SCENARIOS}/call-backs");
    assert_eq!(it.keepworth.get(&path), (200, second.clone()));
    assert_eq!(it.keepworth.get(&format!("{path}?version=1")), (200, first));
    for missing in [
        "/call-backs?version=3",
        "/call-backs?version=4000000000",
        "/nothing",
    ] {
        assert_eq!(
            it.keepworth.get(&format!("{SCENARIOS}{missing}")).0,
            404,
            "{missing}"
        );
    }
    let (_, versions) = it.keepworth.get(&format!("{path}/versions?sort=-id"));
    assert_eq!(versions["items"][0], second["summary"]);
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);

    let (status, diff) = it.keepworth.get(&format!("{path}/diff?from=1&to=2"));
    let change =
        json!({"path": "initiatives[Call back].effects[hazard].size", "old": "0.05", "new": "0.1"});
    assert_eq!(
        (status, &diff["changes"]),
        (200, &json!([change])),
        "{diff}"
    );

    let fork = json!({"key": "cautious", "version": 1});
    let (status, forked) = it.keepworth.post(&format!("{path}:fork"), &fork);
    assert_eq!(
        (status, &forked["scenario"]),
        (200, &json!(text("size = 0.05"))),
        "{forked}"
    );
    let from = json!({"key": "call-backs", "version": 1});
    assert_eq!(forked["summary"]["forked_from"], from);
    assert_eq!(
        it.keepworth.post(&format!("{path}:fork"), &fork).0,
        409,
        "the key is taken"
    );

    let why = json!({"reason": "not this year"});
    let (status, archived) = it.keepworth.post(&format!("{path}:archive"), &why);
    assert_eq!(
        (status, &archived["summary"]["archived"]),
        (200, &why["reason"])
    );
    assert_eq!(it.keepworth.post(&format!("{path}:archive"), &why).0, 409);
    let (status, refused) = it.put("call-backs", Some("*"), &text("size = 0.2"), "late");
    assert_eq!((status, &refused["code"]), (409, &json!("in_use")));
    assert!(
        refused["detail"].as_str().unwrap().contains(":fork"),
        "{refused}"
    );
    assert_eq!(it.keys(""), ["cautious"]);
    assert_eq!(
        it.keys("&include_archived=true"),
        ["call-backs", "cautious"]
    );
    assert!(it.keys("&baseline_hash=other").is_empty());

    // The baseline stays while versions stand on it, and who did what is on record.
    let place = format!("/simulator/v1/baselines/{}", &it.hash);
    let removed = it.keepworth.client().delete(it.keepworth.at(&place)).send();
    assert_eq!(removed.unwrap().status(), 409);
    let (_, audit) = it
        .keepworth
        .get("/simulator/v1/audit-entries?page_size=1000");
    for operation in [
        "PUT /v1/scenarios/call-backs",
        "call-backs:fork",
        "call-backs:archive",
    ] {
        assert!(
            audit.to_string().contains(operation),
            "{operation}: {audit}"
        );
    }
}

fn of_two_who_edit_one_version_the_second_is_told_and_nothing_is_lost(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("call-backs", &text("size = 0.05"));
    let read = it.tag("call-backs");
    assert_eq!(
        it.put("call-backs", None, &text("size = 0.1"), "first").0,
        428
    );
    // Both have read version 1; whoever comes second is told.
    let answers = std::thread::scope(|scope| {
        let put = |size: &'static str| {
            let (it, read) = (&it, &read);
            scope.spawn(move || it.put("call-backs", Some(read), &text(size), size))
        };
        [put("size = 0.1"), put("size = 0.2")].map(|it| it.join().unwrap())
    });
    let mut statuses = answers.each_ref().map(|(status, _)| *status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{answers:?}");
    let (_, written) = answers.iter().find(|(status, _)| *status == 200).unwrap();
    let (_, refused) = answers.iter().find(|(status, _)| *status == 412).unwrap();
    assert_eq!(refused["code"], "precondition_failed");
    let (_, newest) = it.keepworth.get(&format!("{SCENARIOS}/call-backs"));
    assert_eq!(&newest, written);
    assert_eq!(newest["summary"]["version"], 2, "one of them wrote");
    let third = it.put(
        "call-backs",
        Some(&it.tag("call-backs")),
        &text("size = 0.3"),
        "again",
    );
    assert_eq!((third.0, &third.1["summary"]["version"]), (200, &json!(3)));
}

fn a_run_names_the_version_that_it_is_of(kind: Kind) {
    let it = Frozen::new(kind);
    it.keep("call-backs", &text("size = 0.05"));
    it.put("call-backs", Some("*"), &text("size = 0.1"), "larger");
    let order = |mut body: Value| {
        body["trials"] = json!(1_000);
        it.keepworth.post(RUNS, &body)
    };
    let (status, newest) = order(json!({"scenario_key": "call-backs"}));
    assert_eq!(status, 201, "{newest}");
    let of = |version: u32| json!({"key": "call-backs", "version": version});
    assert_eq!(newest["summary"]["scenario_version"], of(2));
    assert_eq!(newest["summary"]["baseline_hash"], it.hash);
    let first =
        json!({"scenario_key": "call-backs", "scenario_version": 1, "baseline_hash": it.hash});
    let (_, first) = order(first);
    assert_eq!(first["summary"]["scenario_version"], of(1));
    assert_eq!(first["scenario"], text("size = 0.05"));
    // The figures are those of the text.
    let (_, by_text) = order(json!({"scenario": text("size = 0.1"), "baseline_hash": it.hash}));
    assert_eq!(by_text["result"], newest["result"]);
    assert_eq!(by_text["summary"]["scenario_version"], Value::Null);
    let (_, used) = it.keepworth.get(&format!(
        "{RUNS}?scenario_key=call-backs&include_total=true"
    ));
    assert_eq!(used["total"], 2, "{used}");
    let id = newest["summary"]["id"].as_str().unwrap();
    assert_eq!(
        it.keepworth.get(&format!("{RUNS}/{id}")),
        (200, newest.clone())
    );
    // What was run before is answered, not drawn again, on however many threads; another seed is another run.
    let again = json!({"scenario_key": "call-backs", "scenario_version": 2, "threads": 2});
    assert_eq!(order(again), (200, newest.clone()));
    for another in [
        json!({"scenario_key": "call-backs", "seed": 2}),
        json!({"scenario_key": "call-backs", "ledger": true}),
    ] {
        let (status, made) = order(another);
        assert_eq!(status, 201, "{made}");
        assert_ne!(made["summary"]["id"], newest["summary"]["id"]);
    }

    let refused = |body: Value, name: &str, code: &str, says: &str| {
        let (status, problem) = order(body);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            (&fault["name"], &fault["code"]),
            (&json!(name), &json!(code)),
            "{problem}"
        );
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{problem}"
        );
    };
    let elsewhere = json!({"scenario_key": "call-backs", "baseline_hash": "other"});
    refused(
        elsewhere,
        "baseline_hash",
        "contradiction",
        "version 2 of `call-backs`",
    );
    let unknown = json!({"scenario_key": "call-backs", "scenario_version": 9});
    refused(unknown, "scenario_key", "unknown_scenario", "in version 9");
    refused(json!({}), "scenario", "missing", "scenario_key");
    refused(
        json!({"scenario": text("size = 0.1")}),
        "baseline_hash",
        "missing",
        "hash",
    );
    let both = json!({"scenario_key": "call-backs", "scenario": "x"});
    refused(both, "scenario", "contradiction", "beside scenario_key");
    let alone =
        json!({"scenario": text("size = 0.1"), "baseline_hash": it.hash, "scenario_version": 1});
    refused(
        alone,
        "scenario_version",
        "contradiction",
        "of which scenario",
    );
    let (_, runs) = it.keepworth.get(&format!("{RUNS}?include_total=true"));
    assert_eq!(runs["total"], 5, "nothing else was run");
}

fn what_cannot_be_kept_is_refused_with_the_reason(kind: Kind) {
    let it = Frozen::new(kind);
    let refused = |field: &str, wrong: &str, name: &str, says: &str| {
        let mut body = it.input("call-backs", &text("size = 0.05"));
        body[field] = json!(wrong);
        let (status, problem) = it.keepworth.post(SCENARIOS, &body);
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        assert_eq!(fault["name"], name, "{problem}");
        assert!(
            fault["reason"].as_str().unwrap().contains(says),
            "{problem}"
        );
    };
    refused("key", "Call Backs", "key", "small letters");
    refused("reason", " ", "reason", "empty");
    refused(
        "baseline_hash",
        "none",
        "baseline_hash",
        "POST /v1/baselines",
    );
    refused("scenario", "horizon = ", "scenario", "line 1");
    let place = "scenario/initiatives[0].effects[0].evidence";
    refused("scenario", &text("evidence = \"nothing\""), place, "line");
    let elsewhere = text("size = 0.05").replace("business =", "nowhere =");
    refused(
        "scenario",
        &elsewhere,
        "scenario/initiatives[0].reach[\"nowhere\"]",
        "business",
    );
    assert!(it.keys("").is_empty(), "nothing was written");
    // Nor is a next version that cannot be run.
    it.keep("call-backs", &text("size = 0.05"));
    let (status, problem) = it.put("call-backs", Some("*"), &text("size = 5"), "points");
    assert_eq!(status, 422, "{problem}");
    let (_, kept) = it.keepworth.get(&format!("{SCENARIOS}/call-backs"));
    assert_eq!(kept["summary"]["version"], 1);
    let path = format!("{SCENARIOS}/call-backs/diff?from=1&to=2");
    assert_eq!(it.keepworth.get(&path).0, 404);
    assert_eq!(it.keepworth.get(&format!("{SCENARIOS}?colour=red")).0, 400);
}

fn a_version_is_looked_through_with_the_evidence_as_it_is_now(kind: Kind) {
    let it = Frozen::new(kind);
    let evidence = json!({
        "key": "call-backs", "title": "Pilot", "lever": "HAZARD",
        "study": {"kind": "PILOT", "reading": "ALWAYS_VALID", "arms": {"control": 5012, "treated": 4987}},
        "size": {"form": "MEAN_SD", "mean": 0.08, "sd": 0.02}, "source": "report 7",
        "owner": "Ada", "review_on": "2099-01-01",
    });
    let (status, made) = it.keepworth.post("/simulator/v1/evidence", &evidence);
    assert_eq!(status, 201, "{made}");
    it.keep("call-backs", &text("evidence = \"call-backs\""));
    let codes = |key: &str| {
        let (status, lint) = it.keepworth.get(&format!("{SCENARIOS}/{key}/lint"));
        assert_eq!(
            (status, &lint["scenario"]["key"]),
            (200, &json!(key)),
            "{lint}"
        );
        let findings = lint["findings"].as_array().unwrap().clone();
        Vec::from_iter(
            findings
                .iter()
                .map(|it| it["code"].as_str().unwrap().to_owned()),
        )
    };
    // How old the baseline is depends on the day.
    let but_of_age = |codes: Vec<String>| {
        let of_age = |it: &String| it == "baseline_old";
        Vec::from_iter(codes.into_iter().filter(|it| !of_age(it)))
    };
    assert!(but_of_age(codes("call-backs")).is_empty());
    let why = json!({"reason": "the arms were mixed up"});
    it.keepworth
        .post("/simulator/v1/evidence/call-backs:withdraw", &why);
    assert_eq!(but_of_age(codes("call-backs")), ["evidence_refused"]);
    it.keep(
        "alone",
        &text("size = 0.05").replace("sponsor = \"Ada\"\n", ""),
    );
    assert_eq!(but_of_age(codes("alone")), ["no_sponsor"]);
    it.keepworth
        .post("/simulator/v1/baselines", &json!({"as_of": "2026-09-30"}));
    assert_eq!(
        but_of_age(codes("alone")),
        ["baseline_superseded", "no_sponsor"]
    );
    let (_, templates) = it.keepworth.get("/simulator/v1/scenario-templates");
    assert_eq!(templates["items"].as_array().unwrap().len(), 7);
}

fn commands_keep_compare_and_look_through(kind: Kind) {
    let it = Frozen::new(kind);
    let frozen = it.database.folder().join("baseline.json");
    baseline(&it.keepworth, "2026-06-30", &frozen);
    let frozen = frozen.to_str().unwrap();
    let file = |name: &str, text: &str| {
        let path = it.database.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // From a template, which says nothing of how large it is.
    let toml = it.database.folder().join("recovery.toml");
    let toml = toml.to_str().unwrap();
    let new = [
        "scenario",
        "new",
        "--template",
        "service-recovery",
        "--baseline",
        frozen,
    ];
    run(&[&new[..], &["--segment", "business", "-o", toml]].concat()).done();
    let put = |key: &str, file: &str, more: &[&str]| {
        let put = ["scenario", "put", key, file, "--baseline", frozen];
        it.keepworth.ask(&[&put[..], more].concat())
    };
    let refused = put("recovery", toml, &[]);
    assert!(
        refused.code == 2 && refused.stderr.contains("missing field `amount`"),
        "{refused:?}"
    );
    let missing = run(&[&new[..], &["--segment", "nowhere"]].concat());
    assert!(
        missing.code == 2 && missing.stderr.contains("business"),
        "{missing:?}"
    );
    let filled = std::fs::read_to_string(toml).unwrap();
    let filled = filled
        .replace("# discount_rate = RATE", "discount_rate = 0.1")
        .replace("# amount = AMOUNT", "amount = 1000")
        .replace("# size = \"LOW to HIGH\"", "size = \"2% to 6%\"")
        .replace("# sponsor = \"NAME\"", "sponsor = \"Ada\"");
    let first = file("first.toml", &filled);
    let linted = run(&["scenario", "lint", &first, "--baseline", frozen])
        .done()
        .stdout;
    assert!(
        linted.contains("no process owner") && !linted.contains("no sponsor"),
        "{linted}"
    );
    // Kept, and its next version put onto the one that it was edited from.
    let said = put("recovery", &first, &["--reason", "for the budget"])
        .done()
        .stdout;
    assert!(
        said.contains("recovery, version 1") && said.contains("for the budget"),
        "{said}"
    );
    let second = file("second.toml", &filled.replace("2% to 6%", "1% to 3%"));
    let blind = put("recovery", &second, &[]);
    assert!(
        blind.code == 2 && blind.stderr.contains("--onto 1"),
        "{blind:?}"
    );
    put("recovery", &second, &["--onto", "1"]).done();
    let late = put("recovery", &first, &["--onto", "1"]);
    assert!(
        late.code == 2 && late.stderr.contains("--from 1 --to 2"),
        "{late:?}"
    );
    let shown = it
        .keepworth
        .ask(&["scenario", "show", "recovery", "--version", "1"]);
    assert_eq!(shown.done().stdout, filled, "to the byte");
    let ask = |arguments: &[&str]| {
        let arguments = [&["scenario"], arguments].concat();
        it.keepworth.ask(&arguments).done().stdout
    };
    let diff = ask(&["diff", "recovery", "--from", "1", "--to", "2"]);
    assert!(
        diff.contains("effects[hazard].size") && diff.contains("1% to 3%"),
        "{diff}"
    );
    let forked = ask(&["fork", "recovery", "cautious", "--version", "1"]);
    assert!(forked.contains("recovery, version 1"), "{forked}");
    assert!(ask(&["lint", "recovery"]).contains("no process owner"));
    assert!(ask(&["versions", "recovery"]).contains("for the budget"));
    ask(&["archive", "recovery", "--reason", "not this year"]);
    let listed = ask(&["list"]);
    assert!(listed.contains("cautious"), "{listed}");
    assert_eq!(it.keys(""), ["cautious"]);
    assert!(ask(&["list", "--archived"]).contains("not this year"));
    let unsaid = run(&["scenario", "lint", &first]);
    assert!(
        unsaid.code == 2 && unsaid.stderr.contains("--baseline FILE"),
        "{unsaid:?}"
    );
    // Nobody can feel it: exit code 1.
    let idle = filled.replace("\"business\" = 1.0", "\"business\" = 0.0");
    let idle = run(&[
        "scenario",
        "lint",
        &file("idle.toml", &idle),
        "--baseline",
        frozen,
    ]);
    assert!(
        idle.code == 1 && idle.stdout.contains("nobody feels it"),
        "{idle:?}"
    );
    let templates = run(&["scenario", "templates"]).done().stdout;
    assert!(templates.contains("experience-premium"), "{templates}");
}
