//! Response to spending, and the balance of acquisition and retention.
//!
//! R. C. Blattberg, J. Deighton, Manage Marketing by the Customer Equity Test, Harvard Business
//! Review 74(4), 1996. The share of prospects won, or of customers kept, rises with spending to
//! a ceiling: `y(x) = C(1 − e^(−kx))`. With acquisition spend `A` per prospect, retention spend
//! `R` per customer and period, margin `m` and discount rate `d` per period:
//!
//! - `CLV(R) = (m(1+d) − R)/(1+d−r(R))` (P. Pfeifer, 2005),
//! - customer equity per prospect `= a(A)·CLV − A`,
//! - at the optimum the marginal cost of acquiring and of keeping both equal the CLV.

use serde::{Deserialize, Serialize};

use crate::error::{Error, checked};
use crate::rate::Rate;

/// A saturating response `y(x) = ceiling·(1 − e^(−k·x))` of a share to spending per head.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Response {
    ceiling: f64,
    k: f64,
}

impl Response {
    /// `ceiling` is the share reached with unlimited spending, `k` the speed per unit of money.
    ///
    /// # Errors
    /// When the ceiling is outside (0, 1] or `k` is not positive.
    pub fn new(ceiling: f64, k: f64) -> Result<Self, Error> {
        let in_range = ceiling > 0.0 && ceiling <= 1.0;
        checked(
            "ceiling",
            ceiling,
            in_range,
            "a share above 0 and at most 1",
        )?;
        checked("k", k, k > 0.0, "above 0, per unit of money")?;
        Ok(Self { ceiling, k })
    }

    /// The curve through what is spent and reached now, below a judged ceiling: the two questions
    /// of Blattberg and Deighton's decision calculus.
    ///
    /// # Errors
    /// When the spend is not positive, or the share is not between 0 and the ceiling.
    pub fn through(spend: f64, share: f64, ceiling: f64) -> Result<Self, Error> {
        checked("spend", spend, spend > 0.0, "above 0")?;
        let below = share > 0.0 && share < ceiling;
        checked("share", share, below, "above 0 and below the ceiling")?;
        Self::new(ceiling, -(-share / ceiling).ln_1p() / spend)
    }

    /// The curve through two judged points `(spend, share)`, the smaller spend first.
    ///
    /// # Errors
    /// When the spends are not positive and ascending; when the second share is not above the
    /// first but less than in proportion to the spend (the curve bends down); or when it takes a
    /// ceiling above 1.
    pub fn through_two(first: (f64, f64), second: (f64, f64)) -> Result<Self, Error> {
        let ((x1, y1), (x2, y2)) = (first, second);
        checked("first spend", x1, x1 > 0.0, "above 0")?;
        checked("second spend", x2, x2 > x1, "above the first")?;
        checked(
            "first share",
            y1,
            y1 > 0.0 && y1 < 1.0,
            "above 0 and below 1",
        )?;
        let bends = y2 > y1 && y2 / y1 < x2 / x1;
        let rule = "above the first, but by less than in proportion to the spend";
        checked("second share", y2, bends, rule)?;
        // (1 − e^(−k·x1))/(1 − e^(−k·x2)) rises with k from x1/x2 to 1: halve on ln k.
        let reached = |ln_k: f64, x: f64| -(-ln_k.exp() * x).exp_m1();
        let is_below = |ln_k: f64| reached(ln_k, x1) / reached(ln_k, x2) < y1 / y2;
        let ln_k = halve((1e-9 / x2).ln(), (700.0 / x1).ln(), is_below);
        Self::new(y1 / reached(ln_k, x1), ln_k.exp())
    }

    /// The share reached with unlimited spending.
    #[must_use]
    pub fn ceiling(&self) -> f64 {
        self.ceiling
    }

    /// The speed of saturation, per unit of money.
    #[must_use]
    pub fn k(&self) -> f64 {
        self.k
    }

    /// The share reached by `spend` per head.
    #[must_use]
    pub fn share(&self, spend: f64) -> f64 {
        -self.ceiling * (-self.k * spend).exp_m1()
    }

    /// The share gained by one more unit of money, `C·k·e^(−kx)`.
    #[must_use]
    pub fn marginal_share(&self, spend: f64) -> f64 {
        self.ceiling * self.k * (-self.k * spend).exp()
    }

    /// What the next customer costs at this spend, `1/y′(x)`: the marginal cost to acquire or keep.
    #[must_use]
    pub fn marginal_cost(&self, spend: f64) -> f64 {
        self.marginal_share(spend).recip()
    }

    /// The spend at which each customer so far cost `cost` on average, `x/y(x) = cost`; none when
    /// even the first costs as much, `1/(C·k)`.
    #[must_use]
    pub fn spend_at_average_cost(&self, cost: f64) -> Option<f64> {
        // u = kx solves u = q(1 − e^(−u)); left of ln q lies only the zero at no spend.
        let q = cost * self.ceiling * self.k;
        if !(q > 1.0 && q.is_finite()) {
            return None;
        }
        let u = halve(q.ln(), q, |u| u + q * (-u).exp_m1() < 0.0);
        Some(u / self.k)
    }

    /// The spend at which the next customer costs `value`; 0 when even the first costs more.
    #[must_use]
    pub fn spend_at_marginal_cost(&self, value: f64) -> f64 {
        let first_gain = self.ceiling * self.k * value;
        if first_gain > 1.0 {
            first_gain.ln() / self.k
        } else {
            0.0
        }
    }
}

/// Where `is_below` turns from true to false between `low` and `high`.
fn halve(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Lifetime value of a retained customer, margin now: `(m(1+d) − R)/(1+d−r)`.
///
/// # Errors
/// When the retention is outside [0, 1] or not below `1 + rate`.
pub fn lifetime_value(
    margin: f64,
    rate: Rate,
    retention_spend: f64,
    retention: f64,
) -> Result<f64, Error> {
    let growth = 1.0 + rate.value();
    let in_range = (0.0..=1.0).contains(&retention) && retention < growth;
    checked(
        "retention",
        retention,
        in_range,
        "between 0 and 1, and below 1 + rate",
    )?;
    Ok((margin * growth - retention_spend) / (growth - retention))
}

/// Customer equity per prospect: `a·CLV − A`.
#[must_use]
pub fn customer_equity(acquisition_share: f64, acquisition_spend: f64, clv: f64) -> f64 {
    acquisition_share * clv - acquisition_spend
}

/// What customers of one segment are worth, and how they answer to retention spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerBase {
    /// Share of customers kept by spend per customer and period.
    pub retention: Response,
    /// Margin per customer and period, before retention spend.
    pub margin: f64,
    /// Discount rate per period.
    pub rate: Rate,
}

impl CustomerBase {
    /// Lifetime value of a customer on whom `spend` is spent each period.
    #[must_use]
    pub fn lifetime_value(&self, spend: f64) -> f64 {
        let growth = 1.0 + self.rate.value();
        let kept = self.retention.share(spend);
        (self.margin * growth - spend) / (growth - kept)
    }

    /// The spend per customer and period that makes the lifetime value largest.
    ///
    /// It is the zero of `r′(R)(m(1+d) − R) − (1+d−r(R))`, the sign of `CLV′(R)`. It falls for
    /// `R < m(1+d)`, so halving finds its only zero there.
    #[must_use]
    pub fn best_spend(&self) -> f64 {
        let growth = 1.0 + self.rate.value();
        let most = self.margin * growth;
        let rises = |spend: f64| {
            self.retention.marginal_share(spend) * (most - spend)
                > growth - self.retention.share(spend)
        };
        if most <= 0.0 || !rises(0.0) {
            return 0.0;
        }
        halve(0.0, most, rises)
    }
}

/// How people answer to spending on winning and on keeping them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Market {
    /// Share of prospects won by spend per prospect.
    pub acquisition: Response,
    /// Those won.
    pub customers: CustomerBase,
}

/// A level of spending and what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Plan {
    /// Spend per prospect.
    pub acquisition_spend: f64,
    /// Spend per customer and period.
    pub retention_spend: f64,
    /// Lifetime value of a customer once acquired.
    pub clv: f64,
    /// Value per prospect, `a·CLV − A`.
    pub customer_equity: f64,
}

impl Market {
    /// What spending `acquisition_spend` per prospect and `retention_spend` per customer brings.
    #[must_use]
    pub fn plan(&self, acquisition_spend: f64, retention_spend: f64) -> Plan {
        let clv = self.customers.lifetime_value(retention_spend);
        let share = self.acquisition.share(acquisition_spend);
        let customer_equity = customer_equity(share, acquisition_spend, clv);
        Plan {
            acquisition_spend,
            retention_spend,
            clv,
            customer_equity,
        }
    }

    /// The spending that makes customer equity largest. CLV does not depend on the acquisition
    /// spend, so retention is settled first, then acquisition at that CLV.
    ///
    /// Without a positive CLV nothing is spent on acquisition.
    #[must_use]
    pub fn optimum(&self) -> Plan {
        let retention_spend = self.customers.best_spend();
        let clv = self.customers.lifetime_value(retention_spend);
        self.plan(
            self.acquisition.spend_at_marginal_cost(clv),
            retention_spend,
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn market() -> Market {
        Market {
            acquisition: Response::through(20.0, 0.2, 0.4).unwrap(),
            customers: CustomerBase {
                retention: Response::through(30.0, 0.6, 0.7).unwrap(),
                margin: 200.0,
                rate: Rate::new(0.10).unwrap(),
            },
        }
    }

    #[test]
    fn blattberg_deighton_exercise() {
        // customers.json blattberg_deighton: the plan with the lower CLV wins.
        let rate = Rate::new(0.10).unwrap();
        let first = lifetime_value(200.0, rate, 30.0, 0.6).unwrap();
        let second = lifetime_value(200.0, rate, 20.0, 0.5).unwrap();
        assert!((first - 380.0).abs() < 1e-9);
        assert!((second - 333.33).abs() < 0.005);
        assert!((customer_equity(0.2, 20.0, first) - 56.0).abs() < 1e-9);
        assert!((customer_equity(0.3, 30.0, second) - 70.0).abs() < 1e-9);
    }

    #[test]
    fn curves_pass_through_their_point() {
        let plan = market().plan(20.0, 30.0);
        assert!((plan.clv - 380.0).abs() < 1e-9);
        assert!((plan.customer_equity - 56.0).abs() < 1e-9);
    }

    #[test]
    fn impossible_curves_are_refused() {
        assert!(Response::new(1.2, 0.1).is_err());
        assert!(Response::new(0.5, 0.0).is_err());
        assert_eq!(
            Response::through(20.0, 0.5, 0.4).unwrap_err().to_string(),
            "share is 0.5; it must be above 0 and below the ceiling"
        );
        assert!(lifetime_value(1.0, Rate::ZERO, 0.0, 1.0).is_err());
    }

    #[test]
    fn two_points_settle_the_curve() {
        let truth = Response::new(0.7, 0.03).unwrap();
        let point = |spend: f64| (spend, truth.share(spend));
        let found = Response::through_two(point(10.0), point(60.0)).unwrap();
        assert!((found.ceiling() - 0.7).abs() < 1e-9 && (found.k() - 0.03).abs() < 1e-9);
        assert!(Response::through_two((10.0, 0.2), (20.0, 0.4)).is_err());
        assert!(Response::through_two((10.0, 0.2), (20.0, 0.2)).is_err());
        let needs_more_than_all = Response::through_two((10.0, 0.4), (20.0, 0.79)).unwrap_err();
        assert!(needs_more_than_all.to_string().starts_with("ceiling is "));
    }

    #[test]
    fn an_average_cost_settles_the_spend() {
        let curve = Response::new(0.4, 0.03).unwrap();
        for spend in [0.5, 20.0, 150.0] {
            let average = spend / curve.share(spend);
            let found = curve.spend_at_average_cost(average).unwrap();
            assert!((found / spend - 1.0).abs() < 1e-9, "{found} {spend}");
        }
        // The first customer costs 1/(0.4·0.03) = 83.33.
        assert_eq!(curve.spend_at_average_cost(83.0), None);
        assert_eq!(curve.spend_at_average_cost(f64::NAN), None);
    }

    #[test]
    fn worthless_customers_are_not_courted() {
        let mut worthless = market();
        worthless.customers.margin = 0.0;
        let optimum = worthless.optimum();
        assert_eq!(
            (optimum.acquisition_spend, optimum.retention_spend),
            (0.0, 0.0)
        );
    }

    proptest! {
        #[test]
        fn at_the_optimum_both_marginal_costs_equal_the_clv(
            a_ceiling in 0.1..0.9f64, a_k in 0.02..0.2f64,
            r_ceiling in 0.3..0.95f64, r_k in 0.02..0.2f64,
            margin in 100.0..500.0f64, rate in 0.02..0.3f64,
        ) {
            let market = Market {
                acquisition: Response::new(a_ceiling, a_k).unwrap(),
                customers: CustomerBase {
                    retention: Response::new(r_ceiling, r_k).unwrap(),
                    margin,
                    rate: Rate::new(rate).unwrap(),
                },
            };
            let best = market.optimum();
            if best.acquisition_spend > 0.0 {
                let cost = market.acquisition.marginal_cost(best.acquisition_spend);
                prop_assert!((cost / best.clv - 1.0).abs() < 1e-9);
            }
            if best.retention_spend > 0.0 {
                let cost = market.customers.retention.marginal_cost(best.retention_spend);
                prop_assert!((cost / best.clv - 1.0).abs() < 1e-6);
            }
            for (da, dr) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let a = (best.acquisition_spend + da).max(0.0);
                let r = (best.retention_spend + dr).max(0.0);
                prop_assert!(market.plan(a, r).customer_equity <= best.customer_equity + 1e-9);
            }
        }
    }
}
