//! What customers are charged, spread over their months, and how it moves.

pub(crate) mod charge;
pub(crate) mod earned_growth;
pub mod movement;
pub(crate) mod purchase;
pub(crate) mod recurring;
pub(crate) mod revenue_total;
pub(crate) mod run_rate;
pub(crate) mod segment_count;
pub(crate) mod span;
pub(crate) mod win_back;
