//! HTTPS: who is believed, and which certificate is shown. What concerns PostgreSQL is in `libs/store/tests`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Certificate;
use reqwest::blocking::Client;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Authority, Company, Database, FILES, Keepworth, Kind, run};

/// A folder with two authorities, and a server's certificate that the first signed.
struct Files {
    folder: TempDir,
    right: Authority,
    wrong: Authority,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let right = Authority::new(folder.path(), "right");
        let wrong = Authority::new(folder.path(), "wrong");
        let files = Self {
            folder,
            right,
            wrong,
        };
        files.write(&files.right.sign("127.0.0.1"));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, (certificate, key): &(String, String)) {
        fs::write(self.path("tls.crt"), certificate).unwrap();
        fs::write(self.path("tls.key"), key).unwrap();
    }

    /// Settings that make a server show the certificate.
    fn server(&self) -> [String; 2] {
        [("certificate_file", "tls.crt"), ("key_file", "tls.key")]
            .map(|(key, name)| format!("server.tls.{key}={}", self.path(name).display()))
    }
}

/// The setting that makes a process believe an authority.
fn believing(authority: &Authority) -> String {
    format!("services.ca_file={}", authority.file.display())
}

fn start(verb: &[&str], database: &Database, settings: &[String]) -> Keepworth {
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    Keepworth::start(verb, database, &settings)
}

/// Whether who believes `ca` is answered at an address.
fn is_answered(url: &str, ca: &Path) -> bool {
    let ca = Certificate::from_pem(&fs::read(ca).unwrap()).unwrap();
    let client = Client::builder().tls_certs_only([ca]).build().unwrap();
    let answer = client.get(format!("{url}/livez")).send();
    answer.is_ok_and(|it| it.status() == 200)
}

#[test]
fn from_records_to_a_baseline_everything_goes_by_https() {
    let (files, database) = (Files::new(), Database::new(Kind::Sqlite));
    let believed = believing(&files.right);
    let settings = [&files.server()[..], std::slice::from_ref(&believed)].concat();
    let keepworth = start(&["up"], &database, &settings);
    assert!(keepworth.url.starts_with("https://"), "{}", keepworth.url);

    let company = Company::new(300, 7);
    for (kind, name) in FILES {
        let (file, mapping) = (
            company.file(name).with_extension("csv"),
            company.mapping(name),
        );
        let answer = keepworth.import(kind, &file, &mapping, &["--set", &believed]);
        answer.done();
    }
    let build = [
        "baseline",
        "build",
        "--as-of",
        "2025-09-30",
        "--format",
        "json",
    ];
    let believing_right = [&build[..], &["--set", &believed]].concat();
    let baseline = keepworth.ask(&believing_right).done().json();
    assert!(baseline["hash"].is_string(), "{baseline}");

    let other = believing(&files.wrong);
    for believed in [other.as_str(), "services.ca_file="] {
        let refused = keepworth.ask(&[&build[..], &["--set", believed]].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains("set services.ca_file"),
            "{refused:?}"
        );
    }
    let plain = keepworth.url.replace("https:", "http:");
    assert!(Client::new().get(format!("{plain}/livez")).send().is_err());
    let refused = run(&[&believing_right[..], &["--url", &plain]].concat());
    assert_eq!(refused.code, 2, "{refused:?}");

    // A simulator of its own, which reads the others' feeds.
    for (believed, is_right) in [(&believed, true), (&other, false)] {
        let url = |name: &str| format!("{name}.url={}/{name}", keepworth.url);
        let urls = ["customers", "experience", "finance"].map(url);
        let settings = [&urls[..], std::slice::from_ref(believed)].concat();
        let alone = Database::new(Kind::Sqlite);
        let simulator = start(&["serve", "simulator"], &alone, &settings);
        let (status, answer) = simulator.post("/v1/baselines", &json!({"as_of": "2025-09-30"}));
        let text = answer.to_string();
        assert_eq!(
            answer["hash"] == baseline["hash"],
            is_right,
            "{status} {text}"
        );
        assert_eq!(
            text.contains("services.ca_file"),
            !is_right,
            "{status} {text}"
        );
    }
}

/// Waits until something is so.
fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it never came to be"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_certificate_that_is_exchanged_is_shown_without_a_new_start() {
    let (files, database) = (Files::new(), Database::new(Kind::Sqlite));
    let keepworth = start(&["serve", "customers"], &database, &files.server());
    let (right, wrong) = (&files.right.file, &files.wrong.file);
    assert!(is_answered(&keepworth.url, right) && !is_answered(&keepworth.url, wrong));

    files.write(&files.wrong.sign("127.0.0.1"));
    wait_until(|| is_answered(&keepworth.url, wrong));
    assert!(!is_answered(&keepworth.url, right));

    // A key of another certificate: it is told, and what was shown goes on.
    fs::write(files.path("tls.key"), files.right.sign("127.0.0.1").1).unwrap();
    wait_until(|| keepworth.log().iter().any(|it| it.contains("does not fit")));
    assert!(is_answered(&keepworth.url, wrong));
    let is_error = |line: &String| line.contains("does not fit") && line.contains("ERROR");
    assert!(
        keepworth.log().iter().any(is_error),
        "{:?}",
        keepworth.log()
    );
}

#[test]
fn a_certificate_that_cannot_be_shown_is_refused_at_the_start() {
    let files = Files::new();
    let serve = || {
        let [certificate, key] = files.server();
        run(&[
            "serve",
            "customers",
            "--port",
            "0",
            "--set",
            &certificate,
            "--set",
            &key,
        ])
    };
    let refused = |named: &str| {
        let answer = serve();
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains(named), "{named}: {answer:?}");
        assert!(!answer.stderr.contains("PRIVATE KEY"), "{answer:?}");
    };
    fs::write(files.path("tls.key"), files.wrong.sign("127.0.0.1").1).unwrap();
    refused("does not fit the certificate");
    fs::write(files.path("tls.key"), "no key").unwrap();
    refused("server.tls.key_file");
    fs::write(files.path("tls.crt"), "").unwrap();
    refused("server.tls.certificate_file");
    fs::remove_file(files.path("tls.crt")).unwrap();
    refused("server.tls.certificate_file");

    let [certificate, _] = files.server();
    let answer = run(&["config", "show", "--set", &certificate]);
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("server.tls.key_file is empty"),
        "{answer:?}"
    );
}

#[test]
fn a_database_elsewhere_is_never_reached_in_clear_text_by_default() {
    let migrate = |parameters: &str| {
        let url = "finance.database_url=postgres://fin:s3cret@db.invalid/finance";
        let answer = run(&["migrate", "finance", "--set", &format!("{url}{parameters}")]);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(!answer.stderr.contains("s3cret"), "{answer:?}");
        answer.stderr
    };
    for parameters in ["?sslmode=prefer", "?sslmode=require", "?sslmode=disable"] {
        let said = migrate(parameters);
        assert!(
            said.contains("remove sslmode") && said.contains("database.tls"),
            "{said}"
        );
    }
    if !cfg!(feature = "postgres-tls") {
        let said = migrate("");
        assert!(
            said.contains("--features postgres-tls") && said.contains("db.invalid"),
            "{said}"
        );
    }
}
