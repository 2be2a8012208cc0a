//! What can go wrong where another service is asked while the caller waits, as contracts describe it.

use keepworth_contract::Problem;
use utoipa::IntoResponses;

/// That a service was asked and did not answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described only")]
pub(crate) enum NoAnswer {
    /// Another service is missing or did not answer as promised.
    #[response(
        status = 502,
        content_type = "application/problem+json",
        description = "Another service is missing or did not answer as promised"
    )]
    Upstream(Problem),
}

/// Why finance cannot tell what was planned and spent.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described only")]
pub(crate) enum MoneyProblems {
    /// Which currency is meant is not said, or a sum is too large.
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "Entries in several currencies without a budget that names one; a sum that is too large"
    )]
    Conflict(Problem),
    /// Rates are missing.
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "Rates by which amounts would be converted are missing; each is named"
    )]
    Invalid(Problem),
}
