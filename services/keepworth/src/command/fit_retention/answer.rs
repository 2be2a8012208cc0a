//! What a fit of retention tells, as JSON and for people.

use std::collections::BTreeMap;

use keepworth_retention::contractual::ExpectedLifetime;
use keepworth_retention::cox::Proportionality;
use keepworth_retention::fit::{Estimate, Fit, Flag, Level};
use keepworth_retention::hazard::CalibrationRow;
use keepworth_retention::survival::{
    IncidencePoint, KaplanMeier, LogRank, Quantile, RestrictedMean, SurvivalPoint,
};
use serde::Serialize;

use crate::command::fit::estimates;
use crate::command::fit_mixture::{Told, sheet_of};
use crate::present::chart::survival::{Curve, chart};
use crate::present::number::{brief, digits, percent, places, whole};
use crate::present::{Cell, Sheet, row};

/// A fit and what goes with it.
pub(super) struct Answer {
    pub(super) fit: Fit,
    pub(super) further: Further,
    /// How far mean times go.
    mean_until: f64,
}

/// What the JSON has beside the keys of every fit.
#[derive(Default, Serialize)]
pub(super) struct Further {
    pub(super) survival: Vec<GroupPoint>,
    pub(super) medians: BTreeMap<String, Quantile>,
    pub(super) restricted_means: BTreeMap<String, RestrictedMean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logrank: Option<LogRank>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cumulative_incidence: Vec<CausePoint>,
    /// The model's survival, of a new customer or at mean covariates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fitted: Vec<FittedPoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected_lifetime: Option<ExpectedLifetime>,
    /// How customers differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mixtures: Vec<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) concordance: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    /// Predicted against observed departures.
    pub(super) calibration: Vec<CalibrationRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proportional_hazards: Option<Proportionality>,
}

/// A step of a group's curve; the group is absent when there is one curve for all.
#[derive(Serialize)]
pub(super) struct GroupPoint {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(flatten)]
    pub(super) point: SurvivalPoint,
}

#[derive(Serialize)]
pub(super) struct CausePoint {
    pub(super) cause: String,
    #[serde(flatten)]
    pub(super) point: IncidencePoint,
}

#[derive(Serialize)]
pub(super) struct FittedPoint {
    pub(super) t: f64,
    #[serde(flatten)]
    pub(super) estimate: Estimate,
}

const ALL: &str = "all";

impl Answer {
    /// A fit beside the curve of all.
    pub(super) fn new(fit: Fit, all: &KaplanMeier) -> Self {
        let mut answer = Self {
            fit,
            further: Further::default(),
            mean_until: f64::INFINITY,
        };
        answer.add_points(None, all);
        answer.summarise(ALL, all);
        answer
    }

    /// Takes mean times up to a tenure, those of curves still to come too.
    pub(super) fn restrict(&mut self, until: f64, all: &KaplanMeier) -> anyhow::Result<()> {
        let mean = all.restricted_mean(until)?;
        if mean.horizon < until {
            let detail = format!(
                "nobody was seen beyond {}: the mean time goes no further",
                brief(mean.horizon)
            );
            self.fit.warn(Flag::new("mean_time_cut", detail));
        }
        let data = &mut self.fit.data;
        data.insert("restricted_mean_horizon".into(), mean.horizon);
        let estimates = &mut self.fit.estimates;
        estimates.insert("restricted_mean".into(), mean.estimate);
        self.mean_until = until;
        self.summarise(ALL, all);
        Ok(())
    }

    /// Adds a group's curve.
    pub(super) fn add_curve(&mut self, group: &str, curve: &KaplanMeier) {
        self.add_points(Some(group), curve);
        self.summarise(group, curve);
    }

    fn add_points(&mut self, group: Option<&str>, curve: &KaplanMeier) {
        let points = curve.points().iter().map(|point| GroupPoint {
            group: group.map(str::to_owned),
            point: *point,
        });
        self.further.survival.extend(points);
    }

    fn summarise(&mut self, name: &str, curve: &KaplanMeier) {
        self.further.medians.insert(name.into(), curve.median());
        if let Ok(mean) = curve.restricted_mean(self.mean_until) {
            self.further.restricted_means.insert(name.into(), mean);
        }
    }

    /// The curves to draw, the model's last.
    pub(super) fn curves(&self) -> Vec<Curve<'_>> {
        let groups = self.further.survival.chunk_by(|a, b| a.group == b.group);
        let mut curves: Vec<Curve<'_>> = groups
            .map(|points| Curve {
                name: points[0].group.as_deref().unwrap_or(ALL),
                observed: true,
                points: points.iter().map(|p| p.point).collect(),
            })
            .collect();
        if !self.further.fitted.is_empty() {
            let point = |p: &FittedPoint| SurvivalPoint {
                t: p.t,
                at_risk: 0.0,
                events: 0.0,
                value: p.estimate.value,
                se: p.estimate.se,
                low: p.estimate.low,
                high: p.estimate.high,
            };
            let points = self.further.fitted.iter().map(point).collect();
            curves.push(Curve {
                name: &self.fit.model,
                observed: false,
                points,
            });
        }
        curves
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let curves = self.curves();
        let picture = chart(&curves);
        let mut sheets = vec![estimates(&self.fit)];
        sheets.push(Sheet::of_lines(picture.lines().map(str::to_owned)));
        for curve in curves.iter().filter(|curve| curve.observed) {
            let header = format!(
                "{} | at risk | left | staying | {} from | to",
                curve.name, self.fit.level
            );
            let mut sheet = Sheet::new("", &header);
            for point in curve.sample(10) {
                let [value, low, high] = [point.value, point.low, point.high].map(share);
                row![sheet => time(point.t), Cell::whole(point.at_risk), Cell::whole(point.events),
                    value, low, high];
            }
            sheets.push(sheet);
        }
        if !self.further.mixtures.is_empty() {
            sheets.push(sheet_of(&self.further.mixtures, self.fit.level));
        }
        sheets.push(Sheet::of_lines([self.finding()]));
        sheets
    }

    /// Every step of every curve.
    pub(super) fn rows(&self) -> Sheet {
        let mut sheet = Sheet::new("", "group | t | at risk | events | value | se | low | high");
        for curve in &self.curves() {
            for it in &curve.points {
                let (at_risk, events) = match curve.observed {
                    true => (Cell::whole(it.at_risk), Cell::whole(it.events)),
                    false => (Cell::Nothing, Cell::Nothing),
                };
                row![sheet => curve.name, time(it.t), at_risk, events, Cell::digits(it.value),
                    Cell::digits(it.se), Cell::digits(it.low), Cell::digits(it.high)];
            }
        }
        sheet
    }

    /// The finding in a sentence or two.
    fn finding(&self) -> String {
        let fit = &self.fit;
        let mut text = format!("Of {} customers {} left", whole(fit.n), whole(fit.events));
        if let Some(median) = self.further.medians.get(ALL) {
            text += &match median.value {
                Some(t) => format!(
                    "; half have left by {}{}",
                    brief(t),
                    between(median, fit.level)
                ),
                None => "; fewer than half have left so far".to_owned(),
            };
        }
        text.push('.');
        if let Some(test) = &self.further.logrank {
            let verdict = if as_shown(test.p) < 0.05 {
                "differ"
            } else {
                "cannot be told apart"
            };
            text += &format!(
                " The groups {verdict} (log-rank chi-squared {:.2}, {} df, p {}).",
                test.chi2,
                test.df,
                probability(test.p)
            );
        }
        if let Some(sentence) = self.strongest() {
            text += &sentence;
        }
        if let Some(last) = self.further.fitted.last() {
            let Estimate {
                value, low, high, ..
            } = last.estimate;
            text += &format!(
                " By the model {} ({} {} to {}) are left at {}.",
                percent(value, 1),
                fit.level,
                places(100.0 * low, 1),
                places(100.0 * high, 1),
                brief(last.t)
            );
        }
        match &self.further.expected_lifetime {
            Some(ExpectedLifetime::Infinite { .. }) => {
                text += " The expected lifetime has no finite value: give a horizon or a discount rate.";
            }
            Some(ExpectedLifetime::Finite { periods, .. }) => {
                text += &format!(
                    " A new customer renews {} times on average.",
                    digits(periods.value)
                );
            }
            None => {}
        }
        text
    }

    /// The covariate that stands out most from no effect.
    fn strongest(&self) -> Option<String> {
        if !matches!(self.fit.model.as_str(), "hazard" | "cox") {
            return None;
        }
        let covariates = self
            .fit
            .estimates
            .iter()
            .filter(|(name, _)| !name.starts_with("tenure "));
        let z = |estimate: &Estimate| (estimate.value / estimate.se).abs();
        let (name, found) = covariates.max_by(|a, b| z(a.1).total_cmp(&z(b.1)))?;
        let percent = |log: f64| signed(100.0 * log.exp_m1());
        Some(format!(
            " Most telling is {name}: {}% hazard per unit ({} {} to {}).",
            percent(found.value),
            self.fit.level,
            percent(found.low),
            percent(found.high)
        ))
    }
}

/// A time.
fn time(t: f64) -> Cell {
    Cell::Figure(t, brief(t))
}

fn share(value: f64) -> Cell {
    Cell::percent(value, 1)
}

/// A whole number with its sign; beyond a million its size says no more than that.
fn signed(percent: f64) -> String {
    if percent >= 1e6 {
        "over +1 million".to_owned()
    } else {
        let plus = if percent < 0.0 { "" } else { "+" };
        plus.to_owned() + &whole(percent)
    }
}

fn between(median: &Quantile, level: Level) -> String {
    let show = |limit: Option<f64>| limit.map_or("?".to_owned(), brief);
    format!(" ({level} {} to {})", show(median.low), show(median.high))
}

/// A p value rounded as it is shown, so that words follow the figure beside them.
fn as_shown(p: f64) -> f64 {
    (p * 1e4).round() / 1e4
}

/// A p value to four decimals.
pub(super) fn probability(p: f64) -> String {
    if p < 0.001 {
        "below 0.001".to_owned()
    } else {
        format!("{:.4}", as_shown(p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.04996 is shown as 0.0500, which is not below 0.05.
    #[test]
    fn the_word_follows_the_figure_that_is_shown() {
        assert_eq!(probability(0.049_96), "0.0500");
        assert!(as_shown(0.049_96) >= 0.05 && as_shown(0.049_94) < 0.05);
        assert_eq!(probability(0.000_4), "below 0.001");
    }
}
