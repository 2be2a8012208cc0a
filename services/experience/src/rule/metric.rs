//! From counts to figures with their uncertainty: NPS, CSAT, CES, ratings, contacts, tasks.
//!
//! Pure formulas, one each. Every figure is computed from unrounded counts, names its definition,
//! and is `None` when there is nothing to compute it from (never zero).
//!
//! ```
//! use keepworth_experience::rule::metric::NetScore;
//!
//! let nps = NetScore { positive: 60, neutral: 25, negative: 15 };
//! assert_eq!(nps.value(), Some(45.0));
//! let interval = nps.adjusted_wald().expect("there are answers");
//! assert!((interval.low - 29.3431).abs() < 1e-4 && (interval.high - 58.0355).abs() < 1e-4);
//! ```

mod contact;
mod interval;
mod net;
mod score;
mod table;
mod task;

pub use contact::{
    DurationSummary, average_handle_seconds, first_contact_gross, first_contact_net,
};
pub use interval::{LEVEL, Z, adjusted_wald, student_t, wilson};
pub use net::{Change, NetScore};
pub use score::ScoreCounts;
pub use table::MetricTable;
pub use task::{coverage, task_completion};

use keepworth_contract::statistic::{Definition, Interval, Statistic};
use keepworth_contract::{Flag, FlagCode};

/// Below this many observations a figure is flagged: its interval is wide, and its method only
/// roughly holds its level.
const SMALL_SAMPLE: u64 = 30;

/// A figure with what is needed to judge it.
fn statistic(id: &str, n: u64, value: Option<f64>, interval: Option<Interval>) -> Statistic {
    let mut quality_flags = Vec::new();
    if n == 0 {
        let detail = "nothing was observed";
        quality_flags.push(Flag::new(FlagCode::NoObservations, detail));
    } else if n < SMALL_SAMPLE {
        let detail = format!("{n} observations are few: the interval only roughly holds its level");
        quality_flags.push(Flag::new(FlagCode::SmallSample, detail));
    }
    if value.is_some() && interval.is_none() {
        let detail = "it has no interval: how sure it is, is not known";
        quality_flags.push(Flag::new(FlagCode::NoInterval, detail));
    }
    Statistic {
        value,
        n,
        interval,
        definition: Definition {
            id: id.to_owned(),
            version: 1,
        },
        quality_flags,
    }
}

/// `part / whole`; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
