//! A series of flows in time, and what it is worth now.
//!
//! `NPV = Σ cₖ·(1+r)^(−tₖ)`. Flow 0 is the decision date and never discounted. When the flows
//! of a period fall inside it is a [`Timing`], printed with every result.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, all_finite};
use crate::rate::Rate;

/// When, inside its period, a flow is taken to fall. Flow 0 is always now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// At the end: flow `k` at time `k`. What spreadsheets' NPV assumes.
    #[default]
    End,
    /// In the middle: flow `k` at time `k − ½`.
    Mid,
    /// At the start: flow `k` at time `k − 1`.
    Start,
    /// Forrester's Total Economic Impact: annual columns, the initial one undiscounted, year `k`
    /// at its end. Discounts as [`Timing::End`]; the name also stands for that method's risk
    /// adjustment of the lines, see [`crate::tei`].
    Tei,
}

impl Timing {
    /// How much earlier than its period's end a flow falls, in periods.
    #[must_use]
    pub fn lead(self) -> f64 {
        match self {
            Self::End | Self::Tei => 0.0,
            Self::Mid => 0.5,
            Self::Start => 1.0,
        }
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::End => "flow 0 now, each later flow at the end of its period",
            Self::Mid => "flow 0 now, each later flow in the middle of its period",
            Self::Start => "flow 0 now, each later flow at the start of its period",
            Self::Tei => "Forrester TEI: initial column undiscounted, year k at its end",
        })
    }
}

/// Flows and the times at which they fall, in periods from the first. Benefits are positive,
/// costs negative. Never empty, always finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows<'a> {
    amounts: Cow<'a, [f64]>,
    times: Times,
}

#[derive(Debug, Clone, PartialEq)]
enum Times {
    Periodic(Timing),
    /// Years since the first flow, ascending, actual days over 365.
    Dated(Vec<f64>),
}

impl<'a> Flows<'a> {
    /// One flow a period; `amounts[0]` is now. Borrows or owns; a borrowed slice is not copied.
    ///
    /// # Errors
    /// When there is no amount, or one is not finite.
    pub fn periodic(amounts: impl Into<Cow<'a, [f64]>>, timing: Timing) -> Result<Self, Error> {
        let amounts = amounts.into();
        if amounts.is_empty() {
            return Err(Error::Empty("flows"));
        }
        all_finite("flow", &amounts)?;
        Ok(Self {
            amounts,
            times: Times::Periodic(timing),
        })
    }

    /// Flows on calendar dates, in date order. The period is a year of 365 days, as in the
    /// spreadsheet functions XNPV and XIRR: `t = days since the first / 365`.
    ///
    /// # Errors
    /// When there is no flow, an amount is not finite, or a date is before the one above it.
    pub fn dated(flows: &[(NaiveDate, f64)]) -> Result<Self, Error> {
        let &[(first, _), ..] = flows else {
            return Err(Error::Empty("flows"));
        };
        for pair in flows.windows(2) {
            if pair[1].0 < pair[0].0 {
                return Err(Error::DateOrder {
                    on: pair[1].0,
                    previous: pair[0].0,
                });
            }
        }
        let amounts: Vec<f64> = flows.iter().map(|(_, amount)| *amount).collect();
        all_finite("flow", &amounts)?;
        let times = flows
            .iter()
            .map(|(on, _)| (*on - first).num_days() as f64 / 365.0)
            .collect();
        Ok(Self {
            amounts: amounts.into(),
            times: Times::Dated(times),
        })
    }

    /// The same times with other amounts, say only the costs of these flows.
    ///
    /// # Errors
    /// When there is not one amount for each of these flows, or one is not finite.
    pub fn with_amounts(&self, amounts: Vec<f64>) -> Result<Flows<'static>, Error> {
        if amounts.len() != self.len() {
            return Err(Error::Length {
                name: "amounts",
                found: amounts.len(),
                expected: self.len(),
            });
        }
        all_finite("flow", &amounts)?;
        Ok(Flows {
            amounts: amounts.into(),
            times: self.times.clone(),
        })
    }

    /// The amounts, benefits positive.
    #[must_use]
    pub fn amounts(&self) -> &[f64] {
        &self.amounts
    }

    /// How many flows there are, zeros included; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "flows are never empty")]
    pub fn len(&self) -> usize {
        self.amounts.len()
    }

    /// When flow `k` falls for discounting, in periods (years, if dated).
    #[must_use]
    pub fn time(&self, k: usize) -> f64 {
        match &self.times {
            Times::Periodic(_) if k == 0 => 0.0,
            Times::Periodic(timing) => k as f64 - timing.lead(),
            Times::Dated(times) => times[k],
        }
    }

    /// When flow `k` has fully arrived: its period's end, or its date. Paybacks count in this.
    #[must_use]
    pub fn arrival(&self, k: usize) -> f64 {
        match &self.times {
            Times::Periodic(_) => k as f64,
            Times::Dated(times) => times[k],
        }
    }

    /// True when flow `k` falls exactly at time `k`, for all `k`.
    pub(crate) fn is_regular(&self) -> bool {
        matches!(self.times, Times::Periodic(Timing::End | Timing::Tei))
    }

    /// Net present value at `rate`, `Σ cₖ(1+r)^(−tₖ)`.
    ///
    /// The rate is per period; for dated flows it is annual. A spreadsheet's `NPV` function
    /// discounts its first argument by one period: there, write `=c0+NPV(rate, c1, …)`.
    #[must_use]
    pub fn npv(&self, rate: Rate) -> f64 {
        match &self.times {
            Times::Periodic(timing) => {
                let later = present_value(&self.amounts[1..], rate);
                self.amounts[0] + later * rate.growth_factor(timing.lead())
            }
            Times::Dated(times) => {
                let flows = times.iter().zip(self.amounts.iter());
                flows
                    .map(|(t, amount)| amount * rate.discount_factor(*t))
                    .sum()
            }
        }
    }

    /// The flows discounted to now, one by one.
    #[must_use]
    pub fn discounted(&self, rate: Rate) -> Vec<f64> {
        let flows = self.amounts.iter().enumerate();
        flows
            .map(|(k, amount)| amount * rate.discount_factor(self.time(k)))
            .collect()
    }
}

/// Present value of end-of-period flows, `Σ cₜ/(1+r)ᵗ`, t = 1…n.
///
/// Summed from the last term back (Horner): needs no powers and loses no small terms.
#[must_use]
pub fn present_value(flows: &[f64], rate: Rate) -> f64 {
    let per_period = rate.discount_factor(1.0);
    flows
        .iter()
        .rev()
        .fold(0.0, |value, flow| (value + flow) * per_period)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(value: f64) -> Rate {
        Rate::new(value).unwrap()
    }

    fn npv(amounts: &[f64], at: f64, timing: Timing) -> f64 {
        Flows::periodic(amounts, timing).unwrap().npv(rate(at))
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn spreadsheet_npv_discounts_its_first_argument() {
        // Microsoft, NPV function, first example: 1,188.44.
        let value = present_value(&[-10_000.0, 3_000.0, 4_200.0, 6_800.0], rate(0.10));
        assert!((value - 1_188.443_412_335_2).abs() < 1e-9);
    }

    #[test]
    fn dated_flows_are_discounted_by_days_over_365() {
        // Microsoft, XNPV function: 2,086.65.
        let flows = Flows::dated(&[
            (date("2008-01-01"), -10_000.0),
            (date("2008-03-01"), 2_750.0),
            (date("2008-10-30"), 4_250.0),
            (date("2009-02-15"), 3_250.0),
            (date("2009-04-01"), 2_750.0),
        ]);
        assert!((flows.unwrap().npv(rate(0.09)) - 2_086.647_602).abs() < 1e-6);
    }

    #[test]
    fn mid_period_is_half_a_period_earlier() {
        // Mid-period discounting example: 77.10 at the end, 128.94 in the middle.
        let flows = [-985.0, 75.0, 120.0, 100.0, 1_200.0];
        assert!((npv(&flows, 0.10, Timing::End) - 77.10).abs() < 0.005);
        assert!((npv(&flows, 0.10, Timing::Mid) - 128.94).abs() < 0.005);
        let start = npv(&flows, 0.10, Timing::Start);
        assert!((start - (-985.0 + 1_062.10 * 1.1)).abs() < 0.01, "{start}");
    }

    #[test]
    fn bad_series_are_refused_in_words() {
        assert_eq!(
            Flows::periodic(vec![], Timing::End)
                .unwrap_err()
                .to_string(),
            "flows is empty; give at least one value"
        );
        assert!(Flows::periodic(vec![1.0, f64::NAN], Timing::End).is_err());
        let order = [(date("2026-02-01"), 1.0), (date("2026-01-01"), 1.0)];
        assert_eq!(
            Flows::dated(&order).unwrap_err().to_string(),
            "2026-01-01 comes after 2026-02-01 in the list but before it in time; sort by date"
        );
    }

    proptest! {
        #[test]
        fn horner_equals_the_sum_of_powers(
            amounts in prop::collection::vec(-1e6..1e6f64, 1..120),
            at in -0.2..0.5f64,
            lead in 0usize..3,
        ) {
            let timing = [Timing::End, Timing::Mid, Timing::Start][lead];
            let flows = Flows::periodic(&amounts, timing).unwrap();
            let terms = flows.discounted(rate(at));
            let scale: f64 = terms.iter().map(|term| term.abs()).sum();
            let sum: f64 = terms.iter().sum();
            prop_assert!((flows.npv(rate(at)) - sum).abs() <= 1e-11 * scale.max(1.0));
        }

        #[test]
        fn value_is_additive(
            both in prop::collection::vec((-1e6..1e6f64, -1e6..1e6f64), 1..60),
            at in 0.0..0.5f64,
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
            let sum: Vec<f64> = both.iter().map(|(x, y)| x + y).collect();
            let apart = npv(&a, at, Timing::Mid) + npv(&b, at, Timing::Mid);
            prop_assert!((npv(&sum, at, Timing::Mid) - apart).abs() < 1e-5);
        }
    }
}
