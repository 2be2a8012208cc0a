//! How large effects really are, given their evidence, and whether a pilot shows it.

use keepworth_sim::Scenario;
use keepworth_sim::inputs::{Distribution, Grade, GradePolicy};
use keepworth_sim::math::ndtri;
use keepworth_sim::scenario::{Effect, Initiative, Quantity};

use super::draws::{Draws, at};

/// 95% of a standard normal lie below it.
const Z95: f64 = 1.644_853_626_951_472_2;

/// An initiative as one future has it.
pub struct Tried<'a> {
    initiative: &'a Initiative,
    luck: Vec<Luck>,
    success: Option<f64>,
    /// Size times causal share of each effect.
    pub strengths: Vec<f64>,
    /// Whether it works at all.
    pub works: bool,
}

/// Uniforms of an effect's size and causal share, where these are uncertain.
#[derive(Clone, Copy)]
struct Luck {
    size: Option<f64>,
    causal: Option<f64>,
}

impl<'a> Tried<'a> {
    /// `before` are the initiatives before this one, of which one may be its pilot.
    pub fn new(
        scenario: &Scenario,
        draws: &Draws<'_>,
        policy: &GradePolicy,
        initiative: &'a Initiative,
        before: &[Tried<'_>],
    ) -> Self {
        let pilot = pilot_of(initiative, before);
        let mut luck = Vec::new();
        let mut strengths = Vec::new();
        for effect in &initiative.effects {
            let twin = pilot.and_then(|pilot| {
                let index = followed(effect, pilot.initiative)?;
                Some(pilot.luck[index])
            });
            let own = Luck::new(draws, policy, initiative, effect, twin);
            strengths.push(strength(draws, policy, effect, own));
            luck.push(own);
        }
        let probability = success_probability(scenario, initiative);
        let success = pilot.and_then(|pilot| pilot.success).or_else(|| {
            let name = format!("initiatives.{}.success", initiative.name);
            (probability < 1.0).then(|| draws.uniform(&name))
        });
        Self {
            initiative,
            luck,
            success,
            strengths,
            works: success.is_none_or(|uniform| uniform < probability),
        }
    }
}

/// The pilot of a roll-out where both are the same thing tried twice.
fn pilot_of<'t, 'a>(initiative: &Initiative, before: &'t [Tried<'a>]) -> Option<&'t Tried<'a>> {
    let gate = initiative.gate.as_ref()?;
    before.iter().find(|it| it.initiative.name == gate.pilot)
}

/// Which effect of the pilot an effect of the roll-out goes with.
pub fn followed(effect: &Effect, pilot: &Initiative) -> Option<usize> {
    let same = |it: &Effect| it.on == effect.on && it.channel == effect.channel;
    pilot.effects.iter().position(same)
}

impl Luck {
    fn new(
        draws: &Draws<'_>,
        policy: &GradePolicy,
        initiative: &Initiative,
        effect: &Effect,
        twin: Option<Luck>,
    ) -> Self {
        let lever = format!("{:?}", effect.on).to_lowercase();
        let name = format!("initiatives.{}.{lever}", initiative.name);
        let own = |figure: &Quantity| {
            !matches!(
                figure,
                Quantity::Shared(_) | Quantity::Own(Distribution::Fixed(_))
            )
        };
        let uncertain = match draws.certain(&effect.size) {
            Some(x) => x != 0.0 && effect.grade == Grade::D,
            None => own(&effect.size),
        };
        let size = uncertain.then(|| {
            twin.and_then(|twin| twin.size)
                .unwrap_or_else(|| draws.uniform(&name))
        });
        let share = &policy.rule(effect.grade).causal_share;
        let uncertain = match &effect.causal_share {
            _ if draws.mean(&effect.size) < 0.0 => false,
            Some(share) => own(share),
            None => !matches!(share, Distribution::Fixed(_)),
        };
        let causal = uncertain.then(|| {
            let own = || draws.uniform(&format!("{name} causal share"));
            twin.and_then(|twin| twin.causal).unwrap_or_else(own)
        });
        Self { size, causal }
    }
}

/// Size times causal share.
fn strength(draws: &Draws<'_>, policy: &GradePolicy, effect: &Effect, luck: Luck) -> f64 {
    let rule = policy.rule(effect.grade);
    let with = |uniform: Option<f64>, figure: &Quantity| match figure {
        Quantity::Own(distribution) => at(distribution, &|_| uniform.unwrap(), ""),
        shared @ Quantity::Shared(_) => draws.figure(shared, ""),
    };
    let mean = draws.mean(&effect.size);
    let size = match draws.certain(&effect.size) {
        Some(x) if x != 0.0 && effect.grade == Grade::D => {
            x + x.abs() / Z95 * ndtri(luck.size.unwrap())
        }
        Some(x) => x,
        None => mean + rule.sd_factor * (with(luck.size, &effect.size) - mean),
    };
    let causal = match &effect.causal_share {
        _ if mean < 0.0 => 1.0,
        Some(share) => with(luck.causal, share),
        None => at(&rule.causal_share, &|_| luck.causal.unwrap(), ""),
    };
    size.min(1.0) * causal
}

fn success_probability(scenario: &Scenario, initiative: &Initiative) -> f64 {
    let [low, high] = scenario.readiness_mapping.success_probability;
    match (&initiative.success_probability, &initiative.readiness) {
        (Some(probability), _) => *probability,
        (None, Some(readiness)) => low + (high - low) * readiness.politics / 5.0,
        (None, None) => 1.0,
    }
}

/// Whether an initiative is done: where it has a gate, whether its pilot's reading clears it.
pub fn clears(draws: &Draws<'_>, initiative: &Initiative, before: &[Tried<'_>]) -> bool {
    let Some(gate) = &initiative.gate else {
        return true;
    };
    let pilot = before
        .iter()
        .find(|it| it.initiative.name == gate.pilot)
        .unwrap();
    let read = pilot
        .initiative
        .effects
        .iter()
        .position(|effect| effect.on == gate.on)
        .unwrap();
    let effect = if pilot.works {
        pilot.strengths[read]
    } else {
        0.0
    };
    let sd = gate.reading_sd;
    let mut error = 0.0;
    if sd > 0.0 {
        error =
            sd * ndtri(draws.uniform(&format!("initiatives.{}.reading error", initiative.name)));
    }
    effect + error >= gate.threshold
}
