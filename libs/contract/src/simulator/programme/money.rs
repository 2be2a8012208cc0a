//! What finance says of a programme's money: nothing of it is typed here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finance::ProgrammeMoney;
use crate::{Money, ProgrammeKey};

/// What a programme may cost and did cost, as finance has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeMoneyReport {
    /// The programme.
    pub key: ProgrammeKey,
    /// Which version of it says what its initiatives are.
    #[schema(minimum = 1)]
    pub version: u32,
    /// Its own money first, then that of each initiative.
    pub items: Vec<InitiativeMoney>,
    /// What all of them may cost, by currency.
    pub planned: Vec<Money>,
    /// What all of them did cost, by currency.
    pub spent: Vec<Money>,
    /// What finance has money of and no programme names, as key of itself or of an initiative.
    pub unassigned: Vec<ProgrammeKey>,
}

/// The money of a programme alone, or of one of its initiatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InitiativeMoney {
    /// Its name in the programme.
    pub name: String,
    /// What finance has under its key. Its `budget` is null where none was ever written.
    pub money: ProgrammeMoney,
}

/// What is in finance, but in no programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnassignedMoney {
    /// By their keys.
    pub items: Vec<ProgrammeMoney>,
}
