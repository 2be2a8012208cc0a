//! What months tell of effects as they act, and of whether initiatives work.
//!
//! Months tell what an effect's size and causal share make together, and not which of the two it was: of each alone they
//! leave nearly all that was believed, and both are tied to each other. So what goes into a next scenario is their
//! product, in those futures in which the initiative works: in the others it could be anything.

use super::{Led, Updated, believed};
use crate::kernel::{LANES, Lane};
use crate::model::{Effect, Initiative, InputId, Model, Success, Term};
use crate::world::strength;

/// So many futures in which an initiative works tell a quantile at 10% to a standard error of 2.1%; fewer tell none.
const FEWEST: usize = 200;

/// An effect before and after months were counted.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatedEffect {
    /// As its size is called among inputs.
    pub name: String,
    /// Its initiative.
    pub initiative: String,
    /// Its place among those of the initiative, from 0.
    pub place: usize,
    /// Places among the model's inputs of those that make it: size and causal share, as far as they are uncertain.
    pub inputs: Vec<usize>,
    /// Whether it was thought possible that it harms.
    pub may_harm: bool,
    /// Size, as wide as its grade makes it and at most 1, times causal share, where the initiative works; none where that is
    /// in too few futures to tell, or another initiative has a say in it.
    pub acts: Option<Updated>,
}

/// The chance that an initiative works, before and after months were counted.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdatedSuccess {
    /// The initiative.
    pub initiative: String,
    /// Whether it works, among the model's inputs.
    pub input: usize,
    /// Before, 0 to 1.
    pub prior: f64,
    /// After.
    pub posterior: f64,
}

/// Every effect that is uncertain.
pub(super) fn effects(model: &Model, [prior, led]: [&[Led]; 2]) -> Vec<UpdatedEffect> {
    let uncertain = model.effects.iter().filter(|it| !inputs(it).is_empty());
    let of = |effect: &Effect| {
        let initiative = &model.initiatives[effect.initiative];
        let [prior, posterior] = [prior, led].map(|futures| {
            let values = acting(effect, initiative, futures)?;
            (values.len() >= FEWEST).then(|| believed(values))
        });
        UpdatedEffect {
            name: effect.name.clone(),
            initiative: initiative.name.clone(),
            place: effect.place,
            inputs: inputs(effect),
            may_harm: effect.may_harm,
            acts: prior
                .zip(posterior)
                .map(|(prior, posterior)| Updated { prior, posterior }),
        }
    };
    uncertain.map(of).collect()
}

/// Every initiative that may fail, whatever others do.
pub(super) fn successes(model: &Model, [prior, led]: [&[Led]; 2]) -> Vec<UpdatedSuccess> {
    let of = |initiative: &Initiative| {
        let success = initiative.success.filter(Success::is_by_itself)?;
        let share = |futures: &[Led]| {
            let working = works(initiative, futures)?;
            Some(working.iter().filter(|it| **it).count() as f64 / working.len() as f64)
        };
        Some(UpdatedSuccess {
            initiative: initiative.name.clone(),
            input: success.input().0,
            prior: share(prior)?,
            posterior: share(led)?,
        })
    };
    model.initiatives.iter().filter_map(of).collect()
}

fn inputs(effect: &Effect) -> Vec<usize> {
    let of = |term: Term| term.input().map(|InputId(place)| place);
    let both = [effect.size, effect.causal_share].into_iter();
    both.filter_map(of).collect()
}

/// What it does in each of those futures in which its initiative works.
fn acting(effect: &Effect, initiative: &Initiative, futures: &[Led]) -> Option<Vec<f64>> {
    let does = lanes(futures, |values| strength(effect, values));
    let works = works(initiative, futures)?;
    let acting = does.into_iter().zip(works);
    Some(
        acting
            .filter_map(|(does, works)| works.then_some(does))
            .collect(),
    )
}

/// Whether an initiative works in each future; none where another has a say in it.
fn works(initiative: &Initiative, futures: &[Led]) -> Option<Vec<bool>> {
    let Some(success) = initiative.success else {
        return Some(vec![true; futures.len()]);
    };
    let works = success
        .is_by_itself()
        .then(|| lanes(futures, |values| success.works(values, &[])))?;
    Some(works.into_iter().map(|it| it > 0.0).collect())
}

/// A figure of each future, of what the inputs are in it.
fn lanes(futures: &[Led], of: impl Fn(&[Lane]) -> Lane) -> Vec<f64> {
    let mut found = Vec::with_capacity(futures.len());
    for some in futures.chunks(LANES) {
        let inputs = some[0].values.len() - 1;
        let at = |input: usize| {
            std::array::from_fn(|lane| some.get(lane).map_or(0.0, |it| it.values[input]))
        };
        let values: Vec<Lane> = (0..inputs).map(at).collect();
        found.extend_from_slice(&of(&values)[..some.len()]);
    }
    found
}
