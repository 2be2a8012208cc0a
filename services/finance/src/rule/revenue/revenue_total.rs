//! What one customer was charged over a window of calendar months.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::finance::RevenueRow;
use keepworth_contract::{Currency, Month};

use crate::rule::ledger::conversion::{Exact, Factor};
use crate::rule::revenue::span::Span;

/// Revenue that makes no row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevenueTotalError {
    /// One customer was charged in two currencies.
    #[error(
        "customer `{}` of `{}` was charged in {first} and in {second}; name the currency to report in, for example currency={first}",
        customer.external_id, customer.source
    )]
    MixedCurrencies {
        /// Who.
        customer: CustomerKey,
        /// One currency.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A sum does not fit.
    #[error("customer `{}` of `{}` was charged more than 9·10¹⁸ minor units", .0.external_id, .0.source)]
    TooLarge(CustomerKey),
}

/// A charge as far as sums go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    /// ISO 4217 code.
    pub currency: &'static str,
    /// What for.
    pub kind: RevenueKind,
    /// Minor units, refunds positive.
    pub minor: i64,
    /// The months that it is for.
    pub span: Span,
}

/// The calendar months that a feed sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Index of the first month.
    first: i32,
    /// How many there are.
    months: usize,
    /// How many of them come before those that kinds and cover are told of.
    earlier: usize,
}

impl Window {
    /// As many months up to `last`.
    #[must_use]
    pub fn ending(last: Month, months: u16) -> Self {
        Self {
            first: last.index() + 1 - i32::from(months),
            months: usize::from(months),
            earlier: 0,
        }
    }

    /// The same with so many months before, which are told apart.
    #[must_use]
    pub fn with_earlier(self, months: u16) -> Self {
        Self {
            first: self.first - i32::from(months),
            months: self.months + usize::from(months),
            earlier: self.earlier + usize::from(months),
        }
    }

    /// The months of the window from `first` to `last`, as places from its first on.
    fn places(self, first: Month, last: Month) -> std::ops::Range<usize> {
        let place = |index: i32| (index - self.first).clamp(0, self.months as i32) as usize;
        place(first.index())..place(last.index() + 1)
    }
}

/// The currency that charges are converted into, and at what.
#[derive(Debug)]
pub struct Conversion {
    /// The currency.
    pub currency: Currency,
    /// Of every other currency, by its code, the factor of each month of the window that has charges.
    pub factors: BTreeMap<&'static str, BTreeMap<Month, Factor>>,
}

impl Conversion {
    /// What amounts of a month are multiplied by; none where they are in the currency already.
    pub fn factor(&self, currency: &str, month: Month) -> Option<Factor> {
        self.factors.get(currency)?.get(&month).copied()
    }
}

/// Gathers charges that come in key order into one row per customer.
#[derive(Debug)]
pub struct CustomerTotals {
    window: Window,
    conversion: Option<Conversion>,
    open: Option<CustomerTotal>,
}

#[derive(Debug)]
struct CustomerTotal {
    customer: CustomerKey,
    currency: Option<&'static str>,
    by_kind: BTreeMap<RevenueKind, KindTotal>,
    /// The first month that any charge covers.
    billed_from: Option<Month>,
    recurring: Vec<RecurringCharge>,
}

/// A recurring charge, and how much of it lies in the window.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RecurringCharge {
    span: Span,
    minor: i64,
    currency: &'static str,
    within: Exact,
}

#[derive(Debug)]
struct KindTotal {
    /// What each month of the window comes to.
    by_month: Vec<Exact>,
    /// Which months of the window are covered.
    covered: Vec<bool>,
}

impl CustomerTotals {
    /// Nobody yet; amounts stay in the currency that they were charged in, unless they are converted.
    #[must_use]
    pub fn new(window: Window, conversion: Option<Conversion>) -> Self {
        Self {
            window,
            conversion,
            open: None,
        }
    }

    /// Counts a charge in, and answers the row of the customer before when it belongs to the next.
    ///
    /// # Errors
    /// [`RevenueTotalError`].
    pub fn add(
        &mut self,
        customer: &CustomerKey,
        charged: Charged,
    ) -> Result<Option<RevenueRow>, RevenueTotalError> {
        let done = self.open.take_if(|total| total.customer != *customer);
        let total = self.open.get_or_insert_with(|| CustomerTotal {
            customer: customer.clone(),
            currency: None,
            by_kind: BTreeMap::new(),
            billed_from: None,
            recurring: Vec::new(),
        });
        total.add(charged, self.window, self.conversion.as_ref())?;
        done.map(|it| it.into_row(self.window)).transpose()
    }

    /// The row of the last customer.
    ///
    /// # Errors
    /// [`RevenueTotalError`].
    pub fn finish(self) -> Result<Option<RevenueRow>, RevenueTotalError> {
        self.open.map(|it| it.into_row(self.window)).transpose()
    }
}

impl CustomerTotal {
    fn add(
        &mut self,
        charged: Charged,
        window: Window,
        conversion: Option<&Conversion>,
    ) -> Result<(), RevenueTotalError> {
        let (first, last) = (charged.span.first(), charged.span.last());
        if charged.kind != RevenueKind::Refund {
            let earliest = self.billed_from.get_or_insert(first);
            *earliest = first.min(*earliest);
        }
        let places = window.places(first, last);
        if places.is_empty() {
            return Ok(());
        }
        self.check_currency(conversion.map_or(charged.currency, |it| it.currency.code()))?;
        let too_large = || RevenueTotalError::TooLarge(self.customer.clone());
        let total = self
            .by_kind
            .entry(charged.kind)
            .or_insert_with(|| KindTotal {
                by_month: vec![Exact::default(); window.months],
                covered: vec![false; window.months],
            });
        let mut within = Exact::default();
        for place in places {
            let month = Month::from_index(window.first + place as i32);
            let minor = charged.kind.sign() * charged.span.part(charged.minor, month);
            let factor = conversion.and_then(|it| it.factor(charged.currency, month));
            let sum = &mut total.by_month[place];
            *sum = sum.add(minor, factor).ok_or_else(too_large)?;
            total.covered[place] = true;
            if place >= window.earlier {
                within = within.add(minor, factor).ok_or_else(too_large)?;
            }
        }
        if charged.kind == RevenueKind::Recurring && charged.minor > 0 {
            self.recurring.push(RecurringCharge {
                span: charged.span,
                minor: charged.minor,
                currency: charged.currency,
                within,
            });
        }
        Ok(())
    }

    fn check_currency(&mut self, currency: &'static str) -> Result<(), RevenueTotalError> {
        let mine = *self.currency.get_or_insert(currency);
        if mine == currency {
            return Ok(());
        }
        Err(RevenueTotalError::MixedCurrencies {
            customer: self.customer.clone(),
            first: mine,
            second: currency,
        })
    }

    /// Kinds are charged side by side for the same months, so a customer's months are the most that
    /// one kind covers; a refund covers none. A kind's month is rounded once, so that months and kinds
    /// add up to the same.
    fn into_row(mut self, window: Window) -> Result<RevenueRow, RevenueTotalError> {
        let repeated_minor = self.repeated();
        let too_large = || RevenueTotalError::TooLarge(self.customer.clone());
        let (mut months, mut minor_by_month) = (0, vec![0_i64; window.months]);
        let mut minor_by_kind = BTreeMap::new();
        for (kind, total) in &self.by_kind {
            if *kind != RevenueKind::Refund {
                let covered = total.covered[window.earlier..].iter();
                months = months.max(covered.filter(|it| **it).count());
            }
            let mut of_kind = 0_i64;
            for (place, exact) in total.by_month.iter().enumerate() {
                let minor = exact.minor().ok_or_else(too_large)?;
                let sum = &mut minor_by_month[place];
                *sum = sum.checked_add(minor).ok_or_else(too_large)?;
                if place >= window.earlier {
                    of_kind = of_kind.checked_add(minor).ok_or_else(too_large)?;
                }
            }
            if total.covered[window.earlier..].contains(&true) {
                minor_by_kind.insert(kind.name().to_owned(), of_kind);
            }
        }
        let repeated_minor = repeated_minor.ok_or_else(too_large)?;
        let last_months = minor_by_month.split_off(window.earlier);
        Ok(RevenueRow {
            customer: self.customer,
            currency: self.currency.unwrap_or_default().to_owned(),
            months: months as i64,
            minor_by_kind,
            minor_by_month: last_months,
            earlier_minor_by_month: minor_by_month,
            billed_from: self.billed_from.map(|month| month.to_string()),
            repeated_minor,
        })
    }

    /// What repeats another charge, in minor units; none when it does not fit.
    fn repeated(&mut self) -> Option<i64> {
        self.recurring.sort_unstable();
        let mut pairs = self.recurring.windows(2).filter(|pair| pair[0] == pair[1]);
        let sum = pairs.try_fold(Exact::default(), |sum, pair| sum.plus(pair[1].within));
        sum?.minor()
    }
}

#[cfg(test)]
#[path = "revenue_total/tests.rs"]
mod tests;
