//! Bands are kept where they do as well, and what was asked for is used or refused.

use super::*;
use crate::rule::hazard::hazards;

/// Customer-months and leavers by month of tenure, each as often in the last twelve months as before, at a hazard.
fn cohorts(months: u32, exposure: f64, hazard: impl Fn(u32) -> f64) -> Cohorts {
    let mut cohorts = Cohorts::default();
    for month in 0..months {
        for years_ago in 0..2 {
            // The last twelve months see a year more of tenure than the record before.
            if years_ago == 1 && month + 12 >= months {
                continue;
            }
            let left = (exposure * hazard(month)).round() as u64;
            cohorts.at_risk.insert((month, years_ago), (exposure, left));
        }
    }
    cohorts
}

fn chosen(
    cohorts: &Cohorts,
    requested: &[(&str, HazardModel)],
) -> Result<HazardChoice, BuildError> {
    let segments = [("home", cohorts)];
    let hazards = hazards(cohorts, &segments).unwrap();
    let requested = requested.iter().map(|(name, it)| ((*name).to_owned(), *it));
    choices(&segments, &hazards, &requested.collect()).map(|mut all| all.remove(0))
}

/// sBG with α = 1, β = 4: the hazard of month `a` is `ln((5+a)/(4+a))`.
fn thinning(month: u32) -> f64 {
    (f64::from(5 + month) / f64::from(4 + month)).ln()
}

#[test]
fn a_curve_is_used_where_it_foretold_the_year() {
    let choice = chosen(&cohorts(48, 5_000.0, thinning), &[]).unwrap();
    assert!(
        matches!(choice.model, HazardModel::Sbg | HazardModel::Bdw),
        "{choice:?}"
    );
    assert_eq!(
        (choice.by, choice.longest_tenure_months),
        (ChosenBy::Rule, 47)
    );
    let flag = flag(&choice).unwrap();
    assert!(
        flag.code == FlagCode::HazardByCurve && flag.detail.contains("better than bands"),
        "{flag}"
    );
    let of = |model| {
        choice
            .candidates
            .iter()
            .find(|it| it.model == model)
            .unwrap()
    };
    let bands = of(HazardModel::Bands).last_year.unwrap();
    assert!(bands.ahead == 0.0 && of(choice.model).last_year.unwrap().ahead > 3.0);
    let alpha = &of(HazardModel::Sbg).fit.as_ref().unwrap().estimates["alpha"];
    assert!(alpha.low < 1.0 && 1.0 < alpha.high, "{alpha:?}");
}

#[test]
fn bands_are_kept_where_nothing_is_better() {
    let steps = |month: u32| match month {
        0..3 => 0.09,
        3..12 => 0.02,
        12..24 => 0.05,
        _ => 0.01,
    };
    let choice = chosen(&cohorts(48, 3_000.0, steps), &[]).unwrap();
    assert_eq!(choice.model, HazardModel::Bands, "{choice:?}");
    assert!(choice.reason.contains("the best was"), "{choice:?}");
    assert_eq!(flag(&choice), None);
    let few = chosen(&cohorts(30, 10.0, |_| 0.1), &[]).unwrap();
    assert!(few.reason.contains("too few"), "{few:?}");
    let mut changed = cohorts(48, 3_000.0, thinning);
    for ((_, years_ago), cell) in &mut changed.at_risk {
        cell.1 *= 1 + 2 * u64::from(*years_ago == 0);
    }
    let changed = chosen(&changed, &[]).unwrap();
    assert!(changed.reason.contains("churn has changed"), "{changed:?}");
}

#[test]
fn what_was_asked_for_is_used_or_refused() {
    let records = cohorts(48, 5_000.0, thinning);
    let bands = chosen(&records, &[("home", HazardModel::Bands)]).unwrap();
    assert_eq!(
        (bands.model, bands.by),
        (HazardModel::Bands, ChosenBy::Request)
    );
    let stranger = chosen(&records, &[("abroad", HazardModel::Sbg)]).unwrap_err();
    assert!(stranger.to_string().contains("known: home"), "{stranger}");
    let alike = cohorts(48, 5_000.0, |_| 0.04);
    let refused = chosen(&alike, &[("home", HazardModel::Sbg)]).unwrap_err();
    assert!(refused.to_string().contains("ask for BANDS"), "{refused}");
}
