//! Level payments: annuity factor and equivalent annual cost.
//!
//! `A(r, n) = Σ (1+r)^(−t), t = 1…n = (1 − (1+r)^(−n))/r`, and `n` when `r = 0`.

use crate::flows::Flows;
use crate::rate::Rate;

/// The present value of one unit at the end of each of `periods` periods.
#[must_use]
pub fn annuity_factor(rate: Rate, periods: u32) -> f64 {
    let (r, n) = (rate.value(), f64::from(periods));
    if r == 0.0 {
        n
    } else {
        -(-n * r.ln_1p()).exp_m1() / r
    }
}

/// The level end-of-period amount with the same present value as `flows` over `periods`: what
/// compares assets of unlike lives (equivalent annual cost when the flows are costs).
///
/// None when `periods` is zero.
#[must_use]
pub fn equivalent_annuity(flows: &Flows<'_>, rate: Rate, periods: u32) -> Option<f64> {
    (periods > 0).then(|| flows.npv(rate) / annuity_factor(rate, periods))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::{Timing, present_value};

    #[test]
    fn factor_is_the_value_of_ones_and_continuous_at_zero() {
        for r in [-0.05, 1e-12, 0.01, 0.10] {
            let rate = Rate::new(r).unwrap();
            assert!((annuity_factor(rate, 7) - present_value(&[1.0; 7], rate)).abs() < 1e-9);
        }
        assert_eq!(annuity_factor(Rate::ZERO, 7), 7.0);
        assert_eq!(annuity_factor(Rate::ZERO, 0), 0.0);
    }

    #[test]
    fn equivalent_annual_cost_reproduces_the_present_value() {
        let rate = Rate::new(0.06).unwrap();
        let machine = [-15.0, -4.0, -4.0, -4.0];
        let flows = Flows::periodic(&machine[..], Timing::End).unwrap();
        let cost = equivalent_annuity(&flows, rate, 3).unwrap();
        // Brealey, Myers, Allen: 15 at once and 4 a year for three years at 6% is 9.61 a year.
        assert!((cost + 9.61).abs() < 0.005, "{cost}");
        assert!((present_value(&[cost; 3], rate) - flows.npv(rate)).abs() < 1e-12);
        assert_eq!(equivalent_annuity(&flows, rate, 0), None);
    }
}
