//! Economic value added: profit after a charge for the capital it used.
//!
//! `EVAₜ = (EBITDAₜ − Dₜ)(1 − tax) − wacc·Kₜ₋₁`, with `K` the book value of capital. Discounted at the
//! wacc its sum is the NPV of the free cash flow, for any schedule of depreciation that writes
//! the capital off in full (Preinreich–Lücke theorem), which is why it may be reported beside
//! NPV but never added to it.

use crate::error::{Error, all_finite, checked};
use crate::rate::Rate;

/// A project with one outlay, seen through its books.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    capex: f64,
    ebitda: Vec<f64>,
    depreciation: Vec<f64>,
    tax: f64,
}

impl Project {
    /// `capex` is spent now; `ebitda[t]` and `depreciation[t]` belong to period `t + 1`.
    ///
    /// # Errors
    /// When the series are empty, of unlike length or not finite, the depreciation does not sum to
    /// the capex (within one part in 10⁹), or the tax is outside [0, 1].
    pub fn new(
        capex: f64,
        ebitda: Vec<f64>,
        depreciation: Vec<f64>,
        tax: f64,
    ) -> Result<Self, Error> {
        if ebitda.is_empty() {
            return Err(Error::Empty("ebitda"));
        }
        if depreciation.len() != ebitda.len() {
            return Err(Error::Length {
                name: "depreciation",
                found: depreciation.len(),
                expected: ebitda.len(),
            });
        }
        all_finite("ebitda", &ebitda)?;
        all_finite("depreciation", &depreciation)?;
        checked("capex", capex, capex >= 0.0, "zero or more")?;
        checked("tax", tax, (0.0..=1.0).contains(&tax), "between 0 and 1")?;
        let written_off: f64 = depreciation.iter().sum();
        let in_full = (written_off - capex).abs() <= 1e-9 * capex.max(1.0);
        checked(
            "sum of depreciation",
            written_off,
            in_full,
            "equal to the capex",
        )?;
        Ok(Self {
            capex,
            ebitda,
            depreciation,
            tax,
        })
    }

    /// Free cash flow: `−capex`, then `EBITDA·(1−tax) + tax·D` each period.
    #[must_use]
    pub fn free_cash_flow(&self) -> Vec<f64> {
        let periods = self.ebitda.iter().zip(&self.depreciation);
        let later = periods.map(|(ebitda, d)| (ebitda - d) * (1.0 - self.tax) + d);
        std::iter::once(-self.capex).chain(later).collect()
    }

    /// Economic value added of each period, the first one period from now.
    #[must_use]
    pub fn eva(&self, wacc: Rate) -> Vec<f64> {
        let mut capital = self.capex;
        let periods = self.ebitda.iter().zip(&self.depreciation);
        let eva = periods.map(|(ebitda, d)| {
            let charge = wacc.value() * capital;
            capital -= d;
            (ebitda - d) * (1.0 - self.tax) - charge
        });
        eva.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flows::{Flows, Timing, present_value};

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-9, "{found:?} is not {expected:?}");
        }
    }

    #[test]
    fn eva_vector() {
        // cashflow.json eva-npv.
        let project = Project::new(900.0, vec![500.0; 3], vec![300.0; 3], 0.25).unwrap();
        let wacc = Rate::new(0.10).unwrap();
        assert_close(&project.free_cash_flow(), &[-900.0, 450.0, 450.0, 450.0]);
        assert_close(&project.eva(wacc), &[60.0, 90.0, 120.0]);
        assert!((present_value(&project.eva(wacc), wacc) - 219.08).abs() < 0.005);
    }

    #[test]
    fn capital_not_written_off_is_refused() {
        let error = Project::new(900.0, vec![500.0; 3], vec![200.0; 3], 0.25).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sum of depreciation is 600; it must be equal to the capex"
        );
    }

    proptest! {
        #[test]
        fn present_value_of_eva_is_npv_for_any_schedule(
            years in prop::collection::vec((-500.0..1e3f64, 0.01..1.0f64), 1..30),
            capex in 0.0..1e4f64,
            tax in 0.0..0.6f64,
            wacc in 0.0..0.3f64,
        ) {
            let weight: f64 = years.iter().map(|(_, weight)| weight).sum();
            let (ebitda, schedule): (Vec<f64>, Vec<f64>) =
                years.iter().map(|(ebitda, w)| (*ebitda, capex * w / weight)).unzip();
            let project = Project::new(capex, ebitda, schedule, tax).unwrap();
            let wacc = Rate::new(wacc).unwrap();
            let npv = Flows::periodic(project.free_cash_flow(), Timing::End).unwrap().npv(wacc);
            prop_assert!((present_value(&project.eva(wacc), wacc) - npv).abs() < 1e-6);
        }
    }
}
