//! The table, as diesel knows it.

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        input -> Text,
        errand -> Nullable<Text>,
        state -> Text,
        done -> BigInt,
        total -> BigInt,
        attempts -> Integer,
        due_at -> Timestamp,
        worker -> Nullable<Text>,
        is_cancelled -> Bool,
        failure -> Nullable<Text>,
        result -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}
