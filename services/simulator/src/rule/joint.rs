//! What customers did, summed up so that ratios of sums, their errors and their correlations follow.
//!
//! A figure such as revenue per customer-month is `Σy/Σx` over customers. Its error comes from how
//! far customers are from it, `e = y − r·x`: a customer's months depend on each other, so that the
//! customer is the unit (Cochran, Sampling Techniques, 1977, section 6.4). Sums of products of what
//! one customer did are all that is needed, for any two figures and any choice of months.

use keepworth_contract::statistic::Interval;
use keepworth_verdict::interval::{log_student, student};
use std::collections::BTreeMap;

use crate::rule::window::MONTHS;

pub(crate) use largest::Carriers;
use largest::Largest;
use tail::Tail;

/// A sum over customers, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(usize);

impl Place {
    /// Months under observation in a month of the window.
    pub(crate) fn exposure(month: usize) -> Self {
        Self(month)
    }

    /// Minor units of revenue of a month of the window.
    pub(crate) fn revenue(month: usize) -> Self {
        Self(MONTHS + month)
    }
}

/// What one customer did.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    values: Vec<(usize, f64)>,
}

impl Deeds {
    /// Notes a value; zeros need no note.
    pub(crate) fn note(&mut self, Place(place): Place, value: f64) {
        if value != 0.0 {
            self.values.push((place, value));
        }
    }

    /// Nothing noted.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }

    fn sum(&self, places: std::ops::Range<usize>) -> f64 {
        let within = self
            .values
            .iter()
            .filter(|(place, _)| places.contains(place));
        within.map(|(_, value)| value).sum()
    }

    fn at(&self, place: usize) -> f64 {
        self.sum(place..place + 1)
    }
}

/// A ratio of sums: the places of each are added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quotient {
    /// What is counted.
    pub(crate) over: Vec<Place>,
    /// By what.
    pub(crate) under: Vec<Place>,
}

/// What a ratio of sums is, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// `Σy/Σx`.
    pub(crate) value: f64,
    /// Standard error as a share of the value; none of fewer than two customers.
    pub(crate) relative_error: Option<f64>,
    /// As many customers of equal weight would tell as much: `(Σx)²/Σx²`.
    pub(crate) customers: f64,
}

impl Estimate {
    /// The same in other units.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            ..self
        }
    }
}

/// Sums and sums of products over customers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Joint {
    /// First place of each channel: contacts, then minutes.
    channels: BTreeMap<String, usize>,
    sums: Vec<f64>,
    /// Row by row, up to the diagonal.
    products: Vec<f64>,
    /// Fourth powers of months in the window.
    exposure_tail: f64,
    /// Fourth powers of revenue with months.
    revenue_tail: Tail,
    /// By channel: of contacts with months, and of minutes with contacts.
    channel_tails: BTreeMap<usize, [Tail; 2]>,
    /// The largest revenue of a customer.
    largest_revenue: Largest,
    /// By channel: the most contacts of a customer.
    most_contacts: BTreeMap<usize, Largest>,
}

impl Joint {
    /// The places of a channel's contacts and minutes.
    pub(crate) fn channel(&mut self, name: &str) -> [Place; 2] {
        let place = self.channels.get(name).copied().unwrap_or_else(|| {
            let place = 2 * (MONTHS + self.channels.len());
            self.channels.insert(name.to_owned(), place);
            place
        });
        [Place(place), Place(place + 1)]
    }

    /// The places of a channel with any contact.
    pub(crate) fn find_channel(&self, name: &str) -> Option<[Place; 2]> {
        let place = *self.channels.get(name)?;
        Some([Place(place), Place(place + 1)])
    }

    /// Adds a customer.
    pub(crate) fn add(&mut self, deeds: &Deeds) {
        let Some(last) = deeds.values.iter().map(|(place, _)| *place).max() else {
            return;
        };
        self.grow(last + 1);
        for &(row, value) in &deeds.values {
            self.sums[row] += value;
            for &(column, other) in deeds.values.iter().filter(|(column, _)| *column <= row) {
                self.products[index(row, column)] += value * other;
            }
        }
        let months = deeds.sum(0..MONTHS);
        self.exposure_tail += months.powi(4);
        let revenue = deeds.sum(MONTHS..2 * MONTHS);
        self.revenue_tail.add(revenue, months);
        self.largest_revenue.add(revenue);
        for &place in self.channels.values() {
            let (contacts, minutes) = (deeds.at(place), deeds.at(place + 1));
            if contacts > 0.0 || minutes > 0.0 {
                let tails = self.channel_tails.entry(place).or_default();
                tails[0].add(contacts, months);
                tails[1].add(minutes, contacts);
                self.most_contacts.entry(place).or_default().add(contacts);
            }
        }
    }

    fn grow(&mut self, places: usize) {
        if self.sums.len() < places {
            self.sums.resize(places, 0.0);
            self.products.resize(index(places, 0), 0.0);
        }
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut places: Vec<usize> = (0..other.sums.len()).collect();
        for (name, theirs) in &other.channels {
            let [Place(contacts), Place(minutes)] = self.channel(name);
            for (place, mine) in [(*theirs, contacts), (theirs + 1, minutes)] {
                if let Some(slot) = places.get_mut(place) {
                    *slot = mine;
                }
            }
            if let Some(most) = other.most_contacts.get(theirs) {
                self.most_contacts.entry(contacts).or_default().merge(most);
            }
            if let Some(tails) = other.channel_tails.get(theirs) {
                let mine = self.channel_tails.entry(contacts).or_default();
                mine.iter_mut()
                    .zip(tails)
                    .for_each(|(mine, tail)| mine.merge(tail));
            }
        }
        self.grow(places.iter().max().map_or(0, |last| last + 1));
        for (row, &mine) in places.iter().enumerate() {
            self.sums[mine] += other.sums[row];
            for (column, &my_column) in places[..=row].iter().enumerate() {
                self.products[index(mine, my_column)] += other.products[index(row, column)];
            }
        }
        self.exposure_tail += other.exposure_tail;
        self.revenue_tail.merge(&other.revenue_tail);
        self.largest_revenue.merge(&other.largest_revenue);
    }

    /// A sum over customers and places.
    pub(crate) fn total(&self, places: &[Place]) -> f64 {
        let sum = |Place(place): &Place| self.sums.get(*place).copied().unwrap_or_default();
        places.iter().map(sum).sum()
    }

    fn product(&self, one: Place, other: Place) -> f64 {
        self.products
            .get(index(one.0, other.0))
            .copied()
            .unwrap_or_default()
    }

    /// A ratio of sums; none where there is nothing to divide by.
    pub(crate) fn estimate(&self, ratio: &Quotient) -> Option<Estimate> {
        let under = self.total(&ratio.under);
        let value = (under > 0.0).then(|| self.total(&ratio.over) / under)?;
        let customers = self.weight(ratio)?;
        let squares = self.residuals(ratio, ratio, [value; 2]).max(0.0);
        let error = (correction(customers) * squares).sqrt() / under / value.abs();
        // One customer's figure varies by nothing that could be seen.
        let is_known = customers > 1.0 + 1e-9 && error.is_finite();
        Some(Estimate {
            value,
            relative_error: is_known.then_some(error),
            customers,
        })
    }

    /// Covariance of two ratios as shares of their values, that of their logarithms.
    pub(crate) fn covariance(&self, one: &Quotient, other: &Quotient) -> Option<f64> {
        let (first, second) = (self.estimate(one)?, self.estimate(other)?);
        let squares = self.residuals(one, other, [first.value, second.value]);
        let scale = self.total(&one.over) * self.total(&other.over);
        let correction = correction(first.customers).max(correction(second.customers));
        Some(correction * squares / scale).filter(|it| it.is_finite())
    }

    /// `(Σx)²/Σx²`.
    fn weight(&self, ratio: &Quotient) -> Option<f64> {
        let total = self.total(&ratio.under);
        let squares = self.inner(&ratio.under, &ratio.under);
        (squares > 0.0).then(|| total * total / squares)
    }

    fn inner(&self, one: &[Place], other: &[Place]) -> f64 {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b)));
        pairs.map(|(a, b)| self.product(a, b)).sum()
    }

    /// `Σ(y₁ − r₁·x₁)(y₂ − r₂·x₂)`.
    fn residuals(&self, one: &Quotient, other: &Quotient, [r, s]: [f64; 2]) -> f64 {
        self.inner(&one.over, &other.over)
            - s * self.inner(&one.over, &other.under)
            - r * self.inner(&one.under, &other.over)
            + r * s * self.inner(&one.under, &other.under)
    }

    /// A few of so many customers who carry the mean revenue.
    pub(crate) fn revenue_carriers(&self, customers: u64) -> Option<Carriers> {
        let all: Vec<Place> = (0..MONTHS).map(Place::revenue).collect();
        self.largest_revenue.carriers(self.total(&all), customers)
    }

    /// A few of so many customers who carry the mean number of contacts.
    pub(crate) fn contact_carriers(&self, name: &str, customers: u64) -> Option<Carriers> {
        let place = *self.channels.get(name)?;
        let most = self.most_contacts.get(&place)?;
        most.carriers(self.total(&[Place(place)]), customers)
    }

    /// Kurtosis of what customers are off their revenue per month.
    pub(crate) fn revenue_kurtosis(&self, ratio: &Quotient) -> Option<f64> {
        self.kurtosis(&self.revenue_tail, self.exposure_tail, ratio)
    }

    /// Kurtosis of what customers are off their contacts per month.
    pub(crate) fn contact_kurtosis(&self, name: &str, ratio: &Quotient) -> Option<f64> {
        let tails = self.channel_tails.get(self.channels.get(name)?)?;
        self.kurtosis(&tails[0], self.exposure_tail, ratio)
    }

    /// Kurtosis of what customers are off their minutes per contact.
    pub(crate) fn minutes_kurtosis(&self, name: &str, ratio: &Quotient) -> Option<f64> {
        let tails = self.channel_tails.get(self.channels.get(name)?)?;
        self.kurtosis(&tails[1], tails[1].xxxx, ratio)
    }

    fn kurtosis(&self, tail: &Tail, xxxx: f64, ratio: &Quotient) -> Option<f64> {
        let Estimate {
            value, customers, ..
        } = self.estimate(ratio)?;
        let squares = self.residuals(ratio, ratio, [value; 2]);
        // What customers hardly differ in is left of sums that nearly cancel.
        let is_noise = squares <= 1e-6 * self.inner(&ratio.over, &ratio.over);
        (!is_noise).then(|| customers * tail.residuals(value, xxxx) / (squares * squares))
    }
}

/// `n/(n − 1)`, for as many customers as are worth `n`.
fn correction(customers: f64) -> f64 {
    let n = customers.max(1.5);
    n / (n - 1.0)
}

/// Where the product of two places is kept.
fn index(one: usize, other: usize) -> usize {
    let (row, column) = (one.max(other), one.min(other));
    row * (row + 1) / 2 + column
}

mod largest;
mod tail;
/// Fourth moment of a normal variable over the square of its variance.
const NORMAL_KURTOSIS: f64 = 3.0;

/// Student's interval of the logarithm of a ratio of sums over customers, by linearisation.
///
/// Sums over few customers who differ much are off by more, and mostly downwards. Degrees of freedom
/// are those of the customers' weights, and not more than the fourth moment of their residuals
/// leaves to an estimated variance, `2n/(κ − 1)` (Satterthwaite, Biometrics 2, 1946).
pub(crate) fn student_t_log(estimate: &Estimate, kurtosis: Option<f64>) -> Option<Interval> {
    let Estimate {
        value, customers, ..
    } = *estimate;
    let error = estimate.relative_error?;
    let of_variance = 2.0 * customers / (kurtosis.unwrap_or(NORMAL_KURTOSIS) - 1.0).max(2.0);
    let freedom = (customers - 1.0).min(of_variance).max(1.0);
    if value > 0.0 {
        log_student(value, error, freedom, "ratio_log_student_t")
    } else {
        student(value, error * value.abs(), freedom, "ratio_student_t")
    }
}

#[cfg(test)]
mod tests;
