//! Everything that is held of a customer, gathered from every service.

use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::subject::{Subject, SubjectExport};
use keepworth_erasure::Mention;
use keepworth_intake::Failure;
use keepworth_store::now;

use crate::Customers;
use crate::app::erasure::count::failure;

/// Gathers it; where a service does not answer, there is no answer: half of it would pass for the whole.
pub async fn gather(
    app: &Customers,
    subject: Subject,
    reason: &str,
) -> Result<SubjectExport, Failure> {
    if Mention::of(&subject).is_in(reason) {
        let why = "names the customer, and stays in the audit for good; say why without the id";
        let name = "Keepworth-Reason";
        return Err(Failure::invalid(vec![InvalidParam::new(
            name,
            FaultCode::InvalidValue,
            why,
        )]));
    }
    let mut services = vec![app.subjects().export(subject.clone()).await?];
    for peer in app.peers.iter() {
        services.push(peer.export_subject(&subject).await.map_err(failure)?);
    }
    services.retain(|it| !it.tables.is_empty());
    Ok(SubjectExport {
        subject,
        at: now(),
        services,
    })
}
