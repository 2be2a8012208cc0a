use keepworth_contract::finance::Grade;
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Lever, Quantity};

use super::*;

fn found() -> FoundEvidence {
    FoundEvidence {
        key: "call-backs".to_owned(),
        version: 2,
        hash: "0123456789abcdef".to_owned(),
        title: "Pilot of call-backs in spring".to_owned(),
        lever: Lever::Hazard,
        size: Distribution::Normal {
            mean: 0.08,
            sd: 0.02,
        },
        grade: Grade::A,
        overdue_since: None,
        withdrawn: None,
    }
}

/// A scenario whose one effect has these lines.
fn scenario(effect: &str) -> Scenario {
    let text = format!(
        "name = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"Call back\"\nreach = {{ home = 1.0 }}\n\
         [[initiatives.effects]]\n{effect}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1000\n"
    );
    Scenario::from_toml(&text).unwrap()
}

fn told(effect: &str, found: FoundEvidence) -> Result<Referred, ReferError<NoLinks>> {
    let evidence = vec![found];
    let mut files = Files {
        evidence,
        ..Files::default()
    };
    refer(&scenario(effect), &mut files)
}

/// What is said of a reference that is refused, with where.
fn refused(effect: &str, found: FoundEvidence) -> String {
    told(effect, found).unwrap_err().to_string()
}

#[test]
fn evidence_stands_in_place_of_the_reference() {
    let by_hand = scenario(
        "on = \"hazard\"\nsize = { normal = { mean = 0.08, sd = 0.02 } }\ngrade = \"A\"\n\
         note = \"evidence call-backs@2 (0123456789ab): Pilot of call-backs in spring\"",
    );
    for key in ["call-backs", "call-backs@2"] {
        let effect = format!("on = \"hazard\"\nevidence = \"{key}\"");
        let referred = told(&effect, found()).unwrap();
        let (ours, theirs) = (&referred.scenario.initiatives, &by_hand.initiatives);
        assert_eq!(ours, theirs);
        let [reference] = &referred.references[..] else {
            panic!("{referred:?}");
        };
        assert_eq!(reference.path, "initiatives[0].effects[0]");
        assert_eq!((&*reference.key, reference.version), ("call-backs", 2));
        assert_eq!(reference.hash, found().hash);
        // The same figures to the bit, whoever put them there.
        let baseline = crate::sample();
        let [a, b] = [&referred.scenario, &by_hand].map(|it| crate::prepare(it, &baseline));
        assert_eq!(a.unwrap().input_hash(), b.unwrap().input_hash());
    }
}

#[test]
fn a_scenario_without_references_stays_as_it_is() {
    let own = scenario("on = \"hazard\"\nsize = 0.05");
    let referred = refer(&own, &mut Files::default()).unwrap();
    assert_eq!(referred.scenario, own);
    assert!(referred.references.is_empty());
}

#[test]
fn what_cannot_be_followed_is_refused_with_its_line_and_the_fix() {
    let unknown = refused("on = \"hazard\"\nevidence = \"call-back\"", found());
    for part in [
        "line 9: initiatives[0].effects[0].evidence",
        "\"call-back\"",
        "keepworth evidence list",
    ] {
        assert!(unknown.contains(part), "{unknown}");
    }
    let old = refused("on = \"hazard\"\nevidence = \"call-backs@1\"", found());
    assert!(old.contains("call-backs@1"), "{old}");
    let wrong = refused("on = \"contacts\"\nevidence = \"call-backs\"", found());
    assert!(
        wrong.contains("speaks of hazard, the effect is on contacts"),
        "{wrong}"
    );
    let withdrawn = FoundEvidence {
        withdrawn: Some("the arms were mixed up".to_owned()),
        ..found()
    };
    let gone = refused("on = \"hazard\"\nevidence = \"call-backs\"", withdrawn);
    assert!(
        gone.contains("was withdrawn: the arms were mixed up"),
        "{gone}"
    );
}

#[test]
fn two_readings_are_both_named() {
    for (own, named) in [
        ("size = 0.05", "size = 0.05 beside"),
        ("grade = \"B\"", "grade = \"B\" beside"),
        (
            "size = 0.05\ngrade = \"B\"",
            "size = 0.05 and grade = \"B\" beside",
        ),
    ] {
        let effect = format!("on = \"hazard\"\nevidence = \"call-backs\"\n{own}");
        let both = refused(&effect, found());
        assert!(
            both.contains(named) && both.contains("0.08") && both.contains("grade A"),
            "{both}"
        );
    }
}

#[test]
fn what_was_overdue_says_so() {
    let day = "2025-06-30".parse().unwrap();
    let overdue = FoundEvidence {
        overdue_since: Some(day),
        ..found()
    };
    let referred = told("on = \"hazard\"\nevidence = \"call-backs\"", overdue).unwrap();
    let effect = &referred.scenario.initiatives[0].effects[0];
    assert!(
        effect.note.contains("was to be reviewed by 2025-06-30"),
        "{}",
        effect.note
    );
    assert_eq!(referred.references[0].overdue_since, Some(day));
    assert!(matches!(effect.size, Some(Quantity::Own(_))));
}

#[test]
fn the_engine_says_how_a_reference_is_resolved() {
    let unresolved = scenario("on = \"hazard\"\nevidence = \"call-backs\"");
    let error = crate::prepare(&unresolved, &crate::sample()).unwrap_err();
    let error = error.to_string();
    for part in ["initiatives[0].effects[0].evidence", "--evidence FILE"] {
        assert!(error.contains(part), "{error}");
    }
    let nothing = scenario("on = \"hazard\"");
    let error = crate::prepare(&nothing, &crate::sample()).unwrap_err();
    assert!(error.to_string().contains("has no size"), "{error}");
}

#[test]
fn a_file_of_evidence_says_that_it_has_no_links() {
    let through = "on = \"hazard\"\nthrough = \"link/019a0000-0000-7000-8000-000000000000\"\n\
        change = { contacts = \"-20% to -10%\" }";
    let said = refused(through, found());
    assert!(said.contains("POST /simulator/v1/runs"), "{said}");
}
