//! Verdicts on published figures, at their turning points, and with little data.

use keepworth_cashflow::Rate;
use keepworth_cashflow::keep_or_acquire::{RetentionProgramme, Verdict};
use keepworth_cashflow::response::Response;
use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::*;
use crate::rule::response::response_fit::{Ceiling, Observed, fit_response};

fn normals(draws: usize) -> impl Iterator<Item = [f64; 4]> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    (0..draws).map(move |_| std::array::from_fn(|_| StandardNormal.sample(&mut rng)))
}

/// customers.json keep_or_acquire: 200,000 a year on 5,000 customers takes churn from 20% to 17%,
/// 1,333.33 per saved customer, against 1,000 per new one.
fn programme(churn_se: f64, margin: f64) -> Segment {
    let programme = RetentionProgramme::new(200_000.0, 5_000.0, 0.20, 0.17).unwrap();
    Segment {
        keeping: Keeping::Programme {
            programme,
            churn_se,
            grade: Grade::A,
        },
        winning: Winning::Average(1_000.0),
        margin,
        rate: Rate::new(0.10).unwrap(),
    }
}

#[test]
fn recruiting_is_cheaper_on_the_reference_programme() {
    let sure = programme(0.0, 500.0);
    let assessment = sure.assess(normals(100));
    assert_eq!(assessment.verdict, Verdict::AcquireMore);
    assert_eq!(assessment.draws, None, "nothing is uncertain");
    assert!((assessment.marginal.keep - 1_333.33).abs() < 0.005);
    // (500·1.1 − 40)/(1.1 − 0.83)
    assert!((assessment.marginal.clv - 1_888.89).abs() < 0.005);
    let even = sure.break_even().unwrap();
    assert_eq!(even.extra_spend, 40.0);
    assert!((even.needed - 0.04).abs() < 1e-12 && (even.expected - 0.03).abs() < 1e-12);
    // The change in churn is three points, give or take one: keeping is cheaper when it is
    // beyond the break-even of four points, one standard error away, 15.87% of the time.
    let unsure = programme(0.01, 500.0).assess(normals(20_000));
    let draws = unsure.draws.unwrap();
    let error = draws.mc_error(Verdict::AcquireMore);
    assert!((draws.share(Verdict::AcquireMore) - 0.8413).abs() < 4.0 * error);
    // 40/0.0464 = 862: the fall in churn is 1.64 standard errors larger.
    assert!((draws.bands.keep.low - 862.0).abs() < 10.0, "{draws:?}");
    assert_eq!(draws.bands.acquire.low, 1_000.0);
    // Where a customer is worth less than either costs, neither is worth it.
    assert_eq!(programme(0.0, 100.0).assess([]).verdict, Verdict::Neither);
}

fn segment(retention_spend: f64) -> Segment {
    let certain = |spend, share, ceiling| {
        UncertainResponse::certain(Response::through(spend, share, ceiling).unwrap())
    };
    Segment {
        winning: Winning::Curve {
            response: certain(2_000.0, 0.2, 0.4),
            spend: 2_000.0,
        },
        keeping: Keeping::Curve {
            response: certain(3_000.0, 0.6, 0.7),
            spend: retention_spend,
        },
        margin: 20_000.0,
        rate: Rate::new(0.10).unwrap(),
    }
}

fn at(segment: Segment, acquisition_spend: f64, retention_spend: f64) -> Segment {
    let (Winning::Curve { response: won, .. }, Keeping::Curve { response: kept, .. }) =
        (segment.winning, segment.keeping)
    else {
        unreachable!("these segments have curves");
    };
    Segment {
        winning: Winning::Curve {
            response: won,
            spend: acquisition_spend,
        },
        keeping: Keeping::Curve {
            response: kept,
            spend: retention_spend,
        },
        ..segment
    }
}

#[test]
fn the_verdict_turns_where_marginal_costs_meet() {
    assert_eq!(segment(100.0).assess([]).verdict, Verdict::KeepMore);
    assert_eq!(segment(9_000.0).assess([]).verdict, Verdict::AcquireMore);
    assert_eq!(segment(0.0).break_even(), None);
    // More spend is as good as recruiting exactly where both marginal costs are the same.
    for spend in [100.0, 9_000.0] {
        let (even, verdict) = (
            segment(spend).break_even().unwrap(),
            segment(spend).assess([]).verdict,
        );
        assert_eq!(even.expected > even.needed, verdict == Verdict::KeepMore);
    }
    let best = segment(3_000.0).best();
    let (win, keep) = (
        best.acquisition_spend.unwrap(),
        best.retention_spend.unwrap(),
    );
    let marginal = at(segment(3_000.0), win, keep).assess([]).marginal;
    assert!(
        (marginal.keep / marginal.clv - 1.0).abs() < 1e-6,
        "{marginal:?}"
    );
    assert!(
        (marginal.acquire / best.clv - 1.0).abs() < 1e-6,
        "{marginal:?}"
    );
}

#[test]
fn little_data_make_an_unsure_verdict() {
    let share_of = |people: u64| {
        let row = |spend, share: f64| Observed {
            spend,
            people,
            answered: (people as f64 * share).round() as u64,
        };
        let rows = [
            row(1_000, 0.12),
            row(2_000, 0.20),
            row(4_000, 0.29),
            row(8_000, 0.34),
        ];
        let fit = fit_response(&rows, Ceiling::Estimated).unwrap();
        let segment = Segment {
            winning: Winning::Curve {
                response: (&fit).into(),
                spend: 2_000.0,
            },
            ..segment(4_000.0)
        };
        let assessment = segment.assess(normals(4_000));
        let draws = assessment.draws.unwrap();
        assert_eq!(draws.verdicts.iter().map(|it| it.1).sum::<usize>(), 4_000);
        let (figure, band) = (assessment.marginal.acquire, draws.bands.acquire);
        assert!(band.low < figure && figure < band.high, "{band:?}");
        draws.share(assessment.verdict)
    };
    let (few, many) = (share_of(200), share_of(200_000));
    assert!(few < many, "{few} {many}");
    assert!(many > 0.99, "{many}");
}

#[test]
fn a_plain_regression_can_say_otherwise() {
    let segment = segment(9_000.0);
    let (none, verdict) = segment.by_regression(&Regressions::default());
    assert_eq!(
        (none, verdict),
        (segment.assess([]).marginal, Verdict::AcquireMore)
    );
    // At 9,000 the curve is flat; this regression still rises by 1/4·0.004 per unit.
    let keeping = Some(LogisticFit {
        intercept: -36.0,
        slope: 0.004,
    });
    let (found, verdict) = segment.by_regression(&Regressions {
        winning: None,
        keeping,
    });
    assert_eq!((found.keep, verdict), (1_000.0, Verdict::KeepMore));
    // (20,000·1.1 − 9,000)/(1.1 − 0.5)
    assert!((found.clv - 21_666.67).abs() < 0.01);
}

#[test]
fn a_cheap_next_customer_does_not_pay_for_dear_ones_before() {
    // At 2,000 per prospect half are won, 4,000 each; the next one costs 1/(0.01/4) = 400.
    let winning = Some(LogisticFit {
        intercept: -20.0,
        slope: 0.01,
    });
    let regressions = Regressions {
        winning,
        keeping: None,
    };
    let of = |margin| {
        Segment {
            margin,
            ..segment(9_000.0)
        }
        .by_regression(&regressions)
    };
    // Worth 5,071, then 2,313 each.
    let ((rich, pays), (poor, pays_not)) = (of(10_000.0), of(9_000.0));
    assert_eq!((rich.acquire, poor.acquire), (400.0, 400.0));
    assert!(
        rich.clv > 4_000.0 && poor.clv < 4_000.0,
        "{rich:?} {poor:?}"
    );
    assert_eq!((pays, pays_not), (Verdict::AcquireMore, Verdict::Neither));
}
