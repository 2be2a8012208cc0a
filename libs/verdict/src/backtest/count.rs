//! What records count of a segment in a month.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use keepworth_contract::Month;
use keepworth_contract::simulator::CountedFigure;

/// A segment's months.
pub type History = BTreeMap<Month, MonthCount>;

/// What records count of a segment in a calendar month that is over. Money is in major units.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MonthCount {
    /// Customers at its end.
    pub customers: f64,
    /// Customers won in it.
    pub won: f64,
    /// Who left in it.
    pub leavers: f64,
    /// Customer-months under observation.
    pub customer_months: f64,
    /// Revenue of the days under observation; none where nobody's is recorded in the month.
    pub revenue: Option<f64>,
    /// Contacts by channel.
    pub contacts: BTreeMap<String, f64>,
    /// Cost of contacts; none where it is not booked.
    pub service_cost: Option<f64>,
    /// Cost of what was sold, of serving and of winning customers, without programmes; none where some of it is
    /// not booked.
    pub cost: Option<f64>,
}

/// The whole company by month: a sum of money is not known where a segment's is not.
#[must_use]
pub fn company(segments: &BTreeMap<String, History>) -> History {
    let mut company = History::new();
    for (month, count) in segments.values().flatten() {
        match company.entry(*month) {
            Entry::Vacant(free) => _ = free.insert(count.clone()),
            Entry::Occupied(mut sum) => sum.get_mut().add(count),
        }
    }
    company
}

impl MonthCount {
    fn add(&mut self, other: &Self) {
        self.customers += other.customers;
        self.won += other.won;
        self.leavers += other.leavers;
        self.customer_months += other.customer_months;
        for (channel, count) in &other.contacts {
            *self.contacts.entry(channel.clone()).or_default() += count;
        }
        let money = [
            (&mut self.revenue, other.revenue),
            (&mut self.service_cost, other.service_cost),
            (&mut self.cost, other.cost),
        ];
        for (sum, more) in money {
            *sum = sum.zip(more).map(|(sum, more)| sum + more);
        }
    }

    /// A figure, of contacts of one channel or of all.
    pub(super) fn value(&self, figure: CountedFigure, channel: Option<&str>) -> Option<f64> {
        Some(match figure {
            CountedFigure::Customers => self.customers,
            CountedFigure::Won => self.won,
            CountedFigure::Leavers => self.leavers,
            CountedFigure::Revenue => return self.revenue,
            CountedFigure::Contacts => match channel {
                Some(channel) => self.contacts.get(channel).copied().unwrap_or_default(),
                None => self.all_contacts(),
            },
            CountedFigure::ServiceCost => return self.service_cost,
            CountedFigure::Cost => return self.cost,
        })
    }

    /// Contacts through all channels.
    pub(crate) fn all_contacts(&self) -> f64 {
        self.contacts.values().sum()
    }
}
