//! A scenario with something in it otherwise.

use keepworth_contract::simulator::{ScenarioChange, WhatIfChange};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_verdict::place::{Place, Step, places};
use toml::{Table, Value};

use super::near::nearest;

/// How many places are named to somebody who names none that is there.
const MOST_NAMED: usize = 8;

/// A scenario that was changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Amended {
    /// Its text as TOML.
    pub(crate) text: String,
    /// What is otherwise, with what was there, in the order in which it was asked for.
    pub(crate) changes: Vec<ScenarioChange>,
}

/// Changes a scenario where it is asked to: all of it, or nothing and every fault.
///
/// A place is named by its path in the text as it was; a change can also put a key into a table that is there.
pub(crate) fn amend(text: &str, changes: &[WhatIfChange]) -> Result<Amended, Vec<InvalidParam>> {
    let original: Table = text.parse().map_err(|error: toml::de::Error| {
        let code = FaultCode::InvalidScenario;
        vec![InvalidParam::new("scenario", code, error.to_string())]
    })?;
    let places = places(&original);
    let (mut amended, mut told, mut faults) = (original.clone(), Vec::new(), Vec::new());
    // What is removed last in the text goes first, so that no place in a list moves before its turn.
    let (mut edits, mut ways) = (Vec::new(), Vec::new());
    for (index, change) in changes.iter().enumerate() {
        let at = |part: &str, code, reason: String| {
            InvalidParam::new(format!("changes/{index}/{part}"), code, reason)
        };
        if changes[..index].iter().any(|it| it.path == change.path) {
            let reason = format!("`{}` is changed twice; say once what is there", change.path);
            faults.push(at("path", FaultCode::Duplicate, reason));
            continue;
        }
        let value = match change.value.as_deref().map(read).transpose() {
            Ok(value) => value,
            Err(reason) => {
                faults.push(at("value", FaultCode::InvalidValue, reason));
                continue;
            }
        };
        let Some((steps, old)) = find(&places, &change.path, value.is_some()) else {
            let reason = unknown(&places, &change.path);
            faults.push(at("path", FaultCode::UnknownPlace, reason));
            continue;
        };
        told.push(ScenarioChange {
            path: change.path.clone(),
            old: old.map(ToString::to_string),
            new: value.as_ref().map(ToString::to_string),
        });
        edits.push((steps, value));
        ways.push(index);
    }
    for (it, index) in edits.iter().zip(&ways) {
        let holds_it = |other: &(Vec<Step>, _)| it.0 != other.0 && it.0.starts_with(&other.0);
        if edits.iter().any(holds_it) {
            let reason = format!(
                "`{}` lies in what another change replaces; change the one or the other",
                changes[*index].path
            );
            let name = format!("changes/{index}/path");
            faults.push(InvalidParam::new(name, FaultCode::Contradiction, reason));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    edits.sort_by_key(|(steps, _)| std::cmp::Reverse(places_of_lists(steps)));
    for (steps, value) in edits {
        write(&mut amended, &steps, value);
    }
    Ok(Amended {
        text: if changes.is_empty() {
            text.to_owned()
        } else {
            amended.to_string()
        },
        changes: told,
    })
}

/// A value as TOML has it.
fn read(text: &str) -> Result<Value, String> {
    let table: Result<Table, _> = format!("value = {text}").parse();
    let value = table.ok().and_then(|mut it| match it.len() {
        1 => it.remove("value"),
        _ => None,
    });
    value.ok_or_else(|| {
        format!("`{text}` is no value of TOML; give a number, true or false, a list, or a text in quotes")
    })
}

/// The way to a place, and what is there; a new key has a way where its table is there.
fn find<'a>(
    places: &[Place<'a>],
    path: &str,
    may_be_new: bool,
) -> Option<(Vec<Step>, Option<&'a Value>)> {
    if let Some(place) = places.iter().find(|it| it.path == path) {
        return Some((place.steps.clone(), Some(place.value)));
    }
    let (table, key) = match path.rfind('.') {
        // A name in brackets can have a stop in it.
        Some(stop) if !path[stop..].contains(']') => (&path[..stop], &path[stop + 1..]),
        _ => ("", path),
    };
    if !may_be_new || key.is_empty() || key.contains(['[', ']', '.']) {
        return None;
    }
    let mut steps = match table {
        "" => Vec::new(),
        _ => {
            let place = places.iter().find(|it| it.path == table);
            place.filter(|it| it.value.is_table())?.steps.clone()
        }
    };
    steps.push(Step::Key(key.to_owned()));
    Some((steps, None))
}

/// What somebody is told who names a place that is not there: those that are most like it.
fn unknown(places: &[Place<'_>], path: &str) -> String {
    let known = nearest(places.iter().map(|it| it.path.as_str()), path, MOST_NAMED);
    format!("the scenario says nothing at `{path}`; near it are `{known}`")
}

fn places_of_lists(steps: &[Step]) -> Vec<usize> {
    let items = steps.iter().filter_map(|it| match it {
        Step::Item(place) => Some(*place),
        Step::Key(_) => None,
    });
    items.collect()
}

/// Puts a value at the end of a way, or removes what is there.
fn write(table: &mut Table, steps: &[Step], value: Option<Value>) {
    match steps {
        [Step::Key(key)] => match value {
            Some(value) => {
                table.insert(key.clone(), value);
            }
            None => {
                table.remove(key);
            }
        },
        [Step::Key(key), rest @ ..] => {
            if let Some(inner) = table.get_mut(key) {
                write_within(inner, rest, value);
            }
        }
        _ => (),
    }
}

fn write_within(within: &mut Value, steps: &[Step], value: Option<Value>) {
    match (within, steps) {
        (Value::Table(table), _) => write(table, steps, value),
        (Value::Array(items), [Step::Item(place)]) => match value {
            Some(value) => items[*place] = value,
            None => {
                items.remove(*place);
            }
        },
        (Value::Array(items), [Step::Item(place), rest @ ..]) => {
            write_within(&mut items[*place], rest, value);
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        name = "Call backs"
        horizon_months = 24
        [[initiatives]]
        name = "Call back"
        reach = { home = 1.0, "v2.1" = 0.5 }
        effects = [{ on = "hazard", size = "4% to 13%" }]
        costs = [{ type = "people", amount = 10 }, { type = "people", amount = 20 }]
        [[initiatives]]
        name = "Portal 2.0"
        reach = { home = 0.5 }
    "#;

    fn change(path: &str, value: Option<&str>) -> WhatIfChange {
        WhatIfChange {
            path: path.to_owned(),
            value: value.map(str::to_owned),
        }
    }

    fn reasons(changes: &[WhatIfChange]) -> Vec<(String, String)> {
        let faults = amend(TEXT, changes).unwrap_err();
        faults.into_iter().map(|it| (it.name, it.reason)).collect()
    }

    /// Numbers, texts, new keys, keys that go, tables of a list that go: and the rest stays.
    #[test]
    fn what_is_asked_for_is_otherwise_and_nothing_else() {
        let amended = amend(
            TEXT,
            &[
                change("initiatives[Call back].reach.home", Some("0.25")),
                change(
                    "initiatives[Call back].effects[hazard].size",
                    Some("\"2% to 5%\""),
                ),
                change("initiatives[Call back].costs[people]", None),
                change("initiatives[Call back].costs[people #2].amount", Some("25")),
                change("discount_rate", Some("0.08")),
                change("initiatives[Portal 2.0]", None),
            ],
        )
        .unwrap();
        let expected: Table = r#"
            name = "Call backs"
            horizon_months = 24
            discount_rate = 0.08
            [[initiatives]]
            name = "Call back"
            reach = { home = 0.25, "v2.1" = 0.5 }
            effects = [{ on = "hazard", size = "2% to 5%" }]
            costs = [{ type = "people", amount = 25 }]
        "#
        .parse()
        .unwrap();
        assert_eq!(amended.text.parse::<Table>().unwrap(), expected);
        let told = &amended.changes[1];
        assert_eq!(told.old.as_deref(), Some("\"4% to 13%\""));
        assert_eq!(amended.changes[4].old, None);
    }

    #[test]
    fn nothing_asked_is_the_text_to_the_byte() {
        let amended = amend(TEXT, &[]).unwrap();
        assert_eq!(amended.text, TEXT);
    }

    #[test]
    fn every_fault_is_told_at_its_place() {
        let told = reasons(&[
            change("initiatives[Call back].reach.homme.x", Some("1")),
            change("horizon_months", Some("24 months")),
            change("horizon_months", Some("12")),
            change("initiatives[Nobody].name", Some("\"x\"")),
            change("tax_rate", None),
        ]);
        let places: Vec<&str> = told.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(
            places,
            [
                "changes/0/path",
                "changes/1/value",
                "changes/2/path",
                "changes/3/path",
                "changes/4/path"
            ]
        );
        assert!(
            told[0].1.contains("`initiatives[Call back].reach.home`"),
            "{told:?}"
        );
        assert!(told[1].1.contains("`24 months` is no value"), "{told:?}");
    }

    #[test]
    fn what_goes_is_not_changed_as_well() {
        let told = reasons(&[
            change("initiatives[Call back]", None),
            change("initiatives[Call back].reach.home", Some("0.5")),
        ]);
        assert_eq!(told[0].0, "changes/1/path");
        assert!(told[0].1.contains("another change"), "{told:?}");
    }

    /// A value cannot bring a line of its own.
    #[test]
    fn a_value_is_one_value() {
        let told = reasons(&[change("horizon_months", Some("12\ntax_rate = 0.5"))]);
        assert!(told[0].1.contains("is no value of TOML"), "{told:?}");
    }
}
