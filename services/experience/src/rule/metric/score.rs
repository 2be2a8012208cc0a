//! Figures of answers counted by score.

use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::statistic::Statistic;

use super::{NetScore, share, statistic, student_t, wilson};

/// How many answers of one kind gave each score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreCounts {
    kind: FeedbackKind,
    /// Answers by score, from the lowest of the kind's scale up.
    counts: Vec<u64>,
}

impl ScoreCounts {
    /// No answers yet.
    #[must_use]
    pub fn new(kind: FeedbackKind) -> Self {
        let (lowest, highest) = kind.scale();
        Self {
            kind,
            counts: (lowest..=highest).map(|_| 0).collect(),
        }
    }

    /// Counts `answers` of a score in. One that is off the kind's scale is no answer to the
    /// question and counts nothing; records with such scores are refused when they come in.
    pub fn add(&mut self, score: i32, answers: u64) {
        let above_lowest = score.checked_sub(self.kind.scale().0);
        let index = above_lowest.and_then(|index| usize::try_from(index).ok());
        if let Some(count) = index.and_then(|index| self.counts.get_mut(index)) {
            *count += answers;
        }
    }

    /// Answers.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The kind's first figure: NPS in points, CSAT as a share, CES and ratings as a mean.
    #[must_use]
    pub fn headline(&self) -> Statistic {
        match self.kind {
            FeedbackKind::Nps => self.net("nps", 9, 6),
            FeedbackKind::Csat => self.share("csat_top2", 4, 5),
            FeedbackKind::Ces => self.mean("ces_mean"),
            FeedbackKind::Rating => self.mean("rating_mean"),
        }
    }

    /// Every figure of the kind, the headline first.
    ///
    /// CES is reported as mean, share that agrees (5–7), share that disagrees (1–3) and their
    /// difference in points: one figure alone hides how divided the answers are.
    #[must_use]
    pub fn statistics(&self) -> Vec<Statistic> {
        let mut figures = vec![self.headline()];
        match self.kind {
            FeedbackKind::Nps | FeedbackKind::Rating => {}
            FeedbackKind::Csat => figures.push(self.mean("csat_mean")),
            FeedbackKind::Ces => figures.extend([
                self.share("ces_agree", 5, 7),
                self.share("ces_disagree", 1, 3),
                self.net("ces_net", 5, 3),
            ]),
        }
        figures
    }

    /// Answers with a score from `low` to `high`.
    fn between(&self, low: i32, high: i32) -> u64 {
        self.by_score()
            .filter(|(score, _)| (low..=high).contains(score))
            .map(|(_, count)| count)
            .sum()
    }

    fn by_score(&self) -> impl Iterator<Item = (i32, u64)> {
        (self.kind.scale().0..).zip(self.counts.iter().copied())
    }

    fn net(&self, id: &str, positive_from: i32, negative_to: i32) -> Statistic {
        let (lowest, highest) = self.kind.scale();
        let net = NetScore {
            positive: self.between(positive_from, highest),
            neutral: self.between(negative_to + 1, positive_from - 1),
            negative: self.between(lowest, negative_to),
        };
        statistic(id, net.n(), net.value(), net.adjusted_wald())
    }

    fn share(&self, id: &str, low: i32, high: i32) -> Statistic {
        let (part, n) = (self.between(low, high), self.n());
        statistic(id, n, share(part, n), wilson(part, n))
    }

    fn mean(&self, id: &str) -> Statistic {
        let n = self.n();
        if n == 0 {
            return statistic(id, n, None, None);
        }
        let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
            self.by_score()
                .map(|(score, count)| count as f64 * of(f64::from(score)))
                .sum()
        };
        let mean = sum(&|score| score) / n as f64;
        let sd = (sum(&|score| (score - mean).powi(2)) / (n as f64 - 1.0)).sqrt();
        let (lowest, highest) = self.kind.scale();
        let scale = (f64::from(lowest), f64::from(highest));
        statistic(id, n, Some(mean), student_t(n, mean, sd, scale))
    }
}

#[cfg(test)]
mod tests {
    use keepworth_contract::FlagCode;
    use keepworth_contract::Word;

    use super::*;

    fn counts(kind: FeedbackKind, counts: &[u64]) -> ScoreCounts {
        let mut table = ScoreCounts::new(kind);
        for (score, count) in (kind.scale().0..).zip(counts) {
            table.add(score, *count);
        }
        table
    }

    fn value(statistic: &Statistic) -> f64 {
        statistic.value.unwrap()
    }

    /// Groups of 0–6, 7–8 and 9–10 (Reichheld 2003); counts as in the NPS vectors: 60/25/15.
    #[test]
    fn nps_groups_are_cut_at_six_and_nine() {
        let nps = counts(FeedbackKind::Nps, &[1, 1, 1, 1, 1, 1, 9, 10, 15, 20, 40]).headline();
        assert_eq!((value(&nps), nps.n), (45.0, 100));
        let interval = nps.interval.unwrap();
        assert_eq!(interval.method, "adjusted_wald");
        assert!(
            (interval.low - 29.3431).abs() < 5.1e-5 && (interval.high - 58.0355).abs() < 5.1e-5
        );
        assert!(nps.quality_flags.is_empty());
    }

    /// Top two of five with Wilson's interval; figures computed from the formulas.
    #[test]
    fn csat_of_known_counts() {
        let table = counts(FeedbackKind::Csat, &[4, 6, 20, 90, 80]);
        let csat = table.headline();
        assert!((value(&csat) - 0.85).abs() < 1e-12);
        let interval = csat.interval.unwrap();
        assert!((interval.low - 0.793_944).abs() < 5.1e-7);
        assert!((interval.high - 0.892_864).abs() < 5.1e-7);
        assert!((value(&table.statistics()[1]) - 4.18).abs() < 1e-12);
    }

    /// Published counts: support.cys.group, "Customer Effort Score: 7-point scale to average".
    #[test]
    fn ces_of_published_counts() {
        let table = counts(FeedbackKind::Ces, &[80, 210, 140, 110, 160, 180, 120]);
        let figures = table.statistics();
        let found: Vec<(&str, f64)> = figures
            .iter()
            .map(|it| (it.definition.id.as_str(), value(it)))
            .collect();
        for ((id, found), expected) in found.into_iter().zip([4.08, 0.46, 0.43, 3.0]) {
            assert!((found - expected).abs() < 1e-9, "{id}: {found}");
        }
        // Squares sum to 20,300: sd = √((20,300 − 1,000·4.08²)/999) = 1.91239, and the 0.975
        // quantile of Student's t with 999 degrees of freedom is 1.96234.
        let interval = figures[0].interval.clone().unwrap();
        assert_eq!(interval.method, "student_t");
        let half = 1.962_34 * 1.912_39 / 1_000_f64.sqrt();
        assert!((interval.low - (4.08 - half)).abs() < 1e-5);
        assert!((interval.high - (4.08 + half)).abs() < 1e-5);
    }

    #[test]
    fn no_answers_are_null_and_flagged() {
        for kind in FeedbackKind::all() {
            for statistic in ScoreCounts::new(kind).statistics() {
                assert_eq!((statistic.value, statistic.interval), (None, None));
                let flag = &statistic.quality_flags[0];
                assert_eq!(flag.code, FlagCode::NoObservations);
            }
        }
    }

    #[test]
    fn one_answer_has_a_mean_without_interval() {
        let rating = counts(FeedbackKind::Rating, &[0, 0, 0, 0, 1]).headline();
        assert_eq!((rating.value, rating.interval), (Some(5.0), None));
        let codes: Vec<FlagCode> = rating.quality_flags.iter().map(|it| it.code).collect();
        assert_eq!(codes, [FlagCode::SmallSample, FlagCode::NoInterval]);
    }

    #[test]
    fn what_is_off_the_scale_counts_nothing() {
        let mut nps = ScoreCounts::new(FeedbackKind::Nps);
        let mut ces = ScoreCounts::new(FeedbackKind::Ces);
        for score in [i32::MIN, -1, 11, i32::MAX] {
            nps.add(score, 1);
            ces.add(score, 1);
        }
        assert_eq!((nps.n(), ces.n()), (0, 0));
    }
}
