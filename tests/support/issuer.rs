//! An issuer of tokens, which gives its keys and is asked how often.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::{Value, json};

/// A key with its name.
pub struct Signer {
    pub name: String,
    pub key: EncodingKey,
}

impl Signer {
    pub fn new(name: &str) -> Self {
        let pair = KeyPair::generate().unwrap();
        let key = EncodingKey::from_ec_der(pair.serialized_der());
        let name = name.to_owned();
        Self { name, key }
    }

    /// What others are told of it.
    pub fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(self.name.clone());
        jwk
    }

    pub fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.name.clone());
        header
    }

    pub fn sign(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.key).unwrap()
    }
}

#[derive(Default)]
struct Shared {
    /// None while it is away.
    keys: Option<JwkSet>,
    asked: usize,
}

/// An issuer at an address of this machine.
pub struct Issuer {
    pub url: String,
    shared: Arc<Mutex<Shared>>,
}

impl Issuer {
    /// One that gives these keys.
    pub fn new(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (there, root) = (Arc::clone(&shared), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let (status, body) = answer(&there, &root, &first);
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = (&stream).write_all((head + &body).as_bytes());
            }
        });
        let issuer = Self { url, shared };
        issuer.give(signers);
        issuer
    }

    /// Gives these keys from now on.
    pub fn give(&self, signers: &[&Signer]) {
        let keys = signers.iter().map(|it| it.public()).collect();
        self.shared.lock().unwrap().keys = Some(JwkSet { keys });
    }

    /// Answers nothing any more.
    pub fn go_away(&self) {
        self.shared.lock().unwrap().keys = None;
    }

    /// How often it was asked for its keys.
    pub fn asked(&self) -> usize {
        self.shared.lock().unwrap().asked
    }

    /// A file of settings that believes it, for the audience `keepworth`.
    pub fn settings(&self, folder: &Path, grants: &[[&str; 3]]) -> String {
        let grants = grants.iter().map(|[claim, value, role]| {
            format!("{{ claim = \"{claim}\", value = \"{value}\", role = \"{role}\" }}")
        });
        let text = format!(
            "[[access.issuers]]\nissuer = \"{}\"\naudience = \"keepworth\"\ngrants = [{}]\n",
            self.url,
            Vec::from_iter(grants).join(", ")
        );
        let file = folder.join("issuer.toml");
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    }

    /// What a good token of its says.
    pub fn claims(&self, subject: &str) -> Value {
        let now = keepworth_store::now().timestamp();
        json!({"iss": self.url, "aud": "keepworth", "sub": subject, "exp": now + 600})
    }
}

fn answer(shared: &Mutex<Shared>, root: &str, request: &str) -> (&'static str, String) {
    let mut shared = shared.lock().unwrap();
    if request.contains("/.well-known/openid-configuration") && shared.keys.is_some() {
        let said = json!({"issuer": root, "jwks_uri": format!("{root}/keys")});
        return ("200 OK", said.to_string());
    }
    shared.asked += 1;
    match &shared.keys {
        Some(keys) => ("200 OK", serde_json::to_string(keys).unwrap()),
        None => ("503 Service Unavailable", String::new()),
    }
}
