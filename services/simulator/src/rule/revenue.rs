//! What customers bring: revenue per customer-month, and what is odd about the charges behind it.
//!
//! Revenue is the sum over everybody under observation, whether they left, bought nothing or never
//! paid, over the customer-months of the same people on the same days. Charges are known by the
//! month only, so that months of which a part lies outside the window are left out of both sums, and
//! so are months at either end that were not yet, or no longer, recorded.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use keepworth_contract::finance::RevenueKind;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Figure;
use keepworth_contract::{Currency, Flag, FlagCode, Money};

use crate::rule::joint::student_t_log;
use crate::rule::joint::{Place, Quotient};
use crate::rule::segment::{Company, Segment};
use crate::rule::sum::student_t;
use crate::rule::tally::{Billing, Stray, Tally};
use crate::rule::window::MONTHS;
use keepworth_verdict::figure::{Basis, EPISODES, REVENUES};

/// Fewer customers who pay in a month than this may all skip one.
const FEW_PAYERS: f64 = 5.0;

/// The months of the window over which a segment's revenue is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RevenueMonths {
    /// Places in the window.
    pub(crate) taken: Vec<usize>,
    /// Whole months at either end without any revenue, where others have some.
    pub(crate) missing: Vec<usize>,
}

impl RevenueMonths {
    /// Whole months, but for those not recorded; all there are where no month is whole.
    pub(crate) fn of(tally: &Tally, company: &Company<'_>) -> Self {
        let window = company.window;
        let is_whole = |place: &usize| window.is_whole(*place, company.window_from);
        let mut taken: Vec<usize> = (0..MONTHS).filter(is_whole).collect();
        if taken.is_empty() {
            taken = (0..MONTHS).collect();
        }
        let mut missing = Vec::new();
        let payers = |place: usize| tally.by_month[place].payers;
        while let Some(place) = unrecorded(&taken, payers) {
            taken.retain(|it| *it != place);
            missing.push(place);
        }
        missing.sort_unstable();
        Self { taken, missing }
    }

    /// Revenue in minor units over customer-months.
    pub(crate) fn quotient(&self) -> Quotient {
        Quotient {
            over: self
                .taken
                .iter()
                .map(|place| Place::revenue(*place))
                .collect(),
            under: self
                .taken
                .iter()
                .map(|place| Place::exposure(*place))
                .collect(),
        }
    }
}

/// A month at either end in which nobody paid, when so many pay in the others that it is no chance.
fn unrecorded(taken: &[usize], payers: impl Fn(usize) -> u64) -> Option<usize> {
    let total: u64 = taken.iter().map(|place| payers(*place)).sum();
    let usual = total as f64 / (taken.len() as f64 - 1.0).max(1.0);
    let mut ends = [taken.first(), taken.last()].into_iter().flatten();
    let end = ends.find(|place| payers(**place) == 0)?;
    (usual >= FEW_PAYERS).then_some(*end)
}

/// Revenue per customer-month, and the recurring part of those who pay it.
pub(crate) fn figures(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(FigureName, Figure) -> Option<Figure>,
) {
    let Segment { tally, .. } = segment;
    let months = RevenueMonths::of(tally, company);
    put(FigureName::Revenue, per_month(tally, &months, company));
    let recurring = tally.recurring.scaled(1.0 / company.minor_units());
    put(
        FigureName::MeanRecurringCharge,
        company
            .figure(
                FigureName::MeanRecurringCharge,
                recurring.value(),
                recurring.n,
            )
            .within(student_t(&recurring))
            .over(REVENUES, tally.revenue_rows),
    );
}

fn per_month(tally: &Tally, months: &RevenueMonths, company: &Company<'_>) -> Figure {
    let quotient = months.quotient();
    let is_recorded = tally.revenue_rows > 0;
    let estimate = tally.joint.estimate(&quotient).filter(|_| is_recorded);
    let kurtosis = tally.joint.revenue_kurtosis(&quotient);
    let estimate = estimate.map(|it| it.scaled(1.0 / company.minor_units()));
    let made = company
        .figure(
            FigureName::Revenue,
            estimate.map(|it| it.value),
            tally.present,
        )
        .within(estimate.and_then(|it| student_t_log(&it, kurtosis)))
        .over(REVENUES, tally.revenue_rows)
        .over(EPISODES, tally.observed);
    let missing: Vec<String> = months
        .missing
        .iter()
        .map(|place| company.window.month(*place).to_string())
        .collect();
    let made = made.flag_if(
        !missing.is_empty(),
        Flag::new(
            FlagCode::RevenueNotRecorded,
            format!(
                "nothing is recorded in {}, left out with their customer-months",
                missing.join(", ")
            ),
        ),
    );
    let carriers = tally.joint.revenue_carriers(tally.present);
    let carried = carriers.map(|it| company.carried(it, tally.present, "bring", &made));
    (carried.into_iter().chain(billing_flags(tally, company)))
        .fold(made, |made, flag| made.flag_if(true, flag))
}

/// What a reader must know of the charges.
fn billing_flags(tally: &Tally, company: &Company<'_>) -> Vec<Flag> {
    let Billing {
        never,
        not_in_window,
        after_leaving,
        unobserved,
        repeated,
    } = tally.billing;
    let mut flags = Vec::new();
    if never + not_in_window > 0 {
        let detail = format!(
            "of {} active customers {never} were never charged in all the \
             records, {not_in_window} not in the window; their months count, with nothing",
            tally.active
        );
        flags.push(Flag::new(FlagCode::NoRevenueRecorded, detail));
    }
    let mut stray = |found: Stray, code, what: &str| {
        if found.customers > 0 {
            let sum = Money::from_minor(found.minor, company.currency);
            let detail = format!("{what}; {} customers, {sum}", found.customers);
            flags.push(Flag::new(code, detail));
        }
    };
    stray(
        after_leaving,
        FlagCode::RevenueAfterLeaving,
        "charged for months after the customer left, left out",
    );
    stray(
        unobserved,
        FlagCode::RevenueOutsideObservation,
        "charged for months in which nobody would have seen the \
         customer leave, left out",
    );
    stray(
        repeated,
        FlagCode::RepeatedCharges,
        "the same recurring amount for the same months under several ids, \
         counted each time",
    );
    flags
}

/// Revenue of the twelve months by kind, exactly.
pub(crate) fn by_kind(tally: &Tally, currency: Currency) -> BTreeMap<String, Money> {
    let minor = |kind: &str| tally.minor_by_kind.get(kind).copied().unwrap_or_default();
    let total = tally.minor_by_kind.values().sum();
    RevenueKind::all()
        .map(|kind| (kind.name(), minor(kind.name())))
        .chain([("TOTAL", total)])
        .map(|(name, minor)| (name.to_owned(), Money::from_minor(minor, currency)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_without_revenue_is_not_recorded_only_where_many_pay() {
        let of = |payers: [u64; 4]| unrecorded(&[0, 1, 2, 3], |place| payers[place]);
        assert_eq!(of([40, 41, 42, 0]), Some(3), "the last invoices are late");
        assert_eq!(
            of([0, 41, 42, 40]),
            Some(0),
            "invoices are kept since the second month"
        );
        assert_eq!(of([40, 0, 42, 40]), None, "a month off");
        assert_eq!(of([1, 2, 1, 0]), None, "few buy, and none may");
        assert_eq!(of([0; 4]), None);
    }
}
