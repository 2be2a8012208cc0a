//! What a baseline says of a segment without a contract.

use chrono::{Days, NaiveDate};
use keepworth_contract::simulator::purchase::{
    PurchaseBaseline, PurchaseHazard, PurchaseModel, TrackedPurchases,
};
use keepworth_contract::{Currency, Flag, FlagCode, Money};
use keepworth_retention::purchase::{
    PurchaseFit, RepeatPurchases, SpendFit, Spending, Stretch, fit_spend,
};

use super::choice::choose;
use super::history::{Buyers, LeftOut, Split};
use super::{MONTH, UnusablePurchases, WEEK};
use crate::rule::fit::{estimate, told};

/// Weeks of a period of the tracking.
const PERIOD: i64 = 4;
/// How often customers buy and how much they spend, correlated: as the fit tells it.
const CORRELATION: &str = "correlation_of_frequency_and_spend";

/// Fits the models and says what a scenario is simulated with.
///
/// # Errors
/// Purchases before the customer came; no model that can be fitted.
pub(crate) fn describe(
    buyers: &Buyers,
    split: Split,
    requested: Option<PurchaseModel>,
    currency: Currency,
) -> Result<PurchaseBaseline, UnusablePurchases> {
    if let Some((customers, earliest)) = buyers.left_out.before {
        return Err(UnusablePurchases::BeforeTheCustomer {
            customers,
            earliest,
        });
    }
    let choice = choose(buyers, requested)?;
    let spend = fit_spend(&buyers.spends);
    let mean = buyers.repeat_spend / buyers.repeat_purchases;
    let spending = match &spend {
        Ok(fitted) if fitted.population_mean().is_ok() => Spending::Fitted(fitted),
        _ => Spending::Mean(mean),
    };
    let outlook = choice.fit.outlook(spending, &buyers.present, MONTH)?;
    let tracking = choice.calibrated.as_ref().zip(split.calibration_end);
    let tracking = tracking.map(|(fit, end)| track(fit, buyers, end, split.as_of));
    let spend_fit = spend.as_ref().ok();
    Ok(PurchaseBaseline {
        buyers: buyers.buyers,
        repeat_buyers: buyers.repeat_buyers,
        quality_flags: flags(buyers, &choice.fit, &spend, currency),
        model: choice.model,
        by: choice.by,
        reason: choice.reason,
        calibration_end: split
            .calibration_end
            .filter(|_| choice.calibrated.is_some()),
        candidates: choice.candidates,
        tracking: tracking.transpose()?.unwrap_or_default(),
        correlation_of_frequency_and_spend: spend_fit
            .and_then(|it| it.hand_over().data.get(CORRELATION).copied()),
        spend_fit: spend_fit.map(|it| told(it.hand_over())),
        mean_spend: matches!(spending, Spending::Mean(_)).then_some(mean),
        active: estimate(&outlook.active),
        active_by_month: outlook.active_by_month,
        purchases_ahead: estimate(&outlook.purchases),
        spend_per_month: estimate(&outlook.spend_per_month),
        spend_loadings: outlook.spend_loadings.to_vec(),
        new_customer: outlook.new_customer,
        base: outlook.base.iter().map(hazard).collect(),
        new: outlook.new.iter().map(hazard).collect(),
    })
}

fn hazard(stretch: &Stretch) -> PurchaseHazard {
    PurchaseHazard {
        from_month: stretch.from_month,
        hazard: stretch.hazard,
        loadings: stretch.loadings.to_vec(),
    }
}

/// Cumulative repeat purchases beside those expected, every four weeks before and after the end of the calibration.
fn track(
    fit: &PurchaseFit,
    buyers: &Buyers,
    end: NaiveDate,
    as_of: NaiveDate,
) -> Result<Vec<TrackedPurchases>, UnusablePurchases> {
    let Some(first) = buyers.first_day else {
        return Ok(Vec::new());
    };
    let days = periods(first, end, as_of);
    let mut from = first;
    let counted = days.iter().map(|day| {
        let within = buyers.repeats.range(from..=*day);
        from = *day + Days::new(1);
        RepeatPurchases {
            t: (*day - first).num_days() as f64 / WEEK,
            repeat_purchases: within.map(|(_, bought)| *bought as f64).sum(),
        }
    });
    let counted: Vec<RepeatPurchases> = counted.collect();
    let tracked = fit.track(&buyers.held.before()?, &counted)?;
    let told = days.into_iter().zip(tracked);
    let told = told.map(|(until, it)| TrackedPurchases {
        until,
        actual: it.actual as u64,
        expected: estimate(&it.expected),
    });
    Ok(told.collect())
}

/// The last days of periods, one of which is the end of the calibration.
fn periods(first: NaiveDate, end: NaiveDate, as_of: NaiveDate) -> Vec<NaiveDate> {
    let step = PERIOD * WEEK as i64;
    let before = ((end - first).num_days() - 1).max(0) / step;
    let after = (as_of - end).num_days() / step;
    let day = |period: i64| end + chrono::Duration::days(period * step);
    let mut days: Vec<NaiveDate> = (-before..=after).map(day).collect();
    if days.last().is_some_and(|last| *last < as_of) {
        days.push(as_of);
    }
    days
}

/// What a reader must know.
fn flags<E: std::fmt::Display>(
    buyers: &Buyers,
    fit: &PurchaseFit,
    spend: &Result<SpendFit, E>,
    currency: Currency,
) -> Vec<Flag> {
    let mut flags = told(fit.hand_over()).flags;
    let LeftOut {
        never_bought,
        observed_late,
        undated,
        excess_refunds: (customers, minor),
        left,
        free,
        before: _,
    } = buyers.left_out;
    let mut flag = |holds: bool, code, detail: String| {
        if holds {
            flags.push(Flag::new(code, detail));
        }
    };
    match spend {
        Ok(fitted) => flags_of_spend(fitted, &mut flag),
        Err(why) => flag(
            true,
            FlagCode::SpendDependsOnFrequency,
            format!(
                "the mean spend of all is taken for everybody, as their spends cannot be modelled: {why}"
            ),
        ),
    }
    let left_out_flag = FlagCode::PurchasesLeftOut;
    flag(
        never_bought > 0,
        left_out_flag,
        format!(
            "{never_bought} customers never bought anything on a day that is recorded, and count as nobody who is there"
        ),
    );
    flag(
        observed_late > 0,
        left_out_flag,
        format!(
            "{observed_late} customers were there before they were observed: what they bought before is not known, and \
             they are left out, so that customers who are there are too few; import what they bought from the first \
             purchase on, with `observed_from` on that day"
        ),
    );
    flag(
        undated > 0,
        left_out_flag,
        format!("{undated} charges have no day (`from`), and are no purchases"),
    );
    flag(
        left > 0,
        left_out_flag,
        format!(
            "{left} customers left on a day that is recorded: they count as bought until then, and as gone"
        ),
    );
    flag(
        free > 0,
        left_out_flag,
        format!(
            "{free} customers paid nothing for what they bought again, and tell nothing of what a purchase is worth"
        ),
    );
    flag(
        customers > 0,
        left_out_flag,
        format!(
            "{customers} customers were given back {} more than they had bought for until then: it is taken off nothing; \
             date refunds on the day of the purchase that they take back, or correct their amounts",
            Money::from_minor(minor, currency)
        ),
    );
    flags
}

fn flags_of_spend(fitted: &SpendFit, flag: &mut impl FnMut(bool, FlagCode, String)) {
    for found in &fitted.hand_over().flags {
        let code = match found.code.as_str() {
            "spend_depends_on_frequency" => FlagCode::SpendDependsOnFrequency,
            "misfit" => FlagCode::Misfit,
            _ => FlagCode::Other,
        };
        flag(true, code, format!("spend per purchase: {}", found.detail));
    }
    if let Err(why) = fitted.population_mean() {
        let detail = format!("the mean spend of all is taken for everybody: {why}");
        flag(true, FlagCode::SpendDependsOnFrequency, detail);
    }
}

/// That customers of a segment are there by what they bought.
pub(crate) fn flag(told: &PurchaseBaseline) -> Flag {
    let detail = format!(
        "nobody sees these customers leave: by {} of what they bought {:.0} of {} buyers are expected to be there (95% \
         interval {:.0} to {:.0}); {}",
        told.model, told.active.value, told.buyers, told.active.low, told.active.high, told.reason
    );
    Flag::new(FlagCode::LeavingEstimated, detail)
}
