//! `keepworth baseline build`: freezes what the services know.

use anyhow::{anyhow, ensure};
use chrono::NaiveDate;
use clap::Subcommand;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{Baseline, Figure, SegmentBaseline};
use keepworth_contract::simulator::{BaselineInput, SimulatorClient};
use keepworth_contract::{Currency, Word};

use crate::command::Outcome;
use crate::command::finance::{commands, rate_in_words};
use crate::present::number::{percent, places, whole};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::runtime::waiting;
use crate::{Global, Server, runtime};

/// Freeze what the services know of the company on a day.
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
  keepworth baseline build --as-of 2025-09-30 --currency EUR -o baseline.json

A company that bills or pays in several currencies names the one to count in with `--currency`.
Rates come from finance: `keepworth finance add-rate USD EUR 0.9217 --on 2025-09-30 --source ecb`
writes one.")]
    Build(BuildArgs),
}

#[derive(clap::Args)]
struct BuildArgs {
    /// The last day whose facts count.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
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
        let Action::Build(args) = self.action;
        let client = SimulatorClient::new(args.server.reach("simulator", global)?)?;
        let order = BaselineInput {
            as_of: args.as_of,
            currency: args.currency,
        };
        let building = waiting("the baseline is built", client.build_baseline(&order));
        let baseline = runtime::block_on(async { Ok(building.await?) })
            .map_err(|error| anyhow!(commands(&format!("{error:#}"))))?;
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
    vec![figures, segments]
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
