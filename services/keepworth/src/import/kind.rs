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
pub(crate) const KINDS: [Kind; 6] = [
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
            required("month", Form::Month),
            optional("months", Form::Integer),
            required("amount", Form::Money),
            optional("kind", Form::Text),
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
