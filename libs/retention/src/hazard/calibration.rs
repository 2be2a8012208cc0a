use serde::{Deserialize, Serialize};

use super::{Cells, HazardFit};

/// Predicted against observed departures among customers of like risk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRow {
    /// Lowest predicted probability per period in the group.
    pub low: f64,
    /// Highest predicted probability per period in the group.
    pub high: f64,
    /// Periods at risk.
    pub at_risk: f64,
    /// Departures the model expects.
    pub expected: f64,
    /// Departures seen.
    pub observed: f64,
}

/// How often the higher predicted risk left first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Concordance {
    /// Share of comparable pairs ordered rightly, ties counting half; ½ is chance.
    pub value: f64,
    /// Pairs of one leaver and one stayer within the same tenure band.
    pub pairs: f64,
}

/// One cell as the model sees it.
struct Predicted {
    probability: f64,
    at_risk: f64,
    events: f64,
}

impl HazardFit {
    /// Groups of about equal expected departures in ascending order of predicted risk.
    pub fn calibration(&self, cells: &Cells, groups: usize) -> Vec<CalibrationRow> {
        let mut all: Vec<Predicted> = (0..self.present.len())
            .flat_map(|k| self.predicted(cells, k))
            .collect();
        all.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        let total: f64 = all.iter().map(|cell| cell.at_risk * cell.probability).sum();
        let mut rows: Vec<CalibrationRow> = Vec::new();
        let (mut expected, mut open) = (0.0, 0);
        for cell in &all {
            if rows.len() <= open {
                let (low, high) = (cell.probability, cell.probability);
                rows.push(CalibrationRow {
                    low,
                    high,
                    at_risk: 0.0,
                    expected: 0.0,
                    observed: 0.0,
                });
            }
            let row = &mut rows[open];
            row.high = cell.probability;
            row.at_risk += cell.at_risk;
            row.expected += cell.at_risk * cell.probability;
            row.observed += cell.events;
            expected += cell.at_risk * cell.probability;
            if expected >= total * rows.len() as f64 / groups.max(1) as f64 {
                open = rows.len();
            }
        }
        rows
    }

    /// Concordance within tenure bands; `None` when no pair can be compared.
    pub fn concordance(&self, cells: &Cells) -> Option<Concordance> {
        let (mut right, mut pairs) = (0.0, 0.0);
        for k in 0..self.present.len() {
            let mut band = self.predicted(cells, k);
            band.sort_by(|a, b| a.probability.total_cmp(&b.probability));
            let mut stayed_below = 0.0;
            for tie in band.chunk_by(|a, b| a.probability == b.probability) {
                let left: f64 = tie.iter().map(|cell| cell.events).sum();
                let stayed: f64 = tie.iter().map(|cell| cell.at_risk - cell.events).sum();
                right += left * (stayed_below + 0.5 * stayed);
                stayed_below += stayed;
            }
            pairs += stayed_below * band.iter().map(|cell| cell.events).sum::<f64>();
        }
        (pairs > 0.0).then(|| Concordance {
            value: right / pairs,
            pairs,
        })
    }

    fn predicted(&self, cells: &Cells, k: usize) -> Vec<Predicted> {
        let band = self.present[k];
        (0..cells.len())
            .filter_map(|row| {
                let (at_risk, events) = cells.counts(row).nth(band)?;
                let eta = self.predictor(k, cells.covariates(row));
                let probability = self.link.probability(eta);
                (at_risk > 0.0).then_some(Predicted {
                    probability,
                    at_risk,
                    events,
                })
            })
            .collect()
    }
}
