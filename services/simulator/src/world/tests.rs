use keepworth_sim::scenario::{Hazard, Quantity};
use keepworth_sim::{Control, RunOptions};

use super::*;
use crate::simulation::{SimulationError, simulate};

const SCENARIO: &str = r#"
    name = "Fewer leave"
    horizon_months = 24
    discount_rate = 0.1
    [[initiatives]]
    name = "Onboarding"
    reach = { home = 1.0 }
    [[initiatives.effects]]
    on = "hazard"
    size = { pert = [0.02, 0.06, 0.12] }
"#;

fn baseline() -> Baseline {
    crate::build::sample()
}

fn sealed(change: impl FnOnce(&mut Baseline)) -> Baseline {
    let mut baseline = baseline();
    change(&mut baseline);
    baseline.sealed().unwrap()
}

fn scenario(more: &str) -> Scenario {
    Scenario::from_toml(&format!("{SCENARIO}\n{more}")).unwrap()
}

#[test]
fn a_result_names_the_baseline_that_people_know() {
    let baseline = baseline();
    let options = RunOptions {
        trials: 200,
        ..RunOptions::default()
    };
    let result = simulate(&scenario(""), &baseline, &options, &Control::default()).unwrap();
    assert_eq!(result.baseline_hash, Some(baseline.hash));
    assert!(
        result
            .outcomes
            .values()
            .all(|it| it.mean.is_none_or(f64::is_finite))
    );
}

#[test]
fn a_changed_baseline_is_refused() {
    let mut changed = baseline();
    changed.segments[0].customers_by_tenure[0] += 1;
    assert!(matches!(
        world(&changed, &scenario("")),
        Err(WorldError::Hash { .. })
    ));
    let newer = sealed(|it| it.version += 1);
    assert_eq!(
        world(&newer, &scenario("")),
        Err(WorldError::Version {
            found: BASELINE_VERSION + 1
        })
    );
}

#[test]
fn the_company_stands_in_and_a_flag_says_so() {
    let world = world(&baseline(), &scenario("")).unwrap();
    let business = &world.segments[0];
    assert_eq!(business.name, "business");
    assert!(
        business
            .quality_flags
            .contains(&"overhead: taken from the company".to_owned())
    );
    let Quantity::Shared(overhead) = &business.overhead else {
        panic!("{:?}", business.overhead)
    };
    assert_eq!(overhead.input, "records.(company).overhead");
    assert!(world.inputs.contains_key(&overhead.input));
    let Hazard::Bands {
        bands,
        log_covariance,
    } = &business.hazard
    else {
        panic!("bands")
    };
    assert_eq!((bands.len(), bands[0].from, bands[0].to), (1, 0, None));
    assert!(log_covariance.as_ref().unwrap()[0][0] > 0.0);
}

#[test]
fn what_nobody_knows_must_be_given() {
    let without = sealed(|baseline| {
        for it in baseline.segments.iter_mut().chain([&mut baseline.company]) {
            it.figures.get_mut("gross_margin").unwrap().value = None;
        }
    });
    let error = world(&without, &scenario("")).unwrap_err().to_string();
    assert!(
        error.contains("business") && error.contains("COST_OF_REVENUE"),
        "{error}"
    );
    let margins = "[[segments]]\nname = \"business\"\ngross_margin = 0.5\n\
                   [[segments]]\nname = \"home\"\ngross_margin = 0.4\n";
    assert!(world(&without, &scenario(margins)).is_ok());
}

#[test]
fn a_scenario_that_does_not_fit_names_the_place() {
    let typo = Scenario::from_toml(&SCENARIO.replace("home = 1.0", "hom = 1.0")).unwrap();
    let error = simulate(
        &typo,
        &baseline(),
        &RunOptions::default(),
        &Control::default(),
    );
    assert!(matches!(&error, Err(SimulationError::Scenario(_))));
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("hom") && text.contains("business, home"),
        "{text}"
    );
}
