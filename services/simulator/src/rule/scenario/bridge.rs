//! The way from one scenario to another, one change after the other.

use keepworth_verdict::place::named_items;
use toml::{Table, Value};

/// A scenario on the way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is changed in it that was not before: an initiative, a segment or a key.
    pub(crate) changed: String,
    /// The text with it.
    pub(crate) text: String,
}

/// The way from one text to another, in the order of their keys. Initiatives, segments and other tables of lists are one
/// step each, found by their names.
///
/// # Errors
/// A text that is no TOML.
pub(crate) fn steps(from: &str, to: &str) -> Result<Vec<Step>, toml::de::Error> {
    let (mut current, to): (Table, Table) = (from.parse()?, to.parse()?);
    let mut steps = Vec::new();
    let mut keys: Vec<String> = current.keys().chain(to.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (old, new) = (current.get(&key).cloned(), to.get(&key).cloned());
        match [list(old.as_ref()), list(new.as_ref())] {
            [Some(old), Some(new)] => through_list(&mut current, &key, old, new, &mut steps),
            _ if old != new => {
                put(&mut current, &key, new);
                steps.push(Step::to(key, &current));
            }
            _ => (),
        }
    }
    Ok(steps)
}

impl Step {
    fn to(changed: String, table: &Table) -> Self {
        Self {
            changed,
            text: table.to_string(),
        }
    }
}

/// The tables of a list; an empty one where there is nothing.
fn list(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None => Some(&[]),
        Some(Value::Array(items)) if items.iter().all(Value::is_table) => Some(items),
        Some(_) => None,
    }
}

fn through_list(
    current: &mut Table,
    key: &str,
    old: &[Value],
    new: &[Value],
    steps: &mut Vec<Step>,
) {
    let mut items: Vec<(String, Value)> = named_items(old)
        .map(|(name, it)| (name, it.clone()))
        .collect();
    let new: Vec<(String, &Value)> = named_items(new).collect();
    let mut names: Vec<String> = items.iter().map(|it| it.0.clone()).collect();
    names.extend(new.iter().map(|it| it.0.clone()));
    names.sort();
    names.dedup();
    for name in names {
        let place = items.iter().position(|it| it.0 == name);
        let wanted = new.iter().find(|it| it.0 == name).map(|it| it.1.clone());
        match (place, wanted) {
            (Some(place), Some(wanted)) if items[place].1 != wanted => items[place].1 = wanted,
            (Some(place), None) => drop(items.remove(place)),
            (None, Some(wanted)) => items.push((name.clone(), wanted)),
            _ => continue,
        }
        let values = Vec::from_iter(items.iter().map(|it| it.1.clone()));
        put(
            current,
            key,
            (!values.is_empty()).then_some(Value::Array(values)),
        );
        steps.push(Step::to(format!("{key}[{name}]"), current));
    }
}

fn put(table: &mut Table, key: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(table.insert(key.to_owned(), value)),
        None => drop(table.remove(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = r#"
        name = "A"
        discount_rate = 0.1
        [[initiatives]]
        name = "Call back"
        reach = { home = 1.0 }
        [[initiatives]]
        name = "Training"
    "#;
    const TO: &str = r#"
        name = "A"
        discount_rate = 0.12
        tax_rate = 0.25
        [[initiatives]]
        name = "Portal"
        [[initiatives]]
        name = "Call back"
        reach = { home = 0.5 }
    "#;

    #[test]
    fn every_change_is_a_step_and_the_last_is_the_other() {
        let steps = steps(FROM, TO).unwrap();
        let changed: Vec<&str> = steps.iter().map(|it| it.changed.as_str()).collect();
        assert_eq!(
            changed,
            [
                "discount_rate",
                "initiatives[Call back]",
                "initiatives[Portal]",
                "initiatives[Training]",
                "tax_rate"
            ]
        );
        let table = |text: &str| text.parse::<Table>().unwrap();
        let last = table(&steps.last().unwrap().text);
        let sorted = |table: &Table| {
            let mut names = Vec::from_iter(named_items(table["initiatives"].as_array().unwrap()));
            names.sort_by(|a, b| a.0.cmp(&b.0));
            format!("{names:?}")
        };
        assert_eq!(sorted(&last), sorted(&table(TO)));
        assert_eq!(last["tax_rate"], table(TO)["tax_rate"]);
        // Each stands on the one before.
        let second = table(&steps[1].text);
        assert_eq!(second["discount_rate"], Value::from(0.12));
        assert!(!second.contains_key("tax_rate"));
    }

    #[test]
    fn order_alone_is_no_step() {
        let (head, tail) = FROM.split_at(FROM.find("[[").unwrap());
        let (first, second) = tail.split_at(tail.rfind("[[").unwrap());
        assert_eq!(
            steps(FROM, &format!("{head}{second}\n{first}")).unwrap(),
            []
        );
    }
}
