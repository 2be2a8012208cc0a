//! Trends of customers who were drawn one by one.

use chrono::{Days, NaiveDate};
use keepworth_contract::feed::CustomerKey;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn episode(acquired_on: NaiveDate) -> EpisodeRow {
    EpisodeRow {
        customer: CustomerKey {
            source: "crm".to_owned(),
            external_id: "1".to_owned(),
        },
        segment: "home".to_owned(),
        earlier_segments: Vec::new(),
        acquired_on,
        acquisition_channel: None,
        observed_from: acquired_on,
        observed_to: acquired_on,
        left: false,
        cause: None,
    }
}

#[test]
fn months_are_cut_by_days_and_tenure() {
    let mut counted = LeavingByMonth::default();
    counted.add(
        &episode(day("2025-03-16")),
        [day("2025-03-16"), day("2025-06-15")],
        true,
    );
    counted.add(
        &episode(day("2020-01-01")),
        [day("2025-01-01"), day("2025-03-31")],
        false,
    );
    let at = |month: &str| counted.at(month.parse::<Month>().unwrap().index());
    assert_eq!(at("2025-01"), [(0.0, 0), (0.0, 0), (0.0, 0), (1.0, 0)]);
    let march = at("2025-03");
    assert!((march[0].0 - 16.0 / 31.0).abs() < 1e-12 && march[3] == (1.0, 0));
    assert_eq!(at("2025-05")[0], (1.0, 0));
    assert_eq!(at("2025-06"), [(0.0, 0), (0.5, 1), (0.0, 0), (0.0, 0)]);
    assert_eq!(at("2024-12"), MonthByTenure::default());
}

/// Four years of customers who come evenly and leave by 4% a month in their first year and 1% later, both times
/// `growth` a year: day by day, so that tenure alone would make a trend.
fn company(seed: u64, growth: f64) -> LeavingByMonth {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (start, end) = (day("2021-01-01"), day("2024-12-31"));
    let mut counted = LeavingByMonth::default();
    for _ in 0..6_000 {
        let acquired_on = start + Days::new(rng.random_range(0..1_300));
        let mut at = acquired_on;
        let has_left = loop {
            let age = (at - acquired_on).num_days() as f64 / 365.25;
            let years = (at - start).num_days() as f64 / 365.25;
            let monthly = if age < 1.0 { 0.04 } else { 0.01 };
            let hazard = monthly * 12.0 / 365.25 * (growth * years).exp();
            if rng.random_bool(hazard) {
                break true;
            }
            if at == end {
                break false;
            }
            at = at + Days::new(1);
        };
        counted.add(&episode(acquired_on), [acquired_on, at], has_left);
    }
    counted
}

fn of_home(leaving: &LeavingByMonth) -> Counted<'_> {
    Counted {
        segment: "home",
        leaving,
        since: None,
    }
}

/// Hazards of the last year are the mean of its months alone; the trend is that of all.
#[test]
fn months_that_hazards_are_not_from_do_not_count_in_their_record() {
    let counted = company(1, 0.15);
    let since = "2024-01".parse().unwrap();
    let last_year = Counted {
        since: Some(since),
        ..of_home(&counted)
    };
    let (whole, last) = (
        leaving_trend(&[of_home(&counted)]).unwrap(),
        leaving_trend(&[last_year]).unwrap(),
    );
    assert_eq!(whole.growth_a_year, last.growth_a_year);
    let newest = |trend: &LeavingTrend| trend.record[3].customer_months.clone();
    assert_eq!(newest(&last)[..36], [0.0; 36]);
    assert_eq!(newest(&last)[36..], newest(&whole)[36..]);
    assert!(newest(&whole)[35] > 0.0);
}

#[test]
fn a_base_that_grows_older_is_no_trend_and_a_trend_is_one() {
    for growth in [0.0, 0.15] {
        let found: Vec<LeavingTrend> = (0..8)
            .map(|seed| leaving_trend(&[of_home(&company(seed, growth))]).unwrap())
            .collect();
        let truth = f64::exp_m1(growth);
        let held = found
            .iter()
            .filter(|it| it.growth_a_year.low < truth && truth < it.growth_a_year.high);
        assert!(held.count() >= 6, "{growth}: {found:?}");
        let flagged = found
            .iter()
            .filter(|it| flags(it).iter().any(|it| it.code == FlagCode::LeavingTrend))
            .count();
        assert!(
            if growth > 0.0 {
                flagged >= 7
            } else {
                flagged <= 2
            },
            "{growth}: {flagged} of 8"
        );
    }
    let rising = leaving_trend(&[of_home(&company(1, 0.15))]).unwrap();
    assert_eq!(
        (rising.from, rising.until),
        ("2021-01".parse().unwrap(), "2024-12".parse().unwrap())
    );
    let said = &flags(&rising)[0].detail;
    assert!(
        said.contains(&format!("hazard_trend = \"{}\"", rising.hazard_trend)),
        "{said}"
    );
    assert!(said.contains("leaving = \"records\""), "{said}");
    let observed: Vec<u32> = rising.record.iter().map(|it| it.tenure_from).collect();
    assert_eq!(observed, [0, 3, 12, 24]);
    let scenario = format!(
        "name = \"None\"\nhorizon_months = 12\ndiscount_rate = 0.1\n[outlook]\nhazard_trend = \"{}\"\n",
        rising.hazard_trend
    );
    keepworth_sim::Scenario::from_toml(&scenario).unwrap();
}

#[test]
fn a_year_tells_no_trend() {
    let mut year = LeavingByMonth::default();
    for index in 0..200 {
        let left = day("2024-01-01") + Days::new(index);
        year.add(&episode(day("2023-12-01")), [day("2024-01-01"), left], true);
    }
    assert_eq!(leaving_trend(&[of_home(&year)]), None);
    assert_eq!(leaving_trend(&[]), None);
}
