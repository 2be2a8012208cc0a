//! `keepworth fit retention`: who stays, for how long, and what goes with leaving.

mod answer;
#[cfg(test)]
mod behaviour;
mod model;

#[cfg(test)]
pub(crate) use behaviour::json_of;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::ValueEnum;

use crate::command::Outcome;
use crate::command::fit::Joined;
use crate::command::fit_level::LevelArg;
use crate::command::fit_mixture::MixtureArgs;
use crate::command::fit_retention::answer::Answer;
use crate::present::Presenting;
use crate::present::chart::plot;
use crate::reading::individuals::Columns;
use crate::reading::survivors;

/// Fit retention: a survival curve, sBG or BdW, a discrete-time hazard, or Cox.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV with one customer a row (--duration, --event and, when watching began later than
their first day, --entry or --window), or a survivor count by period (--survivors).

Models:
  km       Kaplan-Meier with Greenwood log-log bands; by --group with a log-rank test, within
           --strata where customers should be held against their like; by --cause
           with cumulative incidence
  sbg,bdw  contractual retention of customers who differ, with its projection
  hazard   discrete-time regression on tenure bands and --covariates
  cox      proportional hazards with Efron ties; --group gives strata

Examples:
  keepworth fit retention customers.csv --model km --duration T --event E --group plan
  keepworth fit retention survivors.csv --model sbg --survivors regular --periods 7
  keepworth fit retention customers.csv --model hazard --duration months --event left \\
      --entry seen_from --covariates price,contract --bands 0,3,12,24
  keepworth fit retention quarter.csv --model km --duration tenure --event churned --window 3 \\
      --plot survival.svg

--format json prints {model, n, events, estimates: {NAME: {value, se, low, high}}, covariance:
{scale, names, mean, matrix}, loglik, converged, flags, verdict, reason, data, input_hash,
survival: [{group, t, at_risk, events, value, se, low, high}], medians: {GROUP: {value, low,
high}}} and, by model, restricted_means, logrank, cumulative_incidence, fitted, concordance,
calibration, proportional_hazards and mixtures (how customers differ: [{name, about, law, shape, mean,
sd, quantiles, shares_above}]). level is that of every interval.")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// The model.
    #[arg(long, value_enum, default_value_t)]
    model: ModelArg,
    #[command(flatten)]
    columns: Columns,
    /// Column of the cause of leaving.
    #[arg(long, value_name = "COLUMN")]
    cause: Option<String>,
    /// Column of the group to compare, or the stratum of cox.
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Compare the groups of km only within each of these, such as a region: like with like.
    #[arg(long, value_name = "COLUMN", requires = "group")]
    strata: Option<String>,
    /// Tell the mean time as a customer up to this tenure [default: the longest observed] (km).
    #[arg(long, value_name = "UNITS")]
    mean_until: Option<f64>,
    /// Columns that may explain leaving.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    covariates: Vec<String>,
    /// Column of customers left at the end of each period (column `period`, from 0).
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["duration", "event"])]
    survivors: Option<String>,
    /// Use only the first periods of the survivor count.
    #[arg(long, value_name = "N", requires = "survivors")]
    periods: Option<usize>,
    /// How cox takes departures of one time.
    #[arg(long, value_enum, default_value_t)]
    ties: TiesArg,
    #[command(flatten)]
    hazard: HazardArgs,
    /// Draw survival with bands and numbers at risk.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    level: LevelArg,
    #[command(flatten)]
    mixture: MixtureArgs,
    #[command(flatten)]
    presenting: Presenting,
}

/// What only the discrete-time hazard asks for.
#[derive(clap::Args)]
#[command(next_help_heading = "Discrete-time hazard")]
struct HazardArgs {
    /// Periods at which tenure bands begin; --bands every gives each period its own.
    #[arg(long, default_value = "0,3,12,24", value_name = "PERIOD,…")]
    bands: String,
    /// Length of a period in time units of the file.
    #[arg(long, default_value_t = 1.0, value_name = "UNITS")]
    period_length: f64,
    /// How hazard and covariates hang together.
    #[arg(long, value_enum, default_value_t)]
    link: LinkArg,
    /// What is believed of coefficients beforehand.
    #[arg(long, value_enum, default_value_t)]
    prior: PriorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ModelArg {
    /// Kaplan-Meier.
    #[default]
    Km,
    /// Shifted beta-geometric.
    Sbg,
    /// Beta-discrete-Weibull.
    Bdw,
    /// Discrete-time hazard.
    Hazard,
    /// Cox proportional hazards.
    Cox,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum LinkArg {
    /// Complementary log-log: log hazard ratios.
    #[default]
    Cloglog,
    /// Logit: log odds ratios per period.
    Logit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum PriorArg {
    /// Nothing: maximum likelihood.
    #[default]
    Flat,
    /// Cauchy, scale 1.25 per standard deviation: tames separation.
    Weak,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum TiesArg {
    /// As on average over their orders: the better one.
    #[default]
    Efron,
    /// As if all were still there: to compare with other programs.
    Breslow,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let answer = self
            .answer()
            .with_context(|| self.file.display().to_string())?;
        if let Some(path) = &self.plot {
            plot::draw(path, &answer.curves())?;
        }
        let Answer { fit, further, .. } = &answer;
        let json = Joined { fit, further };
        self.presenting
            .show_rows(&json, |_| answer.sheets(), |_| answer.rows())?;
        Ok(Outcome::Done)
    }

    fn answer(&self) -> anyhow::Result<Answer> {
        let regression = matches!(self.model, ModelArg::Hazard | ModelArg::Cox);
        let contractual = matches!(self.model, ModelArg::Sbg | ModelArg::Bdw);
        ensure!(
            self.mixture.is_empty() || contractual,
            "--above goes with --model sbg or bdw"
        );
        if let Some(column) = &self.survivors {
            ensure!(
                !regression,
                "--survivors gives counts only; hazard and cox need one customer a row"
            );
            let count = survivors::read(
                &self.file,
                &self.columns.written.written(),
                column,
                self.periods,
            )?;
            return model::of_survivors(self, self.model, &count);
        }
        ensure!(
            regression || self.covariates.is_empty(),
            "--covariates go with --model hazard or cox; compare groups with --group"
        );
        ensure!(
            self.cause.is_none() || self.model == ModelArg::Km,
            "--cause goes with --model km"
        );
        ensure!(
            self.strata.is_none() || self.model == ModelArg::Km,
            "--strata goes with --model km; the strata of cox are its --group"
        );
        ensure!(
            self.ties == TiesArg::Efron || self.model == ModelArg::Cox,
            "--ties goes with --model cox"
        );
        ensure!(
            self.mean_until.is_none() || self.model == ModelArg::Km,
            "--mean-until goes with --model km"
        );
        ensure!(
            self.group.is_none() || !contractual,
            "--group goes with km, hazard and cox; fit each group's own file with sbg or bdw"
        );
        model::of_individuals(self, self.model)
    }
}
