//! The tables, as diesel knows them.

diesel::table! {
    outbox_events (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        url -> Text,
        events -> Text,
        description -> Text,
        state -> Text,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<Timestamp>,
        failures -> Integer,
        last_failure -> Nullable<Text>,
        due_at -> Timestamp,
        holder -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhook_deliveries (webhook_id, event_id) {
        webhook_id -> Text,
        event_id -> Text,
        state -> Text,
        attempts -> Integer,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(outbox_events, webhooks, webhook_deliveries);
