//! Keyset pages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Items on a page when the caller does not say.
pub const DEFAULT_PAGE_SIZE: i64 = 50;
/// Items on a page at the most; a larger wish is cut to this.
pub const MAX_PAGE_SIZE: i64 = 1_000;

/// What can be said of every list, beside its own filters.
pub trait ListQuery: Serialize {
    /// Which page, of how many, in which order.
    fn page(&self) -> PageQuery;
}

/// Makes the query of a list: its own filters, and what every list takes.
macro_rules! list_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
            #[param(minimum = 1, default = 50, example = 50)]
            pub page_size: Option<i64>,
            /// `next_cursor` of the page before, which goes on with the same filters and order only; leave
            /// out for the first page.
            pub cursor: Option<String>,
            /// `id` for what was recorded first before the rest (default), `-id` for what was recorded last.
            #[param(pattern = "^-?id$", default = "id", example = "-id")]
            pub sort: Option<String>,
            /// Whether to count all items that pass the filters, as `total` of the page (default false).
            #[param(default = false)]
            pub include_total: Option<bool>,
            $($(#[$about])* pub $field: $type,)*
        }

        impl $crate::ListQuery for $name {
            fn page(&self) -> $crate::PageQuery {
                $crate::PageQuery {
                    page_size: self.page_size,
                    cursor: self.cursor.clone(),
                    sort: self.sort.clone(),
                    include_total: self.include_total,
                }
            }
        }
    };
}
pub(crate) use list_query;

list_query! {
    /// Which page of a list: continue after `cursor`, `page_size` items.
    PageQuery {}
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

/// Which page of a list that has one order and is read whole: continue after `cursor`, `page_size` items.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SequenceQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1, example = 50)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before, or the id of the last item that is known; leave out for the first page.
    pub cursor: Option<String>,
}

impl SequenceQuery {
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
    /// In the order that `sort` asks for, or in id order.
    pub items: Vec<T>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
    /// All items that pass the filters, where `include_total` asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// A list that was read whole.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
            total: None,
        }
    }
}

/// One page of a list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described only")]
pub(crate) struct PageFields {
    /// Continues the list; null at its end.
    next_cursor: Option<String>,
    /// All items of all pages, as many as pass the filters, where `include_total` asks for them.
    #[schema(nullable = false, minimum = 0)]
    total: Option<i64>,
}
