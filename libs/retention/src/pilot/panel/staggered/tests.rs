use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};

use super::super::PreTrendVerdict;
use super::*;

fn course(starts: Option<usize>, before: f64, since: [f64; 3]) -> Course {
    let part = |over| Part { over, under: 1.0 };
    Course {
        starts,
        before: vec![part(before); 2],
        since: since.map(part).to_vec(),
    }
}

/// Two waves and who is never treated, two customers each, by hand.
#[test]
fn waves_by_hand() {
    let courses = [
        // Changes −1, −2, −3 and −1, −2, −1 from the first month on.
        course(Some(0), 5.0, [4.0, 3.0, 2.0]),
        course(Some(0), 6.0, [5.0, 4.0, 5.0]),
        // Treated from the third month on: 1, 1, −2 and 0, 1, −1.
        course(Some(2), 4.0, [5.0, 5.0, 2.0]),
        course(Some(2), 3.0, [3.0, 4.0, 2.0]),
        // Never: 1, 2, 1 and 0, 0, 1.
        course(None, 2.0, [3.0, 4.0, 3.0]),
        course(None, 1.0, [1.0, 1.0, 2.0]),
    ];
    let found = Staggered::new(&courses).unwrap();
    // Not yet treated: (1 + 0 + 1 + 0)/4, (1 + 1 + 2 + 0)/4, (1 + 1)/2.
    // Beyond it: −1.5 and −1.5; −3 and −3; −4, −2, −3 and −2.
    assert!((found.value + 20.0 / 8.0).abs() < 1e-12, "{found:?}");
    assert_eq!((found.customers.treated, found.customers.control), (4, 4));
    // Influences times 8: those of the first wave 1 − 0.5 − 1.5 and 1 − 0.5 + 0.5; of the second, as comparison
    // −2/4·(0.5, −0.5) and −2/4·(0, 0), then −0.5 and 0.5; of the others −2/4·(0.5, −0.5) − 2/4·(1, −1) in two months
    // and −4/2·(0, 0) in the third.
    let theirs = [-1.0, 1.0, -0.25 - 0.5, 0.25 + 0.5, -0.75, 0.75];
    let squares: f64 = theirs.iter().map(|it| (it / 8.0_f64).powi(2)).sum();
    assert!(
        (found.se - (squares * 6.0 / 5.0).sqrt()).abs() < 1e-12,
        "{found:?}"
    );
    // Outcomes of months of treatment: 4 + 3 + 2 + 5 + 4 + 5 + 2 + 2.
    let after = 27.0 / 8.0;
    assert!((found.fall().mean - (1.0 - after / (after + 2.5))).abs() < 1e-12);
}

#[test]
fn months_in_which_everybody_is_treated_do_not_count() {
    let courses = |last: f64| {
        [
            course(Some(0), 5.0, [4.0, 3.0, last]),
            course(Some(0), 6.0, [5.0, 4.0, last]),
            course(Some(2), 4.0, [5.0, 5.0, last]),
            course(Some(2), 3.0, [3.0, 4.0, last]),
        ]
    };
    let [one, other] = [1.0, 90.0].map(|last| Staggered::new(&courses(last)).unwrap().value);
    assert_eq!(one, other);
    let all = courses(1.0).map(|it| Course {
        starts: Some(0),
        ..it
    });
    assert_eq!(
        Staggered::new(&all),
        Err(PilotError::Group("not yet treated"))
    );
}

/// Waves that start in the first, third and fifth of six months, and customers who are never treated. Customers differ,
/// months differ, the first waves are those with many contacts, and the effect grows with every month of treatment:
/// `left` of contacts are left after the first month, its square after the second.
fn drawn(rng: &mut ChaCha8Rng, left: f64) -> Vec<Course> {
    let season = [0.0, 0.3, 0.1, 0.5, 0.2, 0.4, 0.6, 0.1, 0.3, 0.7];
    let one = |_| {
        let level = 0.4 + 1.6 * rng.random::<f64>();
        let lot = rng.random::<f64>() + 0.3 * level;
        let starts = [(0.95, 0), (0.75, 2), (0.55, 4)];
        let starts = starts.into_iter().find(|(above, _)| lot > *above);
        let starts = starts.map(|(_, starts)| starts);
        let mut month = |t: usize| {
            let treated = starts
                .and_then(|first| (t + 1).checked_sub(4 + first))
                .unwrap_or(0);
            let rate = (level + season[t]) * left.powi(treated as i32);
            Part {
                over: Poisson::new(rate).unwrap().sample(rng),
                under: 1.0,
            }
        };
        Course {
            starts,
            before: (0..4).map(&mut month).collect(),
            since: (4..10).map(&mut month).collect(),
        }
    };
    Vec::from_iter((0..400).map(one))
}

/// Nothing is done, and somebody looks after each month from the first on: the interval for any look keeps its level, the one
/// for a single look does not.
#[test]
fn waves_looked_at_every_month_raise_no_alarms() {
    const PILOTS: usize = 1_000;
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let plan = Plan::new(200.0, 200.0).unwrap();
    let (mut alarms, mut by_one_look) = (0, 0);
    for _ in 0..PILOTS {
        let whole = drawn(&mut rng, 1.0);
        let looks = Vec::from_iter((1..=6).filter_map(|months| {
            let cut = |it: &Course| Course {
                starts: it.starts.filter(|first| *first < months),
                since: it.since[..months].to_vec(),
                ..it.clone()
            };
            let found = Staggered::new(&Vec::from_iter(whole.iter().map(cut))).ok()?;
            let plan = plan.after(months as f64 / 6.0).unwrap();
            found.read(plan, Level::USUAL).ok()
        }));
        alarms += usize::from(looks.iter().any(Reading::excludes_none));
        by_one_look += usize::from(looks.iter().any(|it| it.single_look.excludes_none()));
    }
    println!("alarms {alarms}, by the interval for one look {by_one_look}, of {PILOTS}");
    assert!(alarms <= PILOTS / 20, "{alarms}");
    assert!(by_one_look > PILOTS / 10, "{by_one_look}");
}

/// The true fall of those who are drawn, from the expected contacts of every month of treatment that counts.
#[test]
fn intervals_hold_no_effect_and_one_that_grows() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let (mut none, mut held, mut grown, mut found) = (0, 0, 0, 0);
    for _ in 0..500 {
        let it = Staggered::new(&drawn(&mut rng, 1.0)).unwrap();
        none += usize::from(it.value.abs() < 1.96 * it.se);
        held += usize::from(it.pre_trend.verdict == PreTrendVerdict::Held);
    }
    let truth = truth(0.9);
    for _ in 0..500 {
        let fall = Staggered::new(&drawn(&mut rng, 0.9)).unwrap().fall();
        grown += usize::from((fall.mean - truth).abs() < 1.96 * fall.sd);
        found += usize::from(fall.mean > 1.96 * fall.sd);
    }
    println!("no effect {none}, trends {held}, effect {grown}, found {found} of 500");
    // 475 ± 15 at three standard errors.
    for count in [none, held, grown] {
        assert!((460..=490).contains(&count), "{none}, {held}, {grown}");
    }
    assert!(found > 400, "{found}");
}

/// The fall that so many drawn customers have: what is left of contacts beside what would be there.
fn truth(left: f64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let treated = |left: f64, rng: &mut ChaCha8Rng| {
        let mut sum = 0.0;
        let mut months = 0.0;
        for it in (0..500).flat_map(|_| drawn(rng, left)) {
            let first = it.starts.unwrap_or(usize::MAX);
            for part in it.since.iter().skip(first) {
                sum += part.over;
                months += 1.0;
            }
        }
        sum / months
    };
    1.0 - treated(left, &mut rng) / treated(1.0, &mut rng)
}
