//! Builds a baseline: reads the feeds, joins them, and freezes what they say.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::client::Client;
use keepworth_contract::customers::{CohortRow, EpisodeRow};
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::finance::{
    CONVERSION_RULE, ConversionRate, EconomicsRow, FinanceFeedQuery, RevenueFeedQuery, RevenueRow,
};
use keepworth_contract::join::{Follower, Ordered};
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::LeavingTrend;
use keepworth_contract::simulator::baseline::{BASELINE_VERSION, Baseline, FeedReference};
use keepworth_contract::{Flag, FlagCode, Month};

use crate::BuildError;
use crate::app::baseline::Order;
use crate::app::lives::strangers_flag;
use crate::rule::cohort::{Cohorts, Record};
use crate::rule::correlation::of_shared_costs;
use crate::rule::cost::{CostTable, SegmentCosts, contradicted};
use crate::rule::course::{self, Course, EARLIER_MONTHS};
use crate::rule::curve::{Requested, choices};
use crate::rule::driver::{Calendar, Drivers, drivers_by_month};
use crate::rule::hazard::{SegmentHazard, hazards};
use crate::rule::segment::{Company, Segment, describe};
use crate::rule::tally::{Tallies, Tally};
use crate::rule::trend::{self, Counted, leaving_trend};
use crate::rule::window::{Window, months_between};
use keepworth_verdict::backtest::{company, month_scatter};
use keepworth_verdict::figure::{EPISODES, EXPOSURES, REVENUES};
use purchases::{Purchases, WithoutContract};
pub(crate) use rates::Rates;

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
    without_contract: WithoutContract,
    rates: Vec<ConversionRate>,
    references: Vec<FeedReference>,
    flags: Vec<Flag>,
}

/// Builds the baseline that is ordered, in a currency where one is asked for.
pub async fn build(sources: &Sources, order: &Order) -> Result<Baseline, BuildError> {
    records(sources, order).await?.into_baseline()
}

/// Reads what the feeds say, in the order's currency where it has one. What is awaited holds all that is joined: it
/// lies on the heap, as a job's layers would carry it many times over on their stack.
pub(crate) async fn records(sources: &Sources, order: &Order) -> Result<Records, BuildError> {
    Box::pin(read_in_currency(sources, order)).await
}

async fn read_in_currency(sources: &Sources, order: &Order) -> Result<Records, BuildError> {
    let as_of = order.as_of;
    let without_contract = WithoutContract::read(sources, &order.purchase_models).await?;
    let Some(currency) = order.currency else {
        return read(sources, order, without_contract, None).await;
    };
    let purchases = without_contract.is_any();
    let rates = Rates::read(sources, as_of, currency, purchases).await?;
    if rates.items.is_empty() {
        // Nothing is in another currency: the records are those that nobody asked a currency for.
        return read(sources, order, without_contract, None).await;
    }
    let reference = rates.reference.clone();
    let records = read(sources, order, without_contract, Some(rates)).await?;
    // A rate that was written meanwhile may have converted what is not said to be converted by it.
    let again = Rates::read(sources, as_of, currency, purchases).await?;
    if again.reference != reference {
        return Err(BuildError::Changed);
    }
    Ok(records)
}

/// Reads what the feeds say, converted at rates where there are any.
async fn read(
    sources: &Sources,
    order: &Order,
    without_contract: WithoutContract,
    rates: Option<Rates>,
) -> Result<Records, BuildError> {
    let as_of = order.as_of;
    let mut records = Records::new(as_of);
    records.requested.clone_from(&order.hazard_models);
    records.without_contract = without_contract;
    let currency = rates.as_ref().map(|it| it.currency);
    let amounts = FinanceFeedQuery { as_of, currency };
    let charged = RevenueFeedQuery {
        as_of,
        currency,
        earlier_months: EARLIER_MONTHS,
    };
    let cohorts = sources.customers.feed("cohorts", as_of).await?;
    records.read_cohorts(FeedRows::new(cohorts)).await?;
    // Each service reads a feed to its end before its first byte: together they take as long as the longest does.
    let (episodes, exposures, revenues, purchases) = tokio::try_join!(
        async { Ok(sources.customers.feed("episodes", as_of).await?) },
        async { Ok(sources.experience.feed("exposures", as_of).await?) },
        async { Ok::<_, BuildError>(sources.finance.rows("revenues", &charged).await?) },
        records.without_contract.open(sources, &amounts),
    )?;
    let (episodes, exposures) = (FeedRows::new(episodes), FeedRows::new(exposures));
    records
        .join(episodes, exposures, revenues, purchases)
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
            without_contract: WithoutContract::default(),
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
        mut purchases: Option<Purchases>,
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
            if let Some(purchases) = &mut purchases {
                let bought = purchases.of(&episode).await?;
                self.add_purchases(&episode, bought)?;
            }
        }
        self.references.extend(episodes.into_source().reference());
        let (feed, strangers) = exposures.finish().await?;
        self.references.extend(feed.reference());
        self.flags.extend(strangers_flag(EXPOSURES, strangers));
        let (feed, strangers) = revenues.finish().await?;
        self.references.extend(feed.reference());
        self.flags.extend(strangers_flag(REVENUES, strangers));
        if let Some(purchases) = purchases {
            self.finish_purchases(purchases).await?;
        }
        Ok(())
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

    /// Trend and season of those who are seen to leave, with what part of the record their hazards are from.
    fn leaving_trend(&self, records: &BTreeMap<String, Record>) -> Option<LeavingTrend> {
        let counted = records.iter().map(|(segment, record)| Counted {
            segment,
            leaving: &self.tallies.segments[segment].leaving,
            since: (*record == Record::LastYear).then(|| Month::of(self.window.first_day())),
        });
        leaving_trend(&counted.collect::<Vec<_>>())
    }

    pub(crate) fn into_baseline(mut self) -> Result<Baseline, BuildError> {
        self.check_agreement()?;
        let month_scatter = month_scatter(&company(&self.histories()?));
        let window_from = self.window_from()?;
        let as_of = self.window.as_of();
        let after = as_of + Days::new(1);
        let everybody = self.tallies.company();
        let mut all_cohorts = Cohorts::default();
        self.cohorts
            .values()
            .for_each(|cohorts| all_cohorts.merge(cohorts));
        // Where nobody sees who leaves, nobody is at risk of being seen to.
        let named: Vec<(&str, &Cohorts)> = self
            .cohorts
            .iter()
            .filter(|(name, _)| !self.without_contract.has(name))
            .map(|(name, it)| (name.as_str(), it))
            .collect();
        let mut under_contract = Cohorts::default();
        named.iter().for_each(|(_, it)| under_contract.merge(it));
        self.check_requested()?;
        let mut hazards = hazards(&under_contract, &named)?;
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
        let mut purchases = self.purchases(company.currency)?;
        let names = named.iter().map(|(name, _)| *name);
        let record_of = |(name, hazard): (&str, &SegmentHazard)| (name.to_owned(), hazard.record());
        let records = names
            .clone()
            .zip(&hazards.segments)
            .map(record_of)
            .collect();
        let mut hazard_of: BTreeMap<&str, SegmentHazard> = names.zip(hazards.segments).collect();
        for (name, tally) in &self.tallies.segments {
            // None where nobody sees who leaves.
            let hazard = hazard_of.remove(name.as_str()).unwrap_or_default();
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
                    leaving: cohorts,
                    costs: &costs,
                    hazard,
                    purchases: purchases.remove(name),
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
            leaving: &under_contract,
            costs: &all_costs,
            hazard: hazards.company,
            purchases: None,
            is_company: true,
        };
        let (whole, currency) = (describe(&whole, &company), company.currency);
        let [contacts_trend, revenue_trend] =
            [Course::Contacts, Course::Revenue].map(|it| (it, self.course_trend(it, &company)));
        let mut course_flags = Vec::new();
        for (course, trend) in [&contacts_trend, &revenue_trend] {
            let flags = trend.iter().flat_map(|it| course::flags(*course, it));
            course_flags.extend(flags);
        }
        let correlations = of_shared_costs(&costs_by_segment);
        let calendar = company.calendar;
        let flags = self.flags_of(&everybody, window_from, hazards.merged);
        self.flags.extend(self.cost_flags(&everybody, &calendar));
        self.flags.extend(flags);
        self.flags.extend(self.moves_flag(&everybody));
        let moves = self.moves();
        let cost_behaviours = self.costs.behaviours(&all, &calendar, currency);
        self.flags.extend(contradicted(&cost_behaviours, &whole));
        let leaving_trend = self.leaving_trend(&records);
        self.flags
            .extend(leaving_trend.iter().flat_map(trend::flags));
        self.flags.extend(course_flags);
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
            moves,
            cost_behaviours,
            leaving_trend,
            contacts_trend: contacts_trend.1,
            revenue_trend: revenue_trend.1,
            month_scatter,
            quality_flags: self.flags,
        };
        Ok(baseline.sealed()?)
    }
}

mod calendar;
mod flag;
mod history;
mod purchases;
mod rates;
#[cfg(test)]
mod tests;
