//! Curves recover what counts were drawn from, and are chosen where they foretell better.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution};

use super::*;

/// Months of a record, the last twelve of which are the year that is foretold.
const MONTHS: u32 = 48;

/// Customers who come evenly through 48 months and leave by `stays(own chance, tenure)`: counts of the months
/// before the last year, and of that year. Drawn person by person, apart from every formula here.
fn company(
    rng: &mut ChaCha8Rng,
    customers: u32,
    mut own: impl FnMut(&mut ChaCha8Rng) -> f64,
    hazard: impl Fn(f64, u32) -> f64,
) -> [Counts; 2] {
    let mut counts = [Counts::default(), Counts::default()];
    for customer in 0..customers {
        let (from, chance) = (customer % MONTHS, own(rng));
        for month in from..MONTHS {
            let leaves = rng.random::<f64>() > (-hazard(chance, month - from)).exp();
            let years = usize::from(month >= MONTHS - 12);
            let exposure = if leaves { 0.5 } else { 1.0 };
            counts[years]
                .push(month - from, exposure, f64::from(u8::from(leaves)))
                .unwrap();
            if leaves {
                break;
            }
        }
    }
    counts
}

/// A customer's own constant hazard: the chance to leave in a month is drawn from Beta(α, β).
fn beta(alpha: f64, beta: f64) -> impl Fn(&mut ChaCha8Rng) -> f64 {
    let chances = Beta::new(alpha, beta).unwrap();
    move |rng| {
        let chance: f64 = chances.sample(rng);
        -(-chance).ln_1p()
    }
}

/// Hazards of the usual bands, leavers over months; a band with fewer than ten leavers is one with its neighbour.
fn bands(counts: &Counts) -> impl Fn(u32) -> f64 + use<> {
    let mut edges = vec![0, 3, 12, 24];
    let sum = |from: u32, to: u32| {
        let cells = counts.cells().filter(|it| it.0 >= from && it.0 < to);
        cells.fold((0.0, 0.0), |sum, it| (sum.0 + it.1, sum.1 + it.2))
    };
    let end = |edges: &[u32], index: usize| edges.get(index + 1).copied().unwrap_or(u32::MAX);
    while let Some(thin) =
        (0..edges.len()).find(|it| sum(edges[*it], end(&edges, *it)).1 < 10.0 && edges.len() > 1)
    {
        edges.remove(thin.max(1));
    }
    let hazards = (0..edges.len()).map(|index| {
        let (exposure, left) = sum(edges[index], end(&edges, index));
        left / exposure
    });
    let hazards = Vec::from_iter(hazards);
    move |month| hazards[edges.iter().filter(|edge| month >= **edge).count() - 1]
}

fn rivals(before: &Counts, after: &Counts) -> (Choice, Vec<Form>) {
    let of_bands = bands(before);
    let curves = Form::ALL
        .into_iter()
        .filter_map(|form| fit(form, before).ok());
    let curves = Vec::from_iter(curves);
    let rivals = curves.iter().map(|curve| Rival {
        score: score(after, |month| curve.hazard(month)),
        lead: lead(after, |month| curve.hazard(month), &of_bands),
    });
    let rivals = Vec::from_iter(rivals);
    let choice = choose(&score(after, &of_bands), &rivals);
    (choice, curves.iter().map(Curve::form).collect())
}

#[test]
fn what_was_drawn_is_found_again() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let own = beta(0.8, 9.0);
    let [before, after] = company(&mut rng, 40_000, own, |own, _| own);
    let mut all = before.clone();
    for (month, exposure, left) in after.cells() {
        all.push(month, exposure, left).unwrap();
    }
    let curve = fit(Form::Sbg, &all).unwrap();
    let estimates = &curve.hand_over().estimates;
    for (name, truth) in [("alpha", 0.8), ("beta", 9.0)] {
        let found = estimates[name];
        let error = (found.value / truth).ln().abs();
        assert!(error < 0.08, "{name}: {found:?}");
    }
    // Half an exposure for who leaves is their share of the month to second order only.
    let survived: f64 = (0..36).map(|month| curve.hazard(month)).sum();
    let truth = BetaWeibull {
        alpha: 0.8,
        beta: 9.0,
        c: 1.0,
    };
    assert!((survived + truth.ln_survival(36.0)).abs() < 0.02);
    let weibull = company(
        &mut rng,
        40_000,
        |_| 0.0,
        |_, month| 0.02 * (f64::from(month + 1).powf(1.3) - f64::from(month).powf(1.3)),
    );
    let curve = fit(Form::Weibull, &weibull[0]).unwrap();
    let estimates = &curve.hand_over().estimates;
    assert!(
        (estimates["shape"].value - 1.3).abs() < 0.04,
        "{estimates:?}"
    );
    assert!(
        (estimates["rate"].value - 0.02).abs() < 0.002,
        "{estimates:?}"
    );
}

/// A young company whose customers differ: bands take the oldest for the rest of time, a curve sees them thin out.
#[test]
fn a_curve_takes_over_where_it_foretells_the_year_better() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let own = beta(0.6, 5.0);
    let [before, after] = company(&mut rng, 60_000, own, |own, _| own);
    let (choice, forms) = rivals(&before, &after);
    assert_eq!(choice.why, Why::Ahead);
    assert!(matches!(
        forms[choice.rival.unwrap()],
        Form::Sbg | Form::Bdw
    ));
}

/// Where leaving steps at the edges of the bands, and where there are few leavers, bands stay.
#[test]
fn bands_stay_where_no_curve_is_better() {
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let steps = |_: f64, month: u32| {
        [0.09, 0.02, 0.05, 0.01][[3, 12, 24].iter().filter(|it| month >= **it).count()]
    };
    let [before, after] = company(&mut rng, 30_000, |_| 0.0, steps);
    assert_eq!(rivals(&before, &after).0.rival, None);
    let mut changed = 0;
    for _ in 0..200 {
        let [before, after] = company(&mut rng, 300, |_| 0.0, |_, _| 0.03);
        changed += u32::from(rivals(&before, &after).0.rival.is_some());
    }
    assert!(
        changed <= 10,
        "{changed} of 200 small companies without any curve"
    );
}

/// By how much the logarithm of a hazard is off, as fits of the same company again and again have it.
#[test]
fn the_error_of_a_hazard_is_what_it_says() {
    let mut rng = ChaCha8Rng::seed_from_u64(14);
    let own = beta(1.5, 20.0);
    let (mut logs, mut said) = (Vec::new(), 0.0);
    for _ in 0..120 {
        let [before, _] = company(&mut rng, 1_500, &own, |own, _| own);
        let Ok(curve) = fit(Form::Weibull, &before) else {
            continue;
        };
        logs.push(curve.hazard(12).ln());
        said += curve.log_sd(12);
    }
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let sd = (logs.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let ratio = said / n / sd;
    assert!((0.75..1.33).contains(&ratio), "{ratio}");
}

/// sBG cannot say that leaving becomes likelier with tenure, and its fit says that it does not fit.
#[test]
fn a_rising_hazard_is_no_sbg() {
    let mut rng = ChaCha8Rng::seed_from_u64(15);
    let rising = |_: f64, month: u32| 0.002 * f64::from(month + 1);
    let [before, _] = company(&mut rng, 20_000, |_| 0.0, rising);
    match fit(Form::Sbg, &before) {
        Ok(curve) => assert!(curve.hand_over().flags.iter().any(|it| it.code == "misfit")),
        Err(error) => assert!(error.to_string().contains("do not differ"), "{error}"),
    }
    let weibull = fit(Form::Weibull, &before).unwrap();
    assert!(
        weibull.hand_over().flags.is_empty(),
        "{:?}",
        weibull.hand_over().flags
    );
}

/// A hazard that nobody knows foretells nothing, and its curve is not chosen for it.
#[test]
fn what_is_no_number_is_not_ahead() {
    let mut counts = Counts::default();
    counts.push(0, 100.0, 20.0).unwrap();
    let known = score(&counts, |_| 0.2);
    let rival = Rival {
        score: score(&counts, |_| f64::NAN),
        lead: lead(&counts, |_| 0.2, |_| f64::NAN),
    };
    assert_eq!(choose(&known, &[rival]).why, Why::NoneAhead);
}

#[test]
fn counts_that_cannot_be_are_refused() {
    let mut counts = Counts::default();
    for (exposure, left) in [
        (0.0, 1.0),
        (-1.0, 0.0),
        (f64::NAN, 0.0),
        (1.0, f64::INFINITY),
    ] {
        assert!(counts.push(3, exposure, left).is_err());
    }
    counts.push(3, 0.0, 0.0).unwrap();
    assert_eq!(counts.longest(), None);
    assert!(fit(Form::Sbg, &counts).is_err());
}
