//! Bodies and rows that are read from JSON: every fault is named with its place, and what nobody asked
//! for is one.
//!
//! Reading is left to serde, which stops at the first fault. Where it did, the contract's own schema says
//! what else is wrong, so that a caller mends everything at once.

use keepworth_contract::FaultCode;
use std::collections::{BTreeSet, HashSet};
use std::marker::PhantomData;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use keepworth_contract::InvalidParam;
use keepworth_contract::description::request_document;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Failure;

/// At most this many faults are listed of one body.
const LISTED: usize = 100;
/// Characters of a value that are repeated in a reason.
const SHOWN: usize = 60;

/// Reads a body.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed) for what is no JSON, [`Kind::Invalid`](crate::Kind::Invalid)
/// with every fault of what is not the JSON that is asked for.
pub fn read<T: DeserializeOwned + ToSchema>(body: &[u8]) -> Result<T, Failure> {
    match read_closed(body) {
        Ok(value) if !may_hold_null(body) => Ok(value),
        Ok(value) => {
            let nulls = Faults::of::<T>().of_nulls(body);
            nulls.map_or(Ok(value), |faults| Err(Failure::invalid(faults)))
        }
        Err(Unread::Unknown(faults)) => Err(Failure::invalid(faults)),
        Err(Unread::Unfit(error)) => Err(unfit::<T>(body, &error)),
    }
}

/// Why a body is no `T`, which serde says with its first fault.
pub(crate) fn unfit<T: ToSchema>(body: &[u8], error: &Unfit) -> Failure {
    match serde_json::from_slice(body) {
        Ok(value) => Failure::invalid(Faults::of::<T>().of_value(&value, error)),
        Err(error) => Failure::malformed(format!("the body is not JSON: {error}")),
    }
}

/// Reads rows, each for itself.
pub(crate) struct RowReader<T> {
    /// Made for the first row that needs them.
    faults: Option<Faults>,
    row: PhantomData<T>,
}

impl<T: DeserializeOwned + ToSchema> RowReader<T> {
    pub(crate) fn new() -> Self {
        Self {
            faults: None,
            row: PhantomData,
        }
    }

    /// Reads a row, or says everything that is wrong with it.
    pub(crate) fn read(&mut self, row: &str) -> Result<T, Vec<InvalidParam>> {
        let json = row.as_bytes();
        match read_closed(json) {
            Ok(row) if !may_hold_null(json) => Ok(row),
            Ok(row) => self.faults().of_nulls(json).map_or(Ok(row), Err),
            Err(Unread::Unknown(faults)) => Err(faults),
            Err(Unread::Unfit(error)) => {
                let value = serde_json::from_str(row).unwrap_or_default();
                Err(self.faults().of_value(&value, &error))
            }
        }
    }

    fn faults(&mut self) -> &Faults {
        self.faults.get_or_insert_with(Faults::of::<T>)
    }
}

enum Unread {
    /// It fits but for what nobody asked for.
    Unknown(Vec<InvalidParam>),
    /// The first reason why it does not fit.
    Unfit(Unfit),
}

/// What serde stopped at, and where.
pub(crate) struct Unfit {
    place: String,
    reason: String,
}

impl Unfit {
    /// Reads once more, for the place.
    pub(crate) fn of<'a, T: Deserialize<'a>>(json: &'a [u8], error: &serde_json::Error) -> Self {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let again = serde_path_to_error::deserialize::<_, T>(&mut reader).err();
        let place = again.map(|it| it.path().to_string().replace('.', "/"));
        Self {
            place: place.filter(|it| it != "?").unwrap_or_default(),
            reason: error.to_string(),
        }
    }
}

/// Reads what has no field that nobody asked for.
fn read_closed<T: DeserializeOwned>(json: &[u8]) -> Result<T, Unread> {
    let mut unknown = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(json);
    let read = serde_ignored::deserialize(&mut reader, |path| {
        if unknown.len() < LISTED {
            // An `Option` on the way is a `?` in serde's path.
            unknown.push(path.to_string().replace(".?", "").replace('.', "/"));
        }
    });
    match read.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => {
            let faults = unknown.iter().map(|name| unknown_field(name));
            Err(Unread::Unknown(faults.collect()))
        }
        Err(error) => Err(Unread::Unfit(Unfit::of::<T>(json, &error))),
    }
}

/// Serde takes null for a field that is left out; the contract has no null.
fn may_hold_null(json: &[u8]) -> bool {
    json.windows(4).any(|it| it == b"null")
}

fn unknown_field(name: &str) -> InvalidParam {
    InvalidParam::new(
        name,
        FaultCode::UnknownField,
        "is not known here; correct its name or leave it out",
    )
}

/// Says what is wrong with values of one type.
struct Faults {
    schema: Option<Validator>,
    document: Value,
}

impl Faults {
    fn of<T: ToSchema>() -> Self {
        let options = jsonschema::options().should_validate_formats(true);
        let document = request_document::<T>();
        Self {
            schema: options.build(&document).ok(),
            document,
        }
    }

    /// Every place with a null where the contract has none; a text may say "null".
    fn of_nulls(&self, json: &[u8]) -> Option<Vec<InvalidParam>> {
        let value = serde_json::from_slice(json).ok()?;
        let errors = self
            .schema
            .iter()
            .flat_map(|schema| schema.iter_errors(&value));
        let nulls = errors.filter(|error| error.instance().is_null());
        let places = BTreeSet::from_iter(nulls.take(LISTED).map(|error| place(&error)));
        let reason = "is null; leave out what is not known";
        let nulls = places.into_iter();
        let nulls = nulls.map(|place| InvalidParam::new(place, FaultCode::WrongType, reason));
        Some(Vec::from_iter(nulls)).filter(|nulls| !nulls.is_empty())
    }

    /// Every fault of a value that could not be read, of which serde found the first.
    fn of_value(&self, value: &Value, first: &Unfit) -> Vec<InvalidParam> {
        let errors = self
            .schema
            .iter()
            .flat_map(|schema| schema.iter_errors(value));
        let mut faults = Vec::new();
        for error in errors.take(LISTED) {
            self.tell(&error, &mut faults);
        }
        if faults.is_empty() {
            // What the schema cannot say, such as that a day is before 1900.
            let (place, reason) = (&first.place, &first.reason);
            faults.push(InvalidParam::new(place, FaultCode::InvalidValue, reason));
        }
        // A wrong type breaks several rules of its place; the first says enough.
        let mut places = HashSet::new();
        faults.retain(|fault: &InvalidParam| places.insert(fault.name.clone()));
        faults
    }
}

impl Faults {
    fn tell(&self, error: &ValidationError<'_>, faults: &mut Vec<InvalidParam>) {
        use ValidationErrorKind as E;
        let place = place(error);
        let below = |name: &str| format!("{place}/{name}").trim_start_matches('/').to_owned();
        match error.kind() {
            E::AdditionalProperties { unexpected } => {
                faults.extend(unexpected.iter().map(|name| unknown_field(&below(name))));
            }
            E::Required { property } => faults.push(InvalidParam::new(
                below(property.as_str().unwrap_or_default()),
                FaultCode::Missing,
                "is missing; give it",
            )),
            // Of several forms, the one that fits best was meant.
            E::AnyOf { context } | E::OneOfNotValid { context } => {
                let nearest = context.iter().min_by_key(|errors| errors.len());
                nearest
                    .into_iter()
                    .flatten()
                    .for_each(|error| self.tell(error, faults));
            }
            kind => faults.push(InvalidParam::new(place, code(kind), self.reason(error))),
        }
    }

    /// In words: the value, what is wrong with it, and what it should be.
    fn reason(&self, error: &ValidationError<'_>) -> String {
        let value = error.instance().to_string();
        let shown: String = value.chars().take(SHOWN).collect();
        let dots = if shown.len() < value.len() { "…" } else { "" };
        let wrong = error.masked_with(format!("{shown}{dots}"));
        match self.example(error) {
            Some(example) => format!("{wrong}; write it such as {example}"),
            None => wrong.to_string(),
        }
    }

    /// A value of the form that was missed.
    fn example(&self, error: &ValidationError<'_>) -> Option<String> {
        if let ValidationErrorKind::Format { format } = error.kind() {
            return match format.as_str() {
                "date" => Some("2025-09-30".to_owned()),
                "date-time" => Some("2025-09-30T12:00:00Z".to_owned()),
                _ => None,
            };
        }
        let path = error.schema_path().to_string();
        let schema = self.document.pointer(path.rsplit_once('/')?.0)?;
        let example = schema
            .get("example")
            .or_else(|| schema["examples"].get(0))?;
        Some(example.to_string())
    }
}

/// Where it is, as a path such as `items/3/kind`.
fn place(error: &ValidationError<'_>) -> String {
    let place = error.instance_path().to_string();
    place.trim_start_matches('/').to_owned()
}

fn code(kind: &ValidationErrorKind) -> FaultCode {
    use ValidationErrorKind as E;
    match kind {
        E::Type { .. } => FaultCode::WrongType,
        E::Enum { .. } | E::Constant { .. } => FaultCode::UnknownValue,
        E::Format { .. } | E::Pattern { .. } => FaultCode::WrongFormat,
        E::Minimum { .. }
        | E::Maximum { .. }
        | E::ExclusiveMinimum { .. }
        | E::ExclusiveMaximum { .. } => FaultCode::OutOfRange,
        E::MinLength { .. } | E::MinItems { .. } => FaultCode::TooShort,
        E::MaxLength { .. } => FaultCode::TooLong,
        E::MaxItems { .. } => FaultCode::TooMany,
        _ => FaultCode::InvalidValue,
    }
}

#[cfg(test)]
mod tests {
    use keepworth_contract::experience::FeedbackInput;
    use keepworth_contract::finance::{FxRateInput, RevenueInput};
    use keepworth_contract::simulator::BaselineInput;

    use super::*;
    use crate::Kind;

    fn faults<T: DeserializeOwned + ToSchema>(row: &str) -> Vec<(String, String)> {
        let faults = RowReader::<T>::new().read(row).err().unwrap_or_default();
        faults.into_iter().map(|it| (it.name, it.code)).collect()
    }

    #[test]
    fn every_fault_of_a_row_is_named_at_once() {
        let row = r#"{"source": "crm", "external_id": "1", "customer_source": 7, "customer_external_id": "9",
            "kind": "SMILE", "score": "high", "responded_at": "yesterday", "sauce": true, "phase": null}"#;
        let mut found = faults::<FeedbackInput>(row);
        found.sort();
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("customer_source", "wrong_type"),
                ("kind", "unknown_value"),
                ("phase", "wrong_type"),
                ("responded_at", "wrong_format"),
                ("sauce", "unknown_field"),
                ("score", "wrong_type"),
            ]
        );
    }

    #[test]
    fn what_is_unknown_is_refused_at_its_place() {
        let row = r#"{"source": "b", "external_id": "1", "customer_source": "b", "customer_external_id": "1",
            "kind": "RECURRING", "month": "2025-09",
            "amount": {"amount": "1.00", "currency": "EUR", "vat": "0.19"}}"#;
        let unknown = ("amount/vat".to_owned(), "unknown_field".to_owned());
        assert_eq!(faults::<RevenueInput>(row), [unknown]);
    }

    #[test]
    fn null_is_no_value_but_may_be_a_word() {
        let row = |phase: &str| {
            let row = r#"{"source": "crm", "external_id": "1", "customer_external_id": "9", "kind": "NPS",
                "score": 9, "responded_at": "2025-01-01T00:00:00Z", "phase": PHASE}"#;
            faults::<FeedbackInput>(&row.replace("PHASE", phase))
        };
        assert_eq!(row("null"), [("phase".to_owned(), "wrong_type".to_owned())]);
        assert_eq!(row("\"annulled\""), []);
    }

    #[test]
    fn a_body_that_is_no_json_is_told_from_one_that_does_not_fit() {
        let read = |body: &str| {
            read::<FxRateInput>(body.as_bytes())
                .err()
                .map(|it| it.kind())
        };
        assert_eq!(read("{\"base\": "), Some(Kind::Malformed));
        assert_eq!(read("[]"), Some(Kind::Invalid));
        assert_eq!(read("{} {}"), Some(Kind::Malformed));
    }

    #[test]
    fn a_fault_says_what_to_write() {
        let body = r#"{"base": "usd", "quote": "EUR", "value": "0.9", "quoted_on": "soon", "source": "x"}"#;
        let faults = RowReader::<FxRateInput>::new().read(body).unwrap_err();
        let reasons: Vec<_> = faults.iter().map(|it| it.reason.as_str()).collect();
        let says = |text: &str| reasons.iter().any(|it| it.ends_with(text));
        assert!(
            says("such as \"EUR\"") && says("such as 2025-09-30"),
            "{reasons:?}"
        );
    }

    #[test]
    fn what_only_serde_finds_has_its_place() {
        let body = r#"{"as_of": "1850-01-01"}"#;
        let faults = RowReader::<BaselineInput>::new().read(body).unwrap_err();
        assert_eq!(faults[0].name, "as_of");
        assert!(faults[0].reason.contains("1850-01-01"), "{faults:?}");
    }

    #[test]
    fn a_reason_does_not_repeat_a_long_value() {
        let row = format!("{{\"source\": [{}1]}}", "1, ".repeat(1_000));
        let faults = RowReader::<FeedbackInput>::new().read(&row).unwrap_err();
        let fault = faults.iter().find(|it| it.name == "source").unwrap();
        assert!(fault.reason.len() < 200, "{}", fault.reason);
    }
}
