//! What it costs to win and to keep: by component, channel, campaign and customer; what of it can be avoided; budgets.

pub mod acquisition;
pub mod avoidable;
pub(crate) mod campaign_touch;
pub mod component;
pub mod contact_cost;
pub(crate) mod cost_total;
pub(crate) mod customer_cost;
pub mod maintenance;
pub mod overlap;
pub mod programme;
