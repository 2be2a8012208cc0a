//! Trials: how many, how they are drawn, and what each comes to. Knows nothing of their summary.

mod block;
mod case;
mod columns;
mod evaluator;
mod monthly;
mod options;

pub(crate) use block::Block;
pub use case::{Case, CaseInput};
pub use columns::Columns;
pub(crate) use evaluator::Evaluation;
pub use evaluator::Evaluator;
pub(crate) use monthly::Monthly;
pub use options::{BLOCK_TRIALS, MONTHLY_TRIALS, MOST_KEPT, RunOptions};
