use super::HazardError;
use crate::survival::Observation;

/// Periods of equal length and the tenure bands they fall into.
#[derive(Debug, Clone, PartialEq)]
pub struct TenureGrid {
    period: f64,
    edges: Vec<u32>,
}

impl TenureGrid {
    /// Periods of length `period` (in the unit of the observations) in bands that begin at
    /// `edges`, counted in periods; the last band has no end.
    ///
    /// # Errors
    /// A period that is not above 0; edges that do not start at 0 and ascend.
    pub fn new(period: f64, edges: &[u32]) -> Result<Self, HazardError> {
        if !(period > 0.0 && period.is_finite()) {
            return Err(HazardError::Period(period));
        }
        if edges.first() != Some(&0) || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(HazardError::Bands(edges.to_vec()));
        }
        Ok(Self {
            period,
            edges: edges.to_vec(),
        })
    }

    /// One band for each of the first `periods` periods; later ones join the last.
    ///
    /// # Errors
    /// As [`TenureGrid::new`].
    pub fn every_period(period: f64, periods: u32) -> Result<Self, HazardError> {
        Self::new(period, &(0..periods).collect::<Vec<_>>())
    }

    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.edges.len()
    }

    /// Length of a period in the unit of the observations.
    pub fn period(&self) -> f64 {
        self.period
    }

    /// First period of each band.
    pub fn edges(&self) -> &[u32] {
        &self.edges
    }

    /// The band of the period that begins at tenure `t` (in the unit of the observations).
    pub fn band_at(&self, t: f64) -> usize {
        let period = (t / self.period + ROUNDING).floor();
        self.edges
            .partition_point(|&edge| f64::from(edge) <= period)
            .max(1)
            - 1
    }

    /// Names of the bands: `tenure 0-2`, …, `tenure 24+`.
    pub fn names(&self) -> Vec<String> {
        let name = |(index, edge): (usize, &u32)| match self.edges.get(index + 1) {
            Some(next) if *next == edge + 1 => format!("tenure {edge}"),
            Some(next) => format!("tenure {edge}-{}", next - 1),
            None => format!("tenure {edge}+"),
        };
        self.edges.iter().enumerate().map(name).collect()
    }

    /// Calls `visit(band, periods at risk, events)` for each band an observation touches.
    ///
    /// The period of a departure counts in full. Time watched in part of a period without a
    /// departure counts with its fraction, which under the complementary log-log link is the
    /// exact likelihood of a hazard that is constant within the period.
    pub(super) fn spread(&self, observation: &Observation, mut visit: impl FnMut(usize, f64, f64)) {
        let entry = observation.entry() / self.period;
        let exit = observation.exit() / self.period;
        if !observation.is_event() {
            self.overlap(entry, exit, |band, at_risk| visit(band, at_risk, 0.0));
            return;
        }
        let last = (exit - ROUNDING).ceil().max(1.0) - 1.0;
        let leaving = self.band_at(last * self.period);
        let mut seen = false;
        self.overlap(entry, last, |band, at_risk| {
            let here = f64::from(u8::from(band == leaving));
            seen |= band == leaving;
            visit(band, at_risk + here, here);
        });
        if !seen {
            visit(leaving, 1.0, 1.0);
        }
    }

    fn overlap(&self, from: f64, to: f64, mut visit: impl FnMut(usize, f64)) {
        for (band, &edge) in self.edges.iter().enumerate() {
            let end = self
                .edges
                .get(band + 1)
                .map_or(f64::INFINITY, |&next| f64::from(next));
            let length = to.min(end) - from.max(f64::from(edge));
            if length > ROUNDING {
                visit(band, length);
            }
        }
    }
}

/// Times within a billionth of a period of its border are on the border.
const ROUNDING: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(grid: &TenureGrid, entry: f64, exit: f64, event: bool) -> Vec<(usize, f64, f64)> {
        let mut parts = Vec::new();
        let observation = Observation::new(entry, exit, event).unwrap();
        grid.spread(&observation, |band, at_risk, events| {
            parts.push((band, at_risk, events));
        });
        parts
    }

    #[test]
    fn bands_are_named_by_their_periods() {
        let grid = TenureGrid::new(1.0, &[0, 1, 3, 24]).unwrap();
        assert_eq!(
            grid.names(),
            ["tenure 0", "tenure 1-2", "tenure 3-23", "tenure 24+"]
        );
        assert_eq!(grid.band_at(2.9), 1);
        assert_eq!(grid.band_at(100.0), 3);
        assert!(TenureGrid::new(0.0, &[0]).is_err());
        assert!(TenureGrid::new(1.0, &[1, 2]).is_err());
        assert!(TenureGrid::new(1.0, &[0, 2, 2]).is_err());
        assert!(TenureGrid::new(1.0, &[]).is_err());
    }

    #[test]
    fn time_is_spread_over_the_bands_it_touches() {
        let grid = TenureGrid::new(1.0, &[0, 3, 12]).unwrap();
        assert_eq!(
            parts(&grid, 0.0, 5.0, false),
            [(0, 3.0, 0.0), (1, 2.0, 0.0)]
        );
        assert_eq!(parts(&grid, 2.0, 4.0, true), [(0, 1.0, 0.0), (1, 1.0, 1.0)]);
        assert_eq!(parts(&grid, 2.0, 3.0, true), [(0, 1.0, 1.0)]);
        assert_eq!(parts(&grid, 20.0, 22.0, true), [(2, 2.0, 1.0)]);
    }

    #[test]
    fn a_partial_period_counts_with_its_fraction_and_a_departure_in_full() {
        let grid = TenureGrid::new(4.0, &[0, 1]).unwrap();
        assert_eq!(
            parts(&grid, 0.0, 6.0, false),
            [(0, 1.0, 0.0), (1, 0.5, 0.0)]
        );
        assert_eq!(parts(&grid, 0.0, 6.0, true), [(0, 1.0, 0.0), (1, 1.0, 1.0)]);
        assert_eq!(parts(&grid, 5.0, 6.0, true), [(1, 1.0, 1.0)]);
    }
}
