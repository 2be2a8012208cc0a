//! Feedback.

use crate::experience::{FeedbackInput, FeedbackKind};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// What a customer answered when asked.
pub type Feedback = crate::Recorded<FeedbackInput>;

/// Which feedback.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedbackQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only of the customer whom this system knows by `customer_external_id`.
    pub customer_source: Option<String>,
    /// Only of the customer whom `customer_source` knows by this id.
    pub customer_external_id: Option<String>,
    /// Only answers to this kind of question.
    pub kind: Option<FeedbackKind>,
}
