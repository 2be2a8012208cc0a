//! Tables and queries: it alone knows Diesel.

pub mod account;
pub mod allocation_rule;
pub mod avoidable_share;
pub mod budget;
pub mod campaign_touch;
pub mod charge;
pub mod cost;
pub mod economics;
pub mod fx_rate;
pub mod general_ledger_file;
pub mod ledger_entry;
pub mod period_close;
pub mod recurring;
pub mod response_history;
pub mod revenue;
pub mod segment_month;
pub mod subject;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use keepworth_store::Named;

/// Tables of the same columns: of what is known now, and of what was known until `superseded_at`.
macro_rules! with_past {
    (
        $(#[$doc:meta])* $now:ident $key:tt $columns:tt
        $($(#[$past_doc:meta])* $past:ident $past_key:tt)*
    ) => {
        table_of! { { $(#[$doc])* $now $key } {} $columns }
        $(table_of! { { $(#[$past_doc])* $past $past_key } { superseded_at -> Timestamp, } $columns })*
    };
}

/// A table of some columns of its own, and those of another.
macro_rules! table_of {
    (
        { $(#[$doc:meta])* $table:ident ($($key:ident),*) }
        { $($own:ident -> $own_type:ident,)* }
        { $($column:ident -> $type:ident $(<$inner:ident>)?,)* }
    ) => {
        diesel::table! {
            $(#[$doc])*
            $table ($($key),*) {
                $($own -> $own_type,)*
                $($column -> $type $(<$inner>)?,)*
            }
        }
    };
}

with_past! {
    /// What was spent, each entry in its last version.
    ledger_entries (id)
    {
        id -> Text,
        source -> Text,
        external_id -> Text,
        posted_on -> Date,
        month -> Integer,
        category -> Text,
        component -> Nullable<Text>,
        minor -> BigInt,
        currency -> Text,
        segment -> Nullable<Text>,
        channel -> Nullable<Text>,
        account -> Nullable<Text>,
        cost_center -> Nullable<Text>,
        campaign -> Nullable<Text>,
        programme -> Nullable<Text>,
        line -> Nullable<Text>,
        voucher -> Nullable<Text>,
        capex -> Bool,
        assumed -> Bool,
        note -> Nullable<Text>,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
    /// What entries said before they were corrected.
    ledger_entry_versions (id, recorded_at)
    /// What entries said, and until when.
    ledger_entry_history (id, recorded_at)
}

with_past! {
    /// What customers were charged.
    revenues (id)
    {
        id -> Text,
        source -> Text,
        external_id -> Text,
        customer_source -> Text,
        customer_external_id -> Text,
        month -> Integer,
        months -> Integer,
        minor -> BigInt,
        currency -> Text,
        kind -> Text,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
        from_on -> Nullable<Date>,
        until_on -> Nullable<Date>,
        cancelled_on -> Nullable<Date>,
    }
    /// What revenues said, and until when.
    revenue_history (id, recorded_at)
}

diesel::table! {
    /// Months whose books are closed.
    period_closes (month) {
        month -> Integer,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Files of general ledgers that wait for their job.
    general_ledger_files (job_id) {
        job_id -> Text,
        content -> Binary,
    }
}

diesel::table! {
    /// Exchange rates, in billionths.
    fx_rates (id) {
        id -> Text,
        source -> Text,
        base -> Text,
        quote -> Text,
        quoted_on -> Date,
        billionths -> BigInt,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// The chart of accounts, as far as it says what is cost.
    accounts (code) {
        code -> Text,
        name -> Text,
        category -> Nullable<Text>,
        component -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

with_past! {
    /// What each segment did in a month.
    segment_months (month, segment)
    {
        month -> Integer,
        segment -> Text,
        customers -> BigInt,
        new_customers -> BigInt,
        new_from_paid -> BigInt,
        contacts -> BigInt,
        minutes -> BigInt,
        revenue_minor -> BigInt,
        headcount -> BigInt,
        recorded_at -> Timestamp,
    }
    /// What each segment was held to have done, and until when.
    segment_month_history (month, segment, recorded_at)
}

with_past! {
    /// What each segment did in a month by channel.
    segment_channel_months (month, segment, channel)
    {
        month -> Integer,
        segment -> Text,
        channel -> Text,
        contacts -> BigInt,
        handle_seconds -> BigInt,
        new_customers -> BigInt,
        recorded_at -> Timestamp,
    }
    /// The same by channel.
    segment_channel_month_history (month, segment, channel, recorded_at)
}

diesel::table! {
    /// How shared costs are split, in versions.
    allocation_rules (id) {
        id -> Text,
        category -> Text,
        version -> Integer,
        effective_month -> Integer,
        method -> Text,
        shares -> Text,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What a programme may cost, in versions.
    budgets (id) {
        id -> Text,
        programme -> Text,
        version -> Integer,
        effective_on -> Date,
        currency -> Text,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What a budget plans by month and kind of money.
    budget_lines (budget_id, month, line) {
        budget_id -> Text,
        month -> Integer,
        line -> Text,
        minor -> BigInt,
    }
}

diesel::table! {
    /// How people answered to spending, in versions.
    response_histories (id) {
        id -> Text,
        segment -> Text,
        lever -> Text,
        version -> Integer,
        period_months -> Nullable<Integer>,
        evidence -> Text,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What part of a cost would not be spent otherwise.
    avoidable_shares (id) {
        id -> Text,
        component -> Text,
        segment -> Nullable<Text>,
        channel -> Nullable<Text>,
        effective_month -> Integer,
        basis_points -> Integer,
        reason -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// Who was reached by which campaign.
    campaign_touches (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        customer_source -> Text,
        customer_external_id -> Text,
        campaign -> Text,
        touched_on -> Date,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
}

/// The time whose knowledge is asked for; none: all that is known now.
pub type KnownAt = Option<NaiveDateTime>;

/// The last moment of knowledge: before the time that never comes, at which present rows end.
fn moment(known_at: KnownAt) -> NaiveDateTime {
    let last = || NaiveDate::from_ymd_opt(9999, 12, 30).unwrap_or(NaiveDate::MAX);
    known_at.unwrap_or_else(|| last().and_time(NaiveTime::MIN))
}

/// Runs a query on ledger entries as they are or, when a time is given, as they were known then:
/// `$entries` is the module of their columns, `$known` the query to begin with. The present has a
/// table and indices of its own; only the past needs the history.
macro_rules! on_entries {
    ($conn:expr, $known_at:expr, |$c:ident, $entries:ident, $known:ident| $body:expr) => {
        match $known_at {
            None => {
                use $crate::store::ledger_entries as $entries;
                let $known = $entries::table;
                ::keepworth_store::on_conn!($conn, |$c| $body)
            }
            Some(moment) => {
                use $crate::store::ledger_entry_history as $entries;
                let $known = $entries::table
                    .filter($entries::recorded_at.le(moment))
                    .filter($entries::superseded_at.gt(moment));
                ::keepworth_store::on_conn!($conn, |$c| $body)
            }
        }
    };
}
use on_entries;

/// A word of the ledger as stored.
type InLedger<T> = Named<T, ledger_entries::table>;

/// A word of revenue as stored.
type InRevenue<T> = Named<T, revenues::table>;
