//! From records in customer order to exposures: what a customer lived through in a month.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use keepworth_contract::Month;
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::experience::{FeedbackKind, Outcome};
use keepworth_contract::feed::CustomerKey;

/// What one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A contact.
    Contact {
        /// By which channel.
        channel: String,
        /// Seconds of an employee's time.
        handle_seconds: i64,
        /// What came of it.
        outcome: Outcome,
        /// What it was about, where that is known.
        issue: Option<String>,
    },
    /// An answer.
    Answer {
        /// What was asked.
        kind: FeedbackKind,
        /// The answer.
        score: i32,
        /// When.
        at: NaiveDateTime,
    },
}

/// Gathers records that come by customer and month; holds one customer-month at a time.
#[derive(Debug, Default)]
pub struct ExposureFold {
    open: Option<Exposure>,
}

#[derive(Debug)]
struct Exposure {
    customer: CustomerKey,
    month: Month,
    contacts: BTreeMap<String, ContactSum>,
    issues: BTreeMap<String, BTreeMap<String, ContactSum>>,
    unresolved: u64,
    abandoned: u64,
    last_answers: BTreeMap<FeedbackKind, (NaiveDateTime, i32)>,
}

impl ExposureFold {
    /// Takes the next record, and hands over the customer-month before when that one is complete.
    pub fn add(&mut self, customer: &CustomerKey, month: Month, fact: Fact) -> Option<ExposureRow> {
        let goes_on = |open: &Exposure| open.month == month && open.customer == *customer;
        let complete = self
            .open
            .take_if(|open| !goes_on(open))
            .map(ExposureRow::from);
        self.open
            .get_or_insert_with(|| Exposure::of(customer.clone(), month))
            .add(fact);
        complete
    }

    /// Hands over the last customer-month; `None` when there was no record at all.
    #[must_use]
    pub fn finish(self) -> Option<ExposureRow> {
        self.open.map(ExposureRow::from)
    }
}

impl Exposure {
    fn of(customer: CustomerKey, month: Month) -> Self {
        Self {
            customer,
            month,
            contacts: BTreeMap::new(),
            issues: BTreeMap::new(),
            unresolved: 0,
            abandoned: 0,
            last_answers: BTreeMap::new(),
        }
    }

    fn add(&mut self, fact: Fact) {
        match fact {
            Fact::Contact {
                outcome: Outcome::Abandoned,
                ..
            } => self.abandoned += 1,
            Fact::Contact {
                channel,
                handle_seconds,
                outcome,
                issue,
            } => {
                if let Some(issue) = issue {
                    let issues = self.issues.entry(channel.clone()).or_default();
                    add(issues.entry(issue).or_default(), handle_seconds);
                }
                add(self.contacts.entry(channel).or_default(), handle_seconds);
                self.unresolved += u64::from(outcome == Outcome::Unresolved);
            }
            Fact::Answer { kind, score, at } => {
                let last = self.last_answers.entry(kind).or_insert((at, score));
                // Of two answers at one moment the lower counts: whichever came in first, the
                // feed says the same.
                if at > last.0 || (at == last.0 && score < last.1) {
                    *last = (at, score);
                }
            }
        }
    }
}

fn add(sum: &mut ContactSum, handle_seconds: i64) {
    sum.count += 1;
    sum.handle_seconds += handle_seconds;
}

impl From<Exposure> for ExposureRow {
    fn from(exposure: Exposure) -> Self {
        let scores = exposure.last_answers.into_iter();
        Self {
            customer: exposure.customer,
            month: exposure.month.to_string(),
            contacts: exposure.contacts,
            issues: exposure.issues,
            unresolved: exposure.unresolved,
            abandoned: exposure.abandoned,
            scores: scores
                .map(|(kind, (_, score))| (kind.name().to_owned(), score))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(external_id: &str) -> CustomerKey {
        CustomerKey {
            source: "crm".into(),
            external_id: external_id.into(),
        }
    }

    fn contact(channel: &str, handle_seconds: i64, outcome: Outcome) -> Fact {
        Fact::Contact {
            channel: channel.into(),
            handle_seconds,
            outcome,
            issue: None,
        }
    }

    fn answer(at: &str, score: i32) -> Fact {
        Fact::Answer {
            kind: FeedbackKind::Nps,
            score,
            at: at.parse().unwrap(),
        }
    }

    fn rows(records: Vec<(&str, &str, Fact)>) -> Vec<ExposureRow> {
        let mut fold = ExposureFold::default();
        let mut rows: Vec<ExposureRow> = records
            .into_iter()
            .filter_map(|(id, month, fact)| fold.add(&key(id), month.parse().unwrap(), fact))
            .collect();
        rows.extend(fold.finish());
        rows
    }

    #[test]
    fn each_customer_month_is_one_row() {
        let rows = rows(vec![
            ("a", "2025-01", contact("phone", 300, Outcome::Resolved)),
            ("a", "2025-01", contact("phone", 200, Outcome::Unresolved)),
            ("a", "2025-01", contact("chat", 60, Outcome::Abandoned)),
            ("a", "2025-02", answer("2025-02-01T10:00:00", 9)),
            ("b", "2025-02", answer("2025-02-01T10:00:00", 3)),
        ]);
        let places: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row.customer.external_id.as_str(), row.month.as_str()))
            .collect();
        assert_eq!(
            places,
            [("a", "2025-01"), ("a", "2025-02"), ("b", "2025-02")]
        );
        let phone = ContactSum {
            count: 2,
            handle_seconds: 500,
        };
        assert_eq!(rows[0].contacts, BTreeMap::from([("phone".into(), phone)]));
        assert_eq!((rows[0].unresolved, rows[0].abandoned), (1, 1));
        assert_eq!(rows[1].scores, BTreeMap::from([("NPS".into(), 9)]));
    }

    #[test]
    fn the_last_answer_counts_and_of_two_at_once_the_lower() {
        let later = answer("2025-01-02T00:00:00", 2);
        let scores = |facts: Vec<Fact>| {
            let records = facts.into_iter().map(|fact| ("a", "2025-01", fact));
            rows(records.collect())[0].scores["NPS"]
        };
        assert_eq!(
            scores(vec![answer("2025-01-01T00:00:00", 9), later.clone()]),
            2
        );
        let tie = answer("2025-01-02T00:00:00", 7);
        assert_eq!(scores(vec![later.clone(), tie.clone()]), 2);
        assert_eq!(scores(vec![tie, later]), 2);
    }

    #[test]
    fn no_records_are_no_rows() {
        assert_eq!(ExposureFold::default().finish(), None);
    }
}
