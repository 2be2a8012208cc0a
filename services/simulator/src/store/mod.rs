//! Tables and queries: it alone knows Diesel.

pub mod backtest;
pub mod baseline;
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

diesel::table! {
    /// Baselines held against what came.
    backtests (id) {
        id -> Text,
        as_of -> Date,
        until_on -> Date,
        baseline_hash -> Text,
        input_hash -> Text,
        report -> Text,
        created_at -> Timestamp,
    }
}
