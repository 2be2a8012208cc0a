//! How types are described to strangers who generate clients.
//!
//! utoipa describes each type once, as serde writes it. A stranger needs to know more: what a request may
//! not hold, which fields of an answer are always there, and which form of a union is meant. That is told
//! here, over the schemas of a whole document, so that no type has to say it.

mod direction;
mod variant;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

pub use direction::{Direction, direct, without_null};
pub use variant::name_variants;

/// Schemas by their names.
pub type Schemas = Map<String, Value>;

/// Where a document keeps its schemas.
pub const SCHEMAS: &str = "#/components/schemas/";

/// The schema that a request's body must fit, as a document of its own.
#[must_use]
pub fn request_document<T: ToSchema>() -> Value {
    let mut all = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut all);
    let described = all.into_iter().filter_map(|(name, schema)| {
        let schema = serde_json::to_value(schema).ok()?;
        Some((name, schema))
    });
    let mut schemas = Schemas::from_iter(described);
    name_variants(&mut schemas);
    schemas
        .values_mut()
        .for_each(|schema| direct(schema, Direction::Request));
    json!({"$ref": format!("{SCHEMAS}{}", T::name()), "components": {"schemas": schemas}})
}

/// Hands every object below a value to `each`.
pub fn walk(value: &mut Value, each: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            each(fields);
            fields.values_mut().for_each(|field| walk(field, each));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, each)),
        _ => {}
    }
}
