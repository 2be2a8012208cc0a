//! `model_error = "backtest"` in place of the factors that nobody foresees.

use std::ops::RangeInclusive;

use chrono::{Months, NaiveDate};
use keepworth_contract::simulator::{
    Backtest, ModelError as Found, ReferenceKind, RunReference, ShockOn,
};
use keepworth_contract::{FlagCode, Word};
use keepworth_sim::scenario::{FactorSize, ModelError, Problem, Unforeseen, WhichBacktest};
use keepworth_sim::{Flag, Scenario};

use super::evidence::{SHORT, written};
use super::{Library, ReferError, Referred, at};

/// A backtest older than this says little of the forecasts of today.
const NEW_FOR: Months = Months::new(13);

/// On which days a backtest may end that a baseline of a day knows of and that is new enough for it.
#[must_use]
pub fn backtests_known_to(as_of: NaiveDate) -> RangeInclusive<NaiveDate> {
    as_of.checked_sub_months(NEW_FOR).unwrap_or(as_of)..=as_of
}

/// A backtest as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBacktest {
    /// Its id.
    pub id: String,
    /// The day of the baseline that forecast.
    pub as_of: NaiveDate,
    /// The last day that was forecast.
    pub until: NaiveDate,
    /// Hash of what it was made of.
    pub hash: String,
    /// The widening that would have held.
    pub widening: Vec<Found>,
}

impl From<Backtest> for FoundBacktest {
    fn from(it: Backtest) -> Self {
        Self {
            id: it.summary.id.to_string(),
            as_of: it.summary.as_of,
            until: it.summary.until,
            hash: it.summary.input_hash,
            widening: it.report.model_error,
        }
    }
}

impl FoundBacktest {
    /// The factors as a scenario has them. All costs have none: what moves with revenue, and what contacts cost, would
    /// count twice. Where the cost of contacts was not scored, their number stands in for it.
    fn unforeseen(&self) -> Unforeseen {
        let of = |on: ShockOn| {
            let found = self.widening.iter().find(|it| it.on == on)?;
            Some(FactorSize {
                common: found.common.sd,
                own: found.own.sd,
            })
        };
        let wide = |on: ShockOn| of(on).filter(|it| it.common > 0.0 || it.own > 0.0);
        let of_contacts = match of(ShockOn::ServiceCost) {
            Some(_) => ShockOn::ServiceCost,
            None => ShockOn::Contacts,
        };
        Unforeseen {
            leaving: wide(ShockOn::Leaving),
            won: wide(ShockOn::Won),
            revenue: wide(ShockOn::Revenue),
            service_cost: wide(of_contacts),
            note: self.in_words(),
        }
    }

    fn in_words(&self) -> String {
        let hash: String = self.hash.chars().take(SHORT).collect();
        format!(
            "backtest {} ({hash}) from {} to {}, which saw a factor common to all segments once",
            self.id, self.as_of, self.until
        )
    }
}

/// Puts the factors that a backtest found in place of a scenario's reference to it; says of a scenario without any
/// that there are some.
pub(super) fn refer<L: Library>(
    referred: &mut Referred,
    library: &mut L,
) -> Result<(), ReferError<L::Error>> {
    let which = match &referred.scenario.model_error {
        None => return flag_left_out(referred, library),
        Some(ModelError::Unforeseen(_)) => return Ok(()),
        Some(ModelError::Backtest(which)) => which.clone(),
    };
    let found = library.backtest(&which).map_err(ReferError::Library)?;
    let found = found.ok_or_else(|| missing(&referred.scenario, &which))?;
    let unforeseen = found.unforeseen();
    referred.references.push(RunReference {
        path: "model_error".to_owned(),
        kind: ReferenceKind::Backtest,
        key: found.id,
        version: 1,
        hash: found.hash,
        size: written(&unforeseen),
        grade: None,
        overdue_since: None,
        quality_flags: Vec::new(),
    });
    referred.scenario.model_error = Some(ModelError::Unforeseen(unforeseen));
    Ok(())
}

fn missing<E>(scenario: &Scenario, which: &WhichBacktest) -> ReferError<E> {
    let reason = match which {
        WhichBacktest::Newest => {
            "no backtest ends on the baseline's day or in the 13 months before it; \
             `keepworth baseline backtest --as-of A --until B` makes one, or leave model_error out"
                .to_owned()
        }
        WhichBacktest::Id(id) => format!(
            "no backtest has the id \"{id}\"; GET /v1/backtests lists what there is, \"backtest\" means the newest"
        ),
    };
    let error = at("model_error".to_owned(), Problem::Reference(reason));
    scenario.located(error).into()
}

/// A run that leaves a known error of the model out is surer than the past was.
fn flag_left_out<L: Library>(
    referred: &mut Referred,
    library: &mut L,
) -> Result<(), ReferError<L::Error>> {
    let newest = library.backtest(&WhichBacktest::Newest);
    let Some(found) = newest.map_err(ReferError::Library)? else {
        return Ok(());
    };
    let unforeseen = found.unforeseen();
    let nothing = Unforeseen {
        note: unforeseen.note.clone(),
        ..Unforeseen::default()
    };
    if unforeseen != nothing {
        let detail = format!(
            "forecasts of the past were surer than they should have been, and this run counts nothing of it; \
             model_error = \"backtest\" does: {}",
            unforeseen.note
        );
        referred.flags.push(Flag {
            code: FlagCode::ModelErrorLeftOut.name().to_owned(),
            subject: None,
            detail,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
