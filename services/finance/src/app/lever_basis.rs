//! What a verdict stands on: per lever, which evidence, and what is spent now.

use crate::app::flag;
use crate::app::response_evidence::Known;
use crate::app::response_history::flags;
use crate::rule::response::acquire_or_keep::{Keeping, Winning};
use crate::rule::response::response_fit::LogisticFit;
use crate::rule::response::segment_economics::SegmentEconomics;
use crate::rule::response::uncertain_response::UncertainResponse;
use keepworth_cashflow::keep_or_acquire::RetentionProgramme;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{
    FigureSource, LeverBasis, LeverEvidence, ProgrammeDesign, ResponseHistory,
};
use keepworth_contract::{Currency, Flag, InvalidParam, Money, Month};

/// A response history and what it says.
#[derive(Debug, Clone)]
pub struct KnownHistory {
    pub history: ResponseHistory,
    pub known: Known,
    pub currency: Currency,
}

/// Figures of the query, in minor units.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatedFigures {
    pub margin: Option<f64>,
    pub acquisition_cost: Option<f64>,
    pub acquisition_spend: Option<f64>,
    pub retention_spend: Option<f64>,
}

/// Where the figures of one segment are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub segment: &'a str,
    pub first: Month,
    pub last: Month,
    pub currency: Currency,
    pub economics: SegmentEconomics,
    pub stated: StatedFigures,
}

/// One side of the verdict: what the rules need, what the reader needs, and how many people are
/// behind it.
pub struct Side<T> {
    pub rule: T,
    pub basis: LeverBasis,
    pub n: u64,
    pub flags: Vec<Flag>,
    /// Of observed points only.
    pub regression: Option<LogisticFit>,
}

impl Facts<'_> {
    /// Minor units as they are reported.
    pub fn money(&self, minor: f64) -> Money {
        Money::from_minor(minor.round() as i64, self.currency)
    }

    /// A figure that the query states, else the one that the records have.
    pub fn figure(
        &self,
        name: &str,
        stated: Option<f64>,
        recorded: Option<f64>,
    ) -> Result<(f64, FigureSource), InvalidParam> {
        let stated = stated.map(|value| (value, FigureSource::Stated));
        let found = stated.or(recorded.map(|value| (value, FigureSource::Records)));
        found.ok_or_else(|| {
            let (segment, first, last) = (self.segment, self.first, self.last);
            let reason = format!(
                "the records from {first} to {last} do not tell it for `{segment}`; complete ledger and segment months, or ask with segment={segment} and {name}"
            );
            InvalidParam::new(name, FaultCode::Missing, reason)
        })
    }

    /// What it costs to win a customer on average.
    fn acquisition_cost(&self) -> Result<(f64, FigureSource), InvalidParam> {
        let (stated, recorded) = (self.stated, self.economics);
        self.figure(
            "acquisition_cost",
            stated.acquisition_cost,
            recorded.acquisition_cost,
        )
    }

    fn check_currency(&self, known: &KnownHistory) -> Result<(), InvalidParam> {
        if known.currency == self.currency {
            return Ok(());
        }
        let reason = format!(
            "the response history is in {}, the report in {}; ask with segment={} and currency={}",
            known.currency, self.currency, self.segment, known.currency
        );
        Err(InvalidParam::new(
            "currency",
            FaultCode::MixedCurrencies,
            reason,
        ))
    }
}

impl KnownHistory {
    /// The curve with its uncertainty, the kind of evidence, and the people behind it; none of a
    /// programme.
    fn curve(&self) -> Option<(UncertainResponse, LeverEvidence, u64)> {
        match &self.known {
            Known::Fitted(fit) => Some(((&**fit).into(), LeverEvidence::Observed, fit.people)),
            Known::Elicited(response) => {
                let certain = UncertainResponse::certain(*response);
                Some((certain, LeverEvidence::Elicited, 0))
            }
            Known::Programme { .. } => None,
        }
    }

    fn regression(&self) -> Option<LogisticFit> {
        match &self.known {
            Known::Fitted(fit) => Some(fit.logistic),
            _ => None,
        }
    }

    fn flags(&self) -> Vec<Flag> {
        match &self.known {
            Known::Fitted(fit) => flags(fit),
            Known::Elicited(_) => vec![flag::elicited()],
            Known::Programme { design, .. } => match design {
                ProgrammeDesign::BeforeAfter => vec![flag::before_after_without_control()],
                ProgrammeDesign::Stated => vec![flag::effect_stated()],
                ProgrammeDesign::Randomised | ProgrammeDesign::Controlled => Vec::new(),
            },
        }
    }

    fn in_words(&self) -> String {
        match &self.known {
            Known::Fitted(fit) if fit.aic.contradicts_curve() => format!(
                "a curve fitted to {} people, which the data contradict: a plain logistic regression describes them better",
                fit.people
            ),
            Known::Fitted(fit) => format!("a curve fitted to {} people", fit.people),
            Known::Elicited(_) => "no evidence: two points of somebody's judgement, whose error \
                the probability does not know"
                .to_owned(),
            Known::Programme {
                programme, design, ..
            } => programme_in_words(programme, *design),
        }
    }

    fn basis(&self, evidence: LeverEvidence, spend: Money, source: FigureSource) -> LeverBasis {
        LeverBasis {
            evidence,
            in_words: self.in_words(),
            grade: None,
            history_id: Some(self.history.id),
            history_version: Some(self.history.version),
            curve: self.history.curve.clone(),
            spend: Some(spend),
            source,
            best_spend: None,
        }
    }
}

pub fn programme_in_words(programme: &RetentionProgramme, design: ProgrammeDesign) -> String {
    let how = match design {
        ProgrammeDesign::Randomised => "a randomised trial of one programme",
        ProgrammeDesign::Controlled => {
            "churn before and after one programme, against a control group"
        }
        ProgrammeDesign::BeforeAfter => {
            "churn before and after one programme, without a control group"
        }
        ProgrammeDesign::Stated => "what somebody says of one programme",
    };
    let (points, customers) = (programme.churn_fall() * 100.0, programme.customers());
    let grade = design.grade();
    let share = 100.0 * crate::rule::response::evidence_grade::mean_share(grade);
    let believed = if programme.churn_fall() < 0.0 {
        "harm counts in full".to_owned()
    } else {
        format!("{share:.0}% of it counts as caused, on average")
    };
    format!("{how}: {points:.1} points less of {customers} customers; grade {grade:?}, {believed}")
}

/// What is known of keeping customers; `months` are those of a period.
pub fn keeping(
    known: Option<&KnownHistory>,
    facts: &Facts<'_>,
    months: f64,
) -> Result<Side<Keeping>, InvalidParam> {
    let known = known.ok_or_else(|| {
        let reason = format!(
            "`{}` has no response history of RETENTION; give one with POST /v1/response-histories",
            facts.segment
        );
        InvalidParam::new("retention", FaultCode::Missing, reason)
    })?;
    facts.check_currency(known)?;
    let flags = known.flags();
    if let Known::Programme {
        programme,
        churn_se,
        design,
    } = known.known
    {
        let spend = facts.money(programme.cost_per_customer());
        return Ok(Side {
            rule: Keeping::Programme {
                programme,
                churn_se,
                grade: design.grade(),
            },
            basis: LeverBasis {
                grade: Some(design.grade()),
                ..known.basis(LeverEvidence::Programme, spend, FigureSource::History)
            },
            n: programme.customers() as u64,
            flags,
            regression: None,
        });
    }
    let recorded = facts
        .economics
        .monthly_retention_spend
        .map(|it| it * months);
    let (spend, source) =
        facts.figure("retention_spend", facts.stated.retention_spend, recorded)?;
    let (response, evidence, n) = curve_of(known)?;
    Ok(Side {
        rule: Keeping::Curve { response, spend },
        basis: known.basis(evidence, facts.money(spend), source),
        n,
        flags,
        regression: known.regression(),
    })
}

/// What is known of winning customers: a curve, else what winning one costs on average.
pub fn winning(
    known: Option<&KnownHistory>,
    facts: &Facts<'_>,
) -> Result<Side<Winning>, InvalidParam> {
    let Some(known) = known else {
        return average(facts);
    };
    facts.check_currency(known)?;
    let (response, evidence, n) = curve_of(known)?;
    let (spend, source) = match facts.stated.acquisition_spend {
        Some(spend) => (spend, FigureSource::Stated),
        None => implied_spend(response, facts)?,
    };
    Ok(Side {
        rule: Winning::Curve { response, spend },
        basis: known.basis(evidence, facts.money(spend), source),
        n,
        flags: known.flags(),
        regression: known.regression(),
    })
}

pub fn curve_of(
    known: &KnownHistory,
) -> Result<(UncertainResponse, LeverEvidence, u64), InvalidParam> {
    let reason = "is a programme where a curve is needed; give points";
    known
        .curve()
        .ok_or_else(|| InvalidParam::new("evidence", FaultCode::WrongLever, reason))
}

pub fn average(facts: &Facts<'_>) -> Result<Side<Winning>, InvalidParam> {
    let (cost, source) = facts.acquisition_cost()?;
    let (n, whose) = match source {
        FigureSource::Records => (
            facts.economics.new_customers,
            format!(
                "what {} customers won from {} to {} cost on average",
                facts.economics.new_customers, facts.first, facts.last
            ),
        ),
        _ => (0, "a stated average cost of winning a customer".to_owned()),
    };
    Ok(Side {
        rule: Winning::Average(cost),
        basis: LeverBasis {
            evidence: LeverEvidence::AverageCost,
            in_words: format!("{whose}, taken for what the next one costs, which is usually more"),
            grade: None,
            history_id: None,
            history_version: None,
            curve: None,
            spend: None,
            source,
            best_spend: None,
        },
        n,
        flags: vec![flag::average_cost_taken_as_marginal()],
        regression: None,
    })
}

/// The spend per prospect at which the curve's customers cost on average what they do cost.
pub fn implied_spend(
    response: UncertainResponse,
    facts: &Facts<'_>,
) -> Result<(f64, FigureSource), InvalidParam> {
    let (cost, source) = facts.acquisition_cost()?;
    let curve = response.estimate();
    let spend = curve.spend_at_average_cost(cost).ok_or_else(|| {
        let (cost, first) = (facts.money(cost), facts.money(curve.marginal_cost(0.0)));
        let reason = format!(
            "a customer costs {cost} on average, less than the {first} of the first one by the curve; ask with segment={} and what is spent per prospect",
            facts.segment
        );
        InvalidParam::new("acquisition_spend", FaultCode::ContradictsCurve, reason)
    })?;
    Ok((spend, source))
}
