//! A figure held against the truth.

use keepworth_contract::statistic::Interval;
use serde_json::Value;

/// How many customers a figure's segment has in the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    Under40,
    Under150,
    Large,
    Company,
}

/// A figure held against the truth.
#[derive(Debug, Clone)]
pub struct Observation {
    pub kind: &'static str,
    pub company: u64,
    pub figure: String,
    pub size: Size,
    /// Share of the engine's draws below the truth: even in 0 … 1 when bands are right.
    pub place: f64,
    /// Mean of the draws less the truth, as a share of the truth; of NPV and cash flow, of what they
    /// are the difference of.
    pub error: f64,
    /// Whether the engine draws it at all.
    pub is_drawn: bool,
    /// Whether the interval of 95% that the baseline prints holds the truth, where it prints one.
    pub printed: Option<bool>,
}

/// What was observed of one company.
pub struct Observer<'a> {
    pub kind: &'static str,
    pub company: u64,
    pub truth: &'a Value,
    pub observations: Vec<Observation>,
}

impl Observer<'_> {
    /// Holds a figure in every future against the truth.
    pub fn see(&mut self, figure: &str, size: Size, draws: &[f64], truth: f64) {
        self.see_scaled(figure, size, draws, truth, truth);
    }

    /// The error as a share of `scale`.
    pub fn see_scaled(&mut self, figure: &str, size: Size, draws: &[f64], truth: f64, scale: f64) {
        let n = draws.len() as f64;
        let below = draws.iter().filter(|draw| **draw < truth).count() as f64;
        let same = draws.iter().filter(|draw| **draw == truth).count() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        self.put(
            figure,
            size,
            (below + same / 2.0) / n,
            (mean - truth) / scale,
        );
        self.last().is_drawn = draws.iter().any(|draw| *draw != draws[0]);
    }

    /// Adds an observation.
    pub fn put(&mut self, figure: &str, size: Size, place: f64, error: f64) {
        self.observations.push(Observation {
            kind: self.kind,
            company: self.company,
            figure: figure.to_owned(),
            size,
            place,
            error,
            is_drawn: true,
            printed: None,
        });
    }

    /// Adds to the last observation whether the printed interval holds the truth.
    pub fn print(&mut self, interval: Option<&Interval>, truth: f64) {
        let holds = interval.map(|it| (it.low..=it.high).contains(&truth));
        self.last().printed = holds;
    }

    fn last(&mut self) -> &mut Observation {
        self.observations.last_mut().unwrap()
    }
}

/// A number of the truth.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// A list of the truth.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
