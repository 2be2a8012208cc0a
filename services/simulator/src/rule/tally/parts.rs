//! What a tally sums up, by month and by what is odd.

use std::collections::BTreeMap;

use keepworth_contract::experience::ContactSum;

/// Sums over the customers of a segment in one calendar month of the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MonthSums {
    /// Months under observation.
    pub(crate) months: f64,
    /// Customers under observation at its end.
    pub(crate) at_end: u64,
    /// Who left in it.
    pub(crate) left: u64,
    /// Minor units charged for the days under observation.
    pub(crate) revenue_minor: f64,
    /// Customers under observation with any revenue.
    pub(crate) payers: u64,
    /// Contacts by channel.
    pub(crate) contacts: BTreeMap<String, Contacts>,
}

/// What is odd about charges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Billing {
    /// Customers on the day for whom nothing was charged in all the records.
    pub(crate) never: u64,
    /// Customers on the day for whom something was charged once, but nothing in the window.
    pub(crate) not_in_window: u64,
    /// Charges for months after the customer had left.
    pub(crate) after_leaving: Stray,
    /// Charges for other months in which the customer was not under observation.
    pub(crate) unobserved: Stray,
    /// Recurring charges that repeat another of the same customer, months and amount.
    pub(crate) repeated: Stray,
}

impl Billing {
    pub(super) fn merge(&mut self, other: &Self) {
        self.never += other.never;
        self.not_in_window += other.not_in_window;
        self.after_leaving.merge(other.after_leaving);
        self.unobserved.merge(other.unobserved);
        self.repeated.merge(other.repeated);
    }
}

/// Charges that count in no figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stray {
    /// Customers with any.
    pub(crate) customers: u64,
    /// Their minor units.
    pub(crate) minor: i64,
}

impl Stray {
    pub(super) fn add(&mut self, minor: i64) {
        self.customers += u64::from(minor != 0);
        self.minor += minor;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.customers += other.customers;
        self.minor += other.minor;
    }
}

/// Sums of contacts through one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Contacts {
    /// How many.
    pub(crate) count: u64,
    seconds: i64,
}

impl Contacts {
    pub(super) fn add(&mut self, other: ContactSum) {
        self.count += other.count;
        self.seconds += other.handle_seconds;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.seconds += other.seconds;
    }

    /// Minutes of employees' time in all of them.
    pub(crate) fn minutes(&self) -> f64 {
        self.seconds as f64 / 60.0
    }
}

/// Adds sums by name.
pub(super) fn merge_contacts(
    to: &mut BTreeMap<String, Contacts>,
    from: &BTreeMap<String, Contacts>,
) {
    for (name, contacts) in from {
        to.entry(name.clone()).or_default().merge(contacts);
    }
}
