//! Clients and services that are busy, refuse, or are not there.

use std::time::Duration;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use super::*;
use crate::rows::{FeedRows, Rows};

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

/// A feed of numbers as it is read, from the text after its header: the numbers, or why it is refused.
async fn numbers(rest: &str) -> Result<Vec<u8>, String> {
    let body = format!("{{\"feed\":\"numbers\",\"version\":1,\"as_of\":\"2025-12-31\"}}\n{rest}");
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let (url, heard) = answering(vec![&*answer.leak()].leak());
    let client = Client::new("test", url.as_str()).unwrap();
    let day = "2025-12-31".parse().unwrap();
    let mut rows = FeedRows::new(client.feed("numbers", day).await.unwrap());
    heard.join().unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().await.map_err(|error| error.to_string())? {
        found.push(row);
    }
    assert_eq!(rows.reference().unwrap().rows, found.len() as u64);
    Ok(found)
}

/// SHA-256 of `1` and `2`, each with its line end.
const OF_1_AND_2: &str = "a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1";

#[tokio::test]
async fn a_feed_is_taken_whole_or_refused() {
    let trailer = |rows: u8, sha256: &str| format!("{{\"rows\":{rows},\"sha256\":\"{sha256}\"}}\n");
    let whole = trailer(2, OF_1_AND_2);
    assert_eq!(numbers(&format!("1\n2\n{whole}")).await.unwrap(), [1, 2]);
    for (rest, why) in [
        ("1\n2\n".to_owned(), "cut short"),
        (format!("1\n2\n{}", &whole[..whole.len() - 2]), "cut short"),
        (format!("1\n{whole}"), "1 rows read, 2 announced"),
        (format!("1\n3\n{whole}"), "the digest of its rows"),
        (format!("1\nx\n{whole}"), "row 2"),
        (
            format!("1\n2\n{}", trailer(2, "")),
            "the digest of its rows",
        ),
    ] {
        let said = numbers(&rest).await.unwrap_err();
        assert!(
            said.contains("numbers") && said.contains(why),
            "{rest}: {said}"
        );
    }
}
