use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::curve::HazardModel;
use keepworth_contract::simulator::fit::{FitCovariance, FitScale};
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Hazard, Quantity};
use keepworth_sim::{Control, RunOptions};

use super::*;
use crate::{SimulationError, simulate};

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
    crate::sample()
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

/// What the release before wrote: flags are texts, and the hash is of them.
#[test]
fn a_baseline_of_the_version_before_gives_the_same_figures() {
    let older: Baseline = serde_json::from_str(include_str!("version_2.json")).unwrap();
    assert_eq!(older.version, OLDEST_BASELINE_VERSION);
    let options = RunOptions {
        trials: 200,
        ..RunOptions::default()
    };
    let [of_older, of_newer] = [&older, &baseline()].map(|baseline| {
        let result = simulate(&scenario(""), baseline, &options, &Control::default());
        result.unwrap()
    });
    assert_eq!(of_older.outcomes, of_newer.outcomes);
    // How long anybody was observed is not in documents of before.
    let flags = of_newer.flags.iter();
    let known = flags.filter(|it| it.code != "tenure_extrapolated").count();
    assert_eq!(of_older.flags.len(), known);
    let mut changed = older;
    changed.quality_flags.clear();
    let refused = world(&changed, &scenario(""));
    assert!(matches!(refused, Err(WorldError::Hash { .. })));
}

#[test]
fn the_company_stands_in_and_a_flag_says_so() {
    let world = world(&baseline(), &scenario("")).unwrap();
    let business = &world.segments[0];
    assert_eq!(business.name, "business");
    assert!(
        business
            .quality_flags
            .iter()
            .any(|it| it.detail == "overhead: taken from the company")
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
    use crate::figure::{Basis, figure};
    let cost = |value| figure(FigureName::Overhead, "EUR", Some(value), 1);
    let world = |interval| {
        let baseline = sealed(|it| {
            let company = cost(3.0).within(interval);
            it.company.figures.insert(FigureName::Overhead, company);
            let own = &mut it.segments[0].figures;
            own.insert(FigureName::Overhead, cost(2.0));
        });
        super::world(&baseline, &scenario("")).unwrap()
    };
    let known = world(crate::interval::log_student(3.0, 0.05, 11.0, "of_log"));
    let flags = &known.segments[0].quality_flags;
    let is_said = |flag: &keepworth_sim::Flag| flag.code == "one_observation";
    assert!(flags.iter().any(is_said), "{flags:?}");
    let drawn = &known.inputs["records.business.overhead"].distribution;
    // Twelve months: each is off by √12 times what their mean is. t of 11 at 97.5%: 2.200985.
    let end = 2.0 * (2.200_985 * 0.05 * 12.0_f64.sqrt()).exp();
    assert!((drawn.quantile(0.975) - end).abs() < 1e-5, "{drawn:?}");
    let unknown = world(None);
    assert!(matches!(unknown.segments[0].overhead, Quantity::Own(_)));
    let flags = &unknown.segments[0].quality_flags;
    let is_said = |flag: &keepworth_sim::Flag| flag.code == "taken_as_certain";
    assert!(flags.iter().any(is_said), "{flags:?}");
}

#[test]
fn the_ceiling_is_uncertain_and_about_known_causes() {
    let baseline = sealed(|baseline| {
        let figures = &mut baseline.segments[1].figures;
        let figure = figures.get_mut(&FigureName::ExperienceShare).unwrap();
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
            it.figures.get_mut(&FigureName::GrossMargin).unwrap().value = None;
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

/// The segment of the sample with a curve of given logarithms of its parameters.
fn with_curve(model: HazardModel, log_mean: &[f64]) -> Baseline {
    sealed(|it| {
        let mut fit = it.segments[0]
            .hazard_fit
            .clone()
            .unwrap_or_else(|| it.company.hazard_fit.clone().unwrap());
        let size = log_mean.len();
        let entry = |row: usize, column: usize| if row == column { 0.01 } else { 0.0 };
        fit.covariance = Some(FitCovariance {
            scale: FitScale::Log,
            names: vec![String::new(); size],
            mean: log_mean.to_vec(),
            matrix: (0..size)
                .map(|row| (0..size).map(|column| entry(row, column)).collect())
                .collect(),
        });
        fit.data.insert("log_sd".to_owned(), 0.1);
        let choice = it.segments[0].hazard_choice.as_mut().unwrap();
        choice.model = model;
        let mut candidates = choice.candidates.iter_mut();
        candidates.find(|it| it.model == model).unwrap().fit = Some(fit);
    })
}

#[test]
fn a_curve_that_was_chosen_is_what_the_engine_draws() {
    let of = |model, log_mean: &[f64]| {
        let baseline = with_curve(model, log_mean);
        world(&baseline, &scenario("")).unwrap().segments.remove(0)
    };
    let near = |found: &Quantity, expected: f64| match found {
        Quantity::Own(Distribution::Fixed(found)) => assert!((found - expected).abs() < 1e-12),
        other => panic!("{other:?}"),
    };
    let logs = [0.8_f64.ln(), 9.0_f64.ln(), 1.2_f64.ln()];
    match of(HazardModel::Sbg, &logs[..2]).hazard {
        Hazard::Sbg {
            alpha,
            beta,
            log_covariance,
        } => {
            near(&alpha, 0.8);
            near(&beta, 9.0);
            assert_eq!(log_covariance, Some(vec![vec![0.01, 0.0], vec![0.0, 0.01]]));
        }
        other => panic!("{other:?}"),
    }
    let bdw = of(HazardModel::Bdw, &logs).hazard;
    assert!(matches!(&bdw, Hazard::Bdw { .. }), "{bdw:?}");
    match of(HazardModel::Weibull, &[0.02_f64.ln(), 1.3_f64.ln()]).hazard {
        Hazard::Table { hazards, log_sd } => {
            let up_to_ten: f64 = hazards[..10].iter().sum();
            assert!((up_to_ten - 0.02 * 10_f64.powf(1.3)).abs() < 1e-12 && log_sd == 0.1);
        }
        other => panic!("{other:?}"),
    }
}

/// Of 24 months, those beyond the twelve that were observed; the sample's customers are known by their tenure.
#[test]
fn what_lies_beyond_what_was_observed_is_told() {
    let segment = world(&baseline(), &scenario(""))
        .unwrap()
        .segments
        .remove(0);
    let own = &baseline().segments[0];
    let longest = own.hazard_choice.as_ref().unwrap().longest_tenure_months as usize;
    let (mut beyond, mut all) = (0, 0);
    for (tenure, customers) in own.customers_by_tenure.iter().enumerate() {
        for month in 0..24 {
            all += customers;
            beyond += if tenure + month > longest {
                *customers
            } else {
                0
            };
        }
    }
    let told = format!(
        "{:.0}% of the horizon's",
        100.0 * beyond as f64 / all as f64
    );
    let flags = segment.quality_flags.iter();
    let flag = flags
        .clone()
        .find(|it| it.code == "tenure_extrapolated")
        .unwrap();
    assert!(flag.detail.starts_with(&told), "{told}: {}", flag.detail);
}

/// Whoever watches a run with a ledger sees it go from nothing to all once.
#[test]
fn a_run_with_a_ledger_is_watched_as_one() {
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |done, trials| seen.lock().unwrap().push((done, trials));
    let control = Control {
        progress: Some(&progress),
        cancel: None,
    };
    let options = RunOptions {
        trials: 4_096,
        threads: Some(1),
        ..RunOptions::default()
    };
    let result =
        crate::simulate_with_ledger(&scenario(""), &crate::sample(), &options, &control).unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.is_sorted() && seen.len() == 8, "{seen:?}");
    assert_eq!((seen[0], seen[7]), ((512, 4_096), (4_096, 4_096)));
    let plain = simulate(
        &scenario(""),
        &crate::sample(),
        &options,
        &Control::default(),
    )
    .unwrap();
    assert_eq!(result.outcomes, plain.outcomes);
}

/// JSON makes null of what is no number: the document could never be read again.
#[test]
fn a_figure_that_is_no_number_is_never_sealed() {
    for (field, which) in [("value", 0), ("low", 1)] {
        let mut baseline = crate::sample();
        let figure = baseline.segments[0]
            .figures
            .get_mut(&FigureName::Revenue)
            .unwrap();
        match which {
            0 => figure.value = Some(f64::NAN),
            _ => figure.interval.as_mut().unwrap().low = f64::INFINITY,
        }
        assert!(baseline.sealed().is_err(), "{field}");
    }
}
