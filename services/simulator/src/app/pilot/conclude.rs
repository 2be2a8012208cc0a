//! What a pilot found becomes evidence, with the grade that its lots and its reading earn.

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::{
    ArmSizes, EffectReading, Evidence, EvidenceInput, EvidenceSize, EvidenceStudy, LeverEffect,
    PilotChecks, PilotConclusionInput, PilotDesign, PilotOutcome, PilotReading, TrendChecks,
};
use keepworth_intake::Failure;
use keepworth_store::Conn;

use super::{find, is_named_late, reading};
use crate::app::evidence;
use crate::rule::pilot::{Design, lever_effect};
use crate::store::pilot::{self, PilotRow};

/// Makes evidence of the last look at a pilot, under the pilot's key, in the caller's transaction.
pub fn conclude(
    conn: &mut Conn,
    key: &str,
    conclusion: PilotConclusionInput,
) -> Result<Evidence, Failure> {
    let (row, design) = find(conn, key)?;
    let unread = |detail: String| Failure::conflict(ProblemCode::PilotUnreadable, detail);
    let last = pilot::last_reading(conn, row.id)?.ok_or_else(|| {
        unread(format!(
            "nobody has read the pilot `{key}`: POST /v1/pilots/{key}/readings does"
        ))
    })?;
    let last = reading::told(&last)?;
    if last.always_valid.is_none() {
        return Err(unread(format!(
            "too little was in on {} for an interval that holds; read `{key}` again later",
            last.as_of
        )));
    }
    let effect = lever_effect(design.outcome, last.relative_fall).ok_or_else(|| {
        unread(format!(
            "`{key}` measures a score, which pays nothing by itself and is no lever of scenarios; measure what is to \
             follow from it, such as LEAVING, in a pilot of its own"
        ))
    })?;
    let new = EvidenceInput {
        owner: conclusion.owner,
        review_on: conclusion.review_on,
        note: conclusion.note,
        ..evidence_of(&row, &design, &last, effect)
    };
    evidence::create_of(conn, &new, Some(row.id))
}

/// The evidence of a look; nobody answers for it yet.
fn evidence_of(
    row: &PilotRow,
    design: &Design,
    look: &PilotReading,
    effect: LeverEffect,
) -> EvidenceInput {
    EvidenceInput {
        key: row.key.clone(),
        title: design.title.clone(),
        lever: effect.lever,
        study: study_of(row, design, look),
        size: EvidenceSize::MeanSd {
            mean: effect.mean,
            sd: effect.sd,
        },
        n: Some(look.control.observed + look.treated.observed),
        method: Some(format!(
            "{}, read by a confidence sequence; its error is that of one look",
            method(design)
        )),
        source: Some(format!("pilot {}, reading {}", row.key, look.id)),
        source_on: Some(look.as_of),
        owner: String::new(),
        review_on: look.as_of,
        note: None,
    }
}

/// How an effect came to be known, from which its grade follows.
pub(super) fn study_of(row: &PilotRow, design: &Design, look: &PilotReading) -> EvidenceStudy {
    let named_late = is_named_late(row, design);
    if !design.is_by_lot() {
        return EvidenceStudy::DifferenceInDifferences(TrendChecks {
            pre_trend_p: look.pre_trend.and_then(|it| it.p),
            picked_for_bad_scores: design.picked_for_bad_scores,
            named_late,
        });
    }
    let apart = look.balances.iter().filter(|it| it.apart).count();
    EvidenceStudy::Pilot(PilotChecks {
        arms: Some(ArmSizes {
            control: look.control.named,
            treated: look.treated.named,
            planned_treated_share: design.planned_treated_share,
        }),
        reading: EffectReading::AlwaysValid,
        named_late,
        things_apart: apart as u32,
    })
}

fn method(design: &Design) -> String {
    let what = match design.outcome {
        PilotOutcome::Leaving => return "log rate ratio of leaving".to_owned(),
        PilotOutcome::Contacts => "contacts per customer-month",
        PilotOutcome::Minutes => "minutes per contact",
        PilotOutcome::Revenue => "revenue per customer-month",
        PilotOutcome::Score => "mean scores",
    };
    match design.design {
        PilotDesign::Randomised => format!("ratio of {what}"),
        PilotDesign::Compared => format!(
            "difference of customers' own changes of {what} from {} months before",
            design.months_before
        ),
        PilotDesign::Staggered => format!(
            "mean over months of treatment of customers' own changes of {what} from {} months before, beside who was \
             not yet treated",
            design.months_before
        ),
    }
}
