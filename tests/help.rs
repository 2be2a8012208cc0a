//! Help: every command teaches its use.

use crate::support::run;

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let after = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    after
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Commands without commands of their own, below the words `path`, each with its help.
fn leaves(path: &str) -> Vec<(String, String)> {
    let arguments: Vec<&str> = path.split_whitespace().chain(["--help"]).collect();
    let help = run(&arguments).done().stdout;
    assert!(help.contains("Usage:"), "{path}");
    let deeper = subcommands(&help);
    if deeper.is_empty() {
        return vec![(path.trim().to_owned(), help)];
    }
    let deeper = deeper.iter().map(|name| leaves(&format!("{path} {name}")));
    deeper.flatten().collect()
}

#[test]
fn every_command_teaches_its_use() {
    let all = leaves("");
    for command in [
        "up",
        "import",
        "finance count",
        "simulate",
        "fit link",
        "rfm",
    ] {
        assert!(all.iter().any(|(name, _)| name == command), "{command}");
    }
    for (name, help) in all {
        let teaches = help.contains("Example") || name.ends_with("show");
        assert!(teaches, "`keepworth {name} --help` shows no example");
    }
}

/// Commands that do something instead of answering, and what.
const DOERS: [(&str, &str); 15] = [
    ("up", "serves until it is stopped"),
    ("serve", "serves until it is stopped"),
    ("worker", "does jobs until it is stopped"),
    ("migrate", "changes databases"),
    ("open", "prints an address for a browser, and starts one"),
    (
        "token create",
        "prints a secret for a file of another program",
    ),
    (
        "token rotate",
        "prints a secret for a file of another program",
    ),
    ("backup", "writes a folder of databases"),
    ("restore", "writes databases"),
    ("report memo", "writes a file of one form"),
    ("report workbook", "writes a file of one form"),
    ("report futures", "writes a file in the form of its name"),
    ("sample", "writes a folder of records; its -o names that"),
    (
        "audit export",
        "has forms of its own, for logs and for tools that look after many systems",
    ),
    ("openapi", "writes a folder of contracts; its -o names that"),
];

/// What help says of the form of a result and of where it goes.
fn presenting(help: &str) -> Option<&str> {
    let from = help.find("      --format <FORMAT>\n")?;
    let last = "  -o, --output <FILE>\n";
    let to = help.find(last)? + last.len();
    let told = help.get(to..)?.find("\n\n").unwrap_or(help.len() - to);
    help.get(from..to + told)
}

/// One answer, the same forms of it, and one way to a file: of every command, word by word.
#[test]
fn every_answer_comes_in_every_form_and_goes_to_a_file() {
    let all = leaves("");
    let (_, rfm) = all.iter().find(|(name, _)| name == "rfm").unwrap();
    let usual = presenting(rfm).unwrap().trim_end();
    for form in ["table", "json", "csv", "parquet"] {
        assert!(usual.contains(&format!("- {form}:")), "{usual}");
    }
    for (name, help) in &all {
        let found = presenting(help).map(str::trim_end);
        let doer = DOERS.iter().find(|(doer, _)| doer == name);
        let expected = doer.is_none().then_some(usual);
        assert_eq!(found, expected, "`keepworth {name} --help`; {doer:?}");
    }
    for (doer, _) in DOERS {
        assert!(all.iter().any(|(name, _)| name == doer), "{doer}");
    }
}

/// The bytes in a file are those that would be printed.
#[test]
fn a_file_has_what_would_be_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result");
    let flows = folder.path().join("flows.csv");
    std::fs::write(&flows, "period,amount\n0,-400\n1,500\n").unwrap();
    let flows = flows.to_str().unwrap();
    for command in [
        &["config", "show"][..],
        &["cashflow", flows, "--rate", "0.10"],
    ] {
        for form in ["table", "json", "csv"] {
            let printing = [command, &["--format", form]].concat();
            let printed = run(&printing).done().stdout;
            let writing = [&printing[..], &["-o", path.to_str().unwrap()]].concat();
            assert_eq!(run(&writing).done().stdout, "");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), printed);
        }
    }
}

#[test]
fn bad_usage_is_exit_code_2() {
    assert_eq!(run(&["simulat"]).code, 2);
    assert_eq!(
        run(&["import", "customer", "a.csv", "--mapping", "m.toml"]).code,
        2
    );
    let answer = run(&["serve", "customer"]);
    assert!(
        answer.code == 2 && answer.stderr.contains("customers, experience"),
        "{answer:?}"
    );
}

#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keepworth"))
        .args(["config", "show"])
        .stdout(full)
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(
        words.starts_with("error: the result cannot be written: No space left"),
        "{words}"
    );
}
