//! What can be imported: kinds of records, and the fields of each.

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    /// Its name on the command line.
    pub name: &'static str,
    /// The service that takes it.
    pub service: &'static str,
    /// The resource of the service's contract.
    pub resource: &'static str,
    /// Its fields, as in the service's contract (a test holds both together).
    pub fields: &'static [Field],
}

/// A field of a record.
#[derive(Debug)]
pub struct Field {
    /// Its name in the contract.
    pub name: &'static str,
    /// What its text is turned into.
    pub form: Form,
    /// Whether every record needs it.
    pub required: bool,
}

/// What a field's text is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
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
pub const KINDS: [Kind; 7] = [
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
            optional("segment", Form::Text),
            optional("from_segment", Form::Text),
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
    pub fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of all kinds, for messages.
    pub fn names() -> String {
        KINDS
            .iter()
            .map(|kind| kind.name)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
