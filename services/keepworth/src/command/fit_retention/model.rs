//! From rows to an answer, model by model.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail, ensure};
use keepworth_retention::contractual::{self, Cohort, Model, SurvivorTable};
use keepworth_retention::cox::{CoxModel, Proportionality, Ties};
use keepworth_retention::fit::{Estimate, Flag};
use keepworth_retention::hazard::{
    Cells, ClusterScores, HazardFit, HazardModel, Link, Prior, TenureGrid,
};
use keepworth_retention::survival::{
    CumulativeIncidence, KaplanMeier, LogRank, Observation, SurvivalError, SurvivalPoint,
};

use super::answer::{Answer, CausePoint, FittedPoint, probability};
use super::{Args, HazardArgs, LinkArg, ModelArg, PriorArg, TiesArg};
use crate::reading::individuals::Individuals;
use crate::reading::survivors;

/// Fits a survivor count.
pub(super) fn of_survivors(args: &Args, model: ModelArg, count: &[f64]) -> anyhow::Result<Answer> {
    let table = SurvivorTable::from_survivors(count)?;
    let curve = KaplanMeier::new(&survivors::observations(count)?)?;
    let curve = curve.with_level(args.level.get());
    match model {
        ModelArg::Sbg => contractual(args, Model::Sbg, &table, &curve),
        ModelArg::Bdw => contractual(args, Model::Bdw, &table, &curve),
        _ => {
            let mut fit = curve.hand_over();
            // Rows of a count are customers in a period, not customers.
            fit.n = table.customers();
            Ok(Answer::new(fit, &curve))
        }
    }
}

/// Fits one customer a row.
pub(super) fn of_individuals(args: &Args, model: ModelArg) -> anyhow::Result<Answer> {
    let mut further: Vec<&str> = args.covariates.iter().map(String::as_str).collect();
    further.extend(args.group.as_deref());
    further.extend(args.strata.as_deref());
    further.extend(args.cause.as_deref());
    let rows = Individuals::read(&args.file, &args.columns, &further)?;
    let curve = KaplanMeier::new(&rows.observations)?.with_level(args.level.get());
    let mut answer = match model {
        ModelArg::Km => kaplan_meier(args, &rows, &curve)?,
        ModelArg::Sbg => contractual(args, Model::Sbg, &cohorts(&rows)?, &curve)?,
        ModelArg::Bdw => contractual(args, Model::Bdw, &cohorts(&rows)?, &curve)?,
        ModelArg::Hazard => hazard(args, &rows, &curve)?,
        ModelArg::Cox => cox(args, &rows, &curve)?,
    };
    rows.tell_assumption(&mut answer.fit);
    Ok(answer)
}

fn kaplan_meier(args: &Args, rows: &Individuals, all: &KaplanMeier) -> anyhow::Result<Answer> {
    let mut answer = Answer::new(all.hand_over(), all);
    if let Some(until) = args.mean_until {
        answer.restrict(until, all).context("--mean-until")?;
    }
    if let Some(column) = &args.group {
        let (numbers, names) = rows.numbered(column)?;
        let mut groups: Vec<Vec<Observation>> = vec![Vec::new(); names.len()];
        for (observation, group) in rows.observations.iter().zip(&numbers) {
            groups[*group as usize].push(*observation);
        }
        answer.further.survival.clear();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|&group| &names[group]);
        for &group in &order {
            let curve = KaplanMeier::new(&groups[group])
                .with_context(|| format!("group {}", names[group]))?
                .with_level(args.level.get());
            answer.add_curve(&names[group], &curve);
        }
        match compared(args, rows, &numbers, &order)? {
            Ok(test) => answer.further.logrank = Some(test),
            Err(reason) => answer
                .fit
                .warn(Flag::new("no_comparison", reason.to_string())),
        }
    }
    if let Some(column) = &args.cause {
        let (numbers, names) = rows.numbered(column)?;
        let caused = rows.observations.iter().zip(numbers);
        let caused: Vec<_> = caused.map(|(o, cause)| o.with_cause(cause)).collect();
        for curve in CumulativeIncidence::by_cause(&caused)? {
            let name = names
                .get(curve.cause as usize)
                .filter(|name| !name.is_empty());
            let name = name.map_or("unknown", String::as_str);
            let curve = curve.with_level(args.level.get());
            let points = curve.points.into_iter().filter(|point| point.events > 0.0);
            let of_cause = points.map(|point| CausePoint {
                cause: name.to_owned(),
                point,
            });
            answer.further.cumulative_incidence.extend(of_cause);
        }
    }
    Ok(answer)
}

/// The log-rank test of the groups in an order, within each stratum where there are some.
fn compared(
    args: &Args,
    rows: &Individuals,
    groups: &[u32],
    order: &[usize],
) -> anyhow::Result<Result<LogRank, SurvivalError>> {
    let strata = match &args.strata {
        Some(column) => rows.numbered(column)?.0,
        None => vec![0; groups.len()],
    };
    let mut place = vec![0; order.len()];
    (order.iter().enumerate()).for_each(|(at, &group)| place[group] = at);
    let mut apart: BTreeMap<u32, Vec<Vec<Observation>>> = BTreeMap::new();
    for ((observation, &group), stratum) in rows.observations.iter().zip(groups).zip(strata) {
        let of_stratum = apart.entry(stratum);
        let of_stratum = of_stratum.or_insert_with(|| vec![Vec::new(); order.len()]);
        of_stratum[place[group as usize]].push(*observation);
    }
    let apart: Vec<_> = apart.into_values().collect();
    Ok(LogRank::within(&apart))
}

/// Customers who entered, left or stayed at the same tenures form a cohort.
fn cohorts(rows: &Individuals) -> anyhow::Result<SurvivorTable> {
    let mut alike: BTreeMap<(u32, u32, bool), f64> = BTreeMap::new();
    let whole = |t: f64| {
        ensure!(
            t.fract() == 0.0 && t <= 10_000.0,
            "{t} is no whole number of periods up to 10000"
        );
        Ok(t as u32)
    };
    for (row, o) in rows.observations.iter().enumerate() {
        let first = whole(o.entry())?;
        let exit = match rows.is_of_one_day(row) {
            // Who left on the first day left in the first period; of the others no period is known.
            true if o.is_event() => first + 1,
            true => continue,
            false => whole(o.exit())?,
        };
        *alike.entry((first, exit, o.is_event())).or_default() += o.weight();
    }
    let cohort = |((first_tenure, exit, left), n): ((u32, u32, bool), f64)| {
        let mut survivors = vec![n; (exit - first_tenure) as usize + 1];
        if let Some(last) = survivors.last_mut().filter(|_| left) {
            *last = 0.0;
        }
        Cohort {
            first_tenure,
            survivors,
        }
    };
    let cohorts: Vec<Cohort> = alike.into_iter().map(cohort).collect();
    Ok(SurvivorTable::from_cohorts(&cohorts)?)
}

fn contractual(
    args: &Args,
    model: Model,
    table: &SurvivorTable,
    curve: &KaplanMeier,
) -> anyhow::Result<Answer> {
    let fitted = contractual::fit(model, table)?.at(args.level.get());
    let mut answer = Answer::new(fitted.hand_over().clone(), curve);
    // As far again as was seen: the projection beside what can be checked.
    let horizon = u32::try_from(2 * table.periods())
        .unwrap_or(u32::MAX)
        .max(12);
    let point = |period: u32| FittedPoint {
        t: f64::from(period),
        estimate: fitted.survival(period),
    };
    answer.further.fitted = (0..=horizon).map(point).collect();
    answer.further.expected_lifetime = Some(fitted.residual_lifetime(0));
    answer.further.mixtures = args.mixture.told(&[fitted.mixture()])?;
    Ok(answer)
}

fn grid(args: &HazardArgs, last: f64) -> anyhow::Result<TenureGrid> {
    if args.bands.trim() == "every" {
        let periods = (last / args.period_length - 1e-9).ceil();
        ensure!(
            periods <= 1000.0,
            "--bands every gives {periods} bands; use longer periods"
        );
        return Ok(TenureGrid::every_period(
            args.period_length,
            (periods as u32).max(1),
        )?);
    }
    let edges = args.bands.split(',').map(|edge| edge.trim().parse::<u32>());
    let edges: Vec<u32> = edges.collect::<Result<_, _>>().with_context(|| {
        format!(
            "--bands {} are not whole numbers such as 0,3,12,24",
            args.bands
        )
    })?;
    Ok(TenureGrid::new(args.period_length, &edges)?)
}

fn hazard(args: &Args, rows: &Individuals, curve: &KaplanMeier) -> anyhow::Result<Answer> {
    let mut columns = args.covariates.clone();
    columns.extend(args.group.clone());
    let (covariates, aliased) = rows.covariates(&columns)?;
    let last = curve.points().last().map_or(0.0, |point| point.t);
    let grid = grid(&args.hazard, last)?;
    let mut cells = Cells::new(grid.clone(), covariates.names())?;
    let mut x = Vec::new();
    for (i, observation) in rows.observations.iter().enumerate() {
        covariates.copy_row(i, &mut x);
        cells.push(observation, &x)?;
    }
    let link = match args.hazard.link {
        LinkArg::Cloglog => Link::Cloglog,
        LinkArg::Logit => Link::Logit,
    };
    let model = match args.hazard.prior {
        PriorArg::Flat => HazardModel::new(link),
        PriorArg::Weak => HazardModel::new(link).with_prior(Prior::WEAK),
    };
    let mut fitted =
        (model.fit(&cells)).map_err(|error| explained(error.into(), rows, &columns))?;
    if let Some(customers) = rows.customers(&args.columns)? {
        fitted = robust(fitted, rows, &customers, |i, x| covariates.copy_row(i, x))?;
    }
    let fitted = fitted.with_level(args.level.get());
    let mut answer = Answer::new(fitted.hand_over()?, curve);
    answer.fit.flags.extend(aliased);
    answer.further.concordance = fitted.concordance(&cells).map(|found| found.value);
    answer.further.calibration = fitted.calibration(&cells, 10);
    let mean: Vec<f64> = (covariates.names().iter())
        .filter_map(|name| covariates.find_column(name))
        .map(|column| column.iter().sum::<f64>() / column.len() as f64)
        .collect();
    let steps = (last / grid.period()).floor().min(1000.0) as u32;
    let at = (1..=steps).map(|step| f64::from(step) * grid.period());
    let point = |t| {
        Some(FittedPoint {
            t,
            estimate: fitted.survival(&mean, 0.0, t)?,
        })
    };
    answer.further.fitted = at.filter_map(point).collect();
    Ok(answer)
}

fn robust(
    fitted: HazardFit,
    rows: &Individuals,
    customers: &[u64],
    copy_row: impl Fn(usize, &mut Vec<f64>),
) -> anyhow::Result<HazardFit> {
    let mut order: Vec<usize> = (0..customers.len()).collect();
    order.sort_by_key(|&i| customers[i]);
    let mut scores = ClusterScores::new(&fitted);
    let mut x = Vec::new();
    for i in order {
        copy_row(i, &mut x);
        scores.push(customers[i], &rows.observations[i], &x);
    }
    let covariance = scores
        .covariance()
        .context("robust errors need two customers")?;
    Ok(fitted.with_covariance(covariance))
}

fn cox(args: &Args, rows: &Individuals, curve: &KaplanMeier) -> anyhow::Result<Answer> {
    if args.covariates.is_empty() {
        bail!("--model cox compares customers by --covariates; give at least one");
    }
    let (covariates, aliased) = rows.covariates(&args.covariates)?;
    let numbered = |column: &String| rows.numbered(column);
    let strata = args.group.as_ref().map(numbered).transpose()?;
    let clusters = rows.customers(&args.columns)?;
    let ties = match args.ties {
        TiesArg::Efron => Ties::Efron,
        TiesArg::Breslow => Ties::Breslow,
    };
    let mut model = CoxModel::new(&rows.observations, &covariates)?.with_ties(ties);
    if let Some((strata, _)) = &strata {
        model = model.with_strata(strata)?;
    }
    if let Some(clusters) = &clusters {
        model = model.with_clusters(clusters)?;
    }
    let fitted = (model.fit()).map_err(|error| explained(error.into(), rows, &args.covariates))?;
    let fitted = fitted.with_level(args.level.get());
    let mut answer = Answer::new(fitted.hand_over()?, curve);
    answer.fit.flags.extend(aliased);
    answer.further.concordance = fitted.concordance();
    let tests = fitted.proportionality();
    if let Some(flag) = not_proportional(&tests) {
        answer.fit.warn(flag);
    }
    answer.further.proportional_hazards = Some(tests);
    if let [baseline] = fitted.baseline().as_slice() {
        let point = |p: &SurvivalPoint| FittedPoint {
            t: p.t,
            estimate: Estimate {
                value: p.value,
                se: p.se,
                low: p.low,
                high: p.high,
            },
        };
        answer.further.fitted = baseline.iter().map(point).collect();
    }
    Ok(answer)
}

/// An error of a regression, with the groups of which nobody left or everybody: mostly they are why.
fn explained(error: anyhow::Error, rows: &Individuals, columns: &[String]) -> anyhow::Error {
    match rows.one_sided(columns) {
        Ok(found) if !found.is_empty() => anyhow!("{error} ({})", found.join(", ")),
        _ => error,
    }
}

/// Below this probability a hazard ratio is said to change with time.
const CHANGES: f64 = 0.01;

/// The covariates whose hazard ratio changes with time, or all together where none does alone.
fn not_proportional(tests: &Proportionality) -> Option<Flag> {
    let changing = tests.tests.iter().filter(|test| test.p < CHANGES);
    let names: Vec<&str> = changing.map(|test| test.name.as_str()).collect();
    let what = match names[..] {
        [] if tests.global.p < CHANGES => "the hazard ratios together change".to_owned(),
        [] => return None,
        [name] => format!("the hazard ratio of {name} changes"),
        _ => format!("the hazard ratios of {} change", names.join(", ")),
    };
    let detail = format!(
        "{what} with time (p {} for all together): read them as averages, or use --group for strata",
        probability(tests.global.p)
    );
    Some(Flag::new("not_proportional", detail))
}

#[cfg(test)]
mod tests {
    use keepworth_retention::cox::ProportionalityTest;

    use super::*;

    #[test]
    fn the_flag_looks_at_each_covariate_and_at_all_together() {
        let test = |name: &str, p: f64| ProportionalityTest {
            name: name.into(),
            chi2: 1.0,
            df: 1,
            p,
        };
        let told = |a: f64, b: f64, global: f64| {
            let tests = vec![test("price", a), test("plan", b)];
            let global = test("global", global);
            not_proportional(&Proportionality { tests, global }).map(|flag| flag.detail)
        };
        assert_eq!(told(0.02, 0.5, 0.02), None);
        let together = told(0.02, 0.03, 0.005).unwrap();
        assert!(
            together.starts_with("the hazard ratios together change"),
            "{together}"
        );
        assert!(together.contains("p 0.0050 for all together"), "{together}");
        let one = told(0.5, 0.001, 0.02).unwrap();
        assert!(one.starts_with("the hazard ratio of plan changes"), "{one}");
        let both = told(0.001, 0.001, 0.0001).unwrap();
        assert!(
            both.starts_with("the hazard ratios of price, plan change"),
            "{both}"
        );
    }
}
