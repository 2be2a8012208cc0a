//! What initiatives cost, held against what finance plans under their keys.

use std::collections::BTreeMap;

use keepworth_contract::finance::{Budget, BudgetLine};
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{CostLine, Initiative, Recurrence};
use rust_decimal::prelude::ToPrimitive;

use super::size::mean;
use super::warning;
use crate::budget::{ahead, month_of};
use crate::number::whole;

/// By how much of the budget a plan may be off it without a word: a twentieth.
const OFF: f64 = 0.05;

/// What is known of a key that initiatives name.
#[derive(Debug, Clone, Default)]
pub struct KeyKnown {
    /// The programme whose key it is, as its own or as that of an initiative.
    pub programme: Option<String>,
    /// Finance's newest budget under it.
    pub budget: Option<Budget>,
}

/// Holds the keys of a scenario's initiatives against what is known of them: keys that no programme has, and costs that
/// are not the budget's, in the months that both look at.
///
/// Costs are compared without interest, at the mean where they are uncertain, and only where all of them are in the
/// budget's currency.
#[must_use]
pub fn keys(
    scenario: &Scenario,
    baseline: &Baseline,
    known: &BTreeMap<String, KeyKnown>,
) -> Vec<LintFinding> {
    let mut findings = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (i, it) in scenario.initiatives.iter().enumerate() {
        let Some(key) = it.key.as_deref() else {
            continue;
        };
        let path = format!("initiatives[{i}].key");
        let Some(known) = known.get(key) else {
            continue;
        };
        if known.programme.is_none() {
            findings.push(of_none(&path, key));
        }
        // Initiatives of one key, such as a pilot and its roll-out, share its budget.
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        if let Some(budget) = &known.budget {
            findings.extend(off(scenario, baseline, key, budget, &path));
        }
    }
    findings
}

fn of_none(path: &str, key: &str) -> LintFinding {
    let what = format!("no programme has the key `{key}`");
    let way_out = "name it as finance's budget does, and write a programme that has it: keepworth programme put";
    warning(LintCode::KeyOfNoProgramme, path, what, way_out)
}

fn off(
    scenario: &Scenario,
    baseline: &Baseline,
    key: &str,
    budget: &Budget,
    path: &str,
) -> Option<LintFinding> {
    let currency = budget.currency.code();
    let of_key = |it: &&Initiative| it.key.as_deref() == Some(key);
    let lines = scenario.initiatives.iter().filter(of_key);
    let mut cost = 0.0;
    for (of, line) in lines.flat_map(|of| of.costs.iter().map(move |line| (of, line))) {
        let own = scenario.currency.as_deref().unwrap_or(&baseline.currency);
        if line.currency.as_deref().unwrap_or(own) != currency {
            return None;
        }
        cost += f64::from(times(scenario, of, line)) * mean(scenario, &line.amount)?;
    }
    let planned = planned(scenario, baseline, budget)?;
    let is_off = (cost - planned).abs() > OFF * planned.abs();
    is_off.then(|| {
        let what = format!(
            "costs {} {currency} until the horizon, and finance's budget v{} under `{key}` has {} {currency} in these months",
            whole(cost),
            budget.version,
            whole(planned)
        );
        let way_out = "take the budget's (keepworth scenario new --programme), have the budget changed in finance, or say in \
                       a note why the plan is another";
        warning(LintCode::CostOffBudget, path, what, way_out)
    })
}

/// In how many months until the horizon a cost is paid.
fn times(scenario: &Scenario, of: &Initiative, line: &CostLine) -> u32 {
    let is_monthly = line.recurrence == Recurrence::Monthly;
    let first = of.start_month + line.start.unwrap_or(u32::from(is_monthly));
    let left = (scenario.horizon_months + 1).saturating_sub(first);
    if is_monthly {
        line.months.unwrap_or(left).min(left)
    } else {
        left.min(1)
    }
}

/// What a budget plans from the baseline's day to the horizon.
fn planned(scenario: &Scenario, baseline: &Baseline, budget: &Budget) -> Option<f64> {
    let ahead = ahead(budget, baseline.as_of);
    let mut planned = 0.0;
    for it in &ahead.stretches {
        let left = (scenario.horizon_months + 1).saturating_sub(it.first);
        planned += it.amount.to_f64()? * f64::from(it.months.min(left));
    }
    let is_looked_at = |it: &&BudgetLine| {
        month_of(baseline.as_of, it.month).is_some_and(|month| month <= scenario.horizon_months)
    };
    for it in ahead.negative.iter().filter(is_looked_at) {
        planned += it.amount.amount.to_f64()?;
    }
    Some(planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::tests::budget;
    use keepworth_contract::finance::ProgrammeLine;

    /// On the sample's baseline, which is of 2025-12-31: 12 months of 100 from January on.
    fn found(costs: &str, programme: Option<&str>) -> Vec<LintFinding> {
        let months = (1..=12).map(|it| format!("2026-{it:02}"));
        let months = Vec::from_iter(months);
        let lines = months
            .iter()
            .map(|it| (it.as_str(), ProgrammeLine::People, 100));
        let known = KeyKnown {
            programme: programme.map(str::to_owned),
            budget: Some(budget(&Vec::from_iter(lines))),
        };
        let text = format!(
            "name = \"Plan\"\nhorizon_months = 6\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"Call back\"\n\
             key = \"call-backs\"\nreach = {{ home = 1.0 }}\ncosts = [{costs}]\n"
        );
        let scenario = Scenario::from_toml(&text).unwrap();
        let known = BTreeMap::from([("call-backs".to_owned(), known)]);
        keys(&scenario, &crate::sample(), &known)
    }

    #[test]
    fn a_cost_within_a_twentieth_of_the_budget_is_not_spoken_of() {
        let monthly = |amount: u32| {
            format!("{{ type = \"people\", amount = {amount}, recurrence = \"monthly\" }}")
        };
        assert_eq!(found(&monthly(100), Some("service")), []);
        assert_eq!(found(&monthly(104), Some("service")), []);
        let off = found(&monthly(110), Some("service"));
        assert_eq!(off[0].code, LintCode::CostOffBudget);
        // Until the horizon, six months of both.
        assert!(
            off[0].what.contains("660 EUR") && off[0].what.contains("600 EUR"),
            "{off:?}"
        );
        let once = "{ type = \"people\", amount = 600 }";
        assert_eq!(found(once, Some("service")), []);
        let uncertain = "{ type = \"people\", amount = { uniform = [500, 700] } }";
        assert_eq!(found(uncertain, Some("service")), [], "at its mean");
    }

    #[test]
    fn a_key_of_no_programme_is_said() {
        let once = "{ type = \"people\", amount = 600 }";
        assert_eq!(found(once, None)[0].code, LintCode::KeyOfNoProgramme);
    }
}
