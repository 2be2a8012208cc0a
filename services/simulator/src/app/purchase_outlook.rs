//! What single customers without a contract are expected to do, by the model of a baseline: read from the feeds when it
//! is asked for, and kept nowhere. Nothing here logs or names a customer but the rows of the answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::finance::{FinanceFeedQuery, PurchaseRow};
use keepworth_contract::join::{Follower, Ordered};
use keepworth_contract::rows::FeedRows;
use keepworth_contract::simulator::baseline::{Baseline, FeedReference, SegmentBaseline};
use keepworth_contract::simulator::fit::FitEstimate;
use keepworth_contract::simulator::purchase::PurchaseBaseline;
use keepworth_contract::simulator::{
    MOST_MONTHS_AHEAD, OutlookModel, OutlookSum, PurchaseOutlookQuery, PurchaseOutlookRow,
};
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam};
use keepworth_intake::feed::FeedSink;
use keepworth_intake::{Failure, page};
use keepworth_store::Db;
use keepworth_verdict::figure::{EPISODES, PURCHASES};

use crate::app::lives::strangers_flag;
use crate::app::scenario::written::load_baseline;
use crate::rule::purchase::{NotTold, Teller, Told};
use crate::{BuildError, Simulator};

/// Customers that are told of on one thread at a time, before others have their turn.
const BATCH: usize = 256;

/// What is asked for, and can be answered.
pub struct Asked {
    teller: Arc<Teller>,
    /// In which currency the feed of purchases is read, as it was for the baseline.
    amounts: FinanceFeedQuery,
    /// The feeds that the baseline was made from.
    sources: Vec<FeedReference>,
}

/// Finds the model that is asked for.
pub async fn find(db: &Db, query: PurchaseOutlookQuery) -> Result<Asked, Failure> {
    if !(1..=MOST_MONTHS_AHEAD).contains(&query.months) {
        let reason = format!(
            "{} months cannot be asked for; give 1 to {MOST_MONTHS_AHEAD}",
            query.months
        );
        return Err(refused("months", FaultCode::OutOfRange, reason));
    }
    page::check_text("baseline_hash", Some(&query.baseline_hash))?;
    page::check_text("segment", Some(&query.segment))?;
    let hash = query.baseline_hash.clone();
    let baseline = db.read(move |conn| load_baseline(conn, &hash)).await?;
    Asked::of(baseline, query)
}

fn refused(name: &str, code: FaultCode, reason: String) -> Failure {
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}

impl Asked {
    fn of(baseline: Baseline, query: PurchaseOutlookQuery) -> Result<Self, Failure> {
        let told = find_segment(&baseline.segments, &query.segment)?;
        let currency = baseline.currency.parse().map_err(BuildError::from)?;
        let amounts = FinanceFeedQuery {
            as_of: baseline.as_of,
            currency: (!baseline.rates.is_empty()).then_some(currency),
        };
        let spend = told.spend_fit.as_ref();
        let asked = OutlookModel {
            baseline_hash: baseline.hash,
            as_of: baseline.as_of,
            months: query.months,
            currency: baseline.currency,
            model: told.model,
            parameters: parameters(told),
            spend_parameters: spend.map(|it| it.estimates.clone()),
            mean_spend: told.mean_spend,
            quality_flags: told.quality_flags.clone(),
            segment: query.segment,
        };
        let segment = asked.segment.clone();
        let teller = Teller::of(told, asked, currency);
        let teller = teller.map_err(|why| BuildError::purchases(&segment, why))?;
        Ok(Self {
            teller: Arc::new(teller),
            amounts,
            sources: baseline.sources,
        })
    }

    /// The baseline's day.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.amounts.as_of
    }

    /// Reads the feeds, and writes a row for each customer of the segment, in constant memory.
    pub async fn write(self, app: &Simulator, mut sink: FeedSink) -> Result<FeedSink, Failure> {
        let model = self.teller.asked().clone();
        let segment = model.segment.clone();
        sink.push(&PurchaseOutlookRow::Model(model))?;
        let sources = app.sources();
        let feeds = tokio::try_join!(
            sources.customers.feed("episodes", self.as_of()),
            sources.finance.rows("purchases", &self.amounts),
        );
        let (customers, bought) = feeds.map_err(BuildError::from)?;
        let customers = FeedRows::<EpisodeRow>::new(customers);
        let bought = Ordered::single(PURCHASES, bought);
        let mut bought = Follower::start(bought).await.map_err(BuildError::from)?;
        let mut customers = Ordered::single(EPISODES, customers);
        let mut writer = Writer::new(Arc::clone(&self.teller), sink);
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(episode) = customers.next().await.map_err(BuildError::from)? {
            let mut theirs = Vec::new();
            let read = bought.rows_of(&episode.customer, &mut theirs).await;
            read.map_err(BuildError::from)?;
            if episode.segment == segment {
                batch.push((episode, theirs.pop()));
            }
            if batch.len() == BATCH {
                writer = writer.write(std::mem::take(&mut batch)).await?;
            }
        }
        let writer = writer.write(batch).await?;
        let (feed, strangers) = bought.finish().await.map_err(BuildError::from)?;
        let read = [customers.into_source().reference(), feed.reference()];
        let mut flags = self.changed(read.into_iter().flatten());
        flags.extend(strangers_flag(PURCHASES, strangers));
        writer.finish(flags)
    }

    /// That a feed is no longer what the baseline was made from.
    fn changed(&self, read: impl Iterator<Item = FeedReference>) -> Vec<Flag> {
        let flag = |now: FeedReference| {
            let same =
                |then: &&FeedReference| (&then.service, &then.feed) == (&now.service, &now.feed);
            let then = self.sources.iter().find(same)?;
            let feed = format!("{}/{}", now.service, now.feed);
            let detail = format!(
                "{feed} has changed since the baseline was built ({} rows then, {} now): these are the records as they \
                 are now, under the model of those that were; `keepworth baseline build --as-of {}` fits them anew",
                then.rows,
                now.rows,
                self.as_of()
            );
            let is_other = then.sha256 != now.sha256;
            is_other.then(|| Flag::new(FlagCode::RecordsChanged, detail).about(feed))
        };
        read.filter_map(flag).collect()
    }
}

/// The parameters of the model that is used.
fn parameters(told: &PurchaseBaseline) -> BTreeMap<String, FitEstimate> {
    let used = told.candidates.iter().find(|it| it.model == told.model);
    let fit = used.and_then(|it| it.fit.as_ref());
    fit.map(|it| it.estimates.clone()).unwrap_or_default()
}

/// What the baseline says of a segment without a contract.
fn find_segment<'a>(
    segments: &'a [SegmentBaseline],
    name: &str,
) -> Result<&'a PurchaseBaseline, Failure> {
    let without = segments.iter().filter(|it| it.purchases.is_some());
    let without: Vec<&str> = without.map(|it| it.name.as_str()).collect();
    let others = match without[..] {
        [] => "this baseline has none".to_owned(),
        _ => format!("here {}", without.join(", ")),
    };
    match segments.iter().find(|it| it.name == name) {
        Some(SegmentBaseline {
            purchases: Some(told),
            ..
        }) => Ok(told),
        Some(_) => {
            let reason = format!(
                "customers of `{name}` have contracts, and are seen to leave: how many do is told by tenure, in the \
                 `hazard_bands` of the baseline; single customers are told of in segments of kind PURCHASES ({others}). \
                 Where they have no contract, say so (`keepworth segment put {name} --kind purchases`) and build the \
                 baseline anew"
            );
            Err(refused("segment", FaultCode::InvalidValue, reason))
        }
        None => {
            let reason = format!(
                "the baseline has no segment `{name}`; single customers are told of in segments of kind PURCHASES \
                 ({others})"
            );
            Err(refused("segment", FaultCode::UnknownSegment, reason))
        }
    }
}

/// Writes customers, batch by batch.
struct Writer {
    teller: Arc<Teller>,
    sink: FeedSink,
    sum: OutlookSum,
    not_told: NotTold,
}

impl Writer {
    fn new(teller: Arc<Teller>, sink: FeedSink) -> Self {
        let sum = OutlookSum {
            spend: teller.knows_spend().then_some(0.0),
            ..OutlookSum::default()
        };
        Self {
            teller,
            sink,
            sum,
            not_told: NotTold::default(),
        }
    }

    /// Tells of a batch, off the threads that requests share: it takes computing.
    async fn write(
        mut self,
        batch: Vec<(EpisodeRow, Option<PurchaseRow>)>,
    ) -> Result<Self, Failure> {
        let told = tokio::task::spawn_blocking(move || {
            for (episode, bought) in &batch {
                self.tell(episode, bought.as_ref())?;
            }
            Ok(self)
        });
        told.await.map_err(Failure::internal)?
    }

    fn tell(&mut self, episode: &EpisodeRow, bought: Option<&PurchaseRow>) -> Result<(), Failure> {
        let told = self.teller.tell(episode, bought);
        let segment = &self.teller.asked().segment;
        let customer = match told.map_err(|why| BuildError::purchases(segment, why))? {
            Told::Customer(customer) => customer,
            Told::Nothing(why) => {
                self.not_told.count(why);
                return Ok(());
            }
        };
        self.sum.customers += 1;
        self.sum.active += customer.active.value;
        self.sum.purchases += customer.purchases.value;
        if let (Some(sum), Some(spend)) = (&mut self.sum.spend, &customer.spend) {
            *sum += spend.value;
        }
        self.sink.push(&PurchaseOutlookRow::Customer(*customer))
    }

    /// Ends with what all of them come to.
    fn finish(mut self, mut flags: Vec<Flag>) -> Result<FeedSink, Failure> {
        flags.extend(self.not_told.flags());
        self.sum.quality_flags = flags;
        self.sink.push(&PurchaseOutlookRow::Sum(self.sum))?;
        Ok(self.sink)
    }
}
