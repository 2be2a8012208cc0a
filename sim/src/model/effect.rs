//! Effects: how large, how causal, and on which curve.

use super::belief::Believed;
use super::builder::About;
use super::initiative::Programme;
use super::range::Range;
use super::{CurveId, EffectId, InitiativeId, Ready, Term};
use crate::scenario::{self, Lever, Quantity, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) struct Effect {
    /// As its size is called among inputs.
    pub(crate) name: String,
    /// Its place among those of its initiative, from 0.
    pub(crate) place: usize,
    pub(crate) lever: Lever,
    pub(crate) size: Term,
    /// Mean around which a grade spreads the size, and by how much.
    pub(crate) spread: Option<(f64, f64)>,
    pub(crate) causal_share: Term,
    pub(crate) realisation: Ready,
    /// Whether it can be negative.
    pub(crate) may_harm: bool,
    pub(crate) initiative: InitiativeId,
}

/// Effects on one lever: each group shares an adoption curve.
pub(crate) type EffectGroups = Vec<EffectGroup>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EffectGroup {
    /// Which adoption curve.
    pub(crate) curve: CurveId,
    /// Which effects, and the reach of each: negative for levers that are increases.
    pub(crate) members: Vec<(EffectId, f64)>,
}

impl Programme<'_> {
    /// One effect with its grade's rule applied; `leader` is the pilot's effect that it is the same
    /// thing as.
    pub(super) fn effect(
        &mut self,
        initiative: &scenario::Initiative,
        written: &scenario::Effect,
        realisation: Ready,
        leader: Option<EffectId>,
        (place, path): (usize, &str),
    ) -> Result<Effect, ScenarioError> {
        let (written_size, grade) = written.figures(path)?;
        let lever = format!("{:?}", written.on).to_lowercase();
        let part = match (&written.cause, &written.issue) {
            (Some(cause), _) => format!(" for {cause}"),
            (None, Some(issue)) => format!(" about {issue}"),
            (None, None) => String::new(),
        };
        let name = format!("initiatives.{}.{lever}{part}", initiative.name);
        let about = About {
            unit: "fraction",
            grade: Some(grade),
            note: &written.note,
        };
        let range = Range {
            low: -10.0,
            high: 1.0,
            fix: "give a fraction of at most 1 (100%)",
        };
        let rule = self.policy.rule(grade);
        let believed = Believed::new(written_size, grade, rule, self.builder);
        let at = format!("{path}.size");
        self.builder.check_range(written_size, &at, range)?;
        let follows = leader.map(|effect| self.effects[effect].clone());
        let size_of = follows.as_ref().and_then(|effect| effect.size.input());
        let size = self.builder.following(size_of).term(
            &believed.size,
            name.clone(),
            about,
            &at,
            Range::ANY,
        )?;
        let share = match &written.causal_share {
            _ if believed.harms() => Quantity::from(1.0),
            Some(share) => share.clone(),
            None => Quantity::Own(rule.causal_share.clone()),
        };
        let about = About {
            unit: "share",
            ..about
        };
        let at = format!("{path}.causal_share");
        let share_of = follows
            .as_ref()
            .and_then(|effect| effect.causal_share.input());
        let causal_share = self.builder.following(share_of).term(
            &share,
            format!("{name} causal share"),
            about,
            &at,
            Range::SHARE,
        )?;
        let flags = believed.flags(&initiative.name, &lever, written, rule);
        self.builder.flags.extend(flags);
        let initiative = InitiativeId(self.initiatives.len());
        Ok(Effect {
            name,
            place,
            lever: written.on,
            size,
            spread: believed.spread,
            causal_share,
            realisation,
            may_harm: believed.may_harm,
            initiative,
        })
    }
}
