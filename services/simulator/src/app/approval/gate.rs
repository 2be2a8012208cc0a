//! What stands in the way of a version today.

use keepworth_contract::simulator::{ApprovalPolicy, GateFinding, Run, ScenarioDocument};
use keepworth_intake::Failure;
use keepworth_sim::Scenario;
use keepworth_sim::scenario::Quantity;
use keepworth_store::Conn;

use crate::app::scenario::lint;
use crate::app::scenario::written::{Written, load_baseline};
use crate::rule::gate::{Looked, findings};

/// A rate that is uncertain can be as low as the end of its interval of 90%.
const LOWEST: f64 = 0.05;

/// Looks at a version with its run, by a policy.
pub(super) fn find(
    conn: &mut Conn,
    document: &ScenarioDocument,
    run: &Run,
    policy: &ApprovalPolicy,
) -> Result<Vec<GateFinding>, Failure> {
    let summary = &document.summary;
    let lint = lint(conn, &summary.key, Some(summary.version))?.findings;
    let written = Written {
        scenario: &document.scenario,
        baseline_hash: &summary.baseline_hash,
    };
    let baseline = load_baseline(conn, written.baseline_hash)?;
    let looked = Looked {
        lint: &lint,
        as_of: baseline.as_of,
        currency: &baseline.currency,
        today: keepworth_store::now().date_naive(),
        discount_rate: lowest_rate(&written.read()?),
        result: &run.result,
    };
    Ok(findings(&looked, &policy.policy))
}

/// The lowest that a scenario's discount rate can be.
fn lowest_rate(scenario: &Scenario) -> f64 {
    match &scenario.discount_rate {
        Quantity::Own(rate) => rate.quantile(LOWEST),
        Quantity::Shared(shared) => {
            let input = scenario.inputs.get(&shared.input);
            input.map_or(0.0, |it| shared.scale * it.distribution.quantile(LOWEST))
        }
    }
}
