//! What a fit tells, as JSON and as tables.

use std::collections::BTreeMap;

use keepworth_retention::fit::{Estimate, Fit, Level};
use keepworth_retention::goodness::Goodness;
use keepworth_retention::purchase::{
    Histories, PurchaseError, PurchaseFit, SegmentValue, SpendFit, ValueTerms,
};
use serde::Serialize;

use super::outlook::Outlook;
use super::tracking::Tracking;
use crate::command::fit::{cells, digits, joined, print_estimates, print_goodness};
use crate::command::fit_mixture::{Told, print_mixtures};
use crate::output::{decimals, table, whole};

/// A figure at an age.
#[derive(Serialize)]
struct AtAge {
    t: f64,
    #[serde(flatten)]
    estimate: Estimate,
}

/// The chance of a number of purchases up to an age.
#[derive(Serialize)]
struct Chance {
    t: f64,
    n: u32,
    #[serde(flatten)]
    estimate: Estimate,
}

/// A fit of purchases.
pub(super) struct Answer {
    fitted: PurchaseFit,
    /// The longest age observed; what is told beyond it is extrapolated.
    longest_age: f64,
    pub(super) further: Further,
}

/// What the JSON has beside the keys of every fit.
#[derive(Serialize)]
pub(super) struct Further {
    /// Expected repeat purchases of a new customer up to age `t`.
    expected_repeat_purchases: Vec<AtAge>,
    /// Share of new customers still active at age `t`.
    active_share: Vec<AtAge>,
    /// Customers by repeat purchases, observed against expected.
    goodness: Goodness,
    /// How likely a new customer buys so often again up to age `t`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chances_of_repeat_purchases: Vec<Chance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// What customers of each history will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outlook: Option<Outlook>,
    /// How customers differ.
    pub(super) mixtures: Vec<Told>,
    /// Repeat purchases over calendar time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tracking: Option<Tracking>,
}

/// The customers valued, segment by segment.
#[derive(Serialize)]
pub(super) struct Value {
    terms: ValueTerms,
    /// The Gamma-Gamma fit behind the value.
    spend: Fit,
    segments: BTreeMap<String, SegmentValue>,
    /// Repeat purchases of a customer who starts now, the first purchase not counted.
    new_customer: Estimate,
}

impl Value {
    pub(super) fn of(
        fitted: &PurchaseFit,
        spend: &SpendFit,
        segments: &BTreeMap<String, Histories>,
        terms: ValueTerms,
    ) -> anyhow::Result<Self> {
        let valued = segments
            .iter()
            .map(|(name, customers)| Ok((name.clone(), fitted.value(spend, customers, terms)?)));
        Ok(Self {
            terms,
            spend: spend.hand_over().clone(),
            segments: valued.collect::<Result<_, PurchaseError>>()?,
            new_customer: fitted.new_customer_value(spend, terms)?,
        })
    }

    fn print(&self, level: Level) {
        let from = format!("{level} from");
        let mut rows = table([
            "segment",
            "customers",
            "active",
            "purchases",
            "value",
            &from,
            "to",
            "per customer",
        ]);
        for (name, found) in &self.segments {
            let SegmentValue {
                customers,
                active,
                purchases,
                value,
            } = found;
            rows.add_row([
                name.clone(),
                whole(*customers),
                whole(active.value),
                whole(purchases.value),
                whole(value.value),
                whole(value.low),
                whole(value.high),
                digits(value.value / customers),
            ]);
        }
        println!("{rows}");
        println!(
            "Value: margin of the purchases in the next {} time units, discounted at {}% a unit, {}% of spend; \
             a new customer's repeat purchases are worth {} ({level} {} to {}).",
            self.terms.periods,
            percent(self.terms.rate),
            percent(self.terms.margin),
            digits(self.new_customer.value),
            digits(self.new_customer.low),
            digits(self.new_customer.high),
        );
    }
}

impl Answer {
    pub(super) fn of(
        fitted: PurchaseFit,
        longest_age: f64,
        ages: &[f64],
        value: Option<Value>,
    ) -> anyhow::Result<Self> {
        let at = |figure: &dyn Fn(f64) -> Result<Estimate, PurchaseError>| {
            let figures = ages.iter().map(|&t| {
                Ok(AtAge {
                    t,
                    estimate: figure(t)?,
                })
            });
            figures.collect::<Result<Vec<_>, PurchaseError>>()
        };
        let further = Further {
            expected_repeat_purchases: at(&|t| fitted.purchases(t))?,
            active_share: at(&|t| fitted.survival(t))?,
            goodness: fitted.goodness().clone(),
            chances_of_repeat_purchases: Vec::new(),
            value,
            outlook: None,
            mixtures: Vec::new(),
            tracking: None,
        };
        Ok(Self {
            fitted,
            longest_age,
            further,
        })
    }

    /// Adds the chances of 0 to `most` repeat purchases by each of the ages.
    pub(super) fn tell_counts(&mut self, ages: &[f64], most: u32) -> anyhow::Result<()> {
        for &t in ages {
            for n in 0..=most {
                let estimate = self.fitted.probability(n, t)?;
                let chance = Chance { t, n, estimate };
                self.further.chances_of_repeat_purchases.push(chance);
            }
        }
        Ok(())
    }

    pub(super) fn json(&self) -> anyhow::Result<serde_json::Value> {
        joined(self.fitted.hand_over(), &self.further)
    }

    pub(super) fn print(&self) {
        let fit = self.fitted.hand_over();
        print_estimates(fit);
        let from = format!("{} from", fit.level);
        let mut rows = table([
            "new customer at age",
            "repeat purchases",
            "se",
            &from,
            "to",
            "still active",
        ]);
        let both = self
            .further
            .expected_repeat_purchases
            .iter()
            .zip(&self.further.active_share);
        for (purchases, active) in both {
            let share = format!("{:.1}%", 100.0 * active.estimate.value);
            rows.add_row(
                [
                    vec![digits(purchases.t)],
                    cells(&purchases.estimate),
                    vec![share],
                ]
                .concat(),
            );
        }
        println!("{rows}");
        self.print_chances();
        self.print_frequencies();
        if let Some(outlook) = &self.further.outlook {
            outlook.print();
        }
        if let Some(tracking) = &self.further.tracking {
            tracking.print(fit.level);
        }
        print_mixtures(&self.further.mixtures, fit.level);
        if let Some(value) = &self.further.value {
            value.print(self.fitted.hand_over().level);
        }
        println!("{}", self.finding());
    }

    fn print_chances(&self) {
        let chances = &self.further.chances_of_repeat_purchases;
        if chances.is_empty() {
            return;
        }
        let share = |it: f64| format!("{}%", digits(100.0 * it));
        let from = format!("{} from", self.fitted.hand_over().level);
        let mut rows = table(["by age", "buys again", "chance", &from, "to"]);
        for Chance { t, n, estimate } in chances {
            let Estimate {
                value, low, high, ..
            } = *estimate;
            let figures = [value, low, high].map(share);
            rows.add_row([vec![digits(*t), n.to_string()], figures.to_vec()].concat());
        }
        println!("{rows}");
    }

    /// How often customers bought again, beside what the model says.
    fn print_frequencies(&self) {
        let goodness = &self.further.goodness;
        let mut rows = table(["bought again", "customers", "by the model"]);
        for cell in &goodness.cells {
            let range = match cell.to {
                Some(to) if to == cell.from => whole(to),
                Some(to) => format!("{} to {}", whole(cell.from), whole(to)),
                None => format!("{} or more", whole(cell.from)),
            };
            rows.add_row([range, whole(cell.observed), decimals(cell.expected, 1)]);
        }
        println!("{rows}");
        print_goodness(goodness);
        let fit = self.fitted.hand_over();
        if let Some(expected) = fit.data.get("expected_repeat_purchases") {
            println!(
                "In the time observed {} repeat purchases were made; the model expects {}.",
                whole(fit.events),
                whole(*expected)
            );
        }
    }

    /// What was found, in one sentence.
    fn finding(&self) -> String {
        let fit = self.fitted.hand_over();
        let again = 100.0 * fit.data.get("repeat_buyers").copied().unwrap_or_default() / fit.n;
        let level = fit.level;
        let start = format!("Of {} customers {again:.0}% bought again", whole(fit.n));
        let Further {
            expected_repeat_purchases,
            active_share,
            ..
        } = &self.further;
        // The latest age that was still observed, else the last that was asked for.
        let mut told = expected_repeat_purchases.iter().zip(active_share);
        let observed = told.clone().filter(|(at, _)| at.t <= self.longest_age);
        let latest = observed.max_by(|(one, _), (other, _)| one.t.total_cmp(&other.t));
        match latest.or(told.next_back()) {
            Some((purchases, active)) => format!(
                "{start}; by age {} a new customer is expected to buy {} times again ({level} {} to {}), and {:.0}% are still active.",
                digits(purchases.t),
                decimals(purchases.estimate.value, 2),
                decimals(purchases.estimate.low, 2),
                decimals(purchases.estimate.high, 2),
                100.0 * active.estimate.value,
            ),
            None => format!("{start}."),
        }
    }
}

/// A fit of spend.
pub(super) struct SpendAnswer {
    fitted: SpendFit,
    further: FurtherSpend,
}

#[derive(Serialize)]
struct FurtherSpend {
    /// Null when the fitted distribution has no mean (`q ≤ 1`).
    population_mean_spend: Option<Estimate>,
    /// Customers by where in the fitted distribution their mean spend lies.
    goodness: Goodness,
    /// How customers differ.
    mixtures: Vec<Told>,
}

impl SpendAnswer {
    pub(super) fn of(fitted: SpendFit, mixtures: Vec<Told>) -> Self {
        let population_mean_spend = fitted.population_mean().ok();
        let further = FurtherSpend {
            population_mean_spend,
            goodness: fitted.goodness().clone(),
            mixtures,
        };
        Self { fitted, further }
    }

    pub(super) fn json(&self) -> anyhow::Result<serde_json::Value> {
        joined(self.fitted.hand_over(), &self.further)
    }

    pub(super) fn print(&self) {
        let fit = self.fitted.hand_over();
        print_estimates(fit);
        print_goodness(&self.further.goodness);
        print_mixtures(&self.further.mixtures, fit.level);
        match &self.further.population_mean_spend {
            Some(mean) => println!(
                "{} repeat buyers spend {} a purchase on average ({} {} to {}).",
                whole(fit.n),
                digits(mean.value),
                fit.level,
                digits(mean.low),
                digits(mean.high),
            ),
            None => println!(
                "The fitted spend has no mean (q is at most 1): a few purchases carry all of it."
            ),
        }
    }
}

/// A fraction in percent, without the noise of its last digits.
fn percent(fraction: f64) -> f64 {
    (fraction * 1e8).round() / 1e6
}
