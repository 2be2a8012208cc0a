//! Segments as they were: what a customer did counts in the segment in which they were, in every room that counts, and
//! a later change never rewrites it. The truth is counted here, day by day, from what was drawn.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(
    every_room_counts_what_was_at_the_time,
    another_segment_is_a_move_of_the_day_it_is_seen,
    a_move_that_says_too_little_is_refused,
    an_import_of_moves_is_taken_back,
);

const CUSTOMERS: usize = 400;
/// Leave per month, contacts per month, cents a month.
const BASIC: (f64, f64, i64) = (0.06, 1.0, 2_000);
const GOLD: (f64, f64, i64) = (0.01, 0.25, 6_000);
const AS_OF: &str = "2025-06-30";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A customer that the test has drawn: basic from 2024-01-01, most of them gold some day.
struct Drawn {
    id: String,
    gold_from: Option<NaiveDate>,
    left_on: Option<NaiveDate>,
    contacts: Vec<NaiveDate>,
}

impl Drawn {
    fn segment_on(&self, on: NaiveDate) -> &'static str {
        match self.gold_from {
            Some(gold) if gold <= on => "gold",
            _ => "basic",
        }
    }

    fn last_day(&self) -> NaiveDate {
        self.left_on.unwrap_or(day(AS_OF))
    }

    /// The days on which they were a customer, one by one.
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let last = self.last_day();
        day("2024-01-01")
            .iter_days()
            .take_while(move |it| *it <= last)
    }
}

fn drawn() -> Vec<Drawn> {
    let mut luck = Luck(7_011);
    let one = |index: usize| {
        let gold_from = (luck.next() < 0.7)
            .then(|| day("2024-01-02") + Days::new((luck.next() * 540.0) as u64));
        let mut it = Drawn {
            id: format!("C-{index:04}"),
            gold_from,
            left_on: None,
            contacts: Vec::new(),
        };
        for on in day("2024-01-01")
            .iter_days()
            .take_while(|on| *on <= day(AS_OF))
        {
            let (leave, contacts, _) = if it.segment_on(on) == "gold" {
                GOLD
            } else {
                BASIC
            };
            if luck.next() < contacts / 30.44 {
                it.contacts.push(on);
            }
            if luck.next() < leave / 30.44 {
                it.left_on = Some(on);
                break;
            }
        }
        it
    };
    (0..CUSTOMERS).map(one).collect()
}

fn customer(it: &Drawn, segment: &str) -> Value {
    let mut row = json!({"source": "crm", "external_id": it.id, "segment": segment, "acquired_on": "2024-01-01"});
    if let Some(left_on) = it.left_on {
        row["left_on"] = json!(left_on);
        row["leaving_cause"] = json!("PRICE");
    }
    row
}

fn moved(it: &Drawn, from: Option<&str>) -> Option<Value> {
    let mut event = json!({"source": "crm", "external_id": format!("M-{}", it.id), "customer_external_id": it.id,
        "kind": "MOVED", "occurred_on": it.gold_from?, "segment": "gold"});
    if let Some(from) = from {
        event["from_segment"] = json!(from);
    }
    Some(event)
}

/// The month that a customer's charge and contacts count in belongs to the segment of most of its days.
fn months(it: &Drawn) -> BTreeMap<(i32, u32), &'static str> {
    let mut days: BTreeMap<(i32, u32), (u32, u32)> = BTreeMap::new();
    for on in it.days() {
        let sums = days.entry((on.year(), on.month())).or_default();
        match it.segment_on(on) {
            "gold" => sums.1 += 1,
            _ => sums.0 += 1,
        }
    }
    let of = |(basic, gold)| {
        if gold >= basic && gold > 0 {
            "gold"
        } else {
            "basic"
        }
    };
    days.into_iter()
        .map(|(month, sums)| (month, of(sums)))
        .collect()
}

fn load(keepworth: &Keepworth, customers: &[Drawn]) {
    let rows = customers
        .iter()
        .map(|it| customer(it, it.segment_on(day(AS_OF))));
    keepworth.take("customers/v1/customers", "1", &Vec::from_iter(rows));
    let moves = customers.iter().filter_map(|it| moved(it, Some("basic")));
    keepworth.take("customers/v1/lifecycle-events", "1", &Vec::from_iter(moves));
    let contacts = customers.iter().flat_map(|it| {
        it.contacts.iter().enumerate().map(|(index, when)| {
            json!({"source": "desk", "external_id": format!("{}/{index}", it.id), "customer_source": "crm",
                   "customer_external_id": it.id, "channel": "phone", "started_at": format!("{when}T10:00:00Z"),
                   "handle_seconds": 60, "outcome": "RESOLVED"})
        })
    });
    keepworth.take("experience/v1/interactions", "1", &Vec::from_iter(contacts));
    let charges = customers.iter().flat_map(|it| {
        months(it).into_iter().map(|((year, month), segment)| {
            let cents = if segment == "gold" { GOLD.2 } else { BASIC.2 };
            json!({"source": "billing", "external_id": format!("{}/{year}-{month}", it.id), "customer_source": "crm",
                   "customer_external_id": it.id, "month": format!("{year}-{month:02}"),
                   "amount": {"amount": format!("{}.00", cents / 100), "currency": "EUR"}})
        })
    });
    keepworth.take("finance/v1/revenues", "1", &Vec::from_iter(charges));
}

fn build(keepworth: &Keepworth, as_of: &str) -> Value {
    let answer = keepworth.ask(&["baseline", "build", "--as-of", as_of, "--format", "json"]);
    answer.done().json()
}

fn segment<'a>(baseline: &'a Value, name: &str) -> &'a Value {
    let segments = baseline["segments"].as_array().unwrap();
    segments
        .iter()
        .find(|it| it["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {baseline}"))
}

fn figure(of: &Value, name: &str) -> f64 {
    of["figures"][name]["value"].as_f64().unwrap()
}

fn every_room_counts_what_was_at_the_time(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = drawn();
    load(&keepworth, &customers);
    let baseline = build(&keepworth, AS_OF);
    let window = day("2024-07-01");
    for (name, (leave, calls, cents)) in [("basic", BASIC), ("gold", GOLD)] {
        let found = segment(&baseline, name);
        let left = customers
            .iter()
            .filter(|it| it.left_on.is_some_and(|on| it.segment_on(on) == name));
        assert_eq!(figure(found, "left"), left.count() as f64, "{name}");
        let there = customers
            .iter()
            .filter(|it| it.left_on.is_none() && it.segment_on(day(AS_OF)) == name);
        assert_eq!(figure(found, "customers"), there.count() as f64, "{name}");
        // Days in the segment, each its share of its calendar month.
        let mut months_there = 0.0;
        let (mut contacts, mut charged) = (0, 0);
        for it in &customers {
            for on in it
                .days()
                .filter(|on| *on >= window && it.segment_on(*on) == name)
            {
                months_there += 1.0 / f64::from(on.num_days_in_month());
            }
            let segments = months(it);
            let of = |on: &NaiveDate| segments.get(&(on.year(), on.month())) == Some(&name);
            contacts += it
                .contacts
                .iter()
                .filter(|on| **on >= window && of(on))
                .count();
            let charges = segments
                .iter()
                .filter(|(month, segment)| **month >= (2024, 7) && **segment == name);
            charged += charges.count() as i64 * cents;
        }
        let months_found = figure(found, "customer_months");
        assert!(
            (months_found - months_there).abs() < 1e-6,
            "{name}: {months_found}, not {months_there}"
        );
        let phone = &found["channels"][0]["contacts"];
        assert_eq!(phone["n"], contacts, "{name}");
        let revenue = figure(found, "revenue") * months_there;
        assert!(
            (revenue - charged as f64 / 100.0).abs() < 0.01,
            "{name}: {revenue}, not {charged} cents"
        );
        // What was drawn, which no room knows.
        let hazard = figure(found, "hazard");
        let interval = &found["figures"]["hazard"]["interval"];
        let holds =
            interval["low"].as_f64().unwrap() < leave && leave < interval["high"].as_f64().unwrap();
        assert!(holds, "{name}: {hazard} by {interval}, drawn with {leave}");
        let rate = phone["value"].as_f64().unwrap();
        assert!(
            (rate / calls - 1.0).abs() < 0.15,
            "{name}: {rate} calls, drawn with {calls}"
        );
    }
    let there = |it: &&Drawn| {
        it.gold_from
            .is_some_and(|on| on <= it.last_day() && on > window)
    };
    let moves = customers.iter().filter(there).count();
    assert_eq!(
        baseline["moves"],
        json!([{"from": "basic", "to": "gold", "customers": moves}])
    );
    let flag = baseline["quality_flags"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["code"] == "segment_moves");
    assert!(flag.is_some(), "{}", baseline["quality_flags"]);
    let shown = keepworth
        .ask(&["baseline", "build", "--as-of", AS_OF])
        .done()
        .stdout;
    assert!(shown.contains("moved from"), "{shown}");

    finance_counts_the_same(&keepworth, &customers);
    a_day_of_the_past_is_what_it_was(&keepworth, &customers);
}

/// Finance counts from the same feeds with code of its own.
fn finance_counts_the_same(keepworth: &Keepworth, customers: &[Drawn]) {
    keepworth
        .ask(&["finance", "count", "2024-07", "2025-06"])
        .done();
    for month in ["2024-09", "2025-03", "2025-06"] {
        let (status, counted) = keepworth.get(&format!("/finance/v1/segment-months/{month}"));
        assert_eq!(status, 200, "{counted}");
        let first = day(&format!("{month}-01"));
        let key = (first.year(), first.month());
        for (name, cents) in [("basic", BASIC.2), ("gold", GOLD.2)] {
            let items = counted["items"].as_array().unwrap();
            let found = items.iter().find(|it| it["segment"] == name).unwrap();
            let of = |it: &&Drawn| months(it).get(&key) == Some(&name);
            let charged = customers.iter().filter(of).count() as i64 * cents;
            let days = customers
                .iter()
                .flat_map(|it| it.days().map(move |on| (it, on)));
            let days = days
                .filter(|(it, on)| (on.year(), on.month()) == key && it.segment_on(*on) == name);
            let mean = days.count() as f64 / f64::from(first.num_days_in_month());
            assert_eq!(found["revenue_minor"], charged, "{name} in {month}");
            let there = found["customers"].as_f64().unwrap();
            assert!(
                (there - mean).abs() <= 0.5,
                "{name} in {month}: {there}, not {mean}"
            );
        }
    }
}

/// Moves after a day change nothing of what is known on it.
fn a_day_of_the_past_is_what_it_was(keepworth: &Keepworth, customers: &[Drawn]) {
    let before = build(keepworth, "2024-12-31");
    let later = customers
        .iter()
        .find(|it| it.gold_from.is_none() && it.left_on.is_none())
        .unwrap();
    let event = json!({"source": "crm", "external_id": "late", "customer_external_id": later.id, "kind": "MOVED",
        "occurred_on": "2025-05-01", "segment": "platinum", "from_segment": "basic"});
    keepworth.take("customers/v1/lifecycle-events", "2", &[event]);
    let (_, placed) = keepworth.get(&format!(
        "/customers/v1/customers/by-external-id/crm/{}",
        later.id
    ));
    assert_eq!(placed["segment"], "platinum", "{placed}");
    let after = build(keepworth, "2024-12-31");
    assert_eq!(before["hash"], after["hash"]);
    assert_ne!(build(keepworth, AS_OF)["hash"], before["hash"]);
}

fn another_segment_is_a_move_of_the_day_it_is_seen(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let it = |segment: &str| json!({"source": "crm", "external_id": "C-1", "segment": segment, "acquired_on": "2024-01-01"});
    let left = |segment: &str| json!({"source": "crm", "external_id": "C-2", "segment": segment, "acquired_on": "2024-01-01", "left_on": "2024-12-31"});
    let send =
        |import: &str, items: &[Value]| keepworth.take("customers/v1/customers", import, items);
    let report = send("1", &[it("basic"), left("basic")]);
    assert_eq!(
        (&report["created"], &report["moved"]),
        (&json!(2), &json!(0))
    );
    let today = today();
    let dry =
        json!({"import_id": "2", "dry_run": true, "create_segments": true, "items": [it("gold")]});
    let (_, dry) = keepworth.post("/customers/v1/customers:batch_upsert", &dry);
    assert_eq!(dry["moved"], 1, "{dry}");
    // Of who has left, another segment is a correction.
    let report = send("2", &[it("gold"), left("closed")]);
    assert_eq!(
        (&report["updated"], &report["moved"]),
        (&json!(2), &json!(1)),
        "{report}"
    );
    let (_, customer) = keepworth.get("/customers/v1/customers/by-external-id/crm/C-1");
    let id = customer["id"].as_str().unwrap();
    let events = || {
        keepworth
            .get(&format!("/customers/v1/customers/{id}/lifecycle-events"))
            .1["items"]
            .clone()
    };
    let found = events();
    let event = &found[0];
    assert_eq!(
        [
            &event["kind"],
            &event["source"],
            &event["segment"],
            &event["from_segment"],
            &event["occurred_on"]
        ],
        [
            &json!("MOVED"),
            &json!("keepworth"),
            &json!("gold"),
            &json!("basic"),
            &json!(today)
        ],
    );
    let rows = |as_of: &str| {
        keepworth
            .text(&format!("/customers/v1/feed/episodes?as_of={as_of}"))
            .1
    };
    let yesterday = day(&today) - Days::new(1);
    assert!(!rows(&yesterday.to_string()).contains("gold"));
    let now = rows(&today);
    let earlier = format!(r#""earlier_segments":[{{"segment":"basic","until":"{yesterday}"}}]"#);
    assert!(now.contains(&earlier), "{now}");
    assert!(now.contains(r#""segment":"closed""#), "{now}");
    let delete = keepworth
        .client()
        .delete(keepworth.at("/customers/v1/segments/basic"));
    let refused = delete.send().unwrap().status().as_u16();
    assert_eq!(refused, 409, "a move leads out of it");
    // A second thought on the same day: they were basic in the morning.
    assert_eq!(send("3", &[it("plus")])["moved"], 1);
    assert_eq!(events().as_array().unwrap().len(), 1);
    assert_eq!(
        [&events()[0]["segment"], &events()[0]["from_segment"]],
        ["plus", "basic"]
    );
    assert_eq!(send("4", &[it("basic")])["moved"], 1);
    let back = rows(&today);
    assert!(!back.contains("earlier_segments"), "{back}");
}

fn today() -> String {
    keepworth_store::now().date_naive().to_string()
}

fn a_move_that_says_too_little_is_refused(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let people = ["1", "2"].map(|id| {
        json!({"source": "crm", "external_id": id, "segment": "basic", "acquired_on": "2024-01-01"})
    });
    keepworth.take("customers/v1/customers", "1", &people);
    let event = |id: &str, customer: &str, on: &str, segment: &str| {
        json!({"source": "crm", "external_id": id, "customer_external_id": customer, "kind": "MOVED", "occurred_on": on,
            "segment": segment})
    };
    let post = |create: bool, items: &[Value]| {
        let body = json!({"import_id": "1", "create_segments": create, "items": items});
        keepworth
            .post("/customers/v1/lifecycle-events:batch_upsert", &body)
            .1
    };
    let fault = |report: &Value| {
        let fault = &report["rejected"][0]["invalid_params"][0];
        (
            fault["name"].clone(),
            fault["code"].clone(),
            fault["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let report = post(false, &[event("1", "1", "2025-01-10", "gold")]);
    let (name, code, _) = fault(&report);
    assert_eq!([name, code], ["segment", "unknown_segment"], "{report}");
    let report = post(true, &[event("1", "1", "2025-01-10", "gold")]);
    let (name, code, reason) = fault(&report);
    assert_eq!([name, code], ["from_segment", "missing"], "{report}");
    assert!(
        reason.contains("2024-01-01") && reason.contains("2025-01-10"),
        "{reason}"
    );
    assert_eq!(
        keepworth.get("/customers/v1/segments/gold").0,
        404,
        "nothing of it was written"
    );
    // In the order of time, from the first day on, moves say by themselves where the customer was before.
    let whole = [
        event("1", "1", "2024-01-01", "trial"),
        event("2", "1", "2025-01-10", "gold"),
    ];
    let report = post(true, &whole);
    assert_eq!(
        (&report["created"], &report["rejected"]),
        (&json!(2), &json!([])),
        "{report}"
    );
    let later = post(true, &[event("3", "1", "2025-03-10", "plus")]);
    assert_eq!(later["created"], 1, "{later}");
    let mut wrong = event("4", "2", "2025-01-10", "gold");
    wrong["kind"] = json!("RENEWED");
    let (name, code, _) = fault(&post(true, &[wrong]));
    assert_eq!([name, code], ["segment", "without_meaning"]);
}

fn an_import_of_moves_is_taken_back(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let it = json!({"source": "crm", "external_id": "C-1", "segment": "basic", "acquired_on": "2024-01-01"});
    keepworth.take("customers/v1/customers", "1", &[it]);
    let rows = || {
        keepworth
            .text("/customers/v1/feed/episodes?as_of=2025-06-30")
            .1
    };
    let before = rows();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moves.csv");
    let header = "source,external_id,customer_external_id,kind,occurred_on,segment,from_segment";
    std::fs::write(
        &file,
        format!("{header}\ncrm,M-1,C-1,MOVED,2025-02-01,gold,basic\n"),
    )
    .unwrap();
    let mapping = "source = \"crm\"\ncreate_segments = true\n[fields]\nexternal_id = \"{external_id}\"\n\
        customer_external_id = \"{customer_external_id}\"\nkind = \"{kind}\"\noccurred_on = \"{occurred_on}\"\n\
        segment = \"{segment}\"\nfrom_segment = \"{from_segment}\"\n";
    let (status, import) = keepworth.upload(
        "/customers/v1/imports",
        &file,
        &[("kind", "lifecycle-events"), ("mapping", mapping)],
    );
    assert_eq!(status, 201, "{import}");
    assert_eq!(import["created"], 1, "{import}");
    assert!(rows().contains(r#""until":"2025-01-31""#), "{}", rows());
    let (_, customer) = keepworth.get("/customers/v1/customers/by-external-id/crm/C-1");
    assert_eq!(customer["segment"], "gold");
    let id = import["id"].as_str().unwrap();
    let (status, undone) = keepworth.post(&format!("/customers/v1/imports/{id}:undo"), &json!({}));
    assert_eq!(status, 200, "{undone}");
    assert_eq!(rows(), before);
    assert_eq!(keepworth.get("/customers/v1/segments/gold").0, 404);
    // The same of a change that was seen.
    let file = folder.path().join("customers.csv");
    std::fs::write(
        &file,
        "source,external_id,segment,acquired_on\ncrm,C-1,gold,2024-01-01\n",
    )
    .unwrap();
    let mapping = "source = \"crm\"\ncreate_segments = true\n[fields]\nexternal_id = \"{external_id}\"\n\
        segment = \"{segment}\"\nacquired_on = \"{acquired_on}\"\n";
    let (status, import) = keepworth.upload(
        "/customers/v1/imports",
        &file,
        &[("kind", "customers"), ("mapping", mapping)],
    );
    assert_eq!(status, 201, "{import}");
    let told = import["told"][0]["what"].as_str().unwrap_or_default();
    assert!(told.contains("moved"), "{import}");
    let id = import["id"].as_str().unwrap();
    let (status, undone) = keepworth.post(&format!("/customers/v1/imports/{id}:undo"), &json!({}));
    assert_eq!(status, 200, "{undone}");
    assert_eq!(rows(), before);
    let today = keepworth
        .text(&format!("/customers/v1/feed/episodes?as_of={}", today()))
        .1;
    assert!(!today.contains("gold"), "{today}");
}
