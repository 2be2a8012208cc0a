//! The difference between the worlds, booked.

use crate::kernel::Lane;
use crate::kernel::{Vector, kernel, parts};

/// Where the difference between the worlds goes.
pub(crate) struct Book<'a> {
    /// What a customer brings a month.
    pub(crate) unit: &'a Lane,
    /// By month: what the customers kept bring is added.
    pub(crate) benefit: &'a mut [Lane],
    /// Written.
    pub(crate) sums: &'a mut Sums,
}

impl Book<'_> {
    /// The same, to be handed on and had back.
    pub(super) fn reborrow(&mut self) -> Book<'_> {
        Book {
            unit: self.unit,
            benefit: self.benefit,
            sums: self.sums,
        }
    }
}

/// What the months of a segment add up to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    /// Customers at the horizon as things are.
    pub(crate) final_baseline: Lane,
    /// Customers at the horizon with the programme.
    pub(crate) final_programme: Lane,
    /// Customer-months with the programme.
    pub(crate) customer_months: Lane,
}

kernel! {
    /// Books both worlds.
    pub(super) fn book<'a>(
        for S, simd;
        without: &'a [Lane],
        with: &'a [Lane],
        book: Book<'a>,
    ) {
        let Book { unit, benefit, sums } = book;
        let last = with.len() - 1;
        (sums.final_baseline, sums.final_programme) = (without[last], with[last]);
        for part in 0..parts::<S>() {
            let load = |lane: &Lane| Vector::load(simd, lane, part);
            let (unit, mut months) = (load(unit), Vector::splat(simd, 0.0));
            let worlds = without[1..].iter().zip(&with[1..]);
            for (benefit, (without, with)) in benefit[1..].iter_mut().zip(worlds) {
                let with = load(with);
                months = months + with;
                (with - load(without)).mul_add(unit, load(benefit)).store(benefit, part);
            }
            months.store(&mut sums.customer_months, part);
        }
    }
}
