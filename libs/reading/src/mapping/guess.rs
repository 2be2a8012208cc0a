//! What a file is, told from its columns alone.
//!
//! A file can be a vendor's export that is known, or have the fields of a record for its columns. What can
//! be read in more than one way is refused with all of them: nobody is to find out later.

use std::fmt::Write;

use csv::StringRecord;

use super::bundle::Bundle;
use super::file::MappingFile;
use super::join::has_column;
use super::kind::{Field, Form, Kind};
use crate::Refusal;
use crate::refusal::refuse;

/// What a file was taken for.
#[derive(Debug)]
pub struct Guess {
    /// In words, such as `stripe's customers`.
    pub name: String,
    /// How its rows become records, as TOML.
    pub text: String,
    /// What its rows are.
    kind: &'static str,
}

/// What a file with this header is, of these kinds of records.
///
/// # Errors
/// A file that is nothing of it, or more than one thing: then all of them are named.
pub fn guess(kinds: &[&'static Kind], header: &StringRecord) -> Result<Guess, Refusal> {
    let mut readings = Vec::new();
    for bundle in Bundle::fitting(header)? {
        let kind = bundle.mapping()?.kind.unwrap_or_default();
        let known = kinds.iter().find(|it| it.name == kind);
        readings.extend(known.map(|known| Guess {
            name: bundle.name(),
            text: bundle.text.to_owned(),
            kind: known.name,
        }));
    }
    readings.extend(kinds.iter().filter_map(|kind| of_fields(kind, header)));
    if readings.len() > 1 {
        let names = readings
            .iter()
            .map(|it| format!("{} ({})", it.name, it.kind));
        refuse!(
            "the file can be read as {}; say which: name its kind, its vendor or a mapping",
            Vec::from_iter(names).join(" or as ")
        );
    }
    match readings.pop() {
        Some(guess) => Ok(guess),
        None => refuse!("{}", unknown(kinds)),
    }
}

impl Guess {
    /// Its mapping.
    ///
    /// # Errors
    /// A mapping that cannot be read, which only a name of a column could bring about.
    pub fn mapping(&self) -> Result<MappingFile, Refusal> {
        MappingFile::parse(&self.text)
    }
}

/// The columns that say a field.
fn columns(field: &Field) -> Vec<&'static str> {
    match field.form {
        Form::Money => vec![field.name, "currency"],
        _ => vec![field.name],
    }
}

/// A file whose columns are named as the fields are.
fn of_fields(kind: &'static Kind, header: &StringRecord) -> Option<Guess> {
    let is_there = |field: &&Field| columns(field).iter().all(|it| has_column(header, it));
    let needed = |field: &&Field| field.required;
    if !kind.fields.iter().filter(needed).all(|it| is_there(&it)) {
        return None;
    }
    // Each record says its own source.
    let mut text = format!("kind = \"{}\"\nsource = \"\"\n\n[fields]\n", kind.name);
    for field in kind.fields.iter().filter(is_there) {
        let cells = columns(field).into_iter().map(|it| format!("{{{it}}}"));
        let cells = Vec::from_iter(cells).join(" ");
        let _ = writeln!(text, "{} = \"{cells}\"", field.name);
    }
    Some(Guess {
        name: format!("{} with columns named as the fields are", kind.name),
        text,
        kind: kind.name,
    })
}

/// What the columns would have to be.
fn unknown(kinds: &[&Kind]) -> String {
    let mut text = "nothing is known whose columns these are; give a mapping, or name the columns \
        as the fields are:"
        .to_owned();
    for kind in kinds {
        let needed = kind.fields.iter().filter(|field| field.required);
        let needed: Vec<&str> = needed.flat_map(columns).collect();
        let _ = write!(text, "\n  {}: {}", kind.name, needed.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<&'static Kind> {
        super::super::KINDS.iter().collect()
    }

    fn of(header: &[&str]) -> Result<Guess, Refusal> {
        guess(&kinds(), &header.iter().collect())
    }

    #[test]
    fn columns_named_as_fields_need_no_mapping() {
        let guess = of(&["source", "External ID", "segment", "acquired_on", "phone"]).unwrap();
        assert_eq!(guess.kind, "customers");
        let mapping = guess.mapping().unwrap();
        let header: StringRecord = ["source", "External ID", "segment", "acquired_on", "phone"]
            .iter()
            .collect();
        let kind = Kind::find("customers").unwrap();
        let mapping = mapping.prepare(kind, &header, None).unwrap();
        assert_eq!(mapping.unused_columns, ["phone"]);
    }

    #[test]
    fn a_known_export_needs_none_either() {
        let stripe = ["id", "Created (UTC)", "Plan", "Status", "Email"];
        assert_eq!(of(&stripe).unwrap().name, "stripe's customers");
        let finance: Vec<_> = kinds()
            .into_iter()
            .filter(|it| it.service == "finance")
            .collect();
        assert!(guess(&finance, &stripe.iter().collect()).is_err());
    }

    #[test]
    fn what_has_two_readings_is_refused_with_both() {
        let both = [
            "source",
            "external_id",
            "posted_on",
            "category",
            "amount",
            "currency",
            "customer_external_id",
        ];
        let why = of(&both).unwrap_err().to_string();
        assert!(
            why.contains("ledger-entries") && why.contains("or as revenues"),
            "{why}"
        );
        let why = of(&["a", "b"]).unwrap_err().to_string();
        assert!(
            why.contains("customers: source, external_id, segment, acquired_on"),
            "{why}"
        );
    }
}
