//! How far the result swings with what a scenario chooses rather than draws.

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, gather, mean};
use super::trials::Trials;
use crate::model::{Model, Terminal};
use crate::outcome::Outcome;
use crate::summary::Estimate;

/// What a scenario sets: no input draws it, and the value of information does not count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Months that are judged.
    Horizon,
    /// The share that is saved of every avoided cost of which finance has confirmed nothing.
    AvoidableShare,
    /// Growth a year of what a perpetuity repeats.
    Growth,
    /// How far initiatives on one lever do the same thing: at 1 only the one that does most counts.
    Overlap,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 4] = [
        Self::Horizon,
        Self::AvoidableShare,
        Self::Growth,
        Self::Overlap,
    ];

    /// Its name, as a break-even is asked for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Horizon => "horizon",
            Self::AvoidableShare => "avoidable share",
            Self::Growth => "growth",
            Self::Overlap => "overlap",
        }
    }

    /// The range that it is tried in; none where the scenario does not choose it.
    ///
    /// A horizon from half of the scenario's to twice; none beside a run-off, which looks beyond any. A growth two
    /// points either way, and two below the least discount rate. An overlap from none, as the scenario reads it, to all.
    pub fn range(self, model: &Model) -> Option<[f64; 2]> {
        match self {
            Self::Horizon => {
                let months = model.horizon as f64;
                let is_cut = !matches!(model.terminal, Terminal::RunOff(_));
                is_cut.then_some([(0.5 * months).floor().max(1.0), (2.0 * months).min(600.0)])
            }
            Self::AvoidableShare => model.has_unconfirmed().then_some([0.0, 1.0]),
            Self::Growth => match model.terminal {
                Terminal::Perpetuity(growth) => {
                    let most = model.lowest(model.rate) - POINTS;
                    Some([growth - POINTS, (growth + POINTS).min(most)])
                }
                _ => None,
            },
            Self::Overlap => model.has_several_on_one().then_some([0.0, 1.0]),
        }
    }

    /// The model with another value of it.
    pub(super) fn of(self, model: &Model, value: f64) -> Model {
        match self {
            Self::Horizon => {
                let terminal = model.terminal.clone();
                let mut other = model.at_horizon(value.round() as usize);
                other.terminal = terminal;
                other
            }
            Self::AvoidableShare => model.with_avoidable(value),
            Self::Overlap => model.with_overlap(value),
            Self::Growth => {
                let mut other = model.clone();
                other.terminal = Terminal::Perpetuity(value);
                other
            }
        }
    }
}

/// Two points a year.
const POINTS: f64 = 0.02;

/// Mean NPV at either end of what may be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettingSwing {
    /// What is chosen.
    pub setting: Setting,
    /// The lower end of the range.
    pub low: f64,
    /// The upper end of the range.
    pub high: f64,
    /// Mean NPV at the lower end.
    pub at_low: Estimate,
    /// Mean NPV at the upper end.
    pub at_high: Estimate,
}

impl SettingSwing {
    /// From the mean at the lower end to that at the upper.
    pub fn width(&self) -> f64 {
        self.at_high.value - self.at_low.value
    }
}

/// The swings of the mean NPV with what the scenario chooses, widest first; those that move nothing are left out.
pub fn setting_swings(trials: &Trials<'_>) -> Vec<SettingSwing> {
    let model = trials.model();
    let swing = |setting: Setting| {
        let [low, high] = setting.range(model)?;
        let at = |value: f64| {
            let npv = trials.outcome_of(&setting.of(model, value), Outcome::Npv);
            by_group(trials.count(), trials.groups(), |rows| {
                mean(&gather(&npv, rows))
            })
        };
        Some(SettingSwing {
            setting,
            low,
            high,
            at_low: at(low),
            at_high: at(high),
        })
    };
    let mut swings: Vec<SettingSwing> = Setting::ALL.into_iter().filter_map(swing).collect();
    swings.retain(|it| it.width() != 0.0);
    swings.sort_by(|a, b| b.width().abs().total_cmp(&a.width().abs()));
    swings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{model, sobol};
    use crate::explain::{Driver, Goal, break_even};

    /// A thousand customers, of whom 10% fewer contacts save 100 a month against 500 at first.
    const CENTRE: &str = r#"
[[segments]]
name = "centre"
customers = 1000
won_per_month = 0
hazard = { constant = { hazard = 0.0 } }
revenue = 0
gross_margin = 1
channels = [{ name = "phone", contacts = 1, minutes = 1, cost_per_minute = 1 }]

[[initiatives]]
name = "callback"
reach = { centre = 1.0 }
effects = [{ on = "contacts", size = 0.1, grade = "A" }]
costs = [{ type = "technology", amount = 500 }]
"#;

    #[test]
    fn what_finance_confirms_and_how_far_is_looked_decide() {
        let model = model(CENTRE);
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let swings = setting_swings(&trials);
        let all = swings
            .iter()
            .find(|it| it.setting == Setting::AvoidableShare)
            .unwrap();
        let benefit = all.width();
        assert!(all.at_low.value < 0.0 && benefit > 0.0, "{swings:?}");
        // Unconfirmed, nothing is saved however far is looked.
        assert!(
            swings.iter().all(|it| it.setting != Setting::Horizon),
            "{swings:?}"
        );
        let driver = Driver::Setting(Setting::AvoidableShare);
        let found = break_even(&trials, driver, [0.0, 1.0], Goal::BREAK_EVEN);
        let share = -all.at_low.value / benefit;
        assert!(
            (found.values[0].value - share).abs() < 1e-6,
            "{found:?} not {share}"
        );
        assert_eq!(
            (found.driver.as_str(), found.share_below),
            ("avoidable share", None)
        );
    }

    /// Two that shorten contacts: 20% and 10% are 28% as they are read, 20% if they are one thing, 24% if they half are.
    const REPAIR: &str = r#"
[[initiatives]]
name = "repair"
reach = { centre = 1.0 }
effects = [{ on = "minutes", size = 0.2, grade = "A" }]
costs = [{ type = "technology", amount = 2100 }]
"#;

    #[test]
    fn initiatives_that_do_the_same_thing_are_tried() {
        let confirmed = CENTRE.replace(
            "cost_per_minute = 1 }",
            "cost_per_minute = 1, avoidable = 1 }",
        );
        let model = model(&(confirmed + REPAIR));
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let swings = setting_swings(&trials);
        let overlap = swings.iter().find(|it| it.setting == Setting::Overlap);
        let overlap = overlap.unwrap();
        let worth = |share: f64| mean(&trials.outcome_of(&model.with_overlap(share), Outcome::Npv));
        // What a saving of everything is worth, as the same plan tells it for 28%.
        let all = (overlap.at_low.value + 2_600.0) / 0.28;
        for (share, saved) in [(0.0, 0.28), (0.5, 0.24), (1.0, 0.2)] {
            let npv = all * saved - 2_600.0;
            assert!((worth(share) - npv).abs() < 1e-9 * all, "{share}: {npv}");
        }
        assert_eq!(overlap.at_high.value, worth(1.0));
        let alone = crate::explain::tests::model(CENTRE);
        assert_eq!(Setting::Overlap.range(&alone), None);
    }

    /// Fewer customers leave, and nothing is saved of what they cost: confirming it would move nothing.
    const KEPT: &str = r#"
[[initiatives]]
name = "care"
reach = { one = 1.0 }
effects = [{ on = "hazard", size = 0.3, grade = "A" }]
costs = [{ type = "people", amount = 600, recurrence = "monthly" }]
"#;

    #[test]
    fn a_horizon_is_tried_as_it_would_be_written() {
        let model = model(KEPT);
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let npv = |model: &Model| mean(&trials.outcome_of(model, Outcome::Npv));
        let swings = setting_swings(&trials);
        let [horizon] = &swings[..] else {
            panic!("what is kept costs in full, confirmed or not: {swings:?}")
        };
        assert_eq!((horizon.low, horizon.high), (6.0, 24.0));
        assert_eq!(horizon.at_low.value, npv(&model.at_horizon(6)));
        assert_eq!(horizon.at_high.value, npv(&model.at_horizon(24)));
        let driver = Driver::Setting(Setting::Horizon);
        let found = break_even(&trials, driver, [6.0, 24.0], Goal::BREAK_EVEN);
        assert_eq!(found.values.len(), 1, "{found:?}");
        for value in &found.values {
            let month = value.value as usize;
            assert_eq!(value.value, month as f64);
            assert!(npv(&model.at_horizon(month - 1)) * npv(&model.at_horizon(month)) <= 0.0);
        }
    }
}
