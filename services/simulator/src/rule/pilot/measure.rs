//! The effect of a pilot, and whether it may be believed.

use keepworth_contract::simulator::{
    BalanceCheck, BalancedThing, LeverEffect, PilotArm, PilotOutcome, RelativeFall,
    SampleRatioCheck, SampleRatioWord,
};
use keepworth_contract::statistic::Interval;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{
    Always, Arms, Balance, BalanceVerdict, Exposure, Fall, Interval as Found, Method, Part,
    PilotError, Ratio, Reading, SampleRatio, SampleRatioVerdict, Sums, Two,
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
/// The relative fall of leaving is `1 − e^x` of the log rate ratio `x`, its error by the delta method. All others are
/// ratios of sums over customers ([`Ratio`]).
pub(crate) fn measure(design: &Design, tally: &Tally<'_>) -> Result<Measured, PilotError> {
    let lived = Two {
        control: &tally.arms.control[..],
        treated: &tally.arms.treated[..],
    };
    let named = Two {
        control: design.control,
        treated: design.treated,
    };
    let (arms, outcome, fall) = match design.outcome {
        PilotOutcome::Leaving => leaving(named, lived)?,
        PilotOutcome::Contacts
        | PilotOutcome::Minutes
        | PilotOutcome::Revenue
        | PilotOutcome::Score => ratios(named, lived)?,
    };
    let reading = outcome.read(design.plan()?, Level::USUAL)?;
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
        relative_fall: match fall {
            Some(fall) => RelativeFall {
                mean: fall.mean,
                sd: fall.sd,
            },
            None => fall_of_rate(&reading),
        },
    })
}

/// Both arms, what is compared, and the relative fall where it does not follow from the effect.
type Outcome = (Two<PilotArm>, Arms, Option<Fall>);

fn leaving(named: Two<u64>, lived: Two<&[Lived]>) -> Result<Outcome, PilotError> {
    let arms = Two {
        control: arm(named.control, lived.control, None),
        treated: arm(named.treated, lived.treated, None),
    };
    let hazards = Arms::Hazards(Two {
        control: Exposure::new(arms.control.outcomes, arms.control.months)?,
        treated: Exposure::new(arms.treated.outcomes, arms.treated.months)?,
    });
    Ok((arms, hazards, None))
}

fn ratios(named: Two<u64>, lived: Two<&[Lived]>) -> Result<Outcome, PilotError> {
    let ratio = |side, lived: &[Lived]| {
        let parts: Vec<Part> = lived.iter().map(|it| it.part).collect();
        Ratio::new(side, &parts)
    };
    let control = ratio("control", lived.control)?;
    let treated = ratio("treated", lived.treated)?;
    let arms = Two {
        control: arm(named.control, lived.control, Some(control.value())),
        treated: arm(named.treated, lived.treated, Some(treated.value())),
    };
    let means = Arms::Means(Two {
        control: control.sums()?,
        treated: treated.sums()?,
    });
    let fall = Ratio::fall(Two {
        control: &control,
        treated: &treated,
    })?;
    Ok((arms, means, Some(fall)))
}

/// An arm; its mean is that of its outcomes per month where no other is told.
fn arm(named: u64, lived: &[Lived], mean: Option<f64>) -> PilotArm {
    let months: f64 = lived.iter().map(|it| it.months).sum();
    let outcomes: u64 = lived.iter().map(|it| it.outcomes).sum();
    let per_month = if months > 0.0 {
        outcomes as f64 / months
    } else {
        0.0
    };
    PilotArm {
        named,
        observed: lived.len() as u64,
        months,
        outcomes,
        per_month,
        mean: Some(mean.unwrap_or(per_month)),
    }
}

fn sums(lived: &[Lived], of: impl Fn(&Lived) -> f64) -> Result<Sums, PilotError> {
    let (sum, squares) = lived
        .iter()
        .map(of)
        .fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
    Sums::new(lived.len() as u64, sum, squares)
}

fn fall_of_rate(reading: &Reading) -> RelativeFall {
    let it = reading.single_look;
    let z = Normal::standard().inverse_cdf(0.5 + it.level.share() / 2.0);
    let (ratio, error) = (it.value.exp(), (it.high - it.low) / (2.0 * z));
    RelativeFall {
        mean: 1.0 - ratio,
        sd: ratio * error,
    }
}

/// A relative fall with the sign of its lever; none of what is no lever.
pub(crate) fn lever_effect(outcome: PilotOutcome, fall: RelativeFall) -> Option<LeverEffect> {
    let sign = if outcome.is_to_rise() { -1.0 } else { 1.0 };
    Some(LeverEffect {
        lever: outcome.lever()?,
        mean: sign * fall.mean,
        sd: fall.sd,
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
        (BalancedThing::ContactsBefore, |it| it.contacts_before),
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
