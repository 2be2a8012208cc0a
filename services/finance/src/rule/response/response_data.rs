//! A history of spending and answers, checked.

use crate::rule::response::scoring::Row;

/// One level of spending and its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Minor units per head.
    pub spend: u64,
    /// People reached: prospects courted, or customers at risk of leaving.
    pub people: u64,
    /// Those who answered: were won, or stayed.
    pub answered: u64,
}

/// Why no curve can be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResponseFitError {
    /// More answers than people.
    #[error("row {row}: {answered} of {people} people answered; correct the counts")]
    Counts {
        /// The row, from 1.
        row: usize,
        /// Who answered.
        answered: u64,
        /// Who was reached.
        people: u64,
    },
    /// Answers without spend, which the curve cannot have.
    #[error(
        "row {row}: {answered} answered without any spend; the curve starts at zero, leave out those who answer anyway or state the curve by two points"
    )]
    AnswersWithoutSpend {
        /// The row, from 1.
        row: usize,
        /// Who answered.
        answered: u64,
    },
    /// Too little variety.
    #[error(
        "{0}; a curve needs at least two levels of spend, and people who answered and who did not"
    )]
    TooLittle(&'static str),
    /// More spend, no more answers.
    #[error(
        "the share that answered does not rise with the spend; correct the points, or state the curve by two points"
    )]
    NotRising,
    /// A stated ceiling that the answers contradict.
    #[error(
        "ceiling is {ceiling}; it must be above the share {share:.3} that answered, and at most 1"
    )]
    Ceiling {
        /// What was stated.
        ceiling: f64,
        /// The share of all people who answered.
        share: f64,
    },
    /// Ceiling and speed cannot be told apart.
    #[error(
        "the answers still rise in proportion to the spend, so that no ceiling can be seen; spend more on some, or state the ceiling"
    )]
    NoCeiling,
}

/// A history that a curve can be fitted to: several levels of spend, and both answers.
pub(crate) struct Data {
    pub(crate) rows: Vec<Row>,
    pub(crate) mean_spend: f64,
    pub(crate) people: u64,
    pub(crate) answered: u64,
}

impl Data {
    /// The share of all people who answered.
    pub(crate) fn share(&self) -> f64 {
        self.answered as f64 / self.people as f64
    }
}

/// The history without rows that say nothing.
pub(crate) fn checked(observed: &[Observed]) -> Result<Data, ResponseFitError> {
    for (index, row) in observed.iter().enumerate() {
        let Observed {
            people,
            answered,
            spend,
        } = *row;
        if answered > people {
            return Err(ResponseFitError::Counts {
                row: index + 1,
                answered,
                people,
            });
        }
        if spend == 0 && answered > 0 {
            return Err(ResponseFitError::AnswersWithoutSpend {
                row: index + 1,
                answered,
            });
        }
    }
    let spent: Vec<&Observed> = observed
        .iter()
        .filter(|row| row.spend > 0 && row.people > 0)
        .collect();
    let people: u64 = spent.iter().map(|row| row.people).sum();
    let answered: u64 = spent.iter().map(|row| row.answered).sum();
    let too_little = |what| Err(ResponseFitError::TooLittle(what));
    match (people, answered) {
        (0, _) => return too_little("nobody was reached by any spend"),
        (_, 0) => return too_little("nobody answered"),
        (all, some) if all == some => return too_little("everybody answered"),
        _ => {}
    }
    if spent.iter().all(|row| row.spend == spent[0].spend) {
        return too_little("all spends are the same");
    }
    let spend: f64 = spent
        .iter()
        .map(|row| row.spend as f64 * row.people as f64)
        .sum();
    let mean_spend = spend / people as f64;
    let rows = spent.iter().map(|row| Row {
        spend: row.spend as f64 / mean_spend,
        people: row.people as f64,
        answered: row.answered as f64,
    });
    Ok(Data {
        rows: rows.collect(),
        mean_spend,
        people,
        answered,
    })
}
