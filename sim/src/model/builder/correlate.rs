//! Groups of inputs that a copula ties together.

use super::super::{CorrelatedInputs, Term};
use super::Builder;
use crate::baseline::Baseline;
use crate::flag::{Flag, FlagCode};
use crate::inputs::{Copula, Repair};
use crate::scenario::{Problem, Scenario, ScenarioError};

impl Builder {
    /// Ties the groups of correlated inputs together: the records' and the scenario's.
    pub(in crate::model) fn correlate(
        &mut self,
        scenario: &Scenario,
        baseline: Option<&Baseline>,
    ) -> Result<Vec<CorrelatedInputs>, ScenarioError> {
        let mut groups = Vec::new();
        let of_records = baseline.map_or(&[][..], |baseline| &baseline.correlations);
        let of_records = of_records
            .iter()
            .zip(0..)
            .map(|(group, i)| ("baseline.", i, group));
        let written = scenario
            .correlations
            .iter()
            .zip(0..)
            .map(|(group, i)| ("", i, group));
        for (whose, i, group) in of_records.chain(written) {
            let i: usize = i;
            let path = format!("{whose}correlations[{i}]");
            let mut members = Vec::new();
            for (j, name) in group.inputs.iter().enumerate() {
                let at = format!("{path}.inputs[{j}]");
                match self.find_named(name, &at)? {
                    Term::Input { index, .. } if self.grouped.insert(index) => members.push(index),
                    Term::Input { .. } => {
                        let what = "correlated input";
                        return Err(Problem::Duplicate {
                            what,
                            name: name.clone(),
                        }
                        .at(at));
                    }
                    Term::Fixed(_) => {
                        let problem = format!("\"{name}\" is certain; give it a distribution");
                        return Err(Problem::Correlation(problem).at(at));
                    }
                }
            }
            let (copula, repair) = Copula::new(group.inputs.clone(), &group.matrix, group.scale)
                .map_err(|e| Problem::Correlation(e.to_string()).at(format!("{path}.matrix")))?;
            if let Some(repair) = repair {
                self.flags.push(describe(&path, &repair));
            }
            groups.push(CorrelatedInputs { members, copula });
        }
        Ok(groups)
    }
}

/// What was done to a matrix that no inputs can have.
fn describe(path: &str, repair: &Repair) -> Flag {
    let pairs: Vec<String> = repair
        .moved
        .iter()
        .map(|m| {
            format!(
                "{} and {} from {} to {:.4}",
                m.inputs[0], m.inputs[1], m.asked, m.used
            )
        })
        .collect();
    let detail = format!(
        "{path}: no correlations can be these (smallest eigenvalue {:.4}); the nearest ones were \
         taken: {}",
        repair.smallest_eigenvalue,
        pairs.join("; ")
    );
    Flag::new(FlagCode::CorrelationsMoved, path, detail)
}
