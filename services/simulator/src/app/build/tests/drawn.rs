//! What the engine draws is what was estimated.

use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_sim::{RunOptions, Scenario};
use keepworth_verdict::prepare;

use super::sample;
use crate::rule::cohort::Cohorts;

fn sealed(change: impl FnOnce(&mut Baseline)) -> Baseline {
    let mut baseline = sample();
    change(&mut baseline);
    baseline.sealed().unwrap()
}

/// Customers of the home segment that are left after so many months, in each future.
fn survivors(baseline: &Baseline, months: u32) -> Vec<f64> {
    let text = format!(
        "name = \"Nothing\"\nhorizon_months = {months}\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"None\"\nreach = {{ home = 1.0 }}\n\
         [[initiatives.costs]]\ntype = \"people\"\namount = 1\n"
    );
    let scenario = Scenario::from_toml(&text).unwrap();
    let model = prepare(&scenario, baseline).unwrap();
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
        home.figures
            .get_mut(&FigureName::WonPerMonth)
            .unwrap()
            .value = Some(0.0);
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
    let covariance = fit.covariance.unwrap().matrix[0][1];
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
