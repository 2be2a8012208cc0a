//! Words of the contract for people.

use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{AssumptionOrigin, LedgerLineName, Sampling};

/// A line of the ledger.
pub(crate) fn line(line: LedgerLineName) -> &'static str {
    match line {
        LedgerLineName::Revenue => "revenue",
        LedgerLineName::CostOfRevenue => "cost of revenue",
        LedgerLineName::Contacts => "contacts",
        LedgerLineName::Overhead => "overhead",
        LedgerLineName::Training | LedgerLineName::ProgrammeTraining => "training",
        LedgerLineName::Acquisition => "acquisition",
        LedgerLineName::ProgrammePeople => "people",
        LedgerLineName::ProgrammeProcess => "process",
        LedgerLineName::ProgrammePolitics => "politics",
        LedgerLineName::ProgrammeTechnology => "technology",
        LedgerLineName::ProgrammeTreatment => "treatment",
        LedgerLineName::Capital => "capital",
        LedgerLineName::Receivables => "receivables",
        LedgerLineName::Tax => "tax",
    }
}

/// A grade of evidence.
pub(crate) fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
        Grade::D => "D",
    }
}

/// Who says what is assumed.
pub(crate) fn origin(origin: AssumptionOrigin) -> &'static str {
    match origin {
        AssumptionOrigin::Records => "records",
        AssumptionOrigin::Scenario => "scenario",
    }
}

/// How futures were drawn.
pub(crate) fn sampling(sampling: Sampling) -> &'static str {
    match sampling {
        Sampling::Random => "independently",
        Sampling::LatinHypercube => "spread evenly over each input",
        Sampling::Sobol => "spread evenly over all inputs (scrambled Sobol)",
    }
}
