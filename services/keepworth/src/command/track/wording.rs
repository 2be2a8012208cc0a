//! A tracking in tables.

use keepworth_contract::Word;
use keepworth_contract::simulator::{
    Belief, CarriedInput, ForecastName, Learnt, NextScenario, TrackedFigure, Tracking,
    TrackingReport, TrackingSummaryPage, VarianceBridge, VarianceDriver, VarianceStep,
};
use keepworth_verdict::number::{percent, significant, whole};
use keepworth_verdict::words::input_name;

use crate::present::{Cell, Sheet, row};

/// The bands that people are shown.
const SHOWN: f64 = 0.8;

/// For people: figures, what moved the result, and what was spent.
pub(super) fn tables(it: &Tracking) -> Vec<Sheet> {
    let report = &it.report;
    let mut sheets = vec![figures(it)];
    sheets.extend(report.bridges.iter().map(|it| bridge(it, report)));
    sheets.extend(
        report
            .learnt
            .as_ref()
            .map(|it| learnt(it, &report.currency)),
    );
    if !report.spending.is_empty() {
        sheets.push(spending(report));
    }
    sheets
}

/// For people: what the next cycle's scenario says otherwise than what was approved, and what it says as that did.
pub(super) fn next(it: &NextScenario) -> Vec<Sheet> {
    let (of, next) = (&it.from, &it.scenario.summary);
    let title = format!(
        "{}, version {}, begins with what was learnt of {} version {}",
        next.key, next.version, of.key, of.version
    );
    let header = "what is taken to be so | before | 80 in 100 | now | 80 in 100 | at";
    let mut carried = Sheet::new(title, header);
    for it in &it.carried {
        carried.add(carried_over(it));
    }
    carried.note(
        "Months tell what an effect's size and causal share make together; that is its size now.",
    );
    carried.note("On a baseline of after the start its effect is in the records already.");
    let mut left = Sheet::new("What is as it was", "what | why");
    for it in &it.left {
        row![left => input_name(&it.input), it.why.clone()];
    }
    vec![carried, left]
}

fn carried_over(it: &CarriedInput) -> Vec<Cell> {
    let first = it.changes.first();
    let at = first.map(|it| it.path.clone()).unwrap_or_default();
    let said = |of: Option<&String>| of.cloned().unwrap_or_default();
    let [before, now] = match (it.prior, it.posterior) {
        (Some(prior), Some(posterior)) => [prior, posterior].map(|it| {
            let range = format!("{} to {}", significant(it.p10, 3), significant(it.p90, 3));
            [significant(it.p50, 3), range]
        }),
        _ => [
            first.and_then(|it| it.old.as_ref()),
            first.and_then(|it| it.new.as_ref()),
        ]
        .map(|it| [said(it), String::new()]),
    };
    let [[before, wide], [now, narrow]] = [before, now];
    [input_name(&it.input), before, wide, now, narrow, at]
        .map(Cell::from)
        .to_vec()
}

fn figures(it: &Tracking) -> Sheet {
    let report = &it.report;
    let header = "figure | expected | came | off by | months in 80% bands | drifts since | unit";
    let mut sheet = Sheet::new(&report.words, header);
    for it in &report.figures {
        sheet.add(figure(it));
    }
    for flag in &report.quality_flags {
        sheet.note(format!("note: {flag}"));
    }
    sheet.note(format!(
        "{}, version {}, run {}, baseline {}; tracking {}",
        report.scenario.key,
        report.scenario.version,
        report.run_id,
        report.baseline_hash,
        it.summary.id
    ));
    sheet
}

fn figure(it: &TrackedFigure) -> Vec<Cell> {
    // Who is there is no sum of months: the last one tells.
    let is_level = it.figure == ForecastName::Customers;
    let of = |value: fn(&_) -> f64| {
        let mut months = it.months.iter().map(value);
        match is_level {
            true => months.next_back().unwrap_or_default(),
            false => months.sum(),
        }
    };
    let (expected, came) = (of(|it| it.forecast.mean), of(|it| it.actual));
    let eighty = it.coverage.iter().find(|it| it.level == SHOWN);
    let name = words(it.figure.name());
    vec![
        if is_level {
            format!("{name}, last month")
        } else {
            name
        }
        .into(),
        Cell::whole(expected),
        Cell::whole(came),
        off(came, expected),
        eighty.map_or(Cell::Nothing, |it| {
            format!("{} of {}", it.held, it.n).into()
        }),
        it.drifted_since
            .map_or(Cell::Nothing, |it| it.to_string().into()),
        it.unit.clone().into(),
    ]
}

fn off(came: f64, expected: f64) -> Cell {
    if expected == 0.0 {
        return Cell::Nothing;
    }
    let share = came / expected - 1.0;
    let plus = if share > 0.0 { "+" } else { "" };
    Cell::Figure(share, format!("{plus}{}", percent(share, 1)))
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn bridge(it: &VarianceBridge, report: &TrackingReport) -> Sheet {
    let when = it
        .year
        .map_or_else(String::new, |year| format!(", year {year}"));
    let title = format!(
        "What moved the result before tax{when} ({} months)",
        it.months
    );
    let header = format!(
        "driver | expected | came | {} better for it",
        report.currency
    );
    let mut sheet = Sheet::new(title, &header);
    row![sheet => "result expected", "", "", Cell::whole(it.expected)];
    for step in &it.steps {
        sheet.add(driver(step));
    }
    row![sheet => "result that came", "", "", Cell::whole(it.actual)];
    sheet
}

fn driver(it: &VarianceStep) -> Vec<Cell> {
    let name = match it.driver {
        VarianceDriver::Customers => "customer-months",
        VarianceDriver::Price => "revenue per customer-month",
        VarianceDriver::Rate => "contacts per customer-month",
        VarianceDriver::ContactCost => "cost per contact",
        VarianceDriver::OtherCost => "other costs per customer-month",
        VarianceDriver::Programme => "cost of the programme",
    };
    let cell = |value: f64| match it.driver {
        VarianceDriver::Customers | VarianceDriver::Programme => Cell::whole(value),
        _ => Cell::Figure(value, significant(value, 4)),
    };
    vec![
        name.into(),
        cell(it.expected),
        cell(it.actual),
        Cell::whole(it.moved),
    ]
}

fn learnt(it: &Learnt, currency: &str) -> Sheet {
    let header = "what is taken to be so | before | 80 in 100 | now | 80 in 100 | evidence";
    let mut sheet = Sheet::new("What the months tell of it", header);
    let digits = |value: f64| Cell::Figure(value, significant(value, 3));
    for of in it
        .inputs
        .iter()
        .filter(|of| !is_told_otherwise(it, &of.input))
    {
        let [before, now] = [of.prior, of.posterior];
        let grade = of.grade.map_or("", |it| it.name());
        row![sheet =>
            input_name(&of.input), digits(before.mean), span(&before, 3), digits(now.mean), span(&now, 3), grade,
        ];
    }
    for of in &it.effects {
        let (Some(before), Some(now)) = (of.prior, of.posterior) else {
            continue;
        };
        let size = it.inputs.iter().find(|it| it.input == of.effect);
        let grade = size.and_then(|it| it.grade).map_or("", |it| it.name());
        row![sheet =>
            format!("{}, where it works", input_name(&of.effect)), digits(before.mean), span(&before, 3),
            digits(now.mean), span(&now, 3), grade,
        ];
    }
    for of in &it.successes {
        row![sheet =>
            format!("{}: the chance that it works", of.initiative), digits(of.prior), "", digits(of.posterior), "", "",
        ];
    }
    let [before, now] = [it.npv_prior, it.npv_posterior];
    row![sheet =>
        format!("NPV within the horizon, {currency}"), digits(before.mean), span(&before, 3), digits(now.mean),
        span(&now, 3), "",
    ];
    sheet.note(format!(
        "By Bayes' rule over {} futures, of which {} differ in the end. It is no experiment: what happened at the same \
         time for another reason counts as the effect's.",
        whole(it.futures as f64),
        whole(it.different_futures as f64)
    ));
    sheet
}

/// Whether an input is shown by what it makes: an effect by size and causal share together, and what is drawn for whether an
/// initiative works by the chance of it.
fn is_told_otherwise(it: &Learnt, input: &str) -> bool {
    let mut told = it.effects.iter().filter(|of| of.prior.is_some());
    told.any(|of| of.inputs.iter().any(|made_of| made_of == input))
        || it.successes.iter().any(|of| of.input == input)
        || input.starts_with("sponsor ")
}

/// The span that eight of ten futures lie in.
fn span(of: &Belief, digits: i32) -> String {
    format!(
        "{} to {}",
        significant(of.p10, digits),
        significant(of.p90, digits)
    )
}

fn spending(report: &TrackingReport) -> Sheet {
    let title = format!("What was spent, {}", report.currency);
    let mut sheet = Sheet::new(title, "programme | budget | spent | left");
    for it in &report.spending {
        let budget = it.budgeted.map_or(Cell::Nothing, Cell::whole);
        let left = it
            .budgeted
            .map_or(Cell::Nothing, |budget| Cell::whole(budget - it.spent));
        row![sheet => it.programme.as_str(), budget, Cell::whole(it.spent), left];
        if it.without_line != 0.0 {
            sheet.note(format!(
                "{} more names {} and no kind of money, and is not counted",
                whole(it.without_line),
                it.programme
            ));
        }
    }
    sheet
}

/// For programs and spreadsheets: a row for each figure and month.
pub(super) fn rows(it: &Tracking) -> Sheet {
    let header = "figure | unit | month | actual | mean | p2_5 | p10 | p25 | p50 | p75 | p90 | p97_5 | score";
    let mut sheet = Sheet::new("", header);
    for figure in &it.report.figures {
        for month in &figure.months {
            let forecast = &month.forecast;
            let place = [
                figure.figure.name().into(),
                figure.unit.clone().into(),
                forecast.month.to_string().into(),
            ];
            let values = [
                month.actual,
                forecast.mean,
                forecast.p2_5,
                forecast.p10,
                forecast.p25,
                forecast.p50,
                forecast.p75,
                forecast.p90,
                forecast.p97_5,
                month.score,
            ];
            sheet.add([&place[..], &values.map(Cell::digits)].concat());
        }
    }
    sheet
}

/// What was tracked before.
pub(super) fn past(page: &TrackingSummaryPage) -> Sheet {
    let mut sheet = Sheet::new("", "version | until | drifts | made | tracking")
        .when_empty("Nothing was tracked yet: keepworth track KEY does.");
    for it in &page.items {
        let drifts = if it.has_drifted { "yes" } else { "no" };
        row![sheet =>
            Cell::whole(f64::from(it.scenario.version)), it.until.to_string(), drifts,
            it.created_at.date_naive().to_string(), it.id.to_string(),
        ];
    }
    sheet
}
