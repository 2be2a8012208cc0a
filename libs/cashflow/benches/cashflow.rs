//! The figures that the engine computes once a trial, on monthly flows.

use divan::{Bencher, black_box};
use keepworth_cashflow::{Flows, Rate, Timing};

fn main() {
    divan::main();
}

/// A programme: an outlay, then net benefits that build up.
fn programme(months: usize) -> Vec<f64> {
    let build_up = |month: usize| (month as f64 / 12.0).min(1.0) * 30_000.0 - 5_000.0;
    std::iter::once(-400_000.0)
        .chain((1..=months).map(build_up))
        .collect()
}

/// The same with a reinvestment every year, so that the flows change sign often.
fn reinvesting(months: usize) -> Vec<f64> {
    let mut flows = programme(months);
    flows
        .iter_mut()
        .skip(12)
        .step_by(12)
        .for_each(|flow| *flow -= 150_000.0);
    flows
}

#[divan::bench(args = [36, 120])]
fn npv(bencher: Bencher<'_, '_>, months: usize) {
    let amounts = programme(months);
    let rate = Rate::new(0.008).expect("a rate");
    bencher.bench(|| {
        Flows::periodic(black_box(&amounts[..]), Timing::End).map(|flows| flows.npv(rate))
    });
}

#[divan::bench(args = [36, 120])]
fn irr(bencher: Bencher<'_, '_>, months: usize) {
    let amounts = programme(months);
    let flows = Flows::periodic(&amounts[..], Timing::End).expect("flows");
    bencher.bench(|| black_box(&flows).irr());
}

#[divan::bench(args = [36, 120])]
fn irr_mid_period(bencher: Bencher<'_, '_>, months: usize) {
    let amounts = programme(months);
    let flows = Flows::periodic(&amounts[..], Timing::Mid).expect("flows");
    bencher.bench(|| black_box(&flows).irr());
}

#[divan::bench(args = [36, 120])]
fn irr_of_many_signs(bencher: Bencher<'_, '_>, months: usize) {
    let amounts = reinvesting(months);
    let flows = Flows::periodic(&amounts[..], Timing::End).expect("flows");
    bencher.bench(|| black_box(&flows).irr());
}
