//! What a reader of a baseline must know of all of it.

use chrono::NaiveDate;
use keepworth_contract::simulator::baseline::SegmentMoves;
use keepworth_contract::{Flag, FlagCode, Month};

use super::Records;
use crate::rule::cost::in_words;
use crate::rule::driver::Calendar;
use crate::rule::tally::Tally;

impl Records {
    /// What a reader must know of the records as a whole.
    pub(super) fn flags_of(
        &self,
        everybody: &Tally,
        window_from: NaiveDate,
        merged: bool,
    ) -> Vec<Flag> {
        let mut flags = Vec::new();
        let mut flag_if = |holds: bool, code, detail: &str| {
            if holds {
                flags.push(Flag::new(code, detail));
            }
        };
        let has_no_channel = everybody.channels.is_empty();
        flag_if(
            has_no_channel,
            FlagCode::NoInteractions,
            "no contact is recorded",
        );
        let has_no_revenue = self.tallies.currency.is_none();
        flag_if(
            has_no_revenue,
            FlagCode::NoRevenue,
            "no revenue is recorded",
        );
        let detail = "bands of tenure in which few left were merged with their neighbours";
        flag_if(merged, FlagCode::TenureBandsMerged, detail);
        let is_short = window_from > self.window.first_day();
        let detail = format!("records begin on {window_from}, less than twelve months before");
        flag_if(is_short, FlagCode::WindowShorterThanTwelveMonths, &detail);
        let is_cut = is_short && window_from != Month::of(window_from).first_day();
        let detail = format!("records begin within a month, on {window_from}");
        flag_if(is_cut, FlagCode::WindowBeginsWithinAMonth, &detail);
        flags
    }

    /// Moves between segments within the window.
    pub(super) fn moves(&self) -> Vec<SegmentMoves> {
        let moves = self.tallies.moves.iter();
        let told = moves.map(|((from, to), customers)| SegmentMoves {
            from: from.clone(),
            to: to.clone(),
            customers: *customers,
        });
        told.collect()
    }

    /// That customers moved between segments; none where nobody did.
    pub(super) fn moves_flag(&self, everybody: &Tally) -> Option<Flag> {
        let moved: u64 = self.tallies.moves.values().sum();
        let months = everybody.months();
        let a_year = 12.0 * moved as f64 / months;
        let detail = format!(
            "{moved} times somebody moved to another segment within the window ({:.1} in 100 customers a year); each month \
             counts in the segment of the time, and in a run everybody stays in theirs",
            100.0 * a_year
        );
        (moved > 0).then(|| Flag::new(FlagCode::SegmentMoves, detail))
    }

    /// What a reader must know of the books as a whole.
    pub(super) fn cost_flags(&self, everybody: &Tally, calendar: &Calendar) -> Vec<Flag> {
        let mut flags = Vec::new();
        let segments = &self.tallies.segments;
        let known: Vec<&str> = segments.keys().map(String::as_str).collect();
        let names = known.join(", ");
        for (segment, minor) in self.costs.unknown_segments(|name| known.contains(&name)) {
            let detail = format!(
                "{minor} minor units name the segment `{segment}`, to \
                 which no customer belongs, and are left out; known: {names}"
            );
            let flag = Flag::new(FlagCode::CostOfUnknownSegment, detail);
            flags.push(flag.about(segment));
        }
        let is_channel = |name: &str| everybody.channels.contains_key(name);
        for share in self
            .costs
            .shares_of_nothing(|name| known.contains(&name), is_channel)
        {
            let detail = format!(
                "{share} names a segment or channel that no record \
                 has, and changes nothing; known: {names}"
            );
            flags.push(Flag::new(FlagCode::AvoidableShareOfNothing, detail));
        }
        if self.costs.currency.is_none() {
            let detail = format!(
                "the ledger has nothing in {}; margin, cost to win and cost to keep are \
                 not known until ledger entries are imported",
                in_words(
                    &calendar
                        .months()
                        .chain(calendar.cut.iter().copied())
                        .collect()
                )
            );
            flags.push(Flag::new(FlagCode::NoCosts, detail));
            return flags;
        }
        for (name, tally) in segments {
            if tally.revenue_rows > 0 && !self.costs.has_any(name) {
                let detail = format!(
                    "`{name}` has revenue and not one ledger entry, its own \
                     or shared; what others cost stands in for it"
                );
                let flag = Flag::new(FlagCode::SegmentWithoutCosts, detail);
                flags.push(flag.about(name));
            }
        }
        if !calendar.cut.is_empty() {
            let detail = format!(
                "{} lie in the window in part only; their costs, and \
                 what they are held against, are left out of costs per unit",
                in_words(&calendar.cut)
            );
            flags.push(Flag::new(FlagCode::MonthsCutByTheWindow, detail));
        }
        if calendar.is_in_parts() {
            let detail = "no month lies in the window as a whole; a month's costs count with the \
                          part of it that does";
            flags.push(Flag::new(FlagCode::NoWholeMonth, detail));
        }
        flags
    }
}
