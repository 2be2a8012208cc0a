//! The demo of `keepworth up --demo`: what a newcomer would type, typed for them.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use keepworth_contract::Month;

use crate::sample::files::{IMPORTS, mapping_path, scenario_path};
use crate::sample::population::sample_as_of;
use crate::sample::truth::BOOKED_MONTHS;

/// Customers of the demo's company.
const CUSTOMERS: &str = "5000";

/// Loads the sample company into the services at `url` and prints what its programme is worth.
///
/// It runs the commands that a person would, as processes of their own, and shows each.
pub(crate) fn run(url: &str, folder: &Path) -> anyhow::Result<()> {
    let sample = folder.join("sample");
    let path = |path: &Path| path.display().to_string();
    show(
        &["sample", "--customers", CUSTOMERS, "-o", &path(&sample)],
        Shown::Nothing,
    )?;
    for (kind, file, _) in IMPORTS {
        let (rows, mapping) = (path(&sample.join(file)), path(&mapping_path(&sample, file)));
        show(
            &["import", kind, &rows, "--mapping", &mapping, "--url", url],
            Shown::Nothing,
        )?;
    }
    // What unit costs are divided by.
    let to = Month::of(sample_as_of());
    let months = [to.plus(1 - BOOKED_MONTHS.cast_signed()), to].map(|it| it.to_string());
    show(
        &["finance", "count", &months[0], &months[1], "--url", url],
        Shown::Nothing,
    )?;
    let (baseline, as_of) = (
        path(&folder.join("baseline.json")),
        sample_as_of().to_string(),
    );
    show(
        &[
            "baseline", "build", "--as-of", &as_of, "-o", &baseline, "--url", url,
        ],
        Shown::Nothing,
    )?;
    let scenario = path(&scenario_path(&sample));
    show(
        &["simulate", &scenario, "--baseline", &baseline],
        Shown::Result,
    )
}

/// What of a command's output the demo shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Result,
}

fn show(arguments: &[&str], shown: Shown) -> anyhow::Result<()> {
    println!("$ keepworth {}", arguments.join(" "));
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments);
    if shown == Shown::Nothing {
        command.stdout(Stdio::null());
    }
    let status = command
        .status()
        .context("the demo cannot start its own binary")?;
    ensure!(
        status.success(),
        "the demo stopped: `keepworth {}` failed",
        arguments[0]
    );
    Ok(())
}
