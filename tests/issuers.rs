//! Callers whom an identity provider vouches for, and tokens that nobody does.

mod provider;

use jsonwebtoken::{Algorithm, EncodingKey, encode};
use serde_json::{Value, json};

use crate::support::{Database, Issuer, Keepworth, Kind, Signer, run};

const GRANTS: [[&str; 3]; 3] = [
    ["groups", "analysts", "analyst"],
    ["sub", "reader-1", "reader"],
    ["azp", "pipeline", "importer"],
];

/// Asks for results with a token; status, and why not.
fn ask(keepworth: &Keepworth, token: &str) -> (u16, String) {
    ask_for(keepworth, "/finance/v1/programmes", token)
}

fn ask_for(keepworth: &Keepworth, path: &str, token: &str) -> (u16, String) {
    let request = keepworth
        .stranger()
        .get(keepworth.at(path))
        .bearer_auth(token);
    let answer = request.send().unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap();
    (
        status,
        body["detail"].as_str().unwrap_or_default().to_owned(),
    )
}

fn with(claims: &Value, key: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[key] = value;
    claims
}

fn without(claims: &Value, key: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

#[test]
fn roles_come_from_claims() {
    let database = Database::new(Kind::Sqlite);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let settings = issuer.settings(database.folder(), &GRANTS);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let may = |claims: Value| {
        let token = signer.sign(&claims);
        [
            "/finance/v1/programmes",
            "/customers/v1/customers",
            "/finance/v1/accounts",
        ]
        .map(|path| ask_for(&keepworth, path, &token).0)
    };
    let claims = issuer.claims("u-17");
    assert_eq!(may(claims.clone()), [403; 3], "a name alone gives nothing");
    assert_eq!(
        may(with(&claims, "groups", json!(["others", "analysts"]))),
        [200; 3]
    );
    assert_eq!(may(with(&claims, "groups", json!("analysts"))), [200; 3]);
    assert_eq!(may(issuer.claims("reader-1")), [200, 403, 403]);
    assert_eq!(
        may(with(&claims, "azp", json!("pipeline"))),
        [200, 403, 403]
    );
    assert_eq!(
        may(with(&claims, "sub", json!("pipeline"))),
        [403; 3],
        "another claim's value"
    );
}

#[test]
fn forged_tokens_are_refused_each_with_its_reason() {
    let database = Database::new(Kind::Sqlite);
    let (signer, other) = (Signer::new("one"), Signer::new("one"));
    let issuer = Issuer::new(&[&signer]);
    let settings = issuer.settings(database.folder(), &GRANTS);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let claims = issuer.claims("reader-1");
    let now = keepworth_store::now().timestamp();
    let good = signer.sign(&claims);
    assert_eq!(ask(&keepworth, &good), (200, String::new()));
    let parts: Vec<&str> = good.split('.').collect();
    let public = serde_json::to_string(&signer.public()).unwrap();

    let shared = EncodingKey::from_secret(public.as_bytes());
    let mut by_secret = signer.header();
    by_secret.alg = Algorithm::HS256;
    let mut in_header = other.header();
    in_header.jwk = Some(other.public());
    let mut nameless = signer.header();
    nameless.kid = None;
    let mut strange = signer.header();
    strange.crit = Some(vec!["exp2".to_owned()]);
    let sign = |claims: &Value| signer.sign(claims);
    let changed = sign(&issuer.claims("admin"));
    let changed = changed.split('.').nth(1).unwrap();
    // {"alg":"none","kid":"one"}
    let none = "eyJhbGciOiJub25lIiwia2lkIjoib25lIn0";
    for (what, token, why) in [
        (
            "no algorithm",
            format!("{none}.{}.", parts[1]),
            "cannot be read",
        ),
        (
            "the public key as a secret",
            encode(&by_secret, &claims, &shared).unwrap(),
            "alg",
        ),
        ("another key of that name", other.sign(&claims), "signature"),
        (
            "a key in the header",
            encode(&in_header, &claims, &other.key).unwrap(),
            "signature",
        ),
        (
            "no name of a key",
            encode(&nameless, &claims, &signer.key).unwrap(),
            "kid",
        ),
        (
            "rules of its own",
            encode(&strange, &claims, &signer.key).unwrap(),
            "crit",
        ),
        (
            "other claims",
            format!("{}.{changed}.{}", parts[0], parts[2]),
            "signature",
        ),
        (
            "a cut signature",
            good[..good.len() - 4].to_owned(),
            "signature",
        ),
        (
            "no signature",
            format!("{}.{}.", parts[0], parts[1]),
            "signature",
        ),
        (
            "an ID token",
            sign(&with(&claims, "nonce", json!("x"))),
            "access token",
        ),
        (
            "another audience",
            sign(&with(&claims, "aud", json!("billing"))),
            "aud",
        ),
        ("no audience", sign(&without(&claims, "aud")), "aud"),
        (
            "another issuer",
            sign(&with(&claims, "iss", json!("https://evil.example"))),
            "iss",
        ),
        ("no issuer", sign(&without(&claims, "iss")), "iss"),
        ("no end", sign(&without(&claims, "exp")), "exp"),
        ("nobody", sign(&without(&claims, "sub")), ""),
        (
            "expired",
            sign(&with(&claims, "exp", json!(now - 60))),
            "expired",
        ),
        (
            "of the future",
            sign(&with(&claims, "nbf", json!(now + 600))),
            "not valid yet",
        ),
        (
            "too long",
            sign(&with(&claims, "more", json!("x".repeat(20_000)))),
            "longer",
        ),
    ] {
        let (status, detail) = ask(&keepworth, &token);
        assert_eq!(status, 401, "{what}: {detail}");
        assert!(detail.contains(why), "{what}: {detail}");
    }
    let logged = keepworth.log().join("\n");
    assert!(
        !logged.contains(&good) && !logged.contains("reader-1"),
        "{logged}"
    );
}

#[test]
fn keys_come_and_go_and_the_issuer_is_not_asked_for_every_name() {
    let database = Database::new(Kind::Sqlite);
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::new(&[&old]);
    issuer.go_away();
    let settings = issuer.settings(database.folder(), &GRANTS);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let claims = issuer.claims("reader-1");
    let (status, detail) = ask(&keepworth, &old.sign(&claims));
    assert_eq!(status, 503, "{detail}");
    issuer.give(&[&old]);
    // Who asks too often is not asked for.
    assert_eq!(ask(&keepworth, &old.sign(&claims)).0, 503);
    std::thread::sleep(std::time::Duration::from_secs(10));
    assert_eq!(ask(&keepworth, &old.sign(&claims)).0, 200);
    issuer.give(&[&new]);
    let asked = issuer.asked();
    for name in 0..20 {
        let invented = Signer::new(&name.to_string());
        assert_eq!(ask(&keepworth, &invented.sign(&claims)).0, 401);
    }
    assert!(
        issuer.asked() <= asked + 1,
        "{} times",
        issuer.asked() - asked
    );
    std::thread::sleep(std::time::Duration::from_secs(10));
    assert_eq!(ask(&keepworth, &new.sign(&claims)).0, 200);
    assert_eq!(
        ask(&keepworth, &old.sign(&claims)).0,
        401,
        "it was withdrawn"
    );
    issuer.go_away();
    assert_eq!(
        ask(&keepworth, &new.sign(&claims)).0,
        200,
        "what is known goes on"
    );
}

#[test]
fn commands_and_services_show_the_token_of_a_file() {
    let database = Database::new(Kind::Sqlite);
    let signer = Signer::new("one");
    let issuer = Issuer::new(&[&signer]);
    let settings = issuer.settings(database.folder(), &GRANTS);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let file = database.folder().join("token");
    std::fs::write(&file, signer.sign(&issuer.claims("reader-1"))).unwrap();
    let file = file.display().to_string();
    let listed = ["finance", "metrics", "--from", "2025-01"];
    let command = [
        &listed[..],
        &["--url", &keepworth.url, "--token-file", &file],
    ]
    .concat();
    // It is let in, and there is nothing.
    let answer = run(&command);
    assert!(!answer.stderr.contains("permission"), "{answer:?}");
    let put = run(&[
        "baseline",
        "build",
        "--as-of",
        "2025-01-31",
        "--url",
        &keepworth.url,
        "--token-file",
        &file,
    ]);
    assert!(
        put.stderr.contains("scenario:write"),
        "a reader's token is shown, not the socket's rights: {put:?}"
    );
}

#[test]
fn settings_that_believe_clear_text_are_refused() {
    let folder = crate::support::private_folder();
    let file = folder.path().join("config.toml");
    let text = "[[access.issuers]]\nissuer = \"http://id.example\"\naudience = \"keepworth\"\ngrants = []\n";
    std::fs::write(&file, text).unwrap();
    let refused = run(&["config", "show", "--config", &file.display().to_string()]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("access.issuers[0].issuer"),
        "{refused:?}"
    );
}
