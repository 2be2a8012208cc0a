//! What is foreseen whatever is done, month by month.

use std::collections::BTreeMap;

use keepworth_sim::Scenario;
use keepworth_sim::scenario::{MoneyOf, PriceChange};

use super::draws::Draws;
use super::records::{Figure, Recorded, Records};

/// Share of a month's growth from records that is left in the next.
const DAMPING_OF_RECORDS: f64 = 0.95;

/// The outlook of one future, in both worlds alike. Figures are written as of month 0.
#[derive(Clone)]
pub struct Calendar {
    hazard_factor: f64,
    leaving: Course,
    contacts: Course,
    revenue: Course,
    wage_inflation: f64,
    price_inflation: f64,
    /// Announced changes of the company's prices, each with its elasticity.
    price_changes: Vec<(PriceChange, f64)>,
    money: MoneyOf,
}

/// A trend that flattens out, and a season.
#[derive(Clone)]
struct Course {
    trend: f64,
    damping: f64,
    season: Option<Vec<f64>>,
    /// When figures of segments are from; of the date where nothing is said.
    figures: BTreeMap<String, Figure>,
}

impl Course {
    fn at(&self, month: u32) -> f64 {
        let grown: f64 = (1..=month).map(|k| self.damping.powf(f64::from(k))).sum();
        self.season(month) * (1.0 + self.trend).powf(grown / 12.0)
    }

    /// The same of a segment, which does not move where nobody knows when its figure is from.
    fn of(&self, segment: &str, month: u32) -> f64 {
        match self.figures.get(segment) {
            Some(Figure::Untold) => 1.0,
            _ => self.at(month),
        }
    }

    /// What a segment's figure is of that of the date.
    fn level(&self, segment: &str) -> f64 {
        let figure = self.figures.get(segment);
        figure.map_or(1.0, |it| it.level(self.trend))
    }

    /// Twelve factors, the first of which is that of month 1: month 0 has none.
    fn season(&self, month: u32) -> f64 {
        match &self.season {
            Some(season) if month > 0 => season[(month as usize - 1) % 12],
            _ => 1.0,
        }
    }
}

impl Calendar {
    pub fn new(scenario: &Scenario, records: &Records, draws: &Draws<'_>) -> Self {
        let outlook = scenario.outlook.clone().unwrap_or_default();
        let or = |figure: &Option<_>, name: &str, absent: f64| {
            draws.or(figure.as_ref(), &format!("outlook.{name}"), absent)
        };
        let damping = outlook.trend_damping.as_ref();
        let damping = damping.map(|it| draws.figure(it, "outlook.trend_damping"));
        let course = |trend: &Option<_>, name: &str, season: Option<Vec<f64>>| Course {
            trend: or(trend, name, 0.0),
            damping: damping.unwrap_or(1.0),
            season,
            figures: BTreeMap::new(),
        };
        let recorded = |recorded: &Recorded, name: &str| Course {
            trend: or(&Some(recorded.calendar.trend.clone()), name, 0.0),
            damping: damping.unwrap_or(DAMPING_OF_RECORDS),
            season: recorded.calendar.season.clone(),
            figures: recorded.figures.clone(),
        };
        let contacts = records.contacts.as_ref();
        let contacts = contacts.filter(|_| outlook.contacts.is_some());
        let revenue = records.revenue.as_ref();
        let revenue = revenue.filter(|_| outlook.revenue.is_some());
        let elasticity = |(index, change): (usize, &PriceChange)| {
            let name = format!("outlook.price_changes[{index}].elasticity");
            (change.clone(), draws.figure(&change.elasticity, &name))
        };
        Self {
            hazard_factor: or(&outlook.hazard_factor, "hazard_factor", 1.0),
            leaving: course(
                &outlook.hazard_trend,
                "hazard_trend",
                outlook.hazard_season.clone(),
            ),
            contacts: match contacts {
                Some(it) => recorded(it, "contacts_trend"),
                None => course(
                    &outlook.contacts_trend,
                    "contacts_trend",
                    outlook.contacts_season.clone(),
                ),
            },
            revenue: match revenue {
                Some(it) => recorded(it, "revenue_trend"),
                None => course(
                    &outlook.revenue_trend,
                    "revenue_trend",
                    outlook.revenue_season.clone(),
                ),
            },
            wage_inflation: or(&outlook.wage_inflation, "wage_inflation", 0.0),
            price_inflation: or(&outlook.price_inflation, "price_inflation", 0.0),
            price_changes: outlook
                .price_changes
                .iter()
                .enumerate()
                .map(elasticity)
                .collect(),
            money: outlook.money,
        }
    }

    /// Factor on every hazard while prices are those of the date.
    pub fn leaving_at_old_prices(&self, month: u32) -> f64 {
        self.hazard_factor * self.leaving.at(month)
    }

    /// Factor on every hazard of a segment.
    pub fn leaving(&self, segment: &str, month: u32) -> f64 {
        let answers = |(change, elasticity): (f64, f64)| (1.0 + change).powf(elasticity);
        let answer: f64 = self.price_changes(segment, month).map(answers).product();
        self.leaving_at_old_prices(month) * answer
    }

    /// Factor on the contacts of every channel of a segment.
    pub fn contacts(&self, segment: &str, month: u32) -> f64 {
        self.contacts.of(segment, month)
    }

    /// What a segment's contacts are of those of the date.
    pub fn level_of_contacts(&self, segment: &str) -> f64 {
        self.contacts.level(segment)
    }

    /// Factor on what customers of a segment buy: on revenue and on its cost.
    pub fn bought(&self, segment: &str, month: u32) -> f64 {
        self.revenue.of(segment, month)
    }

    /// What a segment's revenue is of that of the date.
    pub fn level_of_revenue(&self, segment: &str) -> f64 {
        self.revenue.level(segment)
    }

    /// Factor on what a segment pays for what it buys.
    pub fn price(&self, segment: &str, month: u32) -> f64 {
        let changed = self.price_changes(segment, month);
        changed.map(|(change, _)| 1.0 + change).product()
    }

    /// Change and elasticity of the price changes that are in force.
    fn price_changes(&self, segment: &str, month: u32) -> impl Iterator<Item = (f64, f64)> {
        let concerns = move |it: &PriceChange| {
            it.segments.is_empty() || it.segments.iter().any(|name| name == segment)
        };
        self.price_changes
            .iter()
            .filter(move |(it, _)| it.month <= month && concerns(it))
            .map(|(it, elasticity)| (it.change, *elasticity))
    }

    /// What a wage of month 0 has grown to.
    pub fn wages(&self, month: u32) -> f64 {
        (1.0 + self.wage_inflation).powf(f64::from(month) / 12.0)
    }

    /// What a price of month 0 that the company pays has grown to.
    pub fn prices(&self, month: u32) -> f64 {
        (1.0 + self.price_inflation).powf(f64::from(month) / 12.0)
    }

    /// What money of a month is divided by in results.
    pub fn deflator(&self, month: u32) -> f64 {
        match self.money {
            MoneyOf::Nominal => 1.0,
            MoneyOf::Real => self.prices(month),
        }
    }
}
