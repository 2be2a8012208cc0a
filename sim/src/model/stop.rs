//! Stopping rules: when an initiative is given up.

use super::gate::Read;
use super::initiative::Programme;
use super::{Effect, EffectId, InitiativeId, InputId};
use crate::flag::{Flag, FlagCode};
use crate::kernel::{LANES, Lane};
use crate::scenario::{self, Problem, ScenarioError, StoppingRule};

/// When an initiative is given up.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    /// Last month of one that is given up.
    pub(crate) at: usize,
    /// The effect that is read.
    effect: EffectId,
    threshold: f64,
    reading_sd: f64,
    /// Standard normal input: the reading's error.
    noise: InputId,
}

impl Stop {
    /// 1 where the initiative goes on, from the truth of the effects and what is drawn.
    #[inline(always)]
    pub(crate) fn goes_on(&self, effects: &[Lane], values: &[Lane]) -> Lane {
        let (truth, noise) = (&effects[self.effect], &values[self.noise]);
        let mut goes_on = [0.0; LANES];
        for l in 0..LANES {
            let reading = truth[l] + self.reading_sd * noise[l];
            goes_on[l] = if reading >= self.threshold { 1.0 } else { 0.0 };
        }
        goes_on
    }

    /// Standard deviation of the reading's error.
    pub(crate) fn reading_sd(&self) -> f64 {
        self.reading_sd
    }
}

impl Programme<'_> {
    /// The rule of an initiative whose effects are resolved, and which is the next.
    pub(super) fn stop(
        &mut self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Option<Stop>, ScenarioError> {
        let Some(rule) = &written.stop else {
            return Ok(None);
        };
        let path = format!("{path}.stop");
        let own = InitiativeId(self.initiatives.len());
        let read = |effect: &Effect| effect.initiative == own && effect.lever == rule.on;
        let Some(effect) = self.effects.iter().position(read).map(EffectId) else {
            let known = written.effects.iter().map(|it| lever(it.on)).collect();
            let problem = Problem::Unknown {
                what: "effect of the initiative",
                name: lever(rule.on),
                known,
            };
            return Err(problem.at(format!("{path}.on")));
        };
        self.check_stop(written, rule, &path)?;
        let reading_sd = match rule.reading_sd {
            Some(sd) => sd,
            None => self.readable(
                &Read {
                    initiative: written,
                    on: rule.on,
                    months: rule.after_months,
                },
                &path,
            )?,
        };
        let at = written.start_month + rule.after_months;
        if at >= self.scenario.horizon_months {
            let detail = format!(
                "{path}: month {at} is not before the horizon; nothing within it is given up"
            );
            let flag = Flag::new(FlagCode::BeyondHorizon, &path, detail);
            self.builder.flags.push(flag);
        }
        let name = format!("initiatives.{}.stopping error", written.name);
        let note = "error of the reading that it is stopped by";
        Ok(Some(Stop {
            at: at as usize,
            effect,
            threshold: rule.threshold,
            reading_sd,
            noise: self.builder.normal(name, note),
        }))
    }

    fn check_stop(
        &self,
        written: &scenario::Initiative,
        rule: &StoppingRule,
        path: &str,
    ) -> Result<(), ScenarioError> {
        Problem::unless_within(
            f64::from(rule.after_months),
            1.0,
            1200.0,
            "give months since the start, from 1 to 1200",
        )
        .map_err(|problem| problem.at(format!("{path}.after_months")))?;
        if let Some(sd) = rule.reading_sd {
            Problem::unless_within(sd, 0.0, 1e3, "give a standard deviation")
                .map_err(|problem| problem.at(format!("{path}.reading_sd")))?;
        }
        Problem::unless_within(rule.threshold, -1e3, 1e3, "give an effect as a fraction")
            .map_err(|problem| problem.at(format!("{path}.threshold")))?;
        let is_piloted = |it: &scenario::Initiative| {
            it.gate
                .as_ref()
                .is_some_and(|gate| gate.pilot == written.name)
        };
        if let Some(roll_out) = self.scenario.initiatives.iter().find(|it| is_piloted(it)) {
            let problem = format!(
                "\"{}\" is the pilot of \"{}\", whose gate decides on it; leave one of both out",
                written.name, roll_out.name
            );
            return Err(Problem::Conflict(problem).at(path));
        }
        Ok(())
    }
}

fn lever(lever: scenario::Lever) -> String {
    format!("{lever:?}").to_lowercase()
}
