//! `keepworth cashflow`: every figure of a series of costs and benefits.

mod sheet;
mod statement;

use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use comfy_table::CellAlignment;
use keepworth_cashflow::appraisal::{Appraisal, appraise};
use keepworth_cashflow::payback::Payback;
use keepworth_cashflow::tei::Printed;
use keepworth_cashflow::{Rate, Timing};
use serde::Serialize;

use crate::command::Outcome;
use crate::command::cashflow::statement::{Layout, Statement};
use crate::output::{Format, decimals, print_json, table};
use crate::reading::Written;
use crate::reading::column::open;
use crate::reading::date::DateFormat;
use crate::reading::number::fraction;

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
    written: Written,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
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

/// The rates of an appraisal, per period.
#[derive(Clone, Copy)]
struct Terms {
    rate: Rate,
    finance_rate: Rate,
    reinvest_rate: Rate,
}

/// A rate in percent, without the noise of its last digits.
fn shown(rate: Rate) -> String {
    let percent = (rate.value() * 1e8).round() / 1e6;
    if percent < 1e15 {
        format!("{percent}%")
    } else {
        format!("{percent:.4e}%")
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let name = || self.file.display().to_string();
        let table = open(&self.file, &self.written).with_context(name)?;
        let timing = self.timing.map(Timing::from);
        let dates = DateFormat::from(self.date_format);
        let statement = Statement::read(table, timing, &dates).with_context(name)?;
        let terms = Terms {
            rate: self.rate,
            finance_rate: self.finance_rate.unwrap_or(self.rate),
            reinvest_rate: self.reinvest_rate.unwrap_or(self.rate),
        };
        let figures = Figures::of(&statement, terms)?;
        match self.format {
            Format::Json => print_json(&figures)?,
            Format::Table => figures.print(),
        }
        Ok(Outcome::Done)
    }
}

/// The result; its JSON is this struct, field by field.
#[derive(Serialize)]
struct Figures {
    npv: f64,
    /// All internal rates of return, ascending; empty when there is none.
    irr: Vec<f64>,
    mirr: Option<f64>,
    payback: Payback,
    /// Null where there is no such moment; `payback` says why.
    payback_periods: Option<f64>,
    discounted_payback: Payback,
    discounted_payback_periods: Option<f64>,
    profitability_index: Option<f64>,
    roi: Option<f64>,
    pv_costs: f64,
    pv_benefits: f64,
    peak_funding: f64,
    /// For a TEI table: the figures in the rounding of the published studies.
    #[serde(skip_serializing_if = "Option::is_none")]
    tei_printed: Option<Printed>,
    /// What to distrust in the figures, in words.
    cautions: Vec<String>,
    conventions: Conventions,
}

/// How the figures were computed, in words.
#[derive(Serialize)]
struct Conventions {
    rate: String,
    timing: String,
    costs_and_benefits: &'static str,
    irr: &'static str,
    mirr: String,
    payback: &'static str,
    discounted_payback: &'static str,
    profitability_index: &'static str,
    roi: &'static str,
}

impl Figures {
    fn of(statement: &Statement, terms: Terms) -> anyhow::Result<Self> {
        let Statement {
            clock,
            costs,
            benefits,
            ..
        } = statement;
        let found: Appraisal = appraise(clock, costs, benefits, terms.rate)?;
        let net = benefits
            .iter()
            .zip(costs)
            .map(|(benefit, cost)| benefit - cost);
        let net = clock.with_amounts(net.collect())?;
        Ok(Self {
            npv: found.npv,
            irr: found.irr.rates().to_vec(),
            mirr: net.mirr(terms.finance_rate, terms.reinvest_rate),
            payback: found.payback,
            payback_periods: found.payback.periods(),
            discounted_payback: found.discounted_payback,
            discounted_payback_periods: found.discounted_payback.periods(),
            profitability_index: found.profitability_index,
            roi: found.roi,
            pv_costs: found.pv_costs,
            pv_benefits: found.pv_benefits,
            peak_funding: found.peak_funding,
            tei_printed: statement
                .tei_summary(terms.rate)
                .map(|summary| summary.printed()),
            cautions: found.cautions.iter().map(ToString::to_string).collect(),
            conventions: Conventions::of(statement, terms),
        })
    }

    fn print(&self) {
        let money = |amount: f64| decimals(amount, 2);
        let percent = |rate: f64| format!("{}%", decimals(rate * 100.0, 3));
        let or = |value: Option<String>, without: &str| value.unwrap_or_else(|| without.to_owned());
        let irr = match self.irr.as_slice() {
            [] => "none".to_owned(),
            rates => rates
                .iter()
                .map(|rate| percent(*rate))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let how = &self.conventions;
        let mut rows = table(["figure", "value", "convention"]);
        let mut row = |name: &str, value: String, convention: &str| {
            rows.add_row([name, &value, convention]);
        };
        row("NPV", money(self.npv), &how.timing);
        row("IRR", irr, how.irr);
        row("MIRR", or(self.mirr.map(percent), "none"), &how.mirr);
        row("payback, periods", self.payback.to_string(), how.payback);
        row(
            "discounted payback, periods",
            self.discounted_payback.to_string(),
            how.discounted_payback,
        );
        let index = self.profitability_index.map(|index| decimals(index, 4));
        row(
            "profitability index",
            or(index, "none"),
            how.profitability_index,
        );
        row("ROI", or(self.roi.map(percent), "none"), how.roi);
        row("PV of costs", money(self.pv_costs), how.costs_and_benefits);
        row(
            "PV of benefits",
            money(self.pv_benefits),
            how.costs_and_benefits,
        );
        row(
            "peak funding",
            money(self.peak_funding),
            "the most that is out at any time, undiscounted",
        );
        if let Some(conventions) = rows.column_mut(2) {
            conventions.set_cell_alignment(CellAlignment::Left);
        }
        println!("{rows}");
        println!("Rate: {}.", how.rate);
        if let Some(printed) = &self.tei_printed {
            let roi = or(printed.roi_percent.map(|roi| format!("{roi}%")), "none");
            println!(
                "As Forrester prints it: NPV {}, ROI {roi}, payback {}.",
                decimals(printed.npv, 0),
                printed.payback
            );
        }
        for caution in &self.cautions {
            println!("Caution: {caution}.");
        }
    }
}

impl Conventions {
    fn of(statement: &Statement, terms: Terms) -> Self {
        let dated = statement.layout == Layout::Dated;
        let (period, timing) = if dated {
            (
                "year",
                "each flow on its date, discounted by days since the first over 365".to_owned(),
            )
        } else {
            ("period", statement.timing.to_string())
        };
        Self {
            rate: format!("{} per {period}", shown(terms.rate)),
            timing,
            costs_and_benefits: match statement.layout {
                Layout::Tei => "risk-adjusted lines: costs times (1 + f), benefits times (1 - f)",
                _ if statement.has_kinds => "by kind, row by row",
                _ => "negative rows are costs, positive rows benefits",
            },
            irr: "every rate above -100% per period at which the NPV is zero",
            mirr: format!(
                "financed at {}, reinvested at {}",
                shown(terms.finance_rate),
                shown(terms.reinvest_rate)
            ),
            payback: "from now to the last time the undiscounted cumulative flow turns from negative to not negative, interpolated within the period",
            discounted_payback: "the same of the discounted flows: never exactly where the NPV is negative",
            profitability_index: "1 + NPV / outlay, the outlay being the net flow of period 0",
            roi: "(PV of benefits - PV of costs) / PV of costs",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::table::Table;

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
        assert!((found.mirr.unwrap() - 0.126_094).abs() < 5e-7);
        assert_eq!(found.conventions.mirr, "financed at 10%, reinvested at 12%");
    }

    #[test]
    fn extreme_rates_stay_readable() {
        assert_eq!(shown(Rate::new(0.1).unwrap()), "10%");
        assert_eq!(shown(Rate::new(1e30).unwrap()), "1.0000e32%");
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
