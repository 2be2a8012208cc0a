//! Everything that is held of a customer, gathered from every service.

use keepworth_contract::subject::{Subject, SubjectExport};
use keepworth_intake::Failure;
use keepworth_store::now;

use crate::Customers;
use crate::app::erasure::count::failure;
use crate::app::erasure::refuse_naming;

/// Gathers it; where a service does not answer, there is no answer: half of it would pass for the whole.
pub async fn gather(
    app: &Customers,
    subject: Subject,
    reason: &str,
) -> Result<SubjectExport, Failure> {
    refuse_naming(&subject, reason)?;
    let mut services = vec![app.subjects().export(subject.clone()).await?];
    for peer in app.everywhere.peers.iter() {
        services.push(peer.export_subject(&subject).await.map_err(failure)?);
    }
    services.retain(|it| !it.tables.is_empty());
    Ok(SubjectExport {
        subject,
        at: now(),
        services,
    })
}
