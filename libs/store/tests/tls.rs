//! TLS to a real PostgreSQL: whom a connection leads to, and what is said where it leads to somebody else.
//!
//! Both builds run it: one with the feature `postgres-tls`, whose connections are verified, and one without,
//! which refuses to make any that would have to be.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::RunQueryDsl;
use keepworth_store::{Conn, Db, DbOptions, Source, StoreError, Tls, TlsError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// The one name that the server's certificate is for.
const NAME: &str = "db.example";

/// A PostgreSQL of this test's own; it ends when its input does.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts one, where PostgreSQL is installed.
    fn start(certificates: Option<&Path>) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/with-postgres");
        let mut command = Command::new(script);
        command.args(["sh", "-c", "echo \"$KEEPWORTH_TEST_POSTGRES\"; read -r _"]);
        if let Some(folder) = certificates {
            command.env("KEEPWORTH_TEST_TLS", folder);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut url = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut url).unwrap();
        let Some((_, port)) = url.trim().rsplit_once(':') else {
            eprintln!("skipped: no PostgreSQL starts here; use `make test`");
            process.wait().unwrap();
            return None;
        };
        let port = port.parse().unwrap();
        Some(Self { process, port })
    }

    /// A URL that names a host elsewhere and leads here.
    fn url(&self, name: &str) -> String {
        let port = self.port;
        format!("postgres://keepworth:s3cret@{name}:{port}/postgres?hostaddr=127.0.0.1")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// An authority's certificate in `folder`, and beside it what a server shows that it signed.
fn authority(folder: &Path, name: &str) -> PathBuf {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Two of one name would be taken for each other.
    params.distinguished_name.push(DnType::CommonName, name);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, NAME);
    let server = params.signed_by(&key, &issuer).unwrap();
    let folder = folder.join(name);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("server.crt"), server.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    let file = folder.join("ca.pem");
    std::fs::write(&file, issuer.pem()).unwrap();
    file
}

#[derive(diesel::QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    ssl: bool,
}

/// Connects, and answers whether what is said is encrypted; no answer has the password.
fn connect(
    source: impl Into<Source>,
    tls: Tls,
    ca_file: Option<&Path>,
) -> Result<bool, StoreError> {
    let options = DbOptions {
        wait: Duration::from_secs(1),
        tls,
        ca_file: ca_file.map(Path::to_owned),
        ..DbOptions::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = Db::open(source, &options).and_then(|db| {
        runtime.block_on(db.read(|conn| {
            let Conn::Pg(c) = conn else { unreachable!() };
            let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let found: Encrypted = diesel::sql_query(query).get_result(&mut **c)?;
            Ok(found.ssl)
        }))
    });
    if let Err(error) = &answer {
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
    answer
}

#[test]
fn a_server_is_believed_only_if_its_authority_and_name_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let right = authority(folder.path(), "right");
    let wrong = authority(folder.path(), "wrong");
    let Some(server) = Server::start(right.parent()) else {
        return;
    };
    let (url, misnamed) = (server.url(NAME), server.url("other.example"));
    if !cfg!(feature = "postgres-tls") {
        let refused = connect(&url, Tls::Auto, Some(&right)).unwrap_err();
        assert!(matches!(
            refused,
            StoreError::Tls(TlsError::NotBuilt { .. })
        ));
        assert!(!connect(&url, Tls::Off, None).unwrap());
        eprintln!("skipped connections by TLS: this build has not the feature postgres-tls");
        return;
    }
    for (url, tls) in [
        (&url, Tls::Auto),
        (&url, Tls::VerifyFull),
        (&misnamed, Tls::VerifyCa),
    ] {
        assert!(connect(url, tls, Some(&right)).unwrap(), "{tls:?}");
    }
    for (url, tls, ca_file, reason) in [
        (&url, Tls::Auto, Some(&wrong), "certificate verify failed"),
        (
            &url,
            Tls::VerifyCa,
            Some(&wrong),
            "certificate verify failed",
        ),
        (
            &misnamed,
            Tls::Auto,
            Some(&right),
            "does not match host name",
        ),
    ] {
        let refused = connect(url, tls, ca_file.map(PathBuf::as_path)).unwrap_err();
        let text = refused.to_string();
        assert!(matches!(refused, StoreError::Untrusted { .. }), "{text}");
        assert!(
            text.contains(reason) && text.contains("database.ca_file"),
            "{text}"
        );
    }
    // Whom this system believes, if anybody, has not signed it.
    let refused = connect(&url, Tls::Auto, None).unwrap_err();
    assert!(
        refused.to_string().contains("database.ca_file"),
        "{refused}"
    );
    assert!(!connect(&url, Tls::Off, None).unwrap());
}

#[test]
fn a_server_that_encrypts_nothing_is_refused_unless_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority(folder.path(), "right");
    let Some(server) = Server::start(None) else {
        return;
    };
    let refused = connect(&server.url(NAME), Tls::Auto, Some(&authority)).unwrap_err();
    let text = refused.to_string();
    match refused {
        StoreError::Tls(TlsError::NotBuilt { .. }) if !cfg!(feature = "postgres-tls") => {}
        StoreError::Untrusted { .. } => assert!(text.contains("does not support SSL"), "{text}"),
        _ => panic!("{text}"),
    }
    assert!(!connect(&server.url(NAME), Tls::Off, None).unwrap());
}

#[test]
fn a_url_that_changes_in_its_file_needs_no_new_start() {
    let Some(server) = Server::start(None) else {
        return;
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    let right = server.url("localhost");
    std::fs::write(&file, right.replace("keepworth:", "nobody:")).unwrap();
    let options = DbOptions {
        wait: Duration::from_secs(1),
        ..DbOptions::default()
    };
    let db = Db::open(file.path(), &options).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let select = || runtime.block_on(db.read(|conn| conn.batch("SELECT 1")));
    let refused: StoreError = select().unwrap_err();
    assert!(refused.to_string().contains("nobody"), "{refused}");
    std::fs::write(&file, right).unwrap();
    select().unwrap();
}
