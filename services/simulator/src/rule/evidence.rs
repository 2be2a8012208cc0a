//! How far evidence may be believed: its grade, from what it is and where it comes from. Nobody types it.
//!
//! | grade | earned by |
//! |---|---|
//! | A | lots whose arms have the sizes planned and were alike, read validly |
//! | B | lots with a flaw (arms' sizes doubtful or untested, arms apart or named late, looked at too often); a comparison over time with sound trends before |
//! | C | a sample-ratio mismatch; a comparison with trends broken or untested, or of customers picked for bad scores; a link on own records; a study of another company |
//! | D | what a vendor or an expert says; whatever has no source, or no error |
//!
//! A published study is at most C, however good its lots: they were drawn among another company's customers, who
//! meet another product, other rivals and other habits of service. What was caused there is here, like a link, no more
//! than an association until a pilot of one's own has repeated it.
//!
//! Lots and trends are judged as in [`keepworth_retention::pilot::Judgement`], which grades what is computed here;
//! a test holds the two together.

mod faults;
#[cfg(test)]
mod tests;

use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{
    ArmSizes, EffectReading, EvidenceInput, EvidenceSize, EvidenceStudy, GradeReason,
    GradeReasonCode as Code, PilotChecks, TrendChecks,
};
use keepworth_retention::pilot::{SampleRatio, SampleRatioVerdict};

pub(crate) use faults::{faults, key};

/// Below this probability the sides went different ways before.
const BROKEN: f64 = 0.05;

/// How far something may be believed, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graded {
    pub(crate) grade: Grade,
    pub(crate) reasons: Vec<GradeReason>,
}

/// The grade that evidence earns.
pub(crate) fn grade(evidence: &EvidenceInput) -> Graded {
    let mut graded = grade_of(&evidence.study);
    if evidence.source.is_none() {
        let detail = "names no source in which it could be looked up: a statement";
        graded.lower(Grade::D, Code::NoSource, detail);
    }
    if matches!(evidence.size, EvidenceSize::Number { .. }) {
        let detail = "a number of which nobody says how uncertain it is";
        graded.lower(Grade::D, Code::NoError, detail);
    }
    graded
}

/// The grade that a study earns whose source and error are told.
pub(crate) fn grade_of(study: &EvidenceStudy) -> Graded {
    match study {
        EvidenceStudy::Pilot(checks) => pilot(checks),
        EvidenceStudy::DifferenceInDifferences(checks) => compared(checks),
        EvidenceStudy::Link => Graded::starting(
            Grade::C,
            Code::Association,
            "what goes together on the company's own records need not be a cause",
        ),
        EvidenceStudy::PublishedStudy => Graded::starting(
            Grade::C,
            Code::OtherCompany,
            "learnt from other companies, whose customers, product and rivals are others; a pilot of one's own \
             would say whether it holds here",
        ),
        EvidenceStudy::VendorStatement => {
            Graded::starting(Grade::D, Code::Stated, "said by who sells it")
        }
        EvidenceStudy::ExpertStatement => {
            Graded::starting(Grade::D, Code::Stated, "said by an expert, not measured")
        }
    }
}

fn pilot(checks: &PilotChecks) -> Graded {
    let detail = "lots decided who was treated";
    let mut graded = Graded::starting(Grade::A, Code::Randomised, detail);
    match checks.arms.as_ref().and_then(sample_ratio) {
        None => {
            let detail = "nobody tested whether the arms have the sizes planned";
            graded.lower(Grade::B, Code::SampleRatioUntested, detail);
        }
        Some(ratio) => graded.lower_by_sizes(&ratio),
    }
    if checks.named_late {
        let detail = "the arms were named after the start, when outcomes could be known";
        graded.lower(Grade::B, Code::NamedLate, detail);
    }
    if checks.things_apart > 0 {
        let detail = format!(
            "before the start the arms were apart in {} things, and not by chance",
            checks.things_apart
        );
        graded.lower(Grade::B, Code::ArmsApart, detail);
    }
    if checks.reading == EffectReading::ManyLooks {
        let detail = "looked at again and again by an interval that is made for one look";
        graded.lower(Grade::B, Code::LookedTooOften, detail);
    }
    graded
}

/// The test of the arms' sizes; none of arms that cannot be.
pub(crate) fn sample_ratio(arms: &ArmSizes) -> Option<SampleRatio> {
    let treated = arms.planned_treated_share;
    SampleRatio::new(&[arms.control, arms.treated], &[1.0 - treated, treated]).ok()
}

fn compared(checks: &TrendChecks) -> Graded {
    let detail = "others were compared over the same time";
    let mut graded = Graded::starting(Grade::B, Code::Compared, detail);
    match checks.pre_trend_p {
        Some(p) if p >= BROKEN => {
            let detail = format!("nothing speaks against parallel trends before (p = {p:.2})");
            graded.add(Code::TrendsHeld, detail);
        }
        Some(p) => {
            let detail = format!("the sides went different ways before (p = {p:.2})");
            graded.lower(Grade::C, Code::TrendsBroken, detail);
        }
        None => {
            let detail = "nobody could test whether the sides went the same way before";
            graded.lower(Grade::C, Code::TrendsUntestable, detail);
        }
    }
    if checks.named_late {
        let detail = "both sides were named after the start, when outcomes could be known";
        graded.lower(Grade::B, Code::NamedLate, detail);
    }
    if checks.picked_for_bad_scores {
        let detail = "the treated were picked for bad scores, which get better by themselves";
        graded.lower(Grade::C, Code::RegressesToTheMean, detail);
    }
    graded
}

impl Graded {
    fn starting(grade: Grade, code: Code, detail: &str) -> Self {
        let mut graded = Self {
            grade,
            reasons: Vec::new(),
        };
        graded.add(code, detail);
        graded
    }

    fn add(&mut self, code: Code, detail: impl Into<String>) {
        let detail = detail.into();
        self.reasons.push(GradeReason { code, detail });
    }

    /// Lowers to a grade, unless it is lower already.
    fn lower(&mut self, to: Grade, code: Code, detail: impl Into<String>) {
        self.add(code, detail);
        // The names' order is the grades'.
        if (to as u8) > (self.grade as u8) {
            self.grade = to;
        }
    }

    fn lower_by_sizes(&mut self, ratio: &SampleRatio) {
        let p = if ratio.p < 0.0001 {
            "p < 0.0001".to_owned()
        } else {
            format!("p = {:.4}", ratio.p)
        };
        match ratio.verdict {
            SampleRatioVerdict::Held => {
                let detail = format!("the arms have the sizes planned ({p})");
                self.add(Code::SampleRatioHeld, detail);
            }
            SampleRatioVerdict::Doubtful => {
                let detail = format!("the arms' sizes are strange for lots drawn as planned ({p})");
                self.lower(Grade::B, Code::SampleRatioDoubtful, detail);
            }
            SampleRatioVerdict::Mismatch => {
                let detail = format!(
                    "the arms' sizes are no lots drawn as planned ({p}): customers got lost or were sorted on the \
                     way, so that what is left is an association"
                );
                self.lower(Grade::C, Code::SampleRatioMismatch, detail);
            }
        }
    }
}
