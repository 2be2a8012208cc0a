//! HTTPS: who is believed, and which certificate is shown. What concerns PostgreSQL is in `libs/store/tests`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Certificate;
use reqwest::blocking::Client;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Authority, Company, Database, FILES, Keepworth, Kind, run, run_in};

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

    /// The setting of a process that finds no socket, and goes by the port.
    fn by_the_port(&self) -> String {
        format!("access.run_dir={}", self.path("run").display())
    }

    /// Settings that make a server show the certificate.
    fn server(&self) -> [String; 2] {
        [("certificate_file", "tls.crt"), ("key_file", "tls.key")]
            .map(|(key, name)| format!("server.tls.{key}={}", self.path(name).display()))
    }
}

/// Whoever reaches the port is let in: who asks is not what this file is about.
const OPEN: &str = "access.insecure_open_to_all=true";

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
    let (right, other) = (believing(&files.right), believing(&files.wrong));
    let open = OPEN.to_owned();
    let [certificate, key] = files.server();
    let keepworth = start(&["up"], &database, &[certificate, key, open.clone()]);
    assert!(keepworth.url.starts_with("https://"), "{}", keepworth.url);

    let by_the_port = files.by_the_port();
    let with = |believed| ["--set", &by_the_port, "--set", believed];
    let company = Company::new(300, 7);
    for (kind, name) in FILES {
        let file = company.file(name).with_extension("csv");
        let answer = keepworth.import(kind, &file, &company.mapping(name), &with(&right));
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
    let ask = |believed, url: &str| run(&[&build[..], &with(believed), &["--url", url]].concat());
    // The services of the process read each other's feeds over its socket, without TLS.
    let baseline = ask(&right, &keepworth.url).done().json();
    assert!(baseline["hash"].is_string(), "{baseline}");
    assert_eq!(
        keepworth.ask(&build).done().json()["hash"],
        baseline["hash"]
    );

    for believed in [&other, "services.ca_file="] {
        let refused = ask(believed, &keepworth.url);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(
            refused.stderr.contains("set services.ca_file"),
            "{refused:?}"
        );
    }
    let plain = keepworth.url.replace("https:", "http:");
    assert!(Client::new().get(format!("{plain}/livez")).send().is_err());
    assert_eq!(ask(&right, &plain).code, 2);

    // A simulator of its own, which reads the others' feeds by https.
    for (believed, is_right) in [(&right, true), (&other, false)] {
        let url = |name: &str| format!("{name}.url={}/{name}", keepworth.url);
        let urls = ["customers", "experience", "finance"].map(url);
        let more = [believed.clone(), by_the_port.clone(), open.clone()];
        let alone = Database::new(Kind::Sqlite);
        let simulator = start(&["serve", "simulator"], &alone, &[urls, more].concat());
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

#[test]
fn an_image_without_authorities_speaks_plain_http_and_believes_the_built_in_ones() {
    let (files, database) = (Files::new(), Database::new(Kind::Sqlite));
    let none = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| (name, "/nowhere"));
    let ask = |settings: &[String]| {
        let keepworth = start(&["up"], &database, settings);
        let ask = ["finance", "closes", "--set", &files.by_the_port()];
        run_in(&none, &[&ask[..], &["--url", &keepworth.url]].concat())
    };
    ask(&[OPEN.to_owned()]).done();
    let refused = ask(&[&files.server()[..], &[OPEN.to_owned()]].concat());
    assert!(refused.stderr.contains("UnknownIssuer"), "{refused:?}");
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
