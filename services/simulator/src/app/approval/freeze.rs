//! The forecast of a run, computed when the run is submitted and frozen when it is approved.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    ForecastFigure, ForecastName, ForecastPoint, ScenarioDocument, ScenarioForecast,
    ScenarioReference,
};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_intake::Failure;
use keepworth_sim::forecast::{Figure, Levels, with_programme};
use keepworth_verdict::backtest::company_scatter;

use crate::app::run::kept::KeptRun;
use crate::app::scenario::written::failure;

/// Forecasts what a run is of, with its own draws.
///
/// # Errors
/// A run that cannot be made again as it was kept.
pub(super) fn forecast(
    run: &KeptRun,
    document: &ScenarioDocument,
) -> Result<ScenarioForecast, Failure> {
    let (baseline, result) = (&run.baseline, &run.result);
    let scatter = company_scatter(baseline.month_scatter.as_ref());
    let found = with_programme(&run.model()?, &run.options, &scatter);
    let found = found.map_err(|error| failure(error.into()))?;
    let first = Month::of(baseline.as_of);
    let figure = |(name, figure): (ForecastName, Figure)| {
        let months = found.figure(figure).iter().zip(0..);
        ForecastFigure {
            figure: name,
            unit: unit(name, &baseline.currency).to_owned(),
            months: months
                .map(|(levels, place)| point(first.plus(place), levels))
                .collect(),
        }
    };
    Ok(ScenarioForecast {
        scenario: ScenarioReference {
            key: document.summary.key.clone(),
            version: document.summary.version,
        },
        scenario_hash: document.summary.hash.clone(),
        baseline_hash: baseline.hash.clone(),
        as_of: baseline.as_of,
        run_id: run.id.0,
        input_hash: result.input_hash.clone(),
        engine_version: result.engine_version.clone(),
        seed: result.seed,
        sampling: result.sampling,
        futures: found.futures,
        currency: baseline.currency.clone(),
        figures: FIGURES.into_iter().map(figure).collect(),
        quality_flags: flags(baseline),
        // Frozen it is with the approval.
        frozen_at: keepworth_store::now(),
    })
}

/// Every figure, as the contract and as the engine call it.
const FIGURES: [(ForecastName, Figure); 11] = [
    (ForecastName::Customers, Figure::Customers),
    (ForecastName::Won, Figure::Won),
    (ForecastName::Leavers, Figure::Leavers),
    (ForecastName::Contacts, Figure::Contacts),
    (ForecastName::Minutes, Figure::Minutes),
    (ForecastName::Revenue, Figure::Revenue),
    (ForecastName::ServiceCost, Figure::ServiceCost),
    (ForecastName::Cost, Figure::Cost),
    (ForecastName::ProgrammeCost, Figure::ProgrammeCost),
    (ForecastName::CumulativeFlow, Figure::CumulativeFlow),
    (
        ForecastName::CumulativeDiscountedFlow,
        Figure::CumulativeDiscountedFlow,
    ),
];

fn unit(name: ForecastName, currency: &str) -> &str {
    match name {
        ForecastName::Customers | ForecastName::Won | ForecastName::Leavers => "customers",
        ForecastName::Contacts => "contacts",
        ForecastName::Minutes => "minutes",
        _ => currency,
    }
}

fn point(month: Month, levels: &Levels) -> ForecastPoint {
    let [p2_5, p10, p25, p50, p75, p90, p97_5] = levels.quantiles;
    let [alarm_low, alarm_high] = levels.alarm;
    ForecastPoint {
        month,
        mean: levels.mean,
        p2_5,
        p10,
        p25,
        p50,
        p75,
        p90,
        p97_5,
        alarm_low: Some(alarm_low),
        alarm_high: Some(alarm_high),
    }
}

/// What a reader must know of the bands.
fn flags(baseline: &Baseline) -> Vec<Flag> {
    let mut flags = Vec::new();
    if baseline.month_scatter.is_none() {
        let detail = "bands hold what is not known of the company and of the programme, and the chance of counts; how \
                      far months scatter beyond that, the baseline does not know: a month outside a band is not yet a drift";
        flags.push(Flag::new(FlagCode::ScatterUnknown, detail));
    }
    let without_contract = baseline.segments.iter().filter(|it| it.purchases.is_some());
    flags.extend(without_contract.map(|it| {
        let detail = format!(
            "customers of `{}` have no contract: those counted are expected to be there still, and no record says who is",
            it.name
        );
        Flag::new(FlagCode::NotForecast, detail).about(&it.name)
    }));
    flags
}
