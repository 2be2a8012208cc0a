//! A receiver of webhooks on this machine, which checks signatures by a computation of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What came.
#[derive(Debug, Clone)]
pub struct Heard {
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(it, _)| it == name);
        &found.unwrap_or_else(|| panic!("no {name}: {self:?}")).1
    }
}

/// Answers every request so, and remembers it.
pub struct Receiver {
    pub url: String,
    head: Arc<Mutex<String>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Receiver {
    /// Answers with a status, and headers in lines of their own; with nothing, not before it is told what.
    pub fn answering(head: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            head: Arc::default(),
            heard: Arc::default(),
        };
        receiver.answer(head);
        let (head, heard) = (Arc::clone(&receiver.head), Arc::clone(&receiver.heard));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let came = read(&stream);
                heard.lock().unwrap().push(came);
                let head = loop {
                    let head = head.lock().unwrap().clone();
                    if !head.is_empty() {
                        break head;
                    }
                    std::thread::sleep(Duration::from_millis(10));
                };
                let answer =
                    format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        receiver
    }

    /// Answers so from now on.
    pub fn answer(&self, head: &str) {
        head.clone_into(&mut self.head.lock().unwrap());
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let lines = reader.by_ref().lines().map(Result::unwrap);
    let head = lines.skip(1).take_while(|line| !line.is_empty());
    let headers = Vec::from_iter(head.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    }));
    let heard = Heard {
        headers,
        body: String::new(),
    };
    let mut body = vec![0; heard.header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Heard {
        body: String::from_utf8(body).unwrap(),
        ..heard
    }
}

/// HMAC-SHA256 as RFC 2104 has it, from the digest alone.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let digest = |pad: u8, rest: &[u8]| {
        let mut digest = Sha256::new();
        digest.update(block.map(|it| it ^ pad));
        digest.update(rest);
        digest.finalize().to_vec()
    };
    digest(0x5c, &digest(0x36, message))
}

/// What the header of signatures must say of what came.
pub fn signatures(secrets: &[&str], heard: &Heard) -> String {
    let (id, time) = (
        heard.header("webhook-id"),
        heard.header("webhook-timestamp"),
    );
    let message = format!("{id}.{time}.{}", heard.body);
    let sign = |secret: &&str| {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        format!("v1,{}", STANDARD.encode(hmac(&key, message.as_bytes())))
    };
    Vec::from_iter(secrets.iter().map(sign)).join(" ")
}
