//! The Monte Carlo engine: what a Customer Experience Management programme is worth, and how sure.
//!
//! A [`Scenario`] says what is assumed and what would be done; it stands on a [`Baseline`], a frozen
//! picture of the company, or defines its own segments. [`Scenario::resolve`] checks both and makes a
//! [`Model`]; [`run`] draws its uncertain inputs many times and gives a [`RunResult`].
//!
//! ```
//! use keepworth_sim::explain::explain;
//! use keepworth_sim::{Control, Outcome, RunOptions, Scenario, run};
//!
//! let scenario = Scenario::from_toml(r#"
//!     name = "Keep fibre customers"
//!     currency = "EUR"
//!     horizon_months = 36
//!     discount_rate = 0.1
//!
//!     [[segments]]
//!     name = "fibre"
//!     customers = 2000
//!     won_per_month = 60
//!     hazard = { constant = { hazard = "0.02 to 0.04" } }
//!     revenue = 60
//!     gross_margin = { pert = [0.45, 0.55, 0.6] }
//!     overhead = 6
//!     acquisition_cost = 300
//!
//!     [[initiatives]]
//!     name = "welcome calls"
//!     reach = { fibre = 0.8 }
//!     effects = [{ on = "hazard", size = "4% to 13%", grade = "B", note = "pilot 2025, matched" }]
//!     adoption = { linear = { delay = 1, ramp = 6 } }
//!     costs = [
//!         { type = "technology", amount = 30000 },
//!         { type = "people", amount = "1500 to 2500", recurrence = "monthly" },
//!     ]
//! "#)?;
//! let model = scenario.resolve(None)?;
//! let result = run(&model, &RunOptions::default(), &Control::default())?;
//! let npv = &result.outcomes[&Outcome::Npv];
//! if let (Some(mean), Some(error), Some(p5)) = (npv.mean, npv.mc_error.mean, npv.p5.number()) {
//!     println!("NPV {mean:.0} ± {error:.0}, P5 {p5:.0}");
//! }
//! let why = explain(&model, &RunOptions::default(), &Control::default())?;
//! println!("decided by {}; pilot {} first", why.tornado[0].input, why.pilots[0].initiative);
//! assert!(result.flags.iter().any(|flag| flag.code == "weak_effect"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # The model
//!
//! Time is monthly, month 0 is the decision. Each trial is simulated in two **worlds** with the same
//! draws, as things are and with the programme; every figure is their difference, so an effect of
//! zero is worth exactly minus the cost. Customers are carried by age; a hazard is the cumulative
//! hazard over one month, so that monthly survival is `exp(−h)` and effects multiply. An initiative
//! reduces each customer's hazard by `reach × effect × adoption`, where it works; several initiatives
//! multiply, so they cannot save a customer twice, and none removes more leaving than experience
//! causes (`experience_share`). Effects carry a [grade](inputs::Grade) of evidence, which widens them
//! and draws the share of them that is causal.
//!
//! Data flows one way: [`scenario`] → [`inputs`] → [`sampling`] → world → flows → outcome → summary →
//! [`explain`].
//!
//! # The same bytes everywhere
//!
//! A result depends on scenario, baseline, engine version, seed, sampling and trials, and on nothing
//! else: not on threads, shards, vector width or build. Uniforms are addressed by (seed, trial,
//! input); mathematics comes from [`math`], not from the platform; no operation is reordered, and none
//! fused but where the code says so, which is one rounding on every machine; each trial's bits come
//! from its own row; and what is summed over trials is summed in an order that only their number
//! decides.
//! [`run_blocks`] gives the [`Partial`] result of some blocks; partials [merge](Partial::merge) to the
//! bytes of one run. Up to [`MOST_KEPT`] trials keep every outcome and give exact quantiles; a longer
//! run counts them in bins of a four-thousandth and adds sums in the order of the blocks, so that a
//! billion trials take no more memory and still merge to the same bytes.
//!
//! # Explaining a result
//!
//! [`explain::explain`] answers on the trials of a run why its result is what it is and what to do
//! next: the swing of each input, what divides the variance, what must be true for it to pay, what it
//! is worth to know more first, which initiative earns it. Underneath, an [`Evaluator`] takes uniforms
//! to input values and input values to outcomes, in two steps: between them an input can be frozen or
//! replaced. [`Model::with_active`] switches initiatives off with the draws kept; [`compare`] runs
//! several scenarios on shared draws.
//!
//! # What this crate must not know
//!
//! Files, clocks, environment, HTTP and SQL; and how a baseline was estimated: it takes fits as plain
//! data.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes index several of them side by side, which is what becomes vector code"
)]

mod baseline;
pub mod explain;
mod flag;
mod flows;
pub mod forecast;
pub mod inputs;
mod kernel;
pub mod math;
mod model;
mod outcome;
mod run;
pub mod sampling;
pub mod scenario;
mod summary;
mod trials;
pub mod version;
mod world;

pub use baseline::{
    Baseline, BaselineSegment, Heads, LeavingRecord, RecordMonth, RecordedCalendar,
};
pub use flag::{Flag, FlagCode};
pub use flows::{CaseCost, Line};
pub use model::{Draw, Input, Model};
pub use outcome::Outcome;
pub use run::{
    Comparison, Control, Difference, Figure, HalfWidth, Partial, RunError, Until, UntilError,
    compare, compare_without_gates, ledger, on_threads, run, run_blocks, run_until, uniforms,
};
pub use sampling::Sampling;
pub use scenario::{Scenario, ScenarioError};
pub use summary::{AtHorizon, Beside, GateValue, Money, StopValue, Unconfirmed};
pub use summary::{
    Bands, ByMonth, Estimate, LedgerLine, Level, MonteCarloError, MonthlyBands, MonthlyLedger,
    Probabilities, RunResult, SeatBands, Shares, Statistics,
};
pub use trials::{
    BLOCK_TRIALS, Case, CaseInput, Columns, Evaluator, MONTHLY_TRIALS, MOST_KEPT, RunOptions,
};
