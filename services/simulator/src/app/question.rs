//! Questions to kept runs: asked, answered on the run's own futures, kept.

use keepworth_contract::simulator::{
    AskedQuestion, Question, QuestionInput, QuestionQuery, QuestionReport, QuestionSummary,
    QuestionSummaryPage,
};
use keepworth_contract::{FaultCode, InvalidParam, JobKind};
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Job, Reason, Room, Task, Write, cancelled, enqueue as enqueue_job};
use keepworth_sim::explain::{ExplainError, StudyError};
use keepworth_sim::{Control, Model, RunError};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use keepworth_verdict::prepare;
use keepworth_verdict::question::{
    PilotQuestionError, Prepared, QuestionError, SearchError, later,
};
use serde::{Deserialize, Serialize};

use crate::app::document::{read, write};
use crate::app::job::Product;
use crate::app::run::kept::KeptRun;
use crate::rule::question::faults;
use crate::store::question::{self as store, QuestionRow, QuestionSummaryRow};
use crate::store::run::find_run;

/// What a job is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    run: RecordId,
    question: AskedQuestion,
}

/// Checks a question as far as that goes without drawing a future, and puts it into the queue.
pub fn enqueue(
    conn: &mut Conn,
    room: Room,
    run: RecordId,
    input: QuestionInput,
) -> Result<Job, Failure> {
    let question = input.question;
    let faults = faults(&question);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let model = KeptRun::load(conn, run)?.model()?;
    Prepared::new(&model, &question).map_err(|it| failure(&it))?;
    let order = write(&Order { run, question })?;
    enqueue_job(conn, JobKind::Question, room, order)
}

/// Answers what a job asks, off the threads that wait for something.
pub(crate) async fn compute(db: &Db, task: &Task) -> Result<Write, Failure> {
    let order: Order = read(&task.job.input)?;
    let run = order.run;
    let kept = db.read(move |conn| KeptRun::load(conn, run)).await?;
    let (question, working) = (order.question.clone(), task.clone());
    let work = move || answer(&kept, &question, &working);
    let done = tokio::task::spawn_blocking(work).await;
    let report = done.map_err(Failure::internal)??;
    let row = QuestionRow {
        id: RecordId::generate(),
        run_id: order.run,
        question: write(&order.question)?,
        report: write(&report)?,
        created_at: keepworth_store::now().naive_utc(),
    };
    Ok(Box::new(move |conn| keep(conn, &row)))
}

fn answer(
    kept: &KeptRun,
    question: &AskedQuestion,
    task: &Task,
) -> Result<QuestionReport, Failure> {
    let control = Control {
        progress: Some(&|done, trials| task.report(done, trials)),
        cancel: Some(task.stop_flag()),
    };
    let model = kept.model()?;
    let later = match question {
        AskedQuestion::Explanation => a_year_later(kept)?,
        _ => None,
    };
    let prepared = Prepared::new(&model, question).map_err(|it| failure(&it))?;
    let answered = prepared.answer(later.as_ref(), &kept.options, &control);
    answered.map_err(|it| failure(&it))
}

fn a_year_later(kept: &KeptRun) -> Result<Option<Model>, Failure> {
    let resolve = |it| prepare(&it, &kept.baseline);
    let model = later(&kept.scenario).map(resolve).transpose();
    model.map_err(Failure::internal)
}

fn keep(conn: &mut Conn, row: &QuestionRow) -> Result<String, Reason> {
    store::insert_question(conn, row).map_err(StoreError::from)?;
    let product = Product::Question { id: row.id };
    Ok(product.write()?)
}

fn failure(error: &QuestionError) -> Failure {
    let mut reason = error.to_string();
    if let QuestionError::Explain(ExplainError::TooFewTrials { trials, fewest }) = error {
        reason = format!(
            "the run has {trials} futures, too few to tell the error of an answer; order a run of {fewest} or more with \
             POST /v1/runs, and ask that"
        );
    }
    let (name, code) = match error {
        QuestionError::Search(SearchError::Unknown { .. }) => {
            ("question/driver".to_owned(), FaultCode::UnknownValue)
        }
        QuestionError::Search(_) => ("question/driver".to_owned(), FaultCode::OutOfRange),
        QuestionError::Goal(_) => ("question/goal".to_owned(), FaultCode::WrongFormat),
        QuestionError::UnknownInput { group, place, .. } => (
            format!("question/groups/{group}/inputs/{place}"),
            FaultCode::UnknownValue,
        ),
        QuestionError::Pilot(it) => pilot_fault(it),
        QuestionError::Explain(ExplainError::Run(RunError::Cancelled { .. })) => {
            return cancelled();
        }
        QuestionError::Explain(
            ExplainError::TooFewTrials { .. } | ExplainError::TooManyInitiatives { .. },
        ) => ("question/kind".to_owned(), FaultCode::OutOfRange),
        QuestionError::Explain(_) | QuestionError::Json(_) => return Failure::internal(reason),
    };
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}

fn pilot_fault(error: &PilotQuestionError) -> (String, FaultCode) {
    let (field, code) = match error {
        PilotQuestionError::Study(StudyError::UnknownInitiative { .. }) => {
            ("initiative", FaultCode::UnknownValue)
        }
        PilotQuestionError::Study(_) | PilotQuestionError::Score => {
            ("outcome", FaultCode::InvalidValue)
        }
        PilotQuestionError::TooLarge { place, .. } => {
            return (format!("question/sizes/{place}"), FaultCode::OutOfRange);
        }
        PilotQuestionError::Nobody { .. } => ("initiative", FaultCode::OutOfRange),
        PilotQuestionError::Currency { field, .. } => (*field, FaultCode::OtherCurrency),
        PilotQuestionError::Expected(_) => ("expected_per_month", FaultCode::OutOfRange),
    };
    (format!("question/{field}"), code)
}

/// Lists a run's questions.
pub async fn list(
    db: &Db,
    run: RecordId,
    query: QuestionQuery,
) -> Result<QuestionSummaryPage, Failure> {
    let known = db
        .read(move |conn| Ok::<_, Failure>(find_run(conn, run)?))
        .await?;
    if known.is_none() {
        return Err(Failure::not_found(format!("no run has the id {run}")));
    }
    let load = move |conn: &mut Conn, place: &_, _: &_| store::list_questions(conn, place, run);
    page::list(db, query, load, |row| row.id).await
}

/// One question with its answer.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Question, Failure> {
    let row = store::find_question(conn, id)?.ok_or_else(|| {
        Failure::not_found(format!(
            "no question has the id {id}; GET /v1/runs/ID/questions lists a run's"
        ))
    })?;
    let report = read(&row.report)?;
    let summary = QuestionSummaryRow {
        id: row.id,
        run_id: row.run_id,
        question: row.question,
        created_at: row.created_at,
    };
    Ok(Question {
        summary: summary.try_into()?,
        report,
    })
}

impl TryFrom<QuestionSummaryRow> for QuestionSummary {
    type Error = Failure;

    fn try_from(row: QuestionSummaryRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            run_id: row.run_id.0,
            question: read(&row.question)?,
            created_at: row.created_at.and_utc(),
        })
    }
}
