//! Shares the ledger's costs out among segments.
//!
//! What names a segment is that segment's. What names none is shared: cost of revenue and overhead
//! by customer-months, acquisition by customers won, service by minutes of contact. Service cost
//! that no minute explains is overhead: it is paid, whether or not contacts were recorded.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::Month;
use keepworth_contract::feed::EconomicsRow;
use keepworth_contract::record::CostCategory;

use crate::BuildError;

/// Part of the ledger's money, and the rows that it comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CostShare {
    /// Minor units.
    pub(crate) minor: f64,
    rows: BTreeSet<usize>,
    /// How costs of nobody in particular were shared, where they were.
    pub(crate) shared_by: BTreeSet<&'static str>,
}

impl CostShare {
    fn add(&mut self, other: &Self) {
        self.minor += other.minor;
        self.rows.extend(&other.rows);
        self.shared_by.extend(&other.shared_by);
    }

    /// Rows of finance/economics.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.len() as u64
    }
}

/// What a segment costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SegmentCosts {
    /// Varies with what is sold.
    pub(crate) cost_of_revenue: CostShare,
    /// Winning customers.
    pub(crate) acquisition: CostShare,
    /// Keeping customers, contacts apart.
    pub(crate) overhead: CostShare,
    /// Contacts by channel.
    pub(crate) channels: BTreeMap<String, CostShare>,
    /// Channels whose cost went to overhead, because no contact of theirs is recorded.
    pub(crate) without_contacts: BTreeSet<String>,
}

impl SegmentCosts {
    /// Adds another segment.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cost_of_revenue.add(&other.cost_of_revenue);
        self.acquisition.add(&other.acquisition);
        self.overhead.add(&other.overhead);
        for (channel, share) in &other.channels {
            self.channels.entry(channel.clone()).or_default().add(share);
        }
        self.without_contacts
            .extend(other.without_contacts.iter().cloned());
    }
}

/// By what shared costs are shared out: a segment's, or the company's.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Drivers {
    /// Customer-months in the window.
    pub(crate) months: f64,
    /// Customers won in the window.
    pub(crate) won: f64,
    /// Minutes of contact in the window by channel.
    pub(crate) minutes: BTreeMap<String, f64>,
}

impl Drivers {
    fn minutes_of(&self, channel: &str) -> f64 {
        self.minutes.get(channel).copied().unwrap_or_default()
    }
}

/// The costs of a window.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CostTable {
    rows: Vec<EconomicsRow>,
    /// ISO 4217 code of every amount; none without costs.
    pub(crate) currency: Option<String>,
}

impl CostTable {
    /// Takes the rows of months from `first` on.
    ///
    /// # Errors
    /// Two currencies; a month that is none.
    pub(crate) fn push(&mut self, row: EconomicsRow, first: Month) -> Result<(), BuildError> {
        if row.month.parse::<Month>()? < first {
            return Ok(());
        }
        let mine = self.currency.get_or_insert_with(|| row.currency.clone());
        if *mine != row.currency {
            return Err(BuildError::mixed(mine, &row.currency));
        }
        self.rows.push(row);
        Ok(())
    }

    /// Segments that costs name and `known` does not hold, each with its minor units.
    pub(crate) fn unknown_segments(&self, known: impl Fn(&str) -> bool) -> BTreeMap<&str, i64> {
        let mut unknown = BTreeMap::new();
        for row in &self.rows {
            if let Some(segment) = row.segment.as_deref().filter(|segment| !known(segment)) {
                *unknown.entry(segment).or_default() += row.minor;
            }
        }
        unknown
    }

    /// Whether any cost of a category is there.
    pub(crate) fn has(&self, category: CostCategory) -> bool {
        self.rows.iter().any(|row| row.category == category.name())
    }

    /// Entries behind a share, and how many of them are assumptions.
    pub(crate) fn entries(&self, share: &CostShare) -> (u64, u64) {
        share.rows.iter().fold((0, 0), |(entries, assumed), row| {
            let row = &self.rows[*row];
            (entries + row.entries, assumed + row.assumed_entries)
        })
    }

    /// What one segment costs.
    pub(crate) fn of_segment(&self, name: &str, mine: &Drivers, all: &Drivers) -> SegmentCosts {
        let mut costs = SegmentCosts::default();
        for (index, row) in self.rows.iter().enumerate() {
            let part = match &row.segment {
                Some(segment) if segment == name => Part::Own,
                Some(_) => continue,
                None => Part::Shared,
            };
            let piece = Piece { index, row, part };
            match CostCategory::find(&row.category) {
                Some(CostCategory::CostOfRevenue) => {
                    piece.put(
                        &mut costs.cost_of_revenue,
                        mine.months,
                        all.months,
                        BY_MONTHS,
                    );
                }
                Some(CostCategory::Acquisition) => {
                    piece.put(&mut costs.acquisition, mine.won, all.won, BY_WON);
                }
                Some(CostCategory::Service) => piece.put_service(&mut costs, mine, all),
                Some(CostCategory::Overhead | CostCategory::Training | CostCategory::Retention) => {
                    piece.put(&mut costs.overhead, mine.months, all.months, BY_MONTHS);
                }
                // What a programme costs is the scenario's to say.
                Some(CostCategory::Programme) | None => {}
            }
        }
        costs
    }
}

const BY_MONTHS: &str = "shared_cost_spread_by_customer_months";
const BY_WON: &str = "shared_cost_spread_by_customers_won";
const BY_MINUTES: &str = "shared_cost_spread_by_contact_minutes";

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Own,
    Shared,
}

/// A row of the ledger on its way to a segment.
#[derive(Clone, Copy)]
struct Piece<'a> {
    index: usize,
    row: &'a EconomicsRow,
    part: Part,
}

impl Piece<'_> {
    /// All of it when it is the segment's own, else by the driver.
    fn put(self, to: &mut CostShare, mine: f64, all: f64, rule: &'static str) {
        let share = match self.part {
            Part::Own => 1.0,
            Part::Shared if all > 0.0 => mine / all,
            Part::Shared => return,
        };
        self.put_share(to, share, rule);
    }

    fn put_share(self, to: &mut CostShare, share: f64, rule: &'static str) {
        to.minor += self.row.minor as f64 * share;
        to.rows.insert(self.index);
        if self.part == Part::Shared {
            to.shared_by.insert(rule);
        }
    }

    /// To the channel that it names, or to all by their minutes.
    fn put_service(self, costs: &mut SegmentCosts, mine: &Drivers, all: &Drivers) {
        let basis = if self.part == Part::Own { mine } else { all };
        let named = |name: &String| {
            self.row
                .channel
                .as_ref()
                .is_none_or(|wanted| wanted == name)
        };
        let total: f64 = basis
            .minutes
            .iter()
            .filter(|(name, _)| named(name))
            .map(|(_, minutes)| minutes)
            .sum();
        if total <= 0.0 {
            self.put(&mut costs.overhead, mine.months, all.months, BY_MONTHS);
            let channel = self.row.channel.as_deref().unwrap_or("any channel");
            costs.without_contacts.insert(channel.to_owned());
            return;
        }
        for name in basis.minutes.keys().filter(|name| named(name)) {
            let to = costs.channels.entry(name.clone()).or_default();
            self.put_share(to, mine.minutes_of(name) / total, BY_MINUTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(
        segment: Option<&str>,
        category: CostCategory,
        channel: Option<&str>,
        minor: i64,
    ) -> EconomicsRow {
        EconomicsRow {
            segment: segment.map(str::to_owned),
            category: category.name().to_owned(),
            channel: channel.map(str::to_owned),
            month: "2025-09".to_owned(),
            minor,
            currency: "EUR".to_owned(),
            entries: 1,
            assumed_entries: 0,
        }
    }

    fn table(rows: Vec<EconomicsRow>) -> CostTable {
        let mut table = CostTable::default();
        for row in rows {
            table.push(row, "2025-01".parse().unwrap()).unwrap();
        }
        table
    }

    fn drivers(months: f64, won: f64, phone: f64, chat: f64) -> Drivers {
        let minutes = [("chat", chat), ("phone", phone)];
        Drivers {
            months,
            won,
            minutes: minutes.map(|(name, m)| (name.to_owned(), m)).into(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_is_lost_and_nothing_counted_twice(
            rows in proptest::collection::vec((0usize..3, 0usize..6, 0usize..4, -1000i64..100_000), 1..40),
            phone in 0.0f64..100.0,
        ) {
            let segments = [Some("a"), Some("b"), None];
            let channels = [Some("phone"), Some("chat"), Some("letter"), None];
            let table = table(rows.iter().map(|(s, category, c, minor)| {
                row(segments[*s], CostCategory::ALL[*category], channels[*c], *minor)
            }).collect());
            let (a, b) = (drivers(10.0, 2.0, phone, 0.0), drivers(30.0, 1.0, 5.0, 7.0));
            let all = drivers(40.0, 3.0, phone + 5.0, 7.0);
            let mut sum = table.of_segment("a", &a, &all);
            sum.add(&table.of_segment("b", &b, &all));
            let found = sum.cost_of_revenue.minor + sum.acquisition.minor + sum.overhead.minor
                + sum.channels.values().map(|share| share.minor).sum::<f64>();
            let expected: i64 = rows.iter().map(|row| row.3).sum();
            prop_assert!((found - expected as f64).abs() < 1e-6, "{found} of {expected}");
        }
    }

    #[test]
    fn service_cost_follows_the_minutes() {
        let table = table(vec![
            row(None, CostCategory::Service, Some("phone"), 1_000),
            row(Some("a"), CostCategory::Service, Some("phone"), 300),
            row(None, CostCategory::Service, Some("letter"), 400),
        ]);
        let all = drivers(40.0, 0.0, 100.0, 0.0);
        let a = table.of_segment("a", &drivers(10.0, 0.0, 80.0, 0.0), &all);
        assert_eq!(a.channels["phone"].minor, 1_100.0);
        assert_eq!(a.channels["phone"].shared_by, BTreeSet::from([BY_MINUTES]));
        assert_eq!(a.overhead.minor, 100.0, "letters were never recorded");
        assert_eq!(a.without_contacts, BTreeSet::from(["letter".to_owned()]));
    }

    #[test]
    fn currencies_do_not_mix_and_unknown_segments_are_named() {
        let mut table = table(vec![row(Some("typo"), CostCategory::Overhead, None, 7)]);
        assert_eq!(
            table.unknown_segments(|known| known == "a"),
            BTreeMap::from([("typo", 7)])
        );
        let mut dollars = row(None, CostCategory::Overhead, None, 7);
        dollars.currency = "USD".to_owned();
        let error = table.push(dollars, "2025-01".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("EUR and USD"), "{error}");
    }
}
