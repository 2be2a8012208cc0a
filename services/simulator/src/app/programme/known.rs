//! What other services are asked of the names in a programme before it is written.

use std::collections::BTreeSet;

use keepworth_contract::customers::CustomersClient;
use keepworth_contract::experience::ExperienceClient;
use keepworth_contract::simulator::ProgrammeInput;
use keepworth_intake::Failure;

use crate::rule::programme::Known;
use crate::{BuildError, Simulator};

/// The segments and phases that there are, as far as a programme names any.
#[derive(Debug, Clone)]
pub struct Names(pub(super) Known);

/// Asks for the segments and phases that there are: before a transaction begins, and only where the programme names some.
///
/// # Errors
/// Where customers or experience cannot be asked.
pub async fn names_known(app: &Simulator, new: &ProgrammeInput) -> Result<Names, Failure> {
    let mut known = Known::default();
    if new.initiatives.iter().any(|it| !it.segments.is_empty()) {
        known.segments = segments(app).await.map_err(Failure::from)?;
    }
    if new.initiatives.iter().any(|it| !it.phases.is_empty()) {
        known.phases = phases(app).await.map_err(Failure::from)?;
    }
    Ok(Names(known))
}

async fn segments(app: &Simulator) -> Result<BTreeSet<String>, BuildError> {
    let customers = CustomersClient::over(app.sources().customers.clone());
    let all = customers.list_segments().await?.items.into_iter();
    Ok(all.map(|it| it.key).collect())
}

async fn phases(app: &Simulator) -> Result<BTreeSet<String>, BuildError> {
    let experience = ExperienceClient::over(app.sources().experience.clone());
    let all = experience.list_phases().await?.items.into_iter();
    Ok(all.map(|it| it.phase).collect())
}
