//! What a programme cost since a forecast begins, and what its budget allows: both are finance's.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use keepworth_contract::finance::{FinanceClient, ProgrammeMoney, ProgrammeMoneyQuery};
use keepworth_contract::simulator::{ScenarioForecast, TrackedSpending};
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, Money, Month, ProgrammeKey};
use keepworth_intake::Failure;

use super::first;
use crate::BuildError;
use crate::app::build::Sources;

/// Under which keys finance books what was approved.
pub(super) enum Keys {
    /// Those that who asks has named.
    Asked(Vec<ProgrammeKey>),
    /// Those that the approved scenario's initiatives name.
    OfScenario(Vec<ProgrammeKey>),
}

impl Keys {
    fn all(&self) -> &[ProgrammeKey] {
        match self {
            Self::Asked(keys) | Self::OfScenario(keys) => keys,
        }
    }
}

/// What several programmes cost together by month, and each.
#[derive(Default)]
pub(super) struct Spent {
    by_month: BTreeMap<Month, f64>,
    pub(super) told: Vec<TrackedSpending>,
    /// Keys of the scenario under which the books have nothing: nobody has booked that, which is not that it cost nothing.
    unbooked: Vec<ProgrammeKey>,
}

/// Reads it; nothing where no key is named.
pub(super) async fn read(
    sources: &Sources,
    forecast: &ScenarioForecast,
    keys: &Keys,
    to: Month,
) -> Result<Spent, Failure> {
    let finance = FinanceClient::over(sources.finance.clone());
    let mut spent = Spent::default();
    let query = ProgrammeMoneyQuery {
        currency: Some(forecast.currency.parse().map_err(Failure::internal)?),
        budget_only: None,
    };
    for (place, key) in keys.all().iter().enumerate() {
        let money = finance.load_programme_money(key.as_str(), &query).await;
        let money = money.map_err(BuildError::from)?;
        match keys {
            _ if !is_unknown(&money) => {
                spent.add(&money, place, &(first(forecast)..=to), &forecast.currency)?;
            }
            Keys::OfScenario(_) => spent.unbooked.push(key.clone()),
            Keys::Asked(_) => {
                let reason = format!(
                    "finance has neither a budget nor an entry under `{key}`; GET /v1/programmes there names those that it knows"
                );
                return Err(fault(place, FaultCode::UnknownValue, reason));
            }
        }
    }
    Ok(spent)
}

/// Whether the books have nothing under a key.
fn is_unknown(money: &ProgrammeMoney) -> bool {
    let is_spent = money.spent.is_some_and(|it| !it.amount.is_zero());
    money.budget.is_none() && money.items.is_empty() && !is_spent
}

impl Spent {
    /// What the whole programme cost by month; none where that is not known of all of it.
    pub(super) fn by_month(&self) -> Option<&BTreeMap<Month, f64>> {
        let is_known = !self.told.is_empty() && self.unbooked.is_empty();
        is_known.then_some(&self.by_month)
    }

    /// That the books have nothing of it, or of a part.
    pub(super) fn flag(&self) -> Option<Flag> {
        let keys = self.unbooked.iter().map(|it| format!("`{}`", it.as_str()));
        let keys = Vec::from_iter(keys).join(", ");
        let detail = format!(
            "finance has neither a budget nor an entry under {keys}: what the programme cost is held against nothing; book it \
             there, or name the keys that it is booked under (--programme)"
        );
        (!self.unbooked.is_empty()).then(|| Flag::new(FlagCode::CostsNotBooked, detail))
    }

    fn add(
        &mut self,
        money: &ProgrammeMoney,
        place: usize,
        months: &RangeInclusive<Month>,
        currency: &str,
    ) -> Result<(), Failure> {
        let without_line = money.without_line.map(|it| amount(it, currency, place));
        let mut told = TrackedSpending {
            programme: money.programme.clone(),
            budget_version: money.budget.as_ref().map(|it| it.version),
            budgeted: money.budget.as_ref().map(|_| 0.0),
            spent: 0.0,
            without_line: without_line.transpose()?.unwrap_or_default(),
        };
        for item in money.items.iter().filter(|it| months.contains(&it.month)) {
            let [planned, spent] = [item.planned, item.spent].map(|it| amount(it, currency, place));
            let (planned, spent) = (planned?, spent?);
            told.spent += spent;
            told.budgeted = told.budgeted.map(|it| it + planned);
            *self.by_month.entry(item.month).or_default() += spent;
        }
        self.told.push(told);
        Ok(())
    }
}

/// An amount of the forecast's currency, in its major unit.
fn amount(money: Money, currency: &str, place: usize) -> Result<f64, Failure> {
    if money.currency.code() == currency {
        let minor = money.minor_units().map_err(Failure::internal)?;
        return Ok(minor as f64 / 10_f64.powi(money.currency.decimals().cast_signed()));
    }
    let reason = format!(
        "has its budget in {}, and the forecast is in {currency}; write a version of the budget in {currency}",
        money.currency.code()
    );
    Err(fault(place, FaultCode::OtherCurrency, reason))
}

fn fault(place: usize, code: FaultCode, reason: String) -> Failure {
    let name = format!("programmes/{place}");
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}
