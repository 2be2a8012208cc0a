//! A real identity provider: npm's `oidc-provider`, below the folder that `KEEPWORTH_TEST_PROVIDER` names.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::workspace;

/// A provider that runs.
pub struct Provider {
    child: Child,
    orders: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
    pub url: String,
}

impl Provider {
    /// Starts one on a free port; none where it, or node, is not there.
    pub fn start() -> Option<Self> {
        let Ok(modules) = std::env::var("KEEPWORTH_TEST_PROVIDER") else {
            eprintln!(
                "skipped: KEEPWORTH_TEST_PROVIDER does not name a folder with oidc-provider; `make test` installs it"
            );
            return None;
        };
        let version = Command::new("node").arg("--version").output().ok();
        let version = version.and_then(|it| String::from_utf8(it.stdout).ok());
        let numbers = version
            .as_deref()
            .unwrap_or("v0.0")
            .trim()
            .trim_start_matches('v');
        let mut numbers = numbers.split('.').map_while(|it| it.parse::<u32>().ok());
        if (numbers.next(), numbers.next()) < (Some(20), Some(19)) {
            eprintln!("skipped: oidc-provider takes node 20.19, and there is {version:?}");
            return None;
        }
        Some(Self::at(&modules, "0"))
    }

    fn at(modules: &str, port: &str) -> Self {
        let mut child = Command::new("node")
            .arg(workspace("tests/provider/provider.mjs"))
            .args([modules, port])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = said.next().unwrap().unwrap();
        let url = url.strip_prefix("listening ").unwrap().to_owned();
        Self {
            child,
            orders,
            said,
            url,
        }
    }

    /// Gives it another key, in place of the one it had.
    pub fn rotate(&mut self) {
        writeln!(self.orders, "rotate").unwrap();
        let mut said = self.said.by_ref().map_while(Result::ok);
        assert!(said.any(|line| line == "rotated"));
    }

    /// Ends it.
    pub fn go_away(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// A token for a client of its.
    pub fn token(&self, client: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("resource", "urn:keepworth"),
        ];
        let body: Vec<_> = form
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let request = reqwest::blocking::Client::new()
            .post(format!("{}/token", self.url))
            .basic_auth(client, Some("only-for-tests"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        let answer: Value = request.send().unwrap().json().unwrap();
        let token = answer["access_token"].as_str();
        token.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A file of settings that believes it, for the audience `keepworth`.
    pub fn settings(&self, folder: &std::path::Path, grants: &str) -> String {
        let text = format!(
            "[[access.issuers]]\nissuer = \"{}\"\naudience = \"keepworth\"\ngrants = [{grants}]\n",
            self.url
        );
        let file = folder.join("provider.toml");
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.go_away();
    }
}
