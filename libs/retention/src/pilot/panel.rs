use serde::{Deserialize, Serialize};

use super::single_look::satterthwaite;
use super::{PilotError, Two};
use crate::fit::Level;
use contrast::Contrast;

mod contrast;
mod customers;
mod staggered;
mod trend;

pub use customers::{BeforeAfter, CustomerPanel};
pub use staggered::{Course, Staggered};
pub use trend::{PreTrend, PreTrendVerdict};

/// The mean outcome of one group in each period.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    treated: bool,
    means: Vec<f64>,
    errors: Option<Vec<f64>>,
}

impl Group {
    /// A group that is treated from the start on, or a comparison; periods in order and equally
    /// spaced.
    pub fn new(treated: bool, means: Vec<f64>) -> Self {
        let errors = None;
        Self {
            treated,
            means,
            errors,
        }
    }

    /// With the standard error of every cell's mean: needed only where one group is held against
    /// one.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<f64>) -> Self {
        self.errors = Some(errors);
        self
    }
}

/// Groups over periods, some of them treated from one period on.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    groups: Vec<Group>,
    start: usize,
    basis: ErrorBasis,
}

/// What the standard error of a difference-in-differences rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorBasis {
    /// Changes of whole groups on both sides, each with its own variance: clustered by group, with
    /// Bell & McCaffrey's correction (Survey Methodology 28, 2002), which is Welch's error.
    Clusters,
    /// One side is a single group: the variance of the other side's changes stands for both (Donald
    /// & Lang, Review of Economics and Statistics 89, 2007).
    OneAgainstMany,
    /// One group against one: only the cells' own errors. What shook one group as a whole is not in
    /// it.
    Cells,
}

/// What the treated groups changed beyond the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PanelEffect {
    /// Mean change of the treated less that of the comparison: the two-way fixed effects estimate
    /// of a full panel with one start (Angrist & Pischke, Mostly Harmless Econometrics, 2009, ch. 5).
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom of its Student law; none for the normal one.
    pub df: Option<f64>,
    /// Level of the interval.
    pub level: Level,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What the error rests on.
    pub basis: ErrorBasis,
    /// The clustered error that papers print, `√(G/(G − 1)·ΣU²)` (Liang & Zeger, Biometrika 73,
    /// 1986). With one treated group far too small: that group fits its own mean and adds nothing.
    pub clustered_se: f64,
    /// Groups on each side.
    pub groups: Two<usize>,
    /// Periods before the start.
    pub before: usize,
    /// Periods from the start on.
    pub after: usize,
    /// Whether both sides went the same way before.
    pub pre_trend: PreTrend,
}

impl Panel {
    /// Groups, and the index of the first treated period.
    ///
    /// # Errors
    /// [`PilotError::NoGroup`] for a side without groups, [`PilotError::Periods`] and
    /// [`PilotError::Cell`] for cells missing or not finite, [`PilotError::Start`] without a period
    /// before or after, [`PilotError::NoError`] for one group against one without errors.
    pub fn new(groups: Vec<Group>, start: usize) -> Result<Self, PilotError> {
        let treated = groups.iter().filter(|group| group.treated).count();
        let comparison = groups.len() - treated;
        for (side, count) in [("treated", treated), ("comparison", comparison)] {
            if count == 0 {
                return Err(PilotError::NoGroup { side });
            }
        }
        let periods = groups[0].means.len();
        for (group, cells) in groups.iter().enumerate() {
            whole(group, cells, periods)?;
        }
        if start == 0 || start >= periods {
            return Err(PilotError::Start { start, periods });
        }
        let basis = match (treated, comparison) {
            (1, 1) => ErrorBasis::Cells,
            (1, _) | (_, 1) => ErrorBasis::OneAgainstMany,
            _ => ErrorBasis::Clusters,
        };
        if basis == ErrorBasis::Cells && groups.iter().any(|group| group.errors.is_none()) {
            return Err(PilotError::NoError);
        }
        Ok(Self {
            groups,
            start,
            basis,
        })
    }

    /// The effect, its error and the test of the trends before.
    ///
    /// # Errors
    /// [`PilotError::NoSpread`] where all groups of a side changed by the same,
    /// [`PilotError::Overflow`] where cells are too large to compute with.
    pub fn effect(&self, level: Level) -> Result<PanelEffect, PilotError> {
        let (before, after) = (self.start, self.periods() - self.start);
        let weights: Vec<f64> = (0..self.periods())
            .map(|period| {
                if period < before {
                    -(before as f64).recip()
                } else {
                    (after as f64).recip()
                }
            })
            .collect();
        let change = self.contrast(&weights)?;
        let reach = change.quantile(0.5 + 0.5 * level.share()) * change.se;
        Ok(PanelEffect {
            value: change.value,
            se: change.se,
            df: change.df,
            level,
            low: change.value - reach,
            high: change.value + reach,
            basis: self.basis,
            clustered_se: change.clustered_se,
            groups: self.sides(&weights).map_sizes(),
            before,
            after,
            pre_trend: trend::before(self)?,
        })
    }

    fn periods(&self) -> usize {
        self.groups[0].means.len()
    }

    /// The weighted sum over periods of each group, by side.
    fn sides(&self, weights: &[f64]) -> Sides {
        let of = |treated| {
            let side = self.groups.iter().filter(|group| group.treated == treated);
            side.map(|group| dot(weights, &group.means)).collect()
        };
        Sides {
            control: of(false),
            treated: of(true),
        }
    }

    /// Treated less comparison in a weighted sum over periods, with its error on this panel's basis.
    fn contrast(&self, weights: &[f64]) -> Result<Contrast, PilotError> {
        let sides = self.sides(weights);
        match self.basis {
            ErrorBasis::Cells => {
                let errors = self.groups.iter().filter_map(|group| group.errors.as_ref());
                let variance: f64 = errors
                    .map(|errors| {
                        let squares = weights.iter().zip(errors).map(|(w, e)| (w * e).powi(2));
                        squares.sum::<f64>()
                    })
                    .sum();
                Contrast::new(&sides, variance.sqrt(), None)
            }
            ErrorBasis::OneAgainstMany => {
                let many = sides.control.len() + sides.treated.len();
                let df = (many - 2) as f64;
                let inverse =
                    (sides.control.len() as f64).recip() + (sides.treated.len() as f64).recip();
                let variance = (scatter(&sides.control) + scatter(&sides.treated)) / df;
                Contrast::new(&sides, (variance * inverse).sqrt(), Some(df))
            }
            ErrorBasis::Clusters => welch(&sides),
        }
    }
}

struct Sides {
    control: Vec<f64>,
    treated: Vec<f64>,
}

impl Sides {
    fn map_sizes(&self) -> Two<usize> {
        Two {
            control: self.control.len(),
            treated: self.treated.len(),
        }
    }
}

/// Treated less comparison, each side with its own variance (Welch, Biometrika 34, 1947).
fn welch(sides: &Sides) -> Result<Contrast, PilotError> {
    let n = Two {
        control: sides.control.len() as f64,
        treated: sides.treated.len() as f64,
    };
    let error = Two {
        control: scatter(&sides.control) / (n.control - 1.0) / n.control,
        treated: scatter(&sides.treated) / (n.treated - 1.0) / n.treated,
    };
    let se = (error.control + error.treated).sqrt();
    Contrast::new(sides, se, satterthwaite(error, n))
}

fn whole(group: usize, cells: &Group, expected: usize) -> Result<(), PilotError> {
    let errors = cells.errors.as_ref();
    for found in [cells.means.len(), errors.map_or(expected, Vec::len)] {
        if found != expected {
            return Err(PilotError::Periods {
                group,
                found,
                expected,
            });
        }
    }
    for period in 0..expected {
        let error = errors.map_or(1.0, |errors| errors[period]);
        if !(cells.means[period].is_finite() && error > 0.0 && error.is_finite()) {
            return Err(PilotError::Cell { group, period });
        }
    }
    Ok(())
}

fn dot(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(w, v)| w * v).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of squared distances from the mean.
fn scatter(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

#[cfg(test)]
mod tests;
