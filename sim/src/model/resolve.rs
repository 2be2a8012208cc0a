//! From a scenario and a baseline to a model.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::belief::evidence;
use super::builder::Builder;
use super::currency::currencies;
use super::initiative::{Placement, Programme};
use super::money::money;
use super::outlook::outlook;
use super::overlap::Placed;
use super::place::Places;
use super::seats::{flag_idle_seats, seats};
use super::settings::{check_settings, currency, discount_rate, receivables};
use super::source::{Source, overlay};
use super::training::training;
use super::unforeseen::unforeseen;
use super::win_back::win_back;
use super::{Model, Prepared, Segment, Terminal, cause, issue, record, segment, terminal};
use crate::baseline::{Baseline, Heads, hash_of};
use crate::flag::{Flag, FlagCode};
use crate::inputs::{Grade, GradePolicy};
use crate::scenario::{Idle, Lever, Problem, Quantity, Scenario, ScenarioError};

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
    let sources = overlay(scenario, baseline)?;
    for source in &sources {
        segments.push(segment::resolve(source, &mut builder)?);
    }
    let mut training = training(scenario, baseline, &mut builder)?;
    let seats = seats(scenario, &mut segments, &mut builder)?;
    win_back(scenario, &sources, &mut segments, &mut builder)?;
    let rate = discount_rate(scenario, &mut builder)?;
    let outlook = outlook(scenario, baseline, &mut builder)?;
    record::place(scenario, baseline, outlook.as_ref(), &mut segments)?;
    cause::causes(scenario, &sources, &mut segments, &mut builder)?;
    issue::issues(scenario, &sources, &mut segments, &mut builder)?;
    let groups = builder.correlate(scenario, baseline)?;
    let mut programme = Programme {
        scenario,
        own_currency: &currency,
        policy: &policy,
        builder: &mut builder,
        segments: &segments,
        initiatives: Vec::new(),
        effects: Vec::new(),
        curves: Vec::new(),
        sponsors: BTreeMap::new(),
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
        decided: Vec::new(),
    };
    for placement in &placements {
        places.place(placement, &placements)?;
    }
    let decided = places.decided;
    // Last, so that whoever asks for it draws all else as before.
    unforeseen(scenario, &mut segments, &mut builder)?;
    let money = money(
        scenario,
        baseline,
        outlook.as_ref(),
        &mut segments,
        &mut builder,
    )?;
    flag_idle_seats(&seats, &segments, &mut builder);
    let receivables = receivables(scenario, &mut builder)?;
    let currencies = currencies(scenario, &currency, &mut builder)?;
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
        flag_cause(placement, &sources, &segments, &mut builder);
        let flags = issue::flags(placement, &sources, &segments, &builder);
        builder.flags.extend(flags);
    }
    let prepared: Vec<Prepared> = builder
        .inputs
        .par_iter()
        .map(|input| input.draw.prepare())
        .collect();
    let mut model = Model {
        name: scenario.name.clone(),
        currency,
        currencies,
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
        money,
        seats,
        receivables,
        losses: scenario.losses,
        last_entry: scenario.horizon_months as usize,
        risk_adjustment: scenario.risk_adjustment.clone().unwrap_or_default(),
        inputs: builder.inputs,
        prepared: prepared.into(),
        groups,
        segments,
        training,
        curves,
        effects,
        decided,
        initiatives,
        flags: builder.flags,
        no_verdict: idle,
    };
    if let Some(written) = &scenario.terminal_value {
        model.terminal = terminal::terminal(written, &mut model)?;
    }
    Ok(model)
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

/// Says which share of leaving an effect acts on that names a cause.
fn flag_cause(
    placement: &Placement,
    sources: &[Source],
    segments: &[Segment],
    builder: &mut Builder,
) {
    let Some(cause) = placement
        .part
        .as_ref()
        .filter(|_| placement.lever == Lever::Hazard)
    else {
        return;
    };
    for (source, segment) in sources.iter().zip(segments) {
        if placement.reach.get(&segment.name) > Some(&0.0) {
            let ceiling = segment.experience_share;
            let ceiling = ceiling.map_or(1.0, |share| builder.mean_of(share));
            let share = ceiling * segment.causes.mean_share(cause, builder);
            let flag = cause::flag(&placement.initiative, cause, &source.figures, share);
            builder.flags.extend(flag);
        }
    }
}

/// Says where a hazard effect may exceed what experience could remove, and so is capped.
fn flag_ceiling(
    scenario: &Scenario,
    placement: &Placement,
    segments: &[Segment],
    builder: &mut Builder,
) {
    if placement.lever != Lever::Hazard || placement.part.is_some() {
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
                "{initiative}: hazard effect of up to {:.0}% in {} is cut off at what experience could remove of \
                 leaving there, which may be as little as {}",
                100.0 * high,
                segment.name,
                small_share(share)
            );
            let flag = Flag::new(FlagCode::Capped, initiative, detail);
            builder.flags.push(flag);
        }
    }
}

/// A share in percent: one that is not nothing is not called 0%.
fn small_share(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        return "less than 0.5%".to_owned();
    }
    format!("{:.0}%", 100.0 * share)
}

fn find_effect<'a>(scenario: &'a Scenario, path: &str) -> Option<(&'a str, &'a Quantity)> {
    let mut numbers = path
        .split(['[', ']'])
        .filter_map(|part| part.parse::<usize>().ok());
    let initiative = scenario.initiatives.get(numbers.next()?)?;
    let effect = initiative.effects.get(numbers.next()?)?;
    Some((&initiative.name, effect.size.as_ref()?))
}
