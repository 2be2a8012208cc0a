//! A published test of a mobile game, through the services: sizes, effects and errors as a plain count has them.

use serde_json::{Value, json};

use super::{PILOTS, number, read};
use crate::support::{Database, Keepworth, Kind, on_both_databases, workspace};

on_both_databases!(a_gate_in_a_game_is_read_as_a_plain_count_reads_it);

#[derive(serde::Deserialize)]
struct Player {
    userid: String,
    version: String,
    sum_gamerounds: u64,
    retention_7: String,
}

impl Player {
    fn is_treated(&self) -> bool {
        self.version == "gate_40"
    }

    /// Back after a week: a score of 1, or 0.
    fn is_back(&self) -> u64 {
        u64::from(self.retention_7 == "TRUE")
    }
}

fn players() -> Option<Vec<Player>> {
    let file = workspace("../shared/data/pilots/game_gate.csv");
    if !file.exists() {
        eprintln!("skipped the gate in a game: its file is not in ../shared/data/pilots");
        return None;
    }
    let mut rows = csv::Reader::from_path(file).unwrap();
    Some(rows.deserialize().map(Result::unwrap).collect())
}

/// The difference of means and its standard error without any assumption on variances.
fn plain(players: &[Player], of: impl Fn(&Player) -> u64) -> [f64; 2] {
    let [control, treated] = [false, true].map(|arm| {
        let of = players.iter().filter(|it| it.is_treated() == arm).map(&of);
        let values = Vec::from_iter(of.map(|it| it as f64));
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|it| (it - mean).powi(2)).sum();
        [mean, squares / (n - 1.0) / n]
    });
    [treated[0] - control[0], (treated[1] + control[1]).sqrt()]
}

fn load(keepworth: &Keepworth, players: &[Player]) {
    let of = |it: &Player, mut row: Value| {
        row["external_id"] = json!(it.userid);
        row["customer_source"] = json!("game");
        row["customer_external_id"] = json!(it.userid);
        row
    };
    let person = |it: &Player| json!({"source": "game", "external_id": it.userid, "segment": "all", "acquired_on": "2025-01-01"});
    let answer = |it: &Player| {
        let row = json!({"source": "week", "kind": "NPS", "score": it.is_back(), "responded_at": "2025-01-08T10:00:00Z"});
        of(it, row)
    };
    let charge = |it: &Player| {
        let amount = json!({"amount": format!("{}.00", it.sum_gamerounds), "currency": "EUR"});
        of(
            it,
            json!({"source": "rounds", "month": "2025-01", "amount": amount}),
        )
    };
    let rows = Vec::from_iter(players.iter().map(person));
    keepworth.take("customers/v1/customers", "1", &rows);
    let rows = Vec::from_iter(players.iter().map(answer));
    keepworth.take("experience/v1/feedback", "1", &rows);
    let played = players.iter().filter(|it| it.sum_gamerounds > 0);
    let rows = Vec::from_iter(played.map(charge));
    keepworth.take("finance/v1/revenues", "1", &rows);
}

fn a_gate_in_a_game_is_read_as_a_plain_count_reads_it(kind: Kind) {
    let Some(players) = players() else { return };
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth, &players);
    let arm = |is_treated: bool| {
        let of = players.iter().filter(|it| it.is_treated() == is_treated);
        Vec::from_iter(of.map(|it| json!({"source": "game", "external_id": it.userid})))
    };
    let looked = |key: &str, more: Value| {
        let mut pilot = json!({"key": key, "title": "The gate at level 40", "starts_on": "2025-01-01",
            "ends_on": "2025-01-31", "smallest_effect": 0.05, "planned_treated_share": 0.5,
            "control": arm(false), "treated": arm(true)});
        let fields = more.as_object().unwrap().clone();
        pilot.as_object_mut().unwrap().extend(fields);
        let (status, made) = keepworth.post(PILOTS, &pilot);
        assert_eq!(status, 201, "{made}");
        let reading = read(&keepworth, key, "2025-01-31");
        assert_eq!(reading["sample_ratio"]["verdict"], "DOUBTFUL", "{reading}");
        assert!(
            (number(&reading["sample_ratio"]["p"]) - 0.0086).abs() < 5e-5,
            "{reading}"
        );
        assert_eq!(reading["grade"], "B", "{reading}");
        let one = &reading["single_look"];
        let se = (number(&one["high"]) - number(&one["low"])) / (2.0 * 1.959_964);
        println!("{key}: {} ± {se}", reading["effect"]);
        [number(&reading["effect"]), se]
    };
    let near = |told: [f64; 2], plain: [f64; 2]| {
        assert!(
            (told[0] - plain[0]).abs() < 1e-9 * plain[0].abs().max(1.0),
            "{told:?} {plain:?}"
        );
        assert!(
            (told[1] / plain[1] - 1.0).abs() < 1e-3,
            "{told:?} {plain:?}"
        );
    };
    let back = looked(
        "back",
        json!({"outcome": "SCORE", "score": "NPS", "expected_per_month": 0.19, "expected_sd": 0.39}),
    );
    near(back, plain(&players, Player::is_back));
    near(back, [-0.008_201_298, 0.002_592]);
    let rounds = looked(
        "rounds",
        json!({"outcome": "REVENUE", "expected_per_month": 51.0, "expected_sd": 195.0}),
    );
    near(rounds, plain(&players, |it| it.sum_gamerounds));
}
