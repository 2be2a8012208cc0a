//! What the engine draws: every figure of a baseline, and what it makes of them.

use std::collections::BTreeMap;

use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::Quantity;
use keepworth_sim::{
    Baseline as World, BaselineSegment, Columns, Evaluator, Model, Outcome, RunOptions, Scenario,
    uniforms,
};

/// Futures of each company.
const TRIALS: usize = 2_000;

/// A figure in every future, or the one number that stands for it in all.
pub type Draws = Vec<f64>;

/// The company as the engine sees it.
pub struct Worlds {
    /// The baseline in the engine's form.
    pub world: World,
    inputs: BTreeMap<String, Draws>,
    /// By [`Outcome`], of the company with the programme.
    outcomes: Columns,
    /// Customers at the horizon without the programme, by segment.
    pub customers: BTreeMap<String, Draws>,
}

impl Worlds {
    /// What a scenario comes to in the engine's world.
    ///
    /// # Errors
    /// What the engine does not take.
    pub fn new(world: World, scenario: &Scenario, seed: u64) -> Result<Self, String> {
        let model = scenario.resolve(Some(&world)).map_err(|e| e.to_string())?;
        let options = RunOptions {
            trials: TRIALS as u64,
            seed,
            ..RunOptions::default()
        };
        let evaluator = Evaluator::new(&model);
        let mut values = uniforms(&model, &options.plan(&model), 0, TRIALS);
        evaluator.draw(&mut values);
        let names = model.inputs().iter().map(|input| input.name.clone());
        let inputs = names
            .enumerate()
            .map(|(i, name)| (name, values.column(i).to_vec()))
            .collect();
        let mut worlds = Self {
            outcomes: evaluator.outcomes(&values),
            world,
            inputs,
            customers: BTreeMap::new(),
        };
        for segment in worlds.world.segments.clone() {
            let found = worlds.customers_at_the_horizon(&segment, scenario)?;
            worlds.customers.insert(segment.name, found);
        }
        Ok(worlds)
    }

    /// An outcome of the company in every future.
    pub fn outcome(&self, outcome: Outcome) -> &[f64] {
        self.outcomes.outcome(outcome)
    }

    /// A segment alone, in the futures of the whole, as things are.
    fn customers_at_the_horizon(
        &self,
        segment: &BaselineSegment,
        scenario: &Scenario,
    ) -> Result<Draws, String> {
        let alone = World {
            segments: vec![segment.clone()],
            ..self.world.clone()
        };
        let mut as_it_is = scenario.clone();
        as_it_is.initiatives.clear();
        let model = as_it_is.resolve(Some(&alone)).map_err(|e| e.to_string())?;
        let outcomes = Evaluator::new(&model).outcomes(&self.values_of(&model));
        Ok(outcomes.outcome(Outcome::FinalCustomers).to_vec())
    }

    /// The values that the inputs of another model have in the futures of this.
    fn values_of(&self, model: &Model) -> Columns {
        let mut values = Columns::new(model.inputs().len(), TRIALS);
        for (index, input) in model.inputs().iter().enumerate() {
            values
                .column_mut(index)
                .copy_from_slice(&self.inputs[&input.name]);
        }
        values
    }

    /// A segment's figure in every future.
    pub fn figure(&self, segment: &BaselineSegment, field: &str, quantity: &Quantity) -> Draws {
        match quantity {
            Quantity::Own(Distribution::Fixed(value)) => vec![*value; TRIALS],
            Quantity::Own(_) => self.inputs[&format!("segments.{}.{field}", segment.name)].clone(),
            Quantity::Shared(shared) => {
                let input = &self.inputs[&shared.input];
                input.iter().map(|value| value * shared.scale).collect()
            }
        }
    }
}
