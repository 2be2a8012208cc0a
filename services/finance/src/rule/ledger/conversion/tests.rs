use keepworth_contract::Word;
use proptest::prelude::*;

use super::*;
use crate::rule::ledger::fx::billionths;

fn month() -> Month {
    "2025-09".parse().unwrap()
}

fn code(text: &str) -> Currency {
    text.parse().unwrap()
}

/// Quotes of `base>quote`, a value and a day each, in the order of their writing.
fn quotes(rows: &[(&str, &str, &str)]) -> Vec<Quote> {
    let quote = |(pair, value, day): &(&str, &str, &str)| {
        let (base, quote) = pair.split_once('>').unwrap();
        Quote {
            id: Uuid::now_v7(),
            base: code(base),
            quote: code(quote),
            quoted_on: day.parse().unwrap(),
            billionths: billionths(value.parse().unwrap()).unwrap(),
            source: "ecb".to_owned(),
        }
    };
    rows.iter().map(quote).collect()
}

fn told(rows: &[(&str, &str, &str)], pair: &str, kind: RateKind) -> Option<ConversionRate> {
    let (base, quote) = pair.split_once('>').unwrap();
    let pair = (code(base), code(quote));
    MonthRate::find(&quotes(rows), pair, month(), kind)?.told()
}

fn value(rows: &[(&str, &str, &str)], pair: &str, kind: RateKind) -> Option<String> {
    told(rows, pair, kind).map(|it| it.value)
}

#[test]
fn an_average_is_the_mean_of_quoted_days_and_a_closing_rate_the_last() {
    let rows = [
        ("USD>EUR", "0.50", "2025-08-31"),
        ("USD>EUR", "0.80", "2025-09-01"),
        ("USD>EUR", "0.90", "2025-09-30"),
        ("USD>EUR", "0.85", "2025-09-15"),
        ("USD>EUR", "0.20", "2025-10-01"),
    ];
    let average = told(&rows, "USD>EUR", RateKind::Average).unwrap();
    assert_eq!((&*average.value, average.days), ("0.85", 3));
    assert_eq!(average.quoted_from, "2025-09-01".parse().unwrap());
    assert_eq!(average.quoted_to, "2025-09-30".parse().unwrap());
    assert_eq!(average.rate_ids.len(), 3);
    let closing = told(&rows, "USD>EUR", RateKind::Closing).unwrap();
    assert_eq!((&*closing.value, closing.days), ("0.9", 1));
    // A third has no end: it is rounded to what is told, and used as told.
    let thirds = [
        ("USD>EUR", "0.1", "2025-09-01"),
        ("USD>EUR", "0.1", "2025-09-02"),
        ("USD>EUR", "0.2", "2025-09-03"),
    ];
    let third = value(&thirds, "USD>EUR", RateKind::Average);
    assert_eq!(third.as_deref(), Some("0.133333333333"));
}

#[test]
fn of_two_quotes_of_a_day_the_one_written_last_counts() {
    let rows = [
        ("USD>EUR", "0.80", "2025-09-01"),
        ("USD>EUR", "0.90", "2025-09-01"),
    ];
    for kind in RateKind::all() {
        assert_eq!(value(&rows, "USD>EUR", kind).as_deref(), Some("0.9"));
    }
}

#[test]
fn a_month_without_a_quote_has_no_rate() {
    let rows = [
        ("USD>EUR", "0.80", "2025-08-31"),
        ("USD>GBP", "0.70", "2025-09-30"),
    ];
    for kind in RateKind::all() {
        assert_eq!(value(&rows, "USD>EUR", kind), None);
    }
    let words = missing_in_words(code("USD"), code("EUR"), &[month()].into());
    assert!(
        words.contains("from USD to EUR is quoted in 2025-09"),
        "{words}"
    );
    assert!(words.contains("POST /v1/fx-rates"), "{words}");
}

#[test]
fn the_opposite_pair_does_and_so_does_a_third_currency() {
    let euro = [
        ("EUR>USD", "1.25", "2025-09-10"),
        ("EUR>GBP", "0.85", "2025-09-10"),
        ("EUR>JPY", "170", "2025-09-11"),
    ];
    let inverse = told(&euro, "USD>EUR", RateKind::Average).unwrap();
    assert_eq!((&*inverse.value, inverse.via), ("0.8", None));
    assert_eq!(inverse.derivation, RateDerivation::Inverse);
    let cross = told(&euro, "USD>GBP", RateKind::Closing).unwrap();
    assert_eq!((&*cross.value, cross.via), ("0.68", Some(code("EUR"))));
    assert_eq!(cross.derivation, RateDerivation::Cross);
    assert_eq!(cross.rate_ids.len(), 2);
    // The mean is taken first, as of a published average, and then turned round.
    let days = [
        ("EUR>USD", "1.0", "2025-09-10"),
        ("EUR>USD", "1.5", "2025-09-11"),
    ];
    assert_eq!(
        value(&days, "USD>EUR", RateKind::Average).as_deref(),
        Some("0.8")
    );
    // What is quoted itself is taken before both.
    let direct = [euro.as_slice(), &[("USD>EUR", "0.81", "2025-09-30")]].concat();
    assert_eq!(
        value(&direct, "USD>EUR", RateKind::Average).as_deref(),
        Some("0.81")
    );
}

#[test]
fn minor_units_of_both_currencies_count() {
    let convert =
        |pair: (&str, &str), value, minor| Factor::quoted(pair.0, pair.1, value).convert(minor);
    assert_eq!(convert(("USD", "EUR"), "0.9", 1_000), Some(900));
    assert_eq!(convert(("JPY", "EUR"), "0.0061", 1_000), Some(610));
    assert_eq!(convert(("EUR", "KWD"), "0.335", 100), Some(335));
    assert_eq!(convert(("USD", "EUR"), "0.5", 1), Some(0), "half to even");
    assert_eq!(convert(("USD", "EUR"), "0.5", 3), Some(2), "half to even");
    assert_eq!(convert(("USD", "EUR"), "0.9", -1_000), Some(-900));
    assert_eq!(convert(("EUR", "KWD"), "2", i64::MAX), None);
    assert_eq!(convert(("EUR", "KWD"), "9000000000", i64::MAX), None);
}

#[test]
fn a_sum_is_rounded_once() {
    let half = Factor::quoted("USD", "EUR", "0.5");
    let sum = (0..3).try_fold(Exact::default(), |sum, _| sum.add(1, Some(half)));
    assert_eq!(
        sum.unwrap().minor(),
        Some(2),
        "three halves, not three times nothing"
    );
    let mixed = sum.unwrap().add(7, None).unwrap();
    assert_eq!(mixed.minor(), Some(8), "8.5 to even");
}

proptest! {
    /// A minor unit there and back is what it was, when the rate is not so small that it is nothing.
    #[test]
    fn a_pair_and_its_opposite_agree(billionths in 10_000_000_i64..100_000_000_000, minor in -1_000_000_i64..1_000_000) {
        let text = Decimal::new(billionths, 9).to_string();
        let rows = [("EUR>USD", &*text, "2025-09-10")];
        let there = MonthRate::find(&quotes(&rows), (code("EUR"), code("USD")), month(), RateKind::Average).unwrap();
        let back = MonthRate::find(&quotes(&rows), (code("USD"), code("EUR")), month(), RateKind::Average).unwrap();
        let sum = Exact::default().add(minor, Some(there.factor)).unwrap().minor().unwrap();
        let again = back.factor.convert(sum).unwrap();
        // Half a unit of the other currency, and half a unit of this.
        let most = 1.0 + 0.5 * 1e9 / billionths as f64;
        prop_assert!(((again - minor) as f64).abs() <= most, "{minor} {sum} {again}");
    }
}
