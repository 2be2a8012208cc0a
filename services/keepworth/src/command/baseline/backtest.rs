//! `keepworth baseline backtest`: would you have been right?

use chrono::NaiveDate;
use keepworth_contract::simulator::{
    Backtest, BacktestInput, Coverage, FigureScore, ModelError, SimulatorClient,
};
use keepworth_contract::{Currency, Word};

use super::in_commands;
use crate::command::Outcome;
use crate::present::number::{percent, significant};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::runtime::waiting;
use crate::{Global, Server, runtime};

/// The bands that people are shown.
const SHOWN: f64 = 0.8;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The day of the baseline that forecasts: the last day of a month.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    /// The last day that is forecast: the last day of a month, one to twelve months later.
    #[arg(long, value_name = "DATE")]
    until: NaiveDate,
    /// Convert all amounts into this currency, by finance's rates (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// How many futures to draw, 100 to 20,000.
    #[arg(long, value_name = "N", default_value_t = 4_000)]
    trials: u32,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = SimulatorClient::new(self.server.reach("simulator", global)?)?;
        let order = BacktestInput {
            currency: self.currency,
            trials: self.trials,
            seed: self.seed,
            ..BacktestInput::new(self.as_of, self.until)
        };
        let holding = waiting(
            "the forecast is held against what came",
            client.backtest(&order),
        );
        let backtest =
            runtime::block_on(async { Ok(holding.await?) }).map_err(|error| in_commands(&error))?;
        let to = &self.presenting;
        to.show(&backtest, |backtest| Ok(sheets(backtest)))?;
        to.tell(|| sheets(&backtest));
        Ok(Outcome::Done)
    }
}

fn sheets(backtest: &Backtest) -> Vec<Sheet> {
    let report = &backtest.report;
    let mut figures = Sheet::new(
        "",
        "figure | held by 80% bands | another year's share, 95% interval | off by (CRPS) | as last month | as last \
         year | unit | bias | widen bands by",
    );
    for figure in &report.figures {
        figures.add(line(figure));
    }
    figures.note(&report.words);
    for error in &report.model_error {
        figures.note(widening(error));
    }
    for flag in &report.quality_flags {
        figures.note(format!("note: {flag}"));
    }
    figures.note(format!(
        "As of {}, held against {} months to {}; {} segments, {}; backtest {}",
        backtest.summary.as_of,
        report.months,
        backtest.summary.until,
        report.segments,
        report.baseline_hash,
        backtest.summary.id
    ));
    let mut segments = Sheet::new("", "segment | figure | bias | 95% interval | months");
    for bias in &report.biases {
        let interval = bias.interval.as_ref();
        let interval = interval.map_or(Cell::Nothing, |it| {
            format!("{} to {}", signed(it.low), signed(it.high)).into()
        });
        row![segments => &bias.segment, bias.figure.name(), share(bias.bias), interval, bias.n];
    }
    vec![figures, segments]
}

fn line(score: &FigureScore) -> Vec<Cell> {
    let name = match &score.channel {
        Some(channel) => format!("{} of {channel}", score.figure.name()),
        None => score.figure.name().to_owned(),
    };
    let eighty = score.coverage.iter().find(|it| it.level == SHOWN);
    let off =
        |value: Option<f64>| value.map_or(Cell::Nothing, |it| Cell::Figure(it, significant(it, 3)));
    vec![
        name.into(),
        eighty.map_or(Cell::Nothing, |it| {
            Cell::Figure(it.share, percent(it.share, 0))
        }),
        eighty.and_then(interval).map_or(Cell::Nothing, Cell::from),
        off(Some(score.crps)),
        off(score.crps_last_value),
        off(score.crps_last_year),
        (&score.unit).into(),
        score.bias.map_or(Cell::Nothing, share),
        off(score.width_factor),
    ]
}

fn interval(coverage: &Coverage) -> Option<String> {
    let it = coverage.interval.as_ref()?;
    Some(format!("{} to {}", percent(it.low, 0), percent(it.high, 0)))
}

fn share(value: f64) -> Cell {
    Cell::Figure(value, signed(value))
}

/// A share with its sign.
fn signed(value: f64) -> String {
    let plus = if value > 0.0 { "+" } else { "" };
    format!("{plus}{}", percent(value, 1))
}

fn widening(error: &ModelError) -> String {
    format!(
        "{}: what nobody foresaw, beyond the bands, was {} common to all segments and {} of each",
        error.on.name().replace('_', " "),
        percent(error.common.sd, 1),
        percent(error.own.sd, 1)
    )
}
