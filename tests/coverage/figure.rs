//! What is compared with the truth, figure by figure.

use keepworth_contract::baseline::{Baseline, Figure, HazardBand, SegmentBaseline};
use keepworth_contract::feed::Interval;
use keepworth_sim::scenario::{Hazard, Quantity};
use keepworth_sim::{BaselineSegment, Outcome};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, Normal};

use super::draw::{Draws, Worlds};

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
    /// Mean of the draws over the truth, less 1; of NPV, the error over the true benefit.
    pub error: f64,
    /// Whether the engine draws it at all.
    pub is_drawn: bool,
    /// Whether the interval of 95% that the baseline prints holds the truth, where it prints one.
    pub printed: Option<bool>,
}

/// Compares one company.
pub struct Observer<'a> {
    kind: &'static str,
    company: u64,
    truth: &'a Value,
    pub observations: Vec<Observation>,
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn last(value: &Value) -> f64 {
    number(value.as_array().unwrap().last().unwrap())
}

/// What the last month of a future brings, as of a month of mean length.
fn last_flow(future: &Value, flow: &str) -> f64 {
    last(&future[flow]) / last(&future["months"])
}

fn mean(draws: &[f64]) -> f64 {
    draws.iter().sum::<f64>() / draws.len() as f64
}

impl<'a> Observer<'a> {
    pub fn new(kind: &'static str, company: u64, truth: &'a Value) -> Self {
        Self {
            kind,
            company,
            truth,
            observations: Vec::new(),
        }
    }

    /// Compares everything.
    pub fn observe(&mut self, baseline: &Baseline, worlds: &Worlds) {
        let mut sums = Sums::default();
        for segment in &worlds.world.segments {
            let truths = self.truth["segments"].as_array().unwrap();
            let Some(truth) = truths.iter().find(|it| it["name"] == segment.name.as_str()) else {
                continue;
            };
            let document = baseline.segments.iter().find(|it| it.name == segment.name);
            self.segment(truth, document.unwrap(), segment, worlds, &mut sums);
        }
        self.company(worlds, &sums);
    }

    fn see(&mut self, figure: &str, size: Size, draws: &[f64], truth: f64) {
        self.see_scaled(figure, size, draws, truth, truth);
    }

    /// The error as a share of `scale`.
    fn see_scaled(&mut self, figure: &str, size: Size, draws: &[f64], truth: f64, scale: f64) {
        let below = draws.iter().filter(|draw| **draw < truth).count() as f64;
        let same = draws.iter().filter(|draw| **draw == truth).count() as f64;
        self.put(
            figure,
            size,
            (below + same / 2.0) / draws.len() as f64,
            (mean(draws) - truth) / scale,
        );
        let drawn = &mut self.observations.last_mut().unwrap().is_drawn;
        *drawn = draws.iter().any(|draw| *draw != draws[0]);
    }

    fn put(&mut self, figure: &str, size: Size, place: f64, error: f64) {
        let figure = figure.to_owned();
        let (kind, company) = (self.kind, self.company);
        self.observations.push(Observation {
            kind,
            company,
            figure,
            size,
            place,
            error,
            is_drawn: true,
            printed: None,
        });
    }

    /// Adds to the last observation whether the printed interval holds the truth.
    fn print(&mut self, interval: Option<&Interval>, truth: f64) {
        let holds = interval.map(|it| (it.low..=it.high).contains(&truth));
        self.observations.last_mut().unwrap().printed = holds;
    }

    fn segment(
        &mut self,
        truth: &Value,
        document: &SegmentBaseline,
        segment: &BaselineSegment,
        worlds: &Worlds,
        sums: &mut Sums,
    ) {
        let size = match truth["customers_in_records"].as_u64().unwrap() {
            0..40 => Size::Under40,
            40..150 => Size::Under150,
            _ => Size::Large,
        };
        self.hazards(truth, &document.hazard_bands, segment, size);
        let draw = |quantity: &Quantity, field: &str| {
            worlds.figure(quantity, &format!("segments.{}.{field}", segment.name))
        };
        let mut see = |field: &str, quantity: Quantity, truth: &Value| {
            let draws = draw(&quantity, field);
            self.see(field, size, &draws, number(truth));
            let figure = document.figures.get(field);
            self.print(figure.and_then(|it| it.interval.as_ref()), number(truth));
            draws
        };
        let revenue = see("revenue", segment.revenue.clone().into(), &truth["revenue"]);
        let margin = see(
            "gross_margin",
            segment.gross_margin.clone().into(),
            &truth["gross_margin"],
        );
        let overhead = see(
            "overhead",
            segment.overhead.clone().into(),
            &truth["overhead"],
        );
        let cac = see(
            "acquisition_cost",
            segment.acquisition_cost.clone().into(),
            &truth["acquisition_cost"],
        );
        let won = see(
            "won_per_month",
            segment.won_per_month.clone().into(),
            &truth["won_per_month"],
        );
        let mut cost: Draws = overhead;
        for channel in truth["channels"].as_array().unwrap() {
            let Some(own) = segment
                .channels
                .iter()
                .find(|it| it.name == channel["name"].as_str().unwrap())
            else {
                continue;
            };
            let printed = document
                .channels
                .iter()
                .find(|it| it.name == own.name)
                .unwrap();
            let mut part = |field: &str, quantity: &Quantity, figure: &Figure| {
                let draws = draw(quantity, &format!("{}.{field}", own.name));
                self.see(field, size, &draws, number(&channel[field]));
                self.print(figure.interval.as_ref(), number(&channel[field]));
                draws
            };
            let contacts = part("contacts", &own.contacts, &printed.contacts);
            let minutes = part("minutes", &own.minutes, &printed.minutes);
            let price = part(
                "cost_per_minute",
                &own.cost_per_minute,
                &printed.cost_per_minute,
            );
            for (i, cost) in cost.iter_mut().enumerate() {
                *cost += contacts[i] * minutes[i] * price[i];
            }
        }
        let customers = &worlds.customers[&segment.name];
        let future = &truth["future"]["without_programme"];
        self.see(
            "customers at the horizon",
            size,
            customers,
            last(&future["customers"]),
        );
        let contribution: Draws = (0..customers.len())
            .map(|i| customers[i] * (revenue[i] * margin[i].clamp(0.0, 1.0) - cost[i]))
            .collect();
        self.see(
            "contribution at the horizon",
            size,
            &contribution,
            last_flow(future, "contribution"),
        );
        sums.add(customers, &contribution, &won, &cac);
    }

    /// Hazards by the bands that the baseline has: the truth of a band is that of the months that were
    /// observed in it.
    fn hazards(
        &mut self,
        truth: &Value,
        bands: &[HazardBand],
        segment: &BaselineSegment,
        size: Size,
    ) {
        let Hazard::Bands { log_covariance, .. } = &segment.hazard else {
            return;
        };
        let starts: Vec<usize> = self.truth["tenure_bands_from_month"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_u64().unwrap() as usize)
            .collect();
        let observed: Vec<f64> = truth["months_observed_by_tenure"]
            .as_array()
            .unwrap()
            .iter()
            .map(number)
            .collect();
        for (index, band) in bands.iter().enumerate() {
            let to = band.to_month.map_or(usize::MAX, |to| to as usize).max(1);
            let months = (band.from_month as usize)
                ..to.min(observed.len().max(band.from_month as usize + 1));
            let hazard = |month: usize| {
                let of = starts.iter().rposition(|start| month >= *start).unwrap();
                number(&truth["hazard"][of])
            };
            let weight = |month: &usize| observed.get(*month).copied().unwrap_or_default() + 1e-9;
            let total: f64 = months.clone().map(|month| weight(&month)).sum();
            let hazard = months
                .map(|month| weight(&month) * hazard(month))
                .sum::<f64>()
                / total;
            let variance = log_covariance.as_ref().map_or(0.0, |it| it[index][index]);
            let z = (hazard / band.hazard).ln() / variance.sqrt();
            let place = Normal::new(0.0, 1.0).unwrap().cdf(z);
            let mean = band.hazard * (variance / 2.0).exp();
            self.put(
                &format!("hazard from month {}", band.from_month),
                size,
                place,
                mean / hazard - 1.0,
            );
        }
    }

    fn company(&mut self, worlds: &Worlds, sums: &Sums) {
        let size = Size::Company;
        let future = &self.truth["future"]["without_programme"];
        self.see(
            "customers at the horizon",
            size,
            &sums.customers,
            last(&future["customers"]),
        );
        self.see(
            "contribution at the horizon",
            size,
            &sums.contribution,
            last_flow(future, "contribution"),
        );
        let (flow, contribution) = (
            last_flow(future, "cash_flow"),
            last_flow(future, "contribution"),
        );
        self.see_scaled(
            "cash flow at the horizon",
            size,
            &sums.cash_flow,
            flow,
            contribution,
        );
        let clv = worlds.outcome(Outcome::Clv);
        self.see(
            "lifetime value",
            size,
            clv,
            number(&self.truth["lifetime_value"]),
        );
        let (npv, cost) = (
            number(&self.truth["npv"]),
            number(&self.truth["programme"]["cost"]),
        );
        self.see_scaled("NPV", size, worlds.outcome(Outcome::Npv), npv, npv + cost);
    }
}

/// Sums over segments, future by future.
#[derive(Default)]
struct Sums {
    customers: Draws,
    contribution: Draws,
    cash_flow: Draws,
}

impl Sums {
    fn add(&mut self, customers: &[f64], contribution: &[f64], won: &[f64], cac: &[f64]) {
        for sum in [
            &mut self.customers,
            &mut self.contribution,
            &mut self.cash_flow,
        ] {
            sum.resize(customers.len(), 0.0);
        }
        for i in 0..customers.len() {
            self.customers[i] += customers[i];
            self.contribution[i] += contribution[i];
            self.cash_flow[i] += contribution[i] - won[i] * cac[i];
        }
    }
}
