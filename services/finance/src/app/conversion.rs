//! Conversion into a reporting currency: by named rates or not at all.

use crate::rule::ledger::fx::Rate;
use crate::store::{KnownAt, fx_rate};
use chrono::Days;
use keepworth_contract::ProblemCode;
use keepworth_contract::finance::FxRate;
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_store::Conn;

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
                    "the amounts are in {}; name the currency to report in, for example currency={}",
                    codes.join(" and "),
                    codes[0]
                ),
            ))
        }
    }
}

/// The rate from a currency into another at the end of a month, noted among those `used`; none
/// when both are the same.
pub fn load_rate(
    conn: &mut Conn,
    base: Currency,
    quote: Currency,
    month: Month,
    used: &mut Vec<FxRate>,
) -> Result<Option<Rate>, Failure> {
    load_known_rate(conn, base, quote, month, None, used)
}

/// As [`load_rate`], by the rates that were known at a time.
pub fn load_known_rate(
    conn: &mut Conn,
    base: Currency,
    quote: Currency,
    month: Month,
    known_at: KnownAt,
    used: &mut Vec<FxRate>,
) -> Result<Option<Rate>, Failure> {
    if base == quote {
        return Ok(None);
    }
    let last_day = month.plus(1).first_day() - Days::new(1);
    let row = fx_rate::find_rate(conn, base, quote, last_day, known_at)?.ok_or_else(|| {
        Failure::conflict(
            ProblemCode::MissingFxRate,
            format!(
                "no rate from {base} to {quote} on or before {last_day}; give one with POST /v1/fx-rates"
            ),
        )
    })?;
    let rate = row.rate();
    if used.iter().all(|known| known.id != rate.id) {
        used.push(row.into());
    }
    Ok(Some(rate))
}
