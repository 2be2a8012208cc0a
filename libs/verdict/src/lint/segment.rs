//! A segment as far as the scenario, or else its baseline, says.

use std::collections::BTreeMap;

use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{Baseline, SegmentBaseline};
use keepworth_contract::simulator::{LintCode, LintFinding};
use keepworth_sim::Scenario;
use keepworth_sim::scenario::Segment;

use super::claim::reached;
use super::size::mean;
use super::{effects, warning};

/// What an effect can act on. What nobody knows is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) customers: Option<f64>,
    pub(super) won: Option<f64>,
    pub(super) experience_share: Option<f64>,
    /// Channels through which customers make contact at all.
    pub(super) channels: Vec<String>,
    pub(super) wins_back: bool,
    gross_margin: Option<f64>,
    /// Where the scenario gives the margin; nowhere where the baseline does.
    margin_path: String,
}

/// The segments by name.
pub(super) fn seen(scenario: &Scenario, baseline: &Baseline) -> BTreeMap<String, Seen> {
    let recorded = baseline.segments.iter();
    let mut seen =
        BTreeMap::from_iter(recorded.map(|it| (it.name.clone(), Seen::from_records(it))));
    for (i, written) in scenario.segments.iter().enumerate() {
        let segment = seen.entry(written.name.clone()).or_default();
        segment.overwrite(scenario, written, i);
    }
    seen
}

impl Seen {
    fn from_records(of: &SegmentBaseline) -> Self {
        let value = |name| of.figures.get(&name).and_then(|it| it.value);
        let used = of
            .channels
            .iter()
            .filter(|it| it.contacts.value != Some(0.0));
        Self {
            customers: value(FigureName::Customers),
            won: value(FigureName::WonPerMonth),
            experience_share: value(FigureName::ExperienceShare),
            channels: used.map(|it| it.name.clone()).collect(),
            wins_back: false,
            gross_margin: value(FigureName::GrossMargin),
            margin_path: String::new(),
        }
    }

    fn overwrite(&mut self, scenario: &Scenario, written: &Segment, place: usize) {
        let number = |it: &Option<_>| it.as_ref().and_then(|it| mean(scenario, it));
        let by_tenure = written.customers_by_tenure.as_ref();
        let customers = written.customers.or(by_tenure.map(|it| it.iter().sum()));
        self.customers = customers.or(self.customers);
        self.won = number(&written.won_per_month).or(self.won);
        self.experience_share = number(&written.experience_share).or(self.experience_share);
        if let Some(channels) = &written.channels {
            self.channels = channels.iter().map(|it| it.name.clone()).collect();
        }
        self.wins_back = written.win_back.is_some();
        if written.gross_margin.is_some() {
            self.gross_margin = number(&written.gross_margin);
            self.margin_path = format!("segments[{place}].gross_margin");
        }
    }
}

/// Segments that effects reach and of whose revenue nothing is the cost.
pub(super) fn revenue_for_margin(
    scenario: &Scenario,
    segments: &BTreeMap<String, Seen>,
) -> Vec<LintFinding> {
    let is_reached = |name: &String| {
        effects(scenario).any(|(initiative, effect, _)| {
            let mut names = reached(initiative, effect);
            names.any(|it| it == name)
        })
    };
    let whole = segments.iter().filter(|(name, it)| {
        it.gross_margin.is_some_and(|margin| margin >= 1.0) && is_reached(name)
    });
    let finding = |(name, it): (&String, &Seen)| {
        let what = format!(
            "all of the revenue of \"{name}\" counts as contribution: its gross margin is 100%, so that what it costs \
             to serve the customers who stay, beyond contacts and overhead, counts nothing"
        );
        let way_out = "give the share that is left after cost of revenue; or import cost of revenue into finance, and \
                       build the baseline again";
        warning(LintCode::RevenueForMargin, &it.margin_path, what, way_out)
    };
    whole.map(finding).collect()
}
