//! What moved a result: by drivers whose products it is made of.
//!
//! A month's result is `N·p − N·c·k − N·o − G`: customers, revenue of each, contacts of each, cost of a contact, other costs
//! of each, and the programme. What two factors moved together belongs to neither alone: each has the mean of what it moves
//! over all orders in which they could change (Shapley, A value for n-person games, 1953), so that no order is better.

use std::collections::BTreeMap;

use keepworth_contract::Month;
use keepworth_contract::simulator::{ForecastName, VarianceBridge, VarianceDriver, VarianceStep};

use super::Question;

/// Of all months together, then by year where there are several.
pub(super) fn bridges(question: &Question<'_>) -> Vec<VarianceBridge> {
    let mut all: Option<Sum> = None;
    let mut years: BTreeMap<i32, Sum> = BTreeMap::new();
    for month in question.months() {
        let Some([expected, actual]) = sides(question, month) else {
            continue;
        };
        let moved = Sum::of(expected, actual);
        let year = year(month, question.year_begins);
        years
            .entry(year)
            .and_modify(|it| it.add(&moved))
            .or_insert_with(|| moved.clone());
        match &mut all {
            Some(all) => all.add(&moved),
            None => all = Some(moved),
        }
    }
    let has_programme = question.spent.is_some();
    let mut found: Vec<VarianceBridge> =
        all.iter().map(|it| it.told(None, has_programme)).collect();
    if years.len() > 1 {
        found.extend(
            years
                .iter()
                .map(|(year, it)| it.told(Some(*year), has_programme)),
        );
    }
    found
}

/// The calendar year in which the year of a month begins.
fn year(month: Month, begins: u32) -> i32 {
    (month.index() + 1 - begins.cast_signed()).div_euclid(12)
}

/// A month, or several added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Side {
    /// Mean of both ends of each month.
    customers: f64,
    revenue: f64,
    contacts: f64,
    service_cost: f64,
    other_cost: f64,
    programme: f64,
}

impl Side {
    fn result(&self) -> f64 {
        self.revenue - self.service_cost - self.other_cost - self.programme
    }

    /// Customers, revenue of each, contacts of each, cost of a contact, other costs of each.
    fn factors(&self) -> [f64; 5] {
        let each = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
        let n = self.customers;
        [
            n,
            each(self.revenue, n),
            each(self.contacts, n),
            each(self.service_cost, self.contacts),
            each(self.other_cost, n),
        ]
    }
}

/// What was expected of a month and what came; none where revenue or cost are not recorded.
fn sides(question: &Question<'_>, month: Month) -> Option<[Side; 2]> {
    use ForecastName::{Contacts, Cost, Customers, ProgrammeCost, Revenue, ServiceCost};
    let mean = |name, month| Some(question.point(name, month)?.mean);
    let seen = question.company.get(&month)?;
    let before = month.plus(-1);
    let customers = [before, month].map(|it| mean(Customers, it));
    let customers = f64::midpoint(customers[0]?, customers[1]?);
    let were = question.company.get(&before).map(|it| it.customers);
    let were = were.or_else(|| mean(Customers, before))?;
    let cost = mean(Cost, month)?;
    // Where one side does not have it, it is among other costs on both.
    let service = mean(ServiceCost, month).zip(seen.service_cost);
    let (expected_service, actual_service) = service.unwrap_or_default();
    // What month 0 was to cost is paid for with the first.
    let upfront = if month == question.first() {
        mean(ProgrammeCost, before)?
    } else {
        0.0
    };
    let spent = question
        .spent
        .map(|it| it.get(&month).copied().unwrap_or_default());
    let planned = spent.and(Some(mean(ProgrammeCost, month)? + upfront));
    let expected = Side {
        customers,
        revenue: mean(Revenue, month)?,
        contacts: mean(Contacts, month)?,
        service_cost: expected_service,
        other_cost: cost - expected_service,
        programme: planned.unwrap_or_default(),
    };
    let actual = Side {
        customers: f64::midpoint(were, seen.customers),
        revenue: seen.revenue?,
        contacts: seen.all_contacts(),
        service_cost: actual_service,
        other_cost: seen.cost? - actual_service,
        programme: spent.unwrap_or_default(),
    };
    Some([expected, actual])
}

/// The drivers of what factors make up, in the order of [`Side::factors`].
const DRIVERS: [VarianceDriver; 5] = [
    VarianceDriver::Customers,
    VarianceDriver::Price,
    VarianceDriver::Rate,
    VarianceDriver::ContactCost,
    VarianceDriver::OtherCost,
];

/// Some months, with what each driver moved in each of them.
#[derive(Debug, Clone)]
struct Sum {
    months: u32,
    expected: Side,
    actual: Side,
    moved: [f64; 5],
}

impl Sum {
    fn of(expected: Side, actual: Side) -> Self {
        let (from, to) = (expected.factors(), actual.factors());
        let mut moved = [0.0; 5];
        for (sign, factors) in [(1.0, &[0, 1][..]), (-1.0, &[0, 2, 3]), (-1.0, &[0, 4])] {
            for (factor, share) in factors.iter().zip(shares(factors, &from, &to)) {
                moved[*factor] += sign * share;
            }
        }
        Self {
            months: 1,
            expected,
            actual,
            moved,
        }
    }

    fn add(&mut self, other: &Self) {
        self.months += other.months;
        for (sum, more) in [
            (&mut self.expected, &other.expected),
            (&mut self.actual, &other.actual),
        ] {
            sum.customers += more.customers;
            sum.revenue += more.revenue;
            sum.contacts += more.contacts;
            sum.service_cost += more.service_cost;
            sum.other_cost += more.other_cost;
            sum.programme += more.programme;
        }
        self.moved
            .iter_mut()
            .zip(other.moved)
            .for_each(|(sum, more)| *sum += more);
    }

    fn told(&self, year: Option<i32>, has_programme: bool) -> VarianceBridge {
        let (from, to) = (self.expected.factors(), self.actual.factors());
        let factors = DRIVERS.into_iter().zip(from).zip(to).zip(self.moved);
        let mut steps: Vec<VarianceStep> = factors
            .map(|(((driver, expected), actual), moved)| VarianceStep {
                driver,
                expected,
                actual,
                moved,
            })
            .collect();
        let [planned, spent] = [self.expected.programme, self.actual.programme];
        if has_programme {
            steps.push(VarianceStep {
                driver: VarianceDriver::Programme,
                expected: planned,
                actual: spent,
                moved: planned - spent,
            });
        }
        VarianceBridge {
            year,
            months: self.months,
            expected: self.expected.result(),
            actual: self.actual.result(),
            steps,
        }
    }
}

/// Each factor's share of what the product of some of them changes by.
fn shares(factors: &[usize], from: &[f64; 5], to: &[f64; 5]) -> Vec<f64> {
    let n = factors.len();
    let product = |changed: usize| -> f64 {
        let each = factors.iter().enumerate();
        each.map(|(place, it)| {
            if changed >> place & 1 == 1 {
                to[*it]
            } else {
                from[*it]
            }
        })
        .product()
    };
    let factorial = |of: usize| (1..=of).product::<usize>() as f64;
    let share = |place: usize| {
        let others = (0..1_usize << n).filter(|it| it >> place & 1 == 0);
        let moves = others.map(|before| {
            let size = before.count_ones() as usize;
            let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
            weight * (product(before | 1 << place) - product(before))
        });
        moves.sum()
    };
    (0..n).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_two_and_three_factors_are_those_of_the_formula() {
        let two = shares(
            &[0, 1],
            &[10.0, 5.0, 0.0, 0.0, 0.0],
            &[12.0, 4.0, 0.0, 0.0, 0.0],
        );
        // 2 · (5 + 4)/2 and −1 · (10 + 12)/2.
        assert_eq!(two, [9.0, -11.0]);
        let (from, to) = ([2.0, 0.0, 3.0, 5.0, 0.0], [4.0, 0.0, 3.0, 6.0, 0.0]);
        let three = shares(&[0, 2, 3], &from, &to);
        // The middle one does not change: 2 · 3 · 5.5 and 1 · 3 · 3.
        assert!(
            (three[0] - 33.0).abs() < 1e-12
                && three[1].abs() < 1e-12
                && (three[2] - 9.0).abs() < 1e-12
        );
    }

    #[test]
    fn years_begin_where_they_do() {
        let of = |text: &str, begins| year(text.parse().unwrap(), begins);
        assert_eq!([of("2025-01", 1), of("2025-12", 1)], [2025, 2025]);
        assert_eq!(
            [of("2025-03", 4), of("2025-04", 4), of("2026-03", 4)],
            [2024, 2025, 2025]
        );
    }
}
