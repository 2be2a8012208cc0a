//! Contracts break only with a line in `openapi/CHANGES.md` that says so and why.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::workspace;

const SERVICES: [&str; 4] = ["customers", "experience", "finance", "simulator"];

/// The program that finds breaks, which `make test` installs.
fn oasdiff() -> Option<PathBuf> {
    let path = std::env::var_os("KEEPWORTH_TEST_OASDIFF");
    if path.is_none() {
        eprintln!("skipped: KEEPWORTH_TEST_OASDIFF does not name oasdiff; `make test` installs it");
    }
    path.map(PathBuf::from)
}

fn git(arguments: &[&str]) -> Option<String> {
    let git = Command::new("git")
        .current_dir(workspace(""))
        .args(arguments)
        .output();
    let output = git.ok().filter(|it| it.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// What breaks between two contracts, in oasdiff's words; nothing where nothing does.
fn breaks(oasdiff: &Path, before: &Path, after: &Path) -> Option<String> {
    let mut command = Command::new(oasdiff);
    command
        .arg("breaking")
        .args([before, after])
        .args(["--fail-on", "WARN"]);
    let output = command.output().unwrap();
    (!output.status.success()).then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_contract_breaks_only_with_a_line_that_says_so() {
    let Some(oasdiff) = oasdiff() else {
        return;
    };
    let listed = git(&["log", "-1", "--format=%H", "--", "openapi/CHANGES.md"]);
    let Some(listed) = listed
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
    else {
        eprintln!("skipped: there is no history to compare the contracts with");
        return;
    };
    if git(&["diff", "--quiet", "HEAD", "--", "openapi/CHANGES.md"]).is_none() {
        eprintln!("skipped: openapi/CHANGES.md is being written");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for service in SERVICES {
        let name = format!("openapi/{service}.json");
        let before = git(&["show", &format!("{listed}:{name}")]).unwrap();
        let path = folder.path().join(service);
        std::fs::write(&path, before).unwrap();
        if let Some(breaks) = breaks(&oasdiff, &path, &workspace(&name)) {
            panic!("{breaks}\nmend it, or add a line with the reason to openapi/CHANGES.md");
        }
    }
}

/// A request is closed: that a field is not taken any more breaks it too, which oasdiff calls a warning.
#[test]
fn a_break_is_found() {
    let Some(oasdiff) = oasdiff() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let whole = workspace("openapi/finance.json");
    let text = std::fs::read_to_string(&whole).unwrap();
    for lost in [
        "/paths/~1v1~1revenues/get",
        "/components/schemas/Revenue/properties/recorded_at",
        "/components/schemas/RevenueInput/properties/months",
    ] {
        let mut document: Value = serde_json::from_str(&text).unwrap();
        let (parent, name) = lost.rsplit_once('/').unwrap();
        let parent = document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        assert!(parent.remove(name).is_some(), "{lost}");
        let path = folder.path().join("less.json");
        std::fs::write(&path, document.to_string()).unwrap();
        assert!(
            breaks(&oasdiff, &whole, &path).is_some(),
            "{lost} is not missed"
        );
    }
    assert_eq!(breaks(&oasdiff, &whole, &whole), None);
}
