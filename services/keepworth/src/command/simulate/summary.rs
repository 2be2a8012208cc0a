//! A run's outcomes as CSV: a row for each, with its percentiles and Monte Carlo errors.

use keepworth_sim::RunResult;

const HEADER: [&str; 14] = [
    "outcome",
    "mean",
    "sd",
    "p5",
    "p10",
    "p25",
    "p50",
    "p75",
    "p90",
    "p95",
    "mc_error_mean",
    "mc_error_p5",
    "mc_error_p50",
    "mc_error_p95",
];

pub(super) fn summary(result: &RunResult) -> anyhow::Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADER)?;
    for (outcome, it) in &result.outcomes {
        let error = &it.mc_error;
        let figures = [
            it.mean, it.sd, it.p5, it.p10, it.p25, it.p50, it.p75, it.p90, it.p95, error.mean,
            error.p5, error.p50, error.p95,
        ];
        let name = std::iter::once(outcome.name().to_owned());
        csv.write_record(name.chain(figures.map(|figure| figure.to_string())))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}
