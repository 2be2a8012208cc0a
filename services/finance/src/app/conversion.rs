//! Conversion into a reporting currency: by named rates or not at all.

use crate::app::flag;
use crate::rule::ledger::conversion::{Factor, MonthRate, missing_in_words};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::revenue_total::Conversion;
use crate::store::fx_rate::FxRateRow;
use crate::store::{KnownAt, fx_rate};
use keepworth_contract::finance::{ConversionRate, RateKind};
use keepworth_contract::{Currency, FaultCode, Flag, InvalidParam, Month, ProblemCode};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// The currency to report in: the one asked for, else the only one there is.
pub fn reporting(
    asked: Option<Currency>,
    present: &[Currency],
) -> Result<Option<Currency>, Failure> {
    match (asked, present) {
        (Some(asked), _) => Ok(Some(asked)),
        (None, [] | [_]) => Ok(present.first().copied()),
        (None, several) => {
            let codes: Vec<&str> = several.iter().map(|it| it.code()).collect();
            Err(Failure::conflict(
                ProblemCode::MixedCurrencies,
                format!(
                    "the amounts are in {}; name the currency to report in, for example currency={code} \
                     (`--currency {code}`)",
                    codes.join(" and "),
                    code = codes[0]
                ),
            ))
        }
    }
}

/// Converts into a currency, and keeps the rates that it needed.
#[derive(Debug)]
pub struct Converter {
    quote: Currency,
    known_at: KnownAt,
    rates: BTreeMap<(&'static str, Month, RateKind), MonthRate>,
}

impl Converter {
    /// Into `quote`, by the rates that were known at a time.
    pub fn new(quote: Currency, known_at: KnownAt) -> Self {
        Self {
            quote,
            known_at,
            rates: BTreeMap::new(),
        }
    }

    /// What amounts of a month are multiplied by; none when they are in the currency already. A pair and
    /// month without a rate is refused.
    pub fn factor(
        &mut self,
        conn: &mut Conn,
        base: Currency,
        month: Month,
        kind: RateKind,
    ) -> Result<Option<Factor>, Failure> {
        if !self.has(conn, base, month, kind)? {
            return Err(Failure::invalid(vec![self.missing(base, &[month].into())]));
        }
        let rate = self.rates.get(&(base.code(), month, kind));
        Ok(rate.map(|it| it.factor))
    }

    /// What flowed in a month, minor units.
    pub fn flow(
        &mut self,
        conn: &mut Conn,
        base: Currency,
        month: Month,
        minor: i64,
    ) -> Result<i64, Failure> {
        let factor = self.factor(conn, base, month, RateKind::Average)?;
        let converted = factor.map_or(Some(minor), |it| it.convert(minor));
        Ok(converted.ok_or(Overflow)?)
    }

    /// Whether amounts of a month can be converted.
    pub fn has(
        &mut self,
        conn: &mut Conn,
        base: Currency,
        month: Month,
        kind: RateKind,
    ) -> Result<bool, Failure> {
        let key = (base.code(), month, kind);
        if base == self.quote || self.rates.contains_key(&key) {
            return Ok(true);
        }
        let days = (month.first_day(), month.last_day());
        let rows = fx_rate::load_quotes(conn, base, self.quote, days, self.known_at)?;
        let quotes: Vec<_> = rows.into_iter().map(FxRateRow::into_quote).collect();
        let rate = MonthRate::find(&quotes, (base, self.quote), month, kind);
        let found = rate.map(|rate| self.rates.insert(key, rate));
        Ok(found.is_some())
    }

    /// The factors of months in which something flowed, by currency; all pairs and months without a rate are named at
    /// once.
    pub fn conversion(
        &mut self,
        conn: &mut Conn,
        found: Vec<(Currency, Month)>,
    ) -> Result<Conversion, Failure> {
        let mut months: BTreeMap<&'static str, (Currency, BTreeSet<Month>)> = BTreeMap::new();
        for (base, month) in found {
            let of = months.entry(base.code()).or_insert((base, BTreeSet::new()));
            of.1.insert(month);
        }
        let (mut factors, mut faults) = (BTreeMap::new(), Vec::new());
        for (code, (base, months)) in months {
            let (mut known, mut missing) = (BTreeMap::new(), BTreeSet::new());
            for month in months {
                if !self.has(conn, base, month, RateKind::Average)? {
                    missing.insert(month);
                } else if let Some(factor) = self.factor(conn, base, month, RateKind::Average)? {
                    known.insert(month, factor);
                }
            }
            if !missing.is_empty() {
                faults.push(self.missing(base, &missing));
            }
            factors.insert(code, known);
        }
        if !faults.is_empty() {
            return Err(Failure::invalid(faults));
        }
        let currency = self.quote;
        Ok(Conversion { currency, factors })
    }

    /// That months have no rate.
    fn missing(&self, base: Currency, months: &BTreeSet<Month>) -> InvalidParam {
        let reason = missing_in_words(base, self.quote, months);
        InvalidParam::new("currency", FaultCode::MissingFxRate, reason)
    }

    /// The rates that were needed, in the order of currencies and months.
    pub fn told(&self) -> Vec<ConversionRate> {
        self.rates.values().filter_map(MonthRate::told).collect()
    }

    /// That amounts were converted, and by which rule.
    pub fn flag(&self) -> Option<Flag> {
        (!self.rates.is_empty()).then(flag::converted)
    }
}
