//! Would you have been right? What a baseline forecasts without a programme, held against what happened.
//!
//! Pure: whoever reads records hands in what they count by segment and month, before the baseline's day and
//! after it. The engine draws the futures ([`keepworth_sim::forecast`]); here they are scored.
//!
//! | figure | method |
//! |---|---|
//! | coverage | share of actuals within central bands; its interval by [`coverage`] |
//! | CRPS | of the draws, `E|X − y| − ½E|X − X′|`; of a naive forecast, which is one number, `|x − y|` |
//! | bias | actual over mean, minus 1; its interval from months, discounted for their autocorrelation |
//! | width factor | the 80% quantile of `|y − median|` in units of the band's half on that side |
//! | model error | moments of the segments' mean log errors ([`shock`]) |

mod cell;
mod count;
mod coverage;
mod scatter;
mod shock;
mod summary;
mod words;

use std::collections::BTreeMap;

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    BacktestCell, BacktestReport, CountedFigure, FigureName, KnownBy, ModelError, ShockOn,
};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_sim::Scenario;
use keepworth_sim::forecast::{Counted, Forecast, Shock, Shocks};

use crate::{SimulationError, prepare};
use cell::{cell, pairs};
pub use count::{History, MonthCount, company};
use scatter::scatter;
pub use scatter::{company_scatter, month_scatter};
use shock::Errors;

/// What is held against what.
pub struct Question<'a> {
    /// The baseline that forecasts.
    pub baseline: &'a Baseline,
    /// What was counted before its day: of each segment up to twelve months.
    pub before: &'a BTreeMap<String, History>,
    /// What was counted after it: of each segment the months that are forecast.
    pub after: &'a BTreeMap<String, History>,
    /// The months that are forecast, in order.
    pub months: &'a [Month],
    /// Futures.
    pub trials: u32,
    /// The same seed gives the same figures.
    pub seed: u64,
    /// What may come that nobody foresees: none of a backtest that asks how large it was.
    pub shocks: Shocks,
}

/// Answers it. `sources` of the report are the caller's to fill in.
///
/// # Errors
/// A baseline that is not as it was sealed or lacks a figure that nothing stands in for.
pub fn backtest(question: &Question<'_>) -> Result<BacktestReport, SimulationError> {
    let Question {
        baseline, months, ..
    } = *question;
    let scenario = without_programme(baseline, months.len());
    let model = prepare(&scenario, baseline)?;
    let forecast = Forecast::draw(&model, question.trials, question.seed);
    let mut found = Found::default();
    found.flag_unknown_then(question);
    for (index, own) in baseline.segments.iter().enumerate() {
        if own.purchases.is_some() {
            found.flag_purchases(&own.name);
            continue;
        }
        let nothing = History::default();
        let before = question.before.get(&own.name).unwrap_or(&nothing);
        let Some(after) = question.after.get(&own.name) else {
            continue;
        };
        let channels = forecast.channels(index);
        let scatter = scatter(before, &channels);
        found.unscattered += usize::from(scatter.is_none());
        let drawn = forecast.segment(
            index,
            &scatter.unwrap_or_else(|| scatter::none(channels.len())),
            &question.shocks,
        );
        let segment = Segment {
            name: &own.name,
            before,
            after,
            channels: &channels,
            drawn: &drawn,
            months,
        };
        found.score(&segment, baseline);
    }
    Ok(found.report(question))
}

/// The shocks that a backtest found, as they are to be drawn.
#[must_use]
pub fn shocks(found: &[ModelError]) -> Shocks {
    let of = |on: ShockOn| {
        let error = found.iter().find(|it| it.on == on);
        error.map_or_else(Shock::default, |it| Shock {
            common: it.common.sd,
            own: it.own.sd,
        })
    };
    Shocks {
        leaving: of(ShockOn::Leaving),
        won: of(ShockOn::Won),
        revenue: of(ShockOn::Revenue),
        contacts: of(ShockOn::Contacts),
        service_cost: of(ShockOn::ServiceCost),
        cost: of(ShockOn::Cost),
    }
}

/// Nothing is done; a margin or revenue that nobody knows stands at a number that no score shows.
fn without_programme(baseline: &Baseline, months: usize) -> Scenario {
    let mut text =
        format!("name = \"As things are\"\nhorizon_months = {months}\ndiscount_rate = 0\n");
    for segment in &baseline.segments {
        let mut figures = String::new();
        if !knows(baseline, &segment.name, FigureName::Revenue) {
            figures += "revenue = 0\n";
        }
        if !knows(baseline, &segment.name, FigureName::GrossMargin) {
            figures += "gross_margin = 1\n";
        }
        if !figures.is_empty() {
            let name = toml_text(&segment.name);
            text += &format!("[[segments]]\nname = {name}\n{figures}");
        }
    }
    Scenario::from_toml(&text).unwrap_or_else(|error| unreachable!("{error} in {text}"))
}

/// A text as a TOML string: JSON's escapes are among TOML's.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a segment has a figure, or the company that stands in for it.
fn knows(baseline: &Baseline, segment: &str, name: FigureName) -> bool {
    let own = baseline.segments.iter().find(|it| it.name == segment);
    own.into_iter()
        .chain([&baseline.company])
        .any(|it| it.figures.get(&name).is_some_and(|it| it.value.is_some()))
}

/// A segment with its futures.
struct Segment<'a> {
    name: &'a str,
    before: &'a History,
    after: &'a History,
    channels: &'a [&'a str],
    drawn: &'a Counted,
    months: &'a [Month],
}

/// What was found so far.
#[derive(Default)]
struct Found {
    cells: Vec<BacktestCell>,
    errors: Errors,
    unscattered: usize,
    unbooked: usize,
    flags: Vec<Flag>,
}

impl Found {
    fn score(&mut self, segment: &Segment<'_>, baseline: &Baseline) {
        for (place, month) in segment.months.iter().enumerate() {
            let Some(actual) = segment.after.get(month) else {
                continue;
            };
            for (figure, channel, draws) in pairs(segment, place) {
                if !is_forecast(baseline, segment.name, figure) {
                    continue;
                }
                let Some(value) = actual.value(figure, channel) else {
                    self.unbooked += 1;
                    continue;
                };
                let of = |month: Month| segment.before.get(&month)?.value(figure, channel);
                let mut made = cell(&draws, value);
                made.segment = segment.name.to_owned();
                (made.month, made.figure) = (*month, figure);
                made.channel = channel.map(str::to_owned);
                made.last_value = segment.months.first().and_then(|first| of(first.plus(-1)));
                made.last_year = of(month.plus(-12));
                self.cells.push(made);
            }
            for (on, rate, draws) in shock::rates(actual, segment.drawn, place) {
                let errors = self.errors.entry(on).or_default();
                let seen = errors.entry(segment.name.to_owned()).or_default();
                seen.add(rate, &draws);
            }
        }
    }

    /// Who is there without a contract is nowhere recorded: no count of a month's end can be held against it.
    fn flag_purchases(&mut self, segment: &str) {
        let detail = format!(
            "customers of `{segment}` have no contract, and are not forecast here; the baseline holds their purchases \
             against its model"
        );
        let flag = Flag::new(FlagCode::NotForecast, detail);
        self.flags.push(flag.about(segment));
    }

    fn flag_unknown_then(&mut self, question: &Question<'_>) {
        let known = |name: &str| question.baseline.segments.iter().any(|it| it.name == name);
        for name in question.after.keys().filter(|name| !known(name)) {
            let detail = format!("`{name}` had no customers then, and is not forecast");
            let flag = Flag::new(FlagCode::SegmentUnknownThen, detail);
            self.flags.push(flag.about(name));
        }
    }

    fn report(mut self, question: &Question<'_>) -> BacktestReport {
        let segments = summary::segments(&self.cells);
        let mut flag = |holds: bool, code, detail: String| {
            if holds {
                self.flags.push(Flag::new(code, detail));
            }
        };
        flag(
            true,
            FlagCode::CutByEffectiveDay,
            "what was known then is told by the day for which records hold: records that came in late help \
             the forecast, which had less before it then"
                .to_owned(),
        );
        flag(
            segments < coverage::FEW,
            FlagCode::FewSegments,
            format!(
                "{segments} segments share their errors over months and figures: coverage tells little"
            ),
        );
        flag(
            self.unscattered > 0,
            FlagCode::ScatterUnknown,
            format!(
                "{} segments have fewer than three whole months before {}: how their months scatter is not known, \
                 and their bands are too narrow",
                self.unscattered, question.baseline.as_of
            ),
        );
        flag(
            self.unbooked > 0,
            FlagCode::CostsNotBooked,
            format!(
                "{} sums of money of a segment and month are not booked, and not scored",
                self.unbooked
            ),
        );
        for figure in [
            CountedFigure::Revenue,
            CountedFigure::Cost,
            CountedFigure::ServiceCost,
        ] {
            let is_there = self.cells.iter().any(|it| it.figure == figure);
            flag(
                !is_there,
                FlagCode::NotForecast,
                format!(
                    "{figure} was not known on {}, or is not recorded since",
                    question.baseline.as_of
                ),
            );
        }
        let coverage = summary::coverage_of_all(&self.cells);
        let figures = summary::figures(&self.cells, &question.baseline.currency);
        BacktestReport {
            words: words::words(&coverage, &figures, question.months),
            baseline_hash: question.baseline.hash.clone(),
            currency: question.baseline.currency.clone(),
            months: question.months.len() as u32,
            segments: segments as u32,
            known_by: KnownBy::EffectiveDay,
            coverage,
            figures,
            biases: summary::biases(&self.cells),
            model_error: shock::estimates(&self.errors),
            cells: self.cells,
            sources: Vec::new(),
            quality_flags: self.flags,
        }
    }
}

/// Whether the baseline knows enough to forecast a figure of a segment.
fn is_forecast(baseline: &Baseline, segment: &str, figure: CountedFigure) -> bool {
    let knows = |name| knows(baseline, segment, name);
    match figure {
        CountedFigure::Revenue => knows(FigureName::Revenue),
        CountedFigure::Cost => [
            FigureName::Revenue,
            FigureName::GrossMargin,
            FigureName::Overhead,
            FigureName::AcquisitionCost,
        ]
        .into_iter()
        .all(knows),
        CountedFigure::ServiceCost => {
            let own = baseline.segments.iter().find(|it| it.name == segment);
            let mut channels = own.into_iter().flat_map(|it| &it.channels);
            channels.any(|it| it.cost_per_minute.value.is_some())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
