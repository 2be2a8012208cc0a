//! A run's outcomes as CSV: a row for each, with its percentiles and Monte Carlo errors. Rates of return
//! have no mean: they are never averaged.

use keepworth_sim::{Outcome, RunResult};

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
        let averaged = !matches!(outcome, Outcome::IrrAnnual | Outcome::MirrAnnual);
        let figures = HEADER[1..]
            .iter()
            .zip(figures)
            .map(|(column, figure)| match *column {
                "mean" | "sd" | "mc_error_mean" if !averaged => String::new(),
                _ => figure.to_string(),
            });
        let name = std::iter::once(outcome.name().to_owned());
        csv.write_record(name.chain(figures))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use keepworth_sim::{Control, RunOptions, Scenario, run};

    use super::summary;

    #[test]
    fn rates_of_return_have_percentiles_and_no_mean() {
        let text = include_str!("../../../../../examples/reference/scenario.toml");
        let model = Scenario::from_toml(text).unwrap().resolve(None).unwrap();
        let options = RunOptions {
            trials: 200,
            ..RunOptions::default()
        };
        let result = run(&model, &options, &Control::default()).unwrap();
        let csv = summary(&result).unwrap();
        let cells = |name: &str| -> Vec<String> {
            let row = csv.lines().find(|line| line.starts_with(name)).unwrap();
            row.split(',').map(str::to_owned).collect()
        };
        for rate in ["irr_annual", "mirr_annual"] {
            let row = cells(rate);
            assert!([1, 2, 10].iter().all(|&column| row[column].is_empty()));
            assert!(row[6].parse::<f64>().unwrap() > 0.0);
        }
        assert!(cells("npv").iter().all(|cell| !cell.is_empty()));
    }
}
