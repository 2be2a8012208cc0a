//! The record of who did what, when and why: what goes into it beside writes, how it is read, and signed heads that
//! hold it fast.

mod anchor;
mod head;
mod key;
mod list;
mod notice;

pub use anchor::Anchors;
pub use key::KeyFile;
pub(crate) use notice::{AllNotices, Asked, Notices, notice};

use keepworth_store::Db;
use utoipa_actix_web::service_config::ServiceConfig;

/// The chain of a service.
pub(crate) struct Log {
    pub(crate) service: &'static str,
    pub(crate) db: Db,
    pub(crate) anchors: Anchors,
}

/// Registers the routes that every service has.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_audit_entries)
        .service(head::load_audit_head)
        .service(head::keep_audit_head);
}
