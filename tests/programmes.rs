//! Programmes: who carries what, how they go from a proposal to their end, and what finance has of their money.

mod command;
mod money;
mod scenario;

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    a_programme_goes_from_a_proposal_to_its_end,
    what_cannot_be_is_refused_where_it_is_written,
    of_two_who_edit_one_version_the_second_is_told,
);

pub const PROGRAMMES: &str = "/simulator/v1/programmes";

/// Two initiatives, the first one ready so far, and a gate.
pub fn programme() -> Value {
    let score = |score: f64, evidence: &str| json!({"score": score, "evidence": evidence, "seen_on": "2026-01-15"});
    json!({
        "key": "service 2027", "name": "Service 2027",
        "sponsor": "Ada Lovelace", "owner": "Grace Hopper",
        "initiatives": [
            {
                "key": "call backs", "name": "Call back", "process_owner": "Jean Bartik",
                "readiness": {"people": score(3.0, "two teams are trained"),
                    "process": score(2.5, "no hand-over is written down"),
                    "politics": score(4.0, "the head of service asked for it")},
            },
            {"key": "mended/bills", "name": "Bills that are understood", "sponsor": "Joan Clarke"},
        ],
        "gates": [{"name": "pilot", "due": "2026-06", "criterion": "4% fewer leave"}],
        "risks": [{"text": "agents leave", "likelihood": "MEDIUM", "response": "hire two more", "owner": "Jean Bartik"}],
    })
}

pub fn create(keepworth: &Keepworth, programme: &Value) -> Value {
    let (status, made) = keepworth.post(PROGRAMMES, programme);
    assert_eq!(status, 201, "{made}");
    made
}

fn path(more: &str) -> String {
    format!("{PROGRAMMES}/service%202027{more}")
}

fn tag(keepworth: &Keepworth) -> String {
    let request = keepworth.client().get(keepworth.at(&path("")));
    let answer = request.send().unwrap();
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

fn put(keepworth: &Keepworth, tag: Option<&str>, programme: &Value) -> (u16, Value) {
    let request = keepworth.client().put(keepworth.at(&path("")));
    let mut request = request.json(programme).header("keepworth-reason", "edited");
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    let answer = request.send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn a_programme_goes_from_a_proposal_to_its_end(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut unsponsored = programme();
    unsponsored.as_object_mut().unwrap().remove("sponsor");
    let post = || {
        let request = keepworth.client().post(keepworth.at(PROGRAMMES));
        let request = request.header("idempotency-key", "1").json(&unsponsored);
        let answer = request.send().unwrap();
        let place = answer.headers()["location"].to_str().unwrap().to_owned();
        (
            answer.status().as_u16(),
            place,
            answer.json::<Value>().unwrap(),
        )
    };
    let (status, place, first) = post();
    assert_eq!((status, place), (201, path("")), "{first}");
    assert_eq!(post().2, first, "the same request again is one programme");
    assert_eq!(
        (&first["version"], &first["state"]),
        (&json!(1), &json!("PROPOSED"))
    );
    assert_eq!(first["gates"][0]["outcome"], "OPEN");
    assert_eq!(first["statement"], unsponsored);
    assert_eq!(keepworth.get(&path("")), (200, first.clone()));

    let step = |name: &str, body: Value| keepworth.post_because(&path(name), &body, "because");
    let refused = |(status, problem): (u16, Value), code: &str, says: &str| {
        assert!(matches!(status, 409 | 422), "{problem}");
        let told = problem.to_string();
        assert!(problem["code"] == code && told.contains(says), "{problem}");
    };
    // Nobody starts what nobody stands for, and why is part of it.
    refused(
        step(":start", json!({"version": 1})),
        "wrong_state",
        "no sponsor",
    );
    refused(
        step(":close", json!({"version": 1})),
        "wrong_state",
        "start it first",
    );
    let unsaid = keepworth.order(&path(":start"), &json!({"version": 1}));
    refused(unsaid, "validation_failed", "Keepworth-Reason");
    assert_eq!(put(&keepworth, Some(&tag(&keepworth)), &programme()).0, 200);
    refused(
        step(":start", json!({"version": 1})),
        "superseded",
        "version 2",
    );
    let (status, running) = step(":start", json!({"version": 2}));
    assert_eq!(
        (status, &running["state"], &running["step"]),
        (200, &json!("RUNNING"), &json!("STARTED"))
    );
    assert_eq!(running["reason"], "because");
    refused(
        step(":start", json!({"version": 3})),
        "wrong_state",
        "started once",
    );

    // Gates: one that there is, decided before the end, and kept as it was when it was decided.
    let gate = |version: u32, gate: &str, outcome: &str| {
        let body = json!({"version": version, "gate": gate, "outcome": outcome});
        step(":decide-gate", body)
    };
    refused(gate(3, "board", "PASSED"), "validation_failed", "pilot");
    refused(
        step(":close", json!({"version": 3})),
        "wrong_state",
        "`pilot`",
    );
    let (status, judged) = gate(3, "pilot", "FAILED");
    assert_eq!(
        (status, &judged["gates"][0]["outcome"]),
        (200, &json!("FAILED")),
        "{judged}"
    );
    assert_eq!(judged["gates"][0]["reason"], "because");
    let mut softer = programme();
    softer["gates"][0]["criterion"] = json!("2% fewer leave");
    refused(
        put(&keepworth, Some("*"), &softer),
        "validation_failed",
        "was decided",
    );
    let (_, opened) = gate(4, "pilot", "OPEN");
    assert_eq!(opened["gates"][0]["outcome"], "OPEN", "{opened}");
    assert_eq!(gate(5, "pilot", "PASSED").0, 200);

    let (status, closed) = step(":close", json!({"version": 6}));
    assert_eq!(
        (status, &closed["state"]),
        (200, &json!("CLOSED")),
        "{closed}"
    );
    refused(gate(7, "pilot", "FAILED"), "wrong_state", "for good");
    refused(
        step(":stop", json!({"version": 7})),
        "wrong_state",
        "for good",
    );
    refused(
        put(&keepworth, Some("*"), &softer),
        "wrong_state",
        "for good",
    );

    // What was done, by whom and why: in the versions, and on record.
    let (_, versions) = keepworth.get(&path("/versions"));
    let steps = versions["items"].as_array().unwrap().iter();
    let steps = Vec::from_iter(steps.map(|it| it["step"].as_str().unwrap()));
    let judged = ["GATE_DECIDED"; 3];
    assert_eq!(
        steps,
        [&["WRITTEN", "WRITTEN", "STARTED"], &judged[..], &["CLOSED"]].concat()
    );
    assert!(
        versions["items"][1]["by"]["subject"].is_string(),
        "{versions}"
    );
    assert_eq!(
        keepworth.get(&path("?version=4")).1["gates"][0]["outcome"],
        "FAILED"
    );
    assert_eq!(keepworth.get(&path("?version=9")).0, 404);
    let (_, listed) = keepworth.get(&format!("{PROGRAMMES}?state=CLOSED&include_total=true"));
    assert_eq!(
        (&listed["total"], &listed["items"][0]),
        (&json!(1), &closed)
    );
    let (_, none) = keepworth.get(&format!("{PROGRAMMES}?state=RUNNING"));
    assert_eq!(none["items"], json!([]));
    let (_, audit) = keepworth.get("/simulator/v1/audit-entries?page_size=1000");
    for operation in [":start", ":decide-gate", ":close"] {
        assert!(
            audit.to_string().contains(operation),
            "{operation}: {audit}"
        );
    }
}

fn what_cannot_be_is_refused_where_it_is_written(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let answer = json!({"source": "survey", "external_id": "1", "customer_source": "crm", "customer_external_id": "c",
        "kind": "NPS", "score": 9, "responded_at": "2026-01-01T10:00:00Z", "phase": "support"});
    keepworth.take("experience/v1/feedback", "a", &[answer]);
    let contact = json!({"source": "desk", "external_id": "1", "customer_source": "crm", "customer_external_id": "c",
        "channel": "phone", "started_at": "2026-01-01T10:00:00Z", "outcome": "RESOLVED", "handle_seconds": 60,
        "phase": "billing"});
    keepworth.take("experience/v1/interactions", "b", &[contact]);
    let segment = json!({"name": "Business"});
    assert_eq!(
        keepworth.put("/customers/v1/segments/business", &segment).0 / 100,
        2
    );
    let refused = |edit: &dyn Fn(&mut Value), name: &str, code: &str, says: &str| {
        let mut wrong = programme();
        edit(&mut wrong);
        let (status, problem) = keepworth.post(PROGRAMMES, &wrong);
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
    let first = "/initiatives/0";
    let set = |place: String, to: Value| {
        move |it: &mut Value| {
            let (parent, field) = place.rsplit_once('/').unwrap();
            it.pointer_mut(parent).unwrap()[field] = to.clone();
        }
    };
    let at = |field: &str| format!("{first}/{field}");
    let long = "x".repeat(129);
    for (place, to, name, code, says) in [
        (
            at("segments"),
            json!(["busines"]),
            "initiatives/0/segments/0",
            "unknown_segment",
            "known: business",
        ),
        (
            at("phases"),
            json!(["billing", "suport"]),
            "initiatives/0/phases/1",
            "unknown_value",
            "billing, support",
        ),
        (
            at("key"),
            json!("service 2027"),
            "initiatives/0/key",
            "duplicate",
            "counted once",
        ),
        (
            at("key"),
            json!("mended/bills"),
            "initiatives/1/key",
            "duplicate",
            "counted once",
        ),
        (
            at("key"),
            json!(long),
            "initiatives/0/key",
            "too_long",
            "128",
        ),
        (
            at("name"),
            json!("Bills that are understood"),
            "initiatives/1/name",
            "duplicate",
            "by itself",
        ),
        (
            at("readiness/people/score"),
            json!(5.5),
            "initiatives/0/readiness/people/score",
            "out_of_range",
            "0 (nothing)",
        ),
        (
            at("readiness/people/evidence"),
            json!(" "),
            "initiatives/0/readiness/people/evidence",
            "missing",
            "empty",
        ),
        (
            at("readiness/people/seen_on"),
            json!("2999-01-01"),
            "initiatives/0/readiness/people/seen_on",
            "in_the_future",
            "not come yet",
        ),
        ("/owner".to_owned(), json!(""), "owner", "missing", "empty"),
    ] {
        refused(&set(place, to), name, code, says);
    }
    let mut twice = programme();
    twice["gates"] = json!([twice["gates"][0], twice["gates"][0]]);
    let (status, problem) = keepworth.post(PROGRAMMES, &twice);
    assert_eq!(
        (status, &problem["invalid_params"][0]["name"]),
        (422, &json!("gates/1/name")),
        "{problem}"
    );
    let (_, none) = keepworth.get(&format!("{PROGRAMMES}?include_total=true"));
    assert_eq!(none["total"], 0, "nothing was written");

    let mut known = programme();
    known["initiatives"][0]["segments"] = json!(["business"]);
    known["initiatives"][0]["phases"] = json!(["billing", "support"]);
    create(&keepworth, &known);
    let again = keepworth.post(PROGRAMMES, &known);
    assert_eq!(
        (again.0, &again.1["code"]),
        (409, &json!("duplicate")),
        "{}",
        again.1
    );
    // A key is of one programme, whether its own or an initiative's.
    for key in ["call backs", "service 2027"] {
        let other = json!({"key": "other", "name": "Other", "initiatives": [{"key": key, "name": "Theirs"}]});
        let (status, problem) = keepworth.post(PROGRAMMES, &other);
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            (status, &fault["name"]),
            (422, &json!("initiatives/0/key")),
            "{problem}"
        );
        assert!(
            fault["reason"].as_str().unwrap().contains("`service 2027`"),
            "{problem}"
        );
    }
    let own = json!({"key": "call backs", "name": "Other"});
    assert_eq!(keepworth.post(PROGRAMMES, &own).0, 422);
    // Taken out of one, it can go to another.
    known["initiatives"].as_array_mut().unwrap().remove(0);
    assert_eq!(put(&keepworth, Some("*"), &known).0, 200);
    assert_eq!(keepworth.post(PROGRAMMES, &own).0, 201);
    let renamed = json!({"key": "renamed", "name": "Other"});
    let (status, problem) = put(&keepworth, Some("*"), &renamed);
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("contradiction"))
    );
    assert_eq!(keepworth.get(&format!("{PROGRAMMES}/nothing")).0, 404);
}

fn of_two_who_edit_one_version_the_second_is_told(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    create(&keepworth, &programme());
    let noted = |note: &str| {
        let mut noted = programme();
        noted["note"] = json!(note);
        noted
    };
    assert_eq!(put(&keepworth, None, &noted("unseen")).0, 428);
    let read = tag(&keepworth);
    let answers = std::thread::scope(|scope| {
        let write = |note: &'static str| {
            let (keepworth, read) = (&keepworth, &read);
            scope.spawn(move || put(keepworth, Some(read), &noted(note)))
        };
        [write("one"), write("other")].map(|it| it.join().unwrap())
    });
    let mut statuses = answers.each_ref().map(|(status, _)| *status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{answers:?}");
    let (_, newest) = keepworth.get(&path(""));
    assert_eq!(newest["version"], 2, "one of them wrote");
    assert!(answers.iter().any(|(_, it)| *it == newest));
    // Sent again, it is one version.
    let same = newest["statement"].clone();
    assert_eq!(
        put(&keepworth, Some(&tag(&keepworth)), &same),
        (200, newest)
    );
}
