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
    let last = Month::of(*as_of);
    let first = last.plus(-MONTHS);
    let days = (first.first_day(), *as_of);
    let rows = fx_rate::load_quotes(conn, *base, *quote, days, None)?;
    let quotes = Vec::from_iter(rows.into_iter().map(FxRateRow::into_quote));
    let closing = |month: i32| {
        let month = first.plus(month);
        let found = MonthRate::find(&quotes, (*base, *quote), month, RateKind::Closing);
        found.and_then(|it| it.told())
    };
    let months = Vec::from_iter((0..=MONTHS).map(closing));
    let latest = months
        .iter()
        .rev()
        .take(OLDEST + 1)
        .flatten()
        .next()
        .cloned();
    let rate = latest.ok_or_else(|| {
        let reason = format!(
            "no rate from {} to {} in the three months before {as_of}; give some with POST /v1/fx-rates, of thirteen \
             months at least, so that it is known how far it moves",
            base.code(),
            quote.code()
        );
        Failure::invalid(vec![InvalidParam::new("base", FaultCode::MissingFxRate, reason)])
    })?;
    let number = |it: &keepworth_contract::finance::ConversionRate| it.value.parse::<f64>().ok();
    let numbers = Vec::from_iter(months.iter().map(|it| it.as_ref().and_then(number)));
    // A month that is not over has no closing rate yet.
    let open = usize::from(*as_of < last.last_day());
    let changes = changes(&numbers[..numbers.len() - open]);
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
