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
use crate::command::fit::{Joined, cells, estimates, goodness_in_words};
use crate::command::fit_mixture::{Told, sheet_of};
use crate::present::number::{digits, exact_percent, percent, places, whole};
use crate::present::{Cell, Sheet, row};

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

    fn sheet(&self, level: Level) -> Sheet {
        let columns = format!(
            "segment | customers | active | purchases | value | {level} from | to | per customer"
        );
        let mut sheet = Sheet::new("", &columns);
        for (name, found) in &self.segments {
            let SegmentValue {
                customers,
                active,
                purchases,
                value,
            } = found;
            row![sheet => name, Cell::whole(*customers), Cell::whole(active.value),
                Cell::whole(purchases.value), Cell::whole(value.value), Cell::whole(value.low),
                Cell::whole(value.high), Cell::digits(value.value / customers)];
        }
        sheet.note(format!(
            "Value: margin of the purchases in the next {} time units, discounted at {} a unit, {} of spend; \
             a new customer's repeat purchases are worth {} ({level} {} to {}).",
            self.terms.periods,
            exact_percent(self.terms.rate),
            exact_percent(self.terms.margin),
            digits(self.new_customer.value),
            digits(self.new_customer.low),
            digits(self.new_customer.high),
        ));
        sheet
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

    pub(super) fn json(&self) -> impl Serialize {
        Joined {
            fit: self.fitted.hand_over(),
            further: &self.further,
        }
    }

    pub(super) fn estimates(&self) -> Sheet {
        estimates(self.fitted.hand_over())
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let Further {
            expected_repeat_purchases,
            active_share,
            chances_of_repeat_purchases,
            ..
        } = &self.further;
        let level = self.fitted.hand_over().level;
        let columns = format!(
            "new customer at age | repeat purchases | se | {level} from | to | still active"
        );
        let mut ages = Sheet::new("", &columns);
        for (purchases, active) in expected_repeat_purchases.iter().zip(active_share) {
            let [value, se, low, high] = cells(&purchases.estimate);
            let still = Cell::percent(active.estimate.value, 1);
            row![ages => Cell::digits(purchases.t), value, se, low, high, still];
        }
        let columns = format!("by age | buys again | chance | {level} from | to");
        let mut chances = Sheet::new("", &columns);
        for Chance { t, n, estimate } in chances_of_repeat_purchases {
            let share = |it: f64| Cell::Figure(it, format!("{}%", digits(100.0 * it)));
            let [value, low, high] = [estimate.value, estimate.low, estimate.high].map(share);
            row![chances => Cell::digits(*t), *n, value, low, high];
        }
        let mut sheets = vec![self.estimates(), ages, chances, self.frequencies()];
        sheets.extend(self.further.outlook.as_ref().map(Outlook::sheet));
        let tracking = self.further.tracking.as_ref();
        sheets.extend(tracking.map(|it| it.sheet(level)));
        sheets.push(sheet_of(&self.further.mixtures, level));
        let value = self.further.value.as_ref();
        sheets.extend(value.map(|it| it.sheet(level)));
        sheets.push(Sheet::of_lines([self.finding()]));
        sheets
    }

    /// How often customers bought again, beside what the model says.
    fn frequencies(&self) -> Sheet {
        let goodness = &self.further.goodness;
        let mut sheet = Sheet::new("", "bought again | customers | by the model");
        for cell in &goodness.cells {
            let range = match cell.to {
                Some(to) if to == cell.from => whole(to),
                Some(to) => format!("{} to {}", whole(cell.from), whole(to)),
                None => format!("{} or more", whole(cell.from)),
            };
            row![sheet => range, Cell::whole(cell.observed), Cell::places(cell.expected, 1)];
        }
        sheet.note(goodness_in_words(goodness));
        let fit = self.fitted.hand_over();
        if let Some(expected) = fit.data.get("expected_repeat_purchases") {
            sheet.note(format!(
                "In the time observed {} repeat purchases were made; the model expects {}.",
                whole(fit.events),
                whole(*expected)
            ));
        }
        sheet
    }

    /// What was found, in one sentence.
    fn finding(&self) -> String {
        let fit = self.fitted.hand_over();
        let again = fit.data.get("repeat_buyers").copied().unwrap_or_default() / fit.n;
        let again = percent(again, 0);
        let level = fit.level;
        let start = format!("Of {} customers {again} bought again", whole(fit.n));
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
                "{start}; by age {} a new customer is expected to buy {} times again ({level} {} to {}), and {} are still active.",
                digits(purchases.t),
                places(purchases.estimate.value, 2),
                places(purchases.estimate.low, 2),
                places(purchases.estimate.high, 2),
                percent(active.estimate.value, 0),
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

    pub(super) fn json(&self) -> impl Serialize {
        Joined {
            fit: self.fitted.hand_over(),
            further: &self.further,
        }
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let mixtures = sheet_of(&self.further.mixtures, self.fitted.hand_over().level);
        vec![self.sheet(), mixtures]
    }

    pub(super) fn sheet(&self) -> Sheet {
        let fit = self.fitted.hand_over();
        let mut sheet = estimates(fit);
        sheet.note(goodness_in_words(&self.further.goodness));
        sheet.note(match &self.further.population_mean_spend {
            Some(mean) => format!(
                "{} repeat buyers spend {} a purchase on average ({} {} to {}).",
                whole(fit.n),
                digits(mean.value),
                fit.level,
                digits(mean.low),
                digits(mean.high),
            ),
            None => {
                "The fitted spend has no mean (q is at most 1): a few purchases carry all of it."
                    .to_owned()
            }
        });
        sheet
    }
}
