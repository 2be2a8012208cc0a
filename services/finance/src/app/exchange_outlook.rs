//! What a currency is worth on a day, and how far that moves.

use keepworth_contract::finance::{ExchangeOutlook, ExchangeOutlookQuery, RateKind};
use keepworth_contract::statistic::Interval;
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_store::Conn;

use crate::rule::ledger::conversion::MonthRate;
use crate::rule::ledger::exchange_outlook::{LEVEL, changes, volatility};
use crate::store::fx_rate::{self, FxRateRow};

/// Months that are looked back.
const MONTHS: i32 = 60;
/// A rate older than so many months is none of the day.
const OLDEST: usize = 3;

/// The rate of a day, and how far it moves.
pub fn load(conn: &mut Conn, query: &ExchangeOutlookQuery) -> Result<ExchangeOutlook, Failure> {
    let ExchangeOutlookQuery { base, quote, as_of } = query;
    if base == quote {
        let reason = format!(
            "{base} is worth 1 {quote}; name another currency",
            base = base.code(),
            quote = quote.code()
        );
        let fault = InvalidParam::new("base", FaultCode::InvalidValue, reason);
        return Err(Failure::invalid(vec![fault]));
    }
    let mut months = Vec::new();
    for back in (0..=MONTHS).rev() {
        let month = Month::of(*as_of).plus(-back);
        let rows = fx_rate::load_quotes(conn, *base, *quote, month, None)?;
        let quotes = rows.into_iter().map(FxRateRow::into_quote);
        let until = Vec::from_iter(quotes.filter(|it| it.quoted_on <= *as_of));
        let found = MonthRate::find(&until, (*base, *quote), month, RateKind::Closing);
        months.push(found.and_then(|it| it.told()));
    }
    let latest = months
        .iter()
        .rev()
        .take(OLDEST + 1)
        .flatten()
        .next()
        .cloned();
    let rate = latest.ok_or_else(|| {
        let reason = format!(
            "no rate from {} to {} in the three months before {as_of}; give one with POST /v1/fx-rates",
            base.code(),
            quote.code()
        );
        Failure::invalid(vec![InvalidParam::new("base", FaultCode::MissingFxRate, reason)])
    })?;
    let number = |it: &keepworth_contract::finance::ConversionRate| it.value.parse::<f64>().ok();
    let numbers = Vec::from_iter(months.iter().map(|it| it.as_ref().and_then(number)));
    let changes = changes(&numbers);
    let found = volatility(&changes);
    let flag = found.is_none().then(|| {
        let detail = format!(
            "{} changes from month to month tell too little of how far the rate moves; it takes twelve",
            changes.len()
        );
        Flag::new(FlagCode::SmallSample, detail)
    });
    Ok(ExchangeOutlook {
        as_of: *as_of,
        rate,
        volatility: found.map(|it| it.value),
        interval: found.map(|it| Interval {
            low: it.low,
            high: it.high,
            level: LEVEL,
            method: "chi_square".to_owned(),
            freedom: Some(changes.len() as f64),
        }),
        changes: changes.len() as u64,
        quality_flags: flag.into_iter().collect(),
    })
}
