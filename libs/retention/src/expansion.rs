//! Second-order expansions in a few variables, cheap enough to sum over a million rows.
//!
//! A likelihood over [`Number`] pays for the derivatives with respect to all parameters at every
//! operation. Where a row depends on few intermediate variables, its value and derivatives in
//! those are summed here in plain arrays, and enter the dual arithmetic once per sum by
//! [`Expansion::at`], which is exact to the second order.

use crate::number::Number;

/// Value, gradient and Hessian of a function of `K` variables at one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Expansion<const K: usize> {
    pub value: f64,
    pub slope: [f64; K],
    /// Symmetric.
    pub curvature: [[f64; K]; K],
}

impl<const K: usize> Expansion<K> {
    pub(crate) fn constant(value: f64) -> Self {
        Self {
            value,
            slope: [0.0; K],
            curvature: [[0.0; K]; K],
        }
    }

    /// Adds `weight` times another expansion.
    pub(crate) fn add(&mut self, weight: f64, other: &Self) {
        self.value += weight * other.value;
        for i in 0..K {
            self.slope[i] += weight * other.slope[i];
            for j in 0..K {
                self.curvature[i][j] += weight * other.curvature[i][j];
            }
        }
    }

    /// Adds `−power·ln(scale + t)`, where variable `power_index` enters the power and
    /// `scale_index` is the scale.
    pub(crate) fn add_ln_decay(
        &mut self,
        (power_index, power): (usize, f64),
        (scale_index, scale): (usize, f64),
        t: f64,
    ) {
        let inverse = 1.0 / (scale + t);
        let log = (scale + t).ln();
        self.value -= power * log;
        self.slope[power_index] -= log;
        self.slope[scale_index] -= power * inverse;
        self.curvature[power_index][scale_index] -= inverse;
        self.curvature[scale_index][power_index] -= inverse;
        self.curvature[scale_index][scale_index] += power * inverse * inverse;
    }

    /// `ln(eᵃ + eᵇ)`.
    pub(crate) fn ln_add_exp(&self, other: &Self) -> Self {
        let gap = other.value - self.value;
        // The share of the second term, and the logarithm of the sum relative to the first.
        let small = (-gap.abs()).exp();
        let share = if gap > 0.0 { 1.0 } else { small } / (1.0 + small);
        let mut sum = Self::constant(self.value + gap.max(0.0) + small.ln_1p());
        for i in 0..K {
            let gap_i = other.slope[i] - self.slope[i];
            sum.slope[i] = self.slope[i] + share * gap_i;
            for j in 0..K {
                let gap_j = other.slope[j] - self.slope[j];
                let bend = other.curvature[i][j] - self.curvature[i][j];
                sum.curvature[i][j] =
                    self.curvature[i][j] + share * (bend + (1.0 - share) * gap_i * gap_j);
            }
        }
        sum
    }

    /// The function of dual numbers whose real parts are the point of the expansion.
    pub(crate) fn at<D: Number>(&self, variables: [D; K]) -> D {
        if D::NDERIV == 0 {
            return D::from(self.value);
        }
        let deltas = variables.map(|variable| variable - variable.re());
        let mut sum = D::from(self.value);
        for i in 0..K {
            let mut slope = D::from(self.slope[i]);
            for (delta, curvature) in deltas.iter().zip(self.curvature[i]) {
                slope += *delta * (0.5 * curvature);
            }
            sum += deltas[i] * slope;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ln_add_exp;
    use nalgebra::SVector;
    use num_dual::hessian;

    /// `ln((c+1)^−a·e^b + (c+5)^−a)` in `(a, b, c)`, by dual numbers and by expansions.
    #[test]
    fn expansions_agree_with_dual_numbers() {
        fn dual<D: Number>([a, b, c]: [D; 3]) -> D {
            ln_add_exp(b - a * (c + 1.0).ln(), -(a * (c + 5.0).ln()))
        }
        for [a, b, c] in [[1.3, 0.7, 2.1], [0.2, -3.0, 0.4], [9.0, 4.0, 11.0]] {
            let mut one = Expansion::<3>::constant(b);
            one.slope[1] = 1.0;
            one.add_ln_decay((0, a), (2, c), 1.0);
            let mut other = Expansion::<3>::constant(0.0);
            other.add_ln_decay((0, a), (2, c), 5.0);
            let sum = one.ln_add_exp(&other);
            let point = SVector::from([a, b, c]);
            let (value, slope, curvature) = hessian(|x: SVector<_, 3>| dual(x.into()), &point);
            let (again, slope_again, curvature_again) =
                hessian(|x: SVector<_, 3>| sum.at(x.into()), &point);
            assert!((value - sum.value).abs() < 1e-13 && (value - again).abs() < 1e-13);
            assert!(
                (slope - slope_again).amax() < 1e-13,
                "{slope} {slope_again}"
            );
            assert!(
                (curvature - curvature_again).amax() < 1e-13,
                "{curvature} {curvature_again}"
            );
        }
    }
}
