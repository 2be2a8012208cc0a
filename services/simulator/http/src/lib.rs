//! The simulator service over HTTP: one file per resource, handlers that parse, call and answer.
//!
//! **For:** paths, statuses, parameters, examples. **Must not know:** tables; what is done, [`keepworth_simulator::app`] does.
//!
//! ```
//! use keepworth_simulator_http::SimulatorService;
//!
//! let contract = keepworth_platform::document::<SimulatorService>();
//! assert!(contract.paths.paths.contains_key("/v1/baselines"));
//! ```

mod approval;
mod assumption;
mod backtest;
mod baseline;
mod compare;
mod evidence;
mod export;
mod link;
mod order;
mod pilot;
mod policy;
mod programme;
mod purchase_outlook;
mod question;
mod run;
mod scenario;
mod tracking;
mod upstream;
mod what_if;

use keepworth_access::permission::{
    FiguresRead, PersonsRead, PolicyWrite, ScenarioApprove, ScenarioWrite,
};
use keepworth_contract::event::EventType;
use keepworth_erasure::Subjects;
use keepworth_jobs::Jobs;
use keepworth_platform::{Allowed, Covered, Service, jobs};
use keepworth_simulator::Simulator;
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service, for who reads results.
type FiguresReader = Allowed<FiguresRead, Simulator>;
/// The service, for who may read of single customers.
type PersonsReader = Allowed<PersonsRead, Simulator>;
/// The service, for who builds baselines, links, backtests and runs.
type Modeller = Allowed<ScenarioWrite, Simulator>;
/// The service, for who decides on scenarios.
type Approver = Allowed<ScenarioApprove, Simulator>;
/// The service, for who says what may be approved.
type PolicyMaker = Allowed<PolicyWrite, Simulator>;

/// The service as it is mounted.
pub struct SimulatorService;

impl Service for SimulatorService {
    type App = Simulator;

    const NAME: &'static str = "simulator";
    const DESCRIPTION: &'static str = "Freezes what the other services know into baselines, and \
        simulates on them what a programme would be worth.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        ("baselines", "The company on a day, frozen."),
        ("links", "What experiences have to do with leaving."),
        (
            "backtests",
            "What baselines forecast, held against what happened.",
        ),
        (
            "programmes",
            "Who carries what, when it is judged, how it stands, and what finance has of its money.",
        ),
        (
            "scenarios",
            "What would be done, in versions, each on a baseline.",
        ),
        (
            "approvals",
            "What is asked for, decided and frozen: who, when, why, and by which policy.",
        ),
        (
            "trackings",
            "What was forecast when a scenario was approved, held against what came.",
        ),
        ("runs", "Scenarios that were simulated on a baseline."),
        (
            "questions",
            "Why a run came to what it did, what would change it, and what to do next.",
        ),
        (
            "evidence",
            "What is known of what a change does, from where, and how far it may be believed.",
        ),
        (
            "pilots",
            "Who is treated and who is left alone, and what came of it.",
        ),
        jobs::TAG,
    ];
    const EVENTS: &'static [EventType] = &[
        EventType::RunDone,
        EventType::RunFailed,
        EventType::RunCancelled,
        EventType::BaselineDone,
        EventType::BaselineFailed,
        EventType::BaselineCancelled,
        EventType::LinkDone,
        EventType::LinkFailed,
        EventType::LinkCancelled,
        EventType::BacktestDone,
        EventType::BacktestFailed,
        EventType::BacktestCancelled,
        EventType::TrackingDone,
        EventType::TrackingFailed,
        EventType::TrackingCancelled,
        EventType::QuestionDone,
        EventType::QuestionFailed,
        EventType::QuestionCancelled,
        EventType::ForecastDrifted,
        EventType::ScenarioSubmitted,
        EventType::ScenarioApproved,
        EventType::ScenarioReturned,
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "baselines: what the records say on a day, frozen",
            "links: what an experience has to do with leaving, or why the records do not tell",
            "whether a forecast from them would have been right",
            "what a programme is worth, as a distribution that traces back to records",
            "scenarios in versions: what differs between two, and what in one is probably not meant",
            "programmes: who carries what, gates, risks, and their money as finance has it",
            "a library of evidence with grades by rule, to which scenarios refer",
            "whether what was approved came true: records held against the frozen forecast, month by month",
            "approval by somebody else, by a policy, with the forecast frozen and every step on record",
        ],
        assists: &["choosing between programmes: people decide, with the odds before them"],
        leaves: &[
            (
                "carrying a programme out",
                "people, and the tools that they work with",
            ),
            (
                "accounting for what came of it",
                "the finance service and the accounting system",
            ),
        ],
    };

    fn routes(config: &mut ServiceConfig<'_>) {
        jobs::routes(config);
        config
            .service(baseline::create_baseline)
            .service(baseline::list_baselines)
            .service(baseline::load_baseline)
            .service(baseline::delete_baseline)
            .service(purchase_outlook::read_purchase_outlooks)
            .service(purchase_outlook::list_purchase_outlooks)
            .service(link::create_link)
            .service(link::list_links)
            .service(link::load_link)
            .service(link::delete_link)
            .service(backtest::create_backtest)
            .service(backtest::list_backtests)
            .service(backtest::load_backtest)
            .service(backtest::delete_backtest)
            .service(tracking::create_tracking)
            .service(tracking::list_trackings)
            .service(tracking::load_tracking)
            .service(tracking::write_next_scenario)
            .service(question::create_question)
            .service(question::list_questions)
            .service(question::load_question)
            .service(scenario::create_scenario)
            .service(scenario::list_scenarios)
            .service(scenario::fork_scenario)
            .service(scenario::archive_scenario)
            .service(approval::submit_scenario)
            .service(approval::approve_scenario)
            .service(approval::return_scenario)
            .service(approval::close_scenario)
            .service(approval::load_scenario_approval)
            .service(approval::load_scenario_forecast)
            .service(policy::load_approval_policy)
            .service(policy::put_approval_policy)
            .service(programme::create_programme)
            .service(programme::list_programmes)
            .service(programme::start_programme)
            .service(programme::decide_programme_gate)
            .service(programme::close_programme)
            .service(programme::stop_programme)
            .service(programme::load_programme_money)
            .service(programme::load_unassigned_money)
            .service(programme::list_programme_versions)
            .service(programme::load_programme)
            .service(programme::put_programme)
            .service(scenario::load_scenario)
            .service(scenario::put_scenario)
            .service(scenario::list_scenario_versions)
            .service(scenario::diff_scenario)
            .service(scenario::lint_scenario)
            .service(scenario::list_scenario_templates)
            .service(assumption::load_assumptions)
            .service(assumption::check_assumption)
            .service(what_if::ask)
            .service(compare::compare_scenarios)
            .service(run::create_run)
            .service(run::list_runs)
            .service(run::load_run)
            .service(run::delete_run)
            .service(export::export_run_workbook)
            .service(export::export_run_memo)
            .service(export::export_run_futures)
            .service(evidence::create_evidence)
            .service(evidence::list_evidence)
            .service(evidence::withdraw_evidence)
            .service(evidence::load_evidence)
            .service(evidence::put_evidence)
            .service(pilot::create_pilot)
            .service(pilot::list_pilots)
            .service(pilot::conclude_pilot)
            .service(pilot::load_pilot)
            .service(pilot::create_pilot_reading)
            .service(pilot::list_pilot_readings)
            .service(pilot::load_pilot_reading);
    }

    fn migrations() -> Migrations {
        keepworth_simulator::migrations()
    }

    fn subjects(app: &Simulator) -> Subjects {
        app.subjects()
    }

    fn db(app: &Simulator) -> &Db {
        app.db()
    }

    fn jobs(app: &Simulator) -> Option<Jobs> {
        Some(app.jobs().clone())
    }
}
