//! What waiting is worth.
//!
//! A plan that can be put off is an option: who waits sees more before deciding, and loses what the plan would have brought
//! meanwhile (A. Dixit and R. Pindyck, "Investment under Uncertainty", 1994).

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, by_jackknife, gather, mean};
use super::trials::Trials;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::summary::Estimate;

/// A plan that starts later, beside the plan as it is written: in the same futures, judged at the same horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deferral {
    /// Months by which every initiative starts later.
    pub months: u32,
    /// E\[NPV\] of the plan that starts later, decided on today.
    pub npv: Estimate,
    /// What waiting costs: E\[NPV\] of the plan as it is written less that.
    pub cost: Estimate,
    /// Share of futures in which it is worth more to start later.
    pub better: Estimate,
    /// What the right to wait is worth where everything that is drawn is known by then:
    /// `E[max(0, NPV later)] − max(0, E[NPV])`. At 0 or below nothing that could be learned is worth the wait.
    pub option: Estimate,
}

/// Values a plan that starts so many months later than that of the trials, and has the same inputs: see
/// [`Scenario::deferred`](crate::Scenario::deferred).
///
/// # Panics
/// If the models have other inputs than each other.
pub fn deferral(now: &Trials<'_>, later: &Model, months: u32) -> Deferral {
    let names = |model: &Model| -> Vec<String> {
        let inputs = model.inputs().iter();
        inputs.map(|input| input.name.clone()).collect()
    };
    assert_eq!(
        names(now.model()),
        names(later),
        "one plan has one set of inputs"
    );
    let started = now.outcome(Outcome::Npv);
    let waited = now.outcome_of(later, Outcome::Npv);
    let (rows, groups) = (now.count(), now.groups());
    let of_both = |figure: fn(f64, f64) -> f64| {
        by_group(rows, groups, |rows| {
            let both = gather(&started, rows)
                .into_iter()
                .zip(gather(&waited, rows));
            mean(
                &both
                    .map(|(now, later)| figure(now, later))
                    .collect::<Vec<_>>(),
            )
        })
    };
    Deferral {
        months,
        npv: of_both(|_, later| later),
        cost: of_both(|now, later| now - later),
        better: of_both(|now, later| if later > now { 1.0 } else { 0.0 }),
        option: by_jackknife(rows, groups, |rows| {
            let best = gather(&waited, rows).into_iter().map(|npv| npv.max(0.0));
            mean(&best.collect::<Vec<_>>()) - mean(&gather(&started, rows)).max(0.0)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RunOptions, Scenario};

    /// Worth 1,000 a month from the month after it starts, in half of futures, for 300 a month and 2,000 at once.
    const COIN: &str = r#"
        name = "Coin"
        currency = "EUR"
        horizon_months = 24
        discount_rate = 0
        [[segments]]
        name = "all"
        customers = 10
        won_per_month = 0
        hazard = { constant = { hazard = 0 } }
        revenue = 100
        gross_margin = 1
        [[initiatives]]
        name = "it"
        reach = { all = 1 }
        success_probability = 0.5
        effects = [{ on = "arpu", size = 1, grade = "A" }]
        costs = [{ type = "people", amount = 300, recurrence = "monthly" },
                 { type = "technology", amount = 2000 }]
    "#;

    fn valued(text: &str, months: u32) -> (Deferral, f64) {
        let scenario = Scenario::from_toml(text).unwrap();
        let model = scenario.resolve(None).unwrap();
        let later = scenario.deferred(months).resolve(None).unwrap();
        let trials = Trials::draw(&model, &RunOptions::default()).unwrap();
        let works = mean(&trials.input(0));
        (deferral(&trials, &later, months), works)
    }

    #[test]
    fn a_coin_is_worth_waiting_for_as_worked_by_hand() {
        let (found, works) = valued(COIN, 6);
        // 24 months of 1,000 where it works, or 18; 24 or 18 of 300, and 2,000.
        let [now, later] = [24.0, 18.0].map(|months| months * (1_000.0 * works - 300.0) - 2_000.0);
        let close = |found: f64, expected: f64| {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        };
        close(found.npv.value, later);
        close(found.cost.value, now - later);
        close(found.better.value, 1.0 - works);
        // Who knows whether it works starts it only where it does: 18·700 − 2,000 in these futures.
        close(found.option.value, works * 10_600.0 - now.max(0.0));
        assert!(found.option.value > 2_000.0 && found.option.mc_error > 0.0);
    }

    #[test]
    fn what_is_certain_is_not_worth_waiting_for() {
        let certain = COIN.replace(
            "success_probability = 0.5",
            "success_probability = 0.999999",
        );
        let (found, _) = valued(&certain, 12);
        assert!(
            found.option.value < 0.0 && found.better.value == 0.0,
            "{found:?}"
        );
        let nothing = valued(&certain, 0).0;
        assert_eq!((nothing.cost.value, nothing.better.value), (0.0, 0.0));
    }
}
