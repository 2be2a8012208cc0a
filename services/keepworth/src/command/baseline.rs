//! `keepworth baseline build`: freezes what the services know.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use chrono::NaiveDate;
use clap::Subcommand;
use keepworth_contract::simulator::baseline::{Baseline, Figure, SegmentBaseline};
use keepworth_contract::simulator::{BaselineInput, SimulatorClient};

use crate::command::Outcome;
use crate::output::{Format, print_json, table, whole};
use crate::{Global, runtime, whole_file};

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
    /// The same records give the same file, to the byte: its hash names it in every result.
    #[command(after_help = "\
Examples:
  keepworth baseline build --as-of 2025-09-30 -o baseline.json
  keepworth baseline build --as-of 2025-09-30 -o baseline.json --url http://127.0.0.1:7979")]
    Build(BuildArgs),
}

#[derive(clap::Args)]
struct BuildArgs {
    /// The last day whose facts count.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Where Keepworth runs, such as http://127.0.0.1:7979 (default: from the settings).
    #[arg(long)]
    url: Option<String>,
    /// The form of what is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let Action::Build(args) = self.action;
        let url = global.service_url("simulator", args.url.as_deref())?;
        let client = SimulatorClient::new(&url)?;
        let order = BaselineInput { as_of: args.as_of };
        let baseline = runtime::block_on(async { Ok(client.build_baseline(&order).await?) })?;
        ensure!(
            baseline.compute_hash()? == baseline.hash,
            "the simulator answered a baseline whose content is not that of its hash"
        );
        let document = serde_json::to_string_pretty(&baseline)? + "\n";
        whole_file::write_text(&args.output, &document)?;
        match args.format {
            Format::Json => print_json(&baseline)?,
            Format::Table => print(&baseline, &args.output),
        }
        Ok(Outcome::Done)
    }
}

/// Figures of a segment in the table, with their headings.
const COLUMNS: [(&str, &str); 7] = [
    ("customers", "customers"),
    ("hazard", "leave per month"),
    ("revenue", "revenue a month"),
    ("gross_margin", "gross margin"),
    ("acquisition_cost", "cost to win one"),
    ("overhead", "overhead a month"),
    ("maintenance_cost", "cost to keep a month"),
];

fn print(baseline: &Baseline, path: &Path) {
    let heading = "95% interval";
    let mut figures = table(["company", "value", heading, "n", "unit"]);
    for (name, figure) in &baseline.company.figures {
        figures.add_row([
            name.clone(),
            number(figure, figure.value),
            interval(figure),
            whole(figure.n as f64),
            figure.unit.clone(),
        ]);
    }
    println!("{figures}");
    let mut header = ["segment"; COLUMNS.len() + 1];
    for (cell, (_, heading)) in header[1..].iter_mut().zip(COLUMNS) {
        *cell = heading;
    }
    let mut segments = table(header);
    for segment in &baseline.segments {
        let cells = COLUMNS.map(|(name, _)| segment_cell(segment, name));
        let name = std::iter::once(segment.name.clone());
        segments.add_row(name.chain(cells).collect::<Vec<_>>());
    }
    println!("{segments}");
    for flag in &baseline.quality_flags {
        println!("note: {flag}");
    }
    for (name, figure) in &baseline.company.figures {
        for flag in &figure.quality_flags {
            println!("note: {name}: {flag}");
        }
    }
    println!(
        "As of {}, {} from {}; {} in {}",
        baseline.as_of,
        baseline.currency,
        baseline.window_from,
        baseline.hash,
        path.display()
    );
}

fn segment_cell(segment: &SegmentBaseline, name: &str) -> String {
    match segment.figures.get(name) {
        Some(figure) if name == "hazard" => {
            format!("{} ({})", number(figure, figure.value), interval(figure))
        }
        Some(figure) => number(figure, figure.value),
        None => "–".to_owned(),
    }
}

fn interval(figure: &Figure) -> String {
    figure.interval.as_ref().map_or_else(
        || "–".to_owned(),
        |it| {
            let (low, high) = (number(figure, Some(it.low)), number(figure, Some(it.high)));
            format!("{low} to {high}")
        },
    )
}

/// Rates and shares in percent, small figures with decimals, large ones whole.
fn number(figure: &Figure, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let minus = if value < 0.0 { "\u{2212}" } else { "" };
    let size = value.abs();
    if figure.unit == "per month" || figure.unit.starts_with("share") {
        format!("{minus}{:.2}%", 100.0 * size)
    } else if size >= 1_000.0 || (figure.unit == "customers" && size.fract() == 0.0) {
        whole(value)
    } else {
        format!("{minus}{size:.2}")
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
        let shown = |unit, value| number(&figure(unit), Some(value));
        assert_eq!(shown("per month", 0.0951), "9.51%");
        assert_eq!(shown("share of revenue", -0.5), "\u{2212}50.00%");
        assert_eq!(shown("customers", 12.0), "12");
        assert_eq!(shown("USD per customer-month", 64.761), "64.76");
        assert_eq!(shown("customer-months", 19_650.4), "19\u{202f}650");
        assert_eq!(number(&figure("points"), None), "–");
    }
}
