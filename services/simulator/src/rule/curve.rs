//! Which model of leaving by tenure each segment is simulated with: [bands](crate::rule::hazard), unless a curve
//! foretold the last twelve months better from the record before ([`keepworth_retention::tenure`]).

use std::collections::BTreeMap;

use keepworth_contract::simulator::curve::{
    ChosenBy, Foretold, HazardCandidate, HazardChoice, HazardModel,
};
use keepworth_contract::{Flag, FlagCode};
use keepworth_retention::bands::{BandEdges, BandError, Pooling, estimate};
use keepworth_retention::tenure::{
    Choice, Counts, Curve, Form, Rival, Score, TenureError, Why, choose, fit, lead, score,
};

use crate::BuildError;
use crate::rule::cohort::{Cohorts, Record};
use crate::rule::fit::told;
use crate::rule::hazard::{Hazards, band_starts, counts as counts_by_band};

/// Fewer leavers than this before the last twelve months, and no curve is compared.
const FEWEST_BEFORE: f64 = 30.0;
/// Fewer than this in them, and they tell nothing apart.
const FEWEST_AFTER: f64 = 10.0;

/// Models that were asked for, by segment.
pub(crate) type Requested = BTreeMap<String, HazardModel>;

/// Chooses the model of each segment, in the order given.
///
/// # Errors
/// A model was asked for that has no estimate, or of a segment that nobody belongs to.
pub(crate) fn choices(
    segments: &[(&str, &Cohorts)],
    hazards: &Hazards,
    requested: &Requested,
) -> Result<Vec<HazardChoice>, BuildError> {
    if let Some(name) = requested
        .keys()
        .find(|name| segments.iter().all(|(known, _)| known != name))
    {
        let known = segments.iter().map(|(name, _)| (*name).to_owned());
        return Err(BuildError::UnknownSegment {
            name: name.clone(),
            known: known.collect(),
        });
    }
    let before: Vec<(&str, Cohorts)> = segments
        .iter()
        .map(|(name, cohorts)| (*name, cohorts.at_risk_of(false)))
        .collect();
    let bands = Bands::of(&before)?;
    segments
        .iter()
        .zip(&before)
        .zip(&hazards.segments)
        .enumerate()
        .map(|(index, ((segment, (_, before)), hazard))| {
            let bands = bands.as_ref().and_then(|bands| bands.of_segment(index));
            let year = Year {
                before: counts(before)?,
                after: counts(&segment.1.at_risk_of(true))?,
                bands,
                changed: hazard.record() == Record::LastYear,
            };
            of_segment(*segment, &year, requested.get(segment.0).copied())
        })
        .collect()
}

/// The record before the last twelve months, those, and what bands of the one say of the other.
struct Year<'a> {
    before: Counts,
    after: Counts,
    /// None where nobody left before, or a band has no estimate.
    bands: Option<SegmentBands<'a>>,
    /// Whether churn has changed, so that what was before says nothing of now.
    changed: bool,
}

/// Hazards of all segments by band, from the record before the last twelve months.
struct Bands {
    starts: Vec<u32>,
    /// Of each segment the hazards; none where a band has no estimate.
    by_segment: Vec<Option<Vec<f64>>>,
}

/// Those of one segment.
#[derive(Clone, Copy)]
struct SegmentBands<'a> {
    starts: &'a [u32],
    hazards: &'a [f64],
}

impl SegmentBands<'_> {
    fn hazard(self, month: u32) -> f64 {
        let band = self.starts.iter().filter(|from| **from <= month).count() - 1;
        self.hazards[band]
    }
}

impl Bands {
    /// None where nobody left before.
    fn of(before: &[(&str, Cohorts)]) -> Result<Option<Self>, BandError> {
        let left = |from: u32, to: Option<u32>| -> u64 {
            let each = before.iter();
            each.map(|(_, it)| it.between(Record::Whole, from, to).1)
                .sum()
        };
        if left(0, None) == 0 {
            return Ok(None);
        }
        let starts = band_starts(left);
        let edges = BandEdges::new(&starts)?;
        let counted = before
            .iter()
            .map(|(name, it)| counts_by_band(name, it, Record::Whole, &edges, &starts))
            .collect::<Result<Vec<_>, _>>()?;
        let fits = estimate(&edges, &counted, Pooling::Hierarchical)?;
        let hazards = fits.segments.iter().map(|(_, fit)| {
            let names = edges.names().into_iter();
            names
                .map(|name| fit.estimates.get(&name).map(|it| it.value))
                .collect()
        });
        let by_segment = hazards.collect();
        Ok(Some(Self { starts, by_segment }))
    }

    fn of_segment(&self, index: usize) -> Option<SegmentBands<'_>> {
        let hazards = self.by_segment[index].as_deref()?;
        let starts = &self.starts;
        Some(SegmentBands { starts, hazards })
    }
}

fn counts(cohorts: &Cohorts) -> Result<Counts, TenureError> {
    let mut counts = Counts::default();
    for (month, exposure, left) in cohorts.by_tenure() {
        // Who left on the day they came was there for no measurable time.
        counts.push(month, exposure.max(left as f64 * 1e-3), left as f64)?;
    }
    Ok(counts)
}

fn of_segment(
    (name, cohorts): (&str, &Cohorts),
    year: &Year<'_>,
    requested: Option<HazardModel>,
) -> Result<HazardChoice, BuildError> {
    let whole = counts(cohorts)?;
    let fits = Form::ALL.map(|form| (form, fitted(form, &whole)));
    let foretold = year.foretell();
    let candidates = std::iter::once(HazardCandidate {
        model: HazardModel::Bands,
        last_year: foretold.as_ref().map(Foretelling::of_bands),
        fit: None,
        refused: None,
    });
    let curves = fits.iter().map(|(form, fitted)| HazardCandidate {
        model: model(*form),
        last_year: foretold.as_ref().and_then(|it| it.of_curve(*form)),
        fit: fitted.as_ref().ok().map(kept),
        refused: fitted.as_ref().err().cloned(),
    });
    let candidates: Vec<HazardCandidate> = candidates.chain(curves).collect();
    let (model, by, reason) = match requested {
        Some(asked) => (
            asked,
            ChosenBy::Request,
            "asked for by whoever ordered the baseline".to_owned(),
        ),
        None => {
            let (model, reason) = year.choose(foretold.as_ref(), &candidates);
            (model, ChosenBy::Rule, reason)
        }
    };
    let chosen = candidates.iter().find(|it| it.model == model);
    if let Some(why) = chosen.and_then(|it| it.refused.as_ref()) {
        return Err(BuildError::NoCurve {
            segment: name.to_owned(),
            model,
            why: why.clone(),
        });
    }
    Ok(HazardChoice {
        model,
        by,
        reason,
        longest_tenure_months: whole.longest().unwrap_or_default(),
        candidates,
    })
}

/// A curve of the whole record, or why there is none.
fn fitted(form: Form, whole: &Counts) -> Result<Curve, String> {
    if whole.left() < FEWEST_BEFORE {
        return Err(format!("fewer than {FEWEST_BEFORE} left"));
    }
    fit(form, whole).map_err(|error| error.to_string())
}

/// What a reader must know of a segment whose customers leave by a curve.
pub(crate) fn flag(choice: &HazardChoice) -> Option<Flag> {
    let detail = format!("customers leave by {}: {}", choice.model, choice.reason);
    let is_curve = choice.model != HazardModel::Bands;
    is_curve.then(|| Flag::new(FlagCode::HazardByCurve, detail))
}

fn model(form: Form) -> HazardModel {
    match form {
        Form::Sbg => HazardModel::Sbg,
        Form::Bdw => HazardModel::Bdw,
        Form::Weibull => HazardModel::Weibull,
    }
}

/// The fit in the contract's words; a Weibull's also with the error of its level, which the engine draws.
fn kept(curve: &Curve) -> keepworth_contract::simulator::fit::HazardFit {
    let mut fit = told(curve.hand_over());
    if curve.form() == Form::Weibull {
        let mean = curve.mean_tenure_of_leavers();
        fit.data.insert("log_sd".to_owned(), curve.log_sd(mean));
    }
    fit
}

/// Curves of the record before, held against the last twelve months.
struct Foretelling {
    bands: Score,
    curves: Vec<(Form, Rival)>,
}

impl Foretelling {
    fn of_bands(&self) -> Foretold {
        wire(&self.bands, 0.0, 0.0)
    }

    fn of_curve(&self, form: Form) -> Option<Foretold> {
        let (_, rival) = self.curves.iter().find(|(it, _)| *it == form)?;
        Some(wire(&rival.score, rival.lead.by, rival.lead.se))
    }
}

fn wire(score: &Score, ahead: f64, ahead_se: f64) -> Foretold {
    Foretold {
        expected: score.expected,
        left: score.observed as u64,
        ahead,
        ahead_se,
        calibration_p: score.calibration.map(|test| test.p),
    }
}

impl Year<'_> {
    /// None where there are too few leavers on either side.
    fn foretell(&self) -> Option<Foretelling> {
        let bands = self.bands?;
        let of_bands = |month| bands.hazard(month);
        if self.before.left() < FEWEST_BEFORE || self.after.left() < FEWEST_AFTER {
            return None;
        }
        let curves = Form::ALL.into_iter().filter_map(|form| {
            let curve = fit(form, &self.before).ok()?;
            let hazard = |month| curve.hazard(month);
            let rival = Rival {
                score: score(&self.after, hazard),
                lead: lead(&self.after, hazard, of_bands),
            };
            Some((form, rival))
        });
        Some(Foretelling {
            curves: curves.collect(),
            bands: score(&self.after, of_bands),
        })
    }

    fn choose(
        &self,
        foretold: Option<&Foretelling>,
        candidates: &[HazardCandidate],
    ) -> (HazardModel, String) {
        let bands = |why: String| (HazardModel::Bands, why);
        if self.changed {
            return bands("churn has changed, so what was before foretells nothing".to_owned());
        }
        let Some(foretold) = foretold else {
            return bands(format!(
                "{:.0} left before the last twelve months and {:.0} in them: too few to compare models (from \
                 {FEWEST_BEFORE:.0} and {FEWEST_AFTER:.0} on)",
                self.before.left(),
                self.after.left()
            ));
        };
        // A curve that the whole record does not estimate cannot be used, whatever it foretold.
        let is_fitted = |form: &Form| {
            let mut of_form = candidates.iter().filter(|it| it.model == model(*form));
            of_form.any(|it| it.fit.is_some())
        };
        let curves: Vec<&(Form, Rival)> = foretold
            .curves
            .iter()
            .filter(|(form, _)| is_fitted(form))
            .collect();
        let rivals: Vec<Rival> = curves.iter().map(|(_, rival)| *rival).collect();
        let Choice { rival, why } = choose(&foretold.bands, &rivals);
        let best = curves
            .iter()
            .max_by(|(_, a), (_, b)| a.lead.by.total_cmp(&b.lead.by));
        let said = best.map_or(String::new(), |(form, rival)| {
            format!(
                "{} by {:.1} of log-likelihood (standard error {:.1}); of {:.0} who left it expected {:.0}, bands {:.0}",
                model(*form),
                rival.lead.by,
                rival.lead.se,
                rival.score.observed,
                rival.score.expected,
                foretold.bands.expected
            )
        });
        match (rival, why) {
            (Some(place), _) => (
                model(curves[place].0),
                format!("it foretold the last twelve months better than bands: {said}"),
            ),
            (None, Why::NoRival) => bands("no curve has an estimate".to_owned()),
            (None, Why::Refuted) => bands(format!(
                "the curve ahead is refuted by the last twelve months: {said}"
            )),
            (None, _) => bands(format!(
                "no curve foretold the last twelve months better; the best was {said}"
            )),
        }
    }
}

#[cfg(test)]
mod tests;
