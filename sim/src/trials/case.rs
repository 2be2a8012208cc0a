//! One future told month by month, with all that it takes to add it up again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Columns, Evaluator};
use crate::flows::{CaseCost, DemographyDraws, Line};
use crate::inputs::Grade;
use crate::kernel::{LANES, Lane};
use crate::model::Draw;
use crate::outcome::Outcome;
use crate::scenario::{Losses, Timing};

/// Lines of the ledger that are benefits: what customers bring and cost.
const BENEFITS: [Line; 6] = [
    Line::Revenue,
    Line::CostOfRevenue,
    Line::Contacts,
    Line::Overhead,
    Line::Training,
    Line::Acquisition,
];

/// The future in which every uncertain input lies at its median: not the mean of futures, and not the median of any
/// figure, but one that can be followed by hand.
///
/// Amounts are nominal, after any risk adjustment. With `demography = "binomial"` it has one draw of who leaves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// When in its month a flow falls.
    pub timing: Timing,
    /// Discount rate a year.
    pub discount_rate: f64,
    /// Tax rate on the difference.
    pub tax_rate: f64,
    /// Months over which capital expenditure is depreciated.
    pub depreciation_months: usize,
    /// How a loss is relieved of tax.
    pub losses: Losses,
    /// Months of revenue that customers owe; none where they pay at once.
    pub receivable_months: Option<f64>,
    /// Money of month 0 that one unit of money of each month is worth; none where results are nominal.
    pub deflator: Option<Vec<f64>>,
    /// What the programme adds to each line of what customers bring and cost, by month from 0.
    pub benefits: BTreeMap<Line, Vec<f64>>,
    /// Every cost line of the initiatives.
    pub costs: Vec<CaseCost>,
    /// The verdict's figures.
    pub figures: BTreeMap<Outcome, f64>,
    /// Whether it has more than one internal rate of return.
    pub several_irr: bool,
    /// The uncertain inputs.
    pub inputs: Vec<CaseInput>,
}

/// An uncertain input on its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseInput {
    /// Name.
    pub name: String,
    /// Unit, for the reader.
    pub unit: String,
    /// The family of its distribution.
    pub shape: &'static str,
    /// 10 in 100 futures are below.
    pub p10: f64,
    /// Its median, at which the case has it.
    pub p50: f64,
    /// 90 in 100 futures are below.
    pub p90: f64,
    /// Evidence behind it, where stated.
    pub grade: Option<Grade>,
    /// Where it comes from.
    pub note: String,
}

impl Evaluator<'_> {
    /// The future in which every uniform is a half, so that every input lies at its median.
    pub fn middle(&self) -> Case {
        let model = self.model();
        let mut values = Columns::from_row(&vec![0.5; model.inputs.len()]);
        self.draw(&mut values);
        let mut batch: Vec<Lane> = vec![[0.0; LANES]; values.len()];
        values.load(0, &mut batch);
        let mut workspace = self.workspace();
        let evaluated = self.evaluate(&mut workspace, &values, 0, 0);
        workspace.keep_lines();
        let draws = DemographyDraws {
            seed: self.seed,
            trial: 0,
        };
        let flows = workspace.flows(self.arch(), model, &batch, draws);
        let rate = flows.rate[0];
        let lines = flows.lines.as_ref();
        let months = |line| {
            let months = lines.map(|lines| lines.difference(line)).into_iter();
            months.flatten().map(|month| month[0]).collect()
        };
        let benefits = BENEFITS.map(|line| (line, months(line))).into();
        let deflator = workspace.deflator();
        Case {
            currency: model.currency.clone(),
            timing: model.timing,
            discount_rate: rate,
            tax_rate: model.tax_rate,
            depreciation_months: model.depreciation_months,
            losses: model.losses,
            receivable_months: model.receivables.map(|it| it.at(&values, 0)),
            benefits: nominal(benefits, deflator.as_deref()),
            deflator,
            costs: workspace.costs(self.arch(), model, &batch),
            figures: Outcome::ALL
                .map(|it| (it, evaluated.outcomes.outcome(it)[0]))
                .into(),
            several_irr: evaluated.several_irr > 0,
            inputs: self.inputs_alone(&values),
        }
    }

    /// Every input on its own, whatever it correlates with, beside its value in the case.
    fn inputs_alone(&self, values: &Columns) -> Vec<CaseInput> {
        let inputs = self.model().inputs.iter().enumerate();
        let alone = inputs.map(|(index, input)| {
            let [p10, p90] = percentiles(&input.draw);
            CaseInput {
                name: input.name.clone(),
                unit: input.unit.clone(),
                shape: match &input.draw {
                    Draw::Quantile(distribution) => distribution.family(),
                    Draw::Success(_) => "chance",
                },
                p10,
                p50: values.column(index)[0],
                p90,
                grade: input.grade,
                note: input.note.clone(),
            }
        });
        alone.collect()
    }
}

/// The 10th and the 90th percentile.
fn percentiles(draw: &Draw) -> [f64; 2] {
    [0.1, 0.9].map(|p| match draw {
        Draw::Quantile(distribution) => distribution.quantile(p),
        // It is 1 in the upper part of futures.
        Draw::Success(probability) => f64::from(u8::from(1.0 - p < *probability)),
    })
}

/// Amounts at the prices of their months, of amounts in the money of month 0.
fn nominal(
    mut lines: BTreeMap<Line, Vec<f64>>,
    deflator: Option<&[f64]>,
) -> BTreeMap<Line, Vec<f64>> {
    for months in lines.values_mut() {
        for (month, factor) in months.iter_mut().zip(deflator.into_iter().flatten()) {
            *month /= factor;
        }
    }
    lines
}
