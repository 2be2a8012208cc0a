//! The simulator service's operations, one method each.

use std::time::Duration;

use uuid::Uuid;

use super::baseline::Baseline;
use super::*;
use crate::client::{ClientError, Ordered, WAIT, client};
use crate::event::{EventPage, KeptEvent, Webhook, WebhookInput, WebhookPage, WebhookWithSecret};
use crate::finance::ProgrammeMoneyQuery;
use crate::rows::FeedRows;
use crate::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure};
use crate::{
    AuditEntryPage, AuditHead, AuditHeadInput, AuditQuery, Capabilities, Job, JobPage, PageQuery,
    SequenceQuery,
};

client! {
    /// The simulator service.
    SimulatorClient of "simulator";

    /// What the service covers, assists and leaves to others.
    load_capabilities() -> Capabilities = get(&["capabilities"], &());
    /// Erases what this service holds of a customer, for the customers service, or counts it.
    erase_subject(order: &SubjectErasure) -> SignedReceipt = post(&["subjects:erase"], order);
    /// Everything that this service holds of a customer, for the customers service.
    export_subject(subject: &Subject) -> ServiceExport = post(&["subjects:export"], subject);
    /// What was done, by whom, when and why.
    list_audit_entries(query: &AuditQuery) -> AuditEntryPage = get(&["audit-entries"], query);
    /// Where the record of that ends now, signed.
    load_audit_head() -> AuditHead = get(&["audit-head"], &());
    /// Leaves the signed head of another service there.
    keep_audit_head(head: &AuditHeadInput) -> AuditHead = post(&["audit-heads:keep"], head);
    /// A page of baselines.
    list_baselines(query: &BaselineQuery) -> BaselineSummaryPage = get(&["baselines"], query);
    /// Orders a baseline, and waits so long for it; [`build_baseline`](Self::build_baseline) waits
    /// until it is there.
    create_baseline(order: &BaselineInput, wait: Duration) -> Ordered<Baseline>
        = order(&["baselines"], order, wait);
    /// The baseline of a hash.
    load_baseline(hash: &str) -> Baseline = get(&["baselines", hash], &());
    /// Removes a baseline that no run stands on.
    delete_baseline(hash: &str) -> () = remove(&["baselines", hash]);
    /// What each customer of a segment without a contract is expected to do.
    read_purchase_outlooks(query: &PurchaseOutlookQuery) -> FeedRows<PurchaseOutlookRow>
        = rows("purchase-outlooks", query);
    /// The same page by page.
    list_purchase_outlooks_feed(query: &PurchaseOutlookPageQuery) -> PurchaseOutlookFeedPage
        = get(&["feed", "purchase-outlooks", "pages"], query);
    /// A page of links.
    list_links(query: &LinkQuery) -> LinkSummaryPage = get(&["links"], query);
    /// Orders a link, and waits so long for it; [`fit_link`](Self::fit_link) waits until it is there.
    create_link(order: &LinkInput, wait: Duration) -> Ordered<Link> = order(&["links"], order, wait);
    /// One link.
    load_link(id: Uuid) -> Link = get(&["links", &id.to_string()], &());
    /// Removes a link.
    delete_link(id: Uuid) -> () = remove(&["links", &id.to_string()]);
    /// A page of backtests.
    list_backtests(query: &BacktestQuery) -> BacktestSummaryPage = get(&["backtests"], query);
    /// Orders a backtest, and waits so long for it; [`backtest`](Self::backtest) waits until it is there.
    create_backtest(order: &BacktestInput, wait: Duration) -> Ordered<Backtest>
        = order(&["backtests"], order, wait);
    /// One backtest.
    load_backtest(id: Uuid) -> Backtest = get(&["backtests", &id.to_string()], &());
    /// Removes a backtest.
    delete_backtest(id: Uuid) -> () = remove(&["backtests", &id.to_string()]);
    /// Orders a tracking, and waits so long for it; [`track`](Self::track) waits until it is there.
    create_tracking(key: &str, order: &TrackingInput, wait: Duration) -> Ordered<Tracking>
        = order(&["scenarios", key, "trackings"], order, wait);
    /// A page of a scenario's trackings.
    list_trackings(key: &str, query: &TrackingQuery) -> TrackingSummaryPage
        = get(&["scenarios", key, "trackings"], query);
    /// One tracking.
    load_tracking(id: Uuid) -> Tracking = get(&["trackings", &id.to_string()], &());
    /// Begins the next cycle's scenario with what a tracking has told.
    write_next_scenario(tracking: Uuid, next: &NextScenarioInput) -> NextScenario
        = post(&["trackings", &format!("{tracking}:next")], next);
    /// A page of jobs.
    list_jobs(query: &PageQuery) -> JobPage = get(&["jobs"], query);
    /// How a job stands.
    load_job(id: Uuid) -> Job = get(&["jobs", &id.to_string()], &());
    /// Asks a job to stop.
    cancel_job(id: Uuid) -> Job = post(&["jobs", &format!("{id}:cancel")], &());
    /// A page of runs.
    list_runs(query: &RunQuery) -> RunSummaryPage = get(&["runs"], query);
    /// Orders a run, and waits so long for it.
    create_run(order: &RunInput, wait: Duration) -> Ordered<Run> = order(&["runs"], order, wait);
    /// What a scenario would come to with something in it otherwise, at once and kept nowhere.
    what_if(question: &WhatIfInput) -> WhatIf = post(&["what-if"], question);
    /// Holds two scenarios against each other, on the same draws.
    compare_scenarios(question: &ComparisonInput) -> Comparison = post(&["compare"], question);
    /// One run.
    load_run(id: Uuid) -> Run = get(&["runs", &id.to_string()], &());
    /// Asks something of a run, and waits so long for the answer; [`ask_run`](Self::ask_run) waits until it is there.
    create_question(run: Uuid, question: &QuestionInput, wait: Duration) -> Ordered<Question>
        = order(&["runs", &run.to_string(), "questions"], question, wait);
    /// A page of what was asked of a run.
    list_questions(run: Uuid, query: &QuestionQuery) -> QuestionSummaryPage
        = get(&["runs", &run.to_string(), "questions"], query);
    /// One question with its answer.
    load_question(id: Uuid) -> Question = get(&["questions", &id.to_string()], &());
    /// A run as a workbook (`.xlsx`).
    export_run_workbook(id: Uuid) -> Vec<u8>
        = fetch(&["runs", &id.to_string(), "workbook"],
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    /// A run as a memo of two pages (PDF).
    export_run_memo(id: Uuid) -> Vec<u8> = fetch(&["runs", &id.to_string(), "memo"], "application/pdf");
    /// Every future of a run.
    export_run_futures(id: Uuid, form: FuturesForm) -> Vec<u8>
        = fetch(&["runs", &id.to_string(), "futures"], form.media_type());
    /// A page of scenarios.
    list_scenarios(query: &ScenarioQuery) -> ScenarioSummaryPage = get(&["scenarios"], query);
    /// A version of a scenario.
    load_scenario(key: &str, which: &WhichVersion) -> ScenarioDocument = get(&["scenarios", key], which);
    /// Keeps a scenario under a new key.
    create_scenario(new: &ScenarioInput) -> ScenarioDocument = post(&["scenarios"], new);
    /// Writes the next version of a scenario, if the newest is still the one that `If-Match` names.
    put_scenario(key: &str, new: &ScenarioVersionInput, if_match: Option<&str>) -> ScenarioDocument
        = put_version(&["scenarios", key], new, if_match);
    /// A page of the versions of a scenario.
    list_scenario_versions(key: &str, query: &ScenarioVersionQuery) -> ScenarioSummaryPage
        = get(&["scenarios", key, "versions"], query);
    /// Begins a scenario with what another says.
    fork_scenario(key: &str, fork: &ScenarioForkInput) -> ScenarioDocument
        = post(&["scenarios", &format!("{key}:fork")], fork);
    /// What two versions of a scenario say differently.
    diff_scenario(key: &str, which: &ScenarioDiffQuery) -> ScenarioDiff
        = get(&["scenarios", key, "diff"], which);
    /// What in a scenario is probably not meant.
    lint_scenario(key: &str, which: &WhichVersion) -> ScenarioLint
        = get(&["scenarios", key, "lint"], which);
    /// What a scenario takes to be so, and how much hangs on each.
    load_assumptions(key: &str, query: &AssumptionQuery) -> AssumptionRegister
        = get(&["scenarios", key, "assumptions"], query);
    /// Writes down that somebody looked whether an assumption is still so.
    check_assumption(key: &str, check: &AssumptionCheckInput) -> AssumptionCheck
        = post(&["scenarios", key, "assumption-checks"], check);
    /// Archives a scenario: it takes no new version.
    archive_scenario(key: &str, why: &ScenarioArchiveInput) -> ScenarioDocument
        = post(&["scenarios", &format!("{key}:archive")], why);
    /// Where a version of a scenario stands, and how it came there.
    load_scenario_approval(key: &str, which: &WhichVersion) -> ScenarioApproval
        = get(&["scenarios", key, "approval"], which);
    /// Asks for the approval of a version; `reason` says why.
    submit_scenario(key: &str, asked: &SubmissionInput, reason: &str) -> ScenarioApproval
        = post_because(&["scenarios", &format!("{key}:submit")], asked, reason);
    /// Approves a version, which freezes its forecast; `reason` says why.
    approve_scenario(key: &str, approval: &ApprovalInput, reason: &str) -> ScenarioApproval
        = post_because(&["scenarios", &format!("{key}:approve")], approval, reason);
    /// Sends a version back; `reason` says why.
    return_scenario(key: &str, which: &DecisionInput, reason: &str) -> ScenarioApproval
        = post_because(&["scenarios", &format!("{key}:return")], which, reason);
    /// Closes a version; `reason` says why.
    close_scenario(key: &str, which: &DecisionInput, reason: &str) -> ScenarioApproval
        = post_because(&["scenarios", &format!("{key}:close")], which, reason);
    /// What was forecast when a version was approved.
    load_scenario_forecast(key: &str, which: &WhichVersion) -> ScenarioForecast
        = get(&["scenarios", key, "forecast"], which);
    /// What may be approved without an exception.
    load_approval_policy(which: &WhichVersion) -> ApprovalPolicy = get(&["policy"], which);
    /// Writes the next version of the policy, onto the one of a tag; `reason` says why.
    put_approval_policy(new: &ApprovalPolicyInput, if_match: &str, reason: &str) -> ApprovalPolicy
        = put_version_because(&["policy"], new, if_match, reason);
    /// Scenarios to begin with.
    list_scenario_templates() -> ScenarioTemplateList = get(&["scenario-templates"], &());
    /// A page of programmes.
    list_programmes(query: &ProgrammeQuery) -> ProgrammePage = get(&["programmes"], query);
    /// A version of a programme.
    load_programme(key: &str, which: &WhichVersion) -> Programme = get(&["programmes", key], which);
    /// Keeps a programme under a new key.
    create_programme(new: &ProgrammeInput) -> Programme = post(&["programmes"], new);
    /// Writes what a programme is from now on, onto the version of a tag; `reason` says why.
    put_programme(key: &str, new: &ProgrammeInput, if_match: &str, reason: &str) -> Programme
        = put_version_because(&["programmes", key], new, if_match, reason);
    /// A page of the versions of a programme.
    list_programme_versions(key: &str, query: &ProgrammeVersionQuery) -> ProgrammePage
        = get(&["programmes", key, "versions"], query);
    /// Starts a programme; `reason` says why.
    start_programme(key: &str, step: &ProgrammeStepInput, reason: &str) -> Programme
        = post_because(&["programmes", &format!("{key}:start")], step, reason);
    /// Decides a gate; `reason` says why.
    decide_programme_gate(key: &str, decision: &ProgrammeGateDecisionInput, reason: &str) -> Programme
        = post_because(&["programmes", &format!("{key}:decide-gate")], decision, reason);
    /// Closes a programme; `reason` says why.
    close_programme(key: &str, step: &ProgrammeStepInput, reason: &str) -> Programme
        = post_because(&["programmes", &format!("{key}:close")], step, reason);
    /// Stops a programme; `reason` says why.
    stop_programme(key: &str, step: &ProgrammeStepInput, reason: &str) -> Programme
        = post_because(&["programmes", &format!("{key}:stop")], step, reason);
    /// What finance says of a programme's money.
    load_programme_money(key: &str, query: &ProgrammeMoneyQuery) -> ProgrammeMoneyReport
        = get(&["programmes", key, "money"], query);
    /// What is in finance, but in no programme.
    load_unassigned_money(query: &ProgrammeMoneyQuery) -> UnassignedMoney = get(&["unassigned-money"], query);
    /// A page of the library of evidence.
    list_evidence(query: &EvidenceQuery) -> EvidencePage = get(&["evidence"], query);
    /// The evidence of a key, or of `KEY@VERSION`.
    load_evidence(key: &str) -> Evidence = get(&["evidence", key], &());
    /// Puts evidence into the library.
    create_evidence(new: &EvidenceInput) -> Evidence = post(&["evidence"], new);
    /// Replaces evidence by its next version, if it is still the one that `If-Match` names.
    put_evidence(key: &str, new: &EvidenceInput, if_match: Option<&str>) -> Evidence
        = put_version(&["evidence", key], new, if_match);
    /// Withdraws evidence: no new run may refer to it.
    withdraw_evidence(key: &str, why: &WithdrawalInput) -> Evidence
        = post(&["evidence", &format!("{key}:withdraw")], why);
    /// A page of pilots.
    list_pilots(query: &PilotQuery) -> PilotPage = get(&["pilots"], query);
    /// One pilot.
    load_pilot(key: &str) -> Pilot = get(&["pilots", key], &());
    /// Names the arms of a pilot.
    create_pilot(new: &PilotInput) -> Pilot = post(&["pilots"], new);
    /// Orders a reading of a pilot, and waits so long for it; [`read_pilot`](Self::read_pilot) waits until it
    /// is there.
    create_pilot_reading(key: &str, order: &PilotReadingInput, wait: Duration) -> Ordered<PilotReading>
        = order(&["pilots", key, "readings"], order, wait);
    /// A page of readings of a pilot.
    list_pilot_readings(key: &str, query: &PilotReadingQuery) -> PilotReadingPage
        = get(&["pilots", key, "readings"], query);
    /// One reading of a pilot.
    load_pilot_reading(key: &str, id: Uuid) -> PilotReading
        = get(&["pilots", key, "readings", &id.to_string()], &());
    /// Makes evidence of the last reading of a pilot.
    conclude_pilot(key: &str, conclusion: &PilotConclusionInput) -> Evidence
        = post(&["pilots", &format!("{key}:conclude")], conclusion);
    /// A page of events, oldest first; a cursor may be the id of the last event that the caller has.
    list_events(query: &SequenceQuery) -> EventPage = get(&["events"], query);
    /// One event, and who has heard of it.
    load_event(id: Uuid) -> KeptEvent = get(&["events", &id.to_string()], &());
    /// A page of webhooks.
    list_webhooks(query: &SequenceQuery) -> WebhookPage = get(&["webhooks"], query);
    /// Makes a webhook; answers its secret.
    create_webhook(new: &WebhookInput) -> WebhookWithSecret = post(&["webhooks"], new);
    /// One webhook.
    load_webhook(id: Uuid) -> Webhook = get(&["webhooks", &id.to_string()], &());
    /// Removes a webhook; answers what it was.
    delete_webhook(id: Uuid) -> Webhook = delete(&["webhooks", &id.to_string()]);
    /// Gives a webhook a new secret; the old one holds for a day beside it.
    rotate_webhook_secret(id: Uuid) -> WebhookWithSecret
        = post(&["webhooks", &format!("{id}:rotate_secret")], &());
    /// Sends an event to a webhook, to try it.
    test_webhook(id: Uuid) -> KeptEvent = post(&["webhooks", &format!("{id}:test")], &());
    /// Removes a run.
    delete_run(id: Uuid) -> () = remove(&["runs", &id.to_string()]);
}

impl SimulatorClient {
    /// Orders a reading of a pilot and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn read_pilot(
        &self,
        key: &str,
        order: &PilotReadingInput,
    ) -> Result<PilotReading, ClientError> {
        let ordered = self.create_pilot_reading(key, order, WAIT).await?;
        self.0.done(ordered).await
    }

    /// Orders a baseline and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn build_baseline(&self, order: &BaselineInput) -> Result<Baseline, ClientError> {
        self.0.done(self.create_baseline(order, WAIT).await?).await
    }

    /// Orders a run and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn run(&self, order: &RunInput) -> Result<Run, ClientError> {
        self.0.done(self.create_run(order, WAIT).await?).await
    }

    /// Asks something of a run and waits for the answer, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn ask_run(
        &self,
        run: Uuid,
        question: &QuestionInput,
    ) -> Result<Question, ClientError> {
        let ordered = self.create_question(run, question, WAIT).await?;
        self.0.done(ordered).await
    }

    /// Orders a link and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn fit_link(&self, order: &LinkInput) -> Result<Link, ClientError> {
        self.0.done(self.create_link(order, WAIT).await?).await
    }

    /// Orders a backtest and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn backtest(&self, order: &BacktestInput) -> Result<Backtest, ClientError> {
        self.0.done(self.create_backtest(order, WAIT).await?).await
    }

    /// Orders a tracking and waits until it is there, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn track(&self, key: &str, order: &TrackingInput) -> Result<Tracking, ClientError> {
        let ordered = self.create_tracking(key, order, WAIT).await?;
        self.0.done(ordered).await
    }
}
