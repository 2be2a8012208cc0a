//! Did it come true? What was forecast when a version was approved, held against what records count since.
//!
//! Pure: whoever reads records hands in what they count of the company by month. The forecast is the one that was frozen,
//! whatever would be forecast today.
//!
//! | figure | method |
//! |---|---|
//! | coverage | share of months within central bands |
//! | score | weighted interval score of the frozen quantiles ([`score`]) |
//! | drift | the first month that leaves a band which at most one future of twenty leaves at any time |
//! | what is learnt | futures of what was approved, led to where what was counted is likely ([`learn`]) |
//! | variance bridge | Shapley's shares of what drivers moved ([`bridge`]) |

mod bridge;
mod learn;
mod score;
mod words;

use std::collections::BTreeMap;

use keepworth_contract::simulator::{
    ForecastFigure, ForecastName, ForecastPoint, Learnt, ScenarioForecast, TrackedFigure,
    TrackedMonth, TrackedSpending, TrackingReport,
};
use keepworth_contract::{Flag, FlagCode, Month};

use crate::backtest::{History, MonthCount};
use bridge::bridges;
pub use learn::{Approved, learn};
use score::{coverage, score};

/// What is held against what.
pub struct Question<'a> {
    /// The forecast that was frozen.
    pub forecast: &'a ScenarioForecast,
    /// What records count of the company by month: those before the forecast and after it may be among them.
    pub company: &'a History,
    /// The last month that counts.
    pub to: Month,
    /// What the programme cost, if it is told under which names finance books it; by month.
    pub spent: Option<&'a BTreeMap<Month, f64>>,
    /// By name of the programme in finance's books.
    pub spending: Vec<TrackedSpending>,
    /// The first month of a year, 1 to 12.
    pub year_begins: u32,
}

impl Question<'_> {
    fn first(&self) -> Month {
        Month::of(self.forecast.as_of).plus(1)
    }

    fn months(&self) -> impl Iterator<Item = Month> {
        (self.first().index()..=self.to.index()).map(Month::from_index)
    }

    fn figure(&self, name: ForecastName) -> Option<&ForecastFigure> {
        self.forecast.figures.iter().find(|it| it.figure == name)
    }

    fn point(&self, name: ForecastName, month: Month) -> Option<&ForecastPoint> {
        let mut months = self.figure(name)?.months.iter();
        months.find(|it| it.month == month)
    }
}

/// Answers it, with what was [learnt](learn), or a flag that says why nothing was. `sources` of the report are the caller's to
/// fill in.
#[must_use]
pub fn track(question: &Question<'_>, learnt: Result<Learnt, Flag>) -> TrackingReport {
    let forecast = question.forecast;
    let figures: Vec<TrackedFigure> = COUNTED
        .iter()
        .filter(|it| !(is_of_people(**it) && is_without_contract(forecast)))
        .filter_map(|name| figure(question, *name))
        .collect();
    let bridges = bridges(question);
    let all = figures.iter().flat_map(|it| &it.months);
    let mut quality_flags = flags(question, &figures, bridges.is_empty());
    let learnt = learnt.map_err(|flag| quality_flags.push(flag)).ok();
    let told = words::words(&figures, bridges.first(), &forecast.currency, question);
    TrackingReport {
        words: told + &learnt.as_ref().map(words::learnt).unwrap_or_default(),
        scenario: forecast.scenario.clone(),
        run_id: forecast.run_id,
        baseline_hash: forecast.baseline_hash.clone(),
        currency: forecast.currency.clone(),
        from: question.first(),
        to: question.to,
        coverage: coverage(&all.collect::<Vec<_>>()),
        quality_flags,
        figures,
        bridges,
        spending: question.spending.clone(),
        learnt,
        sources: Vec::new(),
    }
}

/// The figures that records count too. What a programme brings is a difference to a world that no record sees.
const COUNTED: [ForecastName; 7] = [
    ForecastName::Customers,
    ForecastName::Won,
    ForecastName::Leavers,
    ForecastName::Contacts,
    ForecastName::Revenue,
    ForecastName::ServiceCost,
    ForecastName::Cost,
];

fn counted(month: &MonthCount, name: ForecastName) -> Option<f64> {
    match name {
        ForecastName::Customers => Some(month.customers),
        ForecastName::Won => Some(month.won),
        ForecastName::Leavers => Some(month.leavers),
        ForecastName::Contacts => Some(month.all_contacts()),
        ForecastName::Revenue => month.revenue,
        ForecastName::ServiceCost => month.service_cost,
        ForecastName::Cost => month.cost,
        _ => None,
    }
}

fn is_of_people(name: ForecastName) -> bool {
    matches!(name, ForecastName::Customers | ForecastName::Leavers)
}

/// Whether nobody sees who of some segment is still there.
fn is_without_contract(forecast: &ScenarioForecast) -> bool {
    let mut flags = forecast.quality_flags.iter();
    flags.any(|it| it.code == FlagCode::NotForecast)
}

/// A figure of the months in which it is recorded; none where it is in none, or where nothing was forecast and nothing came:
/// what a company has no record of is no forecast that was kept.
fn figure(question: &Question<'_>, name: ForecastName) -> Option<TrackedFigure> {
    let of = |month: Month| {
        let actual = counted(question.company.get(&month)?, name)?;
        let forecast = *question.point(name, month)?;
        Some(TrackedMonth {
            actual,
            forecast,
            score: score(&forecast, actual),
        })
    };
    let months: Vec<TrackedMonth> = question.months().filter_map(of).collect();
    if months.iter().all(is_nothing) {
        return None;
    }
    let (actual, expected) = months.iter().fold((0.0, 0.0), |sum, it| {
        (sum.0 + it.actual, sum.1 + it.forecast.mean)
    });
    Some(TrackedFigure {
        figure: name,
        unit: question.figure(name)?.unit.clone(),
        coverage: coverage(&months.iter().collect::<Vec<_>>()),
        score: months.iter().map(|it| it.score).sum::<f64>() / months.len() as f64,
        bias: (expected > 0.0).then(|| actual / expected - 1.0),
        drifted_since: months
            .iter()
            .find(|it| is_off(it))
            .map(|it| it.forecast.month),
        months,
    })
}

fn is_nothing(month: &TrackedMonth) -> bool {
    let TrackedMonth {
        actual, forecast, ..
    } = month;
    [*actual, forecast.p2_5, forecast.p97_5] == [0.0; 3]
}

fn is_off(month: &TrackedMonth) -> bool {
    let [low, high] = [month.forecast.alarm_low, month.forecast.alarm_high];
    low.is_some_and(|low| month.actual < low) || high.is_some_and(|high| month.actual > high)
}

fn flags(question: &Question<'_>, figures: &[TrackedFigure], is_unbridged: bool) -> Vec<Flag> {
    let mut flags = question.forecast.quality_flags.clone();
    let missing = COUNTED.iter().filter(|name| {
        let is_there = figures.iter().any(|it| it.figure == **name);
        !is_there && !is_of_people(**name)
    });
    let missing: Vec<&str> = missing.map(<&str>::from).collect();
    if !missing.is_empty() {
        let detail = format!(
            "{} of these months are not recorded, or were not forecast, and are held against nothing",
            missing.join(", ").replace('_', " ")
        );
        flags.push(Flag::new(FlagCode::NotForecast, detail));
    }
    if is_unbridged {
        let detail =
            "no month has both revenue and costs on record: what moved the result is not told"
                .to_owned();
        flags.push(Flag::new(FlagCode::CostsNotBooked, detail));
    }
    flags
}

#[cfg(test)]
mod tests;
