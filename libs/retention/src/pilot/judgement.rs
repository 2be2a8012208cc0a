use serde::{Deserialize, Serialize};

use super::{
    Balance, BalanceVerdict, PanelEffect, PreTrendVerdict, SampleRatio, SampleRatioVerdict,
};
use crate::link::Grade;

/// How an effect came to be known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Study<'a> {
    /// Lots decided who was treated.
    Randomised {
        /// The test of the arms' sizes, if it was made.
        sample_ratio: Option<&'a SampleRatio>,
        /// What was known of customers before the start, compared.
        balances: &'a [Balance],
        /// Whether the effect was read by the always-valid interval, or by the one for a single look
        /// at the planned end and never before.
        read_validly: bool,
    },
    /// Groups over periods, of which some were treated.
    Compared {
        /// The effect with its test of the trends before.
        effect: &'a PanelEffect,
        /// Whether the treated were picked for bad scores, which the comparison was not, and this was
        /// not taken out.
        regresses_to_the_mean: bool,
    },
    /// The treated before and after, nobody beside them.
    Uncompared {
        /// Whether they were picked for bad scores, and this was not taken out.
        regresses_to_the_mean: bool,
    },
    /// Somebody said so.
    Stated,
}

/// Why a study earned its grade.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Lots decided.
    Randomised,
    /// The arms have the sizes planned.
    SampleRatioHeld {
        /// Probability of such sizes or stranger ones.
        p: f64,
    },
    /// The arms' sizes were not tested.
    SampleRatioUntested,
    /// The arms' sizes are strange for lots drawn as planned.
    SampleRatioDoubtful {
        /// Probability of such sizes or stranger ones.
        p: f64,
    },
    /// The arms' sizes are no lots drawn as planned: the arms cannot be compared.
    SampleRatioMismatch {
        /// Probability of such sizes or stranger ones.
        p: f64,
    },
    /// The arms were different before the start, and not by chance.
    Apart {
        /// Things in which they were.
        things: usize,
    },
    /// Looked at again and again by an interval that is made for one look.
    LookedTooOften,
    /// Others were compared over the same time.
    Compared,
    /// Nothing speaks against parallel trends before.
    TrendsHeld {
        /// Probability of such trends or more different ones.
        p: f64,
    },
    /// The sides went different ways before.
    TrendsBroken {
        /// Probability of such trends or more different ones.
        p: f64,
    },
    /// Too few periods before to test the trends.
    TrendsUntestable,
    /// Picked for bad scores, which get better by themselves.
    RegressesToTheMean,
    /// Nobody to compare with.
    Uncompared,
    /// Somebody said so.
    Stated,
}

/// How far an effect may be believed, and why.
///
/// | grade | earned by |
/// |---|---|
/// | A | lots, whose arms have the sizes planned and were alike, read validly |
/// | B | lots with a flaw: sizes doubtful or untested, arms apart, looked at too often; or others compared over time, with trends held |
/// | C | sample-ratio mismatch: what is left is an association; trends broken or untestable; nobody beside the treated; treated picked for bad scores beside others that were not |
/// | D | nobody beside treated who were picked for bad scores; said by somebody |
///
/// The first reason is what the study is, the others what speaks for or against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The grade.
    pub grade: Grade,
    /// Why, in the order in which it was asked.
    pub reasons: Vec<Reason>,
}

impl Judgement {
    /// The grade that a study earns.
    pub fn of(study: Study<'_>) -> Self {
        match study {
            Study::Randomised {
                sample_ratio,
                balances,
                read_validly,
            } => Self::randomised(sample_ratio, balances, read_validly),
            Study::Compared {
                effect,
                regresses_to_the_mean,
            } => Self::compared(effect, regresses_to_the_mean),
            Study::Uncompared {
                regresses_to_the_mean,
            } => {
                let mut it = Self::starting(Grade::C, Reason::Uncompared);
                if regresses_to_the_mean {
                    it.lower(Grade::D, Reason::RegressesToTheMean);
                }
                it
            }
            Study::Stated => Self::starting(Grade::D, Reason::Stated),
        }
    }

    fn randomised(ratio: Option<&SampleRatio>, balances: &[Balance], read_validly: bool) -> Self {
        let mut it = Self::starting(Grade::A, Reason::Randomised);
        match ratio.map(|ratio| (ratio.verdict, ratio.p)) {
            None => it.lower(Grade::B, Reason::SampleRatioUntested),
            Some((SampleRatioVerdict::Held, p)) => it.reasons.push(Reason::SampleRatioHeld { p }),
            Some((SampleRatioVerdict::Doubtful, p)) => {
                it.lower(Grade::B, Reason::SampleRatioDoubtful { p });
            }
            Some((SampleRatioVerdict::Mismatch, p)) => {
                it.lower(Grade::C, Reason::SampleRatioMismatch { p });
            }
        }
        let apart = balances
            .iter()
            .filter(|it| it.verdict == BalanceVerdict::Apart);
        let things = apart.count();
        if things > 0 {
            it.lower(Grade::B, Reason::Apart { things });
        }
        if !read_validly {
            it.lower(Grade::B, Reason::LookedTooOften);
        }
        it
    }

    fn compared(effect: &PanelEffect, regresses_to_the_mean: bool) -> Self {
        let mut it = Self::starting(Grade::B, Reason::Compared);
        match (effect.pre_trend.verdict, effect.pre_trend.p) {
            (PreTrendVerdict::Held, Some(p)) => it.reasons.push(Reason::TrendsHeld { p }),
            (PreTrendVerdict::Broken, Some(p)) => it.lower(Grade::C, Reason::TrendsBroken { p }),
            (_, _) => it.lower(Grade::C, Reason::TrendsUntestable),
        }
        if regresses_to_the_mean {
            it.lower(Grade::C, Reason::RegressesToTheMean);
        }
        it
    }

    fn starting(grade: Grade, reason: Reason) -> Self {
        let reasons = vec![reason];
        Self { grade, reasons }
    }

    /// Lowers to a grade, unless it is lower already.
    fn lower(&mut self, to: Grade, reason: Reason) {
        self.reasons.push(reason);
        self.grade = self.grade.max(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Level;
    use crate::pilot::{Counts, Group, Panel, Two};

    fn randomised(sizes: [u64; 2], balances: &[Balance], read_validly: bool) -> Judgement {
        let ratio = SampleRatio::new(&sizes, &[0.5, 0.5]).unwrap();
        Judgement::of(Study::Randomised {
            sample_ratio: Some(&ratio),
            balances,
            read_validly,
        })
    }

    #[test]
    fn lots_earn_the_best_grade_unless_flawed() {
        let grade = |sizes| randomised(sizes, &[], true).grade;
        assert_eq!(grade([1_000, 1_010]), Grade::A);
        assert_eq!(grade([44_700, 45_489]), Grade::B);
        assert_eq!(grade([821_588, 815_482]), Grade::C);
        let untested = Study::Randomised {
            sample_ratio: None,
            balances: &[],
            read_validly: true,
        };
        let untested = Judgement::of(untested);
        assert_eq!(untested.grade, Grade::B);
        assert_eq!(
            untested.reasons,
            [Reason::Randomised, Reason::SampleRatioUntested]
        );
    }

    #[test]
    fn every_flaw_is_named() {
        let of = |events| Counts::new(events, 5_000).unwrap();
        let apart = Balance::of_shares(Two {
            control: of(1_000),
            treated: of(2_000),
        })
        .unwrap();
        let judged = randomised([5_000, 5_000], &[apart], false);
        assert_eq!(judged.grade, Grade::B);
        let p = 1.0;
        let reasons = [
            Reason::Randomised,
            Reason::SampleRatioHeld { p },
            Reason::Apart { things: 1 },
            Reason::LookedTooOften,
        ];
        assert_eq!(judged.reasons, reasons);
        let json = serde_json::to_value(&judged).unwrap();
        assert_eq!(json["reasons"][2]["code"], "apart");
        assert_eq!(serde_json::from_value::<Judgement>(json).unwrap(), judged);
    }

    #[test]
    fn comparisons_need_parallel_trends() {
        let effect = |before: [f64; 2]| {
            let group = |treated, a: f64, b: f64, c| Group::new(treated, vec![a, b, c]);
            let groups = vec![
                group(false, 1.0, 1.1, 1.0),
                group(false, 2.0, 1.9, 2.1),
                group(false, 3.0, 3.05, 3.0),
                group(true, before[0], before[1], 4.0),
            ];
            Panel::new(groups, 2).unwrap().effect(Level::USUAL).unwrap()
        };
        let judge = |effect: &PanelEffect, regresses_to_the_mean| {
            Judgement::of(Study::Compared {
                effect,
                regresses_to_the_mean,
            })
        };
        let (parallel, apart) = (effect([2.0, 2.05]), effect([1.0, 2.0]));
        assert_eq!(judge(&parallel, false).grade, Grade::B);
        assert_eq!(judge(&apart, false).grade, Grade::C);
        assert_eq!(judge(&parallel, true).grade, Grade::C);
        let alone = |regresses_to_the_mean| {
            Judgement::of(Study::Uncompared {
                regresses_to_the_mean,
            })
        };
        assert_eq!(
            (alone(false).grade, alone(true).grade),
            (Grade::C, Grade::D)
        );
        assert_eq!(Judgement::of(Study::Stated).grade, Grade::D);
    }
}
