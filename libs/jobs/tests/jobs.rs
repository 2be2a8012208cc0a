//! Jobs on both databases: one holder at a time, done once, whatever becomes of workers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use keepworth_access::{Act, Caller, Errand, Permission, RequestIds, Role, Via};
use keepworth_contract::{JobKind, Problem};
use keepworth_jobs::table::{self, Beat};
use keepworth_jobs::{
    Executor, InProcess, Job, LEASE, Lane, MOST_ATTEMPTS, Reason, State, Task, Work, Workers,
    Working, Write, wait,
};
use keepworth_store::{Conn, Db, DbOptions, RecordId, StoreError};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::sync::watch;

const TABLE: &str = "CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, errand TEXT, \
    input TEXT NOT NULL, state TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, \
    attempts INTEGER NOT NULL, due_at TIMESTAMP NOT NULL, worker TEXT, is_cancelled BOOLEAN NOT NULL, \
    failure TEXT, result TEXT, created_at TIMESTAMP NOT NULL, started_at TIMESTAMP, \
    finished_at TIMESTAMP); \
    CREATE TABLE audit_entries (seq BIGINT PRIMARY KEY, entry TEXT, hash BYTEA, recorded_at TIMESTAMP); \
    CREATE TABLE audit_heads (id BIGINT PRIMARY KEY, seq BIGINT, hash BYTEA); \
    INSERT INTO audit_heads VALUES (1, 0, '')";

const KINDS: &[JobKind] = &[JobKind::Run];

struct Place {
    db: Db,
    _folder: Option<TempDir>,
}

impl Place {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/jobs.db", folder.path().display());
        Self::on(&url, Some(folder)).await
    }

    async fn postgres() -> Option<Self> {
        let server = std::env::var("KEEPWORTH_TEST_POSTGRES").ok()?;
        let name = format!("jobs_{}", uuid::Uuid::now_v7().simple());
        let maintenance = Db::open(&format!("{server}/postgres"), &DbOptions::default()).unwrap();
        let create = format!("CREATE DATABASE {name}");
        let created: Result<(), StoreError> = maintenance.read(move |c| c.batch(&create)).await;
        created.unwrap();
        Some(Self::on(&format!("{server}/{name}"), None).await)
    }

    async fn on(url: &str, folder: Option<TempDir>) -> Self {
        let db = Db::open(url, &DbOptions::default()).unwrap();
        let place = Self {
            db,
            _folder: folder,
        };
        place.write(|conn| conn.batch(TABLE)).await;
        place
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.db.write(work).await.unwrap()
    }

    async fn enqueue(&self) -> Job {
        let now = keepworth_store::now().naive_utc();
        let enqueue =
            move |conn: &mut Conn| Ok(table::enqueue(conn, JobKind::Run, "{}".into(), now)?);
        self.write(enqueue).await
    }

    async fn lease(&self, worker: RecordId, now: NaiveDateTime) -> Option<Job> {
        let lease = move |conn: &mut Conn| Ok(table::lease(conn, KINDS, worker, now)?.job);
        self.write(lease).await
    }

    async fn find(&self, id: RecordId) -> Job {
        let find = move |conn: &mut Conn| Ok(table::find(conn, id)?.unwrap());
        self.write(find).await
    }
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(super::Place::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() {
                match super::Place::postgres().await {
                    Some(place) => super::$name(place).await,
                    None => eprintln!("skipped: KEEPWORTH_TEST_POSTGRES is not set"),
                }
            })*
        }
    };
}

/// Does something in a transaction for somebody.
async fn for_somebody<T: Send + 'static>(
    place: &Place,
    subject: &str,
    work: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
) -> T {
    let caller = Caller::new("test", subject, Via::Token, [Role::Analyst]);
    let act = Act::by(caller, "POST /v1/runs".to_owned(), None);
    assert!(act.is_allowed(Permission::ScenarioWrite));
    act.around(place.write(work)).await
}

async fn order(place: &Place, subject: &str) -> RecordId {
    let enqueue = |conn: &mut Conn| Ok(table::enqueue(conn, JobKind::Run, "{}".into(), now())?.id);
    for_somebody(place, subject, enqueue).await
}

async fn callers_take_turns(place: Place) {
    let mut flood = Vec::new();
    for _ in 0..4 {
        flood.push(order(&place, "flood").await);
    }
    let (other, third) = (order(&place, "other").await, order(&place, "third").await);
    let again = order(&place, "other").await;
    let worker = RecordId::generate();
    let mut begun = Vec::new();
    while let Some(job) = place.lease(worker, now()).await {
        begun.push(job.id);
    }
    let expected = [flood[0], other, third, flood[1], again, flood[2], flood[3]];
    assert_eq!(begun, expected);
}

async fn one_caller_leaves_room_for_others(place: Place) {
    let room = keepworth_jobs::Room {
        of_caller: 2,
        in_all: 3,
        setting: "limits.runs",
    };
    let full = move |conn: &mut Conn| Ok(keepworth_jobs::full(conn, JobKind::Run, room, now())?);
    for _ in 0..2 {
        assert_eq!(for_somebody(&place, "flood", full).await, None);
        order(&place, "flood").await;
    }
    let refused = for_somebody(&place, "flood", full).await.unwrap();
    assert!(refused.is_of_caller && refused.open == 2 && refused.pause_seconds >= 1);
    assert_eq!(for_somebody(&place, "other", full).await, None);
    order(&place, "other").await;
    let refused = for_somebody(&place, "other", full).await.unwrap();
    assert!(!refused.is_of_caller && refused.open == 3, "{refused:?}");
    let job = place.lease(RecordId::generate(), now()).await.unwrap();
    let done = move |conn: &mut Conn| Ok(table::finish(conn, &job, "", now())?);
    assert!(place.write(done).await);
    assert_eq!(for_somebody(&place, "flood", full).await, None);
}

on_both!(
    callers_take_turns,
    one_caller_leaves_room_for_others,
    two_workers_never_have_one_job,
    a_lease_that_ran_out_is_taken_over_and_its_old_holder_is_too_late,
    a_job_is_cancelled_while_it_waits_and_while_it_runs,
    a_failure_that_may_pass_is_tried_again,
    a_job_that_takes_its_process_along_is_given_up,
    a_job_that_is_given_up_is_heard_to_be_over,
    what_is_enqueued_in_a_transaction_that_fails_is_not_there,
    each_job_is_done_once_in_this_process,
    a_cancelled_job_stops_and_a_stopped_process_gives_its_job_back,
    other_workers_do_what_is_enqueued_here,
    a_job_is_done_for_who_ordered_it_as_long_as_they_may,
);

fn now() -> NaiveDateTime {
    keepworth_store::now().naive_utc()
}

fn problem() -> Problem {
    Problem {
        r#type: "/problems/busy".into(),
        title: "Busy".into(),
        status: 503,
        detail: None,
        code: "busy".into(),
        request_id: None,
        invalid_params: Vec::new(),
    }
}

async fn two_workers_never_have_one_job(place: Place) {
    let mut jobs = BTreeSet::new();
    for _ in 0..30 {
        jobs.insert(place.enqueue().await.id);
    }
    let leased = Arc::new(Mutex::new(Vec::new()));
    let place = Arc::new(place);
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (place, leased) = (Arc::clone(&place), Arc::clone(&leased));
        workers.spawn(async move {
            let worker = RecordId::generate();
            while let Some(job) = place.lease(worker, now()).await {
                leased.lock().unwrap().push(job.id);
            }
        });
    }
    workers.join_all().await;
    let leased = leased.lock().unwrap();
    assert_eq!(leased.len(), 30, "none twice");
    assert_eq!(leased.iter().copied().collect::<BTreeSet<_>>(), jobs);
}

async fn a_lease_that_ran_out_is_taken_over_and_its_old_holder_is_too_late(place: Place) {
    let job = place.enqueue().await;
    let (one, other) = (RecordId::generate(), RecordId::generate());
    let start = now();
    let first = place.lease(one, start).await.unwrap();
    assert_eq!(
        (first.id, first.state, first.attempts),
        (job.id, State::Running, 1)
    );
    let beaten = start + LEASE / 2;
    let held = first.clone();
    let beat = place.write(move |conn| Ok(table::heartbeat(conn, &held, (3, 9), beaten)?));
    assert_eq!(beat.await, Beat::GoOn);
    let before = beaten + LEASE - TimeDelta::milliseconds(1);
    assert!(place.lease(other, before).await.is_none());
    let second = place.lease(other, beaten + LEASE).await.unwrap();
    assert_eq!((second.id, second.attempts, second.done), (job.id, 2, 0));
    let too_late = place.write(move |conn| {
        let beat = table::heartbeat(conn, &first, (4, 9), beaten)?;
        Ok((beat, table::finish(conn, &first, "first", beaten)?))
    });
    assert_eq!(too_late.await, (Beat::Lost, false));
    let finished = place.write(move |conn| Ok(table::finish(conn, &second, "second", beaten)?));
    assert!(finished.await);
    let done = place.find(job.id).await;
    assert_eq!(
        (done.state, done.result.as_deref()),
        (State::Done, Some("second"))
    );
}

async fn a_job_is_cancelled_while_it_waits_and_while_it_runs(place: Place) {
    let (waits, runs) = (place.enqueue().await, place.enqueue().await);
    let cancel = |id| move |conn: &mut Conn| Ok(table::cancel(conn, id, now())?.unwrap());
    let cancelled = place.write(cancel(waits.id)).await;
    assert_eq!(cancelled.state, State::Cancelled);
    assert!(cancelled.finished_at.is_some());
    let leased = place.lease(RecordId::generate(), now()).await.unwrap();
    assert_eq!(leased.id, runs.id);
    assert_eq!(place.write(cancel(runs.id)).await.state, State::Running);
    let told = place.write(move |conn| {
        let beat = table::heartbeat(conn, &leased, (1, 2), now())?;
        Ok((beat, table::set_cancelled(conn, &leased, now())?))
    });
    assert_eq!(told.await, (Beat::Stop, true));
    assert_eq!(place.write(cancel(runs.id)).await.state, State::Cancelled);
    let none = place.write(|conn| Ok(table::cancel(conn, RecordId::generate(), now())?));
    assert_eq!(none.await, None);
    let open = place.enqueue().await.id;
    let later = now() + TimeDelta::days(1);
    let forgotten = place.write(move |conn| Ok(table::forget(conn, later)?));
    assert_eq!(forgotten.await, 2, "both that are over");
    assert_eq!(place.find(open).await.state, State::Queued);
}

async fn a_failure_that_may_pass_is_tried_again(place: Place) {
    let job = place.enqueue().await;
    let mut at = now();
    for attempt in 1..=MOST_ATTEMPTS {
        let leased = place.lease(RecordId::generate(), at).await.unwrap();
        assert_eq!((leased.id, leased.attempts), (job.id, attempt));
        assert!(
            place
                .write(move |conn| Ok(table::fail(conn, &leased, &problem(), true, at)?))
                .await
        );
        let failed = place.find(job.id).await;
        assert_eq!(
            failed.problem(),
            Some(problem()),
            "the reason is there at once"
        );
        let is_last = attempt == MOST_ATTEMPTS;
        assert_eq!(failed.state == State::Failed, is_last, "{failed:?}");
        assert!(
            is_last || place.lease(RecordId::generate(), at).await.is_none(),
            "after a pause"
        );
        at += TimeDelta::seconds(60);
    }
    assert!(place.lease(RecordId::generate(), at).await.is_none());
    let lasting = place.enqueue().await;
    let leased = place.lease(RecordId::generate(), at).await.unwrap();
    place
        .write(move |conn| Ok(table::fail(conn, &leased, &problem(), false, at)?))
        .await;
    assert_eq!(place.find(lasting.id).await.state, State::Failed, "at once");
}

async fn a_job_that_takes_its_process_along_is_given_up(place: Place) {
    let job = place.enqueue().await;
    let mut at = now();
    for _ in 0..MOST_ATTEMPTS {
        assert!(place.lease(RecordId::generate(), at).await.is_some());
        at += LEASE;
    }
    assert!(place.lease(RecordId::generate(), at).await.is_none());
    let failed = place.find(job.id).await;
    assert_eq!(failed.state, State::Failed);
    assert_eq!(failed.problem().unwrap().code, "interrupted");
}

async fn a_job_that_is_given_up_is_heard_to_be_over(place: Place) {
    let job = place.enqueue().await;
    let mut at = now();
    for _ in 0..MOST_ATTEMPTS {
        at += LEASE;
        assert!(place.lease(RecordId::generate(), at).await.is_some());
    }
    let ended = "UPDATE jobs SET due_at = '2020-01-01 00:00:00'";
    place.write(|conn| conn.batch(ended)).await;
    let work = Arc::new(Sums::default());
    let (executor, stop, _) = start(&place, &work);
    wait(&place.db, &executor, job.id, LONG).await.unwrap();
    assert_eq!(*work.over.lock().unwrap(), [(job.id, State::Failed)]);
    assert_eq!(work.begun.load(Ordering::Relaxed), 0);
    drop(stop);
}

async fn what_is_enqueued_in_a_transaction_that_fails_is_not_there(place: Place) {
    let broken: Result<(), StoreError> = place
        .db
        .write(|conn| {
            table::enqueue(conn, JobKind::Run, "{}".into(), now())?;
            let room = keepworth_jobs::Room::of_caller(1, "limits.runs");
            assert!(keepworth_jobs::full(conn, JobKind::Run, room, now())?.is_some());
            Err(StoreError::Overflow)
        })
        .await;
    assert!(broken.is_err());
    assert!(place.lease(RecordId::generate(), now()).await.is_none());
}

/// Writes a row per job done; `slow` ones go on until they are stopped.
#[derive(Default)]
struct Sums {
    begun: AtomicUsize,
    is_slow: bool,
    /// What it heard to be over.
    over: Mutex<Vec<(RecordId, State)>>,
}

const WRITTEN: &str = "CREATE TABLE written (id TEXT NOT NULL)";

impl Work for Sums {
    fn run(&self, task: Task) -> Working {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let is_slow = self.is_slow;
        Box::pin(async move {
            task.report(1, 2);
            if is_slow {
                task.stopped().await;
                let (problem, may_pass) = (Box::new(problem()), false);
                return Err(Reason { problem, may_pass });
            }
            let insert = format!("INSERT INTO written VALUES ('{}')", task.job.id);
            let write: Write = Box::new(move |conn| {
                conn.batch(&insert)?;
                Ok("written".to_owned())
            });
            Ok(write)
        })
    }

    fn over(&self, _: &mut Conn, job: &Job) -> Result<(), StoreError> {
        self.over.lock().unwrap().push((job.id, job.state));
        Ok(())
    }

    fn result(&self, job: &Job) -> Option<String> {
        job.result.clone()
    }
}

const LANES: [Lane; 1] = [Lane {
    kinds: KINDS,
    at_once: 2,
}];

/// Starts to do jobs; stops with the sender.
fn start(
    place: &Place,
    work: &Arc<Sums>,
) -> (InProcess, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let (stop, stopping) = watch::channel(false);
    let executor = InProcess::default();
    let (running, db) = (executor.clone(), place.db.clone());
    let work: Arc<dyn Work> = Arc::<Sums>::clone(work);
    let handle = tokio::spawn(async move { running.run(&db, &LANES, &work, &stopping).await });
    (executor, stop, handle)
}

const LONG: Duration = Duration::from_secs(60);

async fn each_job_is_done_once_in_this_process(place: Place) {
    place.write(|conn| conn.batch(WRITTEN)).await;
    let early = place.enqueue().await;
    let work = Arc::new(Sums::default());
    let (one, stop_one, _) = start(&place, &work);
    let (_, stop_other, _) = start(&place, &work);
    let mut jobs = vec![early.id];
    for _ in 0..20 {
        jobs.push(place.enqueue().await.id);
        one.wake();
    }
    for id in &jobs {
        let job = wait(&place.db, &one, *id, LONG).await.unwrap().unwrap();
        assert_eq!(
            (job.state, job.result.as_deref()),
            (State::Done, Some("written"))
        );
    }
    assert_eq!(work.begun.load(Ordering::Relaxed), jobs.len());
    drop((stop_one, stop_other));
    let mut over = work.over.lock().unwrap().clone();
    over.sort_by_key(|(id, _)| *id);
    let done = Vec::from_iter(jobs.into_iter().map(|id| (id, State::Done)));
    assert_eq!(over, done, "each is heard once");
}

async fn a_cancelled_job_stops_and_a_stopped_process_gives_its_job_back(place: Place) {
    let slow = Sums {
        is_slow: true,
        ..Sums::default()
    };
    let slow = Arc::new(slow);
    let (executor, stop, handle) = start(&place, &slow);
    let (cancelled, kept) = (place.enqueue().await, place.enqueue().await);
    executor.wake();
    let mut watch = executor.watch();
    while place.find(cancelled.id).await.done == 0 || place.find(kept.id).await.done == 0 {
        watch.changed().await;
    }
    let id = cancelled.id;
    place
        .write(move |conn| Ok(table::cancel(conn, id, now())?))
        .await;
    let job = wait(&place.db, &executor, id, LONG).await.unwrap().unwrap();
    assert_eq!(job.state, State::Cancelled);
    stop.send(true).unwrap();
    handle.await.unwrap();
    let kept = place.find(kept.id).await;
    assert_eq!((kept.state, kept.attempts), (State::Queued, 0));
    let over = slow.over.lock().unwrap().clone();
    assert_eq!(
        over,
        [(id, State::Cancelled)],
        "what was given back is not over"
    );
    let brief = Duration::from_millis(20);
    let waited = wait(&place.db, &executor, kept.id, brief).await.unwrap();
    assert_eq!(
        waited.unwrap().state,
        State::Queued,
        "whoever waits goes away"
    );
}

async fn other_workers_do_what_is_enqueued_here(place: Place) {
    place.write(|conn| conn.batch(WRITTEN)).await;
    let _elsewhere = start(&place, &Arc::new(Sums::default()));
    let job = place.enqueue().await;
    Workers.wake();
    let job = wait(&place.db, &Workers, job.id, LONG).await.unwrap();
    assert_eq!(job.unwrap().state, State::Done);
}

/// Answers for whom it works.
struct Asks;

impl Work for Asks {
    fn run(&self, _: Task) -> Working {
        Box::pin(async {
            let errand = Errand::current().unwrap();
            let text = format!("{} under {}", errand.caller.subject, errand.ids.request);
            let write: Write = Box::new(move |_| Ok(text));
            Ok(write)
        })
    }

    fn result(&self, job: &Job) -> Option<String> {
        job.result.clone()
    }
}

async fn a_job_is_done_for_who_ordered_it_as_long_as_they_may(place: Place) {
    let analyst = Caller::new("local", "ana", Via::Token, [Role::Analyst]);
    let enqueue = async || {
        let act = Act::current().unwrap();
        assert!(act.is_allowed(Permission::ScenarioWrite));
        place.enqueue().await.id
    };
    let ids = RequestIds::of(Some("r-1"), None);
    let by = |caller| {
        ids.clone()
            .around(Act::by(caller, String::new(), None).around(enqueue()))
    };
    let (done, refused) = (by(analyst.clone()).await, by(analyst).await);
    // The list of permissions is another when the second one's turn comes.
    let statement = format!(
        "UPDATE jobs SET errand = REPLACE(errand, 'scenario:write', 'books:write') WHERE id = '{refused}'"
    );
    place.write(move |conn| conn.batch(&statement)).await;

    let lane = Lane {
        kinds: KINDS,
        at_once: 1,
    };
    let (executor, (stop, stopping)) = (InProcess::default(), watch::channel(false));
    let (db, there) = (place.db.clone(), executor.clone());
    tokio::spawn(async move {
        let work: Arc<dyn Work> = Arc::new(Asks);
        there.run(&db, &[lane], &work, &stopping).await;
    });
    let end = async |id| wait(&place.db, &executor, id, LONG).await.unwrap().unwrap();
    let job = end(done).await;
    assert_eq!(job.result.as_deref(), Some("ana under r-1"), "{job:?}");
    let job = end(refused).await;
    let problem = job.problem().unwrap();
    assert_eq!(
        (job.state, problem.status, &*problem.code),
        (State::Failed, 403, "forbidden")
    );
    drop(stop);
}

/// Something that happens to a table of jobs.
#[derive(Debug, Clone, Copy)]
enum Step {
    Enqueue,
    Lease(usize),
    Beat(usize),
    Finish(usize),
    Fail(usize, bool),
    Release(usize),
    Cancel(usize),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Enqueue),
        (0..3_usize).prop_map(Step::Lease),
        (0..3_usize).prop_map(Step::Beat),
        (0..3_usize).prop_map(Step::Finish),
        (0..3_usize, any::<bool>()).prop_map(|(worker, may_pass)| Step::Fail(worker, may_pass)),
        (0..3_usize).prop_map(Step::Release),
        (0..4_usize).prop_map(Step::Cancel),
        (0..30_i64).prop_map(Step::Pass),
    ]
}

/// What has happened so far.
#[derive(Default)]
struct History {
    jobs: Vec<RecordId>,
    held: [Option<Job>; 3],
    finished: BTreeMap<RecordId, u32>,
}

impl History {
    fn apply(&mut self, conn: &mut Conn, step: Step, at: &mut NaiveDateTime) {
        let now = *at;
        match step {
            Step::Enqueue => {
                let job = table::enqueue(conn, JobKind::Run, "{}".into(), now).unwrap();
                self.jobs.push(job.id);
            }
            Step::Lease(worker) => {
                self.held[worker] = table::lease(conn, KINDS, RecordId::generate(), now)
                    .unwrap()
                    .job;
            }
            Step::Pass(seconds) => *at += TimeDelta::seconds(seconds),
            Step::Cancel(index) => {
                if let Some(id) = self.jobs.get(index) {
                    table::cancel(conn, *id, now).unwrap().unwrap();
                }
            }
            Step::Beat(worker) => {
                if let Some(job) = &self.held[worker] {
                    table::heartbeat(conn, job, (1, 2), now).unwrap();
                }
            }
            // Whoever ends a job does not forget that it had it: a second end must be refused.
            Step::Finish(worker) => {
                if let Some(job) = &self.held[worker]
                    && table::finish(conn, job, "r", now).unwrap()
                {
                    *self.finished.entry(job.id).or_default() += 1;
                }
            }
            Step::Fail(worker, may_pass) => {
                if let Some(job) = &self.held[worker] {
                    table::fail(conn, job, &problem(), may_pass, now).unwrap();
                }
            }
            Step::Release(worker) => {
                if let Some(job) = &self.held[worker] {
                    table::release(conn, job, now).unwrap();
                }
            }
        }
    }

    fn check(&self, conn: &mut Conn) {
        for id in &self.jobs {
            let job = table::find(conn, *id).unwrap().unwrap();
            let finished = self.finished.get(id).copied().unwrap_or_default();
            assert_eq!(finished, u32::from(job.state == State::Done), "{job:?}");
            assert_eq!(job.finished_at.is_some(), job.state.is_over(), "{job:?}");
            assert_eq!(job.result.is_some(), job.state == State::Done, "{job:?}");
            assert!((0..=MOST_ATTEMPTS).contains(&job.attempts), "{job:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_a_job_is_done_at_most_once(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::sqlite().await;
            place.write(move |conn| {
                let (mut history, mut at) = (History::default(), now());
                for step in steps {
                    history.apply(conn, step, &mut at);
                    history.check(conn);
                }
                Ok(())
            }).await;
        });
    }
}
