use serde::{Deserialize, Serialize};

use super::association::{Confounding, Estimated, ScepticalPrior, confounding, estimate, overlap};
use super::control::{NegativeControl, negative_control};
use super::evalue::EValue;
use super::grade::{Evidence, Grade};
use super::guard::{Level, check, levels};
use super::{LinkError, LinkModel};
use crate::fit::{Covariance, Estimate, Fit, Flag, InputHash, Scale, Verdict};

/// A fit with its verdict, and the evidence behind both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkReport {
    /// The hand-over form: log hazard ratios, the exposure's per sd under the sceptical prior.
    pub fit: Fit,
    /// What speaks for and against it.
    pub evidence: LinkEvidence,
}

/// What speaks for and against a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkEvidence {
    /// How far the effect may be believed: C on own records, D when none is shown.
    pub grade: Grade,
    /// Customers and departures by level of the exposure.
    pub levels: Vec<Level>,
    /// The prior, turned to the exposure's own direction.
    pub prior: ScepticalPrior,
    /// Log hazard ratio per sd without the prior; absent when refused.
    pub association: Option<Estimate>,
    /// The same under the prior.
    pub posterior: Option<Estimate>,
    /// Area that prior and posterior share: near 1 the data said nothing new.
    pub overlap: Option<f64>,
    /// How far the data moved the mean, in sds of the prior.
    pub moved: Option<f64>,
    /// How strong an unmeasured confounder would have to be.
    pub e_value: Option<EValue>,
    /// The association without each confounder in turn.
    pub confounding: Vec<Confounding>,
    /// Departures that experience cannot have caused, when given.
    pub negative_control: Option<NegativeControl>,
}

pub(super) fn report(model: &LinkModel<'_>) -> Result<LinkReport, LinkError> {
    let levels = levels(model);
    let findings = check(model, &levels);
    let control = negative_control(model);
    let sign = model.direction.sign();
    let prior = ScepticalPrior {
        mean: sign * model.prior.mean,
        sd: model.prior.sd,
    };
    let mut evidence = LinkEvidence {
        grade: Grade::of(Evidence::Stated),
        levels,
        prior,
        association: None,
        posterior: None,
        overlap: None,
        moved: None,
        e_value: None,
        confounding: Vec::new(),
        negative_control: control,
    };
    let mut flags = findings.warnings;
    if let Some(control) = evidence
        .negative_control
        .as_ref()
        .filter(|control| control.reacts())
    {
        flags.push(Flag::new("negative_control", control.sentence()));
    }
    if let Some(refusal) = findings.refused {
        let fit = refused(model, refusal, flags);
        return Ok(LinkReport { fit, evidence });
    }
    let full = estimate(model, model.confounders.names())?;
    let association = full.exposure();
    evidence.confounding = confounding(model, &association)?;
    let totals = totals(model);
    evidence.e_value = Some(EValue::of_log_hazard_ratio(
        &association,
        totals.1 / totals.0,
    ));
    flags.extend(full.flags.iter().cloned());
    flags.extend(unstable(&evidence.confounding, &association));
    let posterior = full.update(prior.mean, prior.sd);
    let after = posterior.exposure();
    evidence.association = Some(association);
    evidence.posterior = Some(after);
    evidence.overlap = Some(overlap((prior.mean, prior.sd), (after.value, after.se)));
    evidence.moved = Some((after.value - prior.mean) / prior.sd);
    let mut fit = handed_over(model, &posterior)?;
    decide(&mut fit, model, &association, flags);
    if matches!(fit.verdict, Verdict::Estimated | Verdict::Warned) {
        evidence.grade = Grade::of(Evidence::OwnRecords);
    }
    Ok(LinkReport { fit, evidence })
}

/// Customers (rows by weight) and departures.
fn totals(model: &LinkModel<'_>) -> (f64, f64) {
    let all = model.observations.iter().enumerate();
    let last = all.filter(|(i, _)| model.is_final(*i));
    last.fold((0.0, 0.0), |(n, left), (_, o)| {
        (
            n + o.weight(),
            left + if o.is_event() { o.weight() } else { 0.0 },
        )
    })
}

fn refused(model: &LinkModel<'_>, refusal: Flag, flags: Vec<Flag>) -> Fit {
    let (n, events) = totals(model);
    let mut fit = Fit::curve("link", n, events).at(model.level);
    fit.converged = false;
    fit.verdict = Verdict::Refused;
    fit.reason.clone_from(&refusal.detail);
    if let Some(control) = flags.iter().find(|flag| flag.code == "negative_control") {
        fit.reason = format!("{}; {}", refusal.detail, control.detail);
    }
    fit.flags = std::iter::once(refusal).chain(flags).collect();
    describe(&mut fit, model);
    fit
}

fn handed_over(model: &LinkModel<'_>, posterior: &Estimated) -> Result<Fit, LinkError> {
    let symmetric = (&posterior.covariance + posterior.covariance.transpose()) * 0.5;
    let covariance = Covariance::from_matrix(
        Scale::Identity,
        &posterior.names,
        &posterior.coefficients,
        &symmetric,
    )?;
    let (n, events) = totals(model);
    let mut fit = Fit::from_covariance("link", n, events, covariance)?.at(model.level);
    fit.loglik = Some(posterior.loglik);
    fit.converged = posterior.converged;
    fit.data.insert("exposure_mean".into(), posterior.mean);
    fit.data.insert("exposure_sd".into(), posterior.sd);
    describe(&mut fit, model);
    Ok(fit)
}

fn describe(fit: &mut Fit, model: &LinkModel<'_>) {
    let time = model
        .observations
        .iter()
        .map(|o| o.weight() * (o.exit() - o.entry()));
    fit.data.insert("person_time".into(), time.sum());
    fit.data
        .insert("rows".into(), model.observations.len() as f64);
    let mut hash = InputHash::new().text("link").text(&model.name);
    hash = hash.numbers(model.exposure.iter().copied());
    for name in model.confounders.names() {
        let column = model.confounders.find_column(name).unwrap_or_default();
        hash = hash.text(name).numbers(column.iter().copied());
    }
    let rows = model.observations.iter();
    let of = rows.flat_map(|o| {
        [
            o.entry(),
            o.exit(),
            f64::from(u8::from(o.is_event())),
            o.weight(),
        ]
    });
    fit.input_hash = hash.numbers(of).finish();
}

/// An association that hangs on one confounder may hang on the next, unmeasured one.
fn unstable(table: &[Confounding], full: &Estimate) -> Option<Flag> {
    let clear = full.low > 0.0 || full.high < 0.0;
    let flips = |row: &&Confounding| row.association.value * full.value < 0.0;
    let row = table.iter().find(flips).filter(|_| clear)?;
    let detail = format!(
        "without {} the association changes its sign ({:.3} instead of {:.3})",
        row.without, row.association.value, full.value
    );
    Some(Flag::new("confounder_sensitive", detail))
}

/// The verdict on an estimate; the first that applies gives the reason.
fn decide(fit: &mut Fit, model: &LinkModel<'_>, association: &Estimate, flags: Vec<Flag>) {
    let name = &model.name;
    let Estimate {
        value, low, high, ..
    } = *association;
    if low <= 0.0 && high >= 0.0 {
        fit.verdict = Verdict::Null;
        fit.reason = format!(
            "one sd of {name} goes with a log hazard ratio of {value:.3} ({low:.3} to {high:.3}): \
             the data do not tell it from none"
        );
        fit.flags.extend(flags);
        return;
    }
    if value * model.direction.sign() > 0.0 {
        let detail = format!(
            "better {name} goes with more leaving ({value:.3} per sd, {low:.3} to {high:.3}), \
             against what is expected: look for a confounder before using it"
        );
        fit.warn(Flag::new("sign_against_prior", detail));
    }
    for flag in flags {
        fit.warn(flag);
    }
    if fit.verdict == Verdict::Estimated {
        // As many decimals as the smaller end of the interval needs not to be called 0.
        let percent = |log: f64| 100.0 * log.exp_m1();
        let least = percent(low).abs().min(percent(high).abs());
        let decimals = if least < 0.95 { 1 } else { 0 };
        fit.reason = format!(
            "one sd of {name} goes with a hazard {:.decimals$}% {} ({:.decimals$}% to \
             {:.decimals$}%)",
            percent(value).abs(),
            if value < 0.0 { "lower" } else { "higher" },
            percent(low),
            percent(high)
        );
    }
}
