//! Customers without a contract as the engine counts them: by what they spend.
//!
//! What the customers of the day spend per month is what an active one spends on the day, times how many are active,
//! and declines by hazards of its own: who buys often may be gone sooner, and who is left differs from a new customer of
//! the same age. So those of the day enter at an age that nobody who is won reaches, and the hazards of both are told
//! apart by age. A new customer counts as many as it spends over what one of the day spends; what serving customers
//! costs goes by what they spend.

use std::borrow::Cow;

use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{Figure, SegmentBaseline};
use keepworth_contract::simulator::purchase::{PurchaseBaseline, PurchaseHazard};
use keepworth_contract::statistic::Interval;
use keepworth_contract::{Flag, FlagCode};
use keepworth_sim::scenario::{Hazard, Stretch};

use super::input::Inputs;
use crate::figure::PURCHASES;
use crate::interval::Z;

/// The age of the customers of the day, in months: the longest horizon. Those won come so far only where hazards
/// were raised for longer than most stay.
const AGE_OF_THE_BASE: u32 = 600;

/// The segment with its figures per customer as the engine counts them.
pub(super) fn counted(own: &SegmentBaseline) -> Cow<'_, SegmentBaseline> {
    let Some(purchases) = &own.purchases else {
        return Cow::Borrowed(own);
    };
    let mut counted = own.clone();
    let served = served(own, purchases);
    let spend = &purchases.spend_per_month;
    let scales = [
        (FigureName::WonPerMonth, purchases.new_customer),
        (FigureName::AcquisitionCost, 1.0 / purchases.new_customer),
        (FigureName::Overhead, served),
    ];
    for (name, factor) in scales {
        if let Some(figure) = counted.figures.get_mut(&name) {
            scale(figure, factor);
        }
    }
    for channel in &mut counted.channels {
        scale(&mut channel.contacts, served);
    }
    if let Some(revenue) = counted.figures.get_mut(&FigureName::Revenue) {
        revenue.value = Some(spend.value);
        revenue.n = purchases.buyers;
        revenue.sources = vec![PURCHASES.to_owned()];
        revenue.interval = Some(Interval {
            low: spend.low,
            high: spend.high,
            level: 0.95,
            method: "delta_on_log_scale".to_owned(),
            freedom: None,
        });
    }
    Cow::Owned(counted)
}

/// What serving a customer as the engine counts them costs over what it costs by customer-month of the records: as
/// much more as they spend.
fn served(own: &SegmentBaseline, purchases: &PurchaseBaseline) -> f64 {
    let revenue = own.figures.get(&FigureName::Revenue);
    let revenue = revenue.and_then(|it| it.value).filter(|it| *it > 0.0);
    revenue.map_or(1.0, |it| purchases.spend_per_month.value / it)
}

fn scale(figure: &mut Figure, factor: f64) {
    figure.value = figure.value.map(|value| value * factor);
    if let Some(interval) = &mut figure.interval {
        interval.low *= factor;
        interval.high *= factor;
    }
}

/// Customers by age: those of the day, as many as are expected to be active.
pub(super) fn customers(purchases: &PurchaseBaseline) -> Vec<f64> {
    let mut ages = vec![0.0; AGE_OF_THE_BASE as usize];
    ages.push(purchases.active.value);
    ages
}

/// The causes of errors of a segment's hazards, as inputs that what its customers spend moves with: all of it is told by the
/// same few parameters.
pub(super) fn causes(name: &str, purchases: &PurchaseBaseline, inputs: &mut Inputs) -> Vec<String> {
    let causes = inputs.causes(name, purchases.spend_loadings.len());
    let spend = &purchases.spend_per_month;
    let told = (spend.high / spend.low).ln() / (2.0 * Z);
    let squares = purchases.spend_loadings.iter().map(|it| it * it);
    // Where nothing but these causes is uncertain rounding must not make more than all of it.
    let log_sd = told.max(squares.sum::<f64>().sqrt() * (1.0 + 1e-6));
    for (cause, loading) in causes.iter().zip(&purchases.spend_loadings) {
        inputs.tie((name, FigureName::Revenue.into()), cause, loading / log_sd);
    }
    causes
}

/// Hazards of those won, then of those of the day.
pub(super) fn hazard(purchases: &PurchaseBaseline, causes: Vec<String>) -> Hazard {
    let stretch = |after: u32| {
        move |it: &PurchaseHazard| Stretch {
            from: after + it.from_month,
            hazard: it.hazard,
            loadings: it.loadings.clone(),
        }
    };
    let new = purchases.new.iter().map(stretch(0));
    let base = purchases.base.iter().map(stretch(AGE_OF_THE_BASE));
    Hazard::Factors {
        stretches: new.chain(base).collect(),
        mixture: true,
        causes,
    }
}

/// What a reader of a result must know.
pub(super) fn flags(own: &SegmentBaseline, horizon: u32) -> Vec<Flag> {
    let Some(purchases) = &own.purchases else {
        return Vec::new();
    };
    let counted = format!(
        "customers are those expected to be active, {:.0} of {} buyers, and are counted by what they spend: one who is \
         won counts {:.2}, so do customers won and what winning them costs; costs to serve go by what is spent, {:.2} \
         times those of a customer-month of the records; first purchases of who is won are in no figure, as they are \
         the same whatever is done",
        purchases.active.value,
        purchases.buyers,
        purchases.new_customer,
        served(own, purchases)
    );
    let mut flags = purchases.quality_flags.clone();
    flags.push(Flag::new(FlagCode::CountedBySpend, counted));
    let longest = purchases.active_by_month.len();
    if horizon as usize > longest {
        let detail = format!(
            "purchases are foretold for {horizon} months from records of {longest}; beyond these customers are taken to go \
             on as {} has it",
            purchases.model
        );
        flags.push(Flag::new(FlagCode::TenureExtrapolated, detail));
    }
    flags
}

#[cfg(test)]
mod tests {
    use keepworth_contract::simulator::baseline::{Baseline, FigureCorrelation};
    use keepworth_contract::simulator::curve::ChosenBy;
    use keepworth_contract::simulator::fit::FitEstimate;
    use keepworth_contract::simulator::purchase::PurchaseModel;
    use keepworth_sim::inputs::Distribution;
    use keepworth_sim::scenario::Quantity;
    use keepworth_sim::{Baseline as World, Control, RunOptions, Scenario};

    use super::*;
    use crate::simulate;
    use crate::world::world;

    fn estimate(value: f64) -> FitEstimate {
        FitEstimate {
            value,
            se: 0.1 * value,
            low: 0.8 * value,
            high: 1.25 * value,
        }
    }

    fn purchases() -> PurchaseBaseline {
        let hazards = |hazard: f64| {
            let each = [(0, hazard), (1, hazard / 2.0), (12, hazard / 4.0)];
            let hazard = |(from_month, hazard)| PurchaseHazard {
                from_month,
                hazard,
                loadings: vec![0.1, -0.2],
            };
            each.map(hazard).to_vec()
        };
        PurchaseBaseline {
            buyers: 40,
            repeat_buyers: 20,
            model: PurchaseModel::MbgNbd,
            by: ChosenBy::Rule,
            reason: String::new(),
            calibration_end: None,
            candidates: Vec::new(),
            tracking: Vec::new(),
            spend_fit: None,
            mean_spend: None,
            correlation_of_frequency_and_spend: None,
            active: estimate(25.5),
            active_by_month: vec![25.5],
            purchases_ahead: estimate(60.0),
            spend_per_month: estimate(12.0),
            spend_loadings: vec![0.06, -0.08],
            new_customer: 0.5,
            base: hazards(0.04),
            new: hazards(0.2),
            quality_flags: Vec::new(),
        }
    }

    /// The sample, whose home segment has no contract.
    fn baseline() -> Baseline {
        let mut baseline = crate::sample();
        let home = baseline.segments.iter_mut().find(|it| it.name == "home");
        home.unwrap().purchases = Some(purchases());
        baseline.sealed().unwrap()
    }

    fn home(baseline: &Baseline) -> (World, SegmentBaseline) {
        let text = "name = \"Nothing\"\nhorizon_months = 24\ndiscount_rate = 0.1\n";
        let world = world(baseline, &Scenario::from_toml(text).unwrap()).unwrap();
        let own = baseline.segments.iter().find(|it| it.name == "home");
        (world, own.unwrap().clone())
    }

    /// What a figure is drawn around.
    fn middle(world: &World, quantity: &Quantity) -> f64 {
        match quantity {
            Quantity::Own(Distribution::Fixed(value)) => *value,
            Quantity::Shared(input) => {
                input.scale * world.inputs[&input.input].distribution.quantile(0.5)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn customers_are_counted_by_what_they_spend() {
        let (world, own) = home(&baseline());
        let home = world.segments.iter().find(|it| it.name == "home").unwrap();
        assert_eq!(home.customers_by_tenure.len(), 601);
        assert_eq!(home.customers_by_tenure.iter().sum::<f64>(), 25.5);
        assert!((middle(&world, &home.revenue) - 12.0).abs() < 1e-9);
        let value = |name: FigureName| own.figures[&name].value.unwrap();
        let near = |quantity: &Quantity, told: f64| {
            let found = middle(&world, quantity);
            assert!((found / told - 1.0).abs() < 1e-6, "{found}, not {told}");
        };
        let served = 12.0 / value(FigureName::Revenue);
        near(&home.overhead, served * value(FigureName::Overhead));
        let cost = value(FigureName::AcquisitionCost);
        near(&home.acquisition_cost, cost / 0.5);
        let contacts = own.channels[0].contacts.value.unwrap();
        near(&home.channels[0].contacts, served * contacts);
        // What one contact takes is what it was.
        near(
            &home.channels[0].minutes,
            own.channels[0].minutes.value.unwrap(),
        );
        let flags = &home.quality_flags;
        assert!(
            flags.iter().any(|it| it.code == "counted_by_spend"),
            "{flags:?}"
        );
        assert!(
            flags.iter().any(|it| it.code == "tenure_extrapolated"),
            "{flags:?}"
        );
    }

    #[test]
    fn those_of_the_day_decline_by_hazards_of_their_own() {
        let (world, _) = home(&baseline());
        let home = world.segments.iter().find(|it| it.name == "home").unwrap();
        let Hazard::Factors {
            stretches,
            mixture,
            causes,
        } = &home.hazard
        else {
            panic!("{:?}", home.hazard)
        };
        let told: Vec<(u32, f64)> = stretches.iter().map(|it| (it.from, it.hazard)).collect();
        let expected = [
            (0, 0.2),
            (1, 0.1),
            (12, 0.05),
            (600, 0.04),
            (601, 0.02),
            (612, 0.01),
        ];
        assert_eq!(told, expected);
        assert!(stretches.iter().all(|it| it.loadings == [0.1, -0.2]));
        assert!(*mixture, "who is gone soonest is who is kept");
        let level = "records.home.revenue".to_owned();
        let tied = world
            .correlations
            .iter()
            .find(|it| it.inputs.contains(&level));
        let tied = tied.unwrap();
        let of = |name: &String| tied.inputs.iter().position(|it| it == name).unwrap();
        // The interval of what is spent, 0.8 to 1.25, is 0.11384 of its logarithm.
        for (cause, loading) in causes.iter().zip([0.06, -0.08]) {
            let told = tied.matrix[of(&level)][of(cause)];
            assert!((told - loading / 0.113_84).abs() < 1e-4, "{told}");
        }
        assert_eq!(tied.matrix[of(&causes[0])][of(&causes[1])], 0.0);
    }

    /// Of what is spent nothing is unsure but the model's parameters, and the records tell how contacts go with another revenue.
    #[test]
    fn causes_leave_no_room_and_none_is_taken() {
        let mut baseline = baseline();
        let home = baseline.segments.iter_mut().find(|it| it.name == "home");
        let home = home.unwrap();
        let log_sd = (1.25_f64 / 0.8).ln() / (2.0 * Z);
        let purchases = home.purchases.as_mut().unwrap();
        purchases.spend_loadings = vec![0.6 * log_sd, -0.8 * log_sd];
        home.correlations = vec![FigureCorrelation {
            a: "contacts.phone".parse().unwrap(),
            b: FigureName::Revenue.into(),
            correlation: 0.3,
        }];
        let baseline = baseline.sealed().unwrap();
        let text = "name = \"Nothing\"\nhorizon_months = 24\ndiscount_rate = 0.1\n[[initiatives]]\nname = \"it\"\n\
                    [[initiatives.costs]]\ntype = \"people\"\namount = 1\n";
        let scenario = Scenario::from_toml(text).unwrap();
        let options = RunOptions {
            trials: 64,
            ..RunOptions::default()
        };
        let result = simulate(&scenario, &baseline, &options, &Control::default()).unwrap();
        let moved = result
            .flags
            .iter()
            .find(|it| it.code == "correlations_moved");
        assert_eq!(moved, None);
    }
}
