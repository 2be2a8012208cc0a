//! Shares the ledger's costs out among segments.
//!
//! What names a segment is that segment's. What names none is shared, month by month: cost of
//! revenue and overhead by customer-months, acquisition by customers won, service by minutes of
//! contact. Service cost that no minute explains is overhead, and so is service that is no contact
//! (account management, billing): it is paid, whether or not contacts were recorded.

mod avoidable;
mod behaviour;
mod gap;
mod line;

use keepworth_contract::Word;
use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::finance::CostCategory;
use keepworth_contract::finance::avoidable::{ConfirmedShare, WHOLE};
use keepworth_contract::finance::{CostRow, EconomicsRow};
use keepworth_contract::{FlagCode, Month};

use crate::BuildError;
use crate::rule::driver::{Calendar, Drivers, MonthDrivers};
pub(crate) use behaviour::contradicted;
pub(crate) use gap::in_words;
pub(crate) use line::CostLine;
use line::{Draft, Entry, Stream};

/// What a segment costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SegmentCosts {
    /// Varies with what is sold; held against revenue.
    pub(crate) cost_of_revenue: CostLine,
    /// Winning customers; held against those won.
    pub(crate) acquisition: CostLine,
    /// Keeping customers, contacts and programmes apart; held against customer-months.
    pub(crate) overhead: CostLine,
    /// Running experience programmes; held against customer-months.
    pub(crate) programme: CostLine,
    /// Contacts by channel; held against minutes.
    pub(crate) channels: BTreeMap<String, CostLine>,
    /// Channels whose cost went to overhead, because no contact of theirs is recorded.
    pub(crate) without_contacts: BTreeSet<String>,
    /// Customer-months of the months that are rated.
    pub(crate) months: f64,
}

impl SegmentCosts {
    /// Adds another segment.
    pub(crate) fn add(&mut self, other: &Self) {
        self.cost_of_revenue.add(&other.cost_of_revenue);
        self.acquisition.add(&other.acquisition);
        self.overhead.add(&other.overhead);
        self.programme.add(&other.programme);
        for (channel, line) in &other.channels {
            self.channels.entry(channel.clone()).or_default().add(line);
        }
        self.without_contacts
            .extend(other.without_contacts.iter().cloned());
        self.months += other.months;
    }

    /// All that keeping customers costs, held against their months: what finance calls maintenance
    /// cost.
    pub(crate) fn maintenance(&self) -> CostLine {
        let mut all = CostLine {
            driver: self.months,
            ..CostLine::default()
        };
        let lines = [&self.overhead, &self.programme];
        for line in lines.into_iter().chain(self.channels.values()) {
            all.add_cost(line);
        }
        all
    }
}

/// A row of the ledger with its month.
#[derive(Debug, PartialEq)]
struct Booked {
    row: CostRow,
    month: Month,
}

/// The costs of a window, and what finance confirmed of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CostTable {
    rows: Vec<Booked>,
    shares: Vec<ConfirmedShare>,
    /// ISO 4217 code of every amount; none without costs.
    pub(crate) currency: Option<String>,
}

impl CostTable {
    /// Takes costs of months from `first` on, and every share that was confirmed.
    ///
    /// # Errors
    /// Two currencies; a month that is none; a share above one.
    pub(crate) fn push(&mut self, row: EconomicsRow, first: Month) -> Result<(), BuildError> {
        let row = match row {
            EconomicsRow::Cost(row) => row,
            EconomicsRow::AvoidableShare(share) => return self.push_share(share),
        };
        let month = row.month.parse::<Month>()?;
        if month < first {
            return Ok(());
        }
        let mine = self.currency.get_or_insert_with(|| row.currency.clone());
        if *mine != row.currency {
            return Err(BuildError::mixed(mine, &row.currency));
        }
        self.rows.push(Booked { row, month });
        Ok(())
    }

    fn push_share(&mut self, share: ConfirmedShare) -> Result<(), BuildError> {
        if share.basis_points > WHOLE {
            return Err(BuildError::AvoidableShare {
                component: share.component,
                from: share.from,
                share: f64::from(share.basis_points) / f64::from(WHOLE),
            });
        }
        self.shares.push(share);
        Ok(())
    }

    /// Segments that costs name and `known` does not hold, each with its minor units.
    pub(crate) fn unknown_segments(&self, known: impl Fn(&str) -> bool) -> BTreeMap<&str, i64> {
        let mut unknown = BTreeMap::new();
        for Booked { row, .. } in &self.rows {
            if let Some(segment) = row.segment.as_deref().filter(|segment| !known(segment)) {
                *unknown.entry(segment).or_default() += row.minor;
            }
        }
        unknown
    }

    /// Whether any cost of a category is there.
    pub(crate) fn has(&self, category: CostCategory) -> bool {
        self.rows
            .iter()
            .any(|it| it.row.category == category.name())
    }

    /// Whether any cost is a segment's own or shared by all.
    pub(crate) fn has_any(&self, name: &str) -> bool {
        let is_theirs = |segment: &str| segment == name;
        self.rows
            .iter()
            .any(|it| it.row.segment.as_deref().is_none_or(is_theirs))
    }

    /// Whether another segment than `name` has a cost of a category of its own.
    pub(crate) fn others_have(&self, category: CostCategory, name: &str) -> bool {
        self.rows.iter().any(|it| {
            let segment = it.row.segment.as_deref();
            it.row.category == category.name() && segment.is_some_and(|segment| segment != name)
        })
    }

    /// Whether a segment has a cost of a category of its own.
    pub(crate) fn has_own(&self, category: CostCategory, name: &str) -> bool {
        self.rows
            .iter()
            .any(|it| it.row.category == category.name() && it.row.segment.as_deref() == Some(name))
    }

    /// Entries behind a line, and how many of them are assumptions.
    pub(crate) fn entries(&self, line: &CostLine) -> (u64, u64) {
        line.rows.iter().fold((0, 0), |(entries, assumed), index| {
            let row = &self.rows[*index].row;
            (entries + row.entries, assumed + row.assumed_entries)
        })
    }

    /// What one segment costs.
    pub(crate) fn of_segment(
        &self,
        name: &str,
        mine: &Drivers,
        all: &Drivers,
        calendar: &Calendar,
    ) -> SegmentCosts {
        let mut drafts = Drafts::default();
        for (index, Booked { row, month }) in self.rows.iter().enumerate() {
            let is_own = match &row.segment {
                Some(segment) if segment == name => true,
                Some(_) => continue,
                None => false,
            };
            let Some(category) = CostCategory::find(&row.category) else {
                continue;
            };
            let piece = Piece {
                index,
                row,
                month: *month,
                category,
                is_own,
                mine,
                all,
            };
            piece.put_on(&mut drafts);
        }
        let booked: BTreeSet<Month> = self.rows.iter().map(|it| it.month).collect();
        drafts.finish(name, mine, calendar, &booked)
    }
}

/// A segment's lines while rows are put on them.
#[derive(Default)]
struct Drafts {
    cost_of_revenue: Draft,
    acquisition: Draft,
    overhead: Draft,
    programme: Draft,
    channels: BTreeMap<String, Draft>,
    without_contacts: BTreeSet<String>,
}

impl Drafts {
    fn finish(
        self,
        name: &str,
        mine: &Drivers,
        calendar: &Calendar,
        booked: &BTreeSet<Month>,
    ) -> SegmentCosts {
        let finish = |draft: Draft, driver: &dyn Fn(&MonthDrivers) -> f64| {
            draft.finish(name, calendar, booked, |month| mine.at(month, driver))
        };
        let channels = self.channels.into_iter().map(|(channel, draft)| {
            let line = finish(draft, &|it| it.minutes_of(&channel));
            (channel, line)
        });
        SegmentCosts {
            channels: channels.collect(),
            cost_of_revenue: finish(self.cost_of_revenue, &|it| it.revenue_minor),
            acquisition: finish(self.acquisition, &|it| it.won),
            overhead: finish(self.overhead, &|it| it.months),
            programme: finish(self.programme, &|it| it.months),
            without_contacts: self.without_contacts,
            months: calendar.months().map(|it| mine.at(it, |m| m.months)).sum(),
        }
    }
}

const BY_MONTHS: FlagCode = FlagCode::SharedCostSpreadByCustomerMonths;
const BY_WON: FlagCode = FlagCode::SharedCostSpreadByCustomersWon;
const BY_MINUTES: FlagCode = FlagCode::SharedCostSpreadByContactMinutes;

/// The component of contacts, and of service that says no other.
const CONSUMPTION: &str = "CONSUMPTION";

/// A row of the ledger on its way to a segment.
#[derive(Clone, Copy)]
struct Piece<'a> {
    index: usize,
    row: &'a CostRow,
    month: Month,
    category: CostCategory,
    /// Whether it names the segment.
    is_own: bool,
    mine: &'a Drivers,
    all: &'a Drivers,
}

impl Piece<'_> {
    fn put_on(self, drafts: &mut Drafts) {
        let is_contact = self
            .row
            .component
            .as_deref()
            .is_none_or(|it| it == CONSUMPTION);
        match self.category {
            CostCategory::CostOfRevenue => {
                self.put(&mut drafts.cost_of_revenue, |it| it.months, BY_MONTHS);
            }
            CostCategory::Acquisition => {
                self.put(&mut drafts.acquisition, |it| it.won, BY_WON);
            }
            CostCategory::Service if is_contact => self.put_service(drafts),
            CostCategory::Service
            | CostCategory::Overhead
            | CostCategory::Training
            | CostCategory::Retention => {
                self.put(&mut drafts.overhead, |it| it.months, BY_MONTHS);
            }
            CostCategory::Programme => {
                self.put(&mut drafts.programme, |it| it.months, BY_MONTHS);
            }
        }
    }

    /// All of it when it is the segment's own, else by the driver: the month's, or where the month
    /// has none the window's.
    fn put(self, to: &mut Draft, driver: fn(&MonthDrivers) -> f64, rule: FlagCode) {
        let (month, window) = (self.all.at(self.month, driver), driver(&self.all.total));
        let share = if self.is_own {
            1.0
        } else if month > 0.0 {
            self.mine.at(self.month, driver) / month
        } else if window > 0.0 {
            driver(&self.mine.total) / window
        } else {
            return;
        };
        self.put_share(to, None, share, rule);
    }

    fn put_share(self, to: &mut Draft, channel: Option<&str>, share: f64, rule: FlagCode) {
        let named = self.row.channel.as_deref();
        let stream = Stream {
            is_own: self.is_own,
            category: self.category,
            channel: channel.and(named).map(str::to_owned),
        };
        let entry = Entry {
            index: self.index,
            month: self.month,
            minor: self.row.minor as f64 * share,
            component: self.row.component.as_deref(),
            channel: channel.or(named),
            rule: (!self.is_own).then_some(rule),
        };
        to.put(stream, &entry);
    }

    /// To the channel that it names, or to all by their minutes.
    fn put_service(self, drafts: &mut Drafts) {
        let basis = if self.is_own { self.mine } else { self.all };
        let is_named = |name: &str| self.row.channel.as_deref().is_none_or(|it| it == name);
        let minutes = |of: &MonthDrivers| -> f64 {
            let named = of.minutes_by_channel.iter().filter(|it| is_named(it.0));
            named.map(|(_, minutes)| minutes).sum()
        };
        if minutes(&basis.total) <= 0.0 {
            self.put(&mut drafts.overhead, |it| it.months, BY_MONTHS);
            let channel = self.row.channel.as_deref().unwrap_or("any channel");
            drafts.without_contacts.insert(channel.to_owned());
            return;
        }
        let is_in_month = basis.at(self.month, minutes) > 0.0;
        let of = |drivers: &Drivers, driver: &dyn Fn(&MonthDrivers) -> f64| {
            if is_in_month {
                drivers.at(self.month, driver)
            } else {
                driver(&drivers.total)
            }
        };
        let total = of(basis, &minutes);
        for name in basis
            .total
            .minutes_by_channel
            .keys()
            .filter(|it| is_named(it))
        {
            let share = of(self.mine, &|it| it.minutes_of(name)) / total;
            let draft = drafts.channels.entry(name.clone()).or_default();
            self.put_share(draft, Some(name), share, BY_MINUTES);
        }
    }
}

#[cfg(test)]
mod tests;
