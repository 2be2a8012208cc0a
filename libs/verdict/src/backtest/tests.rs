use super::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// As much as the sample's home segment did, `times` over.
fn counted(times: f64) -> MonthCount {
    MonthCount {
        customers: 40.0 * times,
        won: times,
        leavers: times,
        customer_months: 40.0,
        revenue: Some(800.0 * times),
        contacts: BTreeMap::from([("phone".to_owned(), 8.0 * times)]),
        service_cost: Some(40.0 * times),
        cost: None,
    }
}

fn asked(after: f64) -> BacktestReport {
    let first = month("2025-01");
    held(
        after,
        &(0..12).map(|it| (first.plus(it), counted(1.0))).collect(),
    )
}

fn held(after: f64, before: &History) -> BacktestReport {
    let baseline = crate::sample();
    let first = month("2025-01");
    let months: Vec<Month> = (12..18).map(|it| first.plus(it)).collect();
    let after: History = months.iter().map(|it| (*it, counted(after))).collect();
    let of = |history: &History| {
        let names = ["home", "nowhere"].map(str::to_owned);
        names
            .map(|name| (name, history.clone()))
            .into_iter()
            .collect::<BTreeMap<_, _>>()
    };
    let question = Question {
        baseline: &baseline,
        before: &of(before),
        after: &of(&after),
        months: &months,
        trials: 500,
        seed: 1,
        shocks: Shocks::default(),
    };
    let once = backtest(&question).unwrap();
    assert_eq!(once, backtest(&question).unwrap(), "the same seed");
    once
}

#[test]
fn a_report_scores_what_was_recorded_and_flags_what_was_not() {
    let found = asked(1.0);
    assert_eq!((found.months, found.segments), (6, 1));
    let codes: Vec<FlagCode> = found.quality_flags.iter().map(|it| it.code).collect();
    for code in [
        FlagCode::CutByEffectiveDay,
        FlagCode::FewSegments,
        FlagCode::SegmentUnknownThen,
        FlagCode::CostsNotBooked,
    ] {
        assert!(codes.contains(&code), "{code:?} not in {codes:?}");
    }
    let revenue = found
        .figures
        .iter()
        .find(|it| it.figure == CountedFigure::Revenue)
        .unwrap();
    assert_eq!(
        revenue.crps_last_value,
        Some(0.0),
        "every month was like the last"
    );
    assert_eq!(revenue.crps_last_year, Some(0.0));
    assert!(found.words.contains("tell little"), "{}", found.words);
}

#[test]
fn actuals_far_off_widen_and_are_no_bands() {
    let found = asked(30.0);
    let revenue = found
        .figures
        .iter()
        .find(|it| it.figure == CountedFigure::Revenue)
        .unwrap();
    assert_eq!(revenue.coverage[2].held, 0);
    assert!(revenue.bias.unwrap() > 3.0 && revenue.width_factor.unwrap() > 3.0);
    let error = found
        .model_error
        .iter()
        .find(|it| it.on == ShockOn::Revenue)
        .unwrap();
    assert!(error.common.sd > 1.0 && error.own.sd == 0.0, "{error:?}");
    assert_eq!(shocks(&found.model_error).revenue.common, error.common.sd);
}

/// Months before revenue was recorded are no months without revenue: they scatter nothing.
#[test]
fn what_was_not_recorded_yet_scatters_nothing() {
    let first = month("2025-01");
    let late = (0..12).map(|it| {
        let revenue = (it >= 9).then_some(800.0);
        let count = MonthCount {
            revenue,
            ..counted(1.0)
        };
        (first.plus(it), count)
    });
    let [late, whole] = [held(1.0, &late.collect()), asked(1.0)].map(|found| {
        let figures = found.figures.into_iter();
        figures
            .filter(|it| it.figure == CountedFigure::Revenue)
            .collect::<Vec<_>>()
    });
    assert_eq!(late[0].crps, whole[0].crps);
}
