//! Depreciation schedules and the tax they save.
//!
//! Each schedule gives one amount per period of the life and writes off exactly cost less
//! salvage value.

use crate::error::{Error, checked};

/// What is written off, from what to what, over how many periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asset {
    cost: f64,
    salvage: f64,
    life: u32,
}

impl Asset {
    /// # Errors
    /// When the cost is negative, the salvage value is outside [0, cost], or the life is zero.
    pub fn new(cost: f64, salvage: f64, life: u32) -> Result<Self, Error> {
        checked("cost", cost, cost >= 0.0, "zero or more")?;
        let in_range = (0.0..=cost).contains(&salvage);
        checked("salvage", salvage, in_range, "between 0 and the cost")?;
        checked("life", f64::from(life), life > 0, "at least one period")?;
        Ok(Self {
            cost,
            salvage,
            life,
        })
    }

    /// The same amount each period: `(cost − salvage)/life`.
    #[must_use]
    pub fn straight_line(&self) -> Vec<f64> {
        let each = (self.cost - self.salvage) / f64::from(self.life);
        vec![each; self.life as usize]
    }

    /// Sum of the years' digits: period `t` takes `(life − t + 1)/(1 + 2 + … + life)` of the total.
    #[must_use]
    pub fn sum_of_years(&self) -> Vec<f64> {
        let n = f64::from(self.life);
        let unit = (self.cost - self.salvage) / (n * (n + 1.0) / 2.0);
        (0..self.life).map(|t| unit * (n - f64::from(t))).collect()
    }

    /// Declining balance at `factor/life` of the book value (2 is double declining), switching to
    /// straight line over the remaining life once that writes off more; never below salvage.
    /// The convention of the spreadsheet function VDB.
    ///
    /// # Errors
    /// When `factor` is not positive.
    pub fn declining_balance(&self, factor: f64) -> Result<Vec<f64>, Error> {
        checked(
            "factor",
            factor,
            factor > 0.0,
            "above 0 (2 for double declining balance)",
        )?;
        let share = (factor / f64::from(self.life)).min(1.0);
        let mut book = self.cost;
        let schedule = (0..self.life).map(|t| {
            let level = (book - self.salvage) / f64::from(self.life - t);
            let declining = (book * share).min(book - self.salvage);
            let amount = level.max(declining);
            book -= amount;
            amount
        });
        Ok(schedule.collect())
    }
}

/// The tax saved by writing off: `tax·depreciation`, period by period. Worth having only in
/// periods with profit to set it against.
///
/// # Errors
/// When `tax` is outside [0, 1].
pub fn tax_shield(schedule: &[f64], tax: f64) -> Result<Vec<f64>, Error> {
    checked("tax", tax, (0.0..=1.0).contains(&tax), "between 0 and 1")?;
    Ok(schedule.iter().map(|amount| amount * tax).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flows::{Flows, Timing};
    use crate::rate::{Rate, inflate};

    #[test]
    fn sum_of_years_as_the_spreadsheet_function() {
        // Microsoft, SYD function: cost 30,000, salvage 7,500, 10 years.
        let schedule = Asset::new(30_000.0, 7_500.0, 10).unwrap().sum_of_years();
        assert!((schedule[0] - 4_090.91).abs() < 0.005);
        assert!((schedule[9] - 409.09).abs() < 0.005);
    }

    #[test]
    fn double_declining_balance_as_the_spreadsheet_function() {
        // Microsoft, DDB and VDB functions: cost 2,400, salvage 300, 10 years; 480.00 in year one.
        let asset = Asset::new(2_400.0, 300.0, 10).unwrap();
        let schedule = asset.declining_balance(2.0).unwrap();
        assert!((schedule[0] - 480.0).abs() < 1e-9);
        assert!((schedule[1] - 384.0).abs() < 1e-9);
        // Salvage is reached in the last year: 2,400·0.8⁹ − 300 = 22.12, as DDB prints it.
        assert!((schedule[9] - 22.12).abs() < 0.005);
    }

    #[test]
    fn real_and_nominal_project() {
        // cashflow.json real-nominal: outlay 50,000, real pre-tax 25,000 a year, tax 35%,
        // nominal rate 10%, inflation 5%: NPV 34,087.22.
        let (tax, outlay) = (0.35, 50_000.0);
        let inflation = Rate::new(0.05).unwrap();
        let income = inflate(&[0.0, 25e3, 25e3, 25e3, 25e3, 25e3], inflation);
        let schedule = Asset::new(outlay, 0.0, 5).unwrap().straight_line();
        let shield = tax_shield(&schedule, tax).unwrap();
        let mut flows = vec![-outlay];
        flows.extend(
            income[1..]
                .iter()
                .zip(&shield)
                .map(|(y, saved)| y * (1.0 - tax) + saved),
        );
        let flows = Flows::periodic(flows, Timing::End).unwrap();
        let npv = flows.npv(Rate::new(0.10).unwrap());
        assert!((npv - 34_087.22).abs() < 0.005, "{npv}");
    }

    #[test]
    fn impossible_assets_are_refused() {
        assert!(Asset::new(-1.0, 0.0, 3).is_err());
        assert!(Asset::new(100.0, 120.0, 3).is_err());
        assert_eq!(
            Asset::new(100.0, 0.0, 0).unwrap_err().to_string(),
            "life is 0; it must be at least one period"
        );
        assert!(
            Asset::new(100.0, 0.0, 3)
                .unwrap()
                .declining_balance(0.0)
                .is_err()
        );
        assert!(tax_shield(&[1.0], 1.2).is_err());
    }

    proptest! {
        #[test]
        fn every_schedule_writes_off_cost_less_salvage(
            cost in 0.0..1e6f64,
            kept in 0.0..1.0f64,
            life in 1u32..40,
            factor in 0.1..4.0f64,
        ) {
            let asset = Asset::new(cost, cost * kept, life).unwrap();
            let declining = asset.declining_balance(factor).unwrap();
            for schedule in [asset.straight_line(), asset.sum_of_years(), declining] {
                let total: f64 = schedule.iter().sum();
                prop_assert!((total - cost * (1.0 - kept)).abs() < 1e-6);
                prop_assert!(schedule.iter().all(|amount| *amount >= -1e-9));
                prop_assert_eq!(schedule.len(), life as usize);
            }
        }
    }
}
