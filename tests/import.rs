//! Import: what is taken, what is not, and what a person is told.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    importing_twice_changes_nothing,
    a_changed_row_is_an_update_and_keeps_what_it_leaves_out,
    bad_rows_go_to_the_error_file_and_the_others_are_taken,
    a_dry_run_writes_nothing,
    one_file_must_not_contradict_itself,
    all_or_nothing_writes_nothing,
    a_damaged_file_is_reported_by_line,
    money_and_dates_are_refused_with_the_fix,
);

const MAPPING: &str = r#"
source = "crm"
create_segments = true
[fields]
external_id = "{id}"
segment = "{plan}"
acquired_on = "{since}"
left_on = "{left}"
"#;

/// A folder with a mapping, and files as tests need them.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("map.toml"), MAPPING).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn mapping(&self) -> PathBuf {
        self.0.path().join("map.toml")
    }

    fn errors(&self, file: &Path) -> String {
        fs::read_to_string(file.with_extension("rejected.csv")).unwrap()
    }
}

fn total(keepworth: &Keepworth) -> usize {
    keepworth.get("/customers/v1/customers?page_size=1000").1["items"]
        .as_array()
        .unwrap()
        .len()
}

fn importing_twice_changes_nothing(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(300, 3));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let feed = "/customers/v1/feed/episodes?as_of=2025-12-31";
    let read = || {
        keepworth
            .client()
            .get(keepworth.at(feed))
            .send()
            .unwrap()
            .text()
            .unwrap()
    };
    let before = read();
    company.load_into(&keepworth);
    let again = keepworth
        .import(
            "customers",
            &company.file("customers.csv"),
            &company.mapping("customers"),
            &[],
        )
        .done()
        .json();
    assert_eq!(
        (again["unchanged"].as_u64(), again["created"].as_u64()),
        (Some(300), Some(0))
    );
    assert_eq!(read(), before);
}

fn a_changed_row_is_an_update_and_keeps_what_it_leaves_out(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let first = files.write(
        "a.csv",
        "id,plan,since,left\n1,basic,2024-01-01,2025-01-31\n",
    );
    keepworth
        .import("customers", &first, &files.mapping(), &[])
        .done();
    let second = files.write("b.csv", "id,plan,since,left\n1,pro,2024-01-01,\n");
    let summary = keepworth
        .import("customers", &second, &files.mapping(), &[])
        .done()
        .json();
    assert_eq!(summary["updated"], 1);
    let (_, customer) = keepworth.get("/customers/v1/customers/by-external-id/crm/1");
    assert_eq!(
        (&customer["segment"], &customer["left_on"]),
        (&"pro".into(), &"2025-01-31".into())
    );
}

fn bad_rows_go_to_the_error_file_and_the_others_are_taken(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = files.write(
        "mixed.csv",
        "id,plan,since,left,note\n\
         1,basic,2024-01-01,,fine\n\
         2,basic,soon,,\"a date, not\"\n\
         3,basic,2024-06-01,2024-05-01,left before the start\n\
         4,basic,2024-06-01,2199-01-01,leaves in the future\n\
         ,basic,2024-06-01,,no id\n",
    );
    let answer = keepworth.import("customers", &file, &files.mapping(), &[]);
    assert_eq!(answer.code, 1, "some rows were taken: {answer:?}");
    let summary = answer.json();
    assert_eq!(
        (&summary["created"], &summary["rejected"]),
        (&1.into(), &4.into())
    );
    assert_eq!(summary["unused_columns"], serde_json::json!(["note"]));
    let errors = files.errors(&file);
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines[0], "id,plan,since,left,note,error_code,error_detail");
    for (line, code, words) in [
        (1, "malformed_value", ["line 3", "soon", "YYYY-MM-DD"]),
        (
            2,
            "dates_out_of_order",
            ["left_on", "2024-05-01", "2024-06-01"],
        ),
        (3, "in_the_future", ["left_on", "2199-01-01", "today"]),
        (4, "missing", ["line 6", "external_id", "every record"]),
    ] {
        assert!(lines[line].contains(code), "{}", lines[line]);
        assert!(
            words.iter().all(|word| lines[line].contains(word)),
            "{}",
            lines[line]
        );
    }
    assert_eq!(total(&keepworth), 1);
}

fn a_dry_run_writes_nothing(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = files.write("a.csv", "id,plan,since,left\n1,basic,2024-01-01,\n");
    let summary = keepworth
        .import("customers", &file, &files.mapping(), &["--dry-run"])
        .done()
        .json();
    assert_eq!(summary["created"], 1, "it says what would happen");
    assert_eq!(total(&keepworth), 0);
    assert_eq!(
        keepworth.get("/customers/v1/segments").1["items"],
        serde_json::json!([])
    );
}

fn one_file_must_not_contradict_itself(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let file = files.write(
        "a.csv",
        "id,plan,since,left\n1,basic,2024-01-01,\n1,pro,2024-01-01,\n",
    );
    assert_eq!(
        keepworth
            .import("customers", &file, &files.mapping(), &[])
            .code,
        1
    );
    let errors = files.errors(&file);
    assert!(
        errors.contains("duplicate_id") && errors.contains("keep one row"),
        "{errors}"
    );
}

fn all_or_nothing_writes_nothing(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let item = |id: &str, since: &str| serde_json::json!({"source": "crm", "external_id": id, "segment": "basic", "acquired_on": since});
    let body = serde_json::json!({
        "import_id": "1", "on_invalid": "refuse", "create_segments": true,
        "items": [item("1", "2024-01-01"), item("2", "2199-01-01")],
    });
    let (status, problem) = keepworth.post("/customers/v1/customers:batch_upsert", &body);
    assert_eq!(status, 422, "{problem}");
    assert_eq!(problem["invalid_params"][0]["name"], "items/1/acquired_on");
    assert_eq!(total(&keepworth), 0);
}

fn a_damaged_file_is_reported_by_line(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let cut = files.write("cut.csv", "id;plan;since;left\n1;basic;2024-01-01;\n2;bas");
    assert_eq!(
        keepworth
            .import("customers", &cut, &files.mapping(), &[])
            .code,
        1
    );
    assert!(
        files
            .errors(&cut)
            .contains("line 3 has 2 cells, the header has 4"),
        "{}",
        files.errors(&cut)
    );
    let latin = files.write("latin.csv", b"id,plan,since,left\n1,Gr\xfcn,2024-01-01,\n");
    assert_eq!(
        keepworth
            .import("customers", &latin, &files.mapping(), &[])
            .code,
        2,
        "no row was taken"
    );
    assert!(files.errors(&latin).contains("windows-1252"));
}

fn money_and_dates_are_refused_with_the_fix(kind: Kind) {
    let (database, files) = (Database::new(kind), Files::new());
    let keepworth = Keepworth::up(&database);
    let mapping = files.write(
        "money.toml",
        "source = \"billing\"\n[fields]\nexternal_id = \"{n}\"\ncustomer_external_id = \"{n}\"\n\
         month = \"{month}\"\namount = \"{amount} {currency}\"\n",
    );
    let file = files.write(
        "money.csv",
        "n,month,amount,currency\n1,2025-01,-5.00,EUR\n2,2025-13,5.00,EUR\n3,2025-01,5.0051,EUR\n4,2025-01,5.00,EURO\n5,2025-01,5.00,EUR\n",
    );
    assert_eq!(keepworth.import("revenues", &file, &mapping, &[]).code, 1);
    let errors = files.errors(&file);
    for words in [
        "negative_charge",
        "2025-13",
        "more decimals than EUR",
        "not a currency of ISO 4217",
    ] {
        assert!(errors.contains(words), "{words} in {errors}");
    }
}

#[test]
fn an_unknown_segment_is_refused_when_it_may_not_be_created() {
    let (database, files) = (Database::new(Kind::Sqlite), Files::new());
    let keepworth = Keepworth::up(&database);
    let strict = files.write("strict.toml", MAPPING.replace("create_segments = true", ""));
    let file = files.write("a.csv", "id,plan,since,left\n1,basci,2024-01-01,\n");
    assert_eq!(keepworth.import("customers", &file, &strict, &[]).code, 2);
    let errors = files.errors(&file);
    assert!(
        errors.contains("unknown_segment") && errors.contains("basci"),
        "{errors}"
    );
}

#[test]
fn a_missing_service_is_named_with_the_fix() {
    let files = Files::new();
    let file = files.write("a.csv", "id,plan,since,left\n1,basic,2024-01-01,\n");
    let (file, mapping) = (
        file.display().to_string(),
        files.mapping().display().to_string(),
    );
    let nowhere = "http://127.0.0.1:9";
    let answer = crate::support::run(&[
        "import",
        "customers",
        &file,
        "--mapping",
        &mapping,
        "--url",
        nowhere,
    ]);
    assert_eq!(answer.code, 2);
    for words in ["customers", nowhere, "keepworth up"] {
        assert!(
            answer.stderr.contains(words),
            "{words} in {}",
            answer.stderr
        );
    }
}
