//! All log hazards given how much segments differ, by expectation propagation: each cell's Poisson
//! likelihood is replaced by the normal factor that gives its log hazard the right mean and
//! variance beside all the others (Minka, UAI 2001).

use nalgebra::{DMatrix, DVector};

use super::lens::{Lens, Spread, Whole};
use super::site::{Cell, Site};

/// Most sweeps over all cells; two or three suffice from a neighbour's sites.
const SWEEPS: usize = 30;
/// Largest change of a site, in units of its log hazard's uncertainty, that is left.
const TOLERANCE: f64 = 3e-3;
/// Standard deviation of the company's hazard around its crude value, on the log scale, before the
/// records are seen: next to nothing is known.
const WHOLE_SD: f64 = 5.0;
/// That of the company's bands around each other: a band in which nobody left is not without
/// hazard.
const SHAPE_SD: f64 = 1.5;

/// The cells of all segments, one row of `bands` after the other.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    pub bands: usize,
    pub cells: Vec<Cell>,
}

impl Cells {
    pub fn segments(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.bands)
    }

    /// The company's log hazards before the records are seen: precision and shift.
    fn prior(&self) -> (DMatrix<f64>, DVector<f64>) {
        let sum = |of: fn(&Cell) -> f64| self.cells.iter().map(of).sum::<f64>();
        let crude = (sum(|cell| cell.events) + 0.5) / sum(|cell| cell.exposure);
        let (own, shared) = (SHAPE_SD.powi(2), WHOLE_SD.powi(2));
        // The inverse of own·1 + shared·J.
        let off = -shared / (own * (own + shared * self.bands as f64));
        let precision = DMatrix::from_fn(self.bands, self.bands, |b, c| {
            off + if b == c { own.recip() } else { 0.0 }
        });
        let shift = &precision * DVector::from_element(self.bands, crude.ln());
        (precision, shift)
    }
}

/// The posterior at one spread.
#[derive(Debug, Clone)]
pub(super) struct Conditional {
    pub spread: Spread,
    pub sites: Vec<Site>,
    pub precision: DMatrix<f64>,
    pub shift: DVector<f64>,
    pub whole: Whole,
    /// Logarithm of the records' probability, up to a constant.
    pub log_evidence: f64,
}

impl Conditional {
    /// From each cell's own likelihood: a first look, near where many left.
    pub fn crude(cells: &Cells, spread: Spread) -> Option<Self> {
        let sites = cells.cells.iter().map(|cell| cell.first_site()).collect();
        Self::of_sites(cells, spread, sites)
    }

    /// Converges, from the sites of a neighbour where there is one.
    pub fn converged(self, cells: &Cells, neighbour: Option<&Self>) -> Option<Self> {
        let mut now = match neighbour {
            Some(it) => Self::of_sites(cells, self.spread, it.sites.clone())?,
            None => self,
        };
        for sweep in 0..SWEEPS {
            // A half step, should a full one go back and forth.
            let step = if sweep < 10 { 1.0 } else { 0.5 };
            let (sites, change) = now.swept(cells, step);
            now = Self::of_sites(cells, now.spread, sites)?;
            if change < TOLERANCE {
                break;
            }
        }
        Some(now)
    }

    fn of_sites(cells: &Cells, spread: Spread, sites: Vec<Site>) -> Option<Self> {
        let (mut precision, mut shift) = cells.prior();
        let mut log_evidence = 0.0;
        for own in sites.chunks_exact(cells.bands) {
            let lens = Lens::new(spread, own);
            lens.add_to(&mut precision, &mut shift, 1.0);
            log_evidence += lens.log_mass();
        }
        let whole = Whole::new(precision.clone(), &shift)?;
        log_evidence += whole.log_mass;
        Some(Self {
            spread,
            sites,
            precision,
            shift,
            whole,
            log_evidence,
        })
    }

    /// New sites, and by how much they differ from these.
    fn swept(&self, cells: &Cells, step: f64) -> (Vec<Site>, f64) {
        let mut sites = self.sites.clone();
        let mut change = 0.0_f64;
        let all = cells.segments().zip(self.lenses(cells.bands));
        for (new, (cells, lens)) in sites.chunks_exact_mut(cells.bands).zip(all) {
            let mean = lens.mean(&self.whole);
            let covariance = lens.covariance(&self.whole);
            for (b, (site, cell)) in new.iter_mut().zip(cells).enumerate() {
                if cell.is_normal() {
                    continue;
                }
                let variance = covariance(b, b);
                let found = cell.site(lens.cavity(b, mean[b], variance));
                let (more, shift) = (found.precision - site.precision, found.shift - site.shift);
                change = change
                    .max((more * variance).abs())
                    .max((shift - more * mean[b]).abs() * variance.sqrt());
                site.precision += step * more;
                site.shift += step * shift;
                site.log_scale += step * (found.log_scale - site.log_scale);
            }
        }
        (sites, change)
    }

    /// The lens of each segment.
    pub fn lenses(&self, bands: usize) -> impl Iterator<Item = Lens<'_>> {
        let each = self.sites.chunks_exact(bands);
        each.map(|sites| Lens::new(self.spread, sites))
    }
}
