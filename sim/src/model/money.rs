//! How contacts, revenue, prices and wages change with the calendar, in both worlds alike.

use super::builder::{About, Builder};
use super::outlook::{TREND, YEAR, season};
use super::range::Range;
use super::{Outlook, Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, MoneyOf, PriceChange, Problem, Quantity, Scenario, ScenarioError};

/// What is foreseen of money and of contacts whatever is done.
#[derive(Debug, Clone)]
pub(crate) struct MoneyCalendar {
    /// Of the contacts that a customer makes.
    pub(crate) contacts: Course,
    /// Of what a customer buys, at the prices of the date.
    pub(crate) revenue: Course,
    /// Share of a month's growth that is left in the next.
    pub(crate) damping: Term,
    /// Growth of wages a year.
    pub(crate) wages: Term,
    /// Growth a year of the prices that the company pays.
    pub(crate) prices: Term,
    /// Whether results are in the money of month 0.
    pub(crate) is_real: bool,
}

impl MoneyCalendar {
    /// Whether a cost of the programme is another one month later.
    pub(crate) fn moves_costs(&self) -> bool {
        [self.wages, self.prices] != [Term::Fixed(0.0); 2]
    }
}

/// A trend and a season.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// Growth a year.
    pub(crate) trend: Term,
    /// Factors of month 1, 2, … 12; all 1 without a season.
    pub(crate) season: [f64; YEAR],
}

impl Course {
    fn is_seasonal(&self) -> bool {
        self.season != [1.0; YEAR]
    }
}

/// A change of the prices that a segment pays.
#[derive(Debug, Clone)]
pub(crate) struct PriceStep {
    /// First month.
    pub(crate) month: usize,
    /// New prices over those before.
    pub(crate) factor: f64,
    /// Hazards are multiplied by `factor^elasticity`.
    pub(crate) elasticity: Term,
}

/// Resolves what is foreseen of money, and puts price changes on their segments. None where nothing is written.
pub(super) fn money(
    scenario: &Scenario,
    leaving: Option<&Outlook>,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<Option<MoneyCalendar>, ScenarioError> {
    let Some(written) = scenario.outlook.as_ref().filter(|it| speaks(it)) else {
        return Ok(None);
    };
    let mut term = |quantity: Option<&Quantity>, absent: f64, field: &str, unit, range| {
        let quantity = quantity.cloned().unwrap_or_else(|| absent.into());
        let path = format!("outlook.{field}");
        let about = About {
            unit,
            ..About::default()
        };
        builder.term(&quantity, path.clone(), about, &path, range)
    };
    let trends = [&written.contacts_trend, &written.revenue_trend];
    let damped = written.trend_damping.as_ref();
    let damping = match leaving.filter(|_| damped.is_some()) {
        Some(leaving) => leaving.damping,
        None => term(damped, 1.0, "trend_damping", "share a month", Range::SHARE)?,
    };
    let [contacts, revenue] = trends.map(Option::as_ref);
    let wages = written.wage_inflation.as_ref();
    let prices = written.price_inflation.as_ref();
    let money = MoneyCalendar {
        contacts: Course {
            trend: term(contacts, 0.0, "contacts_trend", "a year", TREND)?,
            season: season(written.contacts_season.as_deref(), "contacts_season")?,
        },
        revenue: Course {
            trend: term(revenue, 0.0, "revenue_trend", "a year", TREND)?,
            season: season(written.revenue_season.as_deref(), "revenue_season")?,
        },
        damping,
        wages: term(wages, 0.0, "wage_inflation", "a year", INFLATION)?,
        prices: term(prices, 0.0, "price_inflation", "a year", INFLATION)?,
        is_real: written.money == MoneyOf::Real,
    };
    if money.is_real && prices.is_none() {
        let problem = "money = \"real\" deflates by price_inflation, and none is written; write it, or leave money out";
        return Err(Problem::Conflict(problem.to_owned()).at("outlook.money"));
    }
    refuse_endless_season(scenario, &money)?;
    for (index, change) in written.price_changes.iter().enumerate() {
        change_prices(change, index, segments, builder)?;
        if change.month > scenario.horizon_months {
            builder
                .flags
                .push(too_late(change, scenario.horizon_months));
        }
    }
    Ok(Some(money))
}

const INFLATION: Range = Range {
    low: -0.5,
    high: 2.0,
    fix: "give a growth a year as a fraction: 0.03 is 3%",
};

/// Whether an outlook says anything of money or contacts.
fn speaks(written: &scenario::Outlook) -> bool {
    let figures = [
        &written.contacts_trend,
        &written.revenue_trend,
        &written.wage_inflation,
        &written.price_inflation,
    ];
    figures.iter().any(|it| it.is_some())
        || [&written.contacts_season, &written.revenue_season]
            .iter()
            .any(|it| it.is_some())
        || !written.price_changes.is_empty()
        || written.money == MoneyOf::Real
}

/// A perpetuity repeats the last month, whose season is not that of the others.
fn refuse_endless_season(scenario: &Scenario, money: &MoneyCalendar) -> Result<(), ScenarioError> {
    let terminal = scenario.terminal_value.as_ref();
    let is_endless = terminal.is_some_and(|it| it.annual_growth.is_some());
    if is_endless && (money.contacts.is_seasonal() || money.revenue.is_seasonal()) {
        let problem = "a perpetuity repeats the last month for ever, and contacts or revenue have a season, which that \
                       month is only one of; use run_off, or leave the season out";
        return Err(Problem::Conflict(problem.to_owned()).at("terminal_value.annual_growth"));
    }
    Ok(())
}

/// Says of a price change that nothing of the verdict knows it.
fn too_late(change: &PriceChange, horizon: u32) -> Flag {
    let detail = format!(
        "outlook: prices change in month {}, after the {horizon} months that are judged: it counts in what lies beyond \
         alone",
        change.month
    );
    Flag::new(FlagCode::BeyondHorizon, "outlook", detail)
}

/// Puts a price change on its segments.
fn change_prices(
    change: &PriceChange,
    index: usize,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    let path = format!("outlook.price_changes[{index}]");
    let fix = "give a change as a fraction: 0.05 is 5% dearer";
    Problem::unless_within(change.change, -0.9, 3.0, fix)
        .map_err(|problem| problem.at(format!("{path}.change")))?;
    let name = format!("{path}.elasticity");
    let about = About {
        unit: "percent of leaving a percent of price",
        ..About::default()
    };
    let elasticity = builder.term(&change.elasticity, name.clone(), about, &name, ELASTICITY)?;
    for (place, wanted) in change.segments.iter().enumerate() {
        if !segments.iter().any(|it| it.name == *wanted) {
            let problem = Problem::Unknown {
                what: "segment",
                name: wanted.clone(),
                known: segments.iter().map(|it| it.name.clone()).collect(),
            };
            return Err(problem.at(format!("{path}.segments[{place}]")));
        }
    }
    let is_meant =
        |it: &&mut Segment| change.segments.is_empty() || change.segments.contains(&it.name);
    for segment in segments.iter_mut().filter(is_meant) {
        segment.prices.push(PriceStep {
            month: change.month as usize,
            factor: 1.0 + change.change,
            elasticity,
        });
    }
    Ok(())
}

const ELASTICITY: Range = Range {
    low: 0.0,
    high: 20.0,
    fix: "give by how many percent leaving rises when prices rise by one, 0 or more: dearer never keeps customers",
};
