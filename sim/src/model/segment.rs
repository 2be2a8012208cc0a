//! Segments: their figures resolved.

use super::builder::{About, Builder};
use super::hazard::Hazard;
use super::hazard::{hazard, lasting_hazard, typical_hazard};
use super::range::Range;
use super::source::Source;
use super::{Calendar, Division, EffectGroup, EffectGroups, PriceStep, Term, Unforeseen, WinBack};
use crate::kernel::{Lane, product};
use crate::scenario::{Avoidable, Lever, Problem, Quantity, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) name: String,
    /// Customers at month 0 by completed months of tenure.
    pub(crate) customers: Vec<f64>,
    pub(crate) won: Term,
    pub(crate) hazard: Hazard,
    /// Mean monthly hazard of the customers at month 0, every parameter at its mean.
    pub(crate) typical_hazard: f64,
    /// Least monthly hazard at any age, every parameter at its mean; 0 where it falls for ever.
    pub(crate) lasting_hazard: f64,
    pub(crate) revenue: Term,
    pub(crate) margin: Term,
    pub(crate) overhead: Term,
    pub(crate) overhead_avoidable: Confirmed,
    pub(crate) channels: Vec<Channel>,
    pub(crate) acquisition_cost: Term,
    pub(crate) experience_share: Option<Term>,
    /// Causes of leaving, where effects name any.
    pub(crate) causes: Division,
    /// Effects that reach the segment, by lever, grouped by adoption curve.
    pub(crate) levers: Vec<(Lever, EffectGroups)>,
    /// Whether the programme may leave it with fewer customers in some future: an effect can harm.
    pub(crate) may_lose: bool,
    /// What nobody foresees of it.
    pub(crate) unforeseen: Unforeseen,
    /// What of the calendar that is foreseen of leaving holds in it.
    pub(crate) calendar: Calendar,
    /// The same of contacts.
    pub(crate) contacts_calendar: Calendar,
    /// The same of revenue.
    pub(crate) revenue_calendar: Calendar,
    /// Announced changes of the prices it pays.
    pub(crate) prices: Vec<PriceStep>,
    /// Who comes back, if anybody.
    pub(crate) win_back: Option<WinBack>,
}

impl Segment {
    /// Customers won a month, in each trial.
    #[inline(always)]
    pub(crate) fn won(&self, values: &[Lane]) -> Lane {
        self.unforeseen.won.times(self.won.lane(values), values)
    }

    /// Revenue per customer-month, in each trial.
    #[inline(always)]
    pub(crate) fn revenue(&self, values: &[Lane]) -> Lane {
        let revenue = self
            .revenue_calendar
            .at_date(self.revenue.lane(values), values);
        self.unforeseen.revenue.times(revenue, values)
    }

    /// Minutes of handling per customer-month through a channel, in each trial.
    #[inline(always)]
    pub(crate) fn minutes(&self, channel: &Channel, values: &[Lane]) -> Lane {
        let (contacts, each) = (channel.contacts.lane(values), channel.minutes.lane(values));
        let contacts = self.contacts_calendar.at_date(contacts, values);
        let minutes = product(&contacts, &each);
        self.unforeseen.service_cost.times(minutes, values)
    }

    /// Prices of a month over those of the date.
    pub(crate) fn price(&self, month: usize) -> f64 {
        let begun = self.prices.iter().filter(|step| step.month <= month);
        begun.map(|step| step.factor).product()
    }

    /// All that acts on it, by what it acts on.
    pub(crate) fn effect_groups(&self) -> impl Iterator<Item = &EffectGroups> {
        let levers = self.levers.iter().map(|(_, groups)| groups);
        let channels = self.channels.iter().flat_map(Channel::effect_groups);
        levers.chain(channels).chain(self.causes.effect_groups())
    }

    /// The same, to be changed.
    pub(crate) fn effect_groups_mut(&mut self) -> impl Iterator<Item = &mut EffectGroups> {
        let levers = self.levers.iter_mut().map(|(_, groups)| groups);
        let channels = self.channels.iter_mut();
        let channels = channels.flat_map(Channel::effect_groups_mut);
        levers
            .chain(channels)
            .chain(self.causes.effect_groups_mut())
    }

    /// The effects on one lever.
    pub(crate) fn effects_on(&self, lever: Lever) -> &[EffectGroup] {
        self.levers
            .iter()
            .find(|(l, _)| *l == lever)
            .map_or(&[], |(_, groups)| groups)
    }
}

impl Channel {
    /// Whether nothing acts on it.
    pub(crate) fn is_idle(&self) -> bool {
        self.effect_groups().all(Vec::is_empty)
    }

    fn effect_groups(&self) -> impl Iterator<Item = &EffectGroups> {
        [&self.effects]
            .into_iter()
            .chain(self.issues.effect_groups())
    }

    pub(crate) fn effect_groups_mut(&mut self) -> impl Iterator<Item = &mut EffectGroups> {
        [&mut self.effects]
            .into_iter()
            .chain(self.issues.effect_groups_mut())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) contacts: Term,
    pub(crate) minutes: Term,
    pub(crate) cost_per_minute: Term,
    pub(crate) avoidable: Confirmed,
    /// The pool of seats that serves it, by its place in the model.
    pub(crate) pool: Option<usize>,
    /// Effects on contacts and on minutes of all that this channel's are about.
    pub(crate) effects: EffectGroups,
    /// What its contacts are about, where effects name any.
    pub(crate) issues: Division,
}

/// The share φ of a cost that is avoidable, where finance has confirmed one.
///
/// One minute has one price once it is confirmed: φ of it is saved where it is avoided and spent
/// where it is added. Unconfirmed, the cautious reading holds: nothing is saved, all is spent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Confirmed {
    share: Option<Avoidable>,
    /// Share that is saved where none is confirmed: 0, but for whoever asks what confirming would change.
    supposed: f64,
}

impl Confirmed {
    /// As it is written.
    pub(super) fn new(share: Option<Avoidable>) -> Self {
        Self {
            share,
            supposed: 0.0,
        }
    }

    /// Whether nothing is confirmed.
    pub(crate) fn is_open(&self) -> bool {
        self.share.is_none()
    }

    /// Supposes that a share is saved where none is confirmed; what is added is still spent in full.
    pub(super) fn suppose(&mut self, share: f64) {
        self.supposed = share;
    }

    /// Share of an avoided cost that is saved in a month.
    pub(crate) fn saved(&self, month: usize) -> f64 {
        self.at(month).unwrap_or(self.supposed)
    }

    /// Share of an added cost that is spent in a month.
    pub(crate) fn spent(&self, month: usize) -> f64 {
        self.at(month).unwrap_or(1.0)
    }

    fn at(&self, month: usize) -> Option<f64> {
        self.share.as_ref().map(|avoidable| avoidable.share(month))
    }
}

/// What is left of revenue; below 0 where a segment costs more than it brings.
const MARGIN: Range = Range {
    low: -10.0,
    high: 1.0,
    fix: "give a share of revenue, at most 1; a loss is below 0",
};

/// Resolves the figures of one segment; its effects come later.
pub(super) fn resolve(source: &Source, builder: &mut Builder) -> Result<Segment, ScenarioError> {
    let figures = &source.figures;
    let name = &figures.name;
    let mut term = |value: &Option<Quantity>, field: &'static str, unit, range| {
        let Some(quantity) = value else {
            let problem = Problem::Missing {
                segment: name.clone(),
                field,
            };
            return Err(problem.at(source.path.clone()));
        };
        let about = About {
            unit,
            ..About::default()
        };
        let path = format!("{}.{field}", source.path);
        builder.term(
            quantity,
            format!("segments.{name}.{field}"),
            about,
            &path,
            range,
        )
    };
    let won = term(
        &figures.won_per_month,
        "won_per_month",
        "customers a month",
        Range::AMOUNT,
    )?;
    let revenue = term(
        &figures.revenue,
        "revenue",
        "money a customer-month",
        Range::AMOUNT,
    )?;
    let margin = term(
        &figures.gross_margin,
        "gross_margin",
        "share of revenue",
        MARGIN,
    )?;
    let zero = Some(Quantity::from(0.0));
    let overhead = figures
        .overhead
        .as_ref()
        .map_or(&zero, |_| &figures.overhead);
    let overhead = term(
        overhead,
        "overhead",
        "money a customer-month",
        Range::AMOUNT,
    )?;
    let cac = figures
        .acquisition_cost
        .as_ref()
        .map_or(&zero, |_| &figures.acquisition_cost);
    let acquisition_cost = term(
        cac,
        "acquisition_cost",
        "money a customer won",
        Range::AMOUNT,
    )?;
    let experience_share = match &figures.experience_share {
        None => None,
        share => Some(term(
            share,
            "experience_share",
            "share of leaving",
            Range::SHARE,
        )?),
    };
    let customers = customers(source)?;
    Ok(Segment {
        name: name.clone(),
        typical_hazard: typical_hazard(source, &customers, builder),
        lasting_hazard: lasting_hazard(source, builder),
        customers,
        won,
        hazard: hazard(source, builder)?,
        revenue,
        margin,
        overhead,
        overhead_avoidable: avoidable(
            figures.overhead_avoidable.as_ref(),
            &format!("{}.overhead_avoidable", source.path),
        )?,
        channels: channels(source, builder)?,
        acquisition_cost,
        experience_share,
        causes: Division::default(),
        levers: Vec::new(),
        may_lose: false,
        unforeseen: Unforeseen::default(),
        calendar: Calendar::default(),
        contacts_calendar: Calendar::default(),
        revenue_calendar: Calendar::default(),
        prices: Vec::new(),
        win_back: None,
    })
}

/// The confirmed share of a cost.
pub(super) fn avoidable(
    written: Option<&Avoidable>,
    path: &str,
) -> Result<Confirmed, ScenarioError> {
    if let Some(share) = written {
        share.check(path)?;
    }
    Ok(Confirmed::new(written.cloned()))
}

/// Customers at month 0 by tenure.
fn customers(source: &Source) -> Result<Vec<f64>, ScenarioError> {
    let figures = &source.figures;
    let missing = || {
        let problem = Problem::Missing {
            segment: figures.name.clone(),
            field: "customers",
        };
        problem.at(source.path.clone())
    };
    let mut profile = match (&figures.customers_by_tenure, figures.customers) {
        (Some(profile), _) => profile.clone(),
        (None, Some(_)) => vec![1.0],
        (None, None) => return Err(missing()),
    };
    for (age, &count) in profile.iter().enumerate() {
        Problem::unless_within(count, 0.0, 1e15, "give a number of customers")
            .map_err(|p| p.at(format!("{}.customers_by_tenure[{age}]", source.path)))?;
    }
    if let Some(total) = figures.customers {
        Problem::unless_within(total, 0.0, 1e15, "give a number of customers")
            .map_err(|p| p.at(format!("{}.customers", source.path)))?;
        let sum: f64 = profile.iter().sum();
        if sum > 0.0 && profile.len() > 1 {
            profile.iter_mut().for_each(|count| *count *= total / sum);
        } else {
            profile = vec![total];
        }
    }
    // A segment that everybody has left is still one that can win customers.
    if profile.is_empty() {
        profile.push(0.0);
    }
    Ok(profile)
}

fn channels(source: &Source, builder: &mut Builder) -> Result<Vec<Channel>, ScenarioError> {
    let segment = &source.figures.name;
    let mut channels = Vec::new();
    for (i, channel) in source.figures.channels.iter().flatten().enumerate() {
        let path = format!("{}.channels[{i}]", source.path);
        let avoidable = avoidable(channel.avoidable.as_ref(), &format!("{path}.avoidable"))?;
        let mut term = |quantity: &Quantity, field: &str, unit| {
            let name = format!("segments.{segment}.{}.{field}", channel.name);
            let about = About {
                unit,
                ..About::default()
            };
            builder.term(
                quantity,
                name,
                about,
                &format!("{path}.{field}"),
                Range::AMOUNT,
            )
        };
        channels.push(Channel {
            name: channel.name.clone(),
            contacts: term(&channel.contacts, "contacts", "contacts a customer-month")?,
            minutes: term(&channel.minutes, "minutes", "minutes a contact")?,
            cost_per_minute: term(
                &channel.cost_per_minute,
                "cost_per_minute",
                "money a minute",
            )?,
            avoidable,
            pool: None,
            effects: Vec::new(),
            issues: Division::default(),
        });
    }
    Ok(channels)
}
