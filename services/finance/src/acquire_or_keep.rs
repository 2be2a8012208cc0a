//! Acquire or keep: which of the two deserves the next unit of money, per segment.
//!
//! Three figures decide, all in minor units per customer: the marginal cost to keep, the
//! marginal cost to acquire, and the lifetime value. They come from two fitted or elicited
//! response curves, or from what a retention programme costs and changes. They are uncertain,
//! so the verdict carries the share of draws that agree, with its Monte Carlo error. Nothing
//! here favours keeping: where recruiting is cheaper the verdict says so.
//!
//! Randomness is handed in as standard normal numbers, so that the caller owns the seed. Model
//! quantities are `f64`; ledger amounts become one on entry and never come back as ledger
//! amounts.

use keepworth_cashflow::keep_or_acquire::{RetentionProgramme, Verdict};
use keepworth_cashflow::response::{Market, Plan, Response};
use serde::Serialize;

use crate::response_fit::ResponseFit;

/// The three figures that decide, minor units per customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Marginal {
    /// What keeping one more customer costs; infinite (null in JSON) when spending keeps nobody.
    pub keep: f64,
    /// What winning one more customer costs.
    pub acquire: f64,
    /// What a customer is worth.
    pub clv: f64,
}

impl Marginal {
    /// What to do at these figures.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::from_marginal(self.keep, self.acquire, self.clv)
    }
}

/// A response curve with the uncertainty of its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UncertainResponse {
    response: Response,
    /// Lower triangle of the Cholesky factor of the covariance of `(logit C, ln k)`.
    factor: [[f64; 2]; 2],
}

impl UncertainResponse {
    /// A curve that somebody is sure of.
    #[must_use]
    pub fn certain(response: Response) -> Self {
        Self {
            response,
            factor: [[0.0; 2]; 2],
        }
    }

    /// The curve moved by two standard normal numbers along its parameters' covariance.
    fn draw(&self, [z1, z2]: [f64; 2]) -> Response {
        let [[a, _], [b, c]] = self.factor;
        let (ceiling, k) = (self.response.ceiling(), self.response.k());
        let odds = ceiling / (1.0 - ceiling) * (a * z1).exp();
        let moved_ceiling = if odds.is_finite() {
            odds / (1.0 + odds)
        } else {
            1.0
        };
        let moved_k = k * (b * z1 + c * z2).exp();
        // Draws beyond the range of floats stay where they are; none lies there in practice.
        Response::new(moved_ceiling, moved_k).unwrap_or(self.response)
    }
}

impl From<&ResponseFit> for UncertainResponse {
    fn from(fit: &ResponseFit) -> Self {
        let [[v1, cov], [_, v2]] = fit.covariance;
        let a = v1.sqrt();
        let b = if a > 0.0 { cov / a } else { 0.0 };
        let c = (v2 - b * b).max(0.0).sqrt();
        Self {
            response: fit.response,
            factor: [[a, 0.0], [b, c]],
        }
    }
}

/// A segment seen through its two response curves, at what is spent on it now.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Share of prospects won by spend per prospect.
    pub acquisition: UncertainResponse,
    /// Share of customers kept by spend per customer and period.
    pub retention: UncertainResponse,
    /// Margin per customer and period before retention spend, minor units.
    pub margin: f64,
    /// Discount rate per period.
    pub rate: keepworth_cashflow::Rate,
    /// Spend per prospect now, minor units.
    pub acquisition_spend: f64,
    /// Spend per customer and period now, minor units.
    pub retention_spend: f64,
}

/// A verdict with how sure it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// The figures at the estimates.
    pub marginal: Marginal,
    /// What to do at the estimates.
    pub verdict: Verdict,
    /// The share of draws with the same verdict; none without draws.
    pub agreement: Option<Agreement>,
    /// Shares of draws for keep more, acquire more, neither.
    pub shares: Option<[(Verdict, f64); 3]>,
}

/// How many of the draws agree.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Share of draws.
    pub share: f64,
    /// Monte Carlo standard error of the share, binomial.
    pub mc_error: f64,
    /// Number of draws.
    pub draws: usize,
}

impl Segment {
    /// The curves at their estimates.
    #[must_use]
    pub fn market(&self) -> Market {
        self.market_with(self.acquisition.response, self.retention.response)
    }

    /// What should be spent, at the estimates: where both marginal costs equal the lifetime value.
    #[must_use]
    pub fn optimum(&self) -> Plan {
        self.market().optimum()
    }

    /// The verdict at what is spent now, with one draw for each four standard normal numbers.
    pub fn assess(&self, normals: impl IntoIterator<Item = [f64; 4]>) -> Assessment {
        let drawn = normals.into_iter().map(|[z1, z2, z3, z4]| {
            let acquisition = self.acquisition.draw([z1, z2]);
            let retention = self.retention.draw([z3, z4]);
            self.marginal(&self.market_with(acquisition, retention))
        });
        assess(self.marginal(&self.market()), drawn)
    }

    /// The fall in churn per period (a fraction: 0.04 is four points) that `extra_spend` per
    /// customer and period must bring, to keep a customer at the price of winning one.
    #[must_use]
    pub fn break_even_churn_change(&self, extra_spend: f64) -> f64 {
        extra_spend
            * self
                .acquisition
                .response
                .marginal_share(self.acquisition_spend)
    }

    fn market_with(&self, acquisition: Response, retention: Response) -> Market {
        Market {
            acquisition,
            retention,
            margin: self.margin,
            rate: self.rate,
        }
    }

    fn marginal(&self, market: &Market) -> Marginal {
        Marginal {
            keep: market.retention.marginal_cost(self.retention_spend),
            acquire: market.acquisition.marginal_cost(self.acquisition_spend),
            clv: market
                .plan(self.acquisition_spend, self.retention_spend)
                .clv,
        }
    }
}

/// The verdict on a retention programme against recruiting.
///
/// `churn_se` is the standard error of the change in churn, `acquisition_cost` what one more
/// customer costs to win and `clv` what one is worth, minor units. One draw per normal number.
pub fn assess_programme(
    programme: &RetentionProgramme,
    churn_se: f64,
    acquisition_cost: f64,
    clv: f64,
    normals: impl IntoIterator<Item = f64>,
) -> Assessment {
    let marginal = |cost_per_saved: Option<f64>| Marginal {
        keep: cost_per_saved.unwrap_or(f64::INFINITY),
        acquire: acquisition_cost,
        clv,
    };
    let drawn = normals
        .into_iter()
        .map(|z| marginal(programme.with_churn_lower_by(z * churn_se).cost_per_saved()));
    assess(marginal(programme.cost_per_saved()), drawn)
}

fn assess(marginal: Marginal, drawn: impl Iterator<Item = Marginal>) -> Assessment {
    let verdict = marginal.verdict();
    let kinds = [Verdict::KeepMore, Verdict::AcquireMore, Verdict::Neither];
    let (mut counts, mut draws) = ([0_usize; 3], 0_usize);
    for drawn in drawn {
        let of = drawn.verdict();
        for (count, kind) in counts.iter_mut().zip(kinds) {
            *count += usize::from(kind == of);
        }
        draws += 1;
    }
    if draws == 0 {
        return Assessment {
            marginal,
            verdict,
            agreement: None,
            shares: None,
        };
    }
    let shares = [0, 1, 2].map(|i| (kinds[i], counts[i] as f64 / draws as f64));
    let share = shares
        .iter()
        .filter(|(kind, _)| *kind == verdict)
        .map(|(_, share)| share)
        .sum();
    let mc_error = f64::sqrt(share * (1.0 - share) / draws as f64);
    let agreement = Some(Agreement {
        share,
        mc_error,
        draws,
    });
    Assessment {
        marginal,
        verdict,
        agreement,
        shares: Some(shares),
    }
}

#[cfg(test)]
mod tests {
    use keepworth_cashflow::Rate;
    use rand::SeedableRng;
    use rand::distr::Distribution;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;
    use crate::response_fit::{Ceiling, Observed, fit_response};

    fn normals<const N: usize>(draws: usize) -> impl Iterator<Item = [f64; N]> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        (0..draws).map(move |_| std::array::from_fn(|_| StandardNormal.sample(&mut rng)))
    }

    #[test]
    fn recruiting_is_cheaper_on_the_reference_programme() {
        // customers.json keep_or_acquire: 1,333.33 per saved customer, 1,000 per new one.
        let programme = RetentionProgramme::new(200_000.0, 5_000.0, 0.20, 0.17).unwrap();
        let normals = || normals::<1>(20_000).map(|[z]| z);
        let sure = assess_programme(&programme, 0.0, 1_000.0, 2_000.0, normals());
        assert_eq!(sure.verdict, Verdict::AcquireMore);
        assert_eq!(sure.agreement.unwrap().share, 1.0);
        assert!((sure.marginal.keep - 1_333.33).abs() < 0.005);
        // The change in churn is three points, give or take one: keeping is cheaper when it is
        // beyond the break-even of four points, one standard error away, 15.87% of the time.
        let unsure = assess_programme(&programme, 0.01, 1_000.0, 2_000.0, normals());
        let agreement = unsure.agreement.unwrap();
        assert_eq!(unsure.verdict, Verdict::AcquireMore);
        assert!(
            (agreement.share - 0.8413).abs() < 4.0 * agreement.mc_error,
            "{agreement:?}"
        );
        // Where a customer is worth less than either costs, neither is worth it.
        let poor = assess_programme(&programme, 0.01, 1_000.0, 500.0, []);
        assert_eq!((poor.verdict, poor.agreement), (Verdict::Neither, None));
    }

    fn segment(retention_spend: f64) -> Segment {
        let certain = |spend, share, ceiling| {
            UncertainResponse::certain(Response::through(spend, share, ceiling).unwrap())
        };
        Segment {
            acquisition: certain(2_000.0, 0.2, 0.4),
            retention: certain(3_000.0, 0.6, 0.7),
            margin: 20_000.0,
            rate: Rate::new(0.10).unwrap(),
            acquisition_spend: 2_000.0,
            retention_spend,
        }
    }

    #[test]
    fn the_verdict_turns_where_marginal_costs_meet() {
        assert_eq!(segment(100.0).assess([]).verdict, Verdict::KeepMore);
        assert_eq!(segment(9_000.0).assess([]).verdict, Verdict::AcquireMore);
        // A tenth of what a new customer costs, spent on each, must keep a tenth of them.
        let acquire = segment(100.0).assess([]).marginal.acquire;
        let needed = segment(100.0).break_even_churn_change(acquire / 10.0);
        assert!((needed - 0.1).abs() < 1e-12);
        let best = segment(3_000.0).optimum();
        let at_best = Segment {
            acquisition_spend: best.acquisition_spend,
            retention_spend: best.retention_spend,
            ..segment(3_000.0)
        };
        let marginal = at_best.assess([]).marginal;
        assert!(
            (marginal.keep / marginal.clv - 1.0).abs() < 1e-6,
            "{marginal:?}"
        );
        assert!(
            (marginal.acquire / marginal.clv - 1.0).abs() < 1e-6,
            "{marginal:?}"
        );
    }

    #[test]
    fn little_data_make_an_unsure_verdict() {
        let share_of = |people: u64| {
            let row = |spend, share: f64| Observed {
                spend,
                people,
                answered: (people as f64 * share).round() as u64,
            };
            let rows = [
                row(1_000, 0.12),
                row(2_000, 0.20),
                row(4_000, 0.29),
                row(8_000, 0.34),
            ];
            let fit = fit_response(&rows, Ceiling::Estimated).unwrap();
            let segment = Segment {
                acquisition: (&fit).into(),
                ..segment(4_000.0)
            };
            let assessment = segment.assess(normals(4_000));
            let shares = assessment.shares.unwrap();
            assert!((shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
            assessment.agreement.unwrap().share
        };
        let (few, many) = (share_of(200), share_of(200_000));
        assert!(few < many, "{few} {many}");
        assert!(many > 0.99, "{many}");
    }
}
