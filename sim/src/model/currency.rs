//! Other currencies, in which costs are paid (`MODEL.md`, section 4).

use std::fmt;

use super::InputId;
use super::builder::Builder;
use crate::kernel::{LANES, Lane};
use crate::math::exp;
use crate::scenario::{ExchangeRate, MOST_VOLATILE, Problem, Scenario, ScenarioError};

/// Place of a currency in the scenario's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CurrencyId(usize);

/// What one unit of another currency is worth, month by month.
#[derive(Debug, Clone)]
pub(crate) struct OtherCurrency {
    code: String,
    /// The scenario's own.
    own: String,
    /// In the mean of every month.
    rate: f64,
    /// Standard deviation of the logarithm of a year's change, and the standard normal that moves it; none of a rate that
    /// stays.
    moves: Option<(f64, InputId)>,
    /// The last month in which it moves: that of the horizon.
    pub(super) last: usize,
}

impl OtherCurrency {
    /// In the mean.
    pub(crate) fn mean(&self) -> f64 {
        self.rate
    }

    /// In a month, `rate·exp(σ·√(t/12)·z − σ²·t/24)`.
    pub(crate) fn worth(&self, month: usize, values: &[Lane]) -> Lane {
        let Some((volatility, normal)) = self.moves else {
            return [self.rate; LANES];
        };
        let years = month.min(self.last) as f64 / 12.0;
        let (spread, less) = (
            volatility * years.sqrt(),
            0.5 * volatility * volatility * years,
        );
        values[normal].map(|z| self.rate * exp(spread * z - less))
    }
}

impl OtherCurrency {
    /// ISO 4217 code.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// What it is called among what figures mean.
    pub(crate) fn key(&self) -> String {
        format!("currency {}", self.code)
    }
}

impl fmt::Display for OtherCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code, own, rate, ..
        } = self;
        match self.moves {
            None => write!(f, "1 {code} is {rate} {own} in every month"),
            Some((volatility, _)) => write!(
                f,
                "1 {code} is {rate} {own} in the mean of every month; a year's change has a standard deviation of {:.1}%",
                100.0 * volatility
            ),
        }
    }
}

impl std::ops::Index<CurrencyId> for Vec<OtherCurrency> {
    type Output = OtherCurrency;

    fn index(&self, id: CurrencyId) -> &OtherCurrency {
        &self[id.0]
    }
}

/// Resolves the currencies of a scenario, in its order.
pub(super) fn currencies(
    scenario: &Scenario,
    own: &str,
    builder: &mut Builder,
) -> Result<Vec<OtherCurrency>, ScenarioError> {
    let mut resolved = Vec::new();
    for (i, written) in scenario.currencies.iter().enumerate() {
        let path = format!("currencies[{i}]");
        check(scenario, i, own).map_err(|problem| problem.at(format!("{path}.code")))?;
        let above_zero = "give what one unit is worth, above 0";
        Problem::unless_within(written.rate, f64::MIN_POSITIVE, 1e9, above_zero)
            .map_err(|problem| problem.at(format!("{path}.rate")))?;
        let a_year = "give the standard deviation of a year's change, such as 0.08 for 8%";
        Problem::unless_within(written.volatility, 0.0, MOST_VOLATILE, a_year)
            .map_err(|problem| problem.at(format!("{path}.volatility")))?;
        let moves = (written.volatility > 0.0).then(|| {
            let name = format!("currencies.{}", written.code);
            let normal = builder.normal(name, "rate of exchange");
            (written.volatility, normal)
        });
        resolved.push(OtherCurrency {
            code: written.code.clone(),
            own: own.to_owned(),
            rate: written.rate,
            moves,
            last: scenario.horizon_months as usize,
        });
    }
    Ok(resolved)
}

/// The currency of a cost line; none of one in the scenario's own.
pub(super) fn currency_of(
    scenario: &Scenario,
    own: &str,
    code: Option<&String>,
) -> Result<Option<CurrencyId>, Problem> {
    let Some(code) = code.filter(|code| *code != own) else {
        return Ok(None);
    };
    if code.len() != 3 || !code.bytes().all(|it| it.is_ascii_uppercase()) {
        let problem =
            format!("`{code}` is no currency; write its three capital letters, such as USD");
        return Err(Problem::Reference(problem));
    }
    let place = scenario.currencies.iter().position(|it| it.code == *code);
    if scenario.currencies.is_empty() {
        let problem = format!(
            "nobody says what {code} is worth; list it under [[currencies]] with its rate and volatility"
        );
        return Err(Problem::Reference(problem));
    }
    let unknown = || Problem::Unknown {
        what: "currency",
        name: code.clone(),
        known: scenario
            .currencies
            .iter()
            .map(|it| it.code.clone())
            .collect(),
    };
    Ok(Some(CurrencyId(place.ok_or_else(unknown)?)))
}

/// Each is there once, is another one than the scenario's, and something is paid in it.
fn check(scenario: &Scenario, place: usize, own: &str) -> Result<(), Problem> {
    let ExchangeRate { code, .. } = &scenario.currencies[place];
    if scenario.currencies[..place]
        .iter()
        .any(|it| it.code == *code)
    {
        let (what, name) = ("currency", code.clone());
        return Err(Problem::Duplicate { what, name });
    }
    if code == own {
        let problem = format!("{code} is the scenario's own currency, worth 1; take it out");
        return Err(Problem::Conflict(problem));
    }
    let mut lines = scenario.initiatives.iter().flat_map(|it| &it.costs);
    if lines.all(|line| line.currency.as_ref() != Some(code)) {
        let problem = format!(
            "no cost is in {code}; write `currency = \"{code}\"` on those that are, or take it out"
        );
        return Err(Problem::Conflict(problem));
    }
    Ok(())
}
