//! A purchase model as the engine's monthly hazard table (MODEL.md, section 10).

use num_dual::DualSVec64;
use serde::{Deserialize, Serialize};

use crate::fit::{Estimate, Fit, Scale};
use crate::number::Number;
use crate::optimise::{Range, derive_jointly};

use super::model::Process;
use super::{PurchaseError, PurchaseFit, positive};

/// How the model's time maps to months, and how many are tabled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TableTerms {
    /// Time units of the data in a month: 4.348 for weeks, 30.44 for days.
    pub units_per_month: f64,
    /// Months of age to table; the last hazard holds from there on.
    pub months: u32,
}

/// What happens to customers by months since their first purchase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HazardTable {
    /// Cumulative hazard of dropping out over the month that starts at age `0, 1, …`.
    pub hazards: Vec<Estimate>,
    /// Expected purchases in that month of a customer active at its start.
    pub purchases: Vec<Estimate>,
    /// The hazards for the engine: their logarithms `month_000, month_001, …` with a covariance
    /// whose rank is that of the model's four parameters.
    pub hand_over: Fit,
}

impl PurchaseFit {
    /// Tables dropout and purchases by months of age.
    ///
    /// Dropout is not observed without a contract: the hazard is what the model says of it, for a
    /// customer of whom only the age is known.
    ///
    /// # Errors
    /// For unusable terms.
    pub fn hazard_table(&self, terms: TableTerms) -> Result<HazardTable, PurchaseError> {
        let unit = positive("units per month", terms.units_per_month)?;
        positive("months", f64::from(terms.months))?;
        let ages: Vec<f64> = (0..terms.months)
            .map(|month| f64::from(month) * unit)
            .collect();
        let names: Vec<String> = (0..terms.months)
            .map(|month| format!("month_{month:03}"))
            .collect();
        let covariance = derive_jointly(
            &self.parameters,
            &self.covariance,
            &names,
            |parameters: [DualSVec64<4>; 4], month| {
                hazard(&self.model.with(parameters), ages[month], unit)
            },
        )?;
        let hazards = (0..names.len())
            .map(|month| Estimate::wald(Scale::Log, covariance.mean[month], covariance.se(month)))
            .collect();
        let purchases = ages.iter().map(|&age| {
            self.derive(Range::Positive, |model| {
                (model.purchases(age + unit) - model.purchases(age)) / active(model, age)
            })
        });
        let source = self.hand_over().clone();
        let hand_over = Fit {
            loglik: source.loglik,
            converged: source.converged,
            flags: source.flags,
            verdict: source.verdict,
            reason: source.reason,
            data: source.data,
            input_hash: source.input_hash,
            ..Fit::from_covariance("table", source.n, source.events, covariance)?
        };
        Ok(HazardTable {
            hazards,
            purchases: purchases.collect(),
            hand_over,
        })
    }
}

/// `ln S(age) − ln S(age + unit)`.
fn hazard<D: Number>(model: &Process<D>, age: f64, unit: f64) -> D {
    active(model, age).ln() - model.survival(age + unit).ln()
}

/// Share active at an age, all of them at the first purchase: who drops out right after it, as
/// MBG/NBD allows, is lost in the first month.
fn active<D: Number>(model: &Process<D>, age: f64) -> D {
    if age > 0.0 {
        model.survival(age)
    } else {
        D::from(1.0)
    }
}
