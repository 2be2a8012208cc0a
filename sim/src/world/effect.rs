//! What initiatives change in each trial: the strength of every effect, and the reductions that
//! several of them make together.

use pulp::Arch;

use crate::kernel::kernel;
use crate::model::{Effect, EffectGroup, Initiative, LANES, Lane, Model};

/// The strength of every effect, and whether each initiative's money is spent.
pub(crate) struct Strengths {
    /// By effect: size × causal share × realisation where it works, else 0.
    pub(crate) effects: Vec<Lane>,
    /// By initiative: 1 where it is done and its gate is open, else 0.
    pub(crate) spent: Vec<Lane>,
}

impl Strengths {
    /// Draws what works in each trial. Pilots come before what they gate.
    pub(crate) fn new(arch: Arch, model: &Model, values: &[Lane]) -> Self {
        let mut effects: Vec<Lane> = model
            .effects
            .iter()
            .map(|effect| strength(arch, effect, values))
            .collect();
        let mut spent = Vec::with_capacity(model.initiatives.len());
        for (index, initiative) in model.initiatives.iter().enumerate() {
            let done = done(initiative, values, &effects, &spent);
            let works = initiative
                .success
                .map_or([1.0; LANES], |input| values[input]);
            for (effect, strength) in model.effects.iter().zip(&mut effects) {
                if effect.initiative == index {
                    for l in 0..LANES {
                        strength[l] *= done[l] * works[l];
                    }
                }
            }
            spent.push(done);
        }
        Self { effects, spent }
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
    pub(crate) adoption: Vec<Vec<Lane>>,
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
        for group in groups {
            let adopted = &self.adoption[group.curve];
            let members = self.members(group);
            for members in members.chunks(EXPANDED) {
                match members.len() {
                    1 => join::<1>(arch, members, ceiling, adopted, out),
                    2 => join::<2>(arch, members, ceiling, adopted, out),
                    3 => join::<3>(arch, members, ceiling, adopted, out),
                    _ => join::<EXPANDED>(arch, members, ceiling, adopted, out),
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
                for (rate, adopted) in rate.iter_mut().zip(&self.adoption[group.curve]) {
                    for l in 0..LANES {
                        // Reach is negative for increases.
                        rate[l] -= reach * strength[l] * adopted[l];
                    }
                }
            }
        }
        rate
    }

    /// The effects of a group with their reach.
    pub(super) fn members(&self, group: &EffectGroup) -> Vec<Member<'_>> {
        let member = |&(effect, reach): &(usize, f64)| Member {
            strength: &self.strengths.effects[effect],
            reach,
        };
        group.members.iter().map(member).collect()
    }
}

/// One effect where it acts.
pub(super) struct Member<'a> {
    strength: &'a Lane,
    reach: f64,
}

impl Member<'_> {
    /// Reach times strength, the strength at most the ceiling.
    #[inline(always)]
    pub(super) fn shares(&self, ceiling: f64) -> Lane {
        let mut shares = *self.strength;
        for l in 0..LANES {
            let share = if shares[l] > ceiling {
                ceiling
            } else {
                shares[l]
            };
            shares[l] = self.reach * share;
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
fn join<const N: usize>(
    arch: Arch,
    members: &[Member<'_>],
    ceiling: f64,
    adopted: &[Lane],
    out: &mut [Lane],
) {
    struct Call<'a, const N: usize> {
        members: &'a [Member<'a>],
        ceiling: f64,
        adopted: &'a [Lane],
        out: &'a mut [Lane],
    }
    impl<const N: usize> pulp::NullaryFnOnce for Call<'_, N> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let mut shares = [[0.0; LANES]; N];
            for (share, member) in shares.iter_mut().zip(self.members) {
                *share = member.shares(self.ceiling);
            }
            let symmetric = elementary_symmetric(&shares);
            for (a, out) in self.adopted.iter().zip(self.out) {
                let (a, mut joint) = (*a, *out);
                for l in 0..LANES {
                    let mut sum = symmetric[N - 1][l];
                    for k in (0..N - 1).rev() {
                        sum = symmetric[k][l] - a[l] * sum;
                    }
                    let reduction = a[l] * sum;
                    joint[l] = joint[l] + reduction - joint[l] * reduction;
                }
                *out = joint;
            }
        }
    }
    arch.dispatch(Call::<N> {
        members,
        ceiling,
        adopted,
        out,
    });
}

/// The elementary symmetric polynomials `e₁ … e_N` of `N` shares.
#[inline(always)]
pub(super) fn elementary_symmetric<const N: usize>(shares: &[Lane; N]) -> [Lane; N] {
    let mut symmetric = [[0.0; LANES]; N];
    for count in 0..N {
        let share = shares[count];
        for k in (1..=count).rev() {
            let (mut sum, below) = (symmetric[k], symmetric[k - 1]);
            for l in 0..LANES {
                sum[l] += share[l] * below[l];
            }
            symmetric[k] = sum;
        }
        for l in 0..LANES {
            symmetric[0][l] += share[l];
        }
    }
    symmetric
}
