//! Counts customers of a segment without a contract, each with the days on which they bought.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::finance::{PurchaseDay, PurchaseRow};
use keepworth_retention::purchase::{
    CustomerSummary, HeldOut, Histories, RfmTerms, Spends, Transaction, summarise_sorted,
};

use super::{MONTH, UnusablePurchases, WEEK};

/// Most weeks that are held out.
const MOST_HELD_OUT: f64 = 52.0;
/// Fewer tell nothing.
const FEWEST_HELD_OUT: f64 = 8.0;

/// Where the records of a segment are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) as_of: NaiveDate,
    /// The last day of the calibration; none where the records are too short.
    pub(crate) calibration_end: Option<NaiveDate>,
}

impl Split {
    /// A third of the months since the oldest customer came is held out.
    pub(crate) fn of(as_of: NaiveDate, longest_tenure_months: u32) -> Self {
        let weeks = (f64::from(longest_tenure_months) * MONTH / 3.0).round();
        let weeks = weeks.min(MOST_HELD_OUT);
        let days = Days::new((weeks * WEEK) as u64);
        Self {
            as_of,
            calibration_end: (weeks >= FEWEST_HELD_OUT).then(|| as_of - days),
        }
    }
}

/// What is known of the customers of a segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buyers {
    /// All who bought, as long as they were under observation.
    pub(super) all: Histories,
    /// Those of them who may still be there on the day.
    pub(super) present: Histories,
    /// Mean spends of who bought again.
    pub(super) spends: Spends,
    /// Who bought by the end of the calibration, and what they did since.
    pub(super) held: HeldOut,
    /// Repeat purchases of these, by day.
    pub(super) repeats: BTreeMap<NaiveDate, u64>,
    /// The first day on which any of `held` bought.
    pub(super) first_day: Option<NaiveDate>,
    pub(super) buyers: u64,
    pub(super) repeat_buyers: u64,
    /// Sum of repeat purchases and of what was paid for them.
    pub(super) repeat_purchases: f64,
    pub(super) repeat_spend: f64,
    pub(super) left_out: LeftOut,
}

/// What the estimate had to be made without.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct LeftOut {
    /// Customers of whom no purchase has a day.
    pub(super) never_bought: u64,
    /// Customers who were there before they were observed: what they bought before is not known.
    pub(super) observed_late: u64,
    /// Charges without a day.
    pub(super) undated: u64,
    /// Customers who were given back more than they had paid, and minor units of it.
    pub(super) excess_refunds: (u64, i64),
    /// Customers with a recorded day of leaving.
    pub(super) left: u64,
    /// Customers who paid nothing for what they bought again.
    pub(super) free: u64,
    /// Customers who bought before they came, and the earliest such day.
    pub(super) before: Option<(u64, NaiveDate)>,
}

/// How far it is known what a customer bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// No purchase has a day.
    NeverBought,
    /// They were there before they were observed.
    NotFromTheBeginning,
    /// From the first purchase until this day.
    Until(NaiveDate),
}

impl Known {
    pub(super) fn of(episode: &EpisodeRow, bought: &[PurchaseDay], as_of: NaiveDate) -> Self {
        let until = episode.observed_to.min(as_of);
        if bought.first().is_none_or(|first| first.on > until) {
            Self::NeverBought
        } else if episode.observed_from > episode.acquired_on {
            Self::NotFromTheBeginning
        } else {
            Self::Until(until)
        }
    }
}

impl Buyers {
    /// Counts a customer in, with what they bought; money is `1/minor_units` of a unit of the currency.
    ///
    /// # Errors
    /// Purchases that are none.
    pub(crate) fn add(
        &mut self,
        split: Split,
        episode: &EpisodeRow,
        row: Option<&PurchaseRow>,
        minor_units: f64,
    ) -> Result<(), UnusablePurchases> {
        let bought = row.map_or(&[][..], |row| &row.purchases);
        if let Some(row) = row {
            self.left_out.undated += row.undated;
            self.left_out.excess_refunds.0 += u64::from(row.excess_refund_minor > 0);
            self.left_out.excess_refunds.1 += row.excess_refund_minor;
        }
        self.note_before(episode, bought);
        let until = match Known::of(episode, bought, split.as_of) {
            Known::NeverBought => {
                self.left_out.never_bought += 1;
                return Ok(());
            }
            Known::NotFromTheBeginning => {
                self.left_out.observed_late += 1;
                return Ok(());
            }
            Known::Until(day) => day,
        };
        self.left_out.left += u64::from(episode.left);
        let Some(whole) = summary(bought, until, minor_units)? else {
            return Ok(());
        };
        self.add_whole(&whole, !episode.left && until == split.as_of)?;
        if let Some(end) = split.calibration_end.filter(|_| until == split.as_of)
            && let Some(before) = summary(bought, end, minor_units)?
        {
            self.held.add(before.history, whole.history, 1.0)?;
            self.note_repeats(bought, until);
        }
        Ok(())
    }

    fn add_whole(
        &mut self,
        whole: &CustomerSummary<()>,
        is_present: bool,
    ) -> Result<(), UnusablePurchases> {
        let (history, mean) = (whole.history, whole.mean_spend.unwrap_or_default());
        self.buyers += 1;
        self.all.add(history, 1.0)?;
        if is_present {
            self.present.add_with_spend(history, 1.0, mean)?;
        }
        if history.purchases() > 0.0 {
            self.repeat_buyers += 1;
            self.repeat_purchases += history.purchases();
            self.repeat_spend += history.purchases() * mean;
            self.left_out.free += u64::from(mean == 0.0);
            if mean > 0.0 {
                self.spends.add(history.purchases(), mean, 1.0)?;
            }
        }
        Ok(())
    }

    fn note_repeats(&mut self, bought: &[PurchaseDay], until: NaiveDate) {
        let first = bought[0].on;
        self.first_day = Some(self.first_day.map_or(first, |known| known.min(first)));
        for day in bought[1..].iter().filter(|it| it.on <= until) {
            *self.repeats.entry(day.on).or_default() += 1;
        }
    }

    fn note_before(&mut self, episode: &EpisodeRow, bought: &[PurchaseDay]) {
        if let Some(first) = bought.first().filter(|it| it.on < episode.acquired_on) {
            let (customers, earliest) = self.left_out.before.unwrap_or((0, first.on));
            self.left_out.before = Some((customers + 1, earliest.min(first.on)));
        }
    }
}

/// One customer's history until a day, in weeks; none where the first purchase came later.
pub(super) fn summary(
    bought: &[PurchaseDay],
    until: NaiveDate,
    minor_units: f64,
) -> Result<Option<CustomerSummary<()>>, UnusablePurchases> {
    let log = bought.iter().map(|it| Transaction {
        customer: (),
        day: it.on.num_days_from_ce(),
        amount: it.minor as f64 / minor_units,
    });
    let terms = RfmTerms {
        unit_days: WEEK,
        observation_end: until.num_days_from_ce(),
        calibration_end: None,
    };
    Ok(summarise_sorted(log, terms)?.next().transpose()?)
}
