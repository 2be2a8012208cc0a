//! What records count of the company since a forecast begins.

use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::simulator::ScenarioForecast;
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_intake::Failure;
use keepworth_verdict::backtest::{History, company};

use super::first;
use crate::app::backtest::too_short;
use crate::app::baseline::Order;
use crate::app::build::{self, Sources};
use crate::rule::window::MONTHS;

/// The company's months, and the feeds that they were read from.
pub(super) struct Actual {
    pub(super) company: History,
    pub(super) sources: Vec<FeedReference>,
}

/// Reads them up to a day, in the forecast's currency; a window of records holds twelve months, so that a longer time is
/// read in several.
pub(super) async fn read(
    sources: &Sources,
    forecast: &ScenarioForecast,
    until: NaiveDate,
) -> Result<Actual, Failure> {
    let first = first(forecast);
    let currency = forecast.currency.parse().map_err(Failure::internal)?;
    let mut found = Actual {
        company: History::new(),
        sources: Vec::new(),
    };
    let mut to = Month::of(until);
    let mut is_newest = true;
    while to.index() >= first.index() {
        let order = Order {
            currency: Some(currency),
            ..Order::of(to.last_day())
        };
        let records = build::records(sources, &order).await?;
        let ends = records.ends(first);
        if let Some((what, month)) = ends.into_iter().min_by_key(|(_, month)| *month)
            && is_newest
        {
            return Err(too_short(forecast.as_of, what, month, None));
        }
        found.company.extend(company(&records.histories()?));
        found.sources.extend(records.references().to_vec());
        to = to.plus(-(MONTHS as i32));
        is_newest = false;
    }
    Ok(found)
}
