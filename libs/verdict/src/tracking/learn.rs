//! What months tell of a scenario's inputs.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    Belief, FigureName, Learnt, UpdatedBelief, UpdatedEffect, UpdatedSuccess,
};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_sim::forecast::{self, CountedMonth, Posterior, Updated};
use keepworth_sim::{Control, Model, RunError, RunOptions};

use crate::backtest::{History, company_scatter};
use crate::told::told_grade;

/// Inputs of what the company is without the programme begin with one of these: as the scenario or the records say.
const COMPANY: [&str; 2] = ["segments.", "records."];

/// What was run and approved, on its baseline.
pub struct Approved<'a> {
    /// The baseline.
    pub baseline: &'a Baseline,
    /// What was drawn.
    pub model: &'a Model,
    /// How.
    pub options: &'a RunOptions,
}

/// Learns from what was counted up to a month, or says why nothing can be learnt.
///
/// # Errors
/// Options that cannot be sampled; a question that was taken back.
pub fn learn(
    approved: &Approved<'_>,
    company: &History,
    to: Month,
    control: &Control<'_>,
) -> Result<Result<Learnt, Flag>, RunError> {
    let Approved {
        baseline,
        model,
        options,
    } = *approved;
    if let Some(why) = untold(baseline, model) {
        return Ok(Err(flag(why)));
    }
    let scatter = company_scatter(baseline.month_scatter.as_ref());
    let counted = counted(baseline, company, to);
    if counted.is_empty() {
        return Ok(Err(flag("no month is recorded")));
    }
    let found = forecast::posterior(model, options, &scatter, &counted, control)?;
    Ok(match useless(model, &found) {
        Some(why) => Err(flag(why)),
        None => Ok(told(model, &found)),
    })
}

fn untold(baseline: &Baseline, model: &Model) -> Option<&'static str> {
    if baseline.month_scatter.is_none() {
        return Some("how far months scatter was not known when the baseline was built");
    }
    if baseline.segments.iter().any(|it| it.purchases.is_some()) {
        return Some("who of customers without a contract is still there is not recorded");
    }
    let counts_people = model.counts_people();
    counts_people
        .then_some("customers were drawn one by one, and their rates are not told apart from luck")
}

/// Why nobody should believe what was found.
fn useless(model: &Model, found: &Posterior) -> Option<String> {
    if let Some(input) = found.in_conflict() {
        return Some(format!(
            "it could only have come about with {} where the scenario and the records did not think it possible",
            model.inputs()[input].name
        ));
    }
    found.is_too_coarse().then(|| {
        format!(
            "of {} futures only {} that differ come near to what was counted",
            found.futures, found.different
        )
    })
}

fn flag(why: impl Into<String>) -> Flag {
    let why: String = why.into();
    let detail = format!("what the months tell of the scenario's effects is not said: {why}");
    Flag::new(FlagCode::NotLearnt, detail)
}

/// Months after the baseline's day as the engine numbers them, as far as they are recorded without a gap.
fn counted(baseline: &Baseline, company: &History, to: Month) -> Vec<CountedMonth> {
    let day = Month::of(baseline.as_of);
    let customers = baseline.company.figures.get(&FigureName::Customers);
    let Some(mut before) = customers.and_then(|it| it.value) else {
        return Vec::new();
    };
    let mut counted = Vec::new();
    for number in 1..=to.index() - day.index() {
        let Some(month) = company.get(&day.plus(number)) else {
            break;
        };
        counted.push(CountedMonth {
            month: number.unsigned_abs() as usize,
            before,
            after: month.customers,
            won: month.won,
            leavers: month.leavers,
            contacts: month.all_contacts(),
            revenue: month.revenue,
            service_cost: month.service_cost,
        });
        before = month.customers;
    }
    counted
}

fn told(model: &Model, found: &Posterior) -> Learnt {
    let inputs = model.inputs().iter().zip(&found.inputs);
    let is_company = |name: &str| COMPANY.iter().any(|it| name.starts_with(it));
    let of_programme = inputs.filter(|(input, _)| !is_company(&input.name));
    let [npv_prior, npv_posterior] = beliefs(&found.npv);
    Learnt {
        futures: found.futures,
        different_futures: found.different,
        inputs: of_programme
            .map(|(input, updated)| {
                let [prior, posterior] = beliefs(updated);
                UpdatedBelief {
                    input: input.name.clone(),
                    unit: input.unit.clone(),
                    grade: input.grade.map(told_grade),
                    prior,
                    posterior,
                }
            })
            .collect(),
        effects: found.effects.iter().map(|it| effect(model, it)).collect(),
        successes: found
            .successes
            .iter()
            .map(|it| success(model, it))
            .collect(),
        npv_prior,
        npv_posterior,
        loss_prior: found.loss[0],
        loss_posterior: found.loss[1],
    }
}

fn effect(model: &Model, of: &forecast::UpdatedEffect) -> UpdatedEffect {
    let acts = of.acts.as_ref().map(beliefs);
    let names = of.inputs.iter().map(|it| model.inputs()[*it].name.clone());
    UpdatedEffect {
        effect: of.name.clone(),
        initiative: of.initiative.clone(),
        place: u32::try_from(of.place).unwrap_or(u32::MAX),
        inputs: names.collect(),
        may_harm: of.may_harm,
        prior: acts.map(|[prior, _]| prior),
        posterior: acts.map(|[_, posterior]| posterior),
    }
}

fn success(model: &Model, of: &forecast::UpdatedSuccess) -> UpdatedSuccess {
    UpdatedSuccess {
        initiative: of.initiative.clone(),
        input: model.inputs()[of.input].name.clone(),
        prior: of.prior,
        posterior: of.posterior,
    }
}

fn beliefs(of: &Updated) -> [Belief; 2] {
    [of.prior, of.posterior].map(|it| {
        let [p10, p50, p90] = it.quantiles;
        Belief {
            mean: it.mean,
            p10,
            p50,
            p90,
        }
    })
}
