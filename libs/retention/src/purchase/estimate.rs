//! Fitting the purchase models, and what follows for a customer.

use nalgebra::Matrix4;
use num_dual::DualSVec64;

use crate::fit::{Estimate, Fit, Flag, InputHash, Level};
use crate::goodness::Goodness;
use crate::optimise::{Optimum, Range, derive, maximise};

use super::check;
use super::count::Counts;
use super::history::{Histories, History, Row};
use super::model::{
    BetaLikelihood, GammaLikelihood, OpportunityLikelihood, Process, opportunities,
};
use super::{Model, PurchaseError, positive};

/// Ten repeat buyers for each of the four parameters.
const FEW_REPEAT_BUYERS: f64 = 40.0;

/// A fitted BG/NBD, MBG/NBD, Pareto/NBD or BG/BB model.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseFit {
    /// Which model.
    pub model: Model,
    /// Estimates in the order of [`Model::parameter_names`]; α and β in the data's time unit.
    pub parameters: [f64; 4],
    /// Covariance of the logarithms of the parameters.
    pub covariance: Matrix4<f64>,
    hand_over: Fit,
    goodness: Goodness,
}

/// Fits a model by maximum likelihood. The cost grows with the number of different histories.
///
/// # Errors
/// Without customers, without repeat purchases, when the likelihood has no maximum (as when nobody
/// drops out), or, of BG/BB, when a history is not one of whole periods with a purchase each at most.
pub fn fit(model: Model, customers: &Histories) -> Result<PurchaseFit, PurchaseError> {
    let rows = customers.rows();
    rows.iter().try_for_each(|row| model.check(&row.history))?;
    let totals = Totals::of(&rows)?;
    let best = search(model, &rows, &totals)?;
    let names = model.parameter_names();
    let mut hand_over = best.into_fit(model.name(), names, totals.customers, totals.purchases)?;
    hand_over.data.insert("rows".into(), rows.len() as f64);
    hand_over
        .data
        .insert("person_time".into(), totals.person_time);
    hand_over
        .data
        .insert("repeat_buyers".into(), totals.repeat_buyers);
    if totals.repeat_buyers < FEW_REPEAT_BUYERS {
        let detail = format!(
            "only {} customers bought again: fewer than ten per parameter",
            totals.repeat_buyers
        );
        hand_over.warn(Flag::new("few_repeat_buyers", detail));
    }
    let process = model.with(best.parameters);
    let expected = rows
        .iter()
        .map(|row| row.weight * process.purchases(row.age()));
    (hand_over.data).insert("expected_repeat_purchases".into(), expected.sum());
    let goodness = check::frequencies(&process, &rows, check::MOST);
    if let Some(flag) = check::misfit(model, &goodness) {
        hand_over.warn(flag);
    }
    let cells = rows
        .iter()
        .flat_map(|row| [row.x(), row.t_x(), row.age(), row.weight]);
    hand_over.input_hash = InputHash::new().text(model.name()).numbers(cells).finish();
    Ok(PurchaseFit {
        model,
        parameters: best.parameters,
        covariance: best.covariance,
        hand_over,
        goodness,
    })
}

fn search(model: Model, rows: &[Row], totals: &Totals) -> Result<Optimum<4>, PurchaseError> {
    let wait = totals.person_time / totals.purchases;
    let age = totals.person_time / totals.customers;
    let n = totals.customers;
    let best = match model {
        Model::BgNbd | Model::MbgNbd => {
            let first_tosses = if model == Model::MbgNbd { 1.0 } else { 0.0 };
            let starts = [[0.5, 0.25 * wait, 0.5, 2.0], [2.0, wait, 2.0, 8.0]];
            maximise(&BetaLikelihood { rows, first_tosses }, n, &starts)?
        }
        Model::ParetoNbd => {
            let starts = [
                [0.5, 0.25 * wait, 0.5, 0.3 * age],
                [2.0, wait, 2.0, 2.0 * age],
            ];
            maximise(&GammaLikelihood { rows }, n, &starts)?
        }
        Model::BgBb => {
            let starts = [[1.0, 1.0, 0.5, 3.0], [3.0, 3.0, 2.0, 20.0]];
            maximise(&OpportunityLikelihood { rows }, n, &starts)?
        }
    };
    Ok(best)
}

/// Sums that describe the data.
struct Totals {
    customers: f64,
    repeat_buyers: f64,
    purchases: f64,
    person_time: f64,
}

impl Totals {
    fn of(rows: &[Row]) -> Result<Self, PurchaseError> {
        let sum = |figure: fn(&Row) -> f64| rows.iter().map(|row| row.weight * figure(row)).sum();
        let customers: f64 = sum(|_| 1.0);
        if customers <= 0.0 {
            return Err(PurchaseError::Empty);
        }
        let purchases = sum(Row::x);
        if purchases <= 0.0 {
            return Err(PurchaseError::NoRepeatBuyers { customers });
        }
        Ok(Self {
            customers,
            repeat_buyers: sum(|row| f64::from(row.x() > 0.0)),
            purchases,
            person_time: sum(Row::age),
        })
    }
}

impl PurchaseFit {
    /// The hand-over form for the engine: logarithms of the parameters with their covariance.
    pub fn hand_over(&self) -> &Fit {
        &self.hand_over
    }

    /// The same with intervals of another level.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        self.hand_over = self.hand_over.at(level);
        self
    }

    /// Customers by repeat purchases, observed against expected, with Pearson's test: neighbouring
    /// counts are merged until five customers are expected.
    pub fn goodness(&self) -> &Goodness {
        &self.goodness
    }

    /// Probability that a customer with this history is still active; in BG/BB, active at the next
    /// opportunity, as its paper tells it.
    ///
    /// # Errors
    /// When the history is not one of this model, see [`fit`].
    pub fn alive(&self, history: &History) -> Result<Estimate, PurchaseError> {
        self.model.check(history)?;
        Ok(self.derive(Range::Probability, |model| model.alive(*history)))
    }

    /// Expected repeat purchases of a new customer up to age `t`, in the data's time unit.
    ///
    /// # Errors
    /// When `t` is negative or not finite; in BG/BB not whole.
    pub fn purchases(&self, t: f64) -> Result<Estimate, PurchaseError> {
        let t = self.model.time("t", t)?;
        Ok(self.derive(Range::Positive, |model| model.purchases(t)))
    }

    /// Probability that a new customer makes `n` repeat purchases up to age `t`, `P(X(t) = n)`.
    ///
    /// # Errors
    /// When `t` is not finite and greater than 0; in BG/BB not whole.
    pub fn probability(&self, n: u32, t: f64) -> Result<Estimate, PurchaseError> {
        let t = positive("t", self.model.time("t", t)?)?;
        Ok(self.derive(Range::Probability, |model| {
            let mut counts = Counts::new(model, t);
            counts.nth(n as usize).unwrap_or(DualSVec64::from(0.0))
        }))
    }

    /// Expected purchases of a customer with this history in the `t` after observation ends.
    ///
    /// # Errors
    /// When `t` is negative or not finite; in BG/BB not whole; or when the history is not one of this
    /// model.
    pub fn future_purchases(&self, history: &History, t: f64) -> Result<Estimate, PurchaseError> {
        self.model.check(history)?;
        let t = self.model.time("t", t)?;
        Ok(self.derive(Range::Positive, |model| model.future_purchases(*history, t)))
    }

    /// Discounted expected residual purchases of BG/BB (DERT): all that a customer with this history will
    /// still make, those `k` periods ahead divided by `(1+rate)ᵏ`.
    ///
    /// # Errors
    /// When `rate`, a fraction per period, is not greater than 0; when the history is not one of this
    /// model; for another model than BG/BB.
    pub fn discounted_residual(
        &self,
        history: &History,
        rate: f64,
    ) -> Result<Estimate, PurchaseError> {
        self.model.check(history)?;
        let rate = positive("rate", rate)?;
        if self.model != Model::BgBb {
            return Err(PurchaseError::NoResidual {
                model: self.model.name(),
            });
        }
        let figure = |parameters| opportunities(parameters).discounted_residual(*history, rate);
        Ok(derive(
            &self.parameters,
            &self.covariance,
            (Range::Positive, self.hand_over.level),
            figure,
        ))
    }

    /// Share of new customers still active at age `t`.
    ///
    /// # Errors
    /// When `t` is negative or not finite; in BG/BB not whole.
    pub fn survival(&self, t: f64) -> Result<Estimate, PurchaseError> {
        let t = self.model.time("t", t)?;
        Ok(self.derive(Range::Probability, |model| model.survival(t)))
    }

    /// A figure of the model with its interval.
    pub(super) fn derive(
        &self,
        range: Range,
        figure: impl Fn(&Process<DualSVec64<4>>) -> DualSVec64<4>,
    ) -> Estimate {
        let form = (range, self.hand_over.level);
        derive(&self.parameters, &self.covariance, form, |parameters| {
            figure(&self.model.with(parameters))
        })
    }
}
