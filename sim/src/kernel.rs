//! Loops compiled for several widths of vectors, chosen when the program runs.
//!
//! Every operation is one IEEE 754 rounding, done for each trial alone, and the compiler neither
//! reorders nor fuses them, so every width gives the same bits. A fused multiply-add is asked for by
//! name, and is one rounding on every machine: a processor without it, older than 2013, computes it
//! in software, slowly.

use std::ops::{Add, Deref, DerefMut, Div, Mul, Neg, Sub};

use pulp::Simd;

/// Trials computed side by side: loops over a [`Lane`] become vector code.
pub(crate) const LANES: usize = 16;

/// One figure in each trial of a batch.
pub(crate) type Lane = [f64; LANES];

/// The product in each trial.
#[inline(always)]
pub(crate) fn product(a: &Lane, b: &Lane) -> Lane {
    std::array::from_fn(|l| a[l] * b[l])
}

/// Declares a function whose body is compiled for every vector width that this machine may have
/// and called through [`pulp::Arch`].
///
/// There are two forms of body:
///
/// * plain loops over lanes of independent trials, for the compiler to turn into vectors. It copies
///   the lanes it works on into locals and back: what it was handed may overlap for all the compiler
///   knows, and then it would work one trial at a time;
/// * with `for S, simd;` in front of the arguments, operations on [`Vector<S>`], for the loops that
///   take the time. Mapping an array of them by a closure is no operation: the standard library's
///   loop is compiled for the narrowest vectors.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident<$life:lifetime>($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)?
        $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name<$life>(arch: pulp::Arch, $($arg: $type),*) $(-> $out)? {
            struct Call<$life> { $($arg: $type),* }
            impl<$life> pulp::NullaryFnOnce for Call<$life> {
                type Output = kernel!(@output $($out)?);
                #[inline(always)]
                fn call(self) -> Self::Output {
                    let Self { $($arg),* } = self;
                    $body
                }
            }
            arch.dispatch(Call { $($arg),* })
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident<$life:lifetime>(for $simd:ident, $token:ident; $($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)?
        $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name<$life>(arch: pulp::Arch, $($arg: $type),*) $(-> $out)? {
            struct Call<$life> { $($arg: $type),* }
            impl<$life> pulp::WithSimd for Call<$life> {
                type Output = kernel!(@output $($out)?);
                #[inline(always)]
                fn with_simd<$simd: pulp::Simd>(self, $token: $simd) -> Self::Output {
                    let Self { $($arg),* } = self;
                    $body
                }
            }
            arch.dispatch(Call { $($arg),* })
        }
    };
    (@output) => { () };
    (@output $out:ty) => { $out };
}
pub(crate) use kernel;

/// As many neighbouring trials of a [`Lane`] as the machine computes at once.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Simd> {
    simd: S,
    value: S::f64s,
}

/// Number of vectors in a lane.
pub(crate) const fn parts<S: Simd>() -> usize {
    LANES / S::F64_LANES
}

impl<S: Simd> Vector<S> {
    /// The same number in every trial.
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: f64) -> Self {
        let value = simd.splat_f64s(value);
        Self { simd, value }
    }

    /// One part of a lane.
    #[inline(always)]
    pub(crate) fn load(simd: S, lane: &Lane, part: usize) -> Self {
        let value = S::as_simd_f64s(lane).0[part];
        Self { simd, value }
    }

    /// Writes one part of a lane.
    #[inline(always)]
    pub(crate) fn store(self, lane: &mut Lane, part: usize) {
        S::as_mut_simd_f64s(lane).0[part] = self.value;
    }

    /// `self · factor + term`, rounded once.
    #[inline(always)]
    pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
        let value = self.simd.mul_add_f64s(self.value, factor.value, term.value);
        Self { value, ..self }
    }

    /// `coefficients[0] + coefficients[1]·self + …` by Horner's rule.
    #[inline(always)]
    pub(crate) fn polynomial<const N: usize>(self, coefficients: &[Self; N]) -> Self {
        let mut sum = coefficients[N - 1];
        for k in (0..N - 1).rev() {
            sum = sum.mul_add(self, coefficients[k]);
        }
        sum
    }

    /// Without its sign.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        let value = self.simd.abs_f64s(self.value);
        Self { value, ..self }
    }

    /// The lesser; `other` where they do not compare.
    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.if_less(other, self, other)
    }

    /// The greater; `other` where they do not compare.
    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        other.if_less(self, self, other)
    }

    /// `yes` where this is less than `other`, else `no`.
    #[inline(always)]
    pub(crate) fn if_less(self, other: Self, yes: Self, no: Self) -> Self {
        let mask = self.simd.less_than_f64s(self.value, other.value);
        let value = self.simd.select_f64s(mask, yes.value, no.value);
        Self { value, ..self }
    }

    /// Whether it is zero in every trial.
    #[inline(always)]
    pub(crate) fn is_zero(self) -> bool {
        let abs = self.abs();
        self.simd.reduce_max_f64s(abs.value) == 0.0
    }
}

/// Implements an operator lane by lane.
macro_rules! operator {
    ($trait:ident, $method:ident, $operation:ident) => {
        impl<S: Simd> $trait for Vector<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let value = self.simd.$operation(self.value, other.value);
                Self { value, ..self }
            }
        }
    };
}
operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd> Neg for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        let value = self.simd.neg_f64s(self.value);
        Self { value, ..self }
    }
}

/// A lane for each month from 0 to the horizon, laid out so that no vector lies across two lines of
/// the processor's cache: those take twice as long to load and to store.
#[derive(Debug)]
pub(crate) struct Months {
    values: Vec<f64>,
    /// Values before the first month.
    offset: usize,
}

/// Bytes of a line of the cache, and of the widest vector.
const LINE: usize = 64;

impl Months {
    /// Zeros in months 0 to `horizon`.
    pub(crate) fn new(horizon: usize) -> Self {
        let spare = LINE / size_of::<f64>() - 1;
        let values = vec![0.0; (horizon + 1) * LANES + spare];
        // Nothing moves the values afterwards. Where they cannot be aligned they are right, and slow.
        let offset = values.as_ptr().align_offset(LINE).min(spare);
        Self { values, offset }
    }

    fn end(&self) -> usize {
        self.offset + self.values.len() / LANES * LANES
    }
}

impl Deref for Months {
    type Target = [Lane];

    fn deref(&self) -> &[Lane] {
        self.values[self.offset..self.end()].as_chunks().0
    }
}

impl DerefMut for Months {
    fn deref_mut(&mut self) -> &mut [Lane] {
        let (start, end) = (self.offset, self.end());
        self.values[start..end].as_chunks_mut().0
    }
}
