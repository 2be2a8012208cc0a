//! The ledger by line and month.

use keepworth_sim::{ByMonth, LedgerLine, Line, MonthlyLedger, RunResult};

use crate::present::number::whole;
use crate::present::{Cell, Sheet, row};

/// For people: what each line comes to, and what the programme moves in which month.
pub(super) fn ledger(book: &MonthlyLedger, result: &RunResult) -> String {
    let currency = result
        .conventions
        .get("currency")
        .map_or("", String::as_str);
    let sheets = [by_line(book, currency), by_month(book, currency)];
    sheets.map(|sheet| sheet.to_string()).join("\n")
}

/// For programs and spreadsheets: a row for each line and month.
pub(super) fn rows(book: &MonthlyLedger) -> Sheet {
    let columns = [
        "line | month | as is | as is p5 | as is p50 | as is p95",
        "programme | programme p5 | programme p50 | programme p95",
        "difference | difference p5 | difference p50 | difference p95",
    ];
    let mut sheet = Sheet::new("", &columns.join(" | "));
    for (name, line) in lines(book) {
        for month in 0..line.difference.mean.len() {
            let figures = |it: &ByMonth| {
                [&it.mean, &it.p5, &it.p50, &it.p95].map(|it| Cell::digits(it[month]))
            };
            let [as_is, programme, difference] =
                [&line.as_is, &line.programme, &line.difference].map(figures);
            let place = [name.into(), Cell::digits(month as f64)];
            sheet.add([&place[..], &as_is, &programme, &difference].concat());
        }
    }
    sheet
}

/// Every line and, last, what they add up to.
fn lines(book: &MonthlyLedger) -> impl Iterator<Item = (&'static str, &LedgerLine)> {
    let lines = book.lines.iter().map(|(line, it)| (line.name(), it));
    lines.chain([("net", &book.net)])
}

/// Lines in which something happens.
fn moving(book: &MonthlyLedger) -> impl Iterator<Item = (&'static str, &LedgerLine)> {
    let happens = |it: &ByMonth| it.mean.iter().any(|amount| *amount != 0.0);
    lines(book).filter(move |(_, it)| happens(&it.as_is) || happens(&it.difference))
}

fn by_line(book: &MonthlyLedger, currency: &str) -> Sheet {
    let months = book.net.difference.mean.len().saturating_sub(1);
    let title = format!(
        "What each line comes to over {months} months, {currency}, mean of {} futures; what is paid is below 0",
        whole(book.futures as f64)
    );
    let columns =
        "line | as things are | with the programme | difference | its present value | ± error";
    let mut sheet = Sheet::new(title, columns);
    let total = |it: &ByMonth| it.mean.iter().sum::<f64>();
    // In whole units, so that a reader can add them up; how exact they are stands beside.
    let money = |amount: f64| Cell::Figure(amount, whole(amount));
    for (name, line) in moving(book) {
        let error = line.present_value.mc_error.mean.unwrap_or_default();
        let present = line.present_value.mean.unwrap_or_default();
        row![sheet => words(name), money(total(&line.as_is)), money(total(&line.programme)),
            money(total(&line.difference)), money(present), money(error)];
    }
    sheet.note(
        "Present values add up to the mean net present value within the horizon. As things are, the ledger holds what \
         is simulated: no costs of the company that belong to no customer.",
    );
    sheet
}

fn by_month(book: &MonthlyLedger, currency: &str) -> Sheet {
    let title = format!(
        "What the programme adds, {currency} a month, mean of {} futures",
        whole(book.futures as f64)
    );
    let named: Vec<(String, Vec<f64>)> = columns(book);
    let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    let header = format!(
        "month | {} | 5 in 100 below | 5 in 100 above",
        names.join(" | ")
    );
    let mut sheet = Sheet::new(title, &header);
    let net = &book.net.difference;
    for month in 0..net.mean.len() {
        let money = |amount: f64| Cell::Figure(amount, whole(amount));
        let means = named.iter().map(|(_, months)| money(months[month]));
        let mut cells = vec![Cell::Figure(month as f64, month.to_string())];
        cells.extend(means);
        cells.extend([money(net.p5[month]), money(net.p95[month])]);
        sheet.add(cells);
    }
    sheet.note(format!(
        "Percentiles are of the net flow in the first {} futures; they do not add up, means do.",
        whole(book.band_futures as f64)
    ));
    sheet
}

/// What the programme adds by month, the programme's own costs in one column.
fn columns(book: &MonthlyLedger) -> Vec<(String, Vec<f64>)> {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for (name, line) in moving(book) {
        let is_programme = name.starts_with("programme_");
        let name = if is_programme { "programme" } else { name };
        let months = &line.difference.mean;
        match columns.iter_mut().find(|(known, _)| *known == words(name)) {
            Some((_, sums)) => {
                for (sum, month) in sums.iter_mut().zip(months) {
                    *sum += month;
                }
            }
            None => columns.push((words(name), months.clone())),
        }
    }
    columns.retain(|(_, months)| months.iter().any(|it| *it != 0.0));
    columns
}

fn words(name: &str) -> String {
    match Line::ALL.iter().any(|line| line.name() == name) || name == "programme" {
        true => name.replace('_', " "),
        false => "net flow".to_owned(),
    }
}
