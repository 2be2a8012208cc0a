//! What a currency is worth on a day, and how far that moves.

use keepworth_contract::finance::{
    ConversionRate, ExchangeOutlook, ExchangeOutlookQuery, RateKind,
};
use keepworth_contract::statistic::Interval;
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault::past;
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
    refuse(query)?;
    let months = closing_rates(conn, query)?;
    let latest = months.iter().rev().take(OLDEST + 1).flatten().next();
    let rate = latest.cloned().ok_or_else(|| missing(query))?;
    let number = |it: &ConversionRate| it.value.parse::<f64>().ok();
    let numbers = Vec::from_iter(months.iter().map(|it| it.as_ref().and_then(number)));
    // A month that is not over has no closing rate yet.
    let open = usize::from(query.as_of < Month::of(query.as_of).last_day());
    let changes = changes(&numbers[..numbers.len() - open]);
    let found = volatility(&changes);
    Ok(ExchangeOutlook {
        as_of: query.as_of,
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
        quality_flags: match found {
            Some(_) => Vec::new(),
            None => vec![too_few(changes.len())],
        },
    })
}

fn refuse(query: &ExchangeOutlookQuery) -> Result<(), Failure> {
    let ExchangeOutlookQuery { base, quote, as_of } = query;
    let own = (base == quote).then(|| {
        let reason = format!("{0} is worth 1 {0}; name another currency", base.code());
        InvalidParam::new("base", FaultCode::InvalidValue, reason)
    });
    let late = past("as_of", *as_of, keepworth_store::now().date_naive());
    match own.or(late) {
        Some(fault) => Err(Failure::invalid(vec![fault])),
        None => Ok(()),
    }
}

/// Month by month, the oldest first; none of a month without a quote until the day.
fn closing_rates(
    conn: &mut Conn,
    query: &ExchangeOutlookQuery,
) -> Result<Vec<Option<ConversionRate>>, Failure> {
    let ExchangeOutlookQuery { base, quote, as_of } = *query;
    let first = Month::of(as_of).plus(-MONTHS);
    let rows = fx_rate::load_quotes(conn, base, quote, (first.first_day(), as_of), None)?;
    let quotes = Vec::from_iter(rows.into_iter().map(FxRateRow::into_quote));
    let closing = |months: i32| {
        let month = first.plus(months);
        MonthRate::find(&quotes, (base, quote), month, RateKind::Closing)?.told()
    };
    Ok((0..=MONTHS).map(closing).collect())
}

fn missing(query: &ExchangeOutlookQuery) -> Failure {
    let reason = format!(
        "no rate from {} to {} in the three months before {}; give some with POST /v1/fx-rates, of thirteen months at \
         least, so that it is known how far it moves",
        query.base.code(),
        query.quote.code(),
        query.as_of
    );
    let fault = InvalidParam::new("base", FaultCode::MissingFxRate, reason);
    Failure::invalid(vec![fault])
}

fn too_few(changes: usize) -> Flag {
    let detail = format!(
        "{changes} changes from month to month tell too little of how far the rate moves; it takes twelve"
    );
    Flag::new(FlagCode::SmallSample, detail)
}
