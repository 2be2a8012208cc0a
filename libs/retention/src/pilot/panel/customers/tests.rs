use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};

use super::super::PreTrendVerdict;
use super::*;
use crate::fit::Level;
use crate::pilot::{Arms, Plan, Reading};

fn part(over: f64, under: f64) -> Part {
    Part { over, under }
}

fn customer(before: [f64; 2], after: f64, months: f64) -> BeforeAfter {
    BeforeAfter {
        before: before.map(|over| part(over, 1.0)).to_vec(),
        after: part(after, months),
    }
}

fn panel(control: &[BeforeAfter], treated: &[BeforeAfter]) -> CustomerPanel {
    CustomerPanel::new(Two { control, treated }, 2).unwrap()
}

fn read(panel: &CustomerPanel) -> Reading {
    let plan = Plan::new(100.0, 100.0).unwrap();
    let arms = Arms::Means(panel.sums().unwrap());
    arms.read(plan, Level::USUAL).unwrap()
}

/// Changes of 1 and 3 over two months each, beside −2 over two months and 1 over one.
#[test]
fn own_changes_by_hand() {
    let control = [
        customer([2.0, 4.0], 8.0, 2.0),
        customer([1.0, 1.0], 8.0, 2.0),
    ];
    let treated = [
        customer([5.0, 5.0], 6.0, 2.0),
        customer([3.0, 5.0], 5.0, 1.0),
    ];
    let found = panel(&control, &treated);
    assert_eq!(found.changes.control.value(), 2.0);
    // (−2·2 + 1·1)/3, A = 11/3.
    assert!((found.changes.treated.value() + 1.0).abs() < 1e-12);
    let fall = found.fall().unwrap();
    // Without treatment 11/3 + 3 = 20/3.
    assert!((fall.mean - 0.45).abs() < 1e-12);
    // Influences on A: (6 − 22/3)/1.5 and its opposite; on D: −4/3 and 4/3; of the comparison −1 and 1.
    let (a, d): (f64, f64) = (-8.0 / 9.0, -4.0 / 3.0);
    let squared = (20.0_f64 / 3.0).powi(2);
    let theirs = -3.0 / squared * a - 11.0 / 3.0 / squared * d;
    let others = 11.0 / 3.0 / squared;
    assert!((fall.sd - (theirs.powi(2) + others.powi(2)).sqrt()).abs() < 1e-12);
    // Slopes 2 and 0 beside 0 and 2.
    assert_eq!(found.pre_trend.n, 8);
    assert_eq!(found.pre_trend.slope, Some(0.0));
    assert_eq!(found.pre_trend.verdict, PreTrendVerdict::Held);
}

#[test]
fn who_is_not_in_before_and_after_has_no_change() {
    let some = [
        customer([2.0, 4.0], 8.0, 2.0),
        customer([1.0, 1.0], 8.0, 2.0),
    ];
    let mut more = some.to_vec();
    more.push(customer([9.0, 9.0], 0.0, 0.0));
    more.push(BeforeAfter {
        before: vec![part(0.0, 0.0); 2],
        after: part(90.0, 2.0),
    });
    let (found, with) = (panel(&some, &some), panel(&some, &more));
    assert_eq!(found.changes, with.changes);
    let few = CustomerPanel::new(
        Two {
            control: &some[..1],
            treated: &some,
        },
        2,
    );
    assert!(few.is_err());
}

#[test]
fn trends_without_noise_are_the_same_or_are_not() {
    let flat = [3.0, 4.0].map(|level| customer([level, level], 2.0 * level, 2.0));
    let same = panel(&flat, &flat).pre_trend;
    assert_eq!((same.p, same.verdict), (Some(1.0), PreTrendVerdict::Held));
    let steep = [3.0, 4.0].map(|level| customer([level, level + 1.0], 2.0 * level, 2.0));
    let other = panel(&flat, &steep).pre_trend;
    assert_eq!(
        (other.p, other.verdict),
        (Some(0.0), PreTrendVerdict::Broken)
    );
    let mut short = flat.clone();
    for it in &mut short {
        it.before.truncate(1);
    }
    let one = panel(&short, &short).pre_trend;
    assert_eq!((one.p, one.verdict), (None, PreTrendVerdict::Untestable));
}

/// Months before, months after.
const SPAN: [usize; 2] = [4, 3];

/// Customers whose contacts a month are a Poisson of a rate that is theirs, treated rather where it is large, and goes
/// up with the season for all; some leave half-way. Treatment leaves `left` of the contacts; the treated may have been
/// on another way before.
fn drawn(rng: &mut ChaCha8Rng, left: f64, way: f64) -> Two<Vec<BeforeAfter>> {
    let mut arms = Two {
        control: Vec::new(),
        treated: Vec::new(),
    };
    for _ in 0..300 {
        let level = 0.2 + 1.8 * rng.random::<f64>().powi(2);
        let is_treated = rng.random::<f64>() < 0.2 + 0.3 * level;
        let leaves = rng.random::<f64>() < 0.2;
        let mut month = |t: usize| {
            let of = if is_treated && t >= SPAN[0] {
                left
            } else {
                1.0
            };
            let trend = if is_treated { way * t as f64 } else { 0.0 };
            // The season adds to everybody the same.
            let rate = (level + 0.1 * t as f64 + trend) * of;
            part(Poisson::new(rate).unwrap().sample(rng), 1.0)
        };
        let before = (0..SPAN[0]).map(&mut month).collect();
        let last = SPAN[0] + if leaves { 1 } else { SPAN[1] };
        let after = (SPAN[0]..last).map(&mut month).sum();
        let arm = if is_treated {
            &mut arms.treated
        } else {
            &mut arms.control
        };
        arm.push(BeforeAfter { before, after });
    }
    arms
}

fn of(arms: &Two<Vec<BeforeAfter>>) -> CustomerPanel {
    let sides = Two {
        control: &arms.control[..],
        treated: &arms.treated[..],
    };
    CustomerPanel::new(sides, SPAN[1]).unwrap()
}

/// 600 pilots that do nothing: what customers are, and what all go through, is no effect.
#[test]
fn what_all_go_through_is_no_effect() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let (mut covered, mut held, mut fall) = (0, 0, 0);
    for _ in 0..600 {
        let found = of(&drawn(&mut rng, 1.0, 0.0));
        let it = read(&found).single_look;
        covered += usize::from(it.low < 0.0 && 0.0 < it.high);
        held += usize::from(found.pre_trend.verdict == PreTrendVerdict::Held);
        let it = found.fall().unwrap();
        fall += usize::from(it.mean.abs() < 1.96 * it.sd);
    }
    // 570 ± 16 at three standard errors.
    for (what, count) in [("effect", covered), ("trends", held), ("fall", fall)] {
        println!("{what}: {count} of 600");
        assert!((552..=588).contains(&count), "{what}: {count} of 600");
    }
}

/// 600 pilots that leave 70% of contacts. Who is treated has more contacts, so that the truth is that of the treated:
/// the mean of what their months since would have been, less 30%.
#[test]
fn a_relative_fall_is_held_by_its_interval() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut covered, mut found_so) = (0, 0);
    for _ in 0..600 {
        let fall = of(&drawn(&mut rng, 0.7, 0.0)).fall().unwrap();
        covered += usize::from((fall.mean - 0.3).abs() < 1.96 * fall.sd);
        found_so += usize::from(fall.mean > 1.96 * fall.sd);
    }
    println!("covered: {covered}, found: {found_so} of 600");
    assert!((552..=588).contains(&covered), "{covered} of 600");
    assert!(found_so > 500, "{found_so} of 600");
}

#[test]
fn other_ways_before_are_found() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let broken = (0..100).filter(|_| {
        let found = of(&drawn(&mut rng, 1.0, 0.4)).pre_trend;
        found.verdict == PreTrendVerdict::Broken
    });
    let broken = broken.count();
    assert!(broken > 90, "{broken} of 100");
}
