//! The rates of a month, and what amounts come to at them.
//!
//! What flows in a month is converted at its **average**: the mean of the month's days that have a
//! quote (of several of one day, the one written last). What stands at a month's end is converted at its
//! **closing** rate: the last quoted within it. A rate of another month is never taken: a month without a
//! quote has no rate. A pair that nobody quotes is converted at the inverse of the opposite pair, as one
//! divides by a published rate; else through a third currency, the first by its code that leads there.
//!
//! A rate is rounded half to even to 12 decimals, told so, and used so: who multiplies by what is told
//! comes to the same cent. Products are exact; a sum is rounded once, half to even, to the minor unit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use keepworth_contract::finance::{ConversionRate, RateDerivation, RateKind};
use keepworth_contract::{Currency, Month};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::rule::ledger::fx::RATE_SCALE;
use crate::rule::metric::ratio::{divide_half_even, quotient_half_even};

/// A rate is told and used in this fraction.
const FACTOR_SCALE: i128 = 1_000_000_000_000;

/// The most decimals that a currency's minor unit has.
const MOST_DECIMALS: u32 = 4;

/// A quote of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Its identifier.
    pub id: Uuid,
    /// What is converted.
    pub base: Currency,
    /// What into.
    pub quote: Currency,
    /// The day.
    pub quoted_on: NaiveDate,
    /// Units of quote per unit of base, in billionths; above zero.
    pub billionths: i64,
    /// Who quoted it.
    pub source: String,
}

/// What amounts are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    base: Currency,
    quote: Currency,
    /// Units of quote per unit of base, in [`FACTOR_SCALE`]ths.
    scaled: i128,
}

impl Factor {
    /// A factor as quoted.
    #[cfg(test)]
    pub(crate) fn quoted(base: &str, quote: &str, value: &str) -> Self {
        let billionths = crate::rule::ledger::fx::billionths(value.parse().unwrap()).unwrap();
        Self {
            base: base.parse().unwrap(),
            quote: quote.parse().unwrap(),
            scaled: i128::from(billionths) * FACTOR_SCALE / SCALE,
        }
    }

    /// An amount in minor units of the base (or in a fraction of them) in those of the quote, half to
    /// even; none when it does not fit.
    #[must_use]
    pub fn convert(&self, minor: i64) -> Option<i64> {
        Exact::default().add(minor, Some(*self))?.minor()
    }
}

/// A sum of converted amounts before it is rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(i128);

impl Exact {
    /// Parts of a minor unit: what a factor's decimals and those of a currency come to.
    const SCALE: i128 = FACTOR_SCALE * 10_i128.pow(MOST_DECIMALS);

    /// Adds an amount in minor units; without a factor it is in the currency already. None when the sum
    /// does not fit.
    #[must_use]
    pub fn add(self, minor: i64, factor: Option<Factor>) -> Option<Self> {
        let per_minor = match factor {
            None => Self::SCALE,
            Some(it) => {
                let spare = MOST_DECIMALS.checked_sub(it.base.decimals())?;
                it.scaled
                    .checked_mul(10_i128.pow(it.quote.decimals() + spare))?
            }
        };
        let more = i128::from(minor).checked_mul(per_minor)?;
        self.0.checked_add(more).map(Self)
    }

    /// Both sums as one; none when it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The sum in minor units, half to even; none when it does not fit.
    #[must_use]
    pub fn minor(self) -> Option<i64> {
        divide_half_even(self.0, Self::SCALE)
    }
}

/// A rate of a month, with what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRate {
    /// What amounts are multiplied by.
    pub factor: Factor,
    month: Month,
    kind: RateKind,
    derivation: RateDerivation,
    via: Option<Currency>,
    days: usize,
    used: Vec<Quote>,
}

impl MonthRate {
    /// The rate of a month from the `quotes` of its days, which come in the order of their writing;
    /// none when they do not lead from one currency to the other.
    #[must_use]
    pub fn find(
        quotes: &[Quote],
        (base, quote): (Currency, Currency),
        month: Month,
        kind: RateKind,
    ) -> Option<Self> {
        let quotes: Vec<&Quote> = quotes
            .iter()
            .filter(|it| Month::of(it.quoted_on) == month)
            .collect();
        let leg = Leg::find(&quotes, base, quote, kind);
        let (leg, derivation, via) = match leg {
            Some((leg, derivation)) => (leg, derivation, None),
            None => {
                let (leg, via) = Leg::cross(&quotes, base, quote, kind)?;
                (leg, RateDerivation::Cross, Some(via))
            }
        };
        let mut used: Vec<Quote> = leg.used.into_iter().cloned().collect();
        used.sort_by_key(|it| (it.quoted_on, it.id));
        Some(Self {
            factor: Factor {
                base,
                quote,
                scaled: leg.scaled,
            },
            month,
            kind,
            derivation,
            via,
            days: leg.days,
            used,
        })
    }

    /// The rate as it is told.
    #[must_use]
    pub fn told(&self) -> Option<ConversionRate> {
        let value = Decimal::try_from_i128_with_scale(self.factor.scaled, 12).ok()?;
        Some(ConversionRate {
            base: self.factor.base,
            quote: self.factor.quote,
            month: self.month,
            kind: self.kind,
            value: value.normalize().to_string(),
            derivation: self.derivation,
            via: self.via,
            days: u32::try_from(self.days).ok()?,
            quoted_from: self.used.first()?.quoted_on,
            quoted_to: self.used.last()?.quoted_on,
            sources: self.used.iter().map(|it| it.source.clone()).collect(),
            rate_ids: self.used.iter().map(|it| it.id).collect(),
        })
    }
}

/// A rate from one currency to another in one or two steps.
struct Leg<'a> {
    scaled: i128,
    days: usize,
    used: Vec<&'a Quote>,
}

impl<'a> Leg<'a> {
    /// By quotes of the pair, else of the opposite one.
    fn find(
        quotes: &[&'a Quote],
        base: Currency,
        quote: Currency,
        kind: RateKind,
    ) -> Option<(Self, RateDerivation)> {
        let of = |base: Currency, quote: Currency| days_of(quotes, base, quote, kind);
        let direct = Self::mean(of(base, quote), |sum, days| {
            quotient_half_even(sum.checked_mul(FACTOR_SCALE / SCALE)?, days)
        });
        if let Some(direct) = direct {
            return Some((direct, RateDerivation::Direct));
        }
        let inverse = Self::mean(of(quote, base), |sum, days| {
            quotient_half_even(days.checked_mul(FACTOR_SCALE * SCALE)?, sum)
        });
        Some((inverse?, RateDerivation::Inverse))
    }

    fn mean(used: Vec<&'a Quote>, rate: impl Fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let sum: i128 = used.iter().map(|it| i128::from(it.billionths)).sum();
        // What rounds to nothing is no rate; without quotes there is none to divide by.
        let scaled = rate(sum, used.len() as i128).filter(|it| *it > 0)?;
        Some(Self {
            scaled,
            days: used.len(),
            used,
        })
    }

    /// Through the first currency that leads from one to the other.
    fn cross(
        quotes: &[&'a Quote],
        base: Currency,
        quote: Currency,
        kind: RateKind,
    ) -> Option<(Self, Currency)> {
        let currencies = quotes.iter().flat_map(|it| [it.base, it.quote]);
        let by_code: BTreeMap<&str, Currency> = currencies.map(|it| (it.code(), it)).collect();
        let between = by_code
            .into_values()
            .filter(|it| *it != base && *it != quote);
        between.into_iter().find_map(|via| {
            let (first, _) = Self::find(quotes, base, via, kind)?;
            let (second, _) = Self::find(quotes, via, quote, kind)?;
            let product = first.scaled.checked_mul(second.scaled)?;
            let scaled = quotient_half_even(product, FACTOR_SCALE).filter(|it| *it > 0)?;
            let days = first.days.min(second.days);
            let used = [first.used, second.used].concat();
            Some((Self { scaled, days, used }, via))
        })
    }
}

/// The scale of quotes.
const SCALE: i128 = RATE_SCALE as i128;

/// The quotes of a pair that count, one a day: all of an average, the last day's of a closing rate.
fn days_of<'a>(
    quotes: &[&'a Quote],
    base: Currency,
    quote: Currency,
    kind: RateKind,
) -> Vec<&'a Quote> {
    let pair = quotes
        .iter()
        .filter(|it| (it.base, it.quote) == (base, quote));
    // Later quotes of a day take the place of earlier ones.
    let by_day: BTreeMap<NaiveDate, &Quote> = pair.map(|it| (it.quoted_on, *it)).collect();
    match kind {
        RateKind::Average => by_day.into_values().collect(),
        RateKind::Closing => by_day.into_values().next_back().into_iter().collect(),
    }
}

/// The months that lack a rate, in words: which pair, which month.
#[must_use]
pub fn missing_in_words(base: Currency, quote: Currency, months: &BTreeSet<Month>) -> String {
    let day = months
        .last()
        .map(|it| it.last_day().to_string())
        .unwrap_or_default();
    let months: Vec<String> = months.iter().map(Month::to_string).collect();
    let months = months.join(", ");
    format!(
        "no exchange rate from {base} to {quote} is quoted in {months}, nor the opposite one, nor both with \
         a third currency; give one of a day of each month with POST /v1/fx-rates, such as from {base} to \
         {quote} on {day}"
    )
}

#[cfg(test)]
#[path = "conversion/tests.rs"]
mod tests;
