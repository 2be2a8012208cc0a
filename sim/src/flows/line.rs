//! Lines of the ledger, by month.

use serde::{Deserialize, Serialize};

use crate::kernel::{LANES, Lane, Months};
use crate::scenario::CostType;

/// A line of the ledger, signed as it moves the net flow: what is paid is below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// What customers pay.
    Revenue,
    /// What that costs to sell.
    CostOfRevenue,
    /// Handling of contacts.
    Contacts,
    /// Serving that does not come from contacts.
    Overhead,
    /// Training of new staff.
    Training,
    /// Winning customers.
    Acquisition,
    /// The programme's people.
    ProgrammePeople,
    /// The programme's work on processes.
    ProgrammeProcess,
    /// The programme's work on politics.
    ProgrammePolitics,
    /// The programme's technology.
    ProgrammeTechnology,
    /// The programme's training of staff.
    ProgrammeTraining,
    /// What the programme does for single customers.
    ProgrammeTreatment,
    /// The programme's capital expenditure, of any type.
    Capital,
    /// What customers owe more than in the month before.
    Receivables,
    /// Tax.
    Tax,
}

impl Line {
    /// Every line, in the order of a ledger.
    pub const ALL: [Self; 15] = [
        Self::Revenue,
        Self::CostOfRevenue,
        Self::Contacts,
        Self::Overhead,
        Self::Training,
        Self::Acquisition,
        Self::ProgrammePeople,
        Self::ProgrammeProcess,
        Self::ProgrammePolitics,
        Self::ProgrammeTechnology,
        Self::ProgrammeTraining,
        Self::ProgrammeTreatment,
        Self::Capital,
        Self::Receivables,
        Self::Tax,
    ];

    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::CostOfRevenue => "cost_of_revenue",
            Self::Contacts => "contacts",
            Self::Overhead => "overhead",
            Self::Training => "training",
            Self::Acquisition => "acquisition",
            Self::ProgrammePeople => "programme_people",
            Self::ProgrammeProcess => "programme_process",
            Self::ProgrammePolitics => "programme_politics",
            Self::ProgrammeTechnology => "programme_technology",
            Self::ProgrammeTraining => "programme_training",
            Self::ProgrammeTreatment => "programme_treatment",
            Self::Capital => "capital",
            Self::Receivables => "receivables",
            Self::Tax => "tax",
        }
    }

    /// The line of an operating cost of the programme.
    pub(super) fn of(kind: CostType) -> Self {
        match kind {
            CostType::People => Self::ProgrammePeople,
            CostType::Process => Self::ProgrammeProcess,
            CostType::Politics => Self::ProgrammePolitics,
            CostType::Technology => Self::ProgrammeTechnology,
            CostType::Training => Self::ProgrammeTraining,
            CostType::Treatment => Self::ProgrammeTreatment,
        }
    }
}

/// The ledger of a batch of trials, by line and month.
pub(crate) struct Lines {
    as_is: Vec<Months>,
    difference: Vec<Months>,
}

impl Lines {
    pub(super) fn new(horizon: usize) -> Self {
        let lines = || Line::ALL.map(|_| Months::new(horizon)).into();
        Self {
            as_is: lines(),
            difference: lines(),
        }
    }

    pub(super) fn reset(&mut self) {
        for months in self.as_is.iter_mut().chain(&mut self.difference) {
            months.fill([0.0; LANES]);
        }
    }

    /// What a line comes to as things are.
    pub(crate) fn as_is(&self, line: Line) -> &[Lane] {
        &self.as_is[line as usize]
    }

    /// What the programme adds to it.
    pub(crate) fn difference(&self, line: Line) -> &[Lane] {
        &self.difference[line as usize]
    }

    pub(super) fn add_as_is(&mut self, line: Line, month: usize, amount: &Lane) {
        add(&mut self.as_is[line as usize][month], amount);
    }

    pub(super) fn add(&mut self, line: Line, month: usize, amount: &Lane) {
        add(&mut self.difference[line as usize][month], amount);
    }

    /// Every month of every line times a factor of the month.
    pub(super) fn scale(&mut self, factor: &[Lane]) {
        for months in self.as_is.iter_mut().chain(&mut self.difference) {
            scale(months, factor);
        }
    }

    /// What the programme adds, times the same in every month.
    pub(super) fn scale_difference(&mut self, by: f64) {
        let values = self.difference.iter_mut();
        for value in values.flat_map(|months| months.as_flattened_mut()) {
            *value *= by;
        }
    }
}

/// Adds an amount in each trial.
#[inline(always)]
pub(super) fn add(sum: &mut Lane, amount: &Lane) {
    for l in 0..LANES {
        sum[l] += amount[l];
    }
}

/// Months times a factor of each.
pub(super) fn scale(months: &mut [Lane], factor: &[Lane]) {
    for (month, factor) in months.iter_mut().zip(factor) {
        for l in 0..LANES {
            month[l] *= factor[l];
        }
    }
}
