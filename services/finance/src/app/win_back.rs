//! Customers who come back after they had stopped paying.

use crate::app::period::Period;
use crate::rule::revenue::recurring::paying_months;
use crate::rule::revenue::win_back::{BANDS, LEVEL, WinBacks, exact_rate};
use crate::store::{charge, recurring};
use keepworth_contract::finance::{WinBackBand, WinBackQuery, WinBackReport};
use keepworth_contract::statistic::{Definition, Interval, Statistic};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_intake::Failure;
use keepworth_store::Conn;

/// Fewer returns tell little of a hazard.
const FEW: u64 = 10;

/// Who came back in some months, by how long they had not paid.
pub fn report(conn: &mut Conn, query: &WinBackQuery) -> Result<WinBackReport, Failure> {
    let period = Period::ending(query.month, query.months.or(Some(12)))?;
    let (first, last) = (period.first, period.last);
    let begin = charge::find_first_month(conn)?.filter(|begin| *begin <= last);
    let begin = begin.ok_or_else(|| {
        Failure::not_found(format!(
            "no revenue is recorded up to {last}; import revenues first"
        ))
    })?;
    if !recurring::is_recorded(conn, last)? {
        return Err(Failure::not_found(format!(
            "no revenue at all is recorded in {last}: that is a month without records, not one in which everybody \
             stopped paying; import its revenue, or ask for an earlier month"
        )));
    }
    let mut found = WinBacks::new(first, last);
    recurring::for_each_customer(conn, (begin, last), |_, charges| {
        found.add(&paying_months(charges, last, query.cancellation.into())?);
        Ok::<_, Failure>(())
    })?;
    let returned = found.returned();
    Ok(WinBackReport {
        first_month: first,
        last_month: last,
        cancellation: query.cancellation,
        pool: found.pool,
        returned,
        still_paying: found.still_paying,
        bands: bands(&found),
        quality_flags: flags(begin, first, returned),
    })
}

fn flags(begin: Month, first: Month, returned: u64) -> Vec<Flag> {
    let begins = format!(
        "records of revenue begin in {begin}: who had stopped paying before is not in the pool, and nobody in it has \
         been away for longer"
    );
    let few = format!("{returned} customers came back: their intervals tell more than the hazards");
    let flags = [
        (begin > first.plus(-24)).then(|| Flag::new(FlagCode::RecordsTooShortForBands, begins)),
        (returned < FEW).then(|| Flag::new(FlagCode::FewEvents, few)),
    ];
    flags.into_iter().flatten().collect()
}

fn bands(found: &WinBacks) -> Vec<WinBackBand> {
    let ends = BANDS
        .iter()
        .skip(1)
        .map(|from| Some(from - 1))
        .chain([None]);
    let bands = BANDS.iter().zip(ends).zip(found.bands);
    let band = |((from, to), (customer_months, returned)): ((&u32, Option<u32>), (u64, u64))| {
        WinBackBand {
            from: *from,
            to,
            customer_months,
            returned,
            hazard: hazard(returned, customer_months),
        }
    };
    bands.map(band).collect()
}

fn hazard(returned: u64, customer_months: u64) -> Statistic {
    let interval = exact_rate(returned, customer_months).map(|(low, high)| Interval {
        low,
        high,
        level: LEVEL,
        method: "poisson_exact".to_owned(),
        freedom: None,
    });
    Statistic {
        value: (customer_months > 0).then(|| returned as f64 / customer_months as f64),
        n: returned,
        interval,
        definition: Definition {
            id: "win_back_hazard".to_owned(),
            version: 1,
        },
        quality_flags: Vec::new(),
    }
}
