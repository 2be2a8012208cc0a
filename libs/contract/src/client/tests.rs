//! Clients and services that are busy, refuse, or are not there.

use std::time::Duration;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;

/// Answers one request after the other so; what it heard of keys.
fn answering(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let mut keys = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head = lines
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty());
            let key =
                head.filter_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned));
            keys.extend(key.collect::<Vec<_>>());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        keys
    });
    (url, heard)
}

const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\n7";
const WRONG: &str =
    "HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_busy_service_is_asked_again_under_the_same_key() {
    let (url, heard) = answering(&[BUSY, BUSY, DONE]);
    let client = Client::new("test", url.as_str()).unwrap();
    assert_eq!(client.post::<u8>(&["notes"], &"").await.unwrap(), 7);
    let keys = heard.join().unwrap();
    assert!(
        keys.len() == 3 && keys.iter().all(|key| *key == keys[0]),
        "{keys:?}"
    );
}

const LIMITED: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const LATER: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_service_is_asked_again_when_it_says_and_not_before() {
    let (url, heard) = answering(&[LIMITED, DONE]);
    let client = Client::new("test", url.as_str()).unwrap();
    let start = std::time::Instant::now();
    assert_eq!(client.get::<u8>(&["notes"], &()).await.unwrap(), 7);
    assert!(start.elapsed() >= Duration::from_secs(3));
    heard.join().unwrap();
    // Who would have to wait for an hour hears of it at once.
    let (url, heard) = answering(&[LATER]);
    let client = Client::new("test", url.as_str()).unwrap();
    assert!(client.get::<u8>(&["notes"], &()).await.is_err());
    assert!(start.elapsed() < Duration::from_secs(20));
    heard.join().unwrap();
}

#[tokio::test]
async fn what_is_refused_is_not_sent_again() {
    let (url, heard) = answering(&[WRONG]);
    let client = Client::new("test", url.as_str()).unwrap();
    assert!(client.get::<u8>(&["notes"], &()).await.is_err());
    assert!(heard.join().unwrap().is_empty());
}

#[test]
fn any_name_can_be_part_of_an_address() {
    let at = |base: &str, path: &[&str]| {
        let client = Client::new("test", base).unwrap();
        client.address(path).map(|it| it.to_string())
    };
    let address = at("http://host/finance/", &["programmes", "a/b?c d"]).unwrap();
    assert_eq!(address, "http://host/finance/v1/programmes/a%2Fb%3Fc%20d");
    let address = at("http://host", &["segment-months:count"]).unwrap();
    assert_eq!(address, "http://host/v1/segment-months:count");
    for nothing in ["", ".", ".."] {
        let refused = at("http://host", &["programmes", nothing, "budgets"]);
        assert!(matches!(refused, Err(ClientError::Address { .. })));
    }
    assert!(matches!(
        at("mailto:x", &["a"]),
        Err(ClientError::Unreachable { .. })
    ));
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_named_and_its_port_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("1.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let (url, _heard) = answering(&[]);
    let reach = Reach {
        socket: Some(socket),
        ..Reach::from(url.as_str())
    };
    let client = Client::new("test", reach).unwrap();
    let refused = client.get::<u8>(&["notes"], &()).await.unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("1.sock") && said.contains("remove it"),
        "{said}"
    );
}
