//! A run's outcomes as CSV: a row for each, with its percentiles and Monte Carlo errors. Rates of
//! return and paybacks have no mean; where a percentile is none it is a word.

use keepworth_sim::{Level, MonteCarloError, RunResult};

use super::wording::level_cell;
use crate::present::{Cell, Sheet};

const STATISTICS: [&str; 9] = ["mean", "sd", "p5", "p10", "p25", "p50", "p75", "p90", "p95"];

pub(super) fn summary(result: &RunResult) -> Sheet {
    let errors = STATISTICS
        .map(|name| format!("mc_error_{name}"))
        .join(" | ");
    let statistics = STATISTICS.join(" | ");
    let mut sheet = Sheet::new("", &format!("outcome | {statistics} | {errors}"));
    for (outcome, it) in &result.outcomes {
        let number = |figure: Option<f64>| figure.map(Cell::digits).into();
        let level = |level: Level| level_cell(level, Cell::digits);
        let levels = [it.p5, it.p10, it.p25, it.p50, it.p75, it.p90, it.p95].map(level);
        let MonteCarloError {
            mean,
            sd,
            p5,
            p10,
            p25,
            p50,
            p75,
            p90,
            p95,
        } = it.mc_error;
        let errors = [mean, sd, p5, p10, p25, p50, p75, p90, p95].map(number);
        let figures = [outcome.name().into(), number(it.mean), number(it.sd)];
        sheet.add([&figures[..], &levels, &errors].concat());
    }
    sheet
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
        let mut csv = csv::Writer::from_writer(Vec::new());
        summary(&result).write_rows(&mut csv).unwrap();
        let csv = String::from_utf8(csv.into_inner().unwrap()).unwrap();
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
