//! From a scenario and a baseline to a model.

use rayon::prelude::*;

use super::belief::evidence;
use super::builder::{About, Builder, Range};
use super::initiative::{Placement, Programme};
use super::overlap::Placed;
use super::place::Places;
use super::source::overlay;
use super::{Model, Outlook, Prepared, Segment, Term, Terminal, Training, segment, terminal};
use crate::baseline::{Baseline, Heads, hash_of};
use crate::flag::{Flag, FlagCode};
use crate::inputs::{Grade, GradePolicy};
use crate::scenario::{Idle, Lever, Problem, Quantity, Scenario, ScenarioError, Timing};

/// Longest horizon in months.
const LONGEST_HORIZON: u32 = 600;

impl Scenario {
    /// Resolves the scenario on a baseline, or on its own segments when there is none.
    ///
    /// # Errors
    /// The first fault found: an unknown name, an impossible distribution, a figure outside its
    /// range, two settings that exclude each other.
    pub fn resolve(&self, baseline: Option<&Baseline>) -> Result<Model, ScenarioError> {
        resolve(self, baseline).map_err(|error| self.located(error))
    }
}

fn resolve(scenario: &Scenario, baseline: Option<&Baseline>) -> Result<Model, ScenarioError> {
    check_settings(scenario)?;
    let currency = currency(scenario, baseline)?;
    let policy = GradePolicy::with_changes(scenario.grade_changes.clone())
        .map_err(|e| Problem::Conflict(e.to_string()).at("grade_changes"))?;
    let mut builder = Builder::new(scenario, baseline)?;
    flag_baseline(&mut builder, baseline);
    for change in policy.changes() {
        let grade = format!("{:?}", change.grade);
        let detail = format!("rule of grade {grade} changed: {}", change.reason);
        let flag = Flag::new(FlagCode::GradeRuleChanged, grade, detail);
        builder.flags.push(flag);
    }
    let mut idle = scenario.idle();
    let nothing = |it: &Idle| Flag::new(FlagCode::NothingCanCome, &it.initiative, it.to_string());
    builder.flags.extend(idle.iter().map(nothing));
    if idle.len() < scenario.acting().count() {
        idle.clear();
    }
    for (name, input) in &scenario.inputs {
        if let Some(grade @ (Grade::C | Grade::D)) = input.grade {
            let what = evidence(grade);
            let detail = format!("input {name} of grade {grade:?}: {what}");
            let flag = Flag::new(FlagCode::WeakInput, name, detail);
            builder.flags.push(flag);
        }
    }
    let mut segments = Vec::new();
    for source in overlay(scenario, baseline)? {
        segments.push(segment::resolve(&source, &mut builder)?);
    }
    let mut training = training(scenario, baseline, &mut builder)?;
    let rate = discount_rate(scenario, &mut builder)?;
    let outlook = outlook(scenario, &mut builder)?;
    let groups = builder.correlate(scenario, baseline)?;
    let mut programme = Programme {
        scenario,
        policy: &policy,
        builder: &mut builder,
        segments: &segments,
        initiatives: Vec::new(),
        effects: Vec::new(),
        curves: Vec::new(),
    };
    let placements = programme.resolve()?;
    let Programme {
        initiatives,
        effects,
        mut curves,
        ..
    } = programme;
    let mut places = Places {
        segments: &mut segments,
        training: &mut training,
        effects: &effects,
        initiatives: &initiatives,
        curves: &mut curves,
        replaced: Vec::new(),
    };
    for placement in &placements {
        places.place(placement, &placements)?;
    }
    let replaced = places.replaced;
    let placed = Placed {
        scenario,
        placements: &placements,
        effects: &effects,
        initiatives: &initiatives,
        segments: &segments,
    };
    builder.flags.extend(placed.flags());
    for placement in &placements {
        flag_ceiling(scenario, placement, &segments, &mut builder);
    }
    let prepared: Vec<Prepared> = builder
        .inputs
        .par_iter()
        .map(|input| input.draw.prepare())
        .collect();
    let mut model = Model {
        name: scenario.name.clone(),
        currency,
        baseline_hash: baseline.map(Baseline::hash),
        input_hash: hash_of(&(env!("CARGO_PKG_VERSION"), scenario, baseline)),
        horizon: scenario.horizon_months as usize,
        timing: scenario.timing,
        demography: scenario.demography,
        heads: baseline.map_or(Heads::default(), |baseline| baseline.heads),
        rate,
        tax_rate: scenario.tax_rate,
        depreciation_months: scenario.depreciation_months as usize,
        terminal: Terminal::None,
        outlook,
        last_entry: scenario.horizon_months as usize,
        risk_adjustment: scenario.risk_adjustment.clone().unwrap_or_default(),
        inputs: builder.inputs,
        prepared: prepared.into(),
        groups,
        segments,
        training,
        curves,
        effects,
        replaced,
        initiatives,
        flags: builder.flags,
        no_verdict: idle,
    };
    if let Some(written) = &scenario.terminal_value {
        model.terminal = terminal::terminal(written, &mut model)?;
    }
    Ok(model)
}

fn check_settings(scenario: &Scenario) -> Result<(), ScenarioError> {
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

fn currency(scenario: &Scenario, baseline: Option<&Baseline>) -> Result<String, ScenarioError> {
    match (&scenario.currency, baseline) {
        (Some(asked), Some(baseline)) if *asked != baseline.currency => {
            let known = &baseline.currency;
            let problem =
                format!("\"{asked}\" is not the baseline's \"{known}\"; write \"{known}\"");
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

fn discount_rate(scenario: &Scenario, builder: &mut Builder) -> Result<Term, ScenarioError> {
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

/// What is foreseen of leaving in both worlds.
fn outlook(scenario: &Scenario, builder: &mut Builder) -> Result<Option<Outlook>, ScenarioError> {
    let Some(written) = &scenario.outlook else {
        return Ok(None);
    };
    let mut term = |quantity: &Option<Quantity>, absent: f64, field: &str, unit, range| {
        let quantity = quantity.clone().unwrap_or_else(|| absent.into());
        let path = format!("outlook.{field}");
        let about = About {
            unit,
            ..About::default()
        };
        builder.term(&quantity, path.clone(), about, &path, range)
    };
    let factor = Range {
        low: 0.0,
        high: 100.0,
        fix: "give a factor on every hazard: 1.1 is 10% more leaving",
    };
    let trend = Range {
        low: -0.9,
        high: 10.0,
        fix: "give a growth a year as a fraction: 0.05 is 5%",
    };
    Ok(Some(Outlook {
        hazard_factor: term(
            &written.hazard_factor,
            1.0,
            "hazard_factor",
            "factor",
            factor,
        )?,
        hazard_trend: term(&written.hazard_trend, 0.0, "hazard_trend", "a year", trend)?,
    }))
}

fn training(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
    builder: &mut Builder,
) -> Result<Option<Training>, ScenarioError> {
    let written = scenario
        .training
        .as_ref()
        .or(baseline.and_then(|b| b.training.as_ref()));
    let Some(written) = written else {
        return Ok(None);
    };
    let avoidable = segment::avoidable(written.avoidable.as_ref(), "training.avoidable")?;
    let mut term = |quantity: &Quantity, field: &str, unit| {
        let path = format!("training.{field}");
        let about = About {
            unit,
            ..About::default()
        };
        builder.term(quantity, path.clone(), about, &path, Range::AMOUNT)
    };
    Ok(Some(Training {
        hires: term(
            &written.hires_per_month,
            "hires_per_month",
            "people a month",
        )?,
        hours: term(&written.hours_per_hire, "hours_per_hire", "hours a hire")?,
        rate: term(&written.loaded_rate, "loaded_rate", "money an hour")?,
        avoidable,
        effects: Vec::new(),
    }))
}

fn flag_baseline(builder: &mut Builder, baseline: Option<&Baseline>) {
    let Some(baseline) = baseline else { return };
    let of_all = baseline.quality_flags.iter().map(|flag| Flag {
        detail: format!("baseline: {}", flag.detail),
        ..flag.clone()
    });
    builder.flags.extend(of_all);
    for segment in &baseline.segments {
        let of_segment = segment.quality_flags.iter().map(|flag| Flag {
            subject: Some(segment.name.clone()),
            ..flag.clone()
        });
        builder.flags.extend(of_segment);
    }
}

/// Says where a hazard effect may exceed what experience could remove, and so is capped.
fn flag_ceiling(
    scenario: &Scenario,
    placement: &Placement,
    segments: &[Segment],
    builder: &mut Builder,
) {
    if placement.lever != Lever::Hazard {
        return;
    }
    let Some((initiative, size)) = find_effect(scenario, &placement.path) else {
        return;
    };
    let high = builder.likely_high(size);
    for segment in segments
        .iter()
        .filter(|s| placement.reach.get(&s.name) > Some(&0.0))
    {
        let Some(share) = segment.experience_share.map(|share| builder.least(share)) else {
            continue;
        };
        if high > share {
            let detail = format!(
                "{initiative}: hazard effect of up to {:.0}% in {} is capped at {:.0}% or so, the \
                 share of leaving that experience could remove",
                100.0 * high,
                segment.name,
                100.0 * share
            );
            let flag = Flag::new(FlagCode::Capped, initiative, detail);
            builder.flags.push(flag);
        }
    }
}

fn find_effect<'a>(scenario: &'a Scenario, path: &str) -> Option<(&'a str, &'a Quantity)> {
    let mut numbers = path
        .split(['[', ']'])
        .filter_map(|part| part.parse::<usize>().ok());
    let initiative = scenario.initiatives.get(numbers.next()?)?;
    let effect = initiative.effects.get(numbers.next()?)?;
    Some((&initiative.name, &effect.size))
}
