//! `keepworth baseline`: freezes what the services know, asks whether it would have been right, and who is still there.

mod alive;
mod backtest;
mod causes;
mod costs;
mod issues;
mod purchases;
mod trend;

use anyhow::{anyhow, ensure};
use chrono::NaiveDate;
use clap::Subcommand;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{Baseline, Figure, SegmentBaseline};
use keepworth_contract::simulator::curve::{ChosenBy, HazardModel};
use keepworth_contract::simulator::purchase::PurchaseModel;
use keepworth_contract::simulator::{BaselineInput, SimulatorClient};
use keepworth_contract::{Currency, Word};

use crate::command::Outcome;
use crate::command::finance::{commands, rate_in_words};
use crate::present::number::{percent, places, whole};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::reading::word::word;
use crate::runtime::waiting;
use crate::{Global, Server, runtime};

/// Freeze what the services know of the company on a day, ask whether it would have been right, and who is still there.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Build a baseline from the records of all services, and keep it in a file.
    ///
    /// The same records give the same file, to the byte: its hash names it in every result. Its form is
    /// JSON; the tables tell what is in it.
    #[command(after_help = "\
Examples:
  keepworth baseline build --as-of 2025-09-30 -o baseline.json
  keepworth baseline build --as-of 2025-09-30 -o baseline.json --url http://127.0.0.1:7979
  keepworth baseline build --as-of 2025-09-30             only the tables
  keepworth baseline build --as-of 2025-09-30 --hazard-model home=sbg
  keepworth baseline build --as-of 2025-09-30 --currency EUR -o baseline.json

How customers leave by tenure is told for each segment: by bands of tenure, or by a curve with few parameters
where that foretold the last twelve months better from the record before. A curve says how leaving goes on at
tenures that nobody has reached yet.

Of a segment without a contract (`keepworth segment put shop --kind purchases`) a model tells from the days on which
customers bought who is still there: bg-nbd, unless another foretold the last third of the records better.

A company that bills or pays in several currencies names the one to count in with `--currency`. Rates come
from finance: `keepworth finance add-rate USD EUR 0.9217 --on 2025-09-30 --source ecb` writes one.")]
    Build(BuildArgs),
    /// Ask whether a forecast of a year ago would have been right.
    ///
    /// Builds the baseline as it was known on a day (--as-of), forecasts from it the months up to another
    /// (--until) as if nothing were done, and holds the forecast against what the records say happened: how many
    /// figures lay within bands of 80%, and how far off the forecast was (CRPS, in the figure's unit, smaller is
    /// better) beside two that need no model: "as last month" and "as in the same month a year before".
    ///
    /// Both days are the last of a month, at most twelve months apart. Records are cut by the day for which they
    /// hold: what came in late helps the forecast. The service keeps the answer; JSON has every actual with its
    /// bands, the bias of each segment, and the widening that would have held.
    #[command(after_help = "\
Examples:
  keepworth baseline backtest --as-of 2024-09-30 --until 2025-09-30
  keepworth baseline backtest --as-of 2024-09-30 --until 2025-09-30 -o backtest.json
  keepworth baseline backtest --as-of 2025-03-31 --until 2025-09-30 --format csv    half a year, for a spreadsheet")]
    Backtest(backtest::Args),
    /// Tell which customers without a contract are still there, one by one, and what they will buy.
    ///
    /// By the baseline's model of a segment of kind `purchases`: the chance that each customer is still active on the
    /// baseline's day (P(alive)), the purchases expected of them in the months after it, and what they will pay. The
    /// table counts customers by their chance and shows those who are there least likely; csv has all.
    ///
    /// It reads the records as they are now, and keeps nothing: where they have changed since the baseline was built, a
    /// note says so. It takes the permission `persons:read`.
    #[command(after_help = "\
Examples:
  keepworth baseline alive baseline.json --segment shop
  keepworth baseline alive baseline.json --segment shop --months 6 --format csv -o customers.csv
  keepworth baseline alive 28d2c7349ea3ed91564ebdd738ebac34d22d7f52f067704692a63b899146394c --segment shop --lowest 100

The intervals are those of the model's parameters. A chance of 60% is no forecast of one customer: of a hundred like
them sixty are there.")]
    Alive(alive::Args),
}

#[derive(clap::Args)]
struct BuildArgs {
    /// The last day whose facts count.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    /// Let a segment's customers leave by this model (bands, sbg, bdw, weibull), whatever the rule chooses. May be
    /// repeated.
    #[arg(long = "hazard-model", value_name = "SEGMENT=MODEL", value_parser = hazard_model)]
    hazard_models: Vec<(String, HazardModel)>,
    /// Let a segment without a contract be told by this model (bg-nbd, mbg-nbd, pareto-nbd), whatever the rule chooses.
    /// May be repeated.
    #[arg(long = "purchase-model", value_name = "SEGMENT=MODEL", value_parser = purchase_model)]
    purchase_models: Vec<(String, PurchaseModel)>,
    /// Convert all amounts into this currency, by finance's rates (default: the only one there is).
    ///
    /// What was charged or spent in a month is converted at that month's average rate, the mean of its
    /// quoted days; `keepworth finance rates` lists them, and the baseline names those that it used. A
    /// month without a rate is refused, with the pair that is missing.
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Build(args) => args.run(global),
            Action::Backtest(args) => args.run(global),
            Action::Alive(args) => args.run(global),
        }
    }
}

impl BuildArgs {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let args = self;
        let client = SimulatorClient::new(args.server.reach("simulator", global)?)?;
        let order = BaselineInput {
            as_of: args.as_of,
            hazard_models: args.hazard_models.into_iter().collect(),
            purchase_models: args.purchase_models.into_iter().collect(),
            currency: args.currency,
        };
        let building = waiting("the baseline is built", client.build_baseline(&order));
        let baseline = runtime::block_on(async { Ok(building.await?) })
            .map_err(|error| in_commands(&error))?;
        ensure!(
            baseline.compute_hash()? == baseline.hash,
            "the simulator answered a baseline whose content is not that of its hash"
        );
        let to = &args.presenting;
        to.show(&baseline, |baseline| Ok(sheets(baseline)))?;
        to.tell(|| sheets(&baseline));
        Ok(Outcome::Done)
    }
}

/// An error with commands in place of the paths that mend it.
fn in_commands(error: &anyhow::Error) -> anyhow::Error {
    anyhow!(commands(&format!("{error:#}")))
}

/// Reads `SEGMENT=MODEL`.
fn hazard_model(text: &str) -> Result<(String, HazardModel), String> {
    let (segment, model) = text
        .rsplit_once('=')
        .ok_or("give SEGMENT=MODEL, such as home=sbg")?;
    Ok((segment.to_owned(), word(model)?))
}

/// Reads `SEGMENT=MODEL`.
fn purchase_model(text: &str) -> Result<(String, PurchaseModel), String> {
    let (segment, model) = text
        .rsplit_once('=')
        .ok_or("give SEGMENT=MODEL, such as shop=bg-nbd")?;
    Ok((segment.to_owned(), word(model)?))
}

/// Figures of a segment in the table, with their headings.
const COLUMNS: [(FigureName, &str); 7] = [
    (FigureName::Customers, "customers"),
    (FigureName::Hazard, "leave per month"),
    (FigureName::Revenue, "revenue a month"),
    (FigureName::GrossMargin, "gross margin"),
    (FigureName::AcquisitionCost, "cost to win one"),
    (FigureName::Overhead, "overhead a month"),
    (FigureName::MaintenanceCost, "cost to keep a month"),
];

fn sheets(baseline: &Baseline) -> Vec<Sheet> {
    let mut figures = Sheet::new("", "company | value | 95% interval | n | unit");
    for (name, it) in &baseline.company.figures {
        row![figures => name.name(), cell(it), interval(it), it.n, &it.unit];
    }
    let header = COLUMNS.map(|(_, heading)| heading).join(" | ");
    let mut segments = Sheet::new("", &format!("segment | {header}"));
    for segment in &baseline.segments {
        let cells = COLUMNS.map(|(name, _)| segment_cell(segment, name));
        let name = std::iter::once(Cell::from(&segment.name));
        segments.add(name.chain(cells).collect::<Vec<_>>());
    }
    for flag in &baseline.quality_flags {
        segments.note(format!("note: {flag}"));
    }
    for (name, figure) in &baseline.company.figures {
        for flag in &figure.quality_flags {
            segments.note(format!("note: {name}: {flag}"));
        }
    }
    for rate in &baseline.rates {
        segments.note(rate_in_words(rate));
    }
    segments.note(format!(
        "As of {}, {} from {}; {}",
        baseline.as_of, baseline.currency, baseline.window_from, baseline.hash
    ));
    let mut sheets = vec![figures, segments, leaving(baseline)];
    if !baseline.moves.is_empty() {
        sheets.push(moves(baseline));
    }
    sheets.extend(causes::sheet(baseline));
    sheets.extend(issues::sheet(baseline));
    sheets.extend(trend::sheet(baseline));
    sheets.extend(trend::courses(baseline));
    sheets.extend(costs::sheet(baseline));
    sheets.extend(purchases::sheets(baseline));
    sheets
}

/// Who moved between segments within the window.
fn moves(baseline: &Baseline) -> Sheet {
    let mut sheet = Sheet::new("", "moved from | to | times");
    for it in &baseline.moves {
        row![sheet => &it.from, &it.to, it.customers];
    }
    sheet
}

/// How the customers of each segment leave by tenure, and why it is taken to be so.
fn leaving(baseline: &Baseline) -> Sheet {
    let mut sheet = Sheet::new(
        "",
        "segment | leaves by | chosen by | longest tenure observed, months | why",
    );
    for segment in &baseline.segments {
        if let Some(choice) = &segment.hazard_choice {
            let by = match choice.by {
                ChosenBy::Rule => "rule",
                ChosenBy::Request => "request",
            };
            row![sheet => &segment.name, choice.model.name().to_lowercase(), by, choice.longest_tenure_months, &choice.reason];
        }
    }
    sheet
}

fn segment_cell(segment: &SegmentBaseline, name: FigureName) -> Cell {
    let Some(figure) = segment.figures.get(&name) else {
        return Cell::Nothing;
    };
    match figure.value {
        Some(value) if name == FigureName::Hazard => {
            let shown = format!("{} ({})", number(figure, value), interval(figure));
            Cell::Figure(value, shown)
        }
        _ => cell(figure),
    }
}

fn cell(figure: &Figure) -> Cell {
    let shown = |value| Cell::Figure(value, number(figure, value));
    figure.value.map_or(Cell::Nothing, shown)
}

fn interval(figure: &Figure) -> String {
    let shown = |value| number(figure, value);
    figure.interval.as_ref().map_or_else(
        || "–".to_owned(),
        |it| format!("{} to {}", shown(it.low), shown(it.high)),
    )
}

/// Rates and shares in percent, small figures with decimals, large ones whole.
fn number(figure: &Figure, value: f64) -> String {
    let size = value.abs();
    if figure.unit == "per month" || figure.unit.starts_with("share") {
        percent(value, 2)
    } else if size >= 1_000.0 || (figure.unit == "customers" && size.fract() == 0.0) {
        whole(value)
    } else {
        places(value, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::statistic::Definition;

    fn figure(unit: &str) -> Figure {
        Figure {
            value: None,
            unit: unit.to_owned(),
            n: 0,
            interval: None,
            definition: Definition {
                id: String::new(),
                version: 1,
            },
            sources: Vec::new(),
            rows: 0,
            quality_flags: Vec::new(),
        }
    }

    #[test]
    fn numbers_wear_their_units() {
        let shown = |unit, value| number(&figure(unit), value);
        assert_eq!(shown("per month", 0.0951), "9.51%");
        assert_eq!(shown("share of revenue", -0.5), "\u{2212}50.00%");
        assert_eq!(shown("customers", 12.0), "12");
        assert_eq!(shown("USD per customer-month", 64.761), "64.76");
        assert_eq!(shown("customer-months", 19_650.4), "19\u{202f}650");
        assert_eq!(cell(&figure("points")), Cell::Nothing);
    }
}
