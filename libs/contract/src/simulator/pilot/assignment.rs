//! A rule with a seed that says who is treated.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::feed::CustomerKey;

/// Lots drawn by a rule with a seed, which anybody can draw again, among the customers of some segments.
///
/// Who is treated: SHA-256 of `seed/source/external_id` in UTF-8, its first eight bytes as a big-endian number, over
/// 2^64. Below `treated_share` a customer is treated. Lots are drawn among who was under observation in one of the
/// segments on the day before the start (today, where that is to come), as the customers service knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PilotAssignment {
    /// Keys of the segments.
    #[schema(min_items = 1, max_items = 100)]
    pub segments: Vec<String>,
    /// What makes these lots others than those of another pilot; to be fixed before anything is known of outcomes.
    #[schema(min_length = 1, max_length = 128, example = "call-backs-2026")]
    pub seed: String,
    /// The share of customers to be treated.
    #[serde(default = "half")]
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, default = 0.5)]
    pub treated_share: f64,
}

fn half() -> f64 {
    0.5
}

impl PilotAssignment {
    /// Whether a customer is treated.
    #[must_use]
    pub fn is_treated(&self, customer: &CustomerKey) -> bool {
        self.lot(customer) < self.treated_share
    }

    /// A customer's lot, from 0 to 1.
    fn lot(&self, customer: &CustomerKey) -> f64 {
        let CustomerKey {
            source,
            external_id,
        } = customer;
        let digest = Sha256::digest(format!("{}/{source}/{external_id}", self.seed));
        let first = digest.iter().take(8);
        let number = first.fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        number as f64 / 2_f64.powi(64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(seed: &str, treated_share: f64) -> PilotAssignment {
        PilotAssignment {
            segments: vec!["all".to_owned()],
            seed: seed.to_owned(),
            treated_share,
        }
    }

    fn customer(external_id: &str) -> CustomerKey {
        CustomerKey {
            source: "crm".to_owned(),
            external_id: external_id.to_owned(),
        }
    }

    /// `printf 'seed-7/crm/1041' | sha256sum | cut -c -16` and the like, over 2^64.
    #[test]
    fn lots_are_those_of_other_programs() {
        for (id, lot) in [
            ("1041", 0.430_489_663_919_110_3),
            ("1042", 0.968_875_985_096_906_2),
            ("x/7", 0.504_903_727_493_875_4),
        ] {
            let found = rule("seed-7", 0.5).lot(&customer(id));
            assert!((found - lot).abs() < 1e-12, "{id}: {found}");
        }
    }

    #[test]
    fn lots_are_even_and_another_seed_draws_others() {
        let ids = Vec::from_iter((0..20_000).map(|it| customer(&it.to_string())));
        let (rule, other) = (rule("a", 0.3), rule("b", 0.3));
        let treated = ids.iter().filter(|it| rule.is_treated(it)).count() as f64;
        // Three standard errors of a share of 20,000.
        assert!((treated / 20_000.0 - 0.3).abs() < 3.0 * (0.21_f64 / 20_000.0).sqrt());
        let both = ids
            .iter()
            .filter(|it| rule.is_treated(it) && other.is_treated(it));
        let both = both.count() as f64;
        assert!((both / 20_000.0 - 0.09).abs() < 3.0 * (0.09 * 0.91_f64 / 20_000.0).sqrt());
    }
}
