use std::collections::BTreeMap;

use keepworth_contract::simulator::{ForecastFigure, Sampling, ScenarioReference, VarianceDriver};

use super::*;

/// A figure of a thousand futures spread evenly over 10 either side of its middle.
fn point(month: Month, middle: f64) -> ForecastPoint {
    let at = |off: f64| middle + 10.0 * off;
    ForecastPoint {
        month,
        mean: middle,
        p2_5: at(-0.95),
        p10: at(-0.8),
        p25: at(-0.5),
        p50: middle,
        p75: at(0.5),
        p90: at(0.8),
        p97_5: at(0.95),
        alarm_low: Some(at(-0.99)),
        alarm_high: Some(at(0.99)),
    }
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// 1,000 customers stay as many, bring 50 each, call once in five months for 4 a call, and cost 20 each beside that; the
/// programme costs 900 at once and 100 a month.
fn forecast() -> ScenarioForecast {
    let middles = [
        (ForecastName::Customers, 1000.0),
        (ForecastName::Won, 30.0),
        (ForecastName::Leavers, 30.0),
        (ForecastName::Contacts, 200.0),
        (ForecastName::Revenue, 50_000.0),
        (ForecastName::ServiceCost, 800.0),
        (ForecastName::Cost, 20_800.0),
        (ForecastName::ProgrammeCost, 100.0),
    ];
    let figure = |(name, middle): (ForecastName, f64)| {
        let months = (0..4).map(|it| point(month("2025-11").plus(it), middle));
        let mut months: Vec<ForecastPoint> = months.collect();
        if name == ForecastName::ProgrammeCost {
            months[0] = point(months[0].month, 900.0);
        }
        ForecastFigure {
            figure: name,
            unit: "customers".to_owned(),
            months,
        }
    };
    ScenarioForecast {
        scenario: ScenarioReference {
            key: "recovery".to_owned(),
            version: 2,
        },
        scenario_hash: String::new(),
        baseline_hash: "abc".to_owned(),
        as_of: "2025-11-30".parse().unwrap(),
        run_id: Default::default(),
        input_hash: String::new(),
        engine_version: String::new(),
        seed: 1,
        sampling: Sampling::default(),
        futures: 1000,
        currency: "EUR".to_owned(),
        figures: middles.into_iter().map(figure).collect(),
        quality_flags: Vec::new(),
        frozen_at: Default::default(),
    }
}

fn counted(customers: f64, leavers: f64) -> MonthCount {
    MonthCount {
        customers,
        won: 30.0,
        leavers,
        customer_months: customers,
        revenue: Some(50_000.0),
        contacts: BTreeMap::from([("phone".to_owned(), 150.0), ("post".to_owned(), 50.0)]),
        service_cost: Some(800.0),
        cost: Some(20_800.0),
    }
}

fn company() -> History {
    History::from([
        (month("2025-11"), counted(1000.0, 30.0)),
        (month("2025-12"), counted(1000.0, 30.0)),
        (month("2026-01"), counted(1007.0, 23.0)),
        (month("2026-02"), counted(1020.0, 17.0)),
    ])
}

fn ask<'a>(
    forecast: &'a ScenarioForecast,
    company: &'a History,
    spent: Option<&'a BTreeMap<Month, f64>>,
) -> Question<'a> {
    Question {
        forecast,
        company,
        to: month("2026-02"),
        spent,
        spending: Vec::new(),
        year_begins: 1,
    }
}

fn nothing() -> Flag {
    Flag::new(FlagCode::NotLearnt, "nobody asked")
}

fn of(report: &TrackingReport, name: ForecastName) -> &TrackedFigure {
    report.figures.iter().find(|it| it.figure == name).unwrap()
}

#[test]
fn months_are_held_against_their_own_forecast() {
    let (forecast, company) = (forecast(), company());
    let found = track(&ask(&forecast, &company, None), Err(nothing()));
    assert_eq!((found.from, found.to), (month("2025-12"), month("2026-02")));
    let leavers = of(&found, ForecastName::Leavers);
    let actual: Vec<f64> = leavers.months.iter().map(|it| it.actual).collect();
    assert_eq!(actual, [30.0, 23.0, 17.0]);
    // Within 5, 8 and 9.5 of 30: the first, the first two, the first two.
    let held: Vec<u64> = leavers.coverage.iter().map(|it| it.held).collect();
    assert_eq!(held, [1, 2, 2]);
    assert_eq!(leavers.drifted_since, Some(month("2026-02")), "beyond 9.9");
    assert_eq!(leavers.bias, Some(70.0 / 90.0 - 1.0));
    // Widths of 10, 16 and 19 times half of what lies outside: 2.5 + 1.6 + 0.475; what lies outside of each band, and half
    // the distance from the middle; over 3½.
    let widths = 2.5 + 1.6 + 0.475;
    let scores = [widths, widths + 2.0 + 3.5, widths + 8.0 + 5.0 + 3.5 + 6.5].map(|it| it / 3.5);
    for (month, score) in leavers.months.iter().zip(scores) {
        assert!(
            (month.score - score).abs() < 1e-12,
            "{} is not {score}",
            month.score
        );
    }
    let customers = of(&found, ForecastName::Customers);
    assert_eq!(customers.drifted_since, Some(month("2026-02")));
    assert_eq!(
        found.words,
        "19 of 21 figures from 2025-12 to 2026-02 lay within the bands that were to hold 80 in 100 of them. Off their \
         forecast by more than chance is likely to do: customers (more than forecast, since 2026-02), leavers (fewer than \
         forecast, since 2026-02). The result before tax came to EUR 87\u{202f}600, as expected."
    );
}

#[test]
fn what_moved_the_result_adds_up_to_it() {
    let (forecast, mut company) = (forecast(), company());
    let last = company.get_mut(&month("2026-02")).unwrap();
    last.revenue = Some(53_000.0);
    last.service_cost = Some(900.0);
    last.cost = Some(21_500.0);
    let spent = BTreeMap::from([(month("2025-12"), 1100.0), (month("2026-02"), 150.0)]);
    let found = track(&ask(&forecast, &company, Some(&spent)), Err(nothing()));
    let [all, old, new] = &found.bridges[..] else {
        panic!("{:?}", found.bridges);
    };
    assert_eq!(
        (all.year, old.year, new.year),
        (None, Some(2025), Some(2026))
    );
    assert_eq!((all.months, old.months, new.months), (3, 1, 2));
    // 29,200 of each month less 900 at once and 100 a month; 31,500 of the last.
    assert_eq!(all.expected, 3.0 * 29_200.0 - 1200.0);
    assert_eq!(all.actual, 2.0 * 29_200.0 + 31_500.0 - 1250.0);
    for bridge in &found.bridges {
        let moved: f64 = bridge.steps.iter().map(|it| it.moved).sum();
        assert!(
            (moved - (bridge.actual - bridge.expected)).abs() < 1e-6,
            "{bridge:?}"
        );
    }
    let step = |driver| *all.steps.iter().find(|it| it.driver == driver).unwrap();
    assert_eq!(step(VarianceDriver::Programme).moved, -50.0);
    // As many customers bring as much in December; 1,003.5 on average in January as much in all, so each brings less.
    assert_eq!(step(VarianceDriver::Customers).expected, 3000.0);
    assert_eq!(
        step(VarianceDriver::Customers).actual,
        1000.0 + 1003.5 + 1013.5
    );
    assert!(
        step(VarianceDriver::Customers).moved > 0.0
            && step(VarianceDriver::ContactCost).moved < 0.0
    );
    let without = track(&ask(&forecast, &company, None), Err(nothing()));
    let drivers: Vec<VarianceDriver> = without.bridges[0]
        .steps
        .iter()
        .map(|it| it.driver)
        .collect();
    assert!(
        !drivers.contains(&VarianceDriver::Programme),
        "nobody says what was spent"
    );
}

#[test]
fn what_is_not_recorded_is_said_and_not_counted_as_nothing() {
    let (forecast, mut company) = (forecast(), company());
    for month in company.values_mut() {
        (month.revenue, month.cost) = (None, None);
    }
    let found = track(&ask(&forecast, &company, None), Err(nothing()));
    assert!(
        found
            .figures
            .iter()
            .all(|it| it.figure != ForecastName::Revenue)
    );
    assert!(found.bridges.is_empty());
    let said: Vec<&str> = found
        .quality_flags
        .iter()
        .map(|it| it.detail.as_str())
        .collect();
    assert!(
        said[0].contains("revenue, cost of these months"),
        "{said:?}"
    );
    assert!(
        said[1].contains("what moved the result is not told"),
        "{said:?}"
    );
    let nothing = track(&ask(&forecast, &History::new(), None), Err(nothing()));
    assert!(nothing.words.starts_with("Nothing was recorded"));
}

/// Who records no contacts has none forecast and none that come: that is no month within its band. Where they begin to be
/// recorded it is held against the nothing that was forecast.
#[test]
fn nothing_that_was_forecast_of_nothing_is_not_counted_as_kept() {
    let (mut forecast, mut company) = (forecast(), company());
    for figure in &mut forecast.figures {
        if figure.figure == ForecastName::Contacts {
            for point in &mut figure.months {
                (point.mean, point.p2_5, point.p10, point.p25) = (0.0, 0.0, 0.0, 0.0);
                (point.p50, point.p75, point.p90, point.p97_5) = (0.0, 0.0, 0.0, 0.0);
            }
        }
    }
    let recorded = track(&ask(&forecast, &company, None), Err(nothing()));
    assert_eq!(of(&recorded, ForecastName::Contacts).coverage[1].held, 0);
    for month in company.values_mut() {
        month.contacts.clear();
    }
    let found = track(&ask(&forecast, &company, None), Err(nothing()));
    let mut figures = found.figures.iter();
    assert!(figures.all(|it| it.figure != ForecastName::Contacts));
    assert_eq!(recorded.coverage[1].n - found.coverage[1].n, 3);
    let said = &found.quality_flags[0].detail;
    assert!(said.contains("contacts of these months"), "{said}");
}
