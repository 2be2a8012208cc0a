//! Tables and queries: it alone knows Diesel.

pub(crate) mod change;
pub(crate) mod import;
pub(crate) mod piece;
pub(crate) mod rejection;

diesel::table! {
    imports (id) {
        id -> Text,
        job_id -> Text,
        kind -> Text,
        file_name -> Text,
        mapping -> Text,
        taken_as -> Nullable<Text>,
        customer_source -> Nullable<Text>,
        dry_run -> Bool,
        names -> Text,
        unused_names -> Text,
        total_rows -> BigInt,
        read_rows -> BigInt,
        filtered -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        rejected -> BigInt,
        told -> Text,
        created_at -> Timestamp,
        undone_at -> Nullable<Timestamp>,
        skipped_erased -> BigInt,
    }
}

diesel::table! {
    import_pieces (import_id, is_beside, number) {
        import_id -> Text,
        is_beside -> Bool,
        number -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    import_rejections (import_id, line) {
        import_id -> Text,
        line -> BigInt,
        code -> Text,
        detail -> Text,
        cells -> Text,
    }
}

diesel::table! {
    import_changes (import_id, record_table, record_key) {
        import_id -> Text,
        record_table -> Text,
        record_key -> Text,
        before -> Nullable<Text>,
        after -> Binary,
    }
}
