//! The simulator service: baselines, how well they forecast, runs of scenarios on them, and the jobs that make
//! all three.

mod approval;
mod backtest;
pub mod baseline;
mod beside;
mod case;
mod client;
mod compare;
mod cost_behaviour;
pub mod curve;
mod evidence;
mod figure;
pub mod fit;
mod ledger;
mod link;
mod pilot;
mod programme;
pub mod purchase;
mod purchase_outlook;
mod question;
mod reference;
mod result;
mod run;
mod scatter;
mod scenario;
mod stored;
mod tracking;
mod trend;
mod what_if;

pub use approval::{
    Actor, ApprovalInput, ApprovalPolicy, ApprovalPolicyInput, ApprovalState, ApprovalTransition,
    DecisionInput, ForecastFigure, ForecastName, ForecastPoint, GateCode, GateException,
    GateFinding, LossLimit, ScenarioApproval, ScenarioForecast, SubmissionInput,
};
pub use backtest::{
    Backtest, BacktestCell, BacktestInput, BacktestQuery, BacktestReport, BacktestSummary,
    CountedFigure, Coverage, FigureScore, ForecastBand, KnownBy, ModelError, SegmentBias, ShockOn,
    ShockSize,
};
pub use beside::{AtHorizon, Beside, GateValue, MoneyOverFutures, StopValue, Unconfirmed};
pub use case::{Case, CaseCost, CaseInput, InputSwing, Losses, Timing};
pub use client::SimulatorClient;
pub use compare::{BridgeStep, ComparedInput, ComparedScenario, Comparison, ComparisonInput};
pub use cost_behaviour::{CostBehaviour, CostStep, CostVerdict, CostVolume};
pub use evidence::{
    ArmSizes, EffectReading, Evidence, EvidenceInput, EvidenceLever, EvidenceQuery, EvidenceSize,
    EvidenceStudy, GradeReason, GradeReasonCode, PilotChecks, TrendChecks, WithdrawalInput,
};
pub use figure::{FigureKey, FigureName, UnknownFigure};
pub use ledger::{ByMonth, LedgerLine, LedgerLineName, MonthlyLedger};
pub use link::{
    Link, LinkCoefficient, LinkConfounder, LinkControl, LinkDefinition, LinkDirection,
    LinkEstimate, LinkExposure, LinkInput, LinkLevel, LinkPrior, LinkQuery, LinkSegment,
    LinkSummary, LinkVerdict, LinkWithout,
};
pub use pilot::{
    BalanceCheck, BalancedThing, LeverEffect, Pilot, PilotArm, PilotAssignment,
    PilotConclusionInput, PilotDesign, PilotInput, PilotOutcome, PilotPower, PilotQuery,
    PilotReading, PilotReadingInput, PilotReadingQuery, PilotWave, PilotWaveSize, PreTrendCheck,
    PreTrendWord, RegressionCheck, RelativeFall, SampleRatioCheck, SampleRatioWord,
};
pub use programme::{
    GateOutcome, InitiativeMoney, InitiativeReadiness, Programme, ProgrammeGate,
    ProgrammeGateDecisionInput, ProgrammeGateInput, ProgrammeInitiative, ProgrammeInput,
    ProgrammeMoneyReport, ProgrammeQuery, ProgrammeRisk, ProgrammeState, ProgrammeStep,
    ProgrammeStepInput, ProgrammeVersionQuery, ReadinessScore, RiskLikelihood, UnassignedMoney,
};
pub use purchase_outlook::{
    CustomerOutlook, MONTHS_AHEAD, MOST_MONTHS_AHEAD, OutlookModel, OutlookSum,
    PurchaseOutlookPageQuery, PurchaseOutlookQuery, PurchaseOutlookRow,
};
pub use question::{
    AskedQuestion, BreakEven, BreakEvenQuestion, Contribution, Explanation, GroupInformation,
    GroupValue, InformationQuestion, InputCorrelation, InputGroup, InputInformation,
    LifetimeEffect, PilotInformation, PilotQuestion, PilotSizeWorth, PilotWorth, PortfolioChoice,
    PortfolioFrontier, PortfolioQuestion, Question, QuestionAnswer, QuestionInput, QuestionQuery,
    QuestionReport, QuestionSummary, SettingSwing, VarianceShare, Waiting,
};
pub use reference::{ReferenceKind, RunReference};
pub use result::{
    Bands, Estimate, IdleInitiative, Level, MonteCarloError, MonthlyBands, NoLevel, OutcomeName,
    Probabilities, RunResult, SeatBands, Shares, Statistics,
};
pub use run::{
    EngineChange, FuturesForm, Run, RunInput, RunOptions, RunQuery, RunStatus, RunSummary, Sampling,
};
pub use scatter::{MonthScatter, ScatterSize};
pub use scenario::{
    Assumption, AssumptionCheck, AssumptionCheckInput, AssumptionOrigin, AssumptionQuery,
    AssumptionRegister, LintCode, LintFinding, LintSeverity, ScenarioArchiveInput, ScenarioChange,
    ScenarioDiff, ScenarioDiffQuery, ScenarioDocument, ScenarioForkInput, ScenarioInput,
    ScenarioLint, ScenarioQuery, ScenarioReference, ScenarioSummary, ScenarioTemplate,
    ScenarioTemplateList, ScenarioVersionInput, ScenarioVersionQuery, WhichVersion,
};
pub use stored::{BaselineInput, BaselineQuery, BaselineSummary};
pub use tracking::{
    Belief, CarriedInput, Learnt, LeftInput, NextScenario, NextScenarioInput, TrackedFigure,
    TrackedMonth, TrackedSpending, Tracking, TrackingInput, TrackingQuery, TrackingReport,
    TrackingSummary, UpdatedBelief, UpdatedEffect, UpdatedSuccess, VarianceBridge, VarianceDriver,
    VarianceStep,
};
pub use trend::{CalendarTrend, CountedByMonth, LeavingTrend, ObservedByMonth};
pub use what_if::{WhatIf, WhatIfChange, WhatIfInput};

/// A page of a list.
pub type RunSummaryPage = crate::Page<RunSummary>;
/// A page of a list.
pub type ScenarioSummaryPage = crate::Page<ScenarioSummary>;
/// A page of a list.
pub type EvidencePage = crate::Page<Evidence>;
/// A page of a list.
pub type ProgrammePage = crate::Page<Programme>;
/// A page of a list.
pub type PilotPage = crate::Page<Pilot>;
/// A page of a list.
pub type PilotReadingPage = crate::Page<PilotReading>;
/// A page of a list.
pub type BaselineSummaryPage = crate::Page<BaselineSummary>;
/// A page of a list.
pub type LinkSummaryPage = crate::Page<LinkSummary>;
/// A page of a list.
pub type QuestionSummaryPage = crate::Page<QuestionSummary>;
/// A page of a list.
pub type TrackingSummaryPage = crate::Page<TrackingSummary>;
/// A page of a list.
pub type BacktestSummaryPage = crate::Page<BacktestSummary>;
/// A page of a feed.
pub type PurchaseOutlookFeedPage = crate::feed::FeedPage<PurchaseOutlookRow>;
