//! Where something stands in a scenario's text, by the path of its keys.
//!
//! Tables of a list are found by what names them and not by their place: who writes an initiative above the others has
//! changed none of them.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// A step from a value into one that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

/// A value of a scenario, and where it stands.
#[derive(Debug)]
pub struct Place<'a> {
    /// Its path, as people read it.
    pub path: String,
    /// The way to it from the top.
    pub steps: Vec<Step>,
    /// What stands there.
    pub value: &'a Value,
}

impl Place<'_> {
    /// Whether it holds others, which say something in its stead.
    pub fn holds_others(&self) -> bool {
        match self.value {
            Value::Table(table) => !table.is_empty(),
            Value::Array(items) => items.iter().any(Value::is_table),
            _ => false,
        }
    }
}

/// Every value of a scenario, those that hold others too.
pub fn places(table: &Table) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    add_table("", &[], table, &mut found);
    found
}

fn add_table<'a>(path: &str, steps: &[Step], table: &'a Table, found: &mut Vec<Place<'a>>) {
    for (key, value) in table {
        let path = match path {
            "" => key.clone(),
            _ => format!("{path}.{key}"),
        };
        add(&path, &with(steps, Step::Key(key.clone())), value, found);
    }
}

fn add<'a>(path: &str, steps: &[Step], value: &'a Value, found: &mut Vec<Place<'a>>) {
    let place = Place {
        path: path.to_owned(),
        steps: steps.to_vec(),
        value,
    };
    let holds_others = place.holds_others();
    found.push(place);
    match value {
        Value::Table(table) => add_table(path, steps, table, found),
        Value::Array(items) if holds_others => {
            for (place, (name, item)) in named_items(items).enumerate() {
                let steps = with(steps, Step::Item(place));
                add(&format!("{path}[{name}]"), &steps, item, found);
            }
        }
        _ => (),
    }
}

/// The places of a scenario that have an input of a result: where it is written, or the tables that bring it.
///
/// # Errors
/// A text that is no TOML; none such is kept.
pub fn places_of_input(text: &str, input: &str) -> Result<Vec<String>, toml::de::Error> {
    let table: Table = text.parse()?;
    let own = ["initiatives", "segments"].into_iter().find_map(|list| {
        let rest = input.strip_prefix(list)?.strip_prefix('.')?;
        Some((list, rest))
    });
    let has_it = |place: &Place<'_>| match own {
        // Names can have stops in them: the longest name that the input begins with is whose it is.
        Some((list, rest)) => {
            let name = place
                .path
                .strip_prefix(list)
                .and_then(|it| it.strip_prefix('['));
            let name = name.and_then(|it| it.strip_suffix(']'));
            name.is_some_and(|name| {
                let what = rest.strip_prefix(name);
                place.steps.len() == 2 && what.is_some_and(|it| it.starts_with('.'))
            })
        }
        None => {
            let is_named = place.path.strip_prefix("inputs.") == Some(input);
            is_named || (refers(place) && place.value.as_str() == Some(input))
        }
    };
    let places = places(&table).into_iter().filter(has_it);
    let mut found = Vec::from_iter(places.map(|it| match refers(&it) {
        true => it.path[..it.path.len() - REFERENCE.len()].to_owned(),
        false => it.path,
    }));
    if own.is_some() {
        let longest = found.iter().map(String::len).max();
        found.retain(|it| Some(it.len()) == longest);
    }
    Ok(found)
}

/// What the path of a figure ends with that is an input's: `amount = { input = "licences" }`.
const REFERENCE: &str = ".input";

fn refers(place: &Place<'_>) -> bool {
    place.path.ends_with(REFERENCE)
}

fn with(steps: &[Step], step: Step) -> Vec<Step> {
    let mut steps = steps.to_vec();
    steps.push(step);
    steps
}

/// The items of a list, each with what names it; of those that are called alike all but the first have a number.
pub fn named_items(items: &[Value]) -> impl Iterator<Item = (String, &Value)> {
    let mut named = BTreeMap::new();
    items.iter().enumerate().map(move |(place, item)| {
        let name = name(item).unwrap_or_else(|| place.to_string());
        let times = named.entry(name.clone()).or_insert(0_u32);
        *times += 1;
        match times {
            1 => (name, item),
            _ => (format!("{name} #{times}"), item),
        }
    })
}

/// What names a table among others of its list: its name, or else what it acts on, buys or speaks of.
fn name(item: &Value) -> Option<String> {
    let table = item.as_table()?;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let of = |first: &str, more: &[&str]| {
        let more = more.iter().filter_map(|it| text(it));
        let parts = std::iter::once(text(first)?).chain(more);
        Some(Vec::from_iter(parts).join(", "))
    };
    of("name", &[])
        .or_else(|| of("on", &["cause", "issue", "channel"]))
        .or_else(|| of("type", &["note"]))
        .or_else(|| of("code", &[]))
        .or_else(|| of("grade", &[]))
}

#[cfg(test)]
mod tests {
    use super::places_of_input;

    const TEXT: &str = r#"
        [inputs]
        "seats per call" = "2 to 3"
        [[segments]]
        name = "v2"
        [[segments]]
        name = "v2.1"
        [[initiatives]]
        name = "Call back"
        effects = [{ on = "hazard", size = { input = "seats per call" } }]
    "#;

    #[test]
    fn an_input_is_found_where_it_is_written() {
        for (input, places) in [
            (
                "initiatives.Call back.hazard",
                vec!["initiatives[Call back]"],
            ),
            ("segments.v2.1.revenue", vec!["segments[v2.1]"]),
            ("segments.v2.revenue", vec!["segments[v2]"]),
            (
                "seats per call",
                vec![
                    "initiatives[Call back].effects[hazard].size",
                    "inputs.seats per call",
                ],
            ),
            ("records.home.revenue", vec![]),
        ] {
            let mut found = places_of_input(TEXT, input).unwrap();
            found.sort();
            assert_eq!(found, places, "{input}");
        }
    }
}
