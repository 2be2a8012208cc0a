//! Who may ask for an erasure, and who may confirm it, where there is more than one person.

use serde_json::{Value, json};

use super::{send, subject, total, wait_for};
use crate::support::{Database, Issuer, Keepworth, Kind, Signer};

const GRANTS: [[&str; 3]; 3] = [
    ["groups", "privacy", "privacy"],
    ["groups", "importers", "importer"],
    ["groups", "services", "service"],
];

#[test]
fn a_second_person_confirms() {
    let database = Database::new(Kind::Sqlite);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let settings = issuer.settings(database.folder(), &GRANTS);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    send(&keepworth, "1", &["C-1001", "C-1002"]);
    let token = |who: &str, group: &str| {
        let mut claims = issuer.claims(who);
        claims["groups"] = json!([group]);
        signer.sign(&claims)
    };
    let ask = |token: &str, path: &str, body: &Value| -> (u16, Value) {
        let request = keepworth
            .stranger()
            .post(keepworth.at(path))
            .bearer_auth(token);
        let request = request.header("keepworth-reason", "asked by letter");
        let answer = request.json(body).send().unwrap();
        (answer.status().as_u16(), answer.json().unwrap_or_default())
    };
    let (first, second) = (token("u-1", "privacy"), token("u-2", "privacy"));
    let whom = json!({"subject": subject("C-1001")});
    // What services ask of each other is not for people, and what people ask is not for who sends records.
    let direct = json!({"erasure_id": "019a0000-0000-7000-8000-000000000000", "subject": subject("C-1001"),
                        "dry_run": false});
    for service in ["customers", "experience", "finance", "simulator"] {
        let path = format!("/{service}/v1/subjects:erase");
        assert_eq!(ask(&first, &path, &direct).0, 403, "{service}");
    }
    for group in ["importers", "services"] {
        let other = token("u-3", group);
        assert_eq!(ask(&other, "/customers/v1/erasures", &whom).0, 403);
        let export = ask(&other, "/customers/v1/subject-exports", &subject("C-1001"));
        assert_eq!(export.0, 403, "{group}");
    }
    let (status, erasure) = ask(&first, "/customers/v1/erasures", &whom);
    assert_eq!(status, 201, "{erasure}");
    let path = format!(
        "/customers/v1/erasures/{}:confirm",
        erasure["id"].as_str().unwrap()
    );
    let (status, problem) = ask(&first, &path, &json!(null));
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("same_person")),
        "{problem}"
    );
    assert_eq!(total(&keepworth, "customers/v1/customers"), 2);
    let (status, confirmed) = ask(&second, &path, &json!(null));
    assert_eq!(status, 200, "{confirmed}");
    let done = wait_for(&keepworth, &erasure, |it| it["state"] == "DONE");
    assert_eq!(done["is_self_confirmed"], false);
    assert_eq!(done["requested_by"]["subject"], "u-1");
    assert_eq!(done["confirmed_by"]["subject"], "u-2");
    assert_eq!(total(&keepworth, "customers/v1/customers"), 1);
    let (status, export) = ask(&first, "/customers/v1/subject-exports", &subject("C-1002"));
    assert_eq!(
        (status, export["services"].as_array().unwrap().len()),
        (200, 3)
    );
}
