//! What initiatives change in each trial: the strength of every effect, and the reductions that
//! several of them make together.

use pulp::{Arch, Simd};

use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Effect, EffectGroup, Initiative, LANES, Lane, Model};

/// The strength of every effect, and whether each initiative's money is spent.
#[derive(Default)]
pub(crate) struct Strengths {
    /// By effect: size × causal share × realisation where it works, else 0.
    pub(crate) effects: Vec<Lane>,
    /// By initiative: 1 where it is done and its gate is open, else 0.
    pub(crate) spent: Vec<Lane>,
}

impl Strengths {
    /// Draws what works in each trial. Pilots come before what they gate.
    pub(crate) fn draw(&mut self, arch: Arch, model: &Model, values: &[Lane]) {
        let Self { effects, spent } = self;
        effects.clear();
        effects.extend(
            model
                .effects
                .iter()
                .map(|effect| strength(arch, effect, values)),
        );
        spent.clear();
        for (index, initiative) in model.initiatives.iter().enumerate() {
            let done = done(initiative, values, effects, spent);
            let works = initiative
                .success
                .map_or([1.0; LANES], |input| values[input]);
            for (effect, strength) in model.effects.iter().zip(&mut *effects) {
                if effect.initiative == index {
                    for l in 0..LANES {
                        strength[l] *= done[l] * works[l];
                    }
                }
            }
            spent.push(done);
        }
    }
}

fn strength(arch: Arch, effect: &Effect, values: &[Lane]) -> Lane {
    let mut size = effect.size.lane(values);
    if let Some((mean, factor)) = effect.spread {
        size = size.map(|size| mean + factor * (size - mean));
    }
    realise(
        arch,
        &size,
        &effect.causal_share.lane(values),
        effect.realisation,
    )
}

kernel! {
    fn realise<'a>(size: &'a Lane, causal_share: &'a Lane, realisation: f64) -> Lane {
        let (size, causal_share) = (*size, *causal_share);
        let mut strength = [0.0; LANES];
        for l in 0..LANES {
            let causal = size[l] * causal_share[l].clamp(0.0, 1.0);
            strength[l] = (causal * realisation).clamp(-10.0, 1.0);
        }
        strength
    }
}

/// 1 where the initiative is done: switched on, and its pilot, done itself, has cleared the gate.
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
    /// No effect alone, and not all together, reduces by more than `ceiling`. Increases come in
    /// with a negative reach and out as a negative reduction.
    pub(crate) fn reduction(
        &self,
        arch: Arch,
        groups: &[EffectGroup],
        ceiling: f64,
        out: &mut [Lane],
    ) {
        out.fill([0.0; LANES]);
        let mut shares = Vec::new();
        for group in groups {
            let adopted = &self.adoption[group.curve];
            self.shares(group, ceiling, &mut shares);
            for shares in shares.chunks(EXPANDED) {
                match shares.len() {
                    1 => join::<1>(arch, shares, adopted, out),
                    2 => join::<2>(arch, shares, adopted, out),
                    3 => join::<3>(arch, shares, adopted, out),
                    _ => join::<EXPANDED>(arch, shares, adopted, out),
                }
            }
        }
        if ceiling < 1.0 {
            for value in out.as_flattened_mut() {
                *value = value.min(ceiling);
            }
        }
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

    /// Reach times strength of the effects of a group, each strength at most the ceiling.
    #[inline(always)]
    pub(super) fn shares(&self, group: &EffectGroup, ceiling: f64, out: &mut Vec<Lane>) {
        out.clear();
        for &(effect, reach) in &group.members {
            let mut shares = self.strengths.effects[effect];
            for share in &mut shares {
                *share = reach * if *share > ceiling { ceiling } else { *share };
            }
            out.push(shares);
        }
    }
}

/// Most effects of one curve that are expanded to one polynomial in adoption.
const EXPANDED: usize = 6;

/// Joins the reduction by at most `N` effects that share an adoption curve to that of others.
///
/// It is a polynomial in adoption, `1 − Π (1 − cᵢ a) = a (e₁ − a (e₂ − a (e₃ − …)))` with `eₖ` the
/// elementary symmetric polynomials of the `cᵢ`.
fn join<const N: usize>(arch: Arch, shares: &[Lane], adopted: &[Lane], out: &mut [Lane]) {
    struct Call<'a, const N: usize> {
        shares: &'a [Lane],
        adopted: &'a [Lane],
        out: &'a mut [Lane],
    }
    impl<const N: usize> pulp::WithSimd for Call<'_, N> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for part in 0..parts::<S>() {
                let symmetric = alternating_symmetric::<S, N>(simd, part, self.shares);
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
        shares,
        adopted,
        out,
    });
}

/// `e₁, −e₂, e₃, −e₄ …`, with `eₖ` the elementary symmetric polynomials of at most `N` shares.
#[inline(always)]
pub(super) fn alternating_symmetric<S: Simd, const N: usize>(
    simd: S,
    part: usize,
    shares: &[Lane],
) -> [Vector<S>; N] {
    let mut symmetric = [Vector::splat(simd, 0.0); N];
    for share in shares {
        let share = Vector::load(simd, share, part);
        for k in (1..N).rev() {
            symmetric[k] = (-share).mul_add(symmetric[k - 1], symmetric[k]);
        }
        symmetric[0] = symmetric[0] + share;
    }
    symmetric
}
