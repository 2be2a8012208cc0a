use keepworth_contract::Word;
use keepworth_contract::simulator::ShockSize;
use keepworth_sim::Scenario;

use super::super::{Files, NoLinks, refer};
use super::*;

fn found() -> FoundBacktest {
    let error = |on, common, own| Found {
        on,
        common: ShockSize {
            sd: common,
            freedom: 1.0,
        },
        own: ShockSize {
            sd: own,
            freedom: 3.0,
        },
        n: 4,
    };
    FoundBacktest {
        id: "7".to_owned(),
        as_of: "2024-12-31".parse().unwrap(),
        until: "2025-12-31".parse().unwrap(),
        hash: "0123456789abcdef".to_owned(),
        widening: vec![
            error(ShockOn::Leaving, 0.1, 0.05),
            error(ShockOn::Won, 0.0, 0.0),
            error(ShockOn::Contacts, 0.2, 0.0),
            error(ShockOn::ServiceCost, 0.0, 0.3),
            error(ShockOn::Cost, 0.4, 0.4),
        ],
    }
}

fn scenario(model_error: &str) -> Scenario {
    let text = format!(
        "name = \"As things are\"\nhorizon_months = 24\ndiscount_rate = 0.1\n{model_error}\n"
    );
    Scenario::from_toml(&text).unwrap()
}

fn told(
    model_error: &str,
    backtest: Option<FoundBacktest>,
) -> Result<Referred, ReferError<NoLinks>> {
    let mut files = Files {
        backtest,
        ..Files::default()
    };
    refer(&scenario(model_error), &mut files)
}

#[test]
fn the_factors_of_a_backtest_stand_in_place_of_it() {
    let by_hand = "model_error = { leaving = { common = 0.1, own = 0.05 }, service_cost = { own = 0.3 }, \
        note = \"backtest 7 (0123456789ab) from 2024-12-31 to 2025-12-31, which saw a factor common to all segments \
        once\" }";
    for which in ["backtest", "backtest/7"] {
        let referred = told(&format!("model_error = \"{which}\""), Some(found())).unwrap();
        assert_eq!(referred.scenario.model_error, scenario(by_hand).model_error);
        let [reference] = &referred.references[..] else {
            panic!("{referred:?}");
        };
        assert_eq!(
            (&*reference.path, reference.kind, reference.grade),
            ("model_error", ReferenceKind::Backtest, None)
        );
        assert_eq!(
            (&*reference.key, &*reference.hash),
            ("7", "0123456789abcdef")
        );
        assert!(referred.flags.is_empty());
        // The same figures to the bit, whoever put them there.
        let baseline = crate::sample();
        let [a, b] =
            [&referred.scenario, &scenario(by_hand)].map(|it| crate::prepare(it, &baseline));
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(a.input_hash(), b.input_hash());
        let is_named = |name: &str| a.inputs().iter().any(|it| it.name == name);
        assert!(
            is_named("model error of leaving") && is_named("model error of service cost in home")
        );
    }
}

#[test]
fn contacts_stand_in_for_a_cost_of_theirs_that_was_not_scored() {
    let mut only = found();
    only.widening.retain(|it| it.on != ShockOn::ServiceCost);
    let size = only.unforeseen().service_cost.unwrap();
    assert_eq!((size.common, size.own), (0.2, 0.0));
}

#[test]
fn a_run_that_leaves_a_known_error_out_says_so() {
    let referred = told("", Some(found())).unwrap();
    assert_eq!(referred.scenario, scenario(""));
    let [flag] = &referred.flags[..] else {
        panic!("{referred:?}");
    };
    assert_eq!(
        FlagCode::find(&flag.code),
        Some(FlagCode::ModelErrorLeftOut)
    );
    assert!(flag.detail.contains("backtest 7"), "{flag:?}");
    let right = FoundBacktest {
        widening: Vec::new(),
        ..found()
    };
    for (model_error, known) in [
        ("", None),
        ("", Some(right)),
        ("model_error = { won = { common = 0.1 } }", Some(found())),
    ] {
        assert!(told(model_error, known).unwrap().flags.is_empty());
    }
}

#[test]
fn what_cannot_be_followed_is_refused_with_its_line_and_the_fix() {
    let none = told("model_error = \"backtest\"", None).unwrap_err();
    for part in [
        "line 4: model_error",
        "keepworth baseline backtest",
        "13 months",
    ] {
        assert!(none.to_string().contains(part), "{none}");
    }
    let other = told("model_error = \"backtest/8\"", Some(found())).unwrap_err();
    for part in ["line 4: model_error", "\"8\"", "GET /v1/backtests"] {
        assert!(other.to_string().contains(part), "{other}");
    }
}

#[test]
fn a_baseline_knows_backtests_that_ended_before_it_and_not_long_ago() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let known = backtests_known_to(day("2025-12-31"));
    for (until, is_known) in [
        ("2026-01-31", false),
        ("2025-12-31", true),
        ("2024-12-31", true),
        ("2024-11-30", true),
        ("2024-10-31", false),
    ] {
        assert_eq!(known.contains(&day(until)), is_known, "{until}");
    }
}
