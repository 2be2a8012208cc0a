//! The effect of a pilot, and whether it may be believed.

use keepworth_contract::simulator::{
    BalanceCheck, BalancedThing, PilotArm, PilotOutcome, RelativeFall, SampleRatioCheck,
    SampleRatioWord,
};
use keepworth_contract::statistic::Interval;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{
    Always, Arms, Balance, BalanceVerdict, Exposure, Interval as Found, Method, PilotError,
    Reading, SampleRatio, SampleRatioVerdict, Sums, Two,
};
use statrs::distribution::{ContinuousCDF, Normal};

use super::tally::Lived;
use super::{Design, Tally};

/// A pilot as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) arms: Two<PilotArm>,
    pub(crate) sample_ratio: SampleRatioCheck,
    pub(crate) balances: Vec<BalanceCheck>,
    pub(crate) effect: f64,
    pub(crate) always_valid: Option<Interval>,
    pub(crate) information: Option<f64>,
    pub(crate) single_look: Interval,
    pub(crate) relative_fall: RelativeFall,
}

/// Measures a pilot.
///
/// The relative fall is `1 − e^x` of the log rate ratio `x`, its error by the delta method. Contacts per
/// customer-month are a ratio of sums, whose error is that of its linearisation: of each customer
/// `r + (contacts − r·months)/mean months`.
pub(crate) fn measure(design: &Design, tally: &Tally<'_>) -> Result<Measured, PilotError> {
    let lived = Two {
        control: &tally.arms.control[..],
        treated: &tally.arms.treated[..],
    };
    let named = Two {
        control: design.control,
        treated: design.treated,
    };
    let arms = Two {
        control: arm(named.control, lived.control),
        treated: arm(named.treated, lived.treated),
    };
    let (outcome, level) = (outcome(design, lived, arms)?, Level::USUAL);
    let reading = outcome.read(design.plan()?, level)?;
    let (always_valid, information) = match reading.always {
        Always::Told {
            interval,
            information,
        } => (Some(told(interval)), Some(information)),
        Always::TooEarly { .. } => (None, None),
    };
    Ok(Measured {
        arms,
        sample_ratio: sample_ratio(design, named)?,
        balances: balances(lived),
        effect: reading.single_look.value,
        always_valid,
        information,
        single_look: told(reading.single_look),
        relative_fall: relative_fall(design, lived, arms, &reading)?,
    })
}

fn arm(named: u64, lived: &[Lived]) -> PilotArm {
    let months: f64 = lived.iter().map(|it| it.months).sum();
    let outcomes: u64 = lived.iter().map(|it| it.outcomes).sum();
    PilotArm {
        named,
        observed: lived.len() as u64,
        months,
        outcomes,
        per_month: if months > 0.0 {
            outcomes as f64 / months
        } else {
            0.0
        },
    }
}

fn outcome(design: &Design, lived: Two<&[Lived]>, arms: Two<PilotArm>) -> Result<Arms, PilotError> {
    Ok(match design.outcome {
        PilotOutcome::Leaving => Arms::Hazards(Two {
            control: Exposure::new(arms.control.outcomes, arms.control.months)?,
            treated: Exposure::new(arms.treated.outcomes, arms.treated.months)?,
        }),
        PilotOutcome::Contacts => Arms::Means(Two {
            control: rates(lived.control, arms.control)?,
            treated: rates(lived.treated, arms.treated)?,
        }),
    })
}

/// Each customer's part in the arm's rate.
fn rates(lived: &[Lived], arm: PilotArm) -> Result<Sums, PilotError> {
    let mean = arm.months / arm.observed as f64;
    let part = |it: &Lived| arm.per_month + (it.outcomes as f64 - arm.per_month * it.months) / mean;
    sums(lived, part)
}

fn sums(lived: &[Lived], of: impl Fn(&Lived) -> f64) -> Result<Sums, PilotError> {
    let (sum, squares) = lived
        .iter()
        .map(of)
        .fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    Sums::new(lived.len() as u64, sum, squares)
}

fn relative_fall(
    design: &Design,
    lived: Two<&[Lived]>,
    arms: Two<PilotArm>,
    reading: &Reading,
) -> Result<RelativeFall, PilotError> {
    let (log_ratio, error) = match design.outcome {
        PilotOutcome::Leaving => {
            let it = reading.single_look;
            let z = Normal::standard().inverse_cdf(0.5 + it.level.share() / 2.0);
            (it.value, (it.high - it.low) / (2.0 * z))
        }
        PilotOutcome::Contacts => {
            let (control, treated) = (arms.control.per_month, arms.treated.per_month);
            if control <= 0.0 || treated <= 0.0 {
                return Err(PilotError::NoEvents);
            }
            let variance = |lived: &[Lived], arm: PilotArm| {
                let mean = arm.months / arm.observed as f64;
                let part = |it: &Lived| (it.outcomes as f64 - arm.per_month * it.months) / mean;
                let squares: f64 = lived.iter().map(|it| part(it).powi(2)).sum();
                let n = lived.len() as f64;
                squares / (n * (n - 1.0)) / arm.per_month.powi(2)
            };
            let both =
                variance(lived.control, arms.control) + variance(lived.treated, arms.treated);
            ((treated / control).ln(), both.sqrt())
        }
    };
    let ratio = log_ratio.exp();
    Ok(RelativeFall {
        mean: 1.0 - ratio,
        sd: ratio * error,
    })
}

fn sample_ratio(design: &Design, named: Two<u64>) -> Result<SampleRatioCheck, PilotError> {
    let treated = design.planned_treated_share;
    let found = SampleRatio::new(&[named.control, named.treated], &[1.0 - treated, treated])?;
    Ok(SampleRatioCheck {
        p: found.p,
        verdict: match found.verdict {
            SampleRatioVerdict::Held => SampleRatioWord::Held,
            SampleRatioVerdict::Doubtful => SampleRatioWord::Doubtful,
            SampleRatioVerdict::Mismatch => SampleRatioWord::Mismatch,
        },
    })
}

/// Of things in which customers differ at all.
fn balances(lived: Two<&[Lived]>) -> Vec<BalanceCheck> {
    type Of = fn(&Lived) -> f64;
    let things: [(BalancedThing, Of); 2] = [
        (BalancedThing::Tenure, |it| it.tenure),
        (BalancedThing::ContactsBefore, |it| it.before),
    ];
    let check = |(thing, of): (BalancedThing, Of)| {
        let arms = Two {
            control: sums(lived.control, of).ok()?,
            treated: sums(lived.treated, of).ok()?,
        };
        let found = Balance::of_means(arms).ok()?;
        Some(BalanceCheck {
            thing,
            difference: found.difference,
            p: found.p,
            apart: found.verdict == BalanceVerdict::Apart,
        })
    };
    things.into_iter().filter_map(check).collect()
}

fn told(found: Found) -> Interval {
    let method = match found.method {
        Method::Newcombe => "newcombe",
        Method::Welch => "welch",
        Method::WaldLogRateRatio => "wald_log_rate_ratio",
        Method::ConfidenceSequence => "confidence_sequence",
    };
    Interval {
        low: found.low,
        high: found.high,
        level: found.level.share(),
        method: method.to_owned(),
        freedom: None,
    }
}
