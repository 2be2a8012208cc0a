//! Builds a baseline: reads the feeds, joins them, and freezes what they say.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::client::Client;
use keepworth_contract::customers::{CohortRow, EpisodeRow};
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::finance::{
    CONVERSION_RULE, ConversionRate, EconomicsRow, FinanceFeedQuery, RevenueRow,
};
use keepworth_contract::join::{Follower, Ordered};
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::baseline::{BASELINE_VERSION, Baseline, FeedReference};
use keepworth_contract::{Flag, FlagCode, Month};

use crate::BuildError;
use crate::app::baseline::Order;
use crate::rule::cohort::Cohorts;
use crate::rule::correlation::of_shared_costs;
use crate::rule::cost::{CostTable, SegmentCosts, in_words};
use crate::rule::curve::{Requested, choices};
use crate::rule::driver::{Calendar, Drivers, drivers_by_month};
use crate::rule::hazard::hazards;
use crate::rule::segment::{Company, Segment, describe};
use crate::rule::tally::{Tallies, Tally};
use crate::rule::window::{Window, months_between};
use keepworth_verdict::figure::{EPISODES, EXPOSURES, REVENUES};
use rates::Rates;

/// Months of a quarter.
const QUARTER: f64 = 3.0;

/// Clients of the services that give feeds.
#[derive(Clone)]
pub struct Sources {
    pub customers: Client,
    pub experience: Client,
    pub finance: Client,
}

/// What the feeds say.
pub(crate) struct Records {
    window: Window,
    cohorts: BTreeMap<String, Cohorts>,
    tallies: Tallies,
    costs: CostTable,
    /// Models of leaving that were asked for.
    requested: Requested,
    rates: Vec<ConversionRate>,
    references: Vec<FeedReference>,
    flags: Vec<Flag>,
}

/// Builds the baseline that is ordered, in a currency where one is asked for.
pub async fn build(sources: &Sources, order: &Order) -> Result<Baseline, BuildError> {
    let as_of = order.as_of;
    let Some(currency) = order.currency else {
        return read(sources, order, None).await?.into_baseline();
    };
    let rates = Rates::read(sources, as_of, currency).await?;
    if rates.items.is_empty() {
        // Nothing is in another currency: it is the baseline that nobody asked a currency for.
        return read(sources, order, None).await?.into_baseline();
    }
    let reference = rates.reference.clone();
    let baseline = read(sources, order, Some(rates)).await?.into_baseline()?;
    // A rate that was written meanwhile may have converted what is not said to be converted by it.
    if Rates::read(sources, as_of, currency).await?.reference != reference {
        return Err(BuildError::Changed);
    }
    Ok(baseline)
}

/// Reads what the feeds say as of a day, in the one currency that amounts are in.
pub(crate) async fn read_as_booked(
    sources: &Sources,
    as_of: NaiveDate,
) -> Result<Records, BuildError> {
    read(sources, &Order::of(as_of), None).await
}

/// Reads what the feeds say, converted at rates where there are any.
async fn read(
    sources: &Sources,
    order: &Order,
    rates: Option<Rates>,
) -> Result<Records, BuildError> {
    let as_of = order.as_of;
    let mut records = Records::new(as_of);
    records.requested.clone_from(&order.hazard_models);
    let amounts = FinanceFeedQuery {
        as_of,
        currency: rates.as_ref().map(|it| it.currency),
    };
    records
        .read_cohorts(FeedRows::new(
            sources.customers.feed("cohorts", as_of).await?,
        ))
        .await?;
    records
        .join(
            FeedRows::new(sources.customers.feed("episodes", as_of).await?),
            FeedRows::new(sources.experience.feed("exposures", as_of).await?),
            sources.finance.rows("revenues", &amounts).await?,
        )
        .await?;
    records
        .read_costs(sources.finance.rows("economics", &amounts).await?)
        .await?;
    if let Some(rates) = rates {
        records.take_rates(rates);
    }
    Ok(records)
}

impl Records {
    fn new(as_of: NaiveDate) -> Self {
        let window = Window::ending(as_of);
        Self {
            window,
            cohorts: BTreeMap::new(),
            tallies: Tallies::new(window),
            costs: CostTable::default(),
            requested: Requested::new(),
            rates: Vec::new(),
            references: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// Says by which rates amounts were converted.
    fn take_rates(&mut self, rates: Rates) {
        let detail = format!(
            "amounts in other currencies were converted into {} at the rates that are told with them: \
             {CONVERSION_RULE}",
            rates.currency
        );
        self.flags.push(Flag::new(FlagCode::Converted, detail));
        self.references.extend(rates.reference);
        self.rates = rates.items;
    }

    async fn read_cohorts(&mut self, mut feed: FeedRows<CohortRow>) -> Result<(), BuildError> {
        while let Some(row) = feed.next().await? {
            self.add_cohort(&row);
        }
        self.references.extend(feed.reference());
        Ok(())
    }

    fn add_cohort(&mut self, row: &CohortRow) {
        self.cohorts
            .entry(row.segment.clone())
            .or_default()
            .push(row);
    }

    /// Joins the customers with what the others know of them, in constant memory.
    async fn join(
        &mut self,
        episodes: FeedRows<EpisodeRow>,
        exposures: FeedRows<ExposureRow>,
        revenues: FeedRows<RevenueRow>,
    ) -> Result<(), BuildError> {
        let mut episodes = Ordered::single(EPISODES, episodes);
        let mut exposures = Follower::start(Ordered::repeated(EXPOSURES, exposures)).await?;
        let mut revenues = Follower::start(Ordered::repeated(REVENUES, revenues)).await?;
        let (mut their_exposures, mut their_revenues) = (Vec::new(), Vec::new());
        while let Some(episode) = episodes.next().await? {
            exposures
                .rows_of(&episode.customer, &mut their_exposures)
                .await?;
            revenues
                .rows_of(&episode.customer, &mut their_revenues)
                .await?;
            self.tallies
                .add(&episode, &their_exposures, &their_revenues)?;
        }
        self.references.extend(episodes.into_source().reference());
        let (feed, strangers) = exposures.finish().await?;
        self.references.extend(feed.reference());
        self.flag_strangers(EXPOSURES, strangers);
        let (feed, strangers) = revenues.finish().await?;
        self.references.extend(feed.reference());
        self.flag_strangers(REVENUES, strangers);
        Ok(())
    }

    fn flag_strangers(&mut self, feed: &str, strangers: u64) {
        if strangers > 0 {
            let detail = format!(
                "{strangers} rows of {feed} are about customers that the customers service does \
                 not know, and are left out"
            );
            let flag = Flag::new(FlagCode::UnknownCustomers, detail);
            self.flags.push(flag.about(feed));
        }
    }

    async fn read_costs(&mut self, mut feed: FeedRows<EconomicsRow>) -> Result<(), BuildError> {
        let first = Month::of(self.window_from()?);
        while let Some(row) = feed.next().await? {
            self.costs.push(row, first)?;
        }
        self.references.extend(feed.reference());
        Ok(())
    }

    /// The window's first day, not before anybody was under observation.
    fn window_from(&self) -> Result<NaiveDate, BuildError> {
        let first = self.tallies.first_observed;
        let first = first.ok_or(BuildError::NoCustomers(self.window.as_of()))?;
        Ok(first.max(self.window.first_day()))
    }

    /// Whether both feeds of the customers service told of the same records.
    fn check_agreement(&self) -> Result<(), BuildError> {
        let counted = self
            .cohorts
            .iter()
            .map(|(name, it)| (name, it.entered, it.left()));
        let joined = self
            .tallies
            .segments
            .iter()
            .map(|(name, it)| (name, it.observed, it.left));
        if counted.eq(joined) {
            Ok(())
        } else {
            Err(BuildError::Changed)
        }
    }

    fn currency(&self) -> Result<&str, BuildError> {
        match (&self.tallies.currency, &self.costs.currency) {
            (Some(revenue), Some(cost)) if revenue != cost => Err(BuildError::mixed(revenue, cost)),
            (Some(currency), _) | (None, Some(currency)) => Ok(currency),
            (None, None) => Err(BuildError::NoMoney),
        }
    }

    pub(crate) fn into_baseline(mut self) -> Result<Baseline, BuildError> {
        self.check_agreement()?;
        let window_from = self.window_from()?;
        let as_of = self.window.as_of();
        let after = as_of + Days::new(1);
        let everybody = self.tallies.company();
        let mut all_cohorts = Cohorts::default();
        self.cohorts
            .values()
            .for_each(|cohorts| all_cohorts.merge(cohorts));
        let named: Vec<(&str, &Cohorts)> = self
            .cohorts
            .iter()
            .map(|(name, it)| (name.as_str(), it))
            .collect();
        let mut hazards = hazards(&all_cohorts, &named)?;
        let choices = choices(&named, &hazards, &self.requested)?;
        for (hazard, choice) in hazards.segments.iter_mut().zip(choices) {
            hazard.choice = Some(choice);
        }
        let observed_from = self.tallies.first_observed.unwrap_or(window_from);
        let company = Company {
            currency: self.currency()?.parse()?,
            window: self.window,
            window_from,
            window_months: months_between(window_from, after),
            is_quarter: months_between(observed_from, after) == QUARTER,
            channels: everybody.channels.keys().cloned().collect(),
            costs: &self.costs,
            calendar: Calendar::of(window_from, as_of),
            now: Month::of(as_of),
        };
        let drivers = |tally: &Tally| Drivers::from(drivers_by_month(tally, window_from, as_of));
        let all = drivers(&everybody);
        let mut all_costs = SegmentCosts::default();
        let (mut segments, mut costs_by_segment) = (Vec::new(), Vec::new());
        for ((name, tally), hazard) in self.tallies.segments.iter().zip(hazards.segments) {
            let costs = self
                .costs
                .of_segment(name, &drivers(tally), &all, &company.calendar);
            all_costs.add(&costs);
            let cohorts = &self.cohorts[name];
            segments.push(describe(
                &Segment {
                    name,
                    tally,
                    cohorts,
                    costs: &costs,
                    hazard,
                    is_company: false,
                },
                &company,
            ));
            costs_by_segment.push((name.as_str(), costs));
        }
        let whole = Segment {
            name: "company",
            tally: &everybody,
            cohorts: &all_cohorts,
            costs: &all_costs,
            hazard: hazards.company,
            is_company: true,
        };
        let (whole, currency) = (describe(&whole, &company), company.currency);
        let correlations = of_shared_costs(&costs_by_segment);
        let calendar = company.calendar;
        let flags = self.flags_of(&everybody, window_from, hazards.merged);
        self.flags.extend(self.cost_flags(&everybody, &calendar));
        self.flags.extend(flags);
        let baseline = Baseline {
            version: BASELINE_VERSION,
            hash: String::new(),
            as_of,
            currency: currency.code().to_owned(),
            rates: self.rates,
            window_from,
            sources: self.references,
            company: whole,
            segments,
            correlations,
            quality_flags: self.flags,
        };
        Ok(baseline.sealed()?)
    }

    fn flags_of(&self, everybody: &Tally, window_from: NaiveDate, merged: bool) -> Vec<Flag> {
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

    /// What a reader must know of the books as a whole.
    fn cost_flags(&self, everybody: &Tally, calendar: &Calendar) -> Vec<Flag> {
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

mod history;
mod rates;
#[cfg(test)]
mod tests;
