//! How contacts, revenue, prices and wages change with the calendar, in both worlds alike.

use super::builder::{About, Builder};
use super::outlook::{DAMPING, Recordable, TREND, YEAR, season};
use super::range::Range;
use super::{Calendar, Outlook, Segment, Term};
use crate::baseline::Baseline;
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, MoneyOf, PriceChange, Problem, Quantity, Scenario, ScenarioError};

/// What is foreseen of money and of contacts whatever is done.
#[derive(Debug, Clone)]
pub(crate) struct MoneyCalendar {
    /// Of the contacts that a customer makes.
    pub(crate) contacts: Course,
    /// Of what a customer buys, at the prices of the date.
    pub(crate) revenue: Course,
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
    /// Share of a month's growth that is left in the next.
    pub(crate) damping: Term,
    /// Factors of month 1, 2, … 12; all 1 without a season.
    pub(crate) season: [f64; YEAR],
    /// Whether both are the records'.
    pub(crate) is_recorded: bool,
}

impl Course {
    /// Whether it is another one in some month.
    pub(crate) fn moves(&self) -> bool {
        self.is_seasonal() || self.trend != Term::Fixed(0.0)
    }

    pub(crate) fn is_seasonal(&self) -> bool {
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
    baseline: Option<&Baseline>,
    leaving: Option<&Outlook>,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<Option<MoneyCalendar>, ScenarioError> {
    let Some(written) = scenario.outlook.as_ref().filter(|it| speaks(it)) else {
        return Ok(None);
    };
    let mut term = |quantity: Option<&Quantity>, absent: f64, field: &str, about, range| {
        let quantity = quantity.cloned().unwrap_or_else(|| absent.into());
        let path = format!("outlook.{field}");
        builder.term(&quantity, path.clone(), about, &path, range)
    };
    let unit = |unit| About {
        unit,
        ..About::default()
    };
    let damped = match (&written.trend_damping, leaving) {
        (Some(_), Some(leaving)) => Some(leaving.damping),
        (Some(damping), None) => {
            let share = unit("share a month");
            Some(term(
                Some(damping),
                1.0,
                "trend_damping",
                share,
                Range::SHARE,
            )?)
        }
        (None, _) => None,
    };
    let mut course =
        |recordable: &Recordable<'_>, trend: &Option<Quantity>, season: Option<&[f64]>| {
            let recorded = recordable.recorded()?;
            let [(trend_field, _), (season_field, _)] = recordable.beside;
            let about = About {
                note: recorded.map_or("", |_| "from the baseline's records"),
                ..unit("a year")
            };
            let trend = recorded.map(|it| &it.trend).or(trend.as_ref());
            let season = recorded.map_or(season, |it| it.season.as_deref());
            Ok::<_, ScenarioError>(Course {
                trend: term(trend, 0.0, trend_field, about, TREND)?,
                damping: damped.unwrap_or(Term::Fixed(recorded.map_or(1.0, |_| DAMPING))),
                season: self::season(season, season_field)?,
                is_recorded: recorded.is_some(),
            })
        };
    let [contacts, revenue] = recordable(written, baseline);
    let contacts = course(
        &contacts,
        &written.contacts_trend,
        written.contacts_season.as_deref(),
    )?;
    let revenue = course(
        &revenue,
        &written.revenue_trend,
        written.revenue_season.as_deref(),
    )?;
    let (wages, prices) = (
        written.wage_inflation.as_ref(),
        written.price_inflation.as_ref(),
    );
    let money = MoneyCalendar {
        contacts,
        revenue,
        wages: term(wages, 0.0, "wage_inflation", unit("a year"), INFLATION)?,
        prices: term(prices, 0.0, "price_inflation", unit("a year"), INFLATION)?,
        is_real: written.money == MoneyOf::Real,
    };
    if money.is_real && prices.is_none() {
        let problem = "money = \"real\" deflates by price_inflation, and none is written; write it, or leave money out";
        return Err(Problem::Conflict(problem.to_owned()).at("outlook.money"));
    }
    refuse_endless_season(scenario, &money)?;
    place(scenario, baseline, &money, segments, builder);
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

/// Contacts and revenue, as the records may tell them.
fn recordable<'a>(
    written: &scenario::Outlook,
    baseline: Option<&'a Baseline>,
) -> [Recordable<'a>; 2] {
    let contacts = Recordable {
        field: "contacts",
        asked: written.contacts,
        beside: [
            ("contacts_trend", written.contacts_trend.is_some()),
            ("contacts_season", written.contacts_season.is_some()),
        ],
        told: baseline.and_then(|it| it.contacts_calendar.as_ref()),
        takes: "24 months of them, and 10 contacts",
    };
    let revenue = Recordable {
        field: "revenue",
        asked: written.revenue,
        beside: [
            ("revenue_trend", written.revenue_trend.is_some()),
            ("revenue_season", written.revenue_season.is_some()),
        ],
        told: baseline.and_then(|it| it.revenue_calendar.as_ref()),
        takes: "24 months of them, all in the baseline's currency",
    };
    [contacts, revenue]
}

/// Says of each segment what of the records' courses holds in it.
fn place(
    scenario: &Scenario,
    baseline: Option<&Baseline>,
    money: &MoneyCalendar,
    segments: &mut [Segment],
    builder: &mut Builder,
) {
    let of_baseline = baseline.iter().flat_map(|it| &it.segments);
    for (segment, from) in segments.iter_mut().zip(of_baseline) {
        let written = |has: fn(&scenario::Segment) -> bool| {
            let mut written = scenario.segments.iter();
            written.any(|it| it.name == from.name && has(it))
        };
        if money.contacts.is_recorded {
            let is_written = written(|it| it.channels.is_some());
            let trend = money.contacts.trend;
            segment.contacts_calendar =
                Calendar::recorded(is_written, &from.contacts_record, trend);
            builder
                .flags
                .extend(stays(segment, "contacts", &segment.contacts_calendar));
        }
        if money.revenue.is_recorded {
            let is_written = written(|it| it.revenue.is_some());
            let trend = money.revenue.trend;
            segment.revenue_calendar = Calendar::recorded(is_written, &from.revenue_record, trend);
            builder
                .flags
                .extend(stays(segment, "revenue", &segment.revenue_calendar));
        }
    }
}

/// Says of a segment that it stays as it is, where the records of others are followed.
fn stays(segment: &Segment, what: &str, calendar: &Calendar) -> Option<Flag> {
    let detail = format!(
        "{what} of {} stay as they were in the mean: the baseline's trend and season are of customers with a contract",
        segment.name
    );
    (!calendar.moves()).then(|| Flag::new(FlagCode::StaysAtItsLevel, &segment.name, detail))
}

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
        || [written.contacts, written.revenue]
            .iter()
            .any(Option::is_some)
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
