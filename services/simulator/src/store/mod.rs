//! Tables and queries: it alone knows Diesel.

pub mod approval;
pub mod assumption;
pub mod backtest;
pub mod baseline;
pub mod evidence;
pub mod link;
pub mod pilot;
pub mod policy;
pub mod programme;
pub mod question;
pub mod reference;
pub mod run;
pub mod scenario;
pub mod subject;
pub mod tracking;

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
        scenario_key -> Nullable<Text>,
        scenario_version -> Nullable<Integer>,
        resolved_scenario -> Nullable<Text>,
    }
}

diesel::table! {
    /// Who looked when whether an assumption of a scenario is still so.
    assumption_checks (id) {
        id -> Text,
        scenario_key -> Text,
        input -> Text,
        owner -> Text,
        checked_on -> Date,
        note -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Scenarios: every version of each.
    scenario_versions (id) {
        id -> Text,
        key -> Text,
        version -> Integer,
        name -> Text,
        scenario -> Text,
        hash -> Text,
        baseline_hash -> Text,
        forked_key -> Nullable<Text>,
        forked_version -> Nullable<Integer>,
        reason -> Nullable<Text>,
        archived -> Nullable<Text>,
        is_current -> Bool,
        recorded_at -> Timestamp,
        author -> Nullable<Text>,
    }
}

diesel::table! {
    /// Where versions of scenarios stand that were submitted.
    approvals (scenario_key, scenario_version) {
        scenario_key -> Text,
        scenario_version -> Integer,
        state -> Text,
        run_id -> Text,
        submitted_by -> Text,
        forecast -> Text,
    }
}

diesel::table! {
    /// Every step of them.
    approval_transitions (id) {
        id -> Text,
        scenario_key -> Text,
        scenario_version -> Integer,
        from_state -> Text,
        to_state -> Text,
        by_whom -> Text,
        reason -> Nullable<Text>,
        run_id -> Text,
        policy_version -> Nullable<Integer>,
        findings -> Text,
        exceptions -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What was forecast when versions were approved.
    frozen_forecasts (scenario_key, scenario_version) {
        scenario_key -> Text,
        scenario_version -> Integer,
        written_by -> Nullable<Text>,
        submitted_by -> Text,
        approved_by -> Text,
        forecast -> Text,
        frozen_at -> Timestamp,
    }
}

diesel::table! {
    /// What may be approved without an exception.
    approval_policies (version) {
        version -> Integer,
        statement -> Text,
        reason -> Text,
        by_whom -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Programmes: every version of each.
    programme_versions (id) {
        id -> Text,
        key -> Text,
        version -> Integer,
        name -> Text,
        state -> Text,
        statement -> Text,
        decisions -> Text,
        step -> Text,
        by_whom -> Text,
        reason -> Nullable<Text>,
        is_current -> Bool,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Which programme a key is of.
    programme_keys (key) {
        key -> Text,
        programme -> Text,
    }
}

diesel::table! {
    /// The library of evidence: every version of each.
    evidence_versions (id, version) {
        id -> Text,
        version -> Integer,
        key -> Text,
        lever -> Text,
        statement -> Text,
        hash -> Text,
        pilot_id -> Nullable<Text>,
        withdrawn -> Nullable<Text>,
        is_current -> Bool,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What the scenarios of runs refer to.
    run_references (run_id, position) {
        run_id -> Text,
        position -> Integer,
        kind -> Text,
        key -> Text,
        reference -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(runs, run_references);

diesel::table! {
    /// Pilots, as they were planned.
    pilots (id) {
        id -> Text,
        key -> Text,
        outcome -> Text,
        design -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Who is in which arm.
    pilot_customers (pilot_id, source, external_id) {
        pilot_id -> Text,
        source -> Text,
        external_id -> Text,
        is_treated -> Bool,
        wave -> Nullable<Integer>,
    }
}

diesel::table! {
    /// Every look at a pilot.
    pilot_readings (id) {
        id -> Text,
        pilot_id -> Text,
        reading -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What was asked of runs, and answered.
    questions (id) {
        id -> Text,
        run_id -> Text,
        question -> Text,
        report -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    /// Frozen forecasts held against records.
    trackings (id) {
        id -> Text,
        scenario_key -> Text,
        scenario_version -> Integer,
        until_on -> Date,
        has_drifted -> Bool,
        report -> Text,
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
