//! Every figure of one series of costs and benefits at once, and what to distrust in them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::flows::Flows;
use crate::irr::Irr;
use crate::payback::Payback;
use crate::rate::Rate;

/// Below this share of the larger of costs and benefits, the money ever at risk is too little for
/// a rate of return on it, or the time until it is back, to say anything. Our own threshold.
pub const TINY_OUTLAY: f64 = 0.05;

/// The figures of one series. Rates and times are per period of the flows (years, if dated).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Appraisal {
    /// Net present value.
    pub npv: f64,
    /// All internal rates of return.
    pub irr: Irr,
    /// Modified internal rate of return, financed and reinvested at the discount rate.
    pub mirr: Option<f64>,
    /// Payback without discounting.
    pub payback: Payback,
    /// Payback of the discounted flows: never where the NPV is negative, and only there.
    pub discounted_payback: Payback,
    /// `1 + NPV/outlay`, the outlay being flow 0; none when flow 0 is not an outlay.
    pub profitability_index: Option<f64>,
    /// `(pv_benefits − pv_costs)/pv_costs` as a fraction; none without costs.
    pub roi: Option<f64>,
    /// Present value of the costs, a positive amount.
    pub pv_costs: f64,
    /// Present value of the benefits.
    pub pv_benefits: f64,
    /// The most money that is out at any time, undiscounted.
    pub peak_funding: f64,
    /// What to distrust, and why.
    pub cautions: Vec<Caution>,
}

/// A reason not to lean on a figure. Its text says which figure and why.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "caution")]
pub enum Caution {
    /// So little money is ever out that IRR and payback are meaningless.
    TinyOutlay {
        /// The most money that is out at any time.
        peak_funding: f64,
        /// That, as a share of the larger of the present values of costs and benefits.
        share: f64,
    },
    /// The cumulative flow never falls below zero.
    NoOutlay,
    /// No rate makes the NPV zero.
    NoRate,
    /// More than one rate makes the NPV zero.
    SeveralRates {
        /// How many.
        count: usize,
    },
    /// The cumulative flow becomes negative again after it had come back to zero.
    PaybackReversed {
        /// The first flow at which it does.
        flow: usize,
    },
    /// The only rate is what the money costs, not what it earns: it comes in first and goes out
    /// later.
    RateOfALoan {
        /// The rate.
        rate: f64,
        /// Whether it is above the discount rate, which for an investment would be good.
        above: bool,
    },
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TinyOutlay {
                peak_funding,
                share,
            } => write!(
                f,
                "at most {} is ever out, {:.1}% of the larger of costs and \
                 benefits: the return on so small an outlay (IRR) and the time until it is back \
                 (payback) say nothing; judge by NPV and ROI",
                plain(*peak_funding, 2),
                share * 100.0
            ),
            Self::NoOutlay => f.write_str(
                "the cumulative flow is never negative: every cost is covered by what came in \
                 before it, so there is nothing to pay back",
            ),
            Self::NoRate => f.write_str("no rate makes the NPV zero: there is no IRR"),
            Self::SeveralRates { count } => write!(
                f,
                "{count} rates make the NPV zero: none of them is the return; use NPV or MIRR"
            ),
            Self::PaybackReversed { flow } => write!(
                f,
                "the money comes back once, but from flow {flow} on the cumulative flow is \
                 negative again: it has to be put in a second time, and payback counts the last \
                 return"
            ),
            Self::RateOfALoan { rate, above } => write!(
                f,
                "money comes in first and goes out later, so the IRR of {}% is the cost of a \
                 loan, not a return, and the rule turns round: the NPV is positive only at discount \
                 rates above it, and yours is {}",
                plain(rate * 100.0, 3),
                if *above { "below" } else { "not below" }
            ),
        }
    }
}

/// So many decimals, or the power of ten where a float no longer holds every unit.
fn plain(value: f64, places: usize) -> String {
    if value.abs() < 1e15 {
        format!("{value:.places$}")
    } else {
        format!("{value:.4e}")
    }
}

/// Appraises `costs` and `benefits`, both positive amounts falling at the times of `clock`
/// (whose own amounts are not used), at `rate` per period.
///
/// # Errors
/// When there is not one cost and one benefit for each flow of `clock`, or one is not finite.
pub fn appraise(
    clock: &Flows<'_>,
    costs: &[f64],
    benefits: &[f64],
    rate: Rate,
) -> Result<Appraisal, Error> {
    let costs = clock.with_amounts(costs.to_vec())?;
    let benefits = clock.with_amounts(benefits.to_vec())?;
    let pairs = benefits.amounts().iter().zip(costs.amounts());
    let net = clock.with_amounts(pairs.map(|(benefit, cost)| benefit - cost).collect())?;
    Ok(of_net(&net, costs.npv(rate), benefits.npv(rate), rate))
}

/// Appraises signed flows of which only the net is known: negative ones count as costs, positive
/// ones as benefits.
#[must_use]
pub fn appraise_net(net: &Flows<'_>, rate: Rate) -> Appraisal {
    let discounted = net.discounted(rate);
    let pv_benefits = discounted.iter().filter(|flow| **flow > 0.0).sum();
    let pv_costs = 0.0 - discounted.iter().filter(|flow| **flow < 0.0).sum::<f64>();
    of_net(net, pv_costs, pv_benefits, rate)
}

fn of_net(net: &Flows<'_>, pv_costs: f64, pv_benefits: f64, rate: Rate) -> Appraisal {
    let irr = net.irr();
    // What rounding alone leaves of zero is zero, as it is for discounted payback.
    let npv = net.npv(rate);
    let npv = if npv.abs() <= 1e-13 * (pv_costs + pv_benefits) {
        0.0
    } else {
        npv
    };
    let outlay = -net.amounts()[0];
    Appraisal {
        npv,
        mirr: net.mirr(rate, rate),
        payback: net.payback(),
        discounted_payback: net.discounted_payback(rate),
        profitability_index: (outlay > 0.0).then(|| 1.0 + npv / outlay),
        roi: (pv_costs > 0.0).then(|| (pv_benefits - pv_costs) / pv_costs),
        pv_costs,
        pv_benefits,
        peak_funding: net.peak_funding(),
        cautions: cautions(net, &irr, pv_costs.max(pv_benefits), rate),
        irr,
    }
}

fn cautions(net: &Flows<'_>, irr: &Irr, volume: f64, rate: Rate) -> Vec<Caution> {
    let peak_funding = net.peak_funding();
    let share = peak_funding / volume;
    let outlay = if net.payback() == Payback::NothingToPayBack {
        Some(Caution::NoOutlay)
    } else {
        (share < TINY_OUTLAY).then_some(Caution::TinyOutlay {
            peak_funding,
            share,
        })
    };
    let rates = match irr {
        Irr::None => Some(Caution::NoRate),
        Irr::One(only) => loan(net, *only).then_some(Caution::RateOfALoan {
            rate: *only,
            above: as_shown(*only) > as_shown(rate.value()),
        }),
        Irr::Several(rates) => Some(Caution::SeveralRates { count: rates.len() }),
    };
    let reversed = net
        .second_outlay()
        .map(|flow| Caution::PaybackReversed { flow });
    [outlay, rates, reversed].into_iter().flatten().collect()
}

/// A rate as it is shown, in thousandths of a percent.
fn as_shown(rate: f64) -> f64 {
    (rate * 1e5).round()
}

/// Whether the NPV rises with the rate where it is zero: `−Σ t·c·(1+r)^(−t) > 0`. For an
/// investment it falls.
fn loan(net: &Flows<'_>, irr: f64) -> bool {
    let Ok(rate) = Rate::new(irr) else {
        return false;
    };
    let discounted = net.discounted(rate);
    let terms = || discounted.iter().enumerate().map(|(k, c)| net.time(k) * c);
    // Where the NPV only touches zero, it does neither.
    let rounding = 1e-6 * terms().map(f64::abs).sum::<f64>();
    terms().sum::<f64>() < -rounding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::Timing;

    fn ten_percent() -> Rate {
        Rate::new(0.10).unwrap()
    }

    fn net(amounts: &[f64]) -> Appraisal {
        appraise_net(
            &Flows::periodic(amounts, Timing::End).unwrap(),
            ten_percent(),
        )
    }

    #[test]
    fn programme_vector() {
        // cashflow.json programme-1 (thousands), with costs and benefits apart as in the
        // product's metric definitions: benefits 230, 440, 490, running cost 100 a year.
        let clock = Flows::periodic(vec![0.0; 4], Timing::End).unwrap();
        let costs = [400.0, 100.0, 100.0, 100.0];
        let a = appraise(&clock, &costs, &[0.0, 230.0, 440.0, 490.0], ten_percent()).unwrap();
        assert!((a.npv - 292.186).abs() < 5e-4);
        assert!((a.irr.unique().unwrap() - 0.41389).abs() < 1e-5);
        assert!((a.payback.periods().unwrap() - 1.794).abs() < 5e-4);
        assert!((a.discounted_payback.periods().unwrap() - 2.0028).abs() < 5e-5);
        assert!((a.pv_benefits - a.pv_costs - a.npv).abs() < 1e-9);
        assert!(a.cautions.is_empty(), "{:?}", a.cautions);
        // The same figures undiscounted: 460/700.
        let a = appraise(&clock, &costs, &[0.0, 230.0, 440.0, 490.0], Rate::ZERO).unwrap();
        assert!((a.roi.unwrap() - 0.65714).abs() < 5e-6);
    }

    #[test]
    fn profitability_index_vector() {
        // cashflow.json payback-discounted-2.
        let a = net(&[-1_000.0, 500.0, 500.0, 500.0]);
        assert!((a.npv - 243.43).abs() < 0.005);
        assert!((a.profitability_index.unwrap() - 1.2434).abs() < 5e-5);
        assert_eq!(a.peak_funding, 1_000.0);
    }

    #[test]
    fn a_tiny_outlay_is_called_out_in_words() {
        // Forrester TEI of SalesLoft: 53,150 before year one, then 0.94 million net in year one.
        let clock = Flows::periodic(vec![0.0; 4], Timing::Tei).unwrap();
        let costs = [53_150.0, 666_715.0, 636_772.0, 647_783.0];
        let benefits = [0.0, 1_606_511.0, 3_061_331.0, 4_229_760.0];
        let a = appraise(&clock, &costs, &benefits, ten_percent()).unwrap();
        assert!(a.irr.unique().unwrap() > 15.0);
        let words = a.cautions[0].to_string();
        assert!(
            matches!(a.cautions[..], [Caution::TinyOutlay { .. }]),
            "{words}"
        );
        assert!(
            words.contains("53150.00") && words.contains("0.7%"),
            "{words}"
        );
        assert!(
            words.contains("IRR") && words.contains("payback"),
            "{words}"
        );
    }

    #[test]
    fn other_cautions() {
        assert_eq!(
            net(&[100.0, 50.0]).cautions,
            [Caution::NoOutlay, Caution::NoRate]
        );
        let four = net(&[-252.0, 1_431.0, -3_035.0, 2_850.0, -1_000.0]);
        assert!(
            four.cautions.contains(&Caution::SeveralRates { count: 4 }),
            "{four:?}"
        );
        assert!(
            four.cautions
                .contains(&Caution::PaybackReversed { flow: 2 }),
            "{four:?}"
        );
        assert_eq!(net(&[-100.0, 60.0, 70.0]).cautions, []);
    }

    /// NumPy Financial's issue 13953: 900 and 500 come in, 400 goes out nine times. The rate of
    /// 20.541% is what that money costs.
    #[test]
    fn the_rate_of_a_loan_is_no_return() {
        let loan = [&[900.0, 500.0], &[-400.0; 9][..]].concat();
        let found = net(&loan);
        assert!((found.npv + 739.65).abs() < 0.005, "{}", found.npv);
        assert!((found.irr.unique().unwrap() - 0.205_41).abs() < 5e-6);
        let paybacks = (found.payback, found.discounted_payback);
        assert_eq!(paybacks, (Payback::Never, Payback::Never));
        let words = found.cautions[0].to_string();
        assert!(
            words.contains("the IRR of 20.541% is the cost of a loan"),
            "{words}"
        );
        assert!(
            words.ends_with("only at discount rates above it, and yours is below"),
            "{words}"
        );
        let dear = Flows::periodic(&loan, Timing::End).unwrap();
        let found = appraise_net(&dear, Rate::new(0.30).unwrap());
        assert!(found.npv > 0.0);
        assert_eq!(found.discounted_payback, Payback::NothingToPayBack);
        assert!(
            found.cautions[0]
                .to_string()
                .ends_with("yours is not below")
        );
        // The same the other way round is an investment.
        let lent: Vec<f64> = loan.iter().map(|amount| -amount).collect();
        assert_eq!(net(&lent).cautions, []);
    }

    #[test]
    fn an_outlay_that_starts_late_is_no_second_one() {
        let found = net(&[0.0, -1_000.0, 400.0, 400.0, 400.0]);
        assert_eq!(found.payback.periods(), Some(3.5));
        assert_eq!(found.cautions, []);
    }

    #[test]
    fn lengths_must_agree() {
        let clock = Flows::periodic(vec![0.0; 3], Timing::End).unwrap();
        let error = appraise(&clock, &[1.0; 3], &[1.0; 2], ten_percent()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "amounts has 2 values where 3 are needed; give one for each period"
        );
    }
}
