//! Metrics.

use crate::Experience;
use crate::rule::metric::ScoreCounts;
use crate::rule::moment;
use crate::store::feedback::load_score_counts;
use keepworth_contract::experience::{MetricList, MetricQuery};
use keepworth_intake::Failure;

/// The figures of one kind of question over all answers until the evening of a day (UTC), each
pub async fn list(app: &Experience, query: MetricQuery) -> Result<MetricList, Failure> {
    let MetricQuery { as_of, kind } = query;
    let until = moment::evening(as_of);
    let rows = app
        .db
        .read(move |conn| load_score_counts(conn, kind, until).map_err(Failure::from))
        .await?;
    let mut counts = ScoreCounts::new(kind);
    for (score, answers) in rows {
        counts.add(score, answers.unsigned_abs());
    }
    Ok(MetricList {
        kind,
        as_of,
        items: counts.statistics(),
    })
}
