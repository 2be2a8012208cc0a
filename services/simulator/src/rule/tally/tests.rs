use chrono::Days;
use keepworth_contract::feed::CustomerKey;
use proptest::prelude::*;

use super::*;
use crate::rule::joint::Quotient;
use crate::rule::window::{MONTHS, months_between};

/// Minor units charged for the days under observation in the window.
fn window_revenue(tally: &Tally) -> f64 {
    tally.by_month.iter().map(|month| month.revenue_minor).sum()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn key(number: usize) -> CustomerKey {
    CustomerKey {
        source: "crm".to_owned(),
        external_id: number.to_string(),
    }
}

#[derive(Debug, Clone)]
struct Person {
    segment: usize,
    observed_from: u64,
    observed_days: Option<u64>,
    /// Months before the day: (month, contacts, seconds, score).
    exposures: BTreeMap<i32, (u64, i64, i32)>,
    /// Minor units of each month: charged and given back.
    revenue: BTreeMap<usize, (i64, i64)>,
}

fn person() -> impl Strategy<Value = Person> {
    let exposure = (0u64..4, 0i64..3_000, 0i32..=10);
    let exposures = proptest::collection::btree_map(-14i32..=0, exposure, 0..5);
    let amounts = (1i64..100_000, -500i64..=0);
    let revenue = proptest::collection::btree_map(0usize..MONTHS, amounts, 0..6);
    let days = (0u64..700, proptest::option::of(0u64..700));
    (0usize..3, days, exposures, revenue).prop_map(|(segment, days, exposures, revenue)| Person {
        segment,
        observed_from: days.0,
        observed_days: days.1,
        exposures,
        revenue,
    })
}

impl Person {
    fn episode(&self, number: usize) -> EpisodeRow {
        let observed_from = day("2023-11-01") + Days::new(self.observed_from);
        let as_of = day("2025-09-30");
        let end = self
            .observed_days
            .map(|days| observed_from + Days::new(days));
        EpisodeRow {
            customer: key(number),
            segment: format!("segment {}", self.segment),
            earlier_segments: Vec::new(),
            acquired_on: observed_from,
            acquisition_channel: None,
            observed_from,
            observed_to: end.unwrap_or(as_of).min(as_of),
            left: end.is_some_and(|end| end <= as_of),
            cause: None,
        }
    }

    fn exposure_rows(&self, number: usize) -> Vec<ExposureRow> {
        let last: Month = "2025-09".parse().unwrap();
        let rows = self
            .exposures
            .iter()
            .map(|(month, (count, handle_seconds, score))| {
                let sum = ContactSum {
                    count: *count,
                    handle_seconds: *handle_seconds,
                };
                ExposureRow {
                    customer: key(number),
                    month: last.plus(*month).to_string(),
                    contacts: BTreeMap::from([("phone".to_owned(), sum)]),
                    issues: BTreeMap::new(),
                    unresolved: 0,
                    abandoned: 0,
                    scores: BTreeMap::from([("NPS".to_owned(), *score)]),
                }
            });
        rows.collect()
    }

    fn revenue_rows(&self, number: usize) -> Vec<RevenueRow> {
        if self.revenue.is_empty() {
            return Vec::new();
        }
        let sum = |part: fn(&(i64, i64)) -> i64| self.revenue.values().map(part).sum::<i64>();
        let at = |place| self.revenue.get(&place).map_or(0, |it| it.0 + it.1);
        vec![RevenueRow {
            customer: key(number),
            currency: "EUR".to_owned(),
            minor_by_kind: [("RECURRING", sum(|it| it.0)), ("REFUND", sum(|it| it.1))]
                .map(|(kind, minor)| (kind.to_owned(), minor))
                .into(),
            months: self.revenue.len() as i64,
            minor_by_month: (0..MONTHS).map(at).collect(),
            earlier_minor_by_month: Vec::new(),
            billed_from: Some("2024-10".to_owned()),
            repeated_minor: 0,
        }]
    }

    /// What was charged for the days under observation, day by day.
    fn counted(&self, number: usize, window: Window) -> f64 {
        let episode = self.episode(number);
        let charged = self.revenue.iter().map(|(place, (charge, refund))| {
            let first = window.month(*place).first_day();
            let days = (0..31).map(|day| first + Days::new(day));
            let days = days.filter(|day| Month::of(*day) == window.month(*place));
            let charged = days.clone().filter(|day| {
                *day >= episode.acquired_on && (!episode.left || *day <= episode.observed_to)
            });
            let seen = days.filter(|day| {
                (episode.observed_from..=episode.observed_to.min(window.as_of())).contains(day)
            });
            (charge + refund) as f64 * seen.count() as f64 / charged.count().max(1) as f64
        });
        charged.sum()
    }
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * (1.0 + expected.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn sums_are_those_of_a_plain_recount(people in proptest::collection::vec(person(), 1..40)) {
        let window = Window::ending(day("2025-09-30"));
        let mut tallies = Tallies::new(window);
        for (number, person) in people.iter().enumerate() {
            tallies.add(
                &person.episode(number),
                &person.exposure_rows(number),
                &person.revenue_rows(number),
            ).unwrap();
        }
        let company = tallies.company();
        let numbered: Vec<(usize, &Person)> = people.iter().enumerate().collect();
        let episodes: Vec<EpisodeRow> = numbered.iter().map(|(n, p)| p.episode(*n)).collect();
        let months: Vec<f64> = episodes.iter().map(|e| {
            let from = e.observed_from.max(window.first_day());
            months_between(from, e.observed_to + Days::new(1))
        }).collect();
        prop_assert_eq!(company.observed, people.len() as u64);
        prop_assert_eq!(company.left, episodes.iter().filter(|e| e.left).count() as u64);
        prop_assert_eq!(company.active, episodes.iter().filter(|e| !e.left).count() as u64);
        prop_assert!(close(company.months(), months.iter().sum()));
        let minor: i64 = people.iter().flat_map(|p| p.revenue.values()).map(|r| r.0 + r.1).sum();
        prop_assert_eq!(company.minor_by_kind.values().sum::<i64>(), minor);
        let counted: f64 = numbered.iter().map(|(n, p)| p.counted(*n, window)).sum();
        prop_assert!(close(window_revenue(&company), counted));
        let quotient = Quotient {
            over: (0..MONTHS).map(Place::revenue).collect(),
            under: (0..MONTHS).map(Place::exposure).collect(),
        };
        if let Some(estimate) = company.joint.estimate(&quotient) {
            prop_assert!(close(estimate.value, counted / months.iter().sum::<f64>()));
        }
        let paid = |p: &&Person| p.revenue.values().any(|it| it.0 + it.1 != 0);
        let never = people.iter().zip(&episodes).filter(|(p, e)| !e.left && !paid(p)).count();
        prop_assert_eq!(company.billing.never, never as u64);
        let seen = |number: usize, person: &Person| -> Vec<ExposureRow> {
            let mut rows = person.exposure_rows(number);
            rows.retain(|row| window.observes(&episodes[number], row.month.parse().unwrap()));
            rows
        };
        let contacts: u64 = numbered.iter().flat_map(|(n, p)| seen(*n, p))
            .map(|row| row.contacts["phone"].count).sum();
        prop_assert_eq!(company.channels.get("phone").map_or(0, |it| it.count), contacts);
        let scores: u64 = company.scores.values().flat_map(|counts| counts.values()).sum();
        let with_score = numbered.iter().filter(|(n, p)| !seen(*n, p).is_empty()).count();
        prop_assert_eq!(scores, with_score as u64, "each customer counts once");
        for (name, tally) in &tallies.segments {
            let theirs = episodes.iter().filter(|e| e.segment == *name).count();
            prop_assert_eq!(tally.observed, theirs as u64);
        }
    }
}

#[test]
fn only_the_last_score_of_a_customer_counts() {
    let person = Person {
        segment: 0,
        observed_from: 0,
        observed_days: None,
        exposures: BTreeMap::from([(-2, (1, 60, 10)), (-1, (0, 0, 3))]),
        revenue: BTreeMap::new(),
    };
    let mut tallies = Tallies::new(Window::ending(day("2025-09-30")));
    tallies
        .add(&person.episode(0), &person.exposure_rows(0), &[])
        .unwrap();
    assert_eq!(tallies.company().scores["NPS"], BTreeMap::from([(3, 1)]));
}

#[test]
fn revenue_in_two_currencies_is_refused() {
    let person = Person {
        segment: 0,
        observed_from: 0,
        observed_days: None,
        exposures: BTreeMap::new(),
        revenue: BTreeMap::from([(11, (1, 0))]),
    };
    let mut rows = person.revenue_rows(0);
    rows.extend(person.revenue_rows(0));
    rows[1].currency = "USD".to_owned();
    let mut tallies = Tallies::new(Window::ending(day("2025-09-30")));
    let error = tallies
        .add(&person.episode(0), &[], &rows)
        .unwrap_err()
        .to_string();
    assert!(error.contains("EUR and USD"), "{error}");
}

#[test]
fn charges_that_count_in_no_figure_are_seen() {
    let person = |observed_days, revenue: &[usize]| Person {
        segment: 0,
        observed_from: 366,
        observed_days,
        exposures: BTreeMap::new(),
        revenue: revenue.iter().map(|place| (*place, (300, 0))).collect(),
    };
    // Under observation from 1 November 2024 on; the second left on 1 March.
    let people = [
        person(None, &[0, 3]),
        person(Some(120), &[4, 5, 6, 7]),
        person(None, &[]),
    ];
    let mut tallies = Tallies::new(Window::ending(day("2025-09-30")));
    for (number, person) in people.iter().enumerate() {
        let mut rows = person.revenue_rows(number);
        if number == 2 {
            rows = people[0].revenue_rows(2);
            rows[0].minor_by_kind.clear();
            (rows[0].months, rows[0].minor_by_month) = (0, vec![0; MONTHS]);
        }
        tallies.add(&person.episode(number), &[], &rows).unwrap();
    }
    let company = tallies.company();
    let stray = |customers, minor| Stray { customers, minor };
    assert_eq!(company.billing.unobserved, stray(1, 300));
    assert_eq!(company.billing.after_leaving, stray(1, 600));
    assert_eq!(
        (company.billing.never, company.billing.not_in_window),
        (0, 1)
    );
    assert!(close(window_revenue(&company), 900.0));
    let mut rows = people[0].revenue_rows(0);
    rows[0].minor_by_month.pop();
    let error = tallies.add(&people[0].episode(9), &[], &rows).unwrap_err();
    assert!(error.to_string().contains("11 months"), "{error}");
}
