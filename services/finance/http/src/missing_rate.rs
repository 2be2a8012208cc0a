//! That a month has no exchange rate, as an answer.

use keepworth_contract::Problem;
use utoipa::IntoResponses;

/// What an operation that converts can answer, beside the problems of reading.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described only")]
pub enum MissingRate {
    /// A month has no rate of a pair.
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "A month has no exchange rate of a pair (`missing_fx_rate`); both are named"
    )]
    Missing(Problem),
}
