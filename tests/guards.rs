//! What needs no identity to be kept: data on disk, passwords, and the name that a server is asked for under.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reqwest::blocking::Response;

use crate::support::{Database, Keepworth, Kind, run};

fn ask(keepworth: &Keepworth, path: &str, host: &str) -> Response {
    let request = keepworth
        .client()
        .get(keepworth.at(path))
        .header("host", host);
    request.send().unwrap()
}

#[test]
fn only_who_asks_for_this_server_is_answered() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::start(&["up"], &database, &["server.names=keepworth.example"]);
    for host in [
        "127.0.0.1",
        "localhost:7979",
        "keepworth.example",
        "Keepworth.Example.:80",
    ] {
        let answer = ask(&keepworth, "/customers/v1/segments", host);
        assert_eq!(answer.status(), 200, "{host}");
    }
    for path in [
        "/customers/v1/segments",
        "/livez",
        "/",
        "/customers/docs/",
        "/nowhere",
    ] {
        let answer = ask(&keepworth, path, "evil.example:7979");
        assert_eq!(answer.status(), 421, "{path}");
        let text = answer.text().unwrap();
        assert!(
            text.contains("server.names=evil.example"),
            "the line to add: {text}"
        );
    }
}

#[test]
fn browsers_are_told_what_they_may_do_with_an_answer() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    for (path, policy) in [
        ("/customers/v1/segments", "default-src 'none'"),
        ("/customers/v1/none", "default-src 'none'"),
        ("/customers/docs/", "default-src 'self'"),
    ] {
        let answer = ask(&keepworth, path, "localhost");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-security-policy").starts_with(policy),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn nobody_else_reads_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let set = |settings: &[&str]| {
        let data_dir = format!("database.data_dir={}", data.display());
        let mut arguments = settings.to_vec();
        arguments.extend(["--set", data_dir.as_str()]);
        run(&arguments)
    };
    set(&["migrate"]).done();
    let backup = folder.path().join("backup");
    set(&["backup", backup.to_str().unwrap()]).done();
    for made in [&data, &backup] {
        assert_eq!(mode(made), 0o700, "{}", made.display());
        for entry in fs::read_dir(made).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        }
    }
    fs::remove_dir_all(&data).unwrap();
    set(&["restore", backup.to_str().unwrap()]).done();
    set(&["migrate"]).done();

    // A folder of an earlier release, which others can enter: refused with the line that mends it.
    for loose in [data.clone(), data.join("finance.db")] {
        let before = fs::metadata(&loose).unwrap().permissions();
        fs::set_permissions(&loose, Permissions::from_mode(before.mode() | 0o044)).unwrap();
        let answer = set(&["migrate"]);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains("chmod -R go="), "{answer:?}");
        let mended = std::process::Command::new("chmod")
            .args(["-R", "go="])
            .arg(&data)
            .status();
        assert!(mended.unwrap().success());
        set(&["migrate"]).done();
    }
}

#[test]
fn no_password_is_printed() {
    let url = "finance.database_url=postgres://fin@127.0.0.1:1/finance?password=s3cret";
    for command in [["config", "show"], ["migrate", "finance"]] {
        let answer = run(&[&command[..], &["--set", url]].concat());
        let shown = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
