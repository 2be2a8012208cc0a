//! Leaving by a curve in place of bands, and beyond what was observed.

use keepworth_contract::simulator::baseline::SegmentBaseline;
use keepworth_contract::simulator::curve::{HazardChoice, HazardModel};
use keepworth_contract::simulator::fit::HazardFit;
use keepworth_contract::{Flag, FlagCode};
use keepworth_sim::scenario::{Hazard, Quantity};

/// Months of tenure for which a Weibull's hazards are told one by one; later ones are as the last.
const TOLD: u32 = 600;
/// Less of the horizon's customer-months than this beyond what was observed is not told.
const WORTH_TELLING: f64 = 0.01;

/// The curve that was chosen; none where bands are.
pub(super) fn chosen(own: &SegmentBaseline) -> Option<Hazard> {
    let choice = own.hazard_choice.as_ref()?;
    let fit = fit(choice)?;
    let covariance = fit.covariance.as_ref()?;
    let median = |index: usize| Quantity::from(covariance.mean[index].exp());
    let log_covariance = Some(covariance.matrix.clone());
    match choice.model {
        HazardModel::Bands => None,
        HazardModel::Sbg => Some(Hazard::Sbg {
            alpha: median(0),
            beta: median(1),
            log_covariance,
        }),
        HazardModel::Bdw => Some(Hazard::Bdw {
            alpha: median(0),
            beta: median(1),
            shape: median(2),
            log_covariance,
        }),
        HazardModel::Weibull => {
            let [rate, shape] = [0, 1].map(|index| covariance.mean[index].exp());
            let power = |month: u32| f64::from(month).powf(shape);
            let hazard = |month| rate * (power(month + 1) - power(month));
            Some(Hazard::Table {
                hazards: (0..TOLD).map(hazard).collect(),
                log_sd: fit.data.get("log_sd").copied().unwrap_or_default(),
            })
        }
    }
}

fn fit(choice: &HazardChoice) -> Option<&HazardFit> {
    let mut candidates = choice.candidates.iter();
    let chosen = candidates.find(|it| it.model == choice.model)?;
    chosen.fit.as_ref()
}

/// How much of the horizon is lived at tenures that nobody was observed at: of those who are there now, were all to
/// stay. Bands may be simulated in place of a curve that was chosen.
pub(super) fn extrapolated(own: &SegmentBaseline, horizon: u32, by_bands: bool) -> Option<Flag> {
    let choice = own.hazard_choice.as_ref()?;
    let longest = choice.longest_tenure_months;
    let (mut beyond, mut all) = (0.0, 0.0);
    for (tenure, customers) in (0..).zip(&own.customers_by_tenure) {
        let customers = *customers as f64;
        let within = (longest + 1).saturating_sub(tenure).min(horizon);
        beyond += customers * f64::from(horizon - within);
        all += customers * f64::from(horizon);
    }
    let share = beyond / all;
    let how = match choice.model {
        model if by_bands || model == HazardModel::Bands => {
            "taken to leave as the longest observed do".to_owned()
        }
        model => format!("taken to leave as {model} goes on"),
    };
    let detail = format!(
        "{:.0}% of the horizon's customer-months lie beyond {longest} months, the longest tenure that was observed; there \
         customers are {how}",
        100.0 * share
    );
    (share >= WORTH_TELLING).then(|| Flag::new(FlagCode::TenureExtrapolated, detail))
}
