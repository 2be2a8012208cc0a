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
    /// For unusable terms; of BG/BB when a month is no whole number of periods.
    pub fn hazard_table(&self, terms: TableTerms) -> Result<HazardTable, PurchaseError> {
        let unit = positive("units per month", terms.units_per_month)?;
        self.model.time("units per month", unit)?;
        self.model.time("T", unit * f64::from(terms.months))?;
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
        let source = self.hand_over().clone();
        let hazards = (0..names.len())
            .map(|month| {
                let (mean, se) = (covariance.mean[month], covariance.se(month));
                Estimate::wald(Scale::Log, mean, se, source.level)
            })
            .collect();
        let purchases = ages.iter().map(|&age| {
            self.derive(Range::Positive, |model| {
                (model.purchases(age + unit) - model.purchases(age)) / active(model, age)
            })
        });
        let hand_over = Fit {
            loglik: source.loglik,
            converged: source.converged,
            flags: source.flags,
            verdict: source.verdict,
            reason: source.reason,
            data: source.data,
            input_hash: source.input_hash,
            ..Fit::from_covariance("table", source.n, source.events, covariance)?.at(source.level)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchase::{Histories, History, Model, fit};
    use rand::SeedableRng;

    const WEEKS: TableTerms = TableTerms {
        units_per_month: 4.348,
        months: 24,
    };

    fn fitted(model: Model) -> PurchaseFit {
        let mut customers = Histories::default();
        let rows = [
            (0.0, 0.0, 900.0),
            (1.0, 6.0, 250.0),
            (2.0, 30.0, 200.0),
            (5.0, 12.0, 90.0),
            (9.0, 37.0, 60.0),
        ];
        for (x, t_x, weight) in rows {
            customers
                .add(History::new(x, t_x, 39.0).unwrap(), weight)
                .unwrap();
        }
        fit(model, &customers).unwrap()
    }

    #[test]
    fn hazards_multiply_back_to_survival() {
        for model in [Model::BgNbd, Model::MbgNbd, Model::ParetoNbd] {
            let fitted = fitted(model);
            let table = fitted.hazard_table(WEEKS).unwrap();
            let total: f64 = table.hazards.iter().map(|h| h.value).sum();
            let survival = fitted.survival(24.0 * 4.348).unwrap().value;
            assert!(((-total).exp() - survival).abs() < 1e-12, "{model:?}");
            // The likely to leave leave first.
            assert!(
                table
                    .hazards
                    .windows(2)
                    .skip(1)
                    .all(|w| w[1].value < w[0].value),
                "{model:?}"
            );
        }
    }

    #[test]
    fn purchases_of_the_active_add_up_to_those_of_all() {
        let fitted = fitted(Model::MbgNbd);
        let table = fitted.hazard_table(WEEKS).unwrap();
        let mut active = 1.0;
        let mut total = 0.0;
        for (hazard, purchases) in table.hazards.iter().zip(&table.purchases) {
            total += active * purchases.value;
            active *= (-hazard.value).exp();
        }
        assert!((total / fitted.purchases(24.0 * 4.348).unwrap().value - 1.0).abs() < 1e-12);
    }

    /// Draws of the table are draws of the model: hazards of neighbouring months move together.
    #[test]
    fn draws_of_the_table_vary_as_those_of_the_model() {
        let fitted = fitted(Model::ParetoNbd);
        let table = fitted.hazard_table(WEEKS).unwrap();
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(2);
        let (tables, models) = (
            table.hand_over.sampler().unwrap(),
            fitted.hand_over().sampler().unwrap(),
        );
        let of_model = |draw: &[f64], month: f64| {
            let process = fitted.model.with(std::array::from_fn(|i| draw[i].exp()));
            hazard(&process, month * 4.348, 4.348).ln()
        };
        let (mut by_table, mut by_model) = ([0.0; 2], [0.0; 2]);
        for _ in 0..4_000 {
            let (table_draw, model_draw) = (tables.draw(&mut rng), models.draw(&mut rng));
            let difference = [
                table_draw[3] - table_draw[4],
                of_model(&model_draw, 3.0) - of_model(&model_draw, 4.0),
            ];
            by_table = [
                by_table[0] + difference[0],
                by_table[1] + difference[0].powi(2),
            ];
            by_model = [
                by_model[0] + difference[1],
                by_model[1] + difference[1].powi(2),
            ];
        }
        let sd = |[sum, squares]: [f64; 2]| (squares / 4e3 - (sum / 4e3).powi(2)).sqrt();
        assert!(
            (sd(by_table) / sd(by_model) - 1.0).abs() < 0.2,
            "{} {}",
            sd(by_table),
            sd(by_model)
        );
    }

    #[test]
    fn unusable_terms_are_refused() {
        let fitted = fitted(Model::BgNbd);
        assert!(
            fitted
                .hazard_table(TableTerms {
                    units_per_month: 0.0,
                    months: 3
                })
                .is_err()
        );
        assert!(
            fitted
                .hazard_table(TableTerms {
                    units_per_month: 4.0,
                    months: 0
                })
                .is_err()
        );
    }
}
