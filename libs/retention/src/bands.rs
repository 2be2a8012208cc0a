//! Hazard by tenure band from counts, with small segments pooled towards the whole.
//!
//! The plainest estimate there is, and the one a baseline starts from: of `n` customer-months at
//! risk in a band `d` ended in leaving, so the cumulative hazard over a month is
//! `h = −ln(1 − d/n)`, with `se(ln h) = √(p/(n(1 − p)))/h`.
//!
//! A segment with few departures says little by itself. [`Pooling::Hierarchical`] takes segments as
//! draws from a company: the log hazard of a band is the company's, plus the segment's level, plus
//! the band's own departure from it. How much levels and bands differ (their standard deviations)
//! is estimated by restricted likelihood and integrated over, and so is the company's own
//! uncertainty: what is handed over is mean and **full covariance** of a segment's log hazards over
//! all of it. A segment whose record lies in the outer 5% of what the others' pool predicts for it
//! is **let go**: estimated alone. A flag tells either.
//!
//! Intervals of pooled segments hold the truth as often as they say where segments differ as the
//! model has it (a normal spread on the log scale), and more often where they do not differ at all:
//! `tests/it/pooling.rs` measures it.
//!
//! ```
//! use keepworth_retention::bands::{BandEdges, Pooling, SegmentCounts, estimate};
//!
//! let edges = BandEdges::new(&[0, 3, 12])?;
//! let mut retail = SegmentCounts::new("retail", &edges);
//! retail.push_month(0, 1000.0, 40.0)?; // tenure month, customers at risk, of whom left
//! retail.push_month(5, 800.0, 8.0)?;
//! retail.push_month(20, 600.0, 3.0)?;
//! let hazards = estimate(&edges, &[retail], Pooling::Hierarchical)?;
//! let first = hazards.whole.estimates["tenure 0-2"];
//! assert!((first.value - -(1.0 - 0.04_f64).ln()).abs() < 1e-12);
//! # Ok::<(), keepworth_retention::bands::BandError>(())
//! ```

mod pooling;
#[cfg(test)]
mod tests;

use nalgebra::DMatrix;

use crate::fit::{Covariance, Fit, FitError, Flag, InputHash, Scale, Verdict};
use crate::hazard::{HazardError, TenureGrid};
use crate::number::trigamma;
use pooling::{Pool, Pooled, Shrunk};

/// Why hazards by band cannot be estimated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BandError {
    /// Band edges that do not start at 0 and ascend.
    #[error(transparent)]
    Edges(#[from] HazardError),
    /// A count that is negative or not finite, or more departures than at risk.
    #[error(
        "{events} of {at_risk} at risk left in segment {segment}, tenure month {month}: impossible"
    )]
    Count {
        /// The segment.
        segment: String,
        /// Tenure month.
        month: u32,
        /// At risk.
        at_risk: f64,
        /// Left.
        events: f64,
    },
    /// Nobody was at risk.
    #[error("no customer was at risk in any segment: there is nothing to estimate")]
    Empty,
    /// Nobody left.
    #[error("nobody left in {0} customer-months: a hazard needs events")]
    NoEvents(f64),
    /// Malformed covariance.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// First tenure month of each band; the last band has no end.
#[derive(Debug, Clone, PartialEq)]
pub struct BandEdges(TenureGrid);

impl BandEdges {
    /// Bands that begin at these tenure months.
    ///
    /// # Errors
    /// Edges that do not start at 0 and ascend.
    pub fn new(first_months: &[u32]) -> Result<Self, BandError> {
        Ok(Self(TenureGrid::new(1.0, first_months)?))
    }

    /// `tenure 0-2`, …, `tenure 24+`.
    pub fn names(&self) -> Vec<String> {
        self.0.names()
    }
}

/// How far segments are drawn towards the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Each segment by itself.
    None,
    /// As far as the records say that segments are alike; those that are not are let go.
    Hierarchical,
}

/// Customer-months at risk and departures of one segment by band.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentCounts {
    name: String,
    edges: BandEdges,
    /// `(at risk, departures)`.
    bands: Vec<(f64, f64)>,
}

impl SegmentCounts {
    /// No counts yet.
    pub fn new(name: &str, edges: &BandEdges) -> Self {
        let bands = vec![(0.0, 0.0); edges.0.bands()];
        Self {
            name: name.to_owned(),
            edges: edges.clone(),
            bands,
        }
    }

    /// Adds those at risk at the start of a tenure month and those of them who left in it.
    ///
    /// # Errors
    /// Counts that are negative or not finite, or more departures than at risk.
    pub fn push_month(&mut self, month: u32, at_risk: f64, events: f64) -> Result<(), BandError> {
        let possible = at_risk.is_finite() && events >= 0.0 && events <= at_risk;
        if !possible {
            let segment = self.name.clone();
            return Err(BandError::Count {
                segment,
                month,
                at_risk,
                events,
            });
        }
        let band = &mut self.bands[self.edges.0.band_at(f64::from(month))];
        band.0 += at_risk;
        band.1 += events;
        Ok(())
    }
}

/// Hazards by band, on the log scale, for the whole and for each segment in the order given.
///
/// Bands in which nobody at all was at risk are absent from every fit.
#[derive(Debug, Clone, PartialEq)]
pub struct BandHazards {
    /// All segments together.
    pub whole: Fit,
    /// Each segment with its name.
    pub segments: Vec<(String, Fit)>,
}

/// Hazard, log standard error and exposure `d/h` of one band.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Crude {
    hazard: f64,
    log_se: f64,
    exposure: f64,
    events: f64,
}

impl Crude {
    /// Where nobody or everybody left the crude hazard is 0 or infinite; half an event more or
    /// less keeps it finite, and a flag says so.
    fn new(at_risk: f64, events: f64) -> Self {
        if events > 0.0 && events < at_risk {
            let p = events / at_risk;
            let hazard = -(-p).ln_1p();
            let log_se = (p / (at_risk * (1.0 - p))).sqrt() / hazard;
            return Self {
                hazard,
                log_se,
                exposure: events / hazard,
                events,
            };
        }
        let exposure = (at_risk - 0.5 * events).max(f64::MIN_POSITIVE);
        let hazard = (events + 0.5) / exposure;
        Self {
            hazard,
            log_se: trigamma(events + 0.5).sqrt(),
            exposure,
            events,
        }
    }
}

/// Estimates the hazards of the whole and of each segment.
///
/// # Errors
/// [`BandError::Empty`] or [`BandError::NoEvents`].
pub fn estimate(
    edges: &BandEdges,
    segments: &[SegmentCounts],
    pooling: Pooling,
) -> Result<BandHazards, BandError> {
    let mut totals = vec![(0.0, 0.0); edges.0.bands()];
    for segment in segments {
        for (total, band) in totals.iter_mut().zip(&segment.bands) {
            total.0 += band.0;
            total.1 += band.1;
        }
    }
    let at_risk: f64 = totals.iter().map(|total| total.0).sum();
    if at_risk <= 0.0 {
        return Err(BandError::Empty);
    }
    if totals.iter().all(|total| total.1 <= 0.0) {
        return Err(BandError::NoEvents(at_risk));
    }
    let present: Vec<usize> = (0..totals.len()).filter(|&b| totals[b].0 > 0.0).collect();
    let names: Vec<String> = present.iter().map(|&b| edges.names()[b].clone()).collect();
    let of = |bands: &[(f64, f64)]| present.iter().map(|&b| bands[b]).collect::<Vec<_>>();
    let whole = of(&totals);
    let counts: Vec<Vec<(f64, f64)>> = segments.iter().map(|segment| of(&segment.bands)).collect();
    let is_pooled = pooling == Pooling::Hierarchical && segments.len() > 1;
    let pool = is_pooled.then(|| pooling::pool(&counts)).flatten();
    let fits = segments.iter().zip(&counts).enumerate();
    let fits = fits.map(|(index, (segment, bands))| {
        let fit = match &pool {
            Some(pool) => pooled(pool, &pool.segments[index], &names, bands)?,
            None => alone(&names, bands)?,
        };
        Ok((segment.name.clone(), fit))
    });
    let segments = fits.collect::<Result<_, BandError>>()?;
    Ok(BandHazards {
        whole: alone(&names, &whole)?,
        segments,
    })
}

/// Bands by themselves: independent on the log scale.
fn alone(names: &[String], bands: &[(f64, f64)]) -> Result<Fit, BandError> {
    let seen: Vec<usize> = (0..bands.len()).filter(|&b| bands[b].0 > 0.0).collect();
    let names: Vec<&String> = seen.iter().map(|&b| &names[b]).collect();
    let crude: Vec<Crude> = seen
        .iter()
        .map(|&b| Crude::new(bands[b].0, bands[b].1))
        .collect();
    let mean = crude.iter().map(|c| c.hazard.ln()).collect();
    let size = crude.len();
    let variance = DMatrix::from_fn(size, size, |i, j| {
        if i == j { crude[i].log_se.powi(2) } else { 0.0 }
    });
    let mut fit = handed_over(&names, mean, &variance, bands)?;
    if seen.is_empty() {
        fit.verdict = Verdict::Refused;
        fit.reason = "nobody in the segment was at risk: only pooling can tell its hazards".into();
    }
    warn_of_thin_bands(
        &mut fit,
        names.into_iter().zip(seen.iter().map(|&b| bands[b])),
    );
    Ok(fit)
}

fn warn_of_thin_bands<'a>(fit: &mut Fit, bands: impl Iterator<Item = (&'a String, (f64, f64))>) {
    for (name, (at_risk, events)) in bands {
        if events <= 0.0 || events >= at_risk {
            let detail = format!(
                "{events} of {at_risk} customer-months in {name} ended in leaving: the estimate \
                 is little more than a bound"
            );
            fit.warn(Flag::new("all_or_none_left", detail));
        } else if events < 5.0 {
            fit.warn(Flag::new(
                "thin_band",
                format!("only {events} departures in {name}"),
            ));
        }
    }
}

fn pooled(
    pool: &Pool,
    segment: &Pooled,
    names: &[String],
    bands: &[(f64, f64)],
) -> Result<Fit, BandError> {
    let Shrunk {
        mean,
        covariance,
        borrowed,
    } = &segment.log_hazards;
    let refs: Vec<&String> = names.iter().collect();
    let mut fit = handed_over(&refs, mean.iter().copied().collect(), covariance, bands)?;
    let tail = 100.0 * segment.tail;
    if segment.is_let_go {
        let detail = format!(
            "not pooled: from the other segments a record further out than this one is expected \
             with a chance of {tail:.1}%, and it is estimated alone"
        );
        fit.flags.push(Flag::new("let_go", detail));
        warn_of_thin_bands(&mut fit, refs.into_iter().zip(bands.iter().copied()));
        return Ok(fit);
    }
    let detail = format!(
        "pooled: up to {:.0}% of a band's precision is borrowed; segments' levels differ by a \
         factor of {:.2}, bands around them by {:.2} (one standard deviation of the logarithm)",
        100.0 * borrowed.iter().copied().fold(0.0, f64::max),
        pool.level_sd.exp(),
        pool.band_sd.exp()
    );
    fit.flags.push(Flag::new("pooled", detail));
    for (name, borrowed) in names.iter().zip(borrowed) {
        fit.data.insert(format!("borrowed {name}"), *borrowed);
    }
    fit.data.insert("level_sd".into(), pool.level_sd);
    fit.data.insert("band_sd".into(), pool.band_sd);
    let events: f64 = bands.iter().map(|band| band.1).sum();
    if events < 10.0 {
        fit.warn(Flag::new(
            "few_events",
            format!("only {events} departures in the segment"),
        ));
    }
    Ok(fit)
}

fn handed_over(
    names: &[&String],
    mean: Vec<f64>,
    variance: &DMatrix<f64>,
    bands: &[(f64, f64)],
) -> Result<Fit, BandError> {
    let rows = variance
        .row_iter()
        .map(|row| row.iter().copied().collect())
        .collect();
    let covariance = Covariance::new(Scale::Log, names, mean, rows)?;
    let at_risk: f64 = bands.iter().map(|band| band.0).sum();
    let events = bands.iter().map(|band| band.1).sum();
    let mut fit = Fit::from_covariance("bands", at_risk, events, covariance)?;
    fit.data.insert("person_time".into(), at_risk);
    fit.data.insert("rows".into(), bands.len() as f64);
    let numbers = bands
        .iter()
        .flat_map(|&(at_risk, events)| [at_risk, events]);
    fit.input_hash = InputHash::new().text("bands").numbers(numbers).finish();
    Ok(fit)
}
