//! What is said of a series: its figures, and the conventions that they follow.

use comfy_table::CellAlignment;
use keepworth_cashflow::Rate;
use keepworth_cashflow::appraisal::{Appraisal, appraise};
use keepworth_cashflow::payback::Payback;
use keepworth_cashflow::tei::Printed;
use serde::Serialize;

use super::statement::{Layout, Statement};
use crate::output::{decimals, table};

/// The rates of an appraisal, per period.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) rate: Rate,
    pub(super) finance_rate: Rate,
    pub(super) reinvest_rate: Rate,
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

/// The result; its JSON is this struct, field by field.
#[derive(Serialize)]
pub(super) struct Figures {
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
    pub(super) fn of(statement: &Statement, terms: Terms) -> anyhow::Result<Self> {
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

    pub(super) fn print(&self) {
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

    #[test]
    fn extreme_rates_stay_readable() {
        assert_eq!(shown(Rate::new(0.1).unwrap()), "10%");
        assert_eq!(shown(Rate::new(1e30).unwrap()), "1.0000e32%");
    }
}
