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

fn check(path: &[String]) {
    let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = run(&arguments).done().stdout;
    let name = path.join(" ");
    let deeper = subcommands(&help);
    assert!(help.contains("Usage:"), "{name}");
    let teaches = help.contains("Example") || !deeper.is_empty() || name.ends_with("show");
    assert!(teaches, "`keepworth {name} --help` shows no example");
    for command in deeper {
        check(&[path, &[command]].concat());
    }
}

#[test]
fn every_command_teaches_its_use() {
    let top = subcommands(&run(&["--help"]).done().stdout);
    for command in [
        "up", "serve", "migrate", "import", "sample", "finance", "baseline", "simulate",
        "cashflow", "fit", "rfm",
    ] {
        assert!(top.iter().any(|it| it == command), "{command} in {top:?}");
    }
    for command in top {
        check(&[command]);
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
