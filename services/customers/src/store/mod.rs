//! Tables and queries: it alone knows Diesel.

pub mod customer;
pub mod erasure;
pub mod lifecycle_event;
pub mod segment;
pub mod segment_move;
pub mod subject;

diesel::table! {
    /// Groups of customers that are modelled together.
    segments (key) {
        key -> Text,
        name -> Text,
        recorded_at -> Timestamp,
        kind -> Text,
    }
}

diesel::table! {
    /// Customers, each in its last version.
    customers (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        segment -> Text,
        acquired_on -> Date,
        acquisition_channel -> Nullable<Text>,
        observed_from -> Date,
        observed_to -> Nullable<Date>,
        left_on -> Nullable<Date>,
        leaving_cause -> Nullable<Text>,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    /// What happened in customers' lives.
    lifecycle_events (id) {
        id -> Text,
        source -> Text,
        external_id -> Text,
        customer_id -> Text,
        kind -> Text,
        occurred_on -> Date,
        cause -> Nullable<Text>,
        segment -> Nullable<Text>,
        from_segment -> Nullable<Text>,
        detail -> Nullable<Text>,
        content_hash -> Binary,
        import_id -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::joinable!(lifecycle_events -> customers (customer_id));
diesel::allow_tables_to_appear_in_same_query!(customers, lifecycle_events);

#[cfg(test)]
mod tests;
