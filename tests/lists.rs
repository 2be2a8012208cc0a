//! Lists of records: what a filter lets pass, in both orders, page by page and counted, is what a plain look
//! at all records finds.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    filters_let_pass_what_a_plain_look_finds,
    a_reader_catches_up,
    what_no_list_can_be_asked_for_is_refused,
);

/// What a list is narrowed by: a parameter, and where a record has what it is compared with.
#[derive(Clone, Copy)]
enum By {
    /// Records that have exactly this.
    Value(&'static str, &'static str),
    /// Records between `_from` and `_to`, both included.
    Range(&'static str, &'static str),
    /// Records from a moment on.
    Since(&'static str, &'static str),
    /// Records of a customer, by both parts of the key.
    Customer,
}
use By::{Customer, Range, Since, Value as Is};

const RECORDED: By = Since("recorded_since", "/recorded_at");
const CREATED: By = Since("created_since", "/created_at");

/// Every list of records, and all that it is narrowed by.
const LISTS: [(&str, &[By]); 12] = [
    (
        "customers/v1/customers",
        &[
            Is("segment", "/segment"),
            Is("status", "/status"),
            Range("acquired", "/acquired_on"),
            RECORDED,
        ],
    ),
    (
        "customers/v1/customers/{left}/lifecycle-events",
        &[
            Is("kind", "/kind"),
            Range("occurred", "/occurred_on"),
            RECORDED,
        ],
    ),
    (
        "experience/v1/feedback",
        &[
            Customer,
            Is("kind", "/record/kind"),
            Range("responded", "/record/responded_at"),
            RECORDED,
        ],
    ),
    (
        "experience/v1/interactions",
        &[
            Customer,
            Is("channel", "/record/channel"),
            Range("started", "/record/started_at"),
            RECORDED,
        ],
    ),
    (
        "finance/v1/ledger-entries",
        &[
            Is("category", "/record/category"),
            Is("segment", "/record/segment"),
            Is("account", "/record/account"),
            Range("posted", "/record/posted_on"),
            RECORDED,
        ],
    ),
    (
        "finance/v1/revenues",
        &[
            Customer,
            Is("kind", "/record/kind"),
            Range("month", "/record/month"),
            RECORDED,
        ],
    ),
    (
        "finance/v1/fx-rates",
        &[
            Is("base", "/base"),
            Is("quote", "/quote"),
            Range("quoted", "/quoted_on"),
            RECORDED,
        ],
    ),
    (
        "finance/v1/campaign-touches",
        &[
            Customer,
            Is("campaign", "/record/campaign"),
            Range("touched", "/record/touched_on"),
            RECORDED,
        ],
    ),
    (
        "finance/v1/response-histories",
        &[Is("segment", "/segment"), RECORDED],
    ),
    ("simulator/v1/baselines", &[CREATED]),
    (
        "simulator/v1/backtests",
        &[Is("baseline_hash", "/baseline_hash"), CREATED],
    ),
    (
        "simulator/v1/runs",
        &[Is("baseline_hash", "/baseline_hash"), CREATED],
    ),
];

fn text<'a>(record: &'a Value, at: &str) -> Option<&'a str> {
    record.pointer(at)?.as_str()
}

/// As much of a text as its other end has: the day of a moment.
fn part<'a>(record: &'a Value, at: &str, like: &str) -> &'a str {
    let text = text(record, at).unwrap();
    &text[..like.len().min(text.len())]
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl By {
    /// A query that some of the records pass, and those that do.
    fn ask(self, all: &[Value]) -> (String, Vec<Value>) {
        let middle = |at: &str| {
            let mut found: Vec<&str> = all.iter().filter_map(|it| text(it, at)).collect();
            found.sort_unstable();
            assert!(!found.is_empty(), "no record has {at}");
            (found[found.len() / 4], found[found.len() * 3 / 4])
        };
        let pass =
            |does: &dyn Fn(&Value) -> bool| all.iter().filter(|it| does(it)).cloned().collect();
        match self {
            Is(name, at) => {
                let (value, _) = middle(at);
                (
                    format!("{name}={value}"),
                    pass(&|it| text(it, at) == Some(value)),
                )
            }
            Range(stem, at) => {
                let (from, to) = middle(at);
                let day = |it: &str| it[..it.len().min(10)].to_owned();
                let (from, to) = (day(from), day(to));
                let does = |it: &Value| {
                    let at = part(it, at, &from);
                    (from.as_str()..=to.as_str()).contains(&at)
                };
                (format!("{stem}_from={from}&{stem}_to={to}"), pass(&does))
            }
            Since(name, at) => {
                let since = middle(at).0.to_owned();
                let does = |it: &Value| moment(text(it, at).unwrap()) >= moment(&since);
                (format!("{name}={since}"), pass(&does))
            }
            Customer => {
                let (source, id) = ("/record/customer_source", "/record/customer_external_id");
                let (source, id) = (middle(source).0, middle(id).0);
                let does = |it: &Value| {
                    let key = &it["record"];
                    key["customer_source"] == source && key["customer_external_id"] == id
                };
                let query = format!("customer_source={source}&customer_external_id={id}");
                (query, pass(&does))
            }
        }
    }
}

/// All pages of a list, held against what each says of the total.
fn read(keepworth: &Keepworth, list: &str, query: &str, size: usize) -> Vec<Value> {
    let (mut items, mut totals, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/{list}?page_size={size}&include_total=true&{query}{cursor}");
        let path = path.replace("+00:00", "Z");
        let (status, page) = keepworth.get(&path);
        assert_eq!(status, 200, "{path}: {page}");
        items.extend(page["items"].as_array().unwrap().clone());
        totals.push(page["total"].as_u64().unwrap() as usize);
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert!(
        totals.iter().all(|it| *it == items.len()),
        "{list}?{query}: {totals:?}"
    );
    items
}

fn post(keepworth: &Keepworth, path: &str, body: &Value) -> Value {
    let (status, answer) = keepworth.post(path, body);
    assert!((200..300).contains(&status), "{path}: {answer}");
    answer
}

const SCENARIO: &str = "name = \"One\"\nhorizon_months = 12\ndiscount_rate = 0.1\n\
    [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
    [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";

/// What the sample company does not bring.
fn add_the_rest(keepworth: &Keepworth) {
    for (base, day) in [
        ("USD", 10),
        ("USD", 11),
        ("GBP", 12),
        ("GBP", 13),
        ("USD", 14),
    ] {
        let rate = json!({"base": base, "quote": "EUR", "value": "0.9", "source": "ecb",
            "quoted_on": format!("2025-06-{day}")});
        post(keepworth, "/finance/v1/fx-rates", &rate);
    }
    let touches = (1..40).map(|it| {
        json!({"source": "ads", "external_id": it.to_string(), "customer_external_id": (it % 5).to_string(),
            "campaign": format!("c{}", it % 3), "touched_on": format!("2025-05-{:02}", it % 28 + 1)})
    });
    let touches = json!({"import_id": "1", "items": touches.collect::<Vec<_>>()});
    post(
        keepworth,
        "/finance/v1/campaign-touches:batch_upsert",
        &touches,
    );
    let entries = (1..20).map(|it| {
        json!({"source": "gl", "external_id": it.to_string(), "posted_on": "2025-04-01", "category": "OVERHEAD",
            "segment": "business", "account": (it % 3).to_string(),
            "amount": {"amount": "1.00", "currency": "EUR"}})
    });
    let entries = json!({"import_id": "1", "items": entries.collect::<Vec<_>>()});
    post(
        keepworth,
        "/finance/v1/ledger-entries:batch_upsert",
        &entries,
    );
    let euro = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    for segment in ["basic", "business", "basic"] {
        let history = json!({"segment": segment, "lever": "ACQUISITION", "reason": "test", "evidence":
            {"kind": "ELICITED", "points": [{"spend": euro("15"), "rate": 0.4}, {"spend": euro("30"), "rate": 0.6}]}});
        post(keepworth, "/finance/v1/response-histories", &history);
    }
    for as_of in ["2025-06-30", "2025-06-30", "2025-09-30"] {
        let past = json!({"as_of": as_of, "until": "2025-12-31", "trials": 100});
        post(keepworth, "/simulator/v1/backtests", &past);
    }
    for as_of in ["2026-06-30", "2026-03-31"] {
        let baseline = post(
            keepworth,
            "/simulator/v1/baselines",
            &json!({"as_of": as_of}),
        );
        for seed in 1..3 {
            let order = json!({"scenario": SCENARIO, "baseline_hash": baseline["hash"], "trials": 100, "seed": seed});
            post(keepworth, "/simulator/v1/runs", &order);
        }
    }
}

/// The list of the events of a customer has the customer in its path.
fn path(keepworth: &Keepworth, list: &str) -> String {
    let (_, left) = keepworth.get("/customers/v1/customers?status=LEFT&page_size=1");
    list.replace("{left}", left["items"][0]["id"].as_str().unwrap())
}

fn filled(kind: Kind) -> (Database, Keepworth) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 3).load_into(&keepworth);
    add_the_rest(&keepworth);
    (database, keepworth)
}

fn filters_let_pass_what_a_plain_look_finds(kind: Kind) {
    let (_database, keepworth) = filled(kind);
    for (list, filters) in LISTS {
        let list = path(&keepworth, list);
        let all = read(&keepworth, &list, "", 1_000);
        let mut backwards = read(&keepworth, &list, "sort=-id", all.len().div_ceil(3));
        backwards.reverse();
        assert_eq!(backwards, all, "{list}");
        for by in filters {
            let (query, expected) = by.ask(&all);
            assert!(!expected.is_empty(), "{list}?{query}");
            let size = expected.len().div_ceil(3);
            let found = read(&keepworth, &list, &query, size);
            assert_eq!(found, expected, "{list}?{query}");
            let mut found = read(&keepworth, &list, &format!("{query}&sort=-id"), size);
            found.reverse();
            assert_eq!(found, expected, "{list}?{query}, newest first");
        }
        // All of them at once let pass what each of them does.
        let (queries, passed): (Vec<_>, Vec<_>) = filters.iter().map(|it| it.ask(&all)).unzip();
        let expected = all
            .iter()
            .filter(|it| passed.iter().all(|some| some.contains(it)));
        let found = read(&keepworth, &list, &queries.join("&"), 1_000);
        assert_eq!(found, expected.cloned().collect::<Vec<_>>(), "{list}");
        let (_, page) = keepworth.get(&format!("/{list}"));
        assert!(
            page.get("total").is_none(),
            "{list}: nobody asked for the total"
        );
    }
}

fn a_reader_catches_up(kind: Kind) {
    let (_database, keepworth) = filled(kind);
    let list = "finance/v1/ledger-entries";
    let all = read(&keepworth, list, "", 1_000);
    let last = all.iter().map(|it| text(it, "/recorded_at").unwrap());
    let since = last.max_by_key(|it| moment(it)).unwrap();
    let before = read(&keepworth, list, &format!("recorded_since={since}"), 1_000);
    let mut corrected = all[0]["record"].clone();
    corrected["note"] = json!("corrected");
    let mut new = corrected.clone();
    new["external_id"] = json!("new");
    let batch = json!({"import_id": "2", "items": [corrected, new]});
    post(
        &keepworth,
        "/finance/v1/ledger-entries:batch_upsert",
        &batch,
    );
    let mut found = read(&keepworth, list, &format!("recorded_since={since}"), 10);
    found.retain(|it| !before.contains(it));
    let found: Vec<&Value> = found.iter().map(|it| &it["record"]).collect();
    assert_eq!(found, [&corrected, &new]);
}

fn what_no_list_can_be_asked_for_is_refused(kind: Kind) {
    let (_database, keepworth) = filled(kind);
    let refused = |path: &str, words: &[&str]| {
        let (status, problem) = keepworth.get(path);
        assert_eq!(status, 400, "{path}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        for word in words {
            assert!(detail.contains(word), "{path}: {detail}");
        }
    };
    for (list, filters) in LISTS {
        let list = path(&keepworth, list);
        refused(&format!("/{list}?sort=name"), &["sort", "-id"]);
        refused(&format!("/{list}?include_total=perhaps"), &[]);
        let (_, page) = keepworth.get(&format!("/{list}?page_size=1"));
        if let Some(cursor) = page["next_cursor"].as_str() {
            refused(
                &format!("/{list}?sort=-id&cursor={cursor}"),
                &["cursor", "sort"],
            );
        }
        for by in filters {
            match by {
                Range(stem, _) => {
                    let (from, to) = match *stem {
                        "month" => ("2025-02", "2025-01"),
                        _ => ("2025-01-02", "2025-01-01"),
                    };
                    let (first, last) = (format!("{stem}_from"), format!("{stem}_to"));
                    let query = format!("{first}={from}&{last}={to}");
                    refused(&format!("/{list}?{query}"), &[&first, &last]);
                }
                Since(name, _) => refused(&format!("/{list}?{name}=yesterday"), &[]),
                Customer => refused(
                    &format!("/{list}?customer_source=crm"),
                    &["customer_source", "customer_external_id"],
                ),
                Is(name, _) => refused(&format!("/{list}?{name}=%00"), &[]),
            }
        }
    }
}
