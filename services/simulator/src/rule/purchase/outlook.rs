//! What a single customer is expected to do, by the model of a baseline.

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::finance::{PurchaseDay, PurchaseRow};
use keepworth_contract::simulator::purchase::{PurchaseBaseline, PurchaseModel};
use keepworth_contract::simulator::{CustomerOutlook, OutlookModel};
use keepworth_contract::{Currency, Flag, FlagCode};
use keepworth_retention::purchase::{KnownPurchases, KnownSpending, Model, PurchaseError};

use super::history::{Known, summary};
use super::{MONTH, UnusablePurchases};
use crate::rule::fit::{estimate, known};

/// Tells of one customer after the other, all of one segment.
#[derive(Debug)]
pub(crate) struct Teller {
    purchases: KnownPurchases,
    spending: Option<KnownSpending>,
    /// What is told, and by what.
    asked: OutlookModel,
    minor_units: f64,
}

/// What is told of a customer.
#[derive(Debug)]
pub(crate) enum Told {
    Customer(Box<CustomerOutlook>),
    Nothing(Why),
}

/// Why nothing is told of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// No purchase has a day.
    NeverBought,
    /// What they bought before they were observed is not known.
    ObservedLate,
    /// They left on a day that is recorded.
    Left,
    /// Their observation ended before the baseline's day.
    ObservationEnded,
}

impl Teller {
    /// Tells by what a baseline says of a segment; `asked` is answered as it is.
    ///
    /// # Errors
    /// A baseline that does not keep what it was made of.
    pub(crate) fn of(
        told: &PurchaseBaseline,
        asked: OutlookModel,
        currency: Currency,
    ) -> Result<Self, UnusablePurchases> {
        let kept = told.candidates.iter().find(|it| it.model == told.model);
        let kept = kept.and_then(|it| it.fit.as_ref()?.covariance.as_ref());
        let kept = kept.ok_or(UnusablePurchases::NotKept { model: told.model })?;
        let kept = known(kept).map_err(PurchaseError::from)?;
        Ok(Self {
            purchases: KnownPurchases::new(form(told.model), &kept)?,
            spending: spending(told)?,
            asked,
            minor_units: 10_f64.powi(currency.decimals().cast_signed()),
        })
    }

    /// What is told, and by what.
    pub(crate) fn asked(&self) -> &OutlookModel {
        &self.asked
    }

    /// Whether it is known what purchases are worth.
    pub(crate) fn knows_spend(&self) -> bool {
        self.spending.is_some()
    }

    /// Tells of a customer with what they bought.
    ///
    /// # Errors
    /// Purchases that are none, or in another currency.
    pub(crate) fn tell(
        &self,
        episode: &EpisodeRow,
        row: Option<&PurchaseRow>,
    ) -> Result<Told, UnusablePurchases> {
        let bought = row.map_or(&[][..], |row| &row.purchases);
        let as_of = self.asked.as_of;
        Ok(match Known::of(episode, bought, as_of) {
            Known::NeverBought => Told::Nothing(Why::NeverBought),
            Known::NotFromTheBeginning => Told::Nothing(Why::ObservedLate),
            Known::Until(_) if episode.left => Told::Nothing(Why::Left),
            Known::Until(day) if day < as_of => Told::Nothing(Why::ObservationEnded),
            Known::Until(_) => {
                self.check_currency(row)?;
                match self.customer(episode, bought)? {
                    Some(told) => Told::Customer(Box::new(told)),
                    None => Told::Nothing(Why::NeverBought),
                }
            }
        })
    }

    fn check_currency(&self, row: Option<&PurchaseRow>) -> Result<(), UnusablePurchases> {
        let baseline = &self.asked.currency;
        let other = |row: &&PurchaseRow| !row.currency.is_empty() && row.currency != *baseline;
        row.filter(other).map_or(Ok(()), |row| {
            Err(UnusablePurchases::OtherCurrency {
                baseline: baseline.clone(),
                found: row.currency.clone(),
            })
        })
    }

    fn customer(
        &self,
        episode: &EpisodeRow,
        bought: &[PurchaseDay],
    ) -> Result<Option<CustomerOutlook>, UnusablePurchases> {
        let OutlookModel { as_of, months, .. } = self.asked;
        let within = &bought[..bought.partition_point(|it| it.on <= as_of)];
        let (Some(first), Some(last)) = (within.first(), within.last()) else {
            return Ok(None);
        };
        let Some(whole) = summary(within, as_of, self.minor_units)? else {
            return Ok(None);
        };
        let known = (&whole.history, whole.mean_spend.unwrap_or_default());
        let weeks = f64::from(months) * MONTH;
        let ahead = self.purchases.ahead(self.spending.as_ref(), known, weeks)?;
        Ok(Some(CustomerOutlook {
            customer: episode.customer.clone(),
            first_purchase_on: first.on,
            last_purchase_on: last.on,
            repeat_purchases: whole.history.purchases() as u64,
            mean_spend: whole.mean_spend,
            active: estimate(&ahead.active),
            purchases: estimate(&ahead.purchases),
            spend: ahead.spend.as_ref().map(estimate),
        }))
    }
}

fn form(model: PurchaseModel) -> Model {
    match model {
        PurchaseModel::BgNbd => Model::BgNbd,
        PurchaseModel::MbgNbd => Model::MbgNbd,
        PurchaseModel::ParetoNbd => Model::ParetoNbd,
    }
}

/// What a purchase is worth, as the baseline takes it; none where it does not say.
fn spending(told: &PurchaseBaseline) -> Result<Option<KnownSpending>, PurchaseError> {
    if let Some(mean) = told.mean_spend {
        return KnownSpending::mean(mean).map(Some);
    }
    let fit = told
        .spend_fit
        .as_ref()
        .and_then(|it| it.covariance.as_ref());
    let Some(fit) = fit else {
        return Ok(None);
    };
    match KnownSpending::fitted(&known(fit)?) {
        // An earlier release kept no mean to take in its place.
        Err(PurchaseError::InfiniteSpend { .. }) => Ok(None),
        spending => spending.map(Some),
    }
}

/// Customers of whom nothing is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NotTold {
    never_bought: u64,
    observed_late: u64,
    left: u64,
    observation_ended: u64,
}

impl NotTold {
    pub(crate) fn count(&mut self, why: Why) {
        *match why {
            Why::NeverBought => &mut self.never_bought,
            Why::ObservedLate => &mut self.observed_late,
            Why::Left => &mut self.left,
            Why::ObservationEnded => &mut self.observation_ended,
        } += 1;
    }

    /// A flag for each reason that there is.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let each = [
            (
                self.never_bought,
                "never bought anything on a day that is recorded",
            ),
            (
                self.observed_late,
                "were there before they were observed, and what they bought before is not known",
            ),
            (self.left, "left on a day that is recorded"),
            (
                self.observation_ended,
                "were no longer observed on the baseline's day",
            ),
        ];
        let there = each.into_iter().filter(|(customers, _)| *customers > 0);
        let flag = |(customers, why): (u64, &str)| {
            let detail = format!("{customers} customers {why}: nothing is told of them");
            Flag::new(FlagCode::PurchasesLeftOut, detail)
        };
        there.map(flag).collect()
    }
}
