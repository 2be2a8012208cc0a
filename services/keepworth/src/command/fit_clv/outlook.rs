//! What customers will do, by what is known of them.

use keepworth_retention::fit::Estimate;
use keepworth_retention::purchase::{Histories, PurchaseError, PurchaseFit};
use serde::Serialize;

use crate::present::number::brief;
use crate::present::{Cell, Sheet, row};

/// More histories than this are told in JSON only.
const MOST_ROWS: usize = 40;

/// What customers of each history will do.
#[derive(Serialize)]
pub(super) struct Outlook {
    /// Time units ahead.
    next: u32,
    /// Discount rate per time unit of the residual purchases; null without them.
    rate: Option<f64>,
    /// Ordered by x, t_x and T.
    histories: Vec<HistoryOutlook>,
}

/// Customers of one history.
#[derive(Serialize)]
struct HistoryOutlook {
    x: f64,
    t_x: f64,
    #[serde(rename = "T")]
    age: f64,
    customers: f64,
    /// Chance of being active: at the end of observation, of bg-bb at the next opportunity.
    active: Estimate,
    /// Purchases of one of them in the next time units.
    purchases: Estimate,
    /// All purchases of one of them still to come, discounted; null without a rate.
    residual: Option<Estimate>,
}

impl Outlook {
    pub(super) fn of(
        fitted: &PurchaseFit,
        customers: &Histories,
        next: u32,
        rate: Option<f64>,
    ) -> Result<Self, PurchaseError> {
        let row = |(history, customers)| {
            let residual = rate.map(|rate| fitted.discounted_residual(&history, rate));
            Ok(HistoryOutlook {
                x: history.purchases(),
                t_x: history.recency(),
                age: history.age(),
                customers,
                active: fitted.alive(&history)?,
                purchases: fitted.future_purchases(&history, next.into())?,
                residual: residual.transpose()?,
            })
        };
        let histories: Result<_, PurchaseError> = customers.groups().into_iter().map(row).collect();
        Ok(Self {
            next,
            rate,
            histories: histories?,
        })
    }

    pub(super) fn sheet(&self) -> Sheet {
        let found = self.histories.len();
        if found > MOST_ROWS {
            let note = format!("Of {found} different histories --format json tells each.");
            return Sheet::of_lines([note]);
        }
        let columns = format!(
            "bought again | last at | of | customers | active | buys in the next {} | all to come, discounted",
            self.next
        );
        let mut sheet = Sheet::new("", &columns);
        for it in &self.histories {
            let residual = it.residual.map(|all| Cell::digits(all.value));
            row![sheet => Cell::whole(it.x), brief(it.t_x), brief(it.age),
                Cell::whole(it.customers), Cell::percent(it.active.value, 1),
                Cell::digits(it.purchases.value), residual];
        }
        sheet
    }
}
