//! Where a segment's figures come from, and what is taken of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{ChannelBaseline, Figure, SegmentBaseline};
use keepworth_contract::{Flag, FlagCode};
use keepworth_sim::BaselineSegment;
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Band, Channel, Hazard, Quantity, Segment};

use super::avoidable::avoidable;
use super::input::{COMPANY, Inputs, Kind};
use super::student::of_one;
use super::{WorldError, carried, curve, purchase};
use crate::figure::Basis;

/// Where a segment's figures come from.
pub(super) struct Source<'a> {
    pub(super) own: &'a SegmentBaseline,
    pub(super) company: &'a SegmentBaseline,
    pub(super) as_of: NaiveDate,
    /// Months that are simulated.
    pub(super) horizon: u32,
    pub(super) written: Option<&'a Segment>,
    /// Whether leaving goes by the calendar of the records, which was told beside bands of tenure.
    pub(super) has_calendar: bool,
}

/// A figure that the engine takes.
struct Wanted {
    name: FigureName,
    kind: Kind,
    /// Whether the scenario gives it itself.
    is_written: bool,
    stand_in: StandIn,
}

/// What stands in for a figure that is missing in the segment.
#[derive(Clone, Copy)]
enum StandIn {
    /// The company's, else zero.
    Zero,
    /// The company's, else it must be imported.
    Import(&'static str),
}

impl Source<'_> {
    pub(super) fn segment(&self, inputs: &mut Inputs) -> Result<BaselineSegment, WorldError> {
        let mut notes = Notes::default();
        let is_written = |field: fn(&Segment) -> bool| self.written.is_some_and(field);
        let mut take = |name, kind, field: fn(&Segment) -> bool, stand_in| {
            let is_written = is_written(field);
            let wanted = Wanted {
                name,
                kind,
                is_written,
                stand_in,
            };
            self.figure(&wanted, inputs, &mut notes)
        };
        let import_revenue = StandIn::Import("import revenues");
        let import_costs = StandIn::Import("import ledger entries of category COST_OF_REVENUE");
        let (zero, positive) = (StandIn::Zero, Kind::Positive);
        let won = take(
            FigureName::WonPerMonth,
            Kind::Count,
            |it| it.won_per_month.is_some(),
            zero,
        )?;
        let revenue = take(
            FigureName::Revenue,
            positive,
            |it| it.revenue.is_some(),
            import_revenue,
        )?;
        let has_margin = |it: &Segment| it.gross_margin.is_some();
        let margin = take(
            FigureName::GrossMargin,
            Kind::Share,
            has_margin,
            import_costs,
        )?;
        let overhead = take(
            FigureName::Overhead,
            positive,
            |it| it.overhead.is_some(),
            zero,
        )?;
        let has_cost = |it: &Segment| it.acquisition_cost.is_some();
        let acquisition_cost = take(FigureName::AcquisitionCost, positive, has_cost, zero)?;
        let channels = if is_written(|it| it.channels.is_some()) {
            Vec::new()
        } else {
            self.channels(inputs, &mut notes)
        };
        let confirmed = &self.own.overhead_avoidable;
        let overhead_avoidable = avoidable("overhead", confirmed, self.as_of, &mut notes.flags);
        let is_given = is_written(|it| it.experience_share.is_some());
        Ok(BaselineSegment {
            name: self.own.name.clone(),
            customers_by_tenure: self.customers(),
            won_per_month: won,
            hazard: self.hazard(is_written(|it| it.hazard.is_some()), inputs)?,
            revenue,
            gross_margin: margin,
            overhead,
            overhead_avoidable,
            channels,
            acquisition_cost,
            experience_share: self.experience_share(is_given, inputs),
            causes: Vec::new(),
            leaving_record: Vec::new(),
            contacts_record: Vec::new(),
            revenue_record: Vec::new(),
            quality_flags: self
                .flags()
                .chain(notes.into_flags())
                .chain(curve::extrapolated(
                    self.own,
                    self.horizon,
                    self.has_calendar,
                ))
                .map(|flag| carried(&flag))
                .collect(),
        })
    }

    /// Customers by age: of completed months of tenure, or as those without a contract are carried.
    fn customers(&self) -> Vec<f64> {
        let by_tenure = || self.own.customers_by_tenure.iter().map(|n| *n as f64);
        let purchases = self.own.purchases.as_ref();
        purchases.map_or_else(|| by_tenure().collect(), purchase::customers)
    }

    /// A figure of the segment's, or what stands in for it.
    fn figure(
        &self,
        wanted: &Wanted,
        inputs: &mut Inputs,
        notes: &mut Notes,
    ) -> Result<Quantity, WorldError> {
        let name = wanted.name;
        if wanted.is_written {
            return Ok(0.0.into());
        }
        if let Some((figure, value)) = known(self.own, name) {
            let company = self.company.figures.get(&name);
            let figure = notes.see(name, (figure, value, wanted.kind), company);
            return Ok(inputs.quantity(
                (&self.own.name, name.into()),
                (&figure, value),
                wanted.kind,
            ));
        }
        match (known(self.company, name), &wanted.stand_in) {
            (Some(found), _) => {
                let (figure, value) = found;
                let figure = notes.see(name, (figure, value, wanted.kind), None);
                notes.taken_from_company(name);
                Ok(inputs.quantity((COMPANY, name.into()), (&figure, value), wanted.kind))
            }
            (None, StandIn::Zero) => {
                notes.taken_as_zero(name);
                Ok(0.0.into())
            }
            (None, StandIn::Import(fix)) => Err(WorldError::Missing {
                segment: self.own.name.clone(),
                figure: name,
                fix,
            }),
        }
    }

    /// The share of leaving that experience could remove, among leavers whose cause is known:
    /// Jeffreys' posterior of it.
    fn experience_share(&self, is_written: bool, inputs: &mut Inputs) -> Option<Quantity> {
        const NAME: FigureName = FigureName::ExperienceShare;
        let (figure, share) = known(self.own, NAME).filter(|_| !is_written)?;
        let known = figure.n as f64;
        let posterior = Distribution::Beta {
            alpha: share * known + 0.5,
            beta: (1.0 - share) * known + 0.5,
            low: 0.0,
            high: 1.0,
        };
        Some(inputs.drawn((&self.own.name, NAME.into()), figure, posterior))
    }

    /// The segment's flags, each with the figures that carry it.
    fn flags(&self) -> impl Iterator<Item = Flag> {
        let mut figures_by_flag: BTreeMap<&Flag, Vec<String>> = BTreeMap::new();
        let channels = self.own.channels.iter().flat_map(|channel| {
            let figures = [
                (FigureName::Contacts, &channel.contacts),
                (FigureName::Minutes, &channel.minutes),
                (FigureName::CostPerMinute, &channel.cost_per_minute),
            ];
            figures.map(|(figure, it)| (format!("{figure} of {}", channel.name), it))
        });
        let figures = self
            .own
            .figures
            .iter()
            .map(|(name, it)| (name.to_string(), it));
        for (name, figure) in figures.chain(channels) {
            for flag in &figure.quality_flags {
                figures_by_flag.entry(flag).or_default().push(name.clone());
            }
        }
        figures_by_flag.into_iter().map(|(flag, figures)| Flag {
            detail: format!("{}: {flag}", figures.join(", ")),
            ..flag.clone()
        })
    }

    fn hazard(&self, is_written: bool, inputs: &mut Inputs) -> Result<Hazard, WorldError> {
        if let Some(purchases) = &self.own.purchases {
            // A cause of what the scenario writes itself would move nothing.
            let causes = if is_written {
                Vec::new()
            } else {
                purchase::causes(&self.own.name, purchases, inputs)
            };
            return Ok(purchase::hazard(purchases, causes));
        }
        if self.own.hazard_bands.is_empty() && !is_written {
            return Err(WorldError::Missing {
                segment: self.own.name.clone(),
                figure: FigureName::Hazard,
                fix: "nobody left under observation: import more history",
            });
        }
        let chosen = curve::chosen(self.own).filter(|_| !self.has_calendar);
        Ok(chosen.unwrap_or_else(|| bands(self.own)))
    }

    fn channels(&self, inputs: &mut Inputs, notes: &mut Notes) -> Vec<Channel> {
        let mut channels = Vec::new();
        for own in &self.own.channels {
            let mut take = |name: FigureName, figure: fn(&ChannelBaseline) -> &Figure| {
                self.channel_figure(own, name, figure, inputs, notes)
            };
            channels.push(Channel {
                name: own.name.clone(),
                contacts: take(FigureName::Contacts, |it| &it.contacts),
                minutes: take(FigureName::Minutes, |it| &it.minutes),
                cost_per_minute: take(FigureName::CostPerMinute, |it| &it.cost_per_minute),
                avoidable: avoidable(
                    &format!("contacts of channel {}", own.name),
                    &own.avoidable,
                    self.as_of,
                    &mut notes.flags,
                ),
                issues: Vec::new(),
                issues_design_effect: None,
            });
        }
        channels
    }

    /// A figure of a channel of the segment's, or the company's of the same channel, or 0.
    fn channel_figure(
        &self,
        own: &ChannelBaseline,
        name: FigureName,
        figure: fn(&ChannelBaseline) -> &Figure,
        inputs: &mut Inputs,
        notes: &mut Notes,
    ) -> Quantity {
        let title = format!("{name} of {}", own.name);
        let is_used = own.contacts.value.is_some_and(|it| it > 0.0);
        let of = |channel: &ChannelBaseline| figure(channel).value;
        let company = self.company.channels.iter().find(|it| it.name == own.name);
        let (scope, from, value) = match (of(own), company.and_then(|it| Some((it, of(it)?)))) {
            (Some(value), _) => (self.own.name.as_str(), own, value),
            (None, Some((company, value))) => (COMPANY, company, value),
            (None, None) => {
                if is_used {
                    notes.taken_as_zero(&title);
                }
                return 0.0.into();
            }
        };
        if scope == COMPANY && is_used {
            notes.taken_from_company(&title);
        }
        let known = (figure(from), value, Kind::Positive);
        let found = notes.see(&title, known, company.map(figure));
        inputs.quantity((scope, name.of(&own.name)), (&found, value), Kind::Positive)
    }
}

/// What a reader must know of the figures taken.
#[derive(Default)]
struct Notes {
    flags: Vec<Flag>,
    /// Figures of which no error is known.
    certain: Vec<String>,
}

impl Notes {
    /// The figure; one that has no error of its own, as a single month's cost, with the error of
    /// one observation of the company's.
    fn see<'a>(
        &mut self,
        name: impl Display,
        (figure, value, kind): (&'a Figure, f64, Kind),
        company: Option<&Figure>,
    ) -> Cow<'a, Figure> {
        if figure.interval.is_some() || value == 0.0 {
            return Cow::Borrowed(figure);
        }
        let other = company.and_then(|it| it.interval.as_ref());
        let Some(interval) = other.and_then(|it| of_one(value, it, kind)) else {
            self.certain.push(name.to_string());
            return Cow::Borrowed(figure);
        };
        let detail =
            format!("{name}: rests on one observation, taken to scatter as the company's do");
        self.flags.push(Flag::new(FlagCode::OneObservation, detail));
        Cow::Owned(figure.clone().within(Some(interval)))
    }

    fn taken_from_company(&mut self, figure: impl Display) {
        let detail = format!("{figure}: taken from the company");
        let flag = Flag::new(FlagCode::TakenFromCompany, detail);
        self.flags.push(flag);
    }

    fn taken_as_zero(&mut self, figure: impl Display) {
        let detail = format!("{figure}: not recorded, taken as 0");
        self.flags.push(Flag::new(FlagCode::TakenAsZero, detail));
    }

    fn into_flags(mut self) -> Vec<Flag> {
        if !self.certain.is_empty() {
            let names = self.certain.join(", ");
            let detail = format!("{names}: no error is known, taken as certain");
            self.flags.push(Flag::new(FlagCode::TakenAsCertain, detail));
        }
        self.flags
    }
}

/// A figure with its value, where it has one.
fn known(segment: &SegmentBaseline, name: FigureName) -> Option<(&Figure, f64)> {
    let figure = segment.figures.get(&name)?;
    Some((figure, figure.value?))
}

/// The bands with the posterior of their logarithms, around the mean that was estimated.
fn bands(own: &SegmentBaseline) -> Hazard {
    let bands = own.hazard_bands.iter().map(|band| Band {
        from: band.from_month,
        to: band.to_month.map(|to| to - 1),
        hazard: band.log_mean.exp().into(),
    });
    Hazard::Bands {
        bands: bands.collect(),
        log_covariance: Some(log_covariance(own)),
    }
}

/// The covariance of the fit behind the bands; bands of a document without a fit are independent.
fn log_covariance(own: &SegmentBaseline) -> Vec<Vec<f64>> {
    let bands = &own.hazard_bands;
    let fitted = own
        .hazard_fit
        .as_ref()
        .and_then(|fit| fit.covariance.as_ref());
    if let Some(covariance) = fitted.filter(|it| it.matrix.len() == bands.len()) {
        return covariance.matrix.clone();
    }
    let entry = |row: usize, column: usize| match row == column {
        true => bands[row].log_sd.powi(2),
        false => 0.0,
    };
    let row = |row: usize| (0..bands.len()).map(|column| entry(row, column)).collect();
    (0..bands.len()).map(row).collect()
}
