//! What records count by segment and month, by the definitions of a baseline's figures.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_contract::{Currency, Month};
use keepworth_verdict::backtest::{History, MonthCount};

use super::Records;
use crate::BuildError;
use crate::rule::cost::{CostLine, SegmentCosts};
use crate::rule::driver::{Calendar, Drivers, drivers_by_month};
use crate::rule::tally::Tally;
use crate::rule::window::MONTHS;

/// Fewer a month may all be missing by chance.
const USUAL: f64 = 5.0;

impl Records {
    /// The feeds that they were read from.
    pub(crate) fn references(&self) -> &[FeedReference] {
        &self.references
    }

    /// Each segment's months of the window that are whole.
    ///
    /// # Errors
    /// Records of no customers, or of amounts that cannot be added.
    pub(crate) fn histories(&self) -> Result<BTreeMap<String, History>, BuildError> {
        self.check_agreement()?;
        let from = self.window_from()?;
        let as_of = self.window.as_of();
        let drivers = |tally: &Tally| Drivers::from(drivers_by_month(tally, from, as_of));
        let company = self.tallies.company();
        let all = drivers(&company);
        let minor_units = self.minor_units()?;
        let mut histories = BTreeMap::new();
        for (name, tally) in &self.tallies.segments {
            let own = drivers(tally);
            let mut history = History::new();
            for place in (0..MONTHS).filter(|place| self.window.is_whole(*place, from)) {
                let month = self.window.month(place);
                let calendar = Calendar::of(month.first_day(), month.last_day());
                let costs = self.costs.of_segment(name, &own, &all, &calendar);
                let is_billed = company.by_month[place].payers > 0;
                let counted = count(tally, place, month, &costs, minor_units, is_billed);
                history.insert(month, counted);
            }
            histories.insert(name.clone(), history);
        }
        Ok(histories)
    }

    /// The last whole month of each kind of record, where later ones have nothing although there is usually
    /// much: records end there.
    pub(crate) fn ends(&self, first: Month) -> Vec<(&'static str, Month)> {
        let company = self.tallies.company();
        let sums = |of: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..MONTHS).map(of).collect() };
        let won = |place: usize| {
            let month = self.window.month(place);
            let days = month.first_day()..month.plus(1).first_day();
            company
                .won
                .range(days)
                .map(|(_, won)| *won as f64)
                .sum::<f64>()
        };
        let by_month = &company.by_month;
        let contacts = |place: usize| -> f64 {
            by_month[place]
                .contacts
                .values()
                .map(|it| it.count as f64)
                .sum()
        };
        let kinds = [
            (
                "customers who come or leave",
                sums(&|it| won(it) + by_month[it].left as f64),
            ),
            ("revenues", sums(&|it| by_month[it].payers as f64)),
            ("interactions", sums(&contacts)),
        ];
        let end = |(what, sums): (&'static str, Vec<f64>)| {
            let last = sums.iter().rposition(|it| *it > 0.0)?;
            let usual = sums.iter().sum::<f64>() / (last + 1) as f64;
            let month = self.window.month(last);
            let is_cut = last + 1 < MONTHS && usual >= USUAL && month.plus(1) >= first;
            is_cut.then_some((what, month))
        };
        kinds.into_iter().filter_map(end).collect()
    }

    fn minor_units(&self) -> Result<f64, BuildError> {
        let currency: Currency = self.currency()?.parse()?;
        Ok(10_f64.powi(currency.decimals().cast_signed()))
    }
}

fn count(
    tally: &Tally,
    place: usize,
    month: Month,
    costs: &SegmentCosts,
    minor_units: f64,
    is_billed: bool,
) -> MonthCount {
    let sums = &tally.by_month[place];
    let days = month.first_day()..month.plus(1).first_day();
    let contacts = sums.contacts.iter();
    MonthCount {
        customers: sums.at_end as f64,
        won: won(tally, days),
        leavers: sums.left as f64,
        customer_months: sums.months,
        revenue: is_billed.then_some(sums.revenue_minor / minor_units),
        contacts: contacts
            .map(|(name, it)| (name.clone(), it.count as f64))
            .collect(),
        service_cost: service(costs).map(|minor| minor / minor_units),
        cost: whole(costs).map(|minor| minor / minor_units),
    }
}

fn won(tally: &Tally, days: std::ops::Range<NaiveDate>) -> f64 {
    tally.won.range(days).map(|(_, won)| *won as f64).sum()
}

/// Cost of contacts; none where nothing of it is booked.
fn service(costs: &SegmentCosts) -> Option<f64> {
    let mut booked = costs
        .channels
        .values()
        .filter(|it| it.is_recorded())
        .peekable();
    booked.peek()?;
    Some(booked.map(|it| it.minor).sum())
}

/// All costs but programmes; none where some of it is not booked.
fn whole(costs: &SegmentCosts) -> Option<f64> {
    let lines = [&costs.cost_of_revenue, &costs.acquisition, &costs.overhead];
    let booked = |line: &CostLine| line.is_recorded().then_some(line.minor);
    let booked = lines.into_iter().map(booked).sum::<Option<f64>>()?;
    Some(booked + service(costs).unwrap_or_default())
}
