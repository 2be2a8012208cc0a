//! Metrics.

use crate::Experience;
use crate::rule::metric::ScoreCounts;
use crate::rule::moment;
use crate::store::feedback::load_score_counts;
use crate::store::{feedback, interaction};
use keepworth_contract::experience::{MetricList, MetricQuery, Phase, PhaseList};
use keepworth_intake::Failure;
use std::collections::BTreeSet;

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

/// Every phase of the journey that an answer or a contact names, by name.
pub async fn list_phases(app: &Experience) -> Result<PhaseList, Failure> {
    let read = |conn: &mut keepworth_store::Conn| {
        let mut phases = BTreeSet::from_iter(feedback::load_phases(conn)?);
        phases.extend(interaction::load_phases(conn)?);
        Ok::<_, Failure>(phases)
    };
    let phases = app.db.read(read).await?.into_iter();
    let items = phases.map(|phase| Phase { phase }).collect();
    Ok(PhaseList { items })
}
