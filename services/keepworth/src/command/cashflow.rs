//! `keepworth cashflow`: every figure of a series of costs and benefits.

mod report;

use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use keepworth_cashflow::{Rate, Timing};

use crate::command::Outcome;
use crate::command::cashflow::report::{Figures, Terms};
use crate::present::Presenting;
use crate::reading::WrittenArgs;
use crate::reading::column::open;
use crate::reading::statement::Statement;
use keepworth_reading::date::DateFormat;
use keepworth_reading::number::fraction;

/// Appraise a series of costs and benefits: NPV, IRR, payback, ROI, each with its convention.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV in one of three layouts, known by its header:

  period,amount                  0,-400   flow 0 is now; costs are negative
  period,amount,kind             1,230,benefit and 1,100,cost   amounts as written in a budget
  date,amount[,kind]             2026-01-01,-400   discounted by days over 365, the rate a year
  line,kind,risk_adjustment,initial,year1,year2,...   a Forrester TEI table, in fractions:
                                 Licences,cost,0.10,50000,20000,20000

Payback counts from now to the last time the cumulative flow turns from negative to not negative;
it is `never` where that is negative at the end, and `nothing to pay back` where it never is. In JSON
payback and discounted_payback are {outcome: paid_back, flow, periods}, {outcome: never} or
{outcome: nothing_to_pay_back}.

Examples:
  keepworth cashflow programme.csv --rate 0.10
  keepworth cashflow programme.csv --rate 0.10 --timing mid --format json
  printf 'period,amount\\n0,-400\\n1,130\\n2,340\\n3,390\\n' | keepworth cashflow - --rate 0.10")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// Discount rate per period of the file: 0.10 or 10%.
    #[arg(long, value_parser = rate)]
    rate: Rate,
    /// When in its period a flow falls [default: tei for a TEI table, else end].
    #[arg(long)]
    timing: Option<TimingArg>,
    /// What the money that is out costs, for the MIRR [default: --rate].
    #[arg(long, value_name = "RATE", value_parser = rate)]
    finance_rate: Option<Rate>,
    /// What the money that comes in earns until the end, for the MIRR [default: --rate].
    #[arg(long, value_name = "RATE", value_parser = rate)]
    reinvest_rate: Option<Rate>,
    /// How dates are written, such as %d.%m.%Y, or rfc3339, epoch_seconds, epoch_millis (days in UTC).
    #[arg(
        long,
        default_value = "%Y-%m-%d",
        help_heading = "How the file is written"
    )]
    date_format: String,
    #[command(flatten)]
    written: WrittenArgs,
    #[command(flatten)]
    presenting: Presenting,
}

/// When in its period a flow falls. The flow of period 0 is always now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TimingArg {
    /// At the end.
    End,
    /// In the middle.
    Mid,
    /// At the start.
    Start,
    /// Forrester's: initial column undiscounted, years at their end.
    Tei,
}

impl From<TimingArg> for Timing {
    fn from(timing: TimingArg) -> Self {
        match timing {
            TimingArg::End => Self::End,
            TimingArg::Mid => Self::Mid,
            TimingArg::Start => Self::Start,
            TimingArg::Tei => Self::Tei,
        }
    }
}

fn rate(value: &str) -> Result<Rate, String> {
    Rate::new(fraction(value)?).map_err(|error| error.to_string())
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let name = || self.file.display().to_string();
        let table = open(&self.file, &self.written.written()).with_context(name)?;
        let timing = self.timing.map(Timing::from);
        let dates = DateFormat::from(self.date_format);
        let statement = Statement::read(table, timing, &dates).with_context(name)?;
        let terms = Terms {
            rate: self.rate,
            finance_rate: self.finance_rate.unwrap_or(self.rate),
            reinvest_rate: self.reinvest_rate.unwrap_or(self.rate),
        };
        let figures = Figures::of(&statement, terms)?;
        self.presenting.show(figures, |it| Ok(vec![it.sheet()]))?;
        Ok(Outcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use keepworth_reading::Written;

    use super::*;
    use keepworth_reading::table::Table;

    fn figures(content: &str, timing: Option<Timing>) -> serde_json::Value {
        let bytes = std::io::Cursor::new(content.to_owned());
        let table = Table::open(bytes, &Written::default()).unwrap();
        let dates = DateFormat::from("%Y-%m-%d".to_owned());
        let statement = Statement::read(table, timing, &dates).unwrap();
        let figures = Figures::of(&statement, terms(0.10, 0.10)).unwrap();
        serde_json::to_value(figures).unwrap()
    }

    fn terms(rate: f64, reinvest: f64) -> Terms {
        let rate = Rate::new(rate).unwrap();
        Terms {
            rate,
            finance_rate: rate,
            reinvest_rate: Rate::new(reinvest).unwrap(),
        }
    }

    /// Microsoft, MIRR function: financed at 10%, reinvested at 12% it is 12.61%.
    #[test]
    fn what_comes_in_may_earn_another_rate() {
        let content = "period,amount\n0,-120000\n1,39000\n2,30000\n3,21000\n4,37000\n5,46000\n";
        let table = Table::open(std::io::Cursor::new(content), &Written::default()).unwrap();
        let dates = DateFormat::from("%Y-%m-%d".to_owned());
        let statement = Statement::read(table, None, &dates).unwrap();
        let found = Figures::of(&statement, terms(0.10, 0.12)).unwrap();
        let json = serde_json::to_value(found).unwrap();
        near(&json["mirr"], 0.126_094, 5e-7);
        assert_eq!(
            json["conventions"]["mirr"],
            "financed at 10%, reinvested at 12%"
        );
    }

    fn near(value: &serde_json::Value, expected: f64, tolerance: f64) {
        let found = value.as_f64().unwrap();
        assert!(
            (found - expected).abs() < tolerance,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn three_layouts_of_one_programme_agree() {
        // The product's reference programme (thousands): costs 400 then 100 a year, benefits
        // 230, 440, 490: NPV 292.186, IRR 41.39%, payback 1.794, discounted 2.0028.
        let kinds = "period,amount,kind\n0,400,cost\n1,100,cost\n1,230,benefit\n2,100,cost\n2,440,benefit\n3,100,cost\n3,490,benefit\n";
        let signed = "period,amount\n0,-400\n1,-100\n1,230\n2,340\n3,390\n";
        let tei = "line,kind,risk_adjustment,initial,year1,year2,year3\nrun,cost,0,400,100,100,100\ngain,benefit,0,0,230,440,490\n";
        for content in [kinds, signed, tei] {
            let json = figures(content, None);
            near(&json["npv"], 292.186, 5e-4);
            near(&json["irr"][0], 0.41389, 1e-5);
            near(&json["payback_periods"], 1.794, 5e-4);
            near(&json["discounted_payback_periods"], 2.0028, 5e-5);
            assert_eq!(json["irr"].as_array().unwrap().len(), 1);
            assert_eq!(json["cautions"].as_array().unwrap().len(), 0);
        }
        near(&figures(kinds, None)["pv_costs"], 400.0 + 248.685, 1e-3);
    }

    #[test]
    fn dates_are_discounted_by_the_day() {
        // Microsoft, XIRR function.
        let json = figures(
            "date,amount\n2008-01-01,-10000\n2008-03-01,2750\n2008-10-30,4250\n2009-02-15,3250\n2009-04-01,2750\n",
            None,
        );
        near(&json["irr"][0], 0.373_362_535, 2e-9);
        assert_eq!(json["conventions"]["rate"], "10% per year");
    }

    #[test]
    fn timing_is_applied_and_named() {
        let content = "period,amount\n0,-985\n1,75\n2,120\n3,100\n4,1200\n";
        near(&figures(content, None)["npv"], 77.10, 0.005);
        let mid = figures(content, Some(Timing::Mid));
        near(&mid["npv"], 128.94, 0.005);
        assert!(
            mid["conventions"]["timing"]
                .as_str()
                .unwrap()
                .contains("middle")
        );
    }

    #[test]
    fn never_and_none_are_null_and_empty() {
        let json = figures("period,amount\n0,-1000\n1,400\n2,400\n3,400\n", None);
        assert!(json["discounted_payback_periods"].is_null());
        assert_eq!(
            json["discounted_payback"],
            serde_json::json!({"outcome": "never"})
        );
        let paid_back = serde_json::json!({"outcome": "paid_back", "flow": 3, "periods": 2.5});
        assert_eq!(json["payback"], paid_back);
        let gain = figures("period,amount\n0,100\n1,50\n2,50\n", None);
        assert!(gain["payback_periods"].is_null());
        assert_eq!(gain["payback"]["outcome"], "nothing_to_pay_back");
        assert_eq!(gain["irr"], serde_json::json!([]));
        assert!(gain["mirr"].is_null() && gain["profitability_index"].is_null());
    }

    /// An outlay in period 1 is not paid back in period 0, and a second one is a second one.
    #[test]
    fn payback_counts_from_now_to_the_last_return() {
        let late = "period,amount\n0,0\n1,-1000\n2,400\n3,400\n4,400\n";
        for timing in [Timing::End, Timing::Mid, Timing::Start, Timing::Tei] {
            let json = figures(late, Some(timing));
            assert_eq!(json["payback_periods"], 3.5, "{timing}");
            let value = json["npv"].as_f64().unwrap();
            assert_eq!(
                json["discounted_payback"]["outcome"] == "never",
                value < 0.0
            );
            assert_eq!(json["cautions"], serde_json::json!([]));
        }
        let twice = figures("period,amount\n0,-100\n1,150\n2,-100\n3,30\n", None);
        assert_eq!(twice["payback"]["outcome"], "never");
        let caution = twice["cautions"].to_string();
        assert!(
            caution.contains("from flow 2 on the cumulative flow is negative again"),
            "{caution}"
        );
        let dated = figures(
            "date,amount\n2026-01-01,0\n2027-01-01,-10\n2028-01-01,10\n",
            None,
        );
        assert_eq!(dated["payback"]["periods"], 2.0);
    }

    /// Money that comes in first and goes out later.
    #[test]
    fn the_rate_of_a_loan_turns_the_rule_round() {
        let rows: String = (2..11).map(|period| format!("{period},-400\n")).collect();
        let json = figures(&format!("period,amount\n0,900\n1,500\n{rows}"), None);
        near(&json["npv"], -739.65, 0.005);
        near(&json["irr"][0], 0.205_41, 5e-6);
        assert_eq!(json["payback"]["outcome"], "never");
        let caution = json["cautions"][0].as_str().unwrap();
        assert!(
            caution.contains("the cost of a loan, not a return"),
            "{caution}"
        );
        assert!(caution.contains("the rule turns round"), "{caution}");
    }

    #[test]
    fn a_tiny_outlay_is_called_out() {
        // Forrester TEI of SalesLoft, p. 19.
        let json = figures(
            "line,kind,risk_adjustment,initial,year1,year2,year3\ncosts,cost,0,53150,666715,636772,647783\nbenefits,benefit,0,0,1606511,3061331,4229760\n",
            None,
        );
        assert_eq!(json["tei_printed"]["roi_percent"], 329.0);
        assert_eq!(json["tei_printed"]["payback"], "< 6 months");
        assert!(
            json["cautions"][0]
                .as_str()
                .unwrap()
                .contains("payback) say nothing")
        );
    }

    #[test]
    fn a_rate_in_percent_is_refused() {
        assert_eq!(
            rate("10").unwrap_err(),
            "10 is 1000% or 10%; write 1000% or 10%, as it is meant"
        );
        assert!(rate("-1").is_err() && rate("x").is_err());
    }
}
