//! Initiatives, pilots before what they gate, and those that raise others before them.

use std::collections::BTreeMap;
use std::ops;

use super::builder::{About, Builder};
use super::currency::{CurrencyId, currency_of};
use super::gate::{Gate, gate_order};
use super::raise;
use super::range::Range;
use super::stop::Stop;
use super::success::Success;
use super::{Curve, CurveId, Effect, EffectId, InputId, Ready, Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::inputs::GradePolicy;
use crate::scenario::{self, CostType, Lever, Problem, Recurrence, Scenario, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) struct Initiative {
    pub(crate) name: String,
    /// Whether it is done at all: switched off for attribution and portfolios.
    pub(crate) active: bool,
    /// Whether it works; always where absent.
    pub(crate) success: Option<Success>,
    pub(crate) gate: Option<Gate>,
    pub(crate) stop: Option<Stop>,
    pub(crate) costs: Vec<CostLine>,
    /// Whether it raises the readiness of others.
    pub(crate) raises: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct CostLine {
    pub(crate) amount: Term,
    /// First and last month, inclusive; they may lie beyond the horizon.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Whether it is spent every month.
    pub(crate) monthly: bool,
    pub(crate) capex: bool,
    pub(crate) kind: CostType,
    /// None in the scenario's own.
    pub(crate) currency: Option<CurrencyId>,
}

impl CostLine {
    /// Last month of a cost that is spent as long as anybody looks.
    pub(crate) const ENDLESS: u32 = u32::MAX;

    /// The months in which it is spent, of so many from 0.
    pub(crate) fn months(&self, of: usize) -> ops::Range<usize> {
        let end = self.last.saturating_add(1).min(of);
        self.first.min(end)..end
    }

    /// Whether it has no end.
    pub(crate) fn is_endless(&self) -> bool {
        self.last == Self::ENDLESS as usize
    }
}

/// What is collected while initiatives are resolved.
pub(super) struct Programme<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) own_currency: &'a str,
    pub(super) policy: &'a GradePolicy,
    pub(super) builder: &'a mut Builder,
    pub(super) segments: &'a [Segment],
    pub(super) initiatives: Vec<Initiative>,
    pub(super) effects: Vec<Effect>,
    pub(super) curves: Vec<Curve>,
    /// What initiatives of one sponsor have in common, by its name.
    pub(super) sponsors: BTreeMap<String, InputId>,
}

/// An effect's place: where it acts and how it takes hold.
pub(super) struct Placement {
    pub(super) effect: EffectId,
    pub(super) curve: CurveId,
    pub(super) lever: Lever,
    pub(super) channel: Option<String>,
    /// The cause of leaving, or what contacts are about, that it acts on alone.
    pub(super) part: Option<String>,
    /// Name of its initiative.
    pub(super) initiative: String,
    pub(super) reach: BTreeMap<String, f64>,
    /// Months before anything happens: the start and the delay through readiness.
    pub(super) shift: Ready,
    pub(super) path: String,
}

/// The share of each segment in which an effect acts.
fn reach_of(
    effect: &scenario::Effect,
    initiative: &scenario::Initiative,
    path: &str,
) -> Result<BTreeMap<String, f64>, ScenarioError> {
    let is_reached = |name: &&String| !initiative.reach.contains_key(*name);
    if let Some((i, name)) = effect
        .segments
        .iter()
        .enumerate()
        .find(|(_, name)| is_reached(name))
    {
        let problem = Problem::Unknown {
            what: "segment in the reach of the initiative",
            name: name.clone(),
            known: initiative.reach.keys().cloned().collect(),
        };
        return Err(problem.at(format!("{path}.segments[{i}]")));
    }
    let acts_in = effect.acts_in(initiative);
    Ok(acts_in
        .map(|name| (name.clone(), initiative.reach[name]))
        .collect())
}

impl Programme<'_> {
    /// Resolves every initiative after those that it depends on.
    pub(super) fn resolve(&mut self) -> Result<Vec<Placement>, ScenarioError> {
        let mut placements = Vec::new();
        for (index, written) in self.scenario.initiatives.iter().enumerate() {
            let start = f64::from(written.start_month);
            Problem::unless_within(
                start,
                0.0,
                1200.0,
                "give a month from the decision, 0 to 1200",
            )
            .map_err(|problem| problem.at(format!("initiatives[{index}].start_month")))?;
        }
        raise::check(&self.scenario.initiatives)?;
        for index in gate_order(&self.scenario.initiatives)? {
            self.initiative(index, &mut placements)?;
        }
        Ok(placements)
    }

    fn initiative(
        &mut self,
        index: usize,
        placements: &mut Vec<Placement>,
    ) -> Result<(), ScenarioError> {
        let written = &self.scenario.initiatives[index];
        let path = format!("initiatives[{index}]");
        for (segment, &reach) in &written.reach {
            Problem::unless_within(reach, 0.0, 1.0, Range::SHARE.fix)
                .map_err(|p| p.at(format!("{path}.reach[\"{segment}\"]")))?;
        }
        let readiness = self.readiness(written, &path)?;
        let flag = self.flag_readiness(written, &readiness);
        self.builder.flags.extend(flag);
        let shift = readiness.delay.after(written.start_month);
        let curve = self.curve(written, shift.written, &path)?;
        let gate = self.gate(written, &path)?;
        let success = self.success(written, readiness.probability, gate.as_ref(), &path)?;
        let costs = self.costs(written, &path)?;
        for (j, effect) in written.effects.iter().enumerate() {
            let path = format!("{path}.effects[{j}]");
            let mut placement = Placement {
                effect: EffectId(self.effects.len()),
                curve,
                lever: effect.on,
                channel: effect.channel.clone(),
                part: effect.part().cloned(),
                initiative: written.name.clone(),
                reach: reach_of(effect, written, &path)?,
                shift,
                path,
            };
            let leader = gate.as_ref().filter(|gate| gate.same).and_then(|gate| {
                let of_pilot = |it: &&Placement| self.effects[it.effect].initiative == gate.pilot;
                let piloted = placements.iter().filter(of_pilot);
                piloted
                    .filter(|it| placement.acts_like(it))
                    .map(|it| it.effect)
                    .next()
            });
            let realisation = readiness.realisation;
            let resolved =
                self.effect(written, effect, realisation, leader, (j, &placement.path))?;
            placement.effect = EffectId(self.effects.len());
            placements.push(placement);
            self.effects.push(resolved);
        }
        let stop = self.stop(written, &path)?;
        let name = written.name.clone();
        self.initiatives.push(Initiative {
            name,
            active: true,
            success,
            gate,
            stop,
            costs,
            raises: written.raises.is_some(),
        });
        Ok(())
    }

    fn costs(
        &mut self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Vec<CostLine>, ScenarioError> {
        let horizon = self.scenario.horizon_months;
        let mut lines = Vec::new();
        for (j, line) in written.costs.iter().enumerate() {
            let path = format!("{path}.costs[{j}]");
            let about = About {
                unit: "money",
                note: &line.note,
                ..About::default()
            };
            let kind = format!("{:?}", line.kind).to_lowercase();
            let name = format!("initiatives.{}.{kind} cost", written.name);
            let amount = self.builder.term(
                &line.amount,
                name,
                about,
                &format!("{path}.amount"),
                Range::AMOUNT,
            )?;
            let currency = currency_of(self.scenario, self.own_currency, line.currency.as_ref())
                .map_err(|problem| problem.at(format!("{path}.currency")))?;
            let monthly = line.recurrence == Recurrence::Monthly;
            let first = written.start_month + line.start.unwrap_or(u32::from(monthly));
            if line.months == Some(0) || (line.months.is_some() && !monthly) {
                let problem = "months belongs to a monthly cost and is at least 1";
                return Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.months")));
            }
            let last = line
                .months
                .map_or(CostLine::ENDLESS, |months| first + months - 1);
            if first > horizon {
                let detail =
                    format!("{path}: month {first} is beyond the horizon; nothing is spent");
                let flag = Flag::new(FlagCode::BeyondHorizon, &path, detail);
                self.builder.flags.push(flag);
            }
            lines.push(CostLine {
                amount,
                first: first as usize,
                last: if monthly { last } else { first } as usize,
                monthly,
                capex: line.capex,
                kind: line.kind,
                currency,
            });
        }
        Ok(lines)
    }
}
