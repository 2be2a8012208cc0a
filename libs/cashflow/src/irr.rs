//! Internal rates of return: the rates at which the net present value is zero.
//!
//! A series has no such rate, one, or several (at most one for each change of sign of its
//! flows, Descartes). All of them in (−1, ∞) are found; none is chosen, and they are never
//! averaged. MIRR, which is unique by construction, stands beside them.

use serde::{Deserialize, Serialize};

use crate::flows::Flows;
use crate::rate::Rate;
use crate::root::ExponentialSum;

/// The internal rates of return of a series, per period (per year, if dated).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Irr {
    /// No rate makes the flows worth nothing; they may all be of one sign.
    None,
    /// The rate.
    One(f64),
    /// Several rates, ascending: as a measure of return each of them means nothing.
    Several(Vec<f64>),
}

impl Irr {
    /// The rates, ascending; empty when there is none.
    #[must_use]
    pub fn rates(&self) -> &[f64] {
        match self {
            Self::None => &[],
            Self::One(rate) => std::slice::from_ref(rate),
            Self::Several(rates) => rates,
        }
    }

    /// The rate when there is exactly one.
    #[must_use]
    pub fn unique(&self) -> Option<f64> {
        match self {
            Self::One(rate) => Some(*rate),
            Self::None | Self::Several(_) => None,
        }
    }
}

impl Flows<'_> {
    /// All internal rates of return in (−1, ∞) under these flows' timing.
    ///
    /// Exact in number: zeros are separated by a recursion on derivatives, then refined by a
    /// bracketing method to the last bits that the flows determine. Two rates closer together than
    /// rounding can tell are given as one. Series of zeros have none.
    ///
    /// The time grows with flows times changes of sign times rates: microseconds for a programme,
    /// a fifth of a second for 1,200 flows of random sign.
    ///
    /// ```
    /// use keepworth_cashflow::{Flows, Irr, Timing};
    /// let flows = Flows::periodic(vec![-70_000.0, 12_000.0, 15_000.0, 18_000.0, 21_000.0, 26_000.0], Timing::End)?;
    /// assert!(matches!(flows.irr(), Irr::One(rate) if (rate - 0.086_630_948).abs() < 1e-9));
    /// # Ok::<(), keepworth_cashflow::Error>(())
    /// ```
    #[must_use]
    pub fn irr(&self) -> Irr {
        let mut rates = if self.is_regular() {
            ExponentialSum::new(self.amounts(), None).zeros()
        } else {
            let (amounts, times) = self.merged_by_time();
            ExponentialSum::new(&amounts, Some(&times)).zeros()
        };
        for rate in &mut rates {
            *rate = rate.exp_m1();
        }
        match rates[..] {
            [] => Irr::None,
            [rate] => Irr::One(rate),
            _ => Irr::Several(rates),
        }
    }

    /// Modified internal rate of return: costs are financed at `finance`, benefits reinvested at
    /// `reinvest` until the last flow, `(FV of benefits / −PV of costs)^(1/T) − 1`.
    ///
    /// None when there is no benefit, no cost, or no time between first and last flow.
    #[must_use]
    pub fn mirr(&self, finance: Rate, reinvest: Rate) -> Option<f64> {
        let end = self.time(self.len() - 1);
        let (mut benefits, mut costs) = (0.0, 0.0);
        for (k, &amount) in self.amounts().iter().enumerate() {
            let t = self.time(k);
            if amount > 0.0 {
                benefits += amount * reinvest.growth_factor(end - t);
            } else {
                costs -= amount * finance.discount_factor(t);
            }
        }
        let exists = benefits > 0.0 && costs > 0.0 && end > 0.0;
        exists.then(|| (benefits / costs).powf(end.recip()) - 1.0)
    }

    /// Amounts and strictly ascending times: flows of the same moment are one.
    fn merged_by_time(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut amounts, mut times) = (Vec::<f64>::new(), Vec::<f64>::new());
        for (k, &amount) in self.amounts().iter().enumerate() {
            let t = self.time(k);
            match (amounts.last_mut(), times.last()) {
                (Some(sum), Some(&last)) if last == t => *sum += amount,
                _ => {
                    amounts.push(amount);
                    times.push(t);
                }
            }
        }
        (amounts, times)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flows::Timing;

    fn irr(amounts: &[f64]) -> Irr {
        Flows::periodic(amounts, Timing::End).unwrap().irr()
    }

    fn assert_rates(amounts: &[f64], expected: &[f64], tolerance: f64) {
        let found = irr(amounts);
        assert_eq!(found.rates().len(), expected.len(), "{found:?}");
        for (rate, wanted) in found.rates().iter().zip(expected) {
            assert!((rate - wanted).abs() < tolerance, "{rate} is not {wanted}");
        }
    }

    #[test]
    fn microsoft_irr_examples() {
        // Microsoft, IRR function: −2.1% after four years, 8.7% after five.
        assert_rates(&[-7e4, 1.2e4, 1.5e4, 1.8e4, 2.1e4], &[-0.021_244_848], 1e-9);
        assert_rates(
            &[-7e4, 1.2e4, 1.5e4, 1.8e4, 2.1e4, 2.6e4],
            &[0.086_630_948],
            1e-9,
        );
    }

    #[test]
    fn microsoft_xirr_example() {
        // Microsoft, XIRR function: 37.336%, printed there to the solver's 1e-8.
        let flows: Vec<_> = [
            ("2008-01-01", -10_000.0),
            ("2008-03-01", 2_750.0),
            ("2008-10-30", 4_250.0),
            ("2009-02-15", 3_250.0),
            ("2009-04-01", 2_750.0),
        ]
        .iter()
        .map(|(on, amount)| (on.parse().unwrap(), *amount))
        .collect();
        let rate = Flows::dated(&flows).unwrap().irr().unique().unwrap();
        assert!((rate - 0.373_362_535).abs() < 2e-9, "{rate}");
    }

    #[test]
    fn four_rates_are_all_found() {
        // The multiple-IRR exercise: 1/4, 1/3, 3/7, 2/3, by arithmetic.
        let flows = [-252.0, 1_431.0, -3_035.0, 2_850.0, -1_000.0];
        assert_rates(&flows, &[0.25, 1.0 / 3.0, 3.0 / 7.0, 2.0 / 3.0], 1e-10);
    }

    #[test]
    fn no_rate_is_a_value() {
        assert_eq!(irr(&[100.0, 50.0, 50.0]), Irr::None);
        assert_eq!(irr(&[0.0, 0.0]), Irr::None);
        assert_eq!(irr(&[-5.0]), Irr::None);
        // Two changes of sign and yet none: the discriminant is negative.
        assert_eq!(irr(&[1.0, -1.0, 1.0]), Irr::None);
    }

    #[test]
    fn a_touching_zero_is_found_once_and_extremes_are_reached() {
        assert_rates(&[1.0, -2.0, 1.0], &[0.0], 1e-7);
        assert_rates(&[-1e-9, 1.0], &[1e9 - 1.0], 1.0);
        assert_rates(&[-1.0, 1e-9], &[1e-9 - 1.0], 1e-15);
        assert_rates(&[0.0, 0.0, -100.0, 110.0, 0.0], &[0.10], 1e-14);
        assert_rates(&[-1e-200, 1.1e-200], &[0.10], 1e-14);
    }

    #[test]
    fn mid_period_rate_solves_the_mid_period_value() {
        let flows = Flows::periodic(vec![-100.0, 60.0, 70.0], Timing::Mid).unwrap();
        let rate = flows.irr().unique().unwrap();
        assert!(flows.npv(Rate::new(rate).unwrap()).abs() < 1e-11);
        let start = Flows::periodic(vec![-100.0, 60.0, 50.0], Timing::Start).unwrap();
        assert!((start.irr().unique().unwrap() - 0.25).abs() < 1e-14);
    }

    #[test]
    fn microsoft_mirr_example() {
        // Microsoft, MIRR function: 12.61% after five years.
        let flows = [-120_000.0, 39_000.0, 30_000.0, 21_000.0, 37_000.0, 46_000.0];
        let flows = Flows::periodic(&flows[..], Timing::End).unwrap();
        let rate = |r| Rate::new(r).unwrap();
        let mirr = flows.mirr(rate(0.10), rate(0.12)).unwrap();
        assert!((mirr - 0.126_094_130_4).abs() < 1e-10, "{mirr}");
        let gain = Flows::periodic(vec![1.0, 2.0], Timing::End).unwrap();
        assert_eq!(gain.mirr(rate(0.1), rate(0.1)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn as_many_rates_as_descartes_allows(
            amounts in prop::collection::vec(-1e4..1e4f64, 2..400),
        ) {
            // No more than changes of sign, and of the same parity.
            let found = irr(&amounts).rates().len();
            let changes = amounts.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
            prop_assert!(found <= changes && found % 2 == changes % 2, "{} of {}", found, changes);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn value_is_zero_at_every_rate(amounts in prop::collection::vec(-1e4..1e4f64, 1..40)) {
            let flows = Flows::periodic(&amounts, Timing::End).unwrap();
            for &rate in flows.irr().rates() {
                let rate = Rate::new(rate).unwrap();
                let scale: f64 = flows.discounted(rate).iter().map(|term| term.abs()).sum();
                prop_assert!(flows.npv(rate).abs() <= 1e-9 * scale, "{}", flows.npv(rate));
            }
        }

        #[test]
        fn rates_put_in_are_the_rates_found(
            wanted in prop::collection::btree_set(-8i32..40, 1..6),
        ) {
            // The polynomial with discount factors 1/(1+r) as its zeros, rates 0.1 apart.
            let wanted: Vec<f64> = wanted.iter().map(|r| f64::from(*r) / 10.0).collect();
            let mut flows = vec![-1.0];
            for rate in &wanted {
                let mut product = vec![0.0; flows.len() + 1];
                for (k, flow) in flows.iter().enumerate() {
                    product[k] += flow;
                    product[k + 1] -= flow * (1.0 + rate);
                }
                flows = product;
            }
            let found = irr(&flows);
            prop_assert_eq!(found.rates().len(), wanted.len());
            for (rate, wanted) in found.rates().iter().zip(&wanted) {
                prop_assert!((rate - wanted).abs() < 1e-6, "{} is not {}", rate, wanted);
            }
        }

        #[test]
        fn no_sign_change_of_the_value_is_missed(
            amounts in prop::collection::vec(-100i32..100, 2..12),
        ) {
            let amounts: Vec<f64> = amounts.iter().map(|c| f64::from(*c)).collect();
            let flows = Flows::periodic(&amounts, Timing::End).unwrap();
            let rates = flows.irr();
            let grid: Vec<f64> = (1..2_000).map(|k| f64::from(k) * 0.005 - 0.9).collect();
            for pair in grid.windows(2) {
                let value = |r: f64| flows.npv(Rate::new(r).unwrap());
                if value(pair[0]) * value(pair[1]) < 0.0 {
                    let inside = |r: &f64| pair[0] - 1e-9 <= *r && *r <= pair[1] + 1e-9;
                    prop_assert!(rates.rates().iter().any(inside), "{:?}", pair);
                }
            }
        }

        #[test]
        fn half_periods_give_the_root_of_the_growth(
            amounts in prop::collection::vec(-1e4..1e4f64, 2..30),
        ) {
            let spread: Vec<f64> = amounts.iter().flat_map(|amount| [*amount, 0.0]).collect();
            let (whole, half) = (irr(&amounts), irr(&spread));
            prop_assert_eq!(whole.rates().len(), half.rates().len());
            for (whole, half) in whole.rates().iter().zip(half.rates()) {
                let growth = (1.0 + half).powi(2);
                prop_assert!((1.0 + whole - growth).abs() < 1e-7 * growth);
            }
        }

        #[test]
        fn amounts_of_any_size_give_rates_in_range(
            amounts in prop::collection::vec((-1.0..1.0f64, -300i32..300), 1..30),
            lead in 0usize..3,
        ) {
            let timing = [Timing::End, Timing::Mid, Timing::Start][lead];
            let amounts: Vec<f64> = amounts.iter().map(|(m, e)| m * 10f64.powi(*e)).collect();
            for rate in Flows::periodic(&amounts, timing).unwrap().irr().rates() {
                prop_assert!(Rate::new(*rate).is_ok(), "{}", rate);
            }
        }
    }
}
