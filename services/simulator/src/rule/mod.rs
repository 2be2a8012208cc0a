//! What is decided, without a database, a clock or the web.

pub(crate) mod approval;
pub(crate) mod change;
pub(crate) mod cohort;
pub(crate) mod correlation;
pub(crate) mod cost;
pub(crate) mod course;
pub(crate) mod curve;
pub(crate) mod driver;
pub(crate) mod evidence;
pub(crate) mod fit;
pub(crate) mod gate;
pub(crate) mod hazard;
pub(crate) mod issue;
pub(crate) mod joint;
pub(crate) mod link;
pub(crate) mod pilot;
pub(crate) mod purchase;
pub(crate) mod reproduced;
pub(crate) mod revenue;
pub(crate) mod scenario;
pub(crate) mod score;
pub(crate) mod segment;
pub(crate) mod sum;
pub(crate) mod tally;
pub(crate) mod trend;
pub(crate) mod window;
