//! How the customers of a fitted purchase model differ.

use nalgebra::{Matrix2, SMatrix};

use crate::mixture::{Law, Mixture};

use super::{Model, PurchaseFit, SpendFit};

const RATE: (&str, &str) = (
    "purchase_rate",
    "purchases of a customer per time unit while active",
);
const CHANCE: (&str, &str) = (
    "purchase_chance",
    "probability that an active customer buys at an opportunity",
);
const AFTER: (&str, &str) = (
    "dropout_chance",
    "probability that a customer drops out after a purchase",
);
const BEFORE: (&str, &str) = (
    "dropout_chance",
    "probability that a customer drops out before an opportunity",
);
const LEAVING: (&str, &str) = (
    "dropout_rate",
    "rate per time unit at which a customer drops out",
);
const SPEND: (&str, &str) = (
    "mean_spend",
    "mean spend of a customer per purchase, in the file's currency unit",
);

impl PurchaseFit {
    /// How customers differ in buying, then in dropping out.
    pub fn mixtures(&self) -> [Mixture; 2] {
        let [buying, leaving] = match self.model {
            Model::BgNbd | Model::MbgNbd => [(RATE, Law::Gamma), (AFTER, Law::Beta)],
            Model::ParetoNbd => [(RATE, Law::Gamma), (LEAVING, Law::Gamma)],
            Model::BgBb => [(CHANCE, Law::Beta), (BEFORE, Law::Beta)],
        };
        let level = self.hand_over().level;
        let of = |(name, law), from: usize| {
            let parameters = [self.parameters[from], self.parameters[from + 1]];
            let covariance = self.covariance.fixed_view::<2, 2>(from, from).into_owned();
            Mixture::new(name, law, parameters, covariance, level)
        };
        [of(buying, 0), of(leaving, 2)]
    }
}

impl SpendFit {
    /// How customers differ in their mean spend `p/ν`, `ν ~ Gamma(q, γ)`: an inverse gamma with shape `q`
    /// and scale `pγ` (Fader & Hardie 2013, "The Gamma–Gamma model of monetary value", section 3).
    pub fn mixture(&self) -> Mixture {
        let [p, q, gamma] = self.parameters;
        // ln q, and ln p + ln γ.
        let map = SMatrix::<f64, 2, 3>::new(0.0, 1.0, 0.0, 1.0, 0.0, 1.0);
        let covariance: Matrix2<f64> = map * self.covariance * map.transpose();
        let level = self.hand_over().level;
        Mixture::new(SPEND, Law::InverseGamma, [q, p * gamma], covariance, level)
    }
}

#[cfg(test)]
mod tests {
    use super::super::life::simulated;
    use super::super::*;

    #[test]
    fn mixtures_have_the_means_that_the_models_give() {
        let customers = simulated(Model::BgBb, [1.2, 0.75, 0.66, 2.8], 2_000, 6.0, 4);
        let fitted = fit(Model::BgBb, &customers).unwrap();
        let [buying, leaving] = fitted.mixtures();
        let (chance, drop) = (buying.summary(), leaving.summary());
        let next = fitted.purchases(1.0).unwrap().value;
        let told = chance.mean.unwrap().value * (1.0 - drop.mean.unwrap().value);
        assert!((next - told).abs() < 1e-12);
        assert_eq!(
            [chance.name, drop.name],
            ["purchase_chance", "dropout_chance"]
        );
        assert!(drop.shape.contains("crowded at 0"));
    }

    #[test]
    fn spends_have_the_populations_mean() {
        let mut spends = Spends::default();
        for (x, mean) in [
            (1.0, 12.0),
            (1.0, 55.0),
            (2.0, 30.0),
            (4.0, 41.0),
            (2.0, 90.0),
        ] {
            spends.add(x, mean, 9.0).unwrap();
        }
        let fitted = fit_spend(&spends).unwrap();
        let (told, mean) = (
            fitted.mixture().summary(),
            fitted.population_mean().unwrap(),
        );
        let of_mixture = told.mean.unwrap();
        assert!((of_mixture.value - mean.value).abs() < 1e-9 * mean.value);
        assert!(
            (of_mixture.se - mean.se).abs() < 1e-5 * mean.se,
            "{told:?} {mean:?}"
        );
    }
}
