//! The layout of Forrester's Total Economic Impact studies.
//!
//! Lines of benefits and costs in annual columns: an initial one, not discounted, then years
//! `k = 1…n` discounted by `(1+r)^k`. Risk is an adjustment of each line: benefits are taken at
//! `(1 − f)`, costs at `(1 + f)`. That is the method's only treatment of risk, so a table built
//! on simulated figures must use `f = 0`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, all_finite, checked};
use crate::flows::{Flows, Timing};
use crate::payback::Payback;
use crate::rate::Rate;

/// Whether an amount is money spent or money gained. Both are written as positive amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Money spent.
    Cost,
    /// Money gained.
    Benefit,
}

/// One line of the table, before risk adjustment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// Cost or benefit.
    pub kind: Kind,
    /// The risk adjustment `f` as a fraction in [0, 1].
    pub risk_adjustment: f64,
    /// The initial column: spent or gained before year one begins.
    pub initial: f64,
    /// One amount for each year, the first year first.
    pub years: Vec<f64>,
}

impl Line {
    /// The initial column and the years after risk adjustment, still positive amounts.
    #[must_use]
    pub fn adjusted(&self) -> Vec<f64> {
        let factor = match self.kind {
            Kind::Benefit => 1.0 - self.risk_adjustment,
            Kind::Cost => 1.0 + self.risk_adjustment,
        };
        let columns = std::iter::once(&self.initial).chain(&self.years);
        columns.map(|amount| amount * factor).collect()
    }

    /// The line's present value after risk adjustment, a positive amount.
    #[must_use]
    pub fn present_value(&self, rate: Rate) -> f64 {
        let columns = self.adjusted();
        columns[0] + crate::flows::present_value(&columns[1..], rate)
    }
}

/// A table of lines over the same years.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    lines: Vec<Line>,
    net: Flows<'static>,
}

impl Table {
    /// # Errors
    /// When there is no line, a line has no year or other years than the first one, an amount is
    /// not finite, or a risk adjustment is outside [0, 1].
    pub fn new(lines: Vec<Line>) -> Result<Self, Error> {
        let expected = lines.first().ok_or(Error::Empty("lines"))?.years.len();
        for line in &lines {
            let found = line.years.len();
            if found != expected {
                return Err(Error::Years {
                    line: line.name.clone(),
                    found,
                    expected,
                });
            }
            let f = line.risk_adjustment;
            let in_range = (0.0..=1.0).contains(&f);
            checked(
                "risk_adjustment",
                f,
                in_range,
                "a fraction between 0 and 1 (0.20 for 20%)",
            )?;
            checked("initial", line.initial, true, "finite")?;
            all_finite("year amount", &line.years)?;
        }
        if expected == 0 {
            return Err(Error::Empty("years"));
        }
        let benefits = total(&lines, Kind::Benefit);
        let costs = total(&lines, Kind::Cost);
        let net: Vec<f64> = benefits
            .iter()
            .zip(costs)
            .map(|(benefit, cost)| benefit - cost)
            .collect();
        Ok(Self {
            lines,
            net: Flows::periodic(net, Timing::Tei)?,
        })
    }

    /// The lines as given.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The risk-adjusted total of all lines of `kind`: initial column, then the years.
    #[must_use]
    pub fn total(&self, kind: Kind) -> Vec<f64> {
        total(&self.lines, kind)
    }

    /// Risk-adjusted benefits less costs, with this method's timing.
    #[must_use]
    pub fn net(&self) -> &Flows<'static> {
        &self.net
    }

    /// The figures such a study prints.
    #[must_use]
    pub fn summary(&self, rate: Rate) -> Summary {
        let pv = |kind| {
            let lines = self.lines.iter().filter(|line| line.kind == kind);
            lines.map(|line| line.present_value(rate)).sum::<f64>()
        };
        let (pv_benefits, pv_costs) = (pv(Kind::Benefit), pv(Kind::Cost));
        Summary {
            pv_benefits,
            pv_costs,
            npv: pv_benefits - pv_costs,
            roi: (pv_costs != 0.0).then(|| (pv_benefits - pv_costs) / pv_costs),
            payback: self.net().payback(),
        }
    }
}

/// The sum of the lines of `kind`, column by column.
fn total(lines: &[Line], kind: Kind) -> Vec<f64> {
    let columns = lines.first().map_or(0, |line| line.years.len() + 1);
    let mut total = vec![0.0; columns];
    for line in lines.iter().filter(|line| line.kind == kind) {
        for (sum, amount) in total.iter_mut().zip(line.adjusted()) {
            *sum += amount;
        }
    }
    total
}

/// The consolidated figures of a table, unrounded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Present value of the risk-adjusted benefits.
    pub pv_benefits: f64,
    /// Present value of the risk-adjusted costs.
    pub pv_costs: f64,
    /// `pv_benefits − pv_costs`.
    pub npv: f64,
    /// `npv/pv_costs` as a fraction; none without costs.
    pub roi: Option<f64>,
    /// Undiscounted payback in years, each year's net benefit spread evenly over it.
    pub payback: Payback,
}

impl Summary {
    /// Months until the money is back; none where it never is, or where none is ever out.
    #[must_use]
    pub fn payback_months(&self) -> Option<f64> {
        self.payback.periods().map(|years| years * 12.0)
    }

    /// The figures as these studies print them: money to whole units, ROI to whole percent (half
    /// away from zero), payback as the next whole month, `< 6 months`, `never`, or `nothing to pay
    /// back`.
    #[must_use]
    pub fn printed(&self) -> Printed {
        Printed {
            pv_benefits: self.pv_benefits.round(),
            pv_costs: self.pv_costs.round(),
            npv: self.npv.round(),
            roi_percent: self.roi.map(|roi| (roi * 100.0).round()),
            payback: match self.payback_months() {
                None => self.payback.to_string(),
                Some(months) if months < 6.0 => "< 6 months".to_owned(),
                Some(months) => format!("{} months", months.ceil()),
            },
        }
    }
}

/// [`Summary`] in the rounding of the published studies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Printed {
    /// Present value of benefits, whole units.
    pub pv_benefits: f64,
    /// Present value of costs, whole units.
    pub pv_costs: f64,
    /// Net present value, whole units.
    pub npv: f64,
    /// Return on investment, whole percent.
    pub roi_percent: Option<f64>,
    /// Payback in words.
    pub payback: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind, risk_adjustment: f64, columns: [f64; 4]) -> Line {
        let [initial, years @ ..] = columns;
        let name = format!("{kind:?}");
        Line {
            name,
            kind,
            risk_adjustment,
            initial,
            years: years.to_vec(),
        }
    }

    fn ten_percent() -> Rate {
        Rate::new(0.10).unwrap()
    }

    #[test]
    fn salesloft() {
        // Forrester, The Total Economic Impact of SalesLoft, p. 19 (risk-adjusted totals).
        let table = Table::new(vec![
            line(Kind::Cost, 0.0, [53_150.0, 666_715.0, 636_772.0, 647_783.0]),
            line(
                Kind::Benefit,
                0.0,
                [0.0, 1_606_511.0, 3_061_331.0, 4_229_760.0],
            ),
        ])
        .unwrap();
        let summary = table.summary(ten_percent());
        let printed = summary.printed();
        assert!((printed.pv_costs - 1_672_201.0).abs() <= 1.0, "{printed:?}");
        assert!(
            (printed.pv_benefits - 7_168_371.0).abs() <= 1.0,
            "{printed:?}"
        );
        assert!((printed.npv - 5_496_170.0).abs() <= 1.0, "{printed:?}");
        assert_eq!(printed.roi_percent, Some(329.0));
        assert_eq!(printed.payback, "< 6 months");
        assert!((summary.payback_months().unwrap() - 0.68).abs() < 0.005);
    }

    #[test]
    fn microsoft_365() {
        // Forrester, The Total Economic Impact of Microsoft 365 E5, 2023 (transcription, ±2).
        let level = [
            999_405.0,
            1_755_000.0,
            9_315_000.0,
            1_678_758.0,
            655_500.0,
            1_170_000.0,
            2_500_000.0,
        ];
        let mut lines: Vec<Line> = level
            .iter()
            .map(|&b| line(Kind::Benefit, 0.0, [0.0, b, b, b]))
            .collect();
        lines.push(line(
            Kind::Benefit,
            0.0,
            [0.0, 9_308_520.0, 9_626_561.0, 9_953_600.0],
        ));
        let pv_costs = 23_764_389.0;
        lines.push(line(Kind::Cost, 0.0, [pv_costs, 0.0, 0.0, 0.0]));
        let printed = Table::new(lines).unwrap().summary(ten_percent()).printed();
        assert!(
            (printed.pv_benefits - 68_842_937.0).abs() <= 2.0,
            "{printed:?}"
        );
        assert!((printed.npv - 45_078_548.0).abs() <= 2.0, "{printed:?}");
        assert_eq!(printed.roi_percent, Some(190.0));
    }

    #[test]
    fn intellum_retention() {
        // Forrester Consulting for Intellum, 2024, tables A (retention) and B (spend).
        let (revenue, margin, spend_gain) = (1e9, 0.12, 0.083);
        let (offered, utilisation, gain) = ([0.384, 0.767, 0.767], 0.511, 0.222);
        // The study rounds the retained share to 0.1% before using it.
        let retained = offered.map(|o: f64| (o * utilisation * gain * 1e3).round() / 1e3);
        assert_eq!(retained, [0.044, 0.087, 0.087]);
        let growth = [
            0.0,
            revenue * retained[0],
            revenue * (1.0 + retained[0]) * retained[1],
        ];
        let spend =
            [0, 1, 2].map(|k| (revenue + growth[k]) * offered[k] * utilisation * spend_gain);
        let benefit = |years: [f64; 3]| {
            let [a, b, c] = years.map(|amount| amount * margin);
            line(Kind::Benefit, 0.20, [0.0, a, b, c])
        };
        let (keep, buy) = (benefit(growth), benefit(spend));
        assert_eq!(
            keep.adjusted().map_rounded(),
            [0.0, 0.0, 4_224_000.0, 8_719_488.0]
        );
        assert_eq!(
            buy.adjusted().map_rounded(),
            [0.0, 1_563_513.0, 3_260_364.0, 3_406_606.0]
        );
        assert_eq!(keep.present_value(ten_percent()).round(), 10_041_989.0);
        assert!((buy.present_value(ten_percent()) - 6_675_324.0).abs() <= 1.0);
    }

    trait MapRounded {
        fn map_rounded(self) -> Vec<f64>;
    }

    impl MapRounded for Vec<f64> {
        fn map_rounded(self) -> Vec<f64> {
            self.into_iter().map(f64::round).collect()
        }
    }

    /// A line of costs in year two that year three does not bring back, one that it does, and none.
    #[test]
    fn payback_counts_the_last_return() {
        let printed = |costs: [f64; 4], benefits: [f64; 4]| {
            let lines = vec![
                line(Kind::Cost, 0.0, costs),
                line(Kind::Benefit, 0.0, benefits),
            ];
            Table::new(lines)
                .unwrap()
                .summary(ten_percent())
                .printed()
                .payback
        };
        let benefits = [0.0, 200.0, 0.0, 50.0];
        assert_eq!(printed([100.0, 0.0, 0.0, 0.0], benefits), "6 months");
        assert_eq!(printed([100.0, 0.0, 125.0, 0.0], benefits), "30 months");
        assert_eq!(printed([100.0, 0.0, 200.0, 0.0], benefits), "never");
        assert_eq!(printed([0.0; 4], benefits), "nothing to pay back");
        assert_eq!(
            printed([0.0, 50.0, 0.0, 0.0], benefits),
            "nothing to pay back"
        );
    }

    #[test]
    fn risk_raises_costs_and_lowers_benefits() {
        let cost = line(Kind::Cost, 0.10, [100.0, 0.0, 0.0, 0.0]);
        let benefit = line(Kind::Benefit, 0.10, [100.0, 0.0, 0.0, 0.0]);
        assert!((cost.adjusted()[0] - 110.0).abs() < 1e-12);
        assert!((benefit.adjusted()[0] - 90.0).abs() < 1e-12);
    }

    #[test]
    fn a_table_that_is_not_one_is_refused() {
        let mut short = line(Kind::Cost, 0.0, [1.0; 4]);
        short.years.pop();
        let error = Table::new(vec![line(Kind::Benefit, 0.0, [1.0; 4]), short]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line \"Cost\" has 2 years where the first line has 3; give every line the same years"
        );
        assert!(Table::new(vec![]).is_err());
        assert!(Table::new(vec![line(Kind::Cost, 1.0, [f64::MAX; 4])]).is_err());
        assert!(Table::new(vec![line(Kind::Cost, 20.0, [1.0; 4])]).is_err());
    }
}
