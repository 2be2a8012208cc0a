//! The donors of Fader, Hardie & Shang (2010): those who first gave to a station in 1995, by whether they
//! gave again in each of the years 1996 to 2001.

use super::super::*;
use crate::fit::Estimate;

/// Years with a gift, the last of them, donors: printed in the paper, `donationsSummary` of the R package
/// BTYD, `load_donations` of the Python package lifetimes.
const DONORS: [(u8, u8, u16); 22] = [
    (0, 0, 3464),
    (1, 1, 1091),
    (1, 2, 277),
    (1, 3, 129),
    (1, 4, 78),
    (1, 5, 119),
    (1, 6, 129),
    (2, 2, 613),
    (2, 3, 255),
    (2, 4, 155),
    (2, 5, 173),
    (2, 6, 234),
    (3, 3, 322),
    (3, 4, 181),
    (3, 5, 225),
    (3, 6, 357),
    (4, 4, 240),
    (4, 5, 284),
    (4, 6, 512),
    (5, 5, 335),
    (5, 6, 728),
    (6, 6, 1203),
];

fn history(x: u8, t_x: u8) -> History {
    History::new(x.into(), t_x.into(), 6.0).unwrap()
}

fn donors() -> PurchaseFit {
    let mut customers = Histories::default();
    for (x, t_x, how_many) in DONORS {
        customers.add(history(x, t_x), how_many.into()).unwrap();
    }
    fit(Model::BgBb, &customers).unwrap()
}

fn rounds_to(found: Estimate, told: f64, digit: f64) {
    let value = found.value;
    assert!(
        (value - told).abs() <= 0.5 * digit + 1e-9,
        "{value} is not {told}"
    );
    assert!(found.low <= value && value <= found.high && found.se < value);
}

/// The estimates and their log-likelihood as printed.
#[test]
fn the_donors_are_fitted_as_published() {
    let fitted = donors();
    let found = fitted.hand_over();
    assert_eq!((found.n, found.events), (11_104.0, 24_615.0));
    assert!(found.converged && found.flags.is_empty(), "{found:?}");
    for (name, told) in [
        ("alpha", 1.204),
        ("beta", 0.750),
        ("gamma", 0.657),
        ("delta", 2.783),
    ] {
        rounds_to(found.estimates[name], told, 1e-3);
    }
    assert!((found.loglik.unwrap() + 33_225.6).abs() < 0.05);
}

/// Gifts expected in 2002 to 2006, in the order of [`DONORS`].
const NEXT_FIVE: [f64; 22] = [
    0.07, 0.09, 0.31, 0.59, 0.84, 1.02, 1.15, 0.12, 0.54, 1.06, 1.44, 1.67, 0.22, 1.03, 1.80, 2.19,
    0.58, 2.03, 2.71, 1.81, 3.23, 3.75,
];

/// The paper's tables of the gifts expected in the five years that follow and of the probability of
/// being active in 2002.
#[test]
fn what_donors_will_do_is_as_published() {
    let fitted = donors();
    for ((x, t_x, _), told) in DONORS.into_iter().zip(NEXT_FIVE) {
        let found = fitted.future_purchases(&history(x, t_x), 5.0).unwrap();
        rounds_to(found, told, 1e-2);
    }
    for (x, t_x, told) in [(0, 0, 0.11), (2, 4, 0.59), (6, 6, 0.93), (1, 6, 0.93)] {
        rounds_to(fitted.alive(&history(x, t_x)).unwrap(), told, 1e-2);
    }
}

/// `bgbb.ConditionalExpectedTransactions` of the R package BTYD, in its walkthrough: customers A and B
/// over ten years, after a search that stops at about four digits.
#[test]
fn btyds_customers_are_reproduced() {
    let fitted = donors();
    for (x, t_x, told) in [(0, 0, 0.130_216_9), (4, 5, 3.627_858)] {
        let found = fitted.future_purchases(&history(x, t_x), 10.0).unwrap();
        assert!((found.value / told - 1.0).abs() < 5e-5, "{found:?}");
    }
}

/// Equation 14 is the sum that it stands for.
#[test]
fn discounted_purchases_are_those_of_all_years_to_come() {
    let fitted = donors();
    for (x, t_x) in [(0, 0), (1, 3), (4, 5), (6, 6)] {
        let donor = history(x, t_x);
        let until = |t: u32| fitted.future_purchases(&donor, t.into()).unwrap().value;
        let years = (1..=300).map(|t| (until(t) - until(t - 1)) * 1.1_f64.powi(-(t as i32)));
        let sum: f64 = years.sum();
        let found = fitted.discounted_residual(&donor, 0.1).unwrap();
        assert!((found.value / sum - 1.0).abs() < 1e-9, "{found:?} {sum}");
    }
    assert!(fitted.discounted_residual(&history(1, 3), 0.0).is_err());
}

/// The observed frequencies of gifts beside those expected: chi-square 11.5 on 2, which 11,104 donors
/// show though no more than 1.3% of them are elsewhere.
#[test]
fn donors_are_counted_up_to_six_gifts() {
    let check = donors().goodness().clone();
    let (n, expected) = check.cells.iter().fold((0.0, 0.0), |(n, expected), cell| {
        (n + cell.observed, expected + cell.expected)
    });
    assert!((n - 11_104.0).abs() < 1e-9 && (expected - n).abs() < 1e-6);
    assert_eq!((check.cells.len(), check.cells[6].to), (7, Some(6.0)));
    let test = check.test.unwrap();
    assert!(test.df == 2 && (test.chi2 - 11.48).abs() < 0.01, "{test}");
}
