//! `keepworth erasure`: what a person types.

use crate::support::{Answer, Database, Keepworth, Kind, run};

use super::send;

fn erasure(keepworth: &Keepworth, arguments: &[&str]) -> Answer {
    let url = keepworth.url.as_str();
    let answer = run(&[&["erasure"], arguments, &["--url", url]].concat());
    assert_eq!(answer.code, 0, "{answer:?}");
    answer
}

#[test]
fn what_was_asked_for_is_confirmed_and_done() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    send(&keepworth, "one", &["C-1001", "C-1002"]);
    let of = [
        "--source",
        "crm",
        "--id",
        "C-1001",
        "--reason",
        "asked by letter",
    ];
    let counted = erasure(
        &keepworth,
        &[&["request"], &of[..], &["--dry-run"]].concat(),
    );
    assert!(counted.stdout.contains("nothing written"), "{counted:?}");
    let asked = erasure(&keepworth, &[&["request"], &of[..]].concat());
    // What the command line keeps of its own request is no change of what is held.
    let said = asked.stdout.as_str();
    let id = said.split_whitespace().find(|it| it.len() > 36).unwrap();
    let id = id.trim_end_matches(':');
    erasure(&keepworth, &["confirm", id, "--reason", "letter checked"]);
    let list = || erasure(&keepworth, &["show", id]).stdout;
    let start = std::time::Instant::now();
    while !list().contains("done") {
        assert!(
            start.elapsed() < std::time::Duration::from_secs(60),
            "{}",
            list()
        );
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}
