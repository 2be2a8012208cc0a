use std::convert::Infallible;

use keepworth_sim::Scenario;
use keepworth_sim::scenario::WhichBacktest;

use super::super::{FoundBacktest, FoundEvidence, FoundRate, Referred, refer};
use super::*;

struct One(FoundLink);

impl Library for One {
    type Error = Infallible;

    fn evidence(&mut self, _: &str) -> Result<Option<FoundEvidence>, Infallible> {
        Ok(None)
    }

    fn link(&mut self, id: &str) -> Result<Option<FoundLink>, Infallible> {
        Ok((id == self.0.id).then(|| self.0.clone()))
    }

    fn backtest(&mut self, _: &WhichBacktest) -> Result<Option<FoundBacktest>, Infallible> {
        Ok(None)
    }

    fn currency(&self) -> &'static str {
        "EUR"
    }

    fn exchange(&mut self, _: &str) -> Result<Option<FoundRate>, Infallible> {
        Ok(None)
    }
}

fn found() -> FoundLink {
    let segment = |name: &str, months, mean| LinkSegment {
        segment: name.to_owned(),
        customer_months: months,
        left: 10,
        mean,
        sd: 1.0,
    };
    FoundLink {
        id: "7".to_owned(),
        exposure: "repeat_contacts".to_owned(),
        usable: LinkUse::Draw {
            mean: 0.2,
            sd: 0.05,
        },
        reason: "one sd goes with a hazard 20% higher".to_owned(),
        grade: Grade::C,
        segments: vec![segment("home", 300, 1.0), segment("office", 100, 3.0)],
        hash: "sha256:0123".to_owned(),
        flags: Vec::new(),
    }
}

fn scenario(effect: &str) -> Scenario {
    let text = format!(
        "name = \"Call backs\"\nhorizon_months = 24\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"Call back\"\nreach = {{ home = 1.0 }}\n\
         [[initiatives.effects]]\n{effect}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1000\n"
    );
    Scenario::from_toml(&text).unwrap()
}

const THROUGH: &str = "on = \"hazard\"\nthrough = \"link/7\"\n";

fn told(effect: &str, link: FoundLink) -> Result<Referred, String> {
    refer(&scenario(effect), &mut One(link)).map_err(|error| error.to_string())
}

fn size(referred: &Referred) -> Distribution {
    match &referred.scenario.initiatives[0].effects[0].size {
        Some(Quantity::Own(size)) => size.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_change_goes_through_the_link() {
    let less = format!("{THROUGH}change = {{ repeat_contacts = \"-10% to -30%\" }}");
    let referred = told(&less, found()).unwrap();
    // A fifth less of one contact, each worth 22% of the hazard.
    let mean = size(&referred).mean();
    assert!((mean - (1.0 - (-0.04_f64).exp())).abs() < 0.001, "{mean}");
    let reference = &referred.references[0];
    assert_eq!(
        (reference.kind, reference.grade),
        (ReferenceKind::Link, Some(Grade::C))
    );
    assert_eq!((&*reference.key, &*reference.hash), ("7", "sha256:0123"));
    let model = crate::prepare(&referred.scenario, &crate::sample()).unwrap();
    let again = told(&less, found()).unwrap();
    let same = crate::prepare(&again.scenario, &crate::sample()).unwrap();
    assert_eq!(model.input_hash(), same.input_hash());
    // Both ways to write less are one.
    let turned = format!("{THROUGH}change = {{ repeat_contacts = \"-30% to -10%\" }}");
    assert_eq!(size(&told(&turned, found()).unwrap()), size(&referred));
    // By half a contact less, whoever is reached.
    let absolute = format!("{THROUGH}change_by = {{ repeat_contacts = -0.5 }}");
    let mean = size(&told(&absolute, found()).unwrap()).mean();
    assert!((mean - (1.0 - (-0.1_f64).exp())).abs() < 0.001, "{mean}");
}

#[test]
fn a_null_link_moves_nothing_and_says_so() {
    let effect = format!("{THROUGH}change = {{ repeat_contacts = \"-30%\" }}");
    let null = FoundLink {
        usable: LinkUse::Nothing,
        grade: Grade::D,
        reason: "the data do not tell it from none".to_owned(),
        ..found()
    };
    let referred = told(&effect, null).unwrap();
    assert_eq!(size(&referred), Distribution::Fixed(0.0));
    let flag = &referred.references[0].quality_flags[0];
    assert_eq!(flag.code, FlagCode::LinkMovesNothing);
    let note = &referred.scenario.initiatives[0].effects[0].note;
    assert!(note.contains("do not tell it from none"), "{note}");
    crate::prepare(&referred.scenario, &crate::sample()).unwrap();
}

#[test]
fn what_cannot_go_through_is_refused_with_place_and_way_out() {
    let less = "change = { repeat_contacts = \"-10% to -30%\" }";
    let refused = FoundLink {
        usable: LinkUse::Refused,
        reason: "csat separates those who left".to_owned(),
        ..found()
    };
    let error = told(&format!("{THROUGH}{less}"), refused).unwrap_err();
    for part in [
        "initiatives[0].effects[0].through",
        "was refused: csat separates",
        "estimate another",
    ] {
        assert!(error.contains(part), "{error}");
    }
    for (effect, part) in [
        (
            format!("on = \"hazard\"\nthrough = \"link/8\"\n{less}"),
            "keepworth link list",
        ),
        (
            format!("on = \"hazard\"\nthrough = \"8\"\n{less}"),
            "write \"link/ID\"",
        ),
        (
            format!("on = \"contacts\"\nthrough = \"link/7\"\n{less}"),
            "say on = \"hazard\"",
        ),
        (format!("{THROUGH}{less}\nsize = 0.1"), "remove one of them"),
        (
            format!("{THROUGH}{less}\nevidence = \"a\""),
            "remove one of them",
        ),
        (THROUGH.to_owned(), "gives 0 changes"),
        (
            format!("{THROUGH}change = {{ csat = \"5%\" }}"),
            "the link is of repeat_contacts",
        ),
    ] {
        let error = told(&effect, found()).unwrap_err();
        assert!(error.contains(part), "{effect}: {error}");
    }
    let elsewhere = FoundLink {
        segments: found().segments[1..].to_vec(),
        ..found()
    };
    let error = told(&format!("{THROUGH}{less}"), elsewhere).unwrap_err();
    assert!(error.contains("nothing of the segment `home`"), "{error}");
}

#[test]
fn the_engine_follows_no_link_and_takes_no_change_without_one() {
    let refused = |effect: &str| {
        let error = crate::prepare(&scenario(effect), &crate::sample()).unwrap_err();
        error.to_string()
    };
    let error = refused(&format!("{THROUGH}change = {{ repeat_contacts = -0.1 }}"));
    assert!(
        error.contains("initiatives[0].effects[0].through"),
        "{error}"
    );
    let error = refused("on = \"hazard\"\nsize = 0.1\nchange = { repeat_contacts = -0.1 }");
    assert!(error.contains("add through"), "{error}");
}

/// One coefficient moves both effects, and each is drawn by itself: whoever reads the run is told.
#[test]
fn two_effects_through_one_link_say_that_they_are_drawn_apart() {
    let change = "change = { repeat_contacts = -0.2 }";
    let one = format!("{THROUGH}{change}");
    let two = format!("{one}\n[[initiatives.effects]]\n{one}");
    let drawn_apart = |effect: &str| {
        let references = told(effect, found()).unwrap().references;
        let flags = references.iter().flat_map(|it| &it.quality_flags);
        flags
            .filter(|it| it.code == FlagCode::LinkDrawnApart)
            .count()
    };
    assert_eq!([one, two].map(|it| drawn_apart(&it)), [0, 2]);
}
