//! `keepworth fit link`: does better experience go with staying, and may one believe it?

use std::path::PathBuf;

use anyhow::Context;
use keepworth_retention::fit::{Estimate, Verdict};
use keepworth_retention::hazard::TenureGrid;
use keepworth_retention::link::{
    Direction, Evidence, Grade, LinkModel, LinkReport, ScepticalPrior,
};

use crate::command::Outcome;
use crate::command::fit::{Joined, cells, estimates};
use crate::command::fit_level::LevelArg;
use crate::present::number::{digits, places};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::reading::individuals::{Columns, Individuals};

/// Fit the experience link: what an exposure has to do with leaving, or why it cannot be told.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV with one customer a row, or one stretch of a customer's time (with --id): the
exposure must have been known before the time at risk began.

Tenures without --entry or --window are taken as watched from tenure 0: that is warned about, and
the link is graded D, because nobody has seen it in that time.

The verdict is estimated, null (not told from no effect), warned (read the flags first) or refused
(separation, leakage, reversed time), always with the reason.

Examples:
  keepworth fit link quarter.csv --exposure score --duration tenure --event churned --window 3 \\
      --confounders contract,price
  keepworth fit link months.csv --exposure contacts --higher-is-worse --duration to --event left \\
      --entry from --id customer --known-at measured --negative-control moved --format json

--format json prints the keys of every fit (see keepworth fit retention --help; the exposure's
estimate is the log hazard ratio per standard deviation under the prior) and grade, levels, prior,
association, posterior, overlap, moved, e_value, confounding and negative_control. The verdict null
follows --level: no effect lies in the interval.")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// Column of the exposure: a score, contacts, unfinished tasks, sentiment.
    #[arg(long, value_name = "COLUMN")]
    exposure: String,
    #[command(flatten)]
    columns: Columns,
    /// Columns of what else may explain leaving.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    confounders: Vec<String>,
    /// Column of when the exposure was known, on the time scale of the duration.
    #[arg(long, value_name = "COLUMN")]
    known_at: Option<String>,
    /// Column that marks departures experience cannot have caused: moved away, died.
    #[arg(long, value_name = "COLUMN")]
    negative_control: Option<String>,
    /// More of the exposure is worse, as with contacts.
    #[arg(long)]
    higher_is_worse: bool,
    /// Mean of the prior: log hazard ratio of one standard deviation of better experience
    /// [default: -0.10; 0 for a net promoter score].
    #[arg(long, allow_negative_numbers = true)]
    prior_mean: Option<f64>,
    /// Standard deviation of the prior [default: 0.10].
    #[arg(long)]
    prior_sd: Option<f64>,
    /// Time units at which tenure bands begin.
    #[arg(
        long,
        default_value = "0,3,12,24",
        value_name = "PERIOD,…",
        value_delimiter = ','
    )]
    bands: Vec<u32>,
    #[command(flatten)]
    level: LevelArg,
    #[command(flatten)]
    presenting: Presenting,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let report = self
            .report()
            .with_context(|| self.file.display().to_string())?;
        let json = Joined {
            fit: &report.fit,
            further: &report.evidence,
        };
        self.presenting
            .show_rows(&json, |_| sheets(&report), |_| estimates(&report.fit))?;
        Ok(Outcome::Done)
    }

    fn report(&self) -> anyhow::Result<LinkReport> {
        let mut further = vec![self.exposure.as_str()];
        further.extend(self.confounders.iter().map(String::as_str));
        further.extend(self.known_at.as_deref());
        further.extend(self.negative_control.as_deref());
        let rows = Individuals::read(&self.file, &self.columns, &further)?;
        let exposure = rows.numbers(&self.exposure)?;
        let (confounders, aliased) = rows.covariates(&self.confounders)?;
        let grid = TenureGrid::new(1.0, &self.bands)?;
        let usual = ScepticalPrior::of_exposure(&self.exposure);
        let prior = ScepticalPrior {
            mean: self.prior_mean.unwrap_or(usual.mean),
            sd: self.prior_sd.unwrap_or(usual.sd),
        };
        let direction = if self.higher_is_worse {
            Direction::HigherIsWorse
        } else {
            Direction::HigherIsBetter
        };
        let numbers = |name: &String| rows.numbers(name);
        let known_at = self.known_at.as_ref().map(numbers).transpose()?;
        let answers = |name: &String| rows.answers(name);
        let control = self.negative_control.as_ref().map(answers).transpose()?;
        let customers = rows.customers(&self.columns)?;
        let mut model = LinkModel::new(
            &self.exposure,
            &exposure,
            &rows.observations,
            &confounders,
            &grid,
        )?
        .with_direction(direction)
        .with_level(self.level.get())
        .with_prior(prior)?;
        if let Some(known_at) = &known_at {
            model = model.with_known_at(known_at)?;
        }
        if let Some(control) = &control {
            model = model.with_negative_control(control)?;
        }
        if let Some(customers) = &customers {
            model = model.with_customers(customers)?;
        }
        let mut report = model.fit()?;
        report.fit.flags.extend(aliased);
        // Nobody has seen this link in the time it is estimated on: it is not shown, but stated.
        if rows.tell_assumption(&mut report.fit) {
            report.evidence.grade = Grade::of(Evidence::Stated);
        }
        Ok(report)
    }
}

fn sheets(report: &LinkReport) -> Vec<Sheet> {
    let evidence = &report.evidence;
    let first = if !report.fit.estimates.is_empty() {
        estimates(&report.fit)
    } else {
        let flags = report.fit.flags.iter().skip(1);
        Sheet::of_lines(flags.map(|flag| format!("Caution: {}.", flag.detail)))
    };
    let mut levels = Sheet::new("", "exposure | customers | left | share");
    for level in &evidence.levels {
        let range = if level.low == level.high {
            digits(level.low)
        } else {
            format!("{} to {}", digits(level.low), digits(level.high))
        };
        let share = Cell::percent(level.left / level.n, 1);
        row![levels => range, Cell::whole(level.n), Cell::whole(level.left), share];
    }
    let level = report.fit.level;
    let columns = format!("without | log hazard ratio per sd | se | {level} from | to");
    let mut last = Sheet::new("", &columns);
    for confounder in &evidence.confounding {
        let without = Cell::from(&confounder.without);
        last.add([vec![without], cells(&confounder.association).to_vec()].concat());
    }
    if let (Some(association), Some(posterior)) = (evidence.association, evidence.posterior) {
        last.note(format!(
            "Log hazard ratio per standard deviation: {} by the data, {} under the prior N({}, {}).",
            interval(&association),
            interval(&posterior),
            evidence.prior.mean,
            evidence.prior.sd
        ));
    }
    if let Some(e) = evidence.e_value {
        last.note(format!(
            "An unmeasured confounder would need a risk ratio of {} with both sides to explain \
             it away ({} for the interval to reach no effect).",
            places(e.estimate, 2),
            places(e.limit, 2)
        ));
    }
    let control = evidence.negative_control.as_ref();
    if let Some(control) = control.filter(|control| !control.reacts()) {
        last.note(format!("Negative control: {}.", control.sentence()));
    }
    last.note(verdict(report));
    vec![first, levels, last]
}

fn interval(estimate: &Estimate) -> String {
    let Estimate {
        value, low, high, ..
    } = estimate;
    let [value, low, high] = [value, low, high].map(|it| places(*it, 3));
    format!("{value} ({low} to {high})")
}

fn verdict(report: &LinkReport) -> String {
    let verdict = match report.fit.verdict {
        Verdict::Estimated => "Estimated",
        Verdict::Null => "Null",
        Verdict::Warned => "Warned",
        Verdict::Refused => "Refused",
    };
    let grade = match report.evidence.grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::D => "D",
    };
    format!("{verdict}, grade {grade}: {}.", report.fit.reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{fit_retention, on_file};

    fn answer(content: &str, options: &[&str]) -> anyhow::Result<LinkReport> {
        let columns = ["--duration", "T", "--event", "E"];
        let (args, _file) = on_file::<Args>(content, &[&columns[..], options].concat())?;
        args.report()
    }

    /// Customers whose score 1 to 5 shifts who leaves within the quarter, or decides it.
    fn quarter(decides: bool) -> String {
        let rows = (0..500_u32).map(|i| {
            let score = i % 5 + 1;
            let left = if decides {
                score < 3
            } else {
                i / 5 % 10 < 7 - score
            };
            let (left, moved) = (u8::from(left), u8::from(i % 25 == 0));
            format!("{},{left},{score},{},{moved},0\n", i / 7 % 20 + 3, i % 3)
        });
        format!("T,E,score,plan,moved,known\n{}", rows.collect::<String>())
    }

    const SCORE: [&str; 4] = ["--exposure", "score", "--window", "3"];

    #[test]
    fn a_link_is_estimated_with_its_evidence() {
        let options = [
            &SCORE[..],
            &["--confounders", "plan", "--negative-control", "moved"],
        ];
        let report = answer(&quarter(false), &options.concat()).unwrap();
        assert!(report.fit.estimates["score"].high < 0.0);
        assert_eq!(report.evidence.levels.len(), 5);
        assert_eq!(report.evidence.confounding[0].without, "plan");
        assert!(report.evidence.negative_control.is_some());
        let (fit, further) = (&report.fit, &report.evidence);
        let json = serde_json::to_value(Joined { fit, further }).unwrap();
        assert!(json["verdict"].is_string() && json["grade"].is_string());
        assert!(json["flags"].to_string().contains("window_assumed"));
        assert!(!sheets(&report).is_empty());
    }

    /// The same rule and text as of a survival curve from the same file.
    #[test]
    fn a_snapshot_of_tenures_is_warned_about() {
        let content = quarter(false).replacen("T,", "tenure,", 1);
        let columns = ["--duration", "tenure", "--event", "E"];
        let of = |options: &[&str]| {
            let options = [&columns[..], &SCORE[..2], options].concat();
            let (args, _file) = on_file::<Args>(&content, &options).unwrap();
            args.report().unwrap()
        };
        let bare = of(&[]);
        let told = verdict(&bare);
        assert!(
            told.starts_with("Warned, grade D: everyone is taken as watched from"),
            "{told}"
        );
        let curve = fit_retention::json_of(&content, &columns).unwrap();
        assert_eq!(
            (&curve["verdict"], &curve["reason"]),
            (&"warned".into(), &bare.fit.reason.into())
        );
        let windowed = of(&SCORE[2..]);
        assert!(verdict(&windowed).starts_with("Estimated, grade C"));
    }

    #[test]
    fn a_net_promoter_score_is_not_believed_beforehand() {
        let content = quarter(false).replacen("score", "NPS", 1);
        let of = |options: &[&str]| {
            let options = [&["--exposure", "NPS", "--window", "3"], options].concat();
            answer(&content, &options).unwrap().evidence.prior.mean
        };
        assert_eq!((of(&[]), of(&["--prior-mean", "-0.2"])), (0.0, -0.2));
        assert_eq!(
            answer(&quarter(false), &SCORE).unwrap().evidence.prior.mean,
            -0.10
        );
    }

    #[test]
    fn what_decides_the_outcome_is_refused() {
        let report = answer(&quarter(true), &SCORE).unwrap();
        assert_eq!(report.fit.verdict, Verdict::Refused);
        assert!(verdict(&report).starts_with("Refused, grade D: score separates"));
        let late = [&SCORE[..], &["--known-at", "T"]].concat();
        let report = answer(&quarter(false), &late).unwrap();
        assert_eq!(report.fit.flags[0].code, "reversed_time");
        assert!(!sheets(&report).is_empty());
    }

    #[test]
    fn faults_name_the_column() {
        let fault =
            |options: &[&str]| format!("{:#}", answer(&quarter(false), options).unwrap_err());
        assert!(fault(&["--exposure", "nps"]).contains("no column `nps`"));
        assert!(fault(&["--exposure", "known"]).contains("covariate known has the one value 0"));
        assert!(fault(&["--exposure", "score", "--confounders", "score"]).contains("given twice"));
        assert!(fault(&["--exposure", "score", "--prior-sd", "0"]).contains("prior has mean"));
    }
}
