//! What is compared with the truth.

use keepworth_contract::simulator::baseline::{Baseline, HazardBand, SegmentBaseline};
use keepworth_sim::scenario::{Hazard, Quantity};
use keepworth_sim::{BaselineSegment, Outcome};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, Normal};

use super::draw::{Draws, Worlds};
use super::figure::{Observer, Size, list, number};

/// The kind of observations of the engine on true figures.
pub const ENGINE: &str = "in-class, the engine on the true figures";

fn last(value: &Value) -> f64 {
    number(list(value).last().unwrap())
}

/// What the last month of a future brings, as of a month of mean length.
fn last_flow(future: &Value, flow: &str) -> f64 {
    last(&future[flow]) / last(&future["months"])
}

/// A segment's truth by its name.
pub fn truth_of<'a>(truth: &'a Value, segment: &str) -> &'a Value {
    list(&truth["segments"])
        .iter()
        .find(|it| it["name"] == segment)
        .unwrap()
}

impl Observer<'_> {
    /// Compares every figure of the baseline, and the future.
    pub fn observe(&mut self, baseline: &Baseline, worlds: &Worlds) {
        let mut sums = Sums::default();
        for segment in &worlds.world.segments {
            let truth = truth_of(self.truth, &segment.name);
            let document = baseline
                .segments
                .iter()
                .find(|it| it.name == segment.name)
                .unwrap();
            let size = match truth["customers_in_records"].as_u64().unwrap() {
                0..40 => Size::Under40,
                40..150 => Size::Under150,
                _ => Size::Large,
            };
            self.hazards(truth, &document.hazard_bands, segment, size);
            self.figures(truth, document, segment, (worlds, size));
            let money = Money::of(segment, worlds);
            let future = &truth["future"]["without_programme"];
            self.see(
                "customers at the horizon",
                size,
                money.customers,
                last(&future["customers"]),
            );
            let contribution = last_flow(future, "contribution");
            self.see(
                "contribution at the horizon",
                size,
                &money.contribution,
                contribution,
            );
            sums.add(&money);
        }
        self.company(worlds, &sums);
    }

    /// Compares what the engine makes of the true figures.
    pub fn observe_engine(&mut self, worlds: &Worlds) {
        let before = self.observations.len();
        let mut sums = Sums::default();
        for segment in &worlds.world.segments {
            sums.add(&Money::of(segment, worlds));
        }
        self.company(worlds, &sums);
        self.observations[before..]
            .iter_mut()
            .for_each(|it| it.kind = ENGINE);
    }

    /// Figures of a segment as the engine draws them, and the intervals that the baseline prints.
    fn figures(
        &mut self,
        truth: &Value,
        document: &SegmentBaseline,
        segment: &BaselineSegment,
        (worlds, size): (&Worlds, Size),
    ) {
        for (field, quantity) in [
            ("revenue", &segment.revenue),
            ("gross_margin", &segment.gross_margin),
            ("overhead", &segment.overhead),
            ("acquisition_cost", &segment.acquisition_cost),
            ("won_per_month", &segment.won_per_month),
        ] {
            let draws = worlds.figure(segment, field, quantity);
            self.see(field, size, &draws, number(&truth[field]));
            let figure = document.figures.get(&field.parse().unwrap());
            self.print(
                figure.and_then(|it| it.interval.as_ref()),
                number(&truth[field]),
            );
        }
        for channel in list(&truth["channels"]) {
            let name = channel["name"].as_str().unwrap();
            let own = segment.channels.iter().find(|it| it.name == name);
            let printed = document.channels.iter().find(|it| it.name == name);
            let (Some(own), Some(printed)) = (own, printed) else {
                continue;
            };
            for (field, quantity, figure) in [
                ("contacts", &own.contacts, &printed.contacts),
                ("minutes", &own.minutes, &printed.minutes),
                (
                    "cost_per_minute",
                    &own.cost_per_minute,
                    &printed.cost_per_minute,
                ),
            ] {
                let draws = worlds.figure(segment, &format!("{name}.{field}"), quantity);
                self.see(field, size, &draws, number(&channel[field]));
                self.print(figure.interval.as_ref(), number(&channel[field]));
            }
        }
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
        for (index, band) in bands.iter().enumerate() {
            let hazard = self.true_hazard(truth, band);
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
            self.print(Some(&band.interval), hazard);
        }
    }

    fn true_hazard(&self, truth: &Value, band: &HazardBand) -> f64 {
        let starts = list(&self.truth["tenure_bands_from_month"]);
        let observed = list(&truth["months_observed_by_tenure"]);
        let from = band.from_month as usize;
        let to = band.to_month.map_or(usize::MAX, |to| to as usize);
        let (mut sum, mut total) = (0.0, 0.0);
        for month in from..to.min(observed.len().max(from + 1)) {
            let of = starts
                .iter()
                .rposition(|start| month as f64 >= number(start))
                .unwrap();
            // Where nobody was observed, every month counts alike.
            let weight = observed.get(month).map_or(0.0, number) + 1e-9;
            sum += weight * number(&truth["hazard"][of]);
            total += weight;
        }
        sum / total
    }

    fn company(&mut self, worlds: &Worlds, sums: &Sums) {
        let size = Size::Company;
        let future = &self.truth["future"]["without_programme"];
        let customers = last(&future["customers"]);
        self.see(
            "company's customers at the horizon",
            size,
            &sums.customers,
            customers,
        );
        let contribution = last_flow(future, "contribution");
        self.see(
            "company's contribution at the horizon",
            size,
            &sums.contribution,
            contribution,
        );
        let flow = last_flow(future, "cash_flow");
        self.see_scaled(
            "company's cash flow at the horizon",
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
        let cost = number(&self.truth["programme"]["cost"]);
        let npv = worlds.outcome(Outcome::Npv);
        let truth = number(&self.truth["npv"]);
        self.see_scaled("NPV", size, npv, truth, truth + cost);
    }
}

/// What a segment brings at the horizon, future by future.
struct Money<'a> {
    customers: &'a [f64],
    contribution: Draws,
    cash_flow: Draws,
}

impl<'a> Money<'a> {
    fn of(segment: &BaselineSegment, worlds: &'a Worlds) -> Self {
        let draw = |field: &str, quantity: &Quantity| worlds.figure(segment, field, quantity);
        let (revenue, margin) = (
            draw("revenue", &segment.revenue),
            draw("gross_margin", &segment.gross_margin),
        );
        let (won, cac) = (
            draw("won_per_month", &segment.won_per_month),
            draw("acquisition_cost", &segment.acquisition_cost),
        );
        let mut cost = draw("overhead", &segment.overhead);
        for it in &segment.channels {
            let part = |field: &str, quantity| draw(&format!("{}.{field}", it.name), quantity);
            let contacts = part("contacts", &it.contacts);
            let minutes = part("minutes", &it.minutes);
            let price = part("cost_per_minute", &it.cost_per_minute);
            for (i, cost) in cost.iter_mut().enumerate() {
                *cost += contacts[i] * minutes[i] * price[i];
            }
        }
        let customers = &worlds.customers[&segment.name];
        let unit = |i: usize| revenue[i] * margin[i].clamp(0.0, 1.0) - cost[i];
        let contribution: Draws = (0..customers.len())
            .map(|i| customers[i] * unit(i))
            .collect();
        let flows = contribution.iter().enumerate();
        Self {
            cash_flow: flows.map(|(i, earned)| earned - won[i] * cac[i]).collect(),
            customers,
            contribution,
        }
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
    fn add(&mut self, money: &Money<'_>) {
        for (sum, part) in [
            (&mut self.customers, money.customers),
            (&mut self.contribution, &money.contribution),
            (&mut self.cash_flow, &money.cash_flow),
        ] {
            sum.resize(part.len(), 0.0);
            sum.iter_mut()
                .zip(part)
                .for_each(|(sum, part)| *sum += part);
        }
    }
}
