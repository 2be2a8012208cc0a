use chrono::NaiveDate;
use keepworth_contract::Period;

use super::*;

fn customer(external_id: &str) -> CustomerKey {
    CustomerKey {
        source: "crm".into(),
        external_id: external_id.into(),
    }
}

fn euros(kind: RevenueKind, minor: i64, last: &str, months: i32) -> Charged {
    Charged {
        currency: "EUR",
        kind,
        minor,
        span: Span::new(last.parse().unwrap(), months, None),
    }
}

fn span(first_day: &str, months: i32) -> Span {
    let from: NaiveDate = first_day.parse().unwrap();
    let period = Period::of_months(from, months).unwrap();
    Span::new(period.last_month(), months, Some(period))
}

fn year() -> CustomerTotals {
    CustomerTotals::new(Window::ending("2025-09".parse().unwrap(), 12), None)
}

#[test]
fn months_before_are_told_apart_and_change_nothing_else() {
    use RevenueKind::{OneOff, Recurring};
    let rows = |window: Window| {
        let mut totals = CustomerTotals::new(window, None);
        let mut rows = Vec::new();
        for (id, charged) in [
            ("1", euros(Recurring, 24_000, "2025-09", 24)),
            ("1", euros(OneOff, 50, "2024-09", 1)),
            ("2", euros(Recurring, 700, "2024-09", 1)),
            ("2", euros(Recurring, 700, "2024-09", 1)),
        ] {
            rows.extend(totals.add(&customer(id), charged).unwrap());
        }
        rows.extend(totals.finish().unwrap());
        rows
    };
    let year = Window::ending("2025-09".parse().unwrap(), 12);
    let (short, long) = (rows(year), rows(year.with_earlier(3)));
    assert_eq!(long[0].earlier_minor_by_month, [1_000, 1_000, 1_050]);
    assert_eq!(long[1].earlier_minor_by_month, [0, 0, 1_400]);
    assert_eq!(
        long[1].repeated_minor, 0,
        "of the twelve months nothing is repeated"
    );
    for (short, mut long) in short.into_iter().zip(long) {
        assert_eq!(short.earlier_minor_by_month, [0; 0]);
        long.earlier_minor_by_month.clear();
        long.currency.clone_from(&short.currency);
        assert_eq!(long, short);
    }
}

#[test]
fn charges_of_one_customer_make_one_row() {
    use RevenueKind::{OneOff, Recurring, Refund};
    let mut totals = year();
    let mut rows = Vec::new();
    for (id, charged) in [
        ("1", euros(OneOff, 500, "2025-09", 2)),
        ("1", euros(Recurring, 1_000, "2025-09", 1)),
        ("1", euros(Recurring, 11_000, "2025-08", 11)),
        ("1", euros(Recurring, 300, "2025-06", 3)),
        ("1", euros(Refund, 400, "2025-09", 40)),
        ("2", euros(Recurring, 700, "2024-09", 1)),
        ("3", euros(Refund, 7, "2025-09", 1)),
    ] {
        rows.extend(totals.add(&customer(id), charged).unwrap());
    }
    rows.extend(totals.finish().unwrap());
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0].months, 12,
        "neither a refund nor a second charge for the same months covers further ones"
    );
    let sums: Vec<_> = rows[0].minor_by_kind.values().copied().collect();
    assert_eq!(
        sums,
        [500, 12_300, -120],
        "ONE_OFF, RECURRING, and 12 of 40 months of REFUND"
    );
    assert_eq!(rows[0].minor_by_month.iter().sum::<i64>(), 12_680);
    assert_eq!(rows[0].minor_by_month[10..], [1_240, 1_240]);
    assert_eq!(rows[0].minor_by_month[6], 1_000 + 100 - 10);
    assert_eq!(rows[0].billed_from.as_deref(), Some("2024-10"));
    assert_eq!(rows[1].customer, customer("2"));
    assert_eq!(rows[1].minor_by_month, [0; 12], "charged long ago");
    assert_eq!(rows[1].billed_from.as_deref(), Some("2024-09"));
    assert_eq!((rows[2].months, &rows[2].billed_from), (0, &None));
}

#[test]
fn a_charge_that_names_its_days_is_spread_over_them() {
    let mut totals = year();
    let days = |from: &str, until: &str, minor| {
        let period = Period::new(from.parse().unwrap(), until.parse().unwrap());
        Charged {
            span: Span::new("2025-01".parse().unwrap(), 1, period.ok()),
            ..euros(RevenueKind::Recurring, minor, "2025-01", 1)
        }
    };
    for charged in [
        days("2024-12-02", "2025-01-01", 3_000),
        days("2025-01-01", "2025-01-31", 3_000),
        days("2025-01-31", "2025-03-02", 3_000),
        // Twelve of the 31 days lie in August; eleven after the window.
        days("2025-08-20", "2025-09-20", 3_100),
        days("2025-09-20", "2025-10-11", 2_100),
    ] {
        assert_eq!(totals.add(&customer("1"), charged), Ok(None));
    }
    let row = totals.finish().unwrap().unwrap();
    // October 2024 to September 2025: 100 a day.
    assert_eq!(
        row.minor_by_month,
        [
            0,
            0,
            3_000,
            3_100,
            2_800,
            100,
            0,
            0,
            0,
            0,
            1_200,
            1_900 + 1_100
        ]
    );
    assert_eq!(row.billed_from.as_deref(), Some("2024-12"));
}

#[test]
fn a_charge_is_spread_over_its_months_to_the_unit() {
    let mut totals = year();
    // A year in advance that ends seven months after the window: 5 of 12 months of 1,000.
    let ahead = euros(RevenueKind::Recurring, 1_000, "2026-04", 12);
    totals.add(&customer("1"), ahead).unwrap();
    let row = totals.finish().unwrap().unwrap();
    assert_eq!(row.minor_by_month[7..], [83, 83, 84, 83, 83]);
    assert_eq!((row.months, row.minor_by_kind["RECURRING"]), (5, 416));
}

#[test]
fn a_recurring_charge_under_a_second_id_is_seen() {
    use RevenueKind::{OneOff, Recurring};
    let mut totals = year();
    for charged in [
        euros(Recurring, 900, "2025-09", 1),
        euros(Recurring, 900, "2025-08", 1),
        euros(Recurring, 900, "2025-09", 1),
        euros(OneOff, 500, "2025-09", 1),
        euros(OneOff, 500, "2025-09", 1),
    ] {
        totals.add(&customer("1"), charged).unwrap();
    }
    assert_eq!(
        totals.finish().unwrap().unwrap().repeated_minor,
        900,
        "two of the same goods are no copy"
    );
    // A plan by 30 days begins twice in some months.
    let mut totals = year();
    for day in ["2025-08-01", "2025-08-31"] {
        let charged = Charged {
            span: span(day, 1),
            ..euros(Recurring, 900, "2025-08", 1)
        };
        totals.add(&customer("1"), charged).unwrap();
    }
    assert_eq!(totals.finish().unwrap().unwrap().repeated_minor, 0);
}

#[test]
fn what_makes_no_row_is_named() {
    let mut totals = year();
    let charged = euros(RevenueKind::Recurring, i64::MAX, "2025-09", 1);
    totals.add(&customer("1"), charged).unwrap();
    totals.add(&customer("1"), charged).unwrap();
    let error = totals.finish().unwrap_err();
    assert_eq!(error, RevenueTotalError::TooLarge(customer("1")));
    let mut totals = year();
    totals.add(&customer("1"), charged).unwrap();
    let dollars = Charged {
        currency: "USD",
        ..charged
    };
    let error = totals.add(&customer("1"), dollars).unwrap_err();
    assert!(error.to_string().contains("in EUR and in USD"), "{error}");
    let long_ago = Charged {
        span: Span::new("2020-01".parse().unwrap(), 1, None),
        ..dollars
    };
    assert!(
        totals.add(&customer("1"), long_ago).is_ok(),
        "outside the window nothing is mixed"
    );
}

#[test]
fn charges_in_two_currencies_make_one_row_of_a_third() {
    let factors = |base: &str, values: [&str; 2]| {
        let months = ["2025-08", "2025-09"].map(|it| it.parse::<Month>().unwrap());
        let factor = |(month, value)| (month, Factor::quoted(base, "EUR", value));
        months.into_iter().zip(values).map(factor).collect()
    };
    let conversion = Conversion {
        currency: "EUR".parse().unwrap(),
        factors: [
            ("USD", factors("USD", ["0.5", "0.8"])),
            ("JPY", factors("JPY", ["0.0050", "0.0055"])),
        ]
        .into(),
    };
    let window = Window::ending("2025-09".parse().unwrap(), 12);
    let mut totals = CustomerTotals::new(window, Some(conversion));
    let of = |currency, minor, months| Charged {
        currency,
        ..euros(RevenueKind::Recurring, minor, "2025-09", months)
    };
    for charged in [
        of("USD", 2_002, 2),
        of("USD", 2_002, 2),
        of("JPY", 1_000, 1),
        of("EUR", 77, 1),
    ] {
        assert_eq!(totals.add(&customer("1"), charged), Ok(None));
    }
    let row = totals.finish().unwrap().unwrap();
    // Two of 1,001 cents at 0.5 are 1,001, though either is 500.5; at 0.8 they are 1,601.6.
    assert_eq!(row.minor_by_month[10..], [1_001, 1_602 + 550 + 77]);
    assert_eq!(
        (&*row.currency, row.minor_by_kind["RECURRING"]),
        ("EUR", 3_230)
    );
    assert_eq!(row.repeated_minor, 1_301, "500.5 and 800.8");
}
