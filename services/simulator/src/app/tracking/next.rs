//! The next cycle's scenario begins with what a tracking has told.

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::{
    CarriedInput, LeftInput, NextScenario, NextScenarioInput, ScenarioInput, ScenarioReference,
    Tracking,
};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};
use keepworth_verdict::FoundRate;

use super::load;
use crate::app::scenario::{create, load as load_scenario};
use crate::rule::scenario::next;

/// What is to be kept, and what it says otherwise than what was approved.
#[derive(Debug)]
pub struct Next {
    /// The first version of the next scenario.
    pub scenario: ScenarioInput,
    from: ScenarioReference,
    carried: Vec<CarriedInput>,
    left: Vec<LeftInput>,
}

/// Puts what a tracking has told into the text that was approved.
pub fn begin(conn: &mut Conn, id: RecordId, asked: &NextScenarioInput) -> Result<Next, Failure> {
    let Tracking { summary, report } = load(conn, id)?;
    let from = summary.scenario;
    let approved = load_scenario(conn, &from.key, Some(from.version))?;
    let untold = |why: String| {
        let detail = format!(
            "the months up to {} tell nothing that a next scenario could begin with: {why}; track more months, or fork \
             `{}` as it was: POST /v1/scenarios/{}:fork",
            report.to, from.key, from.key
        );
        Failure::conflict(ProblemCode::NotLearnt, detail)
    };
    let Some(learnt) = &report.learnt else {
        let whys = report.quality_flags.iter().map(|it| it.detail.clone());
        return Err(untold(Vec::from_iter(whys).join("; ")));
    };
    let source = format!(
        "believed after {} to {} of {} version {}",
        report.from, report.to, from.key, from.version
    );
    let found = next(&approved.scenario, learnt, &source).map_err(|why| untold(why.to_string()))?;
    Ok(Next {
        scenario: ScenarioInput {
            key: asked.key.clone(),
            scenario: found.text,
            baseline_hash: approved.summary.baseline_hash,
            reason: asked.reason.clone().or(Some(source)),
        },
        from,
        carried: found.carried,
        left: found.left,
    })
}

impl Next {
    /// Keeps it, in the caller's transaction.
    pub fn keep(
        self,
        conn: &mut Conn,
        rates: Result<Vec<FoundRate>, Failure>,
    ) -> Result<NextScenario, Failure> {
        Ok(NextScenario {
            scenario: create(conn, &self.scenario, rates)?,
            from: self.from,
            carried: self.carried,
            left: self.left,
        })
    }
}
