//! The commands of a programme lead.

use super::money::{plan, spent};
use crate::support::{Answer, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(commands_keep_step_and_tell);

/// What stands between thousands.
pub const NARROW: char = '\u{202f}';

const FILE: &str = r#"
key = "service-2027"
name = "Service 2027"
sponsor = "Ada Lovelace"
owner = "Grace Hopper"

[[initiatives]]
key = "call-backs"
name = "Call back"
[initiatives.readiness]
people = { score = 3, evidence = "two teams are trained", seen_on = "2026-01-15" }
process = { score = 2, evidence = "no hand-over is written down", seen_on = "2026-01-15" }
politics = { score = 4, evidence = "the head of service asked for it", seen_on = "2026-01-20" }

[[initiatives]]
key = "mended-bills"
name = "Bills that are understood"

[[gates]]
name = "pilot"
due = "2026-06"
criterion = "4% fewer leave"

[[risks]]
text = "agents leave"
likelihood = "MEDIUM"
response = "hire two more"
owner = "Jean Bartik"
"#;

fn commands_keep_step_and_tell(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let file = |text: &str| {
        let path = database.folder().join("service.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ask = |arguments: &[&str]| keepworth.ask(&[&["programme"], arguments].concat());
    let refused = |answer: Answer, says: &str| {
        assert!(
            answer.code == 2 && answer.stderr.contains(says),
            "{answer:?}"
        );
    };
    let misspelt = file(&FILE.replace("owner = \"Grace", "ownr = \"Grace"));
    refused(ask(&["put", &misspelt]), "ownr");
    let path = file(FILE);
    let onto = |version: &'static str| {
        ["put", &path, "--onto", version, "--reason", "a note"].map(str::to_owned)
    };
    let onto = |version| ask(&onto(version).each_ref().map(String::as_str));
    refused(onto("1"), "leave out --onto");
    let kept = ask(&["put", &path]).done().stdout;
    for says in [
        "service-2027, version 1",
        "two teams are trained",
        "4% fewer leave",
        "hire two more",
    ] {
        assert!(kept.contains(says), "{says}: {kept}");
    }
    refused(ask(&["put", &path]), "--onto 1");
    // What is told as a file is the file.
    let told = ask(&["show", "service-2027", "--toml"]).done().stdout;
    let read = |text: &str| toml::from_str::<toml::Value>(text).unwrap();
    let numbers = |text: &str| {
        read(
            &text
                .replace("score = 3.0", "score = 3")
                .replace("score = 2.0", "score = 2")
                .replace("score = 4.0", "score = 4"),
        )
    };
    assert_eq!(numbers(&told), read(FILE));
    file(&told.replace(
        "key = \"service-2027\"\n",
        "key = \"service-2027\"\nnote = \"of the board\"\n",
    ));
    assert!(onto("1").done().stdout.contains("of the board"));
    refused(onto("1"), "--onto 2");

    let step = |name: &str, version: &str| {
        ask(&[
            name,
            "service-2027",
            "--version",
            version,
            "--reason",
            "decided",
        ])
    };
    step("start", "2").done();
    refused(step("close", "3"), "pilot");
    let gate = [
        "gate",
        "service-2027",
        "pilot",
        "passed",
        "--version",
        "3",
        "--reason",
        "6% fewer left",
    ];
    assert!(ask(&gate).done().stdout.contains("6% fewer left"));
    step("close", "4").done();
    refused(step("stop", "5"), "for good");
    let listed = ask(&["list", "--state", "closed"]).done().stdout;
    assert!(listed.contains("Grace Hopper"), "{listed}");
    let versions = ask(&["versions", "service-2027"]).done().stdout;
    assert!(
        versions.contains("gate decided") && versions.contains("6% fewer left"),
        "{versions}"
    );

    plan(
        &keepworth,
        "call-backs",
        "2025-01-01",
        &[("2025-07", "PEOPLE", "1000.00")],
    );
    let entries = [
        spent("1", "2025-07-10", "call-backs", Some("PEOPLE"), "1250.50"),
        spent("2", "2025-07-10", "stray", None, "9.00"),
    ];
    keepworth.take("finance/v1/ledger-entries", "a", &entries);
    let money = ask(&["money", "service-2027"]).done().stdout;
    let money = money.replace(NARROW, " ");
    assert!(!money.contains("Service 2027 has no budget"), "{money}");
    for says in [
        "Planned EUR 1 000.00, spent EUR 1 250.50",
        "Bills that are understood has no budget",
        "In finance, but in no programme: `stray`",
    ] {
        assert!(money.contains(says), "{says}: {money}");
    }
    assert!(ask(&["money"]).done().stdout.contains("stray"));
    let json = ask(&["money", "service-2027", "--format", "json"])
        .done()
        .json();
    assert_eq!(json["unassigned"][0], "stray");
}
