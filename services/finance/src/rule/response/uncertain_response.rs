//! A response curve that is not known exactly.

use keepworth_cashflow::response::Response;

use crate::rule::response::response_fit::ResponseFit;

/// A response curve with the uncertainty of its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UncertainResponse {
    response: Response,
    /// Lower triangle of the Cholesky factor of the covariance of `(logit C, ln k)`.
    factor: [[f64; 2]; 2],
}

impl UncertainResponse {
    /// A curve that somebody is sure of.
    #[must_use]
    pub fn certain(response: Response) -> Self {
        Self {
            response,
            factor: [[0.0; 2]; 2],
        }
    }

    /// The curve at its estimates.
    #[must_use]
    pub fn estimate(&self) -> Response {
        self.response
    }

    /// Whether nothing about it is uncertain.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.factor == [[0.0; 2]; 2]
    }

    /// The curve moved by two standard normal numbers along its parameters' covariance.
    #[must_use]
    pub fn draw(&self, [z1, z2]: [f64; 2]) -> Response {
        let [[a, _], [b, c]] = self.factor;
        let (ceiling, k) = (self.response.ceiling(), self.response.k());
        let odds = ceiling / (1.0 - ceiling) * (a * z1).exp();
        let moved_ceiling = if odds.is_finite() {
            odds / (1.0 + odds)
        } else {
            1.0
        };
        let moved_k = k * (b * z1 + c * z2).exp();
        // Draws beyond the range of floats stay where they are; none lies there in practice.
        Response::new(moved_ceiling, moved_k).unwrap_or(self.response)
    }
}

impl From<&ResponseFit> for UncertainResponse {
    fn from(fit: &ResponseFit) -> Self {
        let [[v1, cov], [_, v2]] = fit.covariance;
        let a = v1.sqrt();
        let b = if a > 0.0 { cov / a } else { 0.0 };
        let c = (v2 - b * b).max(0.0).sqrt();
        Self {
            response: fit.response,
            factor: [[a, 0.0], [b, c]],
        }
    }
}
