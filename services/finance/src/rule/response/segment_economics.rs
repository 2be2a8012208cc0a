//! What the records say of one segment's customers, as the verdict needs it.

use keepworth_contract::finance::CostCategory;

use crate::rule::cost::cost_total::{CostTotal, Counts};

/// What a customer brings and costs on average; each figure is none where records are missing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SegmentEconomics {
    /// Revenue less cost of revenue, service, overhead and training, minor units per customer and
    /// month: the margin before retention spend.
    pub monthly_margin: Option<f64>,
    /// What is spent so that customers stay, on retention and on programmes, minor units per
    /// customer and month; none when nothing is.
    pub monthly_retention_spend: Option<f64>,
    /// Fully loaded, minor units per new customer; none when nobody was won or nothing was spent.
    pub acquisition_cost: Option<f64>,
    /// Customers won.
    pub new_customers: u64,
}

/// What is taken off revenue before retention spend.
const BEFORE_RETENTION: [CostCategory; 4] = [
    CostCategory::CostOfRevenue,
    CostCategory::Service,
    CostCategory::Overhead,
    CostCategory::Training,
];

/// What is spent so that customers stay.
const RETENTION: [CostCategory; 2] = [CostCategory::Retention, CostCategory::Programme];

impl SegmentEconomics {
    /// What costs and counts of some months come to.
    #[must_use]
    pub fn of(total: &CostTotal, counts: Counts) -> Self {
        let monthly = |minor: i128| {
            let months = counts.customer_months;
            (months > 0).then(|| minor as f64 / months as f64)
        };
        let margin = counts.revenue - total.of(&BEFORE_RETENTION);
        let acquisition_cost = total.acquisition(counts).fully_loaded().value();
        Self {
            monthly_margin: monthly(margin).filter(|_| counts.revenue > 0),
            monthly_retention_spend: monthly(total.of(&RETENTION)).filter(|spend| *spend > 0.0),
            acquisition_cost: acquisition_cost.filter(|cost| *cost > 0.0),
            new_customers: counts.new_customers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_has_its_place() {
        let mut total = CostTotal::default();
        for (category, minor) in [
            (CostCategory::CostOfRevenue, 100),
            (CostCategory::Service, 200),
            (CostCategory::Overhead, 300),
            (CostCategory::Training, 400),
            (CostCategory::Retention, 50),
            (CostCategory::Programme, 70),
            (CostCategory::Acquisition, 900),
        ] {
            total.add(category, None, minor).unwrap();
        }
        let counts = Counts {
            customer_months: 10,
            new_customers: 3,
            from_paid: 0,
            revenue: 5_000,
        };
        assert_eq!(
            SegmentEconomics::of(&total, counts),
            SegmentEconomics {
                monthly_margin: Some(400.0),
                monthly_retention_spend: Some(12.0),
                acquisition_cost: Some(300.0),
                new_customers: 3,
            }
        );
        let nothing = SegmentEconomics::of(&CostTotal::default(), Counts::default());
        assert_eq!(nothing, SegmentEconomics::default());
    }
}
