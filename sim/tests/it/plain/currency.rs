//! What other currencies are worth.

use keepworth_sim::Scenario;
use keepworth_sim::math::ndtri;
use keepworth_sim::scenario::CostLine;

use super::draws::Draws;

/// What a cost line's currency is worth in one future, in the scenario's.
pub struct Exchange {
    /// At the date.
    rate: f64,
    /// Of the logarithm of a year's change.
    sd: f64,
    /// The standard normal that moves all months.
    luck: f64,
    /// It stays from here on.
    horizon: u32,
}

impl Exchange {
    pub fn new(scenario: &Scenario, draws: &Draws<'_>, line: &CostLine) -> Self {
        let mut it = Self {
            rate: 1.0,
            sd: 0.0,
            luck: 0.0,
            horizon: scenario.horizon_months,
        };
        let Some(code) = &line.currency else {
            return it;
        };
        let mut known = scenario.currencies.iter();
        let currency = known.find(|it| it.code == *code).unwrap();
        it.rate = currency.rate;
        if currency.volatility > 0.0 {
            it.sd = currency.volatility;
            it.luck = ndtri(draws.common(&format!("currencies.{code}")));
        }
        it
    }

    /// Its mean over futures is the rate at the date, in every month.
    pub fn at(&self, month: u32) -> f64 {
        let years = f64::from(month.min(self.horizon)) / 12.0;
        let moved = self.sd * years.sqrt() * self.luck - self.sd * self.sd * years / 2.0;
        self.rate * moved.exp()
    }
}
