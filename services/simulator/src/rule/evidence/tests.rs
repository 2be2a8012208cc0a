use keepworth_contract::Word;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{Group, Judgement, Panel, Reason, Study};

use super::*;

fn of(study: EvidenceStudy) -> EvidenceInput {
    EvidenceInput {
        key: "a".to_owned(),
        title: "A".to_owned(),
        lever: keepworth_contract::simulator::EvidenceLever::Hazard,
        study,
        size: EvidenceSize::MeanSd {
            mean: 0.05,
            sd: 0.01,
        },
        n: None,
        method: None,
        source: Some("report 7".to_owned()),
        source_on: None,
        owner: "Ada".to_owned(),
        review_on: "2030-01-01".parse().unwrap(),
        note: None,
    }
}

fn codes(graded: &Graded) -> Vec<&'static str> {
    graded.reasons.iter().map(|it| it.code.name()).collect()
}

fn lots(control: u64, treated: u64, reading: EffectReading) -> EvidenceStudy {
    let arms = Some(ArmSizes {
        control,
        treated,
        planned_treated_share: 0.5,
    });
    EvidenceStudy::Pilot(PilotChecks {
        arms,
        reading,
        named_late: false,
        things_apart: 0,
    })
}

fn trends(pre_trend_p: Option<f64>, picked_for_bad_scores: bool) -> EvidenceStudy {
    EvidenceStudy::DifferenceInDifferences(TrendChecks {
        pre_trend_p,
        picked_for_bad_scores,
        named_late: false,
    })
}

#[test]
fn each_study_has_its_grade() {
    let sound = EffectReading::AlwaysValid;
    for (study, expected) in [
        (lots(5_000, 5_040, sound), Grade::A),
        (lots(44_700, 45_489, sound), Grade::B),
        (lots(821_588, 815_482, sound), Grade::C),
        (lots(5_000, 5_040, EffectReading::PlannedEnd), Grade::A),
        (lots(5_000, 5_040, EffectReading::ManyLooks), Grade::B),
        (trends(Some(0.4), false), Grade::B),
        (trends(Some(0.01), false), Grade::C),
        (trends(None, false), Grade::C),
        (trends(Some(0.4), true), Grade::C),
        (EvidenceStudy::Link, Grade::C),
        (EvidenceStudy::PublishedStudy, Grade::C),
        (EvidenceStudy::VendorStatement, Grade::D),
        (EvidenceStudy::ExpertStatement, Grade::D),
    ] {
        let graded = grade(&of(study.clone()));
        assert_eq!(graded.grade, expected, "{study:?}: {:?}", graded.reasons);
        assert!(!graded.reasons.is_empty());
    }
}

#[test]
fn without_a_source_or_an_error_it_is_a_statement() {
    let study = || lots(5_000, 5_040, EffectReading::AlwaysValid);
    let nowhere = grade(&EvidenceInput {
        source: None,
        ..of(study())
    });
    assert_eq!(nowhere.grade, Grade::D);
    assert_eq!(
        codes(&nowhere),
        ["randomised", "sample_ratio_held", "no_source"]
    );
    let bare = grade(&EvidenceInput {
        size: EvidenceSize::Number { value: 0.05 },
        ..of(study())
    });
    assert_eq!(bare.grade, Grade::D);
    assert_eq!(codes(&bare).last(), Some(&"no_error"));
}

/// What is typed and what is computed are judged alike.
#[test]
fn the_rule_is_that_of_pilots_that_are_computed() {
    for (sizes, things_apart, read_validly) in [
        ([5_000, 5_040], 0, true),
        ([44_700, 45_489], 0, true),
        ([821_588, 815_482], 0, false),
    ] {
        let ratio = SampleRatio::new(&sizes, &[0.5, 0.5]).unwrap();
        let judged = Judgement::of(Study::Randomised {
            sample_ratio: Some(&ratio),
            balances: &[],
            read_validly,
        });
        let reading = if read_validly {
            EffectReading::AlwaysValid
        } else {
            EffectReading::ManyLooks
        };
        let EvidenceStudy::Pilot(mut checks) = lots(sizes[0], sizes[1], reading) else {
            panic!()
        };
        checks.things_apart = things_apart;
        let graded = grade(&of(EvidenceStudy::Pilot(checks)));
        assert_eq!(
            format!("{:?}", graded.grade),
            format!("{:?}", judged.grade),
            "{sizes:?}"
        );
        assert_eq!(graded.reasons.len(), judged.reasons.len());
    }
    for last in [4.0, 9.0] {
        let group = |treated, means: [f64; 4]| Group::new(treated, means.to_vec());
        let groups = vec![
            group(false, [1.0, 1.1, 1.0, 1.2]),
            group(false, [2.0, 1.9, 2.1, 2.0]),
            group(false, [3.0, 3.05, 3.0, 3.1]),
            group(true, [4.0, 4.0, last, 5.0]),
        ];
        let effect = Panel::new(groups, 3).unwrap().effect(Level::USUAL).unwrap();
        let judged = Judgement::of(Study::Compared {
            effect: &effect,
            regresses_to_the_mean: false,
        });
        let graded = grade(&of(trends(effect.pre_trend.p, false)));
        assert_eq!(format!("{:?}", graded.grade), format!("{:?}", judged.grade));
        let held = matches!(judged.reasons[1], Reason::TrendsHeld { .. });
        assert_eq!(held, last == 4.0);
    }
}
