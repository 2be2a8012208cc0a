//! What contacts of a channel are about: the share of each issue among contacts of which it is known, and its minutes.
//!
//! A customer who calls about one thing calls about it again: the customer is the unit, as of other figures. By how much more
//! than lots of contacts shares vary for that, in the mean over issues, is their generalised design effect (Rao and Scott,
//! JASA 76, 1981); the engine draws shares from counts that are so many times smaller.
//!
//! What an agent typed of a single customer is no issue, and must not outlive them in a document that is sealed: issues of
//! few customers are told together.

use std::collections::BTreeMap;

use keepworth_contract::experience::ContactSum;
use keepworth_contract::simulator::baseline::{ChannelIssues, IssueBaseline};
use keepworth_contract::{Flag, FlagCode};
use keepworth_verdict::interval::{log_student, wilson_share};

/// More names than these are no list of issues, but what agents typed.
const MOST_ISSUES: usize = 50;

/// An issue of fewer customers is told with others.
const FEWEST_CUSTOMERS: f64 = 5.0;

/// What issues of few customers are told as.
const OTHER: &str = "OTHER";

/// Names from which on none more is kept: nothing of them will be told.
const MOST_KEPT: usize = 4 * MOST_ISSUES;

/// Sums over the customers of a segment who made contacts of which it is known what they were about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Issues {
    by_issue: BTreeMap<String, Sums>,
    /// Contacts of which it is known.
    known: f64,
    /// Their squares by customer.
    squares: f64,
    customers: f64,
    /// Contacts of which it is not known.
    unknown: u64,
}

/// Sums over customers of one issue.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    contacts: f64,
    /// Squares of contacts.
    squares: f64,
    /// Contacts times all contacts of which it is known.
    with_all: f64,
    customers: f64,
    /// As many different customers at least: who moved from one segment to another is in both.
    people: f64,
    minutes: f64,
    minutes_squares: f64,
    minutes_with_contacts: f64,
}

impl Issues {
    /// Adds a customer's contacts through the channel, those of which the issue is known by issue.
    pub(crate) fn add(&mut self, contacts: u64, by_issue: &BTreeMap<&str, ContactSum>) {
        let known: u64 = by_issue.values().map(|it| it.count).sum();
        self.unknown += contacts.saturating_sub(known);
        if known == 0 {
            return;
        }
        let all = known as f64;
        self.known += all;
        self.squares += all * all;
        self.customers += 1.0;
        for (issue, sum) in by_issue {
            let is_kept = self.by_issue.contains_key(*issue) || self.by_issue.len() < MOST_KEPT;
            if is_kept {
                self.by_issue
                    .entry((*issue).to_owned())
                    .or_default()
                    .add(*sum, all);
            }
        }
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.known += other.known;
        self.squares += other.squares;
        self.customers += other.customers;
        self.unknown += other.unknown;
        for (issue, sums) in &other.by_issue {
            self.by_issue.entry(issue.clone()).or_default().merge(sums);
        }
    }

    /// Shares, minutes and what is odd; none where nothing is known, or of few customers.
    pub(crate) fn told(&self) -> Option<ChannelIssues> {
        if self.by_issue.is_empty() || self.people() < FEWEST_CUSTOMERS {
            return None;
        }
        if self.by_issue.len() > MOST_ISSUES {
            return Some(self.no_list());
        }
        let listed = self.listed();
        let unknown = (self.unknown > 0).then(|| {
            let detail = format!(
                "of {} contacts nobody recorded what they were about; they count as the {:.0} of which it is known",
                self.unknown, self.known
            );
            Flag::new(FlagCode::IssuesUnknown, detail)
        });
        Some(ChannelIssues {
            unknown: self.unknown,
            issues: listed
                .iter()
                .map(|(name, sums)| self.issue(name, sums))
                .collect(),
            design_effect: self.design_effect(&listed),
            flags: unknown.into_iter().collect(),
        })
    }

    /// As many different customers at least.
    fn people(&self) -> f64 {
        let each = self.by_issue.values().map(|it| it.people);
        each.sum::<f64>().min(self.customers)
    }

    fn no_list(&self) -> ChannelIssues {
        let detail = format!(
            "contacts are about more than {MOST_ISSUES} different issues, which are no list: map what agents typed to a few, and \
             nothing is told of them until then"
        );
        ChannelIssues {
            unknown: self.unknown,
            issues: Vec::new(),
            design_effect: 1.0,
            flags: vec![Flag::new(FlagCode::TooManyIssues, detail)],
        }
    }

    /// Issues of enough customers, then the others as one: where those are of too few, with the smallest of the former.
    fn listed(&self) -> Vec<(&str, Sums)> {
        let is_own = |name: &str, sums: &Sums| sums.people >= FEWEST_CUSTOMERS && name != OTHER;
        let mut listed = Vec::new();
        let mut others = Sums::default();
        for (name, sums) in &self.by_issue {
            if is_own(name, sums) {
                listed.push((name.as_str(), *sums));
            } else {
                others.join(sums);
            }
        }
        if others.contacts > 0.0 {
            if others.people < FEWEST_CUSTOMERS {
                let size = |it: &(usize, &(&str, Sums))| it.1.1.contacts;
                let smallest = listed
                    .iter()
                    .enumerate()
                    .min_by(|a, b| size(a).total_cmp(&size(b)));
                if let Some((place, _)) = smallest {
                    others.join(&listed.remove(place).1);
                }
            }
            listed.push((OTHER, others));
        }
        listed
    }

    fn issue(&self, name: &str, sums: &Sums) -> IssueBaseline {
        let share = sums.contacts / self.known;
        let as_good_as = self.known / self.own_effect(sums).max(1.0);
        IssueBaseline {
            name: name.to_owned(),
            contacts: sums.contacts as u64,
            share,
            share_interval: wilson_share(share, as_good_as, "wilson_effective_contacts"),
            minutes: sums.minutes / sums.contacts,
            // Of what is joined the squares are bounds, which a difference of them would not be.
            minutes_interval: (name != OTHER).then(|| sums.minutes_interval()).flatten(),
        }
    }

    /// How many times a share varies as much as one of contacts drawn by lots.
    fn own_effect(&self, sums: &Sums) -> f64 {
        let share = sums.contacts / self.known;
        let off = sums.squares - 2.0 * share * sums.with_all + share * share * self.squares;
        let few = self.customers / (self.customers - 1.0);
        let effect = few * off / self.known / (share * (1.0 - share));
        if effect.is_finite() {
            effect
        } else {
            // Of one customer, or of all contacts, nobody can tell: each customer is taken for one contact.
            self.known / self.customers
        }
    }

    /// The same in the mean over issues, at least 1.
    fn design_effect(&self, listed: &[(&str, Sums)]) -> f64 {
        let others = listed.len() as f64 - 1.0;
        let of = |sums: &Sums| (1.0 - sums.contacts / self.known) * self.own_effect(sums);
        let sum: f64 = listed.iter().map(|(_, sums)| of(sums)).sum();
        if others > 0.0 {
            (sum / others).max(1.0)
        } else {
            1.0
        }
    }
}

impl Sums {
    fn add(&mut self, sum: ContactSum, all: f64) {
        let (contacts, minutes) = (sum.count as f64, sum.handle_seconds as f64 / 60.0);
        self.contacts += contacts;
        self.squares += contacts * contacts;
        self.with_all += contacts * all;
        self.customers += 1.0;
        self.people += 1.0;
        self.minutes += minutes;
        self.minutes_squares += minutes * minutes;
        self.minutes_with_contacts += minutes * contacts;
    }

    /// Adds the same issue of another segment.
    fn merge(&mut self, other: &Self) {
        let people = self.people.max(other.people);
        self.add_all(other);
        self.people = people;
    }

    fn add_all(&mut self, other: &Self) {
        self.contacts += other.contacts;
        self.squares += other.squares;
        self.with_all += other.with_all;
        self.customers += other.customers;
        self.people += other.people;
        self.minutes += other.minutes;
        self.minutes_squares += other.minutes_squares;
        self.minutes_with_contacts += other.minutes_with_contacts;
    }

    /// Adds another issue. How often one customer made contacts of both is not kept: squares are as large as they can be
    /// (Cauchy and Schwarz), and intervals rather too wide.
    fn join(&mut self, other: &Self) {
        let squares = (self.squares.sqrt() + other.squares.sqrt()).powi(2);
        self.add_all(other);
        self.squares = squares;
    }

    /// Student's interval of the logarithm of minutes a contact, by linearisation; none of one customer.
    fn minutes_interval(&self) -> Option<keepworth_contract::statistic::Interval> {
        let mean = self.minutes / self.contacts;
        let off = self.minutes_squares - 2.0 * mean * self.minutes_with_contacts
            + mean * mean * self.squares;
        let few = self.customers / (self.customers - 1.0);
        let error = (few * off.max(0.0)).sqrt() / self.minutes;
        let freedom = self.contacts * self.contacts / self.squares - 1.0;
        let is_known = self.customers > 1.0 && mean > 0.0;
        is_known
            .then(|| log_student(mean, error, freedom.max(1.0), "ratio_log_student_t"))
            .flatten()
    }
}

#[cfg(test)]
mod tests;
