//! Tables, apart from the modules that bear their names.

diesel::table! {
    /// What customers answered, each answer in its last version.
    feedback (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        customer_source -> Text,
        customer_external_id -> Text,
        kind -> Text,
        score -> Integer,
        responded_at -> Timestamp,
        month -> Integer,
        phase -> Nullable<Text>,
        channel -> Nullable<Text>,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Contacts, each in its last version.
    interactions (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        customer_source -> Text,
        customer_external_id -> Text,
        channel -> Text,
        started_at -> Timestamp,
        month -> Integer,
        handle_seconds -> BigInt,
        outcome -> Text,
        phase -> Nullable<Text>,
        issue -> Nullable<Text>,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
}
