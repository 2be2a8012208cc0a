//! What a reader of a result must know.

use serde::{Deserialize, Serialize};

/// Something that a reader of a result must know: what it is for programs, and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// What programs tell it by: the name of a [`FlagCode`], or what the baseline says.
    pub code: String,
    /// What it is about: an initiative, an input, a segment, a place of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The sentence for people.
    pub detail: String,
}

impl Flag {
    /// A flag of the engine's own.
    pub(crate) fn new(
        code: FlagCode,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            subject: Some(subject.into()),
            ..Self::of_all(code, detail)
        }
    }

    /// A flag of the engine's own about the result as a whole.
    pub(crate) fn of_all(code: FlagCode, detail: impl Into<String>) -> Self {
        Self {
            code: code.name().to_owned(),
            subject: None,
            detail: detail.into(),
        }
    }
}

/// What the engine itself flags. What it is handed with a baseline has codes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagCode {
    /// What a grade of evidence means was changed.
    GradeRuleChanged,
    /// No effect of an initiative can do anything.
    NothingCanCome,
    /// An input is observed without a proven cause, or assumed.
    WeakInput,
    /// An effect is of less than a randomised pilot.
    WeakEffect,
    /// An effect has no interval, and is read as an uncertain one.
    NoInterval,
    /// An effect above 100% is cut.
    CutAtAll,
    /// An effect on leaving is capped at what experience could remove.
    Capped,
    /// An effect on leaving acts on one cause of it.
    ActsOnCause,
    /// An effect on contacts acts on those about one issue.
    ActsOnIssue,
    /// A segment stays at its level where the records of others are followed.
    StaysAtItsLevel,
    /// The discount rate is so high that a percentage may have been typed for a fraction.
    HighRate,
    /// A cost begins, a stopping rule is read, or prices change, when the horizon is over.
    BeyondHorizon,
    /// What readiness makes of an initiative.
    Readiness,
    /// Two initiatives may mend the same dead end.
    SameDeadEnd,
    /// What is saved counts nothing until finance confirms it.
    SavingUnconfirmed,
    /// An initiative is still being taken up where the perpetuity begins.
    StillTakenUp,
    /// Capital expenditure without end is no part of the perpetuity.
    CapitalWithoutEnd,
    /// What finance has not confirmed would move the result.
    Unconfirmed,
    /// No correlations can be those that are given; the nearest were taken.
    CorrelationsMoved,
    /// Seats stand in place of what finance has confirmed of a channel.
    SeatsInPlace,
    /// More seats are committed than are needed today.
    CommittedSeatsIdle,
    /// Figures may lie off what the records forecast by factors that nobody foresees.
    ModelErrorDrawn,
}

impl FlagCode {
    /// Every code.
    pub const ALL: [Self; 22] = [
        Self::GradeRuleChanged,
        Self::NothingCanCome,
        Self::WeakInput,
        Self::WeakEffect,
        Self::NoInterval,
        Self::CutAtAll,
        Self::Capped,
        Self::ActsOnCause,
        Self::ActsOnIssue,
        Self::StaysAtItsLevel,
        Self::HighRate,
        Self::BeyondHorizon,
        Self::Readiness,
        Self::SameDeadEnd,
        Self::SavingUnconfirmed,
        Self::StillTakenUp,
        Self::CapitalWithoutEnd,
        Self::Unconfirmed,
        Self::CorrelationsMoved,
        Self::SeatsInPlace,
        Self::CommittedSeatsIdle,
        Self::ModelErrorDrawn,
    ];

    /// Its name in a result.
    pub fn name(self) -> &'static str {
        match self {
            Self::GradeRuleChanged => "grade_rule_changed",
            Self::NothingCanCome => "nothing_can_come",
            Self::WeakInput => "weak_input",
            Self::WeakEffect => "weak_effect",
            Self::NoInterval => "no_interval",
            Self::CutAtAll => "cut_at_all",
            Self::Capped => "capped",
            Self::ActsOnCause => "acts_on_cause",
            Self::ActsOnIssue => "acts_on_issue",
            Self::StaysAtItsLevel => "stays_at_its_level",
            Self::HighRate => "high_rate",
            Self::BeyondHorizon => "beyond_horizon",
            Self::Readiness => "readiness",
            Self::SameDeadEnd => "same_dead_end",
            Self::SavingUnconfirmed => "saving_unconfirmed",
            Self::StillTakenUp => "still_taken_up",
            Self::CapitalWithoutEnd => "capital_without_end",
            Self::Unconfirmed => "unconfirmed",
            Self::CorrelationsMoved => "correlations_moved",
            Self::SeatsInPlace => "seats_in_place",
            Self::CommittedSeatsIdle => "committed_seats_idle",
            Self::ModelErrorDrawn => "model_error_drawn",
        }
    }
}
