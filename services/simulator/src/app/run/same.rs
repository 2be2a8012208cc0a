//! A run that is there already: of the same version, futures and seed, by the same engine, with the same references.

use keepworth_contract::simulator::{Run, RunOptions};
use keepworth_intake::Failure;
use keepworth_sim::version;
use keepworth_store::Conn;

use super::{Taken, load};
use crate::app::document::read;
use crate::store::run;

/// The run that an order would come to once more, where its scenario is kept and it was run before.
///
/// # Errors
/// Where the scenario cannot be run any more, such as for evidence that was withdrawn since.
pub(super) fn find(conn: &mut Conn, taken: &Taken) -> Result<Option<Run>, Failure> {
    let Taken { order, rates } = taken;
    let (Some(key), Some(of)) = (&order.scenario_key, order.scenario_version) else {
        return Ok(None);
    };
    let options = alike(keepworth_verdict::told_options(&order.options()));
    let mut references = None;
    for row in run::runs_of_version(conn, key, of)? {
        if alike(read::<RunOptions>(&row.options)?) != options {
            continue;
        }
        let run = load(conn, row.id)?;
        let is_same_engine = run.result.engine_version == version::current();
        if !is_same_engine || run.result.ledger.is_some() != order.ledger {
            continue;
        }
        let referred = match &references {
            Some(found) => found,
            None => references.insert(order.written().on_baseline(conn, rates)?.references),
        };
        if run.references == *referred {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Options without what never changes a figure.
fn alike(mut options: RunOptions) -> RunOptions {
    options.threads = None;
    options
}
