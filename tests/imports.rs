//! Imports that the server does: the same as the command line's, done once, and taken back whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Company, Database, FILES, Keepworth, Kind, on_both_databases};

on_both_databases!(
    a_file_becomes_what_it_becomes_by_the_command_line,
    a_dry_run_writes_nothing,
    an_import_survives_the_death_of_its_process_and_is_done_once,
    undoing_restores_every_list,
    finance_knows_on_what_was_known_before_it_was_undone,
    what_has_changed_since_is_not_undone,
    what_is_closed_is_not_undone,
    workers_do_what_the_service_leaves_to_them,
);

/// The service that keeps a kind of record.
fn service(kind: &str) -> &'static str {
    match kind {
        "customers" | "lifecycle-events" => "customers",
        "feedback" | "interactions" => "experience",
        _ => "finance",
    }
}

fn imports(kind: &str) -> String {
    format!("/{}/v1/imports", service(kind))
}

/// Every item of a list, page by page.
fn list(keepworth: &Keepworth, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = keepworth.get(&format!("{path}?page_size=1000{cursor}"));
        assert_eq!(status, 200, "{page}");
        items.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Lists of records; lifecycle events are listed by customer, whom they end.
const LISTS: [&str; 7] = [
    "/customers/v1/customers",
    "/customers/v1/segments",
    "/experience/v1/interactions",
    "/experience/v1/feedback",
    "/finance/v1/revenues",
    "/finance/v1/ledger-entries",
    "/customers/v1/feed/episodes?as_of=2026-06-30",
];

fn lists(keepworth: &Keepworth) -> Vec<Value> {
    let list = |path: &str| match path.contains('?') {
        true => json!(keepworth.text(path).1),
        false => json!(list(keepworth, path)),
    };
    LISTS.map(list).to_vec()
}

/// The same without what differs from one writing to the next, in the order of the sources.
fn told(lists: &[Value]) -> Vec<Vec<Value>> {
    let plain = |item: &Value| {
        let mut item = item.clone();
        for name in ["id", "import_id", "recorded_at"] {
            item.as_object_mut().unwrap().remove(name);
        }
        item
    };
    let sorted = |list: &Value| {
        let mut items: Vec<Value> = list.as_array().unwrap().iter().map(plain).collect();
        items.sort_by_key(ToString::to_string);
        items
    };
    lists
        .iter()
        .filter(|it| it.is_array())
        .map(sorted)
        .collect()
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

const CUSTOMERS: &str = "source,external_id,segment,acquired_on,left_on\n";

/// So many customers, whose columns need no mapping.
fn customers(files: &Files, name: &str, ids: std::ops::Range<u32>, segment: &str) -> PathBuf {
    let rows = ids.map(|id| format!("crm,{id},{segment},2024-01-01,\n"));
    files.write(name, &format!("{CUSTOMERS}{}", rows.collect::<String>()))
}

/// A mapping that registers segments.
const MAPPING: &str = "source = \"crm\"\ncreate_segments = true\n[fields]\nexternal_id = \"{external_id}\"\n\
    segment = \"{segment}\"\nacquired_on = \"{acquired_on}\"\nleft_on = \"{left_on}\"\n";

fn take(keepworth: &Keepworth, kind: &str, file: &Path, mapping: &str) -> Value {
    let fields = [("kind", kind), ("mapping", mapping)];
    let (status, import) = keepworth.upload(&imports(kind), file, &fields);
    assert_eq!(
        (status, &import["state"]),
        (201, &json!("DONE")),
        "{import}"
    );
    import
}

fn undo(keepworth: &Keepworth, import: &Value) -> (u16, Value) {
    let kind = import["kind"].as_str().unwrap();
    let id = import["id"].as_str().unwrap();
    keepworth.post(&format!("{}/{id}:undo", imports(kind)), &Value::Null)
}

/// The file with rows that nobody can take: cut short, of no text, without an id.
fn spoil(file: &Path) -> u64 {
    let text = fs::read_to_string(file).unwrap();
    let columns = text.lines().next().unwrap().split(',').count();
    let empty = ",".repeat(columns - 1);
    fs::write(file, format!("{text}cut,short,of\n{empty}\n{text}")).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(file)
        .unwrap();
    reader.records().count() as u64
}

fn a_file_becomes_what_it_becomes_by_the_command_line(kind: Kind) {
    let (here, there) = (Database::new(kind), Database::new(kind));
    let (by_hand, by_server) = (Keepworth::up(&here), Keepworth::up(&there));
    let company = Company::new(400, 7);
    for (kind, name) in FILES {
        let file = company.file(name).with_extension("csv");
        let rows = spoil(&file);
        let mapping = company.mapping(name);
        let answer = by_hand.import(kind, &file, &mapping, &[]);
        assert_eq!(answer.code, 1, "some rows cannot be taken: {answer:?}");
        let summary = answer.json();
        let import = take(
            &by_server,
            kind,
            &file,
            &fs::read_to_string(&mapping).unwrap(),
        );
        assert_eq!(import["rows"], json!(rows), "{kind}");
        for count in [
            "rows",
            "filtered",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "told",
            "unused_columns",
        ] {
            assert_eq!(import[count], summary[count], "{kind} {count}");
        }
        let path = format!(
            "{}/{}/rejected",
            imports(kind),
            import["id"].as_str().unwrap()
        );
        let (_, file_there) = by_server.text(&format!("{path}/file"));
        let file_here = fs::read_to_string(file.with_extension("rejected.csv")).unwrap();
        assert_eq!(file_there, file_here, "{kind}");
        let rejected = list(&by_server, &path);
        assert_eq!(json!(rejected.len()), import["rejected"], "{kind}");
        let cells = rejected[0]["cells"].as_array().unwrap();
        assert!(cells.contains(&json!("cut")), "{}", rejected[0]);
    }
    assert_eq!(told(&lists(&by_hand)), told(&lists(&by_server)));
}

fn a_dry_run_writes_nothing(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = customers(&files, "a.csv", 0..3, "basic");
    let fields = [
        ("kind", "customers"),
        ("mapping", MAPPING),
        ("dry_run", "true"),
    ];
    let (status, import) = keepworth.upload(&imports("customers"), &file, &fields);
    assert_eq!((status, &import["created"]), (201, &json!(3)), "{import}");
    assert!(lists(&keepworth)[..2].iter().all(|it| *it == json!([])));
    let (status, problem) = undo(&keepworth, &import);
    assert_eq!((status, &problem["code"]), (409, &json!("nothing_to_undo")));
}

/// Asks for an import until it is as it shall be.
fn until(keepworth: &Keepworth, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let (_, import) = keepworth.get(&format!("{}/{id}", imports("customers")));
        if holds(&import) {
            return import;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "{import}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn an_import_survives_the_death_of_its_process_and_is_done_once(kind: Kind) {
    const ROWS: u32 = 40_000;
    let (database, files) = (Database::new(kind), Files::new());
    let mut keepworth = Keepworth::up(&database);
    let file = customers(&files, "many.csv", 0..ROWS, "basic");
    let fields = [("kind", "customers"), ("mapping", MAPPING)];
    let path = imports("customers");
    let (status, ordered) = keepworth.upload_within(&path, &file, &fields, 0);
    assert_eq!(status, 202, "{ordered}");
    let id = ordered["id"].as_str().unwrap();
    until(&keepworth, id, |it| it["rows"].as_u64() > Some(0));
    keepworth.kill();
    keepworth.wait(Duration::from_secs(10)).unwrap();
    keepworth = Keepworth::up(&database);
    let (_, left) = keepworth.get(&format!("{path}/{id}"));
    assert_eq!(
        left["state"], "RUNNING",
        "it was killed in the middle: {left}"
    );
    let done = until(&keepworth, id, |it| it["finished_at"].is_string());
    assert_eq!(
        [
            &done["state"],
            &done["rows"],
            &done["created"],
            &done["unchanged"]
        ],
        [&json!("DONE"), &json!(ROWS), &json!(ROWS), &json!(0)],
        "{done}"
    );
    let taken = list(&keepworth, "/customers/v1/customers");
    assert_eq!(taken.len(), ROWS as usize);
    let (status, undone) = undo(&keepworth, &done);
    assert_eq!(status, 200, "{undone}");
    assert_eq!(
        list(&keepworth, "/customers/v1/customers"),
        [] as [Value; 0]
    );
}

/// What the sample's files say otherwise, by column.
const OTHERWISE: [(&str, &str); 5] = [
    ("plan", "vip"),
    ("reason", "PRICE"),
    ("seconds", "61"),
    ("recommend", "3"),
    ("amount_eur", "7.01"),
];

/// A file of the sample of which every third row is new, and every other third says something else.
fn changed(company: &Company, name: &str) -> PathBuf {
    let mut rows = csv::Reader::from_path(company.file(name).with_extension("csv")).unwrap();
    let header = rows.headers().unwrap().clone();
    let place = |(name, text)| Some((header.iter().position(|it| it == name)?, text));
    let (place, text) = OTHERWISE.into_iter().find_map(place).unwrap();
    let path = company
        .file(&format!("{name}-changed"))
        .with_extension("csv");
    let mut changed = csv::Writer::from_path(&path).unwrap();
    changed.write_record(&header).unwrap();
    for (number, row) in rows.records().map(Result::unwrap).enumerate() {
        let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
        match number % 3 {
            0 => cells[0].push_str("-new"),
            1 => cells[place] = text.to_owned(),
            _ => {}
        }
        changed.write_record(&cells).unwrap();
    }
    changed.flush().unwrap();
    path
}

/// Records of finance are known again from when they were put back.
fn without_times(lists: &[Value]) -> Vec<Value> {
    let mut lists = lists.to_vec();
    for list in &mut lists {
        for item in list.as_array_mut().into_iter().flatten() {
            item.as_object_mut().unwrap().remove("recorded_at");
        }
    }
    lists
}

fn undoing_restores_every_list(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let company = Company::new(300, 5);
    company.load_into(&keepworth);
    let before = lists(&keepworth);
    let mut taken = Vec::new();
    for (kind, name) in FILES {
        let mapping = fs::read_to_string(company.mapping(name)).unwrap();
        let import = take(&keepworth, kind, &changed(&company, name), &mapping);
        for count in ["created", "updated", "unchanged"] {
            assert!(import[count].as_u64() > Some(0), "{kind} {count}: {import}");
        }
        taken.push(import);
    }
    assert_ne!(lists(&keepworth), before);
    let (status, refused) = undo(&keepworth, &taken[0]);
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("changed_since")),
        "{refused}"
    );
    for import in taken.iter().rev() {
        let (status, undone) = undo(&keepworth, import);
        assert_eq!(status, 200, "{undone}");
        assert!(undone["undone_at"].is_string());
        let (status, again) = undo(&keepworth, import);
        assert_eq!(
            (status, again),
            (200, undone),
            "undoing again changes nothing"
        );
    }
    let after = lists(&keepworth);
    for (index, path) in LISTS.into_iter().enumerate() {
        if path.starts_with("/finance") {
            assert_eq!(
                without_times(&after)[index],
                without_times(&before)[index],
                "{path}"
            );
        } else {
            assert_eq!(after[index], before[index], "{path}");
        }
    }
}

const ENTRIES: &str = "source,external_id,posted_on,category,amount,currency\n";

/// Entries whose columns need no mapping.
fn entries(keepworth: &Keepworth, files: &Files, rows: &str) -> Value {
    let file = files.write("entries.csv", &format!("{ENTRIES}{rows}"));
    let (status, import) = keepworth.upload(&imports("ledger-entries"), &file, &[]);
    assert_eq!(
        (status, &import["state"]),
        (201, &json!("DONE")),
        "{import}"
    );
    assert_eq!(import["rejected"], 0, "{import}");
    import
}

fn finance_knows_on_what_was_known_before_it_was_undone(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    entries(&keepworth, &files, "gl,1,2025-03-01,OVERHEAD,10.00,EUR\n");
    let second = "gl,1,2025-03-01,OVERHEAD,12.00,EUR\ngl,2,2025-03-02,SERVICE,5.00,EUR\n";
    let second = entries(&keepworth, &files, second);
    assert_eq!(
        (&second["updated"], &second["created"]),
        (&json!(1), &json!(1))
    );
    let meanwhile = second["finished_at"].as_str().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(undo(&keepworth, &second).0, 200);
    let amounts = |more: &str| -> Vec<String> {
        let (status, page) = keepworth.get(&format!("/finance/v1/ledger-entries{more}"));
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|it| {
                it["record"]["amount"]["amount"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(amounts(""), ["10.00"]);
    assert_eq!(
        amounts(&format!("?known_at={meanwhile}")),
        ["12.00", "5.00"]
    );
    entries(&keepworth, &files, "gl,2,2025-03-02,SERVICE,6.00,EUR\n");
    assert_eq!(amounts(""), ["10.00", "6.00"]);
}

fn what_has_changed_since_is_not_undone(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let first = take(
        &keepworth,
        "customers",
        &customers(&files, "a.csv", 0..3, "basic"),
        MAPPING,
    );
    let second = take(
        &keepworth,
        "customers",
        &customers(&files, "b.csv", 2..5, "pro"),
        MAPPING,
    );
    assert_eq!(
        (&second["updated"], &second["created"]),
        (&json!(1), &json!(2))
    );
    let before = lists(&keepworth);
    let (status, problem) = undo(&keepworth, &first);
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!((status, &problem["code"]), (409, &json!("changed_since")));
    assert!(
        detail.contains("`2` of `crm`") && detail.contains(second["id"].as_str().unwrap()),
        "{detail}"
    );
    assert_eq!(lists(&keepworth), before, "never half");
    let event = json!({"import_id": "1", "items": [{"source": "crm", "external_id": "e", "kind": "LEFT",
        "customer_external_id": "4", "occurred_on": "2025-01-01"}]});
    assert_eq!(
        keepworth
            .post("/customers/v1/lifecycle-events:batch_upsert", &event)
            .0,
        200
    );
    let (status, problem) = undo(&keepworth, &second);
    assert_eq!(status, 409, "the event ended the customer: {problem}");
    let event = json!({"import_id": "2", "items": [{"source": "crm", "external_id": "f", "kind": "RENEWED",
        "customer_external_id": "3", "occurred_on": "2025-01-01"}]});
    assert_eq!(
        keepworth
            .post("/customers/v1/lifecycle-events:batch_upsert", &event)
            .0,
        200
    );
    let (_, problem) = undo(&keepworth, &second);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("`3` of `crm` has lifecycle events; undo their import first"),
        "{detail}"
    );
}

fn what_is_closed_is_not_undone(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let import = entries(
        &keepworth,
        &files,
        "gl,1,2025-03-01,OVERHEAD,10.00,EUR\ngl,2,2025-05-01,OVERHEAD,10.00,EUR\n",
    );
    let close = json!({"month": "2025-03", "reason": "audited"});
    assert_eq!(keepworth.post("/finance/v1/period-closes", &close).0, 201);
    let (status, problem) = undo(&keepworth, &import);
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("period_closed")),
        "{problem}"
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("`1` of `gl` belongs to 2025-03, which is closed"),
        "{detail}"
    );
    assert_eq!(list(&keepworth, "/finance/v1/ledger-entries").len(), 2);
}

fn workers_do_what_the_service_leaves_to_them(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::start(&["up"], &database, &["jobs.in_process=false"]);
    let file = customers(&files, "a.csv", 0..3, "basic");
    let fields = [("mapping", MAPPING), ("kind", "customers")];
    let path = imports("customers");
    let (status, waiting) = keepworth.upload_within(&path, &file, &fields, 1);
    assert_eq!(
        (status, &waiting["state"]),
        (202, &json!("QUEUED")),
        "{waiting}"
    );
    let _worker = Keepworth::start(&["worker", "customers"], &database, &[]);
    let done = until(&keepworth, waiting["id"].as_str().unwrap(), |it| {
        it["state"] == "DONE"
    });
    assert_eq!(done["created"], 3);
}

#[test]
fn what_has_two_readings_is_refused_with_both() {
    let (database, files) = (Database::new(Kind::Sqlite), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = files.write(
        "both.csv",
        "source,external_id,customer_external_id,posted_on,category,amount,currency,month\n\
         gl,1,7,2025-03-01,OVERHEAD,1.000,EUR,2025-03\n",
    );
    let path = imports("revenues");
    let (status, problem) = keepworth.upload(&path, &file, &[]);
    let fault = &problem["invalid_params"][0];
    assert_eq!(
        (status, &fault["code"]),
        (422, &json!("ambiguous")),
        "{problem}"
    );
    let reason = fault["reason"].as_str().unwrap();
    assert!(
        reason.contains("ledger-entries") && reason.contains("or as revenues"),
        "{reason}"
    );
    let (_, import) = keepworth.upload(&path, &file, &[("kind", "revenues")]);
    assert_eq!(import["rejected"], 1, "{import}");
    let rejected = list(
        &keepworth,
        &format!("{path}/{}/rejected", import["id"].as_str().unwrap()),
    );
    let detail = rejected[0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("1.234,56") && detail.contains("1,234.56"),
        "{detail}"
    );
}

#[test]
fn the_command_line_lists_imports_and_takes_them_back() {
    let (database, files) = (Database::new(Kind::Sqlite), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = customers(&files, "a.csv", 0..3, "basic");
    let import = take(&keepworth, "customers", &file, MAPPING);
    entries(&keepworth, &files, "gl,1,2025-03-01,OVERHEAD,10.00,EUR\n");
    let ask = |command: &[&str]| {
        let format = ["--format", "json"];
        keepworth.ask(&[&["imports"], command, &format].concat())
    };
    let listed = ask(&["list"]).done().json();
    let kinds: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["kind"])
        .collect();
    assert_eq!(kinds, ["ledger-entries", "customers"], "the last one first");
    let id = import["id"].as_str().unwrap();
    assert_eq!(ask(&["show", id]).done().json(), import);
    assert!(ask(&["undo", id]).done().json()["undone_at"].is_string());
    assert_eq!(
        list(&keepworth, "/customers/v1/customers"),
        [] as [Value; 0]
    );
    let table = keepworth.ask(&["imports", "list"]).done().stdout;
    assert!(table.contains("done, undone"), "{table}");
    let unknown = ask(&["undo", "019a0000-0000-7000-8000-000000000000"]);
    assert!(
        unknown.code == 2 && unknown.stderr.contains("imports list"),
        "{unknown:?}"
    );
}

#[test]
fn a_form_that_cannot_be_taken_names_the_field() {
    let (database, files) = (Database::new(Kind::Sqlite), Files::new());
    let keepworth = Keepworth::start(&["up"], &database, &["server.import_limit_bytes=2000"]);
    let file = customers(&files, "a.csv", 0..3, "basic");
    let path = imports("customers");
    for (fields, name, words) in [
        (
            vec![("kind", "revenues")],
            "kind",
            "kept by the finance service",
        ),
        (
            vec![("kind", "people")],
            "kind",
            "customers, lifecycle-events",
        ),
        (vec![("mapping", "source = 1")], "mapping", "line 1"),
        (
            vec![("mapping", MAPPING)],
            "kind",
            "nothing says what the rows are",
        ),
        (vec![("from", "paddle")], "from", "stripe, chartmogul, lago"),
        (vec![("dry_run", "maybe")], "dry_run", "true or false"),
        (vec![("colour", "red")], "colour", "is not known here"),
        (
            vec![
                ("kind", "customers"),
                (
                    "mapping",
                    "source = \"a\"\n[fields]\nexternal_id = \"{nr}\"",
                ),
            ],
            "mapping",
            "no column `nr`",
        ),
    ] {
        let (status, problem) = keepworth.upload(&path, &file, &fields);
        let fault = &problem["invalid_params"][0];
        assert_eq!((status, &fault["name"]), (422, &json!(name)), "{problem}");
        assert!(fault["reason"].as_str().unwrap().contains(words), "{fault}");
    }
    let unknown = files.write("b.csv", "a,b\n1,2\n");
    let (_, problem) = keepworth.upload(&path, &unknown, &[]);
    let reason = problem["invalid_params"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("customers: source, external_id, segment, acquired_on"),
        "{reason}"
    );
    let large = customers(&files, "c.csv", 0..300, "basic");
    assert_eq!(keepworth.upload(&path, &large, &[]).0, 413);
    assert_eq!(keepworth.post(&path, &json!({})).0, 415);
}

#[test]
fn an_order_that_comes_twice_is_one_import() {
    let (database, files) = (Database::new(Kind::Sqlite), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = customers(&files, "a.csv", 0..3, "basic");
    let boundary = "x--x";
    let body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{}\r\n--{boundary}--\r\n",
        fs::read_to_string(file).unwrap()
    );
    let send = || {
        let request = keepworth
            .client()
            .post(keepworth.at(&imports("customers")))
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .header("idempotency-key", "once")
            .header("prefer", "wait=60")
            .body(body.clone());
        let response = request.send().unwrap();
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        (
            response.status().as_u16(),
            location,
            response.json::<Value>().unwrap(),
        )
    };
    let (status, location, import) = send();
    assert_eq!(status, 201, "{import}");
    assert_eq!(
        import["taken_as"],
        "customers with columns named as the fields are"
    );
    assert_eq!(import["rejected"], 3, "nobody registered the segment");
    assert_eq!(send(), (status, location.clone(), import));
    assert_eq!(list(&keepworth, &imports("customers")).len(), 1);
    assert_eq!(keepworth.get(&location).0, 200, "{location}");
}
