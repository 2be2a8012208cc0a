//! Tokens for programs: made, used, refused, changed, withdrawn.

use std::time::{Duration, Instant};

use keepworth_store::{Conn, Db, DbOptions, StoreError};
use serde_json::{Value, json};

use crate::support::{
    Answer, Database, Issuer, Keepworth, Kind, Signer, on_both_databases, run, run_in,
};

on_both_databases!(
    a_token_does_what_it_was_made_for_and_no_more,
    a_token_ends,
    a_changed_token_opens_beside_the_old_one_for_a_day,
    a_token_has_no_more_than_its_owner_now,
    two_who_withdraw_each_others_are_both_done,
    a_token_is_nowhere_in_clear,
);

const PROGRAMMES: &str = "/finance/v1/programmes";
const ACCOUNTS: &str = "/finance/v1/accounts";

/// GET with a token: status, and why not.
fn get(keepworth: &Keepworth, path: &str, token: &str) -> (u16, String) {
    let request = keepworth.stranger().get(keepworth.at(path));
    let answer = request.bearer_auth(token).send().unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap();
    (
        status,
        body["detail"].as_str().unwrap_or_default().to_owned(),
    )
}

fn make(keepworth: &Keepworth, name: &str, permissions: &[&str]) -> (String, String) {
    let input = json!({"name": name, "permissions": permissions, "days": 30});
    let (status, made) = keepworth.post("/finance/v1/tokens", &input);
    assert_eq!(status, 201, "{made}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["token"]["id"]), text(&made["secret"]))
}

/// Changes a service's database behind its back.
fn change(database: &Database, sql: String) {
    let db = Db::open(&database.url("finance"), &DbOptions::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let done: Result<(), StoreError> =
        runtime.block_on(db.write(move |conn: &mut Conn| conn.batch(&sql)));
    done.unwrap();
}

fn a_token_does_what_it_was_made_for_and_no_more(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let (id, token) = make(&keepworth, "reports", &["figures:read"]);
    assert!(token.starts_with("kwp_") && token.len() == 53, "{token}");
    assert_eq!(get(&keepworth, PROGRAMMES, &token).0, 200);
    let (status, said) = get(&keepworth, ACCOUNTS, &token);
    assert!(
        status == 403 && said.contains("books:read"),
        "{status} {said}"
    );
    // It opens the service that made it, and makes no others.
    assert_eq!(get(&keepworth, "/customers/v1/customers", &token).0, 401);
    assert_eq!(get(&keepworth, "/finance/v1/tokens", &token).0, 403);
    let input = json!({"name": "more", "permissions": ["figures:read"], "days": 1});
    let request = keepworth
        .stranger()
        .post(keepworth.at("/finance/v1/tokens"));
    assert_eq!(
        request
            .bearer_auth(&token)
            .json(&input)
            .send()
            .unwrap()
            .status(),
        403
    );
    let (_, listed) = keepworth.get("/finance/v1/tokens");
    let listed = &listed["items"][0];
    let today = keepworth_store::now().date_naive().to_string();
    assert_eq!(
        (&listed["id"], &listed["last_used_on"]),
        (&json!(id), &json!(today))
    );
    assert_eq!(listed["effective_permissions"], json!(["figures:read"]));
    let (status, gone) = (
        keepworth.client(),
        keepworth.at(&format!("/finance/v1/tokens/{id}")),
    );
    assert_eq!(status.delete(gone).send().unwrap().status(), 200);
    let (status, said) = get(&keepworth, PROGRAMMES, &token);
    assert!(
        status == 401 && said.contains("not known"),
        "at once: {status} {said}"
    );
}

fn a_token_ends(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let (id, token) = make(&keepworth, "short", &["figures:read"]);
    assert_eq!(get(&keepworth, PROGRAMMES, &token).0, 200);
    change(
        &database,
        format!("UPDATE access_tokens SET expires_at = '2025-01-01 00:00:00' WHERE id = '{id}'"),
    );
    std::thread::sleep(Duration::from_millis(1_100));
    let (status, said) = get(&keepworth, PROGRAMMES, &token);
    assert!(status == 401 && said.contains("expired"), "{status} {said}");
    for (days, what) in [(367, "366 days"), (0, "is 0")] {
        let input = json!({"name": "long", "permissions": ["figures:read"], "days": days});
        let (status, problem) = keepworth.post("/finance/v1/tokens", &input);
        let fault = &problem["invalid_params"][0];
        assert_eq!((status, &fault["name"]), (422, &json!("days")), "{problem}");
        assert!(
            fault["reason"].as_str().unwrap().contains(what),
            "{problem}"
        );
    }
}

fn a_changed_token_opens_beside_the_old_one_for_a_day(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let (id, old) = make(&keepworth, "nightly", &["figures:read"]);
    let path = format!("/finance/v1/tokens/{id}:rotate");
    let rotation = json!({"days": 30});
    let (status, made) = keepworth.post(&path, &rotation);
    assert_eq!(status, 200, "{made}");
    let new = made["secret"].as_str().unwrap().to_owned();
    assert!(
        made["token"]["old_until"].is_string() && new != old,
        "{}",
        made["token"]
    );
    for token in [&old, &new] {
        assert_eq!(get(&keepworth, PROGRAMMES, token).0, 200);
    }
    change(
        &database,
        format!("UPDATE access_tokens SET old_until = '2025-01-01 00:00:00' WHERE id = '{id}'"),
    );
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(get(&keepworth, PROGRAMMES, &old).0, 401, "after a day");
    assert_eq!(get(&keepworth, PROGRAMMES, &new).0, 200);
    keepworth.post(&path, &rotation);
    assert_eq!(get(&keepworth, PROGRAMMES, &old).0, 401);
    assert_eq!(get(&keepworth, PROGRAMMES, &new).0, 200);
}

/// Owners whom an issuer vouches for.
fn a_token_has_no_more_than_its_owner_now(kind: Kind) {
    let database = Database::new(kind);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let grants = [
        ["groups", "analysts", "analyst"],
        ["groups", "readers", "reader"],
    ];
    let file = issuer.settings(database.folder(), &grants);
    let keepworth = Keepworth::start(&["up", "--config", &file], &database, &[]);
    let person = |groups: &[&str]| {
        let mut claims = issuer.claims("u-17");
        claims["groups"] = json!(groups);
        signer.sign(&claims)
    };
    let analyst = person(&["analysts"]);
    let input =
        |permissions: &[&str]| json!({"name": "mine", "permissions": permissions, "days": 30});
    let create = |input: &Value| {
        let request = keepworth
            .stranger()
            .post(keepworth.at("/finance/v1/tokens"));
        let answer = request.bearer_auth(&analyst).json(input).send().unwrap();
        (answer.status().as_u16(), answer.json::<Value>().unwrap())
    };
    for (permissions, what) in [
        (&["books:write"][..], "you do not have"),
        (&["tokens:own"], "people alone"),
        (&["books:wrote"], "no permission"),
        (&[], "is empty"),
    ] {
        let (status, problem) = create(&input(permissions));
        assert_eq!(status, 422, "{problem}");
        assert!(
            problem["invalid_params"][0]["reason"]
                .as_str()
                .unwrap()
                .contains(what),
            "{problem}"
        );
    }
    let (status, made) = create(&input(&["figures:read", "books:read"]));
    assert_eq!(status, 201, "{made}");
    let token = made["secret"].as_str().unwrap();
    let may = || [PROGRAMMES, ACCOUNTS].map(|path| get(&keepworth, path, token).0);
    assert_eq!(may(), [200, 200]);
    // The owner is seen with less, wherever that is.
    assert_eq!(get(&keepworth, PROGRAMMES, &person(&["readers"])).0, 200);
    assert_eq!(may(), [200, 403]);
    assert_eq!(get(&keepworth, PROGRAMMES, &person(&[])).0, 403);
    assert_eq!(may(), [403, 403]);
    assert_eq!(get(&keepworth, PROGRAMMES, &analyst).0, 200);
    assert_eq!(may(), [200, 200]);
    // Another's token is none of theirs, and a name is taken once.
    make(&keepworth, "mine", &["figures:read"]);
    let request = keepworth.stranger().get(keepworth.at("/finance/v1/tokens"));
    let listed: Value = request
        .bearer_auth(&analyst)
        .send()
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(create(&input(&["figures:read"])).1["code"], "duplicate");
    // Nobody believes the issuer any more.
    drop(keepworth);
    let keepworth = Keepworth::up(&database);
    assert_eq!(get(&keepworth, PROGRAMMES, token).0, 403);
}

fn two_who_withdraw_each_others_are_both_done(kind: Kind) {
    let database = Database::new(kind);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let file = issuer.settings(database.folder(), &[["groups", "admins", "admin"]]);
    let keepworth = Keepworth::start(&["up", "--config", &file], &database, &[]);
    let two = ["one", "two"].map(|subject| {
        let mut claims = issuer.claims(subject);
        claims["groups"] = json!(["admins"]);
        signer.sign(&claims)
    });
    for _ in 0..10 {
        let made = two.each_ref().map(|admin| {
            let input = json!({"name": "t", "permissions": ["figures:read"], "days": 1});
            let request = keepworth
                .stranger()
                .post(keepworth.at("/finance/v1/tokens"));
            let made: Value = request
                .bearer_auth(admin)
                .json(&input)
                .send()
                .unwrap()
                .json()
                .unwrap();
            (made["token"]["id"].clone(), made["secret"].clone())
        });
        let withdraw = |admin: &str, id: &Value| {
            let path = format!("/finance/v1/tokens/{}", id.as_str().unwrap());
            let request = keepworth.stranger().delete(keepworth.at(&path));
            request.bearer_auth(admin).send().unwrap().status().as_u16()
        };
        let statuses = std::thread::scope(|scope| {
            let first = scope.spawn(|| withdraw(&two[0], &made[1].0));
            let second = withdraw(&two[1], &made[0].0);
            [first.join().unwrap(), second]
        });
        assert_eq!(statuses, [200, 200]);
        for (_, secret) in &made {
            assert_eq!(get(&keepworth, PROGRAMMES, secret.as_str().unwrap()).0, 401);
        }
    }
}

fn a_token_is_nowhere_in_clear(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::start(&["up"], &database, &["log.level=debug"]);
    let (id, token) = make(&keepworth, "secret", &["figures:read", "records:import"]);
    assert_eq!(get(&keepworth, PROGRAMMES, &token).0, 200);
    let budget = json!({"items": []});
    let post = keepworth
        .stranger()
        .post(keepworth.at("/finance/v1/revenues:batch_upsert"));
    let sent = post
        .bearer_auth(&token)
        .header("idempotency-key", &token)
        .json(&budget)
        .send()
        .unwrap();
    assert!(sent.status().as_u16() < 500);
    // What is done with it is known by its id.
    let (_, audit) = keepworth.get("/finance/v1/audit-entries");
    let text = audit.to_string();
    assert!(
        !text.contains(&token) && text.contains("POST /v1/tokens"),
        "{text}"
    );
    let (status, said) = get(
        &keepworth,
        &format!("{PROGRAMMES}?access_token={token}"),
        &token,
    );
    assert!(
        status == 400 && said.contains("Authorization"),
        "{status} {said}"
    );
    keepworth.terminate();
    std::thread::sleep(Duration::from_secs(2));
    let log = keepworth.log().join("\n");
    assert!(
        !log.contains(&token) && log.contains("answered"),
        "a log has it"
    );
    if kind == Kind::Sqlite {
        for file in std::fs::read_dir(database.folder()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!has(&token), "{} has it", path.display());
            if path.ends_with("finance.db") {
                assert!(has(&id), "it is looked for in the right place");
            }
        }
    }
}

#[test]
fn a_mistyped_token_asks_no_database() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let (_, token) = make(&keepworth, "reports", &["figures:read"]);
    // What the database would be asked for is not there any more.
    change(&database, "DROP TABLE access_tokens".to_owned());
    let mut mistyped = token.clone();
    mistyped.replace_range(10..11, if &token[10..11] == "x" { "y" } else { "x" });
    let (status, said) = get(&keepworth, PROGRAMMES, &mistyped);
    assert!(
        status == 401 && said.contains("checksum"),
        "{status} {said}"
    );
    assert_eq!(
        get(&keepworth, PROGRAMMES, &token).0,
        500,
        "one that is whole asks it"
    );
}

#[test]
fn a_withdrawn_token_ends_within_a_second_in_other_processes() {
    let database = Database::new(Kind::Sqlite);
    let one = Keepworth::start(&["serve", "finance"], &database, &[]);
    let other = Keepworth::start(&["serve", "finance"], &database, &[]);
    let input = json!({"name": "n", "permissions": ["figures:read"], "days": 1});
    let (_, made) = one.post("/v1/tokens", &input);
    let token = made["secret"].as_str().unwrap();
    assert_eq!(get(&other, "/v1/programmes", token).0, 200);
    let path = format!("/v1/tokens/{}", made["token"]["id"].as_str().unwrap());
    assert_eq!(
        one.client().delete(one.at(&path)).send().unwrap().status(),
        200
    );
    let start = Instant::now();
    while get(&other, "/v1/programmes", token).0 != 401 {
        assert!(start.elapsed() < Duration::from_secs(3), "it opens on");
    }
}

fn create(keepworth: &Keepworth, arguments: &[&str]) -> Answer {
    keepworth.ask(&[&["token", "create"], arguments].concat())
}

#[test]
fn commands_make_one_token_for_every_service() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let made = create(&keepworth, &["nightly", "--permission", "figures:read"]).done();
    let old = made.stdout.trim();
    let paths = [
        PROGRAMMES,
        "/customers/v1/segments",
        "/experience/v1/capabilities",
        "/simulator/v1/runs",
    ];
    for path in paths {
        assert_eq!(get(&keepworth, path, old).0, 200, "{path}");
    }
    let again = create(&keepworth, &["nightly", "--permission", "figures:read"]);
    assert!(
        again.code == 2 && again.stderr.contains("another name"),
        "{again:?}"
    );
    let listed = keepworth
        .ask(&["token", "list", "--format", "json"])
        .done()
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 4, "{listed}");
    let rotated = keepworth.ask(&["token", "rotate", "nightly"]).done();
    for path in paths {
        assert_eq!(
            get(&keepworth, path, rotated.stdout.trim()).0,
            200,
            "{path}"
        );
        assert_eq!(get(&keepworth, path, old).0, 200, "{path}");
    }
    // A command shows it from a file, over the port.
    let file = database.folder().join("nightly.token");
    std::fs::write(&file, &rotated.stdout).unwrap();
    let shown = run_in(
        &[("KEEPWORTH_TOKEN_FILE", file.to_str().unwrap())],
        &["finance", "programme", "list", "--url", &keepworth.url],
    );
    assert!(!shown.stderr.contains("token"), "{shown:?}");
    keepworth.ask(&["token", "revoke", "nightly"]).done();
    for token in [old, rotated.stdout.trim()] {
        assert!(
            paths
                .iter()
                .all(|path| get(&keepworth, path, token).0 == 401)
        );
    }
    let wrong = create(&keepworth, &["x", "--permission", "books:wrote"]);
    assert!(
        wrong.code == 2 && wrong.stderr.contains("books:wrote"),
        "{wrong:?}"
    );
    let long = create(
        &keepworth,
        &["x", "--permission", "figures:read", "--days", "400"],
    );
    assert!(long.code == 2 && long.stderr.contains("366"), "{long:?}");
    let one = create(
        &keepworth,
        &[
            "one",
            "--permission",
            "figures:read",
            "--service",
            "finance",
        ],
    )
    .done();
    assert_eq!(get(&keepworth, PROGRAMMES, one.stdout.trim()).0, 200);
    assert_eq!(
        get(&keepworth, "/simulator/v1/runs", one.stdout.trim()).0,
        401
    );
    assert_eq!(run(&["token", "--port", "1"]).code, 2);
}

/// One service refuses: none keeps the token.
#[test]
fn a_token_is_made_at_all_services_or_at_none() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    make(&keepworth, "nightly", &["figures:read"]);
    let refused = create(&keepworth, &["nightly", "--permission", "figures:read"]);
    assert!(
        refused.code == 2 && refused.stderr.contains("finance"),
        "{refused:?}"
    );
    assert_eq!(refused.stdout, "");
    for service in ["customers", "experience", "simulator"] {
        let (_, listed) = keepworth.get(&format!("/{service}/v1/tokens"));
        assert_eq!(listed["items"], json!([]), "{service}");
    }
}
