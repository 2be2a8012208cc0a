//! What the initiatives do to a segment in a month of one future.

use keepworth_sim::Scenario;
use keepworth_sim::inputs::GradePolicy;
use keepworth_sim::scenario::{Effect, Initiative, Lever, Recurrence, RunOff};

use super::adoption::TakesHold;
use super::draws::Draws;
use super::evidence::{Tried, goes_on};
use super::ledger::is_spent;
use super::readiness::{delay, realisation};

/// Months beyond the horizon that a run-off may take: 50 years.
pub const BEYOND: usize = 600;

/// All initiatives of one future.
pub struct Programme<'a> {
    deeds: Vec<Deed<'a>>,
    horizon: u32,
    run_off: Option<RunOff>,
}

/// One initiative of one future.
pub struct Deed<'a> {
    pub initiative: &'a Initiative,
    /// Whether it is done: false behind a closed gate.
    pub done: bool,
    /// Whether it is not given up where a rule could.
    goes_on: bool,
    strengths: Vec<f64>,
    works: bool,
    realisation: f64,
    takes_hold: TakesHold,
}

impl<'a> Programme<'a> {
    pub fn new(scenario: &'a Scenario, draws: &Draws<'_>) -> Self {
        let policy = GradePolicy::with_changes(scenario.grade_changes.clone()).unwrap();
        let mut all: Vec<Tried<'_>> = Vec::new();
        let mut deeds = Vec::new();
        // Pilots start before their roll-outs, and what raises before what is raised.
        let mut by_start: Vec<&Initiative> = scenario.initiatives.iter().collect();
        by_start.sort_by_key(|it| it.start_month);
        for initiative in by_start {
            let tried = Tried::new(scenario, draws, &policy, initiative, &all);
            let late = delay(scenario, tried.readiness.as_ref());
            deeds.push(Deed {
                initiative,
                done: tried.done,
                goes_on: goes_on(scenario, draws, &tried),
                strengths: tried.strengths.clone(),
                works: tried.works,
                realisation: realisation(scenario, tried.readiness.as_ref()),
                takes_hold: TakesHold::new(draws, &initiative.adoption, late, &initiative.name),
            });
            all.push(tried);
        }
        let terminal = scenario.terminal_value.as_ref();
        Self {
            deeds,
            horizon: scenario.horizon_months,
            run_off: terminal.and_then(|it| it.run_off.clone()),
        }
    }

    /// All initiatives, those behind a closed gate too.
    pub fn deeds(&self) -> &[Deed<'a>] {
        &self.deeds
    }

    /// How many months beyond the horizon are looked at.
    pub fn months_beyond(&self) -> usize {
        if self.run_off.is_some() { BEYOND } else { 0 }
    }

    /// Whether recurring costs go on beyond the horizon.
    pub fn costs_go_on(&self) -> bool {
        self.run_off.as_ref().is_some_and(|it| it.both_go_on)
    }

    /// Success, realisation and adoption of an initiative in a month. Beyond the horizon one that has
    /// recurring costs lives by them.
    fn acting(&self, deed: &Deed<'_>, month: u32) -> f64 {
        let mut recurring = deed
            .initiative
            .costs
            .iter()
            .filter(|line| line.recurrence == Recurrence::Monthly)
            .peekable();
        if month > self.horizon && recurring.peek().is_some() {
            let runs = recurring.any(|line| is_spent(deed.initiative, line, month));
            if !self.costs_go_on() || !runs {
                return 0.0;
            }
        }
        deed.acting(month)
    }

    /// The initiatives that are done.
    pub fn done(&self) -> impl Iterator<Item = &Deed<'a>> {
        self.deeds.iter().filter(|deed| deed.done)
    }

    /// By how much each effect on a lever changes a segment's figure in a month.
    pub fn pulls(
        &self,
        lever: Lever,
        channel: Option<&str>,
        segment: &str,
        month: u32,
    ) -> Vec<f64> {
        self.pulls_on(On::all_of(lever, channel), segment, month)
    }

    /// What is left of the leaving for a cause.
    pub fn left_for(&self, cause: &str, segment: &str, month: u32) -> f64 {
        let on = On {
            cause: Some(cause),
            ..On::all_of(Lever::Hazard, None)
        };
        let pulls = self.pulls_on(on, segment, month);
        pulls.iter().map(|pull| 1.0 - pull).product()
    }

    /// What is left of the minutes that an issue takes in a channel, be it of its contacts or of their length.
    pub fn left_about(&self, issue: &str, channel: &str, segment: &str, month: u32) -> f64 {
        let mut left = 1.0;
        for lever in [Lever::Contacts, Lever::Minutes] {
            let on = On {
                issue: Some(issue),
                ..On::all_of(lever, Some(channel))
            };
            let pulls = self.pulls_on(on, segment, month);
            left *= pulls.iter().map(|pull| 1.0 - pull).product::<f64>();
        }
        left
    }

    fn pulls_on(&self, on: On<'_>, segment: &str, month: u32) -> Vec<f64> {
        let mut pulls = Vec::new();
        for deed in self.done() {
            for (effect, strength) in deed.initiative.effects.iter().zip(&deed.strengths) {
                if on.is_moved_by(effect) && acts(effect, segment) {
                    let reach = self.reach(deed, on, segment, month);
                    pulls.push(reach * strength * self.acting(deed, month));
                }
            }
        }
        pulls
    }

    /// What is left of a figure that the effects reduce.
    pub fn left(&self, lever: Lever, channel: Option<&str>, segment: &str, month: u32) -> f64 {
        let pulls = self.pulls(lever, channel, segment, month);
        pulls.iter().map(|pull| 1.0 - pull).product()
    }

    /// What a figure that the effects raise grows to.
    pub fn grown(&self, lever: Lever, segment: &str, month: u32) -> f64 {
        let pulls = self.pulls(lever, None, segment, month);
        pulls.iter().map(|pull| 1.0 + pull).product()
    }

    /// What is left of the hours of training, a figure of the company: no segment, no reach.
    pub fn training_left(&self, month: u32) -> f64 {
        let lever = Lever::TrainingHours;
        let mut left = 1.0;
        for deed in self.done() {
            let replaced = self
                .done()
                .any(|other| other.replaces(deed, On::all_of(lever, None), None, month));
            for (effect, strength) in deed.initiative.effects.iter().zip(&deed.strengths) {
                if effect.on == lever && !replaced {
                    left *= 1.0 - strength * self.acting(deed, month);
                }
            }
        }
        left
    }

    /// The reach of an initiative in a segment; a pilot's without what its roll-out has taken over.
    fn reach(&self, deed: &Deed<'_>, on: On<'_>, segment: &str, month: u32) -> f64 {
        let mut reach = deed.initiative.reach(segment);
        for other in self.done() {
            if other.replaces(deed, on, Some(segment), month) {
                reach = (reach - other.initiative.reach(segment)).max(0.0);
            }
        }
        reach
    }
}

/// What effects move: a lever, in a channel, for a cause of leaving or about an issue of contacts.
#[derive(Clone, Copy)]
struct On<'a> {
    lever: Lever,
    channel: Option<&'a str>,
    cause: Option<&'a str>,
    issue: Option<&'a str>,
}

impl<'a> On<'a> {
    /// Whatever cause or issue it is for.
    fn all_of(lever: Lever, channel: Option<&'a str>) -> Self {
        Self {
            lever,
            channel,
            cause: None,
            issue: None,
        }
    }

    fn is_moved_by(&self, effect: &Effect) -> bool {
        let here = effect.channel.is_none() || effect.channel.as_deref() == self.channel;
        let of_it = effect.cause.as_deref() == self.cause && effect.issue.as_deref() == self.issue;
        effect.on == self.lever && here && of_it
    }
}

/// Whether an effect acts in a segment that its initiative reaches.
pub fn acts(effect: &Effect, segment: &str) -> bool {
    effect.segments.is_empty() || effect.segments.iter().any(|name| name == segment)
}

/// The share of a segment that an initiative reaches.
trait Reach {
    fn reach(&self, segment: &str) -> f64;
}

impl Reach for Initiative {
    fn reach(&self, segment: &str) -> f64 {
        self.reach.get(segment).copied().unwrap_or(0.0)
    }
}

impl Deed<'_> {
    /// Whether this is the roll-out of a pilot, has started and pulls the same lever.
    fn replaces(&self, pilot: &Deed<'_>, on: On<'_>, segment: Option<&str>, month: u32) -> bool {
        let follows = self
            .initiative
            .gate
            .as_ref()
            .is_some_and(|gate| gate.pilot == pilot.initiative.name);
        let pulls = self.initiative.effects.iter().any(|effect| {
            on.is_moved_by(effect) && segment.is_none_or(|segment| acts(effect, segment))
        });
        follows && pulls && month >= self.initiative.start_month
    }

    /// Whether it was given up before a month.
    pub fn is_over(&self, month: u32) -> bool {
        let rule = self.initiative.stop.as_ref();
        let last = rule.map(|rule| self.initiative.start_month + rule.after_months);
        !self.goes_on && last.is_some_and(|last| month > last)
    }

    /// Success, realisation and adoption in a month.
    fn acting(&self, month: u32) -> f64 {
        if !self.works || self.is_over(month) || month < self.initiative.start_month {
            return 0.0;
        }
        let since = f64::from(month - self.initiative.start_month);
        self.realisation * self.takes_hold.at(since)
    }
}
