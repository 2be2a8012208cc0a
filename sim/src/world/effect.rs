//! What initiatives change in each trial: the strength of every effect, and the reductions that
//! several of them make together.

use pulp::{Arch, Simd};

use super::calendar;
use crate::kernel::{LANES, Lane, product};
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{
    Decision, Division, Effect, EffectGroup, EffectId, Initiative, InitiativeId, Model, Ready,
};

/// The strength of every effect, and whether each initiative's money is spent.
#[derive(Default)]
pub(crate) struct Strengths {
    /// By effect: size × causal share × realisation where it works, else 0; then those after something was decided.
    pub(crate) effects: Vec<Lane>,
    /// By initiative: 1 where it is done and its gate is open, else 0.
    pub(crate) spent: Vec<Lane>,
    /// By initiative: 1 where it is not given up, else 0.
    pub(crate) goes_on: Vec<Lane>,
    /// By initiative: 1 where it raises the readiness of others, else 0.
    raised: Vec<Lane>,
}

impl Strengths {
    /// Draws what works in each trial.
    pub(crate) fn draw(&mut self, arch: Arch, model: &Model, values: &[Lane]) {
        draw(arch, model, values, self);
    }
}

kernel! {
    fn draw<'a>(model: &'a Model, values: &'a [Lane], strengths: &'a mut Strengths) {
        let Strengths { effects, spent, goes_on, raised } = strengths;
        effects.clear();
        for effect in &model.effects {
            effects.push(strength(effect, values));
        }
        spent.clear();
        goes_on.clear();
        raised.clear();
        // Pilots come before what they gate, and those that raise others before them.
        for (index, initiative) in model.initiatives.iter().enumerate() {
            let done = done(initiative, values, effects, spent);
            let works = initiative.success.map_or([1.0; LANES], |it| it.works(values, raised));
            for (effect, strength) in model.effects.iter().zip(&mut *effects) {
                if effect.initiative == InitiativeId(index) {
                    for l in 0..LANES {
                        strength[l] *= done[l] * works[l];
                    }
                }
            }
            spent.push(done);
            raised.push(if initiative.raises { product(&done, &works) } else { [0.0; LANES] });
            goes_on.push(match &initiative.stop {
                Some(stop) => stop.goes_on(effects, values),
                None => [1.0; LANES],
            });
        }
        for (effect, strength) in model.effects.iter().zip(&mut *effects) {
            let Ready { written, raised: by_another } = effect.realisation;
            if let Some(by) = by_another {
                for l in 0..LANES {
                    strength[l] *= if raised[by.by][l] > 0.0 { by.to } else { written };
                }
            } else if written != 1.0 {
                for l in 0..LANES {
                    strength[l] *= written;
                }
            }
        }
        for decided in &model.decided {
            let mut strength = effects[decided.effect];
            for l in 0..LANES {
                strength[l] *= match decided.when {
                    Decision::RolledOut(rollout) => spent[rollout][l],
                    Decision::NotRolledOut(rollout) => 1.0 - spent[rollout][l],
                    Decision::GoesOn(initiative) => goes_on[initiative][l],
                    Decision::Raised(by) => raised[by][l],
                    Decision::NotRaised(by) => 1.0 - raised[by][l],
                };
            }
            effects.push(strength);
        }
    }
}

/// Size × causal share: what a pilot of the effect reads where it works.
#[inline(always)]
pub(crate) fn strength(effect: &Effect, values: &[Lane]) -> Lane {
    let mut strength = effect.size.lane(values);
    if let Some((mean, factor)) = effect.spread {
        for size in &mut strength {
            *size = mean + factor * (*size - mean);
        }
    }
    let causal_share = effect.causal_share.lane(values);
    for l in 0..LANES {
        strength[l] = strength[l].min(1.0) * causal_share[l].clamp(0.0, 1.0);
    }
    strength
}

/// 1 where the initiative is done: switched on, and its pilot, done itself, has cleared the gate.
#[inline(always)]
fn done(initiative: &Initiative, values: &[Lane], effects: &[Lane], spent: &[Lane]) -> Lane {
    let active = if initiative.active { 1.0 } else { 0.0 };
    let Some(gate) = &initiative.gate else {
        return [active; LANES];
    };
    let (truth, noise) = (&effects[gate.effect], &values[gate.noise]);
    let piloted = &spent[gate.pilot];
    std::array::from_fn(|l| {
        let reading = truth[l] + gate.reading_sd * noise[l];
        let clears = if reading >= gate.threshold { 1.0 } else { 0.0 };
        active * piloted[l] * clears
    })
}

/// How customers respond to the programme, month by month: adoption times strength.
pub(crate) struct Response {
    /// By adoption curve and month.
    pub(crate) adoption: Vec<Months>,
    pub(crate) strengths: Strengths,
}

impl Response {
    /// The joint reduction `1 − Π (1 − w·e·r(t))` of effects on one lever, month by month.
    ///
    /// Increases come in with a negative reach and out as a negative reduction.
    pub(crate) fn reduction(&self, arch: Arch, groups: &[EffectGroup], out: &mut [Lane]) {
        out.fill([0.0; LANES]);
        for group in groups {
            let adopted = &self.adoption[group.curve];
            for members in group.members.chunks(EXPANDED) {
                let effects = Joined {
                    members,
                    strengths: &self.strengths,
                };
                match members.len() {
                    1 => join::<1>(arch, effects, adopted, out),
                    2 => join::<2>(arch, effects, adopted, out),
                    3 => join::<3>(arch, effects, adopted, out),
                    _ => join::<EXPANDED>(arch, effects, adopted, out),
                }
            }
        }
    }

    /// Makes of a reduction by effects on a whole the joint one with those on its parts, which are shares of it, or of a
    /// share of it: within a part effects share what is there to win.
    pub(crate) fn also_reduce_parts(
        &self,
        arch: Arch,
        whole: &Division,
        of: Option<&Lane>,
        values: &[Lane],
        reduction: &mut [Lane],
    ) {
        if whole.is_empty() {
            return;
        }
        let horizon = reduction.len() - 1;
        let (mut of_part, mut sum) = (Months::new(horizon), Months::new(horizon));
        for (part, share) in whole.acted_on(values) {
            let share = of.map_or(share, |of| product(&share, of));
            self.reduction(arch, &part.effects, &mut of_part);
            add_share(arch, &share, &of_part, &mut sum);
        }
        calendar::also_reduce(arch, &sum, reduction);
    }

    /// New customers per customer: effects add up, because each recruits on its own.
    pub(crate) fn referral_rate(&self, groups: &[EffectGroup]) -> Vec<Lane> {
        let mut rate = vec![[0.0; LANES]; self.adoption[groups[0].curve].len()];
        for group in groups {
            for &(effect, reach) in &group.members {
                let strength = &self.strengths.effects[effect];
                for (rate, adopted) in rate.iter_mut().zip(&*self.adoption[group.curve]) {
                    for l in 0..LANES {
                        // Reach is negative for increases.
                        rate[l] -= reach * strength[l] * adopted[l];
                    }
                }
            }
        }
        rate
    }
}

kernel! {
    /// Adds a share of a reduction to a sum of those of parts.
    fn add_share<'a>(share: &'a Lane, of_part: &'a [Lane], sum: &'a mut [Lane]) {
        for (of_part, sum) in of_part.iter().zip(sum) {
            for l in 0..LANES {
                sum[l] += share[l] * of_part[l];
            }
        }
    }
}

kernel! {
    /// Holds a joint reduction to what experience could remove at all.
    pub(super) fn cap<'a>(ceiling: &'a Lane, reduction: &'a mut [Lane]) {
        let ceiling = *ceiling;
        for month in reduction {
            let mut capped = *month;
            for l in 0..LANES {
                capped[l] = capped[l].min(ceiling[l]);
            }
            *month = capped;
        }
    }
}

/// Effects of one curve, to be joined.
#[derive(Clone, Copy)]
pub(super) struct Joined<'a> {
    /// Which effects, and the reach of each.
    pub(super) members: &'a [(EffectId, f64)],
    pub(super) strengths: &'a Strengths,
}

impl Joined<'_> {
    /// Reach times strength of at most `N` effects; zeros where there are fewer.
    #[inline(always)]
    pub(super) fn shares<S: Simd, const N: usize>(self, simd: S, part: usize) -> [Vector<S>; N] {
        let number = |value| Vector::splat(simd, value);
        let mut shares = [number(0.0); N];
        for (share, &(effect, reach)) in shares.iter_mut().zip(self.members) {
            let strength = Vector::load(simd, &self.strengths.effects[effect], part);
            *share = number(reach) * strength;
        }
        shares
    }
}

/// Most effects of one curve that are expanded to one polynomial in adoption.
const EXPANDED: usize = 6;

/// Joins the reduction by at most `N` effects that share an adoption curve to that of others.
///
/// It is a polynomial in adoption, `1 − Π (1 − cᵢ a) = a (e₁ − a (e₂ − a (e₃ − …)))` with `eₖ` the
/// elementary symmetric polynomials of the `cᵢ`.
fn join<const N: usize>(arch: Arch, effects: Joined<'_>, adopted: &[Lane], out: &mut [Lane]) {
    struct Call<'a, const N: usize> {
        effects: Joined<'a>,
        adopted: &'a [Lane],
        out: &'a mut [Lane],
    }
    impl<const N: usize> pulp::WithSimd for Call<'_, N> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for part in 0..parts::<S>() {
                let symmetric =
                    alternating_symmetric(simd, self.effects.shares::<S, N>(simd, part));
                for (a, out) in self.adopted.iter().zip(&mut *self.out) {
                    let a = Vector::load(simd, a, part);
                    let joint = Vector::load(simd, out, part);
                    let reduction = a * a.polynomial(&symmetric);
                    (-joint)
                        .mul_add(reduction, joint + reduction)
                        .store(out, part);
                }
            }
        }
    }
    arch.dispatch(Call::<N> {
        effects,
        adopted,
        out,
    });
}

/// `e₁, −e₂, e₃, −e₄ …`, with `eₖ` the elementary symmetric polynomials of the shares.
#[inline(always)]
pub(super) fn alternating_symmetric<S: Simd, const N: usize>(
    simd: S,
    shares: [Vector<S>; N],
) -> [Vector<S>; N] {
    let mut symmetric = [Vector::splat(simd, 0.0); N];
    for (earlier, share) in shares.into_iter().enumerate() {
        for k in (1..=earlier).rev() {
            symmetric[k] = (-share).mul_add(symmetric[k - 1], symmetric[k]);
        }
        symmetric[0] = symmetric[0] + share;
    }
    symmetric
}
