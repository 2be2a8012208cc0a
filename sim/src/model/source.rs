//! Where a segment's figures come from: the scenario's, laid over the baseline's.

use crate::baseline::Baseline;
use crate::scenario::{self, Problem, Scenario, ScenarioError};

/// A segment's figures and where in the scenario they are written.
pub(super) struct Source {
    pub(super) figures: scenario::Segment,
    pub(super) path: String,
}

/// Lays the scenario's segments over the baseline's, in the baseline's order.
pub(super) fn overlay(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
) -> Result<Vec<Source>, ScenarioError> {
    let mut sources: Vec<Source> = baseline
        .map(|b| b.segments.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|s| Source {
            figures: s.into(),
            path: format!("segments[\"{}\"]", s.name),
        })
        .collect();
    let mut written = std::collections::BTreeSet::new();
    for (i, segment) in scenario.segments.iter().enumerate() {
        let path = format!("segments[{i}]");
        if !written.insert(&segment.name) {
            let problem = Problem::Duplicate {
                what: "segment",
                name: segment.name.clone(),
            };
            return Err(problem.at(format!("{path}.name")));
        }
        if baseline.is_none() {
            sources.push(Source {
                figures: segment.clone(),
                path,
            });
            continue;
        }
        let Some(source) = sources.iter_mut().find(|s| s.figures.name == segment.name) else {
            let known = sources.iter().map(|s| s.figures.name.clone()).collect();
            let problem = Problem::Unknown {
                what: "segment",
                name: segment.name.clone(),
                known,
            };
            return Err(problem.at(format!("{path}.name")));
        };
        source.path = path;
        lay_over(&mut source.figures, segment);
    }
    if sources.is_empty() {
        let problem = "no segment; give at least one, or run on a baseline".to_owned();
        return Err(Problem::Conflict(problem).at("segments"));
    }
    Ok(sources)
}

fn lay_over(under: &mut scenario::Segment, over: &scenario::Segment) {
    fn replace<T: Clone>(under: &mut Option<T>, over: &Option<T>) {
        if over.is_some() {
            under.clone_from(over);
        }
    }
    replace(&mut under.customers, &over.customers);
    replace(&mut under.customers_by_tenure, &over.customers_by_tenure);
    replace(&mut under.won_per_month, &over.won_per_month);
    replace(&mut under.hazard, &over.hazard);
    replace(&mut under.revenue, &over.revenue);
    replace(&mut under.gross_margin, &over.gross_margin);
    replace(&mut under.overhead, &over.overhead);
    replace(&mut under.overhead_avoidable, &over.overhead_avoidable);
    replace(&mut under.channels, &over.channels);
    replace(&mut under.acquisition_cost, &over.acquisition_cost);
    replace(&mut under.experience_share, &over.experience_share);
    replace(&mut under.causes, &over.causes);
    replace(&mut under.win_back, &over.win_back);
}
