use keepworth_sim::inputs::Distribution;
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
    crate::app::build::sample()
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
fn one_month_of_books_is_drawn_as_the_company_scatters() {
    use crate::rule::figure::{Basis, figure};
    let cost = |value| figure("overhead", "EUR", Some(value), 1);
    let world = |interval| {
        let baseline = sealed(|it| {
            let company = cost(3.0).within(interval);
            it.company.figures.insert("overhead".to_owned(), company);
            let own = &mut it.segments[0].figures;
            own.insert("overhead".to_owned(), cost(2.0));
        });
        super::world(&baseline, &scenario("")).unwrap()
    };
    let known = world(crate::rule::interval::log_student(
        3.0, 0.05, 11.0, "of_log",
    ));
    let flags = &known.segments[0].quality_flags;
    let is_said = |flag: &String| flag.starts_with("overhead: rests on one observation");
    assert!(flags.iter().any(is_said), "{flags:?}");
    let drawn = &known.inputs["records.business.overhead"].distribution;
    // Twelve months: each is off by √12 times what their mean is. t of 11 at 97.5%: 2.200985.
    let end = 2.0 * (2.200_985 * 0.05 * 12.0_f64.sqrt()).exp();
    assert!((drawn.quantile(0.975) - end).abs() < 1e-5, "{drawn:?}");
    let unknown = world(None);
    assert!(matches!(unknown.segments[0].overhead, Quantity::Own(_)));
    let flags = unknown.segments[0].quality_flags.join("; ");
    assert!(
        flags.contains("no error is known, taken as certain"),
        "{flags}"
    );
}

/// Customers of the home segment that are left after so many months, in each future.
fn survivors(baseline: &Baseline, months: u32) -> Vec<f64> {
    let text = format!(
        "name = \"Nothing\"\nhorizon_months = {months}\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"None\"\nreach = {{ home = 1.0 }}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1\n"
    );
    let scenario = Scenario::from_toml(&text).unwrap();
    let model = crate::simulation::prepare(&scenario, baseline).unwrap();
    let options = RunOptions {
        trials: 20_000,
        sampling: keepworth_sim::Sampling::Random,
        ..RunOptions::default()
    };
    let trials = keepworth_sim::explain::Trials::draw(&model, &options).unwrap();
    trials.outcome(keepworth_sim::Outcome::FinalCustomers)
}

#[test]
fn the_engine_draws_what_was_estimated() {
    use crate::rule::cohort::Cohorts;
    let cohorts = |cells: [(f64, u64); 4]| Cohorts {
        at_risk: [0, 3, 12, 24]
            .map(|month| (month, 0))
            .into_iter()
            .zip(cells)
            .collect(),
        ..Cohorts::default()
    };
    let segments = [
        cohorts([(900.0, 60), (1200.0, 45), (1500.0, 40), (2000.0, 30)]),
        cohorts([(60.0, 2), (90.0, 3), (200.0, 4), (150.0, 0)]),
        cohorts([(400.0, 14), (800.0, 16), (900.0, 15), (3000.0, 30)]),
    ];
    let mut all = Cohorts::default();
    segments.iter().for_each(|it| all.merge(it));
    let named: Vec<(&str, &Cohorts)> = segments.iter().map(|it| ("s", it)).collect();
    let found = crate::rule::hazard::hazards(&all, &named)
        .unwrap()
        .segments
        .remove(1);
    let customers = 1e9;
    let baseline = sealed(|baseline| {
        baseline.segments.retain(|it| it.name == "home");
        let home = &mut baseline.segments[0];
        home.customers_by_tenure = vec![customers as u64];
        home.figures.get_mut("won_per_month").unwrap().value = Some(0.0);
        home.hazard_bands = found.bands.clone();
        home.hazard_fit.clone_from(&found.fit);
    });
    // Months that lie in one band whole: of those before a new band half have its hazard.
    let [first, before, after] = [2, 3, 11].map(|month| survivors(&baseline, month));
    let drawn: Vec<[f64; 2]> = first
        .iter()
        .zip(before.iter().zip(&after))
        .map(|(first, (before, after))| {
            [(customers / first).ln() / 2.0, (before / after).ln() / 8.0]
        })
        .map(|hazards| hazards.map(f64::ln))
        .collect();
    let mean =
        |of: &dyn Fn(&[f64; 2]) -> f64| drawn.iter().map(of).sum::<f64>() / drawn.len() as f64;
    let means = [0, 1].map(|band| mean(&|it| it[band]));
    let product = |a: usize, b: usize| mean(&|it| (it[a] - means[a]) * (it[b] - means[b]));
    let sds = [0, 1].map(|band| product(band, band).sqrt());
    for (band, estimated) in found.bands.iter().take(2).enumerate() {
        let error = estimated.log_sd / (drawn.len() as f64).sqrt();
        assert!(
            (means[band] - estimated.log_mean).abs() < 4.0 * error,
            "{band}: {means:?}"
        );
        assert!(
            (sds[band] / estimated.log_sd - 1.0).abs() < 0.02,
            "{band}: {sds:?}"
        );
    }
    let fit = found.fit.unwrap();
    let covariance = fit["covariance"]["matrix"][0][1].as_f64().unwrap();
    let correlation = covariance / (found.bands[0].log_sd * found.bands[1].log_sd);
    assert!(
        correlation > 0.3,
        "bands borrow from each other: {correlation}"
    );
    let drawn = product(0, 1) / (sds[0] * sds[1]);
    assert!(
        (drawn - correlation).abs() < 0.03,
        "{drawn} for {correlation}"
    );
}

#[test]
fn the_ceiling_is_uncertain_and_about_known_causes() {
    let baseline = sealed(|baseline| {
        let figures = &mut baseline.segments[1].figures;
        let figure = figures.get_mut("experience_share").unwrap();
        (figure.value, figure.n) = (Some(0.25), 8);
    });
    let world = world(&baseline, &scenario("")).unwrap();
    let Some(Quantity::Shared(share)) = &world.segments[1].experience_share else {
        panic!("{:?}", world.segments[1].experience_share)
    };
    let jeffreys = Distribution::Beta {
        alpha: 2.5,
        beta: 6.5,
        low: 0.0,
        high: 1.0,
    };
    assert_eq!(world.inputs[&share.input].distribution, jeffreys);
    assert_eq!(
        world.segments[0].experience_share, None,
        "nobody left there"
    );
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
