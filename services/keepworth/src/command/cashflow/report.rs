//! What is said of a series: its figures, and the conventions that they follow.

use keepworth_cashflow::Rate;
use keepworth_cashflow::appraisal::{Appraisal, appraise};
use keepworth_cashflow::payback::Payback;
use keepworth_cashflow::tei::Printed;
use serde::Serialize;

use crate::present::number::{exact_percent, percent, places};
use crate::present::{Cell, Sheet, row};
use crate::reading::statement::{Layout, Statement};

/// The rates of an appraisal, per period.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) rate: Rate,
    pub(super) finance_rate: Rate,
    pub(super) reinvest_rate: Rate,
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

    pub(super) fn sheet(&self) -> Sheet {
        let money = |amount: f64| Cell::places(amount, 2);
        let none = || Cell::from("none");
        let rate = |rate: Option<f64>| rate.map_or_else(none, |it| Cell::percent(it, 3));
        let irr = match self.irr.as_slice() {
            [] | [_] => rate(self.irr.first().copied()),
            several => {
                let rates: Vec<String> = several.iter().map(|it| percent(*it, 3)).collect();
                rates.join(", ").into()
            }
        };
        let payback = |it: &Payback| match it.periods() {
            Some(periods) => Cell::Figure(periods, it.to_string()),
            None => it.to_string().into(),
        };
        let index = self.profitability_index;
        let index = index.map_or_else(none, |it| Cell::places(it, 4));
        let how = &self.conventions;
        let mut sheet = Sheet::new("", "figure | value | convention");
        row![sheet => "NPV", money(self.npv), &how.timing];
        row![sheet => "IRR", irr, how.irr];
        row![sheet => "MIRR", rate(self.mirr), &how.mirr];
        row![sheet => "payback, periods", payback(&self.payback), how.payback];
        let discounted = payback(&self.discounted_payback);
        row![sheet => "discounted payback, periods", discounted, how.discounted_payback];
        row![sheet => "profitability index", index, how.profitability_index];
        row![sheet => "ROI", rate(self.roi), how.roi];
        row![sheet => "PV of costs", money(self.pv_costs), how.costs_and_benefits];
        row![sheet => "PV of benefits", money(self.pv_benefits), how.costs_and_benefits];
        let most = "the most that is out at any time, undiscounted";
        row![sheet => "peak funding", money(self.peak_funding), most];
        sheet.note(format!("Rate: {}.", how.rate));
        if let Some(printed) = &self.tei_printed {
            let roi = printed.roi_percent.map(|roi| format!("{roi}%"));
            sheet.note(format!(
                "As Forrester prints it: NPV {}, ROI {}, payback {}.",
                places(printed.npv, 0),
                roi.unwrap_or_else(|| "none".to_owned()),
                printed.payback
            ));
        }
        for caution in &self.cautions {
            sheet.note(format!("Caution: {caution}."));
        }
        sheet
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
            rate: format!("{} per {period}", exact_percent(terms.rate.value())),
            timing,
            costs_and_benefits: match statement.layout {
                Layout::Tei => "risk-adjusted lines: costs times (1 + f), benefits times (1 - f)",
                _ if statement.has_kinds => "by kind, row by row",
                _ => "negative rows are costs, positive rows benefits",
            },
            irr: "every rate above -100% per period at which the NPV is zero",
            mirr: format!(
                "financed at {}, reinvested at {}",
                exact_percent(terms.finance_rate.value()),
                exact_percent(terms.reinvest_rate.value())
            ),
            payback: "from now to the last time the undiscounted cumulative flow turns from negative to not negative, interpolated within the period",
            discounted_payback: "the same of the discounted flows: never exactly where the NPV is negative",
            profitability_index: "1 + NPV / outlay, the outlay being the net flow of period 0",
            roi: "(PV of benefits - PV of costs) / PV of costs",
        }
    }
}
