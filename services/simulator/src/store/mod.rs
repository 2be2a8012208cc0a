//! Tables and queries: it alone knows Diesel.

pub mod baseline;
pub mod link;
pub mod run;
pub mod subject;

diesel::table! {
    /// Frozen baselines, each under its hash.
    baselines (hash) {
        hash -> Text,
        id -> Text,
        as_of -> Date,
        currency -> Text,
        document -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// What experiences have to do with leaving.
    links (id) {
        id -> Text,
        exposure -> Text,
        verdict -> Text,
        reason -> Text,
        as_of -> Date,
        document -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Finished runs.
    runs (id) {
        id -> Text,
        scenario_name -> Text,
        scenario -> Text,
        baseline_hash -> Text,
        options -> Text,
        input_hash -> Text,
        status -> Text,
        result -> Text,
        created_at -> Timestamp,
    }
}
