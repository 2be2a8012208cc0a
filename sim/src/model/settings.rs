//! Settings of a whole scenario.

use super::Term;
use super::builder::{About, Builder};
use super::range::Range;
use crate::baseline::Baseline;
use crate::flag::{Flag, FlagCode};
use crate::scenario::{Problem, Scenario, ScenarioError, Timing};

/// Longest horizon in months.
const LONGEST_HORIZON: u32 = 600;

/// Refuses settings that cannot be.
pub(super) fn check_settings(scenario: &Scenario) -> Result<(), ScenarioError> {
    let within = |value: f64, low, high, fix, path: &str| {
        Problem::unless_within(value, low, high, fix).map_err(|p| p.at(path))
    };
    let horizon = f64::from(scenario.horizon_months);
    let longest = f64::from(LONGEST_HORIZON);
    within(
        horizon,
        1.0,
        longest,
        "give 1 to 600 months",
        "horizon_months",
    )?;
    within(scenario.tax_rate, 0.0, 1.0, Range::SHARE.fix, "tax_rate")?;
    let depreciation = f64::from(scenario.depreciation_months);
    within(
        depreciation,
        1.0,
        1200.0,
        "give 1 to 1200 months",
        "depreciation_months",
    )?;
    if let Some(adjustment) = &scenario.risk_adjustment {
        within(
            adjustment.benefits,
            0.0,
            1.0,
            Range::SHARE.fix,
            "risk_adjustment.benefits",
        )?;
        within(
            adjustment.costs,
            0.0,
            10.0,
            "give a share from 0 to 10",
            "risk_adjustment.costs",
        )?;
        if scenario.timing != Timing::Tei {
            let problem = "the simulation counts risk already; drop risk_adjustment, or set \
                           timing = \"tei\" for the published convention";
            return Err(Problem::Conflict(problem.to_owned()).at("risk_adjustment"));
        }
    }
    let readiness = &scenario.readiness_mapping;
    for bound in readiness.success_probability {
        let path = "readiness_mapping.success_probability";
        within(bound, 0.0, 1.0, "give probabilities from 0 to 1", path)?;
    }
    for bound in readiness.realisation {
        within(
            bound,
            0.0,
            1.0,
            Range::SHARE.fix,
            "readiness_mapping.realisation",
        )?;
    }
    for bound in readiness.delay_months {
        within(
            bound,
            0.0,
            120.0,
            "give months from 0 to 120",
            "readiness_mapping.delay_months",
        )?;
    }
    Ok(())
}

/// The code of every amount.
pub(super) fn currency(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
) -> Result<String, ScenarioError> {
    match (&scenario.currency, baseline) {
        (Some(asked), Some(baseline)) if *asked != baseline.currency => {
            let known = &baseline.currency;
            let problem = format!(
                "\"{asked}\" is not the baseline's \"{known}\"; write \"{known}\", or take a baseline that was built with `--currency {asked}`"
            );
            Err(Problem::Conflict(problem).at("currency"))
        }
        (Some(asked), _) => Ok(asked.clone()),
        (None, Some(baseline)) => Ok(baseline.currency.clone()),
        (None, None) => {
            let problem = "no currency; give an ISO 4217 code such as \"EUR\"".to_owned();
            Err(Problem::Conflict(problem).at("currency"))
        }
    }
}

/// Above it a percentage was typed for a fraction; from 100% on it is asked whether that is meant.
const HIGHEST_RATE: f64 = 3.0;

/// Months of revenue that customers owe.
pub(super) fn receivables(
    scenario: &Scenario,
    builder: &mut Builder,
) -> Result<Option<Term>, ScenarioError> {
    let Some(days) = &scenario.receivable_days else {
        return Ok(None);
    };
    let about = About {
        unit: "days",
        ..About::default()
    };
    let range = Range {
        low: 0.0,
        high: 730.0,
        fix: "give days from 0 to 730",
    };
    let path = "receivable_days";
    let days = builder.term(days, path.to_owned(), about, path, range)?;
    Ok(Some(days.scaled(1.0 / DAYS_A_MONTH)))
}

/// Days of a month, in the mean.
const DAYS_A_MONTH: f64 = 30.4;

pub(super) fn discount_rate(
    scenario: &Scenario,
    builder: &mut Builder,
) -> Result<Term, ScenarioError> {
    let about = About {
        unit: "a year",
        ..About::default()
    };
    let range = Range {
        low: -0.9,
        high: HIGHEST_RATE,
        fix: "give a rate a year as a fraction: 0.1 is 10%",
    };
    let path = "discount_rate";
    let mean = builder.mean(&scenario.discount_rate);
    if mean >= 1.0 {
        let percent = 100.0 * mean;
        let detail =
            format!("discount_rate is {percent:.0}% a year: if that is not meant, 0.1 is 10%");
        let flag = Flag::new(FlagCode::HighRate, path, detail);
        builder.flags.push(flag);
    }
    builder.term(&scenario.discount_rate, path.to_owned(), about, path, range)
}
