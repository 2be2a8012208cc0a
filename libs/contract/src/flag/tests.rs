//! Flags as they are written, and as earlier releases wrote them.

use super::*;

fn read(json: &str) -> Flag {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_flag_is_read_as_it_is_written() {
    let plain = Flag::new(FlagCode::FewLeavers, "3 customers left");
    let json = r#"{"code":"few_leavers","detail":"3 customers left"}"#;
    assert_eq!(serde_json::to_string(&plain).unwrap(), json);
    assert_eq!(read(json), plain);
    let about = plain.about("home");
    assert_eq!(read(&serde_json::to_string(&about).unwrap()), about);
    let unknown = serde_json::from_str::<Flag>(r#"{"code":"new","detail":""}"#);
    assert!(unknown.unwrap_err().to_string().contains("`new`"));
}

#[test]
fn texts_of_earlier_releases_are_read() {
    let flag = read(r#""books_late: OVERHEAD is booked up to 2025-10""#);
    assert_eq!(flag.code, FlagCode::BooksLate);
    assert_eq!(flag.detail, "books_late: OVERHEAD is booked up to 2025-10");
    let bare = read(r#""shared_cost_spread_by_customers_won""#);
    assert_eq!(bare.code, FlagCode::SharedCostSpreadByCustomersWon);
    let unknown = read(r#""segment home: whatever it was""#);
    assert_eq!(unknown.code, FlagCode::Other);
    assert_eq!(unknown.to_string(), "segment home: whatever it was");
}
