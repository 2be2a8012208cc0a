//! What two versions of a scenario say differently, by the paths of their keys.

use std::collections::BTreeMap;

use keepworth_contract::simulator::{ScenarioChange, ScenarioDocument};
use keepworth_verdict::place::places;
use toml::{Table, Value};

/// The path under which the baseline is told.
const BASELINE: &str = "baseline_hash";

/// What two versions say differently.
///
/// # Errors
/// A text that is no TOML; none such is kept.
pub(crate) fn differences(
    from: &ScenarioDocument,
    to: &ScenarioDocument,
) -> Result<Vec<ScenarioChange>, toml::de::Error> {
    let (old, new) = (leaves(from)?, leaves(to)?);
    let mut paths = Vec::from_iter(old.keys().chain(new.keys()));
    paths.sort();
    paths.dedup();
    let changed = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path));
    let told = changed.map(|path| ScenarioChange {
        path: path.clone(),
        old: old.get(path).cloned(),
        new: new.get(path).cloned(),
    });
    Ok(told.collect())
}

/// Every value of a version, as TOML, under its path.
fn leaves(document: &ScenarioDocument) -> Result<BTreeMap<String, String>, toml::de::Error> {
    let table: Table = document.scenario.parse()?;
    let baseline = Value::from(document.summary.baseline_hash.clone());
    let places = places(&table).into_iter().filter(|it| !it.holds_others());
    let mut leaves = BTreeMap::from_iter(places.map(|it| (it.path, it.value.to_string())));
    leaves.insert(BASELINE.to_owned(), baseline.to_string());
    Ok(leaves)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use keepworth_contract::simulator::ScenarioSummary;
    use uuid::Uuid;

    use super::*;

    const FIRST: &str = r#"
        name = "Call backs"
        horizon_months = 24
        [[initiatives]]
        name = "Call back"
        reach = { home = 1.0 }
        effects = [{ on = "hazard", size = "4% to 13%" }, { on = "contacts", channel = "phone", size = 0.1 }]
        costs = [{ type = "people", amount = 10 }, { type = "people", amount = 20 }]
        [[initiatives]]
        name = "Portal"
        reach = { home = 0.5 }
    "#;

    fn document(scenario: &str, baseline: &str) -> ScenarioDocument {
        ScenarioDocument {
            summary: ScenarioSummary {
                id: Uuid::nil(),
                key: "a".to_owned(),
                version: 1,
                name: String::new(),
                hash: String::new(),
                baseline_hash: baseline.to_owned(),
                forked_from: None,
                reason: None,
                archived: None,
                recorded_at: DateTime::UNIX_EPOCH,
            },
            scenario: scenario.to_owned(),
        }
    }

    fn told(from: &str, to: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let [from, to] = [from, to].map(|it| document(it, "b"));
        let changes = differences(&from, &to).unwrap();
        changes
            .into_iter()
            .map(|it| (it.path, it.old, it.new))
            .collect()
    }

    #[test]
    fn what_has_a_name_is_found_by_it() {
        let (head, initiatives) = FIRST.split_at(FIRST.find("[[").unwrap());
        let (call_back, portal) = initiatives.split_at(initiatives.rfind("[[").unwrap());
        let turned = format!("{head}{portal}{call_back}");
        assert_eq!(told(FIRST, &turned), [], "order alone is no difference");
        let smaller = turned.replace("4% to 13%", "2% to 5%");
        assert_eq!(
            told(FIRST, &smaller),
            [(
                "initiatives[Call back].effects[hazard].size".to_owned(),
                Some("\"4% to 13%\"".to_owned()),
                Some("\"2% to 5%\"".to_owned())
            )]
        );
    }

    #[test]
    fn what_came_and_went_has_nothing_on_the_other_side() {
        let without = &FIRST[..FIRST.rfind("[[").unwrap()];
        let paths = ["initiatives[Portal].name", "initiatives[Portal].reach.home"];
        for (changes, gone) in [(told(FIRST, without), true), (told(without, FIRST), false)] {
            assert_eq!(changes.len(), paths.len());
            for ((path, old, new), expected) in changes.iter().zip(paths) {
                assert_eq!(path, expected);
                assert_eq!((old.is_some(), new.is_some()), (gone, !gone));
            }
        }
    }

    #[test]
    fn of_two_that_are_called_alike_the_second_has_a_number() {
        let dearer = FIRST.replace("amount = 20", "amount = 25");
        let changes = told(FIRST, &dearer);
        assert_eq!(
            changes[0].0,
            "initiatives[Call back].costs[people #2].amount"
        );
        let channel = FIRST.replace("size = 0.1", "size = 0.2");
        assert_eq!(
            told(FIRST, &channel)[0].0,
            "initiatives[Call back].effects[contacts, phone].size"
        );
    }

    #[test]
    fn another_baseline_is_a_difference() {
        let changes = differences(&document(FIRST, "b"), &document(FIRST, "c")).unwrap();
        assert_eq!(changes[0].path, BASELINE);
        assert_eq!(changes[0].new.as_deref(), Some("\"c\""));
    }
}
