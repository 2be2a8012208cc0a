//! Churn that changed is seen, churn that did not is not, whatever the customers' ages.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::*;

/// Three years of a segment: customers of every tenure up to four years, younger ones of late, and a
/// hazard that falls with tenure and is `factor` times as high in the last year.
fn segment(rng: &mut ChaCha8Rng, customers: f64, factor: f64) -> Cohorts {
    let mut cohorts = Cohorts::default();
    for month in 0..48_u32 {
        let hazard = 0.05 * (-f64::from(month) / 20.0).exp();
        for years_ago in 0..3_u32 {
            let young = f64::from(48 - month).powf(1.0 - 0.4 * f64::from(years_ago)) / 24.0;
            let exposure = customers * young / 4.0;
            let times = if years_ago == 0 { factor } else { 1.0 };
            let left = Poisson::new(exposure * hazard * times).unwrap().sample(rng) as u64;
            cohorts.at_risk.insert((month, years_ago), (exposure, left));
        }
    }
    cohorts
}

fn is_changed(change: Option<&Change>) -> bool {
    change.is_some_and(|change| change.record == Record::LastYear)
}

#[test]
fn the_probability_is_that_of_a_coin() {
    // Nine or ten heads of ten: (½·10 + 1)/1024, on either side.
    assert!((probability(9, &[(10, 0.5)]) - 12.0 / 1024.0).abs() < 1e-12);
    assert!((probability(9, &[(4, 0.5), (6, 0.5)]) - 12.0 / 1024.0).abs() < 1e-12);
    assert_eq!(probability(0, &[]), 1.0);
    let many = [(600, 0.3), (300, 0.7)];
    assert!((probability(360, &many) - 2.0 * normal(360.0, &many)).abs() < 1e-3);
}

#[test]
fn where_nobody_left_nothing_is_divided() {
    let mut nobody = Cohorts::default();
    nobody.at_risk.insert((3, 0), (100.0, 0));
    nobody.at_risk.insert((3, 1), (100.0, 0));
    let change = Change::of(&[&nobody]).unwrap();
    assert_eq!(change.record, Record::Whole);
    let said = change.flag().detail;
    assert!(
        said.contains("nobody left before") && !said.contains("NaN"),
        "{said}"
    );
}

#[test]
fn one_test_in_a_hundred_cries_wolf() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let companies = 1_500;
    let (mut company, mut large, mut small) = (0, 0, 0);
    for _ in 0..companies {
        let all = [segment(&mut rng, 400.0, 1.0), segment(&mut rng, 40.0, 1.0)];
        let changes = changes(&[("large", &all[0]), ("small", &all[1])]);
        company += u32::from(is_changed(changes.0.as_ref()));
        // By its own test, not with the other.
        let own = |index: usize| u32::from(is_changed(Change::of(&[&all[index]]).as_ref()));
        large += own(0);
        small += own(1);
    }
    let percent = |count: u32| 100.0 * f64::from(count) / f64::from(companies);
    let found = [company, large, small].map(percent);
    println!(
        "false alarms: company {:.2}%, large {:.2}%, small {:.2}%",
        found[0], found[1], found[2]
    );
    // Four standard errors of 1% in 1,500 are one point.
    assert!(
        found[..2].iter().all(|rate| (0.3..2.0).contains(rate)),
        "{found:?}"
    );
    assert!(found[2] < 2.0, "{found:?}");
}

#[test]
fn churn_that_doubled_a_year_ago_is_seen() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let segments: Vec<Cohorts> = [(300.0, 2.0), (10.0, 2.0), (300.0, 2.0)]
        .map(|(customers, factor)| segment(&mut rng, customers, factor))
        .into();
    let named: Vec<(&str, &Cohorts)> = segments.iter().map(|it| ("a", it)).collect();
    let (company, own) = changes(&named);
    assert!(is_changed(company.as_ref()));
    assert!(is_changed(own[0].as_ref()) && is_changed(own[2].as_ref()));
    let flag = own[0].as_ref().unwrap().flag();
    assert!(
        flag.code == FlagCode::ChurnChanged && flag.detail.contains("last twelve months"),
        "{flag}"
    );
    let ratio = company.unwrap().ratio.unwrap();
    assert!((1.8..2.2).contains(&ratio), "{ratio}");
}

#[test]
fn a_segment_that_did_not_change_keeps_its_record() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let all = [segment(&mut rng, 300.0, 2.0), segment(&mut rng, 300.0, 1.0)];
    let (company, own) = changes(&[("a", &all[0]), ("b", &all[1])]);
    assert!(is_changed(company.as_ref()) && is_changed(own[0].as_ref()));
    assert!(!is_changed(own[1].as_ref()));
    let flag = own[1].as_ref().unwrap().flag();
    assert_eq!(flag.code, FlagCode::WholeRecord);
}

#[test]
fn what_small_segments_cannot_tell_they_tell_together() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let all: Vec<Cohorts> = (0..30).map(|_| segment(&mut rng, 15.0, 2.0)).collect();
    let named: Vec<(&str, &Cohorts)> = all.iter().map(|it| ("a", it)).collect();
    let (_, own) = changes(&named);
    assert!(own.iter().all(|it| is_changed(it.as_ref())));
    let flags: Vec<Flag> = own.iter().flatten().map(Change::flag).collect();
    let elsewhere = flags
        .iter()
        .filter(|it| it.code == FlagCode::ChurnChangedElsewhere);
    assert!(elsewhere.count() > 15, "{flags:?}");
}

#[test]
fn without_a_year_before_there_is_nothing_to_compare() {
    let mut one = Cohorts::default();
    one.at_risk.insert((3, 0), (100.0, 10));
    assert_eq!(changes(&[("a", &one)]), (None, vec![None]));
}
