//! Which initiatives to do under a budget.

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, by_jackknife, gather, mean};
use super::subset::Choices;
use super::trials::Trials;
use crate::model::{Initiative, InitiativeId, Model, Term};
use crate::summary::Estimate;

/// Months of a year.
const YEAR: usize = 12;

/// A choice of initiatives, judged on trials that were not used to choose it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portfolio {
    /// The initiatives that are done.
    pub initiatives: Vec<String>,
    /// Expected spending by year, undiscounted, follow-ups of pilots in full.
    pub spending: Vec<f64>,
    /// E\[NPV\].
    pub npv: Estimate,
    /// Mean of the worst 5% of NPVs.
    pub cvar5: Estimate,
    /// E\[NPV\] on the trials that it was chosen by: higher by luck where choosing was close.
    pub npv_when_chosen: f64,
}

/// The frontier of choices under a budget, the highest E\[NPV\] first: no other that the budget
/// allows has both a higher E\[NPV\] and a higher CVaR5 (R. T. Rockafellar and S. Uryasev, 2000).
///
/// Choices are made on one half of the trials and judged on the other. A budget is per year from
/// the decision, and month 0 belongs to the first year. Doing nothing is a choice too. An initiative
/// with costs alone, which raises nothing, is a cost of the programme: it is in every choice that holds any other.
pub fn frontier(choices: &Choices<'_, '_>, budget_per_year: f64) -> Vec<Portfolio> {
    let trials = choices.trials();
    let spending: Vec<Vec<f64>> = trials
        .model()
        .initiatives
        .iter()
        .map(|initiative| yearly_spending(trials, initiative))
        .collect();
    // Groups are whole on either side: independent randomisations stay so.
    let groups = trials.groups();
    let (chosen_by, judged_by): (Vec<usize>, Vec<usize>) =
        (0..trials.count()).partition(|row| row % groups < groups / 2);
    let mut candidates: Vec<Candidate> = (0..choices.count())
        .map(|choice| {
            let npv = gather(choices.npv(choice), &chosen_by);
            Candidate {
                choice,
                spending: total_spending(&spending, choice),
                npv: mean(&npv),
                cvar5: tail_mean(&npv),
            }
        })
        .filter(|it| is_whole(trials.model(), it.choice))
        .filter(|it| it.spending.iter().all(|year| *year <= budget_per_year))
        .collect();
    candidates.sort_by(|a, b| {
        (b.npv, b.cvar5)
            .partial_cmp(&(a.npv, a.cvar5))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut best = f64::NEG_INFINITY;
    candidates.retain(|it| {
        let safer = it.cvar5 > best;
        best = best.max(it.cvar5);
        safer
    });
    let judge = |it: Candidate| {
        let npv = gather(choices.npv(it.choice), &judged_by);
        let groups = groups - groups / 2;
        Portfolio {
            initiatives: choices.names(it.choice),
            spending: it.spending,
            npv: by_group(npv.len(), groups, |rows| mean(&gather(&npv, rows))),
            cvar5: by_jackknife(npv.len(), groups, |rows| tail_mean(&gather(&npv, rows))),
            npv_when_chosen: it.npv,
        }
    };
    candidates.into_iter().map(judge).collect()
}

/// Whether a choice holds what the programme costs beside its initiatives, if it holds any.
fn is_whole(model: &Model, choice: usize) -> bool {
    let changes_something = |index: &usize| {
        let initiative = InitiativeId(*index);
        let mut effects = model.effects.iter();
        model.initiatives[initiative].raises || effects.any(|it| it.initiative == initiative)
    };
    let changing = (0..model.initiatives.len())
        .filter(changes_something)
        .fold(0, |set, index| set | 1 << index);
    let all = (1 << model.initiatives.len()) - 1;
    let costs_alone = all & !changing;
    choice == 0 || changing == 0 || (choice & changing != 0 && choice & costs_alone == costs_alone)
}

/// A choice as it looks on the trials that choose.
struct Candidate {
    choice: usize,
    spending: Vec<f64>,
    npv: f64,
    cvar5: f64,
}

/// Expected spending of one initiative by year.
fn yearly_spending(trials: &Trials<'_>, initiative: &Initiative) -> Vec<f64> {
    let mut years = vec![0.0; trials.model().horizon_months().div_ceil(YEAR)];
    for line in &initiative.costs {
        let amount = match line.amount {
            Term::Fixed(amount) => amount,
            Term::Input { index, scale } => scale * mean(&trials.input(index.0)),
        };
        let currencies = &trials.model().currencies;
        let amount = amount * line.currency.map_or(1.0, |it| currencies[it].mean());
        for month in line.months(trials.model().horizon + 1) {
            years[month.saturating_sub(1) / YEAR] += amount;
        }
    }
    years
}

fn total_spending(spending: &[Vec<f64>], choice: usize) -> Vec<f64> {
    let mut total = vec![0.0; spending.first().map_or(0, Vec::len)];
    for (_, years) in spending
        .iter()
        .enumerate()
        .filter(|(i, _)| choice >> i & 1 == 1)
    {
        total
            .iter_mut()
            .zip(years)
            .for_each(|(total, year)| *total += year);
    }
    total
}

/// Mean of the lowest 5% of values.
fn tail_mean(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    let count = (values.len() / 20).max(1);
    sorted.select_nth_unstable_by(count - 1, f64::total_cmp);
    mean(&sorted[..count])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{model, sobol};
    use crate::model::Model;

    /// A sure gain, a risky larger one, and a sure loss.
    fn three() -> Model {
        model(
            r#"
[[initiatives]]
name = "sure"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.02, grade = "A" }]
costs = [{ type = "people", amount = 5000 }]
[[initiatives]]
name = "risky"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.10, grade = "A" }]
success_probability = 0.5
costs = [{ type = "people", amount = 800, recurrence = "monthly" }, { type = "technology", amount = 6000 }]
[[initiatives]]
name = "loss"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0, grade = "A" }]
costs = [{ type = "people", amount = 1000 }]
"#,
        )
    }

    /// An office that belongs to no initiative is paid for by every choice that holds any.
    #[test]
    fn what_the_programme_costs_is_never_left_out() {
        let text = r#"
[[initiatives]]
name = "sure"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.02, grade = "A" }]
costs = [{ type = "people", amount = 500 }]
[[initiatives]]
name = "office"
costs = [{ type = "people", amount = COST }]
"#;
        let chosen = |cost: &str| {
            let model = model(&text.replace("COST", cost));
            let trials = Trials::draw(&model, &sobol(160)).unwrap();
            let found = frontier(&Choices::evaluate(&trials).unwrap(), 1e6);
            found
                .into_iter()
                .map(|it| it.initiatives)
                .collect::<Vec<_>>()
        };
        assert_eq!(chosen("1000"), [["sure", "office"]]);
        assert_eq!(
            chosen("1000000"),
            [Vec::<String>::new()],
            "nothing pays for it"
        );
    }

    fn names(portfolios: &[Portfolio]) -> Vec<Vec<&str>> {
        portfolios
            .iter()
            .map(|it| it.initiatives.iter().map(String::as_str).collect())
            .collect()
    }

    #[test]
    fn the_frontier_holds_what_nothing_beats() {
        let model = three();
        let trials = Trials::draw(&model, &sobol(2_048)).unwrap();
        let choices = Choices::evaluate(&trials).unwrap();
        let found = frontier(&choices, 1e6);
        assert_eq!(names(&found), [vec!["sure", "risky"], vec!["sure"]]);
        assert!(found[0].npv.value > found[1].npv.value);
        assert!(found[0].cvar5.value < found[1].cvar5.value);
        // Month 0 and months 1 to 12 are the first year.
        assert_eq!(found[0].spending, [5_000.0 + 6_000.0 + 12.0 * 800.0]);
        // The worst of the risky one loses all that it costs, and the sure gain softens it.
        let sure = found[1].npv.value;
        assert!((found[1].cvar5.value - sure).abs() < 1e-6 * sure);
    }

    #[test]
    fn a_budget_keeps_out_what_it_cannot_pay() {
        let model = three();
        let trials = Trials::draw(&model, &sobol(1_024)).unwrap();
        let choices = Choices::evaluate(&trials).unwrap();
        assert_eq!(
            names(&frontier(&choices, 15_700.0)),
            [vec!["risky"], vec!["sure"]]
        );
        assert_eq!(names(&frontier(&choices, 5_000.0)), [vec!["sure"]]);
        assert_eq!(names(&frontier(&choices, 4_999.0)), [Vec::<&str>::new()]);
    }

    /// Many equal gambles: the luckiest is chosen, and judged on other trials it is like the rest.
    #[test]
    fn luck_is_left_behind() {
        let gamble = |i: usize| {
            format!(
                "[[initiatives]]\nname = \"{i}\"\ncosts = [{{ type = \"people\", amount = {{ \
                 uniform = [0, 2000] }} }}]\nreach = {{ one = 1.0 }}\neffects = [{{ on = \
                 \"price_premium\", size = 0.00187, grade = \"A\" }}]\n"
            )
        };
        let model = model(&(0..8).map(gamble).collect::<String>());
        let options = crate::trials::RunOptions {
            trials: 320,
            ..Default::default()
        };
        let trials = Trials::draw(&model, &options).unwrap();
        let best = &frontier(&Choices::evaluate(&trials).unwrap(), 1e9)[0];
        assert!(best.npv_when_chosen > best.npv.value, "{best:?}");
    }
}
