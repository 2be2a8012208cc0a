//! The store on a database of its own.

use keepworth_contract::customers::{CustomerInput, LeavingCause};
use keepworth_intake::batch::Planned;
use keepworth_store::{Db, DbOptions, RecordId};

use super::customer::{CUSTOMERS, CustomerRow, find_customer};

/// A cause that is not known is no cause that nobody recorded: it is refused, and names its place.
#[test]
fn an_unknown_cause_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/data/customers.db", folder.path().display());
    let db = Db::open(&url, &DbOptions::default()).unwrap();
    db.migrate(&crate::migrations()).unwrap();
    let record = CustomerInput {
        source: "crm".to_owned(),
        external_id: "1".to_owned(),
        segment: "home".to_owned(),
        acquired_on: "2024-01-01".parse().unwrap(),
        acquisition_channel: None,
        observed_from: None,
        observed_to: None,
        left_on: "2025-03-31".parse().ok(),
        leaving_cause: Some(LeavingCause::Price),
    };
    let plan = Planned {
        id: RecordId::generate(),
        record: &record,
        content_hash: vec![0],
    };
    let row = CustomerRow::planned(&plan, "test", keepworth_store::now().naive_utc());
    let id = row.id;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let found = runtime.block_on(db.write(move |conn| {
        (CUSTOMERS.insert)(conn, &[row])?;
        let before = find_customer(conn, id)?
            .unwrap()
            .leaving_cause
            .map(|it| it.0);
        conn.batch("UPDATE customers SET leaving_cause = 'MOON'")?;
        Ok::<_, keepworth_store::StoreError>((before, find_customer(conn, id).map(|_| ())))
    }));
    let (before, after) = found.unwrap();
    assert_eq!(before, record.leaving_cause);
    let error = keepworth_store::StoreError::from(after.unwrap_err());
    let text = error.to_string();
    assert!(
        text.starts_with("`customers.leaving_cause` holds `MOON`"),
        "{text}"
    );
}
