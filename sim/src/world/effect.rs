//! What initiatives change in each trial: the strength of every effect, and the reductions that
//! several of them make together.

use crate::model::{Effect, EffectGroup, EffectGroups, Initiative, LANES, Lane, Model};

/// The strength of every effect, and whether each initiative's money is spent.
pub(crate) struct Strengths {
    /// By effect: size × causal share × realisation where it works, else 0.
    pub(crate) effects: Vec<Lane>,
    /// By initiative: 1 where it is done and its gate is open, else 0.
    pub(crate) spent: Vec<Lane>,
}

/// Draws what works in each trial. Pilots come before what they gate.
#[inline(always)]
pub(crate) fn strengths(model: &Model, values: &[Lane]) -> Strengths {
    let mut effects: Vec<Lane> = model.effects.iter().map(|e| strength(e, values)).collect();
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
    Strengths { effects, spent }
}

#[inline(always)]
fn strength(effect: &Effect, values: &[Lane]) -> Lane {
    let mut strength = effect.size.lane(values);
    let share = effect.causal_share.lane(values);
    let (mean, factor) = effect.spread.unwrap_or((0.0, 1.0));
    for l in 0..LANES {
        let spread = mean + factor * (strength[l] - mean);
        let size = if effect.spread.is_some() {
            spread
        } else {
            strength[l]
        };
        strength[l] = (size * share[l].clamp(0.0, 1.0) * effect.realisation).clamp(-10.0, 1.0);
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
    let mut done = [0.0; LANES];
    for l in 0..LANES {
        let reading = truth[l] + gate.reading_sd * noise[l];
        let clears = if reading >= gate.threshold { 1.0 } else { 0.0 };
        done[l] = active * piloted[l] * clears;
    }
    done
}

/// The joint reduction `1 − Π (1 − w·e·r(t))` of effects on one lever, month by month.
///
/// No effect alone, and not all together, reduces by more than `ceiling`. Increases come in with
/// a negative reach and out as a negative reduction.
#[inline(always)]
pub(crate) fn reduction(
    groups: &EffectGroups,
    ceiling: f64,
    adoption: &[Vec<Lane>],
    effects: &[Lane],
    out: &mut [Lane],
) {
    let [first, rest @ ..] = groups.as_slice() else {
        out.fill([0.0; LANES]);
        return;
    };
    of_group(first, ceiling, adoption, effects, out);
    let mut other = vec![[0.0; LANES]; if rest.is_empty() { 0 } else { out.len() }];
    for group in rest {
        of_group(group, ceiling, adoption, effects, &mut other);
        for (joint, other) in out.iter_mut().zip(&other) {
            for l in 0..LANES {
                joint[l] = joint[l] + other[l] - joint[l] * other[l];
            }
        }
    }
    if ceiling < 1.0 {
        for lane in out {
            for value in lane {
                *value = value.min(ceiling);
            }
        }
    }
}

/// New customers per customer: effects add up, because each recruits on its own.
#[inline(always)]
pub(crate) fn referral_rate(
    groups: &EffectGroups,
    adoption: &[Vec<Lane>],
    effects: &[Lane],
) -> Vec<Lane> {
    let mut rate = vec![[0.0; LANES]; adoption[groups[0].curve].len()];
    for group in groups {
        for &(effect, reach) in &group.members {
            for (rate, adopted) in rate.iter_mut().zip(&adoption[group.curve]) {
                for l in 0..LANES {
                    // Reach is negative for increases.
                    rate[l] -= reach * effects[effect][l] * adopted[l];
                }
            }
        }
    }
    rate
}

/// Most effects of one curve that are expanded to a polynomial in adoption.
const EXPANDED: usize = 8;

/// The reduction by effects that share an adoption curve: a polynomial in adoption,
/// `1 − Π (1 − cᵢ a) = a (e₁ − a (e₂ − a (e₃ − …)))`, eₖ the elementary symmetric polynomials.
#[inline(always)]
fn of_group(
    group: &EffectGroup,
    ceiling: f64,
    adoption: &[Vec<Lane>],
    effects: &[Lane],
    out: &mut [Lane],
) {
    let adopted = &adoption[group.curve];
    let mut symmetric = [[0.0; LANES]; EXPANDED + 1];
    out.fill([0.0; LANES]);
    for members in group.members.chunks(EXPANDED) {
        symmetric.fill([0.0; LANES]);
        symmetric[0] = [1.0; LANES];
        for (count, &(effect, reach)) in members.iter().enumerate() {
            for k in (1..=count + 1).rev() {
                for l in 0..LANES {
                    let c = reach * effects[effect][l].min(ceiling);
                    symmetric[k][l] += c * symmetric[k - 1][l];
                }
            }
        }
        match members.len() {
            1 => expand::<1>(&symmetric, adopted, out),
            2 => expand::<2>(&symmetric, adopted, out),
            3 => expand::<3>(&symmetric, adopted, out),
            4 => expand::<4>(&symmetric, adopted, out),
            5 => expand::<5>(&symmetric, adopted, out),
            6 => expand::<6>(&symmetric, adopted, out),
            7 => expand::<7>(&symmetric, adopted, out),
            _ => expand::<EXPANDED>(&symmetric, adopted, out),
        }
    }
}

#[inline(always)]
fn expand<const N: usize>(symmetric: &[Lane; EXPANDED + 1], adopted: &[Lane], out: &mut [Lane]) {
    for (a, out) in adopted.iter().zip(out) {
        for l in 0..LANES {
            let mut sum = symmetric[N][l];
            for k in (1..N).rev() {
                sum = symmetric[k][l] - a[l] * sum;
            }
            let reduction = a[l] * sum;
            out[l] = out[l] + reduction - out[l] * reduction;
        }
    }
}
