//! Effects: how large, how causal, and on which curve.

use super::builder::{About, Range};
use super::initiative::Programme;
use super::{Effect, EffectGroup, EffectGroups};
use crate::inputs::{Distribution, Grade};
use crate::scenario::{self, ScenarioError};

impl Programme<'_> {
    /// One effect with its grade's rule applied.
    pub(super) fn effect(
        &mut self,
        initiative: &scenario::Initiative,
        written: &scenario::Effect,
        realisation: f64,
        path: &str,
    ) -> Result<Effect, ScenarioError> {
        let lever = format!("{:?}", written.on).to_lowercase();
        let name = format!("initiatives.{}.{lever}", initiative.name);
        let about = About {
            unit: "fraction",
            grade: Some(written.grade),
            note: &written.note,
        };
        let range = Range {
            low: -10.0,
            high: 1.0,
            fix: "give a fraction of at most 1 (100%)",
        };
        let at = format!("{path}.size");
        let size = self
            .builder
            .term(&written.size, name.clone(), about, &at, range)?;
        let rule = self.policy.rule(written.grade);
        let share = written
            .causal_share
            .clone()
            .unwrap_or_else(|| scenario::Quantity::Own(rule.causal_share.clone()));
        let causal_share = self.builder.term(
            &share,
            format!("{name} causal share"),
            About {
                unit: "share",
                ..about
            },
            &format!("{path}.causal_share"),
            Range::SHARE,
        )?;
        let spread = (rule.sd_factor != 1.0 && size.fixed().is_none())
            .then(|| (self.builder.mean(&written.size), rule.sd_factor));
        self.flag(
            initiative,
            written,
            &lever,
            rule.causal_share != Distribution::Fixed(1.0),
        );
        let initiative = self.initiatives.len();
        Ok(Effect {
            lever: written.on,
            size,
            spread,
            causal_share,
            realisation,
            initiative,
        })
    }

    fn flag(
        &mut self,
        initiative: &scenario::Initiative,
        effect: &scenario::Effect,
        lever: &str,
        discounted: bool,
    ) {
        let what = match effect.grade {
            Grade::A => return,
            Grade::B => "controlled before-after comparison",
            Grade::C => "observational link, not a proven cause",
            Grade::D => "assumption",
        };
        let share = if effect.causal_share.is_some() {
            "; its causal share is the scenario's"
        } else if discounted {
            "; its causal share is drawn by the grade's rule"
        } else {
            ""
        };
        let (name, grade) = (&initiative.name, effect.grade);
        self.builder.flags.push(format!(
            "{name}: {lever} effect of grade {grade:?}: {what}{share}"
        ));
    }
}

/// Adds an effect to the group of its curve.
pub(super) fn join(groups: &mut EffectGroups, curve: usize, effect: usize, reach: f64) {
    if reach == 0.0 {
        return;
    }
    match groups.iter_mut().find(|group| group.curve == curve) {
        Some(group) => group.members.push((effect, reach)),
        None => groups.push(EffectGroup {
            curve,
            members: vec![(effect, reach)],
        }),
    }
}
