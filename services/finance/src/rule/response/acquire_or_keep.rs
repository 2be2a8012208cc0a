//! Acquire or keep: which of the two deserves the next unit of money, per segment.
//!
//! Three figures decide, all in minor units per customer: the marginal cost to keep, the
//! marginal cost to acquire, and the lifetime value. They come from fitted or elicited response
//! curves, from what a retention programme costs and changes, or from what winning a customer
//! costs on average. They are uncertain, so the verdict carries the share of draws that agree,
//! with its Monte Carlo error. Nothing here favours keeping: where recruiting is cheaper the
//! verdict says so.
//!
//! What a programme changed counts as far as its evidence says that the programme caused it
//! ([`Grade`]): churn that fell may have fallen anyway.
//!
//! Randomness is handed in as standard normal numbers, so that the caller owns the seed. Model
//! quantities are `f64`; ledger amounts become one on entry and never come back as ledger
//! amounts.

use keepworth_cashflow::Rate;
use keepworth_cashflow::keep_or_acquire::{RetentionProgramme, Verdict};
use keepworth_cashflow::response::{CustomerBase, Response};

use crate::rule::response::evidence_grade::GradedChange;
use crate::rule::response::response_fit::LogisticFit;
use crate::rule::response::uncertain_response::UncertainResponse;
use keepworth_contract::finance::Grade;

/// What is known of keeping customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Keeping {
    /// The share kept by spend per customer and period.
    Curve {
        /// The curve.
        response: UncertainResponse,
        /// What is spent now, minor units per customer and period.
        spend: f64,
    },
    /// What one programme costs and changes.
    Programme {
        /// The programme, its cost in minor units.
        programme: RetentionProgramme,
        /// Standard error of the fall in churn.
        churn_se: f64,
        /// How the fall was learnt.
        grade: Grade,
    },
}

/// What is known of winning customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Winning {
    /// The share of prospects won by spend per prospect.
    Curve {
        /// The curve.
        response: UncertainResponse,
        /// What is spent now, minor units per prospect.
        spend: f64,
    },
    /// The average cost of winning a customer, minor units, taken for the marginal one.
    Average(f64),
}

/// A segment, as far as the verdict needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// How its customers are kept.
    pub keeping: Keeping,
    /// How they are won.
    pub winning: Winning,
    /// Margin per customer and period before retention spend, minor units.
    pub margin: f64,
    /// Discount rate per period; above zero, so that every lifetime value is finite.
    pub rate: Rate,
}

/// The three figures that decide, minor units per customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marginal<T> {
    /// What keeping one more customer costs; infinite when spending keeps nobody.
    pub keep: T,
    /// What winning one more customer costs.
    pub acquire: T,
    /// What a customer is worth.
    pub clv: T,
}

/// The middle nine tenths of what a figure is in the draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Its 5% point.
    pub low: f64,
    /// Its 95% point.
    pub high: f64,
}

/// A verdict with how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The figures at the estimates.
    pub marginal: Marginal<f64>,
    /// What to do at the estimates.
    pub verdict: Verdict,
    /// What the draws say; none without draws, or where nothing is known to be uncertain.
    pub draws: Option<Draws>,
}

/// What the draws say.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// How many there are.
    pub count: usize,
    /// How many end in each verdict.
    pub verdicts: [(Verdict, usize); 3],
    /// Where the figures lie.
    pub bands: Marginal<Band>,
}

/// Plain regressions to hold the curves against.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Regressions {
    /// Of winning on spend per prospect.
    pub winning: Option<LogisticFit>,
    /// Of keeping on spend per customer and period.
    pub keeping: Option<LogisticFit>,
}

/// What to spend for the largest customer equity, minor units; see [`Segment::best`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// Per customer and period; none for a programme, which knows no other level.
    pub retention_spend: Option<f64>,
    /// Per prospect; none where only an average cost is known.
    pub acquisition_spend: Option<f64>,
    /// What a customer is worth then.
    pub clv: f64,
}

/// What an addition to retention spend must do to be as good as recruiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakEven {
    /// The addition, minor units per customer and period.
    pub extra_spend: f64,
    /// The fall in churn per period that it needs, a fraction: 0.04 is four points.
    pub needed: f64,
    /// The fall in churn that the curve or the programme promises.
    pub expected: f64,
}

impl Marginal<f64> {
    /// What to do at these figures.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::from_marginal(self.keep, self.acquire, self.clv)
    }
}

impl Draws {
    /// The share of draws with a verdict.
    #[must_use]
    pub fn share(&self, verdict: Verdict) -> f64 {
        let counts = self.verdicts.iter().filter(|(of, _)| *of == verdict);
        counts.map(|(_, count)| *count).sum::<usize>() as f64 / self.count as f64
    }

    /// Monte Carlo standard error of that share: binomial, with one draw more on either side, so that
    /// a share of 0 or 1 is not certain.
    #[must_use]
    pub fn mc_error(&self, verdict: Verdict) -> f64 {
        let n = self.count as f64;
        let share = (self.share(verdict) * n + 1.0) / (n + 2.0);
        (share * (1.0 - share) / n).sqrt()
    }
}

/// The part of today's retention spend whose addition the break-even is stated for.
const EXTRA: f64 = 0.1;

impl Segment {
    /// The verdict at what is spent now, with one draw for each four standard normal numbers.
    pub fn assess(&self, normals: impl IntoIterator<Item = [f64; 4]>) -> Assessment {
        let marginal = self.estimate();
        let drawn: Vec<_> = if self.is_certain() {
            Vec::new()
        } else {
            normals.into_iter().map(|it| self.draw(it)).collect()
        };
        Assessment {
            verdict: marginal.verdict(),
            marginal,
            draws: (!drawn.is_empty()).then(|| summary(&drawn)),
        }
    }

    /// What should be spent, at the estimates: where both marginal costs equal the lifetime value.
    #[must_use]
    pub fn best(&self) -> Best {
        let (retention_spend, clv) = match self.keeping {
            Keeping::Curve { response, .. } => {
                let base = self.base(response.estimate());
                let spend = base.best_spend();
                (Some(spend), base.lifetime_value(spend))
            }
            Keeping::Programme { .. } => (None, self.estimate().clv),
        };
        let acquisition_spend = match self.winning {
            Winning::Curve { response, .. } => {
                Some(response.estimate().spend_at_marginal_cost(clv))
            }
            Winning::Average(_) => None,
        };
        Best {
            retention_spend,
            acquisition_spend,
            clv,
        }
    }

    /// The fall in churn that a tenth more retention spend, or the programme, must bring to keep a
    /// customer at the price of winning one; none where nothing is spent on keeping, or nobody can
    /// be won.
    #[must_use]
    pub fn break_even(&self) -> Option<BreakEven> {
        let acquire = self.estimate().acquire;
        let (extra_spend, expected) = match self.keeping {
            Keeping::Curve { response, spend } => {
                let (curve, extra) = (response.estimate(), EXTRA * spend);
                (extra, curve.share(spend + extra) - curve.share(spend))
            }
            Keeping::Programme {
                programme,
                churn_se,
                grade,
            } => {
                let expected = fall(programme, churn_se, grade).mean();
                (programme.cost_per_customer(), expected)
            }
        };
        (extra_spend > 0.0 && acquire > 0.0 && acquire.is_finite()).then(|| BreakEven {
            extra_spend,
            needed: extra_spend / acquire,
            expected,
        })
    }

    /// Figures and verdict by the plain regressions, as far as there are any, in place of the
    /// curves.
    ///
    /// On an S the next customer can be cheaper than those before: winning counts as worth it only
    /// where the average customer, too, costs less than they are worth.
    #[must_use]
    pub fn by_regression(&self, regressions: &Regressions) -> (Marginal<f64>, Verdict) {
        let mut marginal = self.estimate();
        if let (Keeping::Curve { spend, .. }, Some(kept)) = (self.keeping, regressions.keeping) {
            marginal.keep = kept.marginal_cost(spend);
            marginal.clv = self.clv(spend, kept.share(spend));
        }
        let mut pays = true;
        if let (Winning::Curve { spend, .. }, Some(won)) = (self.winning, regressions.winning) {
            marginal.acquire = won.marginal_cost(spend);
            pays = spend / won.share(spend) < marginal.clv;
        }
        let acquire = if pays {
            marginal.acquire
        } else {
            f64::INFINITY
        };
        let verdict = Verdict::from_marginal(marginal.keep, acquire, marginal.clv);
        (marginal, verdict)
    }

    /// What keeping one more customer costs were all of what was measured caused by the programme;
    /// none of a curve.
    #[must_use]
    pub fn keep_as_measured(&self) -> Option<f64> {
        match self.keeping {
            Keeping::Curve { .. } => None,
            Keeping::Programme { programme, .. } => programme.cost_per_saved(),
        }
    }

    /// Whether nothing about it is known to be uncertain.
    fn is_certain(&self) -> bool {
        let keeping = match self.keeping {
            Keeping::Curve { response, .. } => response.is_certain(),
            Keeping::Programme {
                programme,
                churn_se,
                grade,
            } => fall(programme, churn_se, grade).is_certain(),
        };
        let winning = match self.winning {
            Winning::Curve { response, .. } => response.is_certain(),
            Winning::Average(_) => true,
        };
        keeping && winning
    }

    fn base(&self, retention: Response) -> CustomerBase {
        CustomerBase {
            retention,
            margin: self.margin,
            rate: self.rate,
        }
    }

    /// The figures at the estimates: a programme's effect as far as its evidence is believed.
    fn estimate(&self) -> Marginal<f64> {
        let believed = |it: GradedChange| it.mean();
        self.marginal([0.0; 4], believed)
    }

    /// The figures that belong to four standard normal numbers.
    fn draw(&self, normals: [f64; 4]) -> Marginal<f64> {
        let [.., size, share] = normals;
        self.marginal(normals, |it| it.draw(size, share))
    }

    fn marginal(
        &self,
        [z1, z2, z3, z4]: [f64; 4],
        fall_of: impl Fn(GradedChange) -> f64,
    ) -> Marginal<f64> {
        let acquire = match self.winning {
            Winning::Curve { response, spend } => response.draw([z1, z2]).marginal_cost(spend),
            Winning::Average(cost) => cost,
        };
        let (keep, clv) = match self.keeping {
            Keeping::Curve { response, spend } => {
                let retention = response.draw([z3, z4]);
                let clv = self.base(retention).lifetime_value(spend);
                (retention.marginal_cost(spend), clv)
            }
            Keeping::Programme {
                programme,
                churn_se,
                grade,
            } => {
                let believed = fall_of(fall(programme, churn_se, grade));
                let drawn = programme.with_churn_lower_by(believed - programme.churn_fall());
                let cost_per_saved = drawn.cost_per_saved().unwrap_or(f64::INFINITY);
                let clv = self.clv(drawn.cost_per_customer(), drawn.retention());
                (cost_per_saved, clv)
            }
        };
        Marginal { keep, acquire, clv }
    }

    /// `(m(1+d) − R)/(1+d−r)`.
    fn clv(&self, spend: f64, retention: f64) -> f64 {
        let growth = 1.0 + self.rate.value();
        (self.margin * growth - spend) / (growth - retention)
    }
}

/// A programme's fall in churn with how far it is believed.
fn fall(programme: RetentionProgramme, churn_se: f64, grade: Grade) -> GradedChange {
    GradedChange {
        size: programme.churn_fall(),
        error: churn_se,
        grade,
    }
}

fn summary(drawn: &[Marginal<f64>]) -> Draws {
    let kinds = [Verdict::KeepMore, Verdict::AcquireMore, Verdict::Neither];
    let count_of = |kind| drawn.iter().filter(|it| it.verdict() == kind).count();
    let band = |figure: fn(&Marginal<f64>) -> f64| {
        let mut values: Vec<f64> = drawn.iter().map(figure).collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
        Band {
            low: at(0.05),
            high: at(0.95),
        }
    };
    Draws {
        count: drawn.len(),
        verdicts: kinds.map(|kind| (kind, count_of(kind))),
        bands: Marginal {
            keep: band(|it| it.keep),
            acquire: band(|it| it.acquire),
            clv: band(|it| it.clv),
        },
    }
}

#[cfg(test)]
mod tests;
