use std::borrow::Cow;

use super::{Observation, SurvivalError};

/// How near two times must be to be one: the square root of the spacing of floats at 1.
const TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;

/// Gives times that differ by rounding alone (0.3 and 0.1 + 0.2) the earliest of their values, so
/// that those who left then are tied.
///
/// A time belongs to the one before it when it follows by at most `√ε`, or by at most `√ε` of the
/// mean of all distinct times: the rule of `timefix` in R's survival package. Entries take part
/// where anybody enters late. Every estimator of this crate that compares times calls this once,
/// on all of its observations together.
///
/// # Errors
/// [`SurvivalError::Instant`] when an entry and an exit become one time.
pub(crate) fn tie(observations: &[Observation]) -> Result<Cow<'_, [Observation]>, SurvivalError> {
    let cuts = cuts(observations);
    if cuts.is_empty() {
        return Ok(Cow::Borrowed(observations));
    }
    let first = |t: f64| match cuts.partition_point(|&cut| cut <= t) {
        // Entries at 0 take no part where nobody enters late.
        0 => t,
        after => cuts[after - 1],
    };
    let tied = observations.iter().map(|o| {
        let (entry, exit) = (first(o.entry()), first(o.exit()));
        if entry < exit || o.weight() == 0.0 {
            return Ok(o.at(entry, exit));
        }
        let (entry, exit) = (o.entry(), o.exit());
        Err(SurvivalError::Instant { entry, exit })
    });
    Ok(Cow::Owned(tied.collect::<Result<_, _>>()?))
}

/// The times that others move to, in ascending order; empty when all times are far apart.
fn cuts(observations: &[Observation]) -> Vec<f64> {
    let used = || observations.iter().filter(|o| o.weight() > 0.0);
    let mut times: Vec<f64> = used().map(Observation::exit).collect();
    if used().any(|o| o.entry() > 0.0) {
        times.extend(used().map(Observation::entry));
    }
    // Times are not negative, so their bits have their order and compare faster.
    times.sort_unstable_by_key(|t| t.to_bits());
    times.dedup();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let near = |gap: f64| gap <= TOLERANCE || gap / mean <= TOLERANCE;
    if times.windows(2).all(|pair| !near(pair[1] - pair[0])) {
        return Vec::new();
    }
    let mut before = f64::NEG_INFINITY;
    times.retain(|&t| {
        let apart = !near(t - before);
        before = t;
        apart
    });
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::{CumulativeIncidence, KaplanMeier, LogRank, NelsonAalen};

    fn left(exit: f64) -> Observation {
        Observation::new(0.0, exit, true).unwrap()
    }

    fn exits(observations: &[Observation]) -> Vec<f64> {
        let tied = tie(observations).unwrap();
        tied.iter().map(Observation::exit).collect()
    }

    #[test]
    fn times_that_differ_by_rounding_are_one() {
        assert_eq!(
            exits(&[left(0.1 + 0.2), left(0.3), left(2.0)]),
            [0.3, 0.3, 2.0]
        );
        // Relative to the mean of the distinct times: a second in a hundred million months.
        assert_eq!(exits(&[left(2e8), left(2e8 + 1.0)]), [2e8, 2e8]);
        assert_eq!(exits(&[left(2e8), left(2e8 + 9.0)]), [2e8, 2e8 + 9.0]);
        let apart = [left(1.0), left(1.0 + 1e-7)];
        assert!(matches!(tie(&apart), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn entries_are_tied_with_exits() {
        let late = Observation::new(0.1 + 0.2, 5.0, true).unwrap();
        let both = [left(0.3), late];
        assert_eq!(tie(&both).unwrap()[1].entry(), 0.3);
        // At risk means entry < t: the late one was not there when the first left.
        assert_eq!(KaplanMeier::new(&both).unwrap().points()[0].at_risk, 1.0);
    }

    #[test]
    fn an_observation_without_length_is_refused() {
        let instant = Observation::new(0.3, 0.1 + 0.2, true).unwrap();
        let refused = KaplanMeier::new(&[left(2.0), instant]).unwrap_err();
        assert!(refused.to_string().contains("one time"), "{refused}");
        assert!(LogRank::new(&[vec![left(2.0)], vec![instant]]).is_err());
        let weightless = instant.with_weight(0.0).unwrap();
        assert!(KaplanMeier::new(&[left(2.0), weightless]).is_ok());
    }

    /// Every estimator gives the same for written-out and computed times.
    #[test]
    fn all_curves_see_the_tie() {
        let exact = [left(0.3), left(0.3), left(1.0), left(2.0)];
        let rounded = [left(0.1 + 0.2), left(0.3), left(1.0), left(2.0)];
        let curve = |o: &[Observation]| KaplanMeier::new(o).unwrap().points().to_vec();
        assert_eq!(curve(&exact), curve(&rounded));
        assert_eq!(curve(&rounded)[0].events, 2.0);
        let hazard = |o: &[Observation]| NelsonAalen::new(o).unwrap().points().to_vec();
        assert_eq!(hazard(&exact), hazard(&rounded));
        let causes = |o: &[Observation]| CumulativeIncidence::by_cause(o).unwrap();
        assert_eq!(causes(&exact), causes(&rounded));
        let groups = |o: &[Observation]| LogRank::new(&[o[..1].to_vec(), o[1..].to_vec()]).unwrap();
        assert_eq!(groups(&exact), groups(&rounded));
    }
}
