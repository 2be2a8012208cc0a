//! What can be imported: kinds of records, and the fields of each.

/// A kind of record.
pub(crate) struct Kind {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The service that takes it.
    pub(crate) service: &'static str,
    /// The resource of the service's contract.
    pub(crate) resource: &'static str,
    /// Its fields, as in the service's contract (a test holds both together).
    pub(crate) fields: &'static [Field],
}

/// A field of a record.
pub(crate) struct Field {
    /// Its name in the contract.
    pub(crate) name: &'static str,
    /// What its text is turned into.
    pub(crate) form: Form,
    /// Whether every record needs it.
    pub(crate) required: bool,
}

/// What a field's text is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Taken as it is.
    Text,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    Time,
    /// `YYYY-MM`.
    Month,
    /// A whole number.
    Integer,
    /// `1234.50 EUR`.
    Money,
    /// `yes` or `no`.
    Flag,
}

const fn required(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        required: true,
    }
}

const fn optional(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        required: false,
    }
}

/// Every kind.
pub(crate) const KINDS: [Kind; 7] = [
    Kind {
        name: "customers",
        service: "customers",
        resource: "customers",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            required("segment", Form::Text),
            required("acquired_on", Form::Date),
            optional("acquisition_channel", Form::Text),
            optional("observed_from", Form::Date),
            optional("observed_to", Form::Date),
            optional("left_on", Form::Date),
            optional("leaving_cause", Form::Text),
        ],
    },
    Kind {
        name: "lifecycle-events",
        service: "customers",
        resource: "lifecycle-events",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            optional("customer_source", Form::Text),
            required("customer_external_id", Form::Text),
            required("kind", Form::Text),
            required("occurred_on", Form::Date),
            optional("cause", Form::Text),
            optional("detail", Form::Text),
        ],
    },
    Kind {
        name: "feedback",
        service: "experience",
        resource: "feedback",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            optional("customer_source", Form::Text),
            required("customer_external_id", Form::Text),
            required("kind", Form::Text),
            required("score", Form::Integer),
            required("responded_at", Form::Time),
            optional("phase", Form::Text),
            optional("channel", Form::Text),
        ],
    },
    Kind {
        name: "interactions",
        service: "experience",
        resource: "interactions",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            optional("customer_source", Form::Text),
            required("customer_external_id", Form::Text),
            required("channel", Form::Text),
            required("started_at", Form::Time),
            required("handle_seconds", Form::Integer),
            required("outcome", Form::Text),
            optional("phase", Form::Text),
            optional("issue", Form::Text),
        ],
    },
    Kind {
        name: "ledger-entries",
        service: "finance",
        resource: "ledger-entries",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            required("posted_on", Form::Date),
            required("category", Form::Text),
            required("amount", Form::Money),
            optional("segment", Form::Text),
            optional("channel", Form::Text),
            optional("basis", Form::Text),
            optional("component", Form::Text),
            optional("account", Form::Text),
            optional("cost_center", Form::Text),
            optional("campaign", Form::Text),
            optional("programme", Form::Text),
            optional("line", Form::Text),
            optional("voucher", Form::Text),
            optional("capex", Form::Flag),
            optional("note", Form::Text),
        ],
    },
    Kind {
        name: "revenues",
        service: "finance",
        resource: "revenues",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            optional("customer_source", Form::Text),
            required("customer_external_id", Form::Text),
            optional("month", Form::Month),
            optional("months", Form::Integer),
            optional("from", Form::Date),
            optional("until", Form::Date),
            optional("cancelled_on", Form::Date),
            required("amount", Form::Money),
            optional("kind", Form::Text),
        ],
    },
    Kind {
        name: "campaign-touches",
        service: "finance",
        resource: "campaign-touches",
        fields: &[
            required("source", Form::Text),
            required("external_id", Form::Text),
            optional("customer_source", Form::Text),
            required("customer_external_id", Form::Text),
            required("campaign", Form::Text),
            required("touched_on", Form::Date),
        ],
    },
];

impl Kind {
    /// The kind of that name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of all kinds, for messages.
    pub(crate) fn names() -> String {
        KINDS
            .iter()
            .map(|kind| kind.name)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::registry::SERVICES;

    /// The record's fields in the service's contract, and whether each is required.
    fn in_contract(kind: &Kind) -> BTreeMap<String, bool> {
        let entry = SERVICES
            .iter()
            .find(|entry| entry.name == kind.service)
            .unwrap();
        let document = serde_json::to_value((entry.document)()).unwrap();
        let resolve = |schema: &Value| -> Value {
            let reference = schema["$ref"].as_str().unwrap().trim_start_matches('#');
            document.pointer(reference).unwrap().clone()
        };
        let path = format!("/v1/{}:batch_upsert", kind.resource);
        let body = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"];
        let batch = resolve(&body["schema"]);
        let parts = batch["allOf"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![batch.clone()]);
        let items = parts
            .iter()
            .map(|part| &part["properties"]["items"]["items"]);
        let record = resolve(items.into_iter().find(|it| it.is_object()).unwrap());
        let required = record["required"].as_array().unwrap();
        let names = record["properties"].as_object().unwrap().keys();
        names
            .map(|name| (name.clone(), required.contains(&name.as_str().into())))
            .collect()
    }

    #[test]
    fn kinds_have_the_fields_of_the_contract() {
        for kind in &KINDS {
            let fields: BTreeMap<String, bool> = kind
                .fields
                .iter()
                .map(|it| (it.name.to_owned(), it.required))
                .collect();
            assert_eq!(fields, in_contract(kind), "{}", kind.name);
        }
    }
}
