//! Keyset pages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Items on a page when the caller does not say.
pub const DEFAULT_PAGE_SIZE: i64 = 50;
/// Items on a page at the most; a larger wish is cut to this.
pub const MAX_PAGE_SIZE: i64 = 1_000;

/// Which page of a list: continue after `cursor`, `page_size` items.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1, example = 50)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The number of items to answer with.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.page_size
            .unwrap_or(DEFAULT_PAGE_SIZE)
            .clamp(1, MAX_PAGE_SIZE)
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page<T> {
    /// In id order.
    pub items: Vec<T>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// One page of a list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described only")]
pub(crate) struct PageFields {
    /// Continues the list; null at its end.
    next_cursor: Option<String>,
}
