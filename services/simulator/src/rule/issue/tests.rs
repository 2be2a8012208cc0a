//! Shares of issues of customers who call about one thing again and again.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Poisson};

use super::*;

/// What a segment's customers called about: each has a leaning of its own to the first of three issues, 30% in the mean.
fn company(seed: u64, customers: usize) -> Issues {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (leaning, calls) = (Beta::new(0.6, 1.4).unwrap(), Poisson::new(4.0).unwrap());
    let mut issues = Issues::default();
    for _ in 0..customers {
        let leaning = leaning.sample(&mut rng);
        let mut sums: BTreeMap<&str, ContactSum> = BTreeMap::new();
        let calls = calls.sample(&mut rng) as u64;
        for _ in 0..calls {
            let (issue, minutes) = match rng.random::<f64>() {
                it if it < leaning => ("billing", 2),
                it if it < leaning + 0.5 * (1.0 - leaning) => ("repair", 9),
                _ => ("moving", 6),
            };
            let sum = sums.entry(issue).or_default();
            sum.count += 1;
            sum.handle_seconds += 60 * minutes + rng.random_range(-60..=60);
        }
        issues.add(calls + 1, &sums);
    }
    issues
}

#[test]
fn intervals_hold_shares_as_often_as_they_say() {
    const COMPANIES: u64 = 400;
    let (mut held, mut naive, mut minutes) = (0, 0, 0);
    for seed in 0..COMPANIES {
        let found = company(seed, 120).told().unwrap();
        let billing = &found.issues[0];
        assert_eq!(billing.name, "billing");
        let holds = |interval: &Option<keepworth_contract::statistic::Interval>, truth: f64| {
            let it = interval.as_ref().unwrap();
            u64::from(it.low < truth && truth < it.high)
        };
        held += holds(&billing.share_interval, 0.3);
        let all: u64 = found.issues.iter().map(|it| it.contacts).sum();
        naive += holds(&wilson_share(billing.share, all as f64, "wilson"), 0.3);
        minutes += holds(&billing.minutes_interval, 2.0);
        assert_eq!(
            found.unknown, 120,
            "one call of each is of nobody knows what"
        );
    }
    // 380 are meant; three standard deviations are 13.
    assert!(
        (367..=395).contains(&held) && (367..=396).contains(&minutes),
        "{held} {minutes}"
    );
    assert!(naive < 345, "calls are no lots: {naive}");
}

#[test]
fn what_is_no_list_is_told_as_none() {
    let mut issues = Issues::default();
    assert_eq!(issues.told(), None);
    let names: Vec<String> = (0..300).map(|number| format!("said {number}")).collect();
    let one = ContactSum {
        count: 1,
        handle_seconds: 60,
    };
    for name in &names {
        issues.add(1, &BTreeMap::from([(name.as_str(), one)]));
    }
    let found = issues.told().unwrap();
    assert_eq!(
        (found.issues.len(), found.flags[0].code),
        (0, FlagCode::TooManyIssues)
    );
    let mut few = Issues::default();
    for _ in 0..4 {
        few.add(60, &BTreeMap::from([("billing", one), ("repair", one)]));
    }
    assert_eq!(few.told(), None, "of four customers nothing is told");
}

/// Four customers called about what nobody else did.
#[test]
fn what_few_customers_called_about_is_told_together_and_by_no_name() {
    let mut issues = company(3, 400);
    let one = ContactSum {
        count: 2,
        handle_seconds: 600,
    };
    let names = ["Ms Smith's dog", "Ms Smith's cat", "parking"];
    for name in names.iter().cycle().take(12) {
        issues.add(2, &BTreeMap::from([(*name, one)]));
    }
    let found = issues.told().unwrap();
    let told: Vec<&str> = found.issues.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(told, ["billing", "moving", "repair", OTHER]);
    let other = &found.issues[3];
    assert_eq!((other.contacts, other.minutes), (24, 5.0));
    let all: f64 = found.issues.iter().map(|it| it.share).sum();
    assert!((all - 1.0).abs() < 1e-12, "{all}");
    let interval = other.share_interval.as_ref().unwrap();
    assert!(interval.low < other.share && other.share < interval.high && interval.low > 0.0);
}

/// Somebody called about what nobody else did, and three who moved to another segment are counted in both.
#[test]
fn nobody_is_told_alone() {
    let one = ContactSum {
        count: 2,
        handle_seconds: 600,
    };
    let mut segments = [company(4, 300), company(5, 100)];
    segments[0].add(2, &BTreeMap::from([("Ms Smith's dog", one)]));
    let found = segments[0].told().unwrap();
    let told = |found: &ChannelIssues| {
        let names = found.issues.iter().map(|it| it.name.clone());
        Vec::from_iter(names)
    };
    assert_eq!(told(&found).len(), 3, "with the smallest: {found:?}");
    assert_eq!(told(&found)[2], OTHER);
    assert!(found.issues[2].contacts > 100, "{found:?}");
    for segment in &mut segments {
        for _ in 0..3 {
            segment.add(2, &BTreeMap::from([("the club", one)]));
        }
    }
    let [mut company, other] = segments;
    company.merge(&other);
    assert!(!told(&company.told().unwrap()).contains(&"the club".to_owned()));
}
