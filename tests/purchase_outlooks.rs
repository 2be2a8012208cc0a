//! Single customers without a contract: who may ask, what is told where records change, and what is refused with the
//! way out. Figures that others published are held in `cdnow`.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::audit::noticed;
use crate::erasure::erase;
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(
    single_customers_are_told_of_as_they_are_now,
    pages_are_the_stream,
    what_cannot_be_asked_names_the_way_out,
);

const AS_OF: &str = "2025-12-31";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn customer(id: &str, segment: &str, first: NaiveDate) -> Value {
    json!({"source": "crm", "external_id": id, "segment": segment, "acquired_on": first})
}

fn purchase(id: &str, on: NaiveDate, cents: u64) -> Value {
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    json!({"source": "shop", "external_id": format!("{id}/{on}"), "customer_source": "crm", "customer_external_id": id,
        "from": on, "until": on + Days::new(1), "kind": "ONE_OFF", "amount": {"amount": amount, "currency": "EUR"}})
}

/// A shop of customers who differ in how often they buy and how soon they stop, and two with a contract.
fn load(keepworth: &Keepworth) {
    let (mut luck, end) = (Luck(7), day(AS_OF));
    let (mut customers, mut log) = (Vec::new(), Vec::new());
    for number in 0..240 {
        let id = format!("k{number:03}");
        let mut on = day("2025-01-02") + Days::new(number);
        customers.push(customer(&id, "shop", on));
        let rate = -luck.next().ln() / 40.0;
        let level = 1_000.0 + 4_000.0 * luck.next();
        while on <= end {
            log.push(purchase(&id, on, (level * (0.5 + luck.next())) as u64));
            if luck.next() < 0.15 {
                break;
            }
            on = on + Days::new(1 + (-luck.next().ln() / rate).min(1e4) as u64);
        }
    }
    customers.extend(["h1", "h2"].map(|id| customer(id, "home", day("2025-01-01"))));
    customers.push(customer("never", "shop", day("2025-03-01")));
    keepworth.take("customers/v1/customers", "1", &customers);
    keepworth.take("finance/v1/revenues", "1", &log);
    let kind = json!({"name": "Shop", "kind": "PURCHASES"});
    assert_eq!(keepworth.put("/customers/v1/segments/shop", &kind).0, 200);
}

fn build(keepworth: &Keepworth) -> Value {
    let (status, baseline) = keepworth.post("/simulator/v1/baselines", &json!({"as_of": AS_OF}));
    assert!([200, 201].contains(&status), "{baseline}");
    baseline
}

fn path(baseline: &Value, more: &str) -> String {
    let hash = baseline["hash"].as_str().unwrap();
    format!("/simulator/v1/feed/purchase-outlooks{more}baseline_hash={hash}")
}

/// The rows between header and trailer.
fn rows(keepworth: &Keepworth, baseline: &Value) -> Vec<Value> {
    let (status, text) = keepworth.text(&(path(baseline, "?") + "&segment=shop"));
    assert_eq!(status, 200, "{text}");
    let lines = text.lines().map(|it| serde_json::from_str(it).unwrap());
    let lines: Vec<Value> = lines.collect();
    assert_eq!(lines[0]["feed"], "purchase-outlooks");
    assert_eq!(lines[lines.len() - 1]["rows"], lines.len() - 2);
    lines[1..lines.len() - 1].to_vec()
}

fn find<'a>(rows: &'a [Value], id: &str) -> Option<&'a Value> {
    rows.iter().find(|it| it["customer"]["external_id"] == id)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn codes(sum: &Value) -> Vec<&str> {
    let flags = sum["quality_flags"].as_array().unwrap().iter();
    flags.map(|it| it["code"].as_str().unwrap()).collect()
}

fn single_customers_are_told_of_as_they_are_now(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth);
    let baseline = build(&keepworth);
    let told = rows(&keepworth, &baseline);
    let (model, sum) = (&told[0], &told[told.len() - 1]);
    let segments = baseline["segments"].as_array().unwrap().iter();
    let shop = segments.rev().find(|it| it["name"] == "shop").unwrap();
    assert_eq!(
        (&model["months"], &model["as_of"]),
        (&json!(12), &json!(AS_OF))
    );
    assert_eq!(model["model"], shop["purchases"]["model"]);
    let off = number(&sum["active"]) / number(&shop["purchases"]["active"]["value"]) - 1.0;
    assert!(off.abs() < 1e-9, "{off}");
    // The baseline integrates month by month over customers put together.
    let ahead = number(&shop["purchases"]["purchases_ahead"]["value"]);
    assert!((number(&sum["purchases"]) / ahead - 1.0).abs() < 1e-2);
    assert_eq!(
        (&sum["customers"], codes(sum)),
        (&json!(240), vec!["purchases_left_out"])
    );
    assert!(find(&told, "never").is_none() && find(&told, "h1").is_none());
    let total: f64 = told
        .iter()
        .filter_map(|it| it["spend"]["value"].as_f64())
        .sum();
    assert!((number(&sum["spend"]) / total - 1.0).abs() < 1e-9);

    // A purchase that comes late, and one who is erased: told of as they are now, and said so.
    let before = number(&find(&told, "k000").unwrap()["active"]["value"]);
    let last = day(find(&told, "k000").unwrap()["last_purchase_on"]
        .as_str()
        .unwrap());
    assert!(
        last < day(AS_OF),
        "a purchase on the last day changes something"
    );
    let late = purchase("k000", day(AS_OF), 2_000);
    keepworth.take("finance/v1/revenues", "2", &[late]);
    erase(&keepworth, "k001");
    let told = rows(&keepworth, &baseline);
    let after = &find(&told, "k000").unwrap()["active"]["value"];
    assert!(number(after) != before, "{before}");
    assert!(find(&told, "k001").is_none());
    let sum = &told[told.len() - 1];
    assert_eq!(sum["customers"], 239);
    // The books keep what the erased one bought, under a name that nobody has.
    let changed = [
        "records_changed",
        "records_changed",
        "unknown_customers",
        "purchases_left_out",
    ];
    assert_eq!(codes(sum), changed, "{sum}");
    let read = noticed(&keepworth, "simulator", "read", 1);
    assert_eq!(
        (&read[0]["operation"], &read[0]["permission"]),
        (
            &json!("GET /v1/feed/purchase-outlooks"),
            &json!("persons:read")
        )
    );
    let log = keepworth.log().join("\n");
    assert!(
        !log.contains("k000") && !log.contains("k001"),
        "no log names a customer"
    );
}

fn pages_are_the_stream(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth);
    let baseline = build(&keepworth);
    let all = rows(&keepworth, &baseline);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    let pages = path(&baseline, "/pages?") + "&segment=shop&page_size=100";
    loop {
        let (status, page) = keepworth.get(&format!("{pages}{cursor}"));
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    let late = purchase("k000", day(AS_OF), 2_000);
    keepworth.take("finance/v1/revenues", "2", &[late]);
    let (status, problem) = keepworth.get(&format!("{pages}{cursor}"));
    assert_eq!((status, &problem["code"]), (409, &json!("records_changed")));
}

fn what_cannot_be_asked_names_the_way_out(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth);
    let baseline = build(&keepworth);
    let asked = |more: &str| keepworth.get(&(path(&baseline, "?") + more));
    for (more, name, code, said) in [
        (
            "&segment=home",
            "segment",
            "invalid_value",
            "keepworth segment put home --kind purchases",
        ),
        (
            "&segment=nowhere",
            "segment",
            "unknown_segment",
            "PURCHASES (here shop)",
        ),
        (
            "&segment=shop&months=0",
            "months",
            "out_of_range",
            "1 to 120",
        ),
        (
            "&segment=shop&months=121",
            "months",
            "out_of_range",
            "121 months",
        ),
    ] {
        let (status, problem) = asked(more);
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            (status, &fault["name"], &fault["code"]),
            (422, &json!(name), &json!(code)),
            "{problem}"
        );
        assert!(
            fault["reason"].as_str().unwrap().contains(said),
            "{problem}"
        );
    }
    let none = json!({"hash": "0".repeat(64)});
    let (status, problem) = keepworth.get(&(path(&none, "?") + "&segment=shop"));
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("unknown_baseline"))
    );
    assert_eq!(asked("").0, 400, "the segment is missing");
    assert_eq!(asked("&segment=shop&sort=active").0, 400);
    let command = |more: &[&str]| {
        let answer = keepworth.ask(&[&["baseline", "alive"][..], more].concat());
        assert_eq!(answer.code, 2, "{answer:?}");
        answer.stderr
    };
    let hash = baseline["hash"].as_str().unwrap();
    let said = command(&[hash, "--segment", "home"]);
    assert!(
        said.contains("have contracts") && said.contains("--kind purchases"),
        "{said}"
    );
    let said = command(&["nowhere.json", "--segment", "shop"]);
    assert!(said.contains("no hash of a baseline"), "{said}");
    // Dollars that came since, which the baseline has no rate of.
    let mut dollars = purchase("never", day("2025-06-01"), 1_000);
    dollars["amount"]["currency"] = json!("USD");
    keepworth.take("finance/v1/revenues", "2", &[dollars]);
    let (status, problem) = asked("&segment=shop");
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies")),
        "{problem}"
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("USD") && detail.contains("currency"),
        "{detail}"
    );
}
