//! What was forecast when a version was approved.

use keepworth_contract::Word;
use keepworth_contract::simulator::{
    ForecastFigure, ForecastName, ForecastPoint, ScenarioForecast, SimulatorClient, WhichVersion,
};

use crate::Global;
use crate::command::asking::Asking;
use crate::present::{Cell, Format, Sheet, row};
use crate::reading::word::word;

/// Show what was forecast when a version was approved: each figure by month, with its bands. It never changes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario forecast recovery
  keepworth scenario forecast recovery --figure leavers --figure contacts
  keepworth scenario forecast recovery --version 2 --format csv -o forecast.csv     a row for each figure and month")]
pub(super) struct Args {
    /// The scenario's key.
    key: String,
    /// Which version [default: the last one that was approved].
    #[arg(long)]
    version: Option<u32>,
    /// Only this figure, such as leavers; give it several times for more.
    #[arg(long = "figure", value_name = "FIGURE", value_parser = figure)]
    figures: Vec<ForecastName>,
    #[command(flatten)]
    asking: Asking,
}

fn figure(text: &str) -> Result<ForecastName, String> {
    let name = text.to_lowercase().replace(['-', ' '], "_");
    // Names of figures are written small; the reason names those that there are.
    ForecastName::find(&name).map_or_else(|| word(text), Ok)
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = WhichVersion {
            version: self.version,
        };
        let load =
            async |client: &SimulatorClient| client.load_scenario_forecast(&self.key, &which).await;
        let mut forecast = self.asking.ask(global, load)?;
        if !self.figures.is_empty() {
            forecast
                .figures
                .retain(|it| self.figures.contains(&it.figure));
        }
        let to = &self.asking.presenting;
        match to.form() {
            Format::Table => to.show(forecast, |it| Ok(tables(&it))),
            Format::Json => to.json(&forecast),
            _ => to.rows(&rows(&forecast)),
        }
    }
}

/// For people: a table for each figure.
fn tables(it: &ScenarioForecast) -> Vec<Sheet> {
    let mut sheets = vec![basis(it)];
    sheets.extend(it.figures.iter().map(table));
    sheets
}

fn basis(it: &ScenarioForecast) -> Sheet {
    let title = format!(
        "Forecast of {}, version {}, frozen on {}",
        it.scenario.key,
        it.scenario.version,
        it.frozen_at.date_naive()
    );
    let mut sheet = Sheet::new(title, "what | says");
    row![sheet => "run", it.run_id.to_string()];
    row![sheet => "baseline", format!("of {}, {}", it.as_of, it.baseline_hash)];
    row![sheet => "text", &it.scenario_hash];
    row![sheet => "futures", Cell::whole(it.futures as f64)];
    row![sheet => "seed, engine", format!("{}, {}", it.seed, it.engine_version)];
    for flag in &it.quality_flags {
        sheet.note(sentence(&flag.detail));
    }
    sheet
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn table(figure: &ForecastFigure) -> Sheet {
    let title = format!("{}, {} (whole company)", words(figure.figure), figure.unit);
    let mut sheet = Sheet::new(
        title,
        "month | 95% from | 80% from | middle | 80% to | 95% to",
    );
    for it in &figure.months {
        row![sheet =>
            it.month.to_string(), Cell::whole(it.p2_5), Cell::whole(it.p10), Cell::whole(it.p50),
            Cell::whole(it.p90), Cell::whole(it.p97_5),
        ];
    }
    sheet
}

/// For programs and spreadsheets: a row for each figure and month.
fn rows(it: &ScenarioForecast) -> Sheet {
    let header = "figure | unit | month | mean | p2_5 | p10 | p25 | p50 | p75 | p90 | p97_5";
    let mut sheet = Sheet::new("", header);
    for figure in &it.figures {
        for point in &figure.months {
            let place = [
                figure.figure.name().into(),
                figure.unit.clone().into(),
                point.month.to_string().into(),
            ];
            sheet.add([&place[..], &digits(point)].concat());
        }
    }
    sheet
}

fn digits(it: &ForecastPoint) -> [Cell; 8] {
    [
        it.mean, it.p2_5, it.p10, it.p25, it.p50, it.p75, it.p90, it.p97_5,
    ]
    .map(Cell::digits)
}

fn words(figure: ForecastName) -> &'static str {
    match figure {
        ForecastName::Customers => "Customers at the month's end",
        ForecastName::Won => "Customers won",
        ForecastName::Leavers => "Customers who leave",
        ForecastName::Contacts => "Contacts",
        ForecastName::Minutes => "Minutes of handling",
        ForecastName::Revenue => "Revenue",
        ForecastName::ServiceCost => "Cost of handling contacts",
        ForecastName::Cost => "Cost, without the programme's",
        ForecastName::ProgrammeCost => "The programme's cost",
        ForecastName::CumulativeFlow => "What the programme has brought since, less its cost",
        ForecastName::CumulativeDiscountedFlow => "The same, discounted",
    }
}
