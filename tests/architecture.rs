//! Who may know whom, held by reading the workspace's own metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::workspace;

const PURE: [&str; 3] = ["keepworth-cashflow", "keepworth-retention", "keepworth-sim"];
const SERVICES: [&str; 4] = [
    "keepworth-customers",
    "keepworth-experience",
    "keepworth-finance",
    "keepworth-simulator",
];
/// What a service's work is made of, and what a worker runs.
const WITHOUT_HTTP: [&str; 12] = [
    "keepworth-contract",
    "keepworth-erasure",
    "keepworth-intake",
    "keepworth-jobs",
    "keepworth-imports",
    "keepworth-outbox",
    "keepworth-tokens",
    "keepworth-reading",
    "keepworth-customers",
    "keepworth-experience",
    "keepworth-finance",
    "keepworth-simulator",
];

/// For each crate of the workspace, what it depends on (tests and benchmarks aside).
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(workspace("."))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let normal = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| it["kind"].is_null());
            let names = normal
                .map(|it| it["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

fn assert_only(crates: &BTreeMap<String, BTreeSet<String>>, name: &str, allowed: &[&str]) {
    let known: BTreeSet<&str> = crates[name]
        .iter()
        .map(String::as_str)
        .filter(|it| it.starts_with("keepworth"))
        .collect();
    let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
    assert!(
        known.is_subset(&allowed),
        "{name} knows {:?}",
        known.difference(&allowed)
    );
}

#[test]
fn crates_know_only_whom_they_may() {
    let crates = dependencies();
    assert_only(&crates, "keepworth-cashflow", &[]);
    assert_only(&crates, "keepworth-retention", &[]);
    assert_only(&crates, "keepworth-sim", &["keepworth-cashflow"]);
    assert_only(&crates, "keepworth-access", &[]);
    assert_only(&crates, "keepworth-contract", &["keepworth-access"]);
    assert_only(&crates, "keepworth-store", &["keepworth-access"]);
    assert_only(&crates, "keepworth-reading", &["keepworth-contract"]);
    assert_only(
        &crates,
        "keepworth-intake",
        &["keepworth-access", "keepworth-contract", "keepworth-store"],
    );
    assert_only(
        &crates,
        "keepworth-erasure",
        &[
            "keepworth-access",
            "keepworth-contract",
            "keepworth-intake",
            "keepworth-store",
        ],
    );
    assert_only(
        &crates,
        "keepworth-jobs",
        &[
            "keepworth-access",
            "keepworth-contract",
            "keepworth-intake",
            "keepworth-store",
        ],
    );
    for kept_beside in ["keepworth-outbox", "keepworth-tokens"] {
        let known = [
            "keepworth-access",
            "keepworth-contract",
            "keepworth-intake",
            "keepworth-store",
        ];
        assert_only(&crates, kept_beside, &known);
    }
    assert_only(
        &crates,
        "keepworth-platform",
        &[
            "keepworth-access",
            "keepworth-contract",
            "keepworth-erasure",
            "keepworth-imports",
            "keepworth-intake",
            "keepworth-jobs",
            "keepworth-outbox",
            "keepworth-store",
            "keepworth-tokens",
        ],
    );
    assert_only(
        &crates,
        "keepworth-imports",
        &[
            "keepworth-contract",
            "keepworth-erasure",
            "keepworth-intake",
            "keepworth-jobs",
            "keepworth-reading",
            "keepworth-store",
        ],
    );
    assert_only(
        &crates,
        "keepworth-verdict",
        &["keepworth-contract", "keepworth-retention", "keepworth-sim"],
    );
    assert_only(&crates, "keepworth-workbook", &["keepworth-contract"]);
    assert_only(
        &crates,
        "keepworth-memo",
        &["keepworth-contract", "keepworth-verdict"],
    );
    assert_only(&crates, "keepworth-trials", &["keepworth-sim"]);
    let common = [
        "keepworth-contract",
        "keepworth-erasure",
        "keepworth-intake",
        "keepworth-store",
    ];
    for service in SERVICES {
        let more: &[&str] = match service {
            "keepworth-simulator" => &[
                "keepworth-access",
                "keepworth-jobs",
                "keepworth-memo",
                "keepworth-outbox",
                "keepworth-retention",
                "keepworth-sim",
                "keepworth-trials",
                "keepworth-verdict",
                "keepworth-workbook",
            ],
            "keepworth-finance" => &[
                "keepworth-access",
                "keepworth-cashflow",
                "keepworth-imports",
                "keepworth-jobs",
                "keepworth-outbox",
            ],
            "keepworth-customers" => &["keepworth-imports", "keepworth-jobs"],
            _ => &["keepworth-imports"],
        };
        assert_only(&crates, service, &[&common[..], more].concat());
        let jobs: &[&str] = match service {
            "keepworth-simulator" => &["keepworth-jobs"],
            "keepworth-finance" => &["keepworth-imports", "keepworth-jobs"],
            _ => &["keepworth-imports"],
        };
        let edge = [
            &common[..],
            &["keepworth-access", "keepworth-platform", service],
            jobs,
        ]
        .concat();
        assert_only(&crates, &format!("{service}-http"), &edge);
    }
}

/// Every crate that a crate is built from, ours and others', tests aside.
fn built_from(name: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--package", name])
        .current_dir(workspace("."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_services_do_has_no_path_to_a_web_server() {
    for name in WITHOUT_HTTP {
        let all = built_from(name);
        let server = all.lines().find(|it| it.starts_with("actix"));
        assert_eq!(server, None, "{name} is built from a web server");
    }
    let all = built_from("keepworth-platform");
    assert!(all.lines().any(|it| it.starts_with("actix-web ")));
}

#[test]
fn mathematics_knows_no_io() {
    let crates = dependencies();
    for pure in PURE {
        for outside in [
            "actix-web",
            "diesel",
            "tokio",
            "reqwest",
            "config",
            "tracing",
        ] {
            assert!(!crates[pure].contains(outside), "{pure} knows {outside}");
        }
    }
}

#[test]
fn reading_knows_neither_a_network_nor_a_terminal() {
    let crates = dependencies();
    for outside in [
        "actix-web",
        "diesel",
        "tokio",
        "reqwest",
        "clap",
        "indicatif",
    ] {
        assert!(!crates["keepworth-reading"].contains(outside), "{outside}");
    }
}

#[test]
fn only_stores_know_diesel() {
    for service in ["customers", "experience", "finance", "simulator"] {
        let source = workspace("services").join(service).join("src");
        visit(&source, &mut |path, text| {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let place = path.strip_prefix(&source).unwrap().display().to_string();
            if !place.starts_with("store") && place != "lib.rs" {
                assert!(!text.contains("diesel::"), "{service}/{place} knows Diesel");
            }
        });
    }
}

#[test]
fn every_dependency_is_used() {
    // Named to build the databases' clients in; no line of ours calls them.
    const BUILT_IN: [&str; 3] = ["libsqlite3-sys", "openssl-sys", "pq-sys"];
    for (name, known) in dependencies() {
        let folder = name.strip_prefix("keepworth-").unwrap_or("keepworth");
        let places = [
            format!("libs/{folder}"),
            format!("services/{}", folder.replace("-http", "/http")),
            folder.to_owned(),
        ];
        let source = places.map(|it| workspace(&it).join("src"));
        let source = source.into_iter().find(|it| it.is_dir()).unwrap();
        let mut unused = known;
        visit(&source, &mut |_, text| {
            unused.retain(|it| !text.contains(&it.replace('-', "_")));
        });
        unused.retain(|it| !BUILT_IN.contains(&it.as_str()));
        assert!(unused.is_empty(), "{name} does not use {unused:?}");
    }
}

#[test]
fn commands_name_no_service_but_through_the_registry() {
    visit(&workspace("services/keepworth/src"), &mut |path, text| {
        for service in SERVICES {
            let named = text.contains(&service.replace('-', "_"));
            let is_registry = path.ends_with("registry.rs");
            assert!(!named || is_registry, "{} names {service}", path.display());
        }
    });
}

#[test]
fn handlers_parse_call_and_answer() {
    let http = |service| format!("services/{service}/http/src");
    let services = ["customers", "experience", "finance", "simulator"].map(http);
    for source in services {
        visit(&workspace(&source), &mut handlers_are_short);
    }
    for of_all in ["webhook", "subject"] {
        let of_all = workspace(&format!("libs/platform/src/{of_all}.rs"));
        handlers_are_short(&of_all, &std::fs::read_to_string(&of_all).unwrap());
    }
}

fn handlers_are_short(path: &std::path::Path, text: &str) {
    const LONGEST: usize = 15;
    let mut handlers = text.split("\npub async fn ").skip(1);
    let long = handlers.find_map(|it| {
        let lines = it.split("\n}\n").next()?.lines().count() + 1;
        (lines > LONGEST).then(|| (it.lines().next().unwrap_or_default(), lines))
    });
    assert_eq!(long, None, "{}", path.display());
}

#[test]
fn mathematics_reads_no_clock_and_no_environment() {
    let pure = [
        "libs/cashflow/src",
        "libs/retention/src",
        "libs/workbook/src",
        "sim/src",
    ];
    for folder in pure {
        visit(&workspace(folder), &mut |path, text| {
            if is_test(path) {
                return;
            }
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code = product
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for (line, outside) in code.flat_map(|line| OUTSIDE.map(|outside| (line, outside))) {
                assert!(!line.contains(outside), "{}: {line}", path.display());
            }
        });
    }
}

/// What a pure function never says.
const OUTSIDE: [&str; 5] = ["::now(", "std::env", "std::fs", "std::net", "println!"];

/// Files that hold a `#[cfg(test)]` module of their own.
fn is_test(path: &std::path::Path) -> bool {
    let is_name = |name: &std::ffi::OsStr| {
        ["tests", "property", "published", "recovery"].contains(&name.to_string_lossy().as_ref())
    };
    path.file_stem().is_some_and(is_name) || path.iter().any(is_name)
}

fn visit(folder: &std::path::Path, each: &mut impl FnMut(&std::path::Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, each);
        } else {
            each(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// What the services say is typed once, in the contract; how results look is decided once, in `present`.
#[test]
fn commands_type_no_answer_again_and_draw_no_table() {
    visit(
        &workspace("services/keepworth/src/command"),
        &mut |path, text| {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in ["Deserialize", "comfy_table", "plotters", "parquet::"] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        },
    );
}
