//! Figures of the books in cells and words.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use keepworth_contract::finance::{
    CONVERSION_RULE, ConversionRate, Metric, MetricDefinition, MetricUnit, RateDerivation, RateKind,
};
use keepworth_contract::{Currency, Flag, FlagCode, Money, Word};
use rust_decimal::Decimal;

use crate::present::number::grouped;
use crate::present::{Cell, Sheet, row};

/// What a figure means, in words.
pub(super) trait DefinitionWords {
    /// Id and version, such as `grr v1`.
    fn label(&self) -> String;

    /// Id, version and formula.
    fn formula(&self) -> String;

    /// The unit in words.
    fn unit(&self, currency: Option<Currency>) -> String;
}

impl DefinitionWords for MetricDefinition {
    fn label(&self) -> String {
        format!("{} v{}", self.id, self.version)
    }

    fn formula(&self) -> String {
        format!("{}: {}", self.label(), self.formula)
    }

    fn unit(&self, currency: Option<Currency>) -> String {
        let money = currency.map_or("money", Currency::code);
        match self.unit {
            MetricUnit::Share => "a month".to_owned(),
            MetricUnit::MinorPerNewCustomer => format!("{money} per new customer"),
            MetricUnit::MinorPerCustomerYear => format!("{money} per customer and year"),
            MetricUnit::MinorPerCustomer => format!("{money} per customer"),
            MetricUnit::MinorPerMinute => format!("{money} per minute"),
            MetricUnit::MinorPerContact => format!("{money} per contact"),
            MetricUnit::PerUnitOfSpend => format!("per {money} of spend"),
        }
    }
}

/// A figure in cells and notes.
pub(super) trait MetricCells {
    /// The figure in its unit.
    fn cell(&self, currency: Currency) -> Cell;

    /// Adds its row: whose it is, its name, value and unit, what it is divided by, basis, definition.
    fn add(&self, of: &str, n: Cell, currency: Currency, sheet: &mut Sheet);

    /// Says below the sheet what a reader must know before using the figure.
    fn add_notes(&self, sheet: &mut Sheet);
}

impl MetricCells for Metric {
    fn cell(&self, currency: Currency) -> Cell {
        let Some(value) = self.statistic.value else {
            return Cell::Nothing;
        };
        match self.definition.unit {
            MetricUnit::Share => Cell::Share(value),
            // A minute costs so little that cents would hide what it costs.
            MetricUnit::MinorPerMinute => Decimal::try_from(value).map_or(Cell::Nothing, |minor| {
                let mut amount = minor * Decimal::new(1, currency.decimals());
                amount.rescale(currency.decimals() + 2);
                Cell::Amount(amount)
            }),
            MetricUnit::PerUnitOfSpend => {
                Decimal::try_from(value).map_or(Cell::Nothing, Cell::Amount)
            }
            MetricUnit::MinorPerNewCustomer
            | MetricUnit::MinorPerCustomerYear
            | MetricUnit::MinorPerCustomer
            | MetricUnit::MinorPerContact => major(value, currency),
        }
    }

    fn add(&self, of: &str, n: Cell, currency: Currency, sheet: &mut Sheet) {
        let assumed = self
            .statistic
            .quality_flags
            .iter()
            .any(|it| it.code == FlagCode::Assumed);
        let basis = if assumed {
            "partly assumed"
        } else {
            "recorded"
        };
        row![sheet =>
            of, &self.definition.name, self.cell(currency), self.definition.unit(Some(currency)),
            n, basis, self.definition.label(),
        ];
        self.add_notes(sheet);
    }

    fn add_notes(&self, sheet: &mut Sheet) {
        add_cautions(sheet, &self.statistic.quality_flags);
    }
}

/// Minor units as an amount of the currency. They are a quotient, which the wire carries as a
/// number; it is rounded to the currency's decimals.
pub(super) fn major(minor: f64, currency: Currency) -> Cell {
    let exact = Decimal::try_from(minor).map(|minor| minor.round_dp(0));
    exact.map_or(Cell::Nothing, |minor| {
        let mut amount = minor * Decimal::new(1, currency.decimals());
        amount.rescale(currency.decimals());
        Cell::Amount(amount)
    })
}

/// Says below the sheet what its flags mean.
pub(super) fn add_cautions(sheet: &mut Sheet, flags: &[Flag]) {
    for flag in flags {
        sheet.note(format!("Note: {}.", caution(flag)));
    }
}

/// A flag in words.
pub(super) fn caution(flag: &Flag) -> String {
    commands(&flag.detail)
}

/// What the contract calls by its path has a command here.
const COMMANDS: [(&str, &str); 7] = [
    (
        "POST /v1/response-histories",
        "`keepworth finance add-response`",
    ),
    ("POST /v1/fx-rates", "`keepworth finance add-rate`"),
    ("POST /v1/segment-months:count", "`keepworth finance count`"),
    ("PUT /v1/accounts", "`--accounts FILE.csv`"),
    ("GET /v1/ledger-entries", "`keepworth finance entries`"),
    ("GET /v1/allocations", "`keepworth finance allocation`"),
    (
        "GET /v1/segment-months/{month}",
        "`keepworth finance activity`",
    ),
];

/// A message of the service, in which paths of the contract are commands.
pub(crate) fn commands(message: &str) -> String {
    let mut message = message.to_owned();
    for (path, command) in COMMANDS {
        message = message.replace(path, command);
    }
    message
}

/// A wire name in words: `COST_OF_REVENUE` is `cost of revenue`.
pub(super) fn words(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

/// A word of the wire in words.
pub(crate) fn worded(word: impl Word) -> String {
    words(word.name())
}

/// A time as the wire writes it.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Names the rates by which amounts were converted, and the rule.
pub(crate) fn add_rates(sheet: &mut Sheet, rates: &[ConversionRate]) {
    for rate in rates {
        sheet.note(rate_in_words(rate));
    }
    if !rates.is_empty() {
        sheet.note(format!("Converted: {CONVERSION_RULE}."));
    }
}

/// `1 USD = 0.92 EUR in 2025-09, its average of 22 days (ecb, 2025-09-01 to 2025-09-30)`.
pub(crate) fn rate_in_words(rate: &ConversionRate) -> String {
    let kind = match rate.kind {
        RateKind::Average if rate.days == 1 => "its one quote".to_owned(),
        RateKind::Average => format!("the mean of {} days", rate.days),
        RateKind::Closing => "the last of the month".to_owned(),
    };
    let how = match (rate.derivation, rate.via) {
        (RateDerivation::Inverse, _) => ", turned round".to_owned(),
        (RateDerivation::Cross, Some(via)) => format!(", through {via}"),
        _ => String::new(),
    };
    let days = if rate.quoted_from == rate.quoted_to {
        rate.quoted_to.to_string()
    } else {
        format!("{} to {}", rate.quoted_from, rate.quoted_to)
    };
    let sources: Vec<&str> = rate.sources.iter().map(String::as_str).collect();
    let (base, quote, month, value) = (rate.base, rate.quote, rate.month, &rate.value);
    format!(
        "1 {base} = {value} {quote} in {month}, {kind}{how} ({}, {days})",
        sources.join(" and ")
    )
}

/// An amount with its currency, such as `EUR 1 234.50`.
pub(crate) fn money(money: Money) -> String {
    amount(money.currency.code(), money.amount)
}

fn amount(currency: &str, amount: Decimal) -> String {
    format!("{currency} {}", grouped(&amount.to_string()))
}

/// Sums by currency, each in a line of its own.
#[derive(Default)]
pub(super) struct Sums(BTreeMap<&'static str, Decimal>);

impl Sums {
    pub(super) fn add(&mut self, money: Money) {
        *self.0.entry(money.currency.code()).or_default() += money.amount;
    }

    /// `EUR 1 234.50, USD 3.00`.
    pub(super) fn shown(&self) -> String {
        let sums = self.0.iter().map(|(currency, sum)| amount(currency, *sum));
        sums.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(unit: &str, value: Option<f64>) -> Metric {
        let json = serde_json::json!({
            "statistic": {
                "value": value, "n": 3, "interval": null, "quality_flags": [{ "code": "assumed", "detail": "" }],
                "definition": { "id": "a", "version": 1 },
            },
            "definition": {
                "id": "a", "version": 1, "name": "a", "formula": "f", "matches": "m", "unit": unit,
            },
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn figures_wear_the_currency_of_their_minor_units() {
        let amount = |text: &str| Cell::Amount(text.parse().unwrap());
        let cost = metric("MINOR_PER_NEW_CUSTOMER", Some(12_345.678));
        assert_eq!(cost.cell("EUR".parse().unwrap()), amount("123.46"));
        assert_eq!(cost.cell("JPY".parse().unwrap()), amount("12346"));
        let zero = metric("MINOR_PER_NEW_CUSTOMER", Some(0.0));
        assert_eq!(zero.cell("EUR".parse().unwrap()), amount("0.00"));
        assert_eq!(
            cost.definition.unit("JPY".parse().ok()),
            "JPY per new customer"
        );
        let mut sheet = Sheet::new("", "of | figure | value | unit | n | basis | definition");
        cost.add("all", Cell::Count(3), "EUR".parse().unwrap(), &mut sheet);
        assert!(sheet.to_string().contains("partly assumed"), "{sheet}");
        assert_eq!(
            metric("SHARE", Some(0.92)).cell("EUR".parse().unwrap()),
            Cell::Share(0.92)
        );
        assert_eq!(
            metric("SHARE", None).cell("EUR".parse().unwrap()),
            Cell::Nothing
        );
    }

    #[test]
    fn messages_name_commands() {
        assert_eq!(
            commands("no rate from USD to EUR; give one with POST /v1/fx-rates"),
            "no rate from USD to EUR; give one with `keepworth finance add-rate`"
        );
        let detail = "none; GET /v1/ledger-entries lists what is there";
        assert_eq!(
            caution(&Flag::new(FlagCode::NoCosts, detail)),
            "none; `keepworth finance entries` lists what is there"
        );
    }

    #[test]
    fn a_minute_is_shown_to_a_hundredth_of_a_cent() {
        let minute = metric("MINOR_PER_MINUTE", Some(40.0));
        let amount = |text: &str| Cell::Amount(text.parse().unwrap());
        assert_eq!(minute.cell("EUR".parse().unwrap()), amount("0.4000"));
    }

    #[test]
    fn sums_keep_currencies_apart() {
        let mut sums = Sums::default();
        for money in ["1000.50 EUR", "2.00 EUR", "70 JPY"] {
            sums.add(money.parse().unwrap());
        }
        assert_eq!(sums.shown(), "EUR 1\u{202f}002.50, JPY 70");
    }
}
