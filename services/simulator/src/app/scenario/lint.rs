//! What in a scenario that is kept is probably not meant.

use keepworth_contract::simulator::{ScenarioLint, ScenarioReference};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use keepworth_verdict::lint::{Today, lint as find};

use super::load;
use super::written::{Written, load_baseline};
use crate::app::evidence::Shelf;
use crate::store::baseline;

/// Looks through a version of a scenario, or its newest, with the evidence as it is now.
pub fn lint(conn: &mut Conn, key: &str, version: Option<u32>) -> Result<ScenarioLint, Failure> {
    let document = load(conn, key, version)?;
    let written = Written {
        scenario: &document.scenario,
        baseline_hash: &document.summary.baseline_hash,
    };
    let (scenario, on) = (written.read()?, load_baseline(conn, written.baseline_hash)?);
    let today = Today {
        day: keepworth_store::now().date_naive(),
        newest_baseline: baseline::find_last_day(conn)?,
    };
    let mut shelf = Shelf {
        conn,
        as_of: on.as_of,
        currency: &on.currency,
        rates: &[],
    };
    Ok(ScenarioLint {
        scenario: ScenarioReference {
            key: document.summary.key,
            version: document.summary.version,
        },
        findings: find(&scenario, &on, Some(&mut shelf), &today)?,
    })
}
