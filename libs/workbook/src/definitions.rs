//! The sheet of definitions: what figures, grades and conventions mean.

use keepworth_contract::Word;
use keepworth_contract::simulator::OutcomeName;
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::figure;
use crate::names::Names;
use crate::page::Page;
use crate::style::Look;

/// Its name.
const SHEET: &str = "Definitions";

/// What a grade of evidence says.
const GRADES: [(&str, &str); 4] = [
    ("Grade A", "a randomised pilot"),
    ("Grade B", "a controlled comparison before and after"),
    ("Grade C", "an observational link in own data"),
    (
        "Grade D",
        "a claim, or an assumption: nobody has measured it",
    ),
];

/// What the sheets mean by their own words.
const SHEETS: [(&str, &str); 4] = [
    (
        "Case",
        "the future in which every uncertain input lies at its median, and in which works what works in more than half of futures; where customers are drawn one by one, with one draw of them",
    ),
    (
        "Nothing comes true",
        "the same costs, and no benefit: a gate or a stopping rule would end some of them, which this case does not do",
    ),
    (
        "Value beyond the horizon",
        "the engine's value; in this workbook it is scaled by the part of the benefit in force and follows no other input",
    ),
    (
        "Monte Carlo error",
        "the standard error of a simulated figure, which comes of drawing so many futures and no more",
    ),
];

fn definition(outcome: OutcomeName) -> &'static str {
    match outcome {
        OutcomeName::Npv => {
            "present value of what the programme adds after tax, each month times its discount factor"
        }
        OutcomeName::Roi => "NPV over the present value of the programme's cost before tax",
        OutcomeName::PaybackMonth => {
            "the month after the last one whose cumulative flow is negative; never where that is the horizon; nothing to pay back where there is none"
        }
        OutcomeName::IrrAnnual => {
            "the annual rate at which the month-end flows are worth nothing; there may be none, or several"
        }
        OutcomeName::FinalCustomers => "customers at the horizon with the programme",
        OutcomeName::AcquisitionToMaintenance => {
            "mean cost of winning a customer over the yearly cost of keeping one, programme included"
        }
        OutcomeName::DiscountedPaybackMonth => "payback of the cumulative discounted flow",
        OutcomeName::PeakFunding => "most money out at any month's end",
        OutcomeName::CustomersKept => "customers at the horizon more than without the programme",
        OutcomeName::PvCosts => "present value of the programme's cost before tax",
        OutcomeName::MirrAnnual => {
            "rate of return with money borrowed and reinvested at the discount rate"
        }
        OutcomeName::ProfitabilityIndex => {
            "present value of the flows after month 0 over the outlay of month 0"
        }
        OutcomeName::TerminalValue => "part of the NPV that lies beyond the horizon",
        OutcomeName::PaybackInterpolated => {
            "payback to the moment, as if the flow of its month came evenly"
        }
        OutcomeName::DiscountedPaybackInterpolated => "the same of the cumulative discounted flow",
        OutcomeName::Clv => {
            "what a customer won brings as things are, after serving it and before winning it, within the horizon"
        }
    }
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[36.0, 110.0])?;
    page.title(SHEET, &[])?;
    page.heads(2, &["Word", "What it means"], Look::Head)?;
    page.keep_above(2)?;
    let outcomes = OutcomeName::all().map(|it| (figure::title(it), definition(it)));
    let conventions = made.contents.result.conventions.iter();
    let conventions = conventions.map(|(key, words)| (key.as_str(), words.as_str()));
    let all = outcomes.chain(SHEETS).chain(GRADES).chain(conventions);
    for (row, (word, meaning)) in (3..).zip(all) {
        page.text(row, 0, word, Look::Prose)?;
        page.text(row, 1, meaning, Look::Prose)?;
    }
    Ok(page.sheet)
}
