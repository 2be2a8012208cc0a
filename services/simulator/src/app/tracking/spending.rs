//! What a programme cost since a forecast begins, and what its budget allows: both are finance's.

use std::collections::BTreeMap;

use keepworth_contract::client::ClientError;
use keepworth_contract::finance::{ComparisonQuery, FinanceClient, ProgrammeReport};
use keepworth_contract::simulator::{ScenarioForecast, TrackedSpending, TrackingInput};
use keepworth_contract::{FaultCode, InvalidParam, Money, Month};
use keepworth_intake::Failure;

use super::first;
use crate::BuildError;
use crate::app::build::Sources;

/// What several programmes cost together by month, and each.
pub(super) struct Spent {
    pub(super) by_month: BTreeMap<Month, f64>,
    pub(super) told: Vec<TrackedSpending>,
}

/// Reads it; none where no programme is named.
pub(super) async fn read(
    sources: &Sources,
    forecast: &ScenarioForecast,
    input: &TrackingInput,
) -> Result<Option<Spent>, Failure> {
    if input.programmes.is_empty() {
        return Ok(None);
    }
    let finance = FinanceClient::over(sources.finance.clone());
    let mut spent = Spent {
        by_month: BTreeMap::new(),
        told: Vec::new(),
    };
    let months = first(forecast)..=Month::of(input.until);
    for (place, name) in input.programmes.iter().enumerate() {
        let newest = ComparisonQuery { version: None };
        let report = finance.load_programme(name, &newest).await;
        let report = report.map_err(|error| refused(place, error))?;
        spent.add(name, place, &report, &months, &forecast.currency)?;
    }
    Ok(Some(spent))
}

impl Spent {
    fn add(
        &mut self,
        name: &str,
        place: usize,
        report: &ProgrammeReport,
        months: &std::ops::RangeInclusive<Month>,
        currency: &str,
    ) -> Result<(), Failure> {
        let mut told = TrackedSpending {
            programme: name.to_owned(),
            budget_version: Some(report.budget.version),
            budgeted: Some(0.0),
            spent: 0.0,
            without_line: amount(report.without_line, currency, place)?,
        };
        for item in report.items.iter().filter(|it| months.contains(&it.month)) {
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

/// What finance says of a programme that it does not know, or why it says nothing.
fn refused(place: usize, error: ClientError) -> Failure {
    match error {
        ClientError::Problem { problem, .. } if problem.status == 404 => {
            let detail = problem.detail.unwrap_or_default();
            let reason = format!(
                "finance says: {detail}; GET /v1/programmes there names those that it knows (`keepworth finance programme`)"
            );
            fault(place, FaultCode::UnknownValue, reason)
        }
        other => BuildError::from(other).into(),
    }
}

fn fault(place: usize, code: FaultCode, reason: String) -> Failure {
    Failure::invalid(vec![InvalidParam::new(
        format!("programmes[{place}]"),
        code,
        reason,
    )])
}
