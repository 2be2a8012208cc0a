//! How large effects really are, given their evidence, and whether a pilot shows it.

use keepworth_sim::Scenario;
use keepworth_sim::inputs::{Grade, GradePolicy};
use keepworth_sim::math::ndtri;
use keepworth_sim::scenario::{Cause, Effect, Initiative, Lever, Quantity, Readiness};

use super::cohort::Leaving;
use super::draws::{Draws, at};
use super::effect::acts;
use super::issues::mean_share;
use super::readiness::{Success, raised, takes_draws_of};
use super::world::customers_by_tenure;

/// An initiative as one future has it.
pub struct Tried<'a> {
    initiative: &'a Initiative,
    luck: Vec<Luck>,
    success: Option<f64>,
    /// As whatever raises it and works has it.
    pub readiness: Option<Readiness>,
    /// Whether it is done: false behind a closed gate.
    pub done: bool,
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
    /// `before` are the initiatives that start before this one: one may be its pilot, and some may raise it.
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
        let is_raising = |name: &str| {
            let mut all = before.iter();
            all.any(|it| it.initiative.name == name && it.done && it.works)
        };
        let readiness = raised(scenario, initiative, &is_raising);
        let success = Success::new(scenario, initiative, readiness.as_ref());
        let own = || draws.uniform(&format!("initiatives.{}.success", initiative.name));
        let uniform = pilot
            .and_then(|pilot| pilot.success)
            .or_else(|| success.is_drawn().then(own));
        let works = uniform.is_none_or(|uniform| success.comes(draws, uniform));
        Self {
            initiative,
            luck,
            success: uniform,
            readiness,
            done: clears(scenario, draws, initiative, before),
            strengths,
            works,
        }
    }
}

/// The pilot of a roll-out where both are the same thing tried twice.
fn pilot_of<'t, 'a>(initiative: &Initiative, before: &'t [Tried<'a>]) -> Option<&'t Tried<'a>> {
    let pilot = takes_draws_of(initiative)?;
    before.iter().find(|it| it.initiative.name == pilot)
}

/// Which effect of the pilot an effect of the roll-out goes with.
pub fn followed(effect: &Effect, pilot: &Initiative) -> Option<usize> {
    let overlap = |it: &Effect| {
        it.channel.is_none() || effect.channel.is_none() || it.channel == effect.channel
    };
    let about = |it: &Effect| it.cause == effect.cause && it.issue == effect.issue;
    let same = |it: &Effect| it.on == effect.on && about(it) && overlap(it);
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
        let named = |what: &str, it: &Option<String>| {
            let name = it.as_ref().map(|name| format!(" {what} {name}"));
            name.unwrap_or_default()
        };
        let (cause, issue) = (named("for", &effect.cause), named("about", &effect.issue));
        let name = format!("initiatives.{}.{lever}{cause}{issue}", initiative.name);
        let again = |twin: Option<f64>, name: &str| twin.unwrap_or_else(|| draws.uniform(name));
        let size = match size_of(effect) {
            _ if is_bare(draws, policy, effect) => {
                Some(again(twin.and_then(|twin| twin.size), &name))
            }
            figure => draws.luck(figure, || again(twin.and_then(|twin| twin.size), &name)),
        };
        let of_grade = Quantity::Own(policy.rule(grade_of(effect)).causal_share.clone());
        let share = effect.causal_share.as_ref().unwrap_or(&of_grade);
        let name = format!("{name} causal share");
        let causal = if draws.mean(size_of(effect)) < 0.0 {
            None
        } else {
            draws.luck(share, || again(twin.and_then(|twin| twin.causal), &name))
        };
        Self { size, causal }
    }
}

fn size_of(effect: &Effect) -> &Quantity {
    effect.size.as_ref().unwrap()
}

fn grade_of(effect: &Effect) -> Grade {
    effect.grade.unwrap_or(Grade::D)
}

/// Whether an effect is a bare number of which its grade believes little.
fn is_bare(draws: &Draws<'_>, policy: &GradePolicy, effect: &Effect) -> bool {
    let known = draws.certain(size_of(effect)).is_some_and(|x| x != 0.0);
    known && policy.rule(grade_of(effect)).bare_sd > 0.0
}

/// Size times causal share.
fn strength(draws: &Draws<'_>, policy: &GradePolicy, effect: &Effect, luck: Luck) -> f64 {
    let rule = policy.rule(grade_of(effect));
    let with = |uniform: Option<f64>, figure: &Quantity| match figure {
        Quantity::Own(distribution) => at(distribution, &|_| uniform.unwrap(), ""),
        shared @ Quantity::Shared(_) => draws.figure(shared, ""),
    };
    let mean = draws.mean(size_of(effect));
    let size = match draws.certain(size_of(effect)) {
        Some(x) if is_bare(draws, policy, effect) => {
            x + x.abs() * rule.bare_sd * ndtri(luck.size.unwrap())
        }
        Some(x) => x,
        None => mean + rule.sd_factor * (with(luck.size, size_of(effect)) - mean),
    };
    let causal = match &effect.causal_share {
        _ if mean < 0.0 => 1.0,
        Some(share) => with(luck.causal, share),
        None => at(&rule.causal_share, &|_| luck.causal.unwrap(), ""),
    };
    size.min(1.0) * causal
}

/// Whether an initiative is done: where it has a gate, whether its pilot's reading clears it.
fn clears(
    scenario: &Scenario,
    draws: &Draws<'_>,
    initiative: &Initiative,
    before: &[Tried<'_>],
) -> bool {
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
    let months = || f64::from(initiative.start_month - pilot.initiative.start_month);
    let sd = gate
        .reading_sd
        .unwrap_or_else(|| usual_error(scenario, draws, months(), pilot.initiative, read));
    let mut error = 0.0;
    if sd > 0.0 {
        error =
            sd * ndtri(draws.uniform(&format!("initiatives.{}.reading error", initiative.name)));
    }
    effect + error >= gate.threshold
}

/// Whether an initiative that was tried is not given up.
pub fn goes_on(scenario: &Scenario, draws: &Draws<'_>, tried: &Tried<'_>) -> bool {
    let Some(rule) = &tried.initiative.stop else {
        return true;
    };
    let mut effects = tried.initiative.effects.iter();
    let read = effects.position(|effect| effect.on == rule.on).unwrap();
    let effect = if tried.works {
        tried.strengths[read]
    } else {
        0.0
    };
    let months = f64::from(rule.after_months);
    let sd = rule
        .reading_sd
        .unwrap_or_else(|| usual_error(scenario, draws, months, tried.initiative, read));
    let name = format!("initiatives.{}.stopping error", tried.initiative.name);
    let error = if sd > 0.0 {
        sd * ndtri(draws.uniform(&name))
    } else {
        0.0
    };
    effect + error >= rule.threshold
}

/// What an initiative's customers can tell in so many months, beside as many others: the error of a difference of two
/// counts, as a share of them.
fn usual_error(
    scenario: &Scenario,
    draws: &Draws<'_>,
    months: f64,
    pilot: &Initiative,
    read: usize,
) -> f64 {
    let effect = &pilot.effects[read];
    let mut expected = 0.0;
    for segment in &scenario.segments {
        let mut reach = pilot.reach.get(&segment.name).copied().unwrap_or(0.0);
        if reach == 0.0 || !acts(effect, &segment.name) {
            continue;
        }
        if let Some(cause) = &effect.cause {
            let all = || segment.causes.iter().flatten();
            let weight = |it: &Cause| it.left as f64 + 0.5;
            let own: f64 = all().filter(|it| it.name == *cause).map(weight).sum();
            let ceiling = segment.experience_share.as_ref();
            reach *=
                ceiling.map_or(1.0, |it| draws.mean(it)) * own / all().map(weight).sum::<f64>();
        }
        let customers = customers_by_tenure(segment);
        let mut a_month = 0.0;
        if effect.on == Lever::Hazard {
            let leaving = Leaving::on_average(draws, segment.hazard.as_ref().unwrap());
            for (age, customers) in customers.iter().enumerate() {
                a_month += customers * leaving.hazard(age as f64);
            }
        } else {
            for channel in segment.channels.iter().flatten() {
                if effect.channel.is_none() || effect.channel.as_ref() == Some(&channel.name) {
                    let issue = effect.issue.as_ref();
                    let share = issue.map_or(1.0, |issue| mean_share(channel, issue));
                    let contacts = draws.mean(&channel.contacts) * share;
                    a_month += customers.iter().sum::<f64>() * contacts;
                }
            }
        }
        expected += reach * a_month * months;
    }
    (2.0 / expected).sqrt()
}
