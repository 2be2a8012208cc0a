//! The walk-throughs of the README, command by command as they stand there: each ends in an approved scenario, a
//! workbook, a memo and a tracked month.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Company, Database, Keepworth, Kind, workspace};
use crate::{readme, telco};

/// The block of the README that has the line, as it stands between its fences.
fn block(line: &str) -> String {
    let readme = std::fs::read_to_string(workspace("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1);
    let mut blocks = blocks.map(|it| it.split("\n```\n").next().unwrap());
    let found = blocks.find(|it| it.lines().any(|it| it.starts_with(line)));
    found
        .unwrap_or_else(|| panic!("no block has {line:?}"))
        .to_owned()
}

/// Has a shell run the commands where the README says they are run; what the last one printed is at the end.
fn follow(commands: &str, keepworth: &Keepworth, folder: &Path) -> String {
    for name in ["examples", "services"] {
        std::os::unix::fs::symlink(workspace(name), folder.join(name)).unwrap();
    }
    let port = keepworth.url.rsplit(':').next().unwrap();
    let settings = folder.join("settings.toml");
    std::fs::write(&settings, format!("[server]\nport = {port}\n")).unwrap();
    let mut shell = Command::new("sh")
        .arg("-eu")
        .current_dir(folder)
        .env("KEEPWORTH", env!("CARGO_BIN_EXE_keepworth"))
        .env("KEEPWORTH_CONFIG", settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = format!("keepworth() {{ \"$KEEPWORTH\" \"$@\"; }}\n{commands}\n");
    shell
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let answer = shell.wait_with_output().unwrap();
    let said = String::from_utf8(answer.stderr).unwrap();
    assert!(answer.status.success(), "{said}");
    String::from_utf8(answer.stdout).unwrap()
}

fn assert_took_away(folder: &Path, key: &str) {
    for (ending, first) in [("xlsx", "PK"), ("pdf", "%PDF-")] {
        let bytes = std::fs::read(folder.join(key).with_extension(ending)).unwrap();
        assert!(bytes.starts_with(first.as_bytes()), "{key}.{ending}");
    }
}

#[test]
fn the_sample_comes_to_a_tracked_month() {
    let (database, company) = (
        Database::new(Kind::Sqlite),
        Company::new(readme::CUSTOMERS, 1),
    );
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let folder = tempfile::tempdir().unwrap();
    let printed = follow(
        &block("keepworth track first-time"),
        &keepworth,
        folder.path(),
    );
    assert_took_away(folder.path(), "first-time");
    assert_no_older_run_is_taken(&keepworth, folder.path());
    let (_, tracked) = printed
        .rsplit_once("first-time, version 1: approved")
        .unwrap();
    let from = tracked.find("figures of 2025-07").unwrap();
    let from = tracked[..from].rfind('\n').map_or(0, |it| it + 1);
    let (tracked, _) = tracked[from..]
        .split_once("\nfirst-time, version 1")
        .unwrap();
    readme::assert_shows("keepworth track first-time", tracked.trim_end());
    // Nobody has booked the programme, which does not make it free.
    assert!(!printed.contains("cost of the programme"), "{printed}");
}

/// Who names a scenario means its newest version: the run of another is not taken for its.
fn assert_no_older_run_is_taken(keepworth: &Keepworth, folder: &Path) {
    let text = std::fs::read_to_string(workspace("services/keepworth/src/sample/scenario.toml"));
    let cheaper = folder.join("cheaper.toml");
    std::fs::write(
        &cheaper,
        text.unwrap().replace("amount = 200", "amount = 100"),
    )
    .unwrap();
    let [cheaper, june] = [cheaper, folder.join("june.json")];
    let [cheaper, june] = [cheaper.to_str().unwrap(), june.to_str().unwrap()];
    let put = [
        "scenario",
        "put",
        "first-time",
        cheaper,
        "--baseline",
        june,
        "--onto",
        "1",
        "--reason",
        "cheaper",
    ];
    keepworth.ask(&put).done();
    for command in [
        &["scenario", "submit", "first-time", "--reason", "for July"][..],
        &["run", "show", "first-time"],
        &["report", "memo", "first-time", "-o", "-"],
    ] {
        let refused = keepworth.ask(command);
        assert_ne!(refused.code, 0, "{refused:?}");
        let way = "version 2 of `first-time` has no run; `keepworth run order first-time@2`";
        assert!(refused.stderr.contains(way), "{refused:?}");
    }
    let shown = keepworth.ask(&["run", "show", "first-time@1"]).done();
    assert!(
        shown.stdout.contains("Settle it the first time"),
        "{shown:?}"
    );
}

/// The month after the public files is made by a script that knows nothing of the forecast.
#[test]
fn the_public_files_come_to_a_tracked_month() {
    let Some(files) = telco::files() else { return };
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(files.canonicalize().unwrap(), folder.path().join("telco")).unwrap();
    let imports = block("keepworth baseline build --as-of 2025-09-30 -o telco.json");
    let (_, imports) = imports.split_once("telco-data &\n").unwrap();
    let decision = block("keepworth track fibre-care");
    let decision = decision.strip_suffix("\nkill %1").unwrap();
    let printed = follow(&format!("{imports}\n{decision}"), &keepworth, folder.path());
    assert_took_away(folder.path(), "fibre-care");
    assert!(
        printed.contains("5 of 5 figures of 2025-10 lay within"),
        "{printed}"
    );
    let (status, listed) = keepworth.get("/simulator/v1/scenarios/fibre-care/trackings");
    assert_eq!(status, 200, "{listed}");
    let id = listed["items"][0]["id"].as_str().unwrap();
    let (_, tracking) = keepworth.get(&format!("/simulator/v1/trackings/{id}"));
    assert_eq!(tracking["report"]["spending"][0]["spent"], 9500.0);
    assert_is_as_the_files_go_on(&tracking["report"]["figures"]);
}

/// What was expected on average is what the script made by a plain computation, within what a month's luck is.
fn assert_is_as_the_files_go_on(figures: &serde_json::Value) {
    for (name, most) in [
        ("customers", 0.05),
        ("won", 0.1),
        ("revenue", 0.03),
        ("cost", 0.06),
    ] {
        let mut of = figures.as_array().unwrap().iter();
        let month = &of.find(|it| it["figure"] == name).unwrap()["months"][0];
        let expected = month["forecast"]["mean"].as_f64().unwrap();
        let came = month["actual"].as_f64().unwrap();
        assert!(
            (expected / came - 1.0).abs() < most,
            "{name}: {expected}, and {came} came"
        );
    }
}
