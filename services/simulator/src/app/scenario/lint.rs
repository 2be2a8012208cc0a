//! What in a scenario that is kept is probably not meant.

use std::collections::BTreeMap;

use keepworth_contract::finance::FinanceClient;
use keepworth_contract::simulator::{ScenarioDocument, ScenarioLint, ScenarioReference};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use keepworth_verdict::lint::{KeyKnown, Today, keys, lint as find};

use super::load;
use super::written::{Written, load_baseline};
use crate::Simulator;
use crate::app::evidence::Shelf;
use crate::app::programme;
use crate::store::baseline;

/// Looks through a version of a scenario, or its newest, with the evidence as it is now, and holds what its initiatives
/// cost against finance's budgets under their keys.
pub async fn lint_with_budgets(
    app: &Simulator,
    key: String,
    version: Option<u32>,
) -> Result<ScenarioLint, Failure> {
    let look = move |conn: &mut Conn| {
        let found = lint(conn, &key, version)?;
        let document = load(conn, &key, Some(found.scenario.version))?;
        let written = written(&document);
        let (scenario, on) = (written.read()?, load_baseline(conn, written.baseline_hash)?);
        Ok::<_, Failure>((found, scenario, on, programme::owners(conn)?))
    };
    let (mut found, scenario, on, owners) = app.db().read(look).await?;
    let finance = FinanceClient::over(app.sources().finance.clone());
    let mut known = BTreeMap::new();
    for key in scenario.initiatives.iter().filter_map(|it| it.key.as_ref()) {
        if known.contains_key(key) {
            continue;
        }
        let budget = programme::find_budget(&finance, key).await?;
        let programme = owners.get(key).cloned();
        known.insert(key.clone(), KeyKnown { programme, budget });
    }
    found.findings.extend(keys(&scenario, &on, &known));
    Ok(found)
}

/// Looks through a version of a scenario, or its newest, with the evidence as it is now.
pub fn lint(conn: &mut Conn, key: &str, version: Option<u32>) -> Result<ScenarioLint, Failure> {
    let document = load(conn, key, version)?;
    let written = written(&document);
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

fn written(document: &ScenarioDocument) -> Written<'_> {
    Written {
        scenario: &document.scenario,
        baseline_hash: &document.summary.baseline_hash,
    }
}
