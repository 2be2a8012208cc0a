//! Unions: every form has a name, and a discriminator says which one is there.

use serde_json::{Map, Value, json};

use super::{SCHEMAS, Schemas};

/// Gives every form of a tagged union a schema of its own.
///
/// utoipa describes the forms in place, those that hold another type as all of that type and the tag:
/// generators make nameless types of the first, and of the second, where the type is closed, none at all.
pub fn name_variants(schemas: &mut Schemas) {
    let unions = schemas.iter().filter(|(_, it)| it["oneOf"].is_array());
    let unions = Vec::from_iter(unions.map(|(name, schema)| (name.clone(), schema.clone())));
    for (name, union) in unions {
        let Some(named) = named(&name, &union, schemas) else {
            continue;
        };
        let mapping = named.variants.iter().map(|(tag, variant, _)| {
            let reference = format!("{SCHEMAS}{variant}");
            (tag.clone(), Value::String(reference))
        });
        let mapping = Map::from_iter(mapping);
        let forms = Vec::from_iter(mapping.values().map(|it| json!({"$ref": it})));
        let mut described = json!({
            "oneOf": forms,
            "discriminator": {"propertyName": named.tag, "mapping": mapping},
        });
        if let Some(description) = union.get("description") {
            described["description"] = description.clone();
        }
        let variants = named
            .variants
            .into_iter()
            .map(|(_, name, schema)| (name, schema));
        schemas.extend(variants);
        schemas.insert(name, described);
    }
}

struct Named {
    /// The property that tells.
    tag: String,
    /// Value of the tag, name and schema.
    variants: Vec<(String, String, Value)>,
}

/// A union's forms under names, if one property tells all of them apart.
fn named(union_name: &str, union: &Value, schemas: &Schemas) -> Option<Named> {
    let forms = union["oneOf"].as_array()?;
    let merged: Vec<Value> = forms.iter().map(|it| merged(it, schemas)).collect();
    let tag = merged.first()?["properties"]
        .as_object()?
        .iter()
        .find_map(|(name, it)| only_value(it).map(|_| name.clone()))?;
    let variants = merged.into_iter().map(|schema| {
        let value = only_value(&schema["properties"][&tag])?.to_owned();
        let name = format!("{union_name}{}", camel(&value));
        Some((value, name, schema))
    });
    let variants = variants.collect::<Option<Vec<_>>>()?;
    Some(Named { tag, variants })
}

/// The one value that a property can have.
fn only_value(property: &Value) -> Option<&str> {
    match property["enum"].as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// `AVOIDABLE_SHARE` as `AvoidableShare`.
fn camel(value: &str) -> String {
    let words = value.split('_').filter(|it| !it.is_empty());
    let words = words.map(|word| word[..1].to_uppercase() + &word[1..].to_lowercase());
    words.collect()
}

/// A form with all its properties in one place.
fn merged(form: &Value, schemas: &Schemas) -> Value {
    let Some(parts) = form["allOf"].as_array() else {
        return form.clone();
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let mut description = form.get("description").cloned();
    for part in parts {
        let name = part["$ref"]
            .as_str()
            .and_then(|it| it.strip_prefix(SCHEMAS));
        let part = name.and_then(|it| schemas.get(it)).unwrap_or(part);
        if let Some(own) = part["properties"].as_object() {
            properties.extend(own.clone());
        }
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
        description = description.or_else(|| part.get("description").cloned());
    }
    let mut whole = json!({"type": "object", "properties": properties, "required": required});
    if let Some(description) = description {
        whole["description"] = description;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_union_has_a_name() {
        let tag = |value: &str| json!({"type": "string", "enum": [value]});
        let Value::Object(mut schemas) = json!({
            "Cost": {"type": "object", "required": ["minor"], "properties": {"minor": {"type": "integer"}}},
            "Row": {"description": "A row.", "oneOf": [
                {"allOf": [{"$ref": "#/components/schemas/Cost"},
                           {"type": "object", "required": ["row"], "properties": {"row": tag("COST")}}]},
                {"type": "object", "required": ["row"], "properties": {"row": tag("NO_COST")}},
            ]},
            "Level": {"oneOf": [{"type": "number"}, {"type": "string"}]},
        }) else {
            unreachable!()
        };
        name_variants(&mut schemas);
        assert_eq!(schemas["Row"]["discriminator"]["propertyName"], "row");
        let place = "#/components/schemas/RowNoCost";
        assert_eq!(schemas["Row"]["discriminator"]["mapping"]["NO_COST"], place);
        assert_eq!(
            schemas["Row"]["oneOf"][0]["$ref"],
            "#/components/schemas/RowCost"
        );
        assert_eq!(schemas["RowCost"]["required"], json!(["minor", "row"]));
        assert!(schemas["RowCost"]["properties"]["minor"].is_object());
        assert!(
            schemas["Level"].get("discriminator").is_none(),
            "nothing tells"
        );
    }
}
