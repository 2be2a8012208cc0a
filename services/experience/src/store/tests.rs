//! The store on a database of its own, against a plain recount of the same records.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use keepworth_contract::experience::{ContactSum, ExposureRow, FeedbackQuery};
use keepworth_contract::experience::{FeedbackInput, FeedbackKind, InteractionInput, Outcome};
use keepworth_contract::feed::CustomerKey;
use keepworth_intake::batch::Planned;
use keepworth_store::{Conn, Db, DbOptions, Place, RecordId, StoreError};
use proptest::prelude::*;
use uuid::Uuid;

use super::exposure::for_each_row;
use super::feedback::{self, FeedbackRow};
use super::interaction::{self, InteractionRow};
use crate::rule::moment;

/// Ids whose order by byte, by number and by dictionary differ.
const CUSTOMERS: [&str; 6] = ["10", "9", "B", "a", "a b", "é"];
const SOURCES: [&str; 3] = ["CRM", "crm", "web"];

fn customer_strategy() -> impl Strategy<Value = (String, String)> {
    (
        prop::sample::select(&SOURCES[..]),
        prop::sample::select(&CUSTOMERS[..]),
    )
        .prop_map(|(source, id)| (source.to_owned(), id.to_owned()))
}

/// Moments of one quarter, on a grid coarse enough for ties, and beside it by fractions of a
/// second: the last moment of a day is one of them.
fn moment_strategy() -> impl Strategy<Value = DateTime<Utc>> {
    let beside = prop::sample::select(&[-1i64, 0, 0, 1, 500_000][..]);
    (1i64..91 * 4, beside).prop_map(|(quarter_days, microseconds)| {
        let start: DateTime<Utc> = "2025-01-01T00:00:00Z".parse().unwrap();
        start
            + chrono::Duration::hours(6 * quarter_days)
            + chrono::Duration::microseconds(microseconds)
    })
}

fn feedback_strategy() -> impl Strategy<Value = FeedbackInput> {
    let phase = prop::option::of(prop::sample::select(&["buy", "use"][..]));
    (
        customer_strategy(),
        moment_strategy(),
        prop::sample::select(FeedbackKind::all().collect::<Vec<_>>()),
        1..=5,
        phase,
    )
        .prop_map(
            |((source, id), responded_at, kind, score, phase)| FeedbackInput {
                source: "survey".into(),
                external_id: String::new(),
                customer_source: Some(source),
                customer_external_id: id,
                kind,
                score,
                responded_at,
                phase: phase.map(str::to_owned),
                channel: None,
            },
        )
}

fn interaction_strategy() -> impl Strategy<Value = InteractionInput> {
    let outcomes = [Outcome::Resolved, Outcome::Unresolved, Outcome::Abandoned];
    (
        customer_strategy(),
        moment_strategy(),
        prop::sample::select(&["phone", "chat"][..]),
        0i64..1_000,
        prop::sample::select(outcomes.to_vec()),
    )
        .prop_map(
            |((source, id), started_at, channel, handle_seconds, outcome)| InteractionInput {
                source: "desk".into(),
                external_id: String::new(),
                customer_source: Some(source),
                customer_external_id: id,
                channel: channel.into(),
                started_at,
                handle_seconds,
                outcome,
                phase: None,
                issue: None,
            },
        )
}

fn planned<T>(record: &T) -> Planned<'_, T> {
    Planned {
        id: RecordId::generate(),
        record,
        content_hash: vec![0],
    }
}

fn feedback_rows(records: &[FeedbackInput]) -> Vec<FeedbackRow> {
    let now = NaiveDateTime::default();
    let rows = records
        .iter()
        .enumerate()
        .map(|(index, record)| FeedbackRow {
            external_id: index.to_string(),
            ..FeedbackRow::planned(&planned(record), "test", now)
        });
    rows.collect()
}

fn interaction_rows(records: &[InteractionInput]) -> Vec<InteractionRow> {
    let now = NaiveDateTime::default();
    let rows = records
        .iter()
        .enumerate()
        .map(|(index, record)| InteractionRow {
            external_id: index.to_string(),
            ..InteractionRow::planned(&planned(record), "test", now)
        });
    rows.collect()
}

/// Runs `work` on an empty database with the service's schema.
fn on_database<T: Send + 'static>(
    work: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data/experience.db", folder.path().display());
    let options = DbOptions {
        pool_size: 1,
        ..DbOptions::default()
    };
    let db = Db::open(&url, &options).unwrap();
    db.migrate(&crate::migrations()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(db.write(work)).unwrap()
}

fn exposures(
    conn: &mut Conn,
    as_of: NaiveDate,
    chunk: i64,
) -> Result<Vec<ExposureRow>, StoreError> {
    let mut rows = Vec::new();
    for_each_row(conn, moment::evening(as_of), chunk, |row| {
        rows.push(row);
        Ok::<_, StoreError>(())
    })?;
    Ok(rows)
}

/// The same rows counted from the records, without a database, order or chunks.
fn recounted(
    answers: &[FeedbackInput],
    contacts: &[InteractionInput],
    as_of: NaiveDate,
) -> Vec<ExposureRow> {
    let mut rows: BTreeMap<(String, String, String), ExposureRow> = BTreeMap::new();
    let mut last = BTreeMap::new();
    let month = |at: DateTime<Utc>| at.format("%Y-%m").to_string();
    let empty = |key: &(String, String, String)| ExposureRow {
        customer: CustomerKey {
            source: key.0.clone(),
            external_id: key.1.clone(),
        },
        month: key.2.clone(),
        contacts: BTreeMap::new(),
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    };
    for it in contacts
        .iter()
        .filter(|it| it.started_at.date_naive() <= as_of)
    {
        let source = it.customer_source.clone().unwrap();
        let key = (
            source,
            it.customer_external_id.clone(),
            month(it.started_at),
        );
        let row = rows.entry(key.clone()).or_insert_with(|| empty(&key));
        if it.outcome == Outcome::Abandoned {
            row.abandoned += 1;
            continue;
        }
        row.unresolved += u64::from(it.outcome == Outcome::Unresolved);
        let sum: &mut ContactSum = row.contacts.entry(it.channel.clone()).or_default();
        sum.count += 1;
        sum.handle_seconds += it.handle_seconds;
    }
    for it in answers
        .iter()
        .filter(|it| it.responded_at.date_naive() <= as_of)
    {
        let source = it.customer_source.clone().unwrap();
        let key = (
            source,
            it.customer_external_id.clone(),
            month(it.responded_at),
        );
        let row = rows.entry(key.clone()).or_insert_with(|| empty(&key));
        let name = it.kind.name();
        let candidate = (it.responded_at, -it.score);
        let best = last.entry((key.0, key.1, key.2, name)).or_insert(candidate);
        *best = candidate.max(*best);
        row.scores.insert(name.to_owned(), -best.1);
    }
    rows.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn exposures_are_a_plain_recount(
        answers in prop::collection::vec(feedback_strategy(), 0..60),
        contacts in prop::collection::vec(interaction_strategy(), 0..60),
        day in 0u64..91,
        chunk in 1i64..9,
    ) {
        let as_of = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(day);
        let expected = recounted(&answers, &contacts, as_of);
        let (answers, contacts) = (feedback_rows(&answers), interaction_rows(&contacts));
        let found = on_database(move |conn| {
            (feedback::FEEDBACK.insert)(conn, &answers)?;
            (interaction::INTERACTIONS.insert)(conn, &contacts)?;
            exposures(conn, as_of, chunk)
        });
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn score_cells_are_a_plain_recount(
        answers in prop::collection::vec(feedback_strategy(), 0..80),
        day in 0u64..91,
    ) {
        let as_of = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(day);
        let mut expected: BTreeMap<(feedback::Kind, String, Option<String>, i32), i64> =
            BTreeMap::new();
        for it in answers.iter().filter(|it| it.responded_at.date_naive() <= as_of) {
            let month = it.responded_at.format("%Y-%m").to_string();
            let cell = (it.kind.into(), month, it.phase.clone(), it.score);
            *expected.entry(cell).or_default() += 1;
        }
        let rows = feedback_rows(&answers);
        let (cells, nps) = on_database(move |conn| {
            (feedback::FEEDBACK.insert)(conn, &rows)?;
            let until = moment::evening(as_of);
            let cells = feedback::load_score_cells(conn, until)?;
            Ok((cells, feedback::load_score_counts(conn, FeedbackKind::Nps, until)?))
        });
        let found: BTreeMap<_, _> = cells
            .into_iter()
            .map(|(kind, month, phase, score, answers)| {
                let month = keepworth_contract::Month::from_index(month).to_string();
                ((kind, month, phase, score), answers)
            })
            .collect();
        let mut by_score: BTreeMap<i32, i64> = BTreeMap::new();
        for ((_, _, _, score), answers) in expected.iter().filter(|(cell, _)| cell.0.0 == FeedbackKind::Nps) {
            *by_score.entry(*score).or_default() += answers;
        }
        prop_assert_eq!(nps.into_iter().collect::<BTreeMap<_, _>>(), by_score);
        prop_assert_eq!(found, expected);
    }
}

fn answer(customer: &str, kind: FeedbackKind) -> FeedbackInput {
    FeedbackInput {
        source: "survey".into(),
        external_id: "1".into(),
        customer_source: None,
        customer_external_id: customer.into(),
        kind,
        score: 5,
        responded_at: "2025-03-01T10:00:00.123456789Z".parse().unwrap(),
        phase: Some("use".into()),
        channel: Some("mail".into()),
    }
}

fn start() -> Place {
    Place {
        beyond: RecordId(Uuid::nil()),
        newest_first: false,
        limit: 10,
        is_counted: false,
    }
}

#[test]
fn a_new_version_replaces_the_old_one_as_a_whole() {
    let row = feedback_rows(&[answer("7", FeedbackKind::Nps)]).remove(0);
    let id = row.id;
    let stored = on_database(move |conn| {
        (feedback::FEEDBACK.insert)(conn, std::slice::from_ref(&row))?;
        let newer = FeedbackRow {
            score: 9,
            phase: None,
            ..row
        };
        (feedback::FEEDBACK.replace)(conn, &[newer])?;
        let all = FeedbackQuery::default();
        Ok(feedback::list_feedback(conn, &start(), &all)?.rows)
    });
    let [row] = stored.as_slice() else {
        panic!("one row, not {}", stored.len());
    };
    assert_eq!((row.id, row.score, row.phase.as_deref()), (id, 9, None));
    let moment = "2025-03-01T10:00:00.123456".parse().unwrap();
    assert_eq!((row.responded_at, row.month), (moment, 2025 * 12 + 2));
}

/// Nothing is left out of a figure because its word is not known.
#[test]
fn a_word_that_is_not_known_is_refused_with_its_place() {
    let rows = feedback_rows(&[answer("7", FeedbackKind::Nps)]);
    let refused = on_database(move |conn| {
        (feedback::FEEDBACK.insert)(conn, &rows)?;
        conn.batch("UPDATE feedback SET kind = 'SMELL'")?;
        let until = moment::evening(NaiveDate::from_ymd_opt(2025, 12, 31).unwrap());
        let listed = feedback::list_feedback(conn, &start(), &FeedbackQuery::default());
        Ok([
            listed.map(|_| ()).map_err(StoreError::from),
            feedback::load_score_cells(conn, until)
                .map(|_| ())
                .map_err(StoreError::from),
            for_each_row(conn, until, 10, |_| Ok::<_, StoreError>(())),
        ])
    });
    for refused in refused {
        let text = refused.unwrap_err().to_string();
        assert!(text.starts_with("`feedback.kind` holds `SMELL`"), "{text}");
    }
}

#[test]
fn lists_are_filtered_by_customer_and_kind() {
    let records = [
        answer("7", FeedbackKind::Nps),
        answer("7", FeedbackKind::Csat),
        answer("8", FeedbackKind::Nps),
    ];
    let rows = feedback_rows(&records);
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let lists = on_database(move |conn| {
        (feedback::FEEDBACK.insert)(conn, &rows)?;
        let seven = FeedbackQuery {
            customer_source: Some("survey".into()),
            customer_external_id: Some("7".into()),
            ..FeedbackQuery::default()
        };
        let nps = |query: &FeedbackQuery| FeedbackQuery {
            kind: Some(FeedbackKind::Nps),
            ..query.clone()
        };
        let mut list = |query: &FeedbackQuery, place: Place| {
            let page = feedback::list_feedback(conn, &place, query)?;
            Ok::<_, StoreError>(page.rows.iter().map(|row| row.id).collect::<Vec<_>>())
        };
        let all = FeedbackQuery::default();
        let second = Place {
            beyond: rows[0].id,
            ..start()
        };
        Ok([
            list(&seven, start())?,
            list(&nps(&seven), start())?,
            list(&nps(&all), start())?,
            list(&all, second)?,
        ])
    });
    let expected = [
        vec![ids[0], ids[1]],
        vec![ids[0]],
        vec![ids[0], ids[2]],
        vec![ids[1], ids[2]],
    ];
    assert_eq!(lists, expected);
}
