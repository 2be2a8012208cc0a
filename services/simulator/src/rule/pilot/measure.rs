//! The effect of a pilot, and whether it may be believed.

use keepworth_contract::Month;
use keepworth_contract::simulator::{
    BalanceCheck, BalancedThing, LeverEffect, PilotArm, PilotDesign, PilotOutcome, PreTrendCheck,
    PreTrendWord, RegressionCheck, RelativeFall, SampleRatioCheck, SampleRatioWord,
};
use keepworth_contract::statistic::Interval;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{
    Always, Arms, Balance, BalanceVerdict, BeforeAfter, Course, CustomerPanel, Exposure, Fall,
    Interval as Read, Method, PilotError, PreTrend, PreTrendVerdict, Ratio, Reading, SampleRatio,
    SampleRatioVerdict, Staggered, Sums, Two,
};
use statrs::distribution::{ContinuousCDF, Normal};

use super::regression::regression;
use super::tally::Lived;
use super::{Design, Tally};

/// A pilot as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) arms: Two<PilotArm>,
    pub(crate) sample_ratio: Option<SampleRatioCheck>,
    pub(crate) pre_trend: Option<PreTrendCheck>,
    pub(crate) balances: Vec<BalanceCheck>,
    pub(crate) regression: Option<RegressionCheck>,
    pub(crate) effect: f64,
    pub(crate) always_valid: Option<Interval>,
    pub(crate) information: Option<f64>,
    pub(crate) single_look: Interval,
    pub(crate) relative_fall: RelativeFall,
}

/// Measures a pilot.
///
/// The relative fall of leaving is `1 − e^x` of the log rate ratio `x`, its error by the delta method. All others are
/// ratios of sums over customers ([`Ratio`]); without lots, each customer's own change of it ([`CustomerPanel`]).
pub(crate) fn measure(design: &Design, tally: &Tally<'_>) -> Result<Measured, PilotError> {
    let lived = Two {
        control: &tally.arms.control[..],
        treated: &tally.arms.treated[..],
    };
    let named = Two {
        control: design.control,
        treated: design.treated,
    };
    let outcome = match design.design {
        PilotDesign::Staggered => return waves(design, tally, named, lived),
        PilotDesign::Compared => changes(named, lived, months_since(design, tally))?,
        PilotDesign::Randomised if design.outcome == PilotOutcome::Leaving => {
            leaving(named, lived)?
        }
        PilotDesign::Randomised => ratios(named, lived)?,
    };
    let reading = outcome
        .compared
        .read(design.plan_by(tally.until)?, Level::USUAL)?;
    let fall = match outcome.fall {
        Some(fall) => of_fall(fall),
        None => fall_of_rate(&reading),
    };
    let found = Found {
        arms: outcome.arms,
        sample_ratio: sample_ratio(design, named)?,
        pre_trend: outcome.pre_trend,
        balances: balances(lived),
        regression: picked(design, lived),
    };
    Ok(found.read(&reading, fall))
}

/// The effect of waves.
fn waves(
    design: &Design,
    tally: &Tally<'_>,
    named: Two<u64>,
    lived: Two<&[Lived]>,
) -> Result<Measured, PilotError> {
    let first = Month::of(design.starts_on).index();
    let until = tally.until;
    let starts = |wave: usize| {
        let start = design.waves.get(wave)?.starts_on?;
        (start <= until).then(|| (Month::of(start).index() - first).max(0) as usize)
    };
    let course = |it: &Lived| Course {
        starts: it.wave.and_then(starts),
        before: it.before.clone(),
        since: it.since.clone(),
    };
    let everybody = lived.control.iter().chain(lived.treated);
    let staggered = Staggered::new(&Vec::from_iter(everybody.map(course)))?;
    let found = Found {
        arms: Two {
            control: compared_arm("control", named.control, lived.control)?,
            treated: compared_arm("treated", named.treated, lived.treated)?,
        },
        sample_ratio: sample_ratio(design, named)?,
        pre_trend: Some(pre_trend(&staggered.pre_trend)),
        balances: balances(lived),
        regression: picked(design, lived),
    };
    let reading = staggered.read(design.plan_by(tally.until)?, Level::USUAL)?;
    Ok(found.read(&reading, of_fall(staggered.fall())))
}

/// What stands beside an effect.
struct Found {
    arms: Two<PilotArm>,
    sample_ratio: Option<SampleRatioCheck>,
    pre_trend: Option<PreTrendCheck>,
    balances: Vec<BalanceCheck>,
    regression: Option<RegressionCheck>,
}

impl Found {
    fn read(self, reading: &Reading, relative_fall: RelativeFall) -> Measured {
        let (always_valid, information) = match reading.always {
            Always::Told {
                interval,
                information,
            } => (Some(told(interval)), Some(information)),
            Always::TooEarly { .. } => (None, None),
        };
        Measured {
            arms: self.arms,
            sample_ratio: self.sample_ratio,
            pre_trend: self.pre_trend,
            balances: self.balances,
            regression: self.regression,
            effect: reading.single_look.value,
            always_valid,
            information,
            single_look: told(reading.single_look),
            relative_fall,
        }
    }
}

fn of_fall(fall: Fall) -> RelativeFall {
    RelativeFall {
        mean: fall.mean,
        sd: fall.sd,
    }
}

/// What came of both arms.
struct Outcome {
    arms: Two<PilotArm>,
    compared: Arms,
    /// None where it follows from the effect.
    fall: Option<Fall>,
    /// None where lots were drawn.
    pre_trend: Option<PreTrendCheck>,
}

/// Calendar months since the start.
fn months_since(design: &Design, tally: &Tally<'_>) -> usize {
    let months = Month::of(tally.until).index() - Month::of(design.starts_on).index() + 1;
    months.max(0) as usize
}

fn leaving(named: Two<u64>, lived: Two<&[Lived]>) -> Result<Outcome, PilotError> {
    let arms = Two {
        control: arm(named.control, lived.control, None),
        treated: arm(named.treated, lived.treated, None),
    };
    let hazards = Arms::Hazards(Two {
        control: Exposure::new(arms.control.outcomes, arms.control.months)?,
        treated: Exposure::new(arms.treated.outcomes, arms.treated.months)?,
    });
    Ok(Outcome {
        arms,
        compared: hazards,
        fall: None,
        pre_trend: None,
    })
}

fn ratios(named: Two<u64>, lived: Two<&[Lived]>) -> Result<Outcome, PilotError> {
    let control = since("control", lived.control)?;
    let treated = since("treated", lived.treated)?;
    let arms = Two {
        control: arm(named.control, lived.control, Some(control.value())),
        treated: arm(named.treated, lived.treated, Some(treated.value())),
    };
    let means = Two {
        control: control.sums()?,
        treated: treated.sums()?,
    };
    let fall = Ratio::fall(Two {
        control: &control,
        treated: &treated,
    })?;
    Ok(Outcome {
        arms,
        compared: Arms::Means(means),
        fall: Some(fall),
        pre_trend: None,
    })
}

/// The outcome of an arm since the start.
fn since(side: &'static str, lived: &[Lived]) -> Result<Ratio, PilotError> {
    Ratio::new(side, &Vec::from_iter(lived.iter().map(|it| it.part)))
}

fn changes(
    named: Two<u64>,
    lived: Two<&[Lived]>,
    months_since: usize,
) -> Result<Outcome, PilotError> {
    let side = |lived: &[Lived]| {
        let of = |it: &Lived| BeforeAfter {
            before: it.before.clone(),
            after: it.part,
        };
        Vec::from_iter(lived.iter().map(of))
    };
    let (control, treated) = (side(lived.control), side(lived.treated));
    let sides = Two {
        control: &control[..],
        treated: &treated[..],
    };
    let panel = CustomerPanel::new(sides, months_since)?;
    Ok(Outcome {
        arms: Two {
            control: compared_arm("control", named.control, lived.control)?,
            treated: compared_arm("treated", named.treated, lived.treated)?,
        },
        compared: Arms::Means(panel.sums()?),
        fall: Some(panel.fall()?),
        pre_trend: Some(pre_trend(&panel.pre_trend)),
    })
}

/// Of scores, where the treated were picked for theirs; not of waves, in which there are as many starts.
fn picked(design: &Design, lived: Two<&[Lived]>) -> Option<RegressionCheck> {
    let is_asked = design.picked_for_bad_scores
        && design.design == PilotDesign::Compared
        && design.outcome == PilotOutcome::Score;
    is_asked.then(|| regression(lived)).flatten()
}

/// An arm since the start, and in the months before.
fn compared_arm(name: &'static str, named: u64, lived: &[Lived]) -> Result<PilotArm, PilotError> {
    let parts = lived.iter().map(|it| it.before.iter().copied().sum());
    let before = Ratio::new(name, &Vec::from_iter(parts)).ok();
    Ok(PilotArm {
        before: before.map(|it| it.value()),
        ..arm(named, lived, Some(since(name, lived)?.value()))
    })
}

fn pre_trend(found: &PreTrend) -> PreTrendCheck {
    PreTrendCheck {
        slope: found.slope,
        p: found.p,
        undetected_bias: found.undetected,
        verdict: match found.verdict {
            PreTrendVerdict::Held => PreTrendWord::Held,
            PreTrendVerdict::Broken => PreTrendWord::Broken,
            PreTrendVerdict::Untestable => PreTrendWord::Untestable,
        },
    }
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
        before: None,
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

/// Whether lots came out as planned; none where there were no lots.
fn sample_ratio(design: &Design, named: Two<u64>) -> Result<Option<SampleRatioCheck>, PilotError> {
    if !design.is_by_lot() {
        return Ok(None);
    }
    let treated = design.planned_treated_share;
    let found = SampleRatio::new(&[named.control, named.treated], &[1.0 - treated, treated])?;
    Ok(Some(SampleRatioCheck {
        p: found.p,
        verdict: match found.verdict {
            SampleRatioVerdict::Held => SampleRatioWord::Held,
            SampleRatioVerdict::Doubtful => SampleRatioWord::Doubtful,
            SampleRatioVerdict::Mismatch => SampleRatioWord::Mismatch,
        },
    }))
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

fn told(found: Read) -> Interval {
    let method = match found.method {
        Method::Newcombe => "newcombe",
        Method::Welch => "welch",
        Method::WaldLogRateRatio => "wald_log_rate_ratio",
        Method::WaldInfluence => "wald_influence",
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
