//! Whether intervals hold what they say, and verdicts fall as often as they should.

use std::cell::Cell;

use keepworth_contract::FlagCode;
use keepworth_contract::simulator::{Link, LinkExposure, LinkVerdict};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::company::{PLAIN, RATE, Truth, company};
use super::{link, order};

/// Companies, and how far from 95 in 100 their share may be: that of so many fair draws is within it more than 99 times in
/// 100.
const COMPANIES: (u64, f64) = if cfg!(feature = "slow-tests") {
    (1_200, 0.02)
} else {
    (40, 0.10)
};

/// Share of companies of which something holds.
fn share(truth: impl Fn(u64) -> Truth, holds: impl Fn(&Truth, &Link) -> bool) -> f64 {
    let held = (0..COMPANIES.0).filter(|seed| {
        let truth = truth(*seed);
        let link = link(&order(LinkExposure::Contacts), &company(*seed, &truth));
        holds(&truth, &link)
    });
    held.count() as f64 / COMPANIES.0 as f64
}

fn assert_nominal(found: f64, what: &str) {
    println!("{what}: {:.1}% of {} companies", 100.0 * found, COMPANIES.0);
    assert!((found - 0.95).abs() <= COMPANIES.1, "{what}: {found}");
}

/// Effects are drawn from the prior itself: then intervals with and without it hold what they say.
fn drawn(seed: u64) -> Truth {
    let mut rng = ChaCha8Rng::seed_from_u64(seed + 1_000_000);
    let sd = (3.0 * RATE).sqrt();
    let per_sd: f64 = Normal::new(0.10, 0.10).unwrap().sample(&mut rng);
    Truth {
        effect: per_sd / sd,
        segment: (1.5, 1.5),
        ..PLAIN
    }
}

#[test]
fn a_true_link_is_recovered() {
    let covers = |truth: &Truth, link: &Link| {
        let per_sd = truth.effect * link.sd.unwrap();
        let it = &link
            .coefficient
            .as_ref()
            .unwrap()
            .association_per_sd
            .interval;
        (it.low..=it.high).contains(&per_sd)
    };
    assert_nominal(share(drawn, covers), "intervals by the records cover");
}

#[test]
fn what_scenarios_draw_is_recovered_per_contact() {
    let covers = |truth: &Truth, link: &Link| {
        let it = &link.coefficient.as_ref().unwrap().per_unit.interval;
        (it.low..=it.high).contains(&truth.effect)
    };
    assert_nominal(share(drawn, covers), "intervals under the prior cover");
}

#[test]
fn no_link_is_null_as_often_as_it_should_be() {
    let truth = |_| Truth {
        segment: (1.5, 1.5),
        ..PLAIN
    };
    let null = |_: &Truth, link: &Link| link.verdict == LinkVerdict::Null;
    assert_nominal(share(truth, null), "no link is NULL");
}

/// The segment alone makes both contacts and leaving: adjusted for, nothing is left.
#[test]
fn a_recorded_confounder_is_adjusted_for() {
    let truth = |_| Truth {
        segment: (2.0, 2.5),
        ..PLAIN
    };
    let unadjusted = Cell::new(0);
    let null = |_: &Truth, link: &Link| {
        let without = &link.sensitivity[0];
        assert_eq!(without.without, "segment");
        let is_clear = without.association_per_sd.interval.low > 0.0;
        unadjusted.set(unadjusted.get() + u64::from(is_clear));
        link.verdict == LinkVerdict::Null
    };
    assert_nominal(
        share(truth, null),
        "a confounder that is adjusted for is NULL",
    );
    let clear = unadjusted.get() as f64 / COMPANIES.0 as f64;
    println!("not adjusted for it makes a link in {:.1}%", 100.0 * clear);
    assert!(clear >= 0.9, "{clear}");
}

/// What no record tells apart makes both: departures that experience has nothing to do with give it away.
#[test]
fn a_hidden_confounder_is_warned_about() {
    let truth = |_| Truth {
        hidden: (3.0, 3.0),
        circumstance: 0.4,
        ..PLAIN
    };
    let warned = |_: &Truth, link: &Link| {
        let flags = link.quality_flags.iter();
        let told = flags
            .map(|flag| flag.code)
            .any(|code| code == FlagCode::NegativeControl);
        told && link.verdict == LinkVerdict::Warned
    };
    let found = share(truth, warned);
    println!("a hidden confounder is WARNED in {:.1}%", 100.0 * found);
    assert!(found >= 0.9, "{found}");
}
