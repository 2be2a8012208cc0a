//! `keepworth fit clv`: purchases without a contract, and what they are worth.

mod answer;
#[cfg(test)]
mod by_period;
mod outlook;
mod tracking;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use keepworth_retention::purchase::{self, Model, PurchaseFit, ValueTerms, fit_spend};

use crate::command::Outcome;
use crate::command::fit_clv::answer::{Answer, SpendAnswer, Value};
use crate::command::fit_clv::outlook::Outlook;
use crate::command::fit_clv::tracking::Tracking;
use crate::command::fit_level::LevelArg;
use crate::command::fit_mixture::MixtureArgs;
use crate::present::Presenting;
use crate::reading::purchases::{Columns, Records, read_spends};
use keepworth_reading::number::fraction;

/// Fit purchases without a contract: who is still active, what will they buy, what is it worth.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV with one customer a row; ages count from the customer's first purchase, all in one
unit (`keepworth rfm` writes such a file from a transaction log):

  x or frequency             repeat purchases, the first one not counted
  t_x or recency             age at the last purchase, 0 without a repeat purchase
  T or age                   age at the end of observation
  zbar or monetary_value     mean spend per repeat purchase (for gamma-gamma, and for --horizon)

For bg-bb, where customers can buy once a period, x counts the periods with a purchase, and t_x and T
are whole numbers of periods. Instead of them --periods names the columns of the periods after the first
purchase, oldest first: 1 where the customer bought, 0 where not, empty up to the first purchase and in
its own period.

Examples:
  keepworth fit clv customers.csv --model bg-nbd
  keepworth fit clv customers.csv --model pareto-nbd --at 13,26,52 --format json
  keepworth fit clv customers.csv --model bg-nbd --horizon 52 --rate 0.0019 --margin 0.4 --group segment
  keepworth fit clv customers.csv --model gamma-gamma
  keepworth fit clv customers.csv --model bg-nbd --track repeats.csv --level 90%
  keepworth fit clv donors.csv --model bg-bb --periods 1996,1997,1998,1999,2000,2001 --next 5

--format json prints {model, n, events, estimates: {NAME: {value, se, low, high}}, covariance:
{scale, names, mean, matrix}, loglik, converged, flags, verdict, reason, data, input_hash} and, by
model, expected_repeat_purchases, active_share and value, or population_mean_spend; and goodness:
{n, cells: [{from, to, observed, expected}], test: {chi2, df, p} | null}: customers by repeat
purchases, or by where in the fitted distribution they spend. With --counts there is
chances_of_repeat_purchases: [{t, n, value, se, low, high}] too, with --next outlook: {next, rate,
histories: [{x, t_x, T, customers, active, purchases, residual}]}, with --track or --periods tracking:
{fitted_until, periods: [{t, actual, expected}]}, both cumulative. mixtures say how customers differ:
[{name, about, law, shape, mean, sd, quantiles: [{share, value, se, low, high}], shares_above}].
level is that of every interval.")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// The model.
    #[arg(long, value_enum)]
    model: ModelArg,
    #[command(flatten)]
    columns: Columns,
    /// Ages at which to tell a new customer's expected purchases [default: the longest T, twice it].
    #[arg(long, value_name = "AGE,…", value_delimiter = ',')]
    at: Vec<f64>,
    /// Tell the chances that a new customer buys 0, 1, … N times again by each of the ages.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=100))]
    counts: Option<u32>,
    /// Value the customers over this many time units of the file, by the Gamma-Gamma model.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    horizon: Option<u32>,
    /// Tell by history who is still active and what they buy in the next so many time units; of bg-bb with
    /// --rate also all purchases still to come, discounted.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    next: Option<u32>,
    /// Discount rate per time unit of the file, such as 0.00183 or 0.183% a week: ten percent a year.
    #[arg(long, default_value_t = 0.0, value_parser = fraction)]
    rate: f64,
    /// Share of spend that is contribution margin.
    #[arg(long, default_value_t = 1.0, requires = "horizon")]
    margin: f64,
    /// Hold repeat purchases over time, from this CSV (t, repeat_purchases; `keepworth rfm --track` writes
    /// it), beside those expected; with --periods they are in the file itself.
    #[arg(long, value_name = "FILE", conflicts_with = "periods")]
    track: Option<PathBuf>,
    #[command(flatten)]
    level: LevelArg,
    #[command(flatten)]
    mixture: MixtureArgs,
    #[command(flatten)]
    presenting: Presenting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModelArg {
    /// Dropout after repeat purchases.
    BgNbd,
    /// Dropout after any purchase, the first included.
    MbgNbd,
    /// Dropout at any time.
    ParetoNbd,
    /// Purchases once a period at most, dropout before any of them.
    BgBb,
    /// Mean spend per purchase.
    GammaGamma,
}

impl ModelArg {
    /// The model of purchases; none for that of spend.
    fn purchases(self) -> Option<Model> {
        match self {
            Self::BgNbd => Some(Model::BgNbd),
            Self::MbgNbd => Some(Model::MbgNbd),
            Self::ParetoNbd => Some(Model::ParetoNbd),
            Self::BgBb => Some(Model::BgBb),
            Self::GammaGamma => None,
        }
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let name = || self.file.display().to_string();
        self.check()?;
        match self.model.purchases() {
            Some(model) => {
                let answer = self.purchases(model).with_context(name)?;
                self.presenting.show_rows(
                    &answer.json(),
                    |_| answer.sheets(),
                    |_| answer.estimates(),
                )?;
            }
            None => {
                let answer = self.spend().with_context(name)?;
                self.presenting.show_rows(
                    &answer.json(),
                    |_| answer.sheets(),
                    |_| answer.sheet(),
                )?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Refuses options that do not go together.
    fn check(&self) -> anyhow::Result<()> {
        let of_purchases = self.model.purchases().is_some();
        let for_purchases = self.horizon.is_some()
            || self.counts.is_some()
            || self.next.is_some()
            || self.track.is_some();
        ensure!(
            of_purchases || !for_purchases,
            "--horizon, --counts, --next and --track need a model of purchases, such as --model bg-nbd"
        );
        let of_periods = self.model == ModelArg::BgBb;
        ensure!(
            of_periods || !self.columns.has_periods(),
            "--periods goes with --model bg-bb; the other models need x, t_x and T"
        );
        let discounts = self.horizon.is_some() || (of_periods && self.next.is_some());
        ensure!(
            self.rate == 0.0 || discounts,
            "--rate discounts what --horizon values, or with --model bg-bb what follows --next"
        );
        Ok(())
    }

    fn tracking(
        &self,
        fitted: &PurchaseFit,
        records: &Records,
    ) -> anyhow::Result<Option<Tracking>> {
        let (customers, until) = (&records.customers, records.longest_age);
        if let Some(file) = &self.track {
            let written = self.columns.written();
            return tracking::of_file(fitted, customers, until, file, &written).map(Some);
        }
        let periods = records.by_period.since(until);
        let found = (!periods.is_empty()).then(|| Tracking::of(fitted, customers, until, &periods));
        Ok(found.transpose()?)
    }

    fn spend(&self) -> anyhow::Result<SpendAnswer> {
        let fitted = fit_spend(&read_spends(&self.file, &self.columns)?)?.at(self.level.get());
        let mixtures = self.mixture.told(&[fitted.mixture()])?;
        Ok(SpendAnswer::of(fitted, mixtures))
    }

    fn purchases(&self, model: Model) -> anyhow::Result<Answer> {
        let records = Records::read(&self.file, &self.columns, self.horizon.is_some())?;
        let fitted = purchase::fit(model, &records.customers)?.at(self.level.get());
        let ages = if self.at.is_empty() {
            vec![records.longest_age, 2.0 * records.longest_age]
        } else {
            self.at.clone()
        };
        let value = self.horizon.map(|periods| {
            let terms = ValueTerms {
                periods,
                rate: self.rate,
                margin: self.margin,
            };
            let spend = fit_spend(&records.spends).context("mean spend")?;
            let spend = spend.at(self.level.get());
            Value::of(&fitted, &spend, &records.segments, terms)
        });
        let outlook = self.next.map(|next| {
            let rate = (self.rate > 0.0).then_some(self.rate);
            let rate = rate.filter(|_| model == Model::BgBb);
            Outlook::of(&fitted, &records.customers, next, rate)
        });
        let mixtures = self.mixture.told(&fitted.mixtures())?;
        let tracking = self.tracking(&fitted, &records)?;
        let mut answer = Answer::of(fitted, records.longest_age, &ages, value.transpose()?)?;
        answer.further.outlook = outlook.transpose()?;
        answer.further.mixtures = mixtures;
        answer.further.tracking = tracking;
        if let Some(most) = self.counts {
            answer.tell_counts(&ages, most)?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::on_file;

    /// The answer to a command line on this content.
    pub(super) fn answer(content: &str, options: &[&str]) -> anyhow::Result<serde_json::Value> {
        let (args, _file) = on_file::<Args>(content, options)?;
        args.check()?;
        let json = match args.model.purchases() {
            Some(model) => serde_json::to_value(args.purchases(model)?.json()),
            None => serde_json::to_value(args.spend()?.json()),
        };
        Ok(json?)
    }

    const CUSTOMERS: &str = "\
frequency,recency,T,monetary_value,count,segment
0,0,39,,60,retail
1,6,39,12,10,retail
1,30,39,55,6,retail
2,25,39,90,8,trade
3,35,39,18,6,trade
4,12,39,41,4,trade
9,37,39,24,7,trade
";

    #[test]
    fn every_model_answers_with_the_documented_keys() {
        for (model, further) in [
            ("bg-nbd", "expected_repeat_purchases"),
            ("mbg-nbd", "active_share"),
            ("pareto-nbd", "expected_repeat_purchases"),
            ("bg-bb", "active_share"),
            ("gamma-gamma", "population_mean_spend"),
        ] {
            let json = answer(CUSTOMERS, &["--model", model, "--weights", "count"]).unwrap();
            assert_eq!(json["model"], model);
            let repeat_buyers_only = model == "gamma-gamma";
            assert_eq!(json["n"], if repeat_buyers_only { 41.0 } else { 101.0 });
            for key in [
                "events",
                "estimates",
                "covariance",
                "loglik",
                "converged",
                "flags",
                "verdict",
                "goodness",
                further,
            ] {
                assert!(!json[key].is_null(), "{model} has no {key}");
            }
        }
    }

    #[test]
    fn chances_of_counts_are_told_for_each_age() {
        let options = [
            "--model",
            "bg-nbd",
            "--weights",
            "count",
            "--at",
            "13,39",
            "--counts",
            "2",
        ];
        let json = answer(CUSTOMERS, &options).unwrap();
        let chances = json["chances_of_repeat_purchases"].as_array().unwrap();
        assert_eq!(chances.len(), 6);
        assert_eq!(
            (&chances[5]["t"], &chances[5]["n"]),
            (&39.0.into(), &2.into())
        );
        let none = |i: usize| chances[i]["value"].as_f64().unwrap();
        assert!(none(0) > none(3), "{json}");
    }

    #[test]
    fn segments_are_valued_and_sum_to_the_whole() {
        let options = [
            "--model",
            "bg-nbd",
            "--weights",
            "count",
            "--horizon",
            "26",
            "--margin",
            "0.5",
        ];
        let whole = answer(CUSTOMERS, &options).unwrap();
        let parts = answer(CUSTOMERS, &[&options[..], &["--group", "segment"]].concat()).unwrap();
        let value = |json: &serde_json::Value, segment: &str| {
            json["value"]["segments"][segment]["value"]["value"]
                .as_f64()
                .unwrap()
        };
        let sum = value(&parts, "retail") + value(&parts, "trade");
        assert!((sum / value(&whole, "all") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn faults_name_line_and_column() {
        let fault = |content: &str, options: &[&str]| {
            format!("{:#}", answer(content, options).unwrap_err())
        };
        let bg = ["--model", "bg-nbd"];
        assert!(fault("x,t_x\n1,2\n", &bg).contains("no column T or age"));
        assert!(fault("x,t_x,T\n1,2,3\n1,5,4\n", &bg).starts_with("line 3: t_x is 5 but T is 4"));
        assert!(
            fault("x,t_x,T\n1,two,3\n", &bg).contains("line 2, column t_x: `two` is not a number")
        );
        assert!(fault("x,t_x,T\n1,2\n", &bg).contains("line 2 has 2 cells"));
        assert!(fault("x,t_x,T\n0,0,3\n", &bg).contains("bought again"));
        assert!(fault("x,t_x,T\n", &bg).contains("no customers"));
        let spend = ["--model", "gamma-gamma"];
        assert!(fault("x,zbar\n1,0\n", &spend).starts_with("line 2: mean spend is 0"));
    }
}
