//! Whether to keep or to win customers in one segment: the verdict, its chances, and what it stands on.

use crate::app::flag;
use crate::app::lever_basis::{Facts, Side};
use crate::rule::response::acquire_or_keep::{
    Assessment, Band, Draws, Keeping, Marginal, Regressions, Segment, Winning,
};
use keepworth_cashflow::{Rate, keep_or_acquire};
use keepworth_contract::Flag;
use keepworth_contract::finance::{
    AcquireOrKeepAnswer, ChurnBreakEven, FigureSource, PlainRegression, Verdict, VerdictChance,
};
use keepworth_contract::statistic::{Definition, Interval, Statistic};

pub fn named(verdict: keep_or_acquire::Verdict) -> Verdict {
    match verdict {
        keep_or_acquire::Verdict::KeepMore => Verdict::KeepMore,
        keep_or_acquire::Verdict::AcquireMore => Verdict::AcquireMore,
        keep_or_acquire::Verdict::Neither => Verdict::Neither,
    }
}

/// Everything that an answer needs.
pub struct Inputs {
    pub margin: (f64, FigureSource),
    pub keeping: Side<Keeping>,
    pub winning: Side<Winning>,
    pub period_months: i32,
    pub annual_rate: Rate,
    /// Of all figures that come from records.
    pub record_flags: Vec<Flag>,
}

/// The answer from everything it needs, with a draw for each four standard normal numbers.
pub fn answer(
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
        flags.push(flag::revenue_currency_assumed());
    }
    let Marginal { keep, acquire, .. } = assessment.marginal;
    if keep_or_acquire::is_tie(keep, acquire) && keep.is_finite() {
        flags.push(flag::marginal_costs_tie());
    }
    let people = Marginal {
        keep: inputs.keeping.n,
        acquire: inputs.winning.n,
        clv: inputs.keeping.n,
    };
    let bands = assessment.draws.as_ref().map(|it| it.bands);
    let figures = figures(assessment.marginal, people, bands);
    AcquireOrKeepAnswer {
        verdict: named(assessment.verdict),
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
            .then(|| plain_regression(segment.by_regression(&regressions), people)),
        break_even: segment.break_even().map(|it| ChurnBreakEven {
            extra_spend: facts.money(it.extra_spend),
            needed_points: it.needed * 100.0,
            expected_points: it.expected * 100.0,
        }),
        quality_flags: quality_flags(inputs.record_flags, uses_records, flags),
    }
}

pub fn plain_regression(
    (marginal, verdict): (Marginal<f64>, keep_or_acquire::Verdict),
    people: Marginal<u64>,
) -> PlainRegression {
    let figures = figures(marginal, people, None);
    PlainRegression {
        verdict: named(verdict),
        marginal_cost_to_keep: figures.keep,
        marginal_cost_to_acquire: figures.acquire,
        lifetime_value: figures.clv,
    }
}

/// Each flag once, those of records only where records were used.
pub fn quality_flags(of_records: Vec<Flag>, uses_records: bool, others: Vec<Flag>) -> Vec<Flag> {
    let mut flags = if uses_records { of_records } else { Vec::new() };
    for flag in others {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

pub fn figures(
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

pub fn chances(assessment: &Assessment) -> Vec<VerdictChance> {
    let of = |draws: &Draws| {
        let mut chances: Vec<_> = draws
            .verdicts
            .iter()
            .map(|(verdict, _)| VerdictChance {
                verdict: named(*verdict),
                share: draws.share(*verdict),
                mc_error: draws.mc_error(*verdict),
            })
            .collect();
        chances.sort_by_key(|it| it.verdict != named(assessment.verdict));
        chances
    };
    assessment.draws.as_ref().map(of).unwrap_or_default()
}

/// A figure with the middle nine tenths of its draws; none where it is beyond all bounds, or does
/// not move.
pub fn statistic(id: &str, value: f64, n: u64, band: Option<Band>) -> Statistic {
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
