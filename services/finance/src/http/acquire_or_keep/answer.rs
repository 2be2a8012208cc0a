//! The answer for one segment: the verdict, its chances, and what it stands on.

use keepworth_cashflow::Rate;
use keepworth_cashflow::keep_or_acquire;
use keepworth_contract::Money;
use keepworth_contract::statistic::{Definition, Interval, Statistic};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::lever_basis::{Facts, FigureSource, LeverBasis, Side};
use crate::rule::response::acquire_or_keep::{
    Assessment, Band, Draws, Keeping, Marginal, Regressions, Segment, Winning,
};

/// What the next unit of money should be spent on in a segment, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcquireOrKeepAnswer {
    /// At the estimates.
    pub verdict: Verdict,
    /// How probable each verdict is, that of the estimates first; empty where nothing is known to
    /// be uncertain, which is no certainty.
    pub chances: Vec<VerdictChance>,
    /// What keeping one more customer costs; null where spending keeps nobody. A programme's effect
    /// counts as far as its evidence says that the programme caused it.
    pub marginal_cost_to_keep: Statistic,
    /// The same were all of what was measured caused by the programme; null for a curve.
    pub marginal_cost_to_keep_as_measured: Option<Statistic>,
    /// What winning one more customer costs.
    pub marginal_cost_to_acquire: Statistic,
    /// What a customer is worth at what is spent now.
    pub lifetime_value: Statistic,
    /// Months of a period.
    pub period_months: i32,
    /// Margin per customer and period, before retention spend. It is taken as it is: its own error
    /// is not in the probabilities. From records, revenue is taken to be in the report's currency,
    /// because segment months do not name one.
    pub margin: Money,
    /// Where the margin comes from.
    pub margin_source: FigureSource,
    /// What keeping stands on.
    pub retention: LeverBasis,
    /// What winning stands on.
    pub acquisition: LeverBasis,
    /// The same by plain logistic regressions on spend in place of the fitted curves, at the
    /// estimates: where the data contradict a curve, trust this more. Null without observed points.
    pub by_plain_regression: Option<PlainRegression>,
    /// What more spending on customers must do to be as good as recruiting; null where nothing is
    /// spent on them.
    pub break_even: Option<ChurnBreakEven>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<String>,
}

/// What to do with the next unit of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Keeping one more customer costs less than they are worth and than recruiting one.
    KeepMore,
    /// Recruiting one more customer costs less than they are worth and than keeping one: here,
    /// recruiting is cheaper.
    AcquireMore,
    /// One more customer costs more than they are worth, either way.
    Neither,
}

impl From<keep_or_acquire::Verdict> for Verdict {
    fn from(verdict: keep_or_acquire::Verdict) -> Self {
        match verdict {
            keep_or_acquire::Verdict::KeepMore => Self::KeepMore,
            keep_or_acquire::Verdict::AcquireMore => Self::AcquireMore,
            keep_or_acquire::Verdict::Neither => Self::Neither,
        }
    }
}

/// How probable a verdict is.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictChance {
    /// The verdict.
    pub verdict: Verdict,
    /// The share of draws that end in it.
    pub share: f64,
    /// Monte Carlo standard error of the share.
    pub mc_error: f64,
}

/// The verdict by plain logistic regressions on spend.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlainRegression {
    /// At the estimates. Winning counts as worth it only where the average customer, too, costs
    /// less than they are worth: on an S the next one can be cheaper.
    pub verdict: Verdict,
    /// What keeping one more customer costs.
    pub marginal_cost_to_keep: Statistic,
    /// What winning one more customer costs.
    pub marginal_cost_to_acquire: Statistic,
    /// What a customer is worth at what is spent now.
    pub lifetime_value: Statistic,
}

/// What more spending on customers must do to be as good as recruiting.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChurnBreakEven {
    /// The spending per customer and period: a tenth of today's, or the programme's.
    pub extra_spend: Money,
    /// By how many percentage points churn per period must fall for it.
    pub needed_points: f64,
    /// By how many the curve, or the programme as far as it is believed, says that it falls.
    pub expected_points: f64,
}

/// Everything that an answer needs.
pub(super) struct Inputs {
    pub margin: (f64, FigureSource),
    pub keeping: Side<Keeping>,
    pub winning: Side<Winning>,
    pub period_months: i32,
    pub annual_rate: Rate,
    /// Of all figures that come from records.
    pub record_flags: Vec<String>,
}

/// The answer from everything it needs, with a draw for each four standard normal numbers.
pub(super) fn answer(
    facts: &Facts<'_>,
    inputs: Inputs,
    normals: impl Iterator<Item = [f64; 4]>,
) -> AcquireOrKeepAnswer {
    let (margin, margin_source) = inputs.margin;
    let years = f64::from(inputs.period_months) / 12.0;
    let segment = Segment {
        keeping: inputs.keeping.rule,
        winning: inputs.winning.rule,
        margin,
        rate: inputs.annual_rate.over(years),
    };
    let assessment = segment.assess(normals);
    let best = segment.best();
    let (mut retention, mut acquisition) = (inputs.keeping.basis, inputs.winning.basis);
    retention.best_spend = best.retention_spend.map(|it| facts.money(it));
    acquisition.best_spend = best.acquisition_spend.map(|it| facts.money(it));
    let regressions = Regressions {
        winning: inputs.winning.regression,
        keeping: inputs.keeping.regression,
    };
    let uses_records =
        [margin_source, retention.source, acquisition.source].contains(&FigureSource::Records);
    let mut flags = [inputs.keeping.flags, inputs.winning.flags].concat();
    if margin_source == FigureSource::Records {
        flags.push("revenue_currency_assumed");
    }
    let Marginal { keep, acquire, .. } = assessment.marginal;
    if keep_or_acquire::is_tie(keep, acquire) && keep.is_finite() {
        flags.push("marginal_costs_tie");
    }
    let people = Marginal {
        keep: inputs.keeping.n,
        acquire: inputs.winning.n,
        clv: inputs.keeping.n,
    };
    let bands = assessment.draws.as_ref().map(|it| it.bands);
    let figures = figures(assessment.marginal, people, bands);
    AcquireOrKeepAnswer {
        verdict: assessment.verdict.into(),
        chances: chances(&assessment),
        marginal_cost_to_keep: figures.keep,
        marginal_cost_to_keep_as_measured: segment
            .keep_as_measured()
            .map(|cost| statistic("marginal_cost_to_keep", cost, people.keep, None)),
        marginal_cost_to_acquire: figures.acquire,
        lifetime_value: figures.clv,
        period_months: inputs.period_months,
        margin: facts.money(margin),
        margin_source,
        retention,
        acquisition,
        by_plain_regression: (regressions != Regressions::default())
            .then(|| PlainRegression::of(segment.by_regression(&regressions), people)),
        break_even: segment.break_even().map(|it| ChurnBreakEven {
            extra_spend: facts.money(it.extra_spend),
            needed_points: it.needed * 100.0,
            expected_points: it.expected * 100.0,
        }),
        quality_flags: quality_flags(inputs.record_flags, uses_records, &flags),
    }
}

impl PlainRegression {
    fn of(
        (marginal, verdict): (Marginal<f64>, keep_or_acquire::Verdict),
        people: Marginal<u64>,
    ) -> Self {
        let figures = figures(marginal, people, None);
        Self {
            verdict: verdict.into(),
            marginal_cost_to_keep: figures.keep,
            marginal_cost_to_acquire: figures.acquire,
            lifetime_value: figures.clv,
        }
    }
}

/// Each flag once, those of records only where records were used.
fn quality_flags(of_records: Vec<String>, uses_records: bool, others: &[&str]) -> Vec<String> {
    let mut flags = if uses_records { of_records } else { Vec::new() };
    for flag in others {
        if !flags.iter().any(|it| it == flag) {
            flags.push((*flag).to_owned());
        }
    }
    flags
}

fn figures(
    marginal: Marginal<f64>,
    people: Marginal<u64>,
    bands: Option<Marginal<Band>>,
) -> Marginal<Statistic> {
    let (keep, acquire, clv) = (
        bands.map(|it| it.keep),
        bands.map(|it| it.acquire),
        bands.map(|it| it.clv),
    );
    Marginal {
        keep: statistic("marginal_cost_to_keep", marginal.keep, people.keep, keep),
        acquire: statistic(
            "marginal_cost_to_acquire",
            marginal.acquire,
            people.acquire,
            acquire,
        ),
        clv: statistic("lifetime_value", marginal.clv, people.clv, clv),
    }
}

fn chances(assessment: &Assessment) -> Vec<VerdictChance> {
    let of = |draws: &Draws| {
        let mut chances: Vec<_> = draws
            .verdicts
            .iter()
            .map(|(verdict, _)| VerdictChance {
                verdict: (*verdict).into(),
                share: draws.share(*verdict),
                mc_error: draws.mc_error(*verdict),
            })
            .collect();
        chances.sort_by_key(|it| it.verdict != assessment.verdict.into());
        chances
    };
    assessment.draws.as_ref().map(of).unwrap_or_default()
}

/// A figure with the middle nine tenths of its draws; none where it is beyond all bounds, or does
/// not move.
fn statistic(id: &str, value: f64, n: u64, band: Option<Band>) -> Statistic {
    let interval = band.filter(|it| it.low < it.high && it.high.is_finite());
    Statistic {
        value: Some(value).filter(|it| it.is_finite()),
        n,
        interval: interval.map(|Band { low, high }| Interval {
            low,
            high,
            level: 0.90,
            method: "monte_carlo_percentile".to_owned(),
            freedom: None,
        }),
        definition: Definition {
            id: id.to_owned(),
            version: 1,
        },
        quality_flags: Vec::new(),
    }
}
