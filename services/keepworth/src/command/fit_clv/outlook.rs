//! What customers will do, by what is known of them.

use keepworth_retention::fit::Estimate;
use keepworth_retention::purchase::{Histories, PurchaseError, PurchaseFit};
use serde::Serialize;

use crate::command::fit::{digits, time};
use crate::output::{table, whole};

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

    pub(super) fn print(&self) {
        let found = self.histories.len();
        if found > MOST_ROWS {
            println!("Of {found} different histories --format json tells each.");
            return;
        }
        let ahead = format!("buys in the next {}", self.next);
        let mut header = vec![
            "bought again",
            "last at",
            "of",
            "customers",
            "active",
            &ahead,
        ];
        if self.rate.is_some() {
            header.push("all to come, discounted");
        }
        let mut rows = table(header);
        for it in &self.histories {
            let mut cells = vec![
                whole(it.x),
                time(it.t_x),
                time(it.age),
                whole(it.customers),
                format!("{:.1}%", 100.0 * it.active.value),
                digits(it.purchases.value),
            ];
            cells.extend(it.residual.map(|all| digits(all.value)));
            rows.add_row(cells);
        }
        println!("{rows}");
    }
}
